//! MIPS: attributes, ABI flags, options, quick-start tables and global offset tables.

mod got;

use common::{Output, out};
use libelf::attributes::gnu::MIPS_FP;
use libelf::error::Problem;
use libelf::ident::Class;
use libelf::mips::{
    ASES, AbiFlags, EXCEPTION_MODES, FP_EXCEPTIONS, HARDWARE_CHECKS, HARDWARE_PATCHES,
    LIBRARY_FLAGS, Library, MipsOption, MipsOptions, ODK_EXCEPTIONS, ODK_FILL, ODK_GP_GROUP,
    ODK_HWAND, ODK_HWOR, ODK_HWPATCH, ODK_IDENT, ODK_NULL, ODK_PAD, ODK_REGINFO, ODK_TAGS, PADS,
    RegInfo, isa_extension, register_size,
};
use libelf::raw::{
    DT_MIPS_CONFLICT, DT_MIPS_CONFLICTNO, DT_MIPS_LIBLIST, DT_MIPS_LIBLISTNO, DT_MIPS_OPTIONS,
    EM_MIPS, SHT_MIPS_OPTIONS,
};
use libelf::{Record, Table};

use super::attributes::display_sections;
use super::gnu;
use crate::object::Object;
use crate::options::Options;
use crate::symbol_table::Hex;
use crate::text::{self, Style};
use crate::time;

/// The bytes of a conflict in a file of 32 bits.
const CONFLICT_SIZE: u64 = 4;
/// A conflict's width in memory: more conflicts than the file could hold of these are refused.
const CONFLICT_SIZE_IN_MEMORY: u64 = 8;
/// The bytes of an option without contents.
const SMALLEST_OPTION: u64 = 8;
/// The columns of names in lists.
const CONFLICT_NAME_WIDTH: usize = 25;
const LIBRARY_NAME_WIDTH: usize = 20;

/// Displays what is particular to MIPS.
pub fn display(out: &mut Output, options: &Options, object: &mut Object<'_>) -> bool {
    let mut good = display_sections(out, options, object, &gnu::MIPS);
    good &= display_abi_flags(out, object);
    let (offset, size) = object.dynamic.place;
    if size == 0 || object.bytes_at(offset, size).is_none() {
        got::display_static(out, options, object);
        return good;
    }
    let tables = Tables::locate(out, object);
    if options.dynamic {
        good &= display_libraries(out, options, object, &tables);
    }
    if let Some(offset) = tables.options {
        match display_options(out, object, offset) {
            Some(sound) => good &= sound,
            None => return false,
        }
    }
    if tables.conflicts.is_some() && !display_conflicts(out, options, object, &tables) {
        return false;
    }
    good & got::display(out, options, object)
}

/// Where the dynamic section places tables: offsets in the file.
#[derive(Default)]
struct Tables {
    libraries: Option<u64>,
    library_count: u64,
    options: Option<u64>,
    conflicts: Option<u64>,
    conflict_count: u64,
}

impl Tables {
    /// Goes by the dynamic section, entry by entry: the size of a table is known, for the check
    /// that it is loaded, only if it was told before the table's address.
    fn locate(out: &mut Output, object: &mut Object<'_>) -> Self {
        let mut tables = Self::default();
        for index in 0..object.dynamic.entries.len() {
            let Some(entry) = object.dynamic.entries.get(index).copied() else { break };
            match entry.tag {
                DT_MIPS_LIBLIST => {
                    let each = Library::size(Class::Elf32) as u64;
                    let size = tables.library_count.wrapping_mul(each);
                    tables.libraries = nonzero(object.offset_of_address(out, entry.value, size));
                }
                DT_MIPS_LIBLISTNO => tables.library_count = entry.value,
                DT_MIPS_OPTIONS => {
                    tables.options = nonzero(object.offset_of_address(out, entry.value, 0));
                }
                DT_MIPS_CONFLICT => {
                    let size = tables.conflict_count.wrapping_mul(CONFLICT_SIZE);
                    tables.conflicts = nonzero(object.offset_of_address(out, entry.value, size));
                }
                DT_MIPS_CONFLICTNO => tables.conflict_count = entry.value,
                _ => {}
            }
        }
        if tables.conflict_count == 0 {
            tables.conflicts = None;
        }
        tables
    }
}

/// An offset, unless it is 0, which means that there is none.
fn nonzero(offset: u64) -> Option<u64> {
    (offset != 0).then_some(offset)
}

fn entries(count: u64) -> &'static str {
    if count == 1 { "entry" } else { "entries" }
}

