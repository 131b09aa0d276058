//! The instructions of a record: how far they reach. DWARF 5, section 6.4.2.
//!
//! Assemblers fill records up with instructions that do nothing. GNU ld takes them away again, so
//! that records are as short as they can be.

use super::augmentation::Reader;

/// Instructions whose operand is in the opcode's low six bits.
const ADVANCE_LOC: u8 = 0x40;
const OFFSET: u8 = 0x80;
const RESTORE: u8 = 0xc0;
/// The bits that tell those.
const PRIMARY: u8 = 0xc0;

/// Does nothing.
pub const NOP: u8 = 0x00;
const SET_LOC: u8 = 0x01;
const ADVANCE_LOC1: u8 = 0x02;
const ADVANCE_LOC2: u8 = 0x03;
const ADVANCE_LOC4: u8 = 0x04;
const OFFSET_EXTENDED: u8 = 0x05;
const RESTORE_EXTENDED: u8 = 0x06;
const UNDEFINED: u8 = 0x07;
const SAME_VALUE: u8 = 0x08;
const REGISTER: u8 = 0x09;
const REMEMBER_STATE: u8 = 0x0a;
const RESTORE_STATE: u8 = 0x0b;
const DEF_CFA: u8 = 0x0c;
const DEF_CFA_REGISTER: u8 = 0x0d;
const DEF_CFA_OFFSET: u8 = 0x0e;
const DEF_CFA_EXPRESSION: u8 = 0x0f;
const EXPRESSION: u8 = 0x10;
const OFFSET_EXTENDED_SF: u8 = 0x11;
const DEF_CFA_SF: u8 = 0x12;
const DEF_CFA_OFFSET_SF: u8 = 0x13;
const VAL_OFFSET: u8 = 0x14;
const VAL_OFFSET_SF: u8 = 0x15;
const VAL_EXPRESSION: u8 = 0x16;
/// Extensions of MIPS, of GNU for SPARC, and of GNU.
const MIPS_ADVANCE_LOC8: u8 = 0x1d;
const GNU_WINDOW_SAVE: u8 = 0x2d;
const GNU_ARGS_SIZE: u8 = 0x2e;
const GNU_NEGATIVE_OFFSET_EXTENDED: u8 = 0x2f;

/// How many bytes of `instructions` there are without those at the end that do nothing; `None` if
/// there is one that is not known. `code_size` is the size of an address in them, in bytes.
pub fn used(instructions: &[u8], code_size: usize) -> Option<usize> {
    let mut rest = Reader(instructions);
    let mut used = 0;
    while let Some(code) = rest.byte() {
        if code == NOP {
            continue;
        }
        operands(code, code_size, &mut rest)?;
        used = instructions.len().saturating_sub(rest.0.len());
    }
    Some(used)
}

/// Passes over the operands of an instruction.
fn operands(code: u8, code_size: usize, rest: &mut Reader<'_>) -> Option<()> {
    match code & PRIMARY {
        ADVANCE_LOC | RESTORE => return Some(()),
        OFFSET => return rest.number(),
        _ => {}
    }
    match code {
        REMEMBER_STATE | RESTORE_STATE | GNU_WINDOW_SAVE => Some(()),
        SET_LOC => rest.skip(code_size),
        ADVANCE_LOC1 => rest.skip(1),
        ADVANCE_LOC2 => rest.skip(2),
        ADVANCE_LOC4 => rest.skip(4),
        MIPS_ADVANCE_LOC8 => rest.skip(8),
        RESTORE_EXTENDED | UNDEFINED | SAME_VALUE | DEF_CFA_REGISTER | DEF_CFA_OFFSET
        | DEF_CFA_OFFSET_SF | GNU_ARGS_SIZE => rest.number(),
        OFFSET_EXTENDED
        | REGISTER
        | DEF_CFA
        | OFFSET_EXTENDED_SF
        | DEF_CFA_SF
        | VAL_OFFSET
        | VAL_OFFSET_SF
        | GNU_NEGATIVE_OFFSET_EXTENDED => {
            rest.number()?;
            rest.number()
        }
        DEF_CFA_EXPRESSION => block(rest),
        EXPRESSION | VAL_EXPRESSION => {
            rest.number()?;
            block(rest)
        }
        _ => None,
    }
}

/// A block of bytes behind its size.
fn block(rest: &mut Reader<'_>) -> Option<()> {
    let size = usize::try_from(rest.value()?).ok()?;
    rest.skip(size)
}

#[cfg(test)]
mod tests {
    use super::used;

    #[test]
    fn fill_at_the_end_does_not_count() {
        assert_eq!(used(&[], 4), Some(0));
        assert_eq!(used(&[0, 0, 0], 4), Some(0));
        assert_eq!(used(&[0x41, 0x0e, 16, 0, 0], 4), Some(3));
        assert_eq!(used(&[0x41, 0, 0x0e, 0, 0], 4), Some(4));
        // A block with zeros at its end, and numbers of several bytes.
        assert_eq!(used(&[0x0f, 3, 1, 0, 0, 0], 4), Some(5));
        assert_eq!(used(&[0x05, 0x80, 0x01, 0, 0], 4), Some(4));
        assert_eq!(used(&[0x01, 0, 0, 0, 0, 0], 4), Some(5));
    }

    #[test]
    fn what_is_not_known_is_told() {
        assert_eq!(used(&[0x3f], 4), None);
        assert_eq!(used(&[0x0f, 3, 1], 4), None);
        assert_eq!(used(&[0x0e, 0x80], 4), None);
        assert_eq!(used(&[0x04, 0, 0, 0], 4), None);
    }
}
