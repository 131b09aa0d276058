//! Symbols that the link itself defines: by scripts, by options, because a section is there.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;
use libelf::raw::SymbolVisibility;

use crate::ids::{FileId, SymbolId};
use crate::layout::plan;
use crate::names::Names;
use crate::resolve::{Kind, Resolved, State};
use crate::script::ast::{
    Assignment, AssignmentKind, Command, Expr, ExprKind, Name, Script, SectionItem, SectionsItem,
};
use crate::scripts::Scripts;

/// Calls `visit` for each assignment of a script, in order.
fn each_assignment<'s>(script: &'s Script<'_>, visit: &mut dyn FnMut(&'s Assignment<'s>)) {
    for command in &script.commands {
        match command {
            Command::Assignment(assignment) => visit(assignment),
            Command::Sections(items) => {
                for item in items {
                    match item {
                        SectionsItem::Assignment(assignment) => visit(assignment),
                        SectionsItem::Output(output) => each_in_body(&output.body, visit),
                        SectionsItem::Overlay(overlay) => {
                            for section in &overlay.sections {
                                each_in_body(&section.body, visit);
                            }
                        }
                        SectionsItem::Entry(_) | SectionsItem::Assert(_) => {}
                    }
                }
            }
            _ => {}
        }
    }
}

fn each_in_body<'s>(body: &'s [SectionItem<'_>], visit: &mut dyn FnMut(&'s Assignment<'s>)) {
    for item in body {
        if let SectionItem::Assignment(assignment) = item {
            visit(assignment);
        }
    }
}

/// Lets the symbols be defined that scripts assign: plain ones whatever inputs say, those of
/// PROVIDE if somebody refers to them and nobody defines them. `asked` are the names that scripts
/// themselves ask for, but for what is provided: that counts once it is needed itself. What other
/// scripts than the built-in one assign, libraries export.
pub fn define<'data>(
    scripts: &[&'data Script<'data>],
    all: &Scripts<'data>,
    asked: &HashSet<Name<'data>, RandomState>,
    names: &Names<'data>,
    resolved: &mut Resolved<'data>,
) {
    let mut asked = asked.clone();
    let mut provided: Vec<(&'data Assignment<'data>, bool)> = Vec::new();
    for script in scripts {
        let is_own = !all.is_built_in(script);
        each_assignment(script, &mut |assignment| match assignment.kind {
            _ if assignment.target.name == b"." => {}
            AssignmentKind::Plain | AssignmentKind::Hidden => {
                let id = names.intern(assignment.target.name);
                define_one(resolved, id, assignment.kind == AssignmentKind::Hidden);
                set_assigned(resolved, id, is_own);
                take_visibility(resolved, id, &assignment.value, names);
            }
            AssignmentKind::Provide | AssignmentKind::ProvideHidden => {
                provided.push((assignment, is_own));
            }
        });
    }
    // What one provides may ask for another.
    let mut is_settled = false;
    while !is_settled {
        is_settled = true;
        provided.retain(|&(assignment, is_own)| {
            let name = assignment.target.name;
            let state = names.find(name).map(|id| resolved.symbols.get(id)).unwrap_or_default();
            let is_free = matches!(state.kind, Kind::Unseen)
                || state.kind.is_undefined()
                || state.kind.is_shared();
            // As GNU ld does: a library that defines it finds the output's instead.
            let is_asked = asked.contains(name)
                || state.is_object_reference()
                || state.is_shared_reference()
                || state.is_shared_definition();
            if is_free && is_asked {
                let is_hidden = assignment.kind == AssignmentKind::ProvideHidden;
                let id = names.intern(name);
                define_one(resolved, id, is_hidden);
                set_assigned(resolved, id, is_own);
                take_visibility(resolved, id, &assignment.value, names);
                plan::collect(&assignment.value, &mut asked);
                is_settled = false;
            }
            is_free && !is_asked
        });
    }
}

fn set_assigned(resolved: &mut Resolved<'_>, id: SymbolId, is_own: bool) {
    if is_own && let Some(state) = resolved.symbols.get_mut(id) {
        state.set_assigned();
    }
}

/// A symbol that is assigned another one is constrained as that one is.
fn take_visibility(resolved: &mut Resolved<'_>, id: SymbolId, value: &Expr<'_>, names: &Names<'_>) {
    if let ExprKind::Symbol(source) = value.kind
        && let Some(source) = names.find(source)
    {
        let visibility = resolved.symbols.get(source).visibility();
        if let Some(state) = resolved.symbols.get_mut(id) {
            state.constrain(visibility);
        }
    }
}

/// What a symbol that the link defines without a script stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standard {
    /// `__ehdr_start`: the ELF header, where it is in memory.
    ElfHeader,
    /// `_DYNAMIC`: the dynamic section.
    Dynamic,
    /// `_GLOBAL_OFFSET_TABLE_`
    Got,
    /// `_TLS_MODULE_BASE_`: the start of the block of thread-local storage.
    TlsBlock,
    /// `__start_NAME`: the output section NAME.
    SectionStart(Vec<u8>),
    /// `__stop_NAME`: its end.
    SectionStop(Vec<u8>),
    /// A version that the output defines: among its symbols each is a number, 0.
    Version,
}

/// The symbols that the link defines without a script.
#[derive(Debug, Default)]
pub struct StandardSymbols {
    by_id: HashMap<SymbolId, Standard, RandomState>,
    /// What was known of the bounds of sections before the link defined them.
    before: HashMap<SymbolId, (FileId, u32, Kind), RandomState>,
}

