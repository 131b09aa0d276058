//! Relocations of IBM System/370.

use super::{Pairs, RelocNames, dense, len};

const NAMES: Pairs = &[
    (0x00, "R_I370_NONE"),
    (0x01, "R_I370_ADDR31"),
    (0x02, "R_I370_ADDR32"),
    (0x03, "R_I370_ADDR16"),
    (0x04, "R_I370_REL31"),
    (0x05, "R_I370_REL32"),
    (0x06, "R_I370_ADDR12"),
    (0x07, "R_I370_REL12"),
    (0x08, "R_I370_ADDR8"),
    (0x09, "R_I370_REL8"),
    (0x0a, "R_I370_COPY"),
    (0x0b, "R_I370_RELATIVE"),
];

pub(super) static RELOCS: RelocNames =
    RelocNames { names: &dense::<{ len(NAMES) }>(NAMES), mask: u32::MAX };
