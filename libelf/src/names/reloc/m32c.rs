//! Relocations of M32C.

use super::{Pairs, RelocNames, dense, len};

const NAMES: Pairs = &[
    (0x00, "R_M32C_NONE"),
    (0x01, "R_M32C_16"),
    (0x02, "R_M32C_24"),
    (0x03, "R_M32C_32"),
    (0x04, "R_M32C_8_PCREL"),
    (0x05, "R_M32C_16_PCREL"),
    (0x06, "R_M32C_8"),
    (0x07, "R_M32C_LO16"),
    (0x08, "R_M32C_HI8"),
    (0x09, "R_M32C_HI16"),
    (0x0a, "R_M32C_RL_JUMP"),
    (0x0b, "R_M32C_RL_1ADDR"),
    (0x0c, "R_M32C_RL_2ADDR"),
];

pub(super) static RELOCS: RelocNames =
    RelocNames { names: &dense::<{ len(NAMES) }>(NAMES), mask: u32::MAX };
