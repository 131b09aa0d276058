//! Where a list of ranges or locations is that a unit names by its number. DWARF 5, sections 7.28
//! and 7.29.
//!
//! [`gimli`] adds the offset that it reads to the base of the unit without care, which in the
//! 64-bit format can be more than there are offsets.

use gimli::{
    DebugLocListsIndex, DebugRngListsIndex, Encoding, Error, LocationLists, LocationListsOffset,
    RangeLists, RangeListsOffset, Reader,
};

use super::Slice;

/// The offset of a list of ranges in `.debug_rnglists`; `base` is `DW_AT_rnglists_base`.
///
/// # Errors
/// Where the table has no such number, or no offset can be so large.
pub(crate) fn of_ranges(
    lists: &RangeLists<Slice<'_>>,
    encoding: Encoding,
    base: usize,
    index: DebugRngListsIndex,
) -> gimli::Result<RangeListsOffset> {
    let mut section = None;
    // `.debug_ranges` comes first, the lists that have numbers second.
    let _ = lists.borrow(|lists| *section.insert(*lists));
    read(section, encoding, base, index.0).map(RangeListsOffset)
}

/// The offset of a list of locations in `.debug_loclists`; `base` is `DW_AT_loclists_base`.
///
/// # Errors
/// As [`of_ranges`].
pub(crate) fn of_locations(
    lists: &LocationLists<Slice<'_>>,
    encoding: Encoding,
    base: usize,
    index: DebugLocListsIndex,
) -> gimli::Result<LocationListsOffset> {
    let mut section = None;
    let _ = lists.borrow(|lists| *section.insert(*lists));
    read(section, encoding, base, index.0).map(LocationListsOffset)
}

fn read(
    section: Option<Slice<'_>>,
    encoding: Encoding,
    base: usize,
    index: usize,
) -> gimli::Result<usize> {
    let mut section = section.ok_or(Error::UnsupportedOffset)?;
    let within = index.checked_mul(usize::from(encoding.format.word_size()));
    let at = within.and_then(|within| base.checked_add(within));
    section.skip(at.ok_or(Error::UnsupportedOffset)?)?;
    let offset = section.read_offset(encoding.format)?;
    base.checked_add(offset).ok_or(Error::UnsupportedOffset)
}

#[cfg(test)]
mod tests {
    use gimli::{DebugLoc, DebugLocLists, DebugRanges, DebugRngLists, Format, RunTimeEndian};

    use super::*;

    const ENCODING: Encoding = Encoding { format: Format::Dwarf64, version: 5, address_size: 8 };
    const BASE: usize = 8;

    /// Eight bytes of a header, the offset 0x20, and one that is too large.
    fn lists() -> Vec<u8> {
        [0x0807_0605_0403_0201_u64, 0x20, u64::MAX].map(u64::to_be_bytes).concat()
    }

    #[test]
    fn offsets_count_from_the_base() {
        let bytes = lists();
        // The sections of old versions say something else at the same place.
        let older = [0xee; 64];
        let ranges = RangeLists::new(
            DebugRanges::new(&older, RunTimeEndian::Big),
            DebugRngLists::new(&bytes, RunTimeEndian::Big),
        );
        let of = |index| of_ranges(&ranges, ENCODING, BASE, DebugRngListsIndex(index));
        assert_eq!(of(0), Ok(RangeListsOffset(0x28)));
        assert_eq!(of(1), Err(Error::UnsupportedOffset));
        assert!(matches!(of(2), Err(Error::UnexpectedEof(_))));
        assert_eq!(of(usize::MAX), Err(Error::UnsupportedOffset));
        let locations = LocationLists::new(
            DebugLoc::new(&older, RunTimeEndian::Big),
            DebugLocLists::new(&bytes, RunTimeEndian::Big),
        );
        let of = |index| of_locations(&locations, ENCODING, BASE, DebugLocListsIndex(index));
        assert_eq!(of(0), Ok(LocationListsOffset(0x28)));
        assert_eq!(of(1), Err(Error::UnsupportedOffset));
    }
}