fn display_abi_flags(out: &mut Output, object: &Object<'_>) -> bool {
    let Some((_, section)) = object.section_by_name(b".MIPS.abiflags") else { return true };
    if section.size != AbiFlags::size(Class::Elf32) as u64 {
        out.error(format_args!("Corrupt MIPS ABI Flags section."));
        return false;
    }
    let bytes = object.section_data(out, section, "MIPS ABI Flags section");
    let Some(flags) = bytes.and_then(|bytes| AbiFlags::decode(bytes, object.encoding())) else {
        return true;
    };
    out!(out, "\nMIPS ABI Flags Version: {}\n\nISA: MIPS{}", flags.version, flags.isa_level);
    if flags.isa_rev > 1 {
        out!(out, "r{}", flags.isa_rev);
    }
    let size = |size: u8| register_size(size).map_or(-1, i64::from);
    out!(out, "\nGPR size: {}\n", size(flags.gpr_size));
    out!(out, "CPR1 size: {}\n", size(flags.cpr1_size));
    out!(out, "CPR2 size: {}\n", size(flags.cpr2_size));
    match MIPS_FP.get(usize::from(flags.fp_abi)) {
        Some(name) => out!(out, "FP ABI: {name}\n"),
        None => out!(out, "FP ABI: ??? ({})\n", flags.fp_abi),
    }
    match isa_extension(flags.isa_ext) {
        Some(name) => out!(out, "ISA Extension: {name}"),
        None => out!(out, "ISA Extension: Unknown ({})", flags.isa_ext as i32),
    }
    out!(out, "\nASEs:");
    for (_, name) in ASES.iter().filter(|(bit, _)| flags.ases & bit != 0) {
        out!(out, "\n\t{name}");
    }
    let known = ASES.iter().fold(0, |known, (bit, _)| known | bit);
    if flags.ases == 0 {
        out!(out, "\n\tNone");
    } else if flags.ases & !known != 0 {
        out!(out, "\n\tUnknown ({:x})", flags.ases & !known);
    }
    out!(out, "\nFLAGS 1: {:08x}\nFLAGS 2: {:08x}\n", flags.flags1, flags.flags2);
    true
}

fn display_libraries(
    out: &mut Output,
    options: &Options,
    object: &Object<'_>,
    tables: &Tables,
) -> bool {
    let (Some(offset), count @ 1..) = (tables.libraries, tables.library_count) else {
        return true;
    };
    let size = Library::size(Class::Elf32) as u64;
    let Some(bytes) = object.get_data(out, offset, size, count, Some("liblist section data"))
    else {
        return false;
    };
    out!(out, "\nSection '.liblist' contains {count} {}:\n", entries(count));
    out!(out, "     Library              Time Stamp          Checksum   Version Flags\n");
    let style = Style::of(options);
    let names = object.dynamic.strings;
    for (index, library) in Table::<Library>::new(bytes, object.encoding()).iter().enumerate() {
        out!(out, "{index:3}: ");
        match names.and_then(|names| names.get_cut(library.name.into())) {
            Some(name) => {
                style.push_cut(out.buf(), name, LIBRARY_NAME_WIDTH);
            }
            None => out!(out, "<corrupt: {:9}>", library.name),
        }
        let time = time::utc(library.time_stamp.into()).unwrap_or_default();
        let checksum = format!("{}", Hex(library.checksum.into()));
        out!(out, " {time} {checksum:>10} {:<7}", library.version);
        display_library_flags(out, library.flags);
    }
    true
}

fn display_library_flags(out: &mut Output, flags: u32) {
    if flags == 0 {
        out!(out, " NONE\n");
        return;
    }
    let known = names(out, flags, LIBRARY_FLAGS);
    if flags & !known != 0 {
        out!(out, " {:#x}", flags & !known);
    }
    out!(out, "\n");
}

/// Shows the names of the bits of `flags`, a space before each; returns all bits with names.
fn names(out: &mut Output, flags: u32, names: &[(u32, &str)]) -> u32 {
    for (_, name) in names.iter().filter(|(bit, _)| flags & bit != 0) {
        out!(out, " {name}");
    }
    names.iter().fold(0, |known, (bit, _)| known | bit)
}

/// Shows `.MIPS.options`; `None` if its entries do not fit together.
fn display_options(out: &mut Output, object: &Object<'_>, offset: u64) -> Option<bool> {
    let Some((_, section)) = object.section_by_kind(SHT_MIPS_OPTIONS) else {
        out.error(format_args!("No MIPS_OPTIONS header found"));
        return None;
    };
    if section.size < SMALLEST_OPTION {
        out.error(format_args!("The MIPS options section is too small."));
        return None;
    }
    let Some(bytes) = object.get_data(out, offset, 1, section.size, Some("options")) else {
        return Some(false);
    };
    let mut count = 0;
    for option in MipsOptions::new(bytes, object.encoding()) {
        if let Err(error) = option {
            if let Problem::BadValue { value, .. } = error.problem {
                out.error(format_args!("Invalid size ({value}) for MIPS option"));
            }
            return None;
        }
        count += 1;
    }
    out!(out, "\nSection '");
    out.put(&text::section_name(object.section_name(section)));
    out!(out, "' contains {count} {}:\n", entries(count));
    for option in MipsOptions::new(bytes, object.encoding()).flatten() {
        if !display_option(out, object, &option) {
            break;
        }
    }
    Some(true)
}

