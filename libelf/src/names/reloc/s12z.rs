//! Relocations of S12Z.

use super::{Pairs, RelocNames, dense, len};

const NAMES: Pairs = &[
    (0x00, "R_S12Z_NONE"),
    (0x01, "R_S12Z_OPR"),
    (0x02, "R_S12Z_UKNWN_2"),
    (0x03, "R_S12Z_PCREL_7_15"),
    (0x04, "R_S12Z_EXT24"),
    (0x05, "R_S12Z_EXT18"),
    (0x06, "R_S12Z_CW32"),
    (0x07, "R_S12Z_EXT32"),
];

pub(super) static RELOCS: RelocNames =
    RelocNames { names: &dense::<{ len(NAMES) }>(NAMES), mask: u32::MAX };
