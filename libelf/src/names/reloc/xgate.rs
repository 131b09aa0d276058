//! Relocations of XGATE.

use super::{Pairs, RelocNames, dense, len};

const NAMES: Pairs = &[
    (0x00, "R_XGATE_NONE"),
    (0x01, "R_XGATE_8"),
    (0x02, "R_XGATE_PCREL_8"),
    (0x03, "R_XGATE_16"),
    (0x04, "R_XGATE_32"),
    (0x05, "R_XGATE_PCREL_16"),
    (0x06, "R_XGATE_GNU_VTINHERIT"),
    (0x07, "R_XGATE_GNU_VTENTRY"),
    (0x08, "R_XGATE_24"),
    (0x09, "R_XGATE_LO16"),
    (0x0a, "R_XGATE_GPAGE"),
    (0x0b, "R_XGATE_PCREL_9"),
    (0x0c, "R_XGATE_PCREL_10"),
    (0x0d, "R_XGATE_IMM8_LO"),
    (0x0e, "R_XGATE_IMM8_HI"),
    (0x0f, "R_XGATE_IMM3"),
    (0x10, "R_XGATE_IMM4"),
    (0x11, "R_XGATE_IMM5"),
    (0x12, "R_XGATE_RL_JUMP"),
    (0x13, "R_XGATE_RL_GROUP"),
];

pub(super) static RELOCS: RelocNames =
    RelocNames { names: &dense::<{ len(NAMES) }>(NAMES), mask: u32::MAX };
