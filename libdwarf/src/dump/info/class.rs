//! What an attribute's value is followed by: its meaning in words, an expression, a warning.

use libelf::ident::Encoding;

use super::super::number::{push_decimal, push_hex, push_signed};
use super::super::{Cursor, Text, leb};
use crate::names;

/// What is shown after a value.
#[derive(Clone, Copy, Debug)]
pub enum Class {
    /// Nothing.
    Plain,
    /// `DW_AT_type`: nothing, but that is followed.
    Type,
    /// `DW_AT_import`: what it leads to.
    Import,
    /// `DW_AT_ranges`: nothing, but that the section of lists may be missing.
    Ranges,
    /// A value that a table has words for.
    Words(fn(u64) -> Words),
    /// `DW_AT_inline`
    Inline,
    /// `DW_AT_language`
    Language,
    /// `DW_AT_ordering`
    Ordering,
    /// `DW_AT_discr_list`
    Discriminants,
    /// An expression.
    Expression,
    /// `DW_AT_byte_size`: an expression, where the form says so.
    Size,
    /// An expression, or the offset of a list of locations.
    Location,
    /// `DW_AT_frame_base`: as a location; what is below it has a frame base.
    FrameBase,
}

/// Words for a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words(&'static str);

/// Numbers from which on values are the implementation's.
const USER: std::ops::RangeInclusive<u64> = 0x80..=0xff;
/// Calling conventions that are the implementation's.
const CONVENTION_USER: std::ops::RangeInclusive<u64> = 0x40..=0xff;
/// Languages that are the implementation's.
const LANGUAGE_USER: std::ops::RangeInclusive<u64> = 0x8000..=0xffff;

impl Class {
    /// That of an attribute (`DW_AT_*`).
    pub fn of(attribute: u64) -> Self {
        match attribute {
            0x49 => Self::Type,
            0x18 => Self::Import,
            0x0b => Self::Size,
            0x55 => Self::Ranges,
            0x20 => Self::Inline,
            0x13 => Self::Language,
            0x09 => Self::Ordering,
            0x3d => Self::Discriminants,
            0x40 => Self::FrameBase,
            0x32 => Self::Words(|value| known(names::access(value), "unknown accessibility")),
            0x17 => Self::Words(|value| known(names::visibility(value), "unknown visibility")),
            0x4c => Self::Words(|value| known(names::virtuality(value), "unknown virtuality")),
            0x42 => Self::Words(|value| known(names::case(value), "unknown case")),
            0x5e => Self::Words(|value| known(names::decimal_sign(value), "unrecognised")),
            0x8b => Self::Words(|value| known(names::defaulted(value), "unrecognised")),
            0x3e => Self::Words(|value| {
                let other =
                    if USER.contains(&value) { "user defined type" } else { "unknown type" };
                known(names::encoding(value), other)
            }),
            0x65 => Self::Words(|value| {
                let user = USER.contains(&value);
                let other = if user { "user specified" } else { "unknown endianity" };
                known(names::endianity(value), other)
            }),
            0x36 => Self::Words(|value| {
                let user = CONVENTION_USER.contains(&value);
                let other = if user { "user defined" } else { "unknown convention" };
                known(names::calling_convention(value), other)
            }),
            // Location, string length, return address, data member location, segment, static link,
            // use location, element of a virtual table; values and targets of calls; and, as GNU
            // has it, the base of location lists.
            0x02 | 0x19 | 0x2a | 0x38 | 0x46 | 0x48 | 0x4a | 0x4d => Self::Location,
            0x7e | 0x83 | 0x84 | 0x86 | 0x8c | 0x2111..=0x2114 => Self::Location,
            // Bounds, whether allocated and associated, data location, stride, rank; and the bases
            // of tables of strings and ranges.
            0x22 | 0x2f | 0x4e | 0x4f | 0x50 | 0x51 | 0x71 | 0x72 | 0x74 => Self::Expression,
            _ => Self::Plain,
        }
    }
}

fn known(name: Option<&'static str>, other: &'static str) -> Words {
    Words(name.unwrap_or(other))
}

impl Words {
    /// Appends them.
    pub fn show(self, text: &mut Text) {
        text.put(b"\t(");
        text.put(self.0.as_bytes());
        text.put(b")");
    }
}

/// Appends the meaning of `DW_AT_inline`.
pub fn show_inline(text: &mut Text, value: u64) {
    text.put(b"\t");
    if let Some(name) = names::inlining(value) {
        text.put(b"(");
        text.put(name.as_bytes());
    } else {
        text.put(b"  (Unknown inline attribute value: ");
        push_hex(&mut text.buf, value);
    }
    text.put(b")");
}

