//! Which definitions of the output others may bind to, and with which versions.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use libelf::raw::{STT_COMMON, STT_GNU_IFUNC, STT_OBJECT, STT_TLS, STV_PROTECTED};

use crate::dynamic::versions::{Definition, HIDDEN};
use crate::dynamic::{VersionChoice, Versions};
use crate::ids::SymbolId;
use crate::names::Names;
use crate::options::{Kind as OutputKind, Options, Symbolic};
use crate::resolve::{Kind, Resolved, State};
use crate::scan::{Binding, Facts};
use crate::script::ast::{Language, VersionScript};
use crate::script::glob;
use crate::script::version::VersionMatcher;
use crate::symbols::{Standard, StandardSymbols};

/// What options and version scripts say of symbols.
pub struct Exports<'a, 'data> {
    resolved: &'a Resolved<'data>,
    names: &'a Names<'data>,
    options: &'a Options,
    /// Of each version script, what it matches and the number of its first node among all.
    scripts: Vec<(VersionMatcher<'a>, usize)>,
    lists: Vec<VersionMatcher<'a>>,
    /// By node of all scripts, its version number; 1 for a node without a name.
    numbers: Vec<u16>,
    /// The versions that are symbols themselves, with their numbers.
    versions: HashMap<SymbolId, u16, RandomState>,
}

impl<'a, 'data> Exports<'a, 'data> {
    /// Of these scripts and lists.
    pub fn new(
        resolved: &'a Resolved<'data>,
        names: &'a Names<'data>,
        options: &'a Options,
        scripts: &'a [VersionScript<'a>],
        lists: &'a [VersionScript<'a>],
        standard: &StandardSymbols,
    ) -> Self {
        let mut first = 0;
        let mut matchers = Vec::with_capacity(scripts.len());
        let mut numbers = Vec::new();
        let mut versions = HashMap::default();
        let mut next = 2;
        for script in scripts {
            matchers.push((VersionMatcher::new(script), first));
            first += script.nodes.len();
            for node in &script.nodes {
                let symbol = node.name.and_then(|name| names.find(name.name));
                if let Some(id) = symbol
                    && standard.get(id) == Some(&Standard::Version)
                {
                    versions.insert(id, next);
                }
                numbers.push(if node.name.is_some() { next } else { 1 });
                next += u16::from(node.name.is_some());
            }
        }
        let lists = lists.iter().map(VersionMatcher::new).collect();
        Self { resolved, names, options, scripts: matchers, lists, numbers, versions }
    }

    /// The versions that scripts define.
    pub fn definitions(scripts: &[VersionScript<'_>]) -> Vec<Definition> {
        let nodes = scripts.iter().flat_map(|script| &script.nodes);
        nodes
            .filter_map(|node| {
                let name = node.name?.name.to_vec();
                let parents =
                    node.predecessors.iter().rev().map(|word| word.name.to_vec()).collect();
                Some(Definition { name, parents, is_weak: false })
            })
            .collect()
    }

    /// What version scripts choose for a name: a version number, or that it is local.
    fn choice(&self, name: &[u8]) -> Option<Choice> {
        self.scripts.iter().find_map(|(matcher, first)| {
            let choice = matcher.find(name, demangle(name))?;
            if choice.is_local {
                return Some(Choice::Local);
            }
            let number = self.numbers.get(first + choice.node).copied().unwrap_or(1);
            Some(Choice::Version(number))
        })
    }

    /// Whether a version script makes a definition local.
    pub fn is_local(&self, id: SymbolId) -> bool {
        let name = self.names.name(id);
        !self.scripts.is_empty()
            && !self.versions.contains_key(&id)
            && memchr::memchr(b'@', name).is_none()
            && self.choice(name) == Some(Choice::Local)
    }

    /// Whether a definition is made local by a version script or as its archive is excluded.
    pub fn is_forced_local(&self, id: SymbolId, state: &State) -> bool {
        self.is_local(id) || self.is_of_excluded_library(state)
    }

    /// Whether there is a list of symbols that others may bind to, so that they may not to others.
    pub fn has_list(&self) -> bool {
        let symbols = &self.options.symbols;
        !self.lists.is_empty()
            || symbols.dynamic_list_data
            || symbols.dynamic_list_cpp_new
            || symbols.dynamic_list_cpp_typeinfo
    }

    /// Whether options ask for a definition of a program to be exported.
    pub fn is_named(&self, id: SymbolId, state: &State) -> bool {
        self.options.symbols.export_dynamic || self.is_listed(id, state)
    }

    fn is_listed(&self, id: SymbolId, state: &State) -> bool {
        let (name, symbols) = (self.names.name(id), &self.options.symbols);
        let starts = |prefixes: &[&[u8]]| prefixes.iter().any(|prefix| name.starts_with(prefix));
        symbols.dynamic_list_cpp_new && starts(&CXX_NEW)
            || symbols.dynamic_list_cpp_typeinfo && starts(&CXX_TYPE_INFO)
            || symbols.dynamic_list_data && self.is_data(state)
            || self.lists.iter().any(|list| list.find(name, demangle(name)).is_some())
            || symbols
                .export_dynamic_symbols
                .iter()
                .any(|pattern| glob::Glob::new(pattern).matches(name))
    }

    /// Whether whoever loads the output looks for the function by its name (`-z ifunc-noplt`).
    fn is_ifunc(&self, state: &State) -> bool {
        self.defining_symbol(state).is_some_and(|symbol| symbol.kind() == STT_GNU_IFUNC)
    }

    fn is_data(&self, state: &State) -> bool {
        let symbol = self.defining_symbol(state);
        state.kind == Kind::Common || symbol.is_some_and(|symbol| symbol.kind() == STT_OBJECT)
    }

    fn defining_symbol(&self, state: &State) -> Option<libelf::symbol::Symbol> {
        self.resolved.object(state.file)?.symbols.get(state.index as usize)
    }

    fn is_of_excluded_library(&self, state: &State) -> bool {
        let excluded = &self.options.symbols.exclude_libs;
        if excluded.is_empty() {
            return false;
        }
        let Some(object) = self.resolved.object(state.file) else { return false };
        if object.origin.member.is_none() {
            return false;
        }
        let archive = object.origin.path.file_name().unwrap_or_default();
        let archive = std::os::unix::ffi::OsStrExt::as_bytes(archive);
        excluded.iter().any(|name| name == b"ALL" || name == archive)
    }
}

