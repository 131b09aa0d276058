//! References of shared libraries that nothing defines: errors in programs, unless
//! `--allow-shlib-undefined` says otherwise.
//!
//! What a library needs may be defined by one that is not part of the link, but that the loader will
//! find. An object must not rest on such a one: it may be gone when the library is changed.

use std::collections::HashSet;

use foldhash::fast::RandomState;
use libelf::raw::{STB_WEAK, STV_PROTECTED};

use super::Reporter;
use super::relocation::visibility_word;
use crate::diagnostics::{Diagnostics, Missing};
use crate::ids::SymbolId;
use crate::input::indirect::Indirect;
use crate::input::{Origin, Shared};
use crate::options::{Kind as OutputKind, Options, Unresolved};
use crate::resolve::{InputFile, Kind, Resolved, State};

/// Whether references of libraries must be defined.
pub fn are_asked_for(options: &Options) -> bool {
    let is_asked = match options.symbols.unresolved_in_libraries {
        Unresolved::Ignore => false,
        Unresolved::Report => true,
        Unresolved::ByKind => options.output.kind.is_executable(),
    };
    is_asked && options.output.kind != OutputKind::Relocatable
}

impl Reporter<'_, '_> {
    /// Says which libraries are not found that only libraries need, and whether an object refers to
    /// what only such a library defines, which ends the link.
    pub fn indirect(&self, indirect: &Indirect<'_>, said: &mut Diagnostics) {
        for (name, origin) in &indirect.missing {
            let name = String::from_utf8_lossy(name);
            let hint = "(try using -rpath or -rpath-link)";
            said.warn(format!("warning: {name}, needed by {origin}, not found {hint}"));
        }
        for (shared, symbol) in indirect.defined() {
            let state = self.resolved.symbols.get(symbol.id);
            if !state.kind.is_undefined() || !state.is_strong_reference() {
                continue;
            }
            let mut text = match self.referring(symbol.id, &state) {
                Some(object) => object.to_string().into_bytes(),
                None => Vec::new(),
            };
            text.extend_from_slice(b": undefined reference to symbol '");
            text.extend_from_slice(self.names.name(symbol.id));
            if let Some(version) = shared.version_name(symbol) {
                text.extend_from_slice(b"@@");
                text.extend_from_slice(version);
            }
            text.push(b'\'');
            said.error(text);
            let origin = shared.origin;
            said.fatal(format!("{origin}: error adding symbols: DSO missing from command line"));
            return;
        }
    }

    /// The first object that refers to a symbol.
    fn referring(&self, id: SymbolId, state: &State) -> Option<Origin<'_>> {
        if let Some(object) = self.resolved.object(state.file) {
            return Some(object.origin);
        }
        let mut objects = self.resolved.objects().map(|(_, object)| object);
        let refers = objects.find(|object| {
            (0..object.symbols.len() as u32).any(|index| object.global(index) == Some(&id))
        });
        refers.map(|object| object.origin)
    }

    /// Says which references of libraries stay undefined, if they may not.
    pub fn libraries(&self, indirect: &Indirect<'_>, options: &Options, said: &mut Diagnostics) {
        if !are_asked_for(options) {
            return;
        }
        let all = || linked(self.resolved).chain(indirect.libraries.iter().map(|it| &**it));
        let defined: HashSet<SymbolId, RandomState> = all()
            .flat_map(|shared| &shared.symbols)
            .filter(|symbol| !symbol.is_undefined)
            .map(|symbol| symbol.id)
            .collect();
        let mut named: HashSet<SymbolId, RandomState> = HashSet::default();
        for shared in all() {
            for symbol in shared.symbols.iter().filter(|symbol| symbol.is_undefined) {
                let entry = shared.table.get(symbol.index as usize);
                let is_weak = entry.is_none_or(|entry| entry.binding() == STB_WEAK);
                let state = self.resolved.symbols.get(symbol.id);
                let name = self.names.name(symbol.id);
                let is_ignored = options.symbols.ignore_unresolved.iter().any(|it| it == name);
                if is_weak
                    || is_ignored
                    || !state.kind.is_undefined()
                    // That is said of the object.
                    || state.is_object_reference()
                    || defined.contains(&symbol.id)
                    || !named.insert(symbol.id)
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
        for shared in linked(self.resolved) {
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

/// The libraries of a link.
pub fn linked<'r, 'data>(resolved: &'r Resolved<'data>) -> impl Iterator<Item = &'r Shared<'data>> {
    resolved.files.iter().filter_map(|file| match file {
        InputFile::Shared { shared, .. } => Some(&**shared),
        _ => None,
    })
}
