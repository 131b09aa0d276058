//! Relocations of TMS320C6000. C6000 EABI.

use super::{Pairs, RelocNames, dense, len};

const NAMES: Pairs = &[
    (0x00, "R_C6000_NONE"),
    (0x01, "R_C6000_ABS32"),
    (0x02, "R_C6000_ABS16"),
    (0x03, "R_C6000_ABS8"),
    (0x04, "R_C6000_PCR_S21"),
    (0x05, "R_C6000_PCR_S12"),
    (0x06, "R_C6000_PCR_S10"),
    (0x07, "R_C6000_PCR_S7"),
    (0x08, "R_C6000_ABS_S16"),
    (0x09, "R_C6000_ABS_L16"),
    (0x0a, "R_C6000_ABS_H16"),
    (0x0b, "R_C6000_SBR_U15_B"),
    (0x0c, "R_C6000_SBR_U15_H"),
    (0x0d, "R_C6000_SBR_U15_W"),
    (0x0e, "R_C6000_SBR_S16"),
    (0x0f, "R_C6000_SBR_L16_B"),
    (0x10, "R_C6000_SBR_L16_H"),
    (0x11, "R_C6000_SBR_L16_W"),
    (0x12, "R_C6000_SBR_H16_B"),
    (0x13, "R_C6000_SBR_H16_H"),
    (0x14, "R_C6000_SBR_H16_W"),
    (0x15, "R_C6000_SBR_GOT_U15_W"),
    (0x16, "R_C6000_SBR_GOT_L16_W"),
    (0x17, "R_C6000_SBR_GOT_H16_W"),
    (0x18, "R_C6000_DSBT_INDEX"),
    (0x19, "R_C6000_PREL31"),
    (0x1a, "R_C6000_COPY"),
    (0x1b, "R_C6000_JUMP_SLOT"),
    (0x1c, "R_C6000_EHTYPE"),
    (0x1d, "R_C6000_PCR_H16"),
    (0x1e, "R_C6000_PCR_L16"),
    (0xfd, "R_C6000_ALIGN"),
    (0xfe, "R_C6000_FPHEAD"),
    (0xff, "R_C6000_NOCMP"),
];

pub(super) static RELOCS: RelocNames =
    RelocNames { names: &dense::<{ len(NAMES) }>(NAMES), mask: u32::MAX };
