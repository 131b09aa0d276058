//! Relocations of CRX.

use super::{Pairs, RelocNames, dense, len};

const NAMES: Pairs = &[
    (0x00, "R_CRX_NONE"),
    (0x01, "R_CRX_REL4"),
    (0x02, "R_CRX_REL8"),
    (0x03, "R_CRX_REL8_CMP"),
    (0x04, "R_CRX_REL16"),
    (0x05, "R_CRX_REL24"),
    (0x06, "R_CRX_REL32"),
    (0x07, "R_CRX_REGREL12"),
    (0x08, "R_CRX_REGREL22"),
    (0x09, "R_CRX_REGREL28"),
    (0x0a, "R_CRX_REGREL32"),
    (0x0b, "R_CRX_ABS16"),
    (0x0c, "R_CRX_ABS32"),
    (0x0d, "R_CRX_NUM8"),
    (0x0e, "R_CRX_NUM16"),
    (0x0f, "R_CRX_NUM32"),
    (0x10, "R_CRX_IMM16"),
    (0x11, "R_CRX_IMM32"),
    (0x12, "R_CRX_SWITCH8"),
    (0x13, "R_CRX_SWITCH16"),
    (0x14, "R_CRX_SWITCH32"),
];

pub(super) static RELOCS: RelocNames =
    RelocNames { names: &dense::<{ len(NAMES) }>(NAMES), mask: u32::MAX };
