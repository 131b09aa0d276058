//! What can be wrong with a file, and where.

use std::fmt;

/// A result of reading.
pub type Result<T> = std::result::Result<T, Error>;

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// The file does not start with `\x7fELF`.
    #[error("not an ELF file: it does not start with 0x7f 'E' 'L' 'F'")]
    NotElf,
    /// The file starts with neither of the magic strings of an archive.
    #[error("not an archive: it starts with neither '!<arch>' nor '!<thin>'")]
    NotArchive,
    /// A text field of an archive member's header that does not read as it must.
    #[error("field {0} of the archive member header is malformed")]
    BadField(&'static str),
    /// The byte at `EI_CLASS` or `EI_DATA` has no meaning.
    #[error("{what} is {value}, expected 1 or 2")]
    BadIdent {
        /// The field's name.
        what: &'static str,
        /// Its value.
        value: u8,
    },
    /// Something lies outside the bytes that should hold it.
    #[error("{what} ends at {end:#x}, past the {limit:#x} bytes there are")]
    PastEnd {
        /// What was to be read.
        what: &'static str,
        /// The offset of its end.
        end: u64,
        /// How many bytes there are.
        limit: u64,
    },
    /// An index that nothing has.
    #[error("{what} {index} does not exist: there are {count}")]
    NoSuch {
        /// What is counted.
        what: &'static str,
        /// The index asked for.
        index: u64,
        /// How many there are.
        count: u64,
    },
    /// A string without its closing zero byte.
    #[error("string is not terminated")]
    Unterminated,
    /// A field with a value that its meaning does not allow.
    #[error("{what} is {value:#x}, expected {expected}")]
    BadValue {
        /// The field's name.
        what: &'static str,
        /// Its value.
        value: u64,
        /// What the standard allows.
        expected: &'static str,
    },
    /// A value that the field it is to be written to cannot hold.
    #[error("{what} {value} does not fit its field of {width} bytes")]
    TooWide {
        /// The field's name.
        what: &'static str,
        /// The value.
        value: u64,
        /// The bytes of the field.
        width: u64,
    },
    /// A compressed section that does not decompress to what its header says.
    #[error("{0}")]
    Compression(crate::compress::Fault),
    /// Something that cannot be decoded, in words.
    #[error("{0}")]
    Malformed(String),
    /// The system could not give the file's bytes.
    #[error("{0}")]
    Io(String),
}

/// The part of a file that a problem lies in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The index of the section header, if it lies in a section.
    pub section: Option<u32>,
    /// The offset of the faulty bytes from the start of the file, in bytes.
    pub offset: Option<u64>,
}

/// A problem and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What is wrong.
    pub problem: Problem,
    /// Where.
    pub place: Place,
}

impl Error {
    /// A problem at an unnamed place.
    #[must_use]
    pub fn new(problem: Problem) -> Self {
        Self { problem, place: Place::default() }
    }

    /// The same problem, in the section with this index.
    #[must_use]
    pub fn in_section(mut self, index: u32) -> Self {
        self.place.section.get_or_insert(index);
        self
    }

    /// The same problem, at this offset in the file.
    #[must_use]
    pub fn at(mut self, offset: u64) -> Self {
        self.place.offset.get_or_insert(offset);
        self
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::new(problem)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(section) = self.place.section {
            write!(f, "section [{section}]: ")?;
        }
        if let Some(offset) = self.place.offset {
            write!(f, "offset {offset:#x}: ")?;
        }
        self.problem.fmt(f)
    }
}

impl std::error::Error for Error {}
