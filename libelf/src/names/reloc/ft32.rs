//! Relocations of FT32.

use super::{Pairs, RelocNames, dense, len};

const NAMES: Pairs = &[
    (0x00, "R_FT32_NONE"),
    (0x01, "R_FT32_32"),
    (0x02, "R_FT32_16"),
    (0x03, "R_FT32_8"),
    (0x04, "R_FT32_10"),
    (0x05, "R_FT32_20"),
    (0x06, "R_FT32_17"),
    (0x07, "R_FT32_18"),
    (0x08, "R_FT32_RELAX"),
    (0x09, "R_FT32_SC0"),
    (0x0a, "R_FT32_SC1"),
    (0x0b, "R_FT32_15"),
    (0x0c, "R_FT32_DIFF32"),
];

pub(super) static RELOCS: RelocNames =
    RelocNames { names: &dense::<{ len(NAMES) }>(NAMES), mask: u32::MAX };
