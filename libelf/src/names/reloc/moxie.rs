//! Relocations of Moxie.

use super::{Pairs, RelocNames, dense, len};

const NAMES: Pairs = &[(0x00, "R_MOXIE_NONE"), (0x01, "R_MOXIE_32"), (0x02, "R_MOXIE_PCREL10")];

pub(super) static RELOCS: RelocNames =
    RelocNames { names: &dense::<{ len(NAMES) }>(NAMES), mask: u32::MAX };
