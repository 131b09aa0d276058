//! Hash tables over dynamic symbols: SysV (`SHT_HASH`; gABI, chapter 5, "Hash Table") and GNU
//! (`SHT_GNU_HASH`).
//!
//! A table is computed from the linked symbol table, or given word by word. How many buckets a
//! computed one has is the linker's choice:
//!
//! | | GNU ld | LLVM's lld |
//! |---|---|---|
//! | SysV buckets | the largest of [`BUCKET_COUNTS`] that is no more than the symbols | as many as symbols |
//! | GNU buckets | the same | a fourth of the symbols |
//! | Bloom words | about a bit for each symbol, rounded to a power of 2, by 4 to 8 | 12 bits a symbol, rounded up to a power of 2 |
//! | Bloom shift | log2 of the Bloom filter's bits | 26 |
//!
//! GNU ld with `-O1` tries bucket counts out; its files give [`SysvHash::bucket_count`].

use object::elf::{Machine, STB_LOCAL};

use super::Contents;
use super::writer::{Unfit, UnfitFault, Writer};
use crate::edit::context::{Context, Source};
use crate::edit::error::Result;
use crate::edit::{Field, Slots, Symbol, SymbolSection};
use crate::hash::{gnu_hash, sysv_hash, sysv_word_size};
use crate::ident::Encoding;

/// How many buckets GNU ld chooses from.
pub const BUCKET_COUNTS: [u32; 16] =
    [1, 3, 17, 37, 67, 97, 131, 197, 263, 521, 1031, 2053, 4099, 8209, 16411, 32771];
/// More buckets or Bloom words than a computed table may have: what is beyond is no mistake that
/// memory should pay for.
const MOST_WORDS: u64 = 1 << 26;
/// The Bloom shift of lld.
const LLVM_SHIFT: u64 = 26;

/// Whose choices a table without given numbers follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Style {
    /// GNU ld without `-O1`.
    #[default]
    Gnu,
    /// LLVM's lld.
    Llvm,
}

/// In which order a bucket of a SysV table leads to its symbols.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ChainOrder {
    /// From the lowest index to the highest.
    #[default]
    Ascending,
    /// From the highest index to the lowest.
    Descending,
}

/// A SysV hash table. Words have 8 bytes on Alpha and 64-bit S/390, else 4.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SysvHash {
    /// Whose choice the number of buckets is.
    pub style: Style,
    /// `nbucket`: how many buckets there are, or are claimed if words are given.
    pub bucket_count: Field<u64>,
    /// `nchain`: how many symbols there are, or are claimed if words are given.
    pub chain_count: Field<u64>,
    /// The order of a computed table.
    pub order: ChainOrder,
    /// The words, if they are not computed.
    pub given: Option<SysvWords>,
}

/// The words of a SysV hash table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SysvWords {
    /// For each bucket the index of its first symbol, 0 for none.
    pub buckets: Vec<u64>,
    /// For each symbol the index of the next one in its bucket, 0 at the end.
    pub chains: Vec<u64>,
}

/// A GNU hash table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GnuHash {
    /// Whose choice the numbers are.
    pub style: Style,
    /// `nbuckets`: how many buckets there are, or are claimed if words are given.
    pub bucket_count: Field<u32>,
    /// `symoffset`: the index of the first symbol that the table covers. Without a value, the one
    /// behind the last symbol that is undefined or local.
    pub first_symbol: Field<u32>,
    /// How many words the Bloom filter has, or claims to have if words are given.
    pub bloom_count: Field<u32>,
    /// How far the second Bloom bit is shifted.
    pub bloom_shift: Field<u32>,
    /// The words, if they are not computed.
    pub given: Option<GnuWords>,
}

/// The words of a GNU hash table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GnuWords {
    /// The Bloom filter, of words as wide as the class.
    pub bloom: Vec<u64>,
    /// For each bucket the index of its first symbol, 0 for none.
    pub buckets: Vec<u32>,
    /// For each covered symbol its hash; the lowest bit ends a bucket.
    pub chains: Vec<u32>,
}

