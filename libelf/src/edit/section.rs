//! Sections. gABI, chapter 4, "Sections".

use super::{Contents, Field, Name, SymbolId};

/// A section of an [`super::Object`]: the key of its slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SectionId(pub u32);

/// A section and its contents.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Section<'data> {
    /// `sh_name`
    pub name: Name<'data>,
    /// `sh_type`
    pub kind: u32,
    /// `sh_flags`
    pub flags: u64,
    /// `sh_addr`
    pub address: Field<u64>,
    /// `sh_offset`: where the header says the contents lie, in bytes; they are written there.
    pub offset: Field<u64>,
    /// Where the contents are written, if that is not where `offset` says, in bytes.
    pub placed_at: Field<u64>,
    /// `sh_size`: what the header says, in bytes.
    pub size: Field<u64>,
    /// `sh_link`
    pub link: Link,
    /// `sh_info`
    pub info: Link,
    /// `sh_addralign`, in bytes.
    pub align: Field<u64>,
    /// `sh_entsize`, in bytes.
    pub entry_size: Field<u64>,
    /// What it holds.
    pub contents: Contents<'data>,
}

/// A field that mostly refers to something (`sh_link`, `sh_info`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Link {
    /// What the section's type and contents ask for.
    #[default]
    Auto,
    /// The index of a section.
    Section(SectionId),
    /// The index of a symbol.
    Symbol(SymbolId),
    /// A number.
    Number(u32),
}
