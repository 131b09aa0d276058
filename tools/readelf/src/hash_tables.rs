//! The hash tables of the dynamic symbols, as readelf reads them: at the addresses that the
//! dynamic section gives. They tell how many dynamic symbols there are, and make the histogram.
//!
//! The GNU table does not say how long its last part, the chains, is: the last chain's end is
//! sought from where the bucket with the highest symbol starts.

use common::Output;
use libelf::Encoding;
use libelf::hash::sysv_word_size;
use libelf::raw::{DT_GNU_HASH, DT_HASH, DynamicTag, EM_MIPS, EM_MIPS_RS3_LE};

use crate::object::Object;
use crate::options::Options;

/// The tag of MIPS's variant of the GNU hash table, whose chains are in another order than the
/// symbols; a last part translates between them.
const DT_MIPS_XHASH: DynamicTag = DynamicTag(0x7000_0036);
/// The bytes of the GNU table's header: four words.
const GNU_HEADER: u64 = 16;
/// The highest file offset that can be sought: that of the largest file in ext4. GNU readelf seeks
/// and leaves the limit to the file system.
const LAST_OFFSET: u64 = 0xfff_ffff_f000;
/// The bytes of a word of the GNU table, but for the Bloom filter.
const GNU_WORD: u64 = 4;

/// The hash tables, as far as there are any.
#[derive(Clone, Debug, Default)]
pub struct HashTables<'data> {
    /// The table at `DT_HASH`.
    pub sysv: Option<SysvTable<'data>>,
    /// The table at `DT_GNU_HASH` or `DT_MIPS_XHASH`.
    pub gnu: Option<GnuTable<'data>>,
}

/// A SysV hash table.
#[derive(Clone, Copy, Debug)]
pub struct SysvTable<'data> {
    /// For each bucket the index of its first symbol, 0 for none.
    pub buckets: Words<'data>,
    /// For each symbol the index of the next one in its bucket, 0 at the end.
    pub chains: Words<'data>,
}

/// A GNU hash table.
#[derive(Clone, Copy, Debug)]
pub struct GnuTable<'data> {
    /// The index of the first symbol that the table covers.
    pub first_symbol: u64,
    /// For each bucket the index of its first symbol, 0 for none. None is below `first_symbol`.
    pub buckets: Words<'data>,
    /// For each covered symbol its hash; the lowest bit ends a bucket.
    pub chains: Words<'data>,
    /// Whether it is MIPS's variant.
    pub is_mips: bool,
}

/// Words of equal size.
#[derive(Clone, Copy, Debug)]
pub struct Words<'data> {
    bytes: &'data [u8],
    /// 4 or 8.
    size: usize,
    encoding: Encoding,
}

impl<'data> Words<'data> {
    /// The words of `size` bytes, 4 or 8, in `bytes`.
    pub fn new(bytes: &'data [u8], size: usize, encoding: Encoding) -> Self {
        Self { bytes, size, encoding }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.bytes.len().checked_div(self.size).unwrap_or(0)
    }

    /// The word with this index.
    pub fn get(&self, index: usize) -> Option<u64> {
        let at = index.checked_mul(self.size)?;
        if self.size == 8 {
            self.encoding.u64(self.bytes, at)
        } else {
            self.encoding.u32(self.bytes, at).map(u64::from)
        }
    }

    /// The words in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = u64> {
        (0..self.len()).filter_map(|index| self.get(index))
    }
}

impl HashTables<'_> {
    /// How many dynamic symbols there are by the table that knows more.
    pub fn symbol_count(&self) -> Option<u64> {
        let sysv = self.sysv.map(|table| table.chains.len() as u64);
        let gnu =
            self.gnu.and_then(|table| table.first_symbol.checked_add(table.chains.len() as u64));
        sysv.max(gnu)
    }
}

/// Whether the dynamic section names a hash table, sound or not. That of MIPS counts only where the
/// values of the section, or the tables themselves, are shown.
pub fn are_named(options: &Options, object: &Object<'_>) -> bool {
    let is_named = |tag| object.dynamic.value(tag).is_some_and(|addr| addr != 0);
    let is_mips = matches!(object.header.machine, EM_MIPS | EM_MIPS_RS3_LE);
    let counts_xhash = is_mips && (options.dynamic || options.histogram);
    is_named(DT_HASH) || is_named(DT_GNU_HASH) || counts_xhash && is_named(DT_MIPS_XHASH)
}

