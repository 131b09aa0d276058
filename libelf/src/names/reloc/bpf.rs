//! Relocations of BPF.

use super::{Pairs, RelocNames, dense, len};

const NAMES: Pairs = &[
    (0x00, "R_BPF_NONE"),
    (0x01, "R_BPF_INSN_64"),
    (0x02, "R_BPF_INSN_32"),
    (0x03, "R_BPF_INSN_16"),
    (0x04, "R_BPF_INSN_DISP16"),
    (0x05, "R_BPF_DATA_8_PCREL"),
    (0x06, "R_BPF_DATA_16_PCREL"),
    (0x07, "R_BPF_DATA_32_PCREL"),
    (0x08, "R_BPF_DATA_8"),
    (0x09, "R_BPF_DATA_16"),
    (0x0a, "R_BPF_INSN_DISP32"),
    (0x0b, "R_BPF_DATA_32"),
    (0x0c, "R_BPF_DATA_64"),
    (0x0d, "R_BPF_DATA_64_PCREL"),
];

pub(super) static RELOCS: RelocNames =
    RelocNames { names: &dense::<{ len(NAMES) }>(NAMES), mask: u32::MAX };
