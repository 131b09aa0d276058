//! From what a grammar says to the operations that do it.
//!
//! A few things that pest's notation leaves unsaid are settled here, as pest's optimizer settles
//! them:
//! - Repetition with a least count is a sequence: `e+` is `e ~ e*`. White space behind the first
//!   `e` is skipped even if no second one follows, and belongs to the match.
//! - `(a ~ b)* ~ a` is `a ~ (b ~ a)*`: a list that may end without a separator.
//! - In an atomic rule, texts at the end of a sequence are one text, and `(!"end" ~ ANY)*` is a
//!   search.
//! - An alternative that changes the stack and fails gives it back (but for `POP_ALL`).

use super::ast::{Builtin, Callee, Expr, ExprKind, RuleKind};
use super::runtime::Kind;
use super::{Grammar, facts};

/// An operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    Literal(String),
    Insensitive(String),
    Range(char, char),
    /// A rule, by its index.
    Call(usize),
    Builtin(Builtin),
    /// A property of Unicode characters, by its name.
    Property(String),
    PeekSlice(i32, Option<i32>),
    And(Box<Op>),
    Not(Box<Op>),
    Sequence(Vec<Op>),
    Choice(Vec<Op>),
    Optional(Box<Op>),
    /// At least so many times, and as many more as match.
    Many(u32, Box<Op>),
    /// So many times, and up to so many more.
    Count(u32, u32, Box<Op>),
    Push(Box<Op>),
    /// Restores the stack on failure.
    Restore(Box<Op>),
    /// Goes on to the first of these texts.
    Until(Vec<String>),
}

/// A rule as operations.
#[derive(Clone, Debug)]
pub struct LowRule {
    pub name: String,
    pub kind: Kind,
    /// Whether white space is skipped between parts, if the caller does.
    pub skips: bool,
    pub op: Op,
}

/// A grammar as operations.
#[derive(Clone, Debug)]
pub struct Low {
    pub rules: Vec<LowRule>,
    /// The rules for implicit white space.
    pub white_space: Option<usize>,
    pub comment: Option<usize>,
}

/// Brings a grammar without errors to operations.
pub fn lower(grammar: &Grammar) -> Low {
    let rules = grammar.rules.iter().map(|rule| {
        let is_atomic = matches!(rule.kind, RuleKind::Atomic | RuleKind::CompoundAtomic);
        let is_skip = facts::is_skip_name(&rule.name);
        let lowering = Lowering { grammar, searches: rule.kind == RuleKind::Atomic };
        LowRule {
            name: rule.name.clone(),
            kind: kind(rule.kind, is_skip),
            skips: grammar.analysis.has_skip && !is_atomic && !is_skip,
            op: lowering.lower(&rule.expr),
        }
    });
    Low {
        rules: rules.collect(),
        white_space: grammar.rule_named("WHITESPACE"),
        comment: grammar.rule_named("COMMENT"),
    }
}

/// Implicit white space is always atomic.
fn kind(kind: RuleKind, is_skip: bool) -> Kind {
    match (kind, is_skip) {
        (RuleKind::Normal, false) => Kind::Normal,
        (RuleKind::Silent, false) => Kind::Silent,
        (RuleKind::NonAtomic, false) => Kind::NonAtomic,
        (RuleKind::Atomic, _) | (RuleKind::Normal, true) => Kind::Atomic,
        (RuleKind::CompoundAtomic, _) => Kind::CompoundAtomic,
        (RuleKind::Silent, true) => Kind::SilentAtomic,
        (RuleKind::NonAtomic, true) => Kind::HiddenAtomic,
    }
}

struct Lowering<'g> {
    grammar: &'g Grammar,
    /// Whether nothing is skipped and no nodes are made, so that a search is the same.
    searches: bool,
}

