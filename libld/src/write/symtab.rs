//! `.symtab` and `.strtab` of the output: for debuggers, profilers and people.
//!
//! Every file has a block of local symbols and one of global symbols, as the table wants all local
//! ones first. Blocks are counted in parallel, get their places, and are filled in parallel.

use libelf::Encoding;
use libelf::raw::{
    SHF_ALLOC, SHN_ABS, SHN_UNDEF, STB_GLOBAL, STB_LOCAL, STT_FILE, STT_NOTYPE, STT_OBJECT,
    STT_SECTION, STT_TLS, STV_DEFAULT, STV_HIDDEN, STV_INTERNAL, SymbolBind,
};
use libelf::symbol::Symbol;
use rayon::prelude::*;

use crate::encode::SymbolEntry;
use crate::ids::{FileId, SectionId, SymbolId};
use crate::input::Object;
use crate::input::object::Place;
use crate::names::Names;
use crate::options::{Discard, Strip};
use crate::resolve::{InputFile, Kind, Resolved, State};
use crate::scan::{Needs, Scanned};
use crate::write::Addresses;

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
    /// Class and byte order of the output.
    pub encoding: Encoding,
    /// Whether a dynamic linker gets it.
    pub is_dynamic: bool,
    /// Whether it is a library, where hidden symbols become local.
    pub is_shared: bool,
    /// Whether a version script makes a symbol local.
    pub is_forced_local: &'a (dyn Fn(SymbolId, &State) -> bool + Sync),
}

/// How much room a block takes.
#[derive(Clone, Copy, Debug, Default)]
struct Block {
    locals: usize,
    globals: usize,
    local_names: usize,
    global_names: usize,
}

/// The tables, planned.
#[derive(Debug, Default)]
pub struct SymtabPlan {
    blocks: Vec<Block>,
    /// How many symbols there are, the null symbol included.
    pub count: usize,
    /// The number of the first symbol that is not local: `sh_info`.
    pub first_global: usize,
    /// The size of `.strtab`, in bytes.
    pub names_size: usize,
    entry_size: usize,
}

impl SymtabPlan {
    /// Counts the symbols.
    pub fn new(input: &SymtabInput<'_, '_>) -> Self {
        let entry_size = if input.encoding.is_64() { 24 } else { 16 };
        if input.strip == Strip::All {
            return Self { entry_size, ..Self::default() };
        }
        let files = (0..input.resolved.files.len() as u32).into_par_iter();
        let blocks: Vec<Block> = files
            .map(|file| {
                let mut block = Block::default();
                each(input, FileId(file), &mut |entry, name| {
                    // A name and its zero byte; that of no name is the table's first byte.
                    let length = if name.is_empty() { 0 } else { name.len() + 1 };
                    if entry.bind == STB_LOCAL {
                        block.locals += 1;
                        block.local_names += length;
                    } else {
                        block.globals += 1;
                        block.global_names += length;
                    }
                });
                block
            })
            .collect();
        let locals: usize = blocks.iter().map(|block| block.locals).sum();
        let globals: usize = blocks.iter().map(|block| block.globals).sum();
        let names: usize = blocks.iter().map(|block| block.local_names + block.global_names).sum();
        Self {
            blocks,
            count: 1 + locals + globals,
            first_global: 1 + locals,
            names_size: 1 + names,
            entry_size,
        }
    }

    /// The size of `.symtab`, in bytes.
    pub const fn size(&self) -> usize {
        self.count * self.entry_size
    }

