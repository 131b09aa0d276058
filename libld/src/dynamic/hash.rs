//! The two hash tables of dynamic symbols: `.hash` (gABI, chapter 5, "Hash Table") and `.gnu.hash`.
//!
//! ```text
//! .gnu.hash: buckets, first symbol, Bloom words, shift
//!            Bloom filter | bucket -> first symbol of its chain | hash of each symbol, bit 0 ends
//! ```
//!
//! GNU's needs the symbols of a bucket to stand together, and those that nobody looks up (imported
//! ones) before all others.

use libelf::Encoding;

use crate::encode::{put_u32, put_u64};

/// The hash function of `.gnu.hash`.
pub fn gnu(name: &[u8]) -> u32 {
    name.iter().fold(5381_u32, |hash, &byte| hash.wrapping_mul(33).wrapping_add(byte.into()))
}

/// The hash function of `.hash`.
pub fn sysv(name: &[u8]) -> u32 {
    name.iter().fold(0_u32, |hash, &byte| {
        let hash = hash.wrapping_shl(4).wrapping_add(byte.into());
        let high = hash & 0xf000_0000;
        (hash ^ high >> 24) & !high
    })
}

/// The numbers of buckets that tables may have: primes near the powers of two. GNU's linker has the
/// same, so that what follows the tables lies where it lies in its outputs.
const BUCKETS: [u32; 16] =
    [1, 3, 17, 37, 67, 97, 131, 197, 263, 521, 1031, 2053, 4099, 8209, 16411, 32771];
/// `.gnu.hash` has so many buckets at least, unless it is empty.
const LEAST_GNU_BUCKETS: u32 = 2;
/// Four words in front of the tables of `.gnu.hash`.
const HEADER: usize = 16;

/// The largest number of buckets that is no more than that of symbols.
fn buckets(count: usize) -> u32 {
    let fitting = BUCKETS.iter().rev().find(|&&buckets| buckets as usize <= count);
    fitting.copied().unwrap_or(1)
}

/// How many buckets a `.gnu.hash` of `count` symbols has.
pub fn gnu_buckets(count: usize) -> u32 {
    if count == 0 { 1 } else { buckets(count).max(LEAST_GNU_BUCKETS) }
}

/// How many bits the Bloom filter of `count` symbols has, as a power of two: 8 to 16 for each.
fn bloom_bits_log2(count: usize, word_bits: usize) -> u32 {
    let log2 = count.max(1).ilog2();
    let is_upper_half = log2 > 0 && count >> (log2 - 1) & 1 != 0;
    (log2 + 3 + u32::from(is_upper_half)).max(word_bits.ilog2())
}

/// `.gnu.hash` of the symbols from number `first` on, whose `hashes` are in the order of buckets.
pub fn gnu_table(first: u32, hashes: &[u32], encoding: Encoding) -> Vec<u8> {
    let word_bits = encoding.word_size() * 8;
    if hashes.is_empty() {
        return empty_gnu_table(encoding);
    }
    let shift = bloom_bits_log2(hashes.len(), word_bits);
    let words = (1_usize << shift) / word_bits;
    let buckets = gnu_buckets(hashes.len());
    let mut bloom = vec![0_u64; words];
    let mut starts = vec![0_u32; buckets as usize];
    let mut chains = Vec::with_capacity(hashes.len());
    for (index, &hash) in hashes.iter().enumerate() {
        let word = hash as usize / word_bits % words;
        if let Some(word) = bloom.get_mut(word) {
            let bit = |hash: u32| 1_u64 << (hash as usize % word_bits);
            *word |= bit(hash) | bit(hash >> shift);
        }
        let bucket = hash % buckets;
        if let Some(start @ 0) = starts.get_mut(bucket as usize) {
            *start = first + index as u32;
        }
        let ends = hashes.get(index + 1).is_none_or(|&next| next % buckets != bucket);
        chains.push(hash & !1 | u32::from(ends));
    }
    let mut table = Vec::with_capacity(HEADER + words * word_bits / 8 + 4 * starts.len());
    for number in [buckets, first, words as u32, shift] {
        put_u32(&mut table, number, encoding);
    }
    for word in bloom {
        if encoding.is_64() {
            put_u64(&mut table, word, encoding);
        } else {
            put_u32(&mut table, word as u32, encoding);
        }
    }
    for number in starts.into_iter().chain(chains) {
        put_u32(&mut table, number, encoding);
    }
    table
}

