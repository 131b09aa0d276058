//! Relocations of D10V.

use super::{Pairs, RelocNames, dense, len};

const NAMES: Pairs = &[
    (0x00, "R_D10V_NONE"),
    (0x01, "R_D10V_10_PCREL_R"),
    (0x02, "R_D10V_10_PCREL_L"),
    (0x03, "R_D10V_16"),
    (0x04, "R_D10V_18"),
    (0x05, "R_D10V_18_PCREL"),
    (0x06, "R_D10V_32"),
    (0x07, "R_D10V_GNU_VTINHERIT"),
    (0x08, "R_D10V_GNU_VTENTRY"),
];

pub(super) static RELOCS: RelocNames =
    RelocNames { names: &dense::<{ len(NAMES) }>(NAMES), mask: u32::MAX };
