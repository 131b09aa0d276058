//! The header tables, with the checks that decide whether a file is an object file at all.

use object::elf::{EM_MIPS, ET_REL, SHT_NOBITS, SHT_STRTAB};

use super::{Builder, Checked, Notice, Refused};
use crate::file::File;
use crate::section::SectionHeader;
use crate::segment::ProgramHeader;
use crate::table::{Record, Table};

/// The section headers, with all their links checked.
pub(super) fn section_headers(
    file: &File<'_>,
    notices: &mut Vec<Notice>,
) -> Checked<Vec<SectionHeader>> {
    let header = file.header();
    let encoding = file.encoding();
    if header.shoff == 0 {
        // A relocatable file is nothing without sections; and nothing may be counted that is not
        // there.
        let is_consistent = header.kind != ET_REL && header.shnum == 0;
        return if is_consistent { Ok(Vec::new()) } else { Err(Refused) };
    }
    let is_sized = usize::from(header.shentsize) == SectionHeader::size(encoding.class);
    // No table can start within the file header.
    if !is_sized || header.shoff < u64::from(header_size(file)) || file.section_count() == 0 {
        return Err(Refused);
    }
    let length = file.data().len() as u64;
    let is_past_end = |header: &SectionHeader| {
        let is_stored = header.kind != SHT_NOBITS;
        is_stored && header.offset.checked_add(header.size).is_none_or(|end| end > length)
    };
    let Ok(headers) = file.section_headers() else {
        // The null header is looked at for the number of all.
        let first = file.bytes(header.shoff, u64::from(header.shentsize), "section header");
        let first = first.ok().and_then(|bytes| SectionHeader::decode(bytes, encoding));
        note_past_end(first.is_some_and(|first| is_past_end(&first)), notices);
        return Err(Refused);
    };
    let headers: Vec<_> = headers.iter().collect();
    let mut ends_past_file = false;
    for (index, header) in headers.iter().enumerate() {
        ends_past_file |= is_past_end(header);
        if index != 0 && !Builder::links_are_sound(headers.len(), header) {
            note_past_end(ends_past_file, notices);
            return Err(Refused);
        }
    }
    note_past_end(ends_past_file, notices);
    Ok(headers)
}

fn note_past_end(is_so: bool, notices: &mut Vec<Notice>) {
    if is_so {
        notices.push(Notice::SectionPastEnd);
    }
}

fn header_size(file: &File<'_>) -> u16 {
    if file.encoding().is_64() { 64 } else { 52 }
}

/// Whether there is a section name table; not if the file's index of it leads nowhere.
pub(super) fn has_section_names(
    file: &File<'_>,
    headers: &[SectionHeader],
    index: usize,
    notices: &mut Vec<Notice>,
) -> Checked<bool> {
    if headers.is_empty() {
        return Ok(false);
    }
    match headers.get(index) {
        Some(header) if index != 0 && header.kind == SHT_STRTAB => {
            file.section_data(header).map(|_| true).map_err(|_| Refused)
        }
        _ => {
            notices.push(Notice::BadNameTable);
            Ok(false)
        }
    }
}

/// The program headers.
pub(super) fn program_headers<'data>(
    file: &File<'data>,
    notices: &mut Vec<Notice>,
) -> Checked<Table<'data, ProgramHeader>> {
    let header = file.header();
    let encoding = file.encoding();
    if header.phnum == 0 {
        return Ok(Table::empty(encoding));
    }
    let size = ProgramHeader::size(encoding.class);
    // Extended numbering that numbers none is none.
    let count = match file.segment_count() {
        0 => u32::from(header.phnum),
        count => count,
    };
    let total = u64::from(count).saturating_mul(size as u64);
    let bytes = file.bytes(header.phoff, total, "program headers").map_err(|_| Refused)?;
    let segments = Table::<ProgramHeader>::with_stride(bytes, encoding, size);
    if segments.iter().any(|segment| segment.align > 1 && !segment.align.is_power_of_two()) {
        notices.push(Notice::BadSegmentAlignment);
    }
    Ok(segments)
}

/// An address as 64 bits: 32-bit MIPS extends its sign, so that the kernel's segments are at the
/// same addresses as for 64-bit MIPS.
pub fn widen(file: &File<'_>, addr: u64) -> u64 {
    if file.header().machine == EM_MIPS && !file.encoding().is_64() {
        (addr as u32).cast_signed() as u64
    } else {
        addr
    }
}
