//! Frames by address, where no table of the file has them.

use gimli::{BaseAddresses, CieOrFde, CommonInformationEntry, UnwindSection};
use std::collections::HashMap;

use crate::load::Slice;

/// The frames of a section, ascending.
#[derive(Debug, Default)]
pub(super) struct Index {
    spans: Vec<Span>,
}

#[derive(Clone, Copy, Debug)]
struct Span {
    start: u64,
    end: u64,
    /// Of the FDE, in the section.
    offset: usize,
}

impl Index {
    /// Goes through a section. What is behind an entry that cannot be read is not found.
    pub fn new<'data, S: UnwindSection<Slice<'data>>>(section: &S, bases: &BaseAddresses) -> Self {
        let mut spans = Vec::new();
        let mut cies: HashMap<usize, CommonInformationEntry<Slice<'data>>> = HashMap::new();
        let mut entries = section.entries(bases);
        while let Ok(Some(entry)) = entries.next() {
            let CieOrFde::Fde(partial) = entry else { continue };
            let fde = partial.parse(|section, bases, offset| {
                let at: usize = gimli::UnwindOffset::into(offset);
                if let Some(known) = cies.get(&at) {
                    return Ok(known.clone());
                }
                let cie = section.cie_from_offset(bases, offset)?;
                cies.insert(at, cie.clone());
                Ok(cie)
            });
            let Ok(fde) = fde else { continue };
            let (start, end) = (fde.initial_address(), fde.end_address());
            if start < end {
                spans.push(Span { start, end, offset: fde.offset() });
            }
        }
        // Of several frames at one place, the first of the section is taken.
        spans.sort_by_key(|span| span.start);
        spans.dedup_by_key(|span| span.start);
        Self { spans }
    }

    /// The offset of the FDE for an address.
    pub fn find(&self, address: u64) -> Option<usize> {
        let behind = self.spans.partition_point(|span| span.start <= address);
        let span = self.spans.get(behind.checked_sub(1)?)?;
        (address < span.end).then_some(span.offset)
    }

    /// The offsets of all.
    pub fn offsets(&self) -> impl Iterator<Item = usize> + '_ {
        self.spans.iter().map(|span| span.offset)
    }
}
