//! Build attributes: what a compiler promises about an object file, so that a linker can refuse
//! what does not fit together. ARM: "Addenda to, and errata in, the ABI for the Arm architecture",
//! section 2; the other processors and GNU use the same container.
//!
//! ```text
//! 'A'                                 version of the container
//! [ length  name \0                   a vendor: "aeabi", "gnu", …; the length counts itself
//!   [ scope  length  [index… 0]       attributes of the file (1), of sections (2), of symbols (3)
//!     [ tag  value ]*                 LEB128 number, string, or both, as the tag says
//!   ]* ]*
//! ```
//!
//! Lengths are 32-bit integers in the byte order of the file. Everything is found as it is asked
//! for and borrows from the section; a length that goes past the end of what holds it is cut, and
//! told by `is_cut`.
//!
//! ```
//! use libelf::attributes::{Attributes, Value};
//! use libelf::raw::{EM_RISCV, Endianness};
//!
//! let section = b"A\x1b\0\0\0riscv\0\x01\x11\0\0\0\x04\x10\x05rv64imac\0";
//! let attributes = Attributes::parse(section, Endianness::Little).unwrap();
//! for vendor in attributes.vendors() {
//!     let vendor = vendor.unwrap();
//!     let dictionary = libelf::attributes::dictionary(EM_RISCV, vendor.name().unwrap()).unwrap();
//!     for subsection in vendor.subsections() {
//!         for attribute in subsection.unwrap().attributes(dictionary) {
//!             let attribute = attribute.unwrap();
//!             if let Value::Text(arch) = attribute.value {
//!                 assert_eq!(dictionary.name(attribute.tag), Some("Tag_RISCV_arch"));
//!                 assert_eq!(arch, b"rv64imac");
//!             }
//!         }
//!     }
//! }
//! ```

pub mod arc;
pub mod arm;
pub mod c6000;
pub mod csky;
mod dictionary;
pub mod gnu;
pub mod msp430;
pub mod riscv;

use object::endian::{Endian, Endianness};

pub use dictionary::{Dictionary, Form, Names, Tag, dictionary};

use crate::error::{Error, Problem, Result};
use crate::leb128;

/// The version of the container: the first byte of the section.
pub const VERSION: u8 = b'A';
/// The bytes of a length.
const LENGTH: usize = 4;
/// The bytes before the contents of a subsection: its scope and its length.
const SUBSECTION_HEADER: usize = 1 + LENGTH;

/// A section of build attributes.
#[derive(Clone, Copy, Debug)]
pub struct Attributes<'data> {
    /// The whole section.
    section: &'data [u8],
    endian: Endianness,
}

impl<'data> Attributes<'data> {
    /// The attributes in the bytes of a section; lengths are read in the byte order `endian`.
    ///
    /// # Errors
    /// [`Problem::BadValue`] if the first byte is not [`VERSION`], or there is none.
    pub fn parse(section: &'data [u8], endian: Endianness) -> Result<Self> {
        match section.first() {
            Some(&VERSION) => Ok(Self { section, endian }),
            first => Err(Problem::BadValue {
                what: "version of the attributes",
                value: first.copied().unwrap_or_default().into(),
                expected: "'A'",
            }
            .into()),
        }
    }

    /// The bytes of the section.
    pub fn len(&self) -> usize {
        self.section.len()
    }

    /// Whether no vendor defines anything.
    pub fn is_empty(&self) -> bool {
        self.section.len() <= 1
    }

    /// What each vendor defines, in order. The iterator ends after an error.
    pub fn vendors(&self) -> Vendors<'data> {
        self.vendors_within(1..self.section.len())
    }

    /// As [`Self::vendors`], in a part of the section: `range` are offsets in bytes.
    pub fn vendors_within(&self, range: std::ops::Range<usize>) -> Vendors<'data> {
        let section = self.section.get(..range.end).unwrap_or(self.section);
        Vendors { section, at: range.start, endian: self.endian }
    }
}

