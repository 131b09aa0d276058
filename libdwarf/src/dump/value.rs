//! Reading numbers as far as they are there, with what GNU says where they are not.

use super::{Cursor, Text};

/// The next `size` bytes as a number; as many of them as there are.
pub fn uint(cursor: &mut Cursor<'_>, size: usize) -> u64 {
    let size = size.min(cursor.remaining());
    cursor.uint(size)
}

/// As [`uint`], signed.
pub fn int(cursor: &mut Cursor<'_>, size: usize) -> i64 {
    let size = size.min(cursor.remaining());
    if size == 0 { 0 } else { cursor.int(size) }
}

/// An unsigned number in LEB128 that has to fit `bits`; what does not is cut off.
pub fn uleb(text: &mut Text, cursor: &mut Cursor<'_>, bits: u32) -> u64 {
    if let Some(&byte) = cursor.rest().first()
        && byte < 0x80
    {
        cursor.bytes(1);
        return byte.into();
    }
    let number = cursor.unsigned();
    let unused = 64u32.saturating_sub(bits);
    let kept = (number.value << unused) >> unused;
    complain(text, number.terminated, number.fits && kept == number.value);
    kept
}

/// A register's number.
pub fn register(text: &mut Text, cursor: &mut Cursor<'_>) -> u32 {
    uleb(text, cursor, 32) as u32
}

/// A signed number in LEB128 that has to fit `bits`; what does not is cut off.
pub fn sleb(text: &mut Text, cursor: &mut Cursor<'_>, bits: u32) -> i64 {
    let number = libelf::leb128::signed(cursor.rest());
    cursor.sleb();
    let unused = 64u32.saturating_sub(bits);
    let kept = (number.value << unused) >> unused;
    complain(text, number.terminated, number.fits && kept == number.value);
    kept
}

/// What GNU says of a number in LEB128 that cannot be taken as it is.
fn complain(text: &mut Text, is_whole: bool, fits: bool) {
    if !is_whole {
        text.error(format_args!("end of data encountered whilst reading LEB"));
    } else if !fits {
        text.error(format_args!("read LEB value is too large to store in destination variable"));
    }
}
