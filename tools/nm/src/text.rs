//! Names as they are printed.
//!
//! A control character is never printed as it is: byte 1 becomes `^A`. A tab alone is, in the
//! default mode. What lies beyond ASCII is
//! printed as `--unicode` says:
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
            Unicode::Default if byte == b'\t' => line.push(byte),
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
    fn each_mode_has_its_notation() {
        let text = |name: &[u8], unicode| {
            let mut line = Vec::new();
            push_name(&mut line, name, unicode);
            line
        };
        let name = b"a\x01\xc3\xa9\xff";
        assert_eq!(text(name, Unicode::Default), b"a^A\xc3\xa9\xff");
        assert_eq!(text(name, Unicode::Escape), b"a^A\\u00e9\xff");
        assert_eq!(text(name, Unicode::Hex), b"a^A<0xc3a9>\xff");
        assert_eq!(text(name, Unicode::Invalid), b"a^A{0xc3a9}\xff");
        assert_eq!(text(b"main", Unicode::Hex), b"main");
    }
}
