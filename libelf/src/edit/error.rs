//! Why an object cannot be written.

use std::fmt;

use super::contents::writer::{Unfit, UnfitFault};
use super::{SectionId, SegmentId};

/// A result of laying out or writing.
pub type Result<T> = std::result::Result<T, Error>;

/// The structure that an error lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The ELF header.
    Header,
    /// The header of the section with this index.
    Section(u32),
    /// The program header with this index.
    Segment(u32),
    /// An entry of the table in the section with this index.
    Entry {
        /// The index of the section.
        section: u32,
        /// The index of the entry in its table.
        entry: u32,
        /// What entries of the table are.
        what: &'static str,
    },
    /// The contents of a segment.
    SegmentContents(u32),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header => f.write_str("ELF header"),
            Self::Section(index) => write!(f, "section [{index}]"),
            Self::Segment(index) => write!(f, "segment {index}"),
            Self::Entry { section, entry, what } => {
                write!(f, "section [{section}]: {what} {entry}")
            }
            Self::SegmentContents(index) => write!(f, "contents of segment {index}"),
        }
    }
}

/// Why an object cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A value that its field has no room for.
    #[error("{place}: {field} is {value:#x}, and has {bits} bits")]
    TooWide {
        /// The structure.
        place: Place,
        /// The field's name.
        field: &'static str,
        /// The value.
        value: i128,
        /// The width of the field in bits.
        bits: u32,
    },
    /// A reference to a section, segment or symbol that was removed, or is of another table.
    #[error("{place}: {field} refers to a {what} that is not there")]
    Dangling {
        /// The structure that refers.
        place: Place,
        /// The field's name.
        field: &'static str,
        /// What it refers to.
        what: &'static str,
    },
    /// A name that its string table does not hold.
    #[error("{place}: the string table does not hold the name {:?}", String::from_utf8_lossy(name))]
    NoName {
        /// The structure that has the name.
        place: Place,
        /// The name.
        name: Vec<u8>,
    },
    /// A section index that does not fit the symbol, and no `SHT_SYMTAB_SHNDX` section for it.
    #[error("{place}: the section's index needs an SHT_SYMTAB_SHNDX section, and there is none")]
    NoSymbolSections {
        /// The symbol.
        place: Place,
    },
    /// Contents that cannot be stored in the form that was asked for.
    #[error("{place}: {why}")]
    Contents {
        /// Whose contents.
        place: Place,
        /// What is wrong.
        why: String,
    },
    /// A file longer than [`super::layout::LENGTH_LIMIT`].
    #[error("the file would have {length:#x} bytes: too large")]
    TooLarge {
        /// Its length in bytes.
        length: u64,
    },
    /// The output could not be written.
    #[error("{0}")]
    Io(String),
}

impl Unfit {
    /// The error of the entry in the contents of `place`.
    pub(super) fn at(self, place: Place) -> Error {
        match self.fault {
            UnfitFault::TooWide { field, value, bits } => Error::TooWide {
                place: match place {
                    Place::Section(section) => {
                        Place::Entry { section, entry: self.entry as u32, what: self.structure }
                    }
                    place => place,
                },
                field,
                value: value.into(),
                bits,
            },
            UnfitFault::Other(_) => Error::Contents { place, why: self.to_string() },
        }
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error.to_string())
    }
}

/// The section or segment whose contents are read or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Owner {
    /// A section.
    Section(SectionId),
    /// A segment.
    Segment(SegmentId),
}