/// An iterator over vendors; see [`Attributes::vendors`].
#[derive(Clone, Debug)]
pub struct Vendors<'data> {
    section: &'data [u8],
    at: usize,
    endian: Endianness,
}

impl<'data> Iterator for Vendors<'data> {
    type Item = Result<Vendor<'data>>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.section.get(self.at..).filter(|rest| !rest.is_empty())?;
        let start = std::mem::replace(&mut self.at, usize::MAX);
        // A length with nothing behind it holds no vendor's name.
        if rest.len() <= LENGTH {
            return Some(Err(past_end("length of a vendor's attributes", start, rest.len())));
        }
        let declared = length_at(rest, 0, self.endian)?;
        let size = size_of_cut(declared, rest.len());
        if size <= LENGTH {
            return Some(Err(Error::new(Problem::BadValue {
                what: "length of a vendor's attributes",
                value: declared.into(),
                expected: "more than the 4 bytes of the length itself",
            })
            .at(start as u64)));
        }
        self.at = start.saturating_add(size);
        Some(Ok(Vendor {
            section: self.section,
            start,
            end: self.at,
            declared,
            endian: self.endian,
        }))
    }
}

/// The attributes that one vendor defines.
#[derive(Clone, Copy, Debug)]
pub struct Vendor<'data> {
    section: &'data [u8],
    /// The offset of its length in the section, in bytes.
    start: usize,
    /// The offset of its end in the section, in bytes.
    end: usize,
    declared: u32,
    endian: Endianness,
}

impl<'data> Vendor<'data> {
    /// The length that the section gives for it, in bytes, that of the length itself included.
    pub fn declared_size(&self) -> u32 {
        self.declared
    }

    /// The bytes of the section from its length on, which [`Self::declared_size`] should not
    /// exceed.
    pub fn available_size(&self) -> usize {
        self.section.len().saturating_sub(self.start)
    }

    /// Whether it is longer than the section and was cut.
    pub fn is_cut(&self) -> bool {
        self.declared as usize > self.available_size()
    }

    /// Where it ends: the offset from the start of the section, in bytes.
    pub fn end(&self) -> usize {
        self.end
    }

    /// The vendor's name.
    ///
    /// # Errors
    /// [`Problem::Unterminated`], also if nothing follows the name.
    pub fn name(&self) -> Result<&'data [u8]> {
        let bytes = self.after_length();
        match memchr::memchr(0, bytes) {
            Some(len) if len + 1 < bytes.len() => Ok(bytes.get(..len).unwrap_or_default()),
            _ => Err(Error::new(Problem::Unterminated).at((self.start + LENGTH) as u64)),
        }
    }

    fn after_length(&self) -> &'data [u8] {
        self.section.get(self.start.saturating_add(LENGTH)..self.end).unwrap_or_default()
    }

    /// Its subsections in order; none if its name is faulty. The iterator ends after an error.
    pub fn subsections(&self) -> Subsections<'data> {
        let at = match self.name() {
            Ok(name) => self.start + LENGTH + name.len() + 1,
            Err(_) => self.end,
        };
        Subsections { section: self.section, at, end: self.end, endian: self.endian }
    }
}

/// An iterator over subsections; see [`Vendor::subsections`].
#[derive(Clone, Debug)]
pub struct Subsections<'data> {
    section: &'data [u8],
    at: usize,
    end: usize,
    endian: Endianness,
}

