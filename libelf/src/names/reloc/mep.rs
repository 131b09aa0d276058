//! Relocations of MeP.

use super::{Pairs, RelocNames, dense, len};

const NAMES: Pairs = &[
    (0x00, "R_MEP_NONE"),
    (0x01, "R_RELC"),
    (0x02, "R_MEP_8"),
    (0x03, "R_MEP_16"),
    (0x04, "R_MEP_32"),
    (0x05, "R_MEP_PCREL8A2"),
    (0x06, "R_MEP_PCREL12A2"),
    (0x07, "R_MEP_PCREL17A2"),
    (0x08, "R_MEP_PCREL24A2"),
    (0x09, "R_MEP_PCABS24A2"),
    (0x0a, "R_MEP_LOW16"),
    (0x0b, "R_MEP_HI16U"),
    (0x0c, "R_MEP_HI16S"),
    (0x0d, "R_MEP_GPREL"),
    (0x0e, "R_MEP_TPREL"),
    (0x0f, "R_MEP_TPREL7"),
    (0x10, "R_MEP_TPREL7A2"),
    (0x11, "R_MEP_TPREL7A4"),
    (0x12, "R_MEP_UIMM24"),
    (0x13, "R_MEP_ADDR24A4"),
    (0x14, "R_MEP_GNU_VTINHERIT"),
    (0x15, "R_MEP_GNU_VTENTRY"),
];

pub(super) static RELOCS: RelocNames =
    RelocNames { names: &dense::<{ len(NAMES) }>(NAMES), mask: u32::MAX };
