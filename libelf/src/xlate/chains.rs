//! Where the structures lie in version tables, notes and hash tables.
//!
//! Their places are in the data: all are found before the first byte is swapped. No byte is in
//! two structures, so that a walk touches each byte once, however its offsets lie.

use super::Type;
use super::layout::{
    BLOOM_WORD, GNU_HASH_HEADER, Layout, NOTE_HEADER, PLAIN_WORD, VERDAUX, VERDEF, VERNAUX, VERNEED,
};
use crate::error::{Error, Problem, Result};
use crate::ident::{Class, Encoding};

/// Structures one behind the other.
pub(super) struct Span {
    pub layout: &'static Layout,
    /// The offset of the first, in bytes.
    pub start: usize,
    /// How many there are.
    pub count: usize,
}

/// The structures of data of a type that has no fixed size.
pub(super) fn spans(kind: Type, encoding: Encoding, bytes: &[u8]) -> Result<Vec<Span>> {
    match kind {
        Type::Vdef => Walk::new(encoding, bytes).chain(&DEFINITIONS),
        Type::Vneed => Walk::new(encoding, bytes).chain(&NEEDS),
        Type::Note => notes(encoding, bytes, 4),
        Type::Note8 => notes(encoding, bytes, 8),
        Type::GnuHash => gnu_hash(encoding, bytes),
        _ => Ok(Vec::new()),
    }
}

/// A chain of structures that each have a chain of their own. Offsets of fields in bytes.
struct Chain {
    head: &'static Layout,
    count_at: usize,
    aux_at: usize,
    next_at: usize,
    aux: &'static Layout,
    aux_next_at: usize,
}

static DEFINITIONS: Chain =
    Chain { head: &VERDEF, count_at: 6, aux_at: 12, next_at: 16, aux: &VERDAUX, aux_next_at: 4 };
static NEEDS: Chain =
    Chain { head: &VERNEED, count_at: 2, aux_at: 8, next_at: 12, aux: &VERNAUX, aux_next_at: 12 };

struct Walk<'a> {
    encoding: Encoding,
    bytes: &'a [u8],
    /// For each byte whether it is part of a structure.
    taken: Vec<bool>,
    spans: Vec<Span>,
}

impl<'a> Walk<'a> {
    fn new(encoding: Encoding, bytes: &'a [u8]) -> Self {
        Self { encoding, bytes, taken: vec![false; bytes.len()], spans: Vec::new() }
    }

    fn chain(mut self, chain: &Chain) -> Result<Vec<Span>> {
        let mut at = 0;
        while !self.bytes.is_empty() {
            self.take(chain.head, at)?;
            let count = self.encoding.u16(self.bytes, at.saturating_add(chain.count_at));
            let mut aux = self.step(at, chain.aux_at);
            for _ in 0..count.unwrap_or_default() {
                let Some(place) = aux else { break };
                self.take(chain.aux, place)?;
                aux = self.step(place, chain.aux_next_at);
            }
            match self.step(at, chain.next_at) {
                Some(next) => at = next,
                None => break,
            }
        }
        Ok(self.spans)
    }

    /// Where the offset in the field `field` bytes from `at` leads; `None` if it is 0.
    fn step(&self, at: usize, field: usize) -> Option<usize> {
        let offset = self.encoding.u32(self.bytes, at.saturating_add(field))?;
        (offset != 0).then(|| at.saturating_add(offset as usize))
    }

    fn take(&mut self, layout: &'static Layout, start: usize) -> Result<()> {
        let end = start.saturating_add(layout.size(Class::Elf32));
        let limit = self.bytes.len();
        let bytes = self.taken.get_mut(start..end).ok_or_else(|| past_end(end, limit))?;
        if bytes.contains(&true) {
            return Err(Problem::Malformed("version structures overlap".to_owned()).into());
        }
        bytes.fill(true);
        self.spans.push(Span { layout, start, count: 1 });
        Ok(())
    }
}

/// The headers of notes; names and descriptors are bytes.
fn notes(encoding: Encoding, bytes: &[u8], alignment: usize) -> Result<Vec<Span>> {
    let size = NOTE_HEADER.size(encoding.class);
    let mut spans = Vec::new();
    let mut at = 0usize;
    while at < bytes.len() {
        let header_end = at.saturating_add(size);
        let past_end = || past_end(header_end, bytes.len());
        let name = encoding.u32(bytes, at).ok_or_else(past_end)?;
        let descriptor = encoding.u32(bytes, at.saturating_add(4)).ok_or_else(past_end)?;
        encoding.u32(bytes, at.saturating_add(8)).ok_or_else(past_end)?;
        spans.push(Span { layout: &NOTE_HEADER, start: at, count: 1 });
        let after_name = padded(header_end.saturating_add(name as usize), alignment);
        let end = after_name.saturating_add(descriptor as usize);
        // The last one need not be padded.
        if end > bytes.len() {
            return Err(self::past_end(end, bytes.len()));
        }
        at = padded(end, alignment);
    }
    Ok(spans)
}

fn padded(at: usize, alignment: usize) -> usize {
    at.checked_next_multiple_of(alignment).unwrap_or(usize::MAX)
}

/// Header, Bloom filter, and then words to the end.
fn gnu_hash(encoding: Encoding, bytes: &[u8]) -> Result<Vec<Span>> {
    const BLOOM_SIZE_AT: usize = 8;
    let header = GNU_HASH_HEADER.size(encoding.class);
    let bloom = encoding.u32(bytes, BLOOM_SIZE_AT).unwrap_or_default() as usize;
    let bloom_end = header.saturating_add(bloom.saturating_mul(encoding.word_size()));
    let Some(rest) = bytes.len().checked_sub(bloom_end) else {
        return Err(past_end(bloom_end, bytes.len()));
    };
    let word = PLAIN_WORD.size(encoding.class);
    if !rest.is_multiple_of(word) {
        return Err(Problem::BadValue {
            what: "size of the GNU hash table",
            value: bytes.len() as u64,
            expected: "a multiple of 4",
        }
        .into());
    }
    Ok(vec![
        Span { layout: &GNU_HASH_HEADER, start: 0, count: 1 },
        Span { layout: BLOOM_WORD, start: header, count: bloom },
        Span { layout: PLAIN_WORD, start: bloom_end, count: rest / word },
    ])
}

fn past_end(end: usize, limit: usize) -> Error {
    Problem::PastEnd { what: "structure", end: end as u64, limit: limit as u64 }.into()
}
