//! Symbols of the file: the function of an address that debugging information does not know, and
//! the address of a name.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use common::demangle::{Style, SymbolNames};
use libelf::File;
use libelf::raw::{ET_REL, SHF_ALLOC, STB_LOCAL, STT_FILE, STT_SECTION};
use libsymtab::address::{self, Options};
use libsymtab::{AddressIndex, Source, Symbol, SymbolTable};

use hashbrown::HashMap;
use std::sync::Arc;
use std::sync::Mutex;

/// So many questions are answered by a look at all symbols, before an index is made.
const FEW: u32 = 3;

/// The symbol of an address.
#[derive(Clone, Copy, Debug)]
pub struct Nearest<'data> {
    pub name: &'data [u8],
    /// Where it starts: an address, in relocatable files an offset in its section.
    pub start: u64,
    /// Its size in bytes, 0 if it is not known.
    pub size: u64,
    /// The source file that it is of, as far as symbols tell.
    pub file: Option<&'data [u8]>,
}

/// The symbols of a file.
#[derive(Debug)]
pub struct Symbols<'data> {
    tables: Vec<SymbolTable<'data>>,
    is_relocatable: bool,
    asked: AtomicU32,
    index: OnceLock<AddressIndex<'data>>,
    /// Of relocatable files: by section.
    indexes: Mutex<HashMap<u32, Arc<AddressIndex<'data>>, foldhash::fast::FixedState>>,
    files: OnceLock<SourceFiles<'data>>,
}

/// The source files that symbols tell of.
#[derive(Debug, Default)]
struct SourceFiles<'data> {
    /// The number of the symbol and the name, ascending.
    names: Vec<(u32, &'data [u8])>,
    /// Whether there is but one part, so that global symbols are of the last file.
    is_one_part: bool,
}

impl<'data> Symbols<'data> {
    /// Those of the symbol table of a separate debug file, else of the file itself, else the dynamic
    /// ones. Without a separate file `debug` is the same.
    pub fn of_files(file: &File<'data>, debug: &File<'data>) -> Self {
        let table = |file, source| {
            let table = SymbolTable::of_file(file, source).ok().flatten();
            table.filter(|table| !table.is_empty())
        };
        // Sections must be the same, as symbols name them by number.
        let is_alike = names_of_sections(file).eq(names_of_sections(debug));
        let table = Some(debug)
            .filter(|_| is_alike)
            .and_then(|debug| table(debug, Source::Static))
            .or_else(|| table(file, Source::Static))
            .or_else(|| table(file, Source::Dynamic));
        Self {
            tables: table.into_iter().collect(),
            is_relocatable: file.header().kind == ET_REL,
            asked: AtomicU32::new(0),
            index: OnceLock::new(),
            indexes: Mutex::default(),
            files: OnceLock::new(),
        }
    }

    /// The symbol of code that an offset of a section has; `address` is the section's.
    pub fn nearest(&self, section: u32, address: u64, offset: u64) -> Option<Nearest<'data>> {
        let (options, at) = if self.is_relocatable {
            (Options { section: Some(section), ..Options::default() }, offset)
        } else {
            (Options::default(), address.wrapping_add(offset))
        };
        let found = if self.asked.fetch_add(1, Ordering::Relaxed) < FEW {
            address::nearest(&self.tables, at, &options)?
        } else if self.is_relocatable {
            self.index_of(section, &options)?.lookup(at)?
        } else {
            self.index.get_or_init(|| AddressIndex::build(&self.tables, &options)).lookup(at)?
        };
        // Of a single table the numbers are its own.
        let symbol = self.tables.first()?.get(found.id)?;
        let file = self.source_file(&symbol);
        Some(Nearest { name: found.name, start: found.start, size: symbol.size, file })
    }

    fn index_of(&self, section: u32, options: &Options) -> Option<Arc<AddressIndex<'data>>> {
        let mut indexes = self.indexes.lock().ok()?;
        let make = || Arc::new(AddressIndex::build(&self.tables, options));
        Some(Arc::clone(indexes.entry(section).or_insert_with(make)))
    }

    /// The source file that a symbol is of, as far as symbols tell.
    fn source_file(&self, symbol: &Symbol<'data>) -> Option<&'data [u8]> {
        let files = self.files.get_or_init(|| SourceFiles::of(self.tables.first()));
        let after = files.names.partition_point(|(index, _)| *index < symbol.index);
        let (_, name) = files.names.get(after.checked_sub(1)?)?;
        (symbol.bind == STB_LOCAL || files.is_one_part).then_some(*name)
    }

    /// The value of the first symbol with a name, mangled or not; of one that is not defined here
    /// it is 0 mostly.
    pub fn find(&self, name: &[u8]) -> Option<u64> {
        if name.is_empty() {
            return None;
        }
        let mut names = SymbolNames::new(Style::Auto, true);
        let mut symbols = self.tables.iter().flat_map(SymbolTable::iter);
        let symbol = symbols.find(|symbol| {
            let is_named = symbol.kind != STT_FILE && symbol.kind != STT_SECTION;
            is_named && (symbol.name == name || names.demangled(symbol.name) == Some(name))
        })?;
        Some(symbol.value)
    }
}

/// The names of the sections that are in memory, with their numbers.
fn names_of_sections<'data>(file: &File<'data>) -> impl Iterator<Item = (u32, &'data [u8])> {
    let names = file.section_names().unwrap_or_default();
    let headers = file.section_headers().ok();
    let headers = headers.into_iter().flat_map(|headers| (0..).zip(headers.iter()));
    headers.filter(|(_, header)| header.flags & SHF_ALLOC.0 != 0).map(move |(number, header)| {
        (number, names.get_cut(header.name.into()).unwrap_or_default())
    })
}

impl<'data> SourceFiles<'data> {
    fn of(table: Option<&SymbolTable<'data>>) -> Self {
        let mut files = Self { names: Vec::new(), is_one_part: true };
        let mut has_others = false;
        for symbol in table.into_iter().flat_map(SymbolTable::iter) {
            if symbol.kind == STT_FILE {
                files.is_one_part &= !has_others;
                files.names.push((symbol.index, symbol.name));
            } else {
                has_others = true;
            }
        }
        files
    }
}
