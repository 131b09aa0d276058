//! Symbol hash tables: SysV (`DT_HASH`; gABI, chapter 5, "Hash Table") and GNU (`DT_GNU_HASH`).

use object::elf::{EM_ALPHA, EM_S390, Machine};

use crate::ident::Encoding;
use crate::table::{Record, Table};

/// S/390 before it had an official number (`EM_S390_OLD`).
const EM_S390_OLD: Machine = Machine(0xa390);

/// The hash of a name in a SysV hash table.
pub fn sysv_hash(name: &[u8]) -> u32 {
    object::elf::hash(name)
}

/// The hash of a name in a GNU hash table.
pub fn gnu_hash(name: &[u8]) -> u32 {
    object::elf::gnu_hash(name)
}

/// The bytes of one word of a SysV hash table: 8 on Alpha and 64-bit S/390, else 4.
pub fn sysv_word_size(encoding: Encoding, machine: Machine) -> usize {
    let is_wide = [EM_ALPHA, EM_S390, EM_S390_OLD].contains(&machine);
    if encoding.is_64() && is_wide { 8 } else { 4 }
}

/// A SysV hash table with words of `W`.
#[derive(Clone, Copy, Debug)]
pub struct SysvHash<'data, W: Record> {
    /// For each bucket the index of its first symbol, 0 for none.
    pub buckets: Table<'data, W>,
    /// For each symbol the index of the next one in its bucket, 0 at the end.
    pub chains: Table<'data, W>,
}

impl<'data, W: Record + Into<u64>> SysvHash<'data, W> {
    /// Reads the table at the start of `bytes`; `None` if its counts go past their end.
    pub fn parse(bytes: &'data [u8], encoding: Encoding) -> Option<Self> {
        let words = Table::<W>::new(bytes, encoding);
        let buckets = usize::try_from(words.get(0)?.into()).ok()?;
        let chains = usize::try_from(words.get(1)?.into()).ok()?;
        let chains_at = buckets.checked_add(2)?;
        let end = chains_at.checked_add(chains)?;
        (end <= words.len()).then(|| Self {
            buckets: words.range(2, chains_at),
            chains: words.range(chains_at, end),
        })
    }

    /// The indexes of the symbols that may have the name with this [`sysv_hash`], in the order of
    /// their chain; the caller compares names. A chain that runs in circles ends when it must have.
    pub fn candidates(&self, hash: u32) -> impl Iterator<Item = u32> + use<'data, W> {
        let chains = self.chains;
        let bucket = (hash as usize).checked_rem(self.buckets.len());
        let first = bucket.and_then(|bucket| self.buckets.get(bucket));
        let index = |word: W| u32::try_from(word.into()).ok().filter(|&index| index != 0);
        std::iter::successors(first.and_then(index), move |&last| {
            chains.get(last as usize).and_then(index)
        })
        .take(chains.len())
    }
}

/// A GNU hash table.
#[derive(Clone, Copy, Debug)]
pub struct GnuHash<'data> {
    /// The index of the first symbol that the table covers.
    pub first_symbol: u32,
    /// How far the second Bloom bit is shifted.
    pub bloom_shift: u32,
    /// The Bloom filter, of words as wide as the class.
    pub bloom: &'data [u8],
    /// For each bucket the index of its first symbol, 0 for none.
    pub buckets: Table<'data, u32>,
    /// For each covered symbol its hash; the lowest bit ends a bucket. Reaches to the end of the
    /// bytes given, as the table does not say how long it is.
    pub chains: Table<'data, u32>,
}

impl<'data> GnuHash<'data> {
    /// The header: four words.
    const HEADER: usize = 16;

    /// Reads the table at the start of `bytes`; `None` if its counts go past their end.
    pub fn parse(bytes: &'data [u8], encoding: Encoding) -> Option<Self> {
        let bucket_count = usize::try_from(encoding.u32(bytes, 0)?).ok()?;
        let bloom_words = usize::try_from(encoding.u32(bytes, 8)?).ok()?;
        let bloom_end = bloom_words.checked_mul(encoding.word_size())?.checked_add(Self::HEADER)?;
        let buckets_end = bucket_count.checked_mul(4)?.checked_add(bloom_end)?;
        Some(Self {
            first_symbol: encoding.u32(bytes, 4)?,
            bloom_shift: encoding.u32(bytes, 12)?,
            bloom: bytes.get(Self::HEADER..bloom_end)?,
            buckets: Table::new(bytes.get(bloom_end..buckets_end)?, encoding),
            chains: Table::new(bytes.get(buckets_end..)?, encoding),
        })
    }

