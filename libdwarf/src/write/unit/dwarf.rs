//! The whole of what one file says: units and what they share.

use gimli::RunTimeEndian;

use super::super::distance::{Address, Distances};
use super::super::error::{Error, Result};
use super::super::line::LineProgram;
use super::super::lists::{self, ListContext};
use super::super::macros::{MacroContext, MacroUnit};
use super::super::strings::{StringId, Strings};
use super::super::tables::{self, Indexes};
use super::super::{Sections, Value};
use super::abbrev::Abbreviations;
use super::encode::{self, Bases, Offsets, Surroundings, UnitReferences};
use super::prepare::Prepared;
use super::{EntryId, Unit};
use crate::section::SectionId;

/// A unit of a [`Dwarf`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UnitId(u32);

impl UnitId {
    /// The unit that is added first: entries that refer to their own unit as any unit need its
    /// identifier before it is one.
    pub const FIRST: Self = Self(0);

    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

/// A line number program of a [`Dwarf`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LineId(u32);

impl LineId {
    pub(in super::super) fn index(self) -> usize {
        self.0 as usize
    }
}

/// A unit of macros of a [`Dwarf`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MacroId(pub(in super::super) u32);

/// Units, line number programs, macros, and the strings they share. A split file is one of its own,
/// whose units are all split.
#[derive(Clone, Debug, Default)]
pub struct Dwarf {
    /// `.debug_str`
    pub strings: Strings,
    /// `.debug_line_str`
    pub line_strings: Strings,
    units: Vec<Unit>,
    lines: Vec<LineProgram>,
    macros: Vec<MacroUnit>,
}

/// Where units and entries were written to.
#[derive(Clone, Debug)]
pub struct Placed {
    units: Vec<(SectionId, u64, Offsets)>,
    lines: Vec<u64>,
    macros: Vec<(SectionId, u64)>,
    addresses: Vec<Vec<Address>>,
}

impl Placed {
    /// Where a unit begins, in bytes from the start of its section.
    ///
    /// # Errors
    /// If there is no such unit.
    pub fn unit(&self, unit: UnitId) -> Result<u64> {
        Ok(self.units.get(unit.index()).ok_or(Error::Dangling("a unit"))?.1)
    }

    /// How many bytes a unit has, its length field included.
    ///
    /// # Errors
    /// If there is no such unit.
    pub fn unit_size(&self, unit: UnitId) -> Result<u64> {
        Ok(self.units.get(unit.index()).ok_or(Error::Dangling("a unit"))?.2.size)
    }

    /// Where an entry begins, in bytes from the start of its unit.
    ///
    /// # Errors
    /// If there is no such entry, or it is not in the tree.
    pub fn entry(&self, unit: UnitId, entry: EntryId) -> Result<u64> {
        let (_, _, offsets) = self.units.get(unit.index()).ok_or(Error::Dangling("a unit"))?;
        match offsets.entries.get(entry.index()) {
            None | Some(0) => Err(Error::Dangling("an entry")),
            Some(offset) => Ok(*offset),
        }
    }

    /// Where a line number program begins, in bytes from the start of its section.
    ///
    /// # Errors
    /// If there is no such program.
    pub fn line(&self, line: LineId) -> Result<u64> {
        self.lines.get(line.index()).copied().ok_or(Error::Dangling("a line number program"))
    }

    /// Where macros begin, in bytes from the start of their section.
    ///
    /// # Errors
    /// If there are no such macros.
    pub fn macros(&self, MacroId(unit): MacroId) -> Result<u64> {
        let place = self.macros.get(unit as usize).ok_or(Error::Dangling("a unit of macros"))?;
        Ok(place.1)
    }

    /// The table of addresses of a unit. That of a split unit lies in the other file, where the
    /// skeleton has to have it: [`Unit::addresses`].
    pub fn addresses(&self, unit: UnitId) -> &[Address] {
        self.addresses.get(unit.index()).map_or(&[], |addresses| addresses)
    }
}

impl Dwarf {
    /// Adds a unit. Units are written in the order they are added in.
    pub fn add_unit(&mut self, unit: Unit) -> UnitId {
        self.units.push(unit);
        UnitId((self.units.len() - 1) as u32)
    }

    /// A unit.
    pub fn unit(&self, id: UnitId) -> Option<&Unit> {
        self.units.get(id.index())
    }

    /// A unit to change.
    pub fn unit_mut(&mut self, id: UnitId) -> Option<&mut Unit> {
        self.units.get_mut(id.index())
    }

