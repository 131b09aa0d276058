//! `.eh_frame_hdr`: where frames are, by address. Linux Standard Base, section 10.6.2.
//!
//! ```text
//! 1 │ how .eh_frame is pointed to │ how entries are counted │ how they are stored │
//! address of .eh_frame │ count │ start of function, address of FDE │ … by start
//! ```

use gimli::Error;
use gimli::Reader as _;

use super::pointer::{self, Bases, OMIT};
use crate::load::Slice;

/// The version of all such sections.
const VERSION: u8 = 1;

/// The table of a section.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header<'data> {
    all: Slice<'data>,
    entries: Slice<'data>,
    count: usize,
    encoding: u8,
    /// The bytes of one value; an entry has two.
    size: usize,
    bases: Bases,
}

impl<'data> Header<'data> {
    /// The table, if there is one that can be searched: all entries are of one size. `bases` has
    /// the address of the section.
    ///
    /// # Errors
    /// If the section is cut short, or encoded in an unknown way.
    pub fn parse(all: Slice<'data>, bases: Bases) -> Result<Option<Self>, Error> {
        // What is relative to data is relative to this section.
        let bases = Bases { data: bases.start, ..bases };
        let mut reader = all;
        let version = reader.read_u8()?;
        if version != VERSION {
            return Err(Error::UnknownVersion(version.into()));
        }
        let frames_encoding = reader.read_u8()?;
        let count_encoding = reader.read_u8()?;
        let encoding = reader.read_u8()?;
        if frames_encoding != OMIT {
            pointer::read(all, &mut reader, frames_encoding, &bases, None)?;
        }
        if count_encoding == OMIT || encoding == OMIT {
            return Ok(None);
        }
        let count = pointer::read(all, &mut reader, count_encoding, &bases, None)?.direct()?;
        let size = pointer::size(encoding, bases.address_size).map(|size| size as usize);
        let Some(size) = size.filter(|&size| size != 0) else { return Ok(None) };
        // A section that is cut short has fewer than it says.
        let most = reader.len().checked_div(size.saturating_mul(2)).unwrap_or(0);
        let count = usize::try_from(count).map_or(most, |count| count.min(most));
        Ok(Some(Self { all, entries: reader, count, encoding, size, bases }))
    }

    /// The address of the FDE for an address of the program: of the last function that starts
    /// there or before it.
    pub fn find(&self, address: u64) -> Option<u64> {
        let (mut low, mut high) = (0, self.count);
        while low < high {
            let middle = low.midpoint(high);
            if self.value(middle, 0)? <= address {
                low = middle.saturating_add(1);
            } else {
                high = middle;
            }
        }
        self.value(low.checked_sub(1)?, self.size)
    }

    /// The value at an offset of an entry.
    fn value(&self, entry: usize, offset: usize) -> Option<u64> {
        let mut reader = self.entries;
        let start = entry.checked_mul(self.size)?.checked_mul(2)?;
        reader.skip(start.checked_add(offset)?).ok()?;
        let found = pointer::read(self.all, &mut reader, self.encoding, &self.bases, None);
        found.ok()?.direct().ok()
    }
}
