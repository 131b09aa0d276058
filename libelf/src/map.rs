//! The bytes of a file, mapped or read; and of a file that is made, mapped.
//!
//! This is the one place of the library that is `unsafe`: mapping a file, and giving pages back.

#![allow(unsafe_code)]

use std::fs::File;
use std::io::{self, Read};
use std::ops::{Deref, DerefMut, Range};
use std::path::Path;

use memmap2::UncheckedAdvice;

/// Files of at most this many bytes are read: cheaper than a mapping and its page faults.
const READ_UP_TO: u64 = 1 << 16;

/// The bytes of a file.
#[derive(Debug)]
pub enum Bytes {
    /// In a buffer of ours.
    Read(Vec<u8>),
    /// Mapped.
    Mapped(memmap2::Mmap),
}

impl Bytes {
    /// Tells that `range` will not be read for a while, so that its pages need not stay in memory.
    /// They can still be read: the system then fetches them again.
    pub fn release(&self, range: Range<usize>) {
        let Self::Mapped(map) = self else { return };
        let range = range.start.min(map.len())..range.end.min(map.len());
        // SAFETY: the pages of a private mapping that is only read hold nothing but the file's
        // contents. Dropped ones are filled from the file again by the next access, so borrowed
        // bytes stay valid and what they hold is what the file holds.
        let advised = unsafe {
            map.unchecked_advise_range(UncheckedAdvice::DontNeed, range.start, range.len())
        };
        // Advice that is not taken costs memory, nothing else.
        drop(advised);
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Read(bytes) => bytes,
            Self::Mapped(map) => map,
        }
    }
}

/// Maps the file at `path`, or reads it if it is small or no regular file.
///
/// # Errors
/// Those of the system.
pub fn read(path: impl AsRef<Path>) -> io::Result<Bytes> {
    of_file(&mut File::open(path)?)
}

/// As [`read`], for a file that is open already, from its current position if it is no regular
/// file.
///
/// # Errors
/// Those of the system.
pub fn of_file(file: &mut File) -> io::Result<Bytes> {
    let metadata = file.metadata()?;
    if !metadata.is_file() || metadata.len() <= READ_UP_TO {
        let mut bytes = Vec::with_capacity(metadata.len().min(READ_UP_TO) as usize);
        file.read_to_end(&mut bytes)?;
        return Ok(Bytes::Read(bytes));
    }
    // SAFETY: the map is private and read-only, and nothing of this process writes the file while
    // it is mapped: outputs are written to new files and renamed. If another process cuts the
    // file meanwhile, reading past its new end raises SIGBUS, which ends the process; no such
    // read yields wrong memory. Changed contents are plain bytes, and no invariant of a type
    // rests on them.
    Ok(Bytes::Mapped(unsafe { memmap2::Mmap::map(&*file)? }))
}

/// The bytes of a file that is made: what is written here is in the file.
#[derive(Debug)]
pub struct OutputMap(memmap2::MmapMut);

impl OutputMap {
    /// Maps the first `size` bytes of `file`, which must be open for reading and writing.
    ///
    /// There must be space for it: writing to a page for which there is none ends the process. Nobody else may have a name for the file or write to it meanwhile.
    ///
    /// # Errors
    /// Those of the system; and if the file is shorter.
    pub fn new(file: &File, size: usize) -> io::Result<Self> {
        if file.metadata()?.len() < size as u64 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        // SAFETY: the file has so many bytes, and is one that this process made under a name that
        // nobody was told, so nobody cuts it. If somebody did, a write past its end would raise
        // SIGBUS, which ends the process; it reaches no other memory. The contents are plain bytes,
        // on which no invariant rests.
        Ok(Self(unsafe { memmap2::MmapOptions::new().len(size).map_mut(file)? }))
    }
}

impl Deref for OutputMap {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl DerefMut for OutputMap {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn what_is_written_to_a_map_is_in_the_file() {
        let mut file = tempfile::tempfile().unwrap();
        assert!(OutputMap::new(&file, 10).is_err());
        file.set_len(10).unwrap();
        OutputMap::new(&file, 10).unwrap()[3] = 7;
        let mut contents = Vec::new();
        file.read_to_end(&mut contents).unwrap();
        assert_eq!(contents, [0, 0, 0, 7, 0, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn released_bytes_can_be_read_again() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let contents: Vec<u8> = (0..READ_UP_TO + 5000).map(|at| at as u8).collect();
        file.write_all(&contents).unwrap();
        let bytes = read(file.path()).unwrap();
        assert!(matches!(bytes, Bytes::Mapped(_)));
        assert!(*bytes == contents[..]);
        bytes.release(5..contents.len() + 100);
        assert!(*bytes == contents[..]);
    }
}
