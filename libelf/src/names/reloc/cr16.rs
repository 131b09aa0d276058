//! Relocations of CR16.

use super::{Pairs, RelocNames, dense, len};

const NAMES: Pairs = &[
    (0x00, "R_CR16_NONE"),
    (0x01, "R_CR16_NUM8"),
    (0x02, "R_CR16_NUM16"),
    (0x03, "R_CR16_NUM32"),
    (0x04, "R_CR16_NUM32a"),
    (0x05, "R_CR16_REGREL4"),
    (0x06, "R_CR16_REGREL4a"),
    (0x07, "R_CR16_REGREL14"),
    (0x08, "R_CR16_REGREL14a"),
    (0x09, "R_CR16_REGREL16"),
    (0x0a, "R_CR16_REGREL20"),
    (0x0b, "R_CR16_REGREL20a"),
    (0x0c, "R_CR16_ABS20"),
    (0x0d, "R_CR16_ABS24"),
    (0x0e, "R_CR16_IMM4"),
    (0x0f, "R_CR16_IMM8"),
    (0x10, "R_CR16_IMM16"),
    (0x11, "R_CR16_IMM20"),
    (0x12, "R_CR16_IMM24"),
    (0x13, "R_CR16_IMM32"),
    (0x14, "R_CR16_IMM32a"),
    (0x15, "R_CR16_DISP4"),
    (0x16, "R_CR16_DISP8"),
    (0x17, "R_CR16_DISP16"),
    (0x18, "R_CR16_DISP24"),
    (0x19, "R_CR16_DISP24a"),
    (0x1a, "R_CR16_SWITCH8"),
    (0x1b, "R_CR16_SWITCH16"),
    (0x1c, "R_CR16_SWITCH32"),
    (0x1d, "R_CR16_GOT_REGREL20"),
    (0x1e, "R_CR16_GOTC_REGREL20"),
    (0x1f, "R_CR16_GLOB_DAT"),
];

pub(super) static RELOCS: RelocNames =
    RelocNames { names: &dense::<{ len(NAMES) }>(NAMES), mask: u32::MAX };