    /// Fills both tables, which are of zeros.
    pub fn fill(&self, input: &SymtabInput<'_, '_>, symbols: &mut [u8], names: &mut [u8]) {
        let mut jobs = Vec::with_capacity(self.blocks.len());
        let (locals, globals) = split(symbols, self.first_global * self.entry_size);
        let mut locals = split(locals, self.entry_size).1;
        let mut globals = globals;
        let mut names = split(names, 1).1;
        let mut name_at = 1_usize;
        for (file, block) in (0_u32..).zip(&self.blocks) {
            let (local, rest) = split(locals, block.locals * self.entry_size);
            locals = rest;
            let (global, rest) = split(globals, block.globals * self.entry_size);
            globals = rest;
            let size = block.local_names + block.global_names;
            let (texts, rest) = split(names, size);
            names = rest;
            jobs.push((FileId(file), local, global, texts, name_at));
            name_at += size;
        }
        let entry_size = self.entry_size;
        jobs.into_par_iter().for_each(|(file, mut local, mut global, texts, name_at)| {
            let mut used = 0;
            let mut scratch = Vec::with_capacity(entry_size);
            each(input, file, &mut |entry, name| {
                scratch.clear();
                let offset = if name.is_empty() { 0 } else { (name_at + used) as u32 };
                entry.write(&mut scratch, offset, input.encoding);
                let block = if entry.bind == STB_LOCAL { &mut local } else { &mut global };
                let (slot, rest) = split(std::mem::take(block), entry_size);
                slot.copy_from_slice(scratch.get(..slot.len()).unwrap_or_default());
                *block = rest;
                if !name.is_empty() {
                    super::bytes::put(texts, used, name);
                    used += name.len() + 1;
                }
            });
        });
    }
}

/// Both sides of a cut; all is on the left if there is less.
fn split(bytes: &mut [u8], at: usize) -> (&mut [u8], &mut [u8]) {
    let at = at.min(bytes.len());
    bytes.split_at_mut(at)
}

/// Calls `visit` for each symbol of a file's blocks, in order.
fn each(input: &SymtabInput<'_, '_>, file: FileId, visit: &mut dyn FnMut(SymbolEntry, &[u8])) {
    match input.resolved.file(file) {
        Some(InputFile::Object(object)) => {
            locals_of(input, file, object, visit);
            globals_of(input, file, object, visit);
        }
        Some(InputFile::Shared { shared, .. }) => {
            for (index, symbol) in (0_u32..).zip(&shared.symbols) {
                let state = input.resolved.symbols.get(symbol.id);
                let owns = state.file == file && state.index == index;
                if owns && input.scanned.needs.get(symbol.id).has(Needs::USED) {
                    global(input, symbol.id, &state, visit);
                }
            }
        }
        Some(InputFile::Internal) => {
            let mut made: Vec<_> = input
                .resolved
                .symbols
                .iter()
                .filter(|(_, state)| state.kind == Kind::Linker)
                .map(|(id, state)| (input.names.name(id), id, *state))
                .collect();
            made.sort_unstable_by_key(|&(name, ..)| name);
            for (_, id, state) in made {
                global(input, id, &state, visit);
            }
        }
        None => {}
    }
}

fn locals_of(
    input: &SymtabInput<'_, '_>,
    file: FileId,
    object: &Object<'_>,
    visit: &mut dyn FnMut(SymbolEntry, &[u8]),
) {
    if input.discard == Discard::All {
        return;
    }
    let locals = object.symbols.range(1, object.first_global as usize);
    for (index, symbol) in (1_u32..).zip(locals.iter()) {
        if symbol.kind() == STT_SECTION {
            continue;
        }
        let Ok(name) = object.strings.get(symbol.name.into()) else { continue };
        if is_temporary(name) && is_discarded(input, object, index, &symbol) {
            continue;
        }
        if let Some(entry) = entry_of(input, file, object, index, &symbol, STB_LOCAL) {
            visit(entry, name);
        }
    }
}

/// Whether a name is one that compilers give to places that nobody looks for.
fn is_temporary(name: &[u8]) -> bool {
    name.starts_with(b".L")
}

fn is_discarded(
    input: &SymtabInput<'_, '_>,
    object: &Object<'_>,
    index: u32,
    symbol: &Symbol,
) -> bool {
    match input.discard {
        Discard::None => false,
        Discard::Temporary | Discard::All => true,
        Discard::Merged => match object.place(index, symbol) {
            Place::Section(section) => object
                .sections
                .get(section as usize)
                .is_some_and(|header| header.flags & libelf::raw::SHF_MERGE.0 != 0),
            _ => false,
        },
    }
}

