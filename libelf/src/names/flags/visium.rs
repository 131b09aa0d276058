//! Machine flags of Visium.

use super::{Part, Parts};

pub(super) const FLAGS: Parts = &[
    Part::Bits { mask: 0x1, value: 0x1, text: "mcm" },
    Part::Bits { mask: 0x3, value: 0x2, text: "mcm24" },
    Part::Bits { mask: 0x4, value: 0x4, text: "gr6" },
];
