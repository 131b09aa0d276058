//! Text that grows up to a limit.

use alloc::vec::Vec;
use core::fmt;

use crate::Error;

/// The text of a name while it is printed. Places in it count from where it starts; what stands
/// before it in the same memory is others'.
#[derive(Debug)]
pub(crate) struct Text {
    bytes: Vec<u8>,
    /// Where the text starts.
    start: usize,
    /// Where it ends at the latest.
    end: usize,
    limit: usize,
}

impl Text {
    /// No text yet, and at most `limit` bytes.
    pub(crate) fn new(limit: usize) -> Self {
        Self { bytes: Vec::new(), start: 0, end: limit, limit }
    }

    /// Starts a text behind the bytes of `memory`, in its memory. Whatever is its own is kept
    /// there; [`give_back`](Self::give_back) ends this.
    pub(crate) fn borrow(&mut self, memory: &mut Vec<u8>) {
        core::mem::swap(&mut self.bytes, memory);
        self.start = self.bytes.len();
        self.end = self.start.saturating_add(self.limit);
    }

    /// Gives back the memory that was borrowed, with the text in it.
    pub(crate) fn give_back(&mut self, memory: &mut Vec<u8>) {
        core::mem::swap(&mut self.bytes, memory);
        self.start = 0;
        self.end = self.limit;
        self.bytes.clear();
    }

    /// Forgets the text, keeps its memory.
    pub(crate) fn clear(&mut self) {
        self.bytes.truncate(self.start);
    }

    /// What was put.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or(&[])
    }

    /// How many bytes were put.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.bytes.len().wrapping_sub(self.start)
    }

    /// The byte put last.
    #[inline]
    pub(crate) fn last(&self) -> Option<u8> {
        if self.len() == 0 { None } else { self.bytes.last().copied() }
    }

    /// Forgets what is behind the first `len` bytes.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.bytes.truncate(self.start.saturating_add(len));
    }

    /// Puts what stands from `middle` on before what stands from `start` to there.
    pub(crate) fn rotate(&mut self, start: usize, middle: usize) {
        if let Some(bytes) = self.bytes.get_mut(self.start.saturating_add(start)..)
            && let Some(count) = middle.checked_sub(start)
            && count <= bytes.len()
        {
            bytes.rotate_left(count);
        }
    }

    /// How many bytes may still be put.
    #[inline]
    fn room(&self) -> usize {
        self.end.saturating_sub(self.bytes.len())
    }

    /// Adds the first `len` bytes of some, or all.
    ///
    /// Where there are enough of them it copies a few more and drops them again: a copy of a fixed
    /// length is an instruction, and names are short.
    #[inline]
    pub(crate) fn put_first(&mut self, bytes: &[u8], len: usize) -> Result<(), Error> {
        const CHUNK: usize = 16;
        if let Some(chunk) = bytes.first_chunk::<CHUNK>()
            && len <= CHUNK
            && len <= self.room()
        {
            let end = self.bytes.len() + len;
            self.bytes.extend_from_slice(chunk);
            self.bytes.truncate(end);
            return Ok(());
        }
        self.put(bytes.get(..len).unwrap_or(bytes))
    }

    /// What was put since the text was `start` bytes long.
    #[inline]
    pub(crate) fn piece(&self, start: usize) -> Piece {
        Piece { start: start as u32, len: self.len().saturating_sub(start) as u32 }
    }

    /// Adds a piece of itself.
    pub(crate) fn repeat(&mut self, piece: Piece) -> Result<(), Error> {
        let len = piece.len as usize;
        let start = self.start + piece.start as usize;
        if len > self.room() {
            return Err(Error::TooLong);
        }
        if start + len <= self.bytes.len() {
            self.bytes.extend_from_within(start..start + len);
        }
        Ok(())
    }

    /// Adds what `write` writes to room for `most` bytes; it returns how many it wrote. Not for
    /// many bytes: the room is made before the limit is looked at.
    #[inline]
    pub(crate) fn put_with(
        &mut self,
        most: usize,
        write: impl FnOnce(&mut [u8]) -> usize,
    ) -> Result<(), Error> {
        let start = self.bytes.len();
        self.bytes.resize(start.saturating_add(most), 0);
        let written = write(self.bytes.get_mut(start..).unwrap_or_default());
        self.bytes.truncate(start.saturating_add(written));
        if self.bytes.len() > self.limit { Err(Error::TooLong) } else { Ok(()) }
    }

    /// Adds bytes.
    #[inline]
    pub(crate) fn put(&mut self, bytes: &[u8]) -> Result<(), Error> {
        if bytes.len() > self.room() {
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
