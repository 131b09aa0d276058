//! From addresses to symbols.
//!
//! # Which symbol an address has
//!
//! The rule is that of GNU addr2line for files without debugging data ([`Matching::Nearest`]):
//! among the symbols of the section that the address lies in, the one that starts last at or
//! before it; of those with the same start the largest, where an unknown size counts as one byte;
//! of these the first in the table. Where a symbol ends does not matter, so code behind the end
//! of a function is still said to be of it:
//!
//! ```text
//! outer  [----------------]
//! inner       [----]
//!             .    .      .
//! nearest  o  i    i      i    i
//! within   o  i    o      -    -
//! ```
//!
//! [`Matching::Within`] is what profilers want: an address belongs to a symbol only if it lies
//! inside it, to the innermost one that does. A symbol of unknown size reaches to the next symbol
//! or the end of its section, and is passed over if it stands inside one whose size is known, as
//! labels in assembler functions do.
//!
//! Functions of Arm and MIPS are found at their address without the bit that tells the
//! instruction set; those of the first PowerPC ABI with 64 bits at the address that their
//! descriptor holds. Symbols that mark code and data for disassemblers (`$a`, `$x`, `$d`) name
//! nothing, and neither do hidden local ones without type and size (`_DYNAMIC`).
//!
//! One question is answered by [`nearest`], which looks at each symbol once and builds nothing.
//! For many there is [`AddressIndex`].

mod build;
mod candidate;
mod index;
mod regions;
mod scan;

pub use index::{AddressIndex, Found};
pub use scan::nearest;

/// Which symbols are found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kinds {
    /// Those of code: functions, and symbols without a type.
    #[default]
    Code,
    /// Those of data: objects, and symbols without a type.
    Data,
    /// Both.
    All,
}

/// Whether symbols end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Matching {
    /// A symbol reaches to the next one: GNU addr2line's rule.
    #[default]
    Nearest,
    /// A symbol reaches as far as its size says.
    Within,
}

/// How addresses are matched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Which symbols are found.
    pub kinds: Kinds,
    /// Whether symbols end.
    pub matching: Matching,
    /// The index of the only section whose symbols count. Relocatable files have no addresses:
    /// there it must be given, and addresses are offsets from the section's start, in bytes.
    pub section: Option<u32>,
}

#[cfg(test)]
mod tests;
