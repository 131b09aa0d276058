//! The bytes of a unit.
//!
//! An entry may refer to one that comes later, and expressions do so in LEB128, whose size depends
//! on the offset. So a unit is encoded for the offsets first, again while offsets grow, and for good
//! once they and those of all other units are known. Offsets never shrink, so that this ends.

use gimli::{Encoding, constants as dw};

use super::super::attribute::{self, Value};
use super::super::distance::{Address, Distances, distance};
use super::super::error::{Error, Result};
use super::super::expression::References;
use super::super::lists::LocationListId;
use super::super::section::Section;
use super::super::strings::Strings;
use super::dwarf::{MacroId, UnitId};
use super::prepare::{Base, Field, FieldValue, Prepared};
use super::{EntryId, UnitKind};
use crate::section::SectionId;

/// Where the parts of a unit lie.
#[derive(Clone, Debug, Default)]
pub(super) struct Offsets {
    /// The entries, in bytes from the start of the unit; 0 for those outside the tree.
    pub(super) entries: Vec<u64>,
    /// How many bytes it has, its length field included.
    pub(super) size: u64,
}

/// Where a unit refers to, outside itself. What is not known while the unit is laid out is 0.
pub(super) struct Surroundings<'a> {
    pub(super) strings: &'a Strings,
    pub(super) line_strings: &'a Strings,
    pub(super) distances: Distances<'a>,
    /// The abbreviations, in their section.
    pub(super) abbreviations: u64,
    /// Line number programs.
    pub(super) lines: &'a [u64],
    /// Macros, with their section.
    pub(super) macros: &'a [(SectionId, u64)],
    /// Units: section, start and entries; none while units are laid out.
    pub(super) units: Option<&'a [(SectionId, u64, Offsets)]>,
}

/// Where the tables of a unit begin.
#[derive(Default)]
pub(super) struct Bases {
    pub(super) addresses: u64,
    pub(super) strings: u64,
    pub(super) ranges: super::super::lists::ListPlaces,
    pub(super) locations: super::super::lists::ListPlaces,
}

/// What expressions and attributes of a unit refer to.
pub(super) struct UnitReferences<'a> {
    pub(super) prepared: &'a Prepared<'a>,
    pub(super) offsets: &'a Offsets,
    pub(super) units: Option<&'a [(SectionId, u64, Offsets)]>,
}

impl References for UnitReferences<'_> {
    fn entry(&self, entry: EntryId) -> Result<u64> {
        let is_reached = self.prepared.reached.get(entry.index()) == Some(&true);
        let offset = self.offsets.entries.get(entry.index()).filter(|_| is_reached);
        offset.copied().ok_or(Error::Dangling("an entry"))
    }

    fn entry_of(&self, unit: UnitId, entry: EntryId) -> Result<u64> {
        let Some(units) = self.units else { return Ok(0) };
        let (section, start, offsets) = units.get(unit.index()).ok_or(Error::Dangling("a unit"))?;
        if *section != self.section() {
            return Err(Error::CrossesUnits);
        }
        match offsets.entries.get(entry.index()) {
            None | Some(0) => Err(Error::Dangling("an entry")),
            Some(offset) => Ok(start.wrapping_add(*offset)),
        }
    }

    fn section(&self) -> SectionId {
        // Type units of old refer to units in .debug_info, not to each other.
        if self.prepared.unit.kind.is_split() { SectionId::InfoDwo } else { SectionId::Info }
    }

    fn address_index(&self, address: Address) -> Result<u64> {
        self.prepared.addresses.index(address)
    }
}

/// Finds where the entries of a unit lie.
pub(super) fn lay_out(
    prepared: &Prepared,
    surroundings: &Surroundings,
    bases: &Bases,
    endian: gimli::RunTimeEndian,
) -> Result<Offsets> {
    let entries = vec![0; prepared.unit.entries.len()];
    let mut offsets = Offsets { entries, size: 0 };
    loop {
        let mut scratch = Section::new(endian);
        let next = encode(prepared, surroundings, bases, &offsets, &mut scratch)?;
        let is_settled = next.entries == offsets.entries;
        offsets = next;
        if is_settled || !prepared.is_elastic {
            return Ok(offsets);
        }
    }
}

/// Appends a unit whose entries are taken to lie at `offsets`, and tells where they do.
pub(super) fn encode(
    prepared: &Prepared,
    surroundings: &Surroundings,
    bases: &Bases,
    offsets: &Offsets,
    section: &mut Section,
) -> Result<Offsets> {
    let references = UnitReferences { prepared, offsets, units: surroundings.units };
    let start = section.len();
    let mut entries = vec![0; offsets.entries.len()];
    let unit = section.begin(prepared.unit.encoding.format)?;
    let mut writer = UnitWriter { section, prepared, surroundings, bases, references: &references };
    writer.write_header()?;
    let mut fields = prepared.fields.iter();
    let mut done = 0;
    for item in &prepared.items {
        if let Some(place) = entries.get_mut(item.entry.index()) {
            *place = writer.section.len().saturating_sub(start) as u64;
        }
        writer.section.uleb(item.code);
        let count = item.fields_end.saturating_sub(done);
        done = item.fields_end;
        for field in fields.by_ref().take(count) {
            if field.indirect {
                writer.section.uleb(field.form.0.into());
            }
            writer.write_field(field)?;
        }
        for _ in 0..item.closes {
            writer.section.byte(0);
        }
    }
    section.end(unit)?;
    Ok(Offsets { entries, size: section.len().saturating_sub(start) as u64 })
}

