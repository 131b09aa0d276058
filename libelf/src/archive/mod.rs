//! Archives of object files: GNU, SVR4, BSD and thin.
//!
//! An archive is eight magic bytes and then members, each a 60-byte header of text fields and its
//! contents, padded to an even offset. What differs between systems is how a name longer than the
//! header's 16 bytes is kept, and the name of the member that holds the symbol index:
//!
//! | flavour | a short name | a long name | symbol index |
//! |---|---|---|---|
//! | GNU, SVR4 | `name/` | `/123`: an offset in the member `//` | `/`, with 64-bit offsets `/SYM64/` |
//! | BSD, Darwin | `name` | `#1/20`: the contents start with 20 bytes of name | `__.SYMDEF`, `__.SYMDEF SORTED`, with 64 bits `__.SYMDEF_64`, `__.SYMDEF_64 SORTED` |
//!
//! A thin archive (`!<thin>\n`) is GNU's flavour without contents: each name is a path, relative
//! to the archive's own folder. A name `/123:4567` in a thin archive is a member of another
//! archive: the one that the path names, at offset 4567 in it.
//!
//! An archive may lie in an archive: give [`Archive::parse`] the contents of the member. Nothing
//! here follows paths, so no archive can make this module loop; who does follow them must bound
//! the depth, since a thin archive may name itself.
//!
//! # Walk the symbols of an archive's members
//!
//! ```
//! # fn main() -> Result<(), libelf::Error> {
//! # let mut bytes = b"!<arch>\n".to_vec();
//! # bytes.extend(b"empty.txt/      0           0     0     100644  2         `\nhi");
//! # let bytes = &bytes[..];
//! use libelf::archive::Archive;
//! use libelf::raw::SHT_SYMTAB;
//!
//! for member in Archive::parse(bytes)?.members() {
//!     let member = member?;
//!     let Some(contents) = member.data() else {
//!         continue; // a thin archive: member.external() says where they lie
//!     };
//!     let Ok(file) = libelf::File::parse(contents) else {
//!         continue; // no ELF file
//!     };
//!     if let Some(table) = file.symbols(SHT_SYMTAB)? {
//!         for symbol in table.symbols.iter() {
//!             let name = table.strings.get(symbol.name.into())?;
//!             println!("{}: {}", member.name().escape_ascii(), name.escape_ascii());
//!         }
//!     }
//! }
//! # Ok(())
//! # }
//! ```

pub mod build;
mod header;
mod index;

pub use build::{Build, Flavour};
pub use header::MemberHeader;
pub use index::{IndexEntry, IndexKind, SymbolIndex, SymbolIndexIter};

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::error::{Error, Problem, Result};

/// The first bytes of an archive that holds its members.
pub const MAGIC: &[u8; 8] = b"!<arch>\n";
/// The first bytes of an archive that holds paths.
pub const THIN_MAGIC: &[u8; 8] = b"!<thin>\n";

/// Whether `data` starts as an archive of either kind does.
pub fn is_archive(data: &[u8]) -> bool {
    data.starts_with(MAGIC) || data.starts_with(THIN_MAGIC)
}

/// An archive over borrowed bytes.
///
/// Parsing costs the headers of the few special members at the start.
#[derive(Clone, Copy, Debug)]
pub struct Archive<'data> {
    data: &'data [u8],
    is_thin: bool,
    names: &'data [u8],
    index: Option<SymbolIndex<'data>>,
}

impl<'data> Archive<'data> {
    /// Reads the magic bytes and the special members that come first: symbol index and long
    /// names. A broken one is left out here and reported by [`Self::members`].
    ///
    /// # Errors
    /// [`Problem::NotArchive`]
    pub fn parse(data: &'data [u8]) -> Result<Self> {
        let is_thin = data.starts_with(THIN_MAGIC);
        if !is_archive(data) {
            return Err(Problem::NotArchive.into());
        }
        let mut archive = Self { data, is_thin, names: &[], index: None };
        let mut walk = archive.all_members();
        while let Some(Ok(member)) = walk.next() {
            let Some(contents) = member.data() else { break };
            match member.role {
                Role::Index(kind) => {
                    archive.index.get_or_insert(SymbolIndex::new(contents, kind));
                }
                Role::Names => archive.names = contents,
                Role::File => break,
            }
        }
        Ok(archive)
    }

    /// The bytes of the whole archive.
    pub fn data(&self) -> &'data [u8] {
        self.data
    }

    /// Whether the members' contents lie in files of their own.
    pub fn is_thin(&self) -> bool {
        self.is_thin
    }

    /// The symbol index, if the archive has one.
    pub fn symbol_index(&self) -> Option<SymbolIndex<'data>> {
        self.index
    }

    /// The table of long names (member `//`); empty if there is none.
    pub fn long_names(&self) -> &'data [u8] {
        self.names
    }

    /// The members that are files, in order; symbol index and name table are left out. An error
    /// ends the walk.
    pub fn members(&self) -> Members<'data> {
        Members { archive: *self, offset: MAGIC.len() as u64, special: false }
    }

    /// As [`Self::members`], with symbol index and name table.
    pub fn all_members(&self) -> Members<'data> {
        Members { special: true, ..self.members() }
    }

    /// The member whose header starts at `offset` bytes, as an index entry gives it.
    ///
    /// # Errors
    /// If no whole and well-formed member starts there.
    pub fn member_at(&self, offset: u64) -> Result<Member<'data>> {
        Member::parse(self, offset).map_err(|error| error.at(offset))
    }
}

