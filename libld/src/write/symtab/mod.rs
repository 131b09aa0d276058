//! `.symtab` and `.strtab` of the output: for debuggers, profilers and people.
//!
//! Every file has a block of local symbols and one of global symbols, as the table wants all local
//! ones first. Between them are the global symbols that became local: hidden ones of a library,
//! those of a version script's `local:`, those of the link itself. Blocks are counted in parallel,
//! get their places, and are filled in parallel.
//!
//! ```text
//! null | FILE a.c, locals of a.o | FILE b.o, locals of b.o | FILE "", what became local | globals
//! ```

mod entries;

use std::ops::Range;

use libelf::Encoding;
use libelf::raw::{STB_GNU_UNIQUE, STB_LOCAL, STT_FILE, STT_GNU_IFUNC, STT_SECTION};
use rayon::prelude::*;

use crate::encode::SymbolEntry;
use crate::form::Form;
use crate::ids::{FileId, SectionId, SymbolId};
use crate::layout::Role;
use crate::names::Names;
use crate::options::{Discard, Strip};
use crate::relocatable::SymbolNumbers;
use crate::relocatable::symbols::Retained;
use crate::resolve::{Resolved, State};
use crate::scan::{Facts, Scanned};
use crate::write::Addresses;
use crate::write::room::Room;
use crate::write::unique::UniqueNames;
use entries::{Detail, Part, Source, each, file_entry, undefined};

/// What the table follows from.
pub struct SymtabInput<'a, 'data> {
    /// Files and symbols.
    pub resolved: &'a Resolved<'data>,
    /// Names.
    pub names: &'a Names<'data>,
    /// Symbols that are undefined from the start.
    pub wanted: &'a [SymbolId],
    /// Which symbols are used.
    pub scanned: &'a Scanned,
    /// The address of everything.
    pub addresses: &'a Addresses<'a, 'data>,
    /// What is left out as a whole.
    pub strip: Strip,
    /// Which local symbols are left out.
    pub discard: Discard,
    /// The only symbols that are kept, if not all are.
    pub retained: Option<&'a Retained>,
    /// Class and byte order of the output.
    pub encoding: Encoding,
    /// The kind of output.
    pub form: Form,
    /// What is true of each symbol.
    pub facts: &'a [Facts],
    /// Whether relocations are kept, which need what they name, and symbols of sections.
    pub keeps_relocs: bool,
    /// Whether references that nothing uses are in the table (libraries without garbage
    /// collection).
    pub lists_unused: bool,
    /// Whether a program exports a definition as options name it, if it may be seen (`-E`, lists).
    pub is_exported: &'a (dyn Fn(SymbolId, &State) -> bool + Sync),
    /// What local symbols are called if each has a name of its own.
    pub unique: Option<&'a UniqueNames>,
    /// Whether a section is left out by a script, and its symbols are kept as numbers
    /// (`--no-strip-discarded`).
    pub leaves_numbers: &'a (dyn Fn(SectionId) -> bool + Sync),
    /// Whether a version script makes a symbol local.
    pub is_forced_local: &'a (dyn Fn(SymbolId, &State) -> bool + Sync),
}

/// How many parts there are.
const PARTS: usize = 3;

/// How much room a block takes: by part, its symbols; and its names.
#[derive(Clone, Copy, Debug, Default)]
struct Block {
    counts: [usize; PARTS],
    names: usize,
}

/// The tables, planned.
#[derive(Debug, Default)]
pub struct SymtabPlan {
    blocks: Vec<Block>,
    /// The output sections that have a symbol, as indexes in the layout.
    sections: Vec<u32>,
    /// How many symbols there are, the null symbol included.
    pub count: usize,
    /// The number of the first symbol that is not local: `sh_info`.
    pub first_global: usize,
    /// The number of the first symbol behind the local ones of files.
    first_localized: usize,
    /// Whether a symbol has a type or a binding that is GNU's own, so that the file says whose ABI
    /// it follows.
    pub is_gnu: bool,
    /// Whether a file without a name ends the local symbols of files.
    ends_files: bool,
    /// The size of `.strtab`, in bytes.
    pub names_size: usize,
    entry_size: usize,
}

