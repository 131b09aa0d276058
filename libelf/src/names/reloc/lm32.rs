//! Relocations of LatticeMico32.

use super::{Pairs, RelocNames, dense, len};

const NAMES: Pairs = &[
    (0x00, "R_LM32_NONE"),
    (0x01, "R_LM32_8"),
    (0x02, "R_LM32_16"),
    (0x03, "R_LM32_32"),
    (0x04, "R_LM32_HI16"),
    (0x05, "R_LM32_LO16"),
    (0x06, "R_LM32_GPREL16"),
    (0x07, "R_LM32_CALL"),
    (0x08, "R_LM32_BRANCH"),
    (0x09, "R_LM32_GNU_VTINHERIT"),
    (0x0a, "R_LM32_GNU_VTENTRY"),
    (0x0b, "R_LM32_16_GOT"),
    (0x0c, "R_LM32_GOTOFF_HI16"),
    (0x0d, "R_LM32_GOTOFF_LO16"),
    (0x0e, "R_LM32_COPY"),
    (0x0f, "R_LM32_GLOB_DAT"),
    (0x10, "R_LM32_JMP_SLOT"),
    (0x11, "R_LM32_RELATIVE"),
];

pub(super) static RELOCS: RelocNames =
    RelocNames { names: &dense::<{ len(NAMES) }>(NAMES), mask: u32::MAX };
