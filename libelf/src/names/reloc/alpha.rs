//! Relocations of Alpha.

use super::{Pairs, RelocNames, dense, len};

const NAMES: Pairs = &[
    (0x00, "R_ALPHA_NONE"),
    (0x01, "R_ALPHA_REFLONG"),
    (0x02, "R_ALPHA_REFQUAD"),
    (0x03, "R_ALPHA_GPREL32"),
    (0x04, "R_ALPHA_LITERAL"),
    (0x05, "R_ALPHA_LITUSE"),
    (0x06, "R_ALPHA_GPDISP"),
    (0x07, "R_ALPHA_BRADDR"),
    (0x08, "R_ALPHA_HINT"),
    (0x09, "R_ALPHA_SREL16"),
    (0x0a, "R_ALPHA_SREL32"),
    (0x0b, "R_ALPHA_SREL64"),
    (0x11, "R_ALPHA_GPRELHIGH"),
    (0x12, "R_ALPHA_GPRELLOW"),
    (0x13, "R_ALPHA_GPREL16"),
    (0x18, "R_ALPHA_COPY"),
    (0x19, "R_ALPHA_GLOB_DAT"),
    (0x1a, "R_ALPHA_JMP_SLOT"),
    (0x1b, "R_ALPHA_RELATIVE"),
    (0x1c, "R_ALPHA_BRSGP"),
    (0x1d, "R_ALPHA_TLSGD"),
    (0x1e, "R_ALPHA_TLSLDM"),
    (0x1f, "R_ALPHA_DTPMOD64"),
    (0x20, "R_ALPHA_GOTDTPREL"),
    (0x21, "R_ALPHA_DTPREL64"),
    (0x22, "R_ALPHA_DTPRELHI"),
    (0x23, "R_ALPHA_DTPRELLO"),
    (0x24, "R_ALPHA_DTPREL16"),
    (0x25, "R_ALPHA_GOTTPREL"),
    (0x26, "R_ALPHA_TPREL64"),
    (0x27, "R_ALPHA_TPRELHI"),
    (0x28, "R_ALPHA_TPRELLO"),
    (0x29, "R_ALPHA_TPREL16"),
];

pub(super) static RELOCS: RelocNames =
    RelocNames { names: &dense::<{ len(NAMES) }>(NAMES), mask: u32::MAX };
