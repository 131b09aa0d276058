//! What a relocation asks of the output, whatever the machine: a machine says it by an [`Effect`],
//! and here it is noted.

use super::{Facts, Needs, SectionScan, Target, Trouble};
use crate::input::relocs::Reloc;

/// What the loader does with the place that a relocation applies to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Loader {
    /// Nothing: all is settled by the link.
    #[default]
    Nothing,
    /// It adds the load bias.
    Relative,
    /// It needs a relocation of its own.
    Own,
}

/// What a relocation asks of the output.
#[derive(Clone, Copy, Debug, Default)]
pub struct Effect {
    /// The relocation means nothing, whatever it refers to.
    pub is_nothing: bool,
    /// What its symbol needs.
    pub needs: Needs,
    /// What the loader does.
    pub loader: Loader,
    /// Code depends on the address of the global offset table.
    pub uses_got_base: bool,
    /// Code uses the slots of the output's own module.
    pub uses_module_slot: bool,
    /// The output needs room in the static block of thread-local storage.
    pub uses_static_tls: bool,
    /// If the program may not write to the section, that is told as if the loader had to.
    pub changes_text: bool,
    /// What stands in its way.
    pub trouble: Option<Trouble>,
    /// The relocation behind it belongs to the same code, and is settled with it.
    pub takes_next: bool,
}

impl SectionScan<'_, '_> {
    /// Lets `look` tell of each relocation what it asks of the output, and notes that.
    #[inline]
    pub fn each(&mut self, look: impl Fn(&Self, &Reloc, Facts) -> Effect) {
        let relocs = self.relocs;
        let mut index = 0;
        while let Some(reloc) = relocs.get(index) {
            index += 1;
            let Some((target, facts)) = self.target(&reloc) else { continue };
            let effect = look(self, &reloc, facts);
            self.note(&reloc, target, facts, effect);
            index += usize::from(effect.takes_next);
        }
    }

    #[inline]
    fn note(&mut self, reloc: &Reloc, target: Target, facts: Facts, effect: Effect) {
        if facts.has_any(Facts::UNDEFINED) && !effect.is_nothing {
            self.trouble(reloc, Trouble::Undefined);
        }
        let adopts = effect.needs.has(Needs::COPY.and(Needs::CANONICAL_PLT));
        if adopts && facts.has(Facts::PROTECTED) {
            self.trouble(reloc, Trouble::ProtectedCopy);
        }
        self.need(target, Needs::USED.and(effect.needs));
        match effect.loader {
            Loader::Nothing => {}
            Loader::Relative => self.relative(reloc.offset),
            Loader::Own => self.dynamic(facts),
        }
        if effect.uses_got_base {
            self.got_base();
        }
        if effect.uses_module_slot {
            self.module_slot();
        }
        if effect.uses_static_tls {
            self.static_tls();
        }
        if let Some(trouble) = effect.trouble {
            self.trouble(reloc, trouble);
        }
        if effect.loader != Loader::Nothing || effect.changes_text {
            self.changes_text(target);
        }
    }
}
