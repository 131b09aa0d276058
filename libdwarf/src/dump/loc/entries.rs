//! Entries of lists of locations.

use super::super::info::unit::Hex;
use super::super::number::push_hex_padded;
use super::super::{Cursor, Dump, Text, leb};
use super::{Lists, put_views};
use crate::section::SectionId;

/// The bytes of an address of 64 bits.
const WIDE: usize = 8;

/// Kinds of entries (`DW_LLE_*`). Those of split objects before version 5 begin alike.
mod lle {
    pub const END_OF_LIST: u8 = 0;
    pub const BASE_ADDRESSX: u8 = 1;
    pub const STARTX_ENDX: u8 = 2;
    pub const STARTX_LENGTH: u8 = 3;
    pub const OFFSET_PAIR: u8 = 4;
    pub const DEFAULT_LOCATION: u8 = 5;
    pub const BASE_ADDRESS: u8 = 6;
    pub const START_END: u8 = 7;
    pub const START_LENGTH: u8 = 8;
    pub const VIEW_PAIR: u8 = 9;
}

impl Lists<'_, '_> {
    fn address_size(&self) -> usize {
        self.expressions.address_size
    }

    fn digits(&self) -> usize {
        self.address_size().saturating_mul(2)
    }

    /// An address by its index, which GNU takes for its offset.
    fn address(&self, text: &mut Text, index: u64) -> u64 {
        self.sections.tables().address_at(text, index, self.address_size() as u8, 0)
    }

    /// Reads the numbers of views that belong to the next entry, and shows them.
    fn show_views(&mut self, text: &mut Text) {
        self.shown_views = None;
        let Some(views) = self.views else { return };
        let mut cursor = Cursor::new(&self.section.data, self.expressions.encoding);
        cursor.seek(views);
        let begin = leb::unsigned(text, &mut cursor);
        let end = leb::unsigned(text, &mut cursor);
        // Those of split units are as wide as addresses of 64 bits, in the old lists.
        let is_old_split = self.section.id == SectionId::LocDwo;
        let width = if is_old_split { WIDE } else { self.address_size() };
        put_views(text, width, begin, end);
        text.put(b"views at ");
        push_hex_padded(&mut text.buf, views as u64, 8);
        text.put(b" for:\n             ");
        self.views = Some(cursor.position());
        self.shown_views = Some((begin, end));
    }

    /// Appends an entry's addresses, expression and what is odd about it.
    fn show_location(&self, text: &mut Text, begin: u64, end: u64, expression: &[u8]) {
        push_hex_padded(&mut text.buf, begin, self.digits());
        text.put(b" ");
        push_hex_padded(&mut text.buf, end, self.digits());
        text.put(b" (");
        let needs_frame_base = self.expressions.put(text, expression, 0);
        text.put(b")");
        if needs_frame_base && !self.has_frame_base {
            text.put(b" [without DW_AT_frame_base]");
        }
        let (first, last) = self.shown_views.unwrap_or_default();
        if begin == end && first == last {
            text.put(b" (start == end)");
        } else if begin > end || (begin == end && first > last) {
            text.put(b" (start > end)");
        }
        text.put(b"\n");
    }

    /// Shows a list of version 4 or older.
    pub fn show_old(&mut self, dump: &mut Dump<'_, '_>, cursor: &mut Cursor<'_>) {
        let start = cursor.position();
        let size = self.address_size();
        let unused = 64u32.saturating_sub((size as u32).saturating_mul(8));
        let highest = u64::MAX.checked_shr(unused).unwrap_or(0);
        loop {
            let text = &mut dump.text;
            if cursor.remaining() < size.saturating_mul(2) {
                return warn_unterminated(text, start);
            }
            let entry = cursor.position();
            put_offset(text, entry);
            let begin = cursor.uint(size);
            let end = cursor.uint(size);
            // Zeros that a relocation is to change are no end.
            let is_relocated = |at: usize| self.section.is_relocated(at as u64);
            let is_fixed = !is_relocated(entry) && !is_relocated(entry.saturating_add(size));
            if begin == 0 && end == 0 && is_fixed {
                return text.put(b"<End of list>\n");
            }
            if begin == highest && end != highest {
                push_hex_padded(&mut text.buf, begin, self.digits());
                text.put(b" ");
                push_hex_padded(&mut text.buf, end, self.digits());
                text.put(b" (base address)\n");
                self.base = end;
                continue;
            }
            self.show_views(text);
            if cursor.remaining() < 2 {
                return warn_unterminated(text, start);
            }
            let length = cursor.u16().into();
            if length > cursor.remaining() {
                return warn_unterminated(text, start);
            }
            let expression = cursor.bytes(length);
            let (begin, end) = (begin.wrapping_add(self.base), end.wrapping_add(self.base));
            self.show_location(text, begin, end, expression);
            dump.relieve();
        }
    }

