//! The symbol table of a relocatable object.
//!
//! First the symbols of output sections, then the local symbols of each file, then the global ones.

use std::collections::HashSet;

use foldhash::fast::RandomState;
use libelf::Encoding;
use libelf::raw::{
    SHN_ABS, SHN_COMMON, SHN_LORESERVE, SHN_UNDEF, SHN_XINDEX, STB_GLOBAL, STB_GNU_UNIQUE,
    STB_LOCAL, STT_COMMON, STT_FILE, STT_GNU_IFUNC, STT_NOTYPE, STT_OBJECT, STT_SECTION,
    STV_DEFAULT, SymbolBind, SymbolType, SymbolVisibility,
};
use libelf::symbol::Symbol;

use super::groups::KeptGroup;
use super::strings::StringTable;
use crate::eh_frame::Frames;
use crate::encode::{SymbolEntry, put_u32};
use crate::ids::{FileId, SectionId, SymbolId};
use crate::input::Object;
use crate::input::object::Place;
use crate::layout::{Layout, Role};
use crate::made::INTERNAL;
use crate::names::Names;
use crate::options::{Discard, Strip};
use crate::resolve::{InputFile, Kind, Resolved, SectionSet, State};
use crate::storage::Storage;
use crate::write::unique::{UniqueNames, numbered};

/// Names of symbols (`--retain-symbols-file`).
pub type Retained = HashSet<Vec<u8>, RandomState>;

/// What the table follows from.
pub struct SymbolInput<'a, 'data> {
    /// Files and symbols.
    pub resolved: &'a Resolved<'data>,
    /// Names.
    pub names: &'a Names<'data>,
    /// Symbols that are undefined from the start.
    pub wanted: &'a [SymbolId],
    /// Where sections lie.
    pub layout: &'a Layout<'a>,
    /// What is left of `.eh_frame`.
    pub frames: &'a Frames<'data>,
    /// The groups that are kept.
    pub groups: &'a [KeptGroup<'a>],
    /// The only symbols that are kept besides those that relocations name, if not all are.
    pub retained: Option<&'a Retained>,
    /// What is left out as a whole.
    pub strip: Strip,
    /// Which local symbols are left out.
    pub discard: Discard,
    /// If each local symbol has a name of its own: what keeps them.
    pub unique: Option<&'data Storage>,
    /// Whether a section is left out by a script, and its symbols are kept as numbers.
    pub leaves_numbers: &'a (dyn Fn(SectionId) -> bool + Sync),
    /// `-z common`: common symbols have a type of their own.
    pub common_type: bool,
}

/// A symbol of the output.
#[derive(Clone, Copy, Debug)]
struct Entry {
    /// The number of its name in the string table.
    name: u32,
    value: u64,
    size: u64,
    section: Section,
    bind: SymbolBind,
    kind: SymbolType,
    visibility: SymbolVisibility,
}

/// Where a symbol is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Section {
    /// In the section with this header.
    Header(u32),
    /// One of the numbers with a meaning: undefined, absolute, common.
    Special(u16),
}

/// The numbers that symbols have in the output.
#[derive(Debug, Default)]
pub struct SymbolNumbers {
    /// By file, of each local symbol; 0 for those that are left out.
    pub locals: Vec<Box<[u32]>>,
    /// Of global symbols.
    pub globals: Vec<u32>,
    /// Of the symbols of output sections.
    pub sections: Vec<u32>,
}

impl SymbolNumbers {
    /// None; room is for all symbols of these files and for `sections` output sections.
    pub fn new(resolved: &Resolved<'_>, sections: usize) -> Self {
        let locals = resolved.files.iter().map(|file| match file {
            InputFile::Object(object) => vec![0; object.first_global as usize].into_boxed_slice(),
            _ => Box::default(),
        });
        Self {
            locals: locals.collect(),
            globals: vec![0; resolved.symbols.len()],
            sections: vec![0; sections],
        }
    }

    /// Of a local symbol; 0 if it is left out.
    pub fn local(&self, file: FileId, index: u32) -> u32 {
        let file = self.locals.get(file.index());
        file.and_then(|file| file.get(index as usize)).copied().unwrap_or(0)
    }

