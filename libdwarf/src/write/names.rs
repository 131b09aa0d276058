//! `.debug_names`: the index of names of version 5. DWARF 5, section 6.1.1.
//!
//! A table says of names which entries have them. It is made of units and names: each name is added
//! with where its string lies, so that a linker, which joins strings first, can join tables too
//! ([`Names::merge`]).

use std::collections::{HashMap, HashSet};

use foldhash::fast::FixedState;
use gimli::{DwForm, DwIdx, DwTag, Format, Reader, constants as dw};
use libelf::leb128;

use super::error::{Error, Result};
use super::section::Section;
use crate::section::SectionId;

/// The version of the section.
const VERSION: u64 = 5;

/// A unit of a table of names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NameUnit {
    /// A compilation unit, by its number in [`Names::add_unit`].
    Compile(u32),
    /// A type unit of the file, by its number in [`Names::add_type_unit`].
    Type(u32),
    /// A type unit of a split file, by its number in [`Names::add_foreign_type_unit`], and the
    /// skeleton of the unit that it came with, which debuggers find the split file by.
    Foreign(u32, Option<u32>),
}

/// What a name says of the entry that the one it names is part of (`DW_IDX_parent`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum NameParent {
    /// Nothing.
    #[default]
    Unsaid,
    /// That no name of the table is of it.
    NotIndexed,
    /// Which one it is, by its number in [`Names::add`].
    Entry(u32),
}

/// An entry that has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NamedEntry {
    /// Its tag.
    pub tag: DwTag,
    /// The unit it is in.
    pub unit: NameUnit,
    /// Where it lies, in bytes from the start of the unit.
    pub offset: u64,
    /// What it is part of.
    pub parent: NameParent,
    /// The hash of its type (`DW_IDX_type_hash`).
    pub type_hash: Option<u64>,
}

/// A name.
#[derive(Clone, Debug)]
struct Name {
    hash: u32,
    /// Where its text lies in `.debug_str`.
    string: u64,
    /// The numbers of entries.
    entries: Vec<u32>,
}

/// A table of names.
#[derive(Clone, Debug)]
pub struct Names {
    format: Format,
    /// Who made it, and for whom; a multiple of 4 bytes is taken up by it.
    pub augmentation: Vec<u8>,
    units: Vec<u64>,
    type_units: Vec<u64>,
    foreign: Vec<u64>,
    list: Vec<Name>,
    by_string: HashMap<u64, usize, FixedState>,
    entries: Vec<NamedEntry>,
}

/// The shape of an entry: what its abbreviation says.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Shape {
    tag: DwTag,
    unit: bool,
    type_unit: bool,
    parent: Option<bool>,
    type_hash: bool,
    wide: bool,
}

/// The sizes of indexes of units.
#[derive(Clone, Copy)]
struct Sizes {
    unit: u8,
    type_unit: u8,
}

impl Names {
    /// An empty table.
    pub fn new(format: Format) -> Self {
        Self {
            format,
            augmentation: Vec::new(),
            units: Vec::new(),
            type_units: Vec::new(),
            foreign: Vec::new(),
            list: Vec::new(),
            by_string: HashMap::default(),
            entries: Vec::new(),
        }
    }

    /// Adds a compilation unit, by where it lies in `.debug_info`, and tells its number.
    pub fn add_unit(&mut self, offset: u64) -> u32 {
        self.units.push(offset);
        (self.units.len() - 1) as u32
    }

    /// Adds a type unit, by where it lies in `.debug_info`, and tells its number.
    pub fn add_type_unit(&mut self, offset: u64) -> u32 {
        self.type_units.push(offset);
        (self.type_units.len() - 1) as u32
    }

    /// Adds a type unit of a split file, by its signature, and tells its number.
    pub fn add_foreign_type_unit(&mut self, signature: u64) -> u32 {
        self.foreign.push(signature);
        (self.foreign.len() - 1) as u32
    }

    /// Adds an entry to those of a name, and tells its number. `string` is where the text lies in
    /// `.debug_str`, where each text is to be once.
    ///
    /// Of a name that is no UTF-8, letters of ASCII alone count in one case.
    pub fn add(&mut self, text: &[u8], string: u64, entry: NamedEntry) -> u32 {
        let number = self.entries.len() as u32;
        self.entries.push(entry);
        let next = self.list.len();
        let index = *self.by_string.entry(string).or_insert(next);
        if index == next {
            self.list.push(Name { hash: hash(text), string, entries: Vec::new() });
        }
        if let Some(name) = self.list.get_mut(index) {
            name.entries.push(number);
        }
        number
    }

