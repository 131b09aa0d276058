//! `-l`: where symbols are declared, and where those that are not defined here are used.
//!
//! A function has the line of its declaration, if debugging information knows it by the name of
//! its symbol, else that of its first instruction; a variable has that of its declaration. An
//! undefined symbol of a relocatable file has the line of the first place that a relocation makes
//! refer to it.

use std::collections::HashMap;

use libdwarf::load::Debug;
use libdwarf::lookup::{Declaration, Location, Lookup};
use libelf::linkview::LinkView;
use libelf::raw::{ET_REL, SHF_TLS, SHT_REL, SHT_RELA, SHT_SYMTAB, STT_FILE};
use libelf::{File, SectionHeader};
use libsymtab::address::{self, Options as Matching};
use libsymtab::{Source, SymbolTable};

use crate::format::SourceLines;
use crate::options::Options;
use crate::text::push_name;

/// The name of a file whose name cannot be had.
const NO_NAME: &[u8] = b"(null)";

/// So many uses of an undefined symbol are looked at, until one has a line.
const MOST_USES: usize = 16;

/// Where a symbol is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spot {
    /// In the section with this header index, at this value.
    Section(u32, u64),
    /// Not in this file; its number in the symbol table.
    Undefined(u32),
    /// Nowhere.
    None,
}

/// The source lines of the symbols of a file.
#[derive(Debug)]
pub struct Lines<'a, 'data> {
    debug: &'a Debug<'data>,
    lookup: Lookup<'a, 'data>,
    file: File<'data>,
    /// By section header: whether it holds instructions.
    code: Vec<bool>,
    /// By the number of an undefined symbol: the sections and the offsets of its first uses.
    uses: HashMap<u32, Vec<(u32, u64)>>,
    symbols: Option<SymbolTable<'data>>,
}

impl<'a, 'data> Lines<'a, 'data> {
    /// For the symbols of `file`.
    pub fn new(file: &File<'data>, view: &LinkView<'data>, debug: &'a Debug<'data>) -> Self {
        let mut code = vec![false; file.section_count().try_into().unwrap_or(0)];
        for section in &view.sections {
            if let Some(is_code) = code.get_mut(section.header as usize) {
                *is_code = section.flags.is_code();
            }
        }
        Self {
            debug,
            lookup: Lookup::without_splits(debug),
            file: *file,
            code,
            uses: uses(file).unwrap_or_default(),
            symbols: match SymbolTable::of_file(file, Source::Static) {
                Err(_) => SymbolTable::without_names(file),
                table => table,
            }
            .ok()
            .flatten(),
        }
    }
}

impl SourceLines for Lines<'_, '_> {
    fn put(&self, buf: &mut Vec<u8>, options: &Options, spot: Spot, name: &[u8]) {
        match spot {
            Spot::Section(section, value) => {
                let location = self.declared(section, value, name);
                if let Some(location) = location.filter(|location| location.line != 0) {
                    put_location(buf, options, &location);
                }
            }
            Spot::Undefined(number) => {
                let mut uses = self.uses.get(&number).into_iter().flatten();
                uses.any(|(section, offset)| self.put_use(buf, options, *section, *offset));
            }
            Spot::None => {}
        }
    }
}