/// `.gnu.hash` where nothing is defined: one empty bucket behind a filter that lets nothing through.
fn empty_gnu_table(encoding: Encoding) -> Vec<u8> {
    let mut table = Vec::new();
    for number in [1, 1, 1, 0] {
        put_u32(&mut table, number, encoding);
    }
    table.resize(table.len() + encoding.word_size(), 0);
    put_u32(&mut table, 0, encoding);
    table
}

/// `.hash` of all symbols; `names` are theirs, from number 1 on.
pub fn sysv_table<'n>(
    names: impl ExactSizeIterator<Item = &'n [u8]>,
    encoding: Encoding,
) -> Vec<u8> {
    let count = names.len() + 1;
    let buckets = buckets(names.len());
    let mut starts = vec![0_u32; buckets as usize];
    let mut chains = vec![0_u32; count];
    for (number, name) in (1_u32..).zip(names) {
        let bucket = sysv(name) % buckets;
        if let (Some(start), Some(chain)) =
            (starts.get_mut(bucket as usize), chains.get_mut(number as usize))
        {
            *chain = *start;
            *start = number;
        }
    }
    let mut table = Vec::with_capacity(4 * (2 + starts.len() + chains.len()));
    put_u32(&mut table, buckets, encoding);
    put_u32(&mut table, count as u32, encoding);
    for number in starts.into_iter().chain(chains) {
        put_u32(&mut table, number, encoding);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use libelf::Class;
    use object::endian::Endianness;

    const LE64: Encoding = Encoding { class: Class::Elf64, endian: Endianness::Little };

    #[test]
    fn hashes_are_those_of_the_standards() {
        assert_eq!(gnu(b"printf"), 0x156b_2bb8);
        assert_eq!(sysv(b"printf"), 0x077905a6);
        assert_eq!(sysv(b""), 0);
    }

    #[test]
    fn sizes_grow_by_steps() {
        let sizes = |count| (buckets(count), gnu_buckets(count), bloom_bits_log2(count, 64));
        assert_eq!(sizes(0), (1, 1, 6));
        assert_eq!(sizes(2), (1, 2, 6));
        assert_eq!(sizes(11), (3, 3, 6));
        assert_eq!(sizes(12), (3, 3, 7));
        assert_eq!(sizes(197), (197, 197, 11));
        assert_eq!(sizes(100_000), (32771, 32771, 20));
        assert_eq!(bloom_bits_log2(5, 32), 5);
        assert_eq!(bloom_bits_log2(6, 32), 6);
    }

    #[test]
    fn every_name_is_found_through_either_table() {
        let mut names: Vec<String> = (0..500).map(|n| format!("name{n}")).collect();
        let buckets = gnu_buckets(names.len());
        names.sort_by_key(|name| gnu(name.as_bytes()) % buckets);
        let hashes: Vec<_> = names.iter().map(|name| gnu(name.as_bytes())).collect();
        let table = gnu_table(1, &hashes, LE64);
        let word = |at: usize| LE64.u32(&table, at).unwrap();
        let start = HEADER + 8 * word(8) as usize;
        for (index, hash) in hashes.iter().enumerate() {
            let mut number = word(start + 4 * (hash % buckets) as usize);
            let chains = start + 4 * buckets as usize;
            loop {
                let entry = word(chains + 4 * (number as usize - 1));
                if entry | 1 == hash | 1 && number as usize == index + 1 {
                    break;
                }
                assert_eq!(entry & 1, 0, "{index}: the chain ends");
                number += 1;
            }
        }
        let table = sysv_table(names.iter().map(String::as_bytes), LE64);
        let word = |at: usize| LE64.u32(&table, 4 * at).unwrap();
        let buckets = word(0);
        for (number, name) in (1..).zip(&names) {
            let mut found = word(2 + (sysv(name.as_bytes()) % buckets) as usize);
            while found != number {
                assert_ne!(found, 0);
                found = word(2 + buckets as usize + found as usize);
            }
        }
    }
}
