//! Relocations of Netronome Flow Processor.

use super::{Pairs, RelocNames, dense, len};

const NAMES: Pairs = &[
    (0x00, "R_NFP_NOTYPE"),
    (0x01, "R_NFP_W32LE"),
    (0x02, "R_NFP_SRC8_A"),
    (0x03, "R_NFP_SRC8_B"),
    (0x04, "R_NFP_IMMED8_I"),
    (0x05, "R_NFP_SC"),
    (0x06, "R_NFP_IMMED_LO16_I_A"),
    (0x07, "R_NFP_IMMED_LO16_I_B"),
    (0x08, "R_NFP_SRC7_B"),
    (0x09, "R_NFP_SRC7_A"),
    (0x0a, "R_NFP_SRC8_I_B"),
    (0x0b, "R_NFP_SRC8_I_A"),
    (0x0c, "R_NFP_IMMED_HI16_I_A"),
    (0x0d, "R_NFP_IMMED_HI16_I_B"),
    (0x0e, "R_NFP_W64LE"),
    (0x0f, "R_NFP_SH_INFO"),
    (0x10, "R_NFP_W32BE"),
    (0x11, "R_NFP_W64BE"),
    (0x12, "R_NFP_W32_29_24"),
    (0x13, "R_NFP_W32LE_AND"),
    (0x14, "R_NFP_W32BE_AND"),
    (0x15, "R_NFP_W32LE_OR"),
    (0x16, "R_NFP_W32BE_OR"),
    (0x17, "R_NFP_W64LE_AND"),
    (0x18, "R_NFP_W64BE_AND"),
    (0x19, "R_NFP_W64LE_OR"),
    (0x1a, "R_NFP_W64BE_OR"),
];

pub(super) static RELOCS: RelocNames =
    RelocNames { names: &dense::<{ len(NAMES) }>(NAMES), mask: u32::MAX };
