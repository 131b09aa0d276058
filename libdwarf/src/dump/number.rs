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
    if value < 10 {
        return buf.push(b'0'.wrapping_add(value as u8));
    }
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
    let mut digits = [0; HEX_DIGITS];
    let digits = hex(&mut digits, value);
    let mut places = field.iter_mut().rev();
    for (digit, place) in digits.iter().rev().zip(places.by_ref()) {
        *place = *digit;
    }
    if value != 0 {
        for (place, prefix) in places.zip(*b"x0") {
            *place = prefix;
        }
    }
}

/// Appends `value` in hexadecimal without anything before it, as `%lx` shows it.
#[inline]
pub fn push_hex_digits(buf: &mut Vec<u8>, value: u64) {
    // Digits and what is behind them are appended at once, and the latter is taken away.
    let width = hex_width(value);
    let end = buf.len().saturating_add(width);
    let skipped = HEX_DIGITS.saturating_sub(width).saturating_mul(8) as u32;
    let digits = u128::from_be_bytes(hex_digits(value)).checked_shl(skipped).unwrap_or(0);
    buf.extend_from_slice(&digits.to_be_bytes());
    buf.truncate(end);
}

/// Appends `value` in hexadecimal with `0x` before all but zero, as `%#lx` shows it.
#[inline]
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
    let digits = hex_digits(value);
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

/// The digits of a number in base 16 without leading zeros.
fn hex(digits: &mut [u8; HEX_DIGITS], value: u64) -> &[u8] {
    *digits = hex_digits(value);
    digits.get(HEX_DIGITS.saturating_sub(hex_width(value))..).unwrap_or_default()
}

/// How many digits a number has in base 16.
#[inline]
fn hex_width(value: u64) -> usize {
    let bits = u64::BITS.saturating_sub((value | 1).leading_zeros());
    bits.div_ceil(4) as usize
}

/// All 16 digits of a number in base 16: eight at a time, each in a byte of a word.
#[inline]
fn hex_digits(value: u64) -> [u8; HEX_DIGITS] {
    let (high, low) = (hex_half((value >> 32) as u32), hex_half(value as u32));
    ((u128::from(high) << 64) | u128::from(low)).to_be_bytes()
}

/// Eight digits, the first one in the highest byte.
#[inline]
fn hex_half(value: u32) -> u64 {
    /// In every byte.
    const ONES: u64 = 0x0101_0101_0101_0101;
    /// From the digit behind `9` to `a`.
    const GAP: u64 = (b'a' - b'9' - 1) as u64;
    // Halves, bytes and then digits are moved apart.
    let mut digits = u64::from(value);
    digits = ((digits << 16) | digits) & 0x0000_ffff_0000_ffff;
    digits = ((digits << 8) | digits) & 0x00ff_00ff_00ff_00ff;
    digits = ((digits << 4) | digits) & 0x0f0f_0f0f_0f0f_0f0f;
    // 1 in the bytes of those beyond 9: 6 more have a fifth bit. No sum leaves its byte.
    let beyond = (digits.wrapping_add(ONES.wrapping_mul(6)) >> 4) & ONES;
    digits.wrapping_add(ONES.wrapping_mul(b'0'.into())).wrapping_add(beyond.wrapping_mul(GAP))
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
        let widths = (0..u64::BITS).flat_map(|bit| [1 << bit, (1 << bit) - 1]);
        let others = [9, 10, 0xabc, 0x0123_4567_89ab_cdef, u64::MAX / 3, u64::MAX];
        for value in widths.chain(others) {
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
