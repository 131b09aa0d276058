//! The state of a frame while its instructions run, and its rows.

use crate::dump::Text;
use crate::dump::number::push_signed;
use crate::registers::Registers;

/// Columns that a machine without a table of registers may have.
const MAX_COLUMNS: u32 = 1024;
/// Columns to which one is added that was not foreseen, in a damaged entry.
const MAX_LATE: usize = 1024;
/// Columns are padded to this width.
const COLUMN_WIDTH: usize = 5;
/// The width of the column of the CFA.
const CFA_WIDTH: usize = 8;

/// How a register of the caller is found. DWARF 5, section 6.4.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Not at all.
    Undefined,
    /// It was not changed.
    SameValue,
    /// It lies in memory, this far from the CFA.
    Offset(i64),
    /// It is this far from the CFA.
    ValOffset(i64),
    /// It is in another register.
    Register(u32),
    /// It lies in memory where an expression says.
    Expression,
    /// An expression says what it is.
    ValExpression,
}

/// What a row shows.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// The register and its rule, ascending: those that any instruction speaks of.
    columns: Vec<(u32, Rule)>,
    /// The limit of registers that may have a rule.
    count: u32,
    /// The CFA: a register and what is added to it.
    pub cfa_register: u32,
    /// See there.
    pub cfa_offset: i32,
    /// Or an expression.
    pub cfa_is_expression: bool,
}

impl State {
    /// Makes room for a register. Returns whether there can be.
    pub fn make_room(&mut self, text: &mut Text, registers: Registers, register: u32) -> bool {
        if register < self.count {
            return true;
        }
        if register == u32::MAX {
            return false;
        }
        if registers.count() > 0 {
            if register > registers.count() {
                return false;
            }
        } else if register >= MAX_COLUMNS {
            text.error(format_args!("Unfeasibly large register number: {register}"));
            self.count = 0;
            self.columns.clear();
            return false;
        }
        self.count = register.saturating_add(1);
        true
    }

    /// Whether a register may have a rule.
    pub fn has_room(&self, register: u32) -> bool {
        register < self.count
    }

    /// The rule of a register that an instruction speaks of.
    pub fn rule(&self, register: u32) -> Option<Rule> {
        let at = self.columns.binary_search_by_key(&register, |&(known, _)| known).ok()?;
        self.columns.get(at).map(|&(_, rule)| rule)
    }

    /// Gives a register a rule.
    pub fn set(&mut self, register: u32, rule: Rule) {
        match self.columns.binary_search_by_key(&register, |&(known, _)| known) {
            Ok(at) => {
                if let Some(column) = self.columns.get_mut(at) {
                    column.1 = rule;
                }
            }
            Err(at) if self.columns.len() < MAX_LATE => {
                self.columns.insert(at, (register, rule));
            }
            Err(_) => (),
        }
    }

    /// Gives each of the registers a column, if it has none. They are sorted, and the list is empty
    /// afterwards.
    pub fn mention(&mut self, registers: &mut Vec<u32>) {
        registers.sort_unstable();
        registers.dedup();
        registers.retain(|&register| self.rule(register).is_none());
        let new = registers.drain(..).map(|register| (register, Rule::Undefined));
        if new.len() > 0 {
            self.columns.extend(new);
            self.columns.sort_by_key(|&(register, _)| register);
        }
    }

    /// How many columns there are, and one.
    pub fn width(&self) -> usize {
        self.columns.len().saturating_add(1)
    }

    /// Appends the line above the rows.
    pub fn put_header(&self, buf: &mut Vec<u8>, registers: Registers, address: usize, ra: u32) {
        let start = buf.len();
        buf.extend_from_slice(b"   LOC");
        pad(buf, start, address.saturating_mul(2));
        buf.extend_from_slice(b" CFA      ");
        for &(register, _) in &self.columns {
            let start = buf.len();
            if register == ra {
                buf.extend_from_slice(b"ra");
            } else {
                registers.put_name(buf, register);
            }
            pad(buf, start, COLUMN_WIDTH);
            buf.push(b' ');
        }
        buf.push(b'\n');
    }

    /// Appends the row, from behind its address.
    pub fn put_row(&self, buf: &mut Vec<u8>, registers: Registers) {
        buf.push(b' ');
        let start = buf.len();
        if self.cfa_is_expression {
            buf.extend_from_slice(b"exp");
        } else {
            registers.put_name(buf, self.cfa_register);
            push_offset(buf, self.cfa_offset.into());
        }
        pad(buf, start, CFA_WIDTH);
        buf.push(b' ');
        for &(_, rule) in &self.columns {
            rule.put(buf, registers);
        }
        buf.push(b'\n');
    }
}

impl Rule {
    fn put(self, buf: &mut Vec<u8>, registers: Registers) {
        let start = buf.len();
        match self {
            Self::Undefined => return buf.extend_from_slice(b"u     "),
            Self::SameValue => return buf.extend_from_slice(b"s     "),
            Self::Expression => buf.extend_from_slice(b"exp"),
            Self::ValExpression => buf.extend_from_slice(b"vexp"),
            Self::Offset(offset) => {
                buf.push(b'c');
                push_offset(buf, offset);
            }
            Self::ValOffset(offset) => {
                buf.push(b'v');
                push_offset(buf, offset);
            }
            Self::Register(register) => registers.put(buf, register),
        }
        pad(buf, start, COLUMN_WIDTH);
        buf.push(b' ');
    }
}

/// Appends a number with its sign.
pub fn push_offset(buf: &mut Vec<u8>, offset: i64) {
    if offset >= 0 {
        buf.push(b'+');
    }
    push_signed(buf, offset);
}

/// Fills what was written since `start` up to `width`.
fn pad(buf: &mut Vec<u8>, start: usize, width: usize) {
    let end = start.saturating_add(width);
    if buf.len() < end {
        buf.resize(end, b' ');
    }
}
