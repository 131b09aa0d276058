//! Relocations of picoJava.

use super::{Pairs, RelocNames, dense, len};

const NAMES: Pairs = &[
    (0x00, "R_PJ_NONE"),
    (0x01, "R_PJ_DATA_DIR32"),
    (0x02, "R_PJ_CODE_REL32"),
    (0x03, "R_PJ_CODE_REL16"),
    (0x06, "R_PJ_CODE_DIR32"),
    (0x07, "R_PJ_CODE_DIR16"),
    (0x0d, "R_PJ_CODE_LO16"),
    (0x0e, "R_PJ_CODE_HI16"),
    (0x0f, "R_PJ_GNU_VTINHERIT"),
    (0x10, "R_PJ_GNU_VTENTRY"),
];

pub(super) static RELOCS: RelocNames =
    RelocNames { names: &dense::<{ len(NAMES) }>(NAMES), mask: u32::MAX };
