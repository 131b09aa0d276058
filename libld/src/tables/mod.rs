//! The tables of a program: who has a slot of the global offset table, an entry of the procedure
//! linkage table, a copy; and so how large the sections are that the link makes.
//!
//! Slots are given out file by file in the order of the link, and in a file by symbol index, so
//! tables do not depend on threads.

mod slots;

pub use slots::{CopySlot, GotSlot, Slots, Variable};

use std::collections::{BTreeSet, HashMap};

use foldhash::fast::RandomState;

use crate::arch::Arch;
use crate::form::Form;
use crate::ids::{FileId, SymbolId};
use crate::made::{Made, MadeSizes};
use crate::resolve::{Kind, Resolved};
use crate::scan::{Facts, Needs, Scanned, Target, facts_of};

/// What the tables hold, and where each symbol finds its own.
#[derive(Debug, Default)]
pub struct Tables {
    /// The words of `.got`, in order.
    pub got: Vec<GotSlot>,
    /// Functions with an entry in `.plt`, in order: each has a slot of `.got.plt`.
    pub plt: Vec<Target>,
    /// IFUNCs of the output with an entry in `.iplt`.
    pub iplt: Vec<Target>,
    /// IFUNCs of the output that get an entry in `.plt`.
    ifuncs: Vec<Target>,
    /// Functions with an entry in `.plt.got`.
    pub plt_got: Vec<Target>,
    /// Variables that are copied from libraries.
    pub copies: Vec<CopySlot>,
    /// The number of the copy of each variable.
    copied: HashMap<Variable, u32, RandomState>,
    /// Where a symbol finds its slots.
    slots: HashMap<Target, Slots, RandomState>,
    /// The first of the two words for the output's own module.
    pub module_slot: Option<u32>,
    /// How many dynamic relocations `.got` needs.
    pub got_relocs: u64,
    /// How many relative relocations there are that are not packed.
    pub relative_relocs: u64,
}

/// What the tables are made from.
pub struct TableInput<'a, 'data> {
    /// Files and symbols.
    pub resolved: &'a Resolved<'data>,
    /// What is true of each symbol.
    pub facts: &'a [Facts],
    /// What relocations ask for.
    pub scanned: &'a Scanned,
    /// The machine.
    pub arch: &'a dyn Arch,
    /// The kind of output.
    pub form: Form,
    /// Whether functions are bound when the output is loaded (`-z now`).
    pub binds_now: bool,
}

impl Tables {
    /// Gives out all slots.
    pub fn new(input: &TableInput<'_, '_>) -> Self {
        let mut tables = Self::default();
        if input.scanned.needs_module_slot {
            tables.module_slot = Some(tables.got.len() as u32);
            tables.got.push(GotSlot::OwnModule);
            tables.got.push(GotSlot::Zero);
            tables.got_relocs += u64::from(input.form.is_dynamic && input.form.is_shared);
        }
        for (file, needs) in in_order(input) {
            let facts = facts_of(input.resolved, input.facts, file);
            tables.add(file, needs, facts, input);
        }
        tables.add_ifuncs();
        tables.join_aliases(input);
        let sections = input.scanned.files.iter().flat_map(|file| &file.sections);
        tables.relative_relocs += sections.map(|it| u64::from(it.relative)).sum::<u64>();
        tables
    }

    /// The slots of a symbol, if it has any.
    #[inline]
    pub fn slots(&self, target: Target) -> Option<&Slots> {
        self.slots.get(&target)
    }

