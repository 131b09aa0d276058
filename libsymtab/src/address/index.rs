//! The compact sorted index.
//!
//! An entry is the distance of an address from the lowest one, and the number of the symbol that
//! is the answer from there on. The range of addresses is cut into as many equal pieces as there
//! are entries, about; a table has for each piece the first entry in it. So a lookup reads one
//! place of that table and one or two entries beside each other, and touches neither the symbol
//! table nor names.

use super::Options;
use super::build::{self, AGAIN, Change, NONE};
use super::candidate::{Answer, Scope};
use crate::set;
use crate::symbol::Symbol;
use crate::table::SymbolTable;

/// What a lookup finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found<'data> {
    /// The number of the symbol, counted through all tables: [`AddressIndex::symbol`].
    pub id: u32,
    /// The address at which the symbol starts.
    pub start: u64,
    /// Its name.
    pub name: &'data [u8],
}

/// An index from addresses to symbols; see the [module](super) for its rule.
///
/// It takes 20 bytes a symbol where the addresses span less than 4 GiB, else 28; while it is
/// built, up to 90 bytes a symbol. Names stay where they are. It can be used by many threads at
/// once.
///
/// ```
/// use libsymtab::{AddressIndex, SymbolTable, address::Options};
///
/// let text = b"1000 10 first\n1010 20 second\n";
/// let index = AddressIndex::build(&[SymbolTable::of_perf_map(text)], &Options::default());
/// let found = index.lookup(0x1018).unwrap();
/// assert_eq!((found.name, 0x1018 - found.start), (&b"second"[..], 8));
/// assert_eq!(index.symbol(found.id).unwrap().size, 0x20);
/// assert_eq!(index.lookup(0xfff), None);
/// ```
#[derive(Clone, Debug)]
pub struct AddressIndex<'data> {
    tables: Vec<SymbolTable<'data>>,
    /// The number to which each table's own are added.
    firsts: Vec<u32>,
    scopes: Vec<Scope<'data>>,
    base: u64,
    entries: Entries,
}

#[derive(Clone, Debug)]
enum Entries {
    /// Distances of 32 bits.
    Narrow(Pieces<u32>),
    Wide(Pieces<u64>),
}

/// Entries and where pieces of the range of addresses start in them.
#[derive(Clone, Debug)]
struct Pieces<K> {
    /// Sorted by distance.
    entries: Vec<Entry<K>>,
    /// For each piece, and one more, the number of its first entry.
    starts: Vec<u32>,
    /// A piece has two to the power of this addresses.
    shift: u32,
}

/// From a distance on: the answer.
#[derive(Clone, Copy, Debug)]
struct Entry<K> {
    start: K,
    id: u32,
    name: u32,
    length: u32,
}

impl<K> Entry<K> {
    fn new(start: K, answer: Answer) -> Self {
        Self { start, id: answer.id, name: answer.name, length: answer.length }
    }

    fn answer(&self) -> Answer {
        Answer { id: self.id, name: self.name, length: self.length }
    }
}

/// The width of distances.
trait Distance: Copy + Ord + Into<u64> {}

impl Distance for u32 {}
impl Distance for u64 {}

/// Up to this many entries of a piece are counted one by one.
const FEW: usize = 8;

impl<K: Distance> Pieces<K> {
    fn new(entries: Vec<Entry<K>>) -> Self {
        let span: u64 = entries.last().map_or(0, |entry| entry.start.into());
        // The smallest pieces that are no more than the entries.
        let mut shift = 0;
        while span >> shift >= entries.len().max(1) as u64 {
            shift += 1;
        }
        let pieces = (span >> shift) as usize;
        let mut starts = Vec::with_capacity(pieces.saturating_add(2));
        for (number, entry) in (0..).zip(&entries) {
            let piece: u64 = entry.start.into() >> shift;
            while starts.len() as u64 <= piece {
                starts.push(number);
            }
        }
        starts.push(entries.len() as u32);
        Self { entries, starts, shift }
    }

    /// The entry that an address has, which is so far from the lowest one.
    #[inline]
    fn at(&self, distance: K) -> Option<&Entry<K>> {
        self.entries.get(self.place(distance)?)
    }

    /// The number of that entry.
    #[inline]
    fn place(&self, distance: K) -> Option<usize> {
        let piece = (distance.into() >> self.shift) as usize;
        let Some([first, end]) = self.starts.get(piece..piece.saturating_add(2)) else {
            return self.entries.len().checked_sub(1);
        };
        let (first, end) = (*first as usize, *end as usize);
        let piece = self.entries.get(first..end).unwrap_or_default();
        let before = if piece.len() <= FEW {
            piece.iter().map(|entry| usize::from(entry.start <= distance)).sum()
        } else {
            piece.partition_point(|entry| entry.start <= distance)
        };
        // The entry may be the last of an earlier piece.
        (first + before).checked_sub(1)
    }

