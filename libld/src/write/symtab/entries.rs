//! The entries of `.symtab`: which symbols have one, and what it says.

use libelf::raw::{
    SHF_TLS, SHN_ABS, SHN_UNDEF, STB_GLOBAL, STB_LOCAL, STT_FILE, STT_NOTYPE, STT_OBJECT,
    STT_SECTION, STT_TLS, STV_DEFAULT, STV_HIDDEN, STV_INTERNAL, SymbolBind, SymbolType,
};
use libelf::symbol::Symbol;

use super::{SymtabInput, header_index};
use crate::encode::SymbolEntry;
use crate::ids::{FileId, SectionId, SymbolId};
use crate::input::Object;
use crate::input::object::Place;
use crate::made::Made;
use crate::options::Discard;
use crate::relocatable::symbols::NeededLocals;
use crate::resolve::{InputFile, Kind, Resolved, State};
use crate::scan::{Facts, Needs};
use crate::symbols::Standard;

/// The parts of the table, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Local symbols of files.
    Locals,
    /// Global symbols that became local.
    Localized,
    /// Global symbols.
    Globals,
}

/// Which symbol an entry is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A local symbol of the file, by its index.
    Local(u32),
    /// A global symbol.
    Global(SymbolId),
    /// None of an input.
    Made,
}

/// The symbol that names a file; without a name, it ends the symbols of files.
pub const fn file_entry() -> SymbolEntry {
    SymbolEntry {
        value: 0,
        size: 0,
        section: SHN_ABS.0,
        bind: STB_LOCAL,
        kind: STT_FILE,
        visibility: STV_DEFAULT,
    }
}

/// How much of an entry is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Whether there is one, and of which kind: value and section need not be those of the output.
    Kind,
    /// All of it.
    All,
}

/// What is called for each symbol: its part of the table, which it is, its entry, its name.
pub type Visit<'v> = &'v mut dyn FnMut(Part, Source, SymbolEntry, &[u8]);

/// Calls `visit` for each symbol of a file's blocks, in order.
pub fn each(input: &SymtabInput<'_, '_>, detail: Detail, file: FileId, visit: Visit<'_>) {
    match input.resolved.file(file) {
        Some(InputFile::Object(object)) => {
            locals_of(input, detail, file, object, visit);
            globals_of(input, detail, file, object, visit);
        }
        Some(InputFile::Shared { shared, .. }) => {
            let by_name = (0_u32..).zip(&shared.symbols).map(|(index, it)| (index, it.id));
            for (index, id) in by_name.chain(shared.bound.iter().copied()) {
                let state = input.resolved.symbols.get(id);
                let owns = state.file == file && state.index == index;
                let is_used = input.scanned.needs.get(id).has(Needs::USED);
                if owns && (is_used || is_copied(input, id)) {
                    global(input, detail, id, &state, visit);
                }
            }
        }
        Some(InputFile::Internal) => {
            let mut made: Vec<_> = input
                .resolved
                .symbols
                .iter()
                .filter(|(id, state)| {
                    let is_missing = state.kind == Kind::Reference && state.file == file;
                    state.kind == Kind::Linker || is_missing && input.wanted.contains(id)
                })
                .map(|(id, state)| (input.names.name(id), id, *state))
                .collect();
            made.sort_unstable_by_key(|&(name, ..)| name);
            for (_, id, state) in made {
                global(input, detail, id, &state, visit);
            }
            landmarks(input, visit);
        }
        None => {}
    }
}

/// Whether the output has the copy that a symbol of a library names.
fn is_copied(input: &SymtabInput<'_, '_>, id: SymbolId) -> bool {
    input.addresses.slots(crate::scan::Target::Global(id)).copy.is_some()
}

