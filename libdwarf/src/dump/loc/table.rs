//! Tables of location lists of version 5 that have offsets. DWARF 5, section 7.29.

use super::super::expression::{Expressions, Unit as OfUnit};
use super::super::info::lookup::Sections;
use super::super::info::unit::Hex;
use super::super::list_header::ListHeader;
use super::super::number::{push_decimal, push_hex, push_hex_padded};
use super::super::{Cursor, Dump, Loaded, Text, leb};
use super::VERSION;
use crate::registers::Registers;

/// Shows all tables of the section.
pub fn display(dump: &mut Dump<'_, '_>, section: &Loaded<'_>, sections: &Sections<'_>) -> bool {
    dump.heading(section);
    let name = section.id.name();
    let mut cursor = Cursor::new(&section.data, dump.target.encoding);
    while !cursor.is_at_end() {
        let start = cursor.position();
        let header = ListHeader::read(&mut cursor);
        let text = &mut dump.text;
        text.put(b"Table at Offset ");
        push_hex(&mut text.buf, start as u64);
        header.show(text);
        // A segment is looked at before a version that may be a later one.
        let is_later = header.version > VERSION;
        if header.version < VERSION || (is_later && header.segment_size == 0) {
            let (version, what) = (header.version, "a corrupt or unsupported version number");
            text.warn(format_args!("The {name} section contains {what}: {version}."));
            return false;
        }
        if header.segment_size != 0 {
            let (size, what) = (header.segment_size, "an unsupported segment selector size");
            text.warn(format_args!("The {name} section contains {what}: {size}."));
            return false;
        }
        let table = Table {
            sections,
            size: header.address_size.into(),
            expressions: Expressions {
                encoding: dump.target.encoding,
                registers: Registers::of(dump.target.machine),
                address_size: header.address_size.into(),
                unit: Some(OfUnit {
                    version: header.version,
                    // To GNU, references have the size of addresses here.
                    offset_size: header.address_size.into(),
                    offset: 0,
                }),
            },
        };
        if !show_lists(dump, &table, &header, &mut cursor) {
            return false;
        }
        dump.text.put(b"\n");
    }
    true
}

/// Shows the offsets of a table, which the cursor is at, and the lists behind them. Returns whether
/// all could be read.
fn show_lists(
    dump: &mut Dump<'_, '_>,
    table: &Table<'_, '_>,
    header: &ListHeader,
    cursor: &mut Cursor<'_>,
) -> bool {
    let base = cursor.position();
    if header.offsets == 0 {
        return true;
    }
    dump.text.put(b"\n   Offset Entries starting at ");
    push_hex(&mut dump.text.buf, base as u64);
    dump.text.put(b":\n");
    for index in 0..header.offsets {
        if cursor.is_at_end() {
            break;
        }
        let offset = cursor.uint(header.offset_size);
        let line = format!("    [{index:6}] {}\n", Hex(offset));
        dump.text.put(line.as_bytes());
        dump.relieve();
    }
    dump.text.put(b"\n");
    for index in 0..header.offsets {
        if cursor.is_at_end() {
            break;
        }
        dump.text.put(b"   Offset Entry ");
        push_decimal(&mut dump.text.buf, index.into());
        dump.text.put(b"\n");
        if !table.show_list(dump, cursor) {
            return false;
        }
        dump.text.put(b"\n");
    }
    true
}

struct Table<'a, 'data> {
    sections: &'a Sections<'data>,
    size: usize,
    expressions: Expressions,
}

impl Table<'_, '_> {
    fn address(&self, text: &mut Text, index: u64) -> u64 {
        self.sections.tables().address_at(text, index, self.size as u8, 0)
    }

    fn show_list(&self, dump: &mut Dump<'_, '_>, cursor: &mut Cursor<'_>) -> bool {
        let digits = self.size.saturating_mul(2);
        let start = cursor.position();
        loop {
            let text = &mut dump.text;
            if cursor.is_at_end() {
                let start = Hex(start as u64);
                text.warn(format_args!(
                    "Location list starting at offset {start} is not terminated."
                ));
                return true;
            }
            text.put(b"    ");
            push_hex_padded(&mut text.buf, cursor.position() as u64, 8);
            text.put(b" ");
            let (begin, end) = match cursor.u8() {
                0 => {
                    text.put(b"<End of list>\n");
                    return true;
                }
                1 => {
                    let index = leb::unsigned(text, cursor);
                    push_hex_padded(&mut text.buf, index, digits);
                    text.put(b" (index into .debug_addr) ");
                    let address = self.address(text, index);
                    push_hex_padded(&mut text.buf, address, digits);
                    text.put(b" (base address)\n");
                    continue;
                }
                2 => {
                    let first = leb::unsigned(text, cursor);
                    let begin = self.address(text, first);
                    let last = leb::unsigned(text, cursor);
                    (begin, self.address(text, last))
                }
                3 => {
                    let first = leb::unsigned(text, cursor);
                    let begin = self.address(text, first);
                    let length = leb::unsigned(text, cursor);
                    (begin, begin.wrapping_add(length))
                }
                4 => (leb::unsigned(text, cursor), leb::unsigned(text, cursor)),
                5 => (0, 0),
                6 => {
                    let address = cursor.uint(self.size);
                    push_hex_padded(&mut text.buf, address, digits);
                    text.put(b" (base address)\n");
                    continue;
                }
                7 => (cursor.uint(self.size), cursor.uint(self.size)),
                8 => {
                    let begin = cursor.uint(self.size);
                    let length = leb::unsigned(text, cursor);
                    (begin, begin.wrapping_add(length))
                }
                9 => {
                    let begin = leb::unsigned(text, cursor);
                    let end = leb::unsigned(text, cursor);
                    super::put_views(text, self.size, begin, end);
                    text.put(b"views for:\n");
                    continue;
                }
                other => {
                    text.error(format_args!("Invalid location list entry type {other}"));
                    return false;
                }
            };
            push_hex_padded(&mut text.buf, begin, digits);
            text.put(b" ");
            push_hex_padded(&mut text.buf, end, digits);
            text.put(b" ");
            if begin == end {
                text.put(b"(start == end)");
            } else if begin > end {
                text.put(b"(start > end)");
            }
            let length = leb::unsigned(text, cursor);
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            let expression = cursor.bytes(length);
            self.expressions.put(text, expression, 0);
            text.put(b"\n");
            dump.relieve();
        }
    }
}
