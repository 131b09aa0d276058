//! Formats of files, by the names that `-b`, `--oformat`, `TARGET` and `OUTPUT_FORMAT` know them.

use super::Emulation;

/// A format of files that can be read or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// `elf64-x86-64` and its like.
    Elf(Emulation),
    /// `binary`: bytes without a header. As an input a `.data` section with three symbols around
    /// it, as an output the memory image from the lowest address on.
    Binary,
}

impl Format {
    /// The format of that name.
    #[must_use]
    pub fn named(name: &[u8]) -> Option<Self> {
        match name {
            b"binary" => Some(Self::Binary),
            _ => Emulation::of_format(name).map(Self::Elf),
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Binary => "binary",
            Self::Elf(emulation) => emulation.format_name(),
        }
    }
}
