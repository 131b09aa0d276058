//! `-d`: the entries of the dynamic section, with what their values mean.

use common::{Output, format, out};
use libelf::dynamic::Dyn;
use libelf::names;
use libelf::raw::{
    DT_AUDIT, DT_AUXILIARY, DT_BIND_NOW, DT_CONFIG, DT_DEPAUDIT, DT_FEATURE_1, DT_FILTER,
    DT_FINI_ARRAYSZ, DT_FLAGS, DT_FLAGS_1, DT_GNU_CONFLICTSZ, DT_GNU_LIBLISTSZ, DT_GNU_PRELINKED,
    DT_INIT_ARRAYSZ, DT_MOVEENT, DT_MOVESZ, DT_NEEDED, DT_PLTPADSZ, DT_PLTREL, DT_PLTRELSZ,
    DT_POSFLAG_1, DT_PREINIT_ARRAYSZ, DT_RELACOUNT, DT_RELAENT, DT_RELASZ, DT_RELCOUNT, DT_RELENT,
    DT_RELRENT, DT_RELRSZ, DT_RELSZ, DT_RPATH, DT_RUNPATH, DT_SONAME, DT_STRSZ, DT_SYMENT,
    DT_VERDEFNUM, DT_VERNEEDNUM, DynamicTag, EM_AARCH64, EM_IA_64, EM_MIPS, EM_MIPS_RS3_LE,
    EM_PARISC, Machine,
};

use crate::object::Object;
use crate::text;
use crate::time::utc;

/// `DT_GNU_FLAGS_1`: what the GNU C library may do with a library.
const DT_GNU_FLAGS_1: DynamicTag = DynamicTag(0x6fff_fdf4);
/// `DT_USED`: a library that is named but not needed.
const DT_USED: DynamicTag = DynamicTag(0x7fff_fffe);
/// `DT_AARCH64_BTI_PLT`: the PLT has landing pads; the value has no meaning.
const DT_AARCH64_BTI_PLT: DynamicTag = DynamicTag(0x7000_0001);
/// `DT_AARCH64_PAC_PLT`: the PLT signs addresses; the value has no meaning.
const DT_AARCH64_PAC_PLT: DynamicTag = DynamicTag(0x7000_0003);
/// `DT_IA_64_PLT_RESERVE`: three words that the loader may use.
const DT_IA_64_PLT_RESERVE: DynamicTag = DynamicTag(0x7000_0000);
/// The bytes of those three words.
const IA_64_PLT_RESERVE_SIZE: u64 = 3 * 8;
/// `DT_IA_64_VMS_LNKFLAGS`
const DT_IA_64_VMS_LNKFLAGS: DynamicTag = DynamicTag(0x6000_0015);
/// `DT_HP_DLD_FLAGS`
const DT_HP_DLD_FLAGS: DynamicTag = DynamicTag(0x6000_0001);
/// `DT_MIPS_TIME_STAMP`
const DT_MIPS_TIME_STAMP: DynamicTag = DynamicTag(0x7000_0002);
/// `DT_MIPS_IVERSION`
const DT_MIPS_IVERSION: DynamicTag = DynamicTag(0x7000_0004);
/// `DT_MIPS_FLAGS`
const DT_MIPS_FLAGS: DynamicTag = DynamicTag(0x7000_0005);
/// The entries of MIPS that are counts: `DT_MIPS_RLD_VERSION`, `DT_MIPS_LOCAL_GOTNO`, … by the
/// distance of their tags from `DT_LOPROC`.
const MIPS_COUNTS: &[i64] =
    &[0x01, 0x0a, 0x0b, 0x10, 0x11, 0x12, 0x14, 0x18, 0x1a, 0x1c, 0x1e, 0x21, 0x2f];
/// `DT_LOPROC`
const DT_LOPROC: i64 = 0x7000_0000;

