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

/// Lets the slots of strings that end others name those; returns the strings that are kept.
///
/// Strings of different groups, or with different last characters, have nothing to do with each
/// other: so each such bucket is sorted by itself.
pub fn merge<'m>(merged: &Merged<'_>, uniques: Vec<Unique<'m>>) -> Vec<Unique<'m>> {
    let (empty, uniques): (Vec<_>, Vec<_>) =
        uniques.into_iter().partition(|unique| unique.text.is_empty());
    let kept: Vec<Vec<Unique<'m>>> = by_bucket(&uniques)
        .into_par_iter()
        .map(|mut bucket| {
            sort(&mut bucket, &uniques);
            keep(merged, bucket.iter().filter_map(|key| uniques.get(key.number as usize)))
        })
        .collect();
    let mut kept = kept.concat();
    let empty = keep_empty(merged, empty, &kept);
    kept.extend(empty);
    kept
}

/// The empty strings that are kept: they have no last character, and any string of their group ends
/// with them.
fn keep_empty<'m>(
    merged: &Merged<'_>,
    empty: Vec<Unique<'m>>,
    others: &[Unique<'m>],
) -> Vec<Unique<'m>> {
    if empty.is_empty() {
        return empty;
    }
    let groups = empty.iter().map(|unique| (unique.group, None));
    let mut longer: HashMap<u32, Option<&Unique<'m>>, RandomState> = groups.collect();
    for other in others {
        if let Some(longer) = longer.get_mut(&other.group) {
            *longer = Some(other);
        }
    }
    let is_kept = |unique: &Unique<'m>| {
        let longer = longer.get(&unique.group).copied().flatten();
        longer.is_none_or(|longer| !lies_in(merged, unique, longer))
    };
    empty.into_iter().filter(is_kept).collect()
}

/// The strings that no other one ends with, of strings in descending order.
fn keep<'u, 'm: 'u>(
    merged: &Merged<'_>,
    sorted: impl Iterator<Item = &'u Unique<'m>>,
) -> Vec<Unique<'m>> {
    let mut kept = Vec::<Unique<'m>>::new();
    for unique in sorted {
        if kept.last().is_none_or(|longer| !lies_in(merged, unique, longer)) {
            kept.push(*unique);
        }
    }
    kept
}

/// How many buckets there are.
const BUCKETS: usize = 1 << 10;

/// Lets the slot of a string name a longer one, if it lies in the end of that; whether it does.
fn lies_in(merged: &Merged<'_>, unique: &Unique<'_>, longer: &Unique<'_>) -> bool {
    let slot =
        merged.slots.get(unique.piece as usize).filter(|_| is_end_of(merged, unique, longer));
    if let Some(slot) = slot {
        slot.store(longer.piece, Ordering::Relaxed);
    }
    slot.is_some()
}

/// What most strings are told apart by: their group and last characters, where a greater number
/// comes later.
#[derive(Clone, Copy)]
struct SortKey {
    group: u32,
    /// The index of the string.
    number: u32,
    last: u64,
}

impl SortKey {
    fn new(number: u32, unique: &Unique<'_>) -> Self {
        Self { group: unique.group, number, last: !last_characters(unique.text) }
    }

    /// The bucket of its group and its very last character, which others may have too.
    fn bucket(&self) -> usize {
        let character = (self.last >> (u64::BITS - u8::BITS)) as usize;
        ((self.group as usize) << u8::BITS | character) % BUCKETS
    }
}

/// The keys of all strings, by bucket.
fn by_bucket(uniques: &[Unique<'_>]) -> Vec<Vec<SortKey>> {
    let numbers = (0..uniques.len() as u32).into_par_iter();
    let keys: Vec<_> =
        numbers.zip(uniques).map(|(number, unique)| SortKey::new(number, unique)).collect();
    let mut counts = [0_usize; BUCKETS];
    for key in &keys {
        if let Some(count) = counts.get_mut(key.bucket()) {
            *count += 1;
        }
    }
    let mut buckets: Vec<Vec<SortKey>> = counts.into_iter().map(Vec::with_capacity).collect();
    for key in keys {
        if let Some(bucket) = buckets.get_mut(key.bucket()) {
            bucket.push(key);
        }
    }
    buckets
}

/// Sorts in descending order of the characters from last to first. Looking at the characters of two
/// strings touches them both, so they are compared only where their last eight are the same.
fn sort(bucket: &mut [SortKey], uniques: &[Unique<'_>]) {
    bucket.sort_unstable_by_key(|key| (key.group, key.last));
    let unique = |key: &SortKey| uniques.get(key.number as usize);
    for same in bucket.chunk_by_mut(|a, b| (a.group, a.last) == (b.group, b.last)) {
        same.sort_unstable_by(|a, b| match (unique(a), unique(b)) {
            (Some(a), Some(b)) => descending(a, b),
            _ => Order::Equal,
        });
    }
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

/// Whether a string lies in the end of a longer one, aligned as it must be.
fn is_end_of(merged: &Merged<'_>, end: &Unique<'_>, longer: &Unique<'_>) -> bool {
    let is_string = merged
        .piece(end.piece)
        .and_then(|(part, _)| merged.sections.get(part.section as usize))
        .is_some_and(|section| section.is_strings && longer.text.len() > end.text.len());
    let delta = longer.text.len().wrapping_sub(end.text.len());
    is_string
        && end.group == longer.group
        && longer.text.ends_with(end.text)
        && longer.log_align >= end.log_align
        && delta.trailing_zeros() >= end.log_align.into()
}
