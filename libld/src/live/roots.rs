//! What is kept though nothing in the link refers to it.

use libelf::raw::{
    SHF_GROUP, SHF_LINK_ORDER, SHT_FINI_ARRAY, SHT_INIT_ARRAY, SHT_NOTE, SHT_PREINIT_ARRAY,
    STV_DEFAULT, STV_PROTECTED,
};

use crate::ids::{SectionId, SymbolId};
use crate::layout::plan::Plan;
use crate::resolve::{Resolved, State};
use crate::script::matching::Matched;

/// `SHF_GNU_RETAIN`: the section is kept.
const RETAIN: u64 = 1 << 21;

/// Where marking starts.
#[derive(Debug, Default)]
pub struct Roots {
    /// Sections.
    pub sections: Vec<SectionId>,
    /// Symbols whose definitions are kept.
    pub symbols: Vec<SymbolId>,
}

impl Roots {
    /// Adds what statements say to KEEP.
    pub fn of_script(&mut self, plan: &Plan<'_>, matched: &Matched) {
        for (rule, sections) in plan.rules.iter().zip(&matched.by_rule) {
            if rule.statement.is_some_and(|statement| statement.keep) {
                self.sections.extend(sections);
            }
        }
    }

    /// Adds sections that say so themselves, and notes, which are for others to read.
    pub fn of_sections(&mut self, resolved: &Resolved<'_>) {
        for (file, object) in resolved.objects() {
            for (index, header) in (0_u32..).zip(object.sections.iter()) {
                let is_tied = header.flags & (SHF_GROUP.0 | SHF_LINK_ORDER.0) != 0;
                let is_note = header.kind == SHT_NOTE && !is_tied;
                // Whoever starts the program calls these.
                let is_array =
                    matches!(header.kind, SHT_INIT_ARRAY | SHT_FINI_ARRAY | SHT_PREINIT_ARRAY)
                        && !is_tied;
                if header.flags & RETAIN != 0 || is_note || is_array {
                    self.sections.push(SectionId { file, index });
                }
            }
        }
    }

    /// Adds the symbols that others may bind to when the program is loaded.
    pub fn of_exports(
        &mut self,
        resolved: &Resolved<'_>,
        is_exported: &dyn Fn(SymbolId, &State) -> bool,
    ) {
        for (id, state) in resolved.symbols.iter() {
            let is_visible = matches!(state.visibility(), STV_DEFAULT | STV_PROTECTED);
            if state.kind.is_regular() && is_visible && is_exported(id, state) {
                self.symbols.push(id);
            }
        }
    }
}
