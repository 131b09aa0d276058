//! The attributes of vendor `aeabi`: "Addenda to, and errata in, the ABI for the Arm
//! architecture", section 2.3, "Public ("aeabi") attribute tags".

use super::dictionary::{Dictionary, Form, Names, Tag, counted, named, text};

/// Which architecture the code needs.
pub const TAG_CPU_ARCH: u32 = 6;
/// The size of `wchar_t` in bytes, 0 if it is not used.
pub const TAG_ABI_PCS_WCHAR_T: u32 = 18;
/// Which data the code expects to be aligned to more than 4 bytes.
pub const TAG_ABI_ALIGN_NEEDED: u32 = 24;
/// Which alignment the code keeps up.
pub const TAG_ABI_ALIGN_PRESERVED: u32 = 25;
/// A toolchain's claim of compatibility: flag and name.
pub const TAG_COMPATIBILITY: u32 = 32;
/// No tag of this subsection has a default.
pub const TAG_NODEFAULTS: u32 = 64;
/// Another attribute, tag and value in a string, that the file satisfies too.
pub const TAG_ALSO_COMPATIBLE_WITH: u32 = 65;

const NO_YES: &[&str] = &["No", "Yes"];
const UNUSED_NEEDED: &[&str] = &["Unused", "Needed"];
const NOT_ALLOWED_ALLOWED: &[&str] = &["Not Allowed", "Allowed"];

