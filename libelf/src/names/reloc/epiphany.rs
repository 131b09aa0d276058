//! Relocations of Epiphany.

use super::{Pairs, RelocNames, dense, len};

const NAMES: Pairs = &[
    (0x00, "R_EPIPHANY_NONE"),
    (0x01, "R_EPIPHANY_8"),
    (0x02, "R_EPIPHANY_16"),
    (0x03, "R_EPIPHANY_32"),
    (0x04, "R_EPIPHANY_8_PCREL"),
    (0x05, "R_EPIPHANY_16_PCREL"),
    (0x06, "R_EPIPHANY_32_PCREL"),
    (0x07, "R_EPIPHANY_SIMM8"),
    (0x08, "R_EPIPHANY_SIMM24"),
    (0x09, "R_EPIPHANY_HIGH"),
    (0x0a, "R_EPIPHANY_LOW"),
    (0x0b, "R_EPIPHANY_SIMM11"),
    (0x0c, "R_EPIPHANY_IMM11"),
    (0x0d, "R_EPIPHANY_IMM8"),
];

pub(super) static RELOCS: RelocNames =
    RelocNames { names: &dense::<{ len(NAMES) }>(NAMES), mask: u32::MAX };
