//! Relocations of TI PRU.

use super::{Pairs, RelocNames, dense, len};

const NAMES: Pairs = &[
    (0x00, "R_PRU_NONE"),
    (0x05, "R_PRU_16_PMEM"),
    (0x06, "R_PRU_U16_PMEMIMM"),
    (0x08, "R_PRU_BFD_RELOC_16"),
    (0x09, "R_PRU_U16"),
    (0x0a, "R_PRU_32_PMEM"),
    (0x0b, "R_PRU_BFD_RELOC_32"),
    (0x0e, "R_PRU_S10_PCREL"),
    (0x0f, "R_PRU_U8_PCREL"),
    (0x12, "R_PRU_LDI32"),
    (0x40, "R_PRU_GNU_BFD_RELOC_8"),
    (0x41, "R_PRU_GNU_DIFF8"),
    (0x42, "R_PRU_GNU_DIFF16"),
    (0x43, "R_PRU_GNU_DIFF32"),
    (0x44, "R_PRU_GNU_DIFF16_PMEM"),
    (0x45, "R_PRU_GNU_DIFF32_PMEM"),
    (0x46, "R_PRU_ILLEGAL"),
];

pub(super) static RELOCS: RelocNames =
    RelocNames { names: &dense::<{ len(NAMES) }>(NAMES), mask: u32::MAX };
