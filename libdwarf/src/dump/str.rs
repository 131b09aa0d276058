//! `.debug_str` and `.debug_line_str`: bytes beside their characters; `.debug_str_offsets`: offsets
//! beside their strings. DWARF 5, sections 7.5.5 and 7.26.

use super::info::lookup::Sections;
use super::info::strings::Strings;
use super::number::{push_hex, push_hex_padded};
use super::{Cursor, Dump, Loaded, Text};
use crate::section::SectionId;

/// The bytes of a line, and of a group in it.
const LINE: usize = 16;
const GROUP: usize = 4;
/// Where the offsets of the first table of a split object start.
const SPLIT_BASE: u64 = 8;

/// Shows a section of strings.
pub fn display(dump: &mut Dump<'_, '_>, section: &Loaded<'_>) -> bool {
    if section.data.is_empty() {
        dump.put_empty(section);
        return false;
    }
    dump.heading(section);
    let mut address = section.address;
    for line in section.data.chunks(LINE) {
        let buf = &mut dump.text.buf;
        buf.extend_from_slice(b"  0x");
        push_hex_padded(buf, address, 8);
        buf.push(b' ');
        for place in 0..LINE {
            match line.get(place) {
                Some(&byte) => push_hex_padded(buf, byte.into(), 2),
                None => buf.extend_from_slice(b"  "),
            }
            if place % GROUP == GROUP - 1 {
                buf.push(b' ');
            }
        }
        buf.extend(line.iter().map(|&byte| {
            let is_shown = byte == b' ' || byte.is_ascii_graphic();
            if is_shown { byte } else { b'.' }
        }));
        buf.push(b'\n');
        address = address.wrapping_add(LINE as u64);
        dump.relieve();
    }
    dump.text.put(b"\n");
    true
}

/// A table of offsets, and where it ends.
struct Table {
    length: u64,
    offset_size: usize,
    version: Option<u16>,
    end: usize,
}

/// Shows a section of offsets of strings.
pub fn display_offsets(dump: &mut Dump<'_, '_>, section: &Loaded<'_>) -> bool {
    if section.data.is_empty() {
        dump.put_empty(section);
        return false;
    }
    let is_split = section.id == SectionId::StrOffsetsDwo;
    let id = if is_split { SectionId::StrDwo } else { SectionId::Str };
    let strings_section = dump.load(id);
    let strings = Strings::new(strings_section.as_deref(), id);
    let sections = Sections::of_strings(dump, is_split);
    let tables = sections.tables();
    dump.heading(section);
    let mut cursor = Cursor::new(&section.data, dump.target.encoding);
    while !cursor.is_at_end() {
        let table = read_table(dump, section, &mut cursor);
        dump.text.put(b"    Length: ");
        push_hex(&mut dump.text.buf, table.length);
        if let Some(version) = table.version {
            dump.text.put(b"\n    Version: ");
            push_hex(&mut dump.text.buf, version.into());
        }
        dump.text.put(b"\n       Index   Offset [String]\n");
        let digits = table.offset_size.saturating_mul(2);
        let mut index = 0u64;
        while table.end.saturating_sub(cursor.position()) >= table.offset_size {
            let offset = cursor.uint(table.offset_size);
            let mut string = Text::default();
            if is_split {
                // As GNU does, whichever table of the section this is.
                let size = table.offset_size as u8;
                tables.show_string(&mut string, SPLIT_BASE, size, index);
            } else {
                strings.warn_outside(&mut string, offset);
                strings.show(&mut string, offset);
            }
            let shown = std::mem::take(&mut string.buf);
            dump.text.append_messages(&mut string);
            let line = format!("    {index:8} ");
            dump.text.put(line.as_bytes());
            push_hex_padded(&mut dump.text.buf, offset, digits);
            dump.text.put(b"  ");
            dump.text.put(&shown);
            dump.text.put(b"\n");
            dump.relieve();
            index = index.saturating_add(1);
        }
        cursor.seek(table.end.max(cursor.position()));
    }
    true
}

/// Reads the header of a table, and says what is wrong with it. A table whose length is 0 has no
/// header and is all of the section, as those of GNU before version 5.
fn read_table(dump: &mut Dump<'_, '_>, section: &Loaded<'_>, cursor: &mut Cursor<'_>) -> Table {
    /// The version of the tables.
    const VERSION: u16 = 5;
    let text = &mut dump.text;
    let size = section.data.len();
    let name = String::from_utf8_lossy(&section.name);
    let (length, offset_size) = cursor.initial_length();
    if length == 0 {
        cursor.seek(0);
        return Table { length: size as u64, offset_size, version: None, end: size };
    }
    let mut end = cursor.position().saturating_add(usize::try_from(length).unwrap_or(usize::MAX));
    if length > cursor.remaining() as u64 {
        text.warn(format_args!("Section {name} is too small {size:#x}"));
        end = size;
    }
    let version = cursor.u16();
    if version != VERSION {
        let version = super::info::unit::Hex(version.into());
        let what = "Unexpected version number in str_offset header";
        text.warn(format_args!("{what}: {version}"));
    }
    let padding = cursor.u16();
    if padding != 0 {
        let what = "Unexpected value in str_offset header's padding field";
        text.warn(format_args!("{what}: {padding:#x}"));
    }
    Table { length, offset_size, version: Some(version), end }
}
