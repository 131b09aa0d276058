//! `.debug_str` and `.debug_line_str`: strings, each once. DWARF 5, section 7.26.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use super::error::{Error, Result};
use super::section::Section;

/// A string of a [`Strings`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StringId(u32);

/// A table of strings, in the order they were first added in.
#[derive(Clone, Debug, Default)]
pub struct Strings {
    /// The contents of the section.
    bytes: Vec<u8>,
    /// Where each begins.
    starts: Vec<u64>,
    by_text: HashTable<StringId>,
}

impl Strings {
    /// The string, which is added if it is new.
    ///
    /// # Errors
    /// If there is a zero byte in it.
    pub fn add(&mut self, text: &[u8]) -> Result<StringId> {
        if memchr::memchr(0, text).is_some() {
            return Err(Error::ZeroInString);
        }
        let hasher = FixedState::default();
        let hash = hasher.hash_one(text);
        let (bytes, starts) = (&self.bytes, &self.starts);
        let is_text = |id: &StringId| text_of(bytes, starts, *id) == Some(text);
        if let Some(&id) = self.by_text.find(hash, is_text) {
            return Ok(id);
        }
        let id = StringId(self.starts.len() as u32);
        self.starts.push(self.bytes.len() as u64);
        self.bytes.extend_from_slice(text);
        self.bytes.push(0);
        let (bytes, starts) = (&self.bytes, &self.starts);
        let rehash = |id: &StringId| hasher.hash_one(text_of(bytes, starts, *id).unwrap_or(&[]));
        self.by_text.insert_unique(hash, id, rehash);
        Ok(id)
    }

    /// The text of a string, without its closing zero byte.
    pub fn text(&self, id: StringId) -> Option<&[u8]> {
        text_of(&self.bytes, &self.starts, id)
    }

    /// Where a string lies, in bytes from the start of the table.
    ///
    /// # Errors
    /// If it is of another table.
    pub fn offset(&self, id: StringId) -> Result<u64> {
        self.starts.get(id.0 as usize).copied().ok_or(Error::Dangling("a string"))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    /// Appends the table to its section, which must be empty: offsets count from its start.
    pub fn write(&self, section: &mut Section) {
        section.extend(&self.bytes);
    }
}

fn text_of<'a>(bytes: &'a [u8], starts: &[u64], id: StringId) -> Option<&'a [u8]> {
    let index = id.0 as usize;
    let start = *starts.get(index)? as usize;
    let next = starts.get(index.wrapping_add(1)).map_or(bytes.len(), |&next| next as usize);
    bytes.get(start..next.checked_sub(1)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_is_there_once() {
        let mut strings = Strings::default();
        let ids: Vec<_> =
            ["a", "", "bc", "a"].iter().map(|text| strings.add(text.as_bytes()).unwrap()).collect();
        assert_eq!(ids[0], ids[3]);
        assert_eq!(strings.text(ids[2]), Some(&b"bc"[..]));
        assert_eq!(strings.text(ids[1]), Some(&b""[..]));
        assert_eq!(strings.offset(ids[2]), Ok(3));
        assert_eq!(strings.add(b"a\0b"), Err(Error::ZeroInString));
        assert_eq!(strings.offset(StringId(3)), Err(Error::Dangling("a string")));
        let many: Vec<_> =
            (0..5000).map(|n| strings.add(n.to_string().as_bytes()).unwrap()).collect();
        for (number, &id) in many.iter().enumerate() {
            assert_eq!(strings.add(number.to_string().as_bytes()), Ok(id));
        }
    }
}
