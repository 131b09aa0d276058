//! Relocations of VAX.

use super::{Pairs, RelocNames, dense, len};

const NAMES: Pairs = &[
    (0x00, "R_VAX_NONE"),
    (0x01, "R_VAX_32"),
    (0x02, "R_VAX_16"),
    (0x03, "R_VAX_8"),
    (0x04, "R_VAX_PC32"),
    (0x05, "R_VAX_PC16"),
    (0x06, "R_VAX_PC8"),
    (0x07, "R_VAX_GOT32"),
    (0x0d, "R_VAX_PLT32"),
    (0x13, "R_VAX_COPY"),
    (0x14, "R_VAX_GLOB_DAT"),
    (0x15, "R_VAX_JMP_SLOT"),
    (0x16, "R_VAX_RELATIVE"),
    (0x17, "R_VAX_GNU_VTINHERIT"),
    (0x18, "R_VAX_GNU_VTENTRY"),
];

pub(super) static RELOCS: RelocNames =
    RelocNames { names: &dense::<{ len(NAMES) }>(NAMES), mask: u32::MAX };
