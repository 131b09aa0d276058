//! Machine flags of Blackfin.

use super::{Part, Parts};

pub(super) const FLAGS: Parts = &[
    Part::Bits { mask: 0x1, value: 0x1, text: "PIC" },
    Part::Bits { mask: 0x2, value: 0x2, text: "FDPIC" },
    Part::Bits { mask: 0x10, value: 0x10, text: "code in L1" },
    Part::Bits { mask: 0x20, value: 0x20, text: "data in L1" },
];
