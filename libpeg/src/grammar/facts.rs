//! What is certain about the rules of a grammar before any input is seen.
//!
//! Each fact is the least solution of equations over all rules: it starts as `false` everywhere
//! and is raised until nothing changes. "Can" facts err towards `true`, "must" facts towards
//! `false`, so that a message that rests on `!can` or `must` is never a false alarm.

use super::ast::{Builtin, Callee, Expr, ExprKind, Rule};
use super::graph::{self, Components};

/// Expressions that are looked at before the search for facts gives up.
const WORK: usize = 100_000_000;

/// The facts about one rule, or one expression.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// There may be an input that it matches.
    pub can_match: bool,
    /// It may match without taking any input.
    pub can_be_empty: bool,
    /// It may match and take some input.
    pub can_consume: bool,
    /// It matches whatever the input is.
    pub must_match: bool,
    /// It may match and leave everything as it was, so that to repeat it never ends.
    pub can_stall: bool,
    /// It may push the empty text.
    pub pushes_empty: bool,
    /// A failed attempt may leave the stack changed (what pest knows of this: not for `POP_ALL`).
    pub changes_stack: bool,
}

/// All that is known about a grammar's rules.
#[derive(Debug)]
pub struct Analysis {
    /// For each rule the rules that it calls, once each.
    pub calls: Vec<Vec<usize>>,
    /// The components of the graph of calls.
    pub components: Components,
    /// For each rule what is known about it.
    facts: Vec<Facts>,
    /// Whether there is implicit white space.
    pub has_skip: bool,
    /// Whether the search ended; if not, nothing is certain.
    pub is_complete: bool,
}

/// A message that a fact can be asked in spite of: rules that count as matching.
pub type Assumed<'a> = &'a dyn Fn(usize) -> bool;

impl Analysis {
    /// Finds out about `rules`.
    pub fn new(rules: &[Rule]) -> Self {
        let calls: Vec<Vec<usize>> = rules.iter().map(|rule| called_by(&rule.expr)).collect();
        let components = graph::components(&calls);
        let has_skip = rules.iter().any(|rule| is_skip_name(&rule.name));
        let mut analysis = Self {
            calls,
            components,
            facts: vec![Facts::default(); rules.len()],
            has_skip,
            is_complete: false,
        };
        let mut work = WORK;
        // Whether something cannot match decides what a predicate must do, and the other way
        // round; each round starts from what the round before made certain.
        analysis.is_complete = [Round::Matching, Round::Must, Round::All]
            .into_iter()
            .all(|round| analysis.settle(rules, round, &mut work));
        analysis
    }

    /// Raises the facts of a round until nothing changes.
    fn settle(&mut self, rules: &[Rule], round: Round, work: &mut usize) -> bool {
        if round == Round::All {
            for facts in &mut self.facts {
                *facts = Facts { must_match: facts.must_match, ..Facts::default() };
            }
        }
        let order = self.components.order.clone();
        loop {
            let mut changed = false;
            for &rule in &order {
                let Some(expr) = rules.get(rule).map(|rule| &rule.expr) else { continue };
                let mut found = self.look(expr, round, work, None);
                let Some(facts) = self.facts.get_mut(rule) else { continue };
                match round {
                    Round::Matching => {
                        found = Facts { can_match: found.can_match, ..Facts::default() };
                    }
                    Round::Must => {
                        found = Facts { must_match: found.must_match, ..*facts };
                    }
                    Round::All => found.must_match = facts.must_match,
                }
                changed |= *facts != found;
                *facts = found;
            }
            if *work == 0 {
                return false;
            }
            if !changed {
                return true;
            }
        }
    }

    /// What is known about a rule.
    pub fn rule(&self, index: usize) -> Facts {
        self.facts.get(index).copied().unwrap_or_default()
    }

    /// What is known about an expression.
    pub fn expr(&self, expr: &Expr) -> Facts {
        self.look(expr, Round::All, &mut WORK.clone(), None)
    }

    /// Whether an expression could match if all rules did of which `assumed` says so.
    pub fn could_match(&self, expr: &Expr, assumed: Assumed<'_>) -> bool {
        self.look(expr, Round::All, &mut WORK.clone(), Some(assumed)).can_match
    }