/// Reads the tables that the dynamic section names; reports what keeps it from one.
pub fn load<'data>(out: &mut Output, object: &mut Object<'data>) -> HashTables<'data> {
    let address = |object: &Object<'_>, tag| object.dynamic.value(tag).filter(|&addr| addr != 0);
    let sysv = address(object, DT_HASH).and_then(|addr| load_sysv(out, object, addr));
    let xhash = matches!(object.header.machine, EM_MIPS | EM_MIPS_RS3_LE)
        .then(|| address(object, DT_MIPS_XHASH))
        .flatten()
        .map(|addr| (addr, true));
    let place = xhash.or_else(|| Some((address(object, DT_GNU_HASH)?, false)));
    let gnu = place.and_then(|(addr, is_mips)| load_gnu(out, object, addr, is_mips));
    HashTables { sysv, gnu }
}

/// A place in the file from which words are read one part after the other.
struct Reader<'data> {
    data: &'data [u8],
    at: u64,
    encoding: Encoding,
}

impl<'data> Reader<'data> {
    /// Starts at virtual address `addr`, where `size` bytes are wanted.
    fn seek(out: &mut Output, object: &mut Object<'data>, addr: u64, size: u64) -> Option<Self> {
        let at = object.offset_of_address(out, addr, size);
        if at > LAST_OFFSET {
            out.error(format_args!("Unable to seek to start of dynamic information"));
            return None;
        }
        Some(Self { data: object.data, at, encoding: object.encoding() })
    }

    fn take(&mut self, size: u64) -> Option<&'data [u8]> {
        let start = usize::try_from(self.at).ok()?;
        let end = self.at.checked_add(size)?;
        let bytes = match size {
            // There is nothing to find beyond the end of the file.
            0 => &[],
            _ => self.data.get(start..usize::try_from(end).ok()?)?,
        };
        self.at = end;
        Some(bytes)
    }

    /// One word of 4 or 8 bytes.
    fn word(&mut self, size: usize) -> Option<u64> {
        let bytes = self.take(size as u64)?;
        self.encoding.uint(bytes, 0, size)
    }

    /// `count` words.
    fn words(&mut self, out: &mut Output, count: u64, size: usize) -> Option<Words<'data>> {
        if count.checked_mul(size as u64).is_none() {
            out.error(format_args!(
                "Size overflow prevents reading {count} elements of size {size}"
            ));
            return None;
        }
        let amount = count.checked_mul(size as u64).filter(|&size| size <= self.data.len() as u64);
        let Some(amount) = amount else {
            out.error(format_args!("Invalid number of dynamic entries: {count}"));
            return None;
        };
        let Some(bytes) = self.take(amount) else {
            out.error(format_args!("Unable to read in {amount} bytes of dynamic data"));
            // What is read next starts where the file ends.
            self.at = self.data.len() as u64;
            return None;
        };
        Some(Words::new(bytes, size, self.encoding))
    }
}

fn load_sysv<'data>(
    out: &mut Output,
    object: &mut Object<'data>,
    addr: u64,
) -> Option<SysvTable<'data>> {
    let size = sysv_word_size(object.encoding(), object.header.machine);
    let mut reader = Reader::seek(out, object, addr, 2 * size as u64)?;
    let Some(bucket_count) = reader.word(size) else {
        out.error(format_args!("Failed to read in number of buckets"));
        return None;
    };
    let Some(chain_count) = reader.word(size) else {
        out.error(format_args!("Failed to read in number of chains"));
        return None;
    };
    if bucket_count == 0 || chain_count == 0 {
        return None;
    }
    if bucket_count == 0 {
        return None;
    }
    let buckets = reader.words(out, bucket_count, size);
    let chains = reader.words(out, chain_count, size);
    Some(SysvTable { buckets: buckets?, chains: chains? })
}

