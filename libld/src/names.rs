//! Names to numbers: each distinct name of a global symbol gets one [`SymbolId`].
//!
//! All threads ask at once. A name belongs to one of [`SHARDS`] tables by its hash, each under its
//! own lock that is held for one look-up. A number is made of the place in the table and the table's
//! own number, so numbers are dense as long as hashes are even.

use std::hash::BuildHasher;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use crate::ids::SymbolId;

/// How many tables there are. A power of two.
const SHARDS: usize = 1 << SHARD_BITS;
const SHARD_BITS: u32 = 6;
/// Any constant: nobody gains by names that collide but the one whose link is slow.
const SEED: u64 = 0x656c_6674_6f6f_6c63;

/// A hash of a name. Cheap to keep, so that a name is hashed once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameHash(u64);

impl NameHash {
    /// Of this name.
    #[inline]
    pub fn of(name: &[u8]) -> Self {
        Self(FixedState::with_seed(SEED).hash_one(name))
    }

    fn shard(self) -> usize {
        (self.0 >> (u64::BITS - SHARD_BITS)) as usize
    }
}

#[derive(Default)]
struct Shard<'data> {
    /// Places in the list of names, of which the first `frozen` are in [`Names::frozen`].
    table: HashTable<Slot>,
    frozen: u32,
    names: Vec<&'data [u8]>,
}

impl Shard<'_> {
    fn len(&self) -> usize {
        self.frozen as usize + self.names.len()
    }
}

/// An entry of a table: enough of the hash to move it without a look at its name.
struct Slot {
    hash: u64,
    at: u32,
}

/// All names.
pub struct Names<'data> {
    shards: Box<[Mutex<Shard<'data>>]>,
    /// By shard, the names that are found without a lock.
    frozen: OnceLock<Box<[Vec<&'data [u8]>]>>,
}

impl Default for Names<'_> {
    fn default() -> Self {
        Self { shards: (0..SHARDS).map(|_| Mutex::default()).collect(), frozen: OnceLock::new() }
    }
}

/// No code panics while it holds a lock; if it did, the table would be whole all the same.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<'data> Names<'data> {
    /// The number of `name`, a new one if nobody asked before.
    pub fn intern(&self, name: &'data [u8]) -> SymbolId {
        self.intern_hashed(NameHash::of(name), name)
    }

    /// As [`Self::intern`], for a name whose hash is known.
    pub fn intern_hashed(&self, hash: NameHash, name: &'data [u8]) -> SymbolId {
        let number = hash.shard();
        let Some(shard) = self.shards.get(number) else { return SymbolId::NONE };
        let shard = &mut *lock(shard);
        let is_name =
            |slot: &Slot| slot.hash == hash.0 && self.name_at(number, shard, slot.at) == Some(name);
        let at = if let Some(slot) = shard.table.find(hash.0, is_name) {
            slot.at
        } else {
            let at = shard.len() as u32;
            shard.names.push(name);
            shard.table.insert_unique(hash.0, Slot { hash: hash.0, at }, |slot| slot.hash);
            at
        };
        SymbolId(at << SHARD_BITS | number as u32)
    }

    /// The number of `name`, if anybody asked for it.
    pub fn find(&self, name: &[u8]) -> Option<SymbolId> {
        let hash = NameHash::of(name);
        let number = hash.shard();
        let shard = lock(self.shards.get(number)?);
        let is_name = |slot: &Slot| {
            slot.hash == hash.0 && self.name_at(number, &shard, slot.at) == Some(name)
        };
        let slot = shard.table.find(hash.0, is_name)?;
        Some(SymbolId(slot.at << SHARD_BITS | number as u32))
    }

    /// The name of a number; empty for [`SymbolId::NONE`].
    pub fn name(&self, id: SymbolId) -> &'data [u8] {
        let number = id.index() % SHARDS;
        let at = (id.index() >> SHARD_BITS) as u32;
        if let Some(name) = self.frozen_at(number, at) {
            return name;
        }
        let shard = self.shards.get(number).map(lock);
        shard.and_then(|shard| self.name_at(number, &shard, at)).unwrap_or_default()
    }

    #[inline]
    fn frozen_at(&self, number: usize, at: u32) -> Option<&'data [u8]> {
        self.frozen.get()?.get(number)?.get(at as usize).copied()
    }

    #[inline]
    fn name_at(&self, number: usize, shard: &Shard<'data>, at: u32) -> Option<&'data [u8]> {
        match at.checked_sub(shard.frozen) {
            Some(at) => shard.names.get(at as usize).copied(),
            None => self.frozen_at(number, at),
        }
    }

    /// From now on, the names that are known are found without a lock. Others may still come. Done
    /// once, when nearly all are known.
    pub fn freeze(&self) {
        self.frozen.get_or_init(|| {
            let take = |shard: &Mutex<Shard<'data>>| {
                let shard = &mut *lock(shard);
                shard.frozen = shard.names.len() as u32;
                std::mem::take(&mut shard.names)
            };
            self.shards.iter().map(take).collect()
        });
    }

    /// A bound above every number: what an array by number must hold.
    pub fn bound(&self) -> usize {
        let longest = self.shards.iter().map(|shard| lock(shard).len()).max();
        longest.unwrap_or(0) << SHARD_BITS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_name_has_one_number() {
        let names = Names::default();
        let texts: Vec<String> = (0..5000).map(|n| format!("symbol_{n}")).collect();
        let ids: Vec<_> = texts.iter().map(|text| names.intern(text.as_bytes())).collect();
        for (text, &id) in texts.iter().zip(&ids) {
            assert_eq!(names.intern(text.clone().leak().as_bytes()), id);
            assert_eq!(names.find(text.as_bytes()), Some(id));
            assert_eq!(names.name(id), text.as_bytes());
            assert!(id.index() < names.bound());
        }
        assert_eq!(names.find(b"another"), None);
        names.freeze();
        let another = names.intern(b"another");
        assert_eq!((names.find(b"another"), names.name(another)), (Some(another), &b"another"[..]));
        for (text, &id) in texts.iter().zip(&ids) {
            assert_eq!((names.find(text.as_bytes()), names.name(id)), (Some(id), text.as_bytes()));
            assert_eq!(names.intern(text.clone().leak().as_bytes()), id);
        }
        assert_eq!(names.name(SymbolId::NONE), b"");
    }
}