/// Appends the meaning of `DW_AT_language`.
pub fn show_language(text: &mut Text, value: u64) {
    text.put(b"\t(");
    if let Some(name) = names::language(value) {
        text.put(name.as_bytes());
    } else {
        let kind: &[u8] =
            if LANGUAGE_USER.contains(&value) { b"implementation defined: " } else { b"unknown: " };
        text.put(kind);
        push_hex(&mut text.buf, value);
    }
    text.put(b")");
}

/// Appends the meaning of `DW_AT_ordering`.
pub fn show_ordering(text: &mut Text, value: u64) {
    text.put(b"\t");
    if let Some(name) = names::ordering(value) {
        text.put(b"(");
        text.put(name.as_bytes());
        text.put(b")");
    }
}

/// Appends the values that `DW_AT_discr_list` tells apart; `block` are the bytes of a block.
pub fn show_discriminants(
    text: &mut Text,
    value: u64,
    block: Option<&[u8]>,
    encoding: Encoding,
    is_signed: bool,
) {
    const LABEL: u8 = 0;
    const RANGE: u8 = 1;
    let corrupt = "corrupt discr_list";
    if value == 0 {
        return text.put(b"\t[default]");
    }
    let Some(block) = block else {
        text.put(b"\t<corrupt>\n");
        return text.warn(format_args!("{corrupt} - not using a block form"));
    };
    if block.len() < 2 {
        text.put(b"\t<corrupt>\n");
        return text.warn(format_args!("{corrupt} - block not long enough"));
    }
    text.put(b"\t(");
    let mut cursor = Cursor::new(block, encoding);
    while !cursor.is_at_end() {
        match cursor.u8() {
            LABEL => {
                text.put(b"label ");
                show_discriminant(text, &mut cursor, is_signed);
            }
            RANGE => {
                text.put(b"range ");
                show_discriminant(text, &mut cursor, is_signed);
                text.put(b"..");
                show_discriminant(text, &mut cursor, is_signed);
            }
            byte => {
                text.put(b"<corrupt>\n");
                let message = "unrecognized discriminant byte";
                return text.warn(format_args!("{corrupt} - {message} {byte:#x}"));
            }
        }
        if !cursor.is_at_end() {
            text.put(b", ");
        }
    }
    text.put(if is_signed { b")(signed)" } else { b")(unsigned)" });
}

fn show_discriminant(text: &mut Text, cursor: &mut Cursor<'_>, is_signed: bool) {
    // One that does not end is said to be so, and not shown.
    if is_signed {
        let before = text.message_count();
        let value = leb::signed(text, cursor);
        if text.message_count() == before {
            push_signed(&mut text.buf, value);
        }
    } else {
        let before = text.message_count();
        let value = leb::unsigned(text, cursor);
        if text.message_count() == before {
            push_decimal(&mut text.buf, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use libelf::ident::{Class as FileClass, Encoding};
    use libelf::raw::Endianness;

    fn shown(show: impl FnOnce(&mut Text)) -> (String, usize) {
        let mut text = Text::default();
        show(&mut text);
        (String::from_utf8(text.buf.clone()).unwrap(), text.message_count())
    }

    #[test]
    fn values_are_followed_by_words() {
        assert_eq!(shown(|text| show_language(text, 0x1d)).0, "\t(C11)");
        assert_eq!(shown(|text| show_language(text, 0x25)).0, "\t(unknown: 0x25)");
        assert_eq!(
            shown(|text| show_language(text, 0x8000)).0,
            "\t(implementation defined: 0x8000)"
        );
        assert_eq!(shown(|text| show_inline(text, 3)).0, "\t(declared as inline and inlined)");
        assert_eq!(shown(|text| show_ordering(text, 2)).0, "\t");
    }

    #[test]
    fn discriminants_are_labels_and_ranges() {
        let encoding = Encoding { class: FileClass::Elf64, endian: Endianness::Little };
        let list = |block: &[u8], is_signed| {
            let size = block.len() as u64;
            shown(|text| show_discriminants(text, size, Some(block), encoding, is_signed))
        };
        let whole = ("\t(label -1, range 1..2)(signed)".to_owned(), 0);
        assert_eq!(list(&[0, 0x7f, 1, 1, 2], true), whole);
        assert_eq!(list(&[0, 0x7f], false), ("\t(label 127)(unsigned)".to_owned(), 0));
        assert_eq!(list(&[2, 3], false), ("\t(<corrupt>\n".to_owned(), 1));
        assert_eq!(list(&[], false).0, "\t[default]");
    }
}
