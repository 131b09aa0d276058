//! `.debug_loc` and `.debug_loclists`: lists of locations. DWARF 4, section 2.6.2; DWARF 5,
//! sections 2.6.2 and 7.29; and the numbers of views that GCC adds to them.
//!
//! The lists are found through the units that refer to them, and bytes that belong to none are
//! reported. A table of version 5 that has offsets is shown by these instead.

mod entries;
mod table;

use super::expression::{Expressions, Unit as OfUnit};
use super::info::Unit;
use super::info::found::Location;
use super::info::lookup::Sections;
use super::info::unit::Hex;
use super::list_header::ListHeader;
use super::number::push_hex_padded;
use super::{Cursor, Dump, Loaded, Text};
use crate::registers::Registers;
use crate::section::SectionId;

/// The version of tables of lists.
const VERSION: u16 = 5;
/// The size of the header of a table, of one in 64 bits.
const HEADER: u64 = 12;
const HEADER_64: u64 = 20;

/// What is known while the lists of a unit are shown.
struct Lists<'a, 'data> {
    section: &'a Loaded<'a>,
    sections: &'a Sections<'data>,
    expressions: Expressions,
    base: u64,
    has_frame_base: bool,
    /// Where the numbers of views of the list are read next.
    views: Option<usize>,
    /// Those of the entry.
    shown_views: Option<(u64, u64)>,
}

/// Shows the section.
pub fn display(dump: &mut Dump<'_, '_>, section: &Loaded<'_>) -> bool {
    if section.data.is_empty() {
        dump.put_empty(section);
        return false;
    }
    let is_new = matches!(section.id, SectionId::Loclists | SectionId::LoclistsDwo);
    let name = &*String::from_utf8_lossy(&section.name);
    let sections = Sections::known(dump, section.id);
    let mut header_size = 0;
    if is_new {
        let mut cursor = Cursor::new(&section.data, dump.target.encoding);
        let header = ListHeader::read(&mut cursor);
        header_size = if header.offset_size == 8 { HEADER_64 } else { HEADER };
        if header.version != VERSION {
            let (version, what) = (header.version, "corrupt or unsupported version number");
            dump.text.warn(format_args!("The {name} section contains {what}: {version}."));
            return false;
        }
        if header.segment_size != 0 {
            let (size, what) = (header.segment_size, "unsupported segment selector size");
            dump.text.warn(format_args!("The {name} section contains {what}: {size}."));
            return false;
        }
        if header.offsets != 0 {
            return table::display(dump, section, &sections);
        }
    }
    let Some(scan) = dump.info_units() else {
        let what = "Unable to load/parse the .debug_info section";
        dump.text.warn(format_args!("{what}, so cannot interpret the {name} section."));
        return false;
    };
    let units = scan.units.as_deref().unwrap_or_default();
    warn_start(dump, name, units, header_size);
    dump.heading(section);
    if section.is_relocated(0) {
        let notice = " Warning: This section has relocations - addresses seen here may not be";
        dump.text.put(notice.as_bytes());
        dump.text.put(b" accurate.\n\n");
    }
    dump.text.put(b"    Offset   Begin            End              Expression\n");
    let mut walk = Walk { start: 0, header_size };
    for unit in units {
        let mut locations: Vec<Location> = unit.found.locations().collect();
        locations.sort_by_key(|location| location.offset);
        locations.dedup_by_key(|location| location.offset);
        for location in &locations {
            walk.show(dump, section, &sections, unit, *location);
        }
    }
    let left = (section.data.len() as u64).saturating_sub(walk.start);
    match left {
        0 => {}
        1 => dump.text.warn(format_args!("There is 1 unused byte at the end of section {name}")),
        _ => {
            let end = "unused bytes at the end of section";
            dump.text.warn(format_args!("There are {left} {end} {name}"));
        }
    }
    dump.text.put(b"\n");
    true
}

/// Says where the first list is, if that is not where the section starts.
fn warn_start(dump: &mut Dump<'_, '_>, name: &str, units: &[Unit], expected: u64) {
    let Some(first) = units.iter().find_map(|unit| unit.found.locations().next()) else {
        dump.text.error(format_args!("No location lists in .debug_info section!"));
        return;
    };
    let start = first.views.map_or(first.offset, |views| views.min(first.offset));
    if start != expected {
        let (start, expected) = (Hex(start), Hex(expected));
        let what = format!("Location lists in {name} section start at {start}");
        dump.text.warn(format_args!("{what} rather than {expected}"));
    }
}

