//! Machine flags of S/390.

use super::{Part, Parts};

pub(super) const FLAGS: Parts = &[Part::Bits { mask: 0x1, value: 0x1, text: "highgprs" }];
