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
pub mod hashes;
pub mod name;
pub mod note_desc;
pub mod notes;
pub mod relocations;
pub mod relr;
pub mod strings;
pub mod symbol_sections;
pub mod symbols;
#[cfg(test)]
mod test_support;
pub mod versions;
pub mod words;
pub mod writer;

use std::borrow::Cow;

use super::context::{Context, Header, Source};
use super::error::Result;
use super::reloc::{RelocForm, Relocation};
use super::{Slots, Symbol};

pub use dynamic::Dynamic;
pub use group::GroupMember;
pub use hashes::{GnuHash, SysvHash};
pub use notes::Notes;
pub use relr::Relr;
pub use strings::{StringOrder, Strings};
pub use versions::{Definitions, Needs};

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
    /// A dynamic section.
    Dynamic(Dynamic<'data>),
    /// Notes.
    Notes(Notes<'data>),
    /// Packed relative relocations (`SHT_RELR`).
    Relr(Relr),
    /// Integers of the class's width, such as addresses of functions.
    Words(Vec<u64>),
    /// 16-bit integers: the version indexes of dynamic symbols (`SHT_GNU_versym`).
    Halves(Vec<u16>),
    /// The versions that the file defines (`SHT_GNU_verdef`).
    Definitions(Definitions<'data>),
    /// The versions that the file needs (`SHT_GNU_verneed`).
    Needs(Needs<'data>),
    /// A SysV hash table.
    SysvHash(SysvHash),
    /// A GNU hash table.
    GnuHash(GnuHash),
    /// Strings, each closed by a zero byte.
    Texts(Vec<Cow<'data, [u8]>>),
}

/// The contents of a section or segment whose bytes are these, every field given; `None` where no
/// kind of contents fits them.
pub fn decode<'data>(source: &Source<'_, 'data>, bytes: &'data [u8]) -> Option<Contents<'data>> {
    use object::elf;
    let encoding = source.encoding;
    let header = match &source.header {
        Header::Section(header) => header,
        Header::Segment(header) if header.kind == elf::PT_NOTE => {
            return notes::decode(source, bytes, header.align);
        }
        Header::Segment(_) => return None,
    };
    match header.kind {
        elf::SHT_SYMTAB | elf::SHT_DYNSYM => symbols::decode(source, bytes),
        elf::SHT_REL | elf::SHT_RELA | elf::SHT_CREL => {
            relocations::decode(source, header.kind, bytes)
        }
        elf::SHT_GROUP => group::decode(source, bytes),
        elf::SHT_SYMTAB_SHNDX => Some(Contents::SymbolSections),
        elf::SHT_DYNAMIC => Dynamic::decode(source, bytes).map(Contents::Dynamic),
        elf::SHT_NOTE => notes::decode(source, bytes, header.addralign),
        elf::SHT_RELR => Relr::decode(bytes, encoding).map(Contents::Relr),
        elf::SHT_INIT_ARRAY | elf::SHT_FINI_ARRAY | elf::SHT_PREINIT_ARRAY => {
            words::decode_words(bytes, encoding).map(Contents::Words)
        }
        elf::SHT_HASH => SysvHash::decode(source, bytes).map(Contents::SysvHash),
        elf::SHT_GNU_HASH => GnuHash::decode(source, bytes).map(Contents::GnuHash),
        elf::SHT_GNU_VERDEF => Definitions::decode(source, bytes).map(Contents::Definitions),
        elf::SHT_GNU_VERNEED => Needs::decode(source, bytes).map(Contents::Needs),
        elf::SHT_GNU_VERSYM => words::decode_halves(bytes, encoding).map(Contents::Halves),
        _ => None,
    }
}

/// Whether contents of this kind, as [`decode`] makes them, are certain to give the bytes that they
/// were decoded from.
pub fn is_exact(contents: &Contents) -> bool {
    match contents {
        Contents::Symbols(_) | Contents::Group { .. } => true,
        Contents::Dynamic(_) | Contents::Notes(_) | Contents::Relr(_) => true,
        Contents::Words(_) | Contents::Halves(_) | Contents::Texts(_) => true,
        Contents::Definitions(_) | Contents::Needs(_) => true,
        Contents::SysvHash(_) | Contents::GnuHash(_) => true,
        Contents::Relocations(form, _) => !matches!(form, RelocForm::Crel { .. }),
        _ => false,
    }
}

/// Calls `add` with each string that the contents need in the linked string table, in order.
pub fn names<'a>(contents: &'a Contents<'_>, add: &mut dyn FnMut(&'a [u8])) {
    match contents {
        Contents::Symbols(symbols) => {
            symbols.iter().for_each(|(_, symbol)| add(&symbol.name.text));
        }
        Contents::Dynamic(dynamic) => dynamic.names().for_each(add),
        Contents::Definitions(definitions) => definitions.names().for_each(add),
        Contents::Needs(needs) => needs.names().for_each(add),
        _ => {}
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
        Contents::Dynamic(dynamic) => dynamic.size(context.encoding),
        Contents::SysvHash(table) => table.size(context),
        Contents::GnuHash(table) => table.size(context),
        Contents::Definitions(definitions) => definitions.size(),
        Contents::Needs(needs) => needs.size(),
        Contents::Words(words) => (words.len() * context.encoding.word_size()) as u64,
        Contents::Halves(halves) => 2 * halves.len() as u64,
        Contents::Texts(texts) => texts.iter().map(|text| text.len() as u64 + 1).sum(),
        Contents::Notes(_) | Contents::Relr(_) => encode(contents, context)?.len() as u64,
    })
}

