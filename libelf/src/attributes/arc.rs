//! The attributes of vendor `ARC`, of the ARC processors.

use super::dictionary::{Dictionary, counted, number, text};

/// The version of the operating system interface.
pub const TAG_ABI_OSVER: u32 = 9;

/// The dictionary of `ARC`.
pub static ARC: Dictionary = Dictionary {
    vendor: "ARC",
    tags: &[
        counted(
            4,
            "Tag_ARC_PCS_config",
            &[
                "Absent/Non standard",
                "Bare metal/mwdt",
                "Bare metal/newlib",
                "Linux/uclibc",
                "Linux/glibc",
            ],
        ),
        counted(5, "Tag_ARC_CPU_base", &["Absent", "ARC6xx", "ARC7xx", "ARCEM", "ARCHS"]),
        counted(
            6,
            "Tag_ARC_CPU_variation",
            &[
                "Absent", "Core1", "Core2", "Core3", "Core4", "Core5", "Core6", "Core7", "Core8",
                "Core9", "Core10", "Core11", "Core12", "Core13", "Core14", "Core15",
            ],
        ),
        text(7, "Tag_ARC_CPU_name"),
        counted(8, "Tag_ARC_ABI_rf16", &["no", "yes"]),
        number(TAG_ABI_OSVER, "Tag_ARC_ABI_osver"),
        counted(10, "Tag_ARC_ABI_sda", &["Absent", "MWDT", "GNU"]),
        counted(11, "Tag_ARC_ABI_pic", &["Absent", "MWDT", "GNU"]),
        counted(12, "Tag_ARC_ABI_tls", &["none", "r25"]),
        counted(13, "Tag_ARC_ABI_enumsize", &["smallest", "default"]),
        counted(14, "Tag_ARC_ABI_exceptions", &["default", "OPTFP"]),
        number(15, "Tag_ARC_ABI_double_size"),
        text(16, "Tag_ARC_ISA_config"),
        text(17, "Tag_ARC_ISA_apex"),
        number(18, "Tag_ARC_ISA_mpy_option"),
        number(20, "Tag_ARC_ATR_version"),
    ],
};