fn globals_of(
    input: &SymtabInput<'_, '_>,
    file: FileId,
    object: &Object<'_>,
    visit: &mut dyn FnMut(SymbolEntry, &[u8]),
) {
    for (index, &id) in (object.first_global..).zip(&object.globals) {
        if id == SymbolId::NONE {
            continue;
        }
        let state = input.resolved.symbols.get(id);
        if state.file == file && state.index == index {
            global(input, id, &state, visit);
        }
    }
}

/// A global symbol, which the file that owns it tells.
fn global(
    input: &SymtabInput<'_, '_>,
    id: SymbolId,
    state: &State,
    visit: &mut dyn FnMut(SymbolEntry, &[u8]),
) {
    let visibility = state.visibility();
    let is_hidden = visibility == STV_HIDDEN || visibility == STV_INTERNAL;
    let is_local = !state.kind.is_undefined()
        && !state.kind.is_shared()
        && (is_hidden && input.is_shared || (input.is_forced_local)(id, state));
    let name = input.names.name(id);
    let entry = match state.kind {
        Kind::Unseen => None,
        Kind::Reference | Kind::WeakReference => {
            // Without a dynamic linker nothing can become of it any more.
            let is_settled = state.kind == Kind::WeakReference && !input.is_dynamic;
            let used = input.scanned.needs.get(id).has(Needs::USED) || input.wanted.contains(&id);
            (used && !is_settled).then(|| undefined(state.reference_bind()))
        }
        Kind::Shared | Kind::WeakShared => shared(input, id, state),
        Kind::Linker => made(input, id),
        Kind::Common | Kind::Definition | Kind::WeakDefinition => {
            input.resolved.object(state.file).and_then(|object| {
                let symbol = object.symbols.get(state.index as usize)?;
                let bind = if is_local { STB_LOCAL } else { symbol.binding() };
                if state.kind == Kind::Common {
                    return common(input, id, state, object, &symbol, bind);
                }
                let entry = entry_of(input, state.file, object, state.index, &symbol, bind)?;
                Some(SymbolEntry { visibility, ..entry })
            })
        }
    };
    let Some(mut entry) = entry else { return };
    if is_local {
        if input.discard == Discard::All {
            return;
        }
        entry.bind = STB_LOCAL;
        // What it constrained is settled.
        entry.visibility = STV_DEFAULT;
    }
    match needed_version(input, state, name) {
        Some(version) => visit(entry, &[name, b"@", version].concat()),
        None => visit(entry, name),
    }
}

/// The version of a library's symbol, which the table tells with the name: `name@VERSION`.
fn needed_version<'data>(
    input: &SymtabInput<'_, 'data>,
    state: &State,
    name: &[u8],
) -> Option<&'data [u8]> {
    if !state.kind.is_shared() || memchr::memchr(b'@', name).is_some() {
        return None;
    }
    let shared = input.resolved.shared(state.file)?;
    shared.version_name(shared.symbols.get(state.index as usize)?)
}

const fn undefined(bind: SymbolBind) -> SymbolEntry {
    SymbolEntry {
        value: 0,
        size: 0,
        section: SHN_UNDEF.0,
        bind,
        kind: STT_NOTYPE,
        visibility: STV_DEFAULT,
    }
}

/// A symbol of a library: a reference, unless the output has its copy.
fn shared(input: &SymtabInput<'_, '_>, id: SymbolId, state: &State) -> Option<SymbolEntry> {
    let symbol = input.resolved.shared_symbol(state)?;
    let value = input.addresses.global(id);
    let bind = state.reference_bind();
    let reference = SymbolEntry { kind: Resolved::shared_kind(&symbol), ..undefined(bind) };
    let slots = input.addresses.slots(crate::scan::Target::Global(id));
    if slots.copy.is_some() {
        let section = input.addresses.section_at(crate::made::Made::CopyBss.section())?;
        return Some(SymbolEntry {
            value,
            size: symbol.size,
            section,
            bind: symbol.binding(),
            ..reference
        });
    }
    Some(SymbolEntry { value: if slots.is_canonical { value } else { 0 }, ..reference })
}