    fn look(
        &self,
        expr: &Expr,
        round: Round,
        work: &mut usize,
        assumed: Option<Assumed<'_>>,
    ) -> Facts {
        *work = work.saturating_sub(1);
        let mut look = |expr: &Expr| self.look(expr, round, work, assumed);
        match &expr.kind {
            ExprKind::Literal(text) | ExprKind::Insensitive(text) => {
                if text.is_empty() {
                    NOTHING
                } else {
                    SOMETHING
                }
            }
            ExprKind::Range(first, last) => Facts { can_match: first <= last, ..SOMETHING },
            ExprKind::Call(callee) => match callee {
                Callee::Rule(index) => {
                    let mut facts = self.rule(*index);
                    facts.can_match |= assumed.is_some_and(|assumed| assumed(*index));
                    facts
                }
                Callee::Builtin(builtin) => of_builtin(*builtin),
                // An undefined name is reported as such; nothing else is to be said about it.
                Callee::Property(_) | Callee::Undefined(_) => SOMETHING,
            },
            ExprKind::PeekSlice(..) => STACK_ALL,
            ExprKind::And(body) => {
                let body = look(body);
                Facts {
                    can_match: body.can_match,
                    must_match: body.must_match,
                    can_consume: false,
                    ..NOTHING
                }
            }
            ExprKind::Not(body) => {
                let body = look(body);
                Facts {
                    // In the first round nothing is certain yet.
                    can_match: round == Round::Matching || !body.must_match,
                    must_match: !body.can_match,
                    ..NOTHING
                }
            }
            ExprKind::Push(body) => {
                let body = look(body);
                let pushes_empty = body.pushes_empty || body.can_be_empty;
                Facts { changes_stack: true, pushes_empty, can_stall: body.can_be_empty, ..body }
            }
            ExprKind::Sequence(parts) => {
                let facts = parts.iter().map(look).reduce(|a, b| Facts {
                    can_match: a.can_match && b.can_match,
                    can_be_empty: a.can_be_empty && b.can_be_empty,
                    can_consume: a.can_consume || b.can_consume,
                    must_match: a.must_match && b.must_match,
                    can_stall: a.can_stall && b.can_stall,
                    pushes_empty: a.pushes_empty || b.pushes_empty,
                    changes_stack: a.changes_stack || b.changes_stack,
                });
                let facts = facts.unwrap_or(NOTHING);
                Facts { can_consume: facts.can_consume || self.has_skip, ..facts }
            }
            ExprKind::Choice(parts) => {
                let facts = parts.iter().map(look).reduce(|a, b| Facts {
                    can_match: a.can_match || b.can_match,
                    can_be_empty: a.can_be_empty || b.can_be_empty,
                    can_consume: a.can_consume || b.can_consume,
                    must_match: a.must_match || b.must_match,
                    can_stall: a.can_stall || b.can_stall,
                    pushes_empty: a.pushes_empty || b.pushes_empty,
                    changes_stack: a.changes_stack || b.changes_stack,
                });
                facts.unwrap_or_default()
            }
            ExprKind::Repeat { body, min, .. } => {
                let body = look(body);
                let is_optional = *min == 0;
                Facts {
                    can_match: is_optional || body.can_match,
                    can_be_empty: is_optional || body.can_be_empty,
                    must_match: is_optional || body.must_match,
                    can_stall: is_optional || body.can_stall,
                    ..body
                }
            }
        }
    }
}

/// What is settled in which order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Round {
    /// What can match, if every predicate can.
    Matching,
    /// What must match.
    Must,
    /// All the rest, and once more what can match.
    All,
}

/// Matches the empty text.
const NOTHING: Facts = Facts {
    can_match: true,
    can_be_empty: true,
    can_consume: false,
    must_match: true,
    can_stall: true,
    pushes_empty: false,
    changes_stack: false,
};

/// Takes at least a character, or fails.
const SOMETHING: Facts = Facts {
    can_match: true,
    can_be_empty: false,
    can_consume: true,
    must_match: false,
    can_stall: false,
    pushes_empty: false,
    changes_stack: false,
};

/// Matches what is on the stack, which may be empty.
const STACK_ALL: Facts = Facts { can_stall: true, ..SOMETHING };

fn of_builtin(builtin: Builtin) -> Facts {
    match builtin {
        Builtin::Any | Builtin::Newline | Builtin::Class(_) | Builtin::Peek => SOMETHING,
        Builtin::Soi | Builtin::Eoi => Facts { must_match: false, ..NOTHING },
        Builtin::Pop => Facts { changes_stack: true, ..SOMETHING },
        Builtin::PeekAll | Builtin::PopAll => STACK_ALL,
        // Repeated, it ends with the stack.
        Builtin::Drop => {
            Facts { must_match: false, can_stall: false, changes_stack: true, ..NOTHING }
        }
    }
}

/// Whether pest skips what a rule of this name matches between the parts of others.
pub fn is_skip_name(name: &str) -> bool {
    name == "WHITESPACE" || name == "COMMENT"
}

/// The rules that an expression calls, once each.
fn called_by(expr: &Expr) -> Vec<usize> {
    let mut found = Vec::new();
    expr.walk(&mut |part| {
        if let ExprKind::Call(Callee::Rule(index)) = part.kind {
            found.push(index);
        }
    });
    found.sort_unstable();
    found.dedup();
    found
}
