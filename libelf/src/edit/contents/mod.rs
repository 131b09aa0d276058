//! What a section or segment holds, and the one place that knows all kinds of it.
//!
//! A kind of contents is a variant of [`Contents`] and a module here. The functions below ask the
//! variant; each has one arm a kind:
//!
//! | function | when | what |
//! |---|---|---|
//! | [`decode`] | an object is opened | bytes to contents, every field given |
//! | [`names`] | string tables are computed | the strings that the linked table must hold |
//! | [`size`] | before the layout | how many bytes [`encode`] will give |
//! | [`info`] | before the layout | what `sh_info` is, if the contents say it |
//! | [`encode`] | when the object is written | contents to bytes |
//! | [`simplify`] | on demand | leaves fields to the writer that it would give the same value |
//!
//! Contents are decoded only if encoding them gives the same bytes again; [`super::Object::open`]
//! checks that by encoding them, but for the kinds of which it is certain ([`is_exact`]).

pub mod core_desc;
mod crel;
pub mod dynamic;
pub mod dynamic_auto;
pub mod group;
pub mod name;
pub mod note_desc;
pub mod notes;
pub mod relocations;
pub mod strings;
pub mod symbol_sections;
pub mod symbols;
pub mod writer;

use std::borrow::Cow;

use super::context::{Context, Source};
use super::error::Result;
use super::reloc::{RelocForm, Relocation};
use super::{Slots, Symbol};

pub use group::GroupMember;
pub use strings::{StringOrder, Strings};

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

/// The contents of a section or segment whose bytes are these, every field given; `None` where no
/// kind of contents fits them.
pub fn decode<'data>(source: &Source<'_, 'data>, bytes: &'data [u8]) -> Option<Contents<'data>> {
    use object::elf;
    let kind = source.section_header()?.kind;
    match kind {
        elf::SHT_SYMTAB | elf::SHT_DYNSYM => symbols::decode(source, bytes),
        elf::SHT_REL | elf::SHT_RELA | elf::SHT_CREL => relocations::decode(source, kind, bytes),
        elf::SHT_GROUP => group::decode(source, bytes),
        elf::SHT_SYMTAB_SHNDX => Some(Contents::SymbolSections),
        _ => None,
    }
}

/// Whether contents of this kind, as [`decode`] makes them, are certain to give the bytes that they
/// were decoded from.
pub fn is_exact(contents: &Contents) -> bool {
    match contents {
        Contents::Symbols(_) | Contents::Group { .. } => true,
        Contents::Relocations(form, _) => !matches!(form, RelocForm::Crel { .. }),
        _ => false,
    }
}

/// Calls `add` with each string that the contents need in the linked string table, in order.
pub fn names<'a>(contents: &'a Contents<'_>, add: &mut dyn FnMut(&'a [u8])) {
    if let Contents::Symbols(symbols) = contents {
        symbols.iter().for_each(|(_, symbol)| add(&symbol.name.text));
    }
}

/// How many bytes the contents have in memory: in the file as many, but for [`Contents::NoBits`].
///
/// # Errors
/// Those of [`encode`], for contents whose size is known only by encoding them.
pub fn size(contents: &Contents, context: &Context) -> Result<u64> {
    Ok(match contents {
        Contents::Empty => 0,
        Contents::NoBits(size) | Contents::Shared(size) => *size,
        Contents::Bytes(bytes) => bytes.len() as u64,
        Contents::Strings(_) => strings::encode(context).len() as u64,
        Contents::Symbols(symbols) => symbols::size(symbols.len(), context.encoding),
        Contents::SymbolSections => symbol_sections::size(context),
        Contents::Relocations(form, relocations) => relocations::size(*form, relocations, context)?,
        Contents::Group { members, .. } => 4 + 4 * members.len() as u64,
    })
}

/// What `sh_info` is where it follows from the contents.
pub fn info(contents: &Contents) -> Option<u32> {
    match contents {
        Contents::Symbols(symbols) => Some(symbols::first_global(symbols)),
        _ => None,
    }
}

/// The contents as bytes of the file.
///
/// # Errors
/// If a value does not fit its field or refers to what is not there.
pub fn encode<'a>(contents: &'a Contents<'_>, context: &Context) -> Result<Cow<'a, [u8]>> {
    Ok(match contents {
        Contents::Empty | Contents::NoBits(_) | Contents::Shared(_) => Cow::Borrowed(&[]),
        Contents::Bytes(bytes) => Cow::Borrowed(bytes),
        Contents::Strings(_) => strings::encode(context).to_vec().into(),
        Contents::Symbols(symbols) => symbols::encode(symbols, context)?.into(),
        Contents::SymbolSections => symbol_sections::encode(context)?.into(),
        Contents::Relocations(form, list) => relocations::encode(*form, list, context)?.into(),
        Contents::Group { flags, members } => group::encode(*flags, members, context)?.into(),
    })
}

/// Leaves all fields to the writer that it would give the values they have.
pub fn simplify(contents: &mut Contents, context: &Context) {
    if let Contents::Symbols(symbols) = contents {
        symbols::simplify(symbols, context);
    }
}
