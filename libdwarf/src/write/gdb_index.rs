//! `.gdb_index`: GDB's index of a linked file, which linkers and `gdb-add-index` make. GDB manual,
//! appendix J, "Index Section Format".
//!
//! ```text
//! version │ where the parts are │ units │ type units │ addresses │ hash table of names │ pool
//! ```
//!
//! A slot of the hash table says where in the pool the name is, and the list of the units that
//! have it, with what it is there. All numbers are little-endian, whatever the machine's are.

use std::collections::{BTreeMap, HashMap};

use super::error::{Error, Result};
use super::section::Section;

/// The first version whose lists say what a name is, and the one that GDB writes since 7.6.
const VERSIONS: std::ops::RangeInclusive<u32> = 7..=8;
/// The six numbers at the start, in bytes.
const HEADER: usize = 24;
/// A slot of the hash table, in bytes.
const SLOT: usize = 8;
/// Units are counted in the lowest 24 bits.
const MOST_UNITS: u32 = 1 << 24;
/// Where a kind is in an entry of a list: its highest byte.
const KIND_SHIFT: u32 = 24;
/// The bits of a kind within that byte.
const IN_BYTE_SHIFT: u8 = 4;
/// The name is not seen outside of the unit.
const STATIC: u8 = 0x80;

/// What a name stands for, and whether other units see it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SymbolKind {
    /// What it stands for.
    pub class: SymbolClass,
    /// Whether it is static: no other unit sees it.
    pub is_static: bool,
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SymbolClass {
    /// It is not said.
    #[default]
    None = 0,
    /// A type.
    Type = 1,
    /// A variable or an enumerator.
    Variable = 2,
    /// A function.
    Function = 3,
    /// Something else, such as a namespace.
    Other = 4,
}

impl SymbolKind {
    /// As `.debug_gnu_pubnames` has it, and the highest byte of an entry here.
    pub(super) fn bits(self) -> u8 {
        let class = (self.class as u8) << IN_BYTE_SHIFT;
        if self.is_static { class | STATIC } else { class }
    }
}

/// A unit of a [`GdbIndex`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum GdbUnit {
    /// One of [`GdbIndex::units`], by its number.
    Unit(u32),
    /// One of [`GdbIndex::type_units`], by its number.
    Type(u32),
}

/// A type unit of `.debug_types`, or of `.debug_info` in version 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GdbTypeUnit {
    /// Where it begins, in bytes from the start of its section.
    pub offset: u64,
    /// Where its type begins, in bytes from the start of the unit.
    pub type_offset: u64,
    /// The signature.
    pub signature: u64,
}

/// Addresses of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GdbRange {
    /// The first address.
    pub begin: u64,
    /// The address after the last one.
    pub end: u64,
    /// The number of the unit.
    pub unit: u32,
}

/// The index of a file.
#[derive(Clone, Debug)]
pub struct GdbIndex {
    /// 7 or 8, which differ in nothing but what GDB trusts them with.
    pub version: u32,
    /// Where each unit begins in `.debug_info`, and its size with its length field, in bytes.
    pub units: Vec<(u64, u64)>,
    /// The type units.
    pub type_units: Vec<GdbTypeUnit>,
    /// Which unit has which addresses.
    pub ranges: Vec<GdbRange>,
    names: BTreeMap<Vec<u8>, Vec<(GdbUnit, SymbolKind)>>,
}

impl Default for GdbIndex {
    fn default() -> Self {
        Self {
            version: *VERSIONS.end(),
            units: Vec::new(),
            type_units: Vec::new(),
            ranges: Vec::new(),
            names: BTreeMap::new(),
        }
    }
}

impl GdbIndex {
    /// Adds a name that a unit has. A name that is added twice for a unit as the same is there once.
    ///
    /// # Errors
    /// If there is a zero byte in it.
    pub fn add(&mut self, name: &[u8], unit: GdbUnit, kind: SymbolKind) -> Result<()> {
        if memchr::memchr(0, name).is_some() {
            return Err(Error::ZeroInString);
        }
        let units = match self.names.get_mut(name) {
            Some(units) => units,
            None => self.names.entry(name.to_vec()).or_default(),
        };
        if !units.contains(&(unit, kind)) {
            units.push((unit, kind));
        }
        Ok(())
    }

    /// Appends the index to its section, which must be empty.
    ///
    /// # Errors
    /// If the version is unknown, a range is empty, or something is of a unit that does not exist.
    pub fn write(&self, section: &mut Section) -> Result<()> {
        if !section.is_empty() {
            return Err(Error::Order("an index in a section that has one"));
        }
        if !VERSIONS.contains(&self.version) {
            let version = u16::try_from(self.version).unwrap_or(u16::MAX);
            return Err(Error::Version { section: crate::section::SectionId::GdbIndex, version });
        }
        let (slots, pool) = self.names()?;
        let mut parts = [self.unit_list(), self.type_list(), self.range_list()?, slots, pool];
        let mut header = self.version.to_le_bytes().to_vec();
        let mut start = HEADER;
        for part in &parts {
            let offset = u32::try_from(start).map_err(|_| too_long(start))?;
            header.extend(offset.to_le_bytes());
            start = start.saturating_add(part.len());
        }
        section.extend(&header);
        for part in &mut parts {
            section.extend(part);
        }
        Ok(())
    }

