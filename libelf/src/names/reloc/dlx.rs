//! Relocations of DLX.

use super::{Pairs, RelocNames, dense, len};

const NAMES: Pairs = &[
    (0x00, "R_DLX_NONE"),
    (0x01, "R_DLX_RELOC_8"),
    (0x02, "R_DLX_RELOC_16"),
    (0x03, "R_DLX_RELOC_32"),
    (0x04, "R_DLX_GNU_VTINHERIT"),
    (0x05, "R_DLX_GNU_VTENTRY"),
    (0x06, "R_DLX_RELOC_16_HI"),
    (0x07, "R_DLX_RELOC_16_LO"),
    (0x08, "R_DLX_RELOC_16_PCREL"),
    (0x09, "R_DLX_RELOC_26_PCREL"),
];

pub(super) static RELOCS: RelocNames =
    RelocNames { names: &dense::<{ len(NAMES) }>(NAMES), mask: u32::MAX };
