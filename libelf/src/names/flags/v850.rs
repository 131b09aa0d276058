//! Machine flags of V850.

use super::{Part, Parts};
use crate::names::table::Names;

pub(super) const FLAGS: Parts = &[Part::Field {
    mask: 0xf0000000,
    names: Names(&[
        (0, "v850"),
        (0x10000000, "v850e"),
        (0x20000000, "v850e1"),
        (0x30000000, "v850e2"),
        (0x40000000, "v850e2v3"),
        (0x60000000, "v850e3v5"),
    ]),
    other: "unknown v850 architecture variant",
}];
