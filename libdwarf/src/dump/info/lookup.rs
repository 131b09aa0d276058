//! Values that stand in tables of other sections, by index: strings, addresses, lists. DWARF 5,
//! sections 7.26 to 7.29.

use std::sync::Arc;

use libelf::ident::Encoding;

use super::super::number::push_hex;
use super::super::{Cursor, Dump, Level, Text};
use super::unit::Hex;
use super::{Context, Unit, form, is_split};
use crate::section::SectionId;

/// The size of the header of a table of lists; of one in 64 bits.
const LISTS_HEADER: u64 = 12;
const LISTS_HEADER_64: u64 = 20;
/// The fewest bytes of a section of lists that GNU looks into.
const SMALLEST_LISTS: usize = 4;

/// The sections of tables, loaded.
pub struct Sections<'data> {
    offsets: Option<Arc<super::Loaded<'data>>>,
    strings: Option<Arc<super::Loaded<'data>>>,
    addresses: Option<Arc<super::Loaded<'data>>>,
    locations: Option<Arc<super::Loaded<'data>>>,
    ranges: Option<Arc<super::Loaded<'data>>>,
    has_locations: bool,
    has_ranges: bool,
    supplementary: Vec<super::Loaded<'data>>,
    is_split: bool,
    encoding: Encoding,
}

impl<'data> Sections<'data> {
    /// Those that units of the section `id` need, beside `strings`, which are `.debug_str`.
    pub fn of(
        dump: &mut Dump<'_, 'data>,
        id: SectionId,
        strings: Option<Arc<super::Loaded<'data>>>,
    ) -> Self {
        use SectionId as S;
        let is_split = is_split(id);
        let pick = |split: S, plain: S| if is_split { split } else { plain };
        // In this order, as what is said of relocations depends on those before.
        let addresses = dump.load(S::Addr);
        let offsets = dump.load(pick(S::StrOffsetsDwo, S::StrOffsets));
        let strings = if is_split { dump.load(S::StrDwo) } else { strings };
        let locations = dump.load(pick(S::LoclistsDwo, S::Loclists));
        let ranges = dump.load(pick(S::RnglistsDwo, S::Rnglists));
        let mut has = |of_unit: &Option<_>, id| {
            if is_split { dump.load(id).is_some() } else { of_unit.is_some() }
        };
        Self {
            has_locations: has(&locations, S::Loclists),
            has_ranges: has(&ranges, S::Rnglists),
            offsets,
            strings,
            addresses,
            locations,
            ranges,
            supplementary: dump.load_linked(S::Str),
            is_split,
            encoding: dump.target.encoding,
        }
    }

    /// Those that were loaded before: GNU loads no others when it shows lists.
    pub fn known(dump: &Dump<'_, 'data>, id: SectionId) -> Self {
        use SectionId as S;
        let is_split = is_split(id);
        let pick = |split: S, plain: S| dump.known(if is_split { split } else { plain });
        Self {
            offsets: pick(S::StrOffsetsDwo, S::StrOffsets),
            strings: pick(S::StrDwo, S::Str),
            addresses: dump.known(S::Addr),
            locations: pick(S::LoclistsDwo, S::Loclists),
            ranges: pick(S::RnglistsDwo, S::Rnglists),
            has_locations: dump.known(S::Loclists).is_some(),
            has_ranges: dump.known(S::Rnglists).is_some(),
            supplementary: Vec::new(),
            is_split,
            encoding: dump.target.encoding,
        }
    }

    /// Those of strings alone.
    pub fn of_strings(dump: &mut Dump<'_, 'data>, is_split: bool) -> Self {
        use SectionId as S;
        let pick = |split: S, plain: S| if is_split { split } else { plain };
        Self {
            offsets: dump.load(pick(S::StrOffsetsDwo, S::StrOffsets)),
            strings: dump.load(pick(S::StrDwo, S::Str)),
            addresses: None,
            locations: None,
            ranges: None,
            has_locations: false,
            has_ranges: false,
            supplementary: Vec::new(),
            is_split,
            encoding: dump.target.encoding,
        }
    }

    /// Their contents.
    pub fn tables(&self) -> Tables<'_> {
        Tables {
            offsets: contents(self.offsets.as_ref()),
            strings: contents(self.strings.as_ref()),
            addresses: contents(self.addresses.as_ref()),
            locations: contents(self.locations.as_ref()),
            ranges: contents(self.ranges.as_ref()),
            has_locations: self.has_locations,
            has_ranges: self.has_ranges,
            supplementary: &self.supplementary,
            is_split: self.is_split,
            encoding: self.encoding,
        }
    }
}

fn contents<'a>(section: Option<&'a Arc<super::Loaded<'_>>>) -> Option<&'a [u8]> {
    section.map(|section| &*section.data)
}

