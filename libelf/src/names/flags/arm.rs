//! Machine flags of ARM. ELF for the Arm Architecture, "ELF Header": the highest byte is the
//! version of the EABI, which says what the others mean.

use super::push;
use crate::names::table::Names;

const EABI_VERSION: u32 = 0xff00_0000;
const RELOCATABLE_EXECUTABLE: u32 = 0x1;
const POSITION_INDEPENDENT: u32 = 0x20;

const GNU: Names<u32> = Names(&[
    (0x4, "interworking enabled"),
    (0x8, "uses APCS/26"),
    (0x10, "uses APCS/float"),
    (0x40, "8 bit structure alignment"),
    (0x80, "uses new ABI"),
    (0x100, "uses old ABI"),
    (0x200, "software FP"),
    (0x400, "VFP"),
    (0x800, "Maverick FP"),
]);
const VERSION_1: Names<u32> = Names(&[(0x4, "sorted symbol tables")]);
const VERSION_2: Names<u32> = Names(&[
    (0x4, "sorted symbol tables"),
    (0x8, "dynamic symbols use segment index"),
    (0x10, "mapping symbols precede others"),
]);
const VERSION_4: Names<u32> = Names(&[(0x400000, "LE8"), (0x800000, "BE8")]);
const VERSION_5: Names<u32> = Names(&[
    (0x200, "soft-float ABI"),
    (0x400, "hard-float ABI"),
    (0x400000, "LE8"),
    (0x800000, "BE8"),
]);

pub(super) fn push_flags(text: &mut String, flags: u32) {
    if flags & RELOCATABLE_EXECUTABLE != 0 {
        push(text, "relocatable executable");
    }
    if flags & POSITION_INDEPENDENT != 0 {
        push(text, "position independent");
    }
    let (version, names) = match (flags & EABI_VERSION) >> 24 {
        0 => ("GNU EABI", GNU),
        1 => ("Version1 EABI", VERSION_1),
        2 => ("Version2 EABI", VERSION_2),
        // Nothing is known of its flags, and so nothing is unknown either.
        3 => return push(text, "Version3 EABI"),
        4 => ("Version4 EABI", VERSION_4),
        5 => ("Version5 EABI", VERSION_5),
        _ => ("<unrecognized EABI>", Names::EMPTY),
    };
    push(text, version);
    let mut left = flags & !(EABI_VERSION | RELOCATABLE_EXECUTABLE | POSITION_INDEPENDENT);
    let mut has_unknown = false;
    while left != 0 {
        let bit = left & left.wrapping_neg();
        left &= !bit;
        match names.get(bit) {
            Some(name) => push(text, name),
            None => has_unknown = true,
        }
    }
    if has_unknown {
        push(text, "<unknown>");
    }
}
