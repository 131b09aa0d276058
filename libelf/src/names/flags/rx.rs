//! Machine flags of RX.

use super::{Part, Parts};

pub(super) const FLAGS: Parts = &[
    Part::Bits { mask: 0x1, value: 0x1, text: "64-bit doubles" },
    Part::Bits { mask: 0x2, value: 0x2, text: "dsp" },
    Part::Bits { mask: 0x4, value: 0x4, text: "pid" },
    Part::Bits { mask: 0x8, value: 0x8, text: "RX ABI" },
    Part::Bits { mask: 0xc0, value: 0xc0, text: "uses String instructions" },
    Part::Bits { mask: 0xc0, value: 0x40, text: "bans String instructions" },
    Part::Bits { mask: 0x100, value: 0x100, text: "V2" },
    Part::Bits { mask: 0x200, value: 0x200, text: "V3" },
];
