//! Opcodes of line number programs. DWARF 5, section 7.22; HP's from its `dwarf2.h`.

pub const COPY: u8 = 1;
pub const ADVANCE_PC: u8 = 2;
pub const ADVANCE_LINE: u8 = 3;
pub const SET_FILE: u8 = 4;
pub const SET_COLUMN: u8 = 5;
pub const NEGATE_STMT: u8 = 6;
pub const SET_BASIC_BLOCK: u8 = 7;
pub const CONST_ADD_PC: u8 = 8;
pub const FIXED_ADVANCE_PC: u8 = 9;
pub const SET_PROLOGUE_END: u8 = 10;
pub const SET_EPILOGUE_BEGIN: u8 = 11;
pub const SET_ISA: u8 = 12;

// Extended opcodes.
pub const END_SEQUENCE: u8 = 1;
pub const SET_ADDRESS: u8 = 2;
pub const DEFINE_FILE: u8 = 3;
pub const SET_DISCRIMINATOR: u8 = 4;
pub const HP_SET_SEQUENCE: u8 = 0x16;
/// The first extended opcode that is not the standard's.
pub const LO_USER: u8 = 0x80;
pub const HP_SOURCE_FILE_CORRELATION: u8 = 0x80;

// What follows HP_SOURCE_FILE_CORRELATION.
pub const HP_SFC_FORMFEED: u32 = 1;
pub const HP_SFC_SET_LISTING_LINE: u32 = 2;
pub const HP_SFC_ASSOCIATE: u32 = 3;

/// The name of an extended opcode of HP whose operands are not shown.
pub fn hp_name(opcode: u8) -> Option<&'static str> {
    Some(match opcode {
        0x11 => "DW_LNE_HP_negate_is_UV_update",
        0x12 => "DW_LNE_HP_push_context",
        0x13 => "DW_LNE_HP_pop_context",
        0x14 => "DW_LNE_HP_set_file_line_column",
        0x15 => "DW_LNE_HP_set_routine_name",
        HP_SET_SEQUENCE => "DW_LNE_HP_set_sequence",
        0x17 => "DW_LNE_HP_negate_post_semantics",
        0x18 => "DW_LNE_HP_negate_function_exit",
        0x19 => "DW_LNE_HP_negate_front_end_logical",
        0x20 => "DW_LNE_HP_define_proc",
        _ => return None,
    })
}
