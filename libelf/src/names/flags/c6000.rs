//! Machine flags of TMS320C6000. C6000 EABI.

use super::{Part, Parts};

pub(super) const FLAGS: Parts = &[Part::Bits { mask: 0x1, value: 0x1, text: "relocatable module" }];