/// The way through the section.
struct Walk {
    /// Where what is shown ends.
    start: u64,
    /// The size of a header, which may lie between two lists.
    header_size: u64,
}

impl Walk {
    fn show(
        &mut self,
        dump: &mut Dump<'_, '_>,
        section: &Loaded<'_>,
        sections: &Sections<'_>,
        unit: &Unit,
        location: Location,
    ) {
        let name = section.id.name();
        let size = section.data.len() as u64;
        let Location { offset, views, has_frame_base } = location;
        let next = views.map_or(offset, |views| views.min(offset));
        self.warn_gap(dump, name, next);
        self.start = next;
        if offset >= size || views.is_some_and(|views| views >= size) {
            let far = Hex(if offset >= size { offset } else { views.unwrap_or(offset) });
            let what = if offset >= size { "Offset" } else { "View Offset" };
            dump.text.warn(format_args!("{what} {far} is bigger than {name} section size."));
            return;
        }
        let encoding = dump.target.encoding;
        let header = &unit.header;
        let mut lists = Lists {
            section,
            sections,
            expressions: Expressions {
                encoding,
                registers: Registers::of(dump.target.machine),
                address_size: header.address_size.into(),
                unit: Some(OfUnit {
                    version: header.version,
                    offset_size: header.offset_size.into(),
                    offset: header.offset as u64,
                }),
            },
            base: unit.found.base_address,
            has_frame_base,
            views: views.map(|views| views as usize),
            shown_views: None,
        };
        if let Some(views) = views
            && views < offset
        {
            show_views(dump, section, header.address_size.into(), views as usize, offset as usize);
        }
        let mut cursor = Cursor::new(&section.data, encoding);
        cursor.seek(offset as usize);
        match section.id {
            SectionId::Loc => lists.show_old(dump, &mut cursor),
            SectionId::LocDwo => lists.show_split(dump, &mut cursor),
            _ => lists.show_new(dump, &mut cursor),
        }
        self.start = cursor.position() as u64;
        if let (Some(views), Some(end)) = (views, lists.views) {
            if views < offset && end as u64 == offset {
                // They stand right before the list.
            } else if views == self.start {
                show_views(dump, section, header.address_size.into(), views as usize, end);
                self.start = end as u64;
            } else {
                let what = "Hole and overlap detection requires adjacent view lists and loclists";
                dump.text.warn(format_args!("{what}."));
            }
        }
        dump.relieve();
    }

    fn warn_gap(&self, dump: &mut Dump<'_, '_>, name: &str, next: u64) {
        let gap = next.wrapping_sub(self.start);
        if next == self.start || (self.header_size != 0 && gap == self.header_size) {
            return;
        }
        let what = if next > self.start { "a hole" } else { "an overlap" };
        let (from, to) = (Hex(self.start), Hex(next));
        dump.text.warn(format_args!("There is {what} [{from} - {to}] in {name} section."));
    }
}

/// Shows the numbers of views from `start` on, up to `end`.
fn show_views(
    dump: &mut Dump<'_, '_>,
    section: &Loaded<'_>,
    address_size: usize,
    start: usize,
    end: usize,
) {
    let data = section.data.get(..end).unwrap_or(&section.data);
    let mut cursor = Cursor::new(data, dump.target.encoding);
    cursor.seek(start);
    dump.text.put(b"\n");
    while !cursor.is_at_end() {
        let text = &mut dump.text;
        text.put(b"    ");
        push_hex_padded(&mut text.buf, cursor.position() as u64, 8);
        text.put(b" ");
        let begin = super::leb::unsigned(text, &mut cursor);
        let end = super::leb::unsigned(text, &mut cursor);
        put_views(text, address_size, begin, end);
        text.put(b"location view pair\n");
        dump.relieve();
    }
    dump.text.put(b"\n");
}

/// Appends the numbers of the views where a location begins and ends.
fn put_views(text: &mut Text, address_size: usize, begin: u64, end: u64) {
    // With the letter, they are as wide as addresses.
    let digits = address_size.saturating_mul(2).saturating_sub(1);
    for view in [begin, end] {
        text.put(b"v");
        push_hex_padded(&mut text.buf, view, digits);
        text.put(b" ");
    }
}