    fn size(&self) -> usize {
        size_of_val(&*self.entries) + size_of_val(&*self.starts)
    }
}

impl<'data> AddressIndex<'data> {
    /// An index of the symbols of several tables. Where they share an address and a size, the
    /// earlier table's is found.
    pub fn build(tables: &[SymbolTable<'data>], options: &Options) -> Self {
        let scopes: Vec<Scope> = tables.iter().map(|table| Scope::new(table, options)).collect();
        let changes = build::changes(tables, &scopes, options.matching);
        let base = changes.first().map_or(0, |change| change.start);
        let span = changes.last().map_or(0, |change| change.start.wrapping_sub(base));
        let distance = |change: &Change| change.start.wrapping_sub(base);
        let entries = if u32::try_from(span).is_ok() {
            let entries =
                changes.iter().map(|change| Entry::new(distance(change) as u32, change.answer));
            Entries::Narrow(Pieces::new(entries.collect()))
        } else {
            let entries = changes.iter().map(|change| Entry::new(distance(change), change.answer));
            Entries::Wide(Pieces::new(entries.collect()))
        };
        let firsts = set::firsts(tables);
        Self { tables: tables.to_vec(), firsts, scopes, base, entries }
    }

    /// The symbol that `address` has.
    #[inline]
    pub fn lookup(&self, address: u64) -> Option<Found<'data>> {
        let distance = address.checked_sub(self.base)?;
        let (start, answer) = match &self.entries {
            Entries::Narrow(pieces) => {
                // A distance that is too large lies behind the last entry.
                let entry = pieces.at(u32::try_from(distance).unwrap_or(u32::MAX))?;
                (entry.start.into(), entry.answer())
            }
            Entries::Wide(pieces) => {
                let entry = pieces.at(distance)?;
                (entry.start, entry.answer())
            }
        };
        if answer.id & AGAIN != 0 {
            return self.again(answer);
        }
        let name = self.scopes.get(set::table_of(&self.firsts, answer.id)?)?.name(answer);
        Some(Found { id: answer.id, start: self.base.wrapping_add(start), name })
    }

    /// As [`Self::lookup`], for an entry that is none, or at which a symbol does not start.
    #[cold]
    fn again(&self, answer: Answer) -> Option<Found<'data>> {
        if answer.id == NONE {
            return None;
        }
        let id = answer.id & !AGAIN;
        let table = set::table_of(&self.firsts, id)?;
        let (first, scope) = (*self.firsts.get(table)?, self.scopes.get(table)?);
        let candidate = scope.candidate(id.checked_sub(first)?, first)?;
        Some(Found { id, start: candidate.start, name: scope.name(answer) })
    }

    /// The numbers of the symbols that start where `found` does, the best first: its aliases.
    pub fn aliases(&self, found: Found<'_>) -> impl Iterator<Item = u32> + '_ {
        let distance = found.start.wrapping_sub(self.base);
        let (at, wide) = match &self.entries {
            Entries::Narrow(pieces) => (pieces.place(distance as u32), None),
            Entries::Wide(pieces) => (pieces.place(distance), Some(pieces)),
        };
        let entry = move |at: usize| match (wide, &self.entries) {
            (None, Entries::Narrow(pieces)) => {
                pieces.entries.get(at).map(|entry| (u64::from(entry.start), entry.id))
            }
            (Some(pieces), _) => pieces.entries.get(at).map(|entry| (entry.start, entry.id)),
            _ => None,
        };
        let places = at.map_or(0, |at| at.saturating_add(1));
        (0..places)
            .rev()
            .map_while(entry)
            .take_while(move |(start, id)| *start == distance && id & AGAIN == 0)
            .map(|(_, id)| id)
    }

    /// The symbol with a number that [`Self::lookup`] gave.
    pub fn symbol(&self, id: u32) -> Option<Symbol<'data>> {
        set::symbol(&self.tables, &self.firsts, id)
    }

    /// The tables that the index is of.
    pub fn tables(&self) -> &[SymbolTable<'data>] {
        &self.tables
    }

    /// The bytes that the index takes beside the tables.
    pub fn size(&self) -> usize {
        match &self.entries {
            Entries::Narrow(pieces) => pieces.size(),
            Entries::Wide(pieces) => pieces.size(),
        }
    }
}
