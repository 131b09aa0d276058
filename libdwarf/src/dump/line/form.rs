//! Values in the tables of line number programs and of indexes, by their forms. DWARF 5, section
//! 7.5.5.
//!
//! Any form may stand there, also those that need a unit of entries to make sense of.

use std::borrow::Cow;

use super::Strings;
pub use crate::dump::info::form as id;
use crate::dump::number::{
    Hex, push_decimal, push_hex, push_hex_digits, push_hex_padded, push_signed,
};
use crate::dump::{Cursor, Text, leb};
use crate::{names, put};

/// What is shown of a value that is passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Only what is wrong with it.
    Nothing,
    /// All.
    Value,
}

/// What stands before the offset of a string whose form is said.
const OFFSET: &str = "offset: ";

/// A value as it is stored.
enum Value<'a> {
    Decimal(u64),
    Signed(i64),
    Hex(u64),
    Reference(u64),
    Signature(u64),
    Block(&'a [u8]),
    String(&'a [u8]),
    StringAt(u64),
    LineStringAt(u64),
    StringIndex(u64),
    AddressIndex(u64),
    LocationIndex,
    RangeIndex,
    Sixteen(&'a [u8]),
    AltReference(u64),
    AltString(u64),
}

/// Reads a value of this form, and shows it behind the delimiter.
pub fn show(
    text: &mut Text,
    cursor: &mut Cursor<'_>,
    form: u64,
    strings: Strings<'_>,
    shown: Shown,
) {
    if cursor.is_at_end() && form != id::FLAG_PRESENT {
        text.warn(format_args!("Corrupt attribute"));
        return;
    }
    if shown == Shown::Value && strings.is_wide {
        show_form(text, form, strings);
    }
    if form == id::INDIRECT {
        show_indirect(text, cursor, strings, shown);
        return;
    }
    let Some(value) = read(text, cursor, form, strings.offset_size) else { return };
    if shown == Shown::Value {
        show_value(text, &value, strings);
    }
}

/// What a form is called.
pub fn form_name(form: u64) -> Cow<'static, str> {
    match names::form(form) {
        Some(name) => name.into(),
        None if form == 0 => "DW_FORM value: 0".into(),
        None => format!("Unknown FORM value: {form:x}").into(),
    }
}

/// The name of a form, as lines that may be long have it.
fn show_form(text: &mut Text, form: u64, strings: Strings<'_>) {
    let name = form_name(form);
    let short = name.strip_prefix("DW_FORM").and_then(|rest| rest.get(1..));
    text.buf.push(strings.delimiter);
    put!(text, "({})", short.unwrap_or(&name));
}

/// A value that says its own form.
fn show_indirect(text: &mut Text, cursor: &mut Cursor<'_>, strings: Strings<'_>, shown: Shown) {
    let form = leb::unsigned(text, cursor);
    if shown == Shown::Value {
        text.buf.push(strings.delimiter);
        put!(text, "{}", form_name(form));
    }
    // One that says so again leads nowhere.
    if form != id::INDIRECT {
        show(text, cursor, form, strings, shown);
    }
}

fn read<'a>(
    text: &mut Text,
    cursor: &mut Cursor<'a>,
    form: u64,
    offset_size: usize,
) -> Option<Value<'a>> {
    Some(match form {
        // There is no unit of entries that says how large addresses are.
        id::ADDR | id::IMPLICIT_CONST => Value::Decimal(0),
        id::DATA1 | id::FLAG => Value::Decimal(cursor.u8().into()),
        id::DATA2 => Value::Decimal(cursor.u16().into()),
        id::UDATA => Value::Decimal(leb::unsigned(text, cursor)),
        id::FLAG_PRESENT => Value::Decimal(1),
        id::SDATA => Value::Signed(leb::signed(text, cursor)),
        id::DATA4 => Value::Hex(cursor.u32().into()),
        id::DATA8 | id::REF8 | id::REF_SUP8 => Value::Hex(cursor.u64()),
        id::SEC_OFFSET => Value::Hex(cursor.uint(offset_size)),
        id::REF_ADDR | id::STRP_SUP => Value::Reference(cursor.uint(offset_size)),
        id::REF1 => Value::Reference(cursor.u8().into()),
        id::REF2 => Value::Reference(cursor.u16().into()),
        id::REF4 | id::REF_SUP4 => Value::Reference(cursor.u32().into()),
        id::REF_UDATA => Value::Reference(leb::unsigned(text, cursor)),
        id::REF_SIG8 => Value::Signature(cursor.u64()),
        id::BLOCK | id::EXPRLOC => {
            let size = leb::unsigned(text, cursor);
            block(text, cursor, size)
        }
        id::BLOCK1 => sized_block(text, cursor, 1),
        id::BLOCK2 => sized_block(text, cursor, 2),
        id::BLOCK4 => sized_block(text, cursor, 4),
        id::STRING => Value::String(cursor.string()),
        id::STRP => Value::StringAt(cursor.uint(offset_size)),
        id::LINE_STRP => Value::LineStringAt(cursor.uint(offset_size)),
        id::STRX | id::GNU_STR_INDEX => Value::StringIndex(leb::unsigned(text, cursor)),
        id::STRX1 => Value::StringIndex(cursor.u8().into()),
        id::STRX2 => Value::StringIndex(cursor.u16().into()),
        id::STRX3 => Value::StringIndex(cursor.uint(3)),
        id::STRX4 => Value::StringIndex(cursor.u32().into()),
        id::ADDRX | id::GNU_ADDR_INDEX => Value::AddressIndex(leb::unsigned(text, cursor)),
        id::ADDRX1 => Value::AddressIndex(cursor.u8().into()),
        id::ADDRX2 => Value::AddressIndex(cursor.u16().into()),
        id::ADDRX3 => Value::AddressIndex(cursor.uint(3)),
        id::ADDRX4 => Value::AddressIndex(cursor.u32().into()),
        id::LOCLISTX => {
            leb::unsigned(text, cursor);
            Value::LocationIndex
        }
        id::RNGLISTX => {
            leb::unsigned(text, cursor);
            Value::RangeIndex
        }
        id::DATA16 => Value::Sixteen(cursor.bytes(16)),
        id::GNU_REF_ALT => Value::AltReference(cursor.uint(offset_size)),
        id::GNU_STRP_ALT => Value::AltString(cursor.uint(offset_size)),
        unknown => {
            text.warn(format_args!("Unrecognized form: {}", Hex(unknown)));
            cursor.u8();
            return None;
        }
    })
}