    fn unit_list(&self) -> Vec<u8> {
        let numbers = self.units.iter().flat_map(|&(offset, size)| [offset, size]);
        numbers.flat_map(u64::to_le_bytes).collect()
    }

    fn type_list(&self) -> Vec<u8> {
        let numbers = self.type_units.iter();
        let numbers = numbers.flat_map(|unit| [unit.offset, unit.type_offset, unit.signature]);
        numbers.flat_map(u64::to_le_bytes).collect()
    }

    fn range_list(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        for &GdbRange { begin, end, unit } in &self.ranges {
            if begin >= end {
                return Err(Error::EmptyRange);
            }
            bytes.extend(begin.to_le_bytes());
            bytes.extend(end.to_le_bytes());
            bytes.extend(self.number(GdbUnit::Unit(unit))?.to_le_bytes());
        }
        Ok(bytes)
    }

    /// The hash table of names, and the pool: lists first, so that no name is at 0.
    fn names(&self) -> Result<(Vec<u8>, Vec<u8>)> {
        let mut pool: Vec<u8> = Vec::new();
        // Names often have the same list: those of one unit that are of one kind.
        let mut lists: HashMap<&[(GdbUnit, SymbolKind)], u32> = HashMap::new();
        for units in self.names.values() {
            if !lists.contains_key(units.as_slice()) {
                lists.insert(units, offset_in(&pool)?);
                self.push_list(&mut pool, units)?;
            }
        }
        // A third of the slots is free at least, and there is always a free one.
        let count = self.names.len().saturating_mul(4).div_ceil(3);
        let count = count.saturating_add(1).next_power_of_two();
        let mut slots = vec![None; if self.names.is_empty() { 0 } else { count }];
        for (name, units) in &self.names {
            let place = (offset_in(&pool)?, lists.get(units.as_slice()).copied().unwrap_or(0));
            pool.extend(name);
            pool.push(0);
            insert(&mut slots, hash(name), place);
        }
        let mut table = Vec::with_capacity(slots.len().saturating_mul(SLOT));
        for slot in slots {
            let (name, list) = slot.unwrap_or((0, 0));
            table.extend(u32::to_le_bytes(name));
            table.extend(u32::to_le_bytes(list));
        }
        Ok((table, pool))
    }

    fn push_list(&self, pool: &mut Vec<u8>, units: &[(GdbUnit, SymbolKind)]) -> Result<()> {
        let count = u32::try_from(units.len()).map_err(|_| too_long(units.len()))?;
        pool.extend(count.to_le_bytes());
        for &(unit, kind) in units {
            let entry = self.number(unit)? | u32::from(kind.bits()) << KIND_SHIFT;
            pool.extend(entry.to_le_bytes());
        }
        Ok(())
    }

    /// The number of a unit: type units are counted on from the others.
    fn number(&self, unit: GdbUnit) -> Result<u32> {
        let (number, of, before) = match unit {
            GdbUnit::Unit(number) => (number, self.units.len(), 0),
            GdbUnit::Type(number) => (number, self.type_units.len(), self.units.len()),
        };
        if number as usize >= of {
            return Err(Error::Dangling("a unit"));
        }
        let number = u32::try_from(before).ok().and_then(|before| before.checked_add(number));
        let number = number.filter(|&number| number < MOST_UNITS);
        number.ok_or(Error::Parameters("more units than an index can count"))
    }
}

/// Where what comes next in the pool will be.
fn offset_in(pool: &[u8]) -> Result<u32> {
    u32::try_from(pool.len()).map_err(|_| too_long(pool.len()))
}

fn too_long(length: usize) -> Error {
    Error::TooLong { length: length as u64 }
}

/// Puts something in a free slot; there must be one, and a power of two of them.
fn insert(slots: &mut [Option<(u32, u32)>], hash: u32, place: (u32, u32)) {
    let mask = (slots.len() as u32).wrapping_sub(1);
    // Odd, so that all slots are visited.
    let step = (hash.wrapping_mul(17) & mask) | 1;
    let mut at = hash & mask;
    for _ in 0..slots.len() {
        if let Some(free @ None) = slots.get_mut(at as usize) {
            *free = Some(place);
            return;
        }
        at = at.wrapping_add(step) & mask;
    }
}

/// The hash of a name, whatever the case of its letters. Since version 5.
fn hash(name: &[u8]) -> u32 {
    name.iter().fold(0, |hash: u32, byte| {
        let letter = u32::from(byte.to_ascii_lowercase());
        hash.wrapping_mul(67).wrapping_add(letter).wrapping_sub(113)
    })
}
