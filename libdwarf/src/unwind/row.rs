//! Rows: what holds from one address to the next.

use super::Expression;

/// Where the frame of the caller is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cfa<'data> {
    /// At the value of a register and an offset, in bytes.
    Register {
        /// Which one.
        register: u32,
        /// What is added.
        offset: i64,
    },
    /// Where an expression says.
    Expression(Expression<'data>),
}

/// How a register of the caller is found. DWARF 5, section 6.4.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule<'data> {
    /// It is lost.
    Undefined,
    /// It was not changed.
    SameValue,
    /// It is in memory, this many bytes from the CFA.
    Offset(i64),
    /// It is the CFA and this many bytes.
    ValOffset(i64),
    /// It is in another register.
    Register(u32),
    /// It is in memory where an expression says.
    Expression(Expression<'data>),
    /// It is what an expression says.
    ValExpression(Expression<'data>),
    /// It is a number: of registers that do not exist, such as the sign state of AArch64.
    Constant(u64),
}

/// What holds from one address up to another, both of the file.
#[derive(Clone, Debug)]
pub struct Row<'data> {
    /// From where on it holds.
    pub start: u64,
    /// Up to where.
    pub end: u64,
    /// Where the frame of the caller is.
    pub cfa: Cfa<'data>,
    /// How many bytes of arguments are on the stack that the callee takes away.
    pub args_size: u64,
    /// Ascending.
    rules: Vec<(u32, Rule<'data>)>,
}

impl<'data> Row<'data> {
    /// Whether it holds at an address.
    pub fn contains(&self, address: u64) -> bool {
        self.start <= address && address < self.end
    }

    /// The rule of a register, if the frame speaks of it. By convention a register without a rule
    /// was not changed if callees preserve it, and is lost if they do not.
    pub fn rule(&self, register: u32) -> Option<Rule<'data>> {
        self.rules.iter().find(|&&(known, _)| known == register).map(|&(_, rule)| rule)
    }

    /// All rules, by register.
    pub fn rules(&self) -> &[(u32, Rule<'data>)] {
        &self.rules
    }

    pub(super) fn new(
        start: u64,
        end: u64,
        cfa: Cfa<'data>,
        args_size: u64,
        rules: Vec<(u32, Rule<'data>)>,
    ) -> Self {
        Self { start, end, cfa, args_size, rules }
    }
}
