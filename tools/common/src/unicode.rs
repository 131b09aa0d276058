//! Characters beyond ASCII as `-U` and `--unicode` show them: what readelf, nm and strings share.

use crate::format;

/// Starts red text on a terminal.
pub const RED: &[u8] = b"\x1b[31;47m";
/// Ends red text.
pub const NORMAL: &[u8] = b"\x1b[0m";

/// Appends bytes in base 16 between `open` and `close`: `<0xc3a9>`.
pub fn push_hex(line: &mut Vec<u8>, bytes: &[u8], open: &[u8], close: &[u8]) {
    line.extend_from_slice(open);
    for &byte in bytes {
        format::hex_padded(line, byte.into(), 2);
    }
    line.extend_from_slice(close);
}

/// Appends a sequence as `\u` and digits. Of four bytes GNU places the bits of the first
/// too high, so that the digits are not those of the character.
pub fn push_escape(line: &mut Vec<u8>, sequence: &[u8]) {
    line.extend_from_slice(b"\\u");
    let bits = |byte: u8, mask: u8| u64::from(byte & mask);
    match *sequence {
        [a, b] => format::hex_padded(line, bits(a, 0x1f) << 6 | bits(b, 0x3f), 4),
        [a, b, c] => {
            let value = bits(a, 0x0f) << 12 | bits(b, 0x3f) << 6 | bits(c, 0x3f);
            format::hex_padded(line, value, 4);
        }
        [a, b, c, d] => {
            format::hex_padded(line, bits(a, 0x07) << 6 | bits(b, 0x3c) >> 2, 2);
            let low = bits(b, 0x03) << 14 | bits(c, 0x3f) << 6 | bits(d, 0x3f);
            format::hex_padded(line, low, 4);
        }
        _ => {}
    }
}

/// The bytes of the sequence that `text` starts with, as GNU's readelf and nm tell one: a first byte and
/// as many continuations as it asks for, whether they are a character or not.
pub fn sequence_length(text: &[u8]) -> usize {
    let len = match text.first() {
        Some(0xc0..=0xdf) => 2,
        Some(0xe0..=0xef) => 3,
        Some(0xf0..) => 4,
        _ => return 1,
    };
    let is_continued = |rest: &[u8]| rest.iter().all(|byte| byte & 0xc0 == 0x80);
    if text.get(1..len).is_some_and(is_continued) { len } else { 1 }
}
