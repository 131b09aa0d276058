//! The second step of opening a file: bytes become typed contents where that loses nothing.

use std::borrow::Cow;

use object::elf;

use super::Map;
use super::contents::strings;
use super::context::{Header, NameBudget, OpenStrings, Source};
use super::error::Owner;
use super::open::Opening;
use super::plan::Plan;
use super::reloc::Relocation;
use super::string_index::{StringIndex, used_names};
use super::{Contents, Link, Object, Section, SectionId, SegmentId, Symbol, SymbolId, contents};
use crate::reloc::{RawRel, RawRela};
use crate::table::Record;

/// How many bytes of memory decoded contents of a file may take. What goes past it stays bytes: no
/// file makes us use much more memory than it has bytes.
const ROOM: u64 = 192 << 20;

/// About how many bytes the contents take once they are decoded.
fn typed_size(source: &Source, length: u64) -> u64 {
    let entries = |size: usize| length / (size as u64).max(1);
    let class = source.encoding.class;
    let kind = source.section_header().map_or(elf::SHT_NOTE, |header| header.kind);
    match kind {
        elf::SHT_SYMTAB | elf::SHT_DYNSYM => {
            entries(crate::Symbol::size(class)) * (size_of::<Symbol>() as u64 + 8)
        }
        elf::SHT_REL => entries(RawRel::size(class)) * size_of::<Relocation>() as u64,
        elf::SHT_RELA => entries(RawRela::size(class)) * size_of::<Relocation>() as u64,
        elf::SHT_PROGBITS => 0,
        _ => length.saturating_mul(4),
    }
}

/// String tables and facts of the file that many sections ask for.
struct Shelf<'a, 'data> {
    /// By the section's index.
    strings: Map<u32, StringIndex<'data>>,
    /// For each symbol table the bytes of its extended section indexes.
    extended: Map<u32, &'data [u8]>,
    /// How many symbols each decoded symbol table has.
    symbol_counts: Map<u32, u32>,
    names: &'a NameBudget,
}

impl<'data> Opening<'data> {
    /// Decodes the contents of sections and segments: first symbol tables, as others refer to
    /// symbols of tables that are decoded.
    pub(super) fn decode(&self, object: &mut Object<'data>) {
        let mut shelf = self.shelf();
        let mut room = ROOM;
        let owned = self.owned_bytes(object);
        let (tables, others): (Vec<_>, Vec<_>) =
            owned.into_iter().partition(|(owner, _)| self.is_symbol_table(*owner));
        let mut doubtful = Vec::new();
        for (owner, bytes) in tables {
            let contents = self.typed(&shelf, &mut room, owner, bytes);
            if let (Owner::Section(id), Some(Contents::Symbols(symbols))) = (owner, &contents) {
                shelf.symbol_counts.insert(id.0, symbols.len() as u32);
            }
            accept(object, &mut doubtful, owner, bytes, contents);
        }
        for (owner, bytes) in others {
            let contents = self.typed(&shelf, &mut room, owner, bytes);
            accept(object, &mut doubtful, owner, bytes, contents);
        }
        for (key, section) in object.sections.iter_mut() {
            if section.kind == elf::SHT_GROUP.0 {
                self.find_signature(&shelf, key, section);
            }
        }
        let Ok(plan) = Plan::of(object) else { return };
        for (owner, contents) in proven(object, &plan, doubtful) {
            object.set_contents(owner, contents);
        }
        for (owner, contents) in string_tables(object, &plan) {
            object.set_contents(owner, contents);
        }
    }

    fn is_symbol_table(&self, owner: Owner) -> bool {
        let Owner::Section(id) = owner else { return false };
        let section = self.sections.get(id.0 as usize);
        section.is_some_and(|section| [elf::SHT_SYMTAB, elf::SHT_DYNSYM].contains(&section.kind))
    }

