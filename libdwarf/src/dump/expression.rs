//! Expressions: where a value is, or how it is computed. DWARF 5, sections 2.5 and 7.7.
//!
//! They are shown in one line: `DW_OP_breg7 (rsp): 8; DW_OP_deref`. What cannot be read ends it.

use libelf::ident::Encoding;

use crate::put;
use crate::registers::Registers;

use super::number::{push_address, push_decimal, push_hex, push_hex_digits, push_signed};
use super::{Cursor, Text, leb, pointer};

/// Expressions within expressions that are shown; hostile ones are deeper.
const MAX_DEPTH: usize = 256;

/// The first operation that is a vendor's.
const LO_USER: u8 = 0xe0;

const ADDR: u8 = 0x03;
const LIT0: u8 = 0x30;
const LIT31: u8 = 0x4f;
const REG0: u8 = 0x50;
const REG31: u8 = 0x6f;
const BREG0: u8 = 0x70;
const BREG31: u8 = 0x8f;
const CALL_REF: u8 = 0x9a;
const BIT_PIECE: u8 = 0x9d;
const IMPLICIT_VALUE: u8 = 0x9e;
const IMPLICIT_POINTER: u8 = 0xa0;
const ENTRY_VALUE: u8 = 0xa3;
const CONST_TYPE: u8 = 0xa4;
const REGVAL_TYPE: u8 = 0xa5;
const DEREF_TYPE: u8 = 0xa6;
const CONVERT: u8 = 0xa8;
const REINTERPRET: u8 = 0xa9;
const FBREG: u8 = 0x91;
const BREGX: u8 = 0x92;
const REGX: u8 = 0x90;
const GNU_ENCODED_ADDR: u8 = 0xf1;
const GNU_IMPLICIT_POINTER: u8 = 0xf2;
const GNU_ENTRY_VALUE: u8 = 0xf3;
const GNU_CONST_TYPE: u8 = 0xf4;
const GNU_REGVAL_TYPE: u8 = 0xf5;
const GNU_DEREF_TYPE: u8 = 0xf6;
const GNU_CONVERT: u8 = 0xf7;
const GNU_REINTERPRET: u8 = 0xf9;
const GNU_VARIABLE_VALUE: u8 = 0xfd;

/// The one operand of an operation, where nothing else is to be said of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operand {
    None,
    /// Unsigned, of this many bytes.
    Uint(usize),
    /// Signed, of this many bytes.
    Int(usize),
    Uleb,
    Sleb,
    /// The offset of an entry from the start of the unit, of this many bytes.
    Entry(usize),
    /// The same, unsigned and of 4 bytes.
    Parameter,
    /// An index of a table, in LEB128.
    Index,
}

