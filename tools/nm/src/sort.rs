//! Orders of symbols.
//!
//! An entry is 24 bytes: a number to sort by, the symbol, and where its name lies. Names are
//! numbers as well: their first sixteen bytes, highest first. Where those of several symbols are the
//! same, the next sixteen take their place, and so on:
//!
//! ```text
//! key of 16 bytes       next 16 bytes
//! "_ZNK4llvm9MCSymb"    "ol8getSizeEv"    one group of equal keys, sorted by the next
//! "_ZNK4llvm9MCSymb"    "ol9isInBssEv"
//! "main\0\0\0\0\0\0\0\0\0\0\0\0"
//! ```
//!
//! So a name is read sixteen bytes at a time, and only as far as it takes to tell it from others.

use std::cmp::Ordering;

/// What an entry is sorted by: a number of 16 bytes, in two halves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Key([u64; 2]);

impl Key {
    /// A number.
    pub fn number(number: u64) -> Self {
        Self([0, number])
    }

    /// The next sixteen bytes of `strings` at `offset` as a big-endian number, with zeros from the
    /// first zero byte on.
    #[inline]
    pub fn of_name(strings: &[u8], offset: usize) -> Self {
        let bytes = strings.get(offset..).unwrap_or_default();
        if let Some(([high, low], [])) = bytes.first_chunk::<WORDS>().map(|words| words.as_chunks())
        {
            return Self::until_zero(*high, *low);
        }
        let mut words = [[0; WORDS / 2]; 2];
        for (to, from) in words.as_flattened_mut().iter_mut().zip(bytes) {
            *to = *from;
        }
        Self::until_zero(words[0], words[1])
    }

    #[inline]
    fn until_zero(high: [u8; WORDS / 2], low: [u8; WORDS / 2]) -> Self {
        let high = until_zero(u64::from_le_bytes(high));
        let low = until_zero(u64::from_le_bytes(low));
        // A first half that ends in a zero byte is the whole.
        Self([high, if high as u8 == 0 { 0 } else { low }])
    }

    /// Whether the name ends within these bytes.
    fn is_last(self) -> bool {
        self.0[1] as u8 == 0
    }

    #[inline]
    fn order(self) -> u128 {
        u128::from(self.0[0]) << 64 | u128::from(self.0[1])
    }
}

/// A symbol that is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it is sorted by just now.
    pub key: Key,
    /// Its number among the symbols of the file.
    pub index: u32,
    /// The offset of its name in the strings of the file, in bytes.
    pub name: u32,
}

/// Names, some bytes at a time.
pub trait Names {
    /// The bytes of an entry's name from `depth` on; see [`Key::of_name`].
    fn words(&self, entry: &Entry, depth: usize) -> Key;
}

/// The bytes of a name that make a key.
const WORDS: usize = 16;

/// So many names are compared with each other at once, not part by part of all.
const FEW: usize = 12;

/// Sorts by the keys that entries have, then by name, then as they stand. `reverse` turns around
/// keys and names, but leaves equal ones as they stand.
pub fn by_key_and_name(entries: &mut [Entry], names: &impl Names, reverse: bool) {
    turn(entries, reverse);
    sort_words(entries);
    for group in entries.chunk_by_mut(|a, b| a.key == b.key) {
        if group.len() > 1 {
            sort_names(group, names);
        }
    }
    turn(entries, reverse);
}

/// As [`by_key_and_name`], but without a look at the keys.
pub fn by_name(entries: &mut [Entry], names: &impl Names, reverse: bool) {
    turn(entries, reverse);
    sort_names(entries, names);
    turn(entries, reverse);
}

/// Turns all around: done before and after sorting, it leaves equal entries as they stand.
fn turn(entries: &mut [Entry], reverse: bool) {
    if reverse {
        entries.reverse();
    }
}

/// A group of entries whose names agree up to a depth.
struct Group {
    start: usize,
    end: usize,
    depth: usize,
}

/// Sorts by name; equal ones as they stand.
fn sort_names(entries: &mut [Entry], names: &impl Names) {
    let mut groups = vec![Group { start: 0, end: entries.len(), depth: 0 }];
    while let Some(Group { start, end, depth }) = groups.pop() {
        let Some(group) = entries.get_mut(start..end) else { continue };
        if group.len() <= FEW {
            group.sort_by(|a, b| compare(names, a, b, depth));
            continue;
        }
        for entry in &mut *group {
            entry.key = names.words(entry, depth);
        }
        sort_words(group);
        let mut from = start;
        for equals in group.chunk_by(|a, b| a.key == b.key) {
            let to = from + equals.len();
            if !is_sorted_whole(equals) {
                groups.push(Group { start: from, end: to, depth: depth + WORDS });
            }
            from = to;
        }
    }
}

