//! Entries and their attributes as lines.

use std::sync::atomic::Ordering;

use super::super::abbrev::{Attribute, Set, push_tag};
use super::super::expression::Expressions;
use super::super::number::{push_decimal, push_hex_digits, push_signed};
use super::super::{Cursor, Relief, Text, leb};
use super::class::{self, Class};
use super::reference::{Sound, stored};
use super::unit::Hex;
use super::value::Value;
use super::{Context, Unit, form};

/// Text of this size is worth being handed on.
const RELIEF_AT: usize = 1 << 16;

/// What follows a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The next one.
    Unit,
    /// Nothing: all that was asked for is shown.
    All,
    /// Nothing: it is damaged.
    Damaged,
}

/// What is known on the way through the entries of a unit.
struct Walk<'s> {
    expressions: Expressions,
    set: &'s Set,
    level: i64,
    /// The level of the entry that was asked for: all ends with its siblings.
    start_level: i64,
    /// The level of the entry before, shown or too deep.
    level_before: i64,
    has_frame_base: bool,
    /// For each level, the type of the last entry there, if it is known where it is.
    types: Vec<Option<Value<'static>>>,
    sound: Sound,
}

impl<'d> Context<'d> {
    /// Shows the entries of a unit.
    pub(super) fn show_entries(
        &self,
        text: &mut Text,
        unit: &Unit,
        set: &Set,
        has_frame_base: bool,
        relief: Relief<'_>,
    ) -> End {
        let data = self.section.data.get(..unit.header.end).unwrap_or(&self.section.data);
        let mut cursor = Cursor::new(data, self.encoding);
        cursor.seek(unit.header.entries);
        let mut walk = Walk {
            expressions: self.expressions(unit),
            set,
            level: 0,
            start_level: ANY_LEVEL,
            level_before: 0,
            has_frame_base,
            types: Vec::new(),
            sound: Sound::default(),
        };
        while !cursor.is_at_end() {
            let offset = cursor.position() as u64;
            let code = leb::unsigned(text, &mut cursor);
            if text.buf.len() >= RELIEF_AT {
                relief(text);
            }
            let is_before = self.start != 0 && offset < self.start;
            if code == 0 {
                if let Some(end) = self.end_siblings(text, &mut walk, offset, is_before) {
                    return end;
                }
                // What fills the unit up is no end of anything.
                if walk.level == 0 && cursor.rest().iter().all(|&byte| byte == 0) {
                    break;
                }
                continue;
            }
            let is_deep = self.is_too_deep(walk.level);
            let is_shown = !is_before && !is_deep;
            if self.start == offset && offset != 0 {
                walk.start_level = walk.level;
            }
            if is_shown {
                put_entry(text, walk.level, offset);
                text.put(b"Abbrev Number: ");
                push_decimal(&mut text.buf, code);
            } else if !is_before && !self.is_too_deep(walk.level_before) {
                // One line for all that is too deep here.
                put_entry(text, walk.level, offset);
                text.put(b"...\n");
            }
            if !is_before {
                walk.level_before = walk.level;
            }
            let Some(abbreviation) = set.find(code) else {
                if is_shown {
                    text.put(b"\n");
                }
                let what = "refers to abbreviation number";
                let offset = Hex(offset);
                text.warn(format_args!(
                    "DIE at offset {offset} {what} {code} which does not exist"
                ));
                return End::Damaged;
            };
            if is_function(abbreviation.tag) {
                walk.has_frame_base = false;
            }
            if is_shown {
                text.put(set.heading(abbreviation));
                for attribute in set.attributes(abbreviation) {
                    text.put(b"    <");
                    push_hex_digits(&mut text.buf, cursor.position() as u64);
                    text.put(set.line(attribute));
                    self.show_attribute(text, &mut cursor, unit, attribute, &mut walk);
                    text.buf.push(b'\n');
                }
            } else {
                for attribute in set.attributes(abbreviation) {
                    let value = super::value::skip(&mut cursor, &unit.header, attribute.form);
                    if !is_before {
                        self.warn_of_lists(text, attribute.class, value.form);
                    }
                }
            }
            if abbreviation.has_children {
                walk.level = walk.level.saturating_add(1);
            }
        }
        End::Unit
    }

    /// Whether entries of a level are deeper than was asked for.
    fn is_too_deep(&self, level: i64) -> bool {
        self.depth.is_some_and(|depth| level >= depth.cast_signed())
    }

    /// The end of a list of siblings.
    fn end_siblings(
        &self,
        text: &mut Text,
        walk: &mut Walk<'_>,
        offset: u64,
        is_before: bool,
    ) -> Option<End> {
        if !is_before && !self.is_too_deep(walk.level) {
            put_entry(text, walk.level, offset);
            text.put(b"Abbrev Number: 0\n");
        }
        walk.level = walk.level.saturating_sub(1);
        if walk.level < 0 {
            self.warn_bogus(text, offset);
        }
        let is_done = self.start != 0 && walk.level < walk.start_level;
        is_done.then_some(End::All)
    }

    /// The end of siblings that nothing began.
    fn warn_bogus(&self, text: &mut Text, offset: u64) {
        warn_bogus(text, self.bogus, self.section.id.name(), offset);
    }

    #[inline]
    fn show_attribute(
        &self,
        text: &mut Text,
        cursor: &mut Cursor<'d>,
        unit: &Unit,
        attribute: &Attribute,
        walk: &mut Walk<'_>,
    ) {
        let before = cursor.position() as u64;
        let value = self.show_value(text, cursor, unit, attribute.form, attribute.implicit);
        if matches!(attribute.class, Class::Plain) {
            return;
        }
        self.show_meaning(text, unit, attribute, &value, walk, before);
    }

