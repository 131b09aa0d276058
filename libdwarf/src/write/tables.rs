//! Tables that attributes, lists and expressions index: `.debug_addr` and `.debug_str_offsets`.
//! DWARF 5, sections 7.26 and 7.27; before it, GNU's tables without a header.

use std::collections::HashMap;
use std::hash::Hash;

use foldhash::fast::FixedState;
use gimli::Encoding;

use super::distance::Address;
use super::error::{Error, Result};
use super::section::Section;
use super::strings::{StringId, Strings};
use crate::section::SectionId;

/// Things with an index each, in the order they were first asked for.
#[derive(Clone, Debug)]
pub(super) struct Indexes<T> {
    items: Vec<T>,
    indexes: HashMap<T, u64, FixedState>,
}

impl<T> Default for Indexes<T> {
    fn default() -> Self {
        Self { items: Vec::new(), indexes: HashMap::default() }
    }
}

impl<T: Copy + Eq + Hash> Indexes<T> {
    /// Begins with items in this order.
    pub(super) fn new(items: &[T]) -> Self {
        let mut indexes = Self::default();
        for &item in items {
            indexes.indexes.entry(item).or_insert(indexes.items.len() as u64);
            indexes.items.push(item);
        }
        indexes
    }

    /// Gives an item an index if it has none.
    pub(super) fn add(&mut self, item: T) {
        let next = self.items.len() as u64;
        if *self.indexes.entry(item).or_insert(next) == next {
            self.items.push(item);
        }
    }

    /// The index of an item.
    pub(super) fn index(&self, item: T) -> Result<u64> {
        self.indexes.get(&item).copied().ok_or(Error::Dangling("an index"))
    }

    pub(super) fn items(&self) -> &[T] {
        &self.items
    }
}

/// Appends a table of addresses, and tells where the addresses begin.
pub(super) fn write_addresses(
    section: &mut Section,
    addresses: &[Address],
    encoding: Encoding,
) -> Result<u64> {
    let write = |section: &mut Section| {
        let mut addresses = addresses.iter();
        addresses.try_for_each(|&address| section.address(address, encoding.address_size))
    };
    if encoding.version < 5 {
        let base = section.len() as u64;
        write(section)?;
        return Ok(base);
    }
    let unit = section.begin(encoding.format)?;
    section.number(encoding.version.into(), 2)?;
    section.byte(encoding.address_size);
    section.byte(0); // no segments
    let base = section.len() as u64;
    write(section)?;
    section.end(unit)?;
    Ok(base)
}

/// Appends a table of offsets of strings, and tells where the offsets begin. `names` is the section
/// of the strings.
pub(super) fn write_string_offsets(
    section: &mut Section,
    items: &[StringId],
    strings: &Strings,
    names: SectionId,
    encoding: Encoding,
) -> Result<u64> {
    let unit = if encoding.version >= 5 {
        let unit = section.begin(encoding.format)?;
        section.number(encoding.version.into(), 2)?;
        section.number(0, 2)?; // padding
        Some(unit)
    } else {
        None
    };
    let base = section.len() as u64;
    for &id in items {
        section.offset(names, strings.offset(id)?, encoding.format)?;
    }
    if let Some(unit) = unit {
        section.end(unit)?;
    }
    Ok(base)
}
