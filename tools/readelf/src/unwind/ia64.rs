//! IA-64's unwind tables. IA-64 Software Conventions and Runtime Architecture Guide, chapter 11,
//! "Stack Unwinding and Exception Handling".
//!
//! `.IA_64.unwind` has three words for each region of code: where it starts, where it ends, and
//! where its unwind information is, all from the start of the segment. The information lies in
//! `.IA_64.unwind_info`: a header of eight bytes (version, flags, length) and descriptors, for
//! which see [`super::ia64_code`].

use common::{Output, out};
use libelf::raw::{SHF_GROUP, SHT_GROUP, SectionType};
use libelf::{SectionHeader, Table};

use super::functions::{FunctionSymbols, Functions};
use super::regions::{Entry, Layout, Reader};
use super::{Budget, ia64_code, no_sections};
use crate::object::Object;
use crate::symbol_table::Hex;
use crate::text;

/// `SHT_IA_64_UNWIND`
const SHT_UNWIND: SectionType = SectionType(0x7000_0001);
/// The names of tables and of their information start so; what follows is the same in both.
const PREFIX: &[u8] = b".IA_64.unwind";
const INFO_PREFIX: &[u8] = b".IA_64.unwind_info";
/// The same for sections of which the linker keeps one.
const ONCE_PREFIX: &[u8] = b".gnu.linkonce.ia64unw.";
const ONCE_INFO_PREFIX: &[u8] = b".gnu.linkonce.ia64unwi.";
/// The bytes of the header of unwind information.
const HEADER_SIZE: usize = 8;
/// The version of unwind information that is known.
const VERSION: u64 = 1;
/// The information has a personality routine that handles exceptions (`UNW_FLAG_EHANDLER`).
const FLAG_EHANDLER: u64 = 1;
/// The information has a personality routine that cleans up (`UNW_FLAG_UHANDLER`).
const FLAG_UHANDLER: u64 = 2;

/// Unwind information: the contents of its section and their address.
#[derive(Clone, Copy, Debug, Default)]
struct Info<'data> {
    data: Option<&'data [u8]>,
    addr: u64,
}

/// Shows all tables of a file.
pub fn display(out: &mut Output, object: &mut Object<'_>) -> bool {
    if object.sections.is_empty() {
        no_sections(out);
        return true;
    }
    let Some(symbols) = FunctionSymbols::read(out, object) else { return false };
    let functions = Functions::new(object, &symbols);
    let tables = object.sections.iter().filter(|section| section.kind == SHT_UNWIND);
    if tables.count() == 0 {
        no_sections(out);
        return true;
    }
    let word = object.encoding().word_size();
    let layout = Layout { word, words: 3, addresses: 3, relocs: "R_IA64_SEGREL" };
    let entry_size = layout.entry_size() as u64;
    let mut reader = Reader { layout, symbols: &symbols, base: 0 };
    let mut budget = Budget::of(object);
    for index in 0..object.shnum {
        let Some(section) = object.section(index).copied() else { break };
        if section.kind != SHT_UNWIND {
            continue;
        }
        let name = text::section_name(object.section_name(&section));
        let Some(info) = info_section(object, index, &section).copied() else {
            out!(out, "\nCould not find unwind info section for ");
            if object.section_names.is_some() {
                out.put(b"'");
                out.put(&name);
                out.put(b"'");
            } else {
                out!(out, "{}", section.name);
            }
            continue;
        };
        let info = Info { data: object.section_data(out, &info, "unwind info"), addr: info.addr };
        out!(out, "\nUnwind section '");
        out.put(&name);
        let count = section.size / entry_size;
        out!(out, "' at offset {} contains {count} entries:\n", Hex(section.offset));
        let table = reader.read(out, object, index, &section);
        let base = reader.base;
        for (number, entry) in table.iter().flatten().enumerate() {
            display_entry(out, object, &functions, entry, (number, base, &info), &mut budget);
        }
    }
    true
}

/// The section that holds the information of the table in `section`, which has this `index`.
fn info_section<'a>(
    object: &'a Object<'_>,
    index: u32,
    section: &SectionHeader,
) -> Option<&'a SectionHeader> {
    let name = object.section_name(section);
    if section.flags & SHF_GROUP.0 != 0 {
        let members = object.sections.iter().filter(|section| section.kind == SHT_GROUP);
        let group = members
            .filter_map(|group| object.bytes_at(group.offset, group.size))
            .map(|bytes| Table::<u32>::new(bytes, object.encoding()).range(1, usize::MAX))
            .find(|members| members.iter().any(|member| member == index))?;
        return group
            .iter()
            .filter_map(|member| object.section(member))
            .find(|section| object.section_name(section) == INFO_PREFIX);
    }
    let (prefix, rest) = if let Some(rest) = name.strip_prefix(ONCE_PREFIX) {
        (ONCE_INFO_PREFIX, rest)
    } else {
        (INFO_PREFIX, name.strip_prefix(PREFIX).unwrap_or_default())
    };
    object
        .sections
        .iter()
        .find(|section| object.section_name(section).strip_prefix(prefix) == Some(rest))
}

fn display_entry(
    out: &mut Output,
    object: &Object<'_>,
    functions: &Functions<'_>,
    entry: &Entry<'_>,
    (number, base, info): (usize, u64, &Info<'_>),
    budget: &mut Budget,
) {
    entry.put_region(out, functions);
    let address = entry.info();
    out!(out, ", info at +{:#x}\n", address.offset.wrapping_sub(base));
    let Some(data) = info.data else { return };
    // What a relocation gives counts from the section's start.
    let start = match address.section {
        0 => address.offset.wrapping_sub(info.addr),
        _ => address.offset,
    };
    let bytes = usize::try_from(start).ok().and_then(|start| data.get(start..));
    let Some((header, rest)) = bytes.and_then(|bytes| bytes.split_at_checked(HEADER_SIZE)) else {
        out.warn(format_args!("Invalid offset {:x} in table entry {number}", address.offset));
        return;
    };
    let stamp = object.encoding().u64(header, 0).unwrap_or(0);
    let (version, flags) = (stamp >> 48, stamp >> 32 & 0xffff);
    let length = (stamp & 0xffff_ffff) * object.encoding().word_size() as u64;
    out!(
        out,
        "  v{version}, flags=0x{flags:x} ({}{}), len={length} bytes\n",
        if flags & FLAG_EHANDLER == 0 { "" } else { " ehandler" },
        if flags & FLAG_UHANDLER == 0 { "" } else { " uhandler" }
    );
    if version != VERSION {
        out!(out, "\tUnknown version.\n");
        return;
    }
    let end = usize::try_from(length).unwrap_or(usize::MAX).min(rest.len());
    if budget.take(out, end as u64) {
        ia64_code::display(out, rest.get(..end).unwrap_or(rest));
    }
}
