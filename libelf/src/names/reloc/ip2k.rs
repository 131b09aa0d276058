//! Relocations of IP2xxx.

use super::{Pairs, RelocNames, dense, len};

const NAMES: Pairs = &[
    (0x00, "R_IP2K_NONE"),
    (0x01, "R_IP2K_16"),
    (0x02, "R_IP2K_32"),
    (0x03, "R_IP2K_FR9"),
    (0x04, "R_IP2K_BANK"),
    (0x05, "R_IP2K_ADDR16CJP"),
    (0x06, "R_IP2K_PAGE3"),
    (0x07, "R_IP2K_LO8DATA"),
    (0x08, "R_IP2K_HI8DATA"),
    (0x09, "R_IP2K_LO8INSN"),
    (0x0a, "R_IP2K_HI8INSN"),
    (0x0b, "R_IP2K_PC_SKIP"),
    (0x0c, "R_IP2K_TEXT"),
    (0x0d, "R_IP2K_FR_OFFSET"),
    (0x0e, "R_IP2K_EX8DATA"),
];

pub(super) static RELOCS: RelocNames =
    RelocNames { names: &dense::<{ len(NAMES) }>(NAMES), mask: u32::MAX };
