//! What attributes refer to: the type of an entry, what is imported.

use std::sync::Arc;

use super::super::abbrev::{Abbreviation, Set};
use super::super::{Cursor, Text};
use super::unit::Hex;
use super::value::{Value, skip};
use super::{Context, Unit, form};

/// How many types one may lead through to a base type.
const MAX_CHAIN: u32 = 100;
/// How many types that are behind one another are named.
const MAX_NAMED_CHAIN: u32 = 21;
/// How many types are named at most, if an entry has several, and how many are looked at.
const MAX_NAMED: u32 = 256;
const MAX_FOLLOWED: u32 = 256;
/// How many entries are looked at in a unit, for each byte of it.
const LOOKS_FOR_EACH_BYTE: usize = 4;

/// `DW_AT_name`
const AT_NAME: u64 = 0x03;
/// `DW_AT_linkage_name`
const AT_LINKAGE_NAME: u64 = 0x6e;

/// `DW_AT_type`
const AT_TYPE: u64 = 0x49;
/// `DW_AT_encoding`
const AT_ENCODING: u64 = 0x3e;
/// Encodings of base types that are signed: signed, signed character, decimal of some kind.
const SIGNED: [u64; 2] = [5, 6];

/// Entries of a unit that are types and from which on all is sound: one bit for each offset.
#[derive(Debug, Default)]
pub struct Sound {
    bits: Vec<u64>,
    /// How many entries were looked at.
    count: usize,
}

impl Sound {
    fn has(&self, unit: &Unit, target: u64) -> bool {
        let Some((word, bit)) = Self::place(unit, target) else { return false };
        self.bits.get(word).is_some_and(|bits| bits & bit != 0)
    }

    fn mark(&mut self, unit: &Unit, target: u64) {
        let Some((word, bit)) = Self::place(unit, target) else { return };
        if self.bits.is_empty() {
            let size = unit.header.end.saturating_sub(unit.header.offset);
            self.bits = vec![0; size.div_ceil(u64::BITS as usize)];
        }
        if let Some(bits) = self.bits.get_mut(word) {
            *bits |= bit;
        }
    }

    /// Counts an entry that is looked at. Sound ones are looked at once; of a hostile file, whose
    /// types all lead to broken ones, no more are than a few for each byte.
    fn may_look(&mut self, unit: &Unit) -> bool {
        self.count = self.count.saturating_add(1);
        let size = unit.header.end.saturating_sub(unit.header.offset);
        self.count <= size.saturating_mul(LOOKS_FOR_EACH_BYTE).saturating_add(MAX_FOLLOWED as usize)
    }

    fn place(unit: &Unit, target: u64) -> Option<(usize, u64)> {
        let offset = usize::try_from(target).ok()?.checked_sub(unit.header.offset)?;
        Some((offset / u64::BITS as usize, 1 << (offset % u64::BITS as usize)))
    }
}

/// An entry that is referred to.
struct Entry<'s, 'd> {
    unit: &'s Unit,
    set: Found<'s>,
    /// Its abbreviation code.
    code: u64,
    /// Behind the code.
    cursor: Cursor<'d>,
}

/// Abbreviations of the unit that is shown, or of another one.
enum Found<'s> {
    Own(&'s Set),
    Other(Arc<Set>),
}

impl Found<'_> {
    fn set(&self) -> &Set {
        match self {
            Self::Own(set) => set,
            Self::Other(set) => set,
        }
    }
}

/// The walk through the types behind one.
struct Chain<'s> {
    /// The unit that is shown, and its abbreviations.
    unit: &'s Unit,
    set: &'s Set,
    /// How many entries are looked at yet.
    left: u32,
}

