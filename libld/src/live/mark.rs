//! Marking what can be reached. A thread follows what it marked first, and lets others have half of
//! what is left to follow where that becomes much.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

use foldhash::fast::RandomState;
use libelf::raw::SHF_LINK_ORDER;
use rayon::prelude::*;

use super::{Collect, Roots};
use crate::ids::{FileId, SectionId, SymbolId};
use crate::input::Object;
use crate::input::object::Place;
use crate::resolve::{Kind, Resolved};
use crate::symbols::Standard;

/// Where a thread has so many sections to follow, others may have some of them.
const MANY: usize = 32;

/// A bit for each section of each file, and one more for a file's common symbols.
pub struct Marks {
    files: Vec<Box<[AtomicU64]>>,
}

impl Marks {
    fn new(resolved: &Resolved<'_>) -> Self {
        let words = |file: FileId| {
            let count = resolved.object(file).map_or(0, |object| object.sections.len() + 1);
            (0..count.div_ceil(64)).map(|_| AtomicU64::new(0)).collect()
        };
        Self { files: (0..resolved.files.len() as u32).map(|file| words(FileId(file))).collect() }
    }

    /// Marks a section; whether it was not marked before.
    pub fn set(&self, section: SectionId) -> bool {
        let bit = 1 << (section.index % 64);
        let file = self.files.get(section.file.index());
        file.and_then(|file| file.get(section.index as usize / 64))
            .is_some_and(|word| set(word, bit))
    }

    /// Whether a section is marked.
    pub fn contains(&self, section: SectionId) -> bool {
        let file = self.files.get(section.file.index());
        file.and_then(|file| file.get(section.index as usize / 64))
            .is_some_and(|word| word.load(Ordering::Relaxed) >> (section.index % 64) & 1 != 0)
    }
}

/// Sets a bit; whether it was not set before. Most are, and to look costs less than to set.
fn set(word: &AtomicU64, bit: u64) -> bool {
    word.load(Ordering::Relaxed) & bit == 0 && word.fetch_or(bit, Ordering::Relaxed) & bit == 0
}

/// What sections are tied to that no relocation says.
struct Ties<'data> {
    /// By file and section, one more than the number of the group that it is a member of. Empty for
    /// files without groups.
    groups: Vec<Box<[u32]>>,
    /// Sections that stay with the one that they are ordered by (`SHF_LINK_ORDER`).
    ordered: HashMap<SectionId, Vec<SectionId>, RandomState>,
    /// Sections whose names can be part of a name in C, for `__start_NAME`.
    named: HashMap<&'data [u8], Vec<SectionId>, RandomState>,
}

impl<'data> Ties<'data> {
    fn new(collect: &Collect<'_, 'data>) -> Self {
        let files = (0..collect.resolved.files.len() as u32).into_par_iter();
        let found: Vec<TiesOfFile<'data>> = files
            .map(|file| match collect.resolved.object(FileId(file)) {
                Some(object) => TiesOfFile::new(FileId(file), object),
                None => TiesOfFile::default(),
            })
            .collect();
        let mut ties =
            Self { groups: Vec::new(), ordered: HashMap::default(), named: HashMap::default() };
        for found in found {
            ties.groups.push(found.groups);
            for (first, section) in found.ordered {
                ties.ordered.entry(first).or_default().push(section);
            }
            for (name, section) in found.named {
                ties.named.entry(name).or_default().push(section);
            }
        }
        ties
    }

    /// The number of the group that a section is a member of.
    fn group(&self, section: SectionId) -> Option<usize> {
        let number = *self.groups.get(section.file.index())?.get(section.index as usize)?;
        Some(number.checked_sub(1)? as usize)
    }
}

/// The ties of one file's sections.
#[derive(Default)]
struct TiesOfFile<'data> {
    groups: Box<[u32]>,
    /// What comes first, and what is ordered by it.
    ordered: Vec<(SectionId, SectionId)>,
    named: Vec<(&'data [u8], SectionId)>,
}

impl<'data> TiesOfFile<'data> {
    fn new(file: FileId, object: &Object<'data>) -> Self {
        let mut ties = Self::default();
        if !object.groups.is_empty() {
            ties.groups = vec![0; object.sections.len()].into_boxed_slice();
        }
        for (number, group) in (1_u32..).zip(&object.groups) {
            for index in group.members.iter() {
                if let Some(slot) = ties.groups.get_mut(index as usize) {
                    *slot = number;
                }
            }
        }
        for (index, header) in (0_u32..).zip(object.sections.iter()) {
            let section = SectionId { file, index };
            if header.flags & SHF_LINK_ORDER.0 != 0 && header.link != 0 {
                ties.ordered.push((SectionId { file, index: header.link }, section));
            }
            if object.has_c_name(&header)
                && let Some(name) = object.section_name(index)
            {
                ties.named.push((name, section));
            }
        }
        ties
    }
}

