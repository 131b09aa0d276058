//! What the engine knows before the first round: the symbols that scripts define, which output
//! sections there are, and of which kind they are.

use libelf::raw::{SHF_WRITE, SHT_FINI_ARRAY, SHT_INIT_ARRAY, SHT_PREINIT_ARRAY, SectionType};

use super::attributes::Attributes;
use super::engine::{Defined, Engine, Section};
use super::form::SHF_GNU_RETAIN;
use super::plan::{Item, Planned, Statement};
use super::room;
use crate::ids::SymbolId;
use crate::options::Magic;
use crate::resolve::Kind;
use crate::script::ast::{Assignment, AssignmentKind, SectionKind};
use crate::script::expr::Value;

impl<'a> Engine<'_, 'a> {
    /// The symbols that the plan defines.
    pub(super) fn define_symbols(&mut self) {
        for assignment in self.setting.plan.assignments() {
            let name = assignment.target.name;
            if name != b"." && self.is_wanted(assignment) {
                let id = self.setting.names.find(name).unwrap_or(SymbolId::NONE);
                let is_hidden = matches!(
                    assignment.kind,
                    AssignmentKind::Hidden | AssignmentKind::ProvideHidden
                );
                let new =
                    Defined { id, value: None, before: None, near: None, is_hidden, source: None };
                self.symbols.entry(name).or_insert(new);
            }
        }
    }

    /// The output sections before the first round. Numbers that are assigned before them tell whether
    /// there is anything in them.
    pub(super) fn start_sections(&mut self) {
        let plan = self.setting.plan;
        self.sections = plan.outputs.iter().map(|planned| self.section(planned)).collect();
        for statement in &plan.statements {
            match statement {
                Statement::Assignment(assignment)
                    if assignment.target.name != b"." && room::is_number(&assignment.value) =>
                {
                    self.assign(assignment);
                }
                Statement::Output(number) => {
                    let planned = plan.outputs.get(*number as usize);
                    let exists = planned.is_some_and(|planned| self.exists(planned));
                    if let Some(section) = self.sections.get_mut(*number as usize) {
                        section.exists = exists;
                    }
                }
                Statement::Assignment(_) | Statement::Assert(_) => {}
            }
        }
    }

    /// Whether a symbol is known to be the number 0 before anything has an address.
    fn is_known_zero(&self, name: &[u8]) -> bool {
        let symbol = self.symbols.get(name);
        symbol.and_then(|symbol| symbol.value).is_some_and(|value| value == Value::absolute(0))
    }

    /// Whether an assignment defines its symbol: a PROVIDE does if somebody needs it, which is
    /// settled by now.
    pub(super) fn is_wanted(&self, assignment: &Assignment) -> bool {
        match assignment.kind {
            AssignmentKind::Plain | AssignmentKind::Hidden => true,
            AssignmentKind::Provide | AssignmentKind::ProvideHidden => {
                let id = self.setting.names.find(assignment.target.name);
                id.is_some_and(|id| self.setting.resolved.symbols.get(id).kind == Kind::Linker)
            }
        }
    }

    /// An output section before the first round.
    fn section(&mut self, planned: &Planned<'a>) -> Section {
        let mut section = Section { align: 1, ..Section::default() };
        if !planned.is_enabled || planned.discards() {
            return section;
        }
        for item in &planned.body {
            if let Item::Inputs(rule) = item
                && let Some(block) = self.blocks.get(*rule as usize)
            {
                section.attributes = section.attributes.join(block.attributes);
            }
        }
        section.exists = self.exists(planned);
        if !planned.is_orphan && !self.is_relocatable() {
            section.attributes.flags &= !SHF_GNU_RETAIN;
        }
        section.attributes = section.attributes.with_statements(planned);
        self.settle_type(planned, &mut section.attributes);
        self.settle_text(planned, &mut section.attributes);
        section.align = section.attributes.align.max(1);
        section
    }

    /// Whether there is anything in an output section, by what is known of symbols now.
    fn exists(&self, planned: &Planned<'a>) -> bool {
        if !planned.is_enabled || planned.discards() {
            return false;
        }
        // Relocations that stay may be of what is empty.
        let keeps_empty = self.is_relocatable() || self.setting.options.output.emit_relocs;
        let is_zero = |name: &[u8]| self.is_known_zero(name);
        planned.body.iter().any(|item| match item {
            Item::Inputs(rule) => self
                .blocks
                .get(*rule as usize)
                .is_some_and(|block| block.has_size || keeps_empty && block.attributes.has_inputs),
            Item::Data(..) | Item::Asciz(_) => true,
            Item::Assignment(assignment) => room::is_made_by(assignment, &is_zero),
            Item::Assert(_) | Item::Fill(_) | Item::LinkerVersion => false,
        })
    }

    /// The type that a script gives holds unless inputs have one.
    fn settle_type(&mut self, planned: &Planned<'a>, attributes: &mut Attributes) {
        if let SectionKind::Type(kind) | SectionKind::ReadOnlyType(kind) = &planned.kind
            && !attributes.has_inputs
            && let Some(kind) = self.address_of(kind)
        {
            attributes.kind = SectionType(kind as u32);
        }
        if matches!(attributes.kind, SHT_INIT_ARRAY | SHT_FINI_ARRAY | SHT_PREINIT_ARRAY) {
            attributes.entsize = self.setting.machine.word();
        }
    }

    /// `.text` of a program is read-only whatever is in it, and writable with -N.
    fn settle_text(&self, planned: &Planned<'a>, attributes: &mut Attributes) {
        if planned.name != b".text" || self.is_relocatable() {
            return;
        }
        if self.setting.options.output.magic == Magic::Omagic {
            attributes.flags |= SHF_WRITE.0;
        } else {
            attributes.flags &= !SHF_WRITE.0;
        }
    }
}
