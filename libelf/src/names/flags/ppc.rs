//! Machine flags of PowerPC, 32 bits.

use super::{Part, Parts};

pub(super) const FLAGS: Parts = &[
    Part::Bits { mask: 0x80000000, value: 0x80000000, text: "emb" },
    Part::Bits { mask: 0x10000, value: 0x10000, text: "relocatable" },
    Part::Bits { mask: 0x8000, value: 0x8000, text: "relocatable-lib" },
];
