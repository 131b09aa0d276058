//! Numbers as text, put together by hand: for lines of which there are millions.

use std::fmt;

/// A number in hexadecimal with `0x` before all but zero, as `%#lx` shows it; for messages.
#[derive(Clone, Copy, Debug)]
pub struct Hex(pub u64);

impl fmt::Display for Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 { f.write_str("0") } else { write!(f, "{:#x}", self.0) }
    }
}

/// The digits of a number in base 10.
const DECIMAL_DIGITS: usize = 20;
/// The digits of a number in base 16.
const HEX_DIGITS: usize = 16;

/// Appends `value` in decimal, as `%lu` shows it.
pub fn push_decimal(buf: &mut Vec<u8>, value: u64) {
    let mut digits = [0; DECIMAL_DIGITS];
    buf.extend_from_slice(decimal(&mut digits, value));
}

/// Appends `value` in decimal, as `%ld` shows it.
pub fn push_signed(buf: &mut Vec<u8>, value: i64) {
    if value < 0 {
        buf.push(b'-');
    }
    push_decimal(buf, value.unsigned_abs());
}

/// Appends `value` in decimal, on the right of `width` columns, as `%*ld` shows it.
pub fn push_signed_right(buf: &mut Vec<u8>, value: i64, width: usize) {
    let mut digits = [0; DECIMAL_DIGITS];
    let digits = decimal(&mut digits, value.unsigned_abs());
    push_spaces(buf, width.saturating_sub(digits.len().saturating_add((value < 0).into())));
    if value < 0 {
        buf.push(b'-');
    }
    buf.extend_from_slice(digits);
}

/// Puts `value` in decimal on the right of a field; what does not fit is lost.
#[inline]
pub fn place_signed(field: &mut [u8], value: i32) {
    let mut left = value.unsigned_abs();
    let mut places = field.iter_mut().rev();
    for place in places.by_ref() {
        *place = b'0'.wrapping_add((left % 10) as u8);
        left /= 10;
        if left == 0 {
            break;
        }
    }
    if value < 0
        && let Some(sign) = places.next()
    {
        *sign = b'-';
    }
}

/// Puts `value` on the right of a field as [`push_hex`] shows it; what does not fit is lost.
#[inline]
pub fn place_hex(field: &mut [u8], value: u64) {
    let mut left = value;
    let mut places = field.iter_mut().rev();
    for place in places.by_ref() {
        *place = hex_digit(left);
        left >>= 4;
        if left == 0 {
            break;
        }
    }
    if value != 0 {
        for (place, prefix) in places.zip(*b"x0") {
            *place = prefix;
        }
    }
}

/// The lowest digit of a number in base 16.
#[inline]
fn hex_digit(value: u64) -> u8 {
    let digit = (value & 15) as u8;
    if digit < 10 { b'0' } else { b'a' - 10 }.wrapping_add(digit)
}

/// Appends `value` in hexadecimal without anything before it, as `%lx` shows it.
pub fn push_hex_digits(buf: &mut Vec<u8>, value: u64) {
    let mut digits = [0; HEX_DIGITS];
    buf.extend_from_slice(hex(&mut digits, value));
}

/// Appends `value` in hexadecimal with `0x` before all but zero, as `%#lx` shows it.
pub fn push_hex(buf: &mut Vec<u8>, value: u64) {
    if value != 0 {
        buf.extend_from_slice(b"0x");
    }
    push_hex_digits(buf, value);
}

/// Appends `value` as [`push_hex`], on the right of `width` columns, as `%#*lx` shows it.
pub fn push_hex_right(buf: &mut Vec<u8>, value: u64, width: usize) {
    let mut digits = [0; HEX_DIGITS];
    let digits = hex(&mut digits, value);
    let prefix: &[u8] = if value == 0 { b"" } else { b"0x" };
    push_spaces(buf, width.saturating_sub(digits.len().saturating_add(prefix.len())));
    buf.extend_from_slice(prefix);
    buf.extend_from_slice(digits);
}