fn locals_of(
    input: &SymtabInput<'_, '_>,
    detail: Detail,
    file: FileId,
    object: &Object<'_>,
    visit: Visit<'_>,
) {
    let mut needed = NeededLocals::new(object, input.keeps_relocs);
    let locals = match input.discard {
        Discard::All => {
            needed.misses();
            object.symbols.range(1, 1)
        }
        _ => object.symbols.range(1, object.first_global as usize),
    };
    let mut is_named = false;
    for (index, symbol) in (1_u32..).zip(locals.iter()) {
        if symbol.kind() == STT_SECTION {
            continue;
        }
        let Ok(name) = object.strings.get(symbol.name.into()) else { continue };
        if !is_retained(input, name)
            || is_temporary(name) && is_discarded(input, object, index, &symbol)
            || is_in_empty(input, file, object, index, &symbol)
        {
            needed.misses();
            continue;
        }
        let Some(entry) = entry_of(input, detail, (file, object), index, &symbol, STB_LOCAL) else {
            continue;
        };
        // What no file name stands before is that of the object itself.
        if !is_named && entry.kind != STT_FILE {
            visit(Part::Locals, Source::Made, file_entry(), object.origin.base_name());
        }
        is_named = true;
        needed.has(index);
        match input.unique.filter(|_| entry.kind != STT_FILE) {
            Some(unique) => {
                let name = unique.name(file, index, name);
                visit(Part::Locals, Source::Local(index), entry, &name);
            }
            None => visit(Part::Locals, Source::Local(index), entry, name),
        }
    }
    let is_there = |index| input.addresses.section_at(SectionId { file, index }).is_some();
    for (index, symbol) in needed.others(object, &is_there) {
        let Ok(name) = object.strings.get(symbol.name.into()) else { continue };
        if let Some(entry) = entry_of(input, detail, (file, object), index, &symbol, STB_LOCAL) {
            visit(Part::Locals, Source::Local(index), entry, name);
        }
    }
}

/// Whether a name is one of those that are kept.
fn is_retained(input: &SymtabInput<'_, '_>, name: &[u8]) -> bool {
    input.retained.is_none_or(|names| names.contains(name))
}

/// Whether a name is one that compilers give to places that nobody looks for.
fn is_temporary(name: &[u8]) -> bool {
    name.starts_with(b".L")
}

/// Whether the output does not have the section that a symbol is in, as it is empty.
fn is_in_empty(
    input: &SymtabInput<'_, '_>,
    file: FileId,
    object: &Object<'_>,
    index: u32,
    symbol: &Symbol,
) -> bool {
    match object.place(index, symbol) {
        Place::Section(index) => {
            input.addresses.layout().places.is_empty(SectionId { file, index })
        }
        _ => false,
    }
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
    detail: Detail,
    file: FileId,
    object: &Object<'_>,
    visit: Visit<'_>,
) {
    for (index, &id) in (object.first_global..).zip(&object.globals) {
        if id == SymbolId::NONE {
            continue;
        }
        let state = input.resolved.symbols.get(id);
        if state.file == file && state.index == index {
            global(input, detail, id, &state, visit);
        }
    }
}