/// What a hash table is computed from.
struct Hashed<'a> {
    /// How many symbols the linked table has.
    count: usize,
    /// Index and name of each that is not local.
    globals: Vec<(u32, &'a [u8])>,
    /// The index behind the last that is undefined or local.
    defined_from: u32,
}

/// The linked symbol table, if there is one.
fn symbols<'a>(context: &Context<'a, '_>) -> Option<&'a Slots<Symbol<'a>>> {
    match &context.object.sections.get(context.link()?.0)?.contents {
        Contents::Symbols(symbols) => Some(symbols),
        _ => None,
    }
}

impl<'a> Hashed<'a> {
    /// No symbols: all that a table with given words and numbers asks for.
    const NONE: Self = Self { count: 0, globals: Vec::new(), defined_from: 0 };

    /// The symbols of the linked table; none if that is no symbol table.
    fn of(context: &Context<'a, '_>) -> Self {
        symbols(context).map_or(Self::NONE, Self::of_symbols)
    }

    fn of_symbols(symbols: &'a Slots<Symbol<'_>>) -> Self {
        let mut hashed = Self { count: symbols.len(), globals: Vec::new(), defined_from: 0 };
        for (index, (_, symbol)) in (0..).zip(symbols.iter()) {
            let is_local = symbol.info >> 4 == STB_LOCAL.0;
            if is_local || symbol.section == SymbolSection::Undefined {
                hashed.defined_from = index + 1;
            }
            if !is_local {
                hashed.globals.push((index, &symbol.name.text));
            }
        }
        hashed
    }
}

/// The largest of [`BUCKET_COUNTS`] that is no more than `count`.
fn gnu_bucket_count(count: usize) -> u64 {
    let usable = BUCKET_COUNTS.iter().rev().find(|&&buckets| buckets as usize <= count);
    usable.copied().unwrap_or(1).into()
}

impl SysvHash {
    /// Reads a section, all words given. `None` if its counts do not fill it.
    pub fn decode(source: &Source<'_, '_>, bytes: &[u8]) -> Option<Self> {
        let encoding = source.encoding;
        let size = sysv_word_size(encoding, Machine(source.machine));
        let word = |index: usize| encoding.uint(bytes, index.checked_mul(size)?, size);
        let (bucket_count, chain_count) = (word(0)?, word(1)?);
        let buckets_end = usize::try_from(bucket_count).ok()?.checked_add(2)?;
        let end = buckets_end.checked_add(usize::try_from(chain_count).ok()?)?;
        if end.checked_mul(size)? != bytes.len() {
            return None;
        }
        let words = |range: std::ops::Range<usize>| range.map(word).collect::<Option<Vec<u64>>>();
        let given = SysvWords { buckets: words(2..buckets_end)?, chains: words(buckets_end..end)? };
        Some(Self { given: Some(given), ..Self::default() })
    }

    /// What the table is computed from, if it is.
    fn hashed<'a>(&self, context: &Context<'a, '_>) -> Hashed<'a> {
        if self.given.is_some() { Hashed::NONE } else { Hashed::of(context) }
    }

    fn counts(&self, hashed: &Hashed<'_>) -> (u64, u64) {
        if let Some(given) = &self.given {
            return (given.buckets.len() as u64, given.chains.len() as u64);
        }
        let buckets = match self.style {
            Style::Gnu => gnu_bucket_count(hashed.globals.len()),
            Style::Llvm => hashed.count as u64,
        };
        (self.bucket_count.or(buckets), self.chain_count.or(hashed.count as u64))
    }

    /// The size in bytes.
    pub fn size(&self, context: &Context) -> u64 {
        let (buckets, chains) = self.counts(&self.hashed(context));
        let size = sysv_word_size(context.encoding, Machine(context.machine)) as u64;
        buckets.saturating_add(chains).saturating_add(2).saturating_mul(size)
    }

    /// The bytes of the section.
    ///
    /// # Errors
    /// A value that does not fit, or absurd counts.
    pub fn encode(&self, context: &Context) -> Result<Vec<u8>> {
        let size = sysv_word_size(context.encoding, Machine(context.machine));
        self.encode_for(&self.hashed(context), context.encoding, size)
            .map_err(|unfit| unfit.at(context.place()))
    }

