//! What of a unit concerns others, and the parts that such facts have.

use super::super::Text;
use super::super::abbrev::Attribute;
use super::lookup::Sections;
use super::value::Value;
use super::{Unit, form};
use crate::names;

/// Attributes that the scan looks at (`DW_AT_*`).
pub mod at {
    pub const LOW_PC: u64 = 0x11;
    pub const COMP_DIR: u64 = 0x1b;
    pub const RANGES: u64 = 0x55;
    pub const STR_OFFSETS_BASE: u64 = 0x72;
    pub const ADDR_BASE: u64 = 0x73;
    pub const RNGLISTS_BASE: u64 = 0x74;
    pub const DWO_NAME: u64 = 0x76;
    pub const LOCLISTS_BASE: u64 = 0x8c;
    pub const GNU_DWO_NAME: u64 = 0x2130;
    pub const GNU_DWO_ID: u64 = 0x2131;
    pub const GNU_RANGES_BASE: u64 = 0x2132;
    pub const GNU_ADDR_BASE: u64 = 0x2133;
    pub const GNU_LOCVIEWS: u64 = 0x2137;
}

/// A list of locations that an attribute refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Location {
    /// Where it is in its section.
    pub offset: u64,
    /// Where the numbers of its views are, if it has such.
    pub views: Option<u64>,
    /// Whether there was a frame base before.
    pub has_frame_base: bool,
}

/// A list of ranges that an attribute refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RangeList {
    /// Where it is in its section.
    pub offset: u64,
    /// Whether that is an index.
    pub is_index: bool,
}

/// What the scan finds in a unit.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Where the unit's addresses start in `.debug_addr`.
    pub addr_base: u64,
    /// The same, if it is said.
    pub addr_base_given: Option<u64>,
    /// Where its strings start in `.debug_str_offsets`.
    pub str_offsets_base: u64,
    /// Where its location lists start, for indices.
    pub loclists_base: u64,
    /// Where its range lists start, for indices.
    pub rnglists_base: u64,
    /// What is added to the offsets of ranges of a split unit before version 5.
    pub ranges_base: u64,
    /// The address that the unit's lists count from.
    pub base_address: u64,
    /// Its location lists, in the order of entries; those with an index stand there.
    locations: Vec<Option<Location>>,
    /// Its range lists, in the order of entries.
    pub ranges: Vec<RangeList>,
    /// Whether the last function had a frame base; `None`, if nothing says so.
    pub frame_base_at_end: Option<bool>,
    /// How many location lists there were.
    count: usize,
    /// What it says of its split part, in the order of entries.
    pub links: Vec<Link>,
    /// Where the last one of them stands.
    last: usize,
    /// How many views of location lists there were.
    views: usize,
}

/// An attribute that tells of a split part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// What it tells.
    pub kind: LinkKind,
    /// The number, or what a string goes by.
    pub number: u64,
    form: u64,
    /// The string, if it is stored in the entry.
    inline: Option<Vec<u8>>,
}

/// What an attribute tells of a split part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkKind {
    /// The name of its object.
    Name,
    /// The folder that the name starts from.
    Directory,
    /// The number that both parts have.
    Id,
}

impl Link {
    /// Whether it is a string of line number programs.
    pub fn is_line_string(&self) -> bool {
        self.form == form::LINE_STRP
    }

    /// A string, fit for a terminal.
    pub fn string(
        &self,
        strings: &super::strings::Loaded<'_>,
        sections: &Sections<'_>,
        unit: &Unit,
    ) -> Vec<u8> {
        let mut text = Text::default();
        match (&self.inline, self.form) {
            (Some(string), _) => text.put_name(string),
            (None, form::STRP) => strings.strings().show(&mut text, self.number),
            (None, form::LINE_STRP) => strings.line_strings().show(&mut text, self.number),
            (None, form::GNU_STRP_ALT) => {}
            (None, _) => {
                let (base, size) = (unit.found.str_offsets_base, unit.header.offset_size);
                sections.tables().show_string(&mut text, base, size, self.number);
            }
        }
        text.buf
    }
}

impl Found {
    /// The location list that an index leads to: its offset without the base.
    pub fn location(&self, index: u64) -> Option<Location> {
        let index = usize::try_from(index).ok().filter(|&index| index < self.count)?;
        self.locations.get(index).copied().flatten()
    }

