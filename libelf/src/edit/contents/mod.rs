//! What a section or segment holds.

use std::borrow::Cow;

pub mod core_desc;
pub mod dynamic;
pub mod dynamic_auto;
pub mod name;
pub mod note_desc;
pub mod notes;
pub mod writer;

use super::reloc::{RelocForm, Relocation};
use super::{SectionId, Slots, Symbol};

/// The contents of a section or segment.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Contents<'data> {
    /// Nothing.
    #[default]
    Empty,
    /// No bytes in the file, this many in memory.
    NoBits(u64),
    /// Bytes as they are.
    Bytes(Cow<'data, [u8]>),
    /// This many bytes that other parts of the file hold too, and write.
    Shared(u64),
    /// The names of all that links to this string table, those of the list first.
    Strings(Strings<'data>),
    /// A symbol table; the null symbol included.
    Symbols(Slots<Symbol<'data>>),
    /// The section indexes of the linked symbol table (`SHT_SYMTAB_SHNDX`), computed.
    SymbolSections,
    /// Relocations.
    Relocations(RelocForm, Vec<Relocation>),
    /// A section group.
    Group {
        /// `GRP_` flags.
        flags: u32,
        /// The members.
        members: Vec<GroupMember>,
    },
}

/// A string table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Strings<'data> {
    /// The strings that it holds in any case, without their closing zero bytes, in order.
    pub first: Vec<Cow<'data, [u8]>>,
    /// The order of the others.
    pub order: StringOrder,
}

/// How the strings of a computed table are laid out. A string that ends another shares its bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum StringOrder {
    /// As they are first used; a shared one where the longer one is.
    #[default]
    Use,
    /// By their reversed text, the greatest first.
    Reversed,
}

/// A member of a section group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GroupMember {
    /// A section.
    Section(SectionId),
    /// An index that no section has.
    Index(u32),
}
