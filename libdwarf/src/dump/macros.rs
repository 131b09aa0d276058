//! `.debug_macro` and `.debug_macinfo`: macros. DWARF 5, section 6.3; GNU's draft for version 4;
//! DWARF 4, section 6.3.

use std::sync::Arc;

use super::line::{FileNames, Found, find_string, form_name};
use super::number::Hex;
use super::{Cursor, Dump, FLUSH_AT, Level, Loaded, Text, leb};
use crate::put;
use crate::section::SectionId;

/// What the flags of a header say.
mod flag {
    /// Offsets take 8 bytes.
    pub const OFFSETS_64: u8 = 1;
    /// There is an offset of a line number program.
    pub const LINE_OFFSET: u8 = 2;
    /// There is a table of the operands of further opcodes.
    pub const OPERANDS: u8 = 4;
}

/// Opcodes of `.debug_macro`.
mod op {
    pub const DEFINE: u8 = 0x01;
    pub const UNDEF: u8 = 0x02;
    pub const START_FILE: u8 = 0x03;
    pub const END_FILE: u8 = 0x04;
    pub const DEFINE_STRP: u8 = 0x05;
    pub const UNDEF_STRP: u8 = 0x06;
    pub const IMPORT: u8 = 0x07;
    pub const DEFINE_SUP: u8 = 0x08;
    pub const UNDEF_SUP: u8 = 0x09;
    pub const IMPORT_SUP: u8 = 0x0a;
    pub const DEFINE_STRX: u8 = 0x0b;
    pub const UNDEF_STRX: u8 = 0x0c;
    pub const LO_USER: u8 = 0xe0;
    /// In `.debug_macinfo`.
    pub const VENDOR_EXT: u8 = 0xff;
}

/// Whether operands may have this form. DWARF 5, section 6.3.1.
fn is_operand_form(form: u8) -> bool {
    matches!(form, 0x03..=0x06 | 0x07..=0x0f | 0x17)
}

/// What macros refer to in other sections.
struct Others<'data> {
    str: Option<Arc<Loaded<'data>>>,
    str_offsets: Option<Arc<Loaded<'data>>>,
    line: Option<Arc<Loaded<'data>>>,
}

/// A header, as far as opcodes need it.
struct Unit<'a> {
    offset_size: usize,
    has_line_offset: bool,
    files: FileNames<'a>,
}

