//! Orders of symbols.
//!
//! An entry is 16 bytes: a number to sort by, the symbol, and where its name lies. Names are
//! numbers as well: their first eight bytes, highest first. Where those of several symbols are the
//! same, the next eight take their place, and so on:
//!
//! ```text
//! key of 8 bytes    next 8 bytes
//! "_ZN4llvm"        "3aliasEv"      one group of equal keys, sorted by the next
//! "_ZN4llvm"        "5parse.."
//! "main\0\0\0\0"
//! ```
//!
//! So a name is read eight bytes at a time, and only as far as it takes to tell it from others.
//! Nothing is sorted with the help of more memory: fresh pages cost as much as the sorting.

use std::cmp::Ordering;

/// A symbol that is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it is sorted by just now.
    pub key: u64,
    /// Its number among the symbols of the file.
    pub index: u32,
    /// The offset of its name in the strings of the file, in bytes.
    pub name: u32,
}

/// Names, eight bytes at a time.
pub trait Names {
    /// The bytes of an entry's name from `depth` on, as a big-endian number; zeros behind its end.
    fn word(&self, entry: &Entry, depth: usize) -> u64;
}

/// The bytes in a word of a name.
const WORD: usize = 8;

/// So many names are compared with each other at once, not word by word of all.
const FEW: usize = 12;

/// Sorts by the keys that entries have, then by name, then by index. `reverse` turns around keys
/// and names, but not indexes.
pub fn by_key_and_name(entries: &mut [Entry], names: &impl Names, reverse: bool) {
    sort_words(entries);
    for group in entries.chunk_by_mut(|a, b| a.key == b.key) {
        if group.len() > 1 {
            sort_names(group, names, reverse);
        }
    }
    if reverse {
        entries.reverse();
    }
}

