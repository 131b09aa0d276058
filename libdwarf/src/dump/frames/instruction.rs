//! Call frame instructions by their codes. DWARF 5, section 7.24; codes of vendors.

/// The two highest bits of a code are an instruction of their own, where not both are 0.
pub const PRIMARY: u8 = 0xc0;
/// The operand of such an instruction.
pub const OPERAND: u8 = 0x3f;

pub const ADVANCE_LOC: u8 = 0x40;
pub const OFFSET: u8 = 0x80;
pub const RESTORE: u8 = 0xc0;

pub const NOP: u8 = 0;
pub const SET_LOC: u8 = 1;
pub const ADVANCE_LOC1: u8 = 2;
pub const ADVANCE_LOC2: u8 = 3;
pub const ADVANCE_LOC4: u8 = 4;
pub const OFFSET_EXTENDED: u8 = 5;
pub const RESTORE_EXTENDED: u8 = 6;
pub const UNDEFINED: u8 = 7;
pub const SAME_VALUE: u8 = 8;
pub const REGISTER: u8 = 9;
pub const REMEMBER_STATE: u8 = 0xa;
pub const RESTORE_STATE: u8 = 0xb;
pub const DEF_CFA: u8 = 0xc;
pub const DEF_CFA_REGISTER: u8 = 0xd;
pub const DEF_CFA_OFFSET: u8 = 0xe;
pub const DEF_CFA_EXPRESSION: u8 = 0xf;
pub const EXPRESSION: u8 = 0x10;
pub const OFFSET_EXTENDED_SF: u8 = 0x11;
pub const DEF_CFA_SF: u8 = 0x12;
pub const DEF_CFA_OFFSET_SF: u8 = 0x13;
pub const VAL_OFFSET: u8 = 0x14;
pub const VAL_OFFSET_SF: u8 = 0x15;
pub const VAL_EXPRESSION: u8 = 0x16;

/// From here on codes are the vendors'.
pub const LO_USER: u8 = 0x1c;
/// MIPS, and GNU in general: as the standard's, with eight bytes.
pub const MIPS_ADVANCE_LOC8: u8 = 0x1d;
/// SPARC: the window of registers is saved; AArch64: the return address is signed.
pub const GNU_WINDOW_SAVE: u8 = 0x2d;
pub const GNU_ARGS_SIZE: u8 = 0x2e;
pub const GNU_NEGATIVE_OFFSET_EXTENDED: u8 = 0x2f;
