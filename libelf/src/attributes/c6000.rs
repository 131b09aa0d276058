//! The attributes of vendor `c6xabi`: "The C6000 Embedded Application Binary Interface", section
//! 17.

use super::dictionary::{Dictionary, Form, Names, Tag, counted, named, text};

/// The alignment of the stack that the code keeps up.
pub const TAG_ABI_STACK_ALIGN_PRESERVED: u32 = 10;
/// A toolchain's claim of compatibility: flag and name.
pub const TAG_ABI_COMPATIBILITY: u32 = 32;
/// The standard that the file conforms to.
pub const TAG_ABI_CONFORMANCE: u32 = 67;

const STACK_ALIGNMENTS: &[&str] = &["8-byte", "16-byte"];
const ARRAY_ALIGNMENTS: &[&str] = &["8-byte", "4-byte", "16-byte"];

/// The dictionary of `c6xabi`.
pub static C6XABI: Dictionary = Dictionary {
    vendor: "c6xabi",
    tags: &[
        named(
            4,
            "Tag_ISA",
            &[
                (0, "None"),
                (1, "C62x"),
                (3, "C67x"),
                (4, "C67x+"),
                (6, "C64x"),
                (7, "C64x+"),
                (8, "C674x"),
            ],
        ),
        counted(6, "Tag_ABI_wchar_t", &["Not used", "2 bytes", "4 bytes"]),
        counted(8, "Tag_ABI_stack_align_needed", STACK_ALIGNMENTS),
        counted(TAG_ABI_STACK_ALIGN_PRESERVED, "Tag_ABI_stack_align_preserved", STACK_ALIGNMENTS),
        counted(12, "Tag_ABI_DSBT", &["DSBT addressing not used", "DSBT addressing used"]),
        counted(
            14,
            "Tag_ABI_PID",
            &[
                "Data addressing position-dependent",
                "Data addressing position-independent, GOT near DP",
                "Data addressing position-independent, GOT far from DP",
            ],
        ),
        counted(
            16,
            "Tag_ABI_PIC",
            &["Code addressing position-dependent", "Code addressing position-independent"],
        ),
        counted(18, "Tag_ABI_array_object_alignment", ARRAY_ALIGNMENTS),
        counted(20, "Tag_ABI_array_object_align_expected", ARRAY_ALIGNMENTS),
        Tag {
            number: TAG_ABI_COMPATIBILITY,
            name: "Tag_ABI_compatibility",
            form: Form::IntegerAndText,
            values: Names::None,
        },
        text(TAG_ABI_CONFORMANCE, "Tag_ABI_conformance"),
    ],
};