fn sized_block<'a>(text: &mut Text, cursor: &mut Cursor<'a>, size: usize) -> Value<'a> {
    let size = cursor.uint(size);
    block(text, cursor, size)
}

fn block<'a>(text: &mut Text, cursor: &mut Cursor<'a>, size: u64) -> Value<'a> {
    let usable = usize::try_from(size).unwrap_or(usize::MAX);
    if cursor.is_at_end() {
        text.warn(format_args!("Block ends prematurely"));
    } else if usable > cursor.remaining() {
        text.warn(format_args!("Corrupt attribute block length: {}", Hex(size)));
    }
    Value::Block(cursor.bytes(usable))
}

fn show_value(text: &mut Text, value: &Value<'_>, strings: Strings<'_>) {
    match *value {
        Value::StringAt(at) => {
            let found = find(text, strings.str, at, "DW_FORM_strp", ".debug_str");
            show_found(text, "indirect string, offset: ", at, found, strings);
        }
        Value::LineStringAt(at) => {
            let found = find(text, strings.line_str, at, "DW_FORM_line_strp", ".debug_line_str");
            show_found(text, "indirect line string, offset: ", at, found, strings);
        }
        Value::AddressIndex(index) => {
            text.warn(format_args!(
                "Cannot fetch indexed address: the .debug_addr section is missing"
            ));
            text.buf.push(strings.delimiter);
            put!(text, "(index: {}): 0", Hex(index));
        }
        Value::LocationIndex => {
            text.warn(format_args!("Unable to locate .debug_loclists section"));
        }
        Value::RangeIndex => {
            text.warn(format_args!("Unable to locate .debug_rnglists section"));
        }
        Value::Sixteen(bytes) => show_sixteen(text, bytes, strings.is_big),
        _ => {
            text.buf.push(strings.delimiter);
            show_plain(text, value, strings.is_wide);
        }
    }
}

