//! Machine flags of Z80.

use super::{Part, Parts};
use crate::names::table::Names;

pub(super) const FLAGS: Parts = &[Part::Field {
    mask: 0xff,
    names: Names(&[
        (1, "Z80"),
        (2, "Z180"),
        (3, "R800"),
        (4, "EZ80"),
        (5, "GBZ80"),
        (6, "Z80N"),
        (0x84, "EZ80, ADL"),
    ]),
    other: "unknown",
}];