    /// Whether there is no name.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Appends the table.
    ///
    /// # Errors
    /// If an entry is of a unit that there is not, or is part of one that there is not.
    pub fn write(&self, section: &mut Section) -> Result<()> {
        let order = Order::new(&self.list);
        let pool = self.entry_pool(&order, section.endian())?;
        let unit = section.begin(self.format)?;
        section.number(VERSION, 2)?;
        section.number(0, 2)?; // padding
        let counts = [
            self.units.len(),
            self.type_units.len(),
            self.foreign.len(),
            order.buckets.len(),
            self.list.len(),
            pool.abbreviations.len(),
            self.augmentation.len().next_multiple_of(4),
        ];
        for count in counts {
            section.number(count as u64, 4)?;
        }
        let augmentation = section.len();
        section.extend(&self.augmentation);
        section.pad(augmentation, 4, 0);
        for &offset in self.units.iter().chain(&self.type_units) {
            section.offset(SectionId::Info, offset, self.format)?;
        }
        for &signature in &self.foreign {
            section.number(signature, 8)?;
        }
        for &bucket in &order.buckets {
            section.number(bucket.into(), 4)?;
        }
        let names = || order.names.iter().filter_map(|&index| self.list.get(index));
        for name in names() {
            section.number(name.hash.into(), 4)?;
        }
        for name in names() {
            section.offset(SectionId::Str, name.string, self.format)?;
        }
        for &offset in &pool.starts {
            section.number(offset, self.format.word_size())?;
        }
        section.extend(&pool.abbreviations);
        section.append(&pool.entries);
        section.end(unit)
    }

    fn sizes(&self) -> Sizes {
        let size = |count: usize| match count {
            0..=0x100 => 1,
            0x101..=0x1_0000 => 2,
            _ => 4,
        };
        let type_units = self.type_units.len().saturating_add(self.foreign.len());
        Sizes { unit: size(self.units.len()), type_unit: size(type_units) }
    }

    fn check(&self, entry: &NamedEntry) -> Result<()> {
        let has = |list: &[u64], index: u32| (index as usize) < list.len();
        let is_there = match entry.unit {
            NameUnit::Compile(unit) => has(&self.units, unit),
            NameUnit::Type(unit) => has(&self.type_units, unit),
            NameUnit::Foreign(unit, skeleton) => {
                has(&self.foreign, unit) && skeleton.is_none_or(|unit| has(&self.units, unit))
            }
        };
        if !is_there {
            return Err(Error::Dangling("a unit of a table of names"));
        }
        match entry.parent {
            NameParent::Entry(parent) if parent as usize >= self.entries.len() => {
                Err(Error::Dangling("an entry of a table of names"))
            }
            _ => Ok(()),
        }
    }

    fn shape(&self, entry: &NamedEntry) -> Shape {
        let (unit, type_unit) = match entry.unit {
            // With one unit alone there is no question.
            NameUnit::Compile(_) => (self.units.len() != 1, false),
            NameUnit::Type(_) => (false, true),
            NameUnit::Foreign(_, skeleton) => (skeleton.is_some(), true),
        };
        let parent = match entry.parent {
            NameParent::Unsaid => None,
            NameParent::NotIndexed => Some(false),
            NameParent::Entry(_) => Some(true),
        };
        let type_hash = entry.type_hash.is_some();
        let wide = entry.offset > u32::MAX.into();
        Shape { tag: entry.tag, unit, type_unit, parent, type_hash, wide }
    }

    /// The entries of all names in order, with their abbreviations.
    fn entry_pool(&self, order: &Order, endian: gimli::RunTimeEndian) -> Result<Pool> {
        let mut pool = Pool {
            abbreviations: Vec::new(),
            entries: Section::new(endian),
            starts: Vec::with_capacity(order.names.len()),
        };
        let sizes = self.sizes();
        let mut shapes: Vec<Shape> = Vec::new();
        let mut places = vec![0; self.entries.len()];
        let mut parents = Vec::new();
        for name in order.names.iter().filter_map(|&index| self.list.get(index)) {
            pool.starts.push(pool.entries.len() as u64);
            for &number in &name.entries {
                let index = number as usize;
                let Some(entry) = self.entries.get(index) else { continue };
                self.check(entry)?;
                let shape = self.shape(entry);
                let code = shapes.iter().position(|other| *other == shape).unwrap_or_else(|| {
                    shapes.push(shape);
                    shape.write(shapes.len() as u64, sizes, &mut pool.abbreviations);
                    shapes.len() - 1
                });
                if let Some(place) = places.get_mut(index) {
                    *place = pool.entries.len() as u64;
                }
                pool.entries.uleb(code as u64 + 1);
                self.write_entry(entry, shape, sizes, &mut pool.entries, &mut parents)?;
            }
            pool.entries.byte(0);
        }
        pool.abbreviations.push(0);
        for (at, parent) in parents {
            let place = places.get(parent as usize).copied().unwrap_or(0);
            pool.entries.patch(at, place, 4)?;
        }
        Ok(pool)
    }

