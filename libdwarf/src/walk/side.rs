//! The units of one file: the main one or the supplementary one.

use std::sync::OnceLock;

use foldhash::HashMap;
use gimli::{AbbreviationsCacheStrategy, UnitHeader, UnitSectionOffset, UnitType};

use super::{Error, Result};
use crate::load::{Dwarf, Slice};

/// A unit: its header, and what else is of use when its entries are read.
#[derive(Debug)]
struct Slot<'data> {
    header: UnitHeader<Slice<'data>>,
    unit: OnceLock<std::result::Result<Box<gimli::Unit<Slice<'data>>>, Error>>,
}

/// The units of one file.
#[derive(Debug)]
pub(super) struct Side<'data> {
    pub dwarf: Dwarf<'data>,
    units: Vec<Slot<'data>>,
    /// How many of them are in `.debug_info`, where they come first and by offset.
    in_info: usize,
    signatures: OnceLock<HashMap<u64, usize>>,
}

impl<'data> Side<'data> {
    /// Reads the headers of all units.
    pub fn new(mut dwarf: Dwarf<'data>) -> Result<Self> {
        dwarf.populate_abbreviations_cache(AbbreviationsCacheStrategy::Duplicates);
        let damaged =
            |section, end: usize, problem| Error::Damaged { section, offset: end as u64, problem };
        let slot = |header| Slot { header, unit: OnceLock::new() };
        let mut units = Vec::new();
        let mut end = 0;
        let mut headers = dwarf.units();
        while let Some(header) =
            headers.next().map_err(|problem| damaged(".debug_info", end, problem))?
        {
            end = header.offset().0.saturating_add(header.length_including_self());
            units.push(slot(header));
        }
        let in_info = units.len();
        let mut end = 0;
        let mut headers = dwarf.type_units();
        while let Some(header) =
            headers.next().map_err(|problem| damaged(".debug_types", end, problem))?
        {
            end = header.offset().0.saturating_add(header.length_including_self());
            units.push(slot(header));
        }
        Ok(Self { dwarf, units, in_info, signatures: OnceLock::new() })
    }

    /// The numbers of all units.
    pub fn indexes(&self) -> std::ops::Range<usize> {
        0..self.units.len()
    }

    /// The header of a unit.
    pub fn header(&self, index: usize) -> Option<&UnitHeader<Slice<'data>>> {
        Some(&self.units.get(index)?.header)
    }

    /// A unit, read when it is first asked for.
    pub fn unit(&self, index: usize) -> Result<&gimli::Unit<Slice<'data>>> {
        let slot = self.units.get(index).ok_or(Error::NoUnit { offset: 0 })?;
        let read = || {
            let unit = self.dwarf.unit(slot.header).map_err(|problem| Error::Damaged {
                section: slot.header.section().name(),
                offset: slot.header.offset().0 as u64,
                problem,
            });
            unit.map(Box::new)
        };
        match slot.unit.get_or_init(read) {
            Ok(unit) => Ok(unit),
            Err(error) => Err(*error),
        }
    }

    /// The unit that holds an offset of `.debug_info`.
    pub fn holder_of(&self, offset: u64) -> Option<usize> {
        let units = self.units.get(..self.in_info)?;
        let start = |slot: &Slot<'_>| slot.header.offset().0 as u64;
        let index = units.partition_point(|slot| start(slot) <= offset).checked_sub(1)?;
        let slot = units.get(index)?;
        let end = start(slot).checked_add(slot.header.length_including_self() as u64)?;
        (offset < end).then_some(index)
    }

    /// The unit of the type with this signature, and where the type starts in it.
    pub fn type_unit(&self, signature: u64) -> Option<(usize, gimli::UnitOffset)> {
        let signatures = self.signatures.get_or_init(|| {
            let signed = self.indexes().filter_map(|index| {
                let header = self.header(index)?;
                match header.type_() {
                    UnitType::Type { type_signature, .. }
                    | UnitType::SplitType { type_signature, .. } => Some((type_signature.0, index)),
                    _ => None,
                }
            });
            // Of several, which are the same, the first.
            let mut found = HashMap::default();
            for (signature, index) in signed {
                found.entry(signature).or_insert(index);
            }
            found
        });
        let &index = signatures.get(&signature)?;
        match self.header(index)?.type_() {
            UnitType::Type { type_offset, .. } | UnitType::SplitType { type_offset, .. } => {
                Some((index, type_offset))
            }
            _ => None,
        }
    }

    /// Where a unit starts in its section.
    pub fn offset_of(&self, index: usize) -> UnitSectionOffset {
        self.header(index).map_or(UnitSectionOffset(0), UnitHeader::offset)
    }
}
