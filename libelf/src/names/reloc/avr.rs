//! Relocations of AVR.

use super::{Pairs, RelocNames, dense, len};

const NAMES: Pairs = &[
    (0x00, "R_AVR_NONE"),
    (0x01, "R_AVR_32"),
    (0x02, "R_AVR_7_PCREL"),
    (0x03, "R_AVR_13_PCREL"),
    (0x04, "R_AVR_16"),
    (0x05, "R_AVR_16_PM"),
    (0x06, "R_AVR_LO8_LDI"),
    (0x07, "R_AVR_HI8_LDI"),
    (0x08, "R_AVR_HH8_LDI"),
    (0x09, "R_AVR_LO8_LDI_NEG"),
    (0x0a, "R_AVR_HI8_LDI_NEG"),
    (0x0b, "R_AVR_HH8_LDI_NEG"),
    (0x0c, "R_AVR_LO8_LDI_PM"),
    (0x0d, "R_AVR_HI8_LDI_PM"),
    (0x0e, "R_AVR_HH8_LDI_PM"),
    (0x0f, "R_AVR_LO8_LDI_PM_NEG"),
    (0x10, "R_AVR_HI8_LDI_PM_NEG"),
    (0x11, "R_AVR_HH8_LDI_PM_NEG"),
    (0x12, "R_AVR_CALL"),
    (0x13, "R_AVR_LDI"),
    (0x14, "R_AVR_6"),
    (0x15, "R_AVR_6_ADIW"),
    (0x16, "R_AVR_MS8_LDI"),
    (0x17, "R_AVR_MS8_LDI_NEG"),
    (0x18, "R_AVR_LO8_LDI_GS"),
    (0x19, "R_AVR_HI8_LDI_GS"),
    (0x1a, "R_AVR_8"),
    (0x1b, "R_AVR_8_LO8"),
    (0x1c, "R_AVR_8_HI8"),
    (0x1d, "R_AVR_8_HLO8"),
    (0x1e, "R_AVR_DIFF8"),
    (0x1f, "R_AVR_DIFF16"),
    (0x20, "R_AVR_DIFF32"),
    (0x21, "R_AVR_LDS_STS_16"),
    (0x22, "R_AVR_PORT6"),
    (0x23, "R_AVR_PORT5"),
    (0x24, "R_AVR_32_PCREL"),
];

pub(super) static RELOCS: RelocNames =
    RelocNames { names: &dense::<{ len(NAMES) }>(NAMES), mask: u32::MAX };