/// A bit and its name.
type Flag = (u64, &'static str);

/// `DF_1_` bits of `DT_FLAGS_1`.
const FLAGS_1: &[Flag] = &[
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
    (0x1_0000, "DISPRELPND"),
    (0x2_0000, "NODIRECT"),
    (0x4_0000, "IGNMULDEF"),
    (0x8_0000, "NOKSYMS"),
    (0x10_0000, "NOHDR"),
    (0x20_0000, "EDITED"),
    (0x40_0000, "NORELOC"),
    (0x80_0000, "SYMINTPOSE"),
    (0x100_0000, "GLOBAUDIT"),
    (0x200_0000, "SINGLETON"),
    (0x400_0000, "STUB"),
    (0x800_0000, "PIE"),
    (0x1000_0000, "KMOD"),
    (0x2000_0000, "WEAKFILTER"),
    (0x4000_0000, "NOCOMMON"),
];

/// `DTF_1_` bits of `DT_FEATURE_1`.
const FEATURES: &[Flag] = &[(1, "PARINIT"), (2, "CONFEXP")];
/// `DF_P1_` bits of `DT_POSFLAG_1`.
const POSITIONAL_FLAGS: &[Flag] = &[(1, "LAZYLOAD"), (2, "GROUPPERM")];
/// `DF_GNU_1_` bits of `DT_GNU_FLAGS_1`.
const GNU_FLAGS: &[Flag] = &[(1, "UNIQUE")];

/// `DF_` bits of `DT_FLAGS`.
const FLAGS: &[Flag] =
    &[(1, "ORIGIN"), (2, "SYMBOLIC"), (4, "TEXTREL"), (8, "BIND_NOW"), (16, "STATIC_TLS")];

/// `DT_HP_` bits of `DT_HP_DLD_FLAGS`.
const HP_FLAGS: &[Flag] = &[
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
    (0x1_0000, "HP_PROTECT_LINKAGE_TABLE"),
];

/// `VMS_LF_` bits of `DT_IA_64_VMS_LNKFLAGS`.
const VMS_FLAGS: &[Flag] = &[
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
];

/// `RHF_` bits of `DT_MIPS_FLAGS`, from the lowest.
const MIPS_FLAGS: &[&str] = &[
    "QUICKSTART",
    "NOTPOT",
    "NO_LIBRARY_REPLACEMENT",
    "NO_MOVE",
    "SGI_ONLY",
    "GUARANTEE_INIT",
    "DELTA_C_PLUS_PLUS",
    "GUARANTEE_START_INIT",
    "PIXIE",
    "DEFAULT_DELAY_LOAD",
    "REQUICKSTART",
    "REQUICKSTARTED",
    "CORD",
    "NO_UNRES_UNDEF",
    "RLD_ORDER_SAFE",
];

/// What a value means.
enum Meaning {
    /// A size in bytes.
    Bytes,
    /// A number.
    Count,
    /// A signed number.
    SignedCount,
    /// A string, in brackets after a title; a number where there is no such string.
    Named(&'static str),
    /// As [`Self::Named`], with the title before the number too.
    Titled(&'static str),
    /// Bits after `Flags:`, the unnamed ones in hexadecimal.
    Flags(&'static [Flag]),
    /// Nothing but that the entry is there.
    Nothing,
    /// An address or anything else.
    Hex,
    /// An entry with a form of its own.
    Own(fn(&mut Output, &Object<'_>, u64)),
}

/// Shows the dynamic section, which is loaded.
pub fn show(out: &mut Output, object: &Object<'_>) {
    let entries = &object.dynamic.entries;
    let noun = if entries.len() == 1 { "entry" } else { "entries" };
    out!(
        out,
        "\nDynamic section at offset {:#x} contains {} {noun}:\n  Tag        Type                         Name/Value\n",
        object.dynamic.place.0,
        entries.len()
    );
    for entry in entries {
        show_entry(out, object, entry);
    }
}

fn show_entry(out: &mut Output, object: &Object<'_>, entry: &Dyn) {
    let name = names::dynamic_tag(&object.header, entry.tag);
    let digits = object.encoding().word_size() * 2;
    let line = out.buf();
    line.extend_from_slice(b" 0x");
    format::hex_padded(line, entry.tag.0 as u64, digits);
    line.extend_from_slice(b" (");
    line.extend_from_slice(name.as_bytes());
    line.push(b')');
    // A name that is too long for the column is followed by as many spaces as it is too long.
    let column: usize = if object.is_64() { 19 } else { 27 };
    format::left(line, b" ", column.abs_diff(name.len()));
    show_value(out, object, entry);
    out.relieve();
}

fn show_value(out: &mut Output, object: &Object<'_>, entry: &Dyn) {
    let value = entry.value;
    match meaning(object.header.machine, entry.tag) {
        Meaning::Bytes => out!(out, "{value} (bytes)\n"),
        Meaning::Count => out!(out, "{value}\n"),
        Meaning::SignedCount => out!(out, "{}\n", value.cast_signed()),
        Meaning::Named(title) => match string(object, value) {
            Some(name) => show_string(out, title, name),
            None => out!(out, "{value:#x}\n"),
        },
        Meaning::Titled(title) => match string(object, value) {
            Some(name) => show_string(out, title, name),
            None => out!(out, "{title}: {value:#x}\n"),
        },
        Meaning::Flags(flags) => show_flags(out, flags, value),
        Meaning::Nothing => out!(out, "\n"),
        Meaning::Hex => out!(out, "{value:#x}\n"),
        Meaning::Own(show) => show(out, object, value),
    }
}

fn meaning(machine: Machine, tag: DynamicTag) -> Meaning {
    match tag {
        DT_PLTRELSZ | DT_RELASZ | DT_RELAENT | DT_STRSZ | DT_SYMENT | DT_RELSZ | DT_RELENT
        | DT_INIT_ARRAYSZ | DT_FINI_ARRAYSZ | DT_PREINIT_ARRAYSZ | DT_RELRSZ | DT_RELRENT
        | DT_GNU_CONFLICTSZ | DT_GNU_LIBLISTSZ | DT_PLTPADSZ | DT_MOVEENT | DT_MOVESZ => {
            Meaning::Bytes
        }
        DT_RELACOUNT | DT_RELCOUNT | DT_VERDEFNUM | DT_VERNEEDNUM => Meaning::Count,
        DT_NEEDED => Meaning::Named("Shared library"),
        DT_SONAME => Meaning::Named("Library soname"),
        DT_RPATH => Meaning::Named("Library rpath"),
        DT_RUNPATH => Meaning::Named("Library runpath"),
        DT_USED => Meaning::Own(show_used),
        DT_AUXILIARY => Meaning::Titled("Auxiliary library"),
        DT_FILTER => Meaning::Titled("Filter library"),
        DT_CONFIG => Meaning::Titled("Configuration file"),
        DT_DEPAUDIT => Meaning::Titled("Dependency audit library"),
        DT_AUDIT => Meaning::Titled("Audit library"),
        DT_FEATURE_1 => Meaning::Flags(FEATURES),
        DT_POSFLAG_1 => Meaning::Flags(POSITIONAL_FLAGS),
        DT_FLAGS_1 => Meaning::Flags(FLAGS_1),
        DT_GNU_FLAGS_1 => Meaning::Flags(GNU_FLAGS),
        DT_FLAGS => Meaning::Own(show_df_flags),
        DT_PLTREL => Meaning::Own(show_pltrel),
        DT_GNU_PRELINKED => Meaning::Own(show_prelinked),
        DT_BIND_NOW => Meaning::Nothing,
        _ => machine_meaning(machine, tag),
    }
}

/// The meanings that a machine adds.
fn machine_meaning(machine: Machine, tag: DynamicTag) -> Meaning {
    match (machine, tag) {
        (EM_MIPS | EM_MIPS_RS3_LE, tag) => match tag {
            DT_MIPS_TIME_STAMP => Meaning::Own(show_mips_time_stamp),
            DT_MIPS_IVERSION => Meaning::Own(show_mips_interface_version),
            DT_MIPS_FLAGS => Meaning::Own(show_mips_flags),
            tag if MIPS_COUNTS.contains(&tag.0.wrapping_sub(DT_LOPROC)) => Meaning::SignedCount,
            _ => Meaning::Hex,
        },
        (EM_AARCH64, DT_AARCH64_BTI_PLT | DT_AARCH64_PAC_PLT) => Meaning::Nothing,
        (EM_IA_64, DT_IA_64_PLT_RESERVE) => Meaning::Own(show_ia_64_plt_reserve),
        (EM_IA_64, DT_IA_64_VMS_LNKFLAGS) => Meaning::Own(show_vms_flags),
        (EM_PARISC, DT_HP_DLD_FLAGS) => Meaning::Own(show_hp_flags),
        _ => Meaning::Hex,
    }
}

fn string<'data>(object: &Object<'data>, offset: u64) -> Option<&'data [u8]> {
    object.dynamic.strings?.get_cut(offset)
}

fn show_string(out: &mut Output, title: &str, name: &[u8]) {
    out!(out, "{title}: [");
    out.put(&text::printable(name));
    out!(out, "]\n");
}

/// Prints the names of the bits of `value`, each after a space; returns the bits without a name.
fn show_named_bits(out: &mut Output, flags: &[Flag], value: u64) -> u64 {
    flags.iter().fold(value, |rest, &(bit, name)| {
        if rest & bit != 0 {
            out!(out, " {name}");
        }
        rest & !bit
    })
}

fn show_flags(out: &mut Output, flags: &[Flag], value: u64) {
    out!(out, "Flags:");
    if value == 0 {
        out!(out, " None");
    }
    let rest = show_named_bits(out, flags, value);
    if rest != 0 {
        out!(out, " {rest:x}");
    }
    out!(out, "\n");
}

fn show_used(out: &mut Output, object: &Object<'_>, value: u64) {
    match string(object, value).filter(|name| !name.is_empty()) {
        Some(name) => show_string(out, "Not needed object", name),
        None => out!(out, "{value:#x}\n"),
    }
}

/// `DT_FLAGS`: one word for each bit.
fn show_df_flags(out: &mut Output, _: &Object<'_>, value: u64) {
    let mut separator = "";
    for bit in (0..u64::BITS).map(|shift| 1 << shift).filter(|bit| value & bit != 0) {
        let name = FLAGS.iter().find(|&&(flag, _)| flag == bit).map_or("unknown", |flag| flag.1);
        out!(out, "{separator}{name}");
        separator = " ";
    }
    out!(out, "\n");
}

fn show_pltrel(out: &mut Output, object: &Object<'_>, value: u64) {
    let tag = DynamicTag(value.cast_signed());
    out!(out, "{}\n", names::dynamic_tag(&object.header, tag));
}

fn show_prelinked(out: &mut Output, _: &Object<'_>, value: u64) {
    match utc(value) {
        Some(time) => out!(out, "{time}\n"),
        // Without its end, as GNU readelf has it.
        None => out!(out, "<corrupt time val: {value:x}"),
    }
}

fn show_mips_time_stamp(out: &mut Output, _: &Object<'_>, value: u64) {
    out!(out, "Time Stamp: ");
    match utc(value) {
        Some(time) => out!(out, "{time}\n"),
        None => out!(out, "<corrupt: {value:x}>\n"),
    }
}

fn show_mips_interface_version(out: &mut Output, object: &Object<'_>, value: u64) {
    out!(out, "Interface Version: ");
    match string(object, value) {
        Some(name) => {
            out.put(&text::printable(name));
            out!(out, "\n");
        }
        None => out!(out, "<corrupt: {value:x}>\n"),
    }
}

fn show_mips_flags(out: &mut Output, _: &Object<'_>, value: u64) {
    if value == 0 {
        out!(out, "NONE\n");
        return;
    }
    let mut separator = "";
    for (shift, name) in MIPS_FLAGS.iter().enumerate() {
        if value >> shift & 1 != 0 {
            out!(out, "{separator}{name}");
            separator = " ";
        }
    }
    out!(out, "\n");
}

fn show_ia_64_plt_reserve(out: &mut Output, _: &Object<'_>, value: u64) {
    out!(out, "{value:#x} -- {:#x}\n", value.wrapping_add(IA_64_PLT_RESERVE_SIZE));
}

fn show_vms_flags(out: &mut Output, _: &Object<'_>, value: u64) {
    out!(out, "{value:#x}");
    show_named_bits(out, VMS_FLAGS, value);
    out!(out, "\n");
}

fn show_hp_flags(out: &mut Output, _: &Object<'_>, value: u64) {
    if value == 0 {
        out!(out, "0\n");
        return;
    }
    let mut separator = "";
    let mut rest = value;
    for &(bit, name) in HP_FLAGS {
        if rest & bit != 0 {
            out!(out, "{separator}{name}");
            separator = " ";
            rest &= !bit;
        }
    }
    if rest != 0 {
        out!(out, "{separator}{rest:x}");
    }
    out!(out, "\n");
}
