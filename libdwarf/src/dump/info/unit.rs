//! Headers of units. DWARF 5, section 7.5.1.

use super::super::number::{push_decimal, push_hex, push_hex_digits};
use super::super::{Cursor, Loaded, Text};
use super::package::{Contributions, Part};
use crate::names;
use crate::section::SectionId;

/// Lengths of 4 bytes that are reserved, but for the one that says that 8 bytes follow.
const RESERVED: std::ops::Range<u64> = 0xffff_fff0..0xffff_ffff;
/// How wide addresses may be, in bytes.
const ADDRESS_SIZES: std::ops::RangeInclusive<u8> = 2..=8;

/// Types of units (`DW_UT_*`).
pub mod unit_type {
    pub const COMPILE: u8 = 1;
    pub const TYPE: u8 = 2;
    pub const SKELETON: u8 = 4;
    pub const SPLIT_COMPILE: u8 = 5;
}

/// The header of a unit, as it stands in the section.
#[derive(Clone, Debug, Default)]
pub struct Header {
    /// Where the unit starts in its section.
    pub offset: usize,
    /// Where its first entry starts.
    pub entries: usize,
    /// Where it ends; never behind the section.
    pub end: usize,
    /// `unit_length`
    pub length: u64,
    /// `version`
    pub version: u16,
    /// `unit_type`, from version 5 on.
    pub unit_type: u8,
    /// `debug_abbrev_offset`
    pub abbrev_offset: u64,
    /// `address_size`, mended if it makes no sense.
    pub address_size: u8,
    /// The size of an offset, 4 or 8.
    pub offset_size: u8,
    /// The number of a split unit, or of a type.
    pub signature: Option<u64>,
    /// Where the type is, from the start of the unit.
    pub type_offset: Option<u64>,
    /// `address_size`, if it makes no sense.
    pub odd_address_size: Option<u8>,
    /// What it has of other sections, in a package.
    pub contributions: Option<Box<Contributions>>,
}

/// Why there are no more units.
#[derive(Clone, Debug)]
pub enum Fault {
    /// A length that is reserved.
    Reserved(u64),
    /// A length beyond the end of the section, and how many bytes there are.
    Corrupt(u64, u64),
    /// There are none.
    Nothing,
}

impl Fault {
    /// Says why there are no units.
    pub fn say(&self, text: &mut Text, section: &Loaded<'_>) {
        let name = String::from_utf8_lossy(&section.name);
        match *self {
            Self::Reserved(length) => {
                let length = Hex(length);
                text.warn(format_args!("Reserved length value ({length}) found in section {name}"));
            }
            Self::Corrupt(length, most) => {
                let (length, most) = (Hex(length), Hex(most));
                let expected = "expected at most";
                text.warn(format_args!(
                    "Corrupt unit length (got {length} {expected} {most}) in section {name}"
                ));
            }
            Self::Nothing => text.error(format_args!("No comp units in {name} section ?")),
        }
    }
}

impl Header {
    /// Reads the header where the cursor is; the cursor is then behind the unit.
    pub fn read(cursor: &mut Cursor<'_>, id: SectionId) -> Result<Self, Fault> {
        let mut unit = Self { offset: cursor.position(), ..Self::default() };
        let (length, offset_size) = cursor.initial_length();
        (unit.length, unit.offset_size) = (length, offset_size as u8);
        if unit.offset_size == 4 && RESERVED.contains(&unit.length) {
            return Err(Fault::Reserved(unit.length));
        }
        let left = cursor.remaining() as u64;
        if unit.length > left {
            return Err(Fault::Corrupt(unit.length, left));
        }
        unit.end = cursor.position().saturating_add(unit.length as usize);
        unit.version = cursor.u16();
        if unit.version < 5 {
            unit.abbrev_offset = cursor.uint(unit.offset_size.into());
            unit.address_size = cursor.u8();
        } else {
            unit.unit_type = cursor.u8();
            unit.address_size = cursor.u8();
            unit.abbrev_offset = cursor.uint(unit.offset_size.into());
        }
        unit.mend_address_size();
        if matches!(id, SectionId::Types | SectionId::TypesDwo) {
            unit.unit_type = unit_type::TYPE;
        }
        match unit.unit_type {
            unit_type::TYPE => {
                unit.signature = Some(cursor.u64());
                unit.type_offset = Some(cursor.uint(unit.offset_size.into()));
            }
            unit_type::SKELETON | unit_type::SPLIT_COMPILE => unit.signature = Some(cursor.u64()),
            _ => {}
        }
        unit.entries = cursor.position();
        cursor.seek(unit.end);
        Ok(unit)
    }

    /// An address of a size that no machine has is taken for one of the size of an offset.
    fn mend_address_size(&mut self) {
        let size = self.address_size;
        if !ADDRESS_SIZES.contains(&size) {
            self.odd_address_size = Some(size);
            self.address_size = self.offset_size;
        }
    }

    fn has_known_type(&self) -> bool {
        (unit_type::COMPILE..=unit_type::SPLIT_COMPILE).contains(&self.unit_type)
    }

    /// Where its abbreviations are in their section.
    pub fn abbrevs_at(&self) -> u64 {
        let base = self.contributions.as_ref().map_or(0, |parts| parts.abbrev.0);
        base.saturating_add(self.abbrev_offset)
    }

