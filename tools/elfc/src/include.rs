//! Where included files are looked for: beside the file that includes them, then in the folders of
//! `-I`.

use std::io;
use std::path::{Path, PathBuf};

use libpeg::notation::{Disk, Files};

/// Files on disk, with more folders to look in.
#[derive(Debug)]
pub struct Folders(pub Vec<PathBuf>);

impl Files for Folders {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let first = Disk.read(path);
        let is_missing = matches!(&first, Err(error) if error.kind() == io::ErrorKind::NotFound);
        if !is_missing || path.is_absolute() {
            return first;
        }
        let elsewhere = self.0.iter().map(|folder| Disk.read(&folder.join(path)));
        elsewhere.into_iter().find(Result::is_ok).unwrap_or(first)
    }
}
