//! Relocations of Z80.

use super::{Pairs, RelocNames, dense, len};

const NAMES: Pairs = &[
    (0x00, "R_Z80_NONE"),
    (0x01, "R_Z80_8"),
    (0x02, "R_Z80_8_DIS"),
    (0x03, "R_Z80_8_PCREL"),
    (0x04, "R_Z80_16"),
    (0x05, "R_Z80_24"),
    (0x06, "R_Z80_32"),
    (0x07, "R_Z80_BYTE0"),
    (0x08, "R_Z80_BYTE1"),
    (0x09, "R_Z80_BYTE2"),
    (0x0a, "R_Z80_BYTE3"),
    (0x0b, "R_Z80_WORD0"),
    (0x0c, "R_Z80_WORD1"),
    (0x0d, "R_Z80_16_BE"),
];

pub(super) static RELOCS: RelocNames =
    RelocNames { names: &dense::<{ len(NAMES) }>(NAMES), mask: u32::MAX };