    /// Adds a line number program.
    pub fn add_line(&mut self, program: LineProgram) -> LineId {
        self.lines.push(program);
        LineId((self.lines.len() - 1) as u32)
    }

    /// A line number program to change.
    pub fn line_mut(&mut self, id: LineId) -> Option<&mut LineProgram> {
        self.lines.get_mut(id.index())
    }

    /// Adds macros.
    pub fn add_macros(&mut self, unit: MacroUnit) -> MacroId {
        self.macros.push(unit);
        MacroId((self.macros.len() - 1) as u32)
    }

    /// Whether all is for a split file.
    fn is_split(&self) -> Result<bool> {
        let is_split = self.units.first().is_some_and(|unit| unit.kind.is_split());
        if self.units.iter().any(|unit| unit.kind.is_split() != is_split) {
            return Err(Error::Parameters("split units and others in one file"));
        }
        Ok(is_split)
    }

    /// Writes all of it, and tells where units and entries are, for tables that refer to them.
    ///
    /// Sections of strings must be empty before, as offsets count from their start; to others it is
    /// appended.
    ///
    /// # Errors
    /// If something refers to what does not exist, does not fit its form, or is not in the version.
    pub fn write(&self, sections: &mut Sections, distances: Distances<'_>) -> Result<Placed> {
        let is_split = self.is_split()?;
        self.write_strings(sections, is_split)?;
        let lines = self.write_lines(sections, is_split, distances)?;
        let macro_owners = self.macro_owners()?;
        let mut abbreviations = Abbreviations::default();
        let units: Vec<_> = self
            .units
            .iter()
            .enumerate()
            .map(|(index, unit)| {
                let owned = self.macros.iter().zip(&macro_owners);
                let owned = owned.filter(|(_, owner)| **owner == Some(index));
                let strings = owned.flat_map(|(macros, _)| macros.indexed_strings());
                Prepared::new(unit, strings, &mut abbreviations)
            })
            .collect::<Result<_>>()?;
        let tables = macro_owners.iter().map(|&owner| Some(&units.get(owner?)?.strings));
        let macros = self.write_macros(sections, is_split, &lines, tables)?;

        let table = if is_split { SectionId::AbbrevDwo } else { SectionId::Abbrev };
        let mut surroundings = Surroundings {
            strings: &self.strings,
            line_strings: &self.line_strings,
            distances,
            abbreviations: sections.get_mut(table).len() as u64,
            lines: &lines,
            macros: &macros,
            units: None,
        };
        if !units.is_empty() {
            sections.get_mut(table).extend(&abbreviations.into_bytes());
        }
        let places = lay_out(&units, &surroundings, sections)?;
        surroundings.units = Some(&places);
        for (prepared, (section, start, offsets)) in units.iter().zip(&places) {
            let references = UnitReferences { prepared, offsets, units: Some(&places) };
            let bases = self.write_tables(sections, prepared, &references)?;
            let section = sections.get_mut(*section);
            debug_assert_eq!(section.len() as u64, *start);
            encode::encode(prepared, &surroundings, &bases, offsets, section)?;
        }
        let addresses = units.iter().map(|unit| unit.addresses.items().to_vec()).collect();
        Ok(Placed { units: places, lines, macros, addresses })
    }

    fn write_strings(&self, sections: &mut Sections, is_split: bool) -> Result<()> {
        let tables = [
            (encode::string_section(is_split), &self.strings),
            (SectionId::LineStr, &self.line_strings),
        ];
        for (id, strings) in tables {
            if strings.is_empty() {
                continue;
            }
            let section = sections.get_mut(id);
            if !section.is_empty() {
                return Err(Error::Order("strings in a section that has some"));
            }
            strings.write(section);
        }
        Ok(())
    }

    fn write_lines(
        &self,
        sections: &mut Sections,
        is_split: bool,
        distances: Distances<'_>,
    ) -> Result<Vec<u64>> {
        let id = if is_split { SectionId::LineDwo } else { SectionId::Line };
        let write = |program: &LineProgram| {
            let section = sections.get_mut(id);
            program.write(section, &self.strings, &self.line_strings, distances)
        };
        self.lines.iter().map(write).collect()
    }

