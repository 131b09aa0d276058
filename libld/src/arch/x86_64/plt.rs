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

/// The distance from the end of an instruction at `end` to `to`, as it is encoded.
fn distance(to: u64, end: u64) -> u32 {
    to.wrapping_sub(end) as u32
}

fn copy(bytes: &mut [u8], text: &[u8]) {
    if let Some(start) = bytes.get_mut(..text.len()) {
        start.copy_from_slice(text);
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

    fn lazy_offset(&self) -> u64 {
        // The instruction behind the first.
        6
    }
}
