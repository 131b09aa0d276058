//! Machine flags of IA-64. Itanium psABI.

use super::{Part, Parts};
use crate::names::table::Names;

pub(super) const FLAGS: Parts = &[
    Part::Bits { mask: 0x10, value: 0x10, text: "64-bit" },
    Part::Bits { mask: 0x10, value: 0x0, text: "32-bit" },
    Part::Bits { mask: 0x20, value: 0x20, text: "reduced fp model" },
    Part::Bits { mask: 0x80, value: 0x80, text: "no function descriptors, constant gp" },
    Part::Bits { mask: 0xc0, value: 0x40, text: "constant gp" },
    Part::Bits { mask: 0x100, value: 0x100, text: "absolute" },
];

/// What OpenVMS adds: the worst thing that the compiler had to say.
pub(super) const VMS_FLAGS: Parts = &[
    Part::Bits { mask: 0x4, value: 0x4, text: "vms_linkages" },
    Part::Field {
        mask: 0x3,
        names: Names(&[(1, "warning"), (2, "error"), (3, "abort")]),
        other: "",
    },
];
