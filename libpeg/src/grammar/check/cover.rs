//! Whether one expression matches wherever another does.
//!
//! In a choice `a | b`, `b` is tried where `a` failed. If `a` *covers* `b`, that is, if `a` matches
//! at every place where `b` would, `b` is never used. In general that cannot be decided; here it is
//! found for what people write by mistake, and every `true` is certain:
//!
//! ```text
//! "a" | "ab"                  a prefix comes first
//! '0'..'9' | ASCII_NONZERO_DIGIT
//! name | call     call = { name ~ "(" ~ ")" }
//! word | "if"     word = @{ ASCII_ALPHA+ }
//! ```

use crate::grammar::Grammar;
use crate::grammar::ast::{Builtin, CLASSES, Callee, Expr, ExprKind, Rule, RuleKind};

/// Comparisons for one grammar; after them, nothing more is found.
const BUDGET: usize = 5_000_000;
/// Comparisons for one question.
const BUDGET_FOR_ONE: usize = 2_000;
/// Rules inside rules that are followed.
const MAX_DEPTH: usize = 24;

/// Ranges of characters.
type Set = Vec<(u32, u32)>;

const LAST_CHARACTER: u32 = char::MAX as u32;

/// Answers questions about a grammar.
pub struct Cover<'g> {
    grammar: &'g Grammar,
    budget: usize,
    left: usize,
    depth: usize,
}

impl<'g> Cover<'g> {
    pub fn new(grammar: &'g Grammar) -> Self {
        Self { grammar, budget: BUDGET, left: 0, depth: 0 }
    }

    /// Whether nothing is skipped between the parts of a rule.
    pub fn is_without_skip(&self, rule: &Rule) -> bool {
        !self.grammar.analysis.has_skip
            || matches!(rule.kind, RuleKind::Atomic | RuleKind::CompoundAtomic)
    }

    /// Whether `a` matches wherever `b` does. `same` says that both stand in the same rule.
    pub fn covers(&mut self, a: &Expr, b: &Expr, same: bool) -> bool {
        self.left = BUDGET_FOR_ONE.min(self.budget);
        let before = self.left;
        self.depth = 0;
        let covers = self.ask(a, b, same);
        self.budget = self.budget.saturating_sub(before.saturating_sub(self.left));
        covers
    }

    fn ask(&mut self, a: &Expr, b: &Expr, same: bool) -> bool {
        if self.left == 0 || self.depth > MAX_DEPTH {
            return false;
        }
        self.left = self.left.saturating_sub(1);
        self.depth = self.depth.saturating_add(1);
        let covers = self.compare(a, b, same);
        self.depth = self.depth.saturating_sub(1);
        covers
    }

    fn compare(&mut self, a: &Expr, b: &Expr, same: bool) -> bool {
        if same && a.same(b) {
            return true;
        }
        if let (ExprKind::Call(Callee::Rule(a)), ExprKind::Call(Callee::Rule(b))) =
            (&a.kind, &b.kind)
            && a == b
            && same
        {
            return true;
        }
        let set = self.set(a, MAX_DEPTH);
        if let Some(set) = &set
            && let Some(other) = self.set(b, MAX_DEPTH)
        {
            return is_inside(&other, set);
        }
        if self.grammar.analysis.expr(a).must_match {
            return true;
        }
        self.by_parts_of_b(a, b, same) || self.by_parts_of_a(a, b, same, set.as_ref())
    }

    /// What `b` must match first is covered.
    fn by_parts_of_b(&mut self, a: &Expr, b: &Expr, same: bool) -> bool {
        match &b.kind {
            ExprKind::Choice(parts) => parts.iter().all(|part| self.ask(a, part, same)),
            ExprKind::Sequence(parts) => {
                if let ExprKind::Sequence(first) = &a.kind
                    && same
                    && self.starts(first, parts)
                {
                    return true;
                }
                parts.first().is_some_and(|first| self.ask(a, first, same))
            }
            ExprKind::Repeat { body, min: 1.., .. }
            | ExprKind::Push(body)
            | ExprKind::And(body) => self.ask(a, body, same),
            ExprKind::Call(Callee::Rule(rule)) => match self.grammar.rules.get(*rule) {
                Some(rule) => self.ask(a, &rule.expr, false),
                None => false,
            },
            _ => false,
        }
    }

    /// A sequence starts with all of another: the last part need only be covered.
    fn starts(&mut self, first: &[Expr], parts: &[Expr]) -> bool {
        let Some((last, front)) = first.split_last() else { return false };
        front.iter().zip(parts).all(|(a, b)| a.same(b))
            && parts.get(front.len()).is_some_and(|part| self.ask(last, part, true))
    }

