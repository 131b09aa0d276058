//! What of units concerns others: bases of tables, lists of locations and ranges, names of split
//! objects. It is found before anything is shown, and what is wrong with the units is said then.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use libelf::ident::Encoding;
use rayon::prelude::*;

use super::super::abbrev::{Attribute, Cache, Set};
use super::super::{Cursor, Dump, Level, Loaded, Text, leb};
use super::class::Class;
use super::entry::{is_function, warn_bogus};
use super::lookup::{Lists, Sections, Tables};
use super::package::{self, Package};
use super::unit::{Fault, Hex, unit_type};
use super::value::{Value, skip};
use super::{Header, Unit, abbreviations, abbrevs_of, form};
use crate::names;
use crate::section::SectionId;

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

/// The units of a section.
#[derive(Debug, Default)]
pub struct Scan {
    /// The units; `None`, if their lengths make no sense.
    pub units: Option<Vec<Unit>>,
    /// Whether all entries could be read.
    pub is_complete: bool,
    /// Whether nothing was wrong at all.
    pub is_sound: bool,
}

/// The headers of all units of a section.
pub fn headers(section: &Loaded<'_>, encoding: Encoding) -> Result<Vec<Header>, Fault> {
    let mut cursor = Cursor::new(&section.data, encoding);
    let mut headers = Vec::new();
    while !cursor.is_at_end() {
        headers.push(Header::read(&mut cursor, section.id)?);
    }
    if headers.is_empty() { Err(Fault::Nothing) } else { Ok(headers) }
}

/// Reads all units of a section, but for those that end before `start`; `text` gets what is wrong
/// with them.
fn scan(
    text: &mut Text,
    section: &Loaded<'_>,
    abbrevs: &Loaded<'_>,
    tables: Tables<'_>,
    package: &Package,
    bogus: &AtomicUsize,
    start: u64,
) -> Scan {
    let encoding = tables.encoding;
    let mut headers = match headers(section, encoding) {
        Ok(headers) => headers,
        Err(fault) => {
            fault.say(text, section);
            return Scan::default();
        }
    };
    for header in &mut headers {
        let parts = package.get(&(header.offset as u64));
        header.contributions = parts.copied().map(Box::new);
    }
    let before = text.message_count();
    let cache = Cache::new(encoding, false);
    for header in &headers {
        let set = abbreviations(text, &cache, abbrevs, header);
        if set.is_some_and(|set| set.is_damaged) {
            break;
        }
    }
    let reader = Reader { section, abbrevs, encoding, cache: &cache, tables, start };
    let is_sound_so_far = text.message_count() == before;
    // No two units tell of markers without siblings at once: the last one to be told is counted.
    let parallel = is_sound_so_far.then(|| {
        headers
            .par_iter()
            .map(|header| {
                let mut said = Text::default();
                let unused = AtomicUsize::new(0);
                let (unit, _) = reader.read(&mut said, header, &unused);
                said.is_empty().then_some(unit)
            })
            .collect::<Option<Vec<Unit>>>()
    });
    if let Some(units) = parallel.flatten() {
        return Scan { units: Some(units), is_complete: true, is_sound: true };
    }
    let mut is_complete = true;
    let mut units = Vec::with_capacity(headers.len());
    for header in &headers {
        if !is_complete {
            units.push(Unit { header: header.clone(), ..Unit::default() });
            continue;
        }
        let (unit, good) = reader.read(text, header, bogus);
        is_complete = good;
        units.push(unit);
    }
    Scan { units: Some(units), is_complete, is_sound: false }
}

/// Reads units.
struct Reader<'d> {
    section: &'d Loaded<'d>,
    abbrevs: &'d Loaded<'d>,
    encoding: Encoding,
    cache: &'d Cache,
    tables: Tables<'d>,
    /// Units that end before are not read.
    start: u64,
}

