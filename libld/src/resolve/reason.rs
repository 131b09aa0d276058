//! Why files joined that are only linked if somebody needs them.

use crate::ids::{FileId, SymbolId};

/// A file that joined for a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Joined {
    /// A member of an archive, or a shared library after `--as-needed`.
    pub file: FileId,
    /// Why it joined.
    pub reason: Reason,
    /// The number of the item that was looked at when it joined.
    pub item: usize,
}

/// Why a file joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// All members of its archive join (`--whole-archive`).
    Whole,
    /// It defines a symbol.
    Symbol {
        /// The symbol.
        id: SymbolId,
        /// The file that refers to it; number 0 stands for the command line.
        by: FileId,
    },
}
