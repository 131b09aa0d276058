//! One symbol table, from one place.
//!
//! A table costs what its section header costs: symbols are decoded when they are asked for, and
//! borrow their names from the bytes of the file. Only texts are looked through once, for where
//! their lines start.

use std::ops::Range;
use std::sync::Arc;

use libelf::archive::{IndexEntry, SymbolIndex};
use libelf::raw::{
    SHT_DYNSYM, SHT_SYMTAB, STB_GLOBAL, STT_NOTYPE, SectionType, SymbolBind, SymbolType,
};
use libelf::{File, Result};

use crate::segments;
use crate::symbol::{Section, Source, Symbol};
use crate::text::Lines;
use crate::version::Versions;

/// The most symbols that are read from the index of an archive: more than a real one has.
const MOST_ARCHIVE_SYMBOLS: usize = 10_000_000;

/// A symbol table over borrowed bytes. A clone shares what was read.
#[derive(Clone, Debug)]
pub struct SymbolTable<'data> {
    source: Source,
    contents: Contents<'data>,
}

#[derive(Clone, Debug)]
enum Contents<'data> {
    Elf(Arc<ElfTable<'data>>),
    Archive(Arc<[IndexEntry<'data>]>),
    Lines(Arc<Lines<'data>>),
    Made(&'data Made, File<'data>),
}

/// A table of an ELF file, with what belongs to it.
#[derive(Clone, Debug)]
pub struct ElfTable<'data> {
    /// The file it stands in.
    pub file: File<'data>,
    /// The symbols as stored, and their names. The number of their section is 0 if they were found
    /// without section headers.
    pub symbols: libelf::symbol::SymbolTable<'data>,
    /// Their versions, in dynamic tables.
    pub versions: Versions<'data>,
}

/// Symbols that stand in no file, and their names.
#[derive(Clone, Debug, Default)]
pub struct Made {
    names: Vec<u8>,
    symbols: Vec<MadeSymbol>,
}

#[derive(Clone, Debug)]
struct MadeSymbol {
    name: Range<usize>,
    value: u64,
    size: u64,
    kind: SymbolType,
    bind: SymbolBind,
    section: Section,
}

impl Made {
    /// Adds a symbol. Its name, value, size, type, binding and section count.
    pub fn push(&mut self, symbol: &Symbol<'_>) {
        let start = self.names.len();
        self.names.extend_from_slice(symbol.name);
        self.symbols.push(MadeSymbol {
            name: start..self.names.len(),
            value: symbol.value,
            size: symbol.size,
            kind: symbol.kind,
            bind: symbol.bind,
            section: symbol.section,
        });
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.symbols.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.symbols.is_empty()
    }

    fn get(&self, index: u32) -> Option<Symbol<'_>> {
        let made = self.symbols.get(index as usize)?;
        Some(Symbol {
            name: self.names.get(made.name.clone()).unwrap_or_default(),
            value: made.value,
            size: made.size,
            kind: made.kind,
            bind: made.bind,
            other: 0,
            section: made.section,
            version: None,
            group: None,
            index,
            source: Source::Synthetic,
        })
    }
}

impl<'data> SymbolTable<'data> {
    /// The first table of `file` that is a `SHT_SYMTAB` ([`Source::Static`]) or `SHT_DYNSYM`
    /// ([`Source::Dynamic`]); `None` if it has none, or for another source.
    ///
    /// # Errors
    /// Those of [`File::symbol_table`].
    pub fn of_file(file: &File<'data>, source: Source) -> Result<Option<Self>> {
        let kind = match source {
            Source::Static | Source::MiniDebug | Source::DebugFile => SHT_SYMTAB,
            Source::Dynamic => SHT_DYNSYM,
            _ => return Ok(None),
        };
        let Some((index, _)) = file.section_by_kind(kind)? else { return Ok(None) };
        let symbols = file.symbol_table(index)?;
        Ok(Some(Self::of_section(file, symbols, kind, source)))
    }

    /// The first `SHT_SYMTAB` of `file`, all of whose symbols are without a name: for files whose
    /// strings lie outside, so that [`Self::of_file`] fails. `None` if the file has none.
    ///
    /// # Errors
    /// Those of [`File::nameless_symbol_table`].
    pub fn without_names(file: &File<'data>) -> Result<Option<Self>> {
        let Some((index, _)) = file.section_by_kind(SHT_SYMTAB)? else { return Ok(None) };
        let symbols = file.nameless_symbol_table(index)?;
        Ok(Some(Self::of_section(file, symbols, SHT_SYMTAB, Source::Static)))
    }

    fn of_section(
        file: &File<'data>,
        symbols: libelf::symbol::SymbolTable<'data>,
        kind: SectionType,
        source: Source,
    ) -> Self {
        let versions = match kind {
            SHT_DYNSYM => Versions::read(file, symbols.section),
            _ => Versions::default(),
        };
        let table = ElfTable { file: *file, symbols, versions };
        Self { source, contents: Contents::Elf(Arc::new(table)) }
    }

    /// The dynamic symbol table as the loader finds it, through the dynamic section: for files
    /// without section headers. `None` if there is none, or its hash tables do not tell how long
    /// it is.
    pub fn of_segments(file: &File<'data>) -> Option<Self> {
        let dynamic = file.dynamic().ok()?;
        let symbols = segments::symbols(file, &dynamic)?;
        let versions = Versions::of_segments(file, &dynamic);
        let table = ElfTable { file: *file, symbols, versions };
        Some(Self { source: Source::Dynamic, contents: Contents::Elf(Arc::new(table)) })
    }

    /// The symbol index of an archive. Symbols behind a damaged entry are left out.
    ///
    /// # Errors
    /// Those of [`SymbolIndex::symbols`].
    pub fn of_archive(index: &SymbolIndex<'data>) -> Result<Self> {
        let entries = index.symbols()?.map_while(Result::ok).take(MOST_ARCHIVE_SYMBOLS).collect();
        Ok(Self { source: Source::ArchiveIndex, contents: Contents::Archive(entries) })
    }

    /// Symbols that were made for `file`, whose sections they name.
    pub fn of_made(made: &'data Made, file: &File<'data>) -> Self {
        Self { source: Source::Synthetic, contents: Contents::Made(made, *file) }
    }

    pub(crate) fn of_lines(source: Source, lines: Lines<'data>) -> Self {
        Self { source, contents: Contents::Lines(Arc::new(lines)) }
    }

    /// The kind of table.
    pub fn source(&self) -> Source {
        self.source
    }

    /// The table as it stands in an ELF file, if it does.
    pub fn elf(&self) -> Option<&ElfTable<'data>> {
        match &self.contents {
            Contents::Elf(table) => Some(table),
            _ => None,
        }
    }

    /// The file whose sections its symbols name, if they name any.
    pub fn file(&self) -> Option<&File<'data>> {
        match &self.contents {
            Contents::Elf(table) => Some(&table.file),
            Contents::Made(_, file) => Some(file),
            Contents::Archive(_) | Contents::Lines(_) => None,
        }
    }

    /// The bytes that all names of its symbols lie in, if they lie together.
    pub(crate) fn name_bytes(&self) -> &'data [u8] {
        match &self.contents {
            Contents::Elf(table) => table.symbols.strings.bytes(),
            Contents::Archive(_) => &[],
            Contents::Lines(lines) => lines.text(),
            Contents::Made(made, _) => &made.names,
        }
    }

    /// The numbers of its symbols: all for which [`Self::get`] finds one. The first entry of a
    /// table of ELF is reserved and no symbol.
    pub fn indexes(&self) -> Range<u32> {
        let capped = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        match &self.contents {
            Contents::Elf(table) => 1..capped(table.symbols.symbols.len()).max(1),
            Contents::Archive(entries) => 0..capped(entries.len()),
            Contents::Lines(lines) => 0..capped(lines.len()),
            Contents::Made(made, _) => 0..capped(made.len()),
        }
    }

    /// How many symbols it has.
    pub fn len(&self) -> usize {
        self.indexes().len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.indexes().is_empty()
    }

    /// The symbol with this number.
    pub fn get(&self, index: u32) -> Option<Symbol<'data>> {
        match &self.contents {
            Contents::Elf(table) if index > 0 => table.get(index, self.source),
            Contents::Elf(_) => None,
            Contents::Archive(entries) => {
                let entry = entries.get(index as usize)?;
                Some(Symbol {
                    name: entry.name,
                    value: entry.member,
                    size: 0,
                    kind: STT_NOTYPE,
                    bind: STB_GLOBAL,
                    other: 0,
                    section: Section::Absolute,
                    version: None,
                    group: None,
                    index,
                    source: self.source,
                })
            }
            Contents::Lines(lines) => lines.get(index),
            Contents::Made(made, _) => made.get(index),
        }
    }

    /// Whether the symbol with this number has this name; costs no more than a look at as many
    /// bytes.
    pub(crate) fn has_name(&self, index: u32, name: &[u8]) -> bool {
        match &self.contents {
            Contents::Elf(table) => {
                let stored = table.symbols.symbols.get(index as usize);
                stored.is_some_and(|stored| table.symbols.strings.is_at(stored.name.into(), name))
            }
            _ => self.get(index).is_some_and(|symbol| symbol.name == name),
        }
    }

    /// The symbol with this number, without its name and version where they take time.
    pub(crate) fn numbers(&self, index: u32) -> Option<Symbol<'data>> {
        match &self.contents {
            Contents::Elf(table) => table.numbers(index, self.source),
            _ => self.get(index),
        }
    }

    /// The first bytes of a symbol's name, at most `limit`.
    pub(crate) fn name_up_to(&self, index: u32, limit: usize) -> Option<&'data [u8]> {
        if let Contents::Elf(table) = &self.contents {
            let stored = table.symbols.symbols.get(index as usize)?;
            return table.symbols.strings.get_up_to(stored.name.into(), limit);
        }
        let name = self.get(index)?.name;
        Some(name.get(..limit).unwrap_or(name))
    }

    /// The symbols in the order of the table.
    pub fn iter(&self) -> impl Iterator<Item = Symbol<'data>> + '_ {
        self.indexes().filter_map(|index| self.get(index))
    }
}

impl<'data> ElfTable<'data> {
    fn get(&self, index: u32, source: Source) -> Option<Symbol<'data>> {
        let stored = self.symbols.symbols.get(index as usize)?;
        Some(Symbol {
            name: self.symbols.strings.get_cut(stored.name.into()).unwrap_or_default(),
            version: self.versions.of(index),
            ..self.numbers(index, source)?
        })
    }

    fn numbers(&self, index: u32, source: Source) -> Option<Symbol<'data>> {
        let stored = self.symbols.symbols.get(index as usize)?;
        Some(Symbol {
            name: &[],
            value: stored.value,
            size: stored.size,
            kind: stored.kind(),
            bind: stored.binding(),
            other: stored.other,
            section: self.section(index, &stored),
            version: None,
            group: None,
            index,
            source,
        })
    }

    /// Where the symbol with this index, stored as `symbol`, is defined.
    pub fn section(&self, index: u32, symbol: &libelf::Symbol) -> Section {
        Section::new(symbol.shndx, self.symbols.extended.get(index as usize))
    }
}
