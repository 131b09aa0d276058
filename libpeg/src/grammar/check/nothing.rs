//! What can never match, or only the empty text.

use super::cover::Cover;
use crate::diagnostic::Diagnostic;
use crate::grammar::Grammar;
use crate::grammar::ast::{Builtin, Callee, Expr, ExprKind, Rule};

pub fn check(grammar: &Grammar, found: &mut Vec<Diagnostic>) {
    for (index, rule) in grammar.rules.iter().enumerate() {
        let facts = grammar.analysis.rule(index);
        if !facts.can_match && is_own_fault(grammar, index, rule) {
            found.push(never(grammar, index, rule));
        } else if facts.can_match && !facts.can_consume && is_plain(&rule.expr) {
            found.push(
                Diagnostic::warning(
                    rule.name_span,
                    format!("the rule `{}` matches only the empty text", rule.name),
                )
                .hint("`?` after a rule says that it may be absent"),
            );
        }
    }
    let mut cover = Cover::new(grammar);
    for rule in &grammar.rules {
        rule.expr.walk(&mut |part| match &part.kind {
            ExprKind::Range(first, last) if first > last => found.push(
                Diagnostic::error(part.span, "no character lies in this range")
                    .rule(rule.name.as_str())
                    .hint("the lower end comes first"),
            ),
            ExprKind::Sequence(parts) => sequence(grammar, rule, parts, &mut cover, found),
            _ => {}
        });
    }
}

/// Whether a rule that cannot match could not either if all rules did that do not lead to it.
fn is_own_fault(grammar: &Grammar, index: usize, rule: &Rule) -> bool {
    let component = |index: usize| grammar.analysis.components.of.get(index);
    !grammar.analysis.could_match(&rule.expr, &|other| component(other) != component(index))
}

fn never(grammar: &Grammar, index: usize, rule: &Rule) -> Diagnostic {
    let one =
        Diagnostic::error(rule.name_span, format!("the rule `{}` can never match", rule.name));
    if grammar.analysis.could_match(&rule.expr, &|_| true) {
        let itself = grammar.analysis.calls.get(index).is_some_and(|calls| calls.contains(&index));
        one.hint(if itself {
            "it always calls itself; add an alternative that does not"
        } else {
            "it always comes back to itself; add an alternative that does not"
        })
    } else {
        one.hint("one of its parts can never match")
    }
}

/// Whether an expression has no part that matches the empty text on purpose.
fn is_plain(expr: &Expr) -> bool {
    let mut is_plain = true;
    expr.walk(&mut |part| {
        is_plain &= !matches!(
            part.kind,
            ExprKind::And(_) | ExprKind::Not(_) | ExprKind::Push(_) | ExprKind::Call(_)
        );
    });
    is_plain
}

/// Parts of a sequence that keep later ones from matching.
fn sequence(
    grammar: &Grammar,
    rule: &Rule,
    parts: &[Expr],
    cover: &mut Cover<'_>,
    found: &mut Vec<Diagnostic>,
) {
    let takes = |part: &Expr| !grammar.analysis.expr(part).can_be_empty;
    let is = |part: &Expr, builtin| part.kind_is(builtin);
    let end = parts.iter().position(|part| is(part, Builtin::Eoi));
    if let Some(after) = end.and_then(|end| parts.iter().skip(end).find(|part| takes(part))) {
        found.push(
            Diagnostic::error(after.span, "nothing can match after the end of the input, `EOI`")
                .rule(rule.name.as_str()),
        );
    }
    let start = parts.iter().rposition(|part| is(part, Builtin::Soi)).unwrap_or(0);
    if parts.iter().take(start).any(takes)
        && let Some(start) = parts.get(start)
    {
        found.push(
            Diagnostic::error(start.span, "`SOI` cannot match where input was taken before")
                .rule(rule.name.as_str()),
        );
    }
    if !cover.is_without_skip(rule) {
        return;
    }
    for pair in parts.windows(2) {
        let [greedy, next] = pair else { continue };
        if let ExprKind::Repeat { body, max: None, .. } = &greedy.kind
            // If it always matches, it is its own mistake that it never ends.
            && !grammar.analysis.expr(body).must_match
            && cover.covers(body, next, true)
        {
            found.push(
                Diagnostic::error(
                    next.span,
                    "this can never match: the repetition before takes it",
                )
                .rule(rule.name.as_str())
                .hint("a repetition gives nothing back; let it stop: `(!end ~ part)* ~ end`"),
            );
        }
    }
}

impl Expr {
    fn kind_is(&self, builtin: Builtin) -> bool {
        matches!(self.kind, ExprKind::Call(Callee::Builtin(found)) if found == builtin)
    }
}
