//! Numbers in LEB128, with what GNU says of those that are damaged.

use super::{Cursor, Text};

/// Set in the bytes that others follow.
const MORE: u8 = 0x80;
const CUT_OFF: &str = "end of data encountered whilst reading LEB";
const TOO_LARGE: &str = "read LEB value is too large to store in destination variable";

/// Reads an unsigned number, and says what is wrong with it.
#[inline]
pub fn unsigned(text: &mut Text, cursor: &mut Cursor<'_>) -> u64 {
    if let Some(byte) = single(cursor) {
        return byte.into();
    }
    long_unsigned(text, cursor)
}

/// The number that the cursor is at, if it is of one byte; it is passed then.
#[inline]
fn single(cursor: &mut Cursor<'_>) -> Option<u8> {
    let byte = cursor.peek().filter(|&byte| byte & MORE == 0)?;
    cursor.skip_byte();
    Some(byte)
}

fn long_unsigned(text: &mut Text, cursor: &mut Cursor<'_>) -> u64 {
    let number = libelf::leb128::unsigned(cursor.rest());
    cursor.seek(cursor.position().saturating_add(number.len));
    say(text, number.terminated, number.fits);
    number.value
}

/// Reads an unsigned number that is kept in 32 bits, and says what is wrong with it.
#[inline]
pub fn unsigned_32(text: &mut Text, cursor: &mut Cursor<'_>) -> u32 {
    if let Some(byte) = single(cursor) {
        return byte.into();
    }
    long_unsigned_32(text, cursor)
}

fn long_unsigned_32(text: &mut Text, cursor: &mut Cursor<'_>) -> u32 {
    let number = libelf::leb128::unsigned(cursor.rest());
    cursor.seek(cursor.position().saturating_add(number.len));
    let kept = number.value as u32;
    say(text, number.terminated, number.fits && u64::from(kept) == number.value);
    kept
}

/// Reads a signed number, and says what is wrong with it.
pub fn signed(text: &mut Text, cursor: &mut Cursor<'_>) -> i64 {
    let number = libelf::leb128::signed(cursor.rest());
    cursor.seek(cursor.position().saturating_add(number.len));
    say(text, number.terminated, number.fits);
    number.value
}

/// Reads a signed number that is kept in 32 bits, and says what is wrong with it.
#[inline]
pub fn signed_32(text: &mut Text, cursor: &mut Cursor<'_>) -> i32 {
    if let Some(byte) = single(cursor) {
        // The sign is the highest of seven bits.
        return i32::from(byte.wrapping_shl(1).cast_signed() >> 1);
    }
    long_signed_32(text, cursor)
}

fn long_signed_32(text: &mut Text, cursor: &mut Cursor<'_>) -> i32 {
    let number = libelf::leb128::signed(cursor.rest());
    cursor.seek(cursor.position().saturating_add(number.len));
    let kept = number.value as i32;
    say(text, number.terminated, number.fits && i64::from(kept) == number.value);
    kept
}

fn say(text: &mut Text, terminated: bool, fits: bool) {
    if !terminated {
        text.error(format_args!("{CUT_OFF}"));
    } else if !fits {
        text.error(format_args!("{TOO_LARGE}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use libelf::ident::{Class, Encoding};
    use libelf::raw::Endianness;

    #[test]
    fn numbers_of_one_byte_are_as_all_others() {
        let encoding = Encoding { class: Class::Elf64, endian: Endianness::Little };
        for byte in 0..0x80 {
            let mut text = Text::default();
            let data = [byte];
            let cursor = || Cursor::new(&data, encoding);
            let expected = libelf::leb128::signed(&data).value;
            assert_eq!(i64::from(signed_32(&mut text, &mut cursor())), expected);
            assert_eq!(signed(&mut text, &mut cursor()), expected);
            assert_eq!(unsigned_32(&mut text, &mut cursor()), u32::from(byte));
            assert_eq!(unsigned(&mut text, &mut cursor()), u64::from(byte));
            assert!(text.is_empty());
        }
        let mut text = Text::default();
        let mut cursor = Cursor::new(&[0x80], encoding);
        assert_eq!(unsigned(&mut text, &mut cursor), 0);
        assert!(cursor.is_at_end());
        assert_eq!(text.message_count(), 1);
    }
}
