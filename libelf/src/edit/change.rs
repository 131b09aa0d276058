//! Changes to an object: add, remove, rename and reorder.
//!
//! Names, indexes, sizes and offsets that are left to the writer follow every change. Those that
//! are given do not: call [`Object::simplify`] after [`Object::open`], before the first change, and
//! what a file's fields say by default will follow too.
//!
//! **What is removed** leaves references behind: of symbols to their section, of relocations to
//! their symbol, of `sh_link`. [`Object::write`] fails with [`Error::Dangling`] and names the first
//! place that refers to it; [`Object::dangling`] tells them all. Segments cover a removed section no
//! longer, without further ado.
//!
//! Rename a section, and strip symbols that no relocation needs:
//!
//! ```
//! use libelf::edit::Object;
//! # use libelf::{Class, Encoding, raw::{EM_X86_64, ET_REL, Endianness}};
//! # use libelf::edit::{Section, Symbol};
//! # let encoding = Encoding { class: Class::Elf64, endian: Endianness::Little };
//! # let mut made = Object::new(encoding, ET_REL.0, EM_X86_64.0);
//! # made.add_section(Section { name: ".text".into(), kind: 1, ..Section::default() });
//! # let table = made.symbol_table();
//! # made.add_symbol(table, Symbol { name: "unused".into(), info: 0x10, ..Symbol::default() })?;
//! # made.complete();
//! # let bytes = made.to_bytes()?;
//! let mut object = Object::open(&bytes)?;
//! object.simplify()?;
//! if let Some(text) = object.section_by_name(b".text") {
//!     object.rename_section(text, "code");
//! }
//! let table = object.symbol_table();
//! let used = object.used_symbols(table);
//! object.retain_symbols(table, |id, _| used.contains(&id.key));
//! let stripped = object.to_bytes()?;
//! assert!(stripped.len() < bytes.len());
//! # let file = libelf::File::parse(&stripped)?;
//! # assert!(file.section_by_name(b"code")?.is_some());
//! # assert_eq!(file.symbols(libelf::raw::SHT_SYMTAB)?.map_or(0, |s| s.symbols.len()), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::collections::HashSet;

use object::elf;

use super::error::{Error, Place, Result};
use super::numbers::Numbers;
use super::{
    Contents, Link, Name, Object, Section, SectionId, Segment, SegmentId, Slots, Symbol, SymbolId,
    contents,
};
use crate::ident::Encoding;

/// Sections and segments.
impl<'data> Object<'data> {
    /// A section.
    pub fn section(&self, id: SectionId) -> Option<&Section<'data>> {
        self.sections.get(id.0)
    }

    /// A section, to be changed.
    pub fn section_mut(&mut self, id: SectionId) -> Option<&mut Section<'data>> {
        self.sections.get_mut(id.0)
    }

    /// The first section with this name.
    pub fn section_by_name(&self, name: &[u8]) -> Option<SectionId> {
        let mut sections = self.sections.iter();
        sections.find(|(_, section)| *section.name.text == *name).map(|(key, _)| SectionId(key))
    }

    /// Adds a section behind all others.
    pub fn add_section(&mut self, section: Section<'data>) -> SectionId {
        SectionId(self.sections.push(section))
    }

    /// Adds a section so that it has this index, or behind all others.
    pub fn insert_section(&mut self, index: usize, section: Section<'data>) -> SectionId {
        SectionId(self.sections.insert(index, section))
    }

    /// Takes a section out, and out of the segments that cover it. What else refers to it stays:
    /// see [`Self::dangling`].
    pub fn remove_section(&mut self, id: SectionId) -> Option<Section<'data>> {
        let section = self.sections.remove(id.0)?;
        for (_, segment) in self.segments.iter_mut() {
            segment.sections.retain(|&covered| covered != id);
        }
        Some(section)
    }

    /// Puts the sections into this order; those not named follow in the order they had. The null
    /// section stays the first.
    pub fn reorder_sections(&mut self, order: &[SectionId]) {
        let null = self.sections.key_at(0).filter(|&key| {
            self.sections.get(key).is_some_and(|section| section.kind == elf::SHT_NULL.0)
        });
        let keys: Vec<u32> = null.into_iter().chain(order.iter().map(|id| id.0)).collect();
        self.sections.reorder(&keys);
    }

    /// Gives a section another name.
    pub fn rename_section(&mut self, id: SectionId, name: impl Into<Name<'data>>) {
        if let Some(section) = self.sections.get_mut(id.0) {
            section.name = name.into();
        }
    }

    /// Adds a segment behind all others.
    pub fn add_segment(&mut self, segment: Segment<'data>) -> SegmentId {
        SegmentId(self.segments.push(segment))
    }

    /// Adds a segment so that it has this index, or behind all others.
    pub fn insert_segment(&mut self, index: usize, segment: Segment<'data>) -> SegmentId {
        SegmentId(self.segments.insert(index, segment))
    }

    /// Takes a segment out. Its sections stay.
    pub fn remove_segment(&mut self, id: SegmentId) -> Option<Segment<'data>> {
        self.segments.remove(id.0)
    }

    /// Puts the segments into this order; those not named follow in the order they had.
    pub fn reorder_segments(&mut self, order: &[SegmentId]) {
        let keys: Vec<u32> = order.iter().map(|id| id.0).collect();
        self.segments.reorder(&keys);
    }

    /// Makes it an object of another class or byte order, with the same meaning: structures are
    /// written as `encoding` says, and sizes, alignments and offsets that are what they are by
    /// default follow. Contents that are [`Contents::Bytes`] stay as they are, as do numbers of
    /// relocation types.
    ///
    /// # Errors
    /// Those of [`Self::simplify`].
    pub fn convert(&mut self, encoding: Encoding) -> Result<()> {
        self.simplify()?;
        self.header.encoding = encoding;
        Ok(())
    }
}

