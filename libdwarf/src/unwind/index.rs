//! Frames by address, where no table of the file has them.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::entry::{Cie, Table};

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
    pub fn new(table: &Table<'_>) -> Self {
        let mut spans = Vec::new();
        let mut cies: HashMap<usize, Option<Cie<'_>>, FixedState> = HashMap::default();
        let mut offset = 0;
        while let Ok((entry, next)) = table.entry(offset) {
            offset = next;
            // An entry of no length ends the frames of one object; there may be others.
            let Some((entry, cie)) = entry.and_then(|entry| Some((entry, entry.cie?))) else {
                continue;
            };
            let cie = cies.entry(cie).or_insert_with(|| table.cie(cie).ok());
            let fde = cie.as_ref().and_then(|cie| table.parse_fde(&entry, cie.clone()).ok());
            let Some(fde) = fde.filter(|fde| fde.start < fde.end) else { continue };
            spans.push(Span { start: fde.start, end: fde.end, offset: fde.offset });
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
