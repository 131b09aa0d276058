//! Relocations of FR30.

use super::{Pairs, RelocNames, dense, len};

const NAMES: Pairs = &[
    (0x00, "R_FR30_NONE"),
    (0x01, "R_FR30_8"),
    (0x02, "R_FR30_20"),
    (0x03, "R_FR30_32"),
    (0x04, "R_FR30_48"),
    (0x05, "R_FR30_6_IN_4"),
    (0x06, "R_FR30_8_IN_8"),
    (0x07, "R_FR30_9_IN_8"),
    (0x08, "R_FR30_10_IN_8"),
    (0x09, "R_FR30_9_PCREL"),
    (0x0a, "R_FR30_12_PCREL"),
    (0x0b, "R_FR30_GNU_VTINHERIT"),
    (0x0c, "R_FR30_GNU_VTENTRY"),
];

pub(super) static RELOCS: RelocNames =
    RelocNames { names: &dense::<{ len(NAMES) }>(NAMES), mask: u32::MAX };
