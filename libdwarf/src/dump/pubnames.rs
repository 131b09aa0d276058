//! `.debug_pubnames` and `.debug_pubtypes`: names by unit, and those of GNU that add their kinds.
//! DWARF 4, section 6.1.1; GNU's `DebugFission` page on `.debug_gnu_pubnames`.

use super::initial_length::{self, Initial};
use super::number::{Hex, push_hex_digits, push_spaces};
use super::{Cursor, Dump, Loaded, Relief, Text};
use crate::put;

/// Columns of an offset.
const OFFSET_WIDTH: usize = 6;
/// Columns of a kind.
const KIND_WIDTH: usize = 10;
/// Set in the byte before a name that is not global.
const IS_STATIC: u8 = 0x80;

impl<'data> Dump<'_, 'data> {
    /// Shows names by unit.
    pub(super) fn display_pubnames(&mut self, section: &Loaded<'data>, has_kinds: bool) -> bool {
        self.info_units();
        self.heading(section);
        let mut cursor = Cursor::new(&section.data, self.target.encoding);
        // It is said once.
        let mut has_warned = false;
        while !cursor.is_at_end() {
            let Some(unit) = initial_length::read(&mut self.text, &mut cursor, section) else {
                break;
            };
            self.show_pubnames_of_unit(section, unit, has_kinds, &mut has_warned);
        }
        self.text.put(b"\n");
        true
    }

    fn show_pubnames_of_unit(
        &mut self,
        section: &Loaded<'_>,
        unit: Initial<'_>,
        has_kinds: bool,
        has_warned: &mut bool,
    ) {
        let mut cursor = unit.contents;
        let version = cursor.u16();
        let info = cursor.uint(unit.offset_size);
        self.check_unit_offset(info, section);
        let size = cursor.uint(unit.offset_size);
        let text = &mut self.text;
        put!(text, "  Length:                              {}\n", unit.length.cast_signed());
        put!(text, "  Version:                             {version}\n");
        put!(text, "  Offset into .debug_info section:     {}\n", Hex(info));
        put!(text, "  Size of area in .debug_info section: {}\n", size.cast_signed());
        if !(2..=3).contains(&version) {
            if !*has_warned {
                text.warn(format_args!("Only DWARF 2 and 3 pubnames are currently supported"));
                *has_warned = true;
            }
            return;
        }
        text.put(if has_kinds {
            b"\n    Offset  Kind          Name\n"
        } else {
            b"\n    Offset\tName\n"
        });
        let Self { text, host, .. } = self;
        show_names(text, unit, &mut cursor, has_kinds, &mut |text| host.print(text));
    }
}

fn show_names<'a>(
    text: &mut Text,
    unit: Initial<'a>,
    cursor: &mut Cursor<'a>,
    has_kinds: bool,
    relief: Relief<'_>,
) {
    while !cursor.is_at_end() {
        let offset = cursor.uint(unit.offset_size);
        if offset == 0 || cursor.is_at_end() {
            break;
        }
        let digits_at = text.buf.len().saturating_add(b"    ".len());
        text.put(b"    ");
        push_hex_digits(&mut text.buf, offset);
        let digits = text.buf.len().saturating_sub(digits_at);
        push_spaces(&mut text.buf, OFFSET_WIDTH.saturating_sub(digits));
        if has_kinds {
            let kind = cursor.u8();
            text.put(if kind & IS_STATIC == 0 { b"  g," } else { b"  s," });
            let name = kind_name(kind >> 4 & 7);
            text.put(name.as_bytes());
            push_spaces(&mut text.buf, KIND_WIDTH.saturating_sub(name.len()));
            text.put(b"  ");
        } else {
            text.put(b"\t");
        }
        text.put_name(name_before_end(cursor, unit.beyond));
        text.put(b"\n");
        if text.buf.len() >= super::FLUSH_AT {
            relief(text);
        }
    }
}

/// A name; without its last byte, if it has no NUL before the end of the unit. Where the unit ends
/// before it, GNU shows what is behind.
fn name_before_end<'a>(cursor: &mut Cursor<'a>, mut beyond: Cursor<'a>) -> &'a [u8] {
    if cursor.is_at_end() {
        return beyond.string();
    }
    let name = cursor.string();
    if !cursor.is_short() {
        return name;
    }
    name.split_last().map_or(name, |(_, name)| name)
}

/// What the kind of a name is called.
pub(super) fn kind_name(kind: u8) -> &'static str {
    match kind {
        0 => "no info",
        1 => "type",
        2 => "variable",
        3 => "function",
        4 => "other",
        5 => "unused5",
        6 => "unused6",
        _ => "unused7",
    }
}
