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
use std::sync::atomic::Ordering;

use rayon::prelude::*;

use super::Merged;
use super::unify::Unique;

/// Lets the slots of strings that end others name those. What is left in `uniques` is kept.
pub fn merge(merged: &Merged<'_>, uniques: &mut Vec<Unique<'_>>) {
    sort(uniques);
    let mut kept: Option<usize> = None;
    let mut ends = vec![false; uniques.len()];
    for (number, is_end) in ends.iter_mut().enumerate() {
        let Some(unique) = uniques.get(number) else { continue };
        let longer = kept.and_then(|kept| uniques.get(kept));
        if let Some(longer) = longer
            && is_end_of(merged, unique, longer)
            && let Some(slot) = merged.slots.get(unique.piece as usize)
        {
            slot.store(longer.piece, Ordering::Relaxed);
            *is_end = true;
        } else {
            kept = Some(number);
        }
    }
    let mut ends = ends.into_iter();
    uniques.retain(|_| !ends.next().unwrap_or(false));
}

/// What most strings are told apart by: their group and last characters, where a greater number
/// comes later.
#[derive(Clone, Copy)]
struct SortKey {
    group: u32,
    number: u32,
    last: u64,
}

/// Sorts in descending order of the characters from last to first. Looking at the characters of two
/// strings touches them both, so they are compared only where their last eight are the same.
fn sort(uniques: &mut Vec<Unique<'_>>) {
    let key = |(number, unique): (usize, &Unique<'_>)| {
        let (group, last) = (unique.group, !last_characters(unique.text));
        SortKey { group, number: number as u32, last }
    };
    let mut keys: Vec<SortKey> = uniques.par_iter().enumerate().map(key).collect();
    let unique = |key: &SortKey| uniques.get(key.number as usize);
    keys.par_sort_unstable_by(|a, b| {
        (a.group, a.last).cmp(&(b.group, b.last)).then_with(|| match (unique(a), unique(b)) {
            (Some(a), Some(b)) => descending(a, b),
            _ => Order::Equal,
        })
    });
    *uniques = keys.iter().filter_map(unique).copied().collect();
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