impl Reader<'_> {
    /// Reads the entries of a unit. The second is whether all could be read.
    fn read(&self, text: &mut Text, header: &Header, bogus: &AtomicUsize) -> (Unit, bool) {
        let mut unit = Unit { header: header.clone(), found: Found::default() };
        if self.start != 0 && header.end as u64 <= self.start {
            return (unit, true);
        }
        if let Some(parts) = &header.contributions {
            unit.found.str_offsets_base = parts.str_offsets.0;
        }
        header.warn_mended(text);
        if !header.warn_unsupported(text) {
            return (unit, true);
        }
        let set = abbreviations(text, self.cache, self.abbrevs, header).unwrap_or_default();
        let good = self.read_entries(text, &mut unit, &set, bogus);
        (unit, good)
    }

    fn read_entries(
        &self,
        text: &mut Text,
        unit: &mut Unit,
        set: &Set,
        bogus: &AtomicUsize,
    ) -> bool {
        let header = unit.header.clone();
        let header = &header;
        let data = self.section.data.get(..header.end).unwrap_or(&self.section.data);
        let mut cursor = Cursor::new(data, self.encoding);
        cursor.seek(header.entries);
        let mut level = 0i64;
        let mut has_frame_base = None;
        while !cursor.is_at_end() {
            let offset = cursor.position() as u64;
            let code = leb::unsigned(text, &mut cursor);
            if code == 0 {
                if level == 0 && cursor.rest().iter().all(|&byte| byte == 0) {
                    break;
                }
                level = level.saturating_sub(1);
                if level < 0 {
                    warn_bogus(text, bogus, self.section.id.name(), offset);
                }
                continue;
            }
            let Some(abbreviation) = set.find(code) else {
                let what = "refers to abbreviation number";
                let offset = Hex(offset);
                text.warn(format_args!(
                    "DIE at offset {offset} {what} {code} which does not exist"
                ));
                return false;
            };
            if is_function(abbreviation.tag) {
                has_frame_base = Some(false);
            }
            match abbreviation.skip {
                Some(skip) => {
                    let size = skip.size(header);
                    cursor.seek(cursor.position().saturating_add(size));
                }
                None => {
                    for attribute in set.attributes(abbreviation) {
                        let mut value = skip(&mut cursor, header, attribute.form);
                        if value.form == form::IMPLICIT_CONST {
                            value.number = attribute.implicit.cast_unsigned();
                        }
                        if attribute.is_scanned {
                            let is_first = level == 0;
                            if matches!(attribute.class, Class::FrameBase) {
                                has_frame_base = Some(true);
                            }
                            let has_frame_base = has_frame_base.unwrap_or(false);
                            self.note(text, unit, attribute, &value, is_first, has_frame_base);
                        }
                    }
                }
            }
            if abbreviation.has_children {
                level = level.saturating_add(1);
            }
            unit.found.frame_base_at_end = has_frame_base;
        }
        true
    }
}