/// Names of local symbols that are different each.
pub fn unique_names(input: &SymtabInput<'_, '_>) -> UniqueNames {
    let mut unique = UniqueNames::default();
    for file in (0..input.resolved.files.len() as u32).map(FileId) {
        each(input, Detail::Kind, file, &mut |_, source, entry, name| {
            if let Source::Local(index) = source
                && entry.kind != STT_FILE
            {
                unique.add(file, index, name);
            }
        });
    }
    unique
}

impl SymtabPlan {
    /// Counts the symbols.
    pub fn new(input: &SymtabInput<'_, '_>) -> Self {
        let entry_size = if input.encoding.is_64() { 24 } else { 16 };
        if input.strip == Strip::All {
            return Self { entry_size, ..Self::default() };
        }
        let files = (0..input.resolved.files.len() as u32).into_par_iter();
        let blocks: Vec<(Block, bool, bool)> = files
            .map(|file| {
                let (mut names_files, mut is_gnu) = (false, false);
                let mut block = Block::default();
                each(input, Detail::Kind, FileId(file), &mut |part, _, entry, name| {
                    // A name and its zero byte; that of no name is the table's first byte.
                    block.names += if name.is_empty() { 0 } else { name.len() + 1 };
                    if let Some(count) = block.counts.get_mut(part as usize) {
                        *count += 1;
                    }
                    names_files |= part == Part::Locals && entry.kind == STT_FILE;
                    is_gnu |= entry.kind == STT_GNU_IFUNC || entry.bind == STB_GNU_UNIQUE;
                });
                (block, names_files, is_gnu)
            })
            .collect();
        let names_files = blocks.iter().any(|(_, names_files, _)| *names_files);
        let is_gnu = blocks.iter().any(|(.., is_gnu)| *is_gnu);
        let blocks: Vec<Block> = blocks.into_iter().map(|(block, ..)| block).collect();
        let count =
            |part: usize| blocks.iter().filter_map(|block| block.counts.get(part)).sum::<usize>();
        let [locals, localized, globals] = [count(0), count(1), count(2)];
        let names: usize = blocks.iter().map(|block| block.names).sum();
        let ends_files = names_files && localized != 0;
        let sections = if input.keeps_relocs { sections_with_symbols(input) } else { Vec::new() };
        let first_localized = 1 + sections.len() + locals;
        let first_global = first_localized + usize::from(ends_files) + localized;
        Self {
            blocks,
            sections,
            count: first_global + globals,
            first_global,
            first_localized,
            is_gnu,
            ends_files,
            names_size: 1 + names,
            entry_size,
        }
    }

    /// The size of `.symtab`, in bytes.
    pub const fn size(&self) -> usize {
        self.count * self.entry_size
    }

    /// The numbers of all symbols in the table.
    pub fn numbers(&self, input: &SymtabInput<'_, '_>) -> SymbolNumbers {
        let sections = input.addresses.layout().sections.len();
        let mut numbers = SymbolNumbers::new(input.resolved, sections);
        for (number, &section) in (1..).zip(&self.sections) {
            numbers.set_section(section, number);
        }
        let starts = [
            1 + self.sections.len(),
            self.first_localized + usize::from(self.ends_files),
            self.first_global,
        ];
        let mut next = starts.map(|start| start as u32);
        let files = (0..input.resolved.files.len() as u32).into_par_iter().map(FileId);
        let sources = files.map(|file| {
            let mut sources = Vec::new();
            each(input, Detail::Kind, file, &mut |part, source, _, _| sources.push((part, source)));
            (file, sources)
        });
        for (file, sources) in sources.collect::<Vec<_>>() {
            for (part, source) in sources {
                let Some(next) = next.get_mut(part as usize) else { continue };
                match source {
                    Source::Local(index) => numbers.set_local(file, index, *next),
                    Source::Global(id) => numbers.set_global(id, *next),
                    Source::Made => {}
                }
                *next += 1;
            }
        }
        numbers
    }

