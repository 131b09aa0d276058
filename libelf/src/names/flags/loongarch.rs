//! Machine flags of LoongArch. LoongArch ELF psABI.

use super::{Part, Parts};
use crate::names::table::Names;

pub(super) const FLAGS: Parts = &[
    Part::Field {
        mask: 0x7,
        names: Names(&[(1, "SOFT-FLOAT"), (2, "SINGLE-FLOAT"), (3, "DOUBLE-FLOAT")]),
        other: "",
    },
    Part::Field { mask: 0xc0, names: Names(&[(0, "OBJ-v0"), (0x40, "OBJ-v1")]), other: "" },
];