    /// All location lists.
    pub fn locations(&self) -> impl Iterator<Item = Location> + '_ {
        self.locations.iter().copied().flatten()
    }

    /// Forgets the location lists.
    pub(super) fn forget_locations(&mut self) {
        self.locations.clear();
        self.count = 0;
    }

    /// Adds a location list. One with an index leaves what stands there.
    pub(super) fn add_location(
        &mut self,
        location: Location,
        at: usize,
        is_index: bool,
        most: usize,
    ) {
        self.count = self.count.saturating_add(1);
        if at > most {
            return;
        }
        if self.locations.len() <= at {
            self.locations.resize(at.saturating_add(1), None);
        }
        self.last = at;
        if let Some(place) = self.locations.get_mut(at)
            && (place.is_none() || !is_index)
        {
            *place = Some(location);
        }
    }

    /// Takes the numbers of views for the list before.
    pub(super) fn note_views(&mut self, text: &mut Text, views: u64) {
        self.views = self.views.saturating_add(1);
        if self.views > self.count {
            text.warn(format_args!("DIE has locviews without loclist"));
        }
        if let Some(Some(location)) = self.locations.get_mut(self.last) {
            location.views = Some(views);
        }
    }

    /// How many location lists there were.
    pub(super) fn location_count(&self) -> usize {
        self.count
    }

    /// Takes where tables start from another unit.
    pub(super) fn take_bases(&mut self, other: &Self) {
        self.addr_base = other.addr_base;
        self.str_offsets_base = other.str_offsets_base;
        self.loclists_base = other.loclists_base;
        self.rnglists_base = other.rnglists_base;
    }

    pub(super) fn note_link(
        &mut self,
        text: &mut Text,
        attribute: &Attribute,
        value: &Value<'_>,
        kind: LinkKind,
    ) {
        let Value { number, form, .. } = *value;
        if !has_good_form(text, attribute, value) {
            return;
        }
        let inline = value.block.filter(|_| form == form::STRING).map(<[u8]>::to_vec);
        self.links.push(Link { kind, number, form, inline });
    }
}

/// Whether the name or number of a split object has a form that fits; says so, if not.
fn has_good_form(text: &mut Text, attribute: &Attribute, value: &Value<'_>) -> bool {
    let is_good = match attribute.name {
        at::GNU_DWO_ID => value.form == form::DATA8,
        _ => matches!(
            value.form,
            form::STRING
                | form::STRP
                | form::LINE_STRP
                | form::GNU_STRP_ALT
                | form::STRX
                | form::STRX1
                | form::STRX2
                | form::STRX3
                | form::STRX4
                | form::GNU_STR_INDEX
        ),
    };
    if !is_good {
        let form = names::form(value.form).unwrap_or("Unknown");
        let name = names::attribute(attribute.name).unwrap_or_default();
        text.warn(format_args!("Unsupported form ({form}) for attribute {name}"));
    }
    is_good
}

#[cfg(test)]
mod tests {
    use super::*;

    fn location(offset: u64) -> Location {
        Location { offset, views: None, has_frame_base: false }
    }

    #[test]
    fn lists_stand_where_their_index_says() {
        let mut found = Found::default();
        found.add_location(location(1), 2, true, 10);
        found.add_location(location(2), 2, true, 10);
        // An index beyond what the unit has bytes for is no place.
        found.add_location(location(3), 11, true, 10);
        assert_eq!(found.locations().collect::<Vec<_>>(), [location(1)]);
        assert_eq!(found.location(2), Some(location(1)));
        assert_eq!(found.location(0), None);
        assert_eq!(found.location_count(), 3);
        found.forget_locations();
        assert_eq!(found.location(2), None);
    }

    #[test]
    fn views_belong_to_the_list_before() {
        let mut text = Text::default();
        let mut found = Found::default();
        found.add_location(location(4), 0, false, 10);
        found.note_views(&mut text, 7);
        assert_eq!(text.message_count(), 0);
        assert_eq!(found.location(0).and_then(|location| location.views), Some(7));
        found.note_views(&mut text, 8);
        assert_eq!(text.message_count(), 1);
    }
}