struct UnitWriter<'a> {
    section: &'a mut Section,
    prepared: &'a Prepared<'a>,
    surroundings: &'a Surroundings<'a>,
    bases: &'a Bases,
    references: &'a UnitReferences<'a>,
}

impl UnitWriter<'_> {
    fn encoding(&self) -> Encoding {
        self.prepared.unit.encoding
    }

    /// DWARF 5, section 7.5.1.
    fn write_header(&mut self) -> Result<()> {
        let encoding = self.encoding();
        let kind = self.prepared.unit.kind;
        self.section.number(encoding.version.into(), 2)?;
        let abbreviations = if kind.is_split() { SectionId::AbbrevDwo } else { SectionId::Abbrev };
        let offset = self.surroundings.abbreviations;
        if encoding.version < 5 {
            self.section.offset(abbreviations, offset, encoding.format)?;
            self.section.byte(encoding.address_size);
        } else {
            let unit_type = match kind {
                UnitKind::Compile => dw::DW_UT_compile,
                UnitKind::Partial => dw::DW_UT_partial,
                UnitKind::Type { .. } => dw::DW_UT_type,
                UnitKind::Skeleton { .. } => dw::DW_UT_skeleton,
                UnitKind::SplitCompile { .. } => dw::DW_UT_split_compile,
                UnitKind::SplitType { .. } => dw::DW_UT_split_type,
            };
            self.section.byte(unit_type.0);
            self.section.byte(encoding.address_size);
            self.section.offset(abbreviations, offset, encoding.format)?;
        }
        match kind {
            UnitKind::Type { signature, entry } | UnitKind::SplitType { signature, entry } => {
                let offset = self.references.entry(entry)?;
                self.section.number(signature, 8)?;
                self.section.number(offset, encoding.format.word_size())?;
            }
            UnitKind::Skeleton { dwo_id } | UnitKind::SplitCompile { dwo_id }
                if encoding.version >= 5 =>
            {
                self.section.number(dwo_id, 8)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn write_field(&mut self, field: &Field) -> Result<()> {
        let format = self.encoding().format;
        match field.value {
            FieldValue::Given(value) => self.write_value(field, value),
            FieldValue::Sibling(entry) => {
                let offset = self.references.entry(entry)?;
                self.section.number(offset, format.word_size())
            }
            FieldValue::Base(base) => {
                let (section, offset) = match base {
                    Base::Addresses => (SectionId::Addr, self.bases.addresses),
                    Base::Strings => (SectionId::StrOffsets, self.bases.strings),
                    Base::Ranges => (SectionId::Rnglists, self.bases.ranges.base),
                    Base::Locations => (SectionId::Loclists, self.bases.locations.base),
                };
                self.section.offset(section, offset, format)
            }
            FieldValue::DwoId(id) => self.section.number(id, 8),
        }
    }

    fn write_index(&mut self, field: &Field, index: u64) -> Result<()> {
        self.section.number_or_uleb(index, attribute::index_size(field.form))
    }

    /// An index of a list, or its offset. While lists have no place yet, 0.
    fn write_list(&mut self, field: &Field, list: u32, is_location: bool) -> Result<()> {
        let unit = self.prepared.unit;
        let (count, places) = if is_location {
            (unit.locations.len(), &self.bases.locations)
        } else {
            (unit.ranges.len(), &self.bases.ranges)
        };
        if list as usize >= count {
            return Err(Error::Dangling("a list"));
        }
        if field.form == dw::DW_FORM_rnglistx || field.form == dw::DW_FORM_loclistx {
            self.section.uleb(list.into());
            return Ok(());
        }
        let section = list_section(unit.encoding.version, is_location, unit.kind.is_split());
        let offset = places.offsets.get(list as usize).copied().unwrap_or(0);
        self.section.offset(section, offset, unit.encoding.format)
    }

    /// The offset of a list's views.
    fn write_views(&mut self, list: LocationListId) -> Result<()> {
        let unit = self.prepared.unit;
        let index = list.0 as usize;
        if unit.locations.get(index).is_none_or(|list| list.views.is_empty()) {
            return Err(Error::Dangling("views of a location list"));
        }
        let section = list_section(unit.encoding.version, true, unit.kind.is_split());
        let offset = self.bases.locations.views.get(index).copied().unwrap_or(0);
        self.section.offset(section, offset, unit.encoding.format)
    }

    fn write_value(&mut self, field: &Field, value: &Value) -> Result<()> {
        let encoding = self.encoding();
        let format = encoding.format;
        let section = &mut *self.section;
        match value {
            Value::Address(address) if attribute::is_address_index(field.form) => {
                let index = self.prepared.addresses.index(*address)?;
                self.write_index(field, index)
            }
            Value::Address(address) => section.address(*address, encoding.address_size),
            Value::Unsigned(_) | Value::Signed(_) if field.form == dw::DW_FORM_implicit_const => {
                Ok(())
            }
            Value::Unsigned(value) => {
                section.number_or_uleb(*value, attribute::data_size(field.form))
            }
            Value::Signed(value) => {
                if let Some(size) = attribute::data_size(field.form) {
                    return section.signed(*value, size);
                }
                section.sleb(*value);
                Ok(())
            }
            Value::Distance(from, to) => {
                let size = attribute::data_size(field.form).unwrap_or(8);
                match distance(self.surroundings.distances, *from, *to).exactly() {
                    Some(bytes) => {
                        let bytes = u64::try_from(bytes).map_err(|_| Error::Backwards)?;
                        section.number(bytes, size)
                    }
                    None => section.difference(*from, *to, size),
                }
            }
            Value::Data16(value) => {
                section.number16(*value);
                Ok(())
            }
            Value::Block(bytes) => {
                let length = bytes.len() as u64;
                section.number_or_uleb(length, attribute::block_size(field.form))?;
                section.extend(bytes);
                Ok(())
            }
            Value::Expression(expression) => {
                let size = attribute::block_size(field.form);
                expression.write_counted(section, encoding, self.references, size)
            }
            Value::Flag(_) if field.form == dw::DW_FORM_flag_present => Ok(()),
            Value::Flag(value) => {
                section.byte((*value).into());
                Ok(())
            }
            Value::Text(text) => section.string(text),
            Value::String(id) if attribute::is_string_index(field.form) => {
                let index = self.prepared.strings.index(*id)?;
                self.write_index(field, index)
            }
            Value::String(id) => {
                let strings = string_section(self.prepared.unit.kind.is_split());
                section.offset(strings, self.surroundings.strings.offset(*id)?, format)
            }
            Value::LineString(id) => {
                let offset = self.surroundings.line_strings.offset(*id)?;
                section.offset(SectionId::LineStr, offset, format)
            }
            Value::StringSup(offset) => section.number(*offset, format.word_size()),
            Value::Signature(signature) => section.number(*signature, 8),
            Value::Ranges(list) => self.write_list(field, list.0, false),
            Value::Locations(list) => self.write_list(field, list.0, true),
            Value::Views(list) => self.write_views(*list),
            Value::Entry(_) | Value::EntryOf(..) | Value::EntrySup(_) => {
                self.write_reference(field, value)
            }
            Value::Line(_) | Value::Macros(_) | Value::SectionOffset(..) => self.write_place(value),
        }
    }

    /// A reference to an entry.
    fn write_reference(&mut self, field: &Field, value: &Value) -> Result<()> {
        let encoding = self.encoding();
        match value {
            Value::Entry(entry) => {
                let offset = self.references.entry(*entry)?;
                let size = attribute::fixed_reference_size(field.form);
                self.section.number_or_uleb(offset, size)
            }
            Value::EntryOf(unit, entry) => {
                let offset = self.references.entry_of(*unit, *entry)? as i64;
                let target = super::super::Target::Section(self.references.section());
                let kind = super::super::RelocationKind::Absolute;
                let size = super::super::reference_size(encoding);
                self.section.relocated(kind, target, offset, size)
            }
            Value::EntrySup(offset) => {
                let size = match field.form {
                    dw::DW_FORM_ref_sup4 => 4,
                    dw::DW_FORM_ref_sup8 => 8,
                    _ => encoding.format.word_size(),
                };
                self.section.number(*offset, size)
            }
            _ => Ok(()),
        }
    }

    /// An offset in another section.
    fn write_place(&mut self, value: &Value) -> Result<()> {
        let place = match value {
            Value::Line(line) => {
                let offset = self.surroundings.lines.get(line.index());
                let id = if self.prepared.unit.kind.is_split() {
                    SectionId::LineDwo
                } else {
                    SectionId::Line
                };
                (id, *offset.ok_or(Error::Dangling("a line number program"))?)
            }
            Value::Macros(MacroId(unit)) => {
                let place = self.surroundings.macros.get(*unit as usize);
                *place.ok_or(Error::Dangling("a unit of macros"))?
            }
            Value::SectionOffset(section, offset) => (*section, *offset),
            _ => return Ok(()),
        };
        self.section.offset(place.0, place.1, self.encoding().format)
    }
}

/// The section of strings.
pub(super) fn string_section(is_split: bool) -> SectionId {
    if is_split { SectionId::StrDwo } else { SectionId::Str }
}

/// The section of lists.
pub(super) fn list_section(version: u16, is_location: bool, is_split: bool) -> SectionId {
    match (version >= 5, is_location, is_split) {
        (false, false, _) => SectionId::Ranges,
        (false, true, false) => SectionId::Loc,
        (false, true, true) => SectionId::LocDwo,
        (true, false, false) => SectionId::Rnglists,
        (true, false, true) => SectionId::RnglistsDwo,
        (true, true, false) => SectionId::Loclists,
        (true, true, true) => SectionId::LoclistsDwo,
    }
}
