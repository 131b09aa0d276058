//! The attributes of vendor `gnu`, in sections of type `SHT_GNU_ATTRIBUTES`: "Using as", "Object
//! Attributes", and what each processor's ABI lets compilers record there.
//!
//! A tag whose bit 1 is set means the same for all processors, the others are the processor's.

use super::dictionary::{Dictionary, Form, Names, Tag, counted, number};

/// A toolchain's claim of compatibility: flag and name.
pub const TAG_COMPATIBILITY: u32 = 32;
/// The bit of a tag that is the same for all processors.
pub const COMMON: u32 = 2;
/// The tag of most processors for the use of floating-point registers; of SPARC for capabilities,
/// of MSP430 for the region of data.
pub const TAG_ABI_FP: u32 = 4;
/// The tag of most processors for the use of vector registers; of SPARC for more capabilities.
pub const TAG_ABI_VECTOR: u32 = 8;
/// The tag of PowerPC for the way small structures are returned.
pub const TAG_POWER_STRUCT_RETURN: u32 = 12;

const COMPATIBILITY: Tag = Tag {
    number: TAG_COMPATIBILITY,
    name: "Tag_compatibility",
    form: Form::IntegerAndText,
    values: Names::None,
};

/// Processors that define none of their own.
pub static ANY: Dictionary = Dictionary { vendor: "gnu", tags: &[COMPATIBILITY] };

/// PowerPC. [`TAG_ABI_FP`] is two fields: [`POWER_FLOAT`] and, two bits higher,
/// [`POWER_LONG_DOUBLE`].
pub static POWER: Dictionary = Dictionary {
    vendor: "gnu",
    tags: &[
        number(TAG_ABI_FP, "Tag_GNU_Power_ABI_FP"),
        counted(
            TAG_ABI_VECTOR,
            "Tag_GNU_Power_ABI_Vector",
            &["unspecified", "generic", "AltiVec", "SPE"],
        ),
        counted(
            TAG_POWER_STRUCT_RETURN,
            "Tag_GNU_Power_ABI_Struct_Return",
            &["unspecified", "r3/r4", "memory"],
        ),
        COMPATIBILITY,
    ],
};

/// The lowest two bits of PowerPC's [`TAG_ABI_FP`].
pub const POWER_FLOAT: [&str; 4] =
    ["unspecified hard/soft float", "hard float", "soft float", "single-precision hard float"];

/// The next two bits of PowerPC's [`TAG_ABI_FP`].
pub const POWER_LONG_DOUBLE: [&str; 4] = [
    "unspecified long double",
    "128-bit IBM long double",
    "64-bit long double",
    "128-bit IEEE long double",
];

/// The names of the values of MIPS' [`TAG_ABI_FP`], which `.MIPS.abiflags` uses too.
pub const MIPS_FP: &[&str] = &[
    "Hard or soft float",
    "Hard float (double precision)",
    "Hard float (single precision)",
    "Soft float",
    "Hard float (MIPS32r2 64-bit FPU 12 callee-saved)",
    "Hard float (32-bit CPU, Any FPU)",
    "Hard float (32-bit CPU, 64-bit FPU)",
    "Hard float compat (32-bit CPU, 64-bit FPU)",
    "NaN 2008 compatibility",
];

/// MIPS.
pub static MIPS: Dictionary = Dictionary {
    vendor: "gnu",
    tags: &[
        counted(TAG_ABI_FP, "Tag_GNU_MIPS_ABI_FP", MIPS_FP),
        counted(TAG_ABI_VECTOR, "Tag_GNU_MIPS_ABI_MSA", &["Any MSA or not", "128-bit MSA"]),
        COMPATIBILITY,
    ],
};

/// S/390.
pub static S390: Dictionary = Dictionary {
    vendor: "gnu",
    tags: &[
        counted(TAG_ABI_VECTOR, "Tag_GNU_S390_ABI_Vector", &["any", "software", "hardware"]),
        COMPATIBILITY,
    ],
};

/// 68000.
pub static M68K: Dictionary = Dictionary {
    vendor: "gnu",
    tags: &[
        counted(
            TAG_ABI_FP,
            "Tag_GNU_M68K_ABI_FP",
            &["unspecified hard/soft float", "hard float", "soft float"],
        ),
        COMPATIBILITY,
    ],
};

/// MSP430.
pub static MSP430: Dictionary = Dictionary {
    vendor: "gnu",
    tags: &[
        Tag {
            number: TAG_ABI_FP,
            name: "Tag_GNU_MSP430_Data_Region",
            form: Form::Integer,
            values: Names::Some(&[(1, "Lower Region Only"), (2, "Any Region")]),
        },
        COMPATIBILITY,
    ],
};

/// SPARC: bits of [`SPARC_HWCAPS`] and [`SPARC_HWCAPS2`].
pub static SPARC: Dictionary = Dictionary {
    vendor: "gnu",
    tags: &[
        number(TAG_ABI_FP, "Tag_GNU_Sparc_HWCAPS"),
        number(TAG_ABI_VECTOR, "Tag_GNU_Sparc_HWCAPS2"),
        COMPATIBILITY,
    ],
};

/// Bits of SPARC's first word of capabilities.
pub const SPARC_HWCAPS: &[(u32, &str)] = &[
    (0x0000_0001, "mul32"),
    (0x0000_0002, "div32"),
    (0x0000_0004, "fsmuld"),
    (0x0000_0008, "v8plus"),
    (0x0000_0010, "popc"),
    (0x0000_0020, "vis"),
    (0x0000_0040, "vis2"),
    (0x0000_0080, "ASIBlkInit"),
    (0x0000_0100, "fmaf"),
    (0x0000_0400, "vis3"),
    (0x0000_0800, "hpc"),
    (0x0000_1000, "random"),
    (0x0000_2000, "trans"),
    (0x0000_4000, "fjfmau"),
    (0x0000_8000, "ima"),
    (0x0001_0000, "cspare"),
];

/// Bits of SPARC's second word of capabilities.
pub const SPARC_HWCAPS2: &[(u32, &str)] = &[
    (0x0000_0001, "fjathplus"),
    (0x0000_0002, "vis3b"),
    (0x0000_0004, "adp"),
    (0x0000_0008, "sparc5"),
    (0x0000_0010, "mwait"),
    (0x0000_0020, "xmpmul"),
    (0x0000_0040, "xmont2"),
    (0x0000_0080, "nsec"),
    (0x0000_1000, "fjathhpc"),
    (0x0000_2000, "fjdes"),
    (0x0001_0000, "fjaes"),
];
