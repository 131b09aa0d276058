//! Numbers as the C library reads them from text, and where it stops.

/// The number that `text` starts with, after white space and a sign, as strtoull(3) has it: in
/// base 16 with or without `0x` in front, and with `base` 0 as in C. The rest of the text comes
/// with it. What is too large is the largest there is; without a digit the number is 0 and the
/// rest is all.
pub fn leading(text: &[u8], base: u32) -> (u64, &[u8]) {
    let start = text.trim_ascii_start();
    let (negative, digits) = match start {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, start),
    };
    let (base, digits) = radix(digits, base);
    let count = digits.iter().take_while(|&&byte| char::from(byte).is_digit(base)).count();
    if count == 0 {
        return (0, text);
    }
    let (digits, rest) = digits.split_at(count);
    let value = digits.iter().try_fold(0u64, |value, &byte| {
        let digit = char::from(byte).to_digit(base).unwrap_or(0);
        value.checked_mul(u64::from(base))?.checked_add(u64::from(digit))
    });
    match (value, negative) {
        (None, _) => (u64::MAX, rest),
        (Some(value), true) => (value.wrapping_neg(), rest),
        (Some(value), false) => (value, rest),
    }
}

/// The base of digits, and the digits without what tells it.
fn radix(digits: &[u8], base: u32) -> (u32, &[u8]) {
    let prefixed = match digits {
        [b'0', b'x' | b'X', rest @ ..] if rest.first().is_some_and(u8::is_ascii_hexdigit) => {
            Some(rest)
        }
        _ => None,
    };
    match (base, prefixed, digits) {
        (0 | 16, Some(rest), _) => (16, rest),
        (0, None, [b'0', ..]) => (8, digits),
        (0, None, _) => (10, digits),
        _ => (base, digits),
    }
}

/// The number that the whole text is, as in C; an empty one is 0.
pub fn whole(text: &[u8]) -> Option<u64> {
    match leading(text, 0) {
        (value, []) => Some(value),
        _ => None,
    }
}

/// The number that the whole text is, in base 16; an empty one is 0.
pub fn whole_hex(text: &[u8]) -> Option<u64> {
    match leading(text, 16) {
        (value, []) => Some(value),
        _ => None,
    }
}

/// A number that fits `u32`, whatever follows it; too large ones are the largest.
pub fn lenient(text: &[u8]) -> u32 {
    let (value, _) = leading(text, 0);
    u32::try_from(value).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_in_c() {
        assert_eq!(leading(b" 0x1fz", 0), (0x1f, &b"z"[..]));
        assert_eq!(leading(b"010", 0), (8, &b""[..]));
        assert_eq!(leading(b"10", 16), (16, &b""[..]));
        assert_eq!(leading(b"0x", 16), (0, &b"x"[..]));
        assert_eq!(leading(b"x", 0), (0, &b"x"[..]));
        assert_eq!(whole(b"-1"), Some(u64::MAX));
        assert_eq!(whole(b""), Some(0));
        assert_eq!(whole(b"3k"), None);
        assert_eq!(whole_hex(b"fffffffffffffffff"), Some(u64::MAX));
    }
}
