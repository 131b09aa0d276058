//! Units and their entries. DWARF 5, sections 2.1 to 2.3, 3.1 and 7.5.
//!
//! A unit is a tree of entries that refer to each other by [`EntryId`]s; where they lie is settled
//! when [`Dwarf::write`](dwarf::Dwarf::write) lays them out. An entry may be named before it has a
//! place in the tree ([`Unit::reserve`]), so that a type and what refers to it can be made in any
//! order.

pub(super) mod abbrev;
pub(super) mod dwarf;
mod encode;
mod prepare;

use gimli::{DwAt, DwForm, DwTag, Encoding, constants as dw};

use super::attribute::{Attribute, Value};
use super::distance::Address;
use super::error::{Error, Result};
use super::lists::{LocationList, LocationListId, RangeList, RangeListId};

/// An entry of a unit, by number. It says nothing of which unit that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntryId(u32);

impl EntryId {
    fn index(self) -> usize {
        self.0 as usize
    }
}

/// What a unit is, as its header says from version 5 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnitKind {
    /// A compilation unit.
    Compile,
    /// Part of one, for others to import.
    Partial,
    /// A type that all units share; in `.debug_types` up to version 4.
    Type {
        /// What other units call the type.
        signature: u64,
        /// The entry of the type.
        entry: EntryId,
    },
    /// What an object keeps of a split unit.
    Skeleton {
        /// What joins the two.
        dwo_id: u64,
    },
    /// A compilation unit in a split file.
    SplitCompile {
        /// What joins it to its skeleton.
        dwo_id: u64,
    },
    /// A type unit in a split file.
    SplitType {
        /// What other units call the type.
        signature: u64,
        /// The entry of the type.
        entry: EntryId,
    },
}

impl UnitKind {
    /// Whether it lies in a split file.
    pub fn is_split(self) -> bool {
        matches!(self, Self::SplitCompile { .. } | Self::SplitType { .. })
    }

    fn is_type(self) -> bool {
        matches!(self, Self::Type { .. } | Self::SplitType { .. })
    }
}

/// A unit.
#[derive(Clone, Debug)]
pub struct Unit {
    encoding: Encoding,
    kind: UnitKind,
    entries: Vec<Entry>,
    ranges: Vec<RangeList>,
    locations: Vec<LocationList>,
    /// What the unit's table of addresses begins with. A skeleton has the addresses of its split
    /// unit here ([`Placed::addresses`](dwarf::Placed::addresses)).
    pub addresses: Vec<Address>,
}

/// An entry.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What it describes.
    pub tag: DwTag,
    /// Whether it says where its sibling is (`DW_AT_sibling`), if it has children and one follows.
    pub sibling: bool,
    attributes: Vec<Attribute>,
    children: Vec<EntryId>,
    parent: Option<EntryId>,
}

impl Entry {
    fn new(tag: DwTag) -> Self {
        Self { tag, sibling: false, attributes: Vec::new(), children: Vec::new(), parent: None }
    }

    /// The attributes, in the order they are written in.
    pub fn attributes(&self) -> &[Attribute] {
        &self.attributes
    }

    /// The children, in their order.
    pub fn children(&self) -> &[EntryId] {
        &self.children
    }

    /// The entry that it is a child of.
    pub fn parent(&self) -> Option<EntryId> {
        self.parent
    }

    /// The value of an attribute.
    pub fn get(&self, name: DwAt) -> Option<&Value> {
        self.attributes.iter().find(|a| a.name == name).map(|a| &a.value)
    }

    /// Sets an attribute, in the form that follows from its value.
    pub fn set(&mut self, name: DwAt, value: Value) {
        self.set_attribute(Attribute { name, value, form: None, indirect: false });
    }

    /// Sets an attribute in a form of choice.
    pub fn set_form(&mut self, name: DwAt, form: DwForm, value: Value) {
        self.set_attribute(Attribute { name, value, form: Some(form), indirect: false });
    }

    /// Sets an attribute.
    pub fn set_attribute(&mut self, attribute: Attribute) {
        match self.attributes.iter_mut().find(|a| a.name == attribute.name) {
            Some(place) => *place = attribute,
            None => self.attributes.push(attribute),
        }
    }

