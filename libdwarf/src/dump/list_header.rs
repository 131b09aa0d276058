//! What tables of lists of ranges and of locations start with. DWARF 5, sections 7.28 and 7.29.

use super::number::{push_decimal, push_hex};
use super::{Cursor, Text};

/// The header of a table.
pub struct ListHeader {
    /// How many bytes follow the length.
    pub length: u64,
    /// The size of an offset.
    pub offset_size: usize,
    pub version: u16,
    /// The size of an address.
    pub address_size: u8,
    pub segment_size: u8,
    /// How many offsets there are.
    pub offsets: u32,
}

impl ListHeader {
    /// Reads it where the cursor is. What is behind the end of the section is 0.
    pub fn read(cursor: &mut Cursor<'_>) -> Self {
        let (length, offset_size) = cursor.initial_length();
        Self {
            length,
            offset_size,
            version: cursor.u16(),
            address_size: cursor.u8(),
            segment_size: cursor.u8(),
            offsets: cursor.u32(),
        }
    }

    /// Shows it, behind what says where it is.
    pub fn show(&self, text: &mut Text) {
        text.put(b"\n  Length:          ");
        push_hex(&mut text.buf, self.length);
        for (label, number) in [
            (&b"\n  DWARF version:   "[..], self.version.into()),
            (b"\n  Address size:    ", self.address_size.into()),
            (b"\n  Segment size:    ", self.segment_size.into()),
            (b"\n  Offset entries:  ", self.offsets.into()),
        ] {
            text.put(label);
            push_decimal(&mut text.buf, number);
        }
        text.put(b"\n");
    }
}