/// Symbols.
impl<'data> Object<'data> {
    /// The symbols of a table, if it is one.
    pub fn symbols(&self, table: SectionId) -> Option<&Slots<Symbol<'data>>> {
        match &self.sections.get(table.0)?.contents {
            Contents::Symbols(symbols) => Some(symbols),
            _ => None,
        }
    }

    /// The symbols of a table, to be changed.
    pub fn symbols_mut(&mut self, table: SectionId) -> Option<&mut Slots<Symbol<'data>>> {
        match &mut self.sections.get_mut(table.0)?.contents {
            Contents::Symbols(symbols) => Some(symbols),
            _ => None,
        }
    }

    /// Adds a symbol: a local one behind the local ones, another behind all.
    ///
    /// # Errors
    /// [`Error::Dangling`] if `table` is no symbol table.
    pub fn add_symbol(&mut self, table: SectionId, symbol: Symbol<'data>) -> Result<SymbolId> {
        let Some(symbols) = self.symbols_mut(table) else {
            return Err(Error::Dangling {
                place: Place::Header,
                field: "table",
                what: "symbol table",
            });
        };
        let is_local = |symbol: &Symbol| symbol.info >> 4 == elf::STB_LOCAL.0;
        let key = if is_local(&symbol) {
            let keys = symbols.keys();
            let locals = keys.partition_point(|&key| symbols.get(key).is_some_and(is_local));
            symbols.insert(locals, symbol)
        } else {
            symbols.push(symbol)
        };
        Ok(SymbolId { table, key })
    }

    /// Takes a symbol out. Relocations and groups that refer to it stay: see [`Self::dangling`].
    pub fn remove_symbol(&mut self, id: SymbolId) -> Option<Symbol<'data>> {
        self.symbols_mut(id.table)?.remove(id.key)
    }

    /// Takes out all symbols but the null symbol that `keep` does not want.
    pub fn retain_symbols(
        &mut self,
        table: SectionId,
        mut keep: impl FnMut(SymbolId, &Symbol<'data>) -> bool,
    ) {
        if let Some(symbols) = self.symbols_mut(table) {
            let null = symbols.key_at(0);
            symbols
                .retain(|key, symbol| Some(key) == null || keep(SymbolId { table, key }, symbol));
        }
    }

    /// Puts local symbols before the others, as the standard asks, and else keeps their order.
    pub fn sort_symbols(&mut self, table: SectionId) {
        if let Some(symbols) = self.symbols_mut(table) {
            let is_global = |&key: &u32| {
                symbols.get(key).is_some_and(|symbol| symbol.info >> 4 != elf::STB_LOCAL.0)
            };
            let mut order = symbols.keys().to_vec();
            order.sort_by_key(is_global);
            symbols.reorder(&order);
        }
    }

    /// The keys of the symbols of a table that relocations, groups and other contents refer to.
    pub fn used_symbols(&self, table: SectionId) -> HashSet<u32> {
        let mut used = HashSet::new();
        let mut add = |id: SymbolId| {
            if id.table == table {
                used.insert(id.key);
            }
        };
        for (_, section) in self.sections.iter() {
            for link in [section.link, section.info] {
                if let Link::Symbol(id) = link {
                    add(id);
                }
            }
            contents::references(&section.contents, &mut |_, _, _, link| {
                if let Link::Symbol(id) = link {
                    add(id);
                }
            });
        }
        used
    }
}

/// References.
impl Object<'_> {
    /// All references to sections and symbols that are not there, as the errors that they are when
    /// the object is written.
    pub fn dangling(&self) -> Vec<Error> {
        let numbers = Numbers::of(self);
        let mut errors = Vec::new();
        for (index, (_, section)) in (0..).zip(self.sections.iter()) {
            let place = Place::Section(index);
            let mut check = |place, field, link| {
                let what = match link {
                    Link::Section(id) if numbers.section(id).is_none() => "section",
                    Link::Symbol(id) if numbers.symbol(id).is_none() => "symbol",
                    _ => return,
                };
                errors.push(Error::Dangling { place, field, what });
            };
            check(place, "sh_link", section.link);
            check(place, "sh_info", section.info);
            contents::references(&section.contents, &mut |entry, what, field, link| {
                let entry = entry as u32;
                check(Place::Entry { section: index, entry, what }, field, link);
            });
        }
        errors
    }
}

#[cfg(test)]
#[path = "change_tests.rs"]
mod tests;
