//! Names to numbers: each distinct name of a global symbol gets one [`SymbolId`].
//!
//! All threads ask at once. A name belongs to one of [`SHARDS`] tables by its hash, each under its
//! own lock. A number is made of the place in the table and the table's own number, so numbers are
//! dense as long as hashes are even.
//!
//! A look-up is little else than waiting for memory, so files ask for all their names at once, as a
//! [`Batch`]: table by table, each locked once, with nothing between two look-ups that keeps the
//! second from starting before the first has ended.

use std::hash::BuildHasher;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use foldhash::fast::FixedState;

use crate::ids::SymbolId;

/// How many tables there are. A power of two.
const SHARDS: usize = 1 << SHARD_BITS;
const SHARD_BITS: u32 = 6;
/// Any constant: nobody gains by names that collide but the one whose link is slow.
const SEED: u64 = 0x656c_6674_6f6f_6c63;

/// The hash of a name: the bits above pick its table, the others its place there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct NameHash(u64);

impl NameHash {
    #[inline]
    fn of(name: &[u8]) -> Self {
        Self(FixedState::with_seed(SEED).hash_one(name))
    }

    #[inline]
    fn shard(self) -> usize {
        (self.0 >> (u64::BITS - SHARD_BITS)) as usize
    }

    /// What a slot keeps of it.
    #[inline]
    fn low(self) -> u32 {
        self.0 as u32
    }
}

/// Names whose numbers are asked for at once.
#[derive(Default)]
pub struct Batch<'data> {
    asked: Vec<Asked<'data>>,
}

struct Asked<'data> {
    name: &'data [u8],
    hash: NameHash,
    /// Where the number goes.
    place: u32,
}

impl<'data> Batch<'data> {
    /// For so many names.
    pub fn with_capacity(count: usize) -> Self {
        Self { asked: Vec::with_capacity(count) }
    }

    /// Asks for the number of `name`, to be put in the place `place`.
    pub fn ask(&mut self, name: &'data [u8], place: u32) {
        self.asked.push(Asked { name, hash: NameHash::of(name), place });
    }
}

/// How many names of a batch are sorted by table at a time: what fits near caches.
const BATCH_PART: usize = 1 << 12;

#[derive(Default)]
struct Shard<'data> {
    /// The table: a power of two of slots, of which at most two thirds are taken. A name is in the
    /// first free one from the place on that its hash picks, so a look-up mostly touches one line of
    /// memory, and the name.
    slots: Vec<Slot<'data>>,
    /// How many names are in [`Names::frozen`]; those that came later are in `names`.
    frozen: u32,
    names: Vec<&'data [u8]>,
}

/// An entry of a table: with its name, which a look-up compares, and enough of the hash to move it
/// without a look at that.
#[derive(Clone, Copy)]
struct Slot<'data> {
    name: &'data [u8],
    hash: u32,
    /// [`FREE`], or the place of the name.
    at: u32,
}

/// No name is at this place.
const FREE: u32 = u32::MAX;
/// The slots of a table when its first name comes.
const FIRST_SLOTS: usize = 16;

impl<'data> Shard<'data> {
    fn len(&self) -> usize {
        self.frozen as usize + self.names.len()
    }

    /// The slots to be looked at for a hash, in order.
    fn probe(&self, hash: u32) -> impl Iterator<Item = usize> + use<> {
        let count = self.slots.len();
        let first = hash as usize;
        (0..count).map(move |step| first.wrapping_add(step) & (count - 1))
    }

    /// The place of a name, if it has one.
    #[inline]
    fn find(&self, hash: NameHash, name: &[u8]) -> Option<u32> {
        let low = hash.low();
        for at in self.probe(low) {
            let slot = self.slots.get(at)?;
            if slot.at == FREE {
                return None;
            }
            if slot.hash == low && slot.name == name {
                return Some(slot.at);
            }
        }
        None
    }