/// The contents of the sections of tables.
#[derive(Clone, Copy)]
pub struct Tables<'d> {
    offsets: Option<&'d [u8]>,
    strings: Option<&'d [u8]>,
    addresses: Option<&'d [u8]>,
    locations: Option<&'d [u8]>,
    ranges: Option<&'d [u8]>,
    /// Whether there is a section of location lists that is not of split units.
    pub has_locations: bool,
    /// Whether there is a section of range lists that is not of split units.
    pub has_ranges: bool,
    supplementary: &'d [super::Loaded<'d>],
    is_split: bool,
    /// Byte order.
    pub encoding: Encoding,
}

impl Tables<'_> {
    /// The number of `size` bytes at `offset`; what is cut off at the end counts as it is.
    fn number(&self, table: &[u8], offset: u64, size: u8) -> Option<u64> {
        let rest = table.get(usize::try_from(offset).ok()?..).filter(|rest| !rest.is_empty())?;
        Some(Cursor::new(rest, self.encoding).uint(size.into()))
    }

    /// The address with this index; says so and is 0, if there is none.
    pub fn address(&self, text: &mut Text, unit: &Unit, index: u64) -> u64 {
        self.address_at(text, unit.found.addr_base, unit.header.address_size, index)
    }

    /// The same in a table that starts at `base`, of addresses of this size.
    pub fn address_at(&self, text: &mut Text, base: u64, size: u8, index: u64) -> u64 {
        let Some(addresses) = self.addresses else {
            let missing = "the .debug_addr section is missing";
            text.warn(format_args!("Cannot fetch indexed address: {missing}"));
            return 0;
        };
        let offset = base.wrapping_add(index.wrapping_mul(size.into()));
        let name = SectionId::Addr.name();
        self.number(addresses, offset, size).unwrap_or_else(|| {
            text.warn(format_args!("Offset into section {name} too big: {}", Hex(offset)));
            0
        })
    }

    /// Says what is wrong with where a string is, by its form; `base` and `size` are where the
    /// unit's table starts and the size of its offsets.
    pub fn warn_of_string(&self, text: &mut Text, base: u64, size: u8, form: u64, number: u64) {
        let mut said = Text::default();
        match form {
            form::STRP
                if !self.is_split
                    && self.strings.is_some_and(|strings| number >= strings.len() as u64) =>
            {
                said.warn(format_args!("DW_FORM_strp offset too big: {}", Hex(number)));
            }
            form::STRX | form::STRX1..=form::STRX4 | form::GNU_STR_INDEX => {
                self.show_string(&mut said, base, size, number);
                said.buf.clear();
            }
            _ => {}
        }
        text.append_messages(&mut said);
    }

    /// Appends the string with this index in a table of offsets of this size, which starts at
    /// `base`; or why there is none.
    pub fn show_string(&self, text: &mut Text, base: u64, size: u8, index: u64) {
        let tables = self;
        let pick = |split: SectionId, plain: SectionId| {
            if tables.is_split { split.name() } else { plain.name() }
        };
        let Some(offsets) = tables.offsets else {
            let name = pick(SectionId::StrOffsetsDwo, SectionId::StrOffsets);
            return text.put(format!("<no {name} section>").as_bytes());
        };
        let strings_name = pick(SectionId::StrDwo, SectionId::Str);
        let Some(strings) = tables.strings else {
            return text.put(format!("<no {strings_name} section>").as_bytes());
        };
        let offset = base.wrapping_add(index.wrapping_mul(size.into()));
        let Some(start) = tables.number(offsets, offset, size) else {
            let what = format!("string index of {index} converts to an offset of {}", Hex(offset));
            let message = format!("{what} which is too big for section {strings_name}");
            text.say(Level::OpenWarning, message.into_bytes());
            return text.put(b"<string index too big>");
        };
        let rest = usize::try_from(start).ok().and_then(|start| strings.get(start..));
        let Some(rest) = rest.filter(|rest| !rest.is_empty()) else {
            text.warn(format_args!("indirect offset too big: {}", Hex(start)));
            return text.put(b"<indirect index offset is too big>");
        };
        match memchr::memchr(0, rest).and_then(|end| rest.get(..end)) {
            Some(string) => text.put_name(string),
            None => text.put(b"<no NUL byte at end of section>"),
        }
    }

    /// Whether the table has the list with this index and all those before it, wherever the unit's
    /// own start: at `base`, or as if it had none.
    pub fn has_lists(&self, kind: Lists, base: u64, offset_size: u8, index: u64) -> bool {
        let table = match kind {
            Lists::Locations => self.locations,
            Lists::Ranges => self.ranges,
        };
        let header = if offset_size == 8 { LISTS_HEADER_64 } else { LISTS_HEADER };
        let end = index
            .checked_mul(offset_size.into())
            .and_then(|offset| offset.checked_add(base.max(header)));
        let end = end.and_then(|start| start.checked_add(offset_size.into()));
        table.zip(end).is_some_and(|(table, end)| end <= table.len() as u64)
    }

    /// The offset of the list with this index, in the section of location or range lists, and what
    /// is to be added to it.
    pub fn list(
        &self,
        text: &mut Text,
        unit: &Unit,
        kind: Lists,
        index: u64,
    ) -> Option<(u64, u64)> {
        let size = unit.header.offset_size;
        let header = if size == 8 { LISTS_HEADER_64 } else { LISTS_HEADER };
        let (table, base, id) = match (kind, self.is_split) {
            (Lists::Locations, false) => {
                (self.locations, unit.found.loclists_base, SectionId::Loclists)
            }
            (Lists::Locations, true) => (self.locations, 0, SectionId::LoclistsDwo),
            (Lists::Ranges, false) => (self.ranges, unit.found.rnglists_base, SectionId::Rnglists),
            (Lists::Ranges, true) => (self.ranges, 0, SectionId::RnglistsDwo),
        };
        let start = if base == 0 { header } else { base };
        let base = if self.is_split { header } else { base };
        Some((self.list_value(text, id, table, size, start, index)?, base))
    }

    /// The offset of the list of ranges with this index in the first table, from where its lists
    /// count: GNU takes it for that of any unit, before it knows where the unit's table starts.
    pub fn first_range_list(&self, text: &mut Text, unit: &Unit, index: u64) -> Option<u64> {
        let size = unit.header.offset_size;
        let start = if size == 8 { LISTS_HEADER_64 } else { LISTS_HEADER };
        let id = if self.is_split { SectionId::RnglistsDwo } else { SectionId::Rnglists };
        self.list_value(text, id, self.ranges, size, start, index)
    }

    /// An offset in a table of lists that starts there.
    fn list_value(
        &self,
        text: &mut Text,
        id: SectionId,
        table: Option<&[u8]>,
        size: u8,
        start: u64,
        index: u64,
    ) -> Option<u64> {
        let name = id.name();
        let Some(table) = table else {
            text.warn(format_args!("Unable to locate {name} section"));
            return None;
        };
        let offset = start.wrapping_add(index.wrapping_mul(size.into()));
        if table.len() < SMALLEST_LISTS {
            let what = "is too small to contain an value indexed from another section!";
            text.warn(format_args!("Section {name} {what}"));
            return None;
        }
        let is_inside =
            offset.checked_add(size.into()).is_some_and(|end| end <= table.len() as u64);
        let value = self.number(table, offset, size).filter(|_| is_inside);
        let Some(value) = value else {
            text.warn(format_args!("Offset into section {name} too big: {}", Hex(offset)));
            return None;
        };
        Some(value)
    }
}

