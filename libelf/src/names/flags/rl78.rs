//! Machine flags of RL78.

use super::{Part, Parts};
use crate::names::table::Names;

pub(super) const FLAGS: Parts = &[
    Part::Field { mask: 0xc, names: Names(&[(4, "G10"), (8, "G13"), (0xc, "G14")]), other: "" },
    Part::Bits { mask: 0x1, value: 0x1, text: "64-bit doubles" },
];
