//! `.debug_ranges` and `.debug_rnglists`: lists of address ranges. DWARF 4, section 2.17.3; DWARF
//! 5, sections 2.17.3 and 7.28.
//!
//! The lists of the older section are found through the units that refer to them. Those of version
//! 5 stand in tables of their own, and are shown one after the other: as many as a table has
//! offsets, or the first where it has none, which is how GNU counts them.

use super::info::lookup::Sections;
use super::info::unit::Hex;
use super::list_header::ListHeader;
use super::number::{push_hex, push_hex_padded};
use super::{Cursor, Dump, Loaded, Text, leb};
use crate::section::SectionId;

/// Kinds of entries of lists (`DW_RLE_*`).
mod rle {
    pub const END_OF_LIST: u8 = 0;
    pub const BASE_ADDRESSX: u8 = 1;
    pub const STARTX_ENDX: u8 = 2;
    pub const STARTX_LENGTH: u8 = 3;
    pub const OFFSET_PAIR: u8 = 4;
    pub const BASE_ADDRESS: u8 = 5;
    pub const START_END: u8 = 6;
    pub const START_LENGTH: u8 = 7;
}

/// The line above the ranges of a list.
const COLUMNS: &[u8] = b"    Offset   Begin    End\n";
/// The version of tables of lists.
const VERSION: u16 = 5;

/// A list that a unit refers to.
struct Reference {
    offset: u64,
    /// Where it is read: elsewhere for one that goes by an index, which is none of this section.
    start: u64,
    address_size: u8,
    base: u64,
}

/// Shows the section.
pub fn display(dump: &mut Dump<'_, '_>, section: &Loaded<'_>) -> bool {
    if section.data.is_empty() {
        dump.put_empty(section);
        return false;
    }
    if section.id == SectionId::Ranges {
        return display_old(dump, section);
    }
    let sections = Sections::known(dump, section.id);
    dump.heading(section);
    let mut cursor = Cursor::new(&section.data, dump.target.encoding);
    let mut lists = Lists { dump, section, sections: &sections, base: 0 };
    while !cursor.is_at_end() {
        if !lists.show_table(&mut cursor) {
            return false;
        }
    }
    true
}

/// A header of a table of lists, of ranges or of locations.
pub struct Table {
    /// Where it ends.
    pub end: usize,
    /// Where its lists count from.
    pub base: usize,
    /// The size of an address.
    pub address_size: usize,
    /// The size of an offset.
    pub offset_size: usize,
    /// How many offsets there are.
    pub offsets: u32,
}

struct Lists<'t, 'h, 'data> {
    dump: &'t mut Dump<'h, 'data>,
    section: &'t Loaded<'t>,
    sections: &'t Sections<'data>,
    base: u64,
}

