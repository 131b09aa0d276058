//! The dynamic symbols: which they are, in which order, with which versions.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use libelf::Encoding;

use super::hash::{self, gnu, gnu_buckets};
use super::strings::Strings;
use super::versions::{GLOBAL, HIDDEN, Versions};
use crate::encode::{SymbolEntry, put_u16};
use crate::ids::SymbolId;
use crate::names::Names;
use crate::resolve::{Kind, Resolved, State};
use crate::scan::{Facts, Needs, Scanned, Target};
use crate::tables::Tables;

/// A dynamic symbol.
#[derive(Clone, Copy, Debug)]
pub struct DynamicSymbol<'data> {
    /// The symbol.
    pub id: SymbolId,
    /// Its name, without a version.
    pub name: &'data [u8],
    /// Its version number, with the bit that hides it.
    pub version: u16,
    /// Whether another file defines it.
    pub is_undefined: bool,
    /// Whether others look it up here: the output defines it, or has the address that stands for a
    /// function of a library in the whole program.
    is_found: bool,
    hash: u32,
}

/// The dynamic symbols, in the order of their table; that of the null symbol is left out.
#[derive(Debug, Default)]
pub struct DynamicSymbols<'data> {
    /// The symbols; the first has the number 1.
    pub symbols: Vec<DynamicSymbol<'data>>,
    numbers: HashMap<SymbolId, u32, RandomState>,
    /// How many of them come first because nobody looks them up here.
    not_found: usize,
}

/// What the choice rests on.
pub struct DynamicInput<'a, 'data> {
    /// Files and symbols.
    pub resolved: &'a Resolved<'data>,
    /// Names.
    pub names: &'a Names<'data>,
    /// What is true of each symbol.
    pub facts: &'a [Facts],
    /// What relocations ask for.
    pub scanned: &'a Scanned,
    /// Whether references that nothing uses are in the table.
    pub lists_unused: bool,
    /// Copies and entries that are addresses.
    pub tables: &'a Tables,
}

/// What the command line and version scripts say of a symbol that the output defines.
pub trait VersionChoice {
    /// The version number of an exported symbol, with the bit that hides it; `None` if it has none.
    fn version(&self, id: SymbolId, state: &State) -> Option<u16>;
}

impl<'data> DynamicSymbols<'data> {
    /// Chooses the symbols. What they need of libraries goes to `versions`.
    pub fn new(
        input: &DynamicInput<'_, 'data>,
        choice: &dyn VersionChoice,
        versions: &mut Versions<'data>,
    ) -> Self {
        let mut found: Vec<(State, SymbolId, bool)> = Vec::new();
        for (id, state) in input.resolved.symbols.iter() {
            if let Some(is_undefined) = role(input, id) {
                found.push((*state, id, is_undefined));
            }
        }
        // Those that the link makes have no place but their names.
        let place = |state: &State| (state.file, state.index, state.kind as u8);
        found.sort_unstable_by(|(a, a_id, _), (b, b_id, _)| {
            let name = |id: &SymbolId| input.names.name(*id);
            place(a).cmp(&place(b)).then_with(|| name(a_id).cmp(name(b_id)))
        });
        let mut symbols: Vec<_> = found
            .into_iter()
            .map(|(state, id, is_undefined)| {
                let whole = input.names.name(id);
                let name = memchr::memchr(b'@', whole)
                    .filter(|&at| at > 0)
                    .and_then(|at| whole.get(..at))
                    .unwrap_or(whole);
                let version = if state.kind.is_shared() {
                    needed_version(input.resolved, &state, versions)
                } else if is_undefined {
                    GLOBAL
                } else {
                    choice.version(id, &state).unwrap_or(GLOBAL)
                };
                let slots = input.tables.slots(Target::Global(id));
                let is_found = !is_undefined || slots.is_some_and(|slots| slots.is_canonical);
                DynamicSymbol { id, name, version, is_undefined, is_found, hash: gnu(name) }
            })
            .collect();
        let found = symbols.iter().filter(|symbol| symbol.is_found).count();
        let buckets = gnu_buckets(found);
        // Stable, so that the order of files stays within a bucket.
        symbols.sort_by_key(|symbol| {
            (symbol.is_found, if symbol.is_found { symbol.hash % buckets } else { 0 })
        });
        let numbers = (1..).zip(&symbols).map(|(number, symbol)| (symbol.id, number)).collect();
        let not_found = symbols.len() - found;
        Self { symbols, numbers, not_found }
    }