impl Lowering<'_> {
    fn lower(&self, expr: &Expr) -> Op {
        match &expr.kind {
            ExprKind::Literal(text) => Op::Literal(text.clone()),
            ExprKind::Insensitive(text) => Op::Insensitive(text.clone()),
            ExprKind::Range(first, last) => Op::Range(*first, *last),
            ExprKind::Call(Callee::Rule(rule)) => Op::Call(*rule),
            ExprKind::Call(Callee::Builtin(builtin)) => Op::Builtin(*builtin),
            ExprKind::Call(Callee::Property(name) | Callee::Undefined(name)) => {
                Op::Property(name.clone())
            }
            ExprKind::PeekSlice(first, last) => Op::PeekSlice(*first, *last),
            ExprKind::And(body) => Op::And(self.boxed(body)),
            ExprKind::Not(body) => Op::Not(self.boxed(body)),
            ExprKind::Push(body) => Op::Push(self.boxed(body)),
            ExprKind::Sequence(parts) => self.sequence(parts),
            ExprKind::Choice(parts) => {
                let mut alternatives = Vec::new();
                for part in parts {
                    match self.branch(part) {
                        Op::Choice(inner) => alternatives.extend(inner),
                        one => alternatives.push(one),
                    }
                }
                Op::Choice(alternatives)
            }
            ExprKind::Repeat { body, min, max } => self.repeat(body, *min, *max),
        }
    }

    fn boxed(&self, expr: &Expr) -> Box<Op> {
        Box::new(self.lower(expr))
    }

    /// What may fail without the whole failing.
    fn branch(&self, expr: &Expr) -> Op {
        let op = self.lower(expr);
        if self.grammar.analysis.expr(expr).changes_stack { Op::Restore(Box::new(op)) } else { op }
    }

    fn repeat(&self, body: &Expr, min: u32, max: Option<u32>) -> Op {
        if let (true, 0, None) = (self.searches, min, max)
            && let Some(texts) = Self::search(body)
        {
            return Op::Until(texts);
        }
        match (min, max) {
            (0, Some(1)) => Op::Optional(Box::new(self.branch(body))),
            (1, Some(1)) => self.lower(body),
            (_, None) => Op::Many(min, Box::new(self.branch(body))),
            (_, Some(max)) => Op::Count(min, max, Box::new(self.branch(body))),
        }
    }

    /// The texts of `!("a" | "b") ~ ANY`.
    fn search(body: &Expr) -> Option<Vec<String>> {
        let ExprKind::Sequence(parts) = &body.kind else { return None };
        let [Expr { kind: ExprKind::Not(end), .. }, any] = parts.as_slice() else { return None };
        let ExprKind::Call(Callee::Builtin(Builtin::Any)) = any.kind else { return None };
        let ends = match &end.kind {
            ExprKind::Choice(ends) => ends.as_slice(),
            _ => std::slice::from_ref(&**end),
        };
        ends.iter()
            .map(|end| match &end.kind {
                ExprKind::Literal(text) => Some(text.clone()),
                _ => None,
            })
            .collect()
    }

    fn sequence(&self, parts: &[Expr]) -> Op {
        let mut ops: Vec<Op> = Vec::new();
        for part in parts {
            match self.lower(part) {
                Op::Sequence(inner) => ops.extend(inner),
                one => ops.push(one),
            }
        }
        if self.searches {
            concatenate(&mut ops);
        }
        // From the back: what a list ends with may be a list itself.
        let mut at = ops.len();
        while let Some(before) = at.checked_sub(1) {
            at = before;
            let (front, rest) = ops.split_at(at.saturating_add(1));
            if let Some(Op::Many(0, body)) = front.last()
                && let Op::Sequence(turn) = without_restore(body)
                && let Some((first, separator)) = turn.split_first()
                && is_rest(rest, first)
            {
                let mut turn = separator.to_vec();
                turn.push(first.clone());
                let turn = rewrap(body, Op::Sequence(turn));
                let first = first.clone();
                ops.truncate(at);
                ops.push(first);
                ops.push(Op::Many(0, Box::new(turn)));
            }
        }
        match ops.pop() {
            Some(only) if ops.is_empty() => only,
            last => {
                ops.extend(last);
                Op::Sequence(ops)
            }
        }
    }
}

/// Joins the texts that a sequence ends with, where nothing is skipped between them.
fn concatenate(ops: &mut Vec<Op>) {
    while let [.., Op::Literal(_), Op::Literal(_)] | [.., Op::Insensitive(_), Op::Insensitive(_)] =
        ops.as_slice()
    {
        let last = ops.pop();
        if let (Some(Op::Literal(text) | Op::Insensitive(text)), Some(end)) = (ops.last_mut(), last)
            && let Op::Literal(end) | Op::Insensitive(end) = end
        {
            text.push_str(&end);
        }
    }
}

fn without_restore(op: &Op) -> &Op {
    match op {
        Op::Restore(body) => body,
        other => other,
    }
}

/// `op` as `like` was: with or without restoring the stack.
fn rewrap(like: &Op, op: Op) -> Op {
    match like {
        Op::Restore(_) => Op::Restore(Box::new(op)),
        _ => op,
    }
}

/// Whether the rest of a sequence is just this operation.
fn is_rest(rest: &[Op], first: &Op) -> bool {
    matches!(rest, [only] if only == first)
}