/// The names of operations, and what they take.
fn plain(code: u8) -> Option<(&'static str, Operand)> {
    use Operand as O;
    Some(match code {
        0x06 => ("deref", O::None),
        0x08 => ("const1u", O::Uint(1)),
        0x09 => ("const1s", O::Int(1)),
        0x0a => ("const2u", O::Uint(2)),
        0x0b => ("const2s", O::Int(2)),
        0x0c => ("const4u", O::Uint(4)),
        0x0d => ("const4s", O::Int(4)),
        0x0e => ("const8u", O::Uint(8)),
        0x0f => ("const8s", O::Int(8)),
        0x10 => ("constu", O::Uleb),
        0x11 => ("consts", O::Sleb),
        0x12 => ("dup", O::None),
        0x13 => ("drop", O::None),
        0x14 => ("over", O::None),
        0x15 => ("pick", O::Uint(1)),
        0x16 => ("swap", O::None),
        0x17 => ("rot", O::None),
        0x18 => ("xderef", O::None),
        0x19 => ("abs", O::None),
        0x1a => ("and", O::None),
        0x1b => ("div", O::None),
        0x1c => ("minus", O::None),
        0x1d => ("mod", O::None),
        0x1e => ("mul", O::None),
        0x1f => ("neg", O::None),
        0x20 => ("not", O::None),
        0x21 => ("or", O::None),
        0x22 => ("plus", O::None),
        0x23 => ("plus_uconst", O::Uleb),
        0x24 => ("shl", O::None),
        0x25 => ("shr", O::None),
        0x26 => ("shra", O::None),
        0x27 => ("xor", O::None),
        0x28 => ("bra", O::Int(2)),
        0x29 => ("eq", O::None),
        0x2a => ("ge", O::None),
        0x2b => ("gt", O::None),
        0x2c => ("le", O::None),
        0x2d => ("lt", O::None),
        0x2e => ("ne", O::None),
        0x2f => ("skip", O::Int(2)),
        0x91 => ("fbreg", O::Sleb),
        0x93 => ("piece", O::Uleb),
        0x94 => ("deref_size", O::Uint(1)),
        0x95 => ("xderef_size", O::Uint(1)),
        0x96 => ("nop", O::None),
        0x97 => ("push_object_address", O::None),
        0x98 => ("call2", O::Entry(2)),
        0x99 => ("call4", O::Entry(4)),
        0x9b => ("form_tls_address", O::None),
        0x9c => ("call_frame_cfa", O::None),
        0x9f => ("stack_value", O::None),
        0xa1 => ("addrx", O::Index),
        0xe0 => ("GNU_push_tls_address or DW_OP_HP_unknown", O::None),
        0xe1 => ("HP_is_value", O::None),
        0xe2 => ("HP_fltconst4", O::None),
        0xe3 => ("HP_fltconst8", O::None),
        0xe4 => ("HP_mod_range", O::None),
        0xe5 => ("HP_unmod_range", O::None),
        0xe6 => ("HP_tls", O::None),
        0xf0 => ("GNU_uninit", O::None),
        0xf8 => ("PGI_omp_thread_num", O::None),
        0xfa => ("GNU_parameter_ref", O::Parameter),
        0xfb => ("GNU_addr_index", O::Index),
        0xfc => ("GNU_const_index", O::Index),
        _ => return None,
    })
}

/// Where expressions stand.
#[derive(Clone, Copy, Debug)]
pub struct Expressions {
    /// Byte order.
    pub encoding: Encoding,
    /// The names of registers.
    pub registers: Registers,
    /// The bytes of an address.
    pub address_size: usize,
    /// The unit; none in call frames.
    pub unit: Option<Unit>,
}

/// What an expression has to know of its unit.
#[derive(Clone, Copy, Debug)]
pub struct Unit {
    /// The version of DWARF.
    pub version: u16,
    /// The bytes of an offset: 4 or 8.
    pub offset_size: usize,
    /// Where the unit starts, in its section.
    pub offset: u64,
}

impl Expressions {
    /// Shows the expression `bytes`, which is at `address`. Returns whether it needs the frame
    /// base of a function.
    pub fn put(&self, text: &mut Text, bytes: &[u8], address: u64) -> bool {
        self.put_within(text, bytes, address, 0)
    }

    fn put_within(&self, text: &mut Text, bytes: &[u8], address: u64, depth: usize) -> bool {
        let mut cursor = Cursor::new(bytes, self.encoding);
        let mut needs_frame_base = false;
        while !cursor.is_at_end() {
            let code = cursor.u8();
            needs_frame_base |= code == FBREG;
            if !self.put_operation(text, &mut cursor, code, address, depth, &mut needs_frame_base) {
                break;
            }
            if !cursor.is_at_end() {
                text.put(b"; ");
            }
        }
        needs_frame_base
    }