impl Reader<'_> {
    fn warn_of_string(&self, text: &mut Text, unit: &Unit, value: &Value<'_>) {
        let (base, size) = (unit.found.str_offsets_base, unit.header.offset_size);
        self.tables.warn_of_string(text, base, size, value.form, value.number);
    }

    /// Takes what concerns others of an attribute.
    fn note(
        &self,
        text: &mut Text,
        unit: &mut Unit,
        attribute: &Attribute,
        value: &Value<'_>,
        is_first: bool,
        has_frame_base: bool,
    ) {
        let number = value.number;
        // In a package, lists are counted from what the unit has of their section.
        let lists_at = unit.header.contributions.as_ref().map_or(0, |parts| parts.loc.0);
        let in_section = number.wrapping_add(lists_at);
        let found = &mut unit.found;
        match attribute.name {
            at::STR_OFFSETS_BASE => {
                warn_again(
                    text,
                    unit.header.offset,
                    "str_offsets_base",
                    found.str_offsets_base,
                    number,
                );
                found.str_offsets_base = number;
            }
            at::ADDR_BASE | at::GNU_ADDR_BASE => {
                found.addr_base = number;
                found.addr_base_given = Some(number);
            }
            at::RNGLISTS_BASE => {
                warn_again(text, unit.header.offset, "rnglists_base", found.rnglists_base, number);
                found.rnglists_base = number;
            }
            at::GNU_RANGES_BASE if is_first => found.ranges_base = number,
            at::LOCLISTS_BASE => {
                warn_again(text, unit.header.offset, "loclists_base", found.loclists_base, number);
                found.loclists_base = number;
            }
            at::LOW_PC if is_first => found.base_address = number,
            at::RANGES if is_list_form(value.form, unit.header.version) => {
                let is_index = value.form == form::RNGLISTX;
                let offset = if is_index {
                    let found = self.tables.list(text, unit, Lists::Ranges, number);
                    found.map_or(0, |(offset, base)| offset.wrapping_add(base))
                } else {
                    number
                };
                unit.found.ranges.push(RangeList { offset, is_index });
            }
            at::GNU_LOCVIEWS => note_views(text, found, in_section),
            at::DWO_NAME | at::GNU_DWO_NAME => {
                self.warn_of_string(text, unit, value);
                unit.found.note_link(text, attribute, value, LinkKind::Name);
            }
            at::COMP_DIR => {
                self.warn_of_string(text, unit, value);
                unit.found.note_link(text, attribute, value, LinkKind::Directory);
            }
            at::GNU_DWO_ID => found.note_link(text, attribute, value, LinkKind::Id),
            _ if is_location_list(attribute, value.form, unit.header.version) => {
                let is_index = value.form == form::LOCLISTX;
                let mut list = || self.tables.list(text, unit, Lists::Locations, number);
                let offset =
                    if is_index { list().map_or(u64::MAX, |(raw, _)| raw) } else { in_section };
                let location = Location { offset, views: None, has_frame_base };
                let most = unit.header.end.saturating_sub(unit.header.offset);
                let at = if is_index { number as usize } else { unit.found.count };
                unit.found.add_location(location, at, is_index, most);
            }
            _ => {}
        }
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
    fn forget_locations(&mut self) {
        self.locations.clear();
        self.count = 0;
    }

    /// Adds a location list. One with an index leaves what stands there.
    fn add_location(&mut self, location: Location, at: usize, is_index: bool, most: usize) {
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
}

/// Says that a base was given before.
fn warn_again(text: &mut Text, unit: usize, name: &str, before: u64, now: u64) {
    if before != 0 {
        let (unit, before, now) = (Hex(unit as u64), Hex(before), Hex(now));
        let message = format!("CU @ {unit} has multiple {name} values ({before} and {now})");
        text.say(Level::OpenWarning, message.into_bytes());
    }
}

/// The numbers of views are those of the list before.
fn note_views(text: &mut Text, found: &mut Found, views: u64) {
    found.views = found.views.saturating_add(1);
    if found.views > found.count {
        text.warn(format_args!("DIE has locviews without loclist"));
    }
    if let Some(Some(location)) = found.locations.get_mut(found.last) {
        location.views = Some(views);
    }
}

/// Whether a value is the offset or the index of a list of locations.
fn is_location_list(attribute: &Attribute, form: u64, version: u16) -> bool {
    if !matches!(attribute.class, Class::Location | Class::FrameBase) {
        return false;
    }
    is_list_form(form, version)
}

/// Whether a form is the offset or the index of a list.
fn is_list_form(form: u64, version: u16) -> bool {
    match form {
        form::DATA4 | form::DATA8 => version < 4,
        form::SEC_OFFSET | form::LOCLISTX | form::RNGLISTX => true,
        _ => false,
    }
}

impl Found {
    /// Takes where tables start from another unit.
    fn take_bases(&mut self, other: &Self) {
        self.addr_base = other.addr_base;
        self.str_offsets_base = other.str_offsets_base;
        self.loclists_base = other.loclists_base;
        self.rnglists_base = other.rnglists_base;
    }

    fn note_link(
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

/// Whether the scan has to look at an attribute with this name and form.
pub fn is_scanned(name: u64, form: u64, class: Class) -> bool {
    match class {
        Class::FrameBase => return true,
        Class::Location => {
            return matches!(
                form,
                form::DATA4 | form::DATA8 | form::SEC_OFFSET | form::LOCLISTX | form::INDIRECT
            ) || name == at::LOCLISTS_BASE;
        }
        _ => {}
    }
    matches!(
        name,
        at::LOW_PC
            | at::COMP_DIR
            | at::RANGES
            | at::STR_OFFSETS_BASE
            | at::ADDR_BASE
            | at::RNGLISTS_BASE
            | at::DWO_NAME
            | at::GNU_DWO_NAME
            | at::GNU_DWO_ID
            | at::GNU_RANGES_BASE
            | at::GNU_ADDR_BASE
            | at::GNU_LOCVIEWS
    )
}

/// How far the units of `.debug_info` are known.
#[derive(Clone, Debug, Default)]
pub enum Known {
    /// Not yet.
    #[default]
    Nothing,
    /// All of them.
    Units(Arc<Scan>),
    /// They cannot be read.
    Failed,
}

impl<'data> Dump<'_, 'data> {
    /// The units of `.debug_info`, if they have been looked through.
    pub(in crate::dump) fn known_units(&self) -> Option<Arc<Scan>> {
        match &self.memory.units {
            Known::Units(units) => Some(units.clone()),
            _ => None,
        }
    }

    /// The units of `.debug_info`, for those who show what belongs to them.
    pub fn info_units(&mut self) -> Option<Arc<Scan>> {
        if let Known::Nothing = self.memory.units {
            if let Some(section) = self.load_info() {
                // Other lists than those that are shown are not loaded for it.
                self.load(SectionId::Rnglists);
                let sections = Sections::known(self, section.id);
                self.scan_info(&section, &sections);
            }
            if let Known::Nothing = self.memory.units {
                self.memory.units = Known::Failed;
            }
        }
        match &self.memory.units {
            Known::Units(units) => Some(units.clone()),
            _ => None,
        }
    }

    /// The section of units, if nothing is wrong with their lengths, which is said. Split units
    /// alone are looked for where there are no others.
    pub(in crate::dump) fn load_info(&mut self) -> Option<Arc<Loaded<'data>>> {
        let plain = self.load_whole(SectionId::Info);
        let section = plain.or_else(|| self.load_whole(SectionId::InfoDwo))?;
        if let Err(fault) = headers(&section, self.target.encoding) {
            fault.say(&mut self.text, &section);
            return None;
        }
        Some(section)
    }

    /// What units of a section need of others when split objects are looked for.
    pub(in crate::dump) fn load_tables(&mut self, section: &Loaded<'_>) -> Sections<'data> {
        let strings = self.load(SectionId::Str);
        let sections = Sections::of(self, section.id, strings);
        // GNU asks for lists twice, and so says twice that they cannot be read.
        for id in [SectionId::Loclists, SectionId::Rnglists] {
            self.load(id);
        }
        sections
    }

    /// Looks through the units of `.debug_info`, and says what is wrong with them.
    pub(in crate::dump) fn scan_info(&mut self, section: &Loaded<'_>, sections: &Sections<'_>) {
        let abbrevs_id = abbrevs_of(section.id);
        let Some(abbrevs) = self.load(abbrevs_id) else {
            let name = abbrevs_id.name();
            self.text.warn(format_args!("Unable to locate {name} section!"));
            return;
        };
        let bogus = self.memory.bogus.clone();
        let package = package::of(self, section.id);
        let tables = sections.tables();
        let start = self.options.start;
        let scan = scan(&mut self.text, section, &abbrevs, tables, &package, &bogus, start);
        for unit in scan.units.iter().flatten() {
            let before = self.memory.has_frame_base;
            self.memory.has_frame_base = unit.found.frame_base_at_end.unwrap_or(before);
        }
        if scan.is_complete {
            self.keep_units(&Arc::new(scan));
        }
        self.flush();
    }

    /// Keeps units for those who show what belongs to them. GNU counts none where all are of types.
    pub(super) fn keep_units(&mut self, scan: &Arc<Scan>) {
        let is_type = |unit: &Unit| unit.header.unit_type == unit_type::TYPE;
        if !scan.units.iter().flatten().all(is_type) {
            self.memory.units = Known::Units(scan.clone());
            self.memory.is_collected = true;
        }
    }

    /// The units of a section that is about to be shown: what is wrong is said then.
    pub(super) fn units_of(
        &mut self,
        section: &Loaded<'_>,
        abbrevs: &Loaded<'_>,
        sections: &Sections<'_>,
    ) -> Arc<Scan> {
        // There may be more sections of that name, in groups.
        let scanned = self.memory.loaded(SectionId::Info);
        if scanned.is_some_and(|scanned| std::ptr::eq(&raw const *scanned, section))
            && !self.memory.is_linked
            && let Known::Units(scan) = &self.memory.units
        {
            return scan.clone();
        }
        debug_assert_eq!(abbrevs_of(section.id), abbrevs.id);
        let mut unused = Text::default();
        let bogus = AtomicUsize::new(0);
        let package = package::of(self, section.id);
        let tables = sections.tables();
        let start = self.options.start;
        let mut scan = scan(&mut unused, section, abbrevs, tables, &package, &bogus, start);
        if self.memory.is_collected {
            // Lists are counted when they are looked for, and these were not.
            for unit in scan.units.iter_mut().flatten() {
                unit.found.forget_locations();
            }
        }
        if self.memory.is_linked
            && let Known::Units(known) = &self.memory.units
        {
            // GNU takes the units of the first file for those of the others.
            let mut known = known.units.iter().flatten();
            for unit in scan.units.iter_mut().flatten() {
                let found = known.next().map(|unit| &unit.found);
                unit.found.take_bases(found.unwrap_or(&Found::default()));
            }
        }
        Arc::new(scan)
    }
}
