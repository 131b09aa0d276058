//! One member of the model.

use std::borrow::Cow;

use object::endian::Endianness;

use super::Text;
use crate::archive::IndexKind;

/// A member of a [`super::Build`]: it stays its own when others come, go or move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MemberId(pub u32);

/// A member and all its bytes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Member<'data> {
    /// The name, without the marks of the archive's flavour. Empty for an index or a table of
    /// names: they have the names of their kinds.
    pub name: Cow<'data, [u8]>,
    /// The header's fields.
    pub header: Fields<'data>,
    /// The bytes between header and contents, which the size counts: the name, where the flavour
    /// puts it there. With these given and the header's name not, the header says `#1/` and their
    /// length.
    pub prefix: Option<Cow<'data, [u8]>>,
    /// What comes then.
    pub contents: Contents<'data>,
    /// The bytes after the contents. Not given, a line end where the offset is odd; in Darwin's
    /// flavour as many as make it a multiple of 8.
    pub padding: Option<Cow<'data, [u8]>>,
}

impl<'data> Member<'data> {
    /// A member with nothing given but its name and contents.
    pub fn new(name: impl Into<Cow<'data, [u8]>>, contents: Contents<'data>) -> Self {
        Self { name: name.into(), contents, ..Self::default() }
    }

    /// The bytes that may hold an object file.
    pub fn data(&self) -> Option<&[u8]> {
        match &self.contents {
            Contents::File(data) | Contents::External { data: Some(data), .. } => Some(data),
            _ => None,
        }
    }

    /// Whether it is a file, here or elsewhere.
    pub const fn is_file(&self) -> bool {
        matches!(self.contents, Contents::File(_) | Contents::External { .. })
    }
}

/// The fields of a header (`struct ar_hdr` of ar(5)).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields<'data> {
    /// `ar_name` as stored, less the spaces at its end; 16 bytes.
    pub name: Option<Cow<'data, [u8]>>,
    /// `ar_date`, in seconds since 1970 UTC; 12 bytes. Not given, 0.
    pub date: Text<'data>,
    /// `ar_uid`; 6 bytes. Not given, 0.
    pub uid: Text<'data>,
    /// `ar_gid`; 6 bytes. Not given, 0.
    pub gid: Text<'data>,
    /// `ar_mode`, written in octal; 8 bytes. Not given, 0o644 for a file and 0 for an index.
    pub mode: Text<'data>,
    /// `ar_size`: what the header says, in bytes; 10 bytes. Not given, the sizes of prefix and
    /// contents.
    pub size: Text<'data>,
    /// `ar_fmag`, 2 bytes. Not given, a grave accent and a line end.
    pub end: Option<Cow<'data, [u8]>>,
}

/// What a member holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Contents<'data> {
    /// A file.
    File(Cow<'data, [u8]>),
    /// A file that lies elsewhere: a thin archive's.
    External {
        /// Its size in bytes.
        size: u64,
        /// If it is a member of another archive, which the member's name names: the offset of its
        /// header there, in bytes.
        origin: Option<u64>,
        /// Its bytes, if they are to be looked at for global symbols.
        data: Option<Cow<'data, [u8]>>,
    },
    /// The symbol index.
    Index(Index<'data>),
    /// The table of long names: these bytes, or all that the members need. Members look for their
    /// names in given bytes.
    Names(Option<Cow<'data, [u8]>>),
    /// Bytes without a header: those after the last member, for one.
    Gap(Cow<'data, [u8]>),
}

impl Default for Contents<'_> {
    fn default() -> Self {
        Self::File(Cow::default())
    }
}

/// A symbol index.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Index<'data> {
    /// The layout. Not given, the flavour's, with 64 bits if 32 do not hold an offset.
    pub kind: Option<IndexKind>,
    /// The byte order of the BSD layouts. Not given, little-endian; GNU's are always big-endian.
    pub order: Option<Endianness>,
    /// The symbols.
    pub entries: Entries<'data>,
    /// The bytes after the tables, which the member's size counts. Not given, zero bytes as the
    /// flavour has them.
    pub tail: Option<Cow<'data, [u8]>>,
}

/// The symbols of an index.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Entries<'data> {
    /// The symbols that each member defines for others: global, weak, unique and common ones, in
    /// the order of its symbol table; in GNU's flavour those of GCC's intermediate code, where
    /// a member has some. If the index's name ends with `SORTED`, sorted by name.
    #[default]
    Computed,
    /// These.
    Given(Vec<Entry<'data>>),
    /// The whole contents of the member, as bytes.
    Bytes(Cow<'data, [u8]>),
}

/// A symbol of an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry<'data> {
    /// Its name, without the closing zero byte.
    pub name: Cow<'data, [u8]>,
    /// The member that defines it.
    pub target: Target,
}

/// What an entry of an index points to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// The header of this member.
    Member(MemberId),
    /// This offset in the archive, in bytes.
    Offset(u64),
}
