//! From an object to numbers: what every field of every header is.
//!
//! Fields are settled in a fixed order, and what a field is without a given value depends only on
//! fields that were settled before, given or not. So a given value that equals this default can be
//! left out without a change anywhere else: that is all that [`super::simplify`] does.
//!
//! 1. names: each computed string table
//! 2. `sh_link` and `sh_info`
//! 3. sizes of contents, alignments, entry sizes
//! 4. places in file and memory, in the order of the file ([`super::place`])
//! 5. segments, from what they cover ([`super::cover`])
//! 6. the ELF header

use object::elf;

use super::context::{Context, fit};
use super::error::{Error, Owner, Place, Result};
use super::layout::{HeaderValues, Layout, SectionPlace, SegmentPlace};
use super::links::Links;
use super::numbers::Numbers;
use super::string_index::StringTables;
use super::{Contents, Field, Object, SectionId, SegmentId, contents, defaults};
use super::{cover, place};
use crate::ident::Class;
use crate::section::SectionHeader;
use crate::segment::ProgramHeader;

/// The bytes of an ELF header.
pub(super) const fn header_size(class: Class) -> u64 {
    match class {
        Class::Elf32 => 52,
        Class::Elf64 => 64,
    }
}

/// The bytes of a section header.
pub(super) const fn section_header_size(class: Class) -> u64 {
    match class {
        Class::Elf32 => 40,
        Class::Elf64 => 64,
    }
}

/// The bytes of a program header.
pub(super) const fn program_header_size(class: Class) -> u64 {
    match class {
        Class::Elf32 => 32,
        Class::Elf64 => 56,
    }
}

/// How far apart the entries of a header table are: what the ELF header says, if they fit.
pub(super) fn stride(said: u16, size: u64) -> u64 {
    u64::from(said).max(size)
}

/// What fields are without a given value.
#[derive(Clone, Debug, Default)]
pub(super) struct Autos {
    pub(super) header: HeaderValues,
    pub(super) segment_table: u64,
    pub(super) section_table: u64,
    pub(super) length: u64,
    /// By key. `name` is `u32::MAX` where no name is found.
    pub(super) sections: Vec<SectionHeader>,
    pub(super) placed_at: Vec<u64>,
    /// By key.
    pub(super) segments: Vec<ProgramHeader>,
}

/// All numbers of an object.
#[derive(Clone, Debug)]
pub(super) struct Plan<'data> {
    pub(super) numbers: Numbers,
    pub(super) links: Links,
    pub(super) tables: StringTables<'data>,
    pub(super) layout: Layout,
    pub(super) autos: Autos,
}

/// A field's value and what it would be without one; a given value must fit `bits` bits.
pub(super) fn settle<T: Copy + Into<u64>>(
    field: Field<T>,
    auto: u64,
    bits: u32,
    name: &'static str,
    place: Place,
) -> Result<u64> {
    match field {
        Field::Raw(value) if bits < 64 => Ok(value & ((1 << bits) - 1)),
        Field::Raw(value) => Ok(value),
        Field::Is(_) | Field::Auto => fit(field.or(auto), bits, name, place),
    }
}

impl<'data> Plan<'data> {
    /// Settles everything.
    ///
    /// # Errors
    /// What does not fit its field or refers to what is not there.
    pub(super) fn of(object: &Object<'data>) -> Result<Self> {
        let numbers = Numbers::of(object);
        let links = Links::of(object, &numbers)?;
        let tables = StringTables::of(object, &links);
        let mut plan =
            Self { numbers, links, tables, layout: Layout::default(), autos: Autos::default() };
        plan.layout.sections = vec![None; plan.numbers.key_count()];
        plan.autos.sections = vec![SectionHeader::default(); plan.numbers.key_count()];
        plan.autos.placed_at = vec![0; plan.numbers.key_count()];
        for (index, (key, _)) in (0..).zip(object.sections.iter()) {
            plan.section_fields(object, SectionId(key), index)?;
        }
        plan.segment_sizes(object)?;
        plan.header_ahead(object)?;
        place::sections(object, plan.links.section_names(), &mut plan.layout, &mut plan.autos)?;
        cover::segments(object, &mut plan.layout, &mut plan.autos)?;
        plan.header_behind(object)?;
        plan.length(object)?;
        Ok(plan)
    }

