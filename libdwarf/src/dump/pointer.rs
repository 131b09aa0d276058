//! Encoded addresses (`DW_EH_PE_`): of call frames, and of an operation of GNU's. Linux Standard
//! Base, section 10.5.

use super::{Cursor, Text};

/// The bits that say how many bytes there are.
const FORMAT: u8 = 7;
const DATA_2: u8 = 2;
const DATA_4: u8 = 3;
const DATA_8: u8 = 4;
/// Set where the value has a sign.
const SIGNED: u8 = 8;
/// The bits that say what the value is relative to.
const RELATIVE: u8 = 0x70;
/// To its own place.
const PC_RELATIVE: u8 = 0x10;

/// How many bytes a value takes. GNU knows no LEB128 there.
pub fn size(encoding: u8, address_size: usize) -> usize {
    match encoding & FORMAT {
        DATA_2 => 2,
        DATA_4 => 4,
        DATA_8 => 8,
        _ => address_size,
    }
}

/// A value that lies at the address `place`. What is relative to anything but its own place is left
/// as it is.
pub fn read(
    text: &mut Text,
    cursor: &mut Cursor<'_>,
    encoding: u8,
    address_size: usize,
    place: u64,
) -> u64 {
    let size = size(encoding, address_size);
    if cursor.remaining() < size {
        text.warn(format_args!("Encoded value extends past end of section"));
        cursor.seek(usize::MAX);
        return 0;
    }
    let value = if encoding & SIGNED != 0 {
        cursor.int_so_far(size).cast_unsigned()
    } else {
        cursor.uint(size)
    };
    if encoding & RELATIVE == PC_RELATIVE { value.wrapping_add(place) } else { value }
}
