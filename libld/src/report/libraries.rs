//! References of shared libraries that nothing defines: errors in programs, unless
//! `--allow-shlib-undefined` says otherwise.
//!
//! A library is looked at if all libraries that it needs, and that those need, are linked: what
//! others define is not known here.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;
use libelf::raw::STB_WEAK;

use super::Reporter;
use crate::diagnostics::{Diagnostics, Missing};
use crate::ids::SymbolId;
use crate::input::Shared;
use crate::options::{Kind, Options, Unresolved};
use crate::resolve::{InputFile, Resolved};

impl Reporter<'_, '_> {
    /// Says which references of libraries stay undefined, if they may not.
    pub fn libraries(&self, options: &Options, said: &mut Diagnostics) {
        let is_asked = match options.symbols.unresolved_in_libraries {
            Unresolved::Ignore => false,
            Unresolved::Report => true,
            Unresolved::ByKind => options.output.kind.is_executable(),
        };
        if !is_asked || options.output.kind == Kind::Relocatable {
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
