//! What symbols turn out to need, gathered by all threads at once.

use std::sync::atomic::{AtomicU16, Ordering};

use crate::ids::SymbolId;

/// A set of needs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs(u16);

impl Needs {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// A slot of the global offset table with its address.
    pub const GOT: Self = Self(1 << 0);
    /// An entry of the procedure linkage table.
    pub const PLT: Self = Self(1 << 1);
    /// Its entry of the procedure linkage table is its address for the whole program.
    pub const CANONICAL_PLT: Self = Self(1 << 2);
    /// A slot with its offset from the thread pointer.
    pub const GOT_TP: Self = Self(1 << 3);
    /// Two slots with its module and its offset there (general dynamic).
    pub const TLS_GD: Self = Self(1 << 4);
    /// Two slots with a descriptor (TLSDESC).
    pub const TLS_DESC: Self = Self(1 << 5);
    /// Its contents are copied from the library that defines it.
    pub const COPY: Self = Self(1 << 6);
    /// A dynamic relocation names it.
    pub const DYNAMIC: Self = Self(1 << 7);
    /// Somebody refers to it from what is kept.
    pub const USED: Self = Self(1 << 8);

    /// A slot with the offset from it to the thread pointer.
    pub const GOT_TP_DISTANCE: Self = Self(1 << 9);
    /// A branch asks for its entry of the procedure linkage table, needed or not.
    pub const CALLED: Self = Self(1 << 10);

    /// Whether any of `other` is needed.
    #[inline]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether nothing has to be made for it, though it may be used.
    pub const fn is_none(self) -> bool {
        self.0 & !(Self::USED.0 | Self::CALLED.0) == 0
    }
}

/// The needs of all global symbols.
pub struct NeedTable {
    words: Vec<AtomicU16>,
}

impl NeedTable {
    /// For numbers below `bound`.
    pub fn new(bound: usize) -> Self {
        let mut words = Vec::new();
        words.resize_with(bound, AtomicU16::default);
        Self { words }
    }

    /// Adds to what a symbol needs.
    #[inline]
    pub fn add(&self, id: SymbolId, needs: Needs) {
        let Some(word) = self.words.get(id.index()) else { return };
        // Most relocations ask for what is known: a read spares the cache line.
        if word.load(Ordering::Relaxed) & needs.0 != needs.0 {
            word.fetch_or(needs.0, Ordering::Relaxed);
        }
    }

    /// What a symbol needs.
    pub fn get(&self, id: SymbolId) -> Needs {
        Needs(self.words.get(id.index()).map_or(0, |word| word.load(Ordering::Relaxed)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn needs_add_up() {
        let table = NeedTable::new(2);
        table.add(SymbolId(1), Needs::GOT);
        table.add(SymbolId(1), Needs::PLT);
        table.add(SymbolId::NONE, Needs::PLT);
        assert_eq!(table.get(SymbolId(1)), Needs::GOT.and(Needs::PLT));
        assert!(table.get(SymbolId(0)).is_none());
    }
}
