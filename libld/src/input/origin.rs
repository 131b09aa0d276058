//! What a file of the link is called in messages.

use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Where an input comes from: a file, or a member of an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Origin<'data> {
    /// The file that was opened.
    pub path: &'data Path,
    /// The member of the archive at `path`.
    pub member: Option<&'data [u8]>,
}

impl<'data> Origin<'data> {
    /// A file by itself.
    pub const fn file(path: &'data Path) -> Self {
        Self { path, member: None }
    }

    /// The bytes of the last part of the name: what file patterns of crt objects look at.
    pub fn base_name(&self) -> &'data [u8] {
        match self.member {
            Some(member) => member,
            None => self.path.file_name().map_or(&[], OsStrExt::as_bytes),
        }
    }
}

impl fmt::Display for Origin<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        match self.member {
            Some(member) => write!(f, "({})", String::from_utf8_lossy(member)),
            None => Ok(()),
        }
    }
}
