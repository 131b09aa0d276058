//! The symbols of a file, wherever they lie.
//!
//! A stripped file has its symbols elsewhere. [`Symbols::load`] takes the best there are:
//!
//! 1. `.symtab` of the file itself;
//! 2. else `.symtab` of its separate debug file, which [`libelf::debugfile`] searches;
//! 3. else the file in `.gnu_debugdata` and `.dynsym`, which complete each other;
//! 4. else `.dynsym` alone, or without section headers what `DT_SYMTAB` leads to.
//!
//! What is unpacked or mapped for that must live as long as the symbols that borrow from it: it is
//! kept in a [`Backing`], which the caller makes before.

use std::path::Path;
use std::sync::OnceLock;

use libelf::File;
use libelf::debugfile::{Found, Search};
use libelf::linkview::LinkView;
use libelf::raw::{STB_GLOBAL, STT_FUNC};

use crate::mini_debug;
use crate::symbol::{Section, Source, Symbol};
use crate::synthetic::synthetic;
use crate::table::{Made, SymbolTable};
use crate::{address, names};

/// Keeps what symbols borrow from beside the bytes of their file.
#[derive(Debug, Default)]
pub struct Backing {
    unpacked: OnceLock<Option<Vec<u8>>>,
    debug_file: OnceLock<Option<Found>>,
    synthetic: OnceLock<Made>,
}

impl Backing {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The debug file that was found, if one was searched.
    pub fn debug_file(&self) -> Option<&Found> {
        self.debug_file.get()?.as_ref()
    }
}

/// The symbols of a file.
#[derive(Clone, Debug)]
pub struct Symbols<'data> {
    /// The tables they stand in, the best first. Others may be added.
    pub tables: Vec<SymbolTable<'data>>,
}

impl<'data> Symbols<'data> {
    /// The best tables of `file`. A separate debug file is searched if `place` tells where the
    /// file itself lies, and where to search. Tables that are damaged are passed over.
    pub fn load(
        file: &File<'data>,
        place: Option<(&Path, &Search)>,
        backing: &'data Backing,
    ) -> Self {
        let of_file = |file: &File<'data>, source| {
            SymbolTable::of_file(file, source).ok().flatten().filter(|table| !table.is_empty())
        };
        if let Some(table) = of_file(file, Source::Static) {
            return Self { tables: vec![table] };
        }
        if let Some((path, search)) = place {
            let found = backing.debug_file.get_or_init(|| search.debug_file(file, path));
            let bytes = found.as_ref().map(|found| &*found.bytes);
            let debug_file = bytes.and_then(|bytes| File::parse(bytes).ok());
            if let Some(table) = debug_file.and_then(|file| of_file(&file, Source::DebugFile)) {
                return Self { tables: vec![table] };
            }
        }
        let unpacked = backing.unpacked.get_or_init(|| mini_debug::unpack(file).ok().flatten());
        let inside = unpacked.as_ref().and_then(|bytes| File::parse(bytes).ok());
        let tables = inside
            .and_then(|file| of_file(&file, Source::MiniDebug))
            .into_iter()
            .chain(of_file(file, Source::Dynamic).or_else(|| SymbolTable::of_segments(file)))
            .collect();
        Self { tables }
    }

    /// Adds a table of the entries of procedure linkage tables, `getenv@plt` and the like, if
    /// `file` has any: see [`crate::synthetic`].
    pub fn add_synthetic(&mut self, file: &File<'data>, backing: &'data Backing) {
        let made = backing.synthetic.get_or_init(|| made(file));
        if !made.is_empty() {
            self.tables.push(SymbolTable::of_made(made, file));
        }
    }

    /// The symbols in the order of their tables.
    pub fn iter(&self) -> impl Iterator<Item = Symbol<'data>> + '_ {
        self.tables.iter().flat_map(SymbolTable::iter)
    }

    /// The definition that a name means best, through hash tables where there are any;
    /// [`names::NameIndex`] is for many names.
    pub fn find(&self, name: &[u8]) -> Option<Symbol<'data>> {
        names::best(self.tables.iter().flat_map(|table| names::definitions(table, name)))
    }

    /// The code symbol that an address has, as GNU addr2line would say, by one look at each symbol;
    /// [`address::AddressIndex`] is for many addresses.
    pub fn nearest(&self, address: u64) -> Option<address::Found<'data>> {
        address::nearest(&self.tables, address, &address::Options::default())
    }
}

/// The synthetic symbols of a file, none if it is damaged.
fn made(file: &File<'_>) -> Made {
    let mut made = Made::default();
    let Ok(view) = LinkView::parse(file.data()) else { return made };
    for entry in synthetic(file, &view) {
        let symbol = Symbol {
            name: &entry.name,
            value: entry.value,
            size: 0,
            kind: STT_FUNC,
            bind: STB_GLOBAL,
            other: 0,
            section: Section::Index(entry.section),
            version: None,
            group: None,
            index: 0,
            source: Source::Synthetic,
        };
        made.push(&symbol);
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_running_test_is_found_by_name_and_address() {
        let path = std::env::current_exe().unwrap();
        let bytes = libelf::map::read(&path).unwrap();
        let file = File::parse(&bytes).unwrap();
        let backing = Backing::new();
        let symbols = Symbols::load(&file, Some((&path, &Search::default())), &backing);
        assert_eq!(symbols.tables[0].source(), Source::Static);
        let main = symbols.find(b"main").unwrap();
        let found = symbols.nearest(main.value).unwrap();
        assert_eq!((found.name, found.start), (&b"main"[..], main.value));
        assert!(symbols.iter().count() > 100);
        assert!(backing.debug_file().is_none());
    }

    #[test]
    fn synthetic_symbols_are_found_as_others_are() {
        // Any program of the system whose calls go through a table of their own section.
        let bytes = libelf::map::read("/bin/sh").unwrap();
        let file = File::parse(&bytes).unwrap();
        let backing = Backing::new();
        let mut symbols = Symbols::load(&file, None, &backing);
        symbols.add_synthetic(&file, &backing);
        let made: Vec<_> =
            symbols.iter().filter(|symbol| symbol.source == Source::Synthetic).collect();
        for symbol in made {
            assert!(symbol.name.ends_with(b"@plt"), "{}", symbol.name.escape_ascii());
            let found = symbols.nearest(symbol.value).unwrap();
            assert_eq!(found.start, symbol.value);
            assert!(symbols.find(symbol.name).is_some());
        }
    }
}