    /// What contents need to know, for those of `owner`.
    pub(super) fn context<'a>(
        &'a self,
        object: &'a Object<'data>,
        owner: Owner,
    ) -> Context<'a, 'data> {
        Context {
            encoding: object.header.encoding,
            machine: object.header.machine,
            file_kind: object.header.kind,
            owner,
            object,
            numbers: &self.numbers,
            links: &self.links,
            tables: &self.tables,
            layout: Some(&self.layout),
        }
    }

    /// The fields of a section header that do not depend on places.
    fn section_fields(&mut self, object: &Object<'data>, id: SectionId, index: u32) -> Result<()> {
        let Some(section) = object.sections.get(id.0) else { return Ok(()) };
        let encoding = object.header.encoding;
        let bits = 8 * encoding.word_size() as u32;
        let place = Place::Section(index);
        let context = Context { layout: None, ..self.context(object, Owner::Section(id)) };
        let content_size = contents::size(&section.contents, &context)?;
        let name_auto = match self.links.section_names() {
            _ if section.name.text.is_empty() => Some(0),
            Some(table) => self.tables.find(table, &section.name.text),
            None => None,
        };
        if section.name.offset.is_auto() && name_auto.is_none() {
            return Err(Error::NoName { place, name: section.name.text.to_vec() });
        }
        let count = u64::from(self.numbers.section_count());
        let size_auto =
            if index == 0 && count >= u64::from(elf::SHN_LORESERVE) { count } else { content_size };
        let auto = SectionHeader {
            name: name_auto.unwrap_or(u32::MAX),
            kind: elf::SectionType(section.kind),
            flags: section.flags,
            size: size_auto,
            link: self.links.link(id).auto,
            info: self.links.info(id).auto,
            addralign: defaults::align(section, encoding, object.header.machine),
            entsize: defaults::entry_size(section, encoding, object.header.machine),
            ..SectionHeader::default()
        };
        let header = SectionHeader {
            name: settle(section.name.offset, auto.name.into(), 32, "sh_name", place)? as u32,
            flags: fit(section.flags, bits, "sh_flags", place)?,
            size: settle(section.size, auto.size, bits, "sh_size", place)?,
            link: self.links.link(id).value,
            info: self.links.info(id).value,
            addralign: settle(section.align, auto.addralign, bits, "sh_addralign", place)?,
            entsize: settle(section.entry_size, auto.entsize, bits, "sh_entsize", place)?,
            ..auto
        };
        let length = match section.contents {
            Contents::NoBits(_) => 0,
            _ => content_size,
        };
        if let Some(slot) = self.layout.sections.get_mut(id.0 as usize) {
            *slot = Some(SectionPlace { index, header, placed_at: 0, length });
        }
        if let Some(slot) = self.autos.sections.get_mut(id.0 as usize) {
            *slot = auto;
        }
        Ok(())
    }

    /// The sizes of what segments hold themselves.
    fn segment_sizes(&mut self, object: &Object<'data>) -> Result<()> {
        let positions = object.segments.positions();
        self.layout.segments = vec![None; positions.len()];
        self.autos.segments = vec![ProgramHeader::default(); positions.len()];
        for (index, (key, segment)) in (0..).zip(object.segments.iter()) {
            let owner = Owner::Segment(SegmentId(key));
            let context = Context { layout: None, ..self.context(object, owner) };
            let length = match segment.contents {
                Contents::NoBits(_) => 0,
                ref contents => contents::size(contents, &context)?,
            };
            if let Some(slot) = self.layout.segments.get_mut(key as usize) {
                *slot = Some(SegmentPlace { index, length, ..SegmentPlace::default() });
            }
        }
        Ok(())
    }

    /// The fields of the ELF header that places of sections depend on.
    fn header_ahead(&mut self, object: &Object) -> Result<()> {
        let given = &object.header;
        let class = given.encoding.class;
        let bits = 8 * given.encoding.word_size() as u32;
        let has_segments = !object.segments.is_empty();
        let auto = &mut self.autos.header;
        auto.phoff = if has_segments { header_size(class) } else { 0 };
        auto.phentsize = if has_segments { program_header_size(class) as u16 } else { 0 };
        let header = &mut self.layout.header;
        header.phoff = settle(given.phoff, auto.phoff, bits, "e_phoff", Place::Header)?;
        let said = auto.phentsize.into();
        header.phentsize = settle(given.phentsize, said, 16, "e_phentsize", Place::Header)? as u16;
        self.autos.segment_table = header.phoff;
        self.layout.segment_table = given.segment_table.or(header.phoff);
        Ok(())
    }

    /// All other fields of the ELF header.
    fn header_behind(&mut self, object: &Object) -> Result<()> {
        let given = &object.header;
        let class = given.encoding.class;
        let word = given.encoding.word_size() as u64;
        let bits = 8 * word as u32;
        let sections = object.sections.len() as u64;
        let segments = object.segments.len() as u64;
        let names = self.links.section_names().and_then(|id| self.numbers.section(id)).unwrap_or(0);
        let end = self.end_of_contents(object);
        let has_sections = sections != 0;
        let auto = HeaderValues {
            class: if given.encoding.is_64() { 2 } else { 1 },
            data: if given.encoding.is_big_endian() { 2 } else { 1 },
            ident_version: 1,
            version: 1,
            entry: entry_point(object),
            shoff: if has_sections { defaults::align_up(end, word) } else { 0 },
            ehsize: header_size(class) as u16,
            phnum: segments.min(elf::PN_XNUM.into()) as u16,
            shentsize: if has_sections { section_header_size(class) as u16 } else { 0 },
            shnum: if sections < elf::SHN_LORESERVE.into() { sections as u16 } else { 0 },
            shstrndx: u16::try_from(names)
                .ok()
                .filter(|&index| index < elf::SHN_LORESERVE)
                .unwrap_or(elf::SHN_XINDEX.0),
            ..self.autos.header
        };
        let small = |field: Field<u16>, auto: u16, name| {
            settle(field, auto.into(), 16, name, Place::Header).map(|value| value as u16)
        };
        let byte = |field: Field<u8>, auto: u8, name| {
            settle(field, auto.into(), 8, name, Place::Header).map(|value| value as u8)
        };
        self.layout.header = HeaderValues {
            class: byte(given.class, auto.class, "EI_CLASS")?,
            data: byte(given.data, auto.data, "EI_DATA")?,
            ident_version: byte(given.ident_version, auto.ident_version, "EI_VERSION")?,
            version: settle(given.version, 1, 32, "e_version", Place::Header)? as u32,
            entry: settle(given.entry, auto.entry, bits, "e_entry", Place::Header)?,
            shoff: settle(given.shoff, auto.shoff, bits, "e_shoff", Place::Header)?,
            ehsize: small(given.ehsize, auto.ehsize, "e_ehsize")?,
            phnum: small(given.phnum, auto.phnum, "e_phnum")?,
            shentsize: small(given.shentsize, auto.shentsize, "e_shentsize")?,
            shnum: small(given.shnum, auto.shnum, "e_shnum")?,
            shstrndx: small(given.shstrndx, auto.shstrndx, "e_shstrndx")?,
            ..self.layout.header
        };
        self.autos.header = auto;
        self.autos.section_table = self.layout.header.shoff;
        self.layout.section_table = given.section_table.or(self.layout.header.shoff);
        Ok(())
    }

    /// Where the last of headers, sections and segments ends, section headers apart.
    fn end_of_contents(&self, object: &Object) -> u64 {
        let class = object.header.encoding.class;
        let mut end = header_size(class).max(self.segment_table_end(object));
        let mut reach = |at: u64, length: u64| {
            if length != 0 {
                end = end.max(at.saturating_add(length));
            }
        };
        for place in self.layout.sections.iter().flatten() {
            reach(place.placed_at, place.length);
        }
        for place in self.layout.segments.iter().flatten() {
            reach(place.header.offset, place.length);
        }
        end
    }

    fn segment_table_end(&self, object: &Object) -> u64 {
        let size = program_header_size(object.header.encoding.class);
        let stride = stride(self.layout.header.phentsize, size);
        table_end(self.layout.segment_table, object.segments.len(), stride, size)
    }

    fn length(&mut self, object: &Object) -> Result<()> {
        let size = section_header_size(object.header.encoding.class);
        let stride = stride(self.layout.header.shentsize, size);
        let table = table_end(self.layout.section_table, object.sections.len(), stride, size);
        let fillers = object.fillers.iter();
        let fillers = fillers.map(|filler| filler.offset.saturating_add(filler.bytes.len() as u64));
        let end = self.end_of_contents(object).max(table);
        self.autos.length = fillers.fold(end, u64::max);
        self.layout.length = object.length.or(self.autos.length);
        if self.layout.length > super::layout::LENGTH_LIMIT {
            return Err(Error::TooLarge { length: self.layout.length });
        }
        Ok(())
    }
}

/// Where a table of headers ends; 0 for an empty one.
pub(super) fn table_end(at: u64, count: usize, stride: u64, size: u64) -> u64 {
    match (count as u64).checked_sub(1) {
        Some(before) => at.saturating_add(before.saturating_mul(stride)).saturating_add(size),
        None => 0,
    }
}

/// The value of the symbol `_start` in an executable, if it is defined; else 0.
fn entry_point(object: &Object) -> u64 {
    if object.header.kind == elf::ET_REL.0 {
        return 0;
    }
    let tables = object.sections.iter().filter_map(|(_, section)| match &section.contents {
        Contents::Symbols(symbols) => Some(symbols),
        _ => None,
    });
    let mut symbols = tables.flat_map(|symbols| symbols.iter().map(|(_, symbol)| symbol));
    let start = symbols.find(|symbol| {
        *symbol.name.text == *b"_start" && symbol.section != super::SymbolSection::Undefined
    });
    start.map_or(0, |symbol| symbol.value)
}
