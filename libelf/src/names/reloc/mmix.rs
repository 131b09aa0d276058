//! Relocations of MMIX.

use super::{Pairs, RelocNames, dense, len};

const NAMES: Pairs = &[
    (0x00, "R_MMIX_NONE"),
    (0x01, "R_MMIX_8"),
    (0x02, "R_MMIX_16"),
    (0x03, "R_MMIX_24"),
    (0x04, "R_MMIX_32"),
    (0x05, "R_MMIX_64"),
    (0x06, "R_MMIX_PC_8"),
    (0x07, "R_MMIX_PC_16"),
    (0x08, "R_MMIX_PC_24"),
    (0x09, "R_MMIX_PC_32"),
    (0x0a, "R_MMIX_PC_64"),
    (0x0b, "R_MMIX_GNU_VTINHERIT"),
    (0x0c, "R_MMIX_GNU_VTENTRY"),
    (0x0d, "R_MMIX_GETA"),
    (0x0e, "R_MMIX_GETA_1"),
    (0x0f, "R_MMIX_GETA_2"),
    (0x10, "R_MMIX_GETA_3"),
    (0x11, "R_MMIX_CBRANCH"),
    (0x12, "R_MMIX_CBRANCH_J"),
    (0x13, "R_MMIX_CBRANCH_1"),
    (0x14, "R_MMIX_CBRANCH_2"),
    (0x15, "R_MMIX_CBRANCH_3"),
    (0x16, "R_MMIX_PUSHJ"),
    (0x17, "R_MMIX_PUSHJ_1"),
    (0x18, "R_MMIX_PUSHJ_2"),
    (0x19, "R_MMIX_PUSHJ_3"),
    (0x1a, "R_MMIX_JMP"),
    (0x1b, "R_MMIX_JMP_1"),
    (0x1c, "R_MMIX_JMP_2"),
    (0x1d, "R_MMIX_JMP_3"),
    (0x1e, "R_MMIX_ADDR19"),
    (0x1f, "R_MMIX_ADDR27"),
    (0x20, "R_MMIX_REG_OR_BYTE"),
    (0x21, "R_MMIX_REG"),
    (0x22, "R_MMIX_BASE_PLUS_OFFSET"),
    (0x23, "R_MMIX_LOCAL"),
    (0x24, "R_MMIX_PUSHJ_STUBBABLE"),
];

pub(super) static RELOCS: RelocNames =
    RelocNames { names: &dense::<{ len(NAMES) }>(NAMES), mask: u32::MAX };