    fn add(&mut self, target: Target, needs: Needs, facts: Facts, input: &TableInput<'_, '_>) {
        let is_imported = facts.has(Facts::IMPORTED);
        let is_ifunc = facts.has(Facts::IFUNC) && !is_imported;
        let mut slots = Slots::default();
        if is_ifunc && input.form.is_dynamic && needs.has(Needs::PLT) {
            self.ifuncs.push(target);
        } else if is_ifunc && (needs.has(Needs::PLT) || needs.has(Needs::GOT)) {
            slots.iplt = Some(self.iplt.len() as u32);
            self.iplt.push(target);
        }
        if needs.has(Needs::GOT) {
            let slot = if is_ifunc && !input.form.is_pic {
                GotSlot::Iplt(target)
            } else {
                GotSlot::Address(target)
            };
            slots.got = Some(self.push(slot));
            let is_number = facts.has_any(Facts::ABSOLUTE)
                || facts.has_any(Facts::UNDEFINED_WEAK) && !is_imported;
            let is_relative = !is_imported && input.form.is_pic && !is_number;
            self.got_relocs += u64::from(is_imported || is_relative);
            self.relative_relocs += u64::from(is_relative && !is_ifunc);
        }
        if needs.has(Needs::PLT) && is_imported {
            if needs.has(Needs::GOT) && !needs.has(Needs::CANONICAL_PLT) {
                slots.plt_got = Some(self.plt_got.len() as u32);
                self.plt_got.push(target);
            } else {
                slots.plt = Some(self.plt.len() as u32);
                slots.is_canonical = needs.has(Needs::CANONICAL_PLT);
                self.plt.push(target);
            }
        }
        if needs.has(Needs::GOT_TP) {
            slots.got_tp = Some(self.push(GotSlot::TpOffset(target)));
            self.got_relocs += u64::from(is_imported || input.form.is_shared);
        }
        if needs.has(Needs::GOT_TP_DISTANCE) {
            slots.got_tp_distance = Some(self.push(GotSlot::TpDistance(target)));
            self.got_relocs += u64::from(is_imported || input.form.is_shared);
        }
        if needs.has(Needs::TLS_GD) {
            slots.tls_gd = Some(self.push(GotSlot::Module(target)));
            self.push(GotSlot::DtpOffset(target));
            self.got_relocs += u64::from(is_imported || input.form.is_shared);
            self.got_relocs += u64::from(is_imported);
        }
        if needs.has(Needs::TLS_DESC) {
            slots.tls_desc = Some(self.push(GotSlot::Descriptor(target)));
            self.push(GotSlot::Zero);
            self.got_relocs += 1;
        }
        if needs.has(Needs::COPY)
            && let Target::Global(id) = target
        {
            // Another name of a variable that is copied already stands for the same copy.
            let key = slots::variable(id, input.resolved);
            let known = key.and_then(|key| self.copied.get(&key).copied());
            slots.copy = known.or_else(|| self.copy(id, input.resolved));
            if let (Some(key), Some(copy)) = (key, slots.copy) {
                self.copied.insert(key, copy);
            }
        }
        if slots != Slots::default() || is_ifunc {
            self.slots.insert(target, slots);
        }
    }

    /// IFUNCs of the output have their entries behind all others: nobody binds those late, and the
    /// entries before them are numbered as their relocations are.
    fn add_ifuncs(&mut self) {
        for target in std::mem::take(&mut self.ifuncs) {
            self.slots.entry(target).or_default().plt = Some(self.plt.len() as u32);
            self.plt.push(target);
        }
    }

    fn push(&mut self, slot: GotSlot) -> u32 {
        self.got.push(slot);
        self.got.len() as u32 - 1
    }

    fn copy(&mut self, id: SymbolId, resolved: &Resolved<'_>) -> Option<u32> {
        let slot = slots::copy_slot(id, resolved, &self.copies)?;
        self.copies.push(slot);
        Some(self.copies.len() as u32 - 1)
    }

    /// Gives the copy of a variable to its other names as well, as far as the program uses them, and
    /// to the one that is not weak: by that name the library itself refers to it, so it must find
    /// the copy (`__environ` for `environ`).
    fn join_aliases(&mut self, input: &TableInput<'_, '_>) {
        let files: BTreeSet<FileId> = self.copied.keys().map(|variable| variable.file).collect();
        for file in files {
            let Some(shared) = input.resolved.shared(file) else { continue };
            for symbol in shared.symbols.iter().filter(|symbol| !symbol.is_undefined) {
                let Some(variable) = slots::variable(symbol.id, input.resolved) else { continue };
                if variable.file != file {
                    continue;
                }
                let Some(&copy) = self.copied.get(&variable) else { continue };
                let is_strong = input.resolved.symbols.get(symbol.id).kind == Kind::Shared;
                if is_strong || input.scanned.needs.get(symbol.id).has(Needs::USED) {
                    self.slots.entry(Target::Global(symbol.id)).or_default().copy = Some(copy);
                }
                if is_strong && let Some(slot) = self.copies.get_mut(copy as usize) {
                    slot.take_name(symbol.id, input.resolved);
                }
            }
        }
    }

