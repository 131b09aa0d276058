//! Machine flags of FR-V.

use super::{Part, Parts};
use crate::names::table::Names;

pub(super) const FLAGS: Parts = &[Part::Field {
    mask: 0xff000000,
    names: Names(&[
        (0, ""),
        (0x1000000, "fr500"),
        (0x2000000, "fr300"),
        (0x3000000, "simple"),
        (0x4000000, "tomcat"),
        (0x5000000, "fr400"),
        (0x6000000, "fr550"),
        (0x7000000, "fr405"),
        (0x8000000, "fr450"),
    ]),
    other: "fr???",
}];