impl Lists<'_, '_, '_> {
    /// Shows a table; the cursor is then behind it. Returns whether there may be another one.
    fn show_table(&mut self, cursor: &mut Cursor<'_>) -> bool {
        let Some(table) = self.show_header(cursor) else { return false };
        let mut left = table.offsets;
        let mut data = Cursor::new(
            self.section.data.get(..table.end).unwrap_or(&self.section.data),
            self.dump.target.encoding,
        );
        data.seek(cursor.position());
        loop {
            let text = &mut self.dump.text;
            let offset = data.position();
            text.put(b"\n  Offset: ");
            push_hex(&mut text.buf, offset as u64);
            text.put(b", Index: ");
            push_hex(&mut text.buf, offset.saturating_sub(table.base) as u64);
            text.put(b"\n");
            text.put(COLUMNS);
            let is_good = self.show_list(&mut data, &table);
            self.dump.relieve();
            left = left.saturating_sub(1);
            if left == 0 || !is_good || data.is_at_end() {
                break;
            }
        }
        self.dump.text.put(b"\n");
        cursor.seek(table.end);
        true
    }

    fn show_header(&mut self, cursor: &mut Cursor<'_>) -> Option<Table> {
        let name = self.section.id.name();
        let text = &mut self.dump.text;
        let start = cursor.position();
        let mut rest = *cursor;
        let (length, _) = rest.initial_length();
        if length > rest.remaining() as u64 {
            let length = Hex(length);
            let header = "in the debug_rnglists header is wrong - the section is too small";
            text.warn(format_args!("The length field ({length}) {header}"));
            return None;
        }
        let end = rest.position().saturating_add(length as usize);
        let header = ListHeader::read(cursor);
        let ListHeader { version, segment_size, offset_size, offsets, .. } = header;
        text.put(b" Table at Offset: ");
        push_hex(&mut text.buf, start as u64);
        text.put(b":");
        header.show(text);
        if version < VERSION {
            let only = "Only DWARF version 5+ debug_rnglists info is currently supported.";
            text.warn(format_args!("{only}"));
            return None;
        }
        if segment_size != 0 {
            let what = "contains unsupported segment selector size";
            text.warn(format_args!("The {name} section {what}: {segment_size}."));
            return None;
        }
        let base = cursor.position();
        if offsets != 0 {
            text.put(b"\n   Offsets starting at ");
            push_hex(&mut text.buf, base as u64);
            text.put(b":\n");
            for index in 0..offsets {
                if cursor.is_at_end() {
                    break;
                }
                let offset = cursor.uint(offset_size);
                let line = format!("    [{index:6}] {}\n", Hex(offset));
                self.dump.text.put(line.as_bytes());
                self.dump.relieve();
            }
        }
        let address_size = header.address_size.into();
        Some(Table { end, base, address_size, offset_size, offsets })
    }

    /// Shows a list. Returns whether another one may follow.
    fn show_list(&mut self, cursor: &mut Cursor<'_>, table: &Table) -> bool {
        let size = table.address_size;
        self.base = 0;
        let start = cursor.position();
        let addr_base = table.offset_size.saturating_mul(2) as u64;
        let tables = self.sections.tables();
        loop {
            let text = &mut self.dump.text;
            if cursor.is_at_end() {
                let offset = Hex(start as u64);
                text.warn(format_args!(
                    "Range list starting at offset {offset} is not terminated."
                ));
                return true;
            }
            text.put(b"    ");
            push_hex_padded(&mut text.buf, cursor.position() as u64, 8);
            text.put(b" ");
            let indexed =
                |text: &mut Text, index: u64| tables.address_at(text, addr_base, size as u8, index);
            let kind = cursor.u8();
            let (begin, end) = match kind {
                rle::END_OF_LIST => {
                    text.put(b"<End of list>\n");
                    return true;
                }
                rle::BASE_ADDRESSX => {
                    let index = leb::unsigned(text, cursor);
                    push_hex_padded(&mut text.buf, index, size.saturating_mul(2));
                    text.put(b" (base address index) ");
                    self.base = indexed(text, index);
                    push_hex_padded(&mut text.buf, self.base, size.saturating_mul(2));
                    text.put(b" (base address)\n");
                    continue;
                }
                rle::BASE_ADDRESS => {
                    self.base = cursor.uint(size);
                    push_hex_padded(&mut text.buf, self.base, size.saturating_mul(2));
                    text.put(b" (base address)\n");
                    continue;
                }
                rle::STARTX_ENDX => {
                    let first = leb::unsigned(text, cursor);
                    leb::unsigned(text, cursor);
                    let begin = indexed(text, first);
                    // GNU takes the address for the index.
                    let end = indexed(text, begin);
                    (begin, end)
                }
                rle::STARTX_LENGTH => {
                    let first = leb::unsigned(text, cursor);
                    let length = leb::unsigned(text, cursor);
                    let begin = indexed(text, first);
                    (begin, begin.wrapping_add(length))
                }
                rle::OFFSET_PAIR => {
                    let begin = leb::unsigned(text, cursor);
                    let end = leb::unsigned(text, cursor);
                    (begin.wrapping_add(self.base), end.wrapping_add(self.base))
                }
                rle::START_END => (cursor.uint(size), cursor.uint(size)),
                rle::START_LENGTH => {
                    let begin = cursor.uint(size);
                    let length = leb::unsigned(text, cursor);
                    (begin, begin.wrapping_add(length))
                }
                other => {
                    text.error(format_args!("Invalid range list entry type {other}"));
                    return false;
                }
            };
            show_range(text, begin, end, size, b" ");
            self.dump.relieve();
        }
    }
}

/// Appends a range, and what is odd about it.
fn show_range(text: &mut Text, begin: u64, end: u64, size: usize, between: &[u8]) {
    let digits = size.saturating_mul(2);
    push_hex_padded(&mut text.buf, begin, digits);
    text.put(b" ");
    push_hex_padded(&mut text.buf, end, digits);
    text.put(between);
    if begin == end {
        text.put(b" (start == end)");
    } else if begin > end {
        text.put(b" (start > end)");
    }
    text.put(b"\n");
}

