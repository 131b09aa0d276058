//! The contents of a symbol index, written. [`crate::archive::SymbolIndex`] tells the layouts.

use std::borrow::Cow;
use std::collections::HashMap;

use object::endian::{Endian, Endianness};

use super::name::ALIGNMENT;
use super::{Entries, Entry, Flavour, Index, MemberId, Target};
use crate::archive::{IndexEntry, IndexKind, SymbolIndex};
use crate::error::{Problem, Result};

/// A symbol and what it points to: the position of a member, or an offset.
#[derive(Clone, Copy, Debug)]
pub(super) struct Symbol<'a> {
    pub name: &'a [u8],
    pub target: Pointer,
}

/// Where a symbol points.
#[derive(Clone, Copy, Debug)]
pub(super) enum Pointer {
    /// To the item at this position.
    Item(usize),
    /// To this offset in the archive, in bytes.
    Offset(u64),
}

/// An index whose size is known, though not yet the offsets in it.
#[derive(Debug)]
pub(super) struct Draft<'a> {
    pub kind: IndexKind,
    order: Endianness,
    symbols: Cow<'a, [Symbol<'a>]>,
    /// The bytes of the strings.
    strings: u64,
    /// Bytes after the tables.
    tail: Cow<'a, [u8]>,
}

/// What an index without symbols has for strings in LLVM's flavours, if there are objects.
const NO_STRINGS: u64 = 3;

impl<'a> Draft<'a> {
    /// The index of `symbols`. `is_wide` chooses the layout where none is given; `has_objects`
    /// says whether a member is an object.
    pub fn new(
        index: &'a Index<'_>,
        flavour: Flavour,
        is_wide: bool,
        has_objects: bool,
        symbols: Cow<'a, [Symbol<'a>]>,
    ) -> Self {
        let kind = index.kind.unwrap_or(default_kind(flavour, is_wide));
        let strings = symbols.iter().map(|symbol| symbol.name.len() as u64 + 1).sum();
        let mut draft = Self {
            kind,
            order: if is_bsd(kind) {
                index.order.unwrap_or(Endianness::Little)
            } else {
                Endianness::Big
            },
            symbols,
            strings,
            tail: Cow::default(),
        };
        if matches!(index.entries, Entries::Computed)
            && flavour.is_aligned()
            && draft.symbols.is_empty()
            && has_objects
        {
            draft.strings = NO_STRINGS;
        }
        draft.tail = match &index.tail {
            Some(tail) => Cow::Borrowed(tail),
            None => vec![0; auto_tail(kind, flavour, draft.tables_size())].into(),
        };
        draft
    }

    /// The bytes of the tables.
    fn tables_size(&self) -> u64 {
        let word = word_size(self.kind);
        let count = self.symbols.len() as u64;
        let (words, per_symbol) = if is_bsd(self.kind) { (2, 2) } else { (1, 1) };
        let entries = count.saturating_mul(per_symbol).saturating_add(words);
        entries.saturating_mul(word).saturating_add(self.strings)
    }

    /// The bytes of all of it.
    pub fn size(&self) -> u64 {
        self.tables_size().saturating_add(self.tail.len() as u64)
    }

    /// Whether an offset needs 64 bits; `offsets` has that of each item.
    pub fn is_too_wide(&self, offsets: &[u64]) -> bool {
        word_size(self.kind) == 4
            && self.symbols.iter().any(|symbol| symbol.target.offset(offsets) > u64::from(u32::MAX))
    }

    /// The bytes.
    pub fn write(&self, offsets: &[u64]) -> Result<Vec<u8>> {
        let size = usize::try_from(self.size()).unwrap_or(usize::MAX);
        let mut out = Vec::with_capacity(size);
        if is_bsd(self.kind) {
            self.write_bsd(offsets, &mut out)?;
        } else {
            self.word(self.symbols.len() as u64, "number of symbols in the index", &mut out)?;
            for symbol in self.symbols.iter() {
                self.word(symbol.target.offset(offsets), OFFSET, &mut out)?;
            }
        }
        for symbol in self.symbols.iter() {
            out.extend_from_slice(symbol.name);
            out.push(0);
        }
        let end = size.saturating_sub(self.tail.len());
        // Strings that stand for none are zero bytes.
        out.resize(end.max(out.len()), 0);
        out.extend_from_slice(&self.tail);
        Ok(out)
    }

    fn write_bsd(&self, offsets: &[u64], out: &mut Vec<u8>) -> Result<()> {
        let pair = 2 * word_size(self.kind);
        let size = (self.symbols.len() as u64).saturating_mul(pair);
        self.word(size, "size of the symbol index", out)?;
        let mut name = 0u64;
        for symbol in self.symbols.iter() {
            self.word(name, "offset of a name in the symbol index", out)?;
            self.word(symbol.target.offset(offsets), OFFSET, out)?;
            name = name.saturating_add(symbol.name.len() as u64).saturating_add(1);
        }
        self.word(self.strings, "size of the names of the symbol index", out)
    }

    fn word(&self, value: u64, what: &'static str, out: &mut Vec<u8>) -> Result<()> {
        if word_size(self.kind) == 8 {
            out.extend(self.order.write_u64(value));
            return Ok(());
        }
        let narrow =
            u32::try_from(value).map_err(|_| Problem::TooWide { what, value, width: 4 })?;
        out.extend(self.order.write_u32(narrow));
        Ok(())
    }
}

