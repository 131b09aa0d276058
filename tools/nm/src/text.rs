//! Names as they are printed.
//!
//! A control character is not printed as it is: an escape becomes `^[`. In the default mode tabs
//! are, and the two bytes that GNU's assembler puts into the names of local labels, such as
//! `.L1\x021`: no terminal acts on those. What lies beyond ASCII is printed as `--unicode` says:
//!
//! | mode | `é` | a byte that is no UTF-8 |
//! |---|---|---|
//! | default | as it is | as it is |
//! | escape, highlight | `\u00e9` | as it is |
//! | hex | `<0xc3a9>` | as it is |
//! | invalid | `{0xc3a9}` | as it is |

use std::io::IsTerminal;

use common::unicode::{NORMAL, RED, push_escape, push_hex, sequence_length};

/// How characters beyond ASCII are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unicode {
    /// As they are.
    Default,
    /// As the number of the character.
    Escape,
    /// As bytes, marked as wrong.
    Invalid,
    /// As bytes.
    Hex,
    /// As the number of the character, on a terminal in red.
    Highlight,
}

/// From a control character to the letter that is shown for it; DEL becomes 0xbf, as GNU has it.
const CONTROL: u8 = 0x40;

/// What stands between the number of a local label and how often it was defined before: of labels
/// with a dollar sign, and of others.
const LABEL_MARKS: [u8; 2] = [1, 2];

/// The bytes before the first that is zero.
pub fn until_zero(bytes: &[u8]) -> &[u8] {
    bytes.get(..memchr::memchr(0, bytes).unwrap_or(bytes.len())).unwrap_or_default()
}

/// Appends a name that a zero byte and anything may follow. Its end is found and its bytes are
/// tested in one pass.
#[inline]
pub fn push_name_and_rest(line: &mut Vec<u8>, name: &[u8], unicode: Unicode) {
    let end = plain_length(name);
    match name.split_at_checked(end) {
        Some((plain, [] | [0, ..])) => line.extend_from_slice(plain),
        _ => push_odd_name(line, until_zero(name), unicode),
    }
}

/// How many bytes come before the first that is a control character, zero, or beyond ASCII.
#[inline]
fn plain_length(bytes: &[u8]) -> usize {
    const CHUNK: usize = 32;
    const WORD: usize = 8;
    let is_plain = |byte: &u8| matches!(byte, b' '..=b'~');
    let mut at = 0;
    for chunk in bytes.as_chunks::<CHUNK>().0 {
        if !chunk.iter().fold(true, |plain, byte| plain & is_plain(byte)) {
            break;
        }
        at += CHUNK;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    for word in rest.as_chunks::<WORD>().0 {
        let odd = odd_bytes(u64::from_le_bytes(*word));
        if odd != 0 {
            return at + odd.trailing_zeros() as usize / 8;
        }
        at += WORD;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|byte| !is_plain(byte)).unwrap_or(rest.len())
}

/// Bits of which the lowest is in the lowest byte that is not plain; none if all are.
fn odd_bytes(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = ONES << 7;
    // A byte below a space borrows, DEL carries to its highest bit, and others have that set.
    let below = word.wrapping_sub(ONES * b' ' as u64);
    let beyond = word.wrapping_add(ONES);
    (below | beyond | word) & HIGH
}

/// Appends a name.
#[inline]
pub fn push_name(line: &mut Vec<u8>, name: &[u8], unicode: Unicode) {
    // Without an early end, so that many bytes are tested at once.
    let is_plain = name.iter().fold(true, |plain, byte| plain & matches!(byte, b' '..=b'~'));
    if is_plain {
        line.extend_from_slice(name);
    } else {
        push_odd_name(line, name, unicode);
    }
}

fn push_odd_name(line: &mut Vec<u8>, name: &[u8], unicode: Unicode) {
    let mut rest = name;
    while let Some(&byte) = rest.first() {
        let len = if unicode == Unicode::Default { 1 } else { sequence_length(rest) };
        let (character, tail) = rest.split_at_checked(len).unwrap_or((rest, &[]));
        rest = tail;
        match unicode {
            Unicode::Default if byte == b'\t' || LABEL_MARKS.contains(&byte) => line.push(byte),
            _ if byte.is_ascii_control() => line.extend([b'^', byte.wrapping_add(CONTROL)]),
            _ if len == 1 => line.push(byte),
            Unicode::Highlight if std::io::stdout().is_terminal() => {
                line.extend_from_slice(RED);
                push_escape(line, character);
                line.extend_from_slice(NORMAL);
            }
            Unicode::Escape | Unicode::Highlight => push_escape(line, character),
            Unicode::Hex => push_hex(line, character, b"<0x", b">"),
            _ => push_hex(line, character, b"{0x", b"}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_bytes_are_counted_wherever_they_end() {
        let name: Vec<u8> = (b' '..=b'~').chain(b' '..=b'~').collect();
        assert_eq!(plain_length(&name), name.len());
        for end in 0..name.len() {
            for odd in [0, 9, 0x1f, 0x7f, 0x80, 0xc3, 0xff] {
                let mut name = name.clone();
                name[end] = odd;
                assert_eq!(plain_length(&name), end, "{odd:#x}");
            }
            assert_eq!(plain_length(&name[..end]), end);
        }
    }

    #[test]
    fn names_end_at_a_zero_byte() {
        for (name, shown) in
            [(&b"main\0next\xff"[..], &b"main"[..]), (b"a\x03\0b", b"a^C"), (b"x", b"x")]
        {
            let mut line = Vec::new();
            push_name_and_rest(&mut line, name, Unicode::Default);
            assert_eq!(line, shown);
        }
    }

    #[test]
    fn marks_of_labels_are_harmless() {
        let mut line = Vec::new();
        push_name(&mut line, b".L1\x022", Unicode::Default);
        push_name(&mut line, b" .L1\x022", Unicode::Escape);
        assert_eq!(line, b".L1\x022 .L1^B2");
    }

    #[test]
    fn each_mode_has_its_notation() {
        let text = |name: &[u8], unicode| {
            let mut line = Vec::new();
            push_name(&mut line, name, unicode);
            line
        };
        let name = b"a\x1b\xc3\xa9\xff";
        assert_eq!(text(name, Unicode::Default), b"a^[\xc3\xa9\xff");
        assert_eq!(text(name, Unicode::Escape), b"a^[\\u00e9\xff");
        assert_eq!(text(name, Unicode::Hex), b"a^[<0xc3a9>\xff");
        assert_eq!(text(name, Unicode::Invalid), b"a^[{0xc3a9}\xff");
        assert_eq!(text(b"main", Unicode::Hex), b"main");
    }
}
