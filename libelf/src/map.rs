//! The bytes of a file, mapped or read.
//!
//! This is the one place of the library that is `unsafe`: mapping a file, and giving pages back.

#![allow(unsafe_code)]

use std::fs::File;
use std::io::{self, Read};
use std::ops::{Deref, Range};
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

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