const OFFSET: &str = "offset of a member in the symbol index";

impl Pointer {
    fn offset(self, offsets: &[u64]) -> u64 {
        match self {
            Self::Item(position) => offsets.get(position).copied().unwrap_or(0),
            Self::Offset(offset) => offset,
        }
    }
}

/// The symbols that an index is given; `position` tells that of a member.
pub(super) fn given<'a>(
    entries: &'a [Entry<'_>],
    position: impl Fn(MemberId) -> Option<usize>,
    count: u64,
) -> Result<Vec<Symbol<'a>>> {
    let symbol = |entry: &'a Entry<'_>| {
        // The name would end there.
        if entry.name.contains(&0) {
            return Err(Problem::Malformed(format!(
                "the name '{}' cannot be stored in a symbol index",
                entry.name.escape_ascii()
            ))
            .into());
        }
        let target = match entry.target {
            Target::Offset(offset) => Pointer::Offset(offset),
            Target::Member(id) => Pointer::Item(position(id).ok_or(Problem::NoSuch {
                what: "archive member",
                index: id.0.into(),
                count,
            })?),
        };
        Ok(Symbol { name: &entry.name, target })
    };
    entries.iter().map(symbol).collect()
}

pub(super) const fn default_kind(flavour: Flavour, is_wide: bool) -> IndexKind {
    match (flavour, is_wide) {
        (Flavour::Gnu, false) => IndexKind::Gnu32,
        (Flavour::Gnu, true) => IndexKind::Gnu64,
        (_, false) => IndexKind::Bsd32,
        (_, true) => IndexKind::Bsd64,
    }
}

const fn is_bsd(kind: IndexKind) -> bool {
    matches!(kind, IndexKind::Bsd32 | IndexKind::Bsd64)
}

const fn word_size(kind: IndexKind) -> u64 {
    match kind {
        IndexKind::Gnu32 | IndexKind::Bsd32 => 4,
        IndexKind::Gnu64 | IndexKind::Bsd64 => 8,
    }
}

/// How many zero bytes follow tables of `size` bytes.
fn auto_tail(kind: IndexKind, flavour: Flavour, size: u64) -> usize {
    let alignment = match kind {
        IndexKind::Gnu32 => 2,
        IndexKind::Gnu64 => ALIGNMENT,
        _ if flavour.is_aligned() => ALIGNMENT,
        _ => 1,
    };
    size.checked_next_multiple_of(alignment).map_or(0, |end| (end - size) as usize)
}

/// More symbols than this stay bytes: as a list they take several times the memory.
const MOST_ENTRIES: u64 = 4 << 20;

/// The symbols of the index `bytes`, if an index of them is written as the same bytes. `member_at`
/// has the members by the offsets of their headers, in bytes.
pub(super) fn list<'data>(
    bytes: &'data [u8],
    kind: IndexKind,
    flavour: Flavour,
    member_at: &HashMap<u64, MemberId>,
) -> Option<Index<'data>> {
    let stored = SymbolIndex::new(bytes, kind);
    if stored.len().ok()? > MOST_ENTRIES {
        return None;
    }
    let found = stored.symbols().ok()?.collect::<Result<Vec<_>>>().ok()?;
    let symbols: Vec<_> = found
        .iter()
        .map(|entry| Symbol { name: entry.name, target: Pointer::Offset(entry.member) })
        .collect();
    for order in [None, Some(Endianness::Big)] {
        let bare = Index { kind: Some(kind), order, tail: None, entries: Entries::Given(vec![]) };
        let draft = Draft::new(&bare, flavour, false, false, Cow::Borrowed(&symbols));
        let Ok(written) = draft.write(&[]) else { continue };
        let tables = written.get(..written.len().saturating_sub(draft.tail.len()))?;
        let Some(tail) = bytes.strip_prefix(tables) else { continue };
        let is_auto = tail == &draft.tail[..];
        let entry = |entry: IndexEntry<'data>| Entry {
            name: entry.name.into(),
            target: match member_at.get(&entry.member) {
                Some(&id) => Target::Member(id),
                None => Target::Offset(entry.member),
            },
        };
        return Some(Index {
            entries: Entries::Given(found.into_iter().map(entry).collect()),
            tail: (!is_auto).then_some(tail.into()),
            ..bare
        });
    }
    None
}
