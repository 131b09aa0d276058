//! What the engine answers when the layout is done: values of expressions where they stand, as a
//! map shows them.

use super::engine::{Defined, Engine};
use super::plan::Plan;
use crate::script::ast::{Assertion, Assignment, Expr};
use crate::script::expr::{self, Base, Evaluated};

impl<'e, 'a> Engine<'e, 'a> {
    /// The statements.
    pub fn plan(&self) -> &'e Plan<'a> {
        self.setting.plan
    }

    /// Where the location counter stands after an assignment to it. `dot` is where it stood before,
    /// `section` the output section whose body the assignment stands in.
    pub fn moved_dot(
        &mut self,
        assignment: &Assignment<'a>,
        dot: u64,
        section: Option<u32>,
    ) -> Option<u64> {
        self.at(dot, section, |engine| {
            let value = expr::evaluate(&assignment.value, engine).ok()?;
            let value = match assignment.operator {
                None => value,
                Some(operator) => engine.operate(b".", operator, value)?,
            };
            let to = match (value.value.base, section) {
                (Base::Number, Some(section)) => {
                    engine.base_of(section).wrapping_add(value.value.value)
                }
                _ => value.address(engine)?,
            };
            Some(engine.setting.machine.wrap(to))
        })
    }

    /// The value of an expression, with the location counter at `dot`.
    pub fn value_at(&mut self, expr: &Expr<'a>, dot: u64, section: Option<u32>) -> Option<u64> {
        self.at(dot, section, |engine| engine.address_of(expr))
    }

    /// The value of what is asserted, with the location counter at `dot`.
    pub fn assertion_at(
        &mut self,
        assertion: &Assertion<'a>,
        dot: u64,
        section: Option<u32>,
    ) -> Option<u64> {
        self.value_at(&assertion.condition, dot, section)
    }

    /// The symbol that an assignment defines, unless the assignment is not done at all.
    pub fn defined(&self, assignment: &Assignment<'a>) -> Option<Defined> {
        let symbol = self.symbols.get(assignment.target.name).copied();
        symbol.filter(|_| self.is_wanted(assignment))
    }

    /// The address of a symbol that a script defines.
    pub fn address_of_symbol(&self, symbol: &Defined) -> Option<u64> {
        let value = symbol.value.or(symbol.before)?;
        Evaluated { value, from_dot: false }.address(self)
    }

    /// Origin and length of a memory region, in bytes; those of all of the memory without a name.
    pub fn region(&self, name: &[u8]) -> Option<(u64, u64)> {
        use crate::script::expr::Lookup;
        match (self.regions.origin(name), self.regions.length(name)) {
            (Lookup::Known(origin), Lookup::Known(length)) => Some((origin, length)),
            _ => None,
        }
    }

    /// How many bytes of a memory region are used.
    pub fn used(&self, name: &[u8]) -> Option<u64> {
        self.regions.used(name)
    }

    fn at<T>(&mut self, dot: u64, section: Option<u32>, ask: impl FnOnce(&mut Self) -> T) -> T {
        self.current = section;
        self.dot = dot;
        let answer = ask(self);
        self.current = None;
        answer
    }
}