    /// The indexes of the symbols that may have the name with this [`gnu_hash`], in the order of
    /// their bucket; the caller compares names. `encoding` is that of the file.
    ///
    /// Mostly the Bloom filter tells at once that there is none. Symbols that are not defined are
    /// not in the table.
    pub fn candidates(
        &self,
        hash: u32,
        encoding: Encoding,
    ) -> impl Iterator<Item = u32> + use<'data> {
        let first = self.first_candidate(hash, encoding);
        let (chains, first_symbol) = (self.chains, self.first_symbol);
        let mut next = first;
        std::iter::from_fn(move || {
            loop {
                let index = next?;
                let stored = chains.get(index.checked_sub(first_symbol)? as usize)?;
                next = if stored & 1 == 0 { index.checked_add(1) } else { None };
                // The lowest bit is the end of the bucket's mark.
                if stored | 1 == hash | 1 {
                    return Some(index);
                }
            }
        })
    }

    /// The first symbol of the bucket of a hash that passes the filter.
    fn first_candidate(&self, hash: u32, encoding: Encoding) -> Option<u32> {
        let width = encoding.word_size();
        let bits = width as u32 * 8;
        let words = self.bloom.len() / width;
        let word = ((hash / bits) as usize).checked_rem(words)?;
        let filter = encoding.word(self.bloom, word.checked_mul(width)?)?;
        let second = hash.checked_shr(self.bloom_shift).unwrap_or(0);
        if (filter >> (hash % bits)) & (filter >> (second % bits)) & 1 == 0 {
            return None;
        }
        let bucket = (hash as usize).checked_rem(self.buckets.len())?;
        self.buckets.get(bucket).filter(|&first| first != 0)
    }

    /// How many symbols the dynamic symbol table has at least: one more than the highest index
    /// that a chain reaches.
    pub fn symbol_count(&self) -> Option<u32> {
        let last_bucket = self.buckets.iter().max().filter(|&first| first != 0)?;
        let mut index = last_bucket.checked_sub(self.first_symbol)?;
        while self.chains.get(usize::try_from(index).ok()?)? & 1 == 0 {
            index = index.checked_add(1)?;
        }
        self.first_symbol.checked_add(index)?.checked_add(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ident::Class;
    use object::endian::Endianness;

    const LE64: Encoding = Encoding { class: Class::Elf64, endian: Endianness::Little };

    fn words(words: &[u32]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    #[test]
    fn counts_past_the_end_are_no_table() {
        assert!(SysvHash::<u32>::parse(&words(&[1, 1, 0, 0]), LE64).is_some());
        assert!(SysvHash::<u32>::parse(&words(&[1, 2, 0, 0]), LE64).is_none());
        assert!(SysvHash::<u32>::parse(&words(&[u32::MAX, u32::MAX]), LE64).is_none());
        assert!(GnuHash::parse(&words(&[u32::MAX, 1, u32::MAX, 0]), LE64).is_none());
    }

    #[test]
    fn chains_are_followed_to_their_end_and_not_in_circles() {
        // Two buckets: 1 -> 3 -> 0, 2 -> 2 -> …
        let bytes = words(&[2, 4, 1, 2, 0, 3, 2, 0]);
        let table = SysvHash::<u32>::parse(&bytes, LE64).unwrap();
        assert_eq!(table.candidates(4).collect::<Vec<_>>(), [1, 3]);
        assert_eq!(table.candidates(7).collect::<Vec<_>>(), [2, 2, 2, 2]);
        let none = SysvHash::<u32>::parse(&bytes[..8], LE64);
        assert!(none.is_none());
        let empty = words(&[0, 0]);
        let empty = SysvHash::<u32>::parse(&empty, LE64).unwrap();
        assert_eq!(empty.candidates(1).count(), 0);
    }

    #[test]
    fn gnu_buckets_are_searched_through_the_filter() {
        let hashes = [0x1234_5678_u32, 0x1234_5679, 0x8234_5672];
        let mut filter = 0_u64;
        for hash in hashes {
            filter |= 1 << (hash % 64) | 1 << ((hash >> 6) % 64);
        }
        let mut chain: Vec<u32> = hashes.iter().map(|hash| hash & !1).collect();
        chain[2] |= 1;
        let mut numbers = vec![1, 5, 1, 6, filter as u32, (filter >> 32) as u32, 5];
        numbers.extend(chain);
        let bytes = words(&numbers);
        let table = GnuHash::parse(&bytes, LE64).unwrap();
        let found = |hash| table.candidates(hash, LE64).collect::<Vec<_>>();
        // The lowest bit is lost in the table.
        assert_eq!(found(hashes[0]), [5, 6]);
        assert_eq!(found(hashes[2]), [7]);
        assert_eq!(found(0x0f0f_0f0f), [0; 0]);
    }

    #[test]
    fn the_last_chain_gives_the_symbol_count() {
        let bytes = words(&[1, 5, 1, 6, 0, 0, 5, 2, 4, 7]);
        let table = GnuHash::parse(&bytes, LE64).unwrap();
        assert_eq!(table.symbol_count(), Some(8));
        let endless = words(&[1, 5, 1, 6, 0, 0, 5, 2, 4, 6]);
        assert_eq!(GnuHash::parse(&endless, LE64).unwrap().symbol_count(), None);
    }
}