/// As [`by_key_and_name`], but without a look at the keys.
pub fn by_name(entries: &mut [Entry], names: &impl Names, reverse: bool) {
    sort_names(entries, names, reverse);
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

/// Sorts by name; equal ones by index, or against it.
fn sort_names(entries: &mut [Entry], names: &impl Names, turned: bool) {
    let mut groups = vec![Group { start: 0, end: entries.len(), depth: 0 }];
    while let Some(Group { start, end, depth }) = groups.pop() {
        let Some(group) = entries.get_mut(start..end) else { continue };
        if group.len() <= FEW {
            group.sort_unstable_by(|a, b| {
                compare(names, a, b, depth).then_with(|| by_index(a, b, turned))
            });
            continue;
        }
        for entry in &mut *group {
            entry.key = names.word(entry, depth);
        }
        sort_words(group);
        let mut from = start;
        for equals in group.chunk_by_mut(|a, b| a.key == b.key) {
            let to = from + equals.len();
            if equals.len() == 1 {
                // In its place.
            } else if is_sorted_whole(equals) {
                equals.sort_unstable_by(|a, b| by_index(a, b, turned));
            } else {
                groups.push(Group { start: from, end: to, depth: depth + WORD });
            }
            from = to;
        }
    }
}

fn by_index(a: &Entry, b: &Entry, turned: bool) -> Ordering {
    if turned { b.index.cmp(&a.index) } else { a.index.cmp(&b.index) }
}

/// Compares names from `depth` on.
fn compare(names: &impl Names, a: &Entry, b: &Entry, mut depth: usize) -> Ordering {
    if a.name == b.name {
        return Ordering::Equal;
    }
    loop {
        let (left, right) = (names.word(a, depth), names.word(b, depth));
        // A word whose last byte is zero is the last.
        if left != right || left as u8 == 0 {
            return left.cmp(&right);
        }
        depth += WORD;
    }
}

/// Whether entries with the same word of their names have the same name.
fn is_sorted_whole(equals: &[Entry]) -> bool {
    let [first, rest @ ..] = equals else { return true };
    // A name that ends within the word is whole; and symbols may share the bytes of their names.
    first.key as u8 == 0 || rest.iter().all(|entry| entry.name == first.name)
}

/// Sorts by key alone: where many are equal, to tell them apart would cost the most.
fn sort_words(entries: &mut [Entry]) {
    entries.sort_unstable_by_key(|entry| entry.key);
}

/// The word of `strings` at `offset`: their next eight bytes as a big-endian number, with zeros
/// from the first zero byte on.
#[inline]
pub fn word_at(strings: &[u8], offset: usize) -> u64 {
    let bytes = strings.get(offset..).unwrap_or_default();
    if let Some(chunk) = bytes.first_chunk() {
        return until_zero(u64::from_le_bytes(*chunk));
    }
    let mut chunk = [0; WORD];
    for (to, from) in chunk.iter_mut().zip(bytes) {
        *to = *from;
    }
    until_zero(u64::from_le_bytes(chunk))
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
        fn word(&self, entry: &Entry, depth: usize) -> u64 {
            word_at(self.0, entry.name as usize + depth)
        }
    }

    const TEXT: &[u8] =
        b"\0a_long_name_of_one\0a_long_name\0a_long_name_of_two\0b\0a_long_n\0\xff\x01\0";

    fn entries(keys: &[u64]) -> (Vec<Entry>, Vec<&'static [u8]>) {
        let names: Vec<&[u8]> = TEXT[1..TEXT.len() - 1].split(|byte| *byte == 0).collect();
        let mut offset = 1;
        let mut found = Vec::new();
        for (index, name) in names.iter().enumerate() {
            let key = keys.get(index).copied().unwrap_or_default();
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
        let entry = |index, name| Entry { key: 5, index, name };
        let mut found = vec![entry(0, 21), entry(1, 1), entry(2, 21), entry(3, 1)];
        let indexes = |found: &[Entry]| found.iter().map(|entry| entry.index).collect::<Vec<_>>();
        by_key_and_name(&mut found, &Strings(TEXT), false);
        assert_eq!(indexes(&found), [0, 2, 1, 3]);
        found = vec![entry(0, 21), entry(1, 1), entry(2, 21), entry(3, 1)];
        by_key_and_name(&mut found, &Strings(TEXT), true);
        assert_eq!(indexes(&found), [1, 3, 0, 2]);
    }

    #[test]
    fn many_names_are_sorted_as_bytes_whatever_they_share() {
        // Prefixes of each other, equal ones, and ones that differ in each place.
        let mut text = vec![0];
        let mut names = Vec::new();
        for number in 0_usize..400 {
            let mut name = b"_ZN4core3ptr13drop_in_placeE".repeat(2);
            name.truncate(number * 7 % 57);
            if let Some(byte) = name.get_mut(number * 5 % 60) {
                *byte = number as u8 | 1;
            }
            names.push((name.clone(), number as u32, text.len() as u32));
            text.extend(name);
            text.push(0);
        }
        let text: &'static [u8] = text.leak();
        let made = |key: fn(u32) -> u64| -> Vec<Entry> {
            let entry = |&(_, index, name): &(_, u32, u32)| Entry { key: key(index), index, name };
            names.iter().map(entry).collect()
        };
        let indexes = |found: &[Entry]| found.iter().map(|entry| entry.index).collect::<Vec<_>>();
        let mut expected = names.clone();
        for reverse in [false, true] {
            let turn = |order: Ordering| if reverse { order.reverse() } else { order };
            expected.sort_by(|a, b| turn(a.0.cmp(&b.0)).then(a.1.cmp(&b.1)));
            let mut found = made(|_| 0);
            by_name(&mut found, &Strings(text), reverse);
            assert_eq!(indexes(&found), expected.iter().map(|name| name.1).collect::<Vec<_>>());
            expected.sort_by(|a, b| turn((a.1 % 3).cmp(&(b.1 % 3))));
            let mut found = made(|index| u64::from(index % 3));
            by_key_and_name(&mut found, &Strings(text), reverse);
            assert_eq!(indexes(&found), expected.iter().map(|name| name.1).collect::<Vec<_>>());
        }
    }

    #[test]
    fn words_end_at_a_zero_byte() {
        assert_eq!(word_at(b"abcdefghi", 0), u64::from_be_bytes(*b"abcdefgh"));
        assert_eq!(word_at(b"ab\x01\0efghi", 0), u64::from_be_bytes(*b"ab\x01\0\0\0\0\0"));
        assert_eq!(word_at(b"abc", 1), u64::from_be_bytes(*b"bc\0\0\0\0\0\0"));
        assert_eq!(word_at(b"\0bcdefgh", 0), 0);
        assert_eq!(word_at(b"a", 9), 0);
    }
}