/// Compares names from `depth` on.
fn compare(names: &impl Names, a: &Entry, b: &Entry, mut depth: usize) -> Ordering {
    if a.name == b.name {
        return Ordering::Equal;
    }
    loop {
        let (left, right) = (names.words(a, depth), names.words(b, depth));
        if left != right || left.is_last() {
            return left.order().cmp(&right.order());
        }
        depth += WORDS;
    }
}

/// Whether entries with the same part of their names have the same name.
fn is_sorted_whole(equals: &[Entry]) -> bool {
    let [first, rest @ ..] = equals else { return true };
    // A name that ends within the part is whole; and symbols may share the bytes of their names.
    rest.is_empty() || first.key.is_last() || rest.iter().all(|entry| entry.name == first.name)
}

/// Sorts by key; equal ones as they stand. Many are equal, which a stable sort makes use of.
fn sort_words(entries: &mut [Entry]) {
    entries.sort_by_key(|entry| entry.key.order());
}

/// The bytes of a little-endian word up to the first that is zero, as a big-endian number.
fn until_zero(word: u64) -> u64 {
    const LOW: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    // The lowest of the bits set here is in the first zero byte.
    let zeros = word.wrapping_sub(LOW) & !word & HIGH;
    let kept = zeros & zeros.wrapping_neg();
    // All bits below that byte; all bits if there is none.
    let mask = (kept >> 7).wrapping_sub(1);
    (word & mask).swap_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Strings(&'static [u8]);

    impl Names for Strings {
        fn words(&self, entry: &Entry, depth: usize) -> Key {
            Key::of_name(self.0, entry.name as usize + depth)
        }
    }

    const TEXT: &[u8] =
        b"\0a_long_name_of_one\0a_long_name\0a_long_name_of_two\0b\0a_long_n\0\xff\x01\0";

    fn entries(keys: &[u64]) -> (Vec<Entry>, Vec<&'static [u8]>) {
        let names: Vec<&[u8]> = TEXT[1..TEXT.len() - 1].split(|byte| *byte == 0).collect();
        let mut offset = 1;
        let mut found = Vec::new();
        for (index, name) in names.iter().enumerate() {
            let key = Key::number(keys.get(index).copied().unwrap_or_default());
            found.push(Entry { key, index: index as u32, name: offset });
            offset += name.len() as u32 + 1;
        }
        (found, names)
    }

    #[test]
    fn names_are_sorted_as_bytes() {
        let (mut found, mut names) = entries(&[]);
        let shown = |entries: &[Entry], names: &[&[u8]]| -> Vec<Vec<u8>> {
            entries.iter().map(|entry| names[entry.index as usize].to_vec()).collect()
        };
        by_name(&mut found, &Strings(TEXT), false);
        let sorted = shown(&found, &names);
        let original = names.clone();
        names.sort_unstable();
        assert_eq!(sorted, names);
        by_name(&mut found, &Strings(TEXT), true);
        names.reverse();
        assert_eq!(shown(&found, &original), names);
    }

    #[test]
    fn equal_entries_keep_their_places() {
        let entry = |index, name| Entry { key: Key::number(5), index, name };
        let mut found = vec![entry(0, 21), entry(1, 1), entry(2, 21), entry(3, 1)];
        let indexes = |found: &[Entry]| found.iter().map(|entry| entry.index).collect::<Vec<_>>();
        by_key_and_name(&mut found, &Strings(TEXT), false);
        assert_eq!(indexes(&found), [0, 2, 1, 3]);
        found = vec![entry(0, 21), entry(1, 1), entry(2, 21), entry(3, 1)];
        by_key_and_name(&mut found, &Strings(TEXT), true);
        assert_eq!(indexes(&found), [1, 3, 0, 2]);
    }

    #[test]
    fn keys_end_at_a_zero_byte() {
        let key = |strings: &[u8], offset| Key::of_name(strings, offset).order().to_be_bytes();
        assert_eq!(key(b"abcdefghijklmnopq", 0), *b"abcdefghijklmnop");
        assert_eq!(key(b"abcdefghi\x01\0lmnopq", 0), *b"abcdefghi\x01\0\0\0\0\0\0");
        assert_eq!(key(b"ab\x01\0efghijklmnopq", 0), *b"ab\x01\0\0\0\0\0\0\0\0\0\0\0\0\0");
        assert_eq!(key(b"abcdefg\0ijklmnopq", 0), *b"abcdefg\0\0\0\0\0\0\0\0\0");
        assert_eq!(key(b"abcdefghij", 1), *b"bcdefghij\0\0\0\0\0\0\0");
        assert_eq!(key(b"\0bcdefghijklmnopq", 0), [0; 16]);
        assert_eq!(key(b"a", 9), [0; 16]);
    }
}