/// Appends `value` in hexadecimal with leading zeros up to `width` digits, as `%0*lx` shows it.
pub fn push_hex_padded(buf: &mut Vec<u8>, value: u64, width: usize) {
    let mut digits = [0; HEX_DIGITS];
    let digits = hex(&mut digits, value);
    for _ in digits.len()..width {
        buf.push(b'0');
    }
    buf.extend_from_slice(digits);
}

/// Appends an address of `size` bytes: its lowest ones, with all digits; sixteen, if `size` is 0.
pub fn push_address(buf: &mut Vec<u8>, value: u64, size: usize) {
    let mut digits = [b'0'; HEX_DIGITS];
    let mut left = value;
    for place in digits.iter_mut().rev() {
        *place = hex_digit(left);
        left >>= 4;
    }
    let width = if size == 0 { HEX_DIGITS } else { size.saturating_mul(2) };
    buf.extend_from_slice(digits.get(HEX_DIGITS.saturating_sub(width)..).unwrap_or_default());
}

/// Appends spaces.
pub fn push_spaces(buf: &mut Vec<u8>, count: usize) {
    const SPACES: &[u8] = &[b' '; 64];
    let mut left = count;
    while left > 0 {
        let spaces = SPACES.get(..left).unwrap_or(SPACES);
        buf.extend_from_slice(spaces);
        left = left.saturating_sub(spaces.len());
    }
}

fn decimal(digits: &mut [u8; DECIMAL_DIGITS], value: u64) -> &[u8] {
    let mut left = value;
    let mut start = DECIMAL_DIGITS;
    for place in digits.iter_mut().rev() {
        *place = b'0'.wrapping_add((left % 10) as u8);
        start = start.saturating_sub(1);
        left /= 10;
        if left == 0 {
            break;
        }
    }
    digits.get(start..).unwrap_or_default()
}

fn hex(digits: &mut [u8; HEX_DIGITS], value: u64) -> &[u8] {
    let mut left = value;
    let mut start = HEX_DIGITS;
    for place in digits.iter_mut().rev() {
        *place = hex_digit(left);
        start = start.saturating_sub(1);
        left >>= 4;
        if left == 0 {
            break;
        }
    }
    digits.get(start..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pushed(push: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut buf = Vec::new();
        push(&mut buf);
        String::from_utf8(buf).unwrap()
    }

    #[test]
    fn numbers_are_as_the_formatter_has_them() {
        for value in [0, 1, 9, 10, 15, 16, 0xabc, u64::MAX / 3, u64::MAX] {
            assert_eq!(pushed(|buf| push_decimal(buf, value)), format!("{value}"));
            assert_eq!(pushed(|buf| push_hex_digits(buf, value)), format!("{value:x}"));
            let hex = if value == 0 { "0".into() } else { format!("{value:#x}") };
            assert_eq!(pushed(|buf| push_hex(buf, value)), hex);
            assert_eq!(pushed(|buf| push_hex_right(buf, value, 18)), format!("{hex:>18}"));
            assert_eq!(pushed(|buf| push_hex_padded(buf, value, 8)), format!("{value:08x}"));
        }
        assert_eq!(pushed(|buf| push_address(buf, 0x12_3456_789a, 4)), "3456789a");
        assert_eq!(pushed(|buf| push_address(buf, 0x12, 0)), "0000000000000012");
        for value in [0, 1, -1, i64::MIN, i64::MAX, 1234] {
            assert_eq!(pushed(|buf| push_signed(buf, value)), format!("{value}"));
            assert_eq!(pushed(|buf| push_signed_right(buf, value, 11)), format!("{value:11}"));
        }
        assert_eq!(pushed(|buf| push_spaces(buf, 100)), " ".repeat(100));
        for value in [0, 7, -7, i32::MIN, i32::MAX] {
            let mut field = [b' '; 11];
            place_signed(&mut field, value);
            assert_eq!(field.to_vec(), format!("{value:11}").into_bytes());
        }
        for value in [0, 7, 0xabc, u64::MAX] {
            let mut field = [b' '; 18];
            place_hex(&mut field, value);
            assert_eq!(field.to_vec(), pushed(|buf| push_hex_right(buf, value, 18)).into_bytes());
        }
    }
}
