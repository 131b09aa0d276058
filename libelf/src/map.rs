//! The bytes of a file, mapped or read.
//!
//! This is the one place of the library that is `unsafe`: mapping a file.

#![allow(unsafe_code)]

use std::fs::File;
use std::io::{self, Read};
use std::ops::Deref;
use std::path::Path;

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