    /// Of a global symbol; 0 if it is left out.
    pub fn global(&self, id: SymbolId) -> u32 {
        self.globals.get(id.index()).copied().unwrap_or(0)
    }

    /// Of an output section's symbol; 0 if it has none.
    pub fn section(&self, output: u32) -> u32 {
        self.sections.get(output as usize).copied().unwrap_or(0)
    }

    /// Settles the number of an output section's symbol.
    pub fn set_section(&mut self, output: u32, number: u32) {
        if let Some(slot) = self.sections.get_mut(output as usize) {
            *slot = number;
        }
    }

    /// Settles that of a local symbol.
    pub fn set_local(&mut self, file: FileId, index: u32, number: u32) {
        let file = self.locals.get_mut(file.index());
        if let Some(slot) = file.and_then(|file| file.get_mut(index as usize)) {
            *slot = number;
        }
    }

    /// Settles that of a global symbol.
    pub fn set_global(&mut self, id: SymbolId, number: u32) {
        if let Some(slot) = self.globals.get_mut(id.index()) {
            *slot = number;
        }
    }
}

/// The tables, complete but for their encoding.
pub struct SymbolTable {
    entries: Vec<Entry>,
    /// Their names.
    pub names: Vec<u8>,
    name_offsets: Vec<u32>,
    /// The number of the first symbol that is not local.
    pub first_global: u32,
    /// Which symbol is which.
    pub numbers: SymbolNumbers,
}

impl SymbolTable {
    /// How many symbols there are, the null symbol included.
    pub fn count(&self) -> usize {
        self.entries.len() + 1
    }

    /// Whether a section's number does not fit a symbol, so that `.symtab_shndx` is needed.
    pub fn is_extended(&self) -> bool {
        self.entries.iter().any(|entry| extended(entry.section) != 0)
    }

    /// Whether symbols have types or bindings that only GNU systems know.
    pub fn is_gnu(&self) -> bool {
        let is_gnu = |it: &Entry| it.bind == STB_GNU_UNIQUE || it.kind == STT_GNU_IFUNC;
        self.entries.iter().any(is_gnu)
    }

    /// Where a symbol is that the output defines, once its sections have addresses.
    pub fn address(&self, id: SymbolId, layout: &Layout) -> Option<u64> {
        let number = self.numbers.global(id).checked_sub(1)?;
        let entry = self.entries.get(number as usize)?;
        match entry.section {
            Section::Header(number) => {
                let section = layout.sections.get(number.checked_sub(1)? as usize)?;
                Some(entry.value.wrapping_add(section.addr))
            }
            Section::Special(number) => (number == SHN_ABS.0).then_some(entry.value),
        }
    }

    /// The bytes of `.symtab` and of `.symtab_shndx`.
    pub fn encode(&self, encoding: Encoding) -> (Vec<u8>, Vec<u8>) {
        let entry_size = if encoding.is_64() { 24 } else { 16 };
        let mut table = Vec::with_capacity(entry_size * self.count());
        table.resize(entry_size, 0);
        let is_extended = self.is_extended();
        let mut indexes = Vec::new();
        if is_extended {
            put_u32(&mut indexes, 0, encoding);
        }
        for entry in &self.entries {
            let section = match entry.section {
                Section::Header(number) if number < SHN_LORESERVE.into() => number as u16,
                Section::Header(_) => SHN_XINDEX.0,
                Section::Special(number) => number,
            };
            let name = self.name_offsets.get(entry.name as usize).copied().unwrap_or(0);
            let Entry { value, size, bind, kind, visibility, .. } = *entry;
            let entry_ = SymbolEntry { value, size, section, bind, kind, visibility };
            entry_.write(&mut table, name, encoding);
            if is_extended {
                put_u32(&mut indexes, extended(entry.section), encoding);
            }
        }
        (table, indexes)
    }
}

/// What `.symtab_shndx` says of a symbol.
fn extended(section: Section) -> u32 {
    match section {
        Section::Header(number) if number >= SHN_LORESERVE.into() => number,
        _ => 0,
    }
}

