//! The header of a line number program. DWARF 5, section 6.2.4; DWARF 2 to 4, section 6.2.4.

use libelf::ident::Encoding;

use crate::dump::number::Hex;
use crate::dump::{Cursor, Text};

const MAX_VERSION: u16 = 5;
const MIN_VERSION: u16 = 2;

/// The fields of a header before its tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Where the unit starts in the section.
    pub offset: usize,
    /// How many bytes follow the length.
    pub length: u64,
    /// Where the unit ends.
    pub end: usize,
    /// 4 in DWARF32, 8 in DWARF64.
    pub offset_size: usize,
    /// `version`
    pub version: u16,
    /// `address_size`; from version 5 on.
    pub address_size: u8,
    /// `segment_selector_size`; from version 5 on.
    pub segment_size: u8,
    /// `header_length`, called prologue length in version 2.
    pub prologue_length: u64,
    /// `minimum_instruction_length`
    pub minimum_length: u8,
    /// `maximum_operations_per_instruction`; 1 before version 4.
    pub maximum_operations: u8,
    /// `default_is_stmt`
    pub default_is_stmt: u8,
    /// `line_base`
    pub line_base: i8,
    /// `line_range`
    pub line_range: u8,
    /// `opcode_base`
    pub opcode_base: u8,
    /// Where the lengths of standard opcodes start.
    pub lengths_at: usize,
}

/// Why there is nothing to show of a unit, nor of those behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// The section ends before the unit with this length does.
    Length(u64),
    /// The version is not known.
    Version,
    /// Segment selectors of this size.
    Segments(u8),
    /// No operations fit an instruction.
    Operations,
}

impl Flaw {
    /// Says what is wrong in the section that has this name.
    pub fn say(self, text: &mut Text, section: &str) {
        match self {
            Self::Length(length) => text.warn(format_args!(
                "The length field ({}) in the debug_line header is wrong - the section is \
                 too small",
                Hex(length)
            )),
            Self::Version => text.warn(format_args!(
                "Only DWARF version 2, 3, 4 and 5 line info is currently supported."
            )),
            Self::Segments(size) => text.warn(format_args!(
                "The {section} section contains unsupported segment selector size: {size}."
            )),
            Self::Operations => {
                text.warn(format_args!("Invalid maximum operations per insn."));
            }
        }
    }
}

impl Header {
    /// Reads the header at `offset` of a section.
    ///
    /// # Errors
    /// What makes the unit unreadable.
    pub fn read(section: &[u8], offset: usize, encoding: Encoding) -> Result<Self, Flaw> {
        let mut cursor = Cursor::new(section, encoding);
        cursor.seek(offset);
        let (mut length, offset_size) = cursor.initial_length();
        // In an object whose lengths are relocated, and that has no relocations, the length is what
        // is added to the symbol at the end: less its own size. Then it is the rest of the section.
        let own = cursor.position().saturating_sub(offset) as u64;
        let unrelocated = if offset_size == 4 {
            u64::from(own.wrapping_neg() as u32)
        } else {
            own.wrapping_neg()
        };
        if length == unrelocated {
            length = cursor.remaining() as u64;
        }
        let end = usize::try_from(length)
            .ok()
            .and_then(|length| cursor.position().checked_add(length))
            .filter(|&end| end <= section.len())
            .ok_or(Flaw::Length(length))?;
        let start = cursor.position();
        // The fields are read up to the end of the unit, the tables up to that of the section.
        let mut cursor = Cursor::new(section.get(..end).unwrap_or_default(), encoding);
        cursor.seek(start);
        let version = cursor.u16();
        if !(MIN_VERSION..=MAX_VERSION).contains(&version) {
            return Err(Flaw::Version);
        }
        let (mut address_size, mut segment_size) = (0, 0);
        if version >= 5 {
            address_size = cursor.u8();
            segment_size = cursor.u8();
            if segment_size != 0 {
                return Err(Flaw::Segments(segment_size));
            }
        }
        let prologue_length = cursor.uint(offset_size);
        let minimum_length = cursor.u8();
        let mut maximum_operations = 1;
        if version >= 4 {
            maximum_operations = cursor.u8();
            if maximum_operations == 0 {
                return Err(Flaw::Operations);
            }
        }
        Ok(Self {
            offset,
            length,
            end,
            offset_size,
            version,
            address_size,
            segment_size,
            prologue_length,
            minimum_length,
            maximum_operations,
            default_is_stmt: cursor.u8(),
            line_base: cursor.u8().cast_signed(),
            line_range: cursor.u8(),
            opcode_base: cursor.u8(),
            lengths_at: cursor.position(),
        })
    }

    /// The lengths of the standard opcodes, if the section has them all.
    pub fn opcode_lengths<'a>(&self, section: &'a [u8]) -> Option<&'a [u8]> {
        let count = usize::from(self.opcode_base.saturating_sub(1));
        section.get(self.lengths_at..)?.get(..count)
    }

    /// The line range, as it is used.
    pub fn usable_range(&self) -> u8 {
        self.line_range.max(1)
    }
}

/// Says that a line range of 0 is not used as such.
pub fn check_range(text: &mut Text, header: &Header) {
    if header.line_range == 0 {
        text.warn(format_args!("Line range of 0 is invalid, using 1 instead"));
    }
}