    fn show_meaning(
        &self,
        text: &mut Text,
        unit: &Unit,
        attribute: &Attribute,
        value: &Value<'d>,
        walk: &mut Walk<'_>,
        offset: u64,
    ) {
        let number = value.number;
        match attribute.class {
            Class::Plain => {}
            Class::Type => {
                if self.wide {
                    self.put_type_names(text, unit, value);
                }
                let level = walk.level as usize;
                let sound = &mut walk.sound;
                if let Some(kept) = self.check_type(text, unit, walk.set, value, sound) {
                    if walk.types.len() <= level && level < MAX_TYPE_LEVELS {
                        walk.types.resize(level.saturating_add(1), None);
                    }
                    if let Some(place) = walk.types.get_mut(level) {
                        *place = Some(kept);
                    }
                }
            }
            Class::Import => self.show_import(text, unit, walk.set, value, offset),
            Class::Ranges => {
                self.warn_of_lists(text, attribute.class, value.form);
            }
            Class::Words(words) => words(number).show(text),
            Class::Inline => class::show_inline(text, number),
            Class::Language => class::show_language(text, number),
            Class::Ordering => class::show_ordering(text, number),
            Class::Discriminants => {
                let above = (walk.level as usize).checked_sub(1);
                let of_above = above.and_then(|level| walk.types.get(level)).copied().flatten();
                let is_signed = of_above.is_some_and(|kind| self.is_signed(unit, walk.set, &kind));
                class::show_discriminants(text, number, value.block, self.encoding, is_signed);
            }
            Class::FrameBase => {
                walk.has_frame_base = true;
                self.show_location(text, unit, value, walk);
            }
            Class::Location => self.show_location(text, unit, value, walk),
            Class::Size if value.form != form::EXPRLOC => {}
            Class::Size | Class::Expression => Self::show_expression(text, value, walk),
        }
    }

    /// Says that the lists are missing that a value is looked for in.
    fn warn_of_lists(&self, text: &mut Text, class: Class, form: u64) {
        let name = match (class, form) {
            (Class::Ranges, form::RNGLISTX) if !self.tables.has_ranges => ".debug_rnglists",
            (Class::Location | Class::FrameBase, form::LOCLISTX) if !self.tables.has_locations => {
                ".debug_loclists"
            }
            _ => return,
        };
        if self.collects {
            text.warn(format_args!("Unable to locate {name} section"));
        }
    }

    fn show_location(&self, text: &mut Text, unit: &Unit, value: &Value<'d>, walk: &Walk<'_>) {
        let is_old = unit.header.version < 4;
        match value.form {
            form::DATA4 | form::DATA8 if is_old => text.put(b" (location list)"),
            form::SEC_OFFSET => text.put(b" (location list)"),
            form::LOCLISTX => {
                self.warn_of_lists(text, Class::Location, value.form);
                text.put(b" (location list)");
            }
            _ => Self::show_expression(text, value, walk),
        }
    }

    fn show_expression(text: &mut Text, value: &Value<'d>, walk: &Walk<'_>) {
        let Some(block) = value.block else { return };
        text.put(b"\t(");
        let needs_frame_base = walk.expressions.put(text, block, 0);
        text.put(b")");
        if needs_frame_base && !walk.has_frame_base {
            text.put(b" [without DW_AT_frame_base]");
        }
    }

    /// `DW_AT_import`: the abbreviation of what it leads to.
    fn show_import(&self, text: &mut Text, unit: &Unit, set: &Set, value: &Value<'d>, offset: u64) {
        let found = self.find_entry(text, unit, set, value);
        if let Some((code, tag)) = found {
            text.put(b"\t[Abbrev Number: ");
            push_decimal(&mut text.buf, code);
            text.put(b" (");
            push_tag(&mut text.buf, tag);
            text.put(b")]");
        } else if value.form != form::GNU_REF_ALT {
            let what = "used as value for DW_AT_import attribute of DIE at offset";
            let (number, offset) = (Hex(stored(unit, value)), Hex(offset));
            text.warn(format_args!("Offset {number} {what} {offset} is too big."));
        }
    }
}

/// Whether an entry with this tag begins without a frame base: an entry point or a subprogram.
pub fn is_function(tag: u64) -> bool {
    const ENTRY_POINT: u64 = 0x03;
    const SUBPROGRAM: u64 = 0x2e;
    matches!(tag, ENTRY_POINT | SUBPROGRAM)
}

/// Stands for the level of an entry that was asked for and is not one.
const ANY_LEVEL: i64 = -1;

/// Types are kept for so many levels.
const MAX_TYPE_LEVELS: usize = 1 << 12;

fn put_entry(text: &mut Text, level: i64, offset: u64) {
    text.put(b" <");
    push_signed(&mut text.buf, level);
    text.put(b"><");
    push_hex_digits(&mut text.buf, offset);
    text.put(b">: ");
}

/// Says that siblings end that never began; no more than a few times.
pub fn warn_bogus(
    text: &mut Text,
    left: &std::sync::atomic::AtomicUsize,
    section: &str,
    offset: u64,
) {
    let told = left.load(Ordering::Relaxed);
    if told >= MAX_BOGUS {
        return;
    }
    left.store(told.saturating_add(1), Ordering::Relaxed);
    let what = "Bogus end-of-siblings marker detected at offset";
    text.warn(format_args!("{what} {offset:x} in {section} section"));
    if told.saturating_add(1) == MAX_BOGUS {
        let what = "Further warnings about bogus end-of-sibling markers suppressed";
        text.warn(format_args!("{what}"));
    }
}

/// How many of them are told.
const MAX_BOGUS: usize = 3;