impl<'data> Iterator for Subsections<'data> {
    type Item = Result<Subsection<'data>>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.section.get(self.at..self.end).filter(|rest| !rest.is_empty())?;
        let start = std::mem::replace(&mut self.at, self.end);
        if rest.len() <= SUBSECTION_HEADER {
            return Some(Err(past_end("subsection of attributes", start, rest.len())));
        }
        let scope = *rest.first()?;
        let declared = length_at(rest, 1, self.endian)?;
        let size = size_of_cut(declared, rest.len());
        if size <= SUBSECTION_HEADER {
            return Some(Err(Error::new(Problem::BadValue {
                what: "length of a subsection of attributes",
                value: declared.into(),
                expected: "more than the 5 bytes before its contents",
            })
            .at(start as u64)));
        }
        self.at = start.saturating_add(size);
        Some(Ok(Subsection {
            section: self.section,
            start: start.saturating_add(SUBSECTION_HEADER),
            end: self.at,
            available: rest.len(),
            declared,
            scope: Scope::from(scope),
        }))
    }
}

/// What a subsection's attributes are said of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The whole file.
    File,
    /// The sections with these indexes.
    Section,
    /// The symbols with these indexes.
    Symbol,
    /// A scope that no standard defines.
    Other(u8),
}

impl From<u8> for Scope {
    fn from(tag: u8) -> Self {
        match tag {
            1 => Self::File,
            2 => Self::Section,
            3 => Self::Symbol,
            other => Self::Other(other),
        }
    }
}

/// Attributes with one scope.
#[derive(Clone, Copy, Debug)]
pub struct Subsection<'data> {
    section: &'data [u8],
    start: usize,
    end: usize,
    available: usize,
    declared: u32,
    /// What the attributes are said of.
    pub scope: Scope,
}

impl<'data> Subsection<'data> {
    /// The length that the section gives for it, in bytes, scope and length included.
    pub fn declared_size(&self) -> u32 {
        self.declared
    }

    /// The bytes from its scope to the end of the vendor, which [`Self::declared_size`] should
    /// not exceed.
    pub fn available_size(&self) -> usize {
        self.available
    }

    /// Whether it is longer than the vendor's attributes and was cut.
    pub fn is_cut(&self) -> bool {
        self.declared as usize > self.available
    }

    /// A cursor at its first byte after the length: before the indexes, if the scope has such.
    pub fn cursor(&self) -> Cursor<'data> {
        Cursor { section: self.section, at: self.start, end: self.end }
    }

    /// The indexes of the sections or symbols that the attributes are said of; none where
    /// [`Self::scope`] is another.
    pub fn indexes(&self) -> Indexes<'data> {
        let done = !matches!(self.scope, Scope::Section | Scope::Symbol);
        Indexes { cursor: self.cursor(), done }
    }

    /// The attributes, read as `dictionary` tells. The iterator ends after an error.
    pub fn attributes(&self, dictionary: &'static Dictionary) -> AttributeIter<'data> {
        let mut indexes = self.indexes();
        indexes.by_ref().for_each(drop);
        AttributeIter { cursor: indexes.cursor, dictionary }
    }
}

/// An iterator over the indexes of a subsection; see [`Subsection::indexes`].
#[derive(Clone, Debug)]
pub struct Indexes<'data> {
    /// Where the next index is, and after the last, the first attribute.
    pub cursor: Cursor<'data>,
    done: bool,
}

impl Iterator for Indexes<'_> {
    type Item = Result<u64>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let index = self.cursor.sound_number("index of an attribute's subject");
        self.done = matches!(index, Ok(0) | Err(_));
        match index {
            Ok(0) => None,
            index => Some(index),
        }
    }
}

/// The value of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'data> {
    /// A number.
    Integer(u64),
    /// A string, without its closing zero byte.
    Text(&'data [u8]),
    /// A number, then a string.
    IntegerAndText(u64, &'data [u8]),
    /// Nothing that has a meaning; a byte that says nothing belongs to it.
    Nothing,
}

/// A tag and its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attribute<'data> {
    /// What the value is about; see [`Dictionary::name`].
    pub tag: u64,
    /// The value.
    pub value: Value<'data>,
}

/// An iterator over attributes; see [`Subsection::attributes`].
#[derive(Clone, Debug)]
pub struct AttributeIter<'data> {
    cursor: Cursor<'data>,
    dictionary: &'static Dictionary,
}

