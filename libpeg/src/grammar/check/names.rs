//! Names: undefined, duplicate, reserved, unreachable.

use std::collections::HashMap;

use crate::diagnostic::Diagnostic;
use crate::grammar::ast::{Builtin, CLASSES, Callee, ExprKind};
use crate::grammar::{Grammar, facts, graph};

/// Names that differ in more letters are not taken for one another.
const LARGEST_DISTANCE: usize = 2;
/// More names than this are not searched for one that is alike.
const MAX_NAMES: usize = 2000;

pub fn check(grammar: &Grammar, starts: &[String], found: &mut Vec<Diagnostic>) {
    undefined(grammar, found);
    definitions(grammar, found);
    unreachable(grammar, starts, found);
}

fn undefined(grammar: &Grammar, found: &mut Vec<Diagnostic>) {
    for rule in &grammar.rules {
        rule.expr.walk(&mut |part| {
            let ExprKind::Call(Callee::Undefined(name)) = &part.kind else { return };
            if grammar.unreadable.contains(name) {
                return;
            }
            let mut one = Diagnostic::error(part.span, format!("no rule is named `{name}`"))
                .rule(rule.name.as_str());
            if let Some(similar) = similar(grammar, name) {
                one = one.hint(format!("is `{similar}` meant?"));
            }
            found.push(one);
        });
    }
}

/// The name that is most like a wrong one.
fn similar<'g>(grammar: &'g Grammar, name: &str) -> Option<&'g str> {
    let builtins = CLASSES.iter().map(|(name, _)| *name).chain(["NEWLINE", "ANY", "SOI", "EOI"]);
    let names = grammar.rules.iter().map(|rule| rule.name.as_str()).take(MAX_NAMES);
    names
        .chain(builtins)
        .map(|other| (distance(name, other), other))
        .filter(|(distance, other)| *distance <= LARGEST_DISTANCE && *distance < other.len())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, other)| other)
}

/// How many letters must be added, removed or replaced to make one name the other; names whose
/// lengths differ by more than matters are not compared.
fn distance(a: &str, b: &str) -> usize {
    if a.len().abs_diff(b.len()) > LARGEST_DISTANCE {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (index, from) in a.bytes().enumerate() {
        let mut diagonal = index;
        let mut left = index.saturating_add(1);
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (cell, to) in row.iter_mut().skip(1).zip(b.bytes()) {
            let replaced = diagonal.saturating_add(usize::from(from != to));
            diagonal = *cell;
            left = replaced.min(left.min(diagonal).saturating_add(1));
            *cell = left;
        }
    }
    row.last().copied().unwrap_or(usize::MAX)
}

fn definitions(grammar: &Grammar, found: &mut Vec<Diagnostic>) {
    let mut first = HashMap::new();
    for rule in &grammar.rules {
        let name = rule.name.as_str();
        if let Some(before) = first.get(name) {
            found.push(
                Diagnostic::error(rule.name_span, format!("the rule `{name}` is defined twice"))
                    .note(*before, "first defined here"),
            );
            continue;
        }
        first.insert(name, rule.name_span);
        match Builtin::named(name) {
            Some(builtin) if builtin.is_reserved() => found.push(reserved(rule.name_span, name)),
            None if name == "_" => found.push(reserved(rule.name_span, name)),
            Some(_) => found.push(hides(rule.name_span, name)),
            None if pest::unicode::by_name(name).is_some() => {
                found.push(hides(rule.name_span, name));
            }
            None => {}
        }
    }
}

fn reserved(span: crate::source::Span, name: &str) -> Diagnostic {
    Diagnostic::error(span, format!("`{name}` is a reserved name"))
        .hint("every grammar has it; give the rule another name")
}

fn hides(span: crate::source::Span, name: &str) -> Diagnostic {
    Diagnostic::warning(span, format!("this rule hides the built-in rule `{name}`"))
        .hint("give it another name, or remove it to use the built-in rule")
}

fn unreachable(grammar: &Grammar, starts: &[String], found: &mut Vec<Diagnostic>) {
    let mut roots: Vec<usize> = Vec::new();
    for start in starts {
        match grammar.rule_named(start) {
            Some(rule) => roots.push(rule),
            None => found.push(Diagnostic::error(
                None,
                format!("no rule of {} is named `{start}`", grammar.name),
            )),
        }
    }
    let implicit =
        |index: usize| grammar.rules.get(index).is_some_and(|rule| facts::is_skip_name(&rule.name));
    if starts.is_empty() {
        roots.extend((0..grammar.rules.len()).find(|&index| !implicit(index)));
        roots.extend((0..grammar.rules.len()).filter(|&index| names_start(grammar, index)));
    }
    // What may be called from a rule that cannot be read is not known.
    if roots.is_empty() || !grammar.unreadable.is_empty() {
        return;
    }
    roots.extend((0..grammar.rules.len()).filter(|&index| implicit(index)));
    let reached = graph::reached(&grammar.analysis.calls, &roots);
    for (index, rule) in grammar.rules.iter().enumerate() {
        let is_first = grammar.rule_named(&rule.name) == Some(index);
        if is_first && !reached.get(index).copied().unwrap_or(true) {
            let from = if starts.is_empty() { "the first rule" } else { "the start" };
            found.push(
                Diagnostic::warning(
                    rule.name_span,
                    format!("the rule `{}` cannot be reached from {from}", rule.name),
                )
                .hint("remove it, or name it with --start if texts are parsed with it"),
            );
        }
    }
}

/// Whether a rule names the start of the input: it is meant to be parsed with.
fn names_start(grammar: &Grammar, index: usize) -> bool {
    let mut is_start = false;
    if let Some(rule) = grammar.rules.get(index) {
        rule.expr.walk(&mut |part| {
            is_start |= matches!(part.kind, ExprKind::Call(Callee::Builtin(Builtin::Soi)));
        });
    }
    is_start
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_count_letters() {
        assert_eq!(distance("term", "term"), 0);
        assert_eq!(distance("tern", "term"), 1);
        assert_eq!(distance("trem", "term"), 2);
        assert_eq!(distance("ter", "term"), 1);
        assert_eq!(distance("a", "term"), usize::MAX);
    }
}
