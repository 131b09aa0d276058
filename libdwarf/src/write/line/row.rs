//! A row, and the opcodes that set what it says besides address and line. DWARF 5, section 6.2.2.

use gimli::{LineEncoding, constants as dw};

use super::super::distance::Address;
use super::super::section::Section;

/// A row: where the code from an address on comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The address of the code.
    pub address: Address,
    /// The operation of its instruction, where instructions hold several.
    pub op_index: u8,
    /// The number of the file.
    pub file: u64,
    /// The line, from 1 on; 0 for code from no line.
    pub line: u64,
    /// The column, from 1 on; 0 for the whole line.
    pub column: u64,
    /// Which of the blocks that come from the line.
    pub discriminator: u64,
    /// The instruction set, as the machine numbers them.
    pub isa: u64,
    /// Whether it is a good place for a breakpoint.
    pub is_statement: bool,
    /// Whether a basic block begins.
    pub basic_block: bool,
    /// Whether a breakpoint at the start of the function belongs here.
    pub prologue_end: bool,
    /// Whether a breakpoint at the end of the function belongs here.
    pub epilogue_begin: bool,
}

impl Row {
    /// A statement in file 1, which is the primary one in all versions.
    pub fn new(address: Address, line: u64) -> Self {
        Self {
            address,
            op_index: 0,
            file: 1,
            line,
            column: 0,
            discriminator: 0,
            isa: 0,
            is_statement: true,
            basic_block: false,
            prologue_end: false,
            epilogue_begin: false,
        }
    }

    /// The registers at the start of a sequence.
    pub(super) fn initial(encoding: LineEncoding) -> Self {
        Self { is_statement: encoding.default_is_stmt, ..Self::new(Address::Constant(0), 1) }
    }

    /// Writes what differs from `before`, the registers after the row before.
    pub(super) fn write_registers(&self, before: &Self, code: &mut Section) {
        let set = |code: &mut Section, opcode: gimli::DwLns, value: u64| {
            code.byte(opcode.0);
            code.uleb(value);
        };
        if self.file != before.file {
            set(code, dw::DW_LNS_set_file, self.file);
        }
        if self.column != before.column {
            set(code, dw::DW_LNS_set_column, self.column);
        }
        if self.discriminator != 0 {
            let mut operand = Vec::new();
            libelf::leb128::write_unsigned(&mut operand, self.discriminator);
            code.byte(0);
            code.uleb(operand.len() as u64 + 1);
            code.byte(dw::DW_LNE_set_discriminator.0);
            code.extend(&operand);
        }
        if self.isa != before.isa {
            set(code, dw::DW_LNS_set_isa, self.isa);
        }
        for (is_set, opcode) in [
            (self.is_statement != before.is_statement, dw::DW_LNS_negate_stmt),
            (self.basic_block, dw::DW_LNS_set_basic_block),
            (self.prologue_end, dw::DW_LNS_set_prologue_end),
            (self.epilogue_begin, dw::DW_LNS_set_epilogue_begin),
        ] {
            if is_set {
                code.byte(opcode.0);
            }
        }
    }
}
