//! Names of a file as text that a terminal can bear: never a control character, and other
//! characters as `-U` says.

use std::borrow::Cow;

use crate::options::{Options, Unicode};

/// `name` with each control character shown as `^` and a letter, as section names are printed.
pub fn printable(name: &[u8]) -> Cow<'_, [u8]> {
    if !name.iter().any(u8::is_ascii_control) {
        return Cow::Borrowed(name);
    }
    let mut shown = Vec::with_capacity(name.len() + 8);
    for &byte in name {
        if byte.is_ascii_control() {
            shown.extend([b'^', byte ^ 0x40]);
        } else {
            shown.push(byte);
        }
    }
    Cow::Owned(shown)
}

/// What follows a name that was cut.
const CUT_MARK: &[u8] = b"[...]";
/// Set in all bytes of a UTF-8 sequence but the first.
const CONTINUATION: u8 = 0x80;
/// The bits of a byte that tell whether it is a continuation.
const CONTINUATION_MASK: u8 = 0xc0;

/// Appends the string at the start of `name`, up to its end or first zero byte, the way GNU
/// readelf prints names of symbols: control characters as `^A`, characters beyond ASCII as `-U`
/// says, and no more than `width` columns unless lines are wide (`-W`). A cut name ends in
/// `[...]`, unless `-T` forbids it. Returns the columns it took.
pub fn symbol(out: &mut Vec<u8>, options: &Options, width: usize, name: &[u8]) -> usize {
    if width == 0 {
        return 0;
    }
    let name = name.get(..memchr::memchr(0, name).unwrap_or(name.len())).unwrap_or_default();
    let is_cut = !options.wide && !options.no_truncation_mark && name.len() > width;
    let columns = match (options.wide, is_cut) {
        (true, _) => usize::MAX,
        (false, true) => width.saturating_sub(CUT_MARK.len()),
        (false, false) => width,
    };
    let start = out.len();
    append_columns(out, options.unicode, columns, name);
    if is_cut {
        out.extend_from_slice(CUT_MARK);
    }
    out.len() - start
}

/// Appends as much of `name` as `columns` has room for.
fn append_columns(out: &mut Vec<u8>, unicode: Unicode, mut columns: usize, name: &[u8]) {
    let mut rest = name;
    while columns > 0
        && let Some((&byte, tail)) = rest.split_first()
    {
        if byte == b' ' || byte.is_ascii_graphic() {
            out.push(byte);
            columns -= 1;
        } else if byte.is_ascii_control() {
            if columns < 2 {
                return;
            }
            // The sum makes no control character: 0x7f becomes 0xbf.
            out.extend_from_slice(&[b'^', byte + 0x40]);
            columns -= 2;
        } else if matches!(unicode, Unicode::Default | Unicode::Locale) {
            out.push(byte);
            columns -= 1;
        } else {
            let sequence = sequence_at(rest);
            if !append_sequence(out, unicode, columns, sequence) {
                return;
            }
            // What such a sequence takes is not counted: as in GNU readelf, if one fits, all do.
            rest = rest.get(sequence.len()..).unwrap_or_default();
            continue;
        }
        rest = tail;
    }
}

/// The UTF-8 sequence at the start of `bytes`, or their first byte if it starts none. Of longer
/// forms than UTF-8 has, the first four bytes count.
fn sequence_at(bytes: &[u8]) -> &[u8] {
    let len = match bytes.first() {
        Some(0xc0..=0xdf) => 2,
        Some(0xe0..=0xef) => 3,
        Some(0xf0..) => 4,
        _ => 1,
    };
    let is_continued = |sequence: &&[u8]| {
        sequence.iter().skip(1).all(|byte| byte & CONTINUATION_MASK == CONTINUATION)
    };
    let sequence = bytes.get(..len).filter(is_continued);
    sequence.or_else(|| bytes.get(..1)).unwrap_or_default()
}

