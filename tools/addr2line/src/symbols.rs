//! Symbols of the file: the function of an address that debugging information does not know, and
//! the address of a name.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use common::demangle::{Style, SymbolNames};
use libelf::raw::{
    EM_ARM, EM_PPC64, ET_DYN, ET_EXEC, SHF_ALLOC, STB_GLOBAL, STB_LOCAL, STT_FILE, STT_FUNC,
    STT_SECTION,
};
use libelf::{File, linkview};
use libsymtab::address::{self, Options};
use libsymtab::{AddressIndex, Source, Symbol, SymbolTable};

use hashbrown::HashMap;
use std::sync::Arc;
use std::sync::Mutex;

/// So many questions are answered by a look at all symbols, before an index is made.
const FEW: u32 = 3;

/// The name of a symbol whose name cannot be had.
const NO_NAME: &[u8] = b"(null)";

/// The symbol of an address.
#[derive(Clone, Copy, Debug)]
pub struct Nearest<'data> {
    pub name: &'data [u8],
    /// Where it starts: an address, in relocatable files an offset in its section.
    pub start: u64,
    /// The same as the table says it: of a function with a descriptor where that is, in its section.
    pub value: u64,
    /// Its size in bytes, 0 if it is not known.
    pub size: u64,
    /// The source file that it is of, as far as symbols tell.
    pub file: Option<&'data [u8]>,
}

/// The symbols of a file.
#[derive(Debug)]
pub struct Symbols<'data> {
    tables: Vec<SymbolTable<'data>>,
    /// The same as linkers read it, where some of its names cannot be had.
    damaged: Option<linkview::Symbols<'data>>,
    /// Whether values are offsets in sections, not addresses.
    is_relocatable: bool,
    is_arm: bool,
    /// Whether symbols of functions may stand at descriptors, as on 64-bit PowerPC.
    has_descriptors: bool,
    asked: AtomicU32,
    index: OnceLock<AddressIndex<'data>>,
    /// Of relocatable files: by section.
    indexes: Mutex<HashMap<u32, Arc<AddressIndex<'data>>, foldhash::fast::FixedState>>,
    files: OnceLock<SourceFiles<'data>>,
    /// Global symbols: the section, the value, and the number; ascending.
    globals: OnceLock<Vec<(u32, u64, u32)>>,
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
            let table = match SymbolTable::of_file(file, source) {
                Err(_) if source == Source::Static => SymbolTable::without_names(file),
                read => read,
            };
            table.ok().flatten().filter(|table| !table.is_empty())
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
            damaged: None,
            is_relocatable: !matches!(file.header().kind, ET_EXEC | ET_DYN),
            is_arm: file.header().machine == EM_ARM,
            has_descriptors: file.header().machine == EM_PPC64,
            asked: AtomicU32::new(0),
            index: OnceLock::new(),
            indexes: Mutex::default(),
            files: OnceLock::new(),
            globals: OnceLock::new(),
        }
    }

    /// Whether [`Nearest::start`] counts from the start of the section.
    pub fn are_offsets(&self) -> bool {
        self.is_relocatable
    }

    /// Takes the symbols for those that linkers can read.
    pub fn restrict(&mut self, readable: Option<linkview::Symbols<'data>>) {
        match readable {
            None => self.tables.clear(),
            Some(symbols) => {
                // Where strings do not start with an empty one, symbols without a name seem to have
                // one.
                let first = symbols.sound_strings().and_then(<[u8]>::first);
                if symbols.has_lost_names() || first.is_some_and(|first| *first != 0) {
                    self.damaged = Some(symbols);
                }
            }
        }
    }

    /// A symbol's name.
    fn name(&self, symbol: &Symbol<'data>) -> &'data [u8] {
        let Some(damaged) = &self.damaged else { return symbol.name };
        let index = symbol.index as usize;
        let stored = damaged.table.get(index);
        stored.and_then(|stored| damaged.name(index, &stored)).unwrap_or(NO_NAME)
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
        let name = if self.damaged.is_some() { self.name(&symbol) } else { found.name };
        let value = if self.has_descriptors { symbol.value } else { found.start };
        Some(Nearest { name, start: found.start, value, size: symbol.size, file })
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
        let name = if self.damaged.is_some() && name.is_empty() { NO_NAME } else { name };
        (symbol.bind == STB_LOCAL || files.is_one_part).then_some(name)
    }

    /// The name of the first global symbol that starts at an offset of a section; `address` is the
    /// section's.
    pub fn global_at(&self, section: u32, address: u64, offset: u64) -> Option<&'data [u8]> {
        let table = self.tables.first()?;
        let globals = self.globals.get_or_init(|| {
            let symbols = table.iter().filter(|symbol| symbol.bind == STB_GLOBAL);
            let mut globals: Vec<_> = symbols
                .filter_map(|symbol| Some((symbol.section.index()?, symbol.value, symbol.index)))
                .collect();
            globals.sort_unstable();
            globals
        });
        let value = if self.is_relocatable { offset } else { address.wrapping_add(offset) };
        let place = globals.partition_point(|global| *global < (section, value, 0));
        let (.., index) =
            globals.get(place).filter(|(at, start, _)| (*at, *start) == (section, value))?;
        Some(self.name(&table.get(*index)?))
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
        let is_odd = self.is_arm && symbol.kind == STT_FUNC;
        // The last bit tells the instruction set.
        let value = if is_odd { symbol.value & !1 } else { symbol.value };
        let section = symbol.section.index().filter(|_| self.is_relocatable);
        let headers = self.tables.first().and_then(SymbolTable::file)?.section_headers().ok();
        let section = section.and_then(|index| headers?.get(index as usize));
        Some(value.wrapping_add(section.map_or(0, |section| section.addr)))
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