impl<'data> Dump<'_, 'data> {
    /// Shows macros. Returns whether all went well.
    pub(super) fn display_macro(&mut self, section: &Loaded<'data>) -> bool {
        let others = Others {
            str: self.load(SectionId::Str),
            // Of split units, GNU finds no names of files.
            line: self.load(SectionId::Line).filter(|_| section.id != SectionId::MacroDwo),
            str_offsets: self.load(SectionId::StrOffsets),
        };
        self.heading(section);
        let mut cursor = Cursor::new(&section.data, self.target.encoding);
        while !cursor.is_at_end() {
            let Some(unit) = self.show_macro_header(&mut cursor, section, &others) else {
                return false;
            };
            if !self.show_macros(&mut cursor, section, &unit, &others) {
                return false;
            }
        }
        true
    }

    fn show_macro_header<'a>(
        &mut self,
        cursor: &mut Cursor<'_>,
        section: &Loaded<'_>,
        others: &'a Others<'_>,
    ) -> Option<Unit<'a>> {
        let encoding = self.target.encoding;
        let text = &mut self.text;
        let offset = cursor.position() as u64;
        let version = cursor.u16();
        if version != 4 && version != 5 {
            let name = String::from_utf8_lossy(&section.name);
            text.error(format_args!(
                "Expected to find a version number of 4 or 5 in section {name} but found {version} \
                 instead"
            ));
            return None;
        }
        put!(text, "  Offset:                      {}\n", Hex(offset));
        put!(text, "  Version:                     {version}\n");
        let flags = cursor.u8();
        let offset_size = if flags & flag::OFFSETS_64 == 0 { 4 } else { 8 };
        put!(text, "  Offset size:                 {offset_size}\n");
        let has_line_offset = flags & flag::LINE_OFFSET != 0;
        let mut files = FileNames::default();
        if has_line_offset {
            let offset = cursor.uint(offset_size);
            put!(text, "  Offset into .debug_line:     {}\n", Hex(offset));
            if let Some(line) = &others.line {
                files = FileNames::read(&line.data, offset, encoding);
            }
        }
        if flags & flag::OPERANDS != 0 {
            show_operands(text, cursor)?;
        }
        text.put(b"\n");
        Some(Unit { offset_size, has_line_offset, files })
    }

    /// Shows the opcodes of a unit, up to the 0 at its end. Returns whether there is one.
    fn show_macros(
        &mut self,
        cursor: &mut Cursor<'_>,
        section: &Loaded<'_>,
        unit: &Unit<'_>,
        others: &Others<'_>,
    ) -> bool {
        let (encoding, is_wide) = (self.target.encoding, self.options.wide);
        loop {
            self.relieve();
            let text = &mut self.text;
            if cursor.is_at_end() {
                let name = String::from_utf8_lossy(&section.name);
                text.error(format_args!("{name} section not zero terminated"));
                return false;
            }
            let opcode = cursor.u8();
            match opcode {
                0 => break,
                op::DEFINE => show_macro(text, cursor, " DW_MACRO_define"),
                op::UNDEF => show_macro(text, cursor, " DW_MACRO_undef"),
                op::START_FILE => show_start_file(text, cursor, unit),
                op::END_FILE => text.put(b" DW_MACRO_end_file\n"),
                op::DEFINE_STRP => show_macro_at(text, cursor, "define", unit, others),
                op::UNDEF_STRP => show_macro_at(text, cursor, "undef", unit, others),
                op::IMPORT => {
                    let offset = Hex(cursor.uint(unit.offset_size));
                    put!(text, " DW_MACRO_import - offset : {offset}\n");
                }
                op::DEFINE_SUP | op::UNDEF_SUP => {
                    let line = leb::unsigned_32(text, cursor).cast_signed();
                    let offset = Hex(cursor.uint(unit.offset_size));
                    let what = if opcode == op::DEFINE_SUP { "define" } else { "undef" };
                    put!(text, " DW_MACRO_{what}_sup - lineno : {line} macro offset : {offset}\n");
                }
                op::IMPORT_SUP => {
                    let offset = Hex(cursor.uint(unit.offset_size));
                    put!(text, " DW_MACRO_import_sup - offset : {offset}\n");
                }
                op::DEFINE_STRX | op::UNDEF_STRX => {
                    let line = leb::unsigned_32(text, cursor).cast_signed();
                    let index = leb::unsigned(text, cursor);
                    let string = others.indexed_string(text, index, unit.offset_size, encoding);
                    let what = if opcode == op::DEFINE_STRX { "define" } else { "undef" };
                    put!(text, " DW_MACRO_{what}_strx ");
                    if is_wide {
                        put!(text, "(with offset {}) ", Hex(index));
                    }
                    put!(text, "lineno : {line} macro : ");
                    text.put_name(string);
                    text.put(b"\n");
                }
                op::LO_USER.. => {
                    put!(text, " <Target Specific macro op: {opcode:#x} - UNHANDLED");
                }
                _ => {
                    text.error(format_args!(" Unknown macro opcode {opcode:02x} seen"));
                    return false;
                }
            }
        }
        self.text.put(b"\n");
        true
    }

    /// Shows macros in the form of old.
    pub(super) fn display_macinfo(&mut self, section: &Loaded<'data>) -> bool {
        self.heading(section);
        let mut cursor = Cursor::new(&section.data, self.target.encoding);
        let Self { text, host, .. } = self;
        while !cursor.is_at_end() {
            match cursor.u8() {
                op::DEFINE => show_macro(text, &mut cursor, " DW_MACINFO_define"),
                op::UNDEF => show_macro(text, &mut cursor, " DW_MACINFO_undef"),
                op::START_FILE => {
                    let line = leb::unsigned_32(text, &mut cursor).cast_signed();
                    let file = leb::unsigned_32(text, &mut cursor).cast_signed();
                    put!(text, " DW_MACINFO_start_file - lineno: {line} filenum: {file}\n");
                }
                op::END_FILE => text.put(b" DW_MACINFO_end_file\n"),
                op::VENDOR_EXT => {
                    let constant = leb::unsigned_32(text, &mut cursor).cast_signed();
                    put!(text, " DW_MACINFO_vendor_ext - constant : {constant} string : ");
                    text.put_name(cursor.string());
                    text.put(b"\n");
                }
                _ => {}
            }
            if text.buf.len() >= FLUSH_AT {
                host.print(text);
            }
        }
        true
    }
}