/// The dictionary of `aeabi`.
pub static AEABI: Dictionary = Dictionary {
    vendor: "aeabi",
    tags: &[
        text(4, "Tag_CPU_raw_name"),
        text(5, "Tag_CPU_name"),
        counted(
            TAG_CPU_ARCH,
            "Tag_CPU_arch",
            &[
                "Pre-v4",
                "v4",
                "v4T",
                "v5T",
                "v5TE",
                "v5TEJ",
                "v6",
                "v6KZ",
                "v6T2",
                "v6K",
                "v7",
                "v6-M",
                "v6S-M",
                "v7E-M",
                "v8",
                "v8-R",
                "v8-M.baseline",
                "v8-M.mainline",
                "v8.1-A",
                "v8.2-A",
                "v8.3-A",
                "v8.1-M.mainline",
                "v9",
            ],
        ),
        named(
            7,
            "Tag_CPU_arch_profile",
            &[
                (0, "None"),
                (b'A' as u64, "Application"),
                (b'M' as u64, "Microcontroller"),
                (b'R' as u64, "Realtime"),
                (b'S' as u64, "Application or Realtime"),
            ],
        ),
        counted(8, "Tag_ARM_ISA_use", NO_YES),
        counted(9, "Tag_THUMB_ISA_use", &["No", "Thumb-1", "Thumb-2", "Yes"]),
        counted(
            10,
            "Tag_FP_arch",
            &[
                "No",
                "VFPv1",
                "VFPv2",
                "VFPv3",
                "VFPv3-D16",
                "VFPv4",
                "VFPv4-D16",
                "FP for ARMv8",
                "FPv5/FP-D16 for ARMv8",
            ],
        ),
        counted(11, "Tag_WMMX_arch", &["No", "WMMXv1", "WMMXv2"]),
        counted(
            12,
            "Tag_Advanced_SIMD_arch",
            &["No", "NEONv1", "NEONv1 with Fused-MAC", "NEON for ARMv8", "NEON for ARMv8.1"],
        ),
        counted(
            13,
            "Tag_PCS_config",
            &[
                "None",
                "Bare platform",
                "Linux application",
                "Linux DSO",
                "PalmOS 2004",
                "PalmOS (reserved)",
                "SymbianOS 2004",
                "SymbianOS (reserved)",
            ],
        ),
        counted(14, "Tag_ABI_PCS_R9_use", &["V6", "SB", "TLS", "Unused"]),
        counted(15, "Tag_ABI_PCS_RW_data", &["Absolute", "PC-relative", "SB-relative", "None"]),
        counted(16, "Tag_ABI_PCS_RO_data", &["Absolute", "PC-relative", "None"]),
        counted(17, "Tag_ABI_PCS_GOT_use", &["None", "direct", "GOT-indirect"]),
        named(TAG_ABI_PCS_WCHAR_T, "Tag_ABI_PCS_wchar_t", &[(0, "None"), (2, "2"), (4, "4")]),
        counted(19, "Tag_ABI_FP_rounding", UNUSED_NEEDED),
        counted(20, "Tag_ABI_FP_denormal", &["Unused", "Needed", "Sign only"]),
        counted(21, "Tag_ABI_FP_exceptions", UNUSED_NEEDED),
        counted(22, "Tag_ABI_FP_user_exceptions", UNUSED_NEEDED),
        counted(23, "Tag_ABI_FP_number_model", &["Unused", "Finite", "RTABI", "IEEE 754"]),
        counted(TAG_ABI_ALIGN_NEEDED, "Tag_ABI_align_needed", &["None", "8-byte", "4-byte"]),
        counted(
            TAG_ABI_ALIGN_PRESERVED,
            "Tag_ABI_align_preserved",
            &["None", "8-byte, except leaf SP", "8-byte"],
        ),
        counted(26, "Tag_ABI_enum_size", &["Unused", "small", "int", "forced to int"]),
        counted(27, "Tag_ABI_HardFP_use", &["As Tag_FP_arch", "SP only", "Reserved", "Deprecated"]),
        counted(28, "Tag_ABI_VFP_args", &["AAPCS", "VFP registers", "custom", "compatible"]),
        counted(29, "Tag_ABI_WMMX_args", &["AAPCS", "WMMX registers", "custom"]),
        counted(
            30,
            "Tag_ABI_optimization_goals",
            &[
                "None",
                "Prefer Speed",
                "Aggressive Speed",
                "Prefer Size",
                "Aggressive Size",
                "Prefer Debug",
                "Aggressive Debug",
            ],
        ),
        counted(
            31,
            "Tag_ABI_FP_optimization_goals",
            &[
                "None",
                "Prefer Speed",
                "Aggressive Speed",
                "Prefer Size",
                "Aggressive Size",
                "Prefer Accuracy",
                "Aggressive Accuracy",
            ],
        ),
        Tag {
            number: TAG_COMPATIBILITY,
            name: "Tag_compatibility",
            form: Form::IntegerAndText,
            values: Names::None,
        },
        counted(34, "Tag_CPU_unaligned_access", &["None", "v6"]),
        counted(36, "Tag_FP_HP_extension", NOT_ALLOWED_ALLOWED),
        counted(38, "Tag_ABI_FP_16bit_format", &["None", "IEEE 754", "Alternative Format"]),
        counted(42, "Tag_MPextension_use", NOT_ALLOWED_ALLOWED),
        counted(
            44,
            "Tag_DIV_use",
            &[
                "Allowed in Thumb-ISA, v7-R or v7-M",
                "Not allowed",
                "Allowed in v7-A with integer division extension",
            ],
        ),
        counted(46, "Tag_DSP_extension", &["Follow architecture", "Allowed"]),
        counted(48, "Tag_MVE_arch", &["No MVE", "MVE Integer only", "MVE Integer and FP"]),
        counted(
            50,
            "Tag_PAC_extension",
            &[
                "No PAC/AUT instructions",
                "PAC/AUT instructions permitted in the NOP space",
                "PAC/AUT instructions permitted in the NOP and in the non-NOP space",
            ],
        ),
        counted(
            52,
            "Tag_BTI_extension",
            &[
                "BTI instructions not permitted",
                "BTI instructions permitted in the NOP space",
                "BTI instructions permitted in the NOP and in the non-NOP space",
            ],
        ),
        Tag {
            number: TAG_NODEFAULTS,
            name: "Tag_nodefaults",
            form: Form::Nothing,
            values: Names::None,
        },
        text(TAG_ALSO_COMPATIBLE_WITH, "Tag_also_compatible_with"),
        counted(66, "Tag_T2EE_use", NOT_ALLOWED_ALLOWED),
        text(67, "Tag_conformance"),
        counted(
            68,
            "Tag_Virtualization_use",
            &[
                "Not Allowed",
                "TrustZone",
                "Virtualization Extensions",
                "TrustZone and Virtualization Extensions",
            ],
        ),
        counted(70, "Tag_MPextension_use_legacy", NOT_ALLOWED_ALLOWED),
        counted(
            74,
            "Tag_BTI_use",
            &[
                "Compiled without branch target enforcement",
                "Compiled with branch target enforcement",
            ],
        ),
        counted(
            76,
            "Tag_PACRET_use",
            &[
                "Compiled without return address signing and authentication",
                "Compiled with return address signing and authentication",
            ],
        ),
    ],
};

/// The name of an architecture ([`TAG_CPU_ARCH`]).
pub fn architecture(value: u64) -> Option<&'static str> {
    AEABI.value_name(TAG_CPU_ARCH.into(), value)
}