    fn write_entry(
        &self,
        entry: &NamedEntry,
        shape: Shape,
        sizes: Sizes,
        section: &mut Section,
        parents: &mut Vec<(usize, u32)>,
    ) -> Result<()> {
        let local = self.type_units.len() as u64;
        let (unit, type_unit) = match entry.unit {
            NameUnit::Compile(unit) => (unit, 0),
            NameUnit::Type(unit) => (0, unit.into()),
            // Foreign ones count on from those of the file.
            NameUnit::Foreign(unit, skeleton) => {
                (skeleton.unwrap_or(0), local.saturating_add(unit.into()))
            }
        };
        if shape.unit {
            section.number(unit.into(), sizes.unit)?;
        }
        if shape.type_unit {
            section.number(type_unit, sizes.type_unit)?;
        }
        section.number(entry.offset, if shape.wide { 8 } else { 4 })?;
        if let NameParent::Entry(parent) = entry.parent {
            parents.push((section.len(), parent));
            section.number(0, 4)?;
        }
        entry.type_hash.map_or(Ok(()), |hash| section.number(hash, 8))
    }

    /// Adds all units and names of another table. `unit` tells where a unit of that table lies in the
    /// joined `.debug_info`, none for one that is dropped with its names; `string` where a string lies
    /// in the joined `.debug_str`.
    ///
    /// # Errors
    /// If the table is broken.
    pub fn merge<R: Reader<Offset = usize>>(
        &mut self,
        table: &gimli::NameIndex<R>,
        strings: &gimli::DebugStr<R>,
        unit: &dyn Fn(u64) -> Option<u64>,
        string: &dyn Fn(&[u8]) -> u64,
    ) -> Result<()> {
        let compile: Vec<Option<u32>> = (0..table.compile_unit_count())
            .map(|index| {
                let place = unit(table.compile_unit(index)?.0 as u64);
                Ok(place.map(|offset| self.add_unit(offset)))
            })
            .collect::<Result<_>>()?;
        let local: Vec<Option<u32>> = (0..table.local_type_unit_count())
            .map(|index| {
                let place = unit(table.local_type_unit(index)?.0 as u64);
                Ok(place.map(|offset| self.add_type_unit(offset)))
            })
            .collect::<Result<_>>()?;
        let foreign: Vec<u32> = (0..table.foreign_type_unit_count())
            .map(|index| Ok(self.add_foreign_type_unit(table.foreign_type_unit(index)?.0)))
            .collect::<Result<_>>()?;
        let units = MergedUnits { compile, local, foreign };
        // Numbers in this table by places in the other one, and who needs them.
        let mut places: HashMap<usize, u32, FixedState> = HashMap::default();
        let mut parents = Vec::new();
        let mut seen: HashSet<usize, FixedState> = HashSet::default();
        for index in table.names() {
            let text = table.name_string(index, strings)?;
            let text = text.to_slice()?;
            let mut entries = table.name_entries(index)?;
            while let Some(entry) = entries.next()? {
                // Names that share entries could multiply without end.
                if !seen.insert(entry.offset.0) {
                    return Err(Error::Order("an entry of a table of names that two names have"));
                }
                let Some(unit) = units.of(&entry)? else { continue };
                let offset = entry.die_offset()?.ok_or(Error::Dangling("an entry"))?.0 as u64;
                let parent = match entry.parent()? {
                    Some(_) => NameParent::NotIndexed,
                    None => NameParent::Unsaid,
                };
                let named = NamedEntry {
                    tag: entry.tag,
                    unit,
                    offset,
                    parent,
                    type_hash: entry.type_hash()?,
                };
                let number = self.add(&text, string(&text), named);
                places.insert(entry.offset.0, number);
                if let Some(Some(parent)) = entry.parent()? {
                    parents.push((number, parent.0));
                }
            }
        }
        for (number, parent) in parents {
            let parent = places
                .get(&parent)
                .map_or(NameParent::NotIndexed, |&parent| NameParent::Entry(parent));
            if let Some(entry) = self.entries.get_mut(number as usize) {
                entry.parent = parent;
            }
        }
        Ok(())
    }
}

/// The units of a table that is merged, by their numbers in it.
struct MergedUnits {
    compile: Vec<Option<u32>>,
    local: Vec<Option<u32>>,
    foreign: Vec<u32>,
}

