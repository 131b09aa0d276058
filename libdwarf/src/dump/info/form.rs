//! Forms of attributes by number. DWARF 5, section 7.5.6; those with `GNU` stood for the ones of
//! split and supplementary files before version 5.

pub const ADDR: u64 = 0x01;
pub const BLOCK2: u64 = 0x03;
pub const BLOCK4: u64 = 0x04;
pub const DATA2: u64 = 0x05;
pub const DATA4: u64 = 0x06;
pub const DATA8: u64 = 0x07;
pub const STRING: u64 = 0x08;
pub const BLOCK: u64 = 0x09;
pub const BLOCK1: u64 = 0x0a;
pub const DATA1: u64 = 0x0b;
pub const FLAG: u64 = 0x0c;
pub const SDATA: u64 = 0x0d;
pub const STRP: u64 = 0x0e;
pub const UDATA: u64 = 0x0f;
pub const REF_ADDR: u64 = 0x10;
pub const REF1: u64 = 0x11;
pub const REF2: u64 = 0x12;
pub const REF4: u64 = 0x13;
pub const REF8: u64 = 0x14;
pub const REF_UDATA: u64 = 0x15;
pub const INDIRECT: u64 = 0x16;
pub const SEC_OFFSET: u64 = 0x17;
pub const EXPRLOC: u64 = 0x18;
pub const FLAG_PRESENT: u64 = 0x19;
pub const STRX: u64 = 0x1a;
pub const ADDRX: u64 = 0x1b;
pub const REF_SUP4: u64 = 0x1c;
pub const STRP_SUP: u64 = 0x1d;
pub const DATA16: u64 = 0x1e;
pub const LINE_STRP: u64 = 0x1f;
pub const REF_SIG8: u64 = 0x20;
pub const IMPLICIT_CONST: u64 = 0x21;
pub const LOCLISTX: u64 = 0x22;
pub const RNGLISTX: u64 = 0x23;
pub const REF_SUP8: u64 = 0x24;
pub const STRX1: u64 = 0x25;
pub const STRX2: u64 = 0x26;
pub const STRX3: u64 = 0x27;
pub const STRX4: u64 = 0x28;
pub const ADDRX1: u64 = 0x29;
pub const ADDRX2: u64 = 0x2a;
pub const ADDRX3: u64 = 0x2b;
pub const ADDRX4: u64 = 0x2c;
pub const GNU_ADDR_INDEX: u64 = 0x1f01;
pub const GNU_STR_INDEX: u64 = 0x1f02;
pub const GNU_REF_ALT: u64 = 0x1f20;
pub const GNU_STRP_ALT: u64 = 0x1f21;

/// How many bytes a value of a form takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// So many bytes.
    Bytes(u8),
    /// Those of an address.
    Address,
    /// Those of an offset.
    Offset,
    /// `DW_FORM_ref_addr`: those of an address in version 2, of an offset later.
    Reference,
    /// It depends on what is read.
    Variable,
}

/// The size of a form's values.
pub fn size(form: u64) -> Size {
    match form {
        ADDR => Size::Address,
        DATA1 | REF1 | FLAG | STRX1 | ADDRX1 => Size::Bytes(1),
        DATA2 | REF2 | STRX2 | ADDRX2 => Size::Bytes(2),
        STRX3 | ADDRX3 => Size::Bytes(3),
        DATA4 | REF4 | STRX4 | ADDRX4 | REF_SUP4 => Size::Bytes(4),
        DATA8 | REF8 | REF_SIG8 | REF_SUP8 => Size::Bytes(8),
        DATA16 => Size::Bytes(16),
        FLAG_PRESENT | IMPLICIT_CONST => Size::Bytes(0),
        STRP | LINE_STRP | SEC_OFFSET | STRP_SUP | GNU_REF_ALT | GNU_STRP_ALT => Size::Offset,
        REF_ADDR => Size::Reference,
        _ => Size::Variable,
    }
}
