//! Relocations of SPU of the Cell processor.

use super::{Pairs, RelocNames, dense, len};

const NAMES: Pairs = &[
    (0x00, "R_SPU_NONE"),
    (0x01, "R_SPU_ADDR10"),
    (0x02, "R_SPU_ADDR16"),
    (0x03, "R_SPU_ADDR16_HI"),
    (0x04, "R_SPU_ADDR16_LO"),
    (0x05, "R_SPU_ADDR18"),
    (0x06, "R_SPU_ADDR32"),
    (0x07, "R_SPU_REL16"),
    (0x08, "R_SPU_ADDR7"),
    (0x09, "R_SPU_REL9"),
    (0x0a, "R_SPU_REL9I"),
    (0x0b, "R_SPU_ADDR10I"),
    (0x0c, "R_SPU_ADDR16I"),
    (0x0d, "R_SPU_REL32"),
    (0x0e, "R_SPU_ADDR16X"),
    (0x0f, "R_SPU_PPU32"),
    (0x10, "R_SPU_PPU64"),
    (0x11, "R_SPU_ADD_PIC"),
];

pub(super) static RELOCS: RelocNames =
    RelocNames { names: &dense::<{ len(NAMES) }>(NAMES), mask: u32::MAX };
