//! Machine flags of OpenRISC 1000.

use super::{Part, Parts};

pub(super) const FLAGS: Parts = &[Part::Bits { mask: 0x1, value: 0x1, text: "no delay" }];
