//! Relocations of Intel i960.

use super::{Pairs, RelocNames, dense, len};

const NAMES: Pairs = &[
    (0x00, "R_960_NONE"),
    (0x01, "R_960_12"),
    (0x02, "R_960_32"),
    (0x03, "R_960_IP24"),
    (0x04, "R_960_SUB"),
    (0x05, "R_960_OPTCALL"),
    (0x06, "R_960_OPTCALLX"),
    (0x07, "R_960_OPTCALLXA"),
];

pub(super) static RELOCS: RelocNames =
    RelocNames { names: &dense::<{ len(NAMES) }>(NAMES), mask: u32::MAX };