/// A global symbol, which the file that owns it tells.
fn global(
    input: &SymtabInput<'_, '_>,
    detail: Detail,
    id: SymbolId,
    state: &State,
    visit: Visit<'_>,
) {
    let visibility = state.visibility();
    let is_hidden = visibility == STV_HIDDEN || visibility == STV_INTERNAL;
    let is_local = !state.kind.is_undefined()
        && !state.kind.is_shared()
        && (is_hidden && hides(input, id, state) || (input.is_forced_local)(id, state));
    let name = own_name(input, state).unwrap_or_else(|| input.names.name(id));
    if !is_retained(input, name) && !input.keeps_relocs {
        return;
    }
    let entry = match state.kind {
        Kind::Unseen => None,
        Kind::Reference | Kind::WeakReference => {
            let used = input.scanned.needs.get(id).has(Needs::USED) && !is_settled(input, id);
            let is_listed = input.lists_unused && state.is_strong_reference()
                || input.form.is_dynamic && state.is_missed_twice();
            let kind = input.resolved.reference_kind(id, state);
            let is_wanted = input.wanted.contains(&id);
            let bind = if is_wanted { STB_GLOBAL } else { state.reference_bind() };
            (used || is_listed || input.keeps_relocs || is_wanted)
                .then(|| SymbolEntry { kind, ..undefined(bind) })
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
                let entry =
                    entry_of(input, detail, (state.file, object), state.index, &symbol, bind)
                        .or_else(|| number_of(input, state, object, &symbol, bind))?;
                let (kind, size) = input.resolved.kind_and_size(id, &symbol);
                Some(SymbolEntry { size, kind, visibility, ..entry })
            })
        }
    };
    let Some(mut entry) = entry else { return };
    if is_local {
        entry.bind = STB_LOCAL;
        // What it constrained is settled.
        entry.visibility = STV_DEFAULT;
    }
    let part = if entry.bind == STB_LOCAL { Part::Localized } else { Part::Globals };
    match needed_version(input, state, name) {
        Some(version) => visit(part, Source::Global(id), entry, &[name, b"@", version].concat()),
        None => visit(part, Source::Global(id), entry, name),
    }
}

/// The name of a definition as its object has it, with the version that it may name.
fn own_name<'data>(input: &SymtabInput<'_, 'data>, state: &State) -> Option<&'data [u8]> {
    let is_own = matches!(state.kind, Kind::Definition | Kind::WeakDefinition);
    let object = if is_own { input.resolved.object(state.file) } else { None };
    object?.symbol_name(state.index)
}

/// Whether the output makes a hidden symbol local: where it would export a symbol that is not, or
/// call it through the procedure linkage table.
fn hides(input: &SymtabInput<'_, '_>, id: SymbolId, state: &State) -> bool {
    let is_asked_for = state.is_shared_reference()
        || state.is_refused
        || input.form.is_pic && input.scanned.needs.get(id).has(Needs::CALLED);
    input.form.is_shared
        || input.form.is_dynamic && (is_asked_for || (input.is_exported)(id, state))
}

