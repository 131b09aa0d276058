//! `.debug_info` and `.debug_types`: units and their entries. DWARF 5, sections 2 and 7.5.
//!
//! A unit is read twice: the [`scan`] finds what of it concerns others (bases of tables, lists of
//! locations and ranges) and says what is wrong; then its lines are written. An entry is shown as
//!
//! ```text
//!  <1><2e>: Abbrev Number: 1 (DW_TAG_base_type)
//!     <2f>   DW_AT_byte_size   : 8
//! ```
//!
//! Most of that text is the abbreviation's and waits there ready made. Units do not depend on one
//! another, so they are written on all cores.

pub mod class;
mod entry;
pub mod form;
pub mod found;
mod glance;
pub mod known;
pub mod lookup;
pub mod package;
mod reference;
pub mod scan;
pub mod strings;
pub mod unit;
mod value;

use std::sync::Arc;

use libelf::raw::Endianness;

use super::abbrev::{Cache, Set, warn_empty};
use super::expression::{Expressions, Unit as OfUnit};
use super::{Dump, Loaded, Relief, Text};
use crate::registers::Registers;
use crate::section::SectionId;
use strings::Strings;
use unit::Hex;

pub use unit::Header;

/// A unit, with what is known of it before its entries are shown.
#[derive(Clone, Debug, Default)]
pub struct Unit {
    /// Its header.
    pub header: Header,
    /// What the scan found.
    pub found: found::Found,
}

/// A unit that is about to be shown.
struct Shown<'u> {
    unit: &'u Unit,
    /// Whether the last function before it had a frame base: to GNU, that goes on.
    has_frame_base: bool,
}

/// What all units of a section have in common while they are shown.
struct Context<'d> {
    section: &'d Loaded<'d>,
    wide: bool,
    depth: Option<u64>,
    start: u64,
    registers: Registers,
    encoding: libelf::ident::Encoding,
    abbrevs: &'d Loaded<'d>,
    cache: &'d Cache,
    strings: Strings<'d>,
    line_strings: Strings<'d>,
    tables: lookup::Tables<'d>,
    units: &'d [Unit],
    /// Whether lists were not looked for before, so that it is done now.
    collects: bool,
    /// Whether nobody looks for lists.
    is_check: bool,
    /// How many markers without siblings may still be reported.
    bogus: &'d std::sync::atomic::AtomicUsize,
}

impl Context<'_> {
    fn is_big(&self) -> bool {
        self.encoding.endian == Endianness::Big
    }

    fn expressions(&self, unit: &Unit) -> Expressions {
        let Header { address_size, offset_size, version, offset, .. } = unit.header;
        let Self { encoding, registers, .. } = *self;
        let unit = OfUnit { version, offset_size: offset_size.into(), offset: offset as u64 };
        Expressions { encoding, registers, address_size: address_size.into(), unit: Some(unit) }
    }

    /// The abbreviations of a unit.
    fn set(&self, text: &mut Text, header: &Header) -> Option<Arc<Set>> {
        abbreviations(text, self.cache, self.abbrevs, header)
    }
}

/// The abbreviations of a unit; says so, if they lie outside.
fn abbreviations(
    text: &mut Text,
    cache: &Cache,
    abbrevs: &Loaded<'_>,
    header: &Header,
) -> Option<Arc<Set>> {
    let size = abbrevs.data.len();
    if size == 0 {
        warn_empty(text);
        return None;
    }
    let offset = usize::try_from(header.abbrevs_at()).unwrap_or(usize::MAX);
    if offset >= size {
        let (offset, size) = (Hex(header.abbrevs_at()), Hex(size as u64));
        let what = "Debug info is corrupted, abbrev offset";
        text.warn(format_args!("{what} ({offset}) is larger than abbrev section size ({size})"));
        return None;
    }
    Some(cache.get(text, abbrevs, offset, size))
}

/// The section of abbreviations that goes with one of units.
fn abbrevs_of(id: SectionId) -> SectionId {
    match id {
        SectionId::InfoDwo | SectionId::TypesDwo => SectionId::AbbrevDwo,
        SectionId::TraceInfo => SectionId::TraceAbbrev,
        _ => SectionId::Abbrev,
    }
}