    /// The typed contents of a section or segment, if there is a kind for them, and room.
    fn typed(
        &self,
        shelf: &Shelf<'_, 'data>,
        room: &mut u64,
        owner: Owner,
        bytes: &'data [u8],
    ) -> Option<Contents<'data>> {
        let source = self.source(shelf, owner)?;
        let left = room.checked_sub(typed_size(&source, bytes.len() as u64))?;
        let contents = contents::decode(&source, bytes)?;
        *room = left;
        Some(contents)
    }

    /// Makes `sh_info` of a group the symbol that it is the index of.
    fn find_signature(&self, shelf: &Shelf, key: u32, section: &mut Section) {
        let (Some(header), Link::Number(index)) = (self.sections.get(key as usize), section.info)
        else {
            return;
        };
        let count = shelf.symbol_counts.get(&header.link).copied().unwrap_or(0);
        if index != 0 && index < count {
            section.info = Link::Symbol(SymbolId { table: SectionId(header.link), key: index });
        }
    }

    /// All sections and segments whose whole contents are bytes of their own.
    fn owned_bytes(&self, object: &Object<'data>) -> Vec<(Owner, &'data [u8])> {
        let sections = object.sections.iter().filter_map(|(key, section)| {
            let range = self.ranges.get(key as usize)?;
            let is_whole = self.sections.get(key as usize)?.size == range.end - range.start;
            let is_bytes = matches!(section.contents, Contents::Bytes(_));
            (is_whole && is_bytes).then(|| (Owner::Section(SectionId(key)), self.slice(range)))
        });
        let segments = object.segments.iter().filter_map(|(key, segment)| {
            let header = self.segments.get(key as usize)?;
            let range = self.clip(header.offset, header.filesz);
            let is_whole = header.filesz == range.end - range.start;
            let is_bytes = matches!(segment.contents, Contents::Bytes(_));
            (is_whole && is_bytes).then(|| (Owner::Segment(SegmentId(key)), self.slice(&range)))
        });
        sections.chain(segments).collect()
    }

    fn shelf(&self) -> Shelf<'_, 'data> {
        let mut strings = Map::default();
        let mut extended = Map::default();
        for (section, range) in self.sections.iter().zip(&self.ranges) {
            if let Some(linked) = self.ranges.get(section.link as usize) {
                strings
                    .entry(section.link)
                    .or_insert_with(|| StringIndex::new(self.slice(linked).into()));
            }
            if section.kind == elf::SHT_SYMTAB_SHNDX {
                extended.entry(section.link).or_insert_with(|| self.slice(range));
            }
        }
        Shelf { strings, extended, symbol_counts: Map::default(), names: &self.names }
    }

    fn source<'a>(
        &'a self,
        shelf: &'a Shelf<'a, 'data>,
        owner: Owner,
    ) -> Option<Source<'a, 'data>> {
        let section = match owner {
            Owner::Section(id) => self.sections.get(id.0 as usize),
            Owner::Segment(_) => None,
        };
        let link = section.map_or(0, |section| section.link);
        let own_index = match owner {
            Owner::Section(id) => id.0,
            Owner::Segment(_) => 0,
        };
        let name = match section {
            Some(section) => self.section_name(section),
            None => &[],
        };
        Some(Source {
            encoding: self.encoding,
            machine: self.header.machine.0,
            file_kind: self.header.kind.0,
            os_abi: self.header.os_abi().0,
            owner,
            header: match owner {
                Owner::Section(id) => Header::Section(*self.sections.get(id.0 as usize)?),
                Owner::Segment(id) => Header::Segment(*self.segments.get(id.0 as usize)?),
            },
            name,
            link: self.section_at(link),
            strings: OpenStrings {
                index: shelf.strings.get(&link).filter(|_| link != 0),
                budget: shelf.names,
            },
            extended: shelf.extended.get(&own_index).copied().unwrap_or_default(),
            section_count: self.sections.len() as u32,
            symbol_count: shelf.symbol_counts.get(&link).copied().unwrap_or(0),
        })
    }
}

/// Takes contents that are certain; others are to be proven.
fn accept<'data>(
    object: &mut Object<'data>,
    doubtful: &mut Vec<(Owner, Contents<'data>, &'data [u8])>,
    owner: Owner,
    bytes: &'data [u8],
    contents: Option<Contents<'data>>,
) {
    match contents {
        Some(contents) if contents::is_exact(&contents) => object.set_contents(owner, contents),
        Some(contents) => doubtful.push((owner, contents, bytes)),
        None => {}
    }
}

/// Of contents that may be right those that give the bytes they were decoded from.
fn proven<'data>(
    object: &Object<'data>,
    plan: &Plan<'data>,
    doubtful: Vec<(Owner, Contents<'data>, &'data [u8])>,
) -> Vec<(Owner, Contents<'data>)> {
    let gives = |owner, contents: &Contents, bytes: &[u8]| {
        let context = plan.context(object, owner);
        contents::encode(contents, &context).is_ok_and(|encoded| *encoded == *bytes)
    };
    doubtful
        .into_iter()
        .filter(|(owner, contents, bytes)| gives(*owner, contents, bytes))
        .map(|(owner, contents, _)| (owner, contents))
        .collect()
}

/// The string tables that the names in use make, or a list of all strings.
fn string_tables<'data>(
    object: &Object<'data>,
    plan: &Plan<'data>,
) -> Vec<(Owner, Contents<'data>)> {
    let used = used_names(object, &plan.links, |section| section.kind == elf::SHT_STRTAB.0);
    let tables = object.sections.iter().filter(|(_, section)| section.kind == elf::SHT_STRTAB.0);
    tables
        .filter_map(|(key, section)| {
            let Contents::Bytes(Cow::Borrowed(bytes)) = section.contents else { return None };
            let names = used.get(&key)?;
            let strings = strings::decode(bytes, names)?;
            Some((Owner::Section(SectionId(key)), Contents::Strings(strings)))
        })
        .collect()
}