/// What `sh_info` is where it follows from the contents.
pub fn info(contents: &Contents) -> Option<u32> {
    match contents {
        Contents::Symbols(symbols) => Some(symbols::first_global(symbols)),
        Contents::Definitions(definitions) => Some(definitions.definitions.len() as u32),
        Contents::Needs(needs) => Some(needs.needs.len() as u32),
        _ => None,
    }
}

/// The contents as bytes of the file.
///
/// # Errors
/// If a value does not fit its field or refers to what is not there.
pub fn encode<'a>(contents: &'a Contents<'_>, context: &Context) -> Result<Cow<'a, [u8]>> {
    let encoding = context.encoding;
    let unfit = |unfit: writer::Unfit| unfit.at(context.place());
    Ok(match contents {
        Contents::Empty | Contents::NoBits(_) | Contents::Shared(_) => Cow::Borrowed(&[]),
        Contents::Bytes(bytes) => Cow::Borrowed(bytes),
        Contents::Strings(_) => strings::encode(context).to_vec().into(),
        Contents::Symbols(symbols) => symbols::encode(symbols, context)?.into(),
        Contents::SymbolSections => symbol_sections::encode(context)?.into(),
        Contents::Relocations(form, list) => relocations::encode(*form, list, context)?.into(),
        Contents::Group { flags, members } => group::encode(*flags, members, context)?.into(),
        Contents::Dynamic(dynamic) => dynamic.encode(context)?.into(),
        Contents::SysvHash(table) => table.encode(context)?.into(),
        Contents::GnuHash(table) => table.encode(context)?.into(),
        Contents::Definitions(definitions) => definitions.encode(context)?.into(),
        Contents::Needs(needs) => needs.encode(context)?.into(),
        Contents::Notes(notes) => {
            notes.encode(encoding, notes::alignment(context)).map_err(unfit)?.into()
        }
        Contents::Relr(relr) => relr.encode(encoding).map_err(unfit)?.into(),
        Contents::Words(words) => words::encode_words(words, encoding).map_err(unfit)?.into(),
        Contents::Halves(halves) => words::encode_halves(halves, encoding).into(),
        Contents::Texts(texts) => words::encode_texts(texts, encoding).map_err(unfit)?.into(),
    })
}

/// Leaves all fields to the writer that it would give the values they have.
pub fn simplify(contents: &mut Contents, context: &Context) {
    match contents {
        Contents::Symbols(symbols) => symbols::simplify(symbols, context),
        Contents::Dynamic(dynamic) => dynamic.simplify(context),
        Contents::SysvHash(table) => table.simplify(context),
        Contents::GnuHash(table) => table.simplify(context),
        Contents::Definitions(definitions) => definitions.simplify(context),
        Contents::Needs(needs) => needs.simplify(context),
        _ => {}
    }
}