fn is_split(id: SectionId) -> bool {
    matches!(id, SectionId::InfoDwo | SectionId::TypesDwo)
}

/// Shows a section of units. Returns whether all went well.
pub fn display<'data>(dump: &mut Dump<'_, 'data>, section: &Loaded<'data>) -> bool {
    if let Err(fault) = scan::headers(section, dump.target.encoding) {
        fault.say(&mut dump.text, section);
        return false;
    }
    // In this order, as what cannot be loaded is said.
    let strings = strings::Loaded::of(dump);
    let sections = lookup::Sections::of(dump, section.id, strings.strings.clone());
    let Some(abbrevs) = dump.load(abbrevs_of(section.id)) else {
        let name = abbrevs_of(section.id).name();
        dump.text.warn(format_args!("Unable to locate {name} section!"));
        return false;
    };
    let scanned = dump.units_of(section, &abbrevs, &sections);
    let Some(units) = &scanned.units else { return false };
    if dump.options.start == 0 {
        dump.heading(section);
    }
    let cache = Cache::new(dump.target.encoding, dump.options.wide);
    // What is wrong with abbreviations is said before any unit is shown, and again with it.
    for unit in units {
        let set = abbreviations(&mut dump.text, &cache, &abbrevs, &unit.header);
        if set.is_some_and(|set| set.is_damaged) {
            break;
        }
    }
    let bogus = dump.memory.bogus.clone();
    let is_types = matches!(section.id, SectionId::Types | SectionId::TypesDwo);
    let is_check = dump.options.is_check;
    let collects = !dump.memory.is_collected && !is_types && !is_check;
    let context = Context {
        section,
        wide: dump.options.wide,
        depth: dump.options.depth,
        start: dump.options.start,
        registers: Registers::of(dump.target.machine),
        encoding: dump.target.encoding,
        abbrevs: &abbrevs,
        cache: &cache,
        strings: strings.strings(),
        line_strings: strings.line_strings(),
        tables: sections.tables(),
        units,
        collects,
        is_check,
        bogus: &bogus,
    };
    let end = context.show_all(dump, scanned.is_sound);
    if end == entry::End::Unit {
        dump.text.put(b"\n");
    }
    let good = end != entry::End::Damaged;
    if good && collects {
        dump.keep_units(&scanned);
    }
    good
}

impl Context<'_> {
    /// Shows all units; on all cores, if they are sound. Returns what the last one ended with.
    fn show_all(&self, dump: &mut Dump<'_, '_>, is_sound: bool) -> entry::End {
        let units = self.with_frame_bases(&mut dump.memory.has_frame_base);
        if is_sound && self.start == 0 {
            let size =
                |shown: &Shown<'_>| shown.unit.header.end.saturating_sub(shown.unit.header.offset);
            dump.show_units(&units, size, |text, shown, relief| {
                self.show_unit(text, shown, relief);
            });
            return entry::End::Unit;
        }
        for shown in &units {
            let unit = shown.unit;
            if self.start != 0 && unit.header.end as u64 <= self.start {
                continue;
            }
            let mut text = std::mem::take(&mut dump.text);
            let end = self.show_unit(&mut text, shown, &mut |text| dump.print(text));
            dump.text = text;
            dump.relieve();
            if end != entry::End::Unit {
                return end;
            }
        }
        entry::End::Unit
    }

    fn with_frame_bases(&self, has_frame_base: &mut bool) -> Vec<Shown<'_>> {
        let with = |unit| {
            let shown = Shown { unit, has_frame_base: *has_frame_base };
            *has_frame_base = unit.found.frame_base_at_end.unwrap_or(*has_frame_base);
            shown
        };
        self.units.iter().map(with).collect()
    }

    fn show_unit(&self, text: &mut Text, shown: &Shown<'_>, relief: Relief<'_>) -> entry::End {
        let unit = shown.unit;
        let header = &unit.header;
        let is_sound = if self.start == 0 {
            header.show(text)
        } else {
            header.warn_mended(text);
            header.warn_unsupported(text)
        };
        if !is_sound {
            return entry::End::Unit;
        }
        let set = self.set(text, header).unwrap_or_default();
        self.show_entries(text, unit, &set, shown.has_frame_base, relief)
    }
}
