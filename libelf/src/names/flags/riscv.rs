//! Machine flags of RISC-V. RISC-V ELF psABI.

use super::{Part, Parts};
use crate::names::table::Names;

pub(super) const FLAGS: Parts = &[
    Part::Bits { mask: 0x1, value: 0x1, text: "RVC" },
    Part::Bits { mask: 0x8, value: 0x8, text: "RVE" },
    Part::Bits { mask: 0x10, value: 0x10, text: "TSO" },
    Part::Field {
        mask: 0x6,
        names: Names(&[
            (0, "soft-float ABI"),
            (2, "single-float ABI"),
            (4, "double-float ABI"),
            (6, "quad-float ABI"),
        ]),
        other: "",
    },
];
