//! Names that were demangled lately, with their texts.
//!
//! The objects of a C++ library share many symbols: what templates make is in each of them again.
//! To find a name here takes a small part of the time that it takes to demangle it.
//!
//! ```text
//! slots, by hash   ┌ hash, start, lengths ┐
//! bytes            … _ZN4llvm3fooEv llvm::foo() …
//! ```
//!
//! A name takes the slot of the one before it with the same place. When the bytes are full, all is
//! forgotten.

use std::ops::Range;

/// So many names are known at most; a power of two.
const SLOTS: usize = 1 << 13;
/// The bytes that names and texts take at most.
const BYTES: usize = 1 << 21;

#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    hash: u32,
    /// Where the name starts, and behind it the text, in bytes.
    start: u32,
    /// The length of the name, 0 in a slot without one.
    name: u32,
    /// The length of the text.
    text: u32,
}

/// Names and their texts, as far as they are remembered.
#[derive(Debug)]
pub(crate) struct RecentNames {
    slots: Vec<Slot>,
    bytes: Vec<u8>,
}

impl RecentNames {
    pub(crate) fn new() -> Self {
        Self { slots: vec![Slot::default(); SLOTS], bytes: Vec::new() }
    }

    /// Where the text of a name is kept.
    pub(crate) fn find(&self, name: &[u8], hash: u32) -> Option<Range<usize>> {
        let slot = self.slots.get(place(hash))?;
        if slot.hash != hash || slot.name as usize != name.len() {
            return None;
        }
        let start = slot.start as usize;
        let is_name = self.bytes.get(start..)?.starts_with(name);
        let text = start.checked_add(name.len())?;
        is_name.then_some(text..text.checked_add(slot.text as usize)?)
    }

    /// The text that [`Self::find`] found.
    pub(crate) fn text(&self, found: Range<usize>) -> &[u8] {
        self.bytes.get(found).unwrap_or_default()
    }

    /// Remembers a name that is not empty.
    pub(crate) fn add(&mut self, name: &[u8], hash: u32, text: &[u8]) {
        let size = name.len().saturating_add(text.len());
        if size > BYTES / 2 {
            return;
        }
        if self.bytes.len().saturating_add(size) > BYTES {
            self.bytes.clear();
            self.slots.fill(Slot::default());
        }
        let start = self.bytes.len() as u32;
        self.bytes.extend_from_slice(name);
        self.bytes.extend_from_slice(text);
        if let Some(slot) = self.slots.get_mut(place(hash)) {
            *slot = Slot { hash, start, name: name.len() as u32, text: text.len() as u32 };
        }
    }
}

fn place(hash: u32) -> usize {
    hash as usize % SLOTS
}

/// A number that differs for most names.
pub(crate) fn hash(name: &[u8]) -> u32 {
    // Odd, with bits all over: the golden ratio.
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let mix = |state: u64, word: u64| (state ^ word).wrapping_mul(FACTOR).rotate_left(29);
    let (words, rest) = name.as_chunks();
    let state =
        words.iter().fold(name.len() as u64, |state, word| mix(state, u64::from_le_bytes(*word)));
    let last = rest.iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
    (mix(state, last).wrapping_mul(FACTOR) >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text<'a>(recent: &'a RecentNames, name: &str) -> Option<&'a [u8]> {
        let found = recent.find(name.as_bytes(), hash(name.as_bytes()))?;
        Some(recent.text(found))
    }

    #[test]
    fn names_are_remembered_until_there_are_too_many() {
        let mut recent = RecentNames::new();
        let shown = [b'x'; 1000];
        for number in 0..4000 {
            let name = format!("_Z{number}");
            assert_eq!(text(&recent, &name), None);
            recent.add(name.as_bytes(), hash(name.as_bytes()), &shown);
            assert_eq!(text(&recent, &name), Some(&shown[..]));
            assert!(recent.bytes.len() <= BYTES);
        }
        assert_eq!(text(&recent, "_Z0"), None);
        // Too large to be kept, and no reason to forget others.
        recent.add(b"_Zlarge", hash(b"_Zlarge"), &vec![b'x'; BYTES]);
        assert_eq!(text(&recent, "_Zlarge"), None);
        assert!(text(&recent, "_Z3999").is_some());
    }

    #[test]
    fn names_with_the_same_hash_are_told_apart() {
        let mut recent = RecentNames::new();
        recent.add(b"_Z1av", 7, b"a()");
        assert_eq!(recent.find(b"_Z1bv", 7), None);
        assert_eq!(recent.find(b"_Z1a", 7), None);
        recent.add(b"_Z1bv", 7, b"b()");
        assert_eq!(recent.find(b"_Z1bv", 7).map(|found| recent.text(found)), Some(&b"b()"[..]));
        assert_eq!(recent.find(b"_Z1av", 7), None);
    }
}
