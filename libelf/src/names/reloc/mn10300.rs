//! Relocations of MN10300.

use super::{Pairs, RelocNames, dense, len};

const NAMES: Pairs = &[
    (0x00, "R_MN10300_NONE"),
    (0x01, "R_MN10300_32"),
    (0x02, "R_MN10300_16"),
    (0x03, "R_MN10300_8"),
    (0x04, "R_MN10300_PCREL32"),
    (0x05, "R_MN10300_PCREL16"),
    (0x06, "R_MN10300_PCREL8"),
    (0x07, "R_MN10300_GNU_VTINHERIT"),
    (0x08, "R_MN10300_GNU_VTENTRY"),
    (0x09, "R_MN10300_24"),
    (0x0a, "R_MN10300_GOTPC32"),
    (0x0b, "R_MN10300_GOTPC16"),
    (0x0c, "R_MN10300_GOTOFF32"),
    (0x0d, "R_MN10300_GOTOFF24"),
    (0x0e, "R_MN10300_GOTOFF16"),
    (0x0f, "R_MN10300_PLT32"),
    (0x10, "R_MN10300_PLT16"),
    (0x11, "R_MN10300_GOT32"),
    (0x12, "R_MN10300_GOT24"),
    (0x13, "R_MN10300_GOT16"),
    (0x14, "R_MN10300_COPY"),
    (0x15, "R_MN10300_GLOB_DAT"),
    (0x16, "R_MN10300_JMP_SLOT"),
    (0x17, "R_MN10300_RELATIVE"),
    (0x18, "R_MN10300_TLS_GD"),
    (0x19, "R_MN10300_TLS_LD"),
    (0x1a, "R_MN10300_TLS_LDO"),
    (0x1b, "R_MN10300_TLS_GOTIE"),
    (0x1c, "R_MN10300_TLS_IE"),
    (0x1d, "R_MN10300_TLS_LE"),
    (0x1e, "R_MN10300_TLS_DTPMOD"),
    (0x1f, "R_MN10300_TLS_DTPOFF"),
    (0x20, "R_MN10300_TLS_TPOFF"),
    (0x21, "R_MN10300_SYM_DIFF"),
    (0x22, "R_MN10300_ALIGN"),
];

pub(super) static RELOCS: RelocNames =
    RelocNames { names: &dense::<{ len(NAMES) }>(NAMES), mask: u32::MAX };
