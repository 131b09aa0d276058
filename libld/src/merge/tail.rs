//! Strings that end others are found in their ends.
//!
//! Sorted by their characters from last to first, a string stands directly behind those that it is
//! the end of:
//!
//! ```text
//! piano     onaip
//! no        on          the end of the one before
//! mono      onom
//! ```
//!
//! taken in descending order, so that the longest comes first.

use std::cmp::Ordering as Order;
use std::collections::HashMap;
use std::sync::atomic::Ordering;

use foldhash::fast::RandomState;
use rayon::prelude::*;

use super::Merged;
use super::unify::Unique;

/// Lets the slots of strings that end others name those. `shards` are strings of groups whose tails
/// are merged; answers those of them that are kept and whose alignment was raised.
///
/// Strings with different last characters have nothing to do with each other: so they are put into
/// buckets by these, and each bucket is sorted by itself.
pub fn merge<'m>(merged: &Merged<'_>, shards: &[Vec<Unique<'m>>]) -> Vec<Unique<'m>> {
    let (shards, empty): (Vec<_>, Vec<_>) = shards.par_iter().map(|shard| keys(shard)).unzip();
    let buckets: Vec<Kept<'_, 'm>> = (0..BUCKETS)
        .into_par_iter()
        .map(|bucket| {
            let mut keys: Vec<Key<'_, 'm>> =
                shards.iter().flat_map(|shard| of_bucket(shard, bucket)).copied().collect();
            sort(&mut keys);
            keep(merged, &keys)
        })
        .collect();
    let empty = keep_empty(merged, empty.concat(), &buckets);
    let kept = buckets.iter().flat_map(|bucket| &bucket.raised).copied().chain(empty);
    kept.filter(|unique| unique.is_raised).copied().collect()
}

/// How many buckets there are: one for each last character.
const BUCKETS: usize = 1 << u8::BITS;

/// A string, and what most strings are told apart by.
#[derive(Clone, Copy)]
struct Key<'u, 'm> {
    group: u32,
    /// The last characters, where a greater number comes later.
    last: u64,
    unique: &'u Unique<'m>,
}

impl<'u, 'm> Key<'u, 'm> {
    fn new(unique: &'u Unique<'m>) -> Self {
        Self { group: unique.group, last: !last_characters(unique.text), unique }
    }

    /// The bucket of its very last character.
    fn bucket(&self) -> usize {
        (self.last >> (u64::BITS - u8::BITS)) as usize
    }

    /// Whether this string is the end of a longer one, as far as the last characters tell.
    fn may_end(&self, longer: &Self) -> bool {
        let size = self.unique.text.len();
        let differs = (self.last ^ longer.last).checked_shr(u64::BITS - 8 * size.min(8) as u32);
        self.group == longer.group
            && size < longer.unique.text.len()
            && differs.is_none_or(|bits| bits == 0)
    }

    /// Lets the slot of this string name a longer one, if it is the end of that and may lie there;
    /// whether it does.
    fn lies_in(&self, longer: &Self, merged: &Merged<'_>) -> bool {
        let (end, longer_text) = (self.unique, longer.unique.text);
        let delta = longer_text.len().saturating_sub(end.text.len());
        let is_aligned = longer.unique.log_align >= end.log_align
            && delta.trailing_zeros() >= end.log_align.into();
        let is_end = is_aligned && self.may_end(longer) && longer_text.ends_with(end.text);
        let slot = merged.slots.get(end.piece as usize).filter(|_| is_end);
        if let Some(slot) = slot {
            slot.store(longer.unique.piece, Ordering::Relaxed);
        }
        slot.is_some()
    }
}

/// The keys of a shard's strings by bucket, and those of empty strings, which have no last character.
fn keys<'u, 'm>(shard: &'u [Unique<'m>]) -> (Vec<Key<'u, 'm>>, Vec<Key<'u, 'm>>) {
    let keys = shard.iter().map(Key::new);
    let (empty, mut keys): (Vec<_>, Vec<_>) = keys.partition(|key| key.unique.text.is_empty());
    keys.sort_unstable_by_key(Key::bucket);
    (keys, empty)
}

/// The keys of a bucket, among some that are sorted by bucket.
fn of_bucket<'k, 'u, 'm>(keys: &'k [Key<'u, 'm>], bucket: usize) -> &'k [Key<'u, 'm>] {
    let start = keys.partition_point(|key| key.bucket() < bucket);
    let end = keys.partition_point(|key| key.bucket() <= bucket);
    keys.get(start..end).unwrap_or_default()
}

/// Sorts in descending order of the characters from last to first. Looking at the characters of two
/// strings touches them both, so they are compared only where their last eight are the same.
fn sort(bucket: &mut [Key<'_, '_>]) {
    bucket.sort_unstable_by_key(|key| (key.group, key.last));
    for same in bucket.chunk_by_mut(|a, b| (a.group, a.last) == (b.group, b.last)) {
        same.sort_unstable_by(|a, b| descending(a.unique, b.unique));
    }
}

/// The strings of a bucket that no other one ends with.
struct Kept<'u, 'm> {
    /// Those whose alignment was raised.
    raised: Vec<&'u Unique<'m>>,
    /// The last of each group.
    last: Vec<Key<'u, 'm>>,
}

/// Finds them among all, which are in descending order.
fn keep<'u, 'm>(merged: &Merged<'_>, sorted: &[Key<'u, 'm>]) -> Kept<'u, 'm> {
    let mut kept = Kept { raised: Vec::new(), last: Vec::new() };
    for key in sorted {
        match kept.last.last_mut() {
            Some(longer) if key.lies_in(longer, merged) => continue,
            Some(longer) if longer.group == key.group => *longer = *key,
            _ => kept.last.push(*key),
        }
        if key.unique.is_raised {
            kept.raised.push(key.unique);
        }
    }
    kept
}

/// The empty strings that are kept: any other of its group ends with one.
fn keep_empty<'u, 'm>(
    merged: &Merged<'_>,
    empty: Vec<Key<'u, 'm>>,
    buckets: &[Kept<'u, 'm>],
) -> Vec<&'u Unique<'m>> {
    let last = buckets.iter().flat_map(|bucket| &bucket.last);
    let last: HashMap<u32, &Key<'u, 'm>, RandomState> = last.map(|key| (key.group, key)).collect();
    let is_kept =
        |key: &Key<'u, 'm>| last.get(&key.group).is_none_or(|longer| !key.lies_in(longer, merged));
    empty.into_iter().filter(is_kept).map(|key| key.unique).collect()
}

/// The last eight characters, the very last in the highest place; zeros for those that a shorter
/// string does not have.
fn last_characters(text: &[u8]) -> u64 {
    let start = text.len().saturating_sub(size_of::<u64>());
    let last = text.get(start..).unwrap_or_default();
    last.iter()
        .rev()
        .fold((0, u64::BITS), |(number, shift), &byte| {
            let shift = shift - u8::BITS;
            (number | u64::from(byte) << shift, shift)
        })
        .0
}

fn descending(a: &Unique<'_>, b: &Unique<'_>) -> Order {
    b.text.iter().rev().cmp(a.text.iter().rev()).then_with(|| a.piece.cmp(&b.piece))
}
