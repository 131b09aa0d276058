//! What of units concerns others: bases of tables, lists of locations and ranges, names of split
//! objects. It is found before anything is shown, and what is wrong with the units is said then.

use std::sync::atomic::AtomicUsize;

use libelf::ident::Encoding;
use rayon::prelude::*;

use super::super::abbrev::{Attribute, Cache, Set};
use super::super::{Cursor, Level, Loaded, Text, leb};
use super::class::Class;
use super::entry::{is_function, warn_bogus};
use super::found::{Found, LinkKind, Location, RangeList, at};
use super::lookup::{Lists, Tables};
use super::package::Package;
use super::unit::{Fault, Hex};
use super::value::{Value, skip};
use super::{Header, Unit, abbreviations, form};

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
pub(super) fn scan(
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
                    self.tables.first_range_list(text, unit, number).unwrap_or(0)
                } else {
                    number
                };
                unit.found.ranges.push(RangeList { offset, is_index });
            }
            at::GNU_LOCVIEWS => found.note_views(text, in_section),
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
                let at = if is_index { number as usize } else { unit.found.location_count() };
                unit.found.add_location(location, at, is_index, most);
            }
            _ => {}
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
