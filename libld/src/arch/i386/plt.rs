//! The procedure linkage table. psABI, "Procedure Linkage Table".
//!
//! ```text
//!         at a fixed address       PIC, %ebx: the global offset table
//! .plt:   push  got+4              push  4(%ebx)          the module's own number
//!         jmp   *got+8             jmp   *8(%ebx)         the resolver
//! f@plt:  jmp   *slot              jmp   *slot@GOT(%ebx)  at first to the next line
//!         push  $offset            push  $offset          of the relocation, in bytes
//!         jmp   .plt               jmp   .plt
//! ```

use crate::arch::{Plt, PltBase};
use crate::tables::reloc_size;
use crate::write::bytes::put_u32;

/// The table as it always was.
pub struct Lazy;

const HEADER: [u8; 16] = [
    0xff, 0x35, 0, 0, 0, 0, // push got+4
    0xff, 0x25, 0, 0, 0, 0, // jmp *got+8
    0, 0, 0, 0,
];
const PIC_HEADER: [u8; 16] = [
    0xff, 0xb3, 4, 0, 0, 0, // push 4(%ebx)
    0xff, 0xa3, 8, 0, 0, 0, // jmp *8(%ebx)
    0, 0, 0, 0,
];
const ENTRY: [u8; 16] = [
    0xff, 0x25, 0, 0, 0, 0, // jmp *slot
    0x68, 0, 0, 0, 0, // push $offset
    0xe9, 0, 0, 0, 0, // jmp .plt
];
const GOT_ENTRY: [u8; 8] = [
    0xff, 0x25, 0, 0, 0, 0, // jmp *slot
    0x66, 0x90, // xchg %ax,%ax
];
/// DWARF 5, section 6.4; the psABI numbers `%esp` 4 and the return address 8.
const COMMON_FRAME: [u8; 20] = [
    0, 0, 0, 0, // a CIE
    1, b'z', b'R', 0, // version, augmentation
    1, 0x7c, 8, // code by 1, data by -4, the return address
    1, 0x1b, // FDEs name code by signed 32-bit distances
    0x0c, 4, 4, // DW_CFA_def_cfa: %esp + 4
    0x88, 1, // DW_CFA_offset: the return address at CFA - 4
    0, 0,
];
const LAZY_FRAME: [u8; 19] = [
    0x0e, 8,    // DW_CFA_def_cfa_offset: one word is pushed already
    0x46, // DW_CFA_advance_loc: behind the header's push
    0x0e, 12,   // DW_CFA_def_cfa_offset
    0x4a, // DW_CFA_advance_loc: the entries
    // DW_CFA_def_cfa_expression: %esp + 4 + ((%eip & 15) >= 11) * 4
    0x0f, 11, 0x74, 4, 0x78, 0, 0x3f, 0x1a, 0x3b, 0x2a, 0x32, 0x24, 0x22,
];
/// The operand `n(%ebx)` of a jump.
const THROUGH_EBX: u8 = 0xa3;

fn copy(bytes: &mut [u8], text: &[u8]) {
    if let Some(start) = bytes.get_mut(..text.len()) {
        start.copy_from_slice(text);
    }
}

/// Writes the operand of the jump that an entry begins with.
fn put_slot(bytes: &mut [u8], slot: u64, base: &PltBase) {
    if base.is_pic {
        if let Some(operand) = bytes.get_mut(1) {
            *operand = THROUGH_EBX;
        }
        put_u32(bytes, 2, slot.wrapping_sub(base.got) as u32);
    } else {
        put_u32(bytes, 2, slot as u32);
    }
}

/// The table where indirect branches must end at `endbr32` (IBT): `.plt` has what binds late, and
/// `.plt.sec` the entries that calls go to.
pub struct Marked;

const MARKED_ENTRY: [u8; 16] = [
    0xf3, 0x0f, 0x1e, 0xfb, // endbr32
    0x68, 0, 0, 0, 0, // push $offset
    0xe9, 0, 0, 0, 0, // jmp .plt
    0x66, 0x90, // xchg %ax,%ax
];
const MARKED_GOT_ENTRY: [u8; 16] = [
    0xf3, 0x0f, 0x1e, 0xfb, // endbr32
    0xff, 0x25, 0, 0, 0, 0, // jmp *slot
    0x66, 0x0f, 0x1f, 0x44, 0, 0, // nopw 0(%eax,%eax)
];
/// What fills the header of the marked table.
const HEADER_NOP: [u8; 4] = [0x0f, 0x1f, 0x40, 0];
/// As [`LAZY_FRAME`], but the stack grows by the ninth byte of an entry.
const MARKED_FRAME: [u8; 19] = [
    0x0e, 8, 0x46, 0x0e, 12, 0x4a, 0x0f, 11, 0x74, 4, 0x78, 0, 0x3f, 0x1a, 0x39, 0x2a, 0x32, 0x24,
    0x22,
];

