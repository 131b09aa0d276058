//! What a unit of a package has of each section: the indexes of units of split objects that were
//! put together (GNU's extension of DWARF 4, version 2 of the index).

use std::collections::HashMap;

use super::super::{Cursor, Dump, Loaded, Text};
use super::unit::push_range;
use crate::section::SectionId;

/// The version of the index that tells of sections in columns.
const VERSION: u32 = 2;
/// The size of the header: version, columns, units, slots.
const HEADER_SIZE: u64 = 16;
/// The size of a signature and of a row number in the hash table.
const SLOT_SIZE: u64 = 12;
/// The size of a cell.
const WORD: u64 = 4;

/// Columns by their numbers.
mod column {
    pub const INFO: u32 = 1;
    pub const TYPES: u32 = 2;
    pub const ABBREV: u32 = 3;
    pub const LINE: u32 = 4;
    pub const LOC: u32 = 5;
    pub const STR_OFFSETS: u32 = 6;
}

/// A part of a section: its offset and its size, in bytes.
pub type Part = (u64, u64);

/// What a unit has of each section.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Contributions {
    /// Of `.debug_abbrev.dwo`.
    pub abbrev: Part,
    /// Of `.debug_line.dwo`.
    pub line: Part,
    /// Of `.debug_loc.dwo`.
    pub loc: Part,
    /// Of `.debug_str_offsets.dwo`.
    pub str_offsets: Part,
}

impl Contributions {
    /// Appends the lines that tell of them.
    pub fn show(&self, text: &mut Text) {
        text.put(b"   Section contributions:\n");
        push_range(text, b"    .debug_abbrev.dwo:      ", self.abbrev);
        push_range(text, b"    .debug_line.dwo:        ", self.line);
        push_range(text, b"    .debug_loc.dwo:         ", self.loc);
        push_range(text, b"    .debug_str_offsets.dwo: ", self.str_offsets);
    }
}

/// The contributions by the offset of the unit.
pub type Package = HashMap<u64, Contributions>;

/// The contributions to the units of a section, from the indexes of the file.
pub fn of(dump: &mut Dump<'_, '_>, id: SectionId) -> Package {
    let mut package = Package::new();
    let (index, unit) = match id {
        SectionId::InfoDwo => (SectionId::CuIndex, column::INFO),
        SectionId::TypesDwo => (SectionId::TuIndex, column::TYPES),
        _ => return package,
    };
    if let Some(section) = dump.load(index) {
        read(&mut package, &section, unit, dump.target.encoding);
    }
    package
}

/// Reads an index, as far as it goes.
fn read(package: &mut Package, section: &Loaded<'_>, unit: u32, encoding: libelf::ident::Encoding) {
    let word = |offset: u64| {
        let at = usize::try_from(offset).ok()?;
        let bytes = section.data.get(at..at.checked_add(WORD as usize)?)?;
        Some(Cursor::new(bytes, encoding).u32())
    };
    let header = [word(0), word(WORD), word(WORD * 2), word(WORD * 3)];
    let [Some(VERSION), Some(columns), Some(used), Some(slots)] = header else { return };
    let row_size = u64::from(columns).saturating_mul(WORD);
    let names = u64::from(slots).saturating_mul(SLOT_SIZE).saturating_add(HEADER_SIZE);
    let offsets = names.saturating_add(row_size);
    let sizes = offsets.saturating_add(row_size.saturating_mul(used.into()));
    for row in 0..u64::from(used) {
        let start = row.saturating_mul(row_size);
        let mut found = Contributions::default();
        let mut of = None;
        for cell in (0..row_size).step_by(WORD as usize) {
            let at = |table: u64| word(table.saturating_add(start).saturating_add(cell));
            let Some(name) = word(names.saturating_add(cell)) else { return };
            let (Some(offset), Some(size)) = (at(offsets), at(sizes)) else { return };
            let part = (offset.into(), size.into());
            match name {
                column::ABBREV => found.abbrev = part,
                column::LINE => found.line = part,
                column::LOC => found.loc = part,
                column::STR_OFFSETS => found.str_offsets = part,
                name if name == unit => of = Some(part.0),
                _ => {}
            }
        }
        let Some(of) = of else { return };
        package.entry(of).or_insert(found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_tell_of_all_sections() {
        let parts = Contributions { abbrev: (0, 0x396), line: (0x30, 0x33), ..Default::default() };
        let mut text = Text::default();
        parts.show(&mut text);
        let shown = String::from_utf8(text.buf.clone()).unwrap();
        assert_eq!(
            shown,
            "   Section contributions:\n    .debug_abbrev.dwo:       0  0x396\n    \
             .debug_line.dwo:         0x30  0x33\n    .debug_loc.dwo:          0  0\n    \
             .debug_str_offsets.dwo:  0  0\n"
        );
    }
}
