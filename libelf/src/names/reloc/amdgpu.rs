//! Relocations of AMD GPU. AMDGPU ABI.

use super::{Pairs, RelocNames, dense, len};

const NAMES: Pairs = &[
    (0x00, "R_AMDGPU_NONE"),
    (0x01, "R_AMDGPU_ABS32_LO"),
    (0x02, "R_AMDGPU_ABS32_HI"),
    (0x03, "R_AMDGPU_ABS64"),
    (0x04, "R_AMDGPU_REL32"),
    (0x05, "R_AMDGPU_REL64"),
    (0x06, "R_AMDGPU_ABS32"),
    (0x07, "R_AMDGPU_GOTPCREL"),
    (0x08, "R_AMDGPU_GOTPCREL32_LO"),
    (0x09, "R_AMDGPU_GOTPCREL32_HI"),
    (0x0a, "R_AMDGPU_REL32_LO"),
    (0x0b, "R_AMDGPU_REL32_HI"),
    (0x0d, "R_AMDGPU_RELATIVE64"),
    (0x10, "R_AMDGPU_REL16"),
];

pub(super) static RELOCS: RelocNames =
    RelocNames { names: &dense::<{ len(NAMES) }>(NAMES), mask: u32::MAX };
