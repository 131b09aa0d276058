//! Relocations of M-CORE.

use super::{Pairs, RelocNames, dense, len};

const NAMES: Pairs = &[
    (0x00, "R_MCORE_NONE"),
    (0x01, "R_MCORE_ADDR32"),
    (0x02, "R_MCORE_PCRELIMM8BY4"),
    (0x03, "R_MCORE_PCRELIMM11BY2"),
    (0x04, "R_MCORE_PCRELIMM4BY2"),
    (0x05, "R_MCORE_PCREL32"),
    (0x06, "R_MCORE_PCRELJSR_IMM11BY2"),
    (0x07, "R_MCORE_GNU_VTINHERIT"),
    (0x08, "R_MCORE_GNU_VTENTRY"),
    (0x09, "R_MCORE_RELATIVE"),
    (0x0a, "R_MCORE_COPY"),
    (0x0b, "R_MCORE_GLOB_DAT"),
    (0x0c, "R_MCORE_JUMP_SLOT"),
];

pub(super) static RELOCS: RelocNames =
    RelocNames { names: &dense::<{ len(NAMES) }>(NAMES), mask: u32::MAX };