    /// Shows an operation. Returns whether the next can be read.
    fn put_operation(
        &self,
        text: &mut Text,
        cursor: &mut Cursor<'_>,
        code: u8,
        address: u64,
        depth: usize,
        needs_frame_base: &mut bool,
    ) -> bool {
        if let Some((name, operand)) = plain(code) {
            self.put_plain(text, cursor, name, operand);
            return true;
        }
        match code {
            ADDR => {
                text.put(b"DW_OP_addr: ");
                let value = cursor.uint_so_far(self.address_size);
                push_hex_digits(&mut text.buf, value);
            }
            LIT0..=LIT31 => {
                text.put(b"DW_OP_lit");
                push_decimal(&mut text.buf, code.wrapping_sub(LIT0).into());
            }
            REG0..=REG31 => {
                text.put(b"DW_OP_reg");
                self.put_register(text, code.wrapping_sub(REG0).into());
            }
            BREG0..=BREG31 => {
                let offset = leb::signed(text, cursor);
                text.put(b"DW_OP_breg");
                self.put_register(text, code.wrapping_sub(BREG0).into());
                text.put(b": ");
                push_signed(&mut text.buf, offset);
            }
            REGX => {
                let register = leb::unsigned(text, cursor);
                text.put(b"DW_OP_regx: ");
                self.put_numbered_register(text, register);
            }
            BREGX => {
                let register = leb::unsigned(text, cursor);
                let offset = leb::signed(text, cursor);
                text.put(b"DW_OP_bregx: ");
                self.put_numbered_register(text, register);
                text.put(b" ");
                push_signed(&mut text.buf, offset);
            }
            BIT_PIECE => {
                text.put(b"DW_OP_bit_piece: ");
                let size = leb::unsigned(text, cursor);
                put!(text, "size: {size}");
                let offset = leb::unsigned(text, cursor);
                put!(text, " offset: {offset} ");
            }
            IMPLICIT_VALUE => {
                text.put(b"DW_OP_implicit_value");
                let size = leb::unsigned(text, cursor);
                put_block(text, cursor, size);
            }
            ENTRY_VALUE | GNU_ENTRY_VALUE => {
                let size = leb::unsigned(text, cursor).min(cursor.remaining() as u64);
                let inner = cursor.bytes(size as usize);
                put!(text, "DW_OP_{}entry_value: (", gnu(code));
                if depth < MAX_DEPTH {
                    *needs_frame_base |= self.put_within(text, inner, address, depth + 1);
                }
                text.put(b")");
            }
            CONST_TYPE | GNU_CONST_TYPE => {
                let entry = leb::unsigned(text, cursor);
                put!(text, "DW_OP_{}const_type:", gnu(code));
                self.put_entry(text, entry);
                text.put(b" ");
                let size = cursor.uint_so_far(1);
                put_block(text, cursor, size);
            }
            REGVAL_TYPE | GNU_REGVAL_TYPE => {
                let register = leb::unsigned(text, cursor);
                put!(text, "DW_OP_{}regval_type: ", gnu(code));
                self.put_numbered_register(text, register);
                let entry = leb::unsigned(text, cursor);
                self.put_entry(text, entry);
            }
            DEREF_TYPE | GNU_DEREF_TYPE => {
                let size = cursor.uint_so_far(1);
                put!(text, "DW_OP_{}deref_type: {size}", gnu(code));
                let entry = leb::unsigned(text, cursor);
                self.put_entry(text, entry);
            }
            CONVERT | GNU_CONVERT | REINTERPRET | GNU_REINTERPRET => {
                let entry = leb::unsigned(text, cursor);
                let is_convert = matches!(code, CONVERT | GNU_CONVERT);
                let name = if is_convert { "convert" } else { "reinterpret" };
                put!(text, "DW_OP_{}{name}", gnu(code));
                if entry == 0 {
                    text.put(b" <0>");
                } else {
                    self.put_entry(text, entry);
                }
            }
            GNU_ENCODED_ADDR => self.put_encoded_address(text, cursor, address),
            CALL_REF => return self.put_reference(text, cursor, "call_ref", false),
            GNU_VARIABLE_VALUE => {
                return self.put_reference(text, cursor, "GNU_variable_value", false);
            }
            IMPLICIT_POINTER => return self.put_reference(text, cursor, "implicit_pointer", true),
            GNU_IMPLICIT_POINTER => {
                return self.put_reference(text, cursor, "GNU_implicit_pointer", true);
            }
            LO_USER.. => {
                put!(text, "(User defined location op {})", Prefixed(code.into()));
                return false;
            }
            _ => {
                put!(text, "(Unknown location op {})", Prefixed(code.into()));
                return false;
            }
        }
        true
    }

