//! The attributes of vendor `csky`: "C-SKY V2 CPU Applications Binary Interface Standards Manual".

use super::dictionary::{Dictionary, named, number, text};

/// The version of the vector extension.
pub const TAG_VDSP_VERSION: u32 = 9;
/// Whether the code relies on the rounding mode.
pub const TAG_FPU_ROUNDING: u32 = 18;
/// Whether the code relies on denormalized numbers.
pub const TAG_FPU_DENORMAL: u32 = 19;
/// Whether the code relies on floating-point exceptions.
pub const TAG_FPU_EXCEPTION: u32 = 20;
/// Which precisions are computed in hardware: bits of [`HARD_FP`].
pub const TAG_FPU_HARDFP: u32 = 22;

/// The bits of [`TAG_FPU_HARDFP`].
pub const HARD_FP: &[(u64, &str)] = &[(1, "Half"), (2, "Single"), (4, "Double")];

const NEEDED: &[(u64, &str)] = &[(1, "Needed")];

/// The dictionary of `csky`.
pub static CSKY: Dictionary = Dictionary {
    vendor: "csky",
    tags: &[
        text(4, "Tag_CSKY_ARCH_NAME"),
        text(5, "Tag_CSKY_CPU_NAME"),
        number(6, "Tag_CSKY_ISA_FLAGS"),
        number(7, "Tag_CSKY_ISA_EXT_FLAGS"),
        named(8, "Tag_CSKY_DSP_VERSION", &[(1, "DSP Extension"), (2, "DSP 2.0")]),
        number(TAG_VDSP_VERSION, "Tag_CSKY_VDSP_VERSION"),
        named(16, "Tag_CSKY_FPU_VERSION", &[(1, "ABIV1 FPU Version 1"), (2, "FPU Version 2")]),
        named(17, "Tag_CSKY_FPU_ABI", &[(1, "Soft"), (2, "SoftFP"), (3, "Hard")]),
        named(TAG_FPU_ROUNDING, "Tag_CSKY_FPU_ROUNDING", NEEDED),
        named(TAG_FPU_DENORMAL, "Tag_CSKY_FPU_DENORMAL", NEEDED),
        named(TAG_FPU_EXCEPTION, "Tag_CSKY_FPU_Exception", NEEDED),
        text(21, "Tag_CSKY_FPU_NUMBER_MODULE"),
        number(TAG_FPU_HARDFP, "Tag_CSKY_FPU_HARDFP"),
    ],
};
