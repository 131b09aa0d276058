//! Indexes that tell which units are worth a look: `.gdb_index` by address (GDB manual, "Index
//! Section Format"), `.debug_names` by name (DWARF 5, section 6.1.1).
//!
//! An index is a claim of whoever made it. What it says of a unit counts only if the unit is there
//! as the index has it, and an answer is always that of the unit itself: an index that is wrong
//! costs time. Nothing follows from what one does not say, but for names of the units that a sound
//! `.debug_names` lists: the standard promises that it has all of them. GDB's own tables break
//! that promise (no linkage names), and are passed over; so are the names of `.gdb_index`, which
//! are neither the plain ones nor those of symbols.

use gimli::{DebugNames, DebugStr, EndianSlice, RunTimeEndian};

use super::bytes::Bytes;
use super::unit::Header;
use crate::load::Slice;

/// The versions of `.gdb_index` that have the same table of addresses.
const GDB_VERSIONS: std::ops::RangeInclusive<u32> = 4..=9;
/// Two numbers of 8 bytes: where the unit is, and its size.
const GDB_UNIT: u64 = 16;
/// The first address, the one after the last, and the number of the unit.
const GDB_RANGE: usize = 20;

/// The units of `info` that `.gdb_index` gives an address, in the order of the file.
pub(super) fn units_at(
    section: &[u8],
    info: &[u8],
    endian: RunTimeEndian,
    address: u64,
) -> Vec<u64> {
    let mut starts = gdb_units_at(section, info, endian, address).unwrap_or_default();
    starts.sort_unstable();
    starts.dedup();
    starts
}

fn gdb_units_at(
    section: &[u8],
    info: &[u8],
    endian: RunTimeEndian,
    address: u64,
) -> Option<Vec<u64>> {
    // Its numbers are little-endian everywhere.
    let at = |offset| Bytes::at(section, offset, RunTimeEndian::Little);
    let mut head = at(0);
    GDB_VERSIONS.contains(&head.u32()?).then_some(())?;
    let [units, type_units, ranges, names] = [head.u32()?, head.u32()?, head.u32()?, head.u32()?];
    let table = section.get(ranges as usize..names as usize)?;
    let mut starts = Vec::new();
    for range in table.chunks_exact(GDB_RANGE) {
        let mut range = Bytes::at(range, 0, RunTimeEndian::Little);
        let (begin, end, number) = (range.u64()?, range.u64()?, range.u32()?);
        if !(begin..end).contains(&address) {
            continue;
        }
        let place = u64::from(number).checked_mul(GDB_UNIT)?.checked_add(units.into())?;
        let mut unit = at(place).up_to(type_units.into());
        let (start, size) = (unit.u64()?, unit.u64()?);
        let header = Header::parse(info, start, endian, false)?;
        (start.checked_add(size)? == header.next()).then_some(())?;
        starts.push(start);
    }
    Some(starts)
}

/// What the tables of `.debug_names` say of a name.
#[derive(Debug, Default)]
pub(super) struct Named {
    /// The units whose names the tables have all of, ascending.
    listed: Vec<u64>,
    /// Those with the name, ascending.
    with: Vec<u64>,
}

impl Named {
    /// The units with a name, by the tables of a section. A table that is not sound tells nothing.
    pub(super) fn of(section: &[u8], strings: &[u8], endian: RunTimeEndian, name: &[u8]) -> Self {
        let mut named = Self::default();
        // How others are hashed is not said.
        if std::str::from_utf8(name).is_err() {
            return named;
        }
        let strings = DebugStr::from(EndianSlice::new(strings, endian));
        let mut headers = DebugNames::new(section, endian).headers();
        let hash = crate::write::names_hash(name);
        while let Ok(Some(header)) = headers.next() {
            let is_of_gdb = header.augmentation_string().is_some_and(|it| it.starts_with(b"GDB"));
            if is_of_gdb {
                continue;
            }
            let table = header.index().ok().filter(gimli::NameIndex::has_hash_table);
            let Some(table) = table else { continue };
            let _ = named.add(&table, &strings, hash, name);
        }
        named.listed.sort_unstable();
        named.with.sort_unstable();
        named
    }

