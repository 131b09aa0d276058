//! A string table that grows: each string once.

use std::collections::HashMap;

use foldhash::fast::RandomState;

/// Strings that each end in a zero byte, the first of them empty.
#[derive(Debug)]
pub struct Strings<'a> {
    bytes: Vec<u8>,
    offsets: HashMap<&'a [u8], u32, RandomState>,
}

impl Default for Strings<'_> {
    fn default() -> Self {
        Self { bytes: vec![0], offsets: HashMap::default() }
    }
}

impl<'a> Strings<'a> {
    /// Where `text` starts in the table, in bytes.
    pub fn add(&mut self, text: &'a [u8]) -> u32 {
        if text.is_empty() {
            return 0;
        }
        let Self { bytes, offsets } = self;
        *offsets.entry(text).or_insert_with(|| {
            let offset = bytes.len() as u32;
            bytes.extend_from_slice(text);
            bytes.push(0);
            offset
        })
    }

    /// Where a string that was added starts.
    pub fn find(&self, text: &[u8]) -> Option<u32> {
        if text.is_empty() { Some(0) } else { self.offsets.get(text).copied() }
    }

    /// The table.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_stands_once() {
        let mut strings = Strings::default();
        assert_eq!(strings.add(b""), 0);
        let first = strings.add(b"libc.so.6");
        assert_eq!(strings.add(b"libm.so.6"), 11);
        assert_eq!(strings.add(b"libc.so.6"), first);
        assert_eq!(strings.bytes(), b"\0libc.so.6\0libm.so.6\0");
    }
}
