//! The procedure linkage table. psABI, "Procedure Linkage Table".
//!
//! ```text
//! .plt:  push  .got.plt+8(%rip)        the module's own number
//!        jmp   *.got.plt+16(%rip)      the resolver
//! f@plt: jmp   *slot(%rip)             at first to the next line
//!        push  $index
//!        jmp   .plt
//! ```

use crate::arch::{Plt, PltBase};
use crate::write::bytes::put_u32;

/// The table as it always was.
pub struct Lazy;

const HEADER: [u8; 16] = [
    0xff, 0x35, 0, 0, 0, 0, // push .got.plt+8(%rip)
    0xff, 0x25, 0, 0, 0, 0, // jmp *.got.plt+16(%rip)
    0x0f, 0x1f, 0x40, 0x00, // nopl 0(%rax)
];
const ENTRY: [u8; 16] = [
    0xff, 0x25, 0, 0, 0, 0, // jmp *slot(%rip)
    0x68, 0, 0, 0, 0, // push $index
    0xe9, 0, 0, 0, 0, // jmp .plt
];
const GOT_ENTRY: [u8; 8] = [
    0xff, 0x25, 0, 0, 0, 0, // jmp *slot(%rip)
    0x66, 0x90, // xchg %ax,%ax
];

/// The CIE. DWARF 5, section 6.4; the psABI numbers `%rsp` 7 and the return address 16.
pub const COMMON_FRAME: [u8; 20] = [
    0, 0, 0, 0, // a CIE
    1, b'z', b'R', 0, // version, augmentation
    1, 0x78, 16, // code by 1, data by -8, the return address
    1, 0x1b, // FDEs name code by signed 32-bit distances
    0x0c, 7, 8, // DW_CFA_def_cfa: %rsp + 8
    0x90, 1, // DW_CFA_offset: the return address at CFA - 8
    0, 0,
];
const LAZY_FRAME: [u8; 19] = [
    0x0e, 16,   // DW_CFA_def_cfa_offset: one word is pushed already
    0x46, // DW_CFA_advance_loc: behind the header's push
    0x0e, 24,   // DW_CFA_def_cfa_offset
    0x4a, // DW_CFA_advance_loc: the entries
    // DW_CFA_def_cfa_expression: %rsp + 8 + ((%rip & 15) >= 11) * 8
    0x0f, 11, 0x77, 8, 0x80, 0, 0x3f, 0x1a, 0x3b, 0x2a, 0x33, 0x24, 0x22,
];

/// The distance from the end of an instruction at `end` to `to`, as it is encoded.
pub fn distance(to: u64, end: u64) -> u32 {
    to.wrapping_sub(end) as u32
}

/// Puts an instruction sequence at the start.
pub fn copy(bytes: &mut [u8], text: &[u8]) {
    if let Some(start) = bytes.get_mut(..text.len()) {
        start.copy_from_slice(text);
    }
}

/// The table where indirect branches must end at `endbr64` (IBT): `.plt` has what binds late, and
/// `.plt.sec` the entries that calls go to.
pub struct Marked;

const MARKED_ENTRY: [u8; 16] = [
    0xf3, 0x0f, 0x1e, 0xfa, // endbr64
    0x68, 0, 0, 0, 0, // push $index
    0xe9, 0, 0, 0, 0, // jmp .plt
    0x66, 0x90, // xchg %ax,%ax
];
const MARKED_GOT_ENTRY: [u8; 16] = [
    0xf3, 0x0f, 0x1e, 0xfa, // endbr64
    0xff, 0x25, 0, 0, 0, 0, // jmp *slot(%rip)
    0x66, 0x0f, 0x1f, 0x44, 0, 0, // nopw 0(%rax,%rax)
];
/// As [`LAZY_FRAME`], but the stack grows by the ninth byte of an entry.
const MARKED_FRAME: [u8; 19] = [
    0x0e, 16, 0x46, 0x0e, 24, 0x4a, 0x0f, 11, 0x77, 8, 0x80, 0, 0x3f, 0x1a, 0x39, 0x2a, 0x33, 0x24,
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
    }

    fn write_entry(&self, bytes: &mut [u8], index: u32, entry: u64, _slot: u64, base: &PltBase) {
        copy(bytes, &MARKED_ENTRY);
        put_u32(bytes, 5, index);
        put_u32(bytes, 10, distance(base.plt, entry.wrapping_add(14)));
    }

    fn write_got_entry(&self, bytes: &mut [u8], entry: u64, slot: u64, _: &PltBase) {
        copy(bytes, &MARKED_GOT_ENTRY);
        put_u32(bytes, 6, distance(slot, entry.wrapping_add(10)));
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
        let PltBase { plt, got, .. } = *base;
        copy(bytes, &HEADER);
        put_u32(bytes, 2, distance(got.wrapping_add(8), plt.wrapping_add(6)));
        put_u32(bytes, 8, distance(got.wrapping_add(16), plt.wrapping_add(12)));
    }

    fn write_entry(&self, bytes: &mut [u8], index: u32, entry: u64, slot: u64, base: &PltBase) {
        copy(bytes, &ENTRY);
        put_u32(bytes, 2, distance(slot, entry.wrapping_add(6)));
        put_u32(bytes, 7, index);
        put_u32(bytes, 12, distance(base.plt, entry.wrapping_add(16)));
    }

    fn write_got_entry(&self, bytes: &mut [u8], entry: u64, slot: u64, _: &PltBase) {
        copy(bytes, &GOT_ENTRY);
        put_u32(bytes, 2, distance(slot, entry.wrapping_add(6)));
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