    /// The symbols of output sections.
    fn of_sections(&self, input: &SymtabInput<'_, '_>) -> Vec<u8> {
        let layout = input.addresses.layout();
        let mut bytes = Vec::with_capacity(self.sections.len() * self.entry_size);
        for &number in &self.sections {
            let value = layout.sections.get(number as usize).map_or(0, |section| section.addr);
            let section = header_index(number);
            let entry = SymbolEntry { value, section, kind: STT_SECTION, ..undefined(STB_LOCAL) };
            entry.write(&mut bytes, 0, input.encoding);
        }
        bytes
    }

    /// Writes both tables at their offsets in the file.
    pub fn write(
        &self,
        input: &SymtabInput<'_, '_>,
        symbols_at: u64,
        names_at: u64,
        room: &dyn Room,
    ) {
        let symbol_at =
            |number: usize| symbols_at.saturating_add((number * self.entry_size) as u64);
        room.put(symbol_at(1), &self.of_sections(input));
        if self.ends_files {
            let mut entry = Vec::with_capacity(self.entry_size);
            file_entry().write(&mut entry, 0, input.encoding);
            room.put(symbol_at(self.first_localized), &entry);
        }
        self.batches().into_par_iter().for_each_init(Buffers::default, |buffers, batch| {
            buffers.fill(input, &batch);
            for (part, number) in buffers.parts.iter_mut().zip(batch.numbers) {
                *part = room.give(symbol_at(number), std::mem::take(part));
            }
            let names_at = names_at.saturating_add(batch.name_at as u64);
            buffers.names = room.give(names_at, std::mem::take(&mut buffers.names));
        });
    }

    /// All files, in batches that are worth a thread's while.
    fn batches(&self) -> Vec<Batch> {
        let mut numbers = [
            1 + self.sections.len(),
            self.first_localized + usize::from(self.ends_files),
            self.first_global,
        ];
        let mut name_at = 1_usize;
        let mut batches: Vec<Batch> = Vec::new();
        let mut size = usize::MAX;
        for (file, block) in (0_u32..).zip(&self.blocks) {
            match batches.last_mut() {
                Some(batch) if size < BATCH_BYTES => batch.files.end = file + 1,
                _ => {
                    size = 0;
                    batches.push(Batch { files: file..file + 1, numbers, name_at });
                }
            }
            for (number, &count) in numbers.iter_mut().zip(&block.counts) {
                *number += count;
                size += count * self.entry_size;
            }
            name_at += block.names;
            size += block.names;
        }
        batches
    }
}

/// How many bytes of both tables a batch has at least, if there are as many.
const BATCH_BYTES: usize = 1 << 18;

/// Files whose entries are made together.
struct Batch {
    files: Range<u32>,
    /// The number of the first symbol of each part.
    numbers: [usize; PARTS],
    /// Where their names start in `.strtab`.
    name_at: usize,
}

/// What a batch adds to the tables.
#[derive(Default)]
struct Buffers {
    parts: [Vec<u8>; PARTS],
    names: Vec<u8>,
}

impl Buffers {
    fn fill(&mut self, input: &SymtabInput<'_, '_>, batch: &Batch) {
        let Self { parts, names } = self;
        parts.iter_mut().for_each(Vec::clear);
        names.clear();
        for file in batch.files.clone() {
            each(input, Detail::All, FileId(file), &mut |part, _, entry, name| {
                let offset = if name.is_empty() { 0 } else { (batch.name_at + names.len()) as u32 };
                if let Some(bytes) = parts.get_mut(part as usize) {
                    entry.write(bytes, offset, input.encoding);
                }
                if !name.is_empty() {
                    names.extend_from_slice(name);
                    names.push(0);
                }
            });
        }
    }
}

/// The output sections that have a symbol: all but tables of relocations.
fn sections_with_symbols(input: &SymtabInput<'_, '_>) -> Vec<u32> {
    let sections = (0_u32..).zip(&input.addresses.layout().sections);
    let with_symbols = sections.filter(|(_, it)| it.role == Role::Contents);
    with_symbols.map(|(number, _)| number).collect()
}

/// The section header index of an output section.
pub const fn header_index(output: u32) -> u16 {
    (output + 1) as u16
}