    /// The number of the unit that each unit of macros is of, if it has indexes in a table of one.
    ///
    /// # Errors
    /// If two units have it.
    fn macro_owners(&self) -> Result<Vec<Option<usize>>> {
        let mut owners: Vec<Option<usize>> = vec![None; self.macros.len()];
        let own = |owners: &mut Vec<Option<usize>>, MacroId(macros): MacroId, unit: usize| {
            let macros = macros as usize;
            let has_indexes = |macros: &MacroUnit| macros.indexed_strings().next().is_some();
            match owners.get_mut(macros) {
                Some(Some(other)) if *other != unit => {
                    let is_shared = self.macros.get(macros).is_some_and(has_indexes);
                    let what = "macros with indexed strings that two units have";
                    return if is_shared { Err(Error::Parameters(what)) } else { Ok(()) };
                }
                Some(owner) => *owner = Some(unit),
                None => {}
            }
            Ok(())
        };
        for (number, unit) in self.units.iter().enumerate() {
            for attribute in unit.entries.iter().flat_map(|entry| &entry.attributes) {
                if let Value::Macros(macros) = attribute.value {
                    own(&mut owners, macros, number)?;
                }
            }
        }
        // Macros import only those before them, so one pass from the last to the first is enough.
        for (number, macros) in self.macros.iter().enumerate().rev() {
            let Some(unit) = owners.get(number).copied().flatten() else { continue };
            for import in macros.imports() {
                own(&mut owners, import, unit)?;
            }
        }
        Ok(owners)
    }

    fn write_macros<'a>(
        &self,
        sections: &mut Sections,
        is_split: bool,
        lines: &[u64],
        tables: impl Iterator<Item = Option<&'a Indexes<StringId>>>,
    ) -> Result<Vec<(SectionId, u64)>> {
        let mut places = Vec::new();
        for (unit, indexes) in self.macros.iter().zip(tables) {
            let strings = &self.strings;
            let context = MacroContext { strings, lines, units: &places, is_split, indexes };
            let id = unit.section(is_split);
            let offset = unit.write(sections.get_mut(id), &context)?;
            places.push((id, offset));
        }
        Ok(places)
    }

    /// Writes what a unit has in other sections.
    fn write_tables(
        &self,
        sections: &mut Sections,
        prepared: &Prepared,
        references: &UnitReferences,
    ) -> Result<Bases> {
        let unit = prepared.unit;
        let encoding = unit.encoding;
        let is_split = unit.kind.is_split();
        let mut bases = Bases::default();
        let addresses = prepared.addresses.items();
        if !addresses.is_empty() && !is_split {
            let section = sections.get_mut(SectionId::Addr);
            bases.addresses = tables::write_addresses(section, addresses, encoding)?;
        }
        let strings = prepared.strings.items();
        if !strings.is_empty() {
            let id = if is_split { SectionId::StrOffsetsDwo } else { SectionId::StrOffsets };
            let names = encode::string_section(is_split);
            let section = sections.get_mut(id);
            bases.strings =
                tables::write_string_offsets(section, strings, &self.strings, names, encoding)?;
        }
        let context = |has_indexes| ListContext {
            encoding,
            base: prepared.base(),
            references,
            is_split,
            has_indexes,
        };
        let id = |is_location| encode::list_section(encoding.version, is_location, is_split);
        let ranges = sections.get_mut(id(false));
        bases.ranges = lists::write(ranges, &unit.ranges, &context(prepared.indexes_ranges))?;
        let locations = sections.get_mut(id(true));
        let context = context(prepared.indexes_locations);
        bases.locations = lists::write(locations, &unit.locations, &context)?;
        Ok(bases)
    }
}

/// Finds where units and entries will lie.
fn lay_out(
    units: &[Prepared],
    surroundings: &Surroundings,
    sections: &mut Sections,
) -> Result<Vec<(SectionId, u64, Offsets)>> {
    let endian: RunTimeEndian = sections.endian();
    // Where the next unit begins, by section.
    let mut next: Vec<(SectionId, u64)> = Vec::new();
    let mut places = Vec::with_capacity(units.len());
    for prepared in units {
        let offsets = encode::lay_out(prepared, surroundings, &Bases::default(), endian)?;
        let id = prepared.section();
        let index = next.iter().position(|(section, _)| *section == id).unwrap_or_else(|| {
            next.push((id, sections.get_mut(id).len() as u64));
            next.len() - 1
        });
        let start = next
            .get_mut(index)
            .map_or(0, |(_, start)| std::mem::replace(start, start.saturating_add(offsets.size)));
        places.push((id, start, offsets));
    }
    Ok(places)
}
