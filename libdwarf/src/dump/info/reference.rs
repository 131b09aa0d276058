//! What attributes refer to: the type of an entry, what is imported.

use super::super::abbrev::{Abbreviation, Set};
use super::super::{Cursor, Text};
use super::unit::Hex;
use super::value::{Value, skip};
use super::{Context, Unit, form};

/// How many types one may lead through to a base type.
const MAX_CHAIN: u32 = 100;
/// How many types that are behind one another are named.
const MAX_NAMED_CHAIN: u32 = 21;
/// How many types are named at most, if an entry has several.
const MAX_NAMED: u32 = 256;

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

impl<'d> Context<'d> {
    /// Says what is wrong with a type that is referred to. Returns the reference, if it is usable.
    pub(super) fn check_type(
        &self,
        text: &mut Text,
        unit: &Unit,
        set: &Set,
        value: &Value<'d>,
    ) -> Option<Value<'static>> {
        let Value { number, form, .. } = *value;
        if number >= self.section.data.len() as u64 {
            return None;
        }
        self.find_entry(text, unit, set, value)?;
        Some(Value { number, block: None, form })
    }

    /// The code and the tag of the entry that a value refers to; says so, if there is none.
    pub(super) fn find_entry(
        &self,
        text: &mut Text,
        unit: &Unit,
        set: &Set,
        value: &Value<'_>,
    ) -> Option<(u64, u64)> {
        let number = value.number;
        match value.form {
            form::REF1 | form::REF2 | form::REF4 | form::REF8 | form::REF_UDATA => {}
            form::REF_ADDR | form::REF_SUP4 | form::REF_SUP8 | form::REF_SIG8 => {}
            // It is in another file.
            form::GNU_REF_ALT => return None,
            other => {
                let what = "encountered whilst finding abbreviation for type";
                text.warn(format_args!("Unexpected form {other:x} {what}"));
                return None;
            }
        }
        let _ = Hex(number);
        let (target, of_unit) =
            if (unit.header.offset as u64..unit.header.end as u64).contains(&number) {
                (number, None)
            } else {
                (number, self.unit_at(number))
            };
        let mut cursor = Cursor::new(&self.section.data, self.encoding);
        cursor.seek(target as usize);
        let code = cursor.uleb();
        let other;
        let set = match of_unit {
            None => set,
            Some(unit) => {
                other = self.set(text, &unit.header)?;
                &other
            }
        };
        let Some(found) = set.find(code) else {
            text.warn(format_args!("Unable to find entry for abbreviation {code}"));
            return None;
        };
        Some((code, found.tag))
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

enum Signedness {
    Known(bool),
    Of(u64),
}
