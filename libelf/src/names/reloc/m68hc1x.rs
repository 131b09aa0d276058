//! Relocations of 68HC11 and 68HC12.

use super::{Pairs, RelocNames, dense, len};

const NAMES: Pairs = &[
    (0x00, "R_M68HC11_NONE"),
    (0x01, "R_M68HC11_8"),
    (0x02, "R_M68HC11_HI8"),
    (0x03, "R_M68HC11_LO8"),
    (0x04, "R_M68HC11_PCREL_8"),
    (0x05, "R_M68HC11_16"),
    (0x06, "R_M68HC11_32"),
    (0x07, "R_M68HC11_3B"),
    (0x08, "R_M68HC11_PCREL_16"),
    (0x09, "R_M68HC11_GNU_VTINHERIT"),
    (0x0a, "R_M68HC11_GNU_VTENTRY"),
    (0x0b, "R_M68HC11_24"),
    (0x0c, "R_M68HC11_LO16"),
    (0x0d, "R_M68HC11_PAGE"),
    (0x0f, "R_M68HC12_16B"),
    (0x10, "R_M68HC12_PCREL_9"),
    (0x11, "R_M68HC12_PCREL_10"),
    (0x12, "R_M68HC12_HI8XG"),
    (0x13, "R_M68HC12_LO8XG"),
    (0x14, "R_M68HC11_RL_JUMP"),
    (0x15, "R_M68HC11_RL_GROUP"),
];

pub(super) static RELOCS: RelocNames =
    RelocNames { names: &dense::<{ len(NAMES) }>(NAMES), mask: u32::MAX };
