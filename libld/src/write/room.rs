//! The place that an output is written to, in parts and from many threads.
//!
//! Parts are made in buffers that are used again and again, and then written: a file that is mapped
//! costs a page fault for each page, which takes longer than all else that is done for its bytes,
//! and counts as memory of the link.

use std::sync::{Mutex, PoisonError};

/// Takes the bytes of an output. No two calls that run at a time are of the same bytes; what nobody
/// puts is zero.
///
/// Nothing fails here: what cannot be written keeps the output from being put in its place in the
/// end.
pub trait Room: Sync {
    /// Takes the bytes from `offset` on, now or later, and answers a buffer to go on with.
    fn give(&self, offset: u64, bytes: Vec<u8>) -> Vec<u8>;

    /// Fills `bytes` with what was put at `offset`.
    fn get(&self, offset: u64, bytes: &mut [u8]);

    /// Takes a copy of the bytes from `offset` on.
    fn put(&self, offset: u64, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.give(offset, bytes.to_vec());
        }
    }
}

/// An output that stays in memory.
#[derive(Debug)]
pub struct Memory(Mutex<Vec<u8>>);

impl Memory {
    /// Of so many zeros.
    pub fn new(size: usize) -> Self {
        Self(Mutex::new(vec![0; size]))
    }

    /// The bytes.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Room for Memory {
    fn give(&self, offset: u64, bytes: Vec<u8>) -> Vec<u8> {
        let mut whole = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        super::bytes::put(&mut whole, usize::try_from(offset).unwrap_or(usize::MAX), &bytes);
        bytes
    }

    fn get(&self, offset: u64, bytes: &mut [u8]) {
        let whole = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        let end = start.saturating_add(bytes.len());
        if let Some(there) = whole.get(start..end) {
            bytes.copy_from_slice(there);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_is_there_and_all_else_zero() {
        let memory = Memory::new(10);
        memory.put(3, b"abc");
        memory.give(6, b"d".to_vec());
        memory.put(9, b"outside");
        let mut some = [7; 4];
        memory.get(2, &mut some);
        assert_eq!(&some, b"\0abc");
        assert_eq!(memory.into_bytes(), b"\0\0\0abcd\0\0\0");
    }
}