/// Makes the table.
pub fn plan(input: &SymbolInput<'_, '_>) -> SymbolTable {
    let named = if input.retained.is_some() { named_globals(input) } else { HashSet::default() };
    let mut making = Making {
        input,
        named,
        entries: Vec::new(),
        names: StringTable::default(),
        numbers: SymbolNumbers::new(input.resolved, input.layout.sections.len()),
        unique_names: UniqueNames::default(),
    };
    making.of_sections();
    for (file, object) in input.resolved.objects() {
        making.locals_of(file, object);
    }
    let first_global = making.entries.len() as u32 + 1;
    for (file, object) in input.resolved.objects() {
        making.globals_of(file, object);
    }
    making.of_command_line();
    making.of_scripts();
    let strings = making.names.finish();
    let Making { entries, numbers, .. } = making;
    let (names, name_offsets) = (strings.bytes, strings.offsets);
    SymbolTable { entries, names, name_offsets, first_global, numbers }
}

/// The global symbols that relocations of the output name.
fn named_globals(input: &SymbolInput<'_, '_>) -> HashSet<SymbolId, RandomState> {
    let mut named = HashSet::default();
    for (file, object) in input.resolved.objects() {
        for index in 0..object.sections.len() as u32 {
            if input.layout.places.get(SectionId { file, index }).is_some() {
                let relocs = object.relocs_of(index);
                named.extend(relocs.iter().filter_map(|reloc| object.global(reloc.symbol)));
            }
        }
    }
    named
}

struct Making<'m, 'a, 'data> {
    input: &'m SymbolInput<'a, 'data>,
    /// If only some symbols are kept: global ones that relocations name.
    named: HashSet<SymbolId, RandomState>,
    entries: Vec<Entry>,
    names: StringTable<'data>,
    numbers: SymbolNumbers,
    unique_names: UniqueNames,
}

impl<'data> Making<'_, '_, 'data> {
    fn add(&mut self, name: &'data [u8], entry: Entry) -> u32 {
        let name = self.names.add(name);
        self.entries.push(Entry { name, ..entry });
        self.entries.len() as u32
    }

    fn of_sections(&mut self) {
        for (number, section) in self.input.layout.sections.iter().enumerate() {
            if matches!(section.role, Role::Relocs(_)) {
                continue;
            }
            let entry = Entry {
                section: Section::Header(number as u32 + 1),
                kind: STT_SECTION,
                ..local(SHN_UNDEF.0)
            };
            let symbol = self.add(b"", entry);
            self.numbers.set_section(number as u32, symbol);
        }
    }

    fn locals_of(&mut self, file: FileId, object: &Object<'data>) {
        let locals = object.symbols.range(1, object.first_global as usize);
        let mut has_file = false;
        let mut needed = NeededLocals::new(object, self.leaves_out());
        for (index, symbol) in (1_u32..).zip(locals.iter()) {
            if symbol.kind() == STT_SECTION {
                continue;
            }
            let Ok(name) = object.strings.get(symbol.name.into()) else { continue };
            if self.is_left_out(name, &symbol) {
                needed.misses();
                continue;
            }
            let Some(entry) = self.entry(file, object, index, &symbol) else { continue };
            if !has_file && symbol.kind() != STT_FILE {
                // The file names itself if it does not name its source.
                let entry = Entry { kind: STT_FILE, ..local(SHN_ABS.0) };
                self.add(object.origin.base_name(), entry);
            }
            has_file = true;
            needed.has(index);
            let name = self.unique(file, index, name, &entry);
            let number = self.add(name, entry);
            self.numbers.set_local(file, index, number);
        }
        let places = &self.input.layout.places;
        let is_there = |section| places.get(SectionId { file, index: section }).is_some();
        for (index, symbol) in needed.others(object, &is_there) {
            let Ok(name) = object.strings.get(symbol.name.into()) else { continue };
            let Some(entry) = self.entry(file, object, index, &symbol) else { continue };
            let number = self.add(name, entry);
            self.numbers.set_local(file, index, number);
        }
    }