/// Whether a reference that nothing satisfies is settled to be 0, as it is weak or as options allow
/// it: nothing is left of it.
fn is_settled(input: &SymtabInput<'_, '_>, id: SymbolId) -> bool {
    let facts = input.facts.get(id.index()).copied().unwrap_or_default();
    let is_undefined = facts.has(Facts::UNDEFINED_WEAK) || facts.has(Facts::UNDEFINED);
    is_undefined && !facts.has(Facts::IMPORTED) && !input.form.is_relocatable
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

pub const fn undefined(bind: SymbolBind) -> SymbolEntry {
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
    if let Some(copy) = input.addresses.copy(&slots) {
        let section = input.addresses.section_at(copy.section().section())?;
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

/// A symbol that the link itself defines.
fn made(input: &SymtabInput<'_, '_>, id: SymbolId) -> Option<SymbolEntry> {
    let visibility = input.resolved.symbols.get(id).visibility();
    let is_hidden = visibility == STV_HIDDEN || visibility == STV_INTERNAL;
    let Some(symbol) = input.addresses.layout().symbols.get(&id) else {
        return standard(input, id);
    };
    let is_tls = symbol.kind == STT_TLS;
    let value = if is_tls { input.addresses.dtp_offset(symbol.value) } else { symbol.value };
    let bind = if symbol.is_hidden { STB_LOCAL } else { STB_GLOBAL };
    Some(SymbolEntry {
        value,
        size: symbol.size,
        kind: symbol.kind,
        section: symbol.section.map_or(SHN_ABS.0, header_index),
        visibility: if is_hidden && bind != STB_LOCAL { visibility } else { STV_DEFAULT },
        ..undefined(bind)
    })
}

/// A symbol that the link defines without a script: `_DYNAMIC`, `__start_NAME`.
fn standard(input: &SymtabInput<'_, '_>, id: SymbolId) -> Option<SymbolEntry> {
    let value = input.addresses.global(id);
    let sections = &input.addresses.layout().sections;
    let named = |name: &[u8]| sections.iter().position(|section| *section.name == *name);
    let made = |made: Made| input.addresses.section_at(made.section());
    let at = |index: Option<usize>| index.map(|index| header_index(index as u32));
    let (section, kind) = match input.addresses.standard_symbol(id)? {
        Standard::Version => {
            let section = SHN_ABS.0;
            return Some(SymbolEntry { section, kind: STT_OBJECT, ..undefined(STB_GLOBAL) });
        }
        Standard::ElfHeader => (at((!sections.is_empty()).then_some(0)), STT_NOTYPE),
        Standard::Dynamic => (made(Made::Dynamic), STT_OBJECT),
        Standard::Got => (made(Made::GotPlt).or_else(|| made(Made::Got)), STT_OBJECT),
        Standard::TlsBlock => {
            let is_tls = |it: &crate::layout::OutputSection<'_>| it.flags & SHF_TLS.0 != 0;
            (at(sections.iter().position(is_tls)), STT_TLS)
        }
        Standard::SectionStart(name) | Standard::SectionStop(name) => {
            let visibility = input.resolved.symbols.get(id).visibility();
            let section = at(named(name))?;
            return Some(SymbolEntry { value, section, visibility, ..undefined(STB_GLOBAL) });
        }
    };
    let value = if kind == STT_TLS { input.addresses.dtp_offset(value) } else { value };
    Some(SymbolEntry { value, section: section?, kind, ..undefined(STB_LOCAL) })
}

/// Places that the table names though nobody refers to them.
fn landmarks(input: &SymtabInput<'_, '_>, visit: Visit<'_>) {
    let all: [(&[u8], Made, SymbolType); 3] = [
        (b"_DYNAMIC", Made::Dynamic, STT_OBJECT),
        (b"__GNU_EH_FRAME_HDR", Made::EhFrameHdr, STT_NOTYPE),
        (b"_GLOBAL_OFFSET_TABLE_", Made::GotPlt, STT_OBJECT),
    ];
    for (name, made, kind) in all {
        let state = input.names.find(name).map(|id| input.resolved.symbols.get(id));
        if !is_retained(input, name) {
            continue;
        }
        let is_told = state.is_some_and(|state| state.kind.is_regular());
        let Some(section) = input.addresses.section_at(made.section()) else { continue };
        if !is_told {
            let value = input.addresses.made(made);
            let entry = SymbolEntry { value, section, kind, ..undefined(STB_LOCAL) };
            visit(Part::Localized, Source::Made, entry, name);
        }
    }
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
    let id_of_section = SectionId { file: state.file, index };
    let section = match input.addresses.section_at(id_of_section) {
        None if (input.leaves_numbers)(id_of_section) => SHN_ABS.0,
        section => section?,
    };
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
    detail: Detail,
    (file, object): (FileId, &Object<'_>),
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
            if detail == Detail::Kind && input.addresses.has_whole(section) {
                return Some(entry);
            }
            let address = input.addresses.in_section(section, symbol.value)?;
            let is_tls = symbol.kind() == STT_TLS;
            let value = if is_tls { input.addresses.dtp_offset(address) } else { address };
            Some(SymbolEntry { value, section: input.addresses.section_at(section)?, ..entry })
        }
        Place::Absolute => Some(entry),
        _ => None,
    }
}

/// The entry of a symbol whose section a script leaves out, as a number, if such are kept.
fn number_of(
    input: &SymtabInput<'_, '_>,
    state: &State,
    object: &Object<'_>,
    symbol: &Symbol,
    bind: SymbolBind,
) -> Option<SymbolEntry> {
    let Place::Section(index) = object.place(state.index, symbol) else { return None };
    (input.leaves_numbers)(SectionId { file: state.file, index }).then_some(SymbolEntry {
        value: symbol.value,
        size: symbol.size,
        section: SHN_ABS.0,
        bind,
        kind: symbol.kind(),
        visibility: symbol.visibility(),
    })
}
