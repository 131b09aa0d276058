//! The procedure linkage table without indirect branches (`-z retpolineplt`): each goes through a
//! return, whose speculation runs into a loop ("Retpoline: A Branch Target Injection Mitigation").
//!
//! ```text
//! .plt:    push  .got.plt+8(%rip)      the module's own number
//!          mov   .got.plt+16(%rip), %r11
//!          call  leave
//! trap:    pause; lfence; jmp trap
//! leave:   mov   %r11, (%rsp)
//!          ret
//! f@plt:   mov   slot(%rip), %r11      at first the push below
//!          call  leave
//!          jmp   trap
//!          push  $index
//!          jmp   .plt
//! ```

use super::plt::{COMMON_FRAME, copy, distance};
use crate::arch::{Plt, PltBase};
use crate::write::bytes::put_u32;

/// The table.
pub struct Retpoline;

/// Where speculation ends, in bytes from the start of the header.
const TRAP: u64 = 18;
/// Where the return is.
const LEAVE: u64 = 32;
/// Where an entry pushes its number, in bytes from its start.
const PUSH: u64 = 17;

/// Fills what is never run.
const INT3: u8 = 0xcc;

/// The header's size, in bytes: entries behind it are aligned as they are large.
const HEADER_SIZE: u64 = 64;
const HEADER: [u8; 37] = [
    0xff, 0x35, 0, 0, 0, 0, // push .got.plt+8(%rip)
    0x4c, 0x8b, 0x1d, 0, 0, 0, 0, // mov .got.plt+16(%rip), %r11
    0xe8, 14, 0, 0, 0, // call leave
    0xf3, 0x90, // trap: pause
    0x0f, 0xae, 0xe8, // lfence
    0xeb, 0xf9, // jmp trap
    INT3, INT3, INT3, INT3, INT3, INT3, INT3, //
    0x4c, 0x89, 0x1c, 0x24, // leave: mov %r11, (%rsp)
    0xc3, // ret
];
const ENTRY: [u8; 32] = [
    0x4c, 0x8b, 0x1d, 0, 0, 0, 0, // mov slot(%rip), %r11
    0xe8, 0, 0, 0, 0, // call leave
    0xe9, 0, 0, 0, 0, // jmp trap
    0x68, 0, 0, 0, 0, // push $index
    0xe9, 0, 0, 0, 0, // jmp .plt
    INT3, INT3, INT3, INT3, INT3,
];
/// It stands by itself: a program without libraries has no header.
const GOT_ENTRY: [u8; 32] = [
    0x4c, 0x8b, 0x1d, 0, 0, 0, 0, // mov slot(%rip), %r11
    0xe8, 8, 0, 0, 0, // call leave
    0xf3, 0x90, // trap: pause
    0x0f, 0xae, 0xe8, // lfence
    0xeb, 0xf9, // jmp trap
    INT3, //
    0x4c, 0x89, 0x1c, 0x24, // leave: mov %r11, (%rsp)
    0xc3, // ret
    INT3, INT3, INT3, INT3, INT3, INT3, INT3,
];

/// DWARF 5, section 6.4.
const FRAME: [u8; 22] = [
    0x0e, 16,   // DW_CFA_def_cfa_offset: one word is pushed already
    0x46, // DW_CFA_advance_loc: behind the header's push
    0x0e, 24,   // DW_CFA_def_cfa_offset
    0x5a, // DW_CFA_advance_loc: the return, as entries call it
    0x0e, 16,   // DW_CFA_def_cfa_offset
    0x60, // DW_CFA_advance_loc: the entries
    // DW_CFA_def_cfa_expression: %rsp + 8 + ((%rip & 31) >= 22) * 8
    0x0f, 11, 0x77, 8, 0x80, 0, 0x4f, 0x1a, 0x46, 0x2a, 0x33, 0x24, 0x22,
];

impl Plt for Retpoline {
    fn align(&self) -> u64 {
        // So that an entry's address tells where in it the processor is.
        ENTRY.len() as u64
    }

    fn header_size(&self) -> u64 {
        HEADER_SIZE
    }

    fn entry_size(&self) -> u64 {
        ENTRY.len() as u64
    }

    fn got_entry_size(&self) -> u64 {
        GOT_ENTRY.len() as u64
    }

    fn write_header(&self, bytes: &mut [u8], base: &PltBase) {
        let PltBase { plt, got, .. } = *base;
        if let Some(header) = bytes.get_mut(..HEADER_SIZE as usize) {
            header.fill(INT3);
        }
        copy(bytes, &HEADER);
        put_u32(bytes, 2, distance(got.wrapping_add(8), plt.wrapping_add(6)));
        put_u32(bytes, 9, distance(got.wrapping_add(16), plt.wrapping_add(13)));
    }

    fn write_entry(&self, bytes: &mut [u8], index: u32, entry: u64, slot: u64, base: &PltBase) {
        copy(bytes, &ENTRY);
        put_u32(bytes, 3, distance(slot, entry.wrapping_add(7)));
        put_u32(bytes, 8, distance(base.plt.wrapping_add(LEAVE), entry.wrapping_add(12)));
        put_u32(bytes, 13, distance(base.plt.wrapping_add(TRAP), entry.wrapping_add(17)));
        put_u32(bytes, 18, index);
        put_u32(bytes, 23, distance(base.plt, entry.wrapping_add(27)));
    }

    fn write_got_entry(&self, bytes: &mut [u8], entry: u64, slot: u64, _: &PltBase) {
        copy(bytes, &GOT_ENTRY);
        put_u32(bytes, 3, distance(slot, entry.wrapping_add(7)));
    }

    fn common_frame(&self) -> &'static [u8] {
        &COMMON_FRAME
    }

    fn lazy_frame(&self) -> &'static [u8] {
        &FRAME
    }

    fn lazy_offset(&self) -> u64 {
        PUSH
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn branches_lead_to_the_trap_and_the_return() {
        let base = PltBase { plt: 0x1000, got: 0x3000, is_pic: true };
        let mut header = [0; HEADER_SIZE as usize];
        Retpoline.write_header(&mut header, &base);
        assert_eq!(header[2..6], 0x2002_u32.to_le_bytes());
        assert_eq!(header[LEAVE as usize + 4], 0xc3);
        let mut entry = [0; ENTRY.len()];
        Retpoline.write_entry(&mut entry, 5, 0x1040, 0x3018, &base);
        let field = |at: usize| u32::from_le_bytes(entry[at..at + 4].try_into().unwrap());
        let target = |at: usize| 0x1040_u32.wrapping_add(at as u32 + 4).wrapping_add(field(at));
        assert_eq!((target(3), target(8), target(13)), (0x3018, 0x1020, 0x1012));
        assert_eq!((entry[PUSH as usize], field(18), target(23)), (0x68, 5, 0x1000));
    }
}
