//! What pest reports, in the project's form.

use pest::error::{Error, ErrorVariant, InputLocation};
use pest::iterators::Pairs;
use pest::{Parser, RuleType};

use super::Diagnostic;
use crate::source::{SourceMap, Span};

/// What is expected is listed up to this number of alternatives.
const ALTERNATIVES: usize = 6;
/// Characters that are shown of what was found instead.
const FOUND: usize = 24;

/// Runs a rule of a pest grammar on the bytes at `span`, all of them or their start, as the rule
/// says. `describe` gives the words for a rule in a message (`an integer`).
///
/// # Errors
/// The text is not what the rule expects.
pub fn parse_with_rule<P: Parser<R>, R: RuleType>(
    rule: R,
    sources: &SourceMap,
    span: Span,
    describe: impl Fn(R) -> String,
) -> Result<Pairs<'_, R>, Diagnostic> {
    P::parse(rule, sources.slice(span)).map_err(|error| {
        let at = |offset: usize| offset.saturating_add(span.start as usize);
        from_pest(&error, sources, span, at, describe).rule(format!("{rule:?}"))
    })
}

/// Turns an error of pest into a diagnostic.
///
/// `within` is the place of the text that pest was given, `at` turns an offset in that text into
/// one in the source, and `describe` gives the words for a rule.
pub fn from_pest<R: RuleType>(
    error: &Error<R>,
    sources: &SourceMap,
    within: Span,
    at: impl Fn(usize) -> usize,
    describe: impl Fn(R) -> String,
) -> Diagnostic {
    let words = |rules: &[R]| rules.iter().map(|rule| describe(*rule)).collect();
    from_pest_in_words(error, sources, within, at, words)
}

/// As [`from_pest`], where words for several rules together are better than those for each.
pub fn from_pest_in_words<R: RuleType>(
    error: &Error<R>,
    sources: &SourceMap,
    within: Span,
    at: impl Fn(usize) -> usize,
    words: impl Fn(&[R]) -> Vec<String>,
) -> Diagnostic {
    let (start, end) = match error.location {
        InputLocation::Pos(at) => (at, at),
        InputLocation::Span((start, end)) => (start, end),
    };
    let place = Span::new(within.source, at(start), at(end));
    match &error.variant {
        ErrorVariant::CustomError { message } => Diagnostic::error(place, message.clone()),
        ErrorVariant::ParsingError { positives, negatives } => {
            let found = found(sources, place);
            let place = Span::new(
                place.source,
                place.start as usize,
                (place.start as usize).saturating_add(found.len()),
            );
            let shown = name_found(found);
            let expected = list(words(positives));
            let message = if !expected.is_empty() {
                format!("expected {expected}, found {shown}")
            } else if negatives.is_empty() {
                format!("unexpected {shown}")
            } else {
                format!("unexpected {}", list(words(negatives)))
            };
            Diagnostic::error(place, message)
        }
    }
}

/// `a, b or c`
pub(crate) fn list(all: Vec<String>) -> String {
    let mut names: Vec<String> = Vec::new();
    for name in all {
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    }
    let more = names.len() > ALTERNATIVES;
    names.truncate(ALTERNATIVES);
    if more {
        names.push("something else".to_owned());
    }
    match names.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}

/// The word or sign that stands at a place; empty at the end of the text.
pub(crate) fn found(sources: &SourceMap, place: Span) -> &str {
    let text = sources.text(place.source);
    let Some(rest) = text.get(place.start as usize..) else {
        return "";
    };
    let mut characters = rest.char_indices();
    let Some((_, first)) = characters.next() else {
        return "";
    };
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '$' | '@');
    let mut end = first.len_utf8();
    if is_word(first) {
        let behind = characters.take(FOUND).find(|(_, c)| !is_word(*c)).map(|(at, _)| at);
        let limit = rest.char_indices().nth(FOUND).map_or(rest.len(), |(at, _)| at);
        end = behind.unwrap_or(limit).min(limit);
    }
    rest.get(..end).unwrap_or("")
}

/// What was found, in words.
pub(crate) fn name_found(found: &str) -> String {
    match found {
        "" => "the end of the text".to_owned(),
        "\n" | "\r" => "the end of the line".to_owned(),
        found => format!("`{found}`"),
    }
}
