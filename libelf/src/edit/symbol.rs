//! Symbols. gABI, chapter 4, "Symbol Table".

use super::{Name, SectionId};

/// A symbol of an [`super::Object`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SymbolId {
    /// The section that holds its table.
    pub table: SectionId,
    /// The key of its slot there.
    pub key: u32,
}

/// A symbol.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Symbol<'data> {
    /// `st_name`
    pub name: Name<'data>,
    /// `st_info`: binding and type.
    pub info: u8,
    /// `st_other`: visibility, and machine's bits.
    pub other: u8,
    /// `st_shndx`: what it is defined in.
    pub section: SymbolSection,
    /// `st_value`
    pub value: u64,
    /// `st_size`, in bytes.
    pub size: u64,
}

/// What a symbol is defined in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SymbolSection {
    /// Nothing: `SHN_UNDEF`.
    #[default]
    Undefined,
    /// A section; its index goes through `SHT_SYMTAB_SHNDX` where it is too large.
    Section(SectionId),
    /// A section whose index goes through `SHT_SYMTAB_SHNDX` in any case.
    Extended(SectionId),
    /// A reserved index (`SHN_ABS`, `SHN_COMMON`, a machine's own), or a number that is no
    /// section's index.
    Index(u16),
}
