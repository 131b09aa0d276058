//! The compact sorted index.
//!
//! An entry is the distance of an address from the lowest one, and the number of the symbol that
//! is the answer from there on. The range of addresses is cut into as many equal pieces as there
//! are entries, about; a table has for each piece the first entry in it. So a lookup reads one
//! place of that table and one or two entries beside each other, and touches neither the symbol
//! table nor names.

use super::Options;
use super::build::{self, AGAIN, Change, NONE};
use super::candidate::Scope;
use crate::set;
use crate::symbol::Symbol;
use crate::table::SymbolTable;

/// What a lookup finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// The number of the symbol, counted through all tables: [`AddressIndex::symbol`].
    pub id: u32,
    /// The address at which the symbol starts.
    pub start: u64,
}

/// An index from addresses to symbols; see the [module](super) for its rule.
///
/// It takes 12 bytes a symbol where the addresses span less than 4 GiB, else 20; while it is
/// built, up to 68 bytes a symbol. Names stay where they are.
///
/// ```
/// use libsymtab::{AddressIndex, SymbolTable, address::Options};
///
/// let text = b"1000 10 first\n1010 20 second\n";
/// let index = AddressIndex::build(&[SymbolTable::of_perf_map(text)], &Options::default());
/// let found = index.lookup(0x1018).unwrap();
/// let symbol = index.symbol(found.id).unwrap();
/// assert_eq!((symbol.name, 0x1018 - found.start), (&b"second"[..], 8));
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
    entries: Vec<(K, u32)>,
    /// For each piece, and one more, the number of its first entry.
    starts: Vec<u32>,
    /// A piece has two to the power of this addresses.
    shift: u32,
}

/// The width of distances.
trait Distance: Copy + Ord + Into<u64> {}

impl Distance for u32 {}
impl Distance for u64 {}

/// Up to this many entries of a piece are counted one by one.
const FEW: usize = 8;

impl<K: Distance> Pieces<K> {
    fn new(entries: Vec<(K, u32)>) -> Self {
        let span: u64 = entries.last().map_or(0, |(distance, _)| (*distance).into());
        // The smallest pieces that are no more than the entries.
        let mut shift = 0;
        while span >> shift >= entries.len().max(1) as u64 {
            shift += 1;
        }
        let pieces = (span >> shift) as usize;
        let mut starts = Vec::with_capacity(pieces.saturating_add(2));
        for (number, (distance, _)) in (0..).zip(&entries) {
            let piece: u64 = (*distance).into() >> shift;
            while starts.len() as u64 <= piece {
                starts.push(number);
            }
        }
        starts.push(entries.len() as u32);
        Self { entries, starts, shift }
    }

    /// The entry that an address has, which is so far from the lowest one.
    #[inline]
    fn at(&self, distance: K) -> Option<(K, u32)> {
        self.entries.get(self.place(distance)?).copied()
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
            piece.iter().map(|(start, _)| usize::from(*start <= distance)).sum()
        } else {
            piece.partition_point(|(start, _)| *start <= distance)
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
            let entries = changes.iter().map(|change| (distance(change) as u32, change.id));
            Entries::Narrow(Pieces::new(entries.collect()))
        } else {
            let entries = changes.iter().map(|change| (distance(change), change.id));
            Entries::Wide(Pieces::new(entries.collect()))
        };
        let firsts = set::firsts(tables);
        Self { tables: tables.to_vec(), firsts, scopes, base, entries }
    }

    /// The symbol that `address` has.
    #[inline]
    pub fn lookup(&self, address: u64) -> Option<Found> {
        let distance = address.checked_sub(self.base)?;
        let (start, id) = match &self.entries {
            Entries::Narrow(pieces) => {
                // A distance that is too large lies behind the last entry.
                let (start, id) = pieces.at(u32::try_from(distance).unwrap_or(u32::MAX))?;
                (start.into(), id)
            }
            Entries::Wide(pieces) => pieces.at(distance)?,
        };
        if id & AGAIN == 0 {
            return Some(Found { id, start: self.base.wrapping_add(start) });
        }
        self.again(id)
    }

    /// As [`Self::lookup`], for an entry that is none, or at which a symbol does not start.
    #[cold]
    fn again(&self, id: u32) -> Option<Found> {
        if id == NONE {
            return None;
        }
        let id = id & !AGAIN;
        let table = set::table_of(&self.firsts, id)?;
        let first = *self.firsts.get(table)?;
        let candidate = self.scopes.get(table)?.candidate(id.checked_sub(first)?, first)?;
        Some(Found { id, start: candidate.start })
    }

    /// The numbers of the symbols that start where `found` does, the best first: its aliases.
    pub fn aliases(&self, found: Found) -> impl Iterator<Item = u32> + '_ {
        let distance = found.start.wrapping_sub(self.base);
        let (at, wide) = match &self.entries {
            Entries::Narrow(pieces) => (pieces.place(distance as u32), None),
            Entries::Wide(pieces) => (pieces.place(distance), Some(pieces)),
        };
        let entry = move |at: usize| match (wide, &self.entries) {
            (None, Entries::Narrow(pieces)) => {
                pieces.entries.get(at).map(|(start, id)| (u64::from(*start), *id))
            }
            (Some(pieces), _) => pieces.entries.get(at).copied(),
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