impl<'data> Lines<'_, 'data> {
    /// Where a symbol of this name is declared, or what starts at its value.
    fn declared(&self, section: u32, value: u64, name: &[u8]) -> Option<Location<'data>> {
        let address = self.address(section, value)?;
        if !*self.code.get(section as usize)? {
            let named = self.lookup.variable_of_symbol(address, name);
            let variable = named.or_else(|| self.lookup.variable(address));
            let variable = variable.or_else(|| self.thread_local(section, value, name));
            return variable.map(|variable| variable.location);
        }
        let found = self.lookup.find(address)?;
        let declared = self.lookup.declaration(&found, name);
        declared.or_else(|| Some(self.lookup.frames(&found).next()?.location))
    }

    /// Where the thread-local variable of a symbol is declared. GNU takes all to be at 0, so that it
    /// finds no more than the first of a linked file.
    fn thread_local(&self, section: u32, value: u64, name: &[u8]) -> Option<Declaration<'data>> {
        let flags = self.file.section(section).ok()?.flags;
        let is_first = value == 0 && self.file.header().kind != ET_REL;
        let is_thread_local = is_first && flags & SHF_TLS.0 != 0;
        if !is_thread_local {
            return None;
        }
        let named = self.lookup.thread_local_variable(Some(name));
        named.or_else(|| self.lookup.thread_local_variable(None))
    }

    /// The address of a value as debugging information has it.
    fn address(&self, section: u32, value: u64) -> Option<u64> {
        if self.file.header().kind != ET_REL {
            return Some(value);
        }
        self.debug.sections().address_of(section, value)
    }

    /// What a symbol at this offset of a section would have as its value.
    fn value(&self, section: u32, offset: u64) -> u64 {
        match self.file.section(section) {
            Ok(header) if self.file.header().kind != ET_REL => header.addr.wrapping_add(offset),
            _ => offset,
        }
    }

    /// Adds the place of a use. Where only its file is known, its line is 0. Returns whether anything
    /// is known of it.
    fn put_use(&self, buf: &mut Vec<u8>, options: &Options, section: u32, offset: u64) -> bool {
        let value = self.value(section, offset);
        let found = self.address(section, value).and_then(|address| {
            let found = self.lookup.find(address);
            let location =
                found.and_then(|found| Some(self.lookup.frames(&found).next()?.location));
            location.or_else(|| Some(self.lookup.variable(address)?.location))
        });
        if let Some(location) = found.filter(|location| location.file.is_some()) {
            put_location(buf, options, &location);
            true
        } else if let Some(file) = self.only_file(section, value) {
            buf.push(b'\t');
            push_name(buf, file, options.unicode);
            buf.extend_from_slice(b":0");
            true
        } else {
            false
        }
    }

    /// The source file that the symbols tell, if one of them has the place and all are of one.
    fn only_file(&self, section: u32, value: u64) -> Option<&'data [u8]> {
        let table = self.symbols.as_ref()?;
        let is_relocatable = self.file.header().kind == ET_REL;
        let section = is_relocatable.then_some(section);
        let options = Matching { section, ..Matching::default() };
        address::nearest(std::slice::from_ref(table), value, &options)?;
        let mut files = table.iter().filter(|symbol| symbol.kind == STT_FILE);
        let file = files.next()?;
        let name = if file.name.is_empty() { NO_NAME } else { file.name };
        files.next().is_none().then_some(name)
    }
}

fn put_location(buf: &mut Vec<u8>, options: &Options, location: &Location<'_>) {
    let mut path = Vec::new();
    location.write_path(&mut path);
    if path.is_empty() {
        return;
    }
    buf.push(b'\t');
    push_name(buf, &path, options.unicode);
    buf.push(b':');
    common::format::dec(buf, location.line);
}

/// The first uses of each symbol that relocations tell, as offsets in sections.
fn uses(file: &File<'_>) -> Option<HashMap<u32, Vec<(u32, u64)>>> {
    let mut uses: HashMap<u32, Vec<(u32, u64)>> = HashMap::new();
    let is_relocatable = file.header().kind == ET_REL;
    let headers = file.section_headers().ok()?;
    let symbols = headers.iter().position(|header| header.kind == SHT_SYMTAB)?;
    let is_table = |header: &SectionHeader| {
        matches!(header.kind, SHT_REL | SHT_RELA) && header.link as usize == symbols
    };
    let mut tables: Vec<_> = headers.iter().filter(is_table).collect();
    tables.sort_by_key(|header| header.info);
    for header in tables {
        let Ok(relocs) = file.relocs(&header) else { continue };
        // Linked files may keep relocations; there they tell addresses.
        let start = headers.get(header.info as usize).map_or(0, |section| section.addr);
        let start = if is_relocatable { 0 } else { start };
        for reloc in relocs.iter() {
            let of_symbol = uses.entry(reloc.symbol).or_default();
            if of_symbol.len() < MOST_USES {
                of_symbol.push((header.info, reloc.offset.wrapping_sub(start)));
            }
        }
    }
    Some(uses)
}
