//! Machine flags of PowerPC, 64 bits. 64-bit ELF V2 ABI.

use super::{Part, Parts};
use crate::names::table::Names;

pub(super) const FLAGS: Parts = &[Part::Field {
    mask: 0x3,
    names: Names(&[(1, "abiv1"), (2, "abiv2"), (3, "abiv3")]),
    other: "",
}];