impl<'d> Context<'d> {
    /// Says what is wrong with a type that is referred to, and with those behind it. Returns the
    /// reference, if it is usable.
    pub(super) fn check_type(
        &self,
        text: &mut Text,
        unit: &Unit,
        set: &Set,
        value: &Value<'d>,
        sound: &mut Sound,
    ) -> Option<Value<'static>> {
        let Value { number, form, .. } = *value;
        let kept = Value { number, block: None, form };
        if is_relative(form) && sound.has(unit, number) {
            return Some(kept);
        }
        // GNU takes what is stored, which counts from the start of the unit, for an offset in the
        // section.
        if stored(unit, value) >= unit.header.end as u64 {
            return None;
        }
        let target = self.resolve(text, unit, value.form, stored(unit, value))?;
        let mut chain = Chain { unit, set, left: MAX_FOLLOWED };
        self.entry_at(text, &chain, target)?;
        self.follow(text, &mut chain, target, 0, sound);
        Some(kept)
    }

    /// The code and the tag of the entry that a value refers to; says so, if there is none.
    pub(super) fn find_entry(
        &self,
        text: &mut Text,
        unit: &Unit,
        set: &Set,
        value: &Value<'_>,
    ) -> Option<(u64, u64)> {
        let target = self.resolve(text, unit, value.form, stored(unit, value))?;
        let chain = Chain { unit, set, left: 0 };
        let entry = self.entry_at(text, &chain, target)?;
        entry.set.set().find(entry.code).map(|found| (entry.code, found.tag))
    }

    /// Where in the section a reference of `unit` leads to; says so, if it is outside.
    fn resolve(&self, text: &mut Text, unit: &Unit, form: u64, stored: u64) -> Option<u64> {
        match form {
            _ if is_relative(form) => {
                let (offset, end) = (unit.header.offset as u64, unit.header.end as u64);
                let target = stored.wrapping_add(offset);
                if target > end {
                    text.warn(format_args!(
                        "Unable to resolve ref form: \
                         uvalue {stored:x} + cu_offset {offset:x} > CU size {end:x}"
                    ));
                    return None;
                }
                Some(target)
            }
            form::REF_ADDR | form::REF_SUP4 | form::REF_SUP8 => {
                let size = self.section.data.len() as u64;
                if stored >= size {
                    let name = String::from_utf8_lossy(&self.section.name);
                    text.warn(format_args!(
                        "Unable to resolve ref_addr form: \
                         uvalue {stored:x} > section size {size:x} ({name})"
                    ));
                    return None;
                }
                Some(stored)
            }
            // It is in another file, or goes by a signature.
            form::GNU_REF_ALT | form::REF_SIG8 => None,
            other => {
                let what = "encountered whilst finding abbreviation for type";
                text.warn(format_args!("Unexpected form {other:x} {what}"));
                None
            }
        }
    }

    /// The entry at an offset of the section; says so, if there is none.
    fn entry_at<'s>(
        &'s self,
        text: &mut Text,
        chain: &Chain<'s>,
        target: u64,
    ) -> Option<Entry<'s, 'd>> {
        let is_within =
            |unit: &Unit| (unit.header.offset as u64..unit.header.end as u64).contains(&target);
        let (unit, set) = if is_within(chain.unit) {
            (chain.unit, Found::Own(chain.set))
        } else {
            let Some(unit) = self.unit_at(target).filter(|unit| is_within(unit)) else {
                let target = Hex(target);
                text.warn(format_args!("Unable to find abbreviations for CU offset {target}"));
                return None;
            };
            (unit, Found::Other(self.set(text, &unit.header)?))
        };
        let data = self.section.data.get(..unit.header.end).unwrap_or(&self.section.data);
        let mut cursor = Cursor::new(data, self.encoding);
        cursor.seek(target as usize);
        let code = cursor.uleb();
        if set.set().find(code).is_none() {
            text.warn(format_args!("Unable to find entry for abbreviation {code}"));
            return None;
        }
        Some(Entry { unit, set, code, cursor })
    }

    /// Follows the types behind one, and says what is wrong with them. Returns whether all are
    /// sound, and were all looked at.
    fn follow(
        &self,
        text: &mut Text,
        chain: &mut Chain<'_>,
        target: u64,
        depth: u32,
        sound: &mut Sound,
    ) -> bool {
        if sound.has(chain.unit, target) {
            return true;
        }
        if depth >= MAX_NAMED_CHAIN || chain.left == 0 || !sound.may_look(chain.unit) {
            return false;
        }
        chain.left = chain.left.saturating_sub(1);
        let Some(mut entry) = self.entry_at(text, chain, target) else { return false };
        let set = entry.set.set();
        let Some(found) = set.find(entry.code) else { return false };
        let mut is_sound = true;
        for attribute in set.attributes(found) {
            let value = skip(&mut entry.cursor, &entry.unit.header, attribute.form);
            match attribute.name {
                // GNU finds nothing behind a value that is not there.
                _ if value.form == form::IMPLICIT_CONST => break,
                AT_TYPE
                    if matches!(
                        value.form,
                        form::GNU_REF_ALT | form::REF_SIG8 | form::REF_SUP4 | form::REF_SUP8
                    ) => {}
                AT_TYPE => {
                    let next = self.resolve(text, entry.unit, value.form, value.number);
                    is_sound &= next.is_some_and(|next| {
                        self.follow(text, chain, next, depth.saturating_add(1), sound)
                    });
                }
                _ => {}
            }
        }
        if is_sound {
            sound.mark(chain.unit, target);
        }
        is_sound
    }

    /// Appends the names of a type and of the types behind it. What lies behind the unit that is
    /// shown is not named.
    pub(super) fn put_type_names(&self, text: &mut Text, unit: &Unit, value: &Value<'_>) {
        if is_in_file(value.form) {
            let mut left = MAX_NAMED;
            self.put_names(text, unit.header.end, value.number, 0, &mut left);
        }
    }

    fn put_names(&self, text: &mut Text, end: usize, target: u64, chain: u32, left: &mut u32) {
        if chain >= MAX_NAMED_CHAIN || *left == 0 || target >= end as u64 {
            return;
        }
        *left = left.saturating_sub(1);
        let Some(of) = self.unit_at(target) else { return };
        let mut unused = Text::default();
        let Some(set) = self.set(&mut unused, &of.header) else { return };
        let data = self.section.data.get(..end).unwrap_or(&self.section.data);
        let mut cursor = Cursor::new(data, self.encoding);
        cursor.seek(target as usize);
        let code = cursor.uleb();
        let Some(found) = set.find(code) else { return };
        for attribute in set.attributes(found) {
            let mut from = cursor;
            let value = skip(&mut cursor, &of.header, attribute.form);
            match (attribute.name, value.form) {
                // GNU finds nothing behind a value that is not there.
                (_, form::IMPLICIT_CONST) => return,
                (AT_NAME | AT_LINKAGE_NAME, form::STRP) => {
                    text.put(b", ");
                    self.strings.show(text, value.number);
                }
                (AT_NAME | AT_LINKAGE_NAME, form::STRING) => {
                    text.put(b", ");
                    text.put_name(from.string());
                }
                (AT_TYPE, form) if is_in_file(form) => {
                    let base = if form == form::REF_ADDR { 0 } else { of.header.offset as u64 };
                    let next = value.number.wrapping_add(base);
                    self.put_names(text, end, next, chain.saturating_add(1), left);
                }
                _ => {}
            }
        }
    }

    fn unit_at(&self, offset: u64) -> Option<&'d Unit> {
        let offset = usize::try_from(offset).ok()?;
        let index = self.units.partition_point(|unit| unit.header.end <= offset);
        self.units.get(index)
    }

    /// Whether numbers of a type are signed.
    pub(super) fn is_signed(&self, unit: &Unit, set: &Set, kind: &Value<'_>) -> bool {
        let mut text = Text::default();
        let mut target = kind.number;
        for _ in 0..MAX_CHAIN {
            let Some(of) = self.unit_at(target) else { return false };
            let own;
            let set = if of.header.offset == unit.header.offset {
                set
            } else {
                let Some(other) = self.set(&mut text, &of.header) else { return false };
                own = other;
                &own
            };
            let data = self.section.data.get(..of.header.end).unwrap_or_default();
            let mut cursor = Cursor::new(data, self.encoding);
            cursor.seek(target as usize);
            let code = cursor.uleb();
            let Some(found) = set.find(code) else { return false };
            match Self::signedness(&mut cursor, of, set, found) {
                Signedness::Known(is_signed) => return is_signed,
                Signedness::Of(other) => target = other,
            }
        }
        false
    }

    fn signedness(
        cursor: &mut Cursor<'_>,
        unit: &Unit,
        set: &Set,
        entry: &Abbreviation,
    ) -> Signedness {
        for attribute in set.attributes(entry) {
            let value = skip(cursor, &unit.header, attribute.form);
            match attribute.name {
                AT_ENCODING => return Signedness::Known(SIGNED.contains(&value.number)),
                AT_TYPE => {
                    let base = match value.form {
                        form::REF_ADDR => 0,
                        _ => unit.header.offset as u64,
                    };
                    return Signedness::Of(value.number.wrapping_add(base));
                }
                _ => {}
            }
        }
        Signedness::Known(false)
    }
}

/// Whether a reference of this form leads to an entry of this file.
fn is_in_file(form: u64) -> bool {
    !matches!(form, form::GNU_REF_ALT | form::REF_SUP8 | form::REF_SIG8)
}

/// Whether references of this form count from the start of their unit.
fn is_relative(form: u64) -> bool {
    matches!(form, form::REF1 | form::REF2 | form::REF4 | form::REF8 | form::REF_UDATA)
}

/// A reference as it is stored.
pub fn stored(unit: &Unit, value: &Value<'_>) -> u64 {
    let base = if is_relative(value.form) { unit.header.offset as u64 } else { 0 };
    value.number.wrapping_sub(base)
}

enum Signedness {
    Known(bool),
    Of(u64),
}
