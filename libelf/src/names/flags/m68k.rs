//! Machine flags of Motorola 68000 and ColdFire.

use super::{Part, Parts};
use crate::names::table::Names;

const COLDFIRE: Parts = &[
    Part::Bits { mask: 0x0, value: 0x0, text: "cf" },
    Part::Field {
        mask: 0xf,
        names: Names(&[
            (1, "isa A, nodiv"),
            (2, "isa A"),
            (3, "isa A+"),
            (4, "isa B, nousp"),
            (5, "isa B"),
            (6, "isa C"),
            (7, "isa C, nodiv"),
        ]),
        other: "isa unknown",
    },
    Part::Bits { mask: 0x40, value: 0x40, text: "float" },
    Part::Field {
        mask: 0x30,
        names: Names(&[(0x10, "mac"), (0x20, "emac"), (0x30, "emac_b")]),
        other: "",
    },
];

/// The bits that tell a variant of the 68000; all others are ColdFire.
const VARIANT: u32 = 0x0381_8000;

/// The parts that the flags of a file have.
pub(super) fn parts(flags: u32) -> Parts {
    match flags & VARIANT {
        0x0100_0000 => &[Part::Bits { mask: 0, value: 0, text: "m68000" }],
        0x0081_0000 => &[Part::Bits { mask: 0, value: 0, text: "cpu32" }],
        0x0200_0000 => &[Part::Bits { mask: 0, value: 0, text: "fido_a" }],
        _ => COLDFIRE,
    }
}