    /// How large the tables are that this pass settles, in bytes.
    pub fn sizes(&self, input: &TableInput<'_, '_>, sizes: &mut MadeSizes) {
        let identity = input.arch.identity();
        let word = identity.encoding.word_size() as u64;
        let slot = identity.got_slot;
        let reloc = reloc_size(identity.encoding.is_64(), identity.is_rela);
        let plt = input.arch.plt();
        let count = |list: &[Target]| list.len() as u64;
        sizes.set(Made::Got, self.got.len() as u64 * slot, slot);
        let is_used = [&self.plt, &self.plt_got, &self.iplt].iter().any(|list| !list.is_empty());
        let has_got_plt = is_used || !self.got.is_empty() || input.scanned.needs_got_base;
        let reserved = if has_got_plt { identity.got_plt_reserved } else { 0 };
        sizes.set(Made::GotPlt, (reserved + count(&self.plt)) * slot, slot);
        // With entries in `.plt.got` alone, the header of `.plt` is there all the same.
        if !self.plt.is_empty() || !self.plt_got.is_empty() {
            let size = plt.header_size() + count(&self.plt) * plt.entry_size();
            sizes.set(Made::Plt, size, plt.align());
            sizes.set(Made::RelaPlt, count(&self.plt) * reloc, word);
            sizes.set(Made::PltSec, count(&self.plt) * plt.second_entry_size(), plt.align());
        }
        let entry = plt.got_entry_size();
        sizes.set(Made::Iplt, count(&self.iplt) * entry, entry);
        sizes.set(Made::IgotPlt, count(&self.iplt) * slot, slot);
        sizes.set(Made::RelaIplt, count(&self.iplt) * reloc, word);
        sizes.set(Made::PltGot, count(&self.plt_got) * entry, entry);
        let of_sections: u64 = input
            .scanned
            .files
            .iter()
            .flat_map(|file| &file.sections)
            .map(|section| u64::from(section.count))
            .sum();
        let relocs = of_sections + self.got_relocs + self.copies.len() as u64;
        sizes.set(Made::RelaDyn, relocs * reloc, word);
        for made in [Made::CopyRelro, Made::CopyBss] {
            let inside = || self.copies.iter().filter(|copy| copy.section() == made);
            if let Some(last) = inside().next_back() {
                let align = inside().map(|copy| copy.align).max().unwrap_or(1);
                sizes.set(made, last.offset + last.size, align);
            }
        }
    }
}

/// The size of a relocation, in bytes.
pub const fn reloc_size(is_64: bool, is_rela: bool) -> u64 {
    match (is_64, is_rela) {
        (true, true) => 24,
        (true, false) => 16,
        (false, true) => 12,
        (false, false) => 8,
    }
}

/// All symbols that need something, file by file and in a file by index.
fn in_order(input: &TableInput<'_, '_>) -> Vec<(Target, Needs)> {
    let mut found: Vec<(FileId, u32, Target, Needs)> = Vec::new();
    for (id, state) in input.resolved.symbols.iter() {
        let needs = input.scanned.needs.get(id);
        if !needs.is_none() {
            found.push((state.file, state.index, Target::Global(id), needs));
        }
    }
    for (number, file) in (0_u32..).zip(&input.scanned.files) {
        let file_id = FileId(number);
        let locals = file.locals.iter();
        found.extend(
            locals.map(|&(index, needs)| (file_id, index, Target::Local(file_id, index), needs)),
        );
    }
    found.sort_unstable_by_key(|&(file, index, ..)| (file, index));
    found.into_iter().map(|(_, _, target, needs)| (target, needs)).collect()
}
