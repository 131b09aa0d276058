//! Machine flags of V800 with the RH850 ABI.

use super::{Part, Parts};

pub(super) const FLAGS: Parts = &[
    Part::Bits { mask: 0xf0000000, value: 0xf0000000, text: "RH850 ABI" },
    Part::Bits { mask: 0x100000, value: 0x100000, text: "V3 architecture" },
    Part::Bits { mask: 0x3, value: 0x0, text: "FPU not used" },
    Part::Bits { mask: 0x60, value: 0x0, text: "regmode: COMMON" },
    Part::Bits { mask: 0x300, value: 0x0, text: "r4 not used" },
    Part::Bits { mask: 0xc00, value: 0x0, text: "r30 not used" },
    Part::Bits { mask: 0x3000, value: 0x0, text: "r5 not used" },
    Part::Bits { mask: 0xc000, value: 0x0, text: "r2 not used" },
    Part::Bits { mask: 0x1, value: 0x1, text: "double precision FPU" },
    Part::Bits { mask: 0x2, value: 0x2, text: "single precision FPU" },
    Part::Bits { mask: 0x20, value: 0x20, text: "regmode:22" },
    Part::Bits { mask: 0x40, value: 0x40, text: "regmode:23" },
    Part::Bits { mask: 0x100, value: 0x100, text: "r4 fixed" },
    Part::Bits { mask: 0x200, value: 0x200, text: "r4 free" },
    Part::Bits { mask: 0x400, value: 0x400, text: "r30 fixed" },
    Part::Bits { mask: 0x800, value: 0x800, text: "r30 free" },
    Part::Bits { mask: 0x1000, value: 0x1000, text: "r5 fixed" },
    Part::Bits { mask: 0x2000, value: 0x2000, text: "r5 free" },
    Part::Bits { mask: 0x4000, value: 0x4000, text: "r2 fixed" },
    Part::Bits { mask: 0x8000, value: 0x8000, text: "r2 free" },
];
