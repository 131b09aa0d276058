//! Machine flags of M32R.

use super::{Part, Parts};

pub(super) const FLAGS: Parts = &[Part::Bits { mask: 0x30000000, value: 0x0, text: "m32r" }];
