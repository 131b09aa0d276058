//! Alternatives that are never tried, or never match.

use std::collections::HashMap;

use super::cover::Cover;
use crate::diagnostic::Diagnostic;
use crate::grammar::Grammar;
use crate::grammar::ast::{Expr, ExprKind, Rule};
use crate::source::Span;

pub fn check(grammar: &Grammar, found: &mut Vec<Diagnostic>) {
    let mut cover = Cover::new(grammar);
    for rule in &grammar.rules {
        rule.expr.walk(&mut |part| {
            if let ExprKind::Choice(parts) = &part.kind {
                choice(grammar, rule, parts, &mut cover, found);
            }
        });
    }
}

fn choice(
    grammar: &Grammar,
    rule: &Rule,
    parts: &[Expr],
    cover: &mut Cover<'_>,
    found: &mut Vec<Diagnostic>,
) {
    let mut literals: HashMap<&str, Span> = HashMap::new();
    for (index, part) in parts.iter().enumerate() {
        let before = parts.get(..index).unwrap_or_default();
        if let Some((hiding, hint)) = hidden_by(part, before, &literals, cover) {
            found.push(
                Diagnostic::warning(
                    part.span,
                    "this alternative is never used: an earlier one matches wherever it would",
                )
                .rule(rule.name.as_str())
                .hint(hint)
                .note(hiding, "this one"),
            );
        }
        if let ExprKind::Literal(text) = &part.kind {
            literals.entry(text).or_insert(part.span);
        }
        if grammar.analysis.expr(part).must_match
            && let Some(next) = parts.get(index.saturating_add(1))
        {
            found.push(
                Diagnostic::error(
                    part.span,
                    "this alternative always matches, so none after it is ever tried",
                )
                .rule(rule.name.as_str())
                .hint("put it last")
                .note(next.span, "the first that is not tried"),
            );
            return;
        }
    }
}

/// The earlier alternative that hides `part`, and what to do.
fn hidden_by(
    part: &Expr,
    before: &[Expr],
    literals: &HashMap<&str, Span>,
    cover: &mut Cover<'_>,
) -> Option<(Span, &'static str)> {
    const EQUAL: &str = "both are the same; remove one";
    const LONGER: &str = "put the longer one first";
    if let ExprKind::Literal(text) = &part.kind {
        // Many literals are common (mnemonics, keywords): look their beginnings up.
        let starts = text.char_indices().map(|(at, _)| at).chain([text.len()]);
        for start in starts.filter_map(|at| text.get(..at)) {
            if let Some(hiding) = literals.get(start) {
                return Some((*hiding, if start == text { EQUAL } else { LONGER }));
            }
        }
    }
    let is_literal = |expr: &Expr| matches!(expr.kind, ExprKind::Literal(_));
    before
        .iter()
        .filter(|other| !(is_literal(other) && is_literal(part)))
        .find(|other| cover.covers(other, part, true))
        .map(|other| {
            let hint = match (&other.kind, &part.kind) {
                _ if other.same(part) => EQUAL,
                (_, ExprKind::Sequence(_)) | (ExprKind::Literal(_), _) => LONGER,
                _ => "put the more special one first",
            };
            (other.span, hint)
        })
}
