//! What is wrong with a grammar that can be read.
//!
//! | module | finds |
//! |---|---|
//! | [`names`] | undefined, duplicate, reserved and unreachable names |
//! | [`recursion`] | left recursion |
//! | [`loops`] | repetition of what may match nothing |
//! | [`nothing`] | what can never match, or only the empty text |
//! | [`choices`] | alternatives that are never tried or never match |
//!
//! Only what is certain is reported: see [`super::facts`] and [`cover`]. An error is what makes a
//! grammar useless, a warning what its author can hardly mean.

mod choices;
mod cover;
mod loops;
mod names;
mod nothing;
mod recursion;

use super::Grammar;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::Span;

/// Checks a grammar. `starts` are the names of the rules that texts are parsed with; without any,
/// the first rule counts, and all that name `SOI`.
pub fn check(grammar: &Grammar, starts: &[String], diagnostics: &mut Diagnostics) {
    let mut found = Vec::new();
    names::check(grammar, starts, &mut found);
    if grammar.analysis.is_complete {
        recursion::check(grammar, &mut found);
        loops::check(grammar, &mut found);
        nothing::check(grammar, &mut found);
        choices::check(grammar, &mut found);
    } else {
        let place = grammar.rules.first().map(|rule| rule.name_span);
        found.push(Diagnostic::error(place, "this grammar is too intricate to be checked"));
    }
    found.sort_by_key(|one| one.span().map(|Span { start, end, .. }| (start, end)));
    for one in found {
        diagnostics.push(one);
    }
}
