//! Why something cannot be written.

use gimli::{DwAt, DwForm};

use crate::section::SectionId;

/// The result of writing.
pub type Result<T> = std::result::Result<T, Error>;

/// Why something cannot be written. What is asked for is at fault, never the machine.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A version that is none, or that the section does not have.
    #[error("{section} has no version {version}", section = .section.name())]
    Version {
        /// The section.
        section: SectionId,
        /// The version asked for.
        version: u16,
    },
    /// A size of addresses that no machine has.
    #[error("addresses of {0} bytes")]
    AddressSize(u8),
    /// Something that the version does not have yet.
    #[error("{what} needs version {version} of DWARF")]
    NeedsVersion {
        /// What was asked for.
        what: &'static str,
        /// The first version that has it.
        version: u16,
    },
    /// A number that its field does not hold.
    #[error("{value:#x} does not fit {size} bytes")]
    TooLarge {
        /// The number; a negative one in two's complement.
        value: u64,
        /// The bytes of the field.
        size: u8,
    },
    /// A unit, table or list is longer than its 32-bit format can say.
    #[error("{length:#x} bytes are too many for the 32-bit format")]
    TooLong {
        /// Its length in bytes.
        length: u64,
    },
    /// A value that cannot have the form it is to be written in.
    #[error("{name} cannot have its value in {form}")]
    Form {
        /// The attribute.
        name: DwAt,
        /// The form.
        form: DwForm,
    },
    /// An identifier of something that does not exist.
    #[error("a reference to {0} that does not exist")]
    Dangling(&'static str),
    /// An entry that is its own parent, at some distance, or is none of the unit's.
    #[error("entries of a unit that form no tree")]
    NoTree,
    /// An entry that belongs to another unit than what refers to it needs.
    #[error("an index or a reference that crosses units in a form that cannot")]
    CrossesUnits,
    /// A zero byte inside a string.
    #[error("a string with a zero byte in it")]
    ZeroInString,
    /// A name that must not be empty.
    #[error("an empty name of a file or a directory")]
    EmptyName,
    /// Names of one table in different forms.
    #[error("names of one table in different forms")]
    MixedForms,
    /// Addresses of one sequence or frame that go back.
    #[error("an address that lies before the one it follows")]
    Backwards,
    /// A distance or an offset that is no multiple of what it is counted in.
    #[error("{value} is no multiple of {factor}")]
    Factor {
        /// The distance or offset in bytes.
        value: i64,
        /// What it is counted in, in bytes.
        factor: i64,
    },
    /// The parameters of line programs or frames that nothing can be written with.
    #[error("{0}")]
    Parameters(&'static str),
    /// A range that a reader would take for the end of the list.
    #[error("an empty range")]
    EmptyRange,
    /// Something out of order, such as a row outside a sequence.
    #[error("{0}")]
    Order(&'static str),
    /// Expressions inside expressions, deeper than any compiler goes.
    #[error("expressions nested too deeply")]
    TooDeep,
    /// A pointer encoding of `.eh_frame` that is none, or has no relocation.
    #[error("the pointer encoding {0:#x}")]
    PointerEncoding(u8),
    /// A place outside the section.
    #[error("a place outside the section")]
    Outside,
    /// An address that is not known where it must be.
    #[error("an address that is not known")]
    UnknownAddress,
    /// The machine has no relocation for a number of this size.
    #[error("the machine has no such relocation of {size} bytes")]
    NoRelocation {
        /// The size in bytes.
        size: u8,
    },
    /// The object file does not take it.
    #[error("{0}")]
    Elf(String),
    /// Something read for rewriting that is broken.
    #[error("what is read is broken: {0}")]
    Read(#[from] gimli::Error),
}

impl Error {
    pub(super) fn elf(error: &libelf::edit::Error) -> Self {
        Self::Elf(error.to_string())
    }
}
