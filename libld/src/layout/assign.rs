//! Assignments and assertions: what they make of symbols and of the location counter.

use super::engine::Engine;
use super::environment::Asked;
use super::plan::Statement;
use super::seat;
use crate::diagnostics::Severity;
use crate::script::ast::{Assertion, Assignment, BinaryOp, Expr, Name, SectionKind};
use crate::script::expr::{self, Base, Environment, Evaluated, Lookup, Unknown, Value, operate};
use crate::script::source::Span;

impl<'a> Engine<'_, 'a> {
    pub(super) fn assert(&mut self, assertion: &Assertion<'a>) {
        if self.address_of(&assertion.condition) == Some(0) {
            self.assertion_failed(assertion);
        }
    }

    pub(super) fn assign(&mut self, assignment: &Assignment<'a>) {
        let name = assignment.target.name;
        let is_dot = name == b".";
        let is_done = is_dot || self.symbols.contains_key(name) && self.is_wanted(assignment);
        if !is_done {
            return;
        }
        self.asked = Asked::Nothing;
        let evaluated = match expr::evaluate(&assignment.value, self) {
            Ok(value) => value,
            Err(unknown) => return self.unknown(unknown),
        };
        let asked = self.asked;
        let evaluated = match assignment.operator {
            None => evaluated,
            Some(operator) => match self.operate(name, operator, evaluated) {
                Some(value) => value,
                None => return self.undefined_target(assignment),
            },
        };
        if is_dot {
            self.move_dot(evaluated, assignment.span);
            if self.current.is_none() {
                self.before = None;
            }
        } else {
            let near = if evaluated.from_dot && self.current.is_none() && self.before.is_none() {
                self.neighbour()
            } else {
                None
            };
            if let Some(value) = evaluated.assigned(self, self.before)
                && let Some(symbol) = self.symbols.get_mut(name)
            {
                symbol.value = Some(value);
                symbol.near = near;
                if let Asked::One(source) = asked {
                    symbol.source = Some(source);
                }
            }
        }
    }

    /// `symbol += value` where nothing else gives the symbol a value.
    fn undefined_target(&mut self, assignment: &Assignment<'a>) {
        if self.is_settled && !self.said.is_fatal() {
            let target = assignment.target;
            let place = self.setting.sources.place(target.span);
            let text =
                [&place[..], b": undefined symbol `", target.name, b"' referenced in expression"];
            self.said.placed(Severity::Fatal, text.concat());
        }
    }

    /// The output section that the symbol table says an address belongs to if the location counter
    /// was moved since the last one: the next, or else the last after all. Where the output ends,
    /// which `end` tells, it is the last one.
    fn neighbour(&self) -> Option<u32> {
        let statements = &self.setting.plan.statements;
        let existing = |statement: &Statement<'a>| match statement {
            Statement::Output(number) => {
                let section = self.sections.get(*number as usize)?;
                section.exists.then_some((*number, section))
            }
            _ => None,
        };
        let behind = statements.get(self.at..).unwrap_or_default();
        let next = behind.iter().enumerate().find_map(|(at, it)| Some((at, existing(it)?)));
        let before = statements.get(..self.at).unwrap_or_default();
        let from = before.iter().rposition(|it| existing(it).is_some()).map_or(0, |at| at + 1);
        let to = next.map_or(statements.len(), |(at, _)| self.at + at);
        let gap = statements.get(from..to).unwrap_or_default();
        if self.last.is_some() && gap.iter().any(|statement| self.ends_output(statement)) {
            return self.last;
        }
        let next = next.map(|(_, found)| found).filter(|(_, section)| seat::is_seat(section));
        next.map(|(number, _)| number).or(self.last)
    }

    /// Whether a statement assigns to `end`, or would if anybody needed it.
    fn ends_output(&self, statement: &Statement<'_>) -> bool {
        let is_end = |it: &Assignment<'_>| matches!(it.target.name, b"end" | b"_end");
        match statement {
            Statement::Assignment(assignment) => is_end(assignment),
            Statement::Assert(_) => false,
            Statement::Output(number) => {
                let planned = self.setting.plan.outputs.get(*number as usize);
                planned.is_some_and(|planned| planned.symbols().any(is_end))
            }
        }
    }

    /// `symbol += value` and its like.
    pub(super) fn operate(
        &mut self,
        name: Name<'a>,
        operator: BinaryOp,
        right: Evaluated<u32>,
    ) -> Option<Evaluated<u32>> {
        let is_dot = name == b".";
        let left = if is_dot {
            match self.current {
                Some(section) => {
                    Value::offset(section, self.dot.wrapping_sub(self.base_of(section)))
                }
                None => Value::absolute(self.dot),
            }
        } else {
            match self.symbol(name) {
                Lookup::Known(value) => value,
                _ => return None,
            }
        };
        let (a, b, base) = match (left.base, right.value.base) {
            (base, Base::Number) => (left.value, right.value.value, base),
            (a, b) if a == b => (left.value, right.value.value, a),
            (Base::Section(_), Base::Absolute) => (left.value, right.value.value, left.base),
            _ => {
                let left = Evaluated { value: left, from_dot: false };
                (left.address(self)?, right.address(self)?, Base::Absolute)
            }
        };
        let value = operate::binary(operator, a, b)?;
        Some(Evaluated { value: Value { value, base }, from_dot: is_dot })
    }

    fn move_dot(&mut self, to: Evaluated<u32>, span: Span) {
        let to = match (to.value.base, self.current) {
            (Base::Number, Some(section)) => self.base_of(section).wrapping_add(to.value.value),
            _ => match to.address(self) {
                Some(address) => address,
                None => return,
            },
        };
        let to = self.setting.machine.wrap(to);
        if self.current.is_some() && to < self.dot {
            if self.is_settled {
                return;
            }
            let place = String::from_utf8_lossy(&self.setting.sources.place(span)).into_owned();
            let from = self.dot;
            let text = format!(
                "{place} cannot move location counter backwards (from {from:016x} to {to:016x})"
            );
            self.said.placed(Severity::Fatal, text);
            return;
        }
        if to != self.dot {
            self.make_gap();
        }
        self.dot = to;
    }

    /// A gap in an output section takes memory, unless the script says that nothing of it does.
    fn make_gap(&mut self) {
        let Some(number) = self.current else { return };
        let planned = self.setting.plan.outputs.get(number as usize);
        if planned.is_some_and(|planned| !matches!(planned.kind, SectionKind::NoAlloc(_)))
            && let Some(section) = self.sections.get_mut(number as usize)
        {
            section.attributes.take_gap();
        }
    }

    pub(super) fn base_of(&self, section: u32) -> u64 {
        self.sections.get(section as usize).map_or(0, |section| section.addr)
    }

    pub(super) fn address_of(&mut self, expr: &Expr<'a>) -> Option<u64> {
        match expr::evaluate(expr, self) {
            Ok(value) => value.address(self),
            Err(unknown) => {
                self.unknown(unknown);
                None
            }
        }
    }

    fn unknown(&mut self, unknown: Unknown) {
        if let Unknown::Wrong(error) = unknown
            && !self.is_settled
        {
            let mut text = self.setting.sources.place(error.span);
            text.extend_from_slice(&error.text);
            self.said.placed(Severity::Fatal, text);
        }
    }
}