    /// The place of a name, a new one if it has none.
    #[inline]
    fn place(&mut self, hash: NameHash, name: &'data [u8]) -> u32 {
        if let Some(at) = self.find(hash, name) {
            return at;
        }
        let at = self.len() as u32;
        if self.len() * 3 >= self.slots.len() * 2 {
            self.grow();
        }
        self.names.push(name);
        self.put(Slot { name, hash: hash.low(), at });
        at
    }

    fn put(&mut self, slot: Slot<'data>) {
        let mut places = self.probe(slot.hash);
        let is_free = |&at: &usize| self.slots.get(at).is_some_and(|slot| slot.at == FREE);
        if let Some(at) = places.find(is_free)
            && let Some(free) = self.slots.get_mut(at)
        {
            *free = slot;
        }
    }

    fn grow(&mut self) {
        let count = (self.slots.len() * 2).max(FIRST_SLOTS);
        let free = Slot { name: &[], hash: 0, at: FREE };
        let old = std::mem::replace(&mut self.slots, vec![free; count]);
        old.into_iter().filter(|slot| slot.at != FREE).for_each(|slot| self.put(slot));
    }
}

/// The number of a name, by its table and its place there.
#[inline]
fn number(shard: usize, at: u32) -> SymbolId {
    SymbolId(at << SHARD_BITS | shard as u32)
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
        let hash = NameHash::of(name);
        let Some(shard) = self.shards.get(hash.shard()) else { return SymbolId::NONE };
        number(hash.shard(), lock(shard).place(hash, name))
    }

    /// As [`Self::intern`], for all names of a batch: each number is put in its place of `ids`.
    pub fn intern_all(&self, batch: &Batch<'data>, ids: &mut [SymbolId]) {
        let mut order = Vec::new();
        for part in batch.asked.chunks(BATCH_PART) {
            let ends = by_shard(part, &mut order);
            let mut start = 0;
            for ((number_of_shard, shard), end) in (0_usize..).zip(&self.shards).zip(ends) {
                let of_shard = order.get(start..end).unwrap_or_default();
                start = end;
                if of_shard.is_empty() {
                    continue;
                }
                let mut shard = lock(shard);
                for Asked { name, hash, place } in
                    of_shard.iter().filter_map(|&at| part.get(usize::from(at)))
                {
                    if let Some(id) = ids.get_mut(*place as usize) {
                        *id = number(number_of_shard, shard.place(*hash, name));
                    }
                }
            }
        }
    }

    /// The number of `name`, if anybody asked for it.
    pub fn find(&self, name: &[u8]) -> Option<SymbolId> {
        let hash = NameHash::of(name);
        let shard = lock(self.shards.get(hash.shard())?);
        Some(number(hash.shard(), shard.find(hash, name)?))
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

/// Fills `order` with the places in `part`, sorted by table; returns where each table's end.
fn by_shard(part: &[Asked<'_>], order: &mut Vec<u16>) -> [usize; SHARDS] {
    let mut next = [0_usize; SHARDS];
    for asked in part {
        if let Some(count) = next.get_mut(asked.hash.shard()) {
            *count += 1;
        }
    }
    let mut start = 0;
    for next in &mut next {
        start += std::mem::replace(next, start);
    }
    order.clear();
    order.resize(part.len(), 0);
    for (at, asked) in (0_u16..).zip(part) {
        if let Some(next) = next.get_mut(asked.hash.shard())
            && let Some(slot) = order.get_mut(*next)
        {
            *slot = at;
            *next += 1;
        }
    }
    next
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
        let mut batch = Batch::default();
        for (place, text) in (0..).zip(texts.iter().rev()) {
            batch.ask(text.as_bytes(), place);
        }
        batch.ask(b"one more", 5000);
        let mut answers = vec![SymbolId::NONE; 5001];
        names.intern_all(&batch, &mut answers);
        assert!(answers[..5000].iter().rev().eq(&ids));
        assert_eq!(Some(answers[5000]), names.find(b"one more"));
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
