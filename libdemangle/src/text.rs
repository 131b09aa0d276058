//! Text that grows up to a limit.

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

    /// How many bytes were put.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The byte put last.
    pub(crate) fn last(&self) -> Option<u8> {
        self.bytes.last().copied()
    }

    /// Forgets what is behind the first `len` bytes.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.bytes.truncate(len);
    }

    /// Puts what stands from `middle` on before what stands from `start` to there.
    pub(crate) fn rotate(&mut self, start: usize, middle: usize) {
        if let Some(bytes) = self.bytes.get_mut(start..)
            && let Some(count) = middle.checked_sub(start)
            && count <= bytes.len()
        {
            bytes.rotate_left(count);
        }
    }

    /// Adds the first `len` bytes of some, or all.
    ///
    /// Where there are enough of them it copies a few more and drops them again: a copy of a fixed
    /// length is an instruction, and names are short.
    #[inline]
    pub(crate) fn put_first(&mut self, bytes: &[u8], len: usize) -> Result<(), Error> {
        const CHUNK: usize = 16;
        let room = self.limit.saturating_sub(self.bytes.len());
        if let Some(chunk) = bytes.first_chunk::<CHUNK>()
            && len <= CHUNK
            && len <= room
        {
            let end = self.bytes.len() + len;
            self.bytes.extend_from_slice(chunk);
            self.bytes.truncate(end);
            return Ok(());
        }
        self.put(bytes.get(..len).unwrap_or(bytes))
    }

    /// What was put since the text was `start` bytes long.
    pub(crate) fn piece(&self, start: usize) -> Piece {
        Piece { start: start as u32, len: self.bytes.len().saturating_sub(start) as u32 }
    }

    /// Adds a piece of itself.
    pub(crate) fn repeat(&mut self, piece: Piece) -> Result<(), Error> {
        let len = piece.len as usize;
        let start = piece.start as usize;
        if len > self.limit.saturating_sub(self.bytes.len()) {
            return Err(Error::TooLong);
        }
        if start + len <= self.bytes.len() {
            self.bytes.extend_from_within(start..start + len);
        }
        Ok(())
    }

    /// Adds bytes.
    #[inline]
    pub(crate) fn put(&mut self, bytes: &[u8]) -> Result<(), Error> {
        if bytes.len() > self.limit.saturating_sub(self.bytes.len()) {
            return Err(Error::TooLong);
        }
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }
}

/// What was put once, to be put again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece {
    start: u32,
    len: u32,
}

impl Piece {
    /// Nothing.
    pub(crate) const NONE: Self = Self { start: 0, len: 0 };

    /// Whether it is nothing.
    pub(crate) fn is_none(self) -> bool {
        self.len == 0
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