/// Marks all that can be reached from the roots.
pub fn run(collect: &Collect<'_, '_>, roots: &Roots) -> Marks {
    let ties = Ties::new(collect);
    let symbols = (0..collect.resolved.symbols.len().div_ceil(64)).map(|_| AtomicU64::new(0));
    let symbols = symbols.collect();
    let marking = Marking { collect, ties, marks: Marks::new(collect.resolved), symbols };
    let mut found = Vec::new();
    for &section in &roots.sections {
        marking.mark(section, &mut found);
    }
    for &symbol in &roots.symbols {
        marking.global(symbol, &mut found);
    }
    rayon::scope(|scope| marking.follow_all(found, scope));
    marking.marks
}

struct Marking<'a, 'data> {
    collect: &'a Collect<'a, 'data>,
    ties: Ties<'data>,
    marks: Marks,
    /// A bit for each global symbol that was looked at.
    symbols: Box<[AtomicU64]>,
}

impl Marking<'_, '_> {
    fn mark(&self, section: SectionId, next: &mut Vec<SectionId>) {
        let is_gone = || self.collect.resolved.is_discarded(section.file, section.index);
        if !self.marks.contains(section) && !is_gone() && self.marks.set(section) {
            next.push(section);
        }
    }

    /// Marks all that can be reached from these sections.
    fn follow_all<'s>(&'s self, mut found: Vec<SectionId>, scope: &rayon::Scope<'s>) {
        while let Some(section) = found.pop() {
            self.follow(section, &mut found);
            if found.len() >= MANY {
                let others = found.split_off(found.len() / 2);
                scope.spawn(|scope| self.follow_all(others, scope));
            }
        }
    }

    /// Marks what a section refers to.
    fn follow(&self, section: SectionId, next: &mut Vec<SectionId>) {
        let Some(object) = self.collect.resolved.object(section.file) else { return };
        if let Some(number) = self.ties.group(section)
            && let Some(group) = object.groups.get(number)
        {
            for index in group.members.iter() {
                // What is told of the group's sections to debuggers keeps nothing.
                if is_loaded(object, index) {
                    self.mark(SectionId { file: section.file, index }, next);
                } else {
                    self.marks.set(SectionId { file: section.file, index });
                }
            }
        }
        for &ordered in self.ties.ordered.get(&section).into_iter().flatten() {
            self.mark(ordered, next);
        }
        if self.collect.parsed.contains(section) {
            return;
        }
        let records = self.collect.parsed.references(section);
        let mut last = None;
        for symbol in
            object.relocs_of(section.index).iter().chain(records).map(|reloc| reloc.symbol)
        {
            // Many relocations in a row are to one symbol.
            if last.replace(symbol) != Some(symbol) {
                self.symbol(section.file, object, symbol, next);
            }
        }
    }

    fn symbol(&self, file: FileId, object: &Object<'_>, symbol: u32, next: &mut Vec<SectionId>) {
        if let Some(&id) = object.global(symbol) {
            self.global(id, next);
        } else if let Some(entry) = object.symbols.get(symbol as usize)
            && let Place::Section(index) = object.place(symbol, &entry)
        {
            self.mark(SectionId { file, index }, next);
        }
    }

    fn global(&self, id: SymbolId, next: &mut Vec<SectionId>) {
        let word = self.symbols.get(id.index() / 64);
        if !word.is_some_and(|word| set(word, 1 << (id.index() % 64))) {
            return;
        }
        let state = self.collect.resolved.symbols.get(id);
        match state.kind {
            Kind::Definition | Kind::WeakDefinition => {
                if let Some(section) = section_of(self.collect.resolved, id) {
                    self.mark(section, next);
                }
            }
            Kind::Common => {
                if let Some(object) = self.collect.resolved.object(state.file) {
                    let index = object.sections.len() as u32;
                    self.marks.set(SectionId { file: state.file, index });
                }
            }
            Kind::Linker if !self.collect.start_stop_gc => {
                if let Some(Standard::SectionStart(name) | Standard::SectionStop(name)) =
                    self.collect.standard.get(id)
                {
                    let named = self.ties.named.get(name.as_slice());
                    for &section in named.into_iter().flatten() {
                        self.mark(section, next);
                    }
                }
            }
            _ => {}
        }
    }
}

/// The section that a symbol is defined in.
pub fn section_of(resolved: &Resolved<'_>, id: SymbolId) -> Option<SectionId> {
    let state = resolved.symbols.get(id);
    let object = resolved.object(state.file)?;
    let symbol = object.symbols.get(state.index as usize)?;
    match object.place(state.index, &symbol) {
        Place::Section(index) => Some(SectionId { file: state.file, index }),
        _ => None,
    }
}

/// Whether a section is part of the program in memory.
pub fn is_loaded(object: &Object<'_>, index: u32) -> bool {
    let header = object.sections.get(index as usize);
    header.is_some_and(|header| header.flags & libelf::raw::SHF_ALLOC.0 != 0)
}
