//! Symbols that are thread-local in one file and not in another: the one would take an offset from
//! the thread pointer for an address.

use crate::ids::{FileId, SymbolId};

/// What a file says of a symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mention {
    /// The file.
    pub file: FileId,
    /// The index in its symbol table; of a shared library in [`crate::input::Shared::symbols`].
    pub index: u32,
    /// Whether it does not define the symbol, but for space to be allocated.
    pub is_reference: bool,
}

/// Two files that do not agree on whether a symbol is thread-local.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TlsMismatch {
    /// The symbol.
    pub id: SymbolId,
    /// Where it is thread-local.
    pub tls: Mention,
    /// Where it is not.
    pub other: Mention,
    /// The one of both files that joined later.
    pub joins: FileId,
}