/// Which lists an index is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lists {
    /// Those of locations.
    Locations,
    /// Those of ranges.
    Ranges,
}

impl Context<'_> {
    /// Appends the string with this index.
    pub(super) fn show_indexed_string(&self, text: &mut Text, unit: &Unit, index: u64) {
        // What is wrong with it is said before.
        let mut string = Text::default();
        let (base, size) = (unit.found.str_offsets_base, unit.header.offset_size);
        self.tables.show_string(&mut string, base, size, index);
        let shown = std::mem::take(&mut string.buf);
        text.append_messages(&mut string);
        text.put(if self.wide { b" (offset: " } else { b" (indexed string: " });
        push_hex(&mut text.buf, index);
        text.put(b"): ");
        text.put(&shown);
    }

    /// Appends the address with this index.
    pub(super) fn show_indexed_address(&self, text: &mut Text, unit: &Unit, index: u64) {
        let address = self.tables.address(text, unit, index);
        show_indexed(text, index, address);
    }

    /// Appends the offset of the location list with this index.
    pub(super) fn show_location_list(&self, text: &mut Text, unit: &Unit, index: u64) {
        let found = if self.tables.is_split || self.is_check {
            self.tables.list(text, unit, Lists::Locations, index)
        } else {
            // GNU takes it from the lists that the scan found.
            let found = unit.found.location(index);
            if found.is_none() {
                text.warn(format_args!("loc_offset {index} too big"));
            }
            found.map(|location| (location.offset, unit.found.loclists_base))
        };
        if let Some((offset, base)) = found {
            show_indexed(text, index, offset.wrapping_add(base));
        }
    }

    /// Appends the offset of the range list with this index.
    pub(super) fn show_range_list(&self, text: &mut Text, unit: &Unit, index: u64) {
        if let Some((offset, base)) = self.tables.list(text, unit, Lists::Ranges, index) {
            show_indexed(text, index, offset.wrapping_add(base));
        }
    }

    /// Appends a string of the supplementary file.
    pub(super) fn show_supplementary(&self, text: &mut Text, offset: u64) {
        for strings in self.tables.supplementary {
            let rest = usize::try_from(offset).ok().and_then(|offset| strings.data.get(offset..));
            if let Some(rest) = rest.filter(|rest| !rest.is_empty()) {
                let end = memchr::memchr(0, rest).unwrap_or(rest.len());
                return text.put_name(rest.get(..end).unwrap_or_default());
            }
        }
    }
}

fn show_indexed(text: &mut Text, index: u64, value: u64) {
    text.put(b" (index: ");
    push_hex(&mut text.buf, index);
    text.put(b"): ");
    push_hex(&mut text.buf, value);
}
