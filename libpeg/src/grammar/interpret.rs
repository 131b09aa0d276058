//! Parsing with a grammar as it is.

use super::ast::{Builtin, CLASSES};
use super::lower::{Low, Op};
use super::runtime::{Failure, Limit, Limits, State, Tree};

/// Bytes of stack for a level of depth: measured with all checks on, and doubled.
const STACK_PER_LEVEL: usize = 2048;
/// Stack for what does not grow.
const STACK_BASE: usize = 1 << 20;

/// Limits under which no input takes more than a few seconds or some hundred megabytes.
pub const LIMITS: Limits = Limits { depth: 80_000, steps: 100_000_000, nodes: 4_000_000 };

/// The index that stands for `EOI` in a tree.
pub const EOI: usize = usize::MAX;

/// Levels for which any thread has a stack.
const SHALLOW: u32 = 400;

/// Parses `input` with the rule `start`; rules are known by their indexes.
///
/// An input that is deeper than most runs again, on a thread with a stack for `limits.depth`.
///
/// # Errors
/// The input does not match, or a limit was reached.
pub fn parse<'i>(
    low: &'i Low,
    start: usize,
    input: &'i str,
    limits: Limits,
) -> Result<Tree<'i, usize>, Failure<'i, usize>> {
    let run = |limits| {
        let mut state = State::new(input, limits);
        let matched = Machine { low }.call(&mut state, start);
        state.finish(matched)
    };
    let result = run(Limits { depth: limits.depth.min(SHALLOW), ..limits });
    match &result {
        Err(failure) if failure.limit == Some(Limit::Depth) && limits.depth > SHALLOW => {}
        _ => return result,
    }
    let stack = STACK_BASE.saturating_add(STACK_PER_LEVEL.saturating_mul(limits.depth as usize));
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(stack);
        let thread = thread.spawn_scoped(scope, || run(limits));
        match thread.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(deep)) => deep,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            // Without a thread, it stays at what could be had.
            Err(_) => result,
        }
    })
}

struct Machine<'i> {
    low: &'i Low,
}

impl<'i> Machine<'i> {
    fn call(&self, state: &mut State<'i, usize>, index: usize) -> bool {
        match self.low.rules.get(index) {
            Some(rule) => {
                state.rule(index, rule.kind, |state| self.run(state, &rule.op, rule.skips))
            }
            None => false,
        }
    }

    fn run(&self, state: &mut State<'i, usize>, op: &'i Op, skips: bool) -> bool {
        let matched = state.enter() && self.step(state, op, skips);
        state.leave(matched)
    }

    fn step(&self, state: &mut State<'i, usize>, op: &'i Op, skips: bool) -> bool {
        match op {
            Op::Literal(text) => state.literal(text),
            Op::Insensitive(text) => state.insensitive(text),
            Op::Range(first, last) => state.range(*first, *last),
            Op::Call(rule) => self.call(state, *rule),
            Op::Builtin(builtin) => run_builtin(state, *builtin),
            Op::Property(name) => match pest::unicode::by_name(name) {
                Some(property) => state.class(name, property),
                None => false,
            },
            Op::PeekSlice(first, last) => state.peek_slice(*first, *last),
            Op::And(body) => state.and(|state| self.run(state, body, skips)),
            Op::Not(body) => state.not(|state| self.run(state, body, skips)),
            Op::Push(body) => state.push(|state| self.run(state, body, skips)),
            Op::Restore(body) => state.restore(|state| self.run(state, body, skips)),
            Op::Optional(body) => state.optional(|state| self.run(state, body, skips)),
            Op::Sequence(parts) => state.sequence(|state| {
                let mut parts = parts.iter();
                parts.next().is_none_or(|part| self.run(state, part, skips))
                    && parts.all(|part| {
                        self.skip(state, skips);
                        self.run(state, part, skips)
                    })
            }),
            Op::Choice(parts) => parts.iter().any(|part| self.run(state, part, skips)),
            Op::Many(min, body) => state.many(
                *min,
                |state| self.skip(state, skips),
                |state| self.run(state, body, skips),
            ),
            Op::Count(min, max, body) => state.count(
                *min,
                *max,
                |state| self.skip(state, skips),
                |state| self.run(state, body, skips),
            ),
            Op::Until(texts) => match texts.as_slice() {
                [text] => state.until(&[text]),
                texts => state.until(&texts.iter().map(String::as_str).collect::<Vec<_>>()),
            },
        }
    }

    /// Implicit white space: pieces of it, and comments with pieces of it behind them.
    fn skip(&self, state: &mut State<'i, usize>, skips: bool) -> bool {
        if !skips {
            return true;
        }
        state.skip(|state| {
            let spaces = |state: &mut State<'i, usize>| {
                if let Some(rule) = self.low.white_space {
                    state.many(0, |_| true, |state| self.call(state, rule));
                }
            };
            spaces(state);
            if let Some(rule) = self.low.comment {
                state.many(
                    0,
                    |_| true,
                    |state| {
                        self.call(state, rule) && {
                            spaces(state);
                            true
                        }
                    },
                );
            }
        })
    }
}

fn run_builtin(state: &mut State<'_, usize>, builtin: Builtin) -> bool {
    match builtin {
        Builtin::Any => state.class("ANY", |_| true),
        Builtin::Soi => state.start_of_input(),
        Builtin::Eoi => state.end_of_input(EOI),
        Builtin::Peek => state.peek(),
        Builtin::PeekAll => state.peek_all(),
        Builtin::Pop => state.pop(),
        Builtin::PopAll => state.pop_all(),
        Builtin::Drop => state.drop_top(),
        Builtin::Newline => state.newline(),
        Builtin::Class(class) => match CLASSES.get(class) {
            Some((name, ranges)) => state
                .class(name, |c| ranges.iter().any(|(first, last)| (*first..=*last).contains(&c))),
            None => false,
        },
    }
}
