//! A string table that grows: each string once.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::relocatable::strings::StringTable;

/// In larger tables strings do not share their ends, in bytes: it takes longer than all else.
const MOST_SHARED: usize = 1 << 20;

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

    /// Lets strings that end others be part of them, once all are there. Those that are not lie in
    /// the order in which they were added.
    pub fn share_ends(&mut self) {
        if self.bytes.len() > MOST_SHARED {
            return;
        }
        let mut order: Vec<(u32, &'a [u8])> =
            self.offsets.iter().map(|(&text, &offset)| (offset, text)).collect();
        order.sort_unstable();
        let mut table = StringTable::default();
        for (_, text) in &order {
            table.add(text);
        }
        let shared = table.finish();
        // No two are equal, so their numbers are their places in the order.
        for ((_, text), offset) in order.iter().zip(shared.offsets) {
            self.offsets.insert(text, offset);
        }
        self.bytes = shared.bytes;
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
        strings.add(b"m.so.6");
        strings.share_ends();
        assert_eq!(strings.bytes(), b"\0libc.so.6\0libm.so.6\0");
        assert_eq!(strings.find(b"m.so.6"), Some(14));
        assert_eq!(strings.find(b"libm.so.6"), Some(11));
    }
}
