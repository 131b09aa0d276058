//! Numbers in LEB128, with what GNU says of those that are damaged.

use super::{Cursor, Text};

const CUT_OFF: &str = "end of data encountered whilst reading LEB";
const TOO_LARGE: &str = "read LEB value is too large to store in destination variable";

/// Reads an unsigned number, and says what is wrong with it.
#[inline]
pub fn unsigned(text: &mut Text, cursor: &mut Cursor<'_>) -> u64 {
    match cursor.rest().first() {
        Some(&byte) if byte < 0x80 => {
            cursor.seek(cursor.position().saturating_add(1));
            byte.into()
        }
        _ => long_unsigned(text, cursor),
    }
}

fn long_unsigned(text: &mut Text, cursor: &mut Cursor<'_>) -> u64 {
    let number = libelf::leb128::unsigned(cursor.rest());
    cursor.seek(cursor.position().saturating_add(number.len));
    say(text, number.terminated, number.fits);
    number.value
}

/// Reads an unsigned number that is kept in 32 bits, and says what is wrong with it.
pub fn unsigned_32(text: &mut Text, cursor: &mut Cursor<'_>) -> u32 {
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
pub fn signed_32(text: &mut Text, cursor: &mut Cursor<'_>) -> i32 {
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
