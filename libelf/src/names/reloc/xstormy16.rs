//! Relocations of XStormy16.

use super::{Pairs, RelocNames, dense, len};

const NAMES: Pairs = &[
    (0x00, "R_XSTORMY16_NONE"),
    (0x01, "R_XSTORMY16_32"),
    (0x02, "R_XSTORMY16_16"),
    (0x03, "R_XSTORMY16_8"),
    (0x04, "R_XSTORMY16_PC32"),
    (0x05, "R_XSTORMY16_PC16"),
    (0x06, "R_XSTORMY16_PC8"),
    (0x07, "R_XSTORMY16_REL_12"),
    (0x08, "R_XSTORMY16_24"),
    (0x09, "R_XSTORMY16_FPTR16"),
    (0x0a, "R_XSTORMY16_LO16"),
    (0x0b, "R_XSTORMY16_HI16"),
    (0x0c, "R_XSTORMY16_12"),
    (0x80, "R_XSTORMY16_GNU_VTINHERIT"),
    (0x81, "R_XSTORMY16_GNU_VTENTRY"),
];

pub(super) static RELOCS: RelocNames =
    RelocNames { names: &dense::<{ len(NAMES) }>(NAMES), mask: u32::MAX };
