//! References of shared libraries that nothing defines: errors in programs, unless
//! `--allow-shlib-undefined` says otherwise.
//!
//! A library is looked at if all libraries that it needs, and that those need, are linked: what
//! others define is not known here.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;
use libelf::raw::{STB_WEAK, STV_PROTECTED};

use super::Reporter;
use super::relocation::visibility_word;
use crate::diagnostics::{Diagnostics, Missing};
use crate::ids::SymbolId;
use crate::input::Shared;
use crate::options::{Kind as OutputKind, Options, Unresolved};
use crate::resolve::{InputFile, Kind, Resolved, State};

impl Reporter<'_, '_> {
    /// Says which references of libraries stay undefined, if they may not.
    pub fn libraries(&self, options: &Options, said: &mut Diagnostics) {
        let is_asked = match options.symbols.unresolved_in_libraries {
            Unresolved::Ignore => false,
            Unresolved::Report => true,
            Unresolved::ByKind => options.output.kind.is_executable(),
        };
        if !is_asked || options.output.kind == OutputKind::Relocatable {
            return;
        }
        let linked = Linked::new(self.resolved);
        for shared in libraries(self.resolved) {
            if !linked.is_whole(shared) {
                continue;
            }
            for symbol in shared.symbols.iter().filter(|symbol| symbol.is_undefined) {
                let entry = shared.table.get(symbol.index as usize);
                let is_weak = entry.is_none_or(|entry| entry.binding() == STB_WEAK);
                let state = self.resolved.symbols.get(symbol.id);
                let name = self.names.name(symbol.id);
                let is_ignored = options.symbols.ignore_unresolved.iter().any(|it| it == name);
                if is_weak
                    || is_ignored
                    || !state.kind.is_undefined()
                    // Where an object refers to it, that was reported, or does no harm.
                    || state.is_object_reference()
                    || linked.defined.contains(&symbol.id)
                {
                    continue;
                }
                let only_warn = options.symbols.unresolved_only_warn;
                let warning = if only_warn { "warning: " } else { "" };
                let mut text =
                    format!("{}: {warning}undefined reference to `", shared.origin).into_bytes();
                text.extend(self.shown(symbol.id));
                text.push(b'\'');
                if only_warn {
                    said.warn(text);
                } else {
                    said.error(text);
                }
                said.is_of(Missing::Symbol(name.to_vec()));
            }
        }
    }
}

impl Reporter<'_, '_> {
    /// Says that a library refers to what a program keeps to itself. `is_forced_local` tells what
    /// version scripts and options keep.
    pub fn kept_from_libraries(
        &self,
        is_forced_local: &dyn Fn(SymbolId, &State) -> bool,
        said: &mut Diagnostics,
    ) {
        for shared in libraries(self.resolved) {
            for symbol in shared.symbols.iter().filter(|symbol| symbol.is_undefined) {
                let entry = shared.table.get(symbol.index as usize);
                let is_weak = entry.is_none_or(|entry| entry.binding() == STB_WEAK);
                let state = self.resolved.symbols.get(symbol.id);
                let is_here = state.kind.is_regular() && state.kind != Kind::Linker;
                if is_weak
                    || !is_here
                    || state.is_shared_definition()
                    || shared.version_name(symbol).is_some()
                {
                    continue;
                }
                let which = match visibility_word(state.visibility()) {
                    Some(which) if state.visibility() != STV_PROTECTED => which,
                    _ if is_forced_local(symbol.id, &state) => "local",
                    _ => continue,
                };
                let name = self.shown(symbol.id);
                let name = String::from_utf8_lossy(&name);
                let file = self.file_name(state.file);
                said.error(format!(
                    "{}: {which} symbol `{name}' in {file} is referenced by DSO",
                    self.output
                ));
                said.fatal("final link failed: bad value");
                return;
            }
        }
    }
}

fn libraries<'r, 'data>(resolved: &'r Resolved<'data>) -> impl Iterator<Item = &'r Shared<'data>> {
    resolved.files.iter().filter_map(|file| match file {
        InputFile::Shared { shared, .. } => Some(&**shared),
        _ => None,
    })
}

/// The libraries of a link.
struct Linked<'r, 'data> {
    /// By the names that they are needed by.
    by_name: HashMap<&'data [u8], &'r Shared<'data>, RandomState>,
    /// What any of them defines, in whatever version.
    defined: HashSet<SymbolId, RandomState>,
}

impl<'r, 'data> Linked<'r, 'data> {
    fn new(resolved: &'r Resolved<'data>) -> Self {
        let by_name = libraries(resolved).map(|shared| (shared.needed_name(), shared)).collect();
        let symbols = libraries(resolved).flat_map(|shared| &shared.symbols);
        let defined = symbols.filter(|symbol| !symbol.is_undefined).map(|symbol| symbol.id);
        Self { by_name, defined: defined.collect() }
    }

    /// Whether all that a library needs is linked.
    fn is_whole(&self, shared: &Shared<'data>) -> bool {
        let mut seen: HashSet<&[u8], RandomState> = HashSet::default();
        let mut open: Vec<&[u8]> = shared.needed.clone();
        while let Some(name) = open.pop() {
            if !seen.insert(name) {
                continue;
            }
            match self.by_name.get(name) {
                Some(shared) => open.extend(&shared.needed),
                None => return false,
            }
        }
        true
    }
}
