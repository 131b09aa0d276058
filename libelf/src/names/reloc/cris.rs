//! Relocations of CRIS.

use super::{Pairs, RelocNames, dense, len};

const NAMES: Pairs = &[
    (0x00, "R_CRIS_NONE"),
    (0x01, "R_CRIS_8"),
    (0x02, "R_CRIS_16"),
    (0x03, "R_CRIS_32"),
    (0x04, "R_CRIS_8_PCREL"),
    (0x05, "R_CRIS_16_PCREL"),
    (0x06, "R_CRIS_32_PCREL"),
    (0x07, "R_CRIS_GNU_VTINHERIT"),
    (0x08, "R_CRIS_GNU_VTENTRY"),
    (0x09, "R_CRIS_COPY"),
    (0x0a, "R_CRIS_GLOB_DAT"),
    (0x0b, "R_CRIS_JUMP_SLOT"),
    (0x0c, "R_CRIS_RELATIVE"),
    (0x0d, "R_CRIS_16_GOT"),
    (0x0e, "R_CRIS_32_GOT"),
    (0x0f, "R_CRIS_16_GOTPLT"),
    (0x10, "R_CRIS_32_GOTPLT"),
    (0x11, "R_CRIS_32_GOTREL"),
    (0x12, "R_CRIS_32_PLT_GOTREL"),
    (0x13, "R_CRIS_32_PLT_PCREL"),
    (0x14, "R_CRIS_32_GOT_GD"),
    (0x15, "R_CRIS_16_GOT_GD"),
    (0x16, "R_CRIS_32_GD"),
    (0x17, "R_CRIS_DTP"),
    (0x18, "R_CRIS_32_DTPREL"),
    (0x19, "R_CRIS_16_DTPREL"),
    (0x1a, "R_CRIS_32_GOT_TPREL"),
    (0x1b, "R_CRIS_16_GOT_TPREL"),
    (0x1c, "R_CRIS_32_TPREL"),
    (0x1d, "R_CRIS_16_TPREL"),
    (0x1e, "R_CRIS_DTPMOD"),
    (0x1f, "R_CRIS_32_IE"),
];

pub(super) static RELOCS: RelocNames =
    RelocNames { names: &dense::<{ len(NAMES) }>(NAMES), mask: u32::MAX };
