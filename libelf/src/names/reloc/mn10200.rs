//! Relocations of MN10200.

use super::{Pairs, RelocNames, dense, len};

const NAMES: Pairs = &[
    (0x00, "R_MN10200_NONE"),
    (0x01, "R_MN10200_32"),
    (0x02, "R_MN10200_16"),
    (0x03, "R_MN10200_8"),
    (0x04, "R_MN10200_24"),
    (0x05, "R_MN10200_PCREL8"),
    (0x06, "R_MN10200_PCREL16"),
    (0x07, "R_MN10200_PCREL24"),
];

pub(super) static RELOCS: RelocNames =
    RelocNames { names: &dense::<{ len(NAMES) }>(NAMES), mask: u32::MAX };
