//! Call frame instructions. DWARF 5, section 6.4.2.

use gimli::{DwCfa, Encoding, Register, constants as dw};

use super::super::error::{Error, Result};
use super::super::expression::{Expression, NoReferences};
use super::super::section::Section;
use super::Cie;

/// A rule of a frame. Offsets are in bytes, whatever they are counted in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CallFrameInstruction {
    /// The CFA is a register and an offset.
    DefCfa(Register, i64),
    /// The CFA is another register and the offset it had.
    DefCfaRegister(Register),
    /// The CFA is the register it was and another offset.
    DefCfaOffset(i64),
    /// The CFA is the value of an expression.
    DefCfaExpression(Expression),
    /// A register was saved at the CFA and an offset.
    Offset(Register, i64),
    /// A register had the value of the CFA and an offset.
    ValOffset(Register, i64),
    /// A register was saved in another one.
    Register(Register, Register),
    /// A register was saved where an expression says.
    Expression(Register, Expression),
    /// A register had the value of an expression.
    ValExpression(Register, Expression),
    /// A register is as it was at the start of the frame.
    Restore(Register),
    /// A register cannot be restored.
    Undefined(Register),
    /// A register is not changed.
    SameValue(Register),
    /// Pushes all rules.
    RememberState,
    /// Pops all rules.
    RestoreState,
    /// Bytes of arguments that have been pushed (`DW_CFA_GNU_args_size`).
    ArgsSize(u64),
    /// SPARC: register windows have moved (`DW_CFA_GNU_window_save`).
    WindowSave,
    /// AArch64: return addresses are signed from here on, or not any more.
    NegateRaState,
    /// Bytes as they are (`.cfi_escape`).
    Raw(Vec<u8>),
}

/// Registers below this have opcodes of their own for the commonest rules.
const SHORT: u16 = 64;

impl CallFrameInstruction {
    /// Appends the instruction.
    pub(super) fn write(&self, section: &mut Section, cie: &Cie, encoding: Encoding) -> Result<()> {
        let factored = |offset: i64| {
            let factor = cie.data_alignment;
            match (offset.checked_rem(factor), offset.checked_div(factor)) {
                (Some(0), Some(count)) => Ok(count),
                _ => Err(Error::Factor { value: offset, factor }),
            }
        };
        let op = |section: &mut Section, op: DwCfa| section.byte(op.0);
        let op_register = |section: &mut Section, op: DwCfa, register: Register| {
            section.byte(op.0);
            section.uleb(register.0.into());
        };
        match self {
            Self::DefCfa(register, offset) if *offset >= 0 => {
                op_register(section, dw::DW_CFA_def_cfa, *register);
                section.uleb(offset.unsigned_abs());
            }
            Self::DefCfa(register, offset) => {
                let offset = factored(*offset)?;
                op_register(section, dw::DW_CFA_def_cfa_sf, *register);
                section.sleb(offset);
            }
            Self::DefCfaRegister(register) => {
                op_register(section, dw::DW_CFA_def_cfa_register, *register);
            }
            Self::DefCfaOffset(offset) if *offset >= 0 => {
                op(section, dw::DW_CFA_def_cfa_offset);
                section.uleb(offset.unsigned_abs());
            }
            Self::DefCfaOffset(offset) => {
                let offset = factored(*offset)?;
                op(section, dw::DW_CFA_def_cfa_offset_sf);
                section.sleb(offset);
            }
            Self::DefCfaExpression(expression) => {
                op(section, dw::DW_CFA_def_cfa_expression);
                expression.write_counted(section, encoding, &NoReferences, None)?;
            }
            Self::Offset(register, offset) => {
                let offset = factored(*offset)?;
                match u64::try_from(offset) {
                    Ok(offset) if register.0 < SHORT => {
                        section.byte(dw::DW_CFA_offset.0 | register.0 as u8);
                        section.uleb(offset);
                    }
                    Ok(offset) => {
                        op_register(section, dw::DW_CFA_offset_extended, *register);
                        section.uleb(offset);
                    }
                    Err(_) => {
                        op_register(section, dw::DW_CFA_offset_extended_sf, *register);
                        section.sleb(offset);
                    }
                }
            }
            Self::ValOffset(register, offset) => {
                let offset = factored(*offset)?;
                if offset >= 0 {
                    op_register(section, dw::DW_CFA_val_offset, *register);
                    section.uleb(offset.unsigned_abs());
                } else {
                    op_register(section, dw::DW_CFA_val_offset_sf, *register);
                    section.sleb(offset);
                }
            }
            Self::Register(register, other) => {
                op_register(section, dw::DW_CFA_register, *register);
                section.uleb(other.0.into());
            }
            Self::Expression(register, expression) => {
                op_register(section, dw::DW_CFA_expression, *register);
                expression.write_counted(section, encoding, &NoReferences, None)?;
            }
            Self::ValExpression(register, expression) => {
                op_register(section, dw::DW_CFA_val_expression, *register);
                expression.write_counted(section, encoding, &NoReferences, None)?;
            }
            Self::Restore(register) if register.0 < SHORT => {
                section.byte(dw::DW_CFA_restore.0 | register.0 as u8);
            }
            Self::Restore(register) => {
                op_register(section, dw::DW_CFA_restore_extended, *register);
            }
            Self::Undefined(register) => op_register(section, dw::DW_CFA_undefined, *register),
            Self::SameValue(register) => op_register(section, dw::DW_CFA_same_value, *register),
            Self::RememberState => op(section, dw::DW_CFA_remember_state),
            Self::RestoreState => op(section, dw::DW_CFA_restore_state),
            Self::ArgsSize(size) => {
                op(section, dw::DW_CFA_GNU_args_size);
                section.uleb(*size);
            }
            Self::WindowSave => op(section, dw::DW_CFA_GNU_window_save),
            Self::NegateRaState => op(section, dw::DW_CFA_AARCH64_negate_ra_state),
            Self::Raw(bytes) => section.extend(bytes),
        }
        Ok(())
    }
}
