//! Values of dynamic tags that are sets of flags. gABI, chapter 5, "Dynamic Section"; the flags of
//! `DT_FLAGS_1`, `DT_FEATURE` and `DT_POSFLAG_1` are those of Solaris's Linker and Libraries Guide.

use std::fmt::Write;

use object::elf::{
    DT_FLAGS, DT_FLAGS_1, DT_MIPS_FLAGS, DT_POSFLAG_1, DynamicTag, EM_IA_64, EM_MIPS,
    EM_MIPS_RS3_LE, EM_PARISC,
};

use super::table::Names;
use crate::header::Header;

const DT_FEATURE: DynamicTag = DynamicTag(0x6fff_fdfc);
const DT_GNU_FLAGS_1: DynamicTag = DynamicTag(0x6fff_fdf4);
const DT_HP_DLD_FLAGS: DynamicTag = DynamicTag(0x6000_0001);
const DT_IA_64_VMS_LNKFLAGS: DynamicTag = DynamicTag(0x6000_0015);

/// `DF_` flags.
const FLAGS: Names<u64> = Names(&[
    (0x1, "ORIGIN"),
    (0x2, "SYMBOLIC"),
    (0x4, "TEXTREL"),
    (0x8, "BIND_NOW"),
    (0x10, "STATIC_TLS"),
]);

/// `DF_1_` flags.
const FLAGS_1: Names<u64> = Names(&[
    (0x1, "NOW"),
    (0x2, "GLOBAL"),
    (0x4, "GROUP"),
    (0x8, "NODELETE"),
    (0x10, "LOADFLTR"),
    (0x20, "INITFIRST"),
    (0x40, "NOOPEN"),
    (0x80, "ORIGIN"),
    (0x100, "DIRECT"),
    (0x200, "TRANS"),
    (0x400, "INTERPOSE"),
    (0x800, "NODEFLIB"),
    (0x1000, "NODUMP"),
    (0x2000, "CONFALT"),
    (0x4000, "ENDFILTEE"),
    (0x8000, "DISPRELDNE"),
    (0x10000, "DISPRELPND"),
    (0x20000, "NODIRECT"),
    (0x40000, "IGNMULDEF"),
    (0x80000, "NOKSYMS"),
    (0x100000, "NOHDR"),
    (0x200000, "EDITED"),
    (0x400000, "NORELOC"),
    (0x800000, "SYMINTPOSE"),
    (0x1000000, "GLOBAUDIT"),
    (0x2000000, "SINGLETON"),
    (0x4000000, "STUB"),
    (0x8000000, "PIE"),
    (0x10000000, "KMOD"),
    (0x20000000, "WEAKFILTER"),
    (0x40000000, "NOCOMMON"),
]);

/// `DTF_1_` flags.
const FEATURES: Names<u64> = Names(&[(0x1, "PARINIT"), (0x2, "CONFEXP")]);

/// `DF_P1_` flags.
const POSITION_FLAGS: Names<u64> = Names(&[(0x1, "LAZYLOAD"), (0x2, "GROUPPERM")]);

/// `DF_GNU_1_` flags.
const GNU_FLAGS_1: Names<u64> = Names(&[(0x1, "UNIQUE")]);

/// `RHF_` flags of MIPS.
const MIPS_FLAGS: Names<u64> = Names(&[
    (0x1, "QUICKSTART"),
    (0x2, "NOTPOT"),
    (0x4, "NO_LIBRARY_REPLACEMENT"),
    (0x8, "NO_MOVE"),
    (0x10, "SGI_ONLY"),
    (0x20, "GUARANTEE_INIT"),
    (0x40, "DELTA_C_PLUS_PLUS"),
    (0x80, "GUARANTEE_START_INIT"),
    (0x100, "PIXIE"),
    (0x200, "DEFAULT_DELAY_LOAD"),
    (0x400, "REQUICKSTART"),
    (0x800, "REQUICKSTARTED"),
    (0x1000, "CORD"),
    (0x2000, "NO_UNRES_UNDEF"),
    (0x4000, "RLD_ORDER_SAFE"),
]);

/// `DT_HP_` flags of HPPA.
const PARISC_FLAGS: Names<u64> = Names(&[
    (0x1, "HP_DEBUG_PRIVATE"),
    (0x2, "HP_DEBUG_CALLBACK"),
    (0x4, "HP_DEBUG_CALLBACK_BOR"),
    (0x8, "HP_NO_ENVVAR"),
    (0x10, "HP_BIND_NOW"),
    (0x20, "HP_BIND_NONFATAL"),
    (0x40, "HP_BIND_VERBOSE"),
    (0x80, "HP_BIND_RESTRICTED"),
    (0x100, "HP_BIND_SYMBOLIC"),
    (0x200, "HP_RPATH_FIRST"),
    (0x400, "HP_BIND_DEPTH_FIRST"),
    (0x800, "HP_GST"),
    (0x1000, "HP_SHLIB_FIXED"),
    (0x2000, "HP_MERGE_SHLIB_SEG"),
    (0x4000, "HP_NODELETE"),
    (0x8000, "HP_GROUP"),
    (0x10000, "HP_PROTECT_LINKAGE_TABLE"),
]);