/// A value that needs nothing of other sections.
fn show_plain(text: &mut Text, value: &Value<'_>, is_wide: bool) {
    // What a value is, unless its form has said so.
    let or_form = |what: &'static str| if is_wide { "" } else { what };
    match *value {
        Value::Decimal(value) => push_decimal(&mut text.buf, value),
        Value::Signed(value) => push_signed(&mut text.buf, value),
        Value::Hex(value) => push_hex(&mut text.buf, value),
        Value::Reference(value) => put!(text, "<{}>", Hex(value)),
        Value::Signature(value) => put!(text, "{}: {}", or_form("signature"), Hex(value)),
        Value::Block(bytes) => {
            put!(text, "{} byte block: ", bytes.len());
            for &byte in bytes {
                push_hex_digits(&mut text.buf, byte.into());
                text.put(b" ");
            }
        }
        Value::String(string) => text.put_name(string),
        Value::StringIndex(index) => {
            let what = if is_wide { "offset" } else { "indexed string" };
            put!(text, "({what}: {}): <no .debug_str_offsets section>", Hex(index));
        }
        Value::AltReference(value) => put!(text, "<{}{}>", or_form("alt "), Hex(value)),
        Value::AltString(value) => {
            put!(text, "({}offset: {}) ", or_form("alt indirect string, "), Hex(value));
        }
        Value::StringAt(_)
        | Value::LineStringAt(_)
        | Value::AddressIndex(_)
        | Value::LocationIndex
        | Value::RangeIndex
        | Value::Sixteen(_) => {}
    }
}

/// What is found of a string in another section.
#[derive(Clone, Copy, Debug)]
pub enum Found<'a> {
    /// The string.
    String(&'a [u8]),
    /// Why there is none, in words that stand in its place.
    Nothing(&'a str),
}

/// Finds the string at an offset of a section of strings, and says if the offset is not in it.
pub fn find<'a>(
    text: &mut Text,
    section: Option<&'a [u8]>,
    at: u64,
    form: &str,
    name: &'static str,
) -> Found<'a> {
    let Some(section) = section else {
        return Found::Nothing(match name {
            ".debug_str" => "<no .debug_str section>",
            _ => "<no .debug_line_str section>",
        });
    };
    let Some(rest) =
        usize::try_from(at).ok().and_then(|at| section.get(at..)).filter(|rest| !rest.is_empty())
    else {
        text.warn(format_args!("{form} offset too big: {}", Hex(at)));
        return Found::Nothing("<offset is too big>");
    };
    match memchr::memchr(0, rest) {
        Some(end) => Found::String(rest.get(..end).unwrap_or_default()),
        None => Found::Nothing(match name {
            ".debug_str" => "<no NUL byte at end of .debug_str section>",
            _ => "<no NUL byte at end of .debug_line_str section>",
        }),
    }
}

fn show_found(text: &mut Text, lead: &str, at: u64, found: Found<'_>, strings: Strings<'_>) {
    text.buf.push(strings.delimiter);
    text.put(b"(");
    text.put(if strings.is_wide { OFFSET } else { lead }.as_bytes());
    push_hex(&mut text.buf, at);
    text.put(b"): ");
    match found {
        Found::String(string) => text.put_name(string),
        Found::Nothing(why) => text.put(why.as_bytes()),
    }
}

/// A number of 16 bytes, behind a space.
fn show_sixteen(text: &mut Text, bytes: &[u8], is_big: bool) {
    let fold = |value: u128, &byte: &u8| (value << 8) | u128::from(byte);
    let value = if is_big { bytes.iter().fold(0, fold) } else { bytes.iter().rev().fold(0, fold) };
    let (high, low) = ((value >> 64) as u64, value as u64);
    text.put(b" ");
    push_hex(&mut text.buf, if high == 0 { low } else { high });
    if high != 0 {
        push_hex_padded(&mut text.buf, low, 16);
    }
}
