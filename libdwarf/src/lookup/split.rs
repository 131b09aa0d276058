//! Entries of split units: a skeleton unit has the lines and addresses of its code, and names the
//! object that has its functions. DWARF 5, section 3.1.3.
//!
//! What is found there is the skeleton's: its folder and its files are those of the functions, too,
//! since an object has files for its types alone (section 7.3.2.2).

use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, OnceLock};

use gimli::{DebugInfoOffset, Section};

use super::unit::{Bases, Source, Unit};
use super::units::Units;
use crate::load::{Debug, Dwarf, Slice};

/// What a skeleton stands for.
#[derive(Debug)]
pub(super) struct Split<'data> {
    /// The units of the object, or of one row of a package.
    pub(super) units: Units<'data>,
    pub(super) unit: Arc<Unit<'data>>,
}

impl<'data> Split<'data> {
    /// What the unit stands for that starts at an offset of `parent`; `None` if its object is not
    /// there.
    pub(super) fn of(debug: &Debug<'data>, parent: &Source<'data>, start: u64) -> Option<Self> {
        let offset = DebugInfoOffset(usize::try_from(start).ok()?);
        let skeleton = parent.dwarf.debug_info.header_from_offset(offset).ok()?;
        let skeleton = parent.dwarf.unit(skeleton).ok()?;
        let (dwarf, unit) = debug.split_unit(&parent.dwarf, &skeleton)?;
        let start = unit.debug_info_offset()?;
        let bases = Bases {
            string_offsets: Some(unit.str_offsets_base.0 as u64),
            addresses: Some(unit.addr_base.0 as u64),
            range_lists: Some(unit.rnglists_base.0 as u64),
        };
        let units = Units::of_source(source(dwarf, parent));
        let unit = units.with_bases(start.0 as u64, bases, unit.low_pc)?;
        Some(Self { units, unit: Arc::new(unit) })
    }
}

/// The type units of a package, each of which is read when it is first asked for.
#[derive(Debug, Default)]
pub(super) struct PackedRows<'data> {
    rows: OnceLock<Vec<OnceLock<Option<Units<'data>>>>>,
}

/// The same, with the file that the package is of.
#[derive(Clone, Copy, Debug)]
pub(super) struct PackedTypes<'a, 'data> {
    pub(super) rows: &'a PackedRows<'data>,
    pub(super) debug: &'a Debug<'data>,
    pub(super) parent: &'a Source<'data>,
}

impl<'a, 'data> PackedTypes<'a, 'data> {
    /// The units of the row that has the type with this signature.
    pub(super) fn with(self, signature: u64) -> Option<&'a Units<'data>> {
        let splits = self.debug.splits();
        let row = splits.type_row(signature)?;
        let rows = self.rows.rows.get_or_init(|| {
            let rows = 0..splits.type_rows();
            rows.map(|_| OnceLock::new()).collect()
        });
        let units = rows.get((row as usize).checked_sub(1)?)?;
        let read = || {
            let dwarf = splits.type_unit(&self.parent.dwarf, row)?;
            Some(Units::of_source(source(dwarf, self.parent)))
        };
        units.get_or_init(read).as_ref()
    }
}

/// The sections of an object; the addresses are in the file of the skeleton.
fn source<'data>(dwarf: Dwarf<'data>, parent: &Source<'data>) -> Source<'data> {
    let bytes = |slice: &Slice<'data>| slice.slice();
    let info = bytes(dwarf.debug_info.reader());
    let lists = [
        info.len(),
        dwarf.ranges.debug_ranges().reader().len(),
        dwarf.ranges.debug_rnglists().reader().len(),
    ];
    let most_ranges = lists.iter().fold(0, |sum: usize, size| sum.saturating_add(*size));
    Source {
        endian: parent.endian,
        info,
        types: bytes(dwarf.debug_types.reader()),
        abbrev: bytes(dwarf.debug_abbrev.reader()),
        strings: bytes(dwarf.debug_str.reader()),
        line_strings: bytes(dwarf.debug_line_str.reader()),
        string_offsets: bytes(dwarf.debug_str_offsets.reader()),
        addresses: bytes(dwarf.debug_addr.reader()),
        lines: &[],
        aranges: &[],
        supplementary_strings: parent.supplementary_strings,
        ranges_left: Arc::new(AtomicUsize::new(most_ranges)),
        dwarf: Arc::new(dwarf),
    }
}