impl Plt for Marked {
    fn header_size(&self) -> u64 {
        HEADER.len() as u64
    }

    fn entry_size(&self) -> u64 {
        MARKED_ENTRY.len() as u64
    }

    fn got_entry_size(&self) -> u64 {
        MARKED_GOT_ENTRY.len() as u64
    }

    fn second_entry_size(&self) -> u64 {
        MARKED_GOT_ENTRY.len() as u64
    }

    fn write_header(&self, bytes: &mut [u8], base: &PltBase) {
        Lazy.write_header(bytes, base);
        crate::write::bytes::put(bytes, 12, &HEADER_NOP);
    }

    fn write_entry(&self, bytes: &mut [u8], index: u32, entry: u64, _slot: u64, base: &PltBase) {
        copy(bytes, &MARKED_ENTRY);
        put_u32(bytes, 5, index.wrapping_mul(reloc_size(false, false) as u32));
        put_u32(bytes, 10, base.plt.wrapping_sub(entry.wrapping_add(14)) as u32);
    }

    fn write_got_entry(&self, bytes: &mut [u8], _entry: u64, slot: u64, base: &PltBase) {
        copy(bytes, &MARKED_GOT_ENTRY);
        if let Some(jump) = bytes.get_mut(4..) {
            put_slot(jump, slot, base);
        }
    }

    fn common_frame(&self) -> &'static [u8] {
        &COMMON_FRAME
    }

    fn lazy_frame(&self) -> &'static [u8] {
        &MARKED_FRAME
    }

    fn lazy_offset(&self) -> u64 {
        0
    }
}

impl Plt for Lazy {
    fn header_size(&self) -> u64 {
        HEADER.len() as u64
    }

    fn entry_size(&self) -> u64 {
        ENTRY.len() as u64
    }

    fn got_entry_size(&self) -> u64 {
        GOT_ENTRY.len() as u64
    }

    fn write_header(&self, bytes: &mut [u8], base: &PltBase) {
        if base.is_pic {
            copy(bytes, &PIC_HEADER);
            return;
        }
        copy(bytes, &HEADER);
        put_u32(bytes, 2, base.got.wrapping_add(4) as u32);
        put_u32(bytes, 8, base.got.wrapping_add(8) as u32);
    }

    fn write_entry(&self, bytes: &mut [u8], index: u32, entry: u64, slot: u64, base: &PltBase) {
        copy(bytes, &ENTRY);
        put_slot(bytes, slot, base);
        put_u32(bytes, 7, index.wrapping_mul(reloc_size(false, false) as u32));
        put_u32(bytes, 12, base.plt.wrapping_sub(entry.wrapping_add(16)) as u32);
    }

    fn write_got_entry(&self, bytes: &mut [u8], _entry: u64, slot: u64, base: &PltBase) {
        copy(bytes, &GOT_ENTRY);
        put_slot(bytes, slot, base);
    }

    fn common_frame(&self) -> &'static [u8] {
        &COMMON_FRAME
    }

    fn lazy_frame(&self) -> &'static [u8] {
        &LAZY_FRAME
    }

    fn lazy_offset(&self) -> u64 {
        // The instruction behind the first.
        6
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_of_both_forms() {
        let mut base = PltBase { plt: 0x1000, got: 0x3000, is_pic: false };
        let mut bytes = [0; 16];
        Lazy.write_entry(&mut bytes, 2, 0x1030, 0x3014, &base);
        assert_eq!(
            bytes,
            [0xff, 0x25, 0x14, 0x30, 0, 0, 0x68, 16, 0, 0, 0, 0xe9, 0xc0, 0xff, 0xff, 0xff]
        );
        base.is_pic = true;
        Lazy.write_got_entry(&mut bytes, 0x1030, 0x2ffc, &base);
        assert_eq!(bytes[..8], [0xff, 0xa3, 0xfc, 0xff, 0xff, 0xff, 0x66, 0x90]);
    }
}