    /// The name that a local symbol has in the output.
    fn unique(
        &mut self,
        file: FileId,
        index: u32,
        name: &'data [u8],
        entry: &Entry,
    ) -> &'data [u8] {
        match self.input.unique {
            Some(storage) if entry.kind != STT_FILE => {
                let number = self.unique_names.add(file, index, name);
                storage.keep(numbered(name, number))
            }
            _ => name,
        }
    }

    /// Whether any local symbols may be left out.
    fn leaves_out(&self) -> bool {
        self.input.strip == Strip::All
            || self.input.retained.is_some()
            || matches!(self.input.discard, Discard::Temporary | Discard::All)
    }

    fn is_retained(&self, name: &[u8]) -> bool {
        self.input.retained.is_none_or(|names| names.contains(name))
    }

    fn is_left_out(&self, name: &[u8], symbol: &Symbol) -> bool {
        if self.input.strip == Strip::All || !self.is_retained(name) {
            return true;
        }
        match self.input.discard {
            // Sections whose contents could be merged stay as they are.
            Discard::None | Discard::Merged => false,
            Discard::Temporary => symbol.kind() != STT_FILE && name.starts_with(b".L"),
            Discard::All => true,
        }
    }

    fn globals_of(&mut self, file: FileId, object: &Object<'data>) {
        for (index, &id) in (object.first_global..).zip(&object.globals) {
            if id == SymbolId::NONE {
                continue;
            }
            let state = self.input.resolved.symbols.get(id);
            if state.file != file || state.index != index {
                continue;
            }
            if !self.is_retained(self.input.names.name(id)) && !self.named.contains(&id) {
                continue;
            }
            let Some(symbol) = object.symbols.get(index as usize) else { continue };
            let Some(entry) = self.global(file, object, id, &state, &symbol) else { continue };
            let number = self.add(self.input.names.name(id), entry);
            self.numbers.set_global(id, number);
        }
    }

    /// Symbols that options ask for, and of which nobody else spoke.
    fn of_command_line(&mut self) {
        for &id in self.input.wanted {
            let state = self.input.resolved.symbols.get(id);
            if state.kind == Kind::Reference && state.file == INTERNAL {
                let entry = Entry { bind: STB_GLOBAL, ..local(SHN_UNDEF.0) };
                let number = self.add(self.input.names.name(id), entry);
                self.numbers.set_global(id, number);
            }
        }
    }

    /// Symbols that scripts and options define.
    fn of_scripts(&mut self) {
        let SymbolInput { names, layout, resolved, .. } = *self.input;
        let mut symbols: Vec<_> = layout.symbols.iter().collect();
        symbols.sort_unstable_by_key(|(id, _)| names.name(**id));
        for (&id, symbol) in symbols {
            let state = resolved.symbols.get(id);
            if state.kind != Kind::Linker {
                continue;
            }
            let section =
                symbol.section.and_then(|it| Some((it, layout.sections.get(it as usize)?)));
            let (section, base) = match section {
                Some((number, section)) => (Section::Header(number + 1), section.addr),
                None => (Section::Special(SHN_ABS.0), 0),
            };
            let entry = Entry {
                value: symbol.value.wrapping_sub(base),
                section,
                bind: STB_GLOBAL,
                kind: symbol.kind,
                size: symbol.size,
                visibility: state.visibility(),
                ..local(0)
            };
            let number = self.add(names.name(id), entry);
            self.numbers.set_global(id, number);
        }
    }

    fn global(
        &self,
        file: FileId,
        object: &Object<'data>,
        id: SymbolId,
        state: &State,
        symbol: &Symbol,
    ) -> Option<Entry> {
        let visibility = state.visibility();
        match state.kind {
            Kind::Reference | Kind::WeakReference => {
                let bind = state.reference_bind();
                Some(Entry { bind, visibility, kind: symbol.kind(), ..local(SHN_UNDEF.0) })
            }
            Kind::Common => {
                let common = self.input.resolved.commons.get(&id)?;
                let index = object.sections.len() as u32;
                if let Some(place) = self.input.layout.places.get(SectionId { file, index }) {
                    // It has got space.
                    return Some(Entry {
                        value: place.offset.wrapping_add(common.offset),
                        size: common.size,
                        section: Section::Header(place.output + 1),
                        bind: symbol.binding(),
                        kind: STT_OBJECT,
                        visibility,
                        ..local(0)
                    });
                }
                let kind = if self.input.common_type { STT_COMMON } else { STT_OBJECT };
                Some(Entry {
                    value: common.align,
                    size: common.size,
                    bind: symbol.binding(),
                    kind,
                    visibility,
                    ..local(SHN_COMMON.0)
                })
            }
            Kind::Definition | Kind::WeakDefinition => {
                let entry = self.entry(file, object, state.index, symbol)?;
                let (kind, size) = self.input.resolved.kind_and_size(id, symbol);
                Some(Entry { size, kind, visibility, ..entry })
            }
            _ => None,
        }
    }

    /// The entry of a symbol that is defined; `None` if the output does not have its place.
    fn entry(
        &self,
        file: FileId,
        object: &Object<'_>,
        index: u32,
        symbol: &Symbol,
    ) -> Option<Entry> {
        let entry = Entry {
            name: 0,
            value: symbol.value,
            size: symbol.size,
            section: Section::Special(SHN_ABS.0),
            bind: symbol.binding(),
            kind: symbol.kind(),
            visibility: symbol.visibility(),
        };
        match object.place(index, symbol) {
            Place::Section(section) => {
                let id = SectionId { file, index: section };
                if let Some(number) = self.group(id) {
                    return Some(Entry { section: Section::Header(number), ..entry });
                }
                let place = self.input.layout.places.get(id);
                if place.is_none() && entry.bind != STB_LOCAL && (self.input.leaves_numbers)(id) {
                    return Some(entry);
                }
                let place = place?;
                let value = self.input.frames.map(id, symbol.value).unwrap_or(symbol.value);
                let value = value.wrapping_add(place.offset);
                Some(Entry { value, section: Section::Header(place.output + 1), ..entry })
            }
            Place::Absolute => Some(entry),
            Place::Undefined | Place::Common => None,
            Place::Special(number) => Some(Entry { section: Section::Special(number), ..entry }),
        }
    }

    /// The section header of a group that is kept.
    fn group(&self, id: SectionId) -> Option<u32> {
        let at = self
            .input
            .groups
            .binary_search_by_key(&(id.file, id.index), |kept| (kept.file, kept.group.section));
        at.ok().map(|at| at as u32 + 1)
    }
}

