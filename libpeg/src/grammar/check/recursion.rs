//! Left recursion: a rule that calls itself before it has taken any input never ends.

use crate::diagnostic::Diagnostic;
use crate::grammar::ast::{Callee, Expr, ExprKind, RuleKind};
use crate::grammar::{Grammar, facts, graph};
use crate::source::Span;

pub fn check(grammar: &Grammar, found: &mut Vec<Diagnostic>) {
    let calls: Vec<Vec<(usize, Span)>> = grammar
        .rules
        .iter()
        .map(|rule| {
            let mut calls = Vec::new();
            // Only this kind surely skips white space, whoever calls it.
            let skips = rule.kind == RuleKind::NonAtomic;
            first_calls(grammar, &rule.expr, skips, &mut calls);
            calls
        })
        .collect();
    let edges: Vec<Vec<usize>> = calls
        .iter()
        .map(|calls| {
            let mut to: Vec<usize> = calls.iter().map(|(to, _)| *to).collect();
            to.sort_unstable();
            to.dedup();
            to
        })
        .collect();
    let components = graph::components(&edges);
    let mut told = vec![false; edges.len()];
    for start in 0..edges.len() {
        let Some(told) = components.of.get(start).and_then(|&of| told.get_mut(of)) else {
            continue;
        };
        if *told {
            continue;
        }
        let Some(path) = graph::cycle(&edges, &components, start) else { continue };
        *told = true;
        found.extend(describe(grammar, &calls, &path));
    }
}

/// The message about a cycle.
fn describe(grammar: &Grammar, calls: &[Vec<(usize, Span)>], path: &[usize]) -> Option<Diagnostic> {
    /// Rules of a long cycle that are named.
    const SHOWN: usize = 12;
    let name = |index: usize| grammar.rules.get(index).map_or("", |rule| rule.name.as_str());
    let place = |from: usize, to: usize| {
        calls.get(from)?.iter().find(|(callee, _)| *callee == to).map(|(_, span)| *span)
    };
    let (&start, rest) = path.split_first()?;
    let &second = rest.first()?;
    let mut names: Vec<&str> = path.iter().map(|&index| name(index)).collect();
    if names.len() > SHOWN {
        let last = names.len().saturating_sub(2);
        names.splice(SHOWN.saturating_sub(2)..last, ["..."]);
    }
    let mut one = Diagnostic::error(
        place(start, second),
        format!("the rule `{}` is left-recursive: {}", name(start), names.join(" -> ")),
    )
    .rule(name(start))
    .hint("start with what takes input: `operand ~ (operator ~ operand)*`");
    for pair in rest.windows(2).take(SHOWN) {
        if let [from, to] = pair {
            let message = format!("`{}` calls `{}` first", name(*from), name(*to));
            one = one.note(place(*from, *to), message);
        }
    }
    Some(one)
}

/// The rules that may be called before any input is taken.
fn first_calls(grammar: &Grammar, expr: &Expr, skips: bool, calls: &mut Vec<(usize, Span)>) {
    match &expr.kind {
        ExprKind::Call(Callee::Rule(index)) => calls.push((*index, expr.span)),
        ExprKind::Sequence(parts) => {
            for part in parts {
                first_calls(grammar, part, skips, calls);
                if !grammar.analysis.expr(part).can_be_empty {
                    return;
                }
                if skips {
                    let implicit = |rule: &(usize, &super::super::ast::Rule)| {
                        facts::is_skip_name(&rule.1.name)
                    };
                    let rules = grammar.rules.iter().enumerate().filter(implicit);
                    calls.extend(rules.map(|(index, _)| (index, expr.span)));
                }
            }
        }
        _ => {
            for part in expr.parts() {
                first_calls(grammar, part, skips, calls);
            }
        }
    }
}