    fn encode_for(
        &self,
        hashed: &Hashed<'_>,
        encoding: Encoding,
        size: usize,
    ) -> std::result::Result<Vec<u8>, Unfit> {
        let mut writer = Writer::new(encoding, "hash table");
        let (bucket_count, chain_count) = self.counts(hashed);
        writer.field("nbucket", self.bucket_count, bucket_count, size)?;
        writer.field("nchain", self.chain_count, chain_count, size)?;
        let computed;
        let words = if let Some(given) = &self.given {
            given
        } else {
            if bucket_count.max(chain_count) > MOST_WORDS {
                return Err(writer.fault(UnfitFault::Other("too many words to be computed")));
            }
            computed = self.compute(hashed, bucket_count as usize, chain_count as usize);
            &computed
        };
        for (index, &bucket) in words.buckets.iter().enumerate() {
            writer.entry_of("bucket", index);
            writer.uint("symbol", bucket, size)?;
        }
        for (index, &chain) in words.chains.iter().enumerate() {
            writer.entry_of("chain", index);
            writer.uint("symbol", chain, size)?;
        }
        Ok(writer.finish())
    }

    fn compute(&self, hashed: &Hashed<'_>, buckets: usize, chains: usize) -> SysvWords {
        let mut words = SysvWords { buckets: vec![0; buckets], chains: vec![0; chains] };
        // The last that is put into a bucket comes first.
        let mut put = |&(index, name): &(u32, &[u8])| {
            let bucket = u64::from(sysv_hash(name)).checked_rem(buckets as u64);
            let head = bucket.and_then(|bucket| words.buckets.get_mut(bucket as usize));
            if let (Some(head), Some(chain)) = (head, words.chains.get_mut(index as usize)) {
                *chain = std::mem::replace(head, index.into());
            }
        };
        match self.order {
            ChainOrder::Ascending => hashed.globals.iter().rev().for_each(&mut put),
            ChainOrder::Descending => hashed.globals.iter().for_each(&mut put),
        }
        words
    }

    /// Leaves the words and counts to the writer if it computes the same.
    pub fn simplify(&mut self, context: &Context) {
        let Some(given) = &self.given else { return };
        let (buckets, chains) = (given.buckets.len(), given.chains.len());
        if symbols(context).is_none_or(|symbols| symbols.len() != chains) {
            return;
        }
        let hashed = Hashed::of(context);
        for order in [ChainOrder::Ascending, ChainOrder::Descending] {
            let mut table = Self { order, ..Self::default() };
            if table.compute(&hashed, buckets, chains) != *given {
                continue;
            }
            let gnu = gnu_bucket_count(hashed.globals.len());
            let is_llvm = buckets == hashed.count && buckets as u64 != gnu;
            table.style = if is_llvm { Style::Llvm } else { Style::Gnu };
            let (auto_buckets, auto_chains) = table.counts(&hashed);
            let unless = |value: usize, auto: u64| {
                if value as u64 == auto { Field::Auto } else { Field::Is(value as u64) }
            };
            table.bucket_count = unless(buckets, auto_buckets);
            table.chain_count = unless(chains, auto_chains);
            *self = table;
            return;
        }
    }
}

/// The numbers of a GNU hash table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct GnuNumbers {
    buckets: u64,
    first_symbol: u64,
    bloom: u64,
    shift: u64,
}

impl GnuNumbers {
    /// What `style` chooses for the symbols from `first_symbol` on.
    fn of(style: Style, hashed: &Hashed<'_>, first_symbol: u64, encoding: Encoding) -> Self {
        let count = (hashed.count as u64).saturating_sub(first_symbol);
        let word_bits = 8 * encoding.word_size() as u64;
        match style {
            Style::Gnu if count == 0 => Self { buckets: 1, first_symbol, bloom: 1, shift: 0 },
            Style::Gnu => {
                let shift = gnu_bloom_log2(count).max(u64::from(word_bits.ilog2()));
                let bloom = 1_u64.checked_shl(shift as u32).unwrap_or(0) / word_bits;
                Self { buckets: gnu_bucket_count(count as usize), first_symbol, bloom, shift }
            }
            Style::Llvm => Self {
                buckets: (count / 4).max(1),
                first_symbol,
                bloom: (count.saturating_mul(12) / word_bits + 1)
                    .checked_next_power_of_two()
                    .unwrap_or(1),
                shift: LLVM_SHIFT,
            },
        }
    }
}

