//! What a link borrows from: the bytes of its inputs, kept until it is done.
//!
//! Inputs are found one after the other (an archive names members, a script names files), on any
//! thread, so bytes are added while others are borrowed already.

use std::io;
use std::path::{Path, PathBuf};

use elsa::sync::FrozenVec;
use libelf::map::Bytes;
use rayon::prelude::*;

/// Keeps the bytes of a link's inputs.
#[derive(Default)]
pub struct Storage {
    files: FrozenVec<Box<Bytes>>,
    made: FrozenVec<Box<[u8]>>,
    paths: FrozenVec<Box<Path>>,
}

impl Storage {
    /// Nothing as yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Maps (or reads, if it is small) the file at `path` and keeps it.
    ///
    /// # Errors
    /// Those of the system.
    pub fn map(&self, path: &Path) -> io::Result<&[u8]> {
        Ok(self.files.push_get(Box::new(libelf::map::read(path)?)))
    }

    /// Keeps bytes that were made: unpacked sections, names that were put together.
    pub fn keep(&self, bytes: Vec<u8>) -> &[u8] {
        self.made.push_get(bytes.into_boxed_slice())
    }

    /// Keeps the name of a file.
    pub fn keep_path(&self, path: PathBuf) -> &Path {
        self.paths.push_get(path.into_boxed_path())
    }
}

impl Drop for Storage {
    /// To unmap what was looked at costs as much as many a pass.
    fn drop(&mut self) {
        std::mem::take(&mut self.files).into_vec().into_par_iter().for_each(drop);
    }
}