/// Shows an option; `false` if nothing after it is to be shown.
fn display_option(out: &mut Output, object: &Object<'_>, option: &MipsOption<'_>) -> bool {
    let info = option.info;
    let mut rest = option.contents;
    let mut sound = true;
    match option.kind {
        ODK_NULL => out!(out, " NULL       {} {info:x}", option.section),
        ODK_REGINFO => {
            out!(out, " REGINFO    ");
            // The form goes by the machine, not by the class.
            let class = match object.header.machine {
                EM_MIPS => Class::Elf32,
                _ => Class::Elf64,
            };
            if let Some(registers) = RegInfo::parse(rest, class, object.encoding()) {
                display_registers(out, &registers);
                rest = &[];
            } else {
                out!(out, "<corrupt>\n");
                out.error(format_args!("Truncated MIPS REGINFO option"));
                sound = false;
            }
        }
        ODK_EXCEPTIONS => {
            out!(out, " EXCEPTIONS fpe_min(");
            display_exceptions(out, info & 0xff);
            out!(out, ") fpe_max(");
            display_exceptions(out, info >> 8 & 0xff);
            out!(out, ")");
            names(out, info, EXCEPTION_MODES);
        }
        ODK_PAD => {
            out!(out, " PAD       ");
            names(out, info, PADS);
        }
        ODK_HWPATCH => {
            out!(out, " HWPATCH   ");
            names(out, info, HARDWARE_PATCHES);
        }
        ODK_FILL => out!(out, " FILL       "),
        ODK_TAGS => out!(out, " TAGS       "),
        ODK_HWAND => {
            out!(out, " HWAND     ");
            names(out, info, HARDWARE_CHECKS);
        }
        ODK_HWOR => {
            out!(out, " HWOR      ");
            names(out, info, HARDWARE_CHECKS);
        }
        ODK_GP_GROUP => display_halves(out, "GP_GROUP ", info),
        ODK_IDENT => display_halves(out, "IDENT    ", info),
        kind => out!(out, " {kind:3} ???     {} {info:x}", option.section),
    }
    let line = out.buf();
    for &byte in rest {
        if byte == b' ' || byte.is_ascii_graphic() {
            line.push(byte);
        } else {
            line.push(b'\\');
            let digits = [byte >> 6, byte >> 3 & 7, byte & 7];
            line.extend(digits.map(|digit| b'0' | digit));
        }
    }
    line.push(b'\n');
    sound
}

fn display_registers(out: &mut Output, registers: &RegInfo) {
    out!(out, "GPR {:08x}  GP {}\n", registers.gpr_mask, Hex(registers.gp_value));
    out!(out, "           ");
    for (number, mask) in registers.cpr_mask.iter().enumerate() {
        let space = if number == 0 { " " } else { "  " };
        out!(out, "{space}CPR{number} {mask:08x}");
    }
}

fn display_exceptions(out: &mut Output, bits: u32) {
    let mut separator = "";
    for (_, name) in FP_EXCEPTIONS.iter().filter(|(bit, _)| bits & bit != 0) {
        out!(out, "{separator}{name}");
        separator = "|";
    }
    if separator.is_empty() {
        out!(out, "0");
    }
}

/// Shows the two halves of `info`, as C's `%#06x` does.
fn display_halves(out: &mut Output, name: &str, info: u32) {
    let half = |half: u32| match half {
        0 => "000000".to_owned(),
        half => format!("{half:#06x}"),
    };
    out!(out, " {name} {}  self-contained {}", half(info & 0xffff), half(info >> 16));
}

fn display_conflicts(
    out: &mut Output,
    options: &Options,
    object: &Object<'_>,
    tables: &Tables,
) -> bool {
    let (Some(offset), count) = (tables.conflicts, tables.conflict_count) else { return true };
    let Some(symbols) = object.dynamic.symbols else {
        out.error(format_args!("conflict list found without a dynamic symbol table"));
        return false;
    };
    if count > object.file_size / CONFLICT_SIZE_IN_MEMORY {
        out.error(format_args!("Overlarge number of conflicts detected: {count:x}"));
        return false;
    }
    let word = object.encoding().word_size();
    let Some(bytes) = object.get_data(out, offset, word as u64, count, Some("conflict")) else {
        return false;
    };
    out!(out, "\nSection '.conflict' contains {count} {}:\n", entries(count));
    out!(out, "  Num:    Index       Value  Name\n");
    let style = Style::of(options);
    for (number, conflict) in bytes.chunks_exact(word).enumerate() {
        let index = object.encoding().word(conflict, 0).unwrap_or_default();
        out!(out, "{number:5}: {index:8}  ");
        let symbol = usize::try_from(index).ok().and_then(|index| symbols.symbols.get(index));
        let Some(symbol) = symbol else {
            out!(out, "<corrupt symbol index>\n");
            continue;
        };
        out!(out, "0x{:0width$x} ", symbol.value, width = 2 * word);
        match object.dynamic.strings.and_then(|names| names.get_cut(symbol.name.into())) {
            Some(name) => {
                style.push_cut(out.buf(), name, CONFLICT_NAME_WIDTH);
            }
            None => out!(out, "<corrupt: {:14}>", symbol.name),
        }
        out!(out, "\n");
    }
    true
}