/// The logarithm of the bits that GNU ld gives a Bloom filter for `count` symbols: of 4 to 8 times
/// as many as symbols, depending on the highest bits of their count.
fn gnu_bloom_log2(count: u64) -> u64 {
    let bits = u64::from(count.checked_ilog2().unwrap_or(0)) + 1;
    if bits < 3 {
        return 5;
    }
    let is_above_half = count >> (bits - 2) & 1 != 0;
    bits + if is_above_half { 3 } else { 2 }
}

impl GnuHash {
    /// The words of the header.
    const HEADER: usize = 16;

    /// Reads a section, all words given. `None` if its counts go past its end.
    pub fn decode(source: &Source<'_, '_>, bytes: &[u8]) -> Option<Self> {
        let encoding = source.encoding;
        let table = crate::hash::GnuHash::parse(bytes, encoding)?;
        if !table.chains.bytes().len().is_multiple_of(4) {
            return None;
        }
        let word_size = encoding.word_size();
        let bloom = table.bloom.chunks_exact(word_size).map(|word| encoding.word(word, 0));
        let given = GnuWords {
            bloom: bloom.collect::<Option<_>>()?,
            buckets: table.buckets.iter().collect(),
            chains: table.chains.iter().collect(),
        };
        Some(Self {
            first_symbol: Field::Is(table.first_symbol),
            bloom_shift: Field::Is(table.bloom_shift),
            given: Some(given),
            ..Self::default()
        })
    }

    /// What the table is computed from, if something is.
    fn hashed<'a>(&self, context: &Context<'a, '_>) -> Hashed<'a> {
        let is_given =
            self.given.is_some() && !self.first_symbol.is_auto() && !self.bloom_shift.is_auto();
        if is_given { Hashed::NONE } else { Hashed::of(context) }
    }

    fn numbers(&self, hashed: &Hashed<'_>, encoding: Encoding) -> GnuNumbers {
        let first_symbol = self.first_symbol.or(hashed.defined_from.into());
        let auto = GnuNumbers::of(self.style, hashed, first_symbol, encoding);
        GnuNumbers {
            buckets: self.bucket_count.or(auto.buckets),
            first_symbol,
            bloom: self.bloom_count.or(auto.bloom),
            shift: self.bloom_shift.or(auto.shift),
        }
    }

    /// The size in bytes.
    pub fn size(&self, context: &Context) -> u64 {
        let word_size = context.encoding.word_size() as u64;
        let (bloom, buckets, chains) = if let Some(given) = &self.given {
            (given.bloom.len() as u64, given.buckets.len() as u64, given.chains.len() as u64)
        } else {
            let hashed = Hashed::of(context);
            let numbers = self.numbers(&hashed, context.encoding);
            let chains = (hashed.count as u64).saturating_sub(numbers.first_symbol);
            (numbers.bloom, numbers.buckets, chains)
        };
        (Self::HEADER as u64)
            .saturating_add(bloom.saturating_mul(word_size))
            .saturating_add(buckets.saturating_add(chains).saturating_mul(4))
    }

    /// The bytes of the section.
    ///
    /// # Errors
    /// A value that does not fit, or absurd counts.
    pub fn encode(&self, context: &Context) -> Result<Vec<u8>> {
        self.encode_for(&self.hashed(context), context.encoding)
            .map_err(|unfit| unfit.at(context.place()))
    }

