//! Building an [`AddressIndex`](super::AddressIndex): candidates are gathered in the order of
//! their tables, sorted by address, and swept once, from the lowest address to the highest, to
//! find where the answer changes.

use rayon::slice::ParallelSliceMut;

use super::Matching;
use super::candidate::{Answer, Candidate, Scope};
use super::regions::Region;
use crate::set::TableSet;
use crate::table::SymbolTable;

/// From an address on: which symbol is the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) start: u64,
    pub(super) answer: Answer,
}

/// The number of no symbol.
pub(super) const NONE: u32 = u32::MAX;
/// No symbol.
const NO_ANSWER: Answer = Answer { id: NONE, name: 0, length: 0 };
/// Added to a symbol's number where the answer returns to it: it starts before.
pub(super) const AGAIN: u32 = 1 << 31;

/// Where answers change, in the order of addresses. Of several changes at one address the last
/// counts; the others are its aliases, the second-best the last before it.
pub(super) fn changes(
    tables: &[SymbolTable<'_>],
    scopes: &[Scope<'_>],
    matching: Matching,
) -> Vec<Change> {
    let set = TableSet::new(tables);
    let mut candidates = Vec::new();
    let mut regions = Vec::new();
    for (number, scope) in scopes.iter().enumerate() {
        if regions.is_empty() {
            regions = scope.regions().map_or_else(Vec::new, |regions| regions.iter().collect());
        }
        let first = set.first_id(number);
        let mut left = scope.bytes_to_measure();
        candidates.extend(set.indexes(number).filter_map(|index| {
            let mut candidate = scope.candidate(index, first)?;
            scope.measure(&mut candidate.answer, &mut left);
            Some(candidate)
        }));
    }
    sort(&mut candidates);
    let sweep = Sweep {
        matching,
        borders: borders(&regions),
        changes: Vec::with_capacity(candidates.len().saturating_add(regions.len())),
        open: Vec::new(),
    };
    sweep.run(&candidates)
}

/// The addresses at which regions start or end.
fn borders(regions: &[Region]) -> Vec<u64> {
    let mut borders: Vec<u64> =
        regions.iter().flat_map(|region| [region.start, region.end]).collect();
    borders.dedup();
    borders
}

/// How many candidates are sorted by digits; more are sorted in place, by several threads. The
/// first needs as much memory again.
const MOST_BY_DIGITS: usize = 2_000_000;
/// How few are sorted by comparing them.
const FEW: usize = 2_000;
/// The bits of a digit.
const DIGIT: u32 = 11;

/// Sorts by start, those with the same start by their numbers, in which order they come.
fn sort(candidates: &mut Vec<Candidate>) {
    match candidates.len() {
        0..FEW => candidates.sort_by_key(|candidate| candidate.start),
        FEW..MOST_BY_DIGITS => sort_by_digits(candidates),
        _ => candidates.par_sort_unstable_by_key(|one| (one.start, one.answer.id)),
    }
}

/// Sorts stably by one digit after the other, the lowest first.
fn sort_by_digits(candidates: &mut Vec<Candidate>) {
    let starts = candidates.iter().map(|candidate| candidate.start);
    let (lowest, highest) =
        starts.fold((u64::MAX, 0), |(low, high), start| (low.min(start), high.max(start)));
    let span = highest.saturating_sub(lowest);
    let mut from = std::mem::take(candidates);
    let mut to = from.clone();
    let mut shift = 0;
    while shift < u64::BITS && span >> shift != 0 {
        let digit = |candidate: &Candidate| {
            (candidate.start.wrapping_sub(lowest) >> shift) as usize & ((1 << DIGIT) - 1)
        };
        let mut places = [0_u32; 1 << DIGIT];
        for candidate in &from {
            if let Some(count) = places.get_mut(digit(candidate)) {
                *count += 1;
            }
        }
        let mut next = 0;
        for place in &mut places {
            next += std::mem::replace(place, next);
        }
        for candidate in &from {
            if let Some(place) = places.get_mut(digit(candidate)) {
                if let Some(slot) = to.get_mut(*place as usize) {
                    *slot = *candidate;
                }
                *place += 1;
            }
        }
        std::mem::swap(&mut from, &mut to);
        shift += DIGIT;
    }
    *candidates = from;
}

/// The state while addresses go up.
struct Sweep {
    matching: Matching,
    /// Sorted.
    borders: Vec<u64>,
    changes: Vec<Change>,
    /// Symbols of known size that have not ended, the one that started last on top; each with its
    /// last address, as the end of one that reaches to the last of all is no address. Empty if
    /// symbols do not end.
    open: Vec<(u64, Answer)>,
}

impl Sweep {
    fn run(mut self, candidates: &[Candidate]) -> Vec<Change> {
        let mut border = 0;
        for group in candidates.chunk_by(|one, other| one.start == other.start) {
            let Some(start) = group.first().map(|candidate| candidate.start) else { continue };
            border = self.cross(border, start);
            self.close_until(start);
            self.begin(start, group);
        }
        self.cross(border, u64::MAX);
        self.close_until(u64::MAX);
        self.changes.shrink_to_fit();
        self.changes
    }

    /// Crosses the borders up to `address`, from the one with this number on; tells the next.
    fn cross(&mut self, mut border: usize, address: u64) -> usize {
        while let Some(&at) = self.borders.get(border).filter(|&&at| at <= address) {
            self.close_until(at);
            self.open.clear();
            self.change(at, NO_ANSWER);
            border = border.saturating_add(1);
        }
        border
    }

    /// Ends the symbols that end up to `address`.
    fn close_until(&mut self, address: u64) {
        while let Some(&(last, _)) = self.open.last().filter(|(last, _)| *last < address) {
            while self.open.pop_if(|(other, _)| *other <= last).is_some() {}
            let answer = self
                .open
                .last()
                .map_or(NO_ANSWER, |(_, answer)| Answer { id: answer.id | AGAIN, ..*answer });
            self.change(last.saturating_add(1), answer);
        }
    }

    /// Begins the symbols that start at `start`, which come in the order of their tables.
    fn begin(&mut self, start: u64, group: &[Candidate]) {
        // Where symbols end, an unknown size is less than any.
        let weight = |candidate: &&Candidate| match self.matching {
            Matching::Nearest => candidate.weight(),
            Matching::Within => candidate.size,
        };
        // The first of the largest.
        let Some(best) = group.iter().rev().max_by_key(weight) else { return };
        if self.matching == Matching::Within {
            if best.size == 0 {
                if !self.open.is_empty() {
                    return;
                }
            } else {
                let last = start.saturating_add(best.size.saturating_sub(1));
                self.open.push((last, best.answer));
            }
        }
        if group.len() == 1 {
            self.change(start, best.answer);
            return;
        }
        // What was said to end here does not: it is replaced. Aliases stand before the best.
        let mut aliases: Vec<&Candidate> =
            group.iter().filter(|candidate| candidate.answer.id != best.answer.id).collect();
        aliases
            .sort_by_key(|candidate| (candidate.weight(), std::cmp::Reverse(candidate.answer.id)));
        self.drop_at(start);
        for candidate in aliases.into_iter().chain([best]) {
            self.changes.push(Change { start, answer: candidate.answer });
        }
    }

    /// Says that from `start` on this is the answer.
    fn change(&mut self, start: u64, answer: Answer) {
        self.drop_at(start);
        let is_same = match self.changes.last() {
            Some(last) => last.answer.id == answer.id,
            None => answer.id == NONE,
        };
        if !is_same {
            self.changes.push(Change { start, answer });
        }
    }

    /// Takes back what was said to change at `start`.
    fn drop_at(&mut self, start: u64) {
        while self.changes.pop_if(|change| change.start == start).is_some() {}
    }
}
