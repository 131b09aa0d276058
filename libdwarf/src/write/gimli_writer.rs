//! A [`Section`] as `gimli::write` writes to it: for programs that read, change and write with
//! `gimli::write::Dwarf`.
//!
//! ```
//! use gimli::write::{AttributeValue, DwarfUnit, Sections};
//! use gimli::{Encoding, Format, RunTimeEndian, constants};
//! use libdwarf::write::Section;
//!
//! # fn main() -> Result<(), gimli::write::Error> {
//! let encoding = Encoding { format: Format::Dwarf32, version: 5, address_size: 8 };
//! let mut dwarf = DwarfUnit::new(encoding);
//! let name = AttributeValue::StringRef(dwarf.strings.add("a.c"));
//! let root = dwarf.unit.root();
//! dwarf.unit.get_mut(root).set(constants::DW_AT_name, name);
//! let mut sections = Sections::new(Section::new(RunTimeEndian::Little));
//! dwarf.write(&mut sections)?;
//! // Where the abbreviations are, and the string.
//! assert_eq!(sections.debug_info.relocations().len(), 2);
//! # Ok(())
//! # }
//! ```

use gimli::write::{Address, Error, Writer};
use gimli::{DwEhPe, RunTimeEndian};

use super::section::{RelocationKind, Section, Target};
use crate::section::SectionId;

/// What went wrong, in gimli's words.
#[expect(clippy::needless_pass_by_value)] // As it is called.
fn failed(error: super::Error) -> Error {
    match error {
        super::Error::PointerEncoding(encoding) => {
            Error::UnsupportedPointerEncoding(DwEhPe(encoding))
        }
        super::Error::TooLarge { .. } => Error::ValueTooLarge,
        super::Error::UnknownAddress => Error::InvalidAddress,
        _ => Error::OffsetOutOfBounds,
    }
}

/// The same section in our numbers.
fn section_id(id: gimli::SectionId) -> Result<SectionId, Error> {
    SectionId::of_name(id.name().as_bytes()).ok_or(Error::OffsetOutOfBounds)
}

impl Writer for Section {
    type Endian = RunTimeEndian;

    fn endian(&self) -> RunTimeEndian {
        Section::endian(self)
    }

    fn len(&self) -> usize {
        Section::len(self)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.extend(bytes);
        Ok(())
    }

    fn write_at(&mut self, offset: usize, bytes: &[u8]) -> Result<(), Error> {
        let end = offset.checked_add(bytes.len()).ok_or(Error::LengthOutOfBounds)?;
        let place = self.bytes_mut().get_mut(offset..end).ok_or(Error::LengthOutOfBounds)?;
        place.copy_from_slice(bytes);
        Ok(())
    }

    fn write_address(&mut self, address: Address, size: u8) -> Result<(), Error> {
        self.address(address, size).map_err(failed)
    }

    fn write_eh_pointer(
        &mut self,
        address: Address,
        encoding: DwEhPe,
        size: u8,
    ) -> Result<(), Error> {
        self.pointer(address, encoding, size).map_err(failed)
    }

    fn write_offset(&mut self, value: usize, id: gimli::SectionId, size: u8) -> Result<(), Error> {
        let target = Target::Section(section_id(id)?);
        self.relocated(RelocationKind::Absolute, target, value as i64, size).map_err(failed)
    }

    fn write_offset_at(
        &mut self,
        offset: usize,
        value: usize,
        id: gimli::SectionId,
        size: u8,
    ) -> Result<(), Error> {
        let (target, kind) = (Target::Section(section_id(id)?), RelocationKind::Absolute);
        self.patch(offset, 0, size).map_err(failed)?;
        let (offset, addend) = (offset as u64, value as i64);
        self.push_relocation(super::Relocation { offset, size, kind, target, addend });
        Ok(())
    }
}
