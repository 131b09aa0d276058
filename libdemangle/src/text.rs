//! Text that grows up to a limit.
#![allow(dead_code, reason = "its users are to come")]

use alloc::vec::Vec;
use core::fmt;

use crate::Error;

/// The text of a name while it is printed.
#[derive(Debug)]
pub(crate) struct Text {
    bytes: Vec<u8>,
    limit: usize,
}

impl Text {
    /// No text yet, and at most `limit` bytes.
    pub(crate) fn new(limit: usize) -> Self {
        Self { bytes: Vec::new(), limit }
    }

    /// Forgets the text, keeps its memory.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
    }

    /// What was put.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Adds bytes.
    pub(crate) fn put(&mut self, bytes: &[u8]) -> Result<(), Error> {
        if bytes.len() > self.limit.saturating_sub(self.bytes.len()) {
            return Err(Error::TooLong);
        }
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }
}

/// Writes bytes; those that are not UTF-8 as U+FFFD.
pub(crate) fn write_lossy(bytes: &[u8], out: &mut impl fmt::Write) -> fmt::Result {
    for chunk in bytes.utf8_chunks() {
        out.write_str(chunk.valid())?;
        if !chunk.invalid().is_empty() {
            out.write_char(char::REPLACEMENT_CHARACTER)?;
        }
    }
    Ok(())
}