    /// Shows a list of version 5.
    pub fn show_new(&mut self, dump: &mut Dump<'_, '_>, cursor: &mut Cursor<'_>) {
        let start = cursor.position();
        let size = self.address_size();
        loop {
            let text = &mut dump.text;
            if cursor.is_at_end() {
                return warn_unterminated(text, start);
            }
            let entry = cursor.position();
            put_offset(text, entry);
            let kind = cursor.u8();
            let has_range =
                matches!(kind, lle::STARTX_ENDX..=lle::START_LENGTH) && kind != lle::BASE_ADDRESS;
            if has_range {
                self.show_views(text);
            }
            let (begin, end) = match kind {
                lle::END_OF_LIST => return text.put(b"<End of list>\n"),
                lle::BASE_ADDRESSX => {
                    let index = leb::unsigned(text, cursor);
                    push_hex_padded(&mut text.buf, index, self.digits());
                    text.put(b" (index into .debug_addr) ");
                    self.base = self.address(text, index);
                    push_hex_padded(&mut text.buf, self.base, self.digits());
                    text.put(b" (base address)\n");
                    continue;
                }
                lle::BASE_ADDRESS => {
                    if cursor.remaining() < size {
                        return warn_unterminated(text, start);
                    }
                    self.base = cursor.uint(size);
                    push_hex_padded(&mut text.buf, self.base, self.digits());
                    text.put(b" (base address)\n");
                    continue;
                }
                lle::VIEW_PAIR => {
                    let begin = leb::unsigned(text, cursor);
                    let end = leb::unsigned(text, cursor);
                    put_views(text, self.address_size(), begin, end);
                    text.put(b"views for:\n");
                    continue;
                }
                lle::STARTX_ENDX => {
                    let first = leb::unsigned(text, cursor);
                    let begin = self.address(text, first);
                    let last = leb::unsigned(text, cursor);
                    (begin, self.address(text, last))
                }
                lle::STARTX_LENGTH => {
                    let first = leb::unsigned(text, cursor);
                    let begin = self.address(text, first);
                    let length = leb::unsigned(text, cursor);
                    (begin, begin.wrapping_add(length))
                }
                lle::OFFSET_PAIR => {
                    let begin = leb::unsigned(text, cursor);
                    let end = leb::unsigned(text, cursor);
                    (begin.wrapping_add(self.base), end.wrapping_add(self.base))
                }
                lle::DEFAULT_LOCATION => (0, 0),
                lle::START_END => (cursor.uint(size), cursor.uint(size)),
                lle::START_LENGTH => {
                    let begin = cursor.uint(size);
                    let length = leb::unsigned(text, cursor);
                    (begin, begin.wrapping_add(length))
                }
                other => {
                    cursor.seek(entry);
                    return text.error(format_args!("Invalid location list entry type {other}"));
                }
            };
            if cursor.is_at_end() {
                return warn_unterminated(text, start);
            }
            let length = leb::unsigned(text, cursor);
            if length > cursor.remaining() as u64 {
                return warn_unterminated(text, start);
            }
            let expression = cursor.bytes(length as usize);
            self.show_location(text, begin, end, expression);
            dump.relieve();
        }
    }

    /// Shows a list of a split object before version 5, in the form that GNU had then.
    pub fn show_split(&mut self, dump: &mut Dump<'_, '_>, cursor: &mut Cursor<'_>) {
        let start = cursor.position();
        loop {
            let text = &mut dump.text;
            put_offset(text, cursor.position());
            if cursor.is_at_end() {
                return warn_unterminated(text, start);
            }
            let kind = cursor.u8();
            let digits = 8;
            if matches!(kind, lle::STARTX_ENDX..=lle::OFFSET_PAIR) {
                self.show_views(text);
            }
            match kind {
                lle::END_OF_LIST => return text.put(b"<End of list>\n"),
                lle::BASE_ADDRESSX => {
                    let index = leb::unsigned(text, cursor);
                    text.put(b"(base address selection entry)\n");
                    let _ = index;
                    continue;
                }
                lle::STARTX_ENDX => {
                    let begin = leb::unsigned(text, cursor);
                    let end = leb::unsigned(text, cursor);
                    put_indices(text, begin, end);
                }
                lle::STARTX_LENGTH => {
                    let begin = leb::unsigned(text, cursor);
                    let length = cursor.u32();
                    put_index(text, begin);
                    text.put(b" ");
                    push_hex_padded(&mut text.buf, length.into(), digits);
                }
                lle::OFFSET_PAIR => {
                    let begin = cursor.u32();
                    let end = cursor.u32();
                    push_hex_padded(&mut text.buf, begin.into(), digits);
                    text.put(b" ");
                    push_hex_padded(&mut text.buf, end.into(), digits);
                }
                other => {
                    text.warn(format_args!("Unknown location list entry type 0x{other:x}"));
                    return;
                }
            }
            if cursor.remaining() < 2 {
                return warn_unterminated(text, start);
            }
            let length = usize::from(cursor.u16());
            if length > cursor.remaining() {
                return warn_unterminated(text, start);
            }
            let expression = cursor.bytes(length);
            text.put(b" (");
            let needs_frame_base = self.expressions.put(text, expression, 0);
            text.put(b")");
            if needs_frame_base && !self.has_frame_base {
                text.put(b" [without DW_AT_frame_base]");
            }
            text.put(b"\n");
            dump.relieve();
        }
    }
}

fn put_index(text: &mut Text, index: u64) {
    let index = format!("[{index}]");
    text.put(format!("{index:>8}").as_bytes());
}

fn put_indices(text: &mut Text, begin: u64, end: u64) {
    put_index(text, begin);
    text.put(b" ");
    put_index(text, end);
}

fn put_offset(text: &mut Text, offset: usize) {
    text.put(b"    ");
    push_hex_padded(&mut text.buf, offset as u64, 8);
    text.put(b" ");
}

fn warn_unterminated(text: &mut Text, start: usize) {
    let start = Hex(start as u64);
    text.warn(format_args!("Location list starting at offset {start} is not terminated."));
}
