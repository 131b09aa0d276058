//! From one row to the next: the opcodes that move address and line. DWARF 5, section 6.2.5.
//!
//! ```text
//! special opcode = opcode_base + (line advance − line_base) + line_range × operation advance
//! ```

use gimli::{LineEncoding, constants as dw};

use super::super::distance::{Address, Distance, Distances, distance};
use super::super::error::{Error, Result};
use super::super::section::Section;

/// The number of the first special opcode. All versions have the table that tells readers of
/// version 2 to skip the opcodes from 10 on.
pub(super) const OPCODE_BASE: u8 = 13;

/// What happens at the new address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LineStep {
    /// A row whose line is this many more than that of the one before.
    Row(i64),
    /// The sequence ends.
    End,
}

/// The opcodes from one row to the next, before their distance is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineAdvance {
    /// Address and operation of the row before; none at the start of a sequence.
    pub from: Option<(Address, u8)>,
    /// The new address.
    pub to: Address,
    /// The operation of its instruction.
    pub op_index: u8,
    /// What happens there.
    pub line: LineStep,
    pub(super) parameters: Parameters,
}

/// What the opcodes depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parameters {
    pub(super) line: LineEncoding,
    pub(super) address_size: u8,
}

impl LineAdvance {
    /// Writes the opcodes.
    ///
    /// # Errors
    /// If the address goes back.
    pub fn write(&self, code: &mut Section, distances: Distances<'_>) -> Result<()> {
        let operations = self.approach(code, distances)?;
        match self.line {
            LineStep::Row(line) => self.parameters.write_row(code, line, operations),
            LineStep::End => self.parameters.write_end(code, operations),
        }
        Ok(())
    }

    /// Moves as far as operations cannot, and tells how many of them are left.
    fn approach(&self, code: &mut Section, distances: Distances<'_>) -> Result<u64> {
        if let Some((from, op_index)) = self.from {
            match distance(distances, from, self.to) {
                Distance::Exactly(bytes) => {
                    if let Some(operations) = self.operations(bytes, op_index)? {
                        return Ok(operations);
                    }
                }
                Distance::AtMost(..=0xffff) if matches!(self.to, Address::Symbol { .. }) => {
                    code.byte(dw::DW_LNS_fixed_advance_pc.0);
                    code.difference(from, self.to, 2)?;
                    return Ok(self.op_index.into());
                }
                Distance::AtMost(_) | Distance::Unknown => {}
            }
        }
        self.set_address(code)?;
        Ok(self.op_index.into())
    }

    /// The operations from the row before; none if the bytes between do not say how many.
    fn operations(&self, bytes: i64, op_index: u8) -> Result<Option<u64>> {
        let bytes = u64::try_from(bytes).map_err(|_| Error::Backwards)?;
        let encoding = self.parameters.line;
        let length = u64::from(encoding.minimum_instruction_length);
        if bytes.checked_rem(length) != Some(0) {
            return Ok(None);
        }
        let instructions = bytes.checked_div(length).unwrap_or(0);
        let count = u64::from(encoding.maximum_operations_per_instruction);
        let operations = instructions
            .checked_mul(count)
            .and_then(|operations| operations.checked_add(self.op_index.into()));
        match operations {
            None => Ok(None),
            Some(operations) => {
                operations.checked_sub(op_index.into()).map(Some).ok_or(Error::Backwards)
            }
        }
    }

    fn set_address(&self, code: &mut Section) -> Result<()> {
        code.byte(0);
        code.uleb(u64::from(self.parameters.address_size) + 1);
        code.byte(dw::DW_LNE_set_address.0);
        code.address(self.to, self.parameters.address_size)
    }
}

impl Parameters {
    /// How many operations the largest special opcode moves, which `DW_LNS_const_add_pc` does too.
    fn constant(self) -> u64 {
        u64::from((255 - OPCODE_BASE).checked_div(self.line.line_range).unwrap_or(0))
    }

    /// The special opcode that does both at once, if there is one.
    fn special(self, line: i64, operations: u64) -> Option<u8> {
        let line = line.checked_sub(self.line.line_base.into())?;
        let line = u64::try_from(line).ok().filter(|&l| l < self.line.line_range.into())?;
        let moved = operations.checked_mul(self.line.line_range.into())?;
        let opcode = moved.checked_add(line)?.checked_add(OPCODE_BASE.into())?;
        u8::try_from(opcode).ok()
    }

    fn write_row(self, code: &mut Section, line: i64, operations: u64) {
        let in_reach = self.special(line, 0).is_some();
        if !in_reach {
            code.byte(dw::DW_LNS_advance_line.0);
            code.sleb(line);
        }
        let line = if in_reach { line } else { 0 };
        if line == 0 && operations == 0 {
            return code.byte(dw::DW_LNS_copy.0);
        }
        if let Some(opcode) = self.special(line, operations) {
            return code.byte(opcode);
        }
        let rest = operations.checked_sub(self.constant());
        if let Some(opcode) = rest.and_then(|rest| self.special(line, rest)) {
            code.byte(dw::DW_LNS_const_add_pc.0);
            return code.byte(opcode);
        }
        code.byte(dw::DW_LNS_advance_pc.0);
        code.uleb(operations);
        match self.special(line, 0).filter(|_| in_reach) {
            Some(opcode) => code.byte(opcode),
            None => code.byte(dw::DW_LNS_copy.0),
        }
    }

    fn write_end(self, code: &mut Section, operations: u64) {
        if operations != 0 && operations == self.constant() {
            code.byte(dw::DW_LNS_const_add_pc.0);
        } else if operations != 0 {
            code.byte(dw::DW_LNS_advance_pc.0);
            code.uleb(operations);
        }
        code.extend(&[0, 1, dw::DW_LNE_end_sequence.0]);
    }
}