/// Appends one sequence in the notation of `unicode` if it fits `columns`; returns whether
/// anything may follow it.
fn append_sequence(out: &mut Vec<u8>, unicode: Unicode, columns: usize, sequence: &[u8]) -> bool {
    let escape = matches!(unicode, Unicode::Escape | Unicode::Highlight);
    let needed = match (sequence.len(), escape) {
        (1, _) => 4,
        (2, _) | (3, true) => 6,
        (3, false) | (4, true) => 8,
        _ => 10,
    };
    if columns < needed {
        return escape && sequence.len() > 1;
    }
    match sequence {
        &[a, b] if escape => append_escape(out, &[0, a & 0x1f, b]),
        &[a, b, c] if escape => append_escape(out, &[a & 0x0f, b, c]),
        &[a, b, c, d] if escape => append_long_escape(out, [a, b, c, d]),
        _ => {
            let (open, close) = match unicode {
                Unicode::Hex if sequence.len() > 1 => (b'<', b'>'),
                _ => (b'{', b'}'),
            };
            out.extend_from_slice(&[open, b'0', b'x']);
            for &byte in sequence {
                common::format::hex_padded(out, byte.into(), 2);
            }
            out.push(close);
        }
    }
    true
}

/// `\u` and four digits, from the payload of a sequence.
fn append_escape(out: &mut Vec<u8>, payload: &[u8]) {
    let value = payload.iter().fold(0, |value: u64, byte| value << 6 | u64::from(byte & 0x3f));
    out.extend_from_slice(b"\\u");
    common::format::hex_padded(out, value & 0xffff, 4);
}

/// The escape of a sequence of four bytes, whose first digits are not those of the character:
/// GNU readelf places the bits of the first byte too high.
fn append_long_escape(out: &mut Vec<u8>, [a, b, c, d]: [u8; 4]) {
    let high = u64::from(a & 0x07) << 6 | u64::from(b & 0x3c) >> 2;
    let low = u64::from(b & 0x03) << 14
        | u64::from(c & 0x3c) << 6
        | u64::from(c & 0x03) << 6
        | u64::from(d & 0x3f);
    out.extend_from_slice(b"\\u");
    common::format::hex_padded(out, high, 2);
    common::format::hex_padded(out, low, 4);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(options: &Options, width: usize, name: &[u8]) -> String {
        let mut out = Vec::new();
        symbol(&mut out, options, width, name);
        String::from_utf8_lossy(&out).into_owned()
    }

    fn with(unicode: Unicode) -> Options {
        Options { unicode, no_truncation_mark: true, ..Options::default() }
    }

    #[test]
    fn long_names_are_cut_unless_lines_are_wide() {
        let narrow = Options::default();
        assert_eq!(shown(&narrow, 8, b"abcdefgh"), "abcdefgh");
        assert_eq!(shown(&narrow, 8, b"abcdefghi"), "abc[...]");
        assert_eq!(shown(&narrow, 3, b"abcdefghi"), "[...]");
        assert_eq!(shown(&narrow, 8, b"abc\0defghi"), "abc");
        let wide = Options { wide: true, ..Options::default() };
        assert_eq!(shown(&wide, 3, b"abcdefghi"), "abcdefghi");
    }

    #[test]
    fn control_characters_take_two_columns() {
        assert_eq!(shown(&with(Unicode::Default), 5, b"a\x01\x1b[0m"), "a^A^[");
        assert_eq!(shown(&with(Unicode::Default), 4, b"a\x01\x1b[0m"), "a^A");
    }

    #[test]
    fn unicode_is_shown_as_asked() {
        let name = "a\u{e9}\u{20ac}\u{1f600}".as_bytes();
        assert_eq!(shown(&with(Unicode::Escape), 80, name), "a\\u00e9\\u20ac\\u07c600");
        assert_eq!(shown(&with(Unicode::Hex), 80, name), "a<0xc3a9><0xe282ac><0xf09f9880>");
        assert_eq!(shown(&with(Unicode::Invalid), 80, b"\xc3\xa9\xff"), "{0xc3a9}{0xff}");
        assert_eq!(shown(&with(Unicode::Escape), 80, b"\xe2\x82"), "{0xe2}{0x82}");
    }
}