/// The bucket that starts at the highest symbol, if there is one and no bucket starts before
/// `first_symbol`. The highest number of all means none, so that a bucket behind it counts instead.
fn last_bucket(buckets: impl Iterator<Item = u64>, first_symbol: u64) -> Option<u64> {
    const NONE: u64 = 0xffff_ffff;
    let mut last = NONE;
    for bucket in buckets.filter(|&bucket| bucket != 0) {
        if bucket < first_symbol {
            return None;
        }
        if last == NONE || bucket > last {
            last = bucket;
        }
    }
    (last != NONE).then_some(last)
}

fn load_gnu<'data>(
    out: &mut Output,
    object: &mut Object<'data>,
    addr: u64,
    is_mips: bool,
) -> Option<GnuTable<'data>> {
    const WORD: usize = GNU_WORD as usize;
    let mut header = Reader::seek(out, object, addr, GNU_HEADER)?;
    let Some(header) = header.take(GNU_HEADER) else {
        out.error(format_args!("Failed to read in number of buckets"));
        return None;
    };
    let encoding = object.encoding();
    let bucket_count = u64::from(encoding.u32(header, 0)?);
    let first_symbol = u64::from(encoding.u32(header, 4)?);
    let bloom_size = u64::from(encoding.u32(header, 8)?) * encoding.word_size() as u64;
    let buckets_at = addr.wrapping_add(GNU_HEADER).wrapping_add(bloom_size);
    let buckets =
        Reader::seek(out, object, buckets_at, GNU_WORD)?.words(out, bucket_count, WORD)?;
    let last_bucket = last_bucket(buckets.iter(), first_symbol)?;
    let mut chain_count = last_bucket.checked_sub(first_symbol)?;
    let chains_at = buckets_at.wrapping_add(GNU_WORD * bucket_count);
    let last_chain_at = chains_at.wrapping_add(GNU_WORD * chain_count);
    let mut last_chain = Reader::seek(out, object, last_chain_at, GNU_WORD)?;
    loop {
        let Some(hash) = last_chain.word(WORD) else {
            out.error(format_args!("Failed to determine last chain length"));
            return None;
        };
        chain_count = chain_count.checked_add(1)?;
        if hash & 1 != 0 {
            break;
        }
    }
    let chains = Reader::seek(out, object, chains_at, GNU_WORD)?.words(out, chain_count, WORD)?;
    if is_mips {
        let translation_at = chains_at.wrapping_add(GNU_WORD * chain_count);
        Reader::seek(out, object, translation_at, GNU_WORD)?.words(out, chain_count, WORD)?;
    }
    Some(GnuTable { first_symbol, buckets, chains, is_mips })
}

#[cfg(test)]
mod tests {
    use libelf::ident::Class;
    use libelf::raw::Endianness;

    use super::*;

    #[test]
    fn the_last_bucket_is_that_of_the_highest_symbol() {
        let last = |buckets: &[u64]| last_bucket(buckets.iter().copied(), 2);
        assert_eq!(last(&[3, 0, 9, 4]), Some(9));
        assert_eq!(last(&[3, 1]), None);
        assert_eq!(last(&[0, 0]), None);
        assert_eq!(last(&[0xffff_ffff, 7]), Some(7));
        assert_eq!(last(&[7, 0xffff_ffff]), None);
    }

    #[test]
    fn the_table_that_knows_more_symbols_counts() {
        let encoding = Encoding { class: Class::Elf32, endian: Endianness::Little };
        let words = |bytes: &'static [u8]| Words::new(bytes, 4, encoding);
        let sysv = SysvTable { buckets: words(&[0; 4]), chains: words(&[0; 12]) };
        let gnu = GnuTable {
            first_symbol: 3,
            buckets: words(&[0; 4]),
            chains: words(&[0; 8]),
            is_mips: false,
        };
        let count = |sysv, gnu| HashTables { sysv, gnu }.symbol_count();
        assert_eq!(count(Some(sysv), None), Some(3));
        assert_eq!(count(Some(sysv), Some(gnu)), Some(5));
        assert_eq!(count(None, None), None);
    }
}
