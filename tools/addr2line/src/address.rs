//! How an address is written: a number in base 16, or a symbol with an offset.
//!
//! | text | address |
//! |---|---|
//! | `401000`, `0x401000` | that number, as far as there are digits; the largest if it is too large |
//! | `main`, `main+0x10` | that symbol's, with an offset in base 10, 8 or 16 as in C |
//! | `add`, `face` | numbers: digits come first |
//! | anything else | 0 |

/// What a text means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written<'a> {
    /// A number.
    Number(u64),
    /// A symbol and an offset in bytes; address 0 if there is no such symbol.
    Symbol(&'a [u8], u64),
}

/// Takes a text apart. It ends with its first zero byte.
pub fn parse(text: &[u8]) -> Written<'_> {
    let end = memchr::memchr(0, text).unwrap_or(text.len());
    let text = text.get(..end).unwrap_or_default().trim_ascii();
    let number = hexadecimal(text);
    let plus = memchr::memchr(b'+', text);
    if let (Some(number), None) = (number, plus) {
        return Written::Number(number);
    }
    let (name, offset) = match plus.and_then(|plus| text.split_at_checked(plus)) {
        Some((name, offset)) => {
            (name.trim_ascii_end(), c_number(offset.get(1..).unwrap_or_default()))
        }
        None => (text, 0),
    };
    Written::Symbol(name, offset)
}

/// The number at the start of a text, in base 16; `None` if there is none.
fn hexadecimal(text: &[u8]) -> Option<u64> {
    let digits = match text {
        [b'0', b'x' | b'X', rest @ ..] if rest.first().is_some_and(u8::is_ascii_hexdigit) => rest,
        _ => text,
    };
    text.first().filter(|byte| byte.is_ascii_hexdigit())?;
    Some(digits_of(digits, 16))
}

/// A number as in C: its base follows from how it starts; anything else is 0.
fn c_number(text: &[u8]) -> u64 {
    let text = text.trim_ascii_start();
    let (is_negative, text) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let value = match text {
        [b'0', b'x' | b'X', rest @ ..] => digits_of(rest, 16),
        [b'0', rest @ ..] => digits_of(rest, 8),
        _ => digits_of(text, 10),
    };
    if is_negative { value.wrapping_neg() } else { value }
}

/// The digits at the start of a text; the largest number if they are too many.
fn digits_of(text: &[u8], base: u32) -> u64 {
    let mut digits = text.iter().map_while(|&byte| char::from(byte).to_digit(base));
    let value = digits
        .try_fold(0_u64, |value, digit| value.checked_mul(base.into())?.checked_add(digit.into()));
    value.unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Written::{Number, Symbol};

    #[test]
    fn numbers_come_first() {
        for (text, number) in [
            (&b"401000"[..], 0x401000),
            (b"0x401000", 0x401000),
            (b" 0X12\r\n", 0x12),
            (b"fa-2", 0xfa),
            (b"0xyz", 0),
            (b"face", 0xface),
            (b"401100 foo", 0x401100),
            (b"10000000000000000", u64::MAX),
            (b"a\0b", 0xa),
        ] {
            assert_eq!(parse(text), Number(number), "{}", text.escape_ascii());
        }
    }

    #[test]
    fn symbols_have_offsets_as_in_c() {
        for (text, name, offset) in [
            (&b"main"[..], &b"main"[..], 0),
            (b"main+0x10", b"main", 0x10),
            (b"main+010", b"main", 8),
            (b"main+10", b"main", 10),
            (b"main + 1f\n", b"main", 1),
            (b"main+-1", b"main", u64::MAX),
            (b"main+", b"main", 0),
            (b"fa+2", b"fa", 2),
            (b"+5", b"", 5),
            (b"-5", b"-5", 0),
            (b"", b"", 0),
        ] {
            assert_eq!(parse(text), Symbol(name, offset), "{}", text.escape_ascii());
        }
    }
}
