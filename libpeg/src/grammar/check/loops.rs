//! Repetition without end.

use crate::diagnostic::Diagnostic;
use crate::grammar::ast::{Builtin, Callee, ExprKind};
use crate::grammar::{Grammar, facts};

pub fn check(grammar: &Grammar, found: &mut Vec<Diagnostic>) {
    for (index, rule) in grammar.rules.iter().enumerate() {
        rule.expr.walk(&mut |part| {
            let ExprKind::Repeat { body, max: None, .. } = &part.kind else { return };
            let facts = grammar.analysis.expr(body);
            if facts.can_stall || (facts.pushes_empty && facts.can_be_empty) {
                found.push(
                    Diagnostic::error(
                        part.span,
                        "this repetition never ends: what it repeats may match nothing",
                    )
                    .rule(rule.name.as_str())
                    .hint(hint(&body.kind)),
                );
            }
        });
        let facts = grammar.analysis.rule(index);
        if facts::is_skip_name(&rule.name) && facts.can_stall {
            found.push(
                Diagnostic::error(
                    rule.name_span,
                    format!(
                        "the rule `{}` may match nothing, and is repeated without end",
                        rule.name
                    ),
                )
                .hint(
                    "let it match one piece, at least a character long; it is repeated by itself",
                ),
            );
        }
    }
}

fn hint(body: &ExprKind) -> &'static str {
    match body {
        ExprKind::Repeat { max: None, .. } => "one repetition is enough",
        ExprKind::Repeat { .. } => "leave out the `?`: a repetition may match nothing anyway",
        ExprKind::Call(Callee::Builtin(Builtin::PeekAll | Builtin::PopAll))
        | ExprKind::PeekSlice(..) => "it matches all of the stack at once; do not repeat it",
        _ => "let one part of it take at least a character",
    }
}