/// How the names of `operator new` and `operator delete` begin, for one object and for several.
const CXX_NEW: [&[u8]; 4] = [b"_Znw", b"_Zna", b"_Zdl", b"_Zda"];

/// How the names of type information begin: the structure and the name in it.
const CXX_TYPE_INFO: [&[u8]; 2] = [b"_ZTI", b"_ZTS"];

/// The number of the first version that the output defines.
const FIRST: u16 = 2;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Choice {
    Local,
    Version(u16),
}

/// The demangled form of a name that a version script asks for.
fn demangle(name: &[u8]) -> impl Fn(Language) -> Option<Vec<u8>> {
    move |language| match language {
        Language::C => None,
        Language::Cxx | Language::Java => {
            let mut text = Vec::new();
            crate::report::demangle(name, &mut text).then_some(text)
        }
    }
}

impl Binding for Exports<'_, '_> {
    fn is_exported(&self, id: SymbolId, state: &State) -> bool {
        if self.versions.contains_key(&id) {
            return true;
        }
        if self.is_forced_local(id, state) {
            return false;
        }
        if self.options.output.kind == OutputKind::Shared {
            return state.kind != Kind::Linker
                || state.is_in_object()
                || state.is_assigned()
                || state.is_shared_definition();
        }
        let symbols = &self.options.symbols;
        symbols.export_dynamic
            || state.is_shared_reference()
            || state.is_shared_definition()
            || self.is_listed(id, state)
            || self.options.dynamic.ifunc_noplt && self.is_ifunc(state)
    }

    fn is_symbolic(&self, id: SymbolId, facts: Facts) -> bool {
        let state = self.resolved.symbols.get(id);
        // What no object calls data counts as a function.
        let is_function = || facts.has(Facts::FUNCTION) || !self.is_variable(id, &state);
        let is_weak = state.kind == Kind::WeakDefinition;
        let is_chosen = match self.options.symbols.symbolic {
            Symbolic::No => false,
            Symbolic::All => true,
            Symbolic::Functions => is_function(),
            Symbolic::NonWeak => !is_weak,
            Symbolic::NonWeakFunctions => !is_weak && is_function(),
        };
        let is_bound = is_chosen || self.has_list();
        let is_listed = is_bound && self.is_listed(id, &state);
        state.visibility() == STV_PROTECTED || is_bound && !is_listed || self.bounds(id, &state)
    }
}

impl Exports<'_, '_> {
    /// Whether it is where a section of the output starts or stops: nobody else's, exported or not.
    fn bounds(&self, id: SymbolId, state: &State) -> bool {
        let name = self.names.name(id);
        let is_bound = name.starts_with(b"__start_") || name.starts_with(b"__stop_");
        is_bound && state.kind == Kind::Linker && !state.is_assigned()
    }

    /// Whether an object calls it a variable.
    fn is_variable(&self, id: SymbolId, state: &State) -> bool {
        let kind = self.resolved.defining_symbol(id).map(|symbol| symbol.kind());
        state.kind == Kind::Common || matches!(kind, Some(STT_OBJECT | STT_TLS | STT_COMMON))
    }
}

/// Versions of exported symbols.
pub struct ExportVersions<'e, 'a, 'data> {
    /// What version scripts say.
    pub exports: &'e Exports<'a, 'data>,
    /// The versions that the output defines.
    pub defined: Versions<'data>,
}

impl VersionChoice for ExportVersions<'_, '_, '_> {
    fn version(&self, id: SymbolId, state: &State) -> Option<u16> {
        // An object may say it itself: `name@VERSION`, `name@@VERSION`.
        if let Some(object) = self.exports.resolved.object(state.file)
            && let Some(name) = object.symbol_name(state.index)
            && let Some(at) = memchr::memchr(b'@', name)
            && let Some(rest) = name.get(at + 1..)
        {
            let version = rest.strip_prefix(b"@").unwrap_or(rest);
            let hidden = if version.len() == rest.len() { HIDDEN } else { 0 };
            return Some(self.defined.defined(version)? | hidden);
        }
        if let Some(&number) = self.exports.versions.get(&id) {
            return Some(number);
        }
        match self.exports.choice(self.exports.names.name(id)) {
            Some(Choice::Version(number)) => Some(number),
            Some(Choice::Local) => None,
            // The first version is the one for all symbols without another.
            None => self.exports.options.symbols.default_symver.then_some(FIRST),
        }
    }
}
