//! Relocations of Visium.

use super::{Pairs, RelocNames, dense, len};

const NAMES: Pairs = &[
    (0x00, "R_VISIUM_NONE"),
    (0x01, "R_VISIUM_8"),
    (0x02, "R_VISIUM_16"),
    (0x03, "R_VISIUM_32"),
    (0x04, "R_VISIUM_8_PCREL"),
    (0x05, "R_VISIUM_16_PCREL"),
    (0x06, "R_VISIUM_32_PCREL"),
    (0x07, "R_VISIUM_PC16"),
    (0x08, "R_VISIUM_HI16"),
    (0x09, "R_VISIUM_LO16"),
    (0x0a, "R_VISIUM_IM16"),
    (0x0b, "R_VISIUM_HI16_PCREL"),
    (0x0c, "R_VISIUM_LO16_PCREL"),
    (0x0d, "R_VISIUM_IM16_PCREL"),
    (0xc8, "R_VISIUM_GNU_VTINHERIT"),
    (0xc9, "R_VISIUM_GNU_VTENTRY"),
];

pub(super) static RELOCS: RelocNames =
    RelocNames { names: &dense::<{ len(NAMES) }>(NAMES), mask: u32::MAX };
