//! Relocations of Morpho MT.

use super::{Pairs, RelocNames, dense, len};

const NAMES: Pairs = &[
    (0x00, "R_MT_NONE"),
    (0x01, "R_MT_16"),
    (0x02, "R_MT_32"),
    (0x03, "R_MT_32_PCREL"),
    (0x04, "R_MT_PC16"),
    (0x05, "R_MT_HI16"),
    (0x06, "R_MT_LO16"),
];

pub(super) static RELOCS: RelocNames =
    RelocNames { names: &dense::<{ len(NAMES) }>(NAMES), mask: u32::MAX };
