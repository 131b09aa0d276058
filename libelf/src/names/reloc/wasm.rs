//! Relocations of WebAssembly.

use super::{Pairs, RelocNames, dense, len};

const NAMES: Pairs = &[(0x00, "R_WASM32_NONE"), (0x01, "R_WASM32_32")];

pub(super) static RELOCS: RelocNames =
    RelocNames { names: &dense::<{ len(NAMES) }>(NAMES), mask: u32::MAX };
