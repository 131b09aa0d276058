//! Relocations of S+core.

use super::{Pairs, RelocNames, dense, len};

const NAMES: Pairs = &[
    (0x00, "R_SCORE_NONE"),
    (0x01, "R_SCORE_HI16"),
    (0x02, "R_SCORE_LO16"),
    (0x03, "R_SCORE_BCMP"),
    (0x04, "R_SCORE_24"),
    (0x05, "R_SCORE_PC19"),
    (0x06, "R_SCORE16_11"),
    (0x07, "R_SCORE16_PC8"),
    (0x08, "R_SCORE_ABS32"),
    (0x09, "R_SCORE_ABS16"),
    (0x0a, "R_SCORE_DUMMY2"),
    (0x0b, "R_SCORE_GP15"),
    (0x0c, "R_SCORE_GNU_VTINHERIT"),
    (0x0d, "R_SCORE_GNU_VTENTRY"),
    (0x0e, "R_SCORE_GOT15"),
    (0x0f, "R_SCORE_GOT_LO16"),
    (0x10, "R_SCORE_CALL15"),
    (0x11, "R_SCORE_GPREL32"),
    (0x12, "R_SCORE_REL32"),
    (0x13, "R_SCORE_DUMMY_HI16"),
    (0x14, "R_SCORE_IMM30"),
    (0x15, "R_SCORE_IMM32"),
];

pub(super) static RELOCS: RelocNames =
    RelocNames { names: &dense::<{ len(NAMES) }>(NAMES), mask: u32::MAX };
