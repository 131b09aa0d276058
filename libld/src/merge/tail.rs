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
    uniques.par_sort_unstable_by(descending);
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

fn descending(a: &Unique<'_>, b: &Unique<'_>) -> Order {
    a.group
        .cmp(&b.group)
        .then_with(|| b.text.iter().rev().cmp(a.text.iter().rev()))
        .then_with(|| a.piece.cmp(&b.piece))
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
