//! Integers in LEB128: seven bits a byte, lowest first, the top bit set in all bytes but the
//! last. DWARF 5, section 7.6; also the addenda to the ABI for build attributes.
//!
//! ```
//! let number = libelf::leb128::unsigned(&[0xe5, 0x8e, 0x26, 0xff]);
//! assert_eq!((number.value, number.len), (624_485, 3));
//! assert!(number.terminated && number.fits);
//! ```

/// The bits of the number that a byte holds.
const PAYLOAD: u8 = 0x7f;
/// Set in every byte that another one follows.
const MORE: u8 = 0x80;

/// An integer as far as it could be read; nothing is lost where it is sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unsigned {
    /// Its lowest 64 bits.
    pub value: u64,
    /// How many bytes it takes; all there are, if it is not terminated.
    pub len: usize,
    /// Whether its last byte was there.
    pub terminated: bool,
    /// Whether it fits 64 bits.
    pub fits: bool,
}

impl Unsigned {
    /// Whether the number was whole and fits 64 bits.
    pub fn is_sound(&self) -> bool {
        self.terminated && self.fits
    }
}

/// Reads the unsigned number at the start of `bytes`. Surplus zero bits, however many, are no
/// fault.
pub fn unsigned(bytes: &[u8]) -> Unsigned {
    let mut number = Unsigned { value: 0, len: 0, terminated: false, fits: true };
    let mut shift = 0u32;
    for &byte in bytes {
        number.len += 1;
        let bits = u64::from(byte & PAYLOAD);
        let placed = bits.checked_shl(shift).unwrap_or(0);
        number.value |= placed;
        if placed.checked_shr(shift).unwrap_or(0) != bits {
            number.fits = false;
        }
        shift = shift.saturating_add(7);
        if byte & MORE == 0 {
            number.terminated = true;
            break;
        }
    }
    number
}

/// A signed integer as far as it could be read; nothing is lost where it is sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signed {
    /// Its lowest 64 bits.
    pub value: i64,
    /// How many bytes it takes; all there are, if it is not terminated.
    pub len: usize,
    /// Whether its last byte was there.
    pub terminated: bool,
    /// Whether it fits 64 bits.
    pub fits: bool,
}

/// Set in the last byte of a negative number.
const SIGN: u8 = 0x40;

/// Reads the signed number at the start of `bytes`. Surplus bits that repeat the sign, however
/// many, are no fault.
pub fn signed(bytes: &[u8]) -> Signed {
    let mut number = Signed { value: 0, len: 0, terminated: false, fits: true };
    let mut shift = 0u32;
    for &byte in bytes {
        number.len += 1;
        let is_last = byte & MORE == 0;
        // As an i64 with the sign that the byte would have as the last one.
        let bits = i64::from(byte & PAYLOAD);
        let extended = if is_last && byte & SIGN != 0 { bits | -0x80 } else { bits };
        number.value |= extended.checked_shl(shift).unwrap_or(0);
        if shift >= 63 {
            // Bit 63 is the sign; what is above must repeat it.
            let sign = if number.value < 0 { i64::from(PAYLOAD) } else { 0 };
            number.fits &= bits == sign;
        }
        shift = shift.saturating_add(7);
        if is_last {
            number.terminated = true;
            break;
        }
    }
    number
}

/// Appends `value` in as few bytes as it needs.
pub fn write_unsigned(bytes: &mut Vec<u8>, mut value: u64) {
    loop {
        let bits = value as u8 & PAYLOAD;
        value >>= 7;
        if value == 0 {
            bytes.push(bits);
            return;
        }
        bytes.push(bits | MORE);
    }
}

/// Appends the signed `value` in as few bytes as it needs.
pub fn write_signed(bytes: &mut Vec<u8>, mut value: i64) {
    // The highest payload bit of the last byte is the sign of all that are left out.
    while !(-0x40..0x40).contains(&value) {
        bytes.push(value as u8 & PAYLOAD | MORE);
        value >>= 7;
    }
    bytes.push(value as u8 & PAYLOAD);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_number_fits_and_one_bit_more_does_not() {
        let mut bytes = [0xff; 10];
        bytes[9] = 1;
        let number = unsigned(&bytes);
        assert_eq!(number.value, u64::MAX);
        assert!(number.is_sound());
        bytes[9] = 2;
        assert!(!unsigned(&bytes).fits);
    }

    #[test]
    fn surplus_zero_bits_are_no_fault() {
        let mut bytes = [0x80; 14];
        bytes[0] = 0x81;
        bytes[13] = 0;
        let number = unsigned(&bytes);
        assert!(number.is_sound());
        assert_eq!((number.value, number.len), (1, 14));
    }

    #[test]
    fn what_is_written_is_read_and_as_short_as_can_be() {
        for (value, len) in [(0, 1), (127, 1), (128, 2), (624_485, 3), (u64::MAX, 10)] {
            let mut bytes = Vec::new();
            write_unsigned(&mut bytes, value);
            let number = unsigned(&bytes);
            assert_eq!((number.value, number.len, bytes.len()), (value, len, len));
        }
    }

    #[test]
    fn signed_numbers_are_read_as_written() {
        let numbers = [0, 1, -1, 63, 64, -64, -65, 127, -128, 1 << 40, i64::MAX, i64::MIN];
        for value in numbers {
            let mut bytes = Vec::new();
            write_signed(&mut bytes, value);
            let number = signed(&bytes);
            assert_eq!((number.value, number.len), (value, bytes.len()));
            assert!(number.terminated && number.fits, "{value}");
        }
        // 64 bits of value with another sign above them.
        let mut bytes = [0x80; 10];
        bytes[9] = 1;
        assert!(!signed(&bytes).fits);
        assert!(!signed(&[0xff]).terminated);
    }

    #[test]
    fn a_number_without_its_last_byte_is_told() {
        let number = unsigned(&[0x80, 0x81]);
        assert!(!number.terminated);
        assert_eq!((number.value, number.len), (0x80, 2));
        assert!(!unsigned(&[]).terminated);
    }
}