    /// One way for `a` to match covers `b`.
    fn by_parts_of_a(&mut self, a: &Expr, b: &Expr, same: bool, set: Option<&Set>) -> bool {
        if let Some(first) = first_characters(b)
            && let Some(set) = set
        {
            return is_inside(&first, set);
        }
        match &a.kind {
            ExprKind::Literal(prefix) => match &b.kind {
                ExprKind::Literal(text) => text.starts_with(prefix.as_str()),
                ExprKind::Insensitive(text) => {
                    text.starts_with(prefix.as_str())
                        && !prefix.contains(|c: char| c.is_ascii_alphabetic())
                }
                _ => false,
            },
            ExprKind::Insensitive(prefix) => match &b.kind {
                ExprKind::Literal(text) | ExprKind::Insensitive(text) => {
                    text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
                }
                _ => false,
            },
            ExprKind::Call(Callee::Builtin(Builtin::Any)) => {
                !self.grammar.analysis.expr(b).can_be_empty && !reads_stack(self.grammar, b)
            }
            ExprKind::Call(Callee::Rule(rule)) => match self.grammar.rules.get(*rule) {
                Some(rule) => self.ask(&rule.expr, b, false),
                None => false,
            },
            ExprKind::Choice(parts) => parts.iter().any(|part| self.ask(part, b, same)),
            ExprKind::Repeat { body, min: 1, .. } | ExprKind::Push(body) | ExprKind::And(body) => {
                self.ask(body, b, same)
            }
            ExprKind::Sequence(parts) => {
                let Some((first, rest)) = parts.split_first() else { return false };
                rest.iter().all(|part| self.grammar.analysis.expr(part).must_match)
                    && self.ask(first, b, same)
            }
            _ => false,
        }
    }

    /// The characters of which an expression takes exactly one, if it does just that.
    fn set(&mut self, expr: &Expr, depth: usize) -> Option<Set> {
        self.left = self.left.checked_sub(1)?;
        let depth = depth.checked_sub(1)?;
        match &expr.kind {
            ExprKind::Literal(text) => {
                let mut characters = text.chars();
                let only = characters.next()? as u32;
                characters.next().is_none().then(|| vec![(only, only)])
            }
            ExprKind::Insensitive(text) => {
                let mut characters = text.chars();
                let only = characters.next()?;
                let cases = [only.to_ascii_lowercase() as u32, only.to_ascii_uppercase() as u32];
                characters.next().is_none().then(|| cases.map(|case| (case, case)).to_vec())
            }
            ExprKind::Range(first, last) => Some(vec![(*first as u32, *last as u32)]),
            ExprKind::Call(Callee::Builtin(Builtin::Any)) => Some(vec![(0, LAST_CHARACTER)]),
            ExprKind::Call(Callee::Builtin(Builtin::Class(class))) => {
                let (_, ranges) = CLASSES.get(*class)?;
                Some(ranges.iter().map(|&(first, last)| (first as u32, last as u32)).collect())
            }
            ExprKind::Call(Callee::Rule(rule)) => {
                let rule = self.grammar.rules.get(*rule)?;
                self.set(&rule.expr, depth)
            }
            ExprKind::Choice(parts) => {
                let mut all = Vec::new();
                for part in parts {
                    all.extend(self.set(part, depth)?);
                }
                Some(all)
            }
            _ => None,
        }
    }
}

/// The characters with which a text of fixed letters may start.
fn first_characters(expr: &Expr) -> Option<Set> {
    let (text, any_case) = match &expr.kind {
        ExprKind::Literal(text) => (text, false),
        ExprKind::Insensitive(text) => (text, true),
        _ => return None,
    };
    let first = text.chars().next()?;
    let cases = if any_case {
        vec![first.to_ascii_lowercase(), first.to_ascii_uppercase()]
    } else {
        vec![first]
    };
    Some(cases.into_iter().map(|case| (case as u32, case as u32)).collect())
}

/// Whether what an expression matches depends on the stack, which may hold the empty text.
fn reads_stack(grammar: &Grammar, expr: &Expr) -> bool {
    let mut reads = false;
    expr.walk(&mut |part| {
        reads |= match &part.kind {
            ExprKind::PeekSlice(..) => true,
            ExprKind::Call(Callee::Builtin(builtin)) => matches!(
                builtin,
                Builtin::Peek | Builtin::PeekAll | Builtin::Pop | Builtin::PopAll | Builtin::Drop
            ),
            // Of other rules nothing is known here.
            ExprKind::Call(Callee::Rule(rule)) => {
                grammar.analysis.calls.get(*rule).is_none_or(|calls| !calls.is_empty())
                    || grammar.rules.get(*rule).is_none_or(|rule| reads_directly(&rule.expr))
            }
            ExprKind::Call(Callee::Undefined(_)) => true,
            _ => false,
        };
    });
    reads
}

fn reads_directly(expr: &Expr) -> bool {
    let mut reads = false;
    expr.walk(&mut |part| {
        reads |= matches!(
            part.kind,
            ExprKind::PeekSlice(..)
                | ExprKind::Call(
                    Callee::Undefined(_)
                        | Callee::Builtin(
                            Builtin::Peek
                                | Builtin::PeekAll
                                | Builtin::Pop
                                | Builtin::PopAll
                                | Builtin::Drop
                        )
                )
        );
    });
    reads
}

/// Whether every character of `inner` is one of `outer`.
fn is_inside(inner: &Set, outer: &Set) -> bool {
    let mut outer = outer.clone();
    outer.sort_unstable();
    let mut joined: Set = Vec::new();
    for (first, last) in outer.into_iter().filter(|(first, last)| first <= last) {
        match joined.last_mut() {
            Some((_, end)) if first <= end.saturating_add(1) => *end = (*end).max(last),
            _ => joined.push((first, last)),
        }
    }
    inner.iter().all(|&(first, last)| {
        first > last || joined.iter().any(|&(start, end)| start <= first && last <= end)
    })
}