    /// Removes an attribute.
    pub fn remove(&mut self, name: DwAt) {
        self.attributes.retain(|attribute| attribute.name != name);
    }
}

impl Unit {
    /// A unit with an empty root entry.
    ///
    /// # Errors
    /// If the version or the size of addresses is none.
    pub fn new(encoding: Encoding, kind: UnitKind) -> Result<Self> {
        if !(2..=5).contains(&encoding.version) {
            let section = crate::section::SectionId::Info;
            return Err(Error::Version { section, version: encoding.version });
        }
        super::check_address_size(encoding.address_size)?;
        let tag = match kind {
            UnitKind::Partial => dw::DW_TAG_partial_unit,
            UnitKind::Skeleton { .. } if encoding.version >= 5 => dw::DW_TAG_skeleton_unit,
            _ if kind.is_type() => dw::DW_TAG_type_unit,
            _ => dw::DW_TAG_compile_unit,
        };
        if kind.is_type() && encoding.version < 4 {
            return Err(Error::NeedsVersion { what: "a type unit", version: 4 });
        }
        Ok(Self {
            encoding,
            kind,
            entries: vec![Entry::new(tag)],
            ranges: Vec::new(),
            locations: Vec::new(),
            addresses: Vec::new(),
        })
    }

    /// Version, format and size of addresses.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// What it is.
    pub fn kind(&self) -> UnitKind {
        self.kind
    }

    /// Says what it is, of what was not known when the unit was made: the entry of a type unit.
    pub fn set_kind(&mut self, kind: UnitKind) {
        self.kind = kind;
    }

    /// The entry that all others are below.
    pub fn root(&self) -> EntryId {
        EntryId(0)
    }

    /// An entry.
    pub fn get(&self, id: EntryId) -> Option<&Entry> {
        self.entries.get(id.index())
    }

    /// An entry to change.
    pub fn get_mut(&mut self, id: EntryId) -> Option<&mut Entry> {
        self.entries.get_mut(id.index())
    }

    /// An entry to change.
    ///
    /// # Errors
    /// If there is none.
    pub fn entry(&mut self, id: EntryId) -> Result<&mut Entry> {
        self.get_mut(id).ok_or(Error::Dangling("an entry"))
    }

    /// Sets an attribute of an entry, in the form that follows from its value.
    ///
    /// # Errors
    /// If there is no such entry.
    pub fn set(&mut self, id: EntryId, name: DwAt, value: Value) -> Result<()> {
        self.entry(id)?.set(name, value);
        Ok(())
    }

    /// Makes an entry that is no part of the tree yet. References to it are errors until it is.
    pub fn reserve(&mut self, tag: DwTag) -> EntryId {
        self.entries.push(Entry::new(tag));
        EntryId((self.entries.len() - 1) as u32)
    }

    /// Makes an entry the last child of another.
    ///
    /// # Errors
    /// If one of them does not exist, or the entry is the root or has a parent.
    pub fn attach(&mut self, id: EntryId, parent: EntryId) -> Result<()> {
        if self.get(parent).is_none() {
            return Err(Error::Dangling("an entry"));
        }
        if id == self.root() || self.entry(id)?.parent.is_some() {
            return Err(Error::NoTree);
        }
        self.entry(id)?.parent = Some(parent);
        self.entry(parent)?.children.push(id);
        Ok(())
    }

    /// Makes an entry as the last child of another.
    ///
    /// # Errors
    /// If the parent does not exist.
    pub fn add(&mut self, parent: EntryId, tag: DwTag) -> Result<EntryId> {
        if self.get(parent).is_none() {
            return Err(Error::Dangling("an entry"));
        }
        let id = self.reserve(tag);
        self.attach(id, parent)?;
        Ok(id)
    }

    /// Adds a range list.
    pub fn add_ranges(&mut self, list: RangeList) -> RangeListId {
        self.ranges.push(list);
        RangeListId((self.ranges.len() - 1) as u32)
    }

    /// Adds a location list.
    pub fn add_locations(&mut self, list: LocationList) -> LocationListId {
        self.locations.push(list);
        LocationListId((self.locations.len() - 1) as u32)
    }
}
