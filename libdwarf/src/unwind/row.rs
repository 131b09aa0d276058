//! Rows: what holds from one address to the next.

use gimli::{
    BaseAddresses, CfaRule, FrameDescriptionEntry, RegisterRule, UnwindContext, UnwindSection,
    UnwindTableRow,
};

use crate::load::Slice;

use super::{Error, Expression};

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
    /// The machine says how.
    Architectural,
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

    fn new<S: UnwindSection<Slice<'data>>>(
        section: &S,
        row: &UnwindTableRow<usize>,
    ) -> Result<Self, Error> {
        let cfa = match row.cfa() {
            CfaRule::RegisterAndOffset { register, offset } => {
                Cfa::Register { register: register.0.into(), offset: *offset }
            }
            CfaRule::Expression(expression) => Cfa::Expression(expression.get(section)?),
        };
        let mut rules = Vec::new();
        for (register, rule) in row.registers() {
            let rule = match rule {
                RegisterRule::Undefined => Rule::Undefined,
                RegisterRule::SameValue => Rule::SameValue,
                RegisterRule::Offset(offset) => Rule::Offset(*offset),
                RegisterRule::ValOffset(offset) => Rule::ValOffset(*offset),
                RegisterRule::Register(other) => Rule::Register(other.0.into()),
                RegisterRule::Expression(expression) => Rule::Expression(expression.get(section)?),
                RegisterRule::ValExpression(expression) => {
                    Rule::ValExpression(expression.get(section)?)
                }
                RegisterRule::Constant(value) => Rule::Constant(*value),
                RegisterRule::Architectural => Rule::Architectural,
            };
            rules.push((register.0.into(), rule));
        }
        rules.sort_by_key(|&(register, _)| register);
        let (start, end) = (row.start_address(), row.end_address());
        Ok(Self { start, end, cfa, args_size: row.saved_args_size(), rules })
    }
}

/// Hands each row of an FDE between whose addresses `is_wanted` says so to `wanted`, as long as that
/// says so.
pub(super) fn each<'data, S: UnwindSection<Slice<'data>>>(
    section: &S,
    fde: &FrameDescriptionEntry<Slice<'data>>,
    bases: &BaseAddresses,
    context: &mut UnwindContext<usize>,
    is_wanted: impl Fn(u64, u64) -> bool,
    mut wanted: impl FnMut(Row<'data>) -> bool,
) -> Result<(), Error> {
    let mut table = fde.rows(section, bases, context)?;
    while let Some(row) = table.next_row()? {
        if is_wanted(row.start_address(), row.end_address()) && !wanted(Row::new(section, row)?) {
            break;
        }
    }
    Ok(())
}
