//! What the values of some attributes mean. DWARF 5, sections 7.5.1 and 7.8 to 7.17.

/// Defines functions from a number to a text.
macro_rules! tables {
    ($($(#[$doc:meta])* $name:ident { $($number:literal $text:literal)* })*) => {$(
        $(#[$doc])*
        pub fn $name(number: u64) -> Option<&'static str> {
            Some(match number {
                $($number => $text,)*
                _ => return None,
            })
        }
    )*};
}

tables! {
    /// The name of a type of unit (`DW_UT_*`).
    unit_type {
        1 "DW_UT_compile" 2 "DW_UT_type" 3 "DW_UT_partial" 4 "DW_UT_skeleton"
        5 "DW_UT_split_compile" 6 "DW_UT_split_type" 0x80 "DW_UT_lo_user" 0xff "DW_UT_hi_user"
    }

    /// A language (`DW_LANG_*`).
    language {
        1 "ANSI C" 2 "non-ANSI C" 3 "Ada" 4 "C++" 5 "Cobol 74" 6 "Cobol 85" 7 "FORTRAN 77"
        8 "Fortran 90" 9 "ANSI Pascal" 0xa "Modula 2" 0xb "Java" 0xc "ANSI C99" 0xd "ADA 95"
        0xe "Fortran 95" 0xf "PLI" 0x10 "Objective C" 0x11 "Objective C++"
        0x12 "Unified Parallel C" 0x13 "D" 0x14 "Python" 0x15 "OpenCL" 0x16 "Go" 0x17 "Modula 3"
        0x18 "Haskell" 0x19 "C++03" 0x1a "C++11" 0x1b "OCaml" 0x1c "Rust" 0x1d "C11" 0x1e "Swift"
        0x1f "Julia" 0x20 "Dylan" 0x21 "C++14" 0x22 "Fortran 03" 0x23 "Fortran 08"
        0x24 "RenderScript" 0x8001 "MIPS assembler" 0x8765 "Unified Parallel C"
    }

    /// How a base type is encoded (`DW_ATE_*`).
    encoding {
        0 "void" 1 "machine address" 2 "boolean" 3 "complex float" 4 "float" 5 "signed"
        6 "signed char" 7 "unsigned" 8 "unsigned char" 9 "imaginary float" 0xa "packed_decimal"
        0xb "numeric_string" 0xc "edited" 0xd "signed_fixed" 0xe "unsigned_fixed"
        0xf "decimal float" 0x10 "unicode string" 0x11 "UCS" 0x12 "ASCII" 0x80 "HP_float80"
        0x81 "HP_complex_float80" 0x82 "HP_float128" 0x83 "HP_complex_float128"
        0x84 "HP_floathpintel" 0x85 "HP_imaginary_float80" 0x86 "HP_imaginary_float128"
    }

    /// Whether a function is inlined (`DW_INL_*`).
    inlining {
        0 "not inlined" 1 "inlined" 2 "declared as inline but ignored"
        3 "declared as inline and inlined"
    }

    /// Who may name a member (`DW_ACCESS_*`).
    access { 1 "public" 2 "protected" 3 "private" }

    /// Where a declaration is seen (`DW_VIS_*`).
    visibility { 1 "local" 2 "exported" 3 "qualified" }

    /// Whether a function is virtual (`DW_VIRTUALITY_*`).
    virtuality { 0 "none" 1 "virtual" 2 "pure_virtual" }

    /// A byte order (`DW_END_*`).
    endianity { 0 "default" 1 "big" 2 "little" }

    /// What case means in names (`DW_ID_*`).
    case { 0 "case_sensitive" 1 "up_case" 2 "down_case" 3 "case_insensitive" }

    /// How a function is called (`DW_CC_*`). DWARF 5, section 7.15.
    calling_convention {
        1 "normal" 2 "program" 3 "nocall" 4 "pass by ref" 5 "pass by value" 0x40 "Rensas SH"
        0x41 "Borland fastcall i386"
    }

    /// The order of an array (`DW_ORD_*`).
    ordering { 0 "row major" 1 "column major" 0xff "undefined" }

    /// Where a decimal number has its sign (`DW_DS_*`).
    decimal_sign {
        1 "unsigned" 2 "leading overpunch" 3 "trailing overpunch" 4 "leading separate"
        5 "trailing separate"
    }

    /// Whether a member function is defaulted (`DW_DEFAULTED_*`).
    defaulted { 0 "no" 1 "in class" 2 "out of class" }
}
