//! `-d`: the entries of the dynamic section, with what their values mean.

use common::{Output, format, out};
use libelf::dynamic::Dyn;
use libelf::names;
use libelf::raw::{
    DT_AUDIT, DT_AUXILIARY, DT_BIND_NOW, DT_CONFIG, DT_DEPAUDIT, DT_FEATURE_1, DT_FILTER,
    DT_FINI_ARRAYSZ, DT_FLAGS_1, DT_GNU_CONFLICTSZ, DT_GNU_LIBLISTSZ, DT_GNU_PRELINKED,
    DT_INIT_ARRAYSZ, DT_MOVEENT, DT_MOVESZ, DT_NEEDED, DT_PLTPADSZ, DT_PLTREL, DT_PLTRELSZ,
    DT_POSFLAG_1, DT_PREINIT_ARRAYSZ, DT_RELACOUNT, DT_RELAENT, DT_RELASZ, DT_RELCOUNT, DT_RELENT,
    DT_RELRENT, DT_RELRSZ, DT_RELSZ, DT_RPATH, DT_RUNPATH, DT_SONAME, DT_STRSZ, DT_SYMENT,
    DT_VERDEFNUM, DT_VERNEEDNUM, DynamicTag, EM_AARCH64, EM_IA_64, EM_MIPS, EM_MIPS_RS3_LE,
    Machine,
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
/// `DT_MIPS_TIME_STAMP`
const DT_MIPS_TIME_STAMP: DynamicTag = DynamicTag(0x7000_0002);
/// `DT_MIPS_IVERSION`
const DT_MIPS_IVERSION: DynamicTag = DynamicTag(0x7000_0004);
/// The entries of MIPS that are counts: `DT_MIPS_RLD_VERSION`, `DT_MIPS_LOCAL_GOTNO`, … by the
/// distance of their tags from `DT_LOPROC`.
const MIPS_COUNTS: &[i64] =
    &[0x01, 0x0a, 0x0b, 0x10, 0x11, 0x12, 0x14, 0x18, 0x1a, 0x1c, 0x1e, 0x21, 0x2f];
/// `DT_LOPROC`
const DT_LOPROC: i64 = 0x7000_0000;

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
    // One at the start of the file has no heading in GNU readelf.
    let offset = object.dynamic.place.0;
    if offset != 0 {
        out!(out, "\n");
        object.put_title(out, "Dynamic section", " the dynamic section");
        out!(out, " at offset {offset:#x} contains {} {noun}:\n", entries.len());
    }
    out!(out, "  Tag        Type                         Name/Value\n");
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
    if let Some(flags) = names::dynamic_flags(&object.header, entry.tag, value) {
        match (entry.tag, object.header.machine) {
            (DT_FEATURE_1 | DT_POSFLAG_1 | DT_FLAGS_1 | DT_GNU_FLAGS_1, _) => {
                out!(out, "Flags: {flags}\n");
            }
            (DT_IA_64_VMS_LNKFLAGS, EM_IA_64) if flags.is_empty() => {
                out!(out, "{value:#x}\n");
            }
            (DT_IA_64_VMS_LNKFLAGS, EM_IA_64) => out!(out, "{value:#x} {flags}\n"),
            _ => out!(out, "{flags}\n"),
        }
        return;
    }
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
            tag if MIPS_COUNTS.contains(&tag.0.wrapping_sub(DT_LOPROC)) => Meaning::SignedCount,
            _ => Meaning::Hex,
        },
        (EM_AARCH64, DT_AARCH64_BTI_PLT | DT_AARCH64_PAC_PLT) => Meaning::Nothing,
        (EM_IA_64, DT_IA_64_PLT_RESERVE) => Meaning::Own(show_ia_64_plt_reserve),
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

fn show_used(out: &mut Output, object: &Object<'_>, value: u64) {
    match string(object, value).filter(|name| !name.is_empty()) {
        Some(name) => show_string(out, "Not needed object", name),
        None => out!(out, "{value:#x}\n"),
    }
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

fn show_ia_64_plt_reserve(out: &mut Output, _: &Object<'_>, value: u64) {
    out!(out, "{value:#x} -- {:#x}\n", value.wrapping_add(IA_64_PLT_RESERVE_SIZE));
}
