//! Machine flags of AMD GPUs. AMDGPU ABI, "ELF Header": the number of the code object ABI, in
//! `EI_ABIVERSION`, says how features are told.

use object::elf::OsAbi;

use super::{Part, Parts, push, push_parts};
use crate::header::Header;
use crate::names::table::Names;

const OS_ABI_HSA: OsAbi = OsAbi(64);
/// Code object ABIs by `EI_ABIVERSION`, counted from version 2.
const VERSION_2: u8 = 0;
const VERSION_3: u8 = 1;

const MACH: u32 = 0xff;

const MACHS: Names<u32> = Names(&[
    (0x20, "gfx600"),
    (0x21, "gfx601"),
    (0x22, "gfx700"),
    (0x23, "gfx701"),
    (0x24, "gfx702"),
    (0x25, "gfx703"),
    (0x26, "gfx704"),
    (0x28, "gfx801"),
    (0x29, "gfx802"),
    (0x2a, "gfx803"),
    (0x2b, "gfx810"),
    (0x2c, "gfx900"),
    (0x2d, "gfx902"),
    (0x2e, "gfx904"),
    (0x2f, "gfx906"),
    (0x30, "gfx908"),
    (0x31, "gfx909"),
    (0x32, "gfx90c"),
    (0x33, "gfx1010"),
    (0x34, "gfx1011"),
    (0x35, "gfx1012"),
    (0x36, "gfx1030"),
    (0x37, "gfx1031"),
    (0x38, "gfx1032"),
    (0x39, "gfx1033"),
    (0x3a, "gfx602"),
    (0x3b, "gfx705"),
    (0x3c, "gfx805"),
    (0x3d, "gfx1035"),
    (0x3e, "gfx1034"),
    (0x3f, "gfx90a"),
    (0x40, "gfx940"),
    (0x42, "gfx1013"),
    (0x45, "gfx1036"),
]);

const FEATURES_3: Parts = &[
    Part::Bits { mask: 0x100, value: 0x100, text: "xnack on" },
    Part::Bits { mask: 0x200, value: 0x200, text: "sramecc on" },
];
const KNOWN_3: u32 = MACH | 0x300;

const FEATURES_4: Parts = &[
    Part::Field {
        mask: 0x300,
        names: Names(&[(0x100, "xnack any"), (0x200, "xnack off"), (0x300, "xnack on")]),
        other: "",
    },
    Part::Field {
        mask: 0xc00,
        names: Names(&[(0x400, "sramecc any"), (0x800, "sramecc off"), (0xc00, "sramecc on")]),
        other: "",
    },
];
const KNOWN_4: u32 = MACH | 0xf00;

pub(super) fn push_flags(text: &mut String, header: &Header) {
    let flags = header.flags;
    let (features, known) = match (header.os_abi(), header.abi_version()) {
        (OS_ABI_HSA, VERSION_2) => return,
        (OS_ABI_HSA, VERSION_3) => (FEATURES_3, KNOWN_3),
        (OS_ABI_HSA, _) => (FEATURES_4, KNOWN_4),
        _ => (FEATURES_3, KNOWN_3),
    };
    match (MACHS.get(flags & MACH), flags & MACH) {
        (Some(name), _) => push(text, name),
        (None, 0) => push(text, "<unknown AMDGPU GPU type: 0>"),
        (None, mach) => push(text, &format!("<unknown AMDGPU GPU type: {mach:#x}>")),
    }
    push_parts(text, features, flags);
    let unknown = flags & !known;
    if unknown != 0 {
        push(text, &format!("unknown flags bits: {unknown:#x}"));
    }
}