    fn add<'data>(
        &mut self,
        table: &gimli::NameIndex<Slice<'data>>,
        strings: &DebugStr<Slice<'data>>,
        hash: u32,
        name: &[u8],
    ) -> Option<()> {
        let mut with = Vec::new();
        let mut names = table.find_by_hash(hash).ok()?;
        while let Some(index) = names.next().ok()? {
            if table.name_string(index, strings).ok()?.slice() != name {
                continue;
            }
            let mut entries = table.name_entries(index).ok()?;
            while let Some(entry) = entries.next().ok()? {
                // Type units have no code.
                if entry.type_unit(table).ok()?.is_some() {
                    continue;
                }
                let unit = entry.compile_unit(table).ok()?;
                with.push(unit.or(table.default_compile_unit().ok()?)?.0 as u64);
            }
        }
        let start = |number| Some(table.compile_unit(number).ok()?.0 as u64);
        let mut listed = (0..table.compile_unit_count()).map(start).collect::<Option<Vec<_>>>()?;
        self.listed.append(&mut listed);
        self.with.append(&mut with);
        Some(())
    }

    /// Whether the unit that starts there may have the name.
    pub(super) fn may_be_in(&self, unit: u64) -> bool {
        self.with.binary_search(&unit).is_ok() || self.listed.binary_search(&unit).is_err()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write::{GdbIndex, GdbRange, NameParent, NameUnit, NamedEntry, Names, Section};

    /// Two units of version 4 with nothing in them.
    const UNITS: &[u8] = b"\x07\0\0\0\x04\0\0\0\0\0\x08\x07\0\0\0\x04\0\0\0\0\0\x08";
    const LITTLE: RunTimeEndian = RunTimeEndian::Little;

    fn gdb_index(second_size: u64) -> Vec<u8> {
        let range = |begin, end, unit| GdbRange { begin, end, unit };
        let mut index = GdbIndex::default();
        index.units = vec![(0, 11), (11, second_size)];
        index.ranges = vec![range(0x10, 0x20, 0), range(0x20, 0x30, 1), range(0x18, 0x1c, 1)];
        let mut section = Section::new(LITTLE);
        index.write(&mut section).unwrap();
        section.bytes().to_vec()
    }

    #[test]
    fn units_are_found_through_gdbs_index() {
        let at = |section: &[u8], address| units_at(section, UNITS, LITTLE, address);
        let section = gdb_index(11);
        assert_eq!(at(&section, 0x10), [0]);
        assert_eq!(at(&section, 0x1a), [0, 11]);
        assert_eq!(at(&section, 0x2f), [11]);
        assert!(at(&section, 0x30).is_empty());
        // Made for other units.
        assert!(at(&gdb_index(12), 0x2f).is_empty());
        for end in 0..section.len() {
            at(section.get(..end).unwrap(), 0x1a);
        }
    }

    fn names(augmentation: &[u8]) -> Vec<u8> {
        let mut names = Names::new(gimli::Format::Dwarf32);
        names.augmentation = augmentation.to_vec();
        let units = [names.add_unit(0), names.add_unit(11)];
        let entry = |unit: u32| NamedEntry {
            tag: gimli::constants::DW_TAG_subprogram,
            unit: NameUnit::Compile(unit),
            offset: 11,
            parent: NameParent::Unsaid,
            type_hash: None,
        };
        names.add(b"one", 0, entry(units[0]));
        names.add(b"both", 4, entry(units[0]));
        names.add(b"both", 4, entry(units[1]));
        let mut section = Section::new(LITTLE);
        names.write(&mut section).unwrap();
        // All sections start at 0.
        let (mut bytes, relocations) = section.into_parts();
        for relocation in relocations {
            let at = relocation.offset as usize;
            bytes[at..at + 4].copy_from_slice(&(relocation.addend as u32).to_le_bytes());
        }
        bytes
    }

    #[test]
    fn units_are_found_through_tables_of_names() {
        const STRINGS: &[u8] = b"one\0both\0";
        let of = |section: &[u8], name: &[u8]| {
            let named = Named::of(section, STRINGS, LITTLE, name);
            // The third is one that no table lists.
            [0, 11, 22].map(|unit| named.may_be_in(unit))
        };
        let section = names(b"");
        assert_eq!(of(&section, b"one"), [true, false, true]);
        assert_eq!(of(&section, b"both"), [true, true, true]);
        assert_eq!(of(&section, b"ONE"), [false, false, true]);
        assert_eq!(of(&section, b"none"), [false, false, true]);
        // One of GDB's does not have all names.
        assert_eq!(of(&names(b"GDB\0"), b"none"), [true, true, true]);
        for end in 0..section.len() {
            of(section.get(..end).unwrap(), b"both");
        }
    }
}
