//! Entries: tags, attributes, children. DWARF 5, section 2.

use gimli::{DebuggingInformationEntry as Parsed, DwAt, DwTag, EntriesCursor};

use super::unit::Unit;
use super::value::{self, Value};
use super::{Error, Result};
use crate::load::Slice;

/// A debugging information entry.
#[derive(Clone, Debug)]
pub struct Entry<'w, 'data> {
    pub(super) unit: Unit<'w, 'data>,
    pub(super) parsed: Parsed<Slice<'data>>,
}

/// How many entries that each are what the one before was made from are gone through.
const MOST_ORIGINS: usize = 16;

impl<'w, 'data> Entry<'w, 'data> {
    /// The unit that it is in.
    pub fn unit(&self) -> Unit<'w, 'data> {
        self.unit
    }

    /// What it is.
    pub fn tag(&self) -> DwTag {
        self.parsed.tag()
    }

    /// Where it starts in the section of its unit, in bytes.
    pub fn offset(&self) -> u64 {
        self.unit.offset().saturating_add(self.parsed.offset().0 as u64)
    }

    /// Whether it may have children.
    pub fn has_children(&self) -> bool {
        self.parsed.has_children()
    }

    /// Its attributes, in order. A value that cannot be read is an error in its place.
    pub fn attributes(&self) -> impl Iterator<Item = (DwAt, Result<Value<'w, 'data>>)> {
        let of = |attribute: &gimli::Attribute<Slice<'data>>| {
            (attribute.name(), value::resolve(self.unit, attribute.value()))
        };
        self.parsed.attrs().iter().map(of)
    }

    /// The value of an attribute of its own.
    ///
    /// # Errors
    /// Where what the value refers to is damaged or missing.
    pub fn value(&self, name: DwAt) -> Result<Option<Value<'w, 'data>>> {
        let value = self.parsed.attr_value(name);
        value.map(|value| value::resolve(self.unit, value)).transpose()
    }

    /// The value of an attribute of its own, or else of the entry that it completes or was made
    /// from (`DW_AT_specification`, `DW_AT_abstract_origin`, `DW_AT_signature`).
    ///
    /// # Errors
    /// As [`Self::value`].
    pub fn inherited(&self, name: DwAt) -> Result<Option<Value<'w, 'data>>> {
        const ORIGINS: [DwAt; 3] =
            [gimli::DW_AT_abstract_origin, gimli::DW_AT_specification, gimli::DW_AT_signature];
        let mut entry = self.clone();
        for _ in 0..MOST_ORIGINS {
            if let Some(value) = entry.value(name)? {
                return Ok(Some(value));
            }
            let mut origin = None;
            for attribute in ORIGINS {
                if let Some(Value::Entry(found)) = entry.value(attribute)? {
                    origin = Some(*found);
                    break;
                }
            }
            match origin {
                Some(origin) => entry = origin,
                None => return Ok(None),
            }
        }
        Err(Error::TooDeep { offset: self.offset() })
    }

    /// Its name, or that of the entry that it was made from; as it is in the file, not mangled.
    ///
    /// # Errors
    /// As [`Self::value`].
    pub fn name(&self) -> Result<Option<&'data [u8]>> {
        self.text(gimli::DW_AT_name)
    }

    /// Its name for linkers, or that of the entry that it was made from; mangled.
    ///
    /// # Errors
    /// As [`Self::value`].
    pub fn linkage_name(&self) -> Result<Option<&'data [u8]>> {
        match self.text(gimli::DW_AT_linkage_name)? {
            Some(name) => Ok(Some(name)),
            None => self.text(gimli::DW_AT_MIPS_linkage_name),
        }
    }

    /// The entry of its type, or of the type of the entry that it was made from; `None` stands for
    /// `void`.
    ///
    /// # Errors
    /// As [`Self::value`].
    pub fn type_entry(&self) -> Result<Option<Entry<'w, 'data>>> {
        Ok(match self.inherited(gimli::DW_AT_type)? {
            Some(Value::Entry(entry)) => Some(*entry),
            _ => None,
        })
    }

    fn text(&self, name: DwAt) -> Result<Option<&'data [u8]>> {
        Ok(match self.inherited(name)? {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        })
    }

    /// A number that is an attribute of its own, where it is known before the program runs.
    pub(super) fn number(&self, name: DwAt) -> Result<Option<u64>> {
        Ok(self.value(name)?.and_then(|value| value.number()))
    }

    /// Its children, in order.
    ///
    /// # Errors
    /// Where the unit is damaged.
    pub fn children(&self) -> Result<Children<'w, 'data>> {
        let unit = self.unit.read()?;
        let cursor = unit.entries_at_offset(self.parsed.offset());
        let mut cursor = cursor.map_err(|problem| self.unit.damaged(problem))?;
        // To the entry itself.
        cursor.next_entry().map_err(|problem| self.unit.damaged(problem))?;
        Ok(Children { unit: self.unit, cursor, state: State::Before })
    }
}

/// How far a walk over children is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// At the parent.
    Before,
    /// At a child.
    Within,
    /// Behind the last.
    After,
}

/// The children of an entry.
#[derive(Debug)]
pub struct Children<'w, 'data> {
    unit: Unit<'w, 'data>,
    cursor: EntriesCursor<'w, Slice<'data>>,
    state: State,
}

impl<'w, 'data> Children<'w, 'data> {
    /// The next one.
    ///
    /// # Errors
    /// Where it, or what lies before it, is damaged.
    #[expect(clippy::should_implement_trait, reason = "it fails as gimli's do")]
    pub fn next(&mut self) -> Result<Option<Entry<'w, 'data>>> {
        let step = match self.state {
            State::Before if self.cursor.current().is_some_and(Parsed::has_children) => {
                self.cursor.next_entry().map(|there| there && self.cursor.current().is_some())
            }
            State::Within => self.cursor.next_sibling().map(|sibling| sibling.is_some()),
            State::Before | State::After => Ok(false),
        };
        let there = step.map_err(|problem| {
            self.state = State::After;
            self.unit.damaged(problem)
        })?;
        self.state = if there { State::Within } else { State::After };
        let current = self.cursor.current().filter(|_| there);
        Ok(current.map(|parsed| Entry { unit: self.unit, parsed: parsed.clone() }))
    }
}

/// All entries of a unit.
#[derive(Debug)]
pub struct Entries<'w, 'data> {
    unit: Unit<'w, 'data>,
    cursor: EntriesCursor<'w, Slice<'data>>,
    has_failed: bool,
}

impl<'w, 'data> Entries<'w, 'data> {
    pub(super) fn new(unit: Unit<'w, 'data>, cursor: EntriesCursor<'w, Slice<'data>>) -> Self {
        Self { unit, cursor, has_failed: false }
    }

    /// The next one, parents before their children.
    ///
    /// # Errors
    /// Where it is damaged; there are no more behind it.
    #[expect(clippy::should_implement_trait, reason = "it fails as gimli's do")]
    pub fn next(&mut self) -> Result<Option<Entry<'w, 'data>>> {
        if self.has_failed {
            return Ok(None);
        }
        match self.cursor.next_dfs() {
            Ok(found) => Ok(found.map(|parsed| Entry { unit: self.unit, parsed: parsed.clone() })),
            Err(problem) => {
                self.has_failed = true;
                Err(self.unit.damaged(problem))
            }
        }
    }

    /// How deep the last one is; the root of the unit is at 0.
    pub fn depth(&self) -> isize {
        self.cursor.depth()
    }
}