    /// An operation with one operand, or none. What is wrong with the operand is said before it.
    fn put_plain(&self, text: &mut Text, cursor: &mut Cursor<'_>, name: &str, operand: Operand) {
        let value = match operand {
            Operand::None => 0,
            Operand::Uint(size) => cursor.uint_so_far(size),
            Operand::Parameter => cursor.uint_so_far(4),
            Operand::Int(size) | Operand::Entry(size) => cursor.int_so_far(size).cast_unsigned(),
            Operand::Uleb | Operand::Index => leb::unsigned(text, cursor),
            Operand::Sleb => leb::signed(text, cursor).cast_unsigned(),
        };
        text.put(b"DW_OP_");
        text.put(name.as_bytes());
        match operand {
            Operand::None => (),
            Operand::Uint(_) | Operand::Uleb => {
                text.put(b": ");
                push_decimal(&mut text.buf, value);
            }
            Operand::Int(_) | Operand::Sleb => {
                text.put(b": ");
                push_signed(&mut text.buf, value.cast_signed());
            }
            Operand::Entry(_) | Operand::Parameter => {
                text.put(b":");
                self.put_entry(text, value);
            }
            Operand::Index => {
                text.put(b" <");
                push_hex(&mut text.buf, value);
                text.put(b">");
            }
        }
    }

    /// As [`Self::put_register`], of a number that may have 64 bits.
    fn put_numbered_register(&self, text: &mut Text, register: u64) {
        push_decimal(&mut text.buf, register);
        text.put(b" (");
        self.registers.put_name(&mut text.buf, register as u32);
        text.put(b")");
    }

    /// `3 (rbx)`, or `3 (r3)` where it has no name.
    fn put_register(&self, text: &mut Text, register: u64) {
        push_signed(&mut text.buf, i64::from(register as i32));
        text.put(b" (");
        self.registers.put_name(&mut text.buf, register as u32);
        text.put(b")");
    }

    /// ` <0x2d>`: an entry at `offset` in the unit.
    fn put_entry(&self, text: &mut Text, offset: u64) {
        text.put(b" <");
        push_hex(&mut text.buf, self.entry(offset));
        text.put(b">");
    }

    /// The offset in the section of an entry at `offset` in the unit.
    fn entry(&self, offset: u64) -> u64 {
        self.unit.map_or(0, |unit| unit.offset).wrapping_add(offset)
    }

    /// A reference to an entry of any unit. In call frames, there is nothing to tell its size.
    fn put_reference(
        &self,
        text: &mut Text,
        cursor: &mut Cursor<'_>,
        name: &str,
        has_offset: bool,
    ) -> bool {
        let Some(unit) = self.unit else {
            put!(text, "(DW_OP_{name} in frame info)");
            return false;
        };
        let size = if unit.version == 2 { self.address_size } else { unit.offset_size };
        let entry = cursor.uint_so_far(size);
        if has_offset {
            let offset = leb::signed(text, cursor);
            put!(text, "DW_OP_{name}: <{}> {offset}", Prefixed(entry));
        } else {
            put!(text, "DW_OP_{name}: <{}>", Prefixed(entry));
        }
        true
    }

    /// An address in the encoding of call frames.
    fn put_encoded_address(&self, text: &mut Text, cursor: &mut Cursor<'_>, address: u64) {
        let encoding = cursor.u8();
        let place = address.wrapping_add(cursor.position() as u64);
        let value = pointer::read(text, cursor, encoding, self.address_size, place);
        put!(text, "DW_OP_GNU_encoded_addr: fmt:{encoding:02x} addr:");
        push_address(&mut text.buf, value, self.address_size);
    }
}

/// As `%#x` shows it.
struct Prefixed(u64);

impl std::fmt::Display for Prefixed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0 == 0 { f.write_str("0") } else { write!(f, "{:#x}", self.0) }
    }
}

/// What GNU's own names of operations start with that became the standard's later.
fn gnu(code: u8) -> &'static str {
    if code >= LO_USER { "GNU_" } else { "" }
}

/// Bytes, as far as they are there.
fn put_block(text: &mut Text, cursor: &mut Cursor<'_>, size: u64) {
    put!(text, " {size} byte block: ");
    let size = size.min(cursor.remaining() as u64);
    for &byte in cursor.bytes(size as usize) {
        push_hex_digits(&mut text.buf, byte.into());
        text.put(b" ");
    }
}