/// Shows the section of version 4 and older.
fn display_old(dump: &mut Dump<'_, '_>, section: &Loaded<'_>) -> bool {
    let name = String::from_utf8_lossy(&section.name);
    dump.heading(section);
    let Some(scan) = dump.info_units() else {
        let what = "Unable to load/parse the .debug_info section";
        dump.text.warn(format_args!("{what}, so cannot interpret the {name} section."));
        return false;
    };
    let mut references = Vec::new();
    for unit in scan.units.iter().flatten() {
        let (address_size, base) = (unit.header.address_size, unit.found.base_address);
        references.extend(unit.found.ranges.iter().map(|list| {
            let offset = list.offset;
            let of_index = if list.is_index { unit.found.rnglists_base } else { 0 };
            Reference { offset, start: offset.wrapping_add(of_index), address_size, base }
        }));
    }
    if references.is_empty() {
        dump.text.put(b"No range lists in .debug_info section.\n");
        return true;
    }
    references.sort_by_key(|reference| reference.offset);
    let first = references.first().map_or(0, |reference| reference.offset);
    if dump.options.check && first != 0 {
        dump.text.warn(format_args!("Range lists in {name} section start at {}", Hex(first)));
    }
    dump.text.put(b"\n");
    dump.text.put(COLUMNS);
    let size = section.data.len() as u64;
    let mut last = None;
    for (index, reference) in references.iter().enumerate() {
        let offset = reference.offset;
        if offset >= size {
            let offset = Hex(offset);
            let what = "Corrupt offset";
            dump.text.warn(format_args!("{what} ({offset}) in range entry {index}"));
            continue;
        }
        // GNU does not look where a list ends.
        match last.replace(offset) {
            Some(last) if last == offset => continue,
            Some(last) if dump.options.check => {
                let (last, offset) = (Hex(last), Hex(offset));
                let text = &mut dump.text;
                text.warn(format_args!("There is a hole [{last} - {offset}] in {name} section."));
            }
            _ => {}
        }
        show_old_list(dump, section, reference);
    }
    dump.text.put(b"\n");
    true
}

fn show_old_list(dump: &mut Dump<'_, '_>, section: &Loaded<'_>, list: &Reference) {
    let size = usize::from(list.address_size);
    let digits = size.saturating_mul(2);
    let mut cursor = Cursor::new(&section.data, dump.target.encoding);
    cursor.seek(list.start as usize);
    let unused = 64u32.saturating_sub((size as u32).saturating_mul(8));
    let highest = u64::MAX.checked_shr(unused).unwrap_or(0);
    let mut base = list.base;
    while !cursor.is_at_end() {
        let begin = cursor.uint(size);
        if cursor.is_at_end() {
            break;
        }
        let end = cursor.uint(size);
        let text = &mut dump.text;
        text.put(b"    ");
        push_hex_padded(&mut text.buf, list.offset, 8);
        text.put(b" ");
        if begin == 0 && end == 0 {
            text.put(b"<End of list>\n");
            break;
        }
        if begin == highest && end != highest {
            push_hex_padded(&mut text.buf, begin, digits);
            text.put(b" ");
            push_hex_padded(&mut text.buf, end, digits);
            text.put(b" (base address)\n");
            base = end;
            continue;
        }
        let (begin, end) = (begin.wrapping_add(base), end.wrapping_add(base));
        show_range(text, begin, end, size, b"");
        dump.relieve();
    }
}

#[cfg(test)]
mod tests {
    use super::super::kept::{Kept, TARGET, loaded};
    use super::super::{Memory, Options};
    use super::*;

    /// What is printed of a section in a file with no others, and whether all went well.
    fn shown(id: SectionId, data: &[u8]) -> (String, bool) {
        let mut host = Kept::default();
        let (mut memory, options) = (Memory::default(), Options::default());
        let mut dump = Dump::new(&mut host, &mut memory, TARGET, &options);
        let is_good = dump.display(&loaded(id, data));
        (String::from_utf8_lossy(&host.printed).into_owned(), is_good)
    }

    #[test]
    fn what_could_not_be_unpacked_is_empty() {
        for (id, name) in [
            (SectionId::Rnglists, ".debug_rnglists"),
            (SectionId::Loclists, ".debug_loclists"),
            (SectionId::Addr, ".debug_addr"),
            (SectionId::StrOffsets, ".debug_str_offsets"),
            (SectionId::Str, ".debug_str"),
        ] {
            assert_eq!(shown(id, &[]), (format!("\nThe {name} section is empty.\n"), false));
        }
    }

    #[test]
    fn lists_without_units_are_not_shown() {
        let (text, is_good) = shown(SectionId::Ranges, &[0; 16]);
        assert!(text.starts_with("Contents of the .debug_ranges section:\n\n"), "{text}");
        let what = "Unable to load/parse the .debug_info section";
        assert!(text.contains(what) && !is_good, "{text}");
    }
}
