//! One unit.

use gimli::{Reader, RunTimeEndian, Section, UnitHeader, UnitOffset, UnitRef};

use super::entry::{Entries, Entry};
use super::side::Side;
use super::{Error, Result, Walk};
use crate::load::Slice;

/// A unit of entries: what one run of a compiler made, a part of it, or a type. DWARF 5,
/// section 7.5.1.
#[derive(Clone, Copy, Debug)]
pub struct Unit<'w, 'data> {
    pub(super) walk: &'w Walk<'data>,
    pub(super) side: &'w Side<'data>,
    pub(super) index: usize,
}

impl<'w, 'data> Unit<'w, 'data> {
    /// Where it starts in its section, in bytes; a unit of a package in what the package holds of
    /// it.
    pub fn offset(self) -> u64 {
        self.side.offset_of(self.index).0 as u64
    }

    /// The name of its section: `.debug_info` or `.debug_types`, with `.dwo` behind it if this is
    /// a split unit.
    pub fn section(self) -> &'static str {
        self.side.section_of(self.index)
    }

    /// Its version of DWARF.
    pub fn version(self) -> u16 {
        self.side.header(self.index).map_or(0, UnitHeader::version)
    }

    /// The bytes of an address.
    pub fn address_size(self) -> u8 {
        self.side.header(self.index).map_or(0, UnitHeader::address_size)
    }

    /// Whether numbers are in big-endian order.
    pub fn is_big_endian(self) -> bool {
        self.side.dwarf.debug_info.reader().endian() == RunTimeEndian::Big
    }

    /// The signature of a type unit.
    pub fn signature(self) -> Option<u64> {
        match self.side.header(self.index)?.type_() {
            gimli::UnitType::Type { type_signature, .. }
            | gimli::UnitType::SplitType { type_signature, .. } => Some(type_signature.0),
            _ => None,
        }
    }

    /// The split unit that this one, a skeleton, stands for: in the package beside the program, or
    /// in an object of its own. `None` if it is no skeleton, or neither is there. Searched once.
    ///
    /// # Errors
    /// Where either is damaged.
    pub fn split(self) -> Result<Option<Self>> {
        let found = self.side.split(self.index, &self.walk.splits)?;
        Ok(found.map(|(side, index)| Self { side, index, ..self }))
    }

    /// The unit that has the entries: [`Self::split`], or else itself.
    ///
    /// # Errors
    /// As [`Self::split`].
    pub fn whole(self) -> Result<Self> {
        Ok(self.split()?.unwrap_or(self))
    }

    /// The entry that all others of the unit are below.
    ///
    /// # Errors
    /// Where it is damaged.
    pub fn root(self) -> Result<Entry<'w, 'data>> {
        let header = self.side.header(self.index).ok_or(Error::NoUnit { offset: 0 })?;
        self.entry(header.root_offset())
    }

    /// All its entries, in order.
    ///
    /// # Errors
    /// Where its abbreviations are damaged.
    pub fn entries(self) -> Result<Entries<'w, 'data>> {
        Ok(Entries::new(self, self.read()?.entries()))
    }

    /// The unit as [`gimli`] reads it, for what this module does not offer.
    ///
    /// # Errors
    /// Where it is damaged.
    pub fn gimli(self) -> Result<UnitRef<'w, Slice<'data>>> {
        Ok(self.read()?.unit_ref(&self.side.dwarf))
    }

    pub(super) fn read(self) -> Result<&'w gimli::Unit<Slice<'data>>> {
        self.side.unit(self.index)
    }

    /// The entry at an offset of the unit.
    pub(super) fn entry(self, offset: UnitOffset) -> Result<Entry<'w, 'data>> {
        let parsed = self.read()?.entry(offset).map_err(|problem| self.damaged(problem))?;
        Ok(Entry { unit: self, parsed })
    }

    /// The entry at an offset of `.debug_info`, which must be within the unit.
    pub(super) fn entry_at_info_offset(self, offset: u64) -> Result<Entry<'w, 'data>> {
        let within = offset.checked_sub(self.offset()).and_then(|within| within.try_into().ok());
        self.entry(UnitOffset(within.ok_or(Error::NoUnit { offset })?))
    }

    /// The entry that a signature names: of the same file, of the package or of the program.
    pub(super) fn entry_of_signature(self, signature: u64) -> Result<Entry<'w, 'data>> {
        let walk = self.walk;
        for side in [Some(self.side), walk.packed_types(signature), Some(&walk.main)] {
            let found = side.and_then(|side| Some((side, side.type_unit(signature)?)));
            if let Some((side, (index, offset))) = found {
                return Unit { walk, side, index }.entry(offset);
            }
        }
        Err(Error::NoSignature { signature })
    }

    /// The entry of the supplementary file at an offset of its `.debug_info`.
    pub(super) fn supplementary_entry(self, offset: u64) -> Result<Entry<'w, 'data>> {
        let side = self.walk.supplementary.as_ref().ok_or(Error::NoSupplementary { offset })?;
        self.walk.entry_of(side, offset)
    }

    pub(super) fn damaged(self, problem: gimli::Error) -> Error {
        Error::Damaged { section: self.section(), offset: self.offset(), problem }
    }
}
