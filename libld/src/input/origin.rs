//! What a file of the link is called in messages.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Where an input comes from: a file, or a member of an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Origin<'data> {
    /// The file that was opened.
    pub path: &'data Path,
    /// The member of the archive at `path`.
    pub member: Option<&'data [u8]>,
    /// Whether the member is a file of its own, named from the archive's folder: that of a thin
    /// archive. Messages name it as such.
    pub is_apart: bool,
}

impl<'data> Origin<'data> {
    /// A file by itself.
    pub const fn file(path: &'data Path) -> Self {
        Self { path, member: None, is_apart: false }
    }

    /// The name of the member alone, or else that of the file.
    pub fn own_name(&self) -> Cow<'data, str> {
        match self.member {
            Some(member) if self.is_apart => {
                self.apart(member).to_string_lossy().into_owned().into()
            }
            Some(member) => String::from_utf8_lossy(member),
            None => self.path.to_string_lossy(),
        }
    }

    /// The file that a member of a thin archive is.
    fn apart(&self, member: &[u8]) -> PathBuf {
        self.path.parent().unwrap_or(Path::new("")).join(OsStr::from_bytes(member))
    }

    /// The bytes of the last part of the name: what file patterns of crt objects look at.
    pub fn base_name(&self) -> &'data [u8] {
        match self.member {
            Some(member) if self.is_apart => {
                Path::new(OsStr::from_bytes(member)).file_name().map_or(&[], OsStrExt::as_bytes)
            }
            Some(member) => member,
            None => self.path.file_name().map_or(&[], OsStrExt::as_bytes),
        }
    }
}

impl fmt::Display for Origin<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let (true, Some(member)) = (self.is_apart, self.member) {
            return write!(f, "{}", self.apart(member).display());
        }
        write!(f, "{}", self.path.display())?;
        match self.member {
            Some(member) => write!(f, "({})", String::from_utf8_lossy(member)),
            None => Ok(()),
        }
    }
}
