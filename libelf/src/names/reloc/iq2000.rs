//! Relocations of IQ2000.

use super::{Pairs, RelocNames, dense, len};

const NAMES: Pairs = &[
    (0x00, "R_IQ2000_NONE"),
    (0x01, "R_IQ2000_16"),
    (0x02, "R_IQ2000_32"),
    (0x03, "R_IQ2000_26"),
    (0x04, "R_IQ2000_PC16"),
    (0x05, "R_IQ2000_HI16"),
    (0x06, "R_IQ2000_LO16"),
    (0x07, "R_IQ2000_OFFSET_16"),
    (0x08, "R_IQ2000_OFFSET_21"),
    (0x09, "R_IQ2000_UHI16"),
    (0x0a, "R_IQ2000_32_DEBUG"),
    (0xc8, "R_IQ2000_GNU_VTINHERIT"),
    (0xc9, "R_IQ2000_GNU_VTENTRY"),
];

pub(super) static RELOCS: RelocNames =
    RelocNames { names: &dense::<{ len(NAMES) }>(NAMES), mask: u32::MAX };