/// The local symbols of a file that are in the output because a relocation names them, though
/// options would leave them out.
pub struct NeededLocals {
    /// A bit for each local symbol that is in the output; empty if none is missed.
    has: SectionSet,
    count: usize,
    /// Whether an option leaves any out.
    misses_any: bool,
}

impl NeededLocals {
    /// None of the file's local symbols is in the output yet. `counts` is false if nothing is to be
    /// looked for.
    pub fn new(object: &Object<'_>, counts: bool) -> Self {
        let count = if counts { object.first_global as usize } else { 0 };
        Self { has: SectionSet::default(), count, misses_any: false }
    }

    /// An option leaves a symbol out.
    pub fn misses(&mut self) {
        self.misses_any = true;
    }

    /// A symbol is in the output.
    pub fn has(&mut self, index: u32) {
        if self.count != 0 {
            self.has.insert(index, self.count);
        }
    }

    /// The symbols that are missed, in the order in which relocations name them. `is_there` tells
    /// whether the output has a section of the file.
    pub fn others(
        mut self,
        object: &Object<'_>,
        is_there: &dyn Fn(u32) -> bool,
    ) -> Vec<(u32, Symbol)> {
        let mut others = Vec::new();
        if self.count == 0 || !self.misses_any {
            return others;
        }
        for section in 0..object.sections.len() as u32 {
            let relocs = object.relocs_of(section);
            if relocs.is_empty() || !is_there(section) {
                continue;
            }
            for reloc in relocs.iter() {
                let is_new = (1..object.first_global).contains(&reloc.symbol)
                    && !self.has.contains(reloc.symbol);
                let symbol = object.symbols.get(reloc.symbol as usize).filter(|_| is_new);
                let Some(symbol) = symbol.filter(|symbol| symbol.kind() != STT_SECTION) else {
                    continue;
                };
                self.has.insert(reloc.symbol, self.count);
                others.push((reloc.symbol, symbol));
            }
        }
        others
    }
}

/// A local symbol without anything.
const fn local(section: u16) -> Entry {
    Entry {
        name: 0,
        value: 0,
        size: 0,
        section: Section::Special(section),
        bind: STB_LOCAL,
        kind: STT_NOTYPE,
        visibility: STV_DEFAULT,
    }
}
