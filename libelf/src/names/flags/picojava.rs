//! Machine flags of picoJava.

use super::{Part, Parts};

pub(super) const FLAGS: Parts = &[
    Part::Bits { mask: 0x10, value: 0x10, text: "new calling convention" },
    Part::Bits { mask: 0x20, value: 0x20, text: "gnu calling convention" },
];
