//! Parsing a text with a grammar, and what is said when it does not match.

use super::interpret;
use super::runtime::{Expected, Failure, Limit, Limits, Tree};
use super::{Grammar, lower};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::from_pest::{found, list, name_found};
use crate::source::{SourceId, SourceMap, Span};

/// See [`Grammar::parse`].
pub fn parse<'s>(
    grammar: &'s Grammar,
    start: usize,
    sources: &'s SourceMap,
    input: SourceId,
    limits: Limits,
) -> Result<Tree<'s, usize>, Diagnostic> {
    let low = grammar.low.get_or_init(|| lower::lower(grammar));
    interpret::parse(low, start, sources.text(input), limits)
        .map_err(|failure| describe(grammar, sources, input, limits, &failure))
}

fn describe(
    grammar: &Grammar,
    sources: &SourceMap,
    input: SourceId,
    limits: Limits,
    failure: &Failure<'_, usize>,
) -> Diagnostic {
    let place = Span::new(input, failure.offset, failure.offset);
    let found = found(sources, place);
    let place = Span::new(input, failure.offset, failure.offset.saturating_add(found.len()));
    let mut one = match failure.limit {
        Some(Limit::Depth) => {
            Diagnostic::error(place.before(), "this is nested too deep to be parsed")
                .hint(format!("{} levels are the limit", limits.depth))
        }
        Some(Limit::Steps) => {
            Diagnostic::error(place.before(), "this takes too many steps to be parsed").hint(
                format!("{} are the limit; alternatives that start alike cost most", limits.steps),
            )
        }
        Some(Limit::Nodes) => Diagnostic::error(
            place.before(),
            "the tree of this text is too large",
        )
        .hint(format!("{} nodes are the limit; silent and atomic rules make fewer", limits.nodes)),
        None => {
            let shown = name_found(found);
            let expected = failure.expected.iter().map(|&expected| name(grammar, expected));
            let expected = list(expected.collect());
            Diagnostic::error(
                place,
                if expected.is_empty() {
                    format!("unexpected {shown}")
                } else {
                    format!("expected {expected}, found {shown}")
                },
            )
        }
    };
    if let Some(rule) = failure.rule {
        one = one.rule(grammar.rule_name(rule));
    }
    one
}

/// What is expected, in words.
fn name(grammar: &Grammar, expected: Expected<'_, usize>) -> String {
    match expected {
        Expected::Rule(interpret::EOI) => "the end of the text".to_owned(),
        Expected::Rule(rule) => grammar.rule_name(rule).to_owned(),
        Expected::Text(text) => format!("`{}`", text.escape_debug()),
        Expected::AnyCase(text) => format!("`{}` in any case", text.escape_debug()),
        Expected::Range(first, last) => format!("{first:?}..{last:?}"),
        Expected::Builtin(name) => name.to_owned(),
    }
}