/// `VMS_LF_` flags of IA-64.
const VMS_FLAGS: Names<u64> = Names(&[
    (0x1, "CALL_DEBUG"),
    (0x2, "NOP0BUFS"),
    (0x4, "P0IMAGE"),
    (0x8, "MKTHREADS"),
    (0x10, "UPCALLS"),
    (0x20, "IMGSTA"),
    (0x40, "INITIALIZE"),
    (0x80, "MAIN"),
    (0x200, "EXE_INIT"),
    (0x400, "TBK_IN_IMG"),
    (0x800, "DBG_IN_IMG"),
    (0x1000, "TBK_IN_DSF"),
    (0x2000, "DBG_IN_DSF"),
    (0x4000, "SIGNATURES"),
    (0x8000, "REL_SEG_OFF"),
]);

/// What becomes of bits without a name.
#[derive(Clone, Copy)]
enum Unnamed {
    /// The word `unknown` for each.
    Word,
    /// One hexadecimal number for all, at the end.
    Number,
    /// Nothing.
    Hidden,
}

/// The names of the flags in the value of a dynamic tag, with a space between; `None` if the
/// values of this tag are no flags.
///
/// The text is what readelf prints after the tag, for the flags of Solaris and GNU after the word
/// `Flags:`, for those of OpenVMS after the number.
pub fn dynamic_flags(header: &Header, tag: DynamicTag, value: u64) -> Option<String> {
    let (names, unnamed, zero) = match (tag, header.machine) {
        (DT_FLAGS, _) => (FLAGS, Unnamed::Word, ""),
        (DT_FLAGS_1, _) => (FLAGS_1, Unnamed::Number, "None"),
        (DT_FEATURE, _) => (FEATURES, Unnamed::Number, "None"),
        (DT_POSFLAG_1, _) => (POSITION_FLAGS, Unnamed::Number, "None"),
        (DT_GNU_FLAGS_1, _) => (GNU_FLAGS_1, Unnamed::Number, "None"),
        (DT_MIPS_FLAGS, EM_MIPS | EM_MIPS_RS3_LE) => (MIPS_FLAGS, Unnamed::Hidden, "NONE"),
        (DT_HP_DLD_FLAGS, EM_PARISC) => (PARISC_FLAGS, Unnamed::Number, "0"),
        (DT_IA_64_VMS_LNKFLAGS, EM_IA_64) => (VMS_FLAGS, Unnamed::Hidden, ""),
        _ => return None,
    };
    Some(if value == 0 { zero.to_owned() } else { set(names, unnamed, value) })
}

/// The names of the bits of `value`, with a space between.
fn set(names: Names<u64>, unnamed: Unnamed, value: u64) -> String {
    let mut text = String::new();
    let mut left = value;
    let mut numbers = 0;
    while left != 0 {
        let bit = left & left.wrapping_neg();
        left &= !bit;
        match (names.get(bit), unnamed) {
            (Some(name), _) => push(&mut text, name),
            (None, Unnamed::Word) => push(&mut text, "unknown"),
            (None, Unnamed::Number) => numbers |= bit,
            (None, Unnamed::Hidden) => {}
        }
    }
    if numbers != 0 {
        push(&mut text, "");
        // Writing to a string cannot fail.
        let _ = write!(text, "{numbers:x}");
    }
    text
}

fn push(text: &mut String, name: &str) {
    if !text.is_empty() {
        text.push(' ');
    }
    text.push_str(name);
}

/// The names of the flags in an entry of Solaris's symbol information (`SYMINFO_FLG_`), each after
/// a space.
pub fn syminfo_flags(flags: u16) -> String {
    let names: Names<u16> =
        Names(&[(0x1, " DIRECT"), (0x2, " PASSTHRU"), (0x4, " COPY"), (0x8, " LAZYLOAD")]);
    names.0.iter().filter(|&&(bit, _)| flags & bit != 0).map(|&(_, name)| name).collect()
}

/// The name of what a symbol is bound to in Solaris's symbol information (`SYMINFO_BT_`), where it
/// is no index into the dynamic section.
pub fn syminfo_bound_to(number: u16) -> Option<&'static str> {
    Names(&[(0xfffe, "PARENT"), (0xffff, "SELF")]).get(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_ascend() {
        for (at, names) in [
            FLAGS,
            FLAGS_1,
            FEATURES,
            POSITION_FLAGS,
            GNU_FLAGS_1,
            MIPS_FLAGS,
            PARISC_FLAGS,
            VMS_FLAGS,
        ]
        .iter()
        .enumerate()
        {
            assert!(names.is_sorted(), "table {at}");
        }
    }
}