    /// The number of a symbol in the table; 0 if it is not there.
    pub fn number(&self, target: Target) -> u32 {
        match target {
            Target::Global(id) => self.numbers.get(&id).copied().unwrap_or(0),
            _ => 0,
        }
    }

    /// Puts the names into the string table.
    pub fn add_strings(&self, strings: &mut Strings<'data>) {
        for symbol in &self.symbols {
            strings.add(symbol.name);
        }
    }

    /// `.gnu.hash`
    pub fn gnu_hash(&self, encoding: Encoding) -> Vec<u8> {
        let found = self.symbols.get(self.not_found..).unwrap_or_default();
        let hashes: Vec<_> = found.iter().map(|symbol| symbol.hash).collect();
        hash::gnu_table(self.not_found as u32 + 1, &hashes, encoding)
    }

    /// `.hash`
    pub fn sysv_hash(&self, encoding: Encoding) -> Vec<u8> {
        hash::sysv_table(self.symbols.iter().map(|symbol| symbol.name), encoding)
    }

    /// `.gnu.version`
    pub fn versym(&self, encoding: Encoding) -> Vec<u8> {
        let mut table = Vec::with_capacity(2 * (self.symbols.len() + 1));
        put_u16(&mut table, 0, encoding);
        for symbol in &self.symbols {
            put_u16(&mut table, symbol.version, encoding);
        }
        table
    }

    /// `.dynsym`; `entry` tells value, section index, type, size and so on of a symbol.
    pub fn table(
        &self,
        strings: &Strings<'_>,
        encoding: Encoding,
        entry: impl Fn(&DynamicSymbol<'data>) -> SymbolEntry,
    ) -> Vec<u8> {
        let size = if encoding.is_64() { 24 } else { 16 };
        let mut table = Vec::with_capacity(size * (self.symbols.len() + 1));
        table.resize(size, 0);
        for symbol in &self.symbols {
            let name = strings.find(symbol.name).unwrap_or(0);
            entry(symbol).write(&mut table, name, encoding);
        }
        table
    }
}

/// Whether a symbol is dynamic, and then whether another file defines it.
fn role(input: &DynamicInput<'_, '_>, id: SymbolId) -> Option<bool> {
    let facts = input.facts.get(id.index()).copied().unwrap_or_default();
    if facts.has(Facts::EXPORTED) {
        return Some(false);
    }
    let is_used = input.scanned.needs.get(id).has(Needs::USED);
    let slots = input.tables.slots(Target::Global(id));
    // A copy is the program's own definition, which the library uses as well.
    if slots.is_some_and(|slots| slots.copy.is_some()) {
        return Some(false);
    }
    let is_listed = input.lists_unused && is_strong_reference(input, id);
    let is_imported = facts.has(Facts::IMPORTED) && (is_used || is_listed);
    (is_imported || input.resolved.symbols.get(id).is_missed_twice()).then_some(true)
}

fn is_strong_reference(input: &DynamicInput<'_, '_>, id: SymbolId) -> bool {
    let state = input.resolved.symbols.get(id);
    state.kind == Kind::Reference && state.is_strong_reference()
}

fn needed_version<'data>(
    resolved: &Resolved<'data>,
    state: &State,
    versions: &mut Versions<'data>,
) -> u16 {
    let Some(shared) = resolved.shared(state.file) else { return GLOBAL };
    let Some(symbol) = shared.symbols.get(state.index as usize) else { return GLOBAL };
    match shared.version_name(symbol) {
        Some(version) => versions.need(state.file, shared.needed_name(), version),
        None => GLOBAL,
    }
}

/// Whether a version number hides its symbol.
pub const fn is_hidden(version: u16) -> bool {
    version & HIDDEN != 0
}