    fn encode_for(
        &self,
        hashed: &Hashed<'_>,
        encoding: Encoding,
    ) -> std::result::Result<Vec<u8>, Unfit> {
        let mut writer = Writer::new(encoding, "GNU hash table");
        let numbers = self.numbers(hashed, encoding);
        let computed;
        let words = if let Some(given) = &self.given {
            given
        } else {
            if numbers.buckets.max(numbers.bloom) > MOST_WORDS {
                return Err(writer.fault(UnfitFault::Other("too many words to be computed")));
            }
            computed = compute(hashed, numbers, encoding);
            &computed
        };
        writer.field("nbuckets", self.bucket_count, words.buckets.len() as u64, 4)?;
        writer.field("symoffset", self.first_symbol, numbers.first_symbol, 4)?;
        writer.field("bloom_size", self.bloom_count, words.bloom.len() as u64, 4)?;
        writer.field("bloom_shift", self.bloom_shift, numbers.shift, 4)?;
        for (index, &word) in words.bloom.iter().enumerate() {
            writer.entry_of("Bloom word", index);
            writer.word("bits", word)?;
        }
        for &word in words.buckets.iter().chain(&words.chains) {
            writer.u32(word);
        }
        Ok(writer.finish())
    }

    /// Leaves the words and numbers to the writer if it computes the same.
    pub fn simplify(&mut self, context: &Context) {
        let Some(given) = &self.given else { return };
        let encoding = context.encoding;
        let covered = self.first_symbol.or(0).saturating_add(given.chains.len() as u64);
        if symbols(context).is_none_or(|symbols| symbols.len() as u64 != covered) {
            return;
        }
        let hashed = Hashed::of(context);
        let actual = GnuNumbers {
            buckets: given.buckets.len() as u64,
            bloom: given.bloom.len() as u64,
            ..self.numbers(&hashed, encoding)
        };
        if compute(&hashed, actual, encoding) != *given {
            if self.first_symbol == Field::Is(hashed.defined_from) {
                self.first_symbol = Field::Auto;
            }
            return;
        }
        let style = if actual.shift == LLVM_SHIFT { Style::Llvm } else { Style::Gnu };
        let auto = GnuNumbers::of(style, &hashed, actual.first_symbol, encoding);
        let unless = |value: u64, auto: u64| {
            if value == auto { Field::Auto } else { Field::Is(value as u32) }
        };
        *self = Self {
            style,
            bucket_count: unless(actual.buckets, auto.buckets),
            first_symbol: unless(actual.first_symbol, hashed.defined_from.into()),
            bloom_count: unless(actual.bloom, auto.bloom),
            bloom_shift: unless(actual.shift, auto.shift),
            given: None,
        };
    }
}

/// The words of a GNU hash table with these numbers. Symbols that are not sorted by bucket make a
/// table that does not find all of them.
fn compute(hashed: &Hashed<'_>, numbers: GnuNumbers, encoding: Encoding) -> GnuWords {
    let word_bits = 8 * encoding.word_size() as u32;
    let chains = (hashed.count as u64).saturating_sub(numbers.first_symbol) as usize;
    let mut words = GnuWords {
        bloom: vec![0; numbers.bloom as usize],
        buckets: vec![0; numbers.buckets as usize],
        chains: vec![0; chains],
    };
    let mut last: Option<(usize, u64)> = None;
    for &(index, name) in &hashed.globals {
        let Some(chain_at) = u64::from(index).checked_sub(numbers.first_symbol) else { continue };
        let hash = gnu_hash(name);
        let bit = |hash: u32| 1_u64 << (hash % word_bits);
        let second = hash.checked_shr(numbers.shift as u32).unwrap_or(0);
        let bloom_at = u64::from(hash / word_bits).checked_rem(numbers.bloom).unwrap_or(0);
        if let Some(word) = words.bloom.get_mut(bloom_at as usize) {
            *word |= bit(hash) | bit(second);
        }
        let bucket = u64::from(hash).checked_rem(numbers.buckets).unwrap_or(0);
        // The bucket before ends where another begins.
        if let Some((chain, before)) = last
            && before != bucket
            && let Some(chain) = words.chains.get_mut(chain)
        {
            *chain |= 1;
        }
        if let Some(head) = words.buckets.get_mut(bucket as usize)
            && *head == 0
        {
            *head = index;
        }
        if let Some(chain) = words.chains.get_mut(chain_at as usize) {
            *chain = hash & !1;
        }
        last = Some((chain_at as usize, bucket));
    }
    if let Some((chain, _)) = last
        && let Some(chain) = words.chains.get_mut(chain)
    {
        *chain |= 1;
    }
    words
}

#[cfg(test)]
#[path = "hashes_tests.rs"]
mod tests;