impl<'data> AttributeIter<'data> {
    fn read(&mut self) -> Result<Attribute<'data>> {
        let tag = self.cursor.sound_number("tag of an attribute")?;
        let value = match self.dictionary.form(tag) {
            Form::Integer => Value::Integer(self.number()?),
            Form::Text => Value::Text(self.cursor.sound_text()?),
            Form::IntegerAndText => {
                Value::IntegerAndText(self.number()?, self.cursor.sound_text()?)
            }
            Form::Nothing => {
                self.cursor.skip(1);
                Value::Nothing
            }
        };
        Ok(Attribute { tag, value })
    }

    fn number(&mut self) -> Result<u64> {
        self.cursor.sound_number("value of an attribute")
    }
}

impl<'data> Iterator for AttributeIter<'data> {
    type Item = Result<Attribute<'data>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.cursor.is_at_end() {
            return None;
        }
        let attribute = self.read();
        if attribute.is_err() {
            self.cursor.finish();
        }
        Some(attribute)
    }
}

/// A place in a section of attributes, before the end of a subsection.
#[derive(Clone, Copy, Debug)]
pub struct Cursor<'data> {
    section: &'data [u8],
    at: usize,
    end: usize,
}

impl<'data> Cursor<'data> {
    /// The offset from the start of the section, in bytes.
    pub fn offset(&self) -> usize {
        self.at
    }

    /// Whether nothing of the subsection is left.
    pub fn is_at_end(&self) -> bool {
        self.at >= self.end
    }

    /// The bytes left in the subsection.
    pub fn rest(&self) -> &'data [u8] {
        self.section.get(self.at..self.end).unwrap_or_default()
    }

    /// The bytes left in the section, with what follows the subsection.
    pub fn rest_of_section(&self) -> &'data [u8] {
        self.section.get(self.at..).unwrap_or_default()
    }

    /// Reads a LEB128 number, whether it is sound or not.
    pub fn number(&mut self) -> leb128::Unsigned {
        let number = leb128::unsigned(self.rest());
        self.skip(number.len);
        number
    }

    /// Goes `count` bytes on, to the end of the subsection at most.
    pub fn skip(&mut self, count: usize) {
        self.at = self.at.saturating_add(count).min(self.end.max(self.at));
    }

    /// Goes to the end of the subsection.
    pub fn finish(&mut self) {
        self.at = self.end.max(self.at);
    }

    fn sound_number(&mut self, what: &'static str) -> Result<u64> {
        let start = self.at as u64;
        let number = self.number();
        if !number.terminated {
            return Err(past_end(what, self.at, 0));
        }
        if !number.fits {
            return Err(Error::new(Problem::BadValue {
                what,
                value: number.value,
                expected: "a number of 64 bits",
            })
            .at(start));
        }
        Ok(number.value)
    }

    fn sound_text(&mut self) -> Result<&'data [u8]> {
        let rest = self.rest();
        let Some(len) = memchr::memchr(0, rest) else {
            return Err(Error::new(Problem::Unterminated).at(self.at as u64));
        };
        self.skip(len + 1);
        Ok(rest.get(..len).unwrap_or_default())
    }
}

/// The length at `at` of `bytes`; never fails where the caller has counted the bytes.
fn length_at(bytes: &[u8], at: usize, endian: Endianness) -> Option<u32> {
    let field = bytes.get(at..at.checked_add(LENGTH)?)?;
    Some(endian.read_u32(field.try_into().ok()?))
}

/// `declared` bytes, or as many of them as there are.
fn size_of_cut(declared: u32, available: usize) -> usize {
    usize::try_from(declared).unwrap_or(usize::MAX).min(available)
}

fn past_end(what: &'static str, start: usize, available: usize) -> Error {
    let limit = start.saturating_add(available) as u64;
    Error::new(Problem::PastEnd { what, end: limit.saturating_add(1), limit }).at(start as u64)
}

#[cfg(test)]
mod tests;
