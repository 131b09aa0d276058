//! Machine flags of VAX.

use super::{Part, Parts};

pub(super) const FLAGS: Parts = &[
    Part::Bits { mask: 0x1, value: 0x1, text: "non-PIC" },
    Part::Bits { mask: 0x100, value: 0x100, text: "D-Float" },
    Part::Bits { mask: 0x200, value: 0x200, text: "G-Float" },
];