fn made(input: &SymtabInput<'_, '_>, id: SymbolId) -> Option<SymbolEntry> {
    let Some(symbol) = input.addresses.layout().symbols.get(&id) else {
        return standard(input, id);
    };
    let is_tls = symbol.kind == STT_TLS;
    let value = if is_tls { input.addresses.dtp_offset(symbol.value) } else { symbol.value };
    Some(SymbolEntry {
        value,
        size: symbol.size,
        kind: symbol.kind,
        visibility: input.resolved.symbols.get(id).visibility(),
        section: symbol.section.map_or(SHN_ABS.0, header_index),
        ..undefined(if symbol.is_hidden { STB_LOCAL } else { STB_GLOBAL })
    })
}

/// A symbol that the link defines without a script: `_DYNAMIC`, `__start_NAME`.
fn standard(input: &SymtabInput<'_, '_>, id: SymbolId) -> Option<SymbolEntry> {
    let visibility = input.resolved.symbols.get(id).visibility();
    let value = input.addresses.global(id);
    let holds = |section: &&crate::layout::OutputSection<'_>| {
        value.wrapping_sub(section.addr) <= section.size && section.flags & SHF_ALLOC.0 != 0
    };
    let sections = &input.addresses.layout().sections;
    // Where one section ends and the next starts, the next has the symbol.
    let holder = || sections.iter().rposition(|section| holds(&section)).map(|at| at as u32);
    let at = input.addresses.bounded_section(id).or_else(holder)?;
    let is_local = visibility == STV_HIDDEN;
    Some(SymbolEntry {
        value,
        section: header_index(at),
        kind: if is_local { STT_OBJECT } else { STT_NOTYPE },
        visibility: if is_local { STV_DEFAULT } else { visibility },
        ..undefined(if is_local { STB_LOCAL } else { STB_GLOBAL })
    })
}

fn common(
    input: &SymtabInput<'_, '_>,
    id: SymbolId,
    state: &State,
    object: &Object<'_>,
    symbol: &Symbol,
    bind: SymbolBind,
) -> Option<SymbolEntry> {
    let index = object.sections.len() as u32;
    let section = input.addresses.section_at(SectionId { file: state.file, index })?;
    let size = input.resolved.commons.get(&id).map_or(symbol.size, |common| common.size);
    Some(SymbolEntry {
        value: input.addresses.global(id),
        size,
        section,
        bind,
        kind: STT_OBJECT,
        visibility: state.visibility(),
    })
}

/// The entry of a symbol of an object; `None` if the output does not have what it names.
fn entry_of(
    input: &SymtabInput<'_, '_>,
    file: FileId,
    object: &Object<'_>,
    index: u32,
    symbol: &Symbol,
    bind: SymbolBind,
) -> Option<SymbolEntry> {
    let entry = SymbolEntry {
        value: symbol.value,
        size: symbol.size,
        section: SHN_ABS.0,
        bind,
        kind: symbol.kind(),
        visibility: symbol.visibility(),
    };
    if symbol.kind() == STT_FILE {
        return Some(entry);
    }
    match object.place(index, symbol) {
        Place::Section(section) => {
            let section = SectionId { file, index: section };
            let address = input.addresses.in_section(section, symbol.value)?;
            let is_tls = symbol.kind() == STT_TLS;
            let value = if is_tls { input.addresses.dtp_offset(address) } else { address };
            Some(SymbolEntry { value, section: input.addresses.section_at(section)?, ..entry })
        }
        Place::Absolute => Some(entry),
        _ => None,
    }
}

/// The section header index of an output section.
pub const fn header_index(output: u32) -> u16 {
    (output + 1) as u16
}
