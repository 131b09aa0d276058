//! Numbers as bytes, for hot loops: the work of `%08lx` and `%5d` without a formatter between.
//!
//! ```
//! let mut line = Vec::new();
//! common::format::hex_padded(&mut line, 0x2a, 8);
//! line.push(b' ');
//! common::format::dec_right(&mut line, 42, 5);
//! assert_eq!(line, b"0000002a    42");
//! ```

/// The longest text of a 64-bit number in any base used here (octal has 22 digits).
const LONGEST: usize = 22;

/// The digits of the highest number in base 16.
const MOST_HEX: usize = 16;

/// The lowest number with more than 16 digits in base 10.
const SHORT_DEC: u64 = 10_000_000_000_000_000;

/// The lowest number with more than 8 digits in base 10.
const EIGHT_DIGITS: u64 = 100_000_000;

/// The text of a number, at the end of a buffer.
struct Digits {
    text: [u8; LONGEST],
    start: usize,
}

impl Digits {
    /// In base `BASE`: 8 or 10. A constant, so that no division is left.
    fn of<const BASE: u64>(mut value: u64) -> Self {
        let mut text = [b'0'; LONGEST];
        let mut start = LONGEST;
        for (at, place) in text.iter_mut().enumerate().rev() {
            *place = b'0' + (value % BASE) as u8;
            value /= BASE;
            start = at;
            if value == 0 {
                break;
            }
        }
        Self { text, start }
    }

    fn bytes(&self) -> &[u8] {
        self.text.get(self.start..).unwrap_or_default()
    }
}

/// The 16 hexadecimal digits of a number, highest first, as the bytes of a big-endian number.
fn hex_digits(value: u64) -> u128 {
    let high = eight_hex_digits((value >> 32) as u32);
    let low = eight_hex_digits(value as u32);
    u128::from(high) << 64 | u128::from(low)
}

/// Eight digits at once: the nibbles are spread over the bytes of a word, and to each `'0'` is
/// added, or what leads to `'a'` where the nibble is above 9.
fn eight_hex_digits(value: u32) -> u64 {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let mut word = u64::from(value);
    word = (word << 16 | word) & 0x0000_ffff_0000_ffff;
    word = (word << 8 | word) & 0x00ff_00ff_00ff_00ff;
    word = (word << 4 | word) & (0x0f * EACH);
    let letters = (word + 6 * EACH) >> 4 & EACH;
    word + u64::from(b'0') * EACH + letters * u64::from(b'a' - b'0' - 10)
}

/// How many digits a number has in base 16.
fn hex_len(value: u64) -> usize {
    (u64::BITS - (value | 1).leading_zeros()).div_ceil(4) as usize
}

fn padded(out: &mut Vec<u8>, digits: &[u8], width: usize, fill: u8) {
    out.resize(out.len() + width.saturating_sub(digits.len()), fill);
    out.extend_from_slice(digits);
}

/// `%lx`
pub fn hex(out: &mut Vec<u8>, value: u64) {
    hex_padded(out, value, 0);
}

/// `%0WIDTHlx`
pub fn hex_padded(out: &mut Vec<u8>, value: u64, width: usize) {
    let len = hex_len(value).max(width);
    if len > MOST_HEX {
        out.resize(out.len() + len - MOST_HEX, b'0');
    }
    push_low_digits(out, hex_digits(value), len.min(MOST_HEX));
}

/// Appends the last `len` of 16 digits. All are copied, as so many bytes are one instruction, and
/// those in excess cut off.
fn push_low_digits(out: &mut Vec<u8>, digits: u128, len: usize) {
    let end = out.len() + len;
    let shift = u8::BITS as usize * (MOST_HEX - len);
    out.extend_from_slice(&(digits << shift).to_be_bytes());
    out.truncate(end);
}

/// `%WIDTHlx`
pub fn hex_right(out: &mut Vec<u8>, value: u64, width: usize) {
    out.resize(out.len() + width.saturating_sub(hex_len(value)), b' ');
    hex(out, value);
}

/// `%lu`
pub fn dec(out: &mut Vec<u8>, value: u64) {
    dec_right(out, value, 0);
}

/// `%WIDTHlu`
pub fn dec_right(out: &mut Vec<u8>, value: u64, width: usize) {
    if value < SHORT_DEC && width <= MOST_HEX {
        let (digits, len) = short_dec_digits(value);
        push_low_digits(out, digits, len.max(width));
    } else {
        padded(out, Digits::of::<10>(value).bytes(), width, b' ');
    }
}

