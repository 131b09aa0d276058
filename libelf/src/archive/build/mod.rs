//! An owned model of an archive: made from nothing or from a file, changed, and written.
//!
//! A [`Build`] is the archive's magic bytes and its members in order. What a member's header says
//! is either given or left to the writer: `Auto` (a [`Text`]) or `None` (bytes). What is left to
//! it becomes what GNU `ar` writes with `D`, or what the chosen [`Flavour`] has: names in the
//! header, in the table of long names or before the contents; sizes; padding; the symbol index of
//! the members' global symbols, with 64-bit offsets where 32 bits do not hold them.
//!
//! Symbol index and table of long names need not be members of the model: they are implied, and
//! come first. Where they are members, they may stand anywhere, any number of times, and hold
//! anything.
//!
//! [`Build::open`] gives every field, so that any bytes that start as an archive are written again
//! as they were. [`Build::simplify`] then leaves to the writer what the writer would do anyway:
//! what stays given is what is remarkable about the archive.
//!
//! Contents are borrowed, and written from where they lie: a [`Plan`] holds headers and tables
//! only.
//!
//! ```text
//! bytes ── open ──> Build ── (edit) ── plan ──> Plan (size, offsets) ── write_to ──> bytes
//!                   │ ↑
//!                 simplify
//! ```
//!
//! # Write an archive
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use libelf::archive::{Build, Flavour};
//!
//! let mut build = Build::new(Flavour::Gnu);
//! build.add(&b"readme"[..], &b"hello\n"[..]);
//! let note = build.add(&b"a name of more than 15 bytes"[..], &b"hi"[..]);
//! let plan = build.plan()?;
//! let mut bytes = Vec::new();
//! plan.write_to(&mut bytes)?;
//! assert_eq!(bytes.len() as u64, plan.size());
//! assert_eq!(plan.offset(note), Some(8 + 60 + 30 + 60 + 6));
//!
//! let mut again = Build::open(&bytes)?;
//! again.simplify();
//! assert_eq!(again, build);
//! # Ok(())
//! # }
//! ```

mod field;
mod index;
mod lto;
mod member;
mod name;
mod open;
mod plan;
mod simplify;
mod symbols;
#[cfg(test)]
mod tests;

pub use field::Text;
pub use member::{Contents, Entries, Entry, Fields, Index, Member, MemberId, Target};
pub use plan::Plan;

use std::borrow::Cow;

use super::{MAGIC, THIN_MAGIC};
use crate::edit::Slots;

/// The bytes that an archive starts with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Magic<'data> {
    /// [`MAGIC`]
    #[default]
    Regular,
    /// [`THIN_MAGIC`]
    Thin,
    /// These, of any length.
    Bytes(Cow<'data, [u8]>),
}

impl Magic<'_> {
    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Regular => MAGIC,
            Self::Thin => THIN_MAGIC,
            Self::Bytes(bytes) => bytes,
        }
    }
}

/// Whose habits fill what is left to the writer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Flavour {
    /// GNU and SVR4, thin archives as well: names end with a slash, those longer than 15 bytes
    /// and those of files elsewhere lie in the table `//`; index `/`.
    #[default]
    Gnu,
    /// 4.4BSD, and Debian packages: a name of up to 16 bytes without blanks stands in the header
    /// as it is, others come before the contents; index `__.SYMDEF`.
    Bsd,
    /// LLVM's BSD archives: every name comes before the contents, with zero bytes behind it that
    /// put the contents at a multiple of 8.
    BsdAligned,
    /// Darwin: as before, and contents are padded to a multiple of 8 that the size counts; there
    /// is always an index.
    Darwin,
}

impl Flavour {
    /// Whether names and contents are aligned to 8 bytes.
    const fn is_aligned(self) -> bool {
        matches!(self, Self::BsdAligned | Self::Darwin)
    }
}

/// An archive, to be written. See the [module](self).
///
/// Two are equal if they are written the same for the same reasons: ids are not compared but
/// where an index entry holds one.
#[derive(Clone, Debug, PartialEq)]
pub struct Build<'data> {
    /// The first bytes.
    pub magic: Magic<'data>,
    /// What fills the fields that are not given.
    pub flavour: Flavour,
    /// Whether a symbol index comes first without being a member of this model: if no member is
    /// an index, and at least one is an object. A table of long names is implied as well,
    /// wherever a name needs one and no member is it.
    pub implied_index: bool,
    /// The members, by the number of their [`MemberId`].
    pub members: Slots<Member<'data>>,
}

impl Default for Build<'_> {
    fn default() -> Self {
        Self::new(Flavour::default())
    }
}

impl<'data> Build<'data> {
    /// An archive without members.
    pub fn new(flavour: Flavour) -> Self {
        Self { magic: Magic::Regular, flavour, implied_index: true, members: Slots::default() }
    }

    /// A thin archive without members.
    pub fn thin() -> Self {
        Self { magic: Magic::Thin, ..Self::new(Flavour::Gnu) }
    }

    /// Adds a file at the end.
    pub fn add(
        &mut self,
        name: impl Into<Cow<'data, [u8]>>,
        contents: impl Into<Cow<'data, [u8]>>,
    ) -> MemberId {
        self.push(Member::new(name, Contents::File(contents.into())))
    }

    /// Adds a file of a thin archive at the end: `path` is relative to the archive's folder,
    /// `contents` are looked at for symbols, and not written.
    pub fn add_external(
        &mut self,
        path: impl Into<Cow<'data, [u8]>>,
        contents: impl Into<Cow<'data, [u8]>>,
    ) -> MemberId {
        let data = contents.into();
        let size = data.len() as u64;
        self.push(Member::new(path, Contents::External { size, origin: None, data: Some(data) }))
    }

    /// Adds a member at the end.
    pub fn push(&mut self, member: Member<'data>) -> MemberId {
        MemberId(self.members.push(member))
    }

    /// Adds a member before the one at `index`, or at the end.
    pub fn insert(&mut self, index: usize, member: Member<'data>) -> MemberId {
        MemberId(self.members.insert(index, member))
    }

    /// Takes a member out. Index entries given by its id keep it, and cannot be written.
    pub fn remove(&mut self, id: MemberId) -> Option<Member<'data>> {
        self.members.remove(id.0)
    }

    /// The member with this id.
    pub fn get(&self, id: MemberId) -> Option<&Member<'data>> {
        self.members.get(id.0)
    }

    /// The member with this id, to be changed.
    pub fn get_mut(&mut self, id: MemberId) -> Option<&mut Member<'data>> {
        self.members.get_mut(id.0)
    }
}
