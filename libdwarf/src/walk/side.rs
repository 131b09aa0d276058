//! The units of one file: the main one, the supplementary one, or an object with split units.

use std::sync::OnceLock;

use foldhash::HashMap;
use gimli::{
    AbbreviationsCacheStrategy, DebugAddrBase, DebugRngListsBase, DwarfFileType, UnitHeader,
    UnitSectionOffset, UnitType,
};

use super::{Error, Result};
use crate::load::{Dwarf, Slice, Splits};

/// A unit: its header, and what else is of use when its entries are read.
#[derive(Debug)]
struct Slot<'data> {
    header: UnitHeader<Slice<'data>>,
    unit: OnceLock<Result<Box<gimli::Unit<Slice<'data>>>>>,
    /// What it stands for, if it is a skeleton.
    split: OnceLock<Result<Option<Box<Split<'data>>>>>,
}

/// A split unit, and the file that it is in.
#[derive(Debug)]
struct Split<'data> {
    side: Side<'data>,
    index: usize,
}

/// What a split unit takes from its skeleton, which linkers saw. DWARF 5, section 3.1.3.
#[derive(Clone, Copy, Debug)]
struct Inherited {
    low_pc: u64,
    addr_base: DebugAddrBase<usize>,
    /// Before version 5: where its ranges start in `.debug_ranges` of the program.
    ranges_base: DebugRngListsBase<usize>,
}

/// The units of one file.
#[derive(Debug)]
pub(super) struct Side<'data> {
    pub dwarf: Dwarf<'data>,
    units: Vec<Slot<'data>>,
    /// How many of them are in `.debug_info`, where they come first and by offset.
    in_info: usize,
    signatures: OnceLock<HashMap<u64, usize>>,
    inherited: Option<Inherited>,
}

impl<'data> Side<'data> {
    /// Reads the headers of all units.
    pub fn new(mut dwarf: Dwarf<'data>) -> Result<Self> {
        dwarf.populate_abbreviations_cache(AbbreviationsCacheStrategy::Duplicates);
        let damaged =
            |section, end: usize, problem| Error::Damaged { section, offset: end as u64, problem };
        let slot = |header| Slot { header, unit: OnceLock::new(), split: OnceLock::new() };
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
        Ok(Self { dwarf, units, in_info, signatures: OnceLock::new(), inherited: None })
    }

    /// The units of `dwarf`, which has the split unit of a skeleton.
    fn of_split(dwarf: Dwarf<'data>, skeleton: &gimli::Unit<Slice<'data>>) -> Result<Self> {
        let inherited = Inherited {
            low_pc: skeleton.low_pc,
            addr_base: skeleton.addr_base,
            ranges_base: skeleton.rnglists_base,
        };
        Ok(Self { inherited: Some(inherited), ..Self::new(dwarf)? })
    }

    /// The numbers of all units.
    pub fn indexes(&self) -> std::ops::Range<usize> {
        0..self.units.len()
    }

    /// The header of a unit.
    pub fn header(&self, index: usize) -> Option<&UnitHeader<Slice<'data>>> {
        Some(&self.units.get(index)?.header)
    }

    /// The name of the section that a unit is in.
    pub fn section_of(&self, index: usize) -> &'static str {
        let section = self.header(index).map_or(gimli::SectionId::DebugInfo, UnitHeader::section);
        let split = section.dwo_name().filter(|_| self.dwarf.file_type == DwarfFileType::Dwo);
        split.unwrap_or(section.name())
    }

    /// A unit, read when it is first asked for.
    pub fn unit(&self, index: usize) -> Result<&gimli::Unit<Slice<'data>>> {
        let slot = self.units.get(index).ok_or(Error::NoUnit { offset: 0 })?;
        let read = || {
            let mut unit = self.dwarf.unit(slot.header).map_err(|problem| Error::Damaged {
                section: self.section_of(index),
                offset: slot.header.offset().0 as u64,
                problem,
            })?;
            if let Some(inherited) = self.inherited {
                unit.low_pc = inherited.low_pc;
                unit.addr_base = inherited.addr_base;
                if unit.header.version() < 5 {
                    unit.rnglists_base = inherited.ranges_base;
                }
            }
            Ok(Box::new(unit))
        };
        slot.unit.get_or_init(read).as_deref().map_err(|error| *error)
    }

    /// The split unit that a unit stands for, and its file; `None` if it is no skeleton, or its
    /// object is not there.
    pub fn split(&self, index: usize, splits: &Splits<'data>) -> Result<Option<(&Self, usize)>> {
        let slot = self.units.get(index).ok_or(Error::NoUnit { offset: 0 })?;
        let find = || {
            let skeleton = self.unit(index)?;
            let Some((dwarf, unit)) = splits.unit(&self.dwarf, skeleton) else { return Ok(None) };
            let offset = unit.header.offset().0 as u64;
            let side = Self::of_split(dwarf, skeleton)?;
            let index = side.holder_of(offset).ok_or(Error::NoUnit { offset })?;
            Ok(Some(Box::new(Split { side, index })))
        };
        let found = slot.split.get_or_init(find).as_ref().map_err(|error| *error)?;
        Ok(found.as_deref().map(|split| (&split.side, split.index)))
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