    /// How many bytes a reference to any unit takes.
    pub fn reference_size(&self) -> u8 {
        if self.version == 2 { self.address_size } else { self.offset_size }
    }

    /// Warns of what is mended.
    pub fn warn_mended(&self, text: &mut Text) {
        if let Some(odd) = self.odd_address_size {
            let size = self.address_size;
            let what = "Invalid pointer size";
            text.warn(format_args!("{what} ({odd}) in compunit header, using {size} instead"));
        }
    }

    /// Appends the lines that stand before the entries. Returns whether entries can be shown.
    pub fn show(&self, text: &mut Text) -> bool {
        self.warn_mended(text);
        text.put(b"  Compilation Unit @ offset ");
        push_hex(&mut text.buf, self.offset as u64);
        text.put(b":\n   Length:        ");
        push_hex(&mut text.buf, self.length);
        text.put(if self.offset_size == 8 { b" (64-bit)\n" } else { b" (32-bit)\n" });
        text.put(b"   Version:       ");
        push_decimal(&mut text.buf, self.version.into());
        text.put(b"\n");
        if self.version >= 5 {
            let name = names::unit_type(self.unit_type.into()).unwrap_or("unknown");
            text.put(b"   Unit Type:     ");
            text.put(name.as_bytes());
            text.put(b" (");
            push_hex_digits(&mut text.buf, self.unit_type.into());
            text.put(b")\n");
        }
        text.put(b"   Abbrev Offset: ");
        push_hex(&mut text.buf, self.abbrev_offset);
        text.put(b"\n   Pointer Size:  ");
        push_decimal(&mut text.buf, self.address_size.into());
        text.put(b"\n");
        if let Some(signature) = self.signature {
            let what: &[u8] = if self.type_offset.is_some() {
                b"   Signature:     "
            } else {
                b"   DWO ID:        "
            };
            text.put(what);
            push_hex(&mut text.buf, signature);
            text.put(b"\n");
        }
        if let Some(offset) = self.type_offset {
            text.put(b"   Type Offset:   ");
            push_hex(&mut text.buf, offset);
            text.put(b"\n");
        }
        if let Some(contributions) = &self.contributions {
            contributions.show(text);
        }
        self.warn_unsupported(text)
    }

    /// Whether there is nothing to warn of.
    pub fn is_supported(&self) -> bool {
        let mut text = Text::default();
        self.warn_mended(&mut text);
        self.warn_unsupported(&mut text) && text.is_empty()
    }

    /// Warns of what is not known. Returns whether entries can be read.
    pub fn warn_unsupported(&self, text: &mut Text) -> bool {
        let Self { offset, version, unit_type, .. } = self;
        let what = "corrupt or unsupported";
        let offset = Hex(*offset as u64);
        if !(2..=5).contains(version) {
            text.warn(format_args!(
                "CU at offset {offset} contains {what} version number: {version}."
            ));
            return false;
        }
        if *version == 5 && !self.has_known_type() {
            text.warn(format_args!(
                "CU at offset {offset} contains {what} unit type: {unit_type}."
            ));
            return false;
        }
        true
    }
}

/// Appends a line of an offset and a size behind `lead`.
pub fn push_range(text: &mut Text, lead: &[u8], (offset, size): Part) {
    text.put(lead);
    text.buf.push(b' ');
    push_hex(&mut text.buf, offset);
    text.put(b"  ");
    push_hex(&mut text.buf, size);
    text.put(b"\n");
}

/// A number as `%#lx` shows it.
pub struct Hex(pub u64);

impl std::fmt::Display for Hex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0 == 0 { f.write_str("0") } else { write!(f, "{:#x}", self.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use libelf::ident::{Class, Encoding};
    use libelf::raw::Endianness;

    const LITTLE: Encoding = Encoding { class: Class::Elf64, endian: Endianness::Little };

    #[test]
    fn headers_are_read_and_damage_is_found() {
        let data = [12, 0, 0, 0, 4, 0, 0, 0, 0, 0, 8, 1, 2, 3, 4, 0];
        let mut cursor = Cursor::new(&data, LITTLE);
        let unit = Header::read(&mut cursor, SectionId::Info).unwrap();
        assert_eq!((unit.version, unit.address_size, unit.entries, unit.end), (4, 8, 11, 16));
        assert!(cursor.is_at_end());
        let mut text = Text::default();
        assert!(unit.show(&mut text));
        assert!(
            text.buf
                .starts_with(b"  Compilation Unit @ offset 0:\n   Length:        0xc (32-bit)\n")
        );

        let short = Header::read(&mut Cursor::new(&data[..15], LITTLE), SectionId::Info);
        assert!(matches!(short, Err(Fault::Corrupt(12, 11))));
        let reserved =
            Header::read(&mut Cursor::new(&[0xf0, 0xff, 0xff, 0xff], LITTLE), SectionId::Info);
        assert!(matches!(reserved, Err(Fault::Reserved(0xffff_fff0))));
    }

    #[test]
    fn an_address_of_no_size_has_that_of_an_offset() {
        let data = [7, 0, 0, 0, 4, 0, 0, 0, 0, 0, 99];
        let unit = Header::read(&mut Cursor::new(&data, LITTLE), SectionId::Info).unwrap();
        assert_eq!((unit.address_size, unit.odd_address_size), (4, Some(99)));
    }
}