impl MergedUnits {
    /// The unit of an entry; none if it is dropped.
    fn of<R: Reader<Offset = usize>>(
        &self,
        entry: &gimli::NameEntry<R>,
    ) -> Result<Option<NameUnit>> {
        let index = |name: DwIdx| {
            let attribute = entry.attrs.iter().find(|attribute| attribute.name() == name)?;
            match attribute.value() {
                gimli::NameAttributeValue::Unsigned(index) => Some(*index as usize),
                _ => None,
            }
        };
        let dangling = Error::Dangling("a unit of a table of names");
        let unit = index(dw::DW_IDX_compile_unit);
        let compile = |unit: usize| self.compile.get(unit).copied();
        let Some(type_unit) = index(dw::DW_IDX_type_unit) else {
            let unit = match (unit, self.compile.len()) {
                (Some(unit), _) => unit,
                (None, 1) => 0,
                _ => return Err(dangling),
            };
            return Ok(compile(unit).ok_or(dangling)?.map(NameUnit::Compile));
        };
        if let Some(place) = self.local.get(type_unit) {
            return Ok(place.map(NameUnit::Type));
        }
        let foreign = type_unit.checked_sub(self.local.len());
        let foreign = foreign.and_then(|index| self.foreign.get(index)).copied();
        let skeleton = unit.and_then(compile).flatten();
        Ok(Some(NameUnit::Foreign(foreign.ok_or(dangling)?, skeleton)))
    }
}

/// What follows the names.
struct Pool {
    abbreviations: Vec<u8>,
    entries: Section,
    /// Where the entries of each name begin.
    starts: Vec<u64>,
}

impl Shape {
    /// Writes the abbreviation.
    fn write(self, code: u64, sizes: Sizes, bytes: &mut Vec<u8>) {
        let data = |size| match size {
            1 => dw::DW_FORM_data1,
            2 => dw::DW_FORM_data2,
            _ => dw::DW_FORM_data4,
        };
        let offset = if self.wide { dw::DW_FORM_ref8 } else { dw::DW_FORM_ref4 };
        let indexed = self.parent == Some(true);
        let attributes: [(bool, DwIdx, DwForm); 6] = [
            (self.unit, dw::DW_IDX_compile_unit, data(sizes.unit)),
            (self.type_unit, dw::DW_IDX_type_unit, data(sizes.type_unit)),
            (true, dw::DW_IDX_die_offset, offset),
            (indexed, dw::DW_IDX_parent, dw::DW_FORM_ref4),
            (self.parent == Some(false), dw::DW_IDX_parent, dw::DW_FORM_flag_present),
            (self.type_hash, dw::DW_IDX_type_hash, dw::DW_FORM_data8),
        ];
        leb128::write_unsigned(bytes, code);
        leb128::write_unsigned(bytes, self.tag.0.into());
        for (_, name, form) in attributes.iter().filter(|attribute| attribute.0) {
            leb128::write_unsigned(bytes, name.0.into());
            leb128::write_unsigned(bytes, form.0.into());
        }
        bytes.extend([0, 0]);
    }
}

/// The order of names that their hash table asks for.
struct Order {
    /// Names by their place in the table.
    names: Vec<usize>,
    /// The place of the first name of each bucket, from 1 on; 0 for an empty one.
    buckets: Vec<u32>,
}

impl Order {
    fn new(names: &[Name]) -> Self {
        let mut hashes: Vec<u32> = names.iter().map(|name| name.hash).collect();
        hashes.sort_unstable();
        hashes.dedup();
        // As many as LLVM has: few names a bucket, and no more buckets than needed.
        let count = match hashes.len() {
            0 => 0,
            count @ 1..=16 => count,
            count @ 17..=1024 => count / 2,
            count => count / 4,
        };
        let bucket_of = |name: &Name| name.hash.checked_rem(count as u32).unwrap_or(0);
        let mut order: Vec<usize> = (0..names.len()).collect();
        order.sort_by_key(|&index| {
            names.get(index).map_or((0, 0, 0), |name| (bucket_of(name), name.hash, name.string))
        });
        let mut buckets = vec![0; count];
        for (place, name) in order.iter().enumerate().rev() {
            let Some(name) = names.get(*name) else { continue };
            if let Some(bucket) = buckets.get_mut(bucket_of(name) as usize) {
                *bucket = place as u32 + 1;
            }
        }
        Self { names: order, buckets }
    }
}

/// DWARF 5, section 6.1.1.4.5: the hash of Bernstein of the name in one case.
pub(crate) fn hash(text: &[u8]) -> u32 {
    match std::str::from_utf8(text) {
        Ok(text) => gimli::case_folding_djb_hash(text),
        Err(_) => text
            .iter()
            .map(u8::to_ascii_lowercase)
            .fold(5381, |hash: u32, byte| hash.wrapping_mul(33).wrapping_add(byte.into())),
    }
}