/// What a member is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A file.
    File,
    /// The symbol index.
    Index(IndexKind),
    /// The table of long names.
    Names,
}

/// A member of an archive.
#[derive(Clone, Copy, Debug)]
pub struct Member<'data> {
    header: MemberHeader<'data>,
    role: Role,
    name: &'data [u8],
    origin: Option<u64>,
    data: Option<&'data [u8]>,
    offset: u64,
    end: u64,
}

impl<'data> Member<'data> {
    fn parse(archive: &Archive<'data>, offset: u64) -> Result<Self> {
        let header = MemberHeader::at(archive.data, offset)?;
        let size = header.size()?;
        let start = offset.saturating_add(MemberHeader::SIZE as u64);
        let mut role = header.role();
        let has_contents = !archive.is_thin || role != Role::File;
        let contents = if has_contents { Some(contents(archive.data, start, size)?) } else { None };
        let (name, origin, data) = match (header.name_field(), contents) {
            (NameField::InContents(length), Some(contents)) => {
                let (name, data) = usize::try_from(length)
                    .ok()
                    .and_then(|length| contents.split_at_checked(length))
                    .ok_or(Problem::PastEnd {
                        what: "member name",
                        end: start.saturating_add(length),
                        limit: start.saturating_add(size),
                    })?;
                let name = until_nul(name);
                role = header::role_of_name(name);
                (name, None, Some(data))
            }
            (NameField::InTable { offset, origin }, data) => {
                (long_name(archive.names, offset)?, origin, data)
            }
            (NameField::Short(name), data) => (name, None, data),
            (NameField::InContents(_), None) => return Err(Problem::BadField("ar_name").into()),
        };
        Ok(Self {
            header,
            role,
            name,
            origin,
            data,
            offset,
            end: if has_contents { start.saturating_add(size) } else { start },
        })
    }

    /// The name, without the marks of the archive's flavour. In a thin archive it is a path.
    pub fn name(&self) -> &'data [u8] {
        self.name
    }

    /// The header.
    pub fn header(&self) -> MemberHeader<'data> {
        self.header
    }

    /// What the member is for.
    pub fn role(&self) -> Role {
        self.role
    }

    /// The offset of the header in the archive, in bytes: what the symbol index names.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// The contents, or `None` for a file of a thin archive.
    pub fn data(&self) -> Option<&'data [u8]> {
        self.data
    }

    /// Where the contents lie, for a file of a thin archive.
    pub fn external(&self) -> Option<External<'data>> {
        self.data.is_none().then_some(External { path: self.name, origin: self.origin })
    }
}

/// Where the contents of a thin archive's member lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct External<'data> {
    /// The path of the file, relative to the folder of the thin archive. It comes from the
    /// archive: it may be absolute and may climb with `..`.
    pub path: &'data [u8],
    /// If the file is an archive in turn: the offset of the member's header in it.
    pub origin: Option<u64>,
}

impl External<'_> {
    /// The path of the file, for a thin archive that lies at the path `archive`.
    pub fn resolve(&self, archive: &Path) -> PathBuf {
        // An absolute path replaces what it is joined to.
        archive.parent().unwrap_or(Path::new("")).join(OsStr::from_bytes(self.path))
    }
}

/// Iterator over the members of an archive.
#[derive(Clone, Debug)]
pub struct Members<'data> {
    archive: Archive<'data>,
    offset: u64,
    special: bool,
}

impl Members<'_> {
    /// The offset of the next member's header, in bytes.
    pub fn offset(&self) -> u64 {
        self.offset
    }
}

impl<'data> Iterator for Members<'data> {
    type Item = Result<Member<'data>>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if self.offset >= self.archive.data.len() as u64 {
                return None;
            }
            let member = match self.archive.member_at(self.offset) {
                Ok(member) => member,
                Err(error) => {
                    self.offset = u64::MAX;
                    return Some(Err(error));
                }
            };
            // A member is at least its header, so the offset always grows.
            self.offset = member.end.checked_next_multiple_of(2).unwrap_or(u64::MAX);
            if self.special || member.role == Role::File {
                return Some(Ok(member));
            }
        }
    }
}

/// How the 16 bytes of `ar_name` give the name.
enum NameField<'data> {
    Short(&'data [u8]),
    InContents(u64),
    InTable { offset: u64, origin: Option<u64> },
}

fn contents(data: &[u8], start: u64, size: u64) -> Result<&[u8]> {
    let end = start.checked_add(size);
    end.and_then(|end| data.get(usize::try_from(start).ok()?..usize::try_from(end).ok()?))
        .ok_or_else(|| {
            Error::new(Problem::PastEnd {
                what: "archive member",
                end: end.unwrap_or(u64::MAX),
                limit: data.len() as u64,
            })
        })
}

/// The name at `offset` of the table of long names: up to a line end, less the slash before it.
fn long_name(names: &[u8], offset: u64) -> Result<&[u8]> {
    let tail = usize::try_from(offset)
        .ok()
        .and_then(|offset| names.get(offset..))
        .filter(|tail| !tail.is_empty())
        .ok_or(Problem::PastEnd { what: "member name", end: offset, limit: names.len() as u64 })?;
    let end = memchr::memchr2(b'\n', 0, tail).unwrap_or(tail.len());
    let name = tail.get(..end).unwrap_or_default();
    Ok(name.strip_suffix(b"/").unwrap_or(name))
}

fn until_nul(text: &[u8]) -> &[u8] {
    let end = memchr::memchr(0, text).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests;
