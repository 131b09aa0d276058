//! Relocations of D30V.

use super::{Pairs, RelocNames, dense, len};

const NAMES: Pairs = &[
    (0x00, "R_D30V_NONE"),
    (0x01, "R_D30V_6"),
    (0x02, "R_D30V_9_PCREL"),
    (0x03, "R_D30V_9_PCREL_R"),
    (0x04, "R_D30V_15"),
    (0x05, "R_D30V_15_PCREL"),
    (0x06, "R_D30V_15_PCREL_R"),
    (0x07, "R_D30V_21"),
    (0x08, "R_D30V_21_PCREL"),
    (0x09, "R_D30V_21_PCREL_R"),
    (0x0a, "R_D30V_32"),
    (0x0b, "R_D30V_32_PCREL"),
    (0x0c, "R_D30V_32_NORMAL"),
];

pub(super) static RELOCS: RelocNames =
    RelocNames { names: &dense::<{ len(NAMES) }>(NAMES), mask: u32::MAX };
