//! A diagnostic as text.

use std::fmt::Write;

use super::{Diagnostic, Severity};
use crate::source::{Origin, SourceMap, Span};

/// Columns of a source line that are shown; the rest is cut around the marker.
const WIDTH: usize = 100;
/// Columns that stay before the marker where the start of a line is cut.
const LEAD: usize = 30;
/// What stands for the part that is cut.
const CUT: &str = "...";
/// Links of the chain of includes and expansions that are told; the middle of a longer one is not.
const CHAIN: usize = 12;

pub fn render(diagnostic: &Diagnostic, sources: &SourceMap) -> String {
    let mut out = String::new();
    let severity = diagnostic.severity();
    headline(&mut out, sources, diagnostic.span(), severity, diagnostic.message());
    if let Some(span) = diagnostic.span() {
        excerpt(&mut out, sources, span);
    }
    trailer(&mut out, diagnostic);
    if let Some(span) = diagnostic.span() {
        chain(&mut out, sources, span);
    }
    for (span, message) in diagnostic.notes() {
        headline(&mut out, sources, span, Severity::Note, message);
        if let Some(span) = span {
            excerpt(&mut out, sources, span);
        }
    }
    out
}

/// `file:line:column: severity: message`
fn headline(
    out: &mut String,
    sources: &SourceMap,
    span: Option<Span>,
    severity: Severity,
    message: &str,
) {
    if let Some(span) = span {
        let at = sources.position(span.source, span.start as usize);
        visible(out, sources.name(span.source));
        let _ = write!(out, ":{}:{}: ", at.line, at.column);
    }
    let _ = write!(out, "{severity}: ");
    visible(out, message);
    out.push('\n');
}

/// The line, and below it `^~~~` under the place.
fn excerpt(out: &mut String, sources: &SourceMap, span: Span) {
    let at = sources.position(span.source, span.start as usize);
    let (line_start, line) = sources.line(span.source, span.start as usize);
    let number = at.line.to_string();
    let gutter = number.len().max(5);
    let offset = (span.start as usize).saturating_sub(line_start).min(line.len());
    let length = (span.end as usize).saturating_sub(span.start as usize);
    let Some((before, from)) = line.split_at_checked(offset) else {
        return;
    };
    // A place that goes on in the next line is marked to the end of this one.
    let marked = floor_char(from, length.min(from.len()));
    let (marked, behind) = from.split_at_checked(marked).unwrap_or((from, ""));

    let mut text = String::new();
    let mut marker = String::new();
    let skip = before.chars().count().saturating_sub(WIDTH.saturating_sub(LEAD));
    let before = if skip > 0 {
        text.push_str(CUT);
        marker.push_str("   ");
        tail(before, LEAD)
    } else {
        before
    };
    for character in before.chars() {
        let shown = shown(character);
        text.push_str(&shown);
        // A tab stays a tab, so that the marker stands right whatever its width.
        if character == '\t' {
            marker.push('\t');
        } else {
            marker.extend(std::iter::repeat_n(' ', shown.chars().count()));
        }
    }
    let mut first = true;
    let mut room = WIDTH.saturating_sub(before.chars().count());
    let mut rest = marked.chars().chain(behind.chars());
    let mut left_to_mark = marked.chars().count();
    for character in rest.by_ref() {
        if room == 0 {
            text.push_str(CUT);
            break;
        }
        room = room.saturating_sub(1);
        let shown = shown(character);
        text.push_str(&shown);
        if left_to_mark > 0 {
            left_to_mark = left_to_mark.saturating_sub(1);
            for _ in 0..shown.chars().count() {
                marker.push(if first { '^' } else { '~' });
                first = false;
            }
        }
    }
    if first {
        marker.push('^');
    }
    let _ = writeln!(out, "{number:>gutter$} | {text}");
    let _ = writeln!(out, "{:>gutter$} | {marker}", "");
}

/// The largest number of bytes, at most `length`, that ends a character.
fn floor_char(text: &str, length: usize) -> usize {
    (0..=length).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// The last `count` characters.
fn tail(text: &str, count: usize) -> &str {
    let start = text.char_indices().rev().nth(count.saturating_sub(1)).map_or(0, |(at, _)| at);
    text.get(start..).unwrap_or("")
}

/// `= in the rule ...; hint: ...`
fn trailer(out: &mut String, diagnostic: &Diagnostic) {
    let rule = diagnostic.rule_name().map(|rule| format!("in the rule `{rule}`"));
    let hint = diagnostic.hint_text().map(|hint| format!("hint: {hint}"));
    let parts: Vec<String> = rule.into_iter().chain(hint).collect();
    if !parts.is_empty() {
        out.push_str("      = ");
        visible(out, &parts.join("; "));
        out.push('\n');
    }
}

/// How the text with the place came to be read, innermost first.
fn chain(out: &mut String, sources: &SourceMap, span: Span) {
    let mut links = Vec::new();
    let mut view = span.source;
    loop {
        let origin = sources.origin(view);
        let Some(place) = origin.place() else { break };
        let message = match origin {
            Origin::Use(name, _) => format!("in the template `{name}`, used here"),
            Origin::Repeat(Some(name), value, _) => format!("repeated here, with {name} = {value}"),
            Origin::Repeat(None, turn, _) => {
                format!("repeated here, turn {}", turn.saturating_add(1))
            }
            Origin::Include(_) | Origin::Root => "included from here".to_owned(),
        };
        links.push((place, message));
        view = place.source;
    }
    let all = links.len();
    for (index, (place, message)) in links.into_iter().enumerate() {
        let from_end = all.saturating_sub(index);
        if all <= CHAIN || index < CHAIN / 2 || from_end <= CHAIN / 2 {
            headline(out, sources, Some(place), Severity::Note, &message);
        } else if index == CHAIN / 2 {
            let _ = writeln!(out, "... and {} more", all.saturating_sub(CHAIN));
        }
    }
}

/// Adds text with control characters made visible.
fn visible(out: &mut String, text: &str) {
    for character in text.chars() {
        if character == '\t' {
            out.push_str("\\t");
        } else {
            out.push_str(&shown(character));
        }
    }
}

/// A character as it is shown: a tab as it is, `^A` for control characters of ASCII, `<U+0085>`
/// for others, and for those that turn the direction of text.
fn shown(character: char) -> String {
    match character {
        '\t' => "\t".to_owned(),
        '\0'..='\x1f' => format!("^{}", char::from((character as u8) | 0x40)),
        '\x7f' => "^?".to_owned(),
        '\u{80}'..='\u{9f}'
        | '\u{61c}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}'
        | '\u{feff}' => {
            format!("<U+{:04X}>", character as u32)
        }
        _ => character.to_string(),
    }
}