/// The digits of a number below [`SHORT_DEC`] after blanks, 16 bytes in all as those of a
/// big-endian number, and how many digits there are.
fn short_dec_digits(value: u64) -> (u128, usize) {
    const EACH: u128 = u128::from_be_bytes([1; MOST_HEX]);
    const BLANKS: u128 = u128::from_be_bytes([b' '; MOST_HEX]);
    const ZERO_OVER_BLANK: u128 = (b'0' ^ b' ') as u128;
    let high = match value / EIGHT_DIGITS {
        0 => 0,
        high => u128::from(eight_dec_digits(high as u32)) << 64,
    };
    let digits = high | u128::from(eight_dec_digits((value % EIGHT_DIGITS) as u32));
    // The last digit counts, even if it is 0.
    let blanks = (digits | 1).leading_zeros() / u8::BITS;
    let zeros = (ZERO_OVER_BLANK * EACH) >> (u8::BITS * blanks);
    (digits | BLANKS | zeros, MOST_HEX - blanks as usize)
}

/// The digits of a number below [`EIGHT_DIGITS`], one a byte, as those of a big-endian number. The
/// number is halved into lanes of four digits, these into lanes of two, these into digits; a lane
/// is divided by multiplication, for all lanes at once.
fn eight_dec_digits(value: u32) -> u64 {
    let fours = u64::from(value / 10_000) << 32 | u64::from(value % 10_000);
    // 10486 / 2^20 is a hundredth, exact enough below 10000.
    let hundreds = (fours * 10_486) >> 20 & 0x0000_007f_0000_007f;
    let twos = hundreds << 16 | (fours - hundreds * 100);
    // 103 / 2^10 is a tenth, exact enough below 100.
    let tens = (twos * 103) >> 10 & 0x000f_000f_000f_000f;
    tens << 8 | (twos - tens * 10)
}

/// `%WIDTHlo`
pub fn octal_right(out: &mut Vec<u8>, value: u64, width: usize) {
    padded(out, Digits::of::<8>(value).bytes(), width, b' ');
}

/// `%lo`
pub fn octal(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(Digits::of::<8>(value).bytes());
}

/// `%WIDTHs` over bytes: at least `width` wide, to the right.
pub fn right(out: &mut Vec<u8>, text: &[u8], width: usize) {
    padded(out, text, width, b' ');
}

/// `%-WIDTHs` over bytes: at least `width` wide, to the left.
pub fn left(out: &mut Vec<u8>, text: &[u8], width: usize) {
    out.extend_from_slice(text);
    out.resize(out.len() + width.saturating_sub(text.len()), b' ');
}

/// `%-WIDTH.WIDTHs` over bytes: exactly `width` wide, cut at the end.
pub fn left_cut(out: &mut Vec<u8>, text: &[u8], width: usize) {
    left(out, text.get(..width).unwrap_or(text), width);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(f: impl Fn(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        f(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn numbers_are_as_printf_prints_them() {
        for value in [
            0,
            1,
            9,
            10,
            15,
            16,
            255,
            SHORT_DEC - 1,
            SHORT_DEC,
            0x1234_5678_9abc_def0,
            1 << 31,
            u64::MAX,
        ] {
            assert_eq!(text(|out| hex(out, value)), format!("{value:x}"));
            assert_eq!(text(|out| dec(out, value)), format!("{value}"));
            assert_eq!(text(|out| octal(out, value)), format!("{value:o}"));
            assert_eq!(text(|out| hex_padded(out, value, 8)), format!("{value:08x}"));
            assert_eq!(text(|out| hex_padded(out, value, 20)), format!("{value:020x}"));
            assert_eq!(text(|out| hex_right(out, value, 5)), format!("{value:5x}"));
            assert_eq!(text(|out| dec_right(out, value, 5)), format!("{value:5}"));
            assert_eq!(text(|out| dec_right(out, value, 18)), format!("{value:18}"));
        }
    }

    #[test]
    fn digits_of_all_lengths_are_right() {
        let powers = (0..20).map(|length| 10u64.pow(length));
        let near = powers.flat_map(|power| [power - 1, power, power + 1, power / 3 * 2]);
        for value in near.chain(0..20_000) {
            assert_eq!(text(|out| dec(out, value)), format!("{value}"));
            assert_eq!(text(|out| dec_right(out, value, 12)), format!("{value:12}"));
        }
    }

    #[test]
    fn text_is_padded_and_cut() {
        assert_eq!(text(|out| left(out, b"ab", 4)), "ab  ");
        assert_eq!(text(|out| right(out, b"ab", 4)), "  ab");
        assert_eq!(text(|out| left_cut(out, b"abcdef", 4)), "abcd");
    }
}
