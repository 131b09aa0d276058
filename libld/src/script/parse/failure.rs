//! What is said about a text that is no script.

use super::super::generated::{Expected, Failure, Limit, Rule};
use super::super::source::{SourceId, Span};
use super::Context;
use super::tree::Wrong;
use crate::diagnostics::Severity;

/// The most things that could stand in a place, for a message to name them.
const MOST_NAMED: usize = 4;

/// Where a sign stands that means nothing, by what GNU ld says about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Script,
    Body,
    Expression,
    Version,
    Files,
}

/// Whether a text fails because of a sign that means nothing there: where it stands, and the
/// warning that it is skipped. Among the names of files, they are skipped without one.
pub fn ignorable(
    context: &Context<'_, '_>,
    source: SourceId,
    text: &[u8],
    start: Rule,
    failed: &Failure<'_, Rule>,
) -> Option<(usize, Option<Vec<u8>>)> {
    let byte = *text.get(failed.offset)?;
    let state = match start {
        Rule::version_script | Rule::dynamic_list => State::Version,
        _ if failed.expected.contains(&Expected::Rule(Rule::expression)) => State::Expression,
        _ => state(failed.rule),
    };
    if failed.limit.is_some() || !means_nothing(state, byte) {
        return None;
    }
    let shown = match byte {
        b' '..=b'~' => char::from(byte).to_string(),
        _ => format!("\\{byte:03o}"),
    };
    let place = if state == State::Expression { "expression" } else { "script" };
    let mut warning = context.sources.place_of_line(source, failed.line);
    warning
        .extend_from_slice(format!(": ignoring invalid character `{shown}' in {place}").as_bytes());
    Some((failed.offset, (state != State::Files).then_some(warning)))
}

fn state(rule: Option<Rule>) -> State {
    match rule {
        Some(
            Rule::body
            | Rule::statement
            | Rule::keep
            | Rule::input_by_flags
            | Rule::statement_of_files
            | Rule::excluding_input
            | Rule::sorted_files
            | Rule::exclude
            | Rule::excluding
            | Rule::sorted
            | Rule::body_provide
            | Rule::data
            | Rule::fill_command
            | Rule::pattern
            | Rule::included_in_body,
        ) => State::Body,
        Some(
            Rule::expression
            | Rule::function
            | Rule::of_symbol
            | Rule::r#extern
            | Rule::symbol
            | Rule::number,
        ) => State::Expression,
        Some(
            Rule::version
            | Rule::version_node
            | Rule::globals
            | Rule::locals
            | Rule::unnamed_globals
            | Rule::language
            | Rule::dynamic_block,
        ) => State::Version,
        Some(Rule::files | Rule::as_needed) => State::Files,
        _ => State::Script,
    }
}

fn means_nothing(state: State, byte: u8) -> bool {
    match byte {
        b'\t' | b'\n' | b'\r' | b' ' => return false,
        0..=0x1f | 0x7f.. | b'"' | b'\'' | b'@' | b'`' => return true,
        _ => {}
    }
    match state {
        State::Script => b"%&*<?[]^|".contains(&byte),
        State::Body => b"%<>|".contains(&byte),
        State::Expression => b"[]^".contains(&byte),
        State::Version => byte.is_ascii_digit() || b"%&()+/<=>|~!*-?[\\]^".contains(&byte),
        State::Files => !byte.is_ascii_alphanumeric() && !b"()".contains(&byte),
    }
}

/// Says that a text does not match the grammar.
pub fn say_failed(
    context: &mut Context<'_, '_>,
    source: SourceId,
    rule: Rule,
    failed: &Failure<'_, Rule>,
) {
    let text = context.sources.get(source).map_or(&b""[..], |source| source.text);
    let rest = text.get(failed.offset..).unwrap_or_default();
    let Some(start) = next_word(rest) else {
        context.diagnostics.fatal("EOF in comment");
        return;
    };
    let start = failed.offset.saturating_add(start);
    let end = start.saturating_add(usize::from(start < text.len()));
    let span = Span { source, start: start as u32, end: end as u32 };
    let note = match failed.limit {
        Some(Limit::Depth) => "nested too deep".to_owned(),
        Some(_) => "too long".to_owned(),
        None => expected(failed),
    };
    say(context, rule, &Wrong::syntax(span), &note);
}

/// Where the next word begins, behind blanks and comments; none if a comment does not end.
fn next_word(text: &[u8]) -> Option<usize> {
    let mut at = 0usize;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let skipped = match rest {
            [b' ' | b'\t' | b'\r' | b'\n', ..] => 1,
            [b'#', ..] => memchr::memchr(b'\n', rest).unwrap_or(rest.len()),
            [b'/', b'*', inside @ ..] => memchr::memmem::find(inside, b"*/")?.saturating_add(4),
            _ => return Some(at),
        };
        at = at.saturating_add(skipped);
    }
}

/// What could have stood there, in a few words.
fn expected(failed: &Failure<'_, Rule>) -> String {
    let mut words = Vec::new();
    for expected in &failed.expected {
        let word = match expected {
            Expected::Text("\"") => continue,
            Expected::Text(text) | Expected::AnyCase(text) => format!("`{text}`"),
            Expected::Rule(rule) => match rule {
                Rule::operator => "an operator".to_owned(),
                Rule::prefix | Rule::number | Rule::symbol => "a value".to_owned(),
                Rule::pattern => "a pattern".to_owned(),
                Rule::word => "a name".to_owned(),
                Rule::EOI => "the end".to_owned(),
                rule => rule.name().replace('_', " "),
            },
            Expected::Range(..) | Expected::Builtin(_) => continue,
        };
        if !words.contains(&word) {
            words.push(word);
        }
    }
    if words.is_empty() || words.len() > MOST_NAMED {
        return String::new();
    }
    format!("expected {}", words.join(" or "))
}

/// Says what is wrong, in GNU's words, with the line and a marker below it.
pub fn say(context: &mut Context<'_, '_>, rule: Rule, wrong: &Wrong, note: &str) {
    let mut span = wrong.span;
    let size = |source| context.sources.get(source).map_or(0, |source| source.text.len());
    // Behind the end of an included text, GNU ld is in the line of the INCLUDE; behind the end of
    // all, in none.
    let mut is_end = span.start as usize >= size(span.source);
    while is_end {
        match context.sources.get(span.source).and_then(|source| source.included_at) {
            Some(at) => {
                span = at;
                is_end = false;
            }
            None => break,
        }
    }
    let mut text = if is_end {
        context.sources.place_of_line(span.source, 0)
    } else {
        context.sources.place(span)
    };
    let syntax_error: &[u8] = match rule {
        Rule::version_script => b": syntax error in VERSION script",
        Rule::dynamic_list => b": syntax error in dynamic list",
        _ => b": syntax error",
    };
    text.extend_from_slice(wrong.text.as_deref().unwrap_or(syntax_error));
    text.extend_from_slice(&context.sources.excerpt(span, note));
    context.diagnostics.placed(Severity::Fatal, text);
}