/// Shows which operands further opcodes have. `None` if one cannot be.
fn show_operands(text: &mut Text, cursor: &mut Cursor<'_>) -> Option<()> {
    let count = cursor.u8();
    if count != 0 {
        text.put(b"  Extension opcode arguments:\n");
    }
    for _ in 0..count {
        let opcode = cursor.u8();
        put!(text, "    DW_MACRO_{opcode:02x}");
        let count = leb::unsigned(text, cursor);
        if count == 0 {
            text.put(b" has no arguments\n");
            continue;
        }
        text.put(b" arguments: ");
        for left in (0..count).rev() {
            let form = cursor.u8();
            let name = form_name(form.into());
            put!(text, "{name}{}", if left == 0 { "\n" } else { ", " });
            if !is_operand_form(form) {
                text.error(format_args!("Invalid extension opcode form {name}"));
                return None;
            }
        }
    }
    Some(())
}

/// A macro whose text is in place.
fn show_macro(text: &mut Text, cursor: &mut Cursor<'_>, what: &str) {
    let line = leb::unsigned_32(text, cursor).cast_signed();
    put!(text, "{what} - lineno : {line} macro : ");
    text.put_name(cursor.string());
    text.put(b"\n");
}

/// A macro whose text is in `.debug_str`.
fn show_macro_at(
    text: &mut Text,
    cursor: &mut Cursor<'_>,
    what: &str,
    unit: &Unit<'_>,
    others: &Others<'_>,
) {
    let line = leb::unsigned_32(text, cursor).cast_signed();
    let at = cursor.uint(unit.offset_size);
    let strings = others.str.as_deref().map(|section| &*section.data);
    let found = find_string(text, strings, at, "DW_FORM_strp", ".debug_str");
    put!(text, " DW_MACRO_{what}_strp - lineno : {line} macro : ");
    match found {
        Found::String(string) => text.put_name(string),
        Found::Nothing(why) => text.put(why.as_bytes()),
    }
    text.put(b"\n");
}

fn show_start_file(text: &mut Text, cursor: &mut Cursor<'_>, unit: &Unit<'_>) {
    let line = leb::unsigned_32(text, cursor).cast_signed();
    let file = leb::unsigned_32(text, cursor);
    if !unit.has_line_offset {
        text.error(format_args!("DW_MACRO_start_file used, but no .debug_line offset provided."));
    }
    put!(text, " DW_MACRO_start_file - lineno: {line} filenum: {}", file.cast_signed());
    if let Some((directory, name)) = unit.files.find(file) {
        text.put(b" filename: ");
        if let Some(directory) = directory {
            text.put_name(directory);
            text.put(b"/");
        }
        text.put_name(name);
    }
    text.put(b"\n");
}

impl Others<'_> {
    /// The string with this index; why there is none, if so.
    fn indexed_string(
        &self,
        text: &mut Text,
        index: u64,
        offset_size: usize,
        encoding: libelf::ident::Encoding,
    ) -> &[u8] {
        let Some(offsets) = self.str_offsets.as_deref() else {
            return b"<no .debug_str_offsets section>";
        };
        let Some(strings) = self.str.as_deref() else { return b"<no .debug_str section>" };
        // Counted from the start of the section, whose header is not passed over.
        let place = index.wrapping_mul(offset_size as u64);
        let rest = usize::try_from(place).ok().and_then(|place| offsets.data.get(place..));
        let Some(rest) = rest.filter(|rest| !rest.is_empty()) else {
            let what = format!("string index of {index} converts to an offset of {}", Hex(place));
            let message = format!("{what} which is too big for section .debug_str");
            text.say(Level::OpenWarning, message.into_bytes());
            return b"<string index too big>";
        };
        let at = Cursor::new(rest, encoding).uint(offset_size);
        let rest = usize::try_from(at).ok().and_then(|at| strings.data.get(at..));
        let Some(rest) = rest.filter(|rest| !rest.is_empty()) else {
            text.warn(format_args!("indirect offset too big: {}", Hex(at)));
            return b"<indirect index offset is too big>";
        };
        let end = memchr::memchr(0, rest);
        end.and_then(|end| rest.get(..end)).unwrap_or(b"<no NUL byte at end of section>")
    }
}