impl StandardSymbols {
    /// What a symbol stands for, if it is one of these.
    pub fn get(&self, id: SymbolId) -> Option<&Standard> {
        self.by_id.get(&id)
    }

    /// All of them, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (SymbolId, &Standard)> {
        self.by_id.iter().map(|(&id, standard)| (id, standard))
    }

    /// Lets the versions that a dynamic output defines be symbols, but for names that objects take.
    pub fn add_versions<'data>(
        &mut self,
        versions: impl Iterator<Item = &'data [u8]>,
        names: &Names<'data>,
        resolved: &mut Resolved<'data>,
    ) {
        for name in versions {
            let id = names.intern(name);
            if !resolved.symbols.get(id).kind.is_regular() {
                define_one(resolved, id, false);
                self.by_id.insert(id, Standard::Version);
            }
        }
    }

    /// Lets the bounds of sections that nothing is left of be undefined again.
    pub fn forget_bounds(
        &mut self,
        resolved: &mut Resolved<'_>,
        has_section: &dyn Fn(&[u8]) -> bool,
    ) {
        let Self { by_id, before } = self;
        by_id.retain(|&id, standard| {
            let (Standard::SectionStart(name) | Standard::SectionStop(name)) = &*standard else {
                return true;
            };
            let stays = has_section(name);
            if !stays
                && let Some(state) = resolved.symbols.get_mut(id)
                && let Some(known) = before.get(&id)
            {
                (state.file, state.index, state.kind) = *known;
            }
            stays
        });
    }

    /// Whether any of them is a bound of a section.
    pub fn has_bounds(&self) -> bool {
        !self.before.is_empty()
    }

    /// The name of the global offset table, if it is one of these.
    pub fn got(&self) -> Option<SymbolId> {
        self.by_id.iter().find(|(_, standard)| **standard == Standard::Got).map(|(&id, _)| id)
    }

    /// The names of the sections whose bounds are asked for.
    pub fn sections(&self) -> impl Iterator<Item = &[u8]> {
        self.by_id.values().filter_map(|standard| match standard {
            Standard::SectionStart(name) | Standard::SectionStop(name) => Some(name.as_slice()),
            _ => None,
        })
    }
}

/// Lets those be defined that objects refer to and nobody defines. `bounds` is the visibility of
/// `__start_NAME` and its like, `sections` are the names of sections that the output will have.
pub fn define_standard(
    names: &Names<'_>,
    resolved: &mut Resolved<'_>,
    is_dynamic: bool,
    bounds: SymbolVisibility,
    sections: &HashSet<&[u8], RandomState>,
) -> StandardSymbols {
    let mut found = StandardSymbols::default();
    let fixed = [
        (&b"__ehdr_start"[..], Standard::ElfHeader, true),
        (b"_DYNAMIC", Standard::Dynamic, is_dynamic),
        (b"_GLOBAL_OFFSET_TABLE_", Standard::Got, true),
        (b"_TLS_MODULE_BASE_", Standard::TlsBlock, true),
    ];
    for (name, standard, holds) in fixed {
        if let Some(id) = names.find(name)
            && holds
            && is_wanted(&resolved.symbols.get(id))
        {
            found.by_id.insert(id, standard);
        }
    }
    // Sections with such names are few, symbols many.
    for section in sections.iter().filter(|section| is_c_name(section)) {
        let find = |prefix: &[u8]| {
            let id = names.find(&[prefix, section].concat())?;
            is_wanted(&resolved.symbols.get(id)).then_some(id)
        };
        if let Some(id) = find(b"__start_") {
            found.by_id.insert(id, Standard::SectionStart(section.to_vec()));
        }
        if let Some(id) = find(b"__stop_") {
            found.by_id.insert(id, Standard::SectionStop(section.to_vec()));
        }
    }
    for (&id, standard) in &found.by_id {
        let is_bound = matches!(standard, Standard::SectionStart(_) | Standard::SectionStop(_));
        if is_bound {
            let state = resolved.symbols.get(id);
            found.before.insert(id, (state.file, state.index, state.kind));
        }
        define_one(resolved, id, !is_bound);
        if is_bound && let Some(state) = resolved.symbols.get_mut(id) {
            state.constrain(bounds);
        }
    }
    found
}

/// Whether objects refer to a symbol that nobody in the link defines.
fn is_wanted(state: &State) -> bool {
    state.is_object_reference() && (state.kind.is_undefined() || state.kind.is_shared())
}

/// Whether a section's name can be part of a name in C.
fn is_c_name(name: &[u8]) -> bool {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    name.first().is_some_and(|byte| !byte.is_ascii_digit()) && name.iter().all(is_part)
}

/// Lets a symbol be defined by the link.
pub fn define_one(resolved: &mut Resolved<'_>, id: SymbolId, is_hidden: bool) {
    resolved.commons.remove(&id);
    if let Some(state) = resolved.symbols.get_mut(id) {
        if state.kind.is_regular() && state.kind != Kind::Linker {
            resolved.overridden.insert(id, (state.file, state.index));
        }
        (state.file, state.index, state.kind) = (FileId(0), 0, Kind::Linker);
        if is_hidden {
            state.constrain(libelf::raw::STV_HIDDEN);
        }
    }
}
