//! Relocations of MSP430 and MSP430X.

use super::{Pairs, RelocNames, dense, len};

/// The numbers of the MSP430X EABI.
const EABI: Pairs = &[
    (0x01, "R_MSP430_ABS32"),
    (0x02, "R_MSP430_ABS16"),
    (0x03, "R_MSP430_ABS8"),
    (0x04, "R_MSP430_PCR16"),
    (0x05, "R_MSP430X_PCR20_EXT_SRC"),
    (0x06, "R_MSP430X_PCR20_EXT_DST"),
    (0x07, "R_MSP430X_PCR20_EXT_ODST"),
    (0x08, "R_MSP430X_ABS20_EXT_SRC"),
    (0x09, "R_MSP430X_ABS20_EXT_DST"),
    (0x0a, "R_MSP430X_ABS20_EXT_ODST"),
    (0x0b, "R_MSP430X_ABS20_ADR_SRC"),
    (0x0c, "R_MSP430X_ABS20_ADR_DST"),
    (0x0d, "R_MSP430X_PCR16"),
    (0x0e, "R_MSP430X_PCR20_CALL"),
    (0x0f, "R_MSP430X_ABS16"),
    (0x10, "R_MSP430_ABS_HI16"),
    (0x11, "R_MSP430_PREL31"),
    (0x12, "R_MSP430_EHTYPE"),
    (0x13, "R_MSP430X_10_PCREL"),
    (0x14, "R_MSP430X_2X_PCREL"),
    (0x15, "R_MSP430X_SYM_DIFF"),
    (0x16, "R_MSP430X_GNU_SET_ULEB128"),
    (0x17, "R_MSP430X_GNU_SUB_ULEB128"),
];

/// The numbers before there was an EABI.
const OLD: Pairs = &[
    (0x00, "R_MSP430_NONE"),
    (0x01, "R_MSP430_32"),
    (0x02, "R_MSP430_10_PCREL"),
    (0x03, "R_MSP430_16"),
    (0x04, "R_MSP430_16_PCREL"),
    (0x05, "R_MSP430_16_BYTE"),
    (0x06, "R_MSP430_16_PCREL_BYTE"),
    (0x07, "R_MSP430_2X_PCREL"),
    (0x08, "R_MSP430_RL_PCREL"),
    (0x09, "R_MSP430_8"),
    (0x0a, "R_MSP430_SYM_DIFF"),
    (0x0b, "R_MSP430_GNU_SET_ULEB128"),
    (0x0c, "R_MSP430_GNU_SUB_ULEB128"),
];

pub(super) static EABI_RELOCS: RelocNames =
    RelocNames { names: &dense::<{ len(EABI) }>(EABI), mask: u32::MAX };

pub(super) static OLD_RELOCS: RelocNames =
    RelocNames { names: &dense::<{ len(OLD) }>(OLD), mask: u32::MAX };
