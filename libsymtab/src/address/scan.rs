//! One question, answered by looking at each symbol once.

use super::candidate::{Candidate, Scope};
use super::index::Found;
use super::{Matching, Options};
use crate::set::TableSet;
use crate::table::SymbolTable;

/// The symbol that `address` has; see the [module](super) for which that is.
///
/// Each symbol of the tables is looked at once or twice, and names only where a machine's marks
/// must be told apart; nothing is allocated but for the sections. Numbers of symbols in the answer
/// count through all tables, as those of [`super::AddressIndex`] do.
pub fn nearest<'data>(
    tables: &[SymbolTable<'data>],
    address: u64,
    options: &Options,
) -> Option<Found<'data>> {
    let set = TableSet::new(tables);
    let scopes: Vec<Scope> = tables.iter().map(|table| Scope::new(table, options)).collect();
    let border =
        scopes.iter().find_map(Scope::regions).map_or(0, |regions| regions.border(address));
    let candidates = || {
        scopes
            .iter()
            .enumerate()
            .flat_map(|(number, scope)| {
                let first = set.first_id(number);
                let indexes = set.indexes(number);
                indexes.filter_map(move |index| scope.candidate(index, first))
            })
            .filter(|candidate| (border..=address).contains(&candidate.start))
    };
    let found = match options.matching {
        Matching::Nearest => {
            candidates().fold(None, |best, candidate| Some(better(best, candidate)))
        }
        Matching::Within => {
            let mut last = None;
            let mut inside = None;
            for candidate in candidates() {
                last = Some(better(last, candidate));
                if candidate.covers(address) {
                    inside = Some(better(inside, candidate));
                }
            }
            // One of unknown size is the answer if it is the last to start, unless it stands
            // inside of another one.
            inside.or_else(|| {
                let last = last.filter(|last| last.size == 0)?;
                let is_enclosed = candidates().any(|candidate| candidate.covers(last.start));
                (!is_enclosed).then_some(last)
            })
        }
    };
    let found = found?;
    let id = found.answer.id;
    let name = scopes.get(set.table_of(id)?)?.name(found.answer);
    Some(Found { id, start: found.start, name })
}

/// The better of two; the first of equal ones.
fn better(best: Option<Candidate>, candidate: Candidate) -> Candidate {
    best.filter(|best| (best.start, best.weight()) >= (candidate.start, candidate.weight()))
        .unwrap_or(candidate)
}

impl Candidate {
    /// Whether its size is known to reach beyond `address`.
    pub(super) fn covers(&self, address: u64) -> bool {
        address.checked_sub(self.start).is_some_and(|offset| offset < self.size)
    }
}
