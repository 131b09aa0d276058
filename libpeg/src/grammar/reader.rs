//! From the text of a grammar to its rules.
//!
//! pest's own parser says what a grammar is. Around it stands what it lacks: limits, so that no
//! text makes it run out of stack or time, and recovery, so that one run tells of several errors:
//! a rule that cannot be read is blanked out, and the rest is read again.

use std::collections::HashMap;
use std::iter::Peekable;

use pest::iterators::{Pair, Pairs};
use pest_meta::parser::{self, Rule as Meta};

use super::ast::{Builtin, Callee, Expr, ExprKind, Rule, RuleKind};
use super::scan;
use crate::diagnostic::{Diagnostic, Diagnostics, from_pest};
use crate::source::{SourceId, SourceMap, Span};

/// Bytes that a grammar may have: pest keeps some hundred bytes for each.
pub const MAX_SIZE: usize = 1 << 20;
/// Operators before or after one operand.
const MAX_OPERATORS: usize = 32;
/// Rules that may be unreadable before reading stops.
const MAX_UNREADABLE: usize = 20;

/// What could be read of a grammar.
#[derive(Debug, Default)]
pub struct Read {
    /// The rules, in order; names are resolved.
    pub rules: Vec<Rule>,
    /// The names of rules that could not be read.
    pub unreadable: Vec<String>,
}

/// Reads the grammar `id` and reports what is wrong with its syntax.
pub fn read(sources: &SourceMap, id: SourceId, diagnostics: &mut Diagnostics) -> Read {
    let original = sources.text(id);
    if original.len() > MAX_SIZE {
        let place = Span::new(id, 0, 0);
        let message = format!("a grammar may have {} KiB at most", MAX_SIZE >> 10);
        diagnostics.push(Diagnostic::error(place, message));
        return Read::default();
    }
    if let Err(wrong) = scan::check(original) {
        diagnostics.push(Diagnostic::error(Span::new(id, wrong.at, wrong.end), wrong.message));
        return Read::default();
    }
    let mut text = original.to_owned();
    let mut unreadable = Vec::new();
    for _ in 0..MAX_UNREADABLE {
        let at = match parser::parse(Meta::grammar_rules, &text) {
            Ok(pairs) => {
                let mut reader = Reader { id, diagnostics, unreadable: &mut unreadable };
                let mut rules: Vec<Rule> = pairs.filter_map(|pair| reader.rule(pair)).collect();
                resolve(&mut rules);
                return Read { rules, unreadable };
            }
            Err(error) => {
                let whole = Span::new(id, 0, original.len());
                let one = from_pest(&error, sources, whole, |offset| offset, describe);
                let at = one.span().map_or(0, |span| span.start as usize);
                let (_, name) = scan::definition_around(&text, at);
                diagnostics.push(match &name {
                    Some(name) => one.rule(name.as_str()),
                    None => one,
                });
                at
            }
        };
        let (range, name) = scan::definition_around(&text, at);
        let Some(rule) = text.get(range.clone()).filter(|rule| !rule.trim().is_empty()) else {
            break;
        };
        let blank: String = rule.chars().flat_map(blank).collect();
        text.replace_range(range, &blank);
        unreadable.extend(name);
    }
    Read { rules: Vec::new(), unreadable }
}

/// As many bytes of white space as the character has.
fn blank(character: char) -> impl Iterator<Item = char> {
    let with = if character == '\n' { '\n' } else { ' ' };
    std::iter::repeat_n(with, character.len_utf8())
}

/// The words for a part of pest's notation.
fn describe(rule: Meta) -> String {
    match rule {
        Meta::EOI => "the end of the grammar".to_owned(),
        Meta::grammar_rule => "a rule".to_owned(),
        Meta::expression | Meta::term => "an expression".to_owned(),
        Meta::identifier => "a name".to_owned(),
        Meta::string => "a string".to_owned(),
        Meta::insensitive_string => "`^`".to_owned(),
        Meta::range | Meta::character => "a character".to_owned(),
        Meta::number | Meta::integer => "a number".to_owned(),
        Meta::sequence_operator => "`~`".to_owned(),
        Meta::choice_operator => "`|`".to_owned(),
        Meta::repeat_exact | Meta::repeat_min | Meta::repeat_max | Meta::repeat_min_max => {
            "`{`".to_owned()
        }
        Meta::peek_slice => "`PEEK[`".to_owned(),
        // Where anything else may stand, these may too; to name them would only distract.
        Meta::grammar_doc | Meta::line_doc | Meta::tag_id | Meta::_push | Meta::_push_literal => {
            String::new()
        }
        other => parser::rename_meta_rule(&other),
    }
}

/// Puts a meaning to every name; of several rules of one name, the first counts.
fn resolve(rules: &mut [Rule]) {
    let index: HashMap<String, usize> =
        rules.iter().enumerate().rev().map(|(at, rule)| (rule.name.clone(), at)).collect();
    for rule in rules {
        resolve_in(&mut rule.expr, &index);
    }
}

fn resolve_in(expr: &mut Expr, index: &HashMap<String, usize>) {
    match &mut expr.kind {
        ExprKind::Call(callee) => {
            if let Callee::Undefined(name) = callee {
                let builtin = Builtin::named(name);
                let rule = index.get(name.as_str());
                if let Some(builtin) = builtin.filter(|one| one.is_reserved() || rule.is_none()) {
                    *callee = Callee::Builtin(builtin);
                } else if let Some(&rule) = rule {
                    *callee = Callee::Rule(rule);
                } else if pest::unicode::by_name(name).is_some() {
                    *callee = Callee::Property(std::mem::take(name));
                }
            }
        }
        ExprKind::And(body)
        | ExprKind::Not(body)
        | ExprKind::Push(body)
        | ExprKind::Repeat { body, .. } => resolve_in(body, index),
        ExprKind::Sequence(parts) | ExprKind::Choice(parts) => {
            for part in parts {
                resolve_in(part, index);
            }
        }
        _ => {}
    }
}

struct Reader<'r> {
    id: SourceId,
    diagnostics: &'r mut Diagnostics,
    unreadable: &'r mut Vec<String>,
}

type Parts<'i> = Peekable<Pairs<'i, Meta>>;

impl Reader<'_> {
    fn span(&self, pair: &Pair<'_, Meta>) -> Span {
        let span = pair.as_span();
        Span::new(self.id, span.start(), span.end())
    }

    /// Reports that a part is wrong; the rule will count as unreadable.
    fn wrong<T>(&mut self, span: Span, message: &str) -> Option<T> {
        self.diagnostics.push(Diagnostic::error(span, message));
        None
    }

    /// A rule; `None` for a comment and for what is wrong.
    fn rule(&mut self, pair: Pair<'_, Meta>) -> Option<Rule> {
        if pair.as_rule() != Meta::grammar_rule {
            return None;
        }
        let mut parts = pair.into_inner();
        let name = parts.next().filter(|name| name.as_rule() == Meta::identifier)?;
        let mut kind = RuleKind::Normal;
        for part in parts {
            match part.as_rule() {
                Meta::silent_modifier => kind = RuleKind::Silent,
                Meta::atomic_modifier => kind = RuleKind::Atomic,
                Meta::compound_atomic_modifier => kind = RuleKind::CompoundAtomic,
                Meta::non_atomic_modifier => kind = RuleKind::NonAtomic,
                Meta::expression => {
                    let Some(expr) = self.expression(part) else {
                        self.unreadable.push(name.as_str().to_owned());
                        return None;
                    };
                    let name_span = self.span(&name);
                    return Some(Rule { name: name.as_str().to_owned(), name_span, kind, expr });
                }
                _ => {}
            }
        }
        None
    }

    /// Alternatives of sequences of terms.
    fn expression(&mut self, pair: Pair<'_, Meta>) -> Option<Expr> {
        let mut alternatives = Vec::new();
        let mut sequence = Vec::new();
        for part in pair.into_inner() {
            match part.as_rule() {
                Meta::term => sequence.push(self.term(part)?),
                // Before the first alternative there may be one.
                Meta::choice_operator if !sequence.is_empty() => {
                    alternatives.extend(join(std::mem::take(&mut sequence), ExprKind::Sequence));
                }
                _ => {}
            }
        }
        alternatives.extend(join(sequence, ExprKind::Sequence));
        join(alternatives, ExprKind::Choice)
    }

    /// An operand with what stands before and after it.
    fn term(&mut self, pair: Pair<'_, Meta>) -> Option<Expr> {
        let place = self.span(&pair);
        let mut parts = pair.into_inner().peekable();
        if parts.peek().is_some_and(|part| part.as_rule() == Meta::tag_id) {
            // A tag names a node for code that is written by hand; the tree has none.
            parts.next();
            parts.next();
        }
        let mut prefixes = Vec::new();
        while let Some(prefix) = parts.next_if(|part| {
            matches!(
                part.as_rule(),
                Meta::positive_predicate_operator | Meta::negative_predicate_operator
            )
        }) {
            prefixes.push(prefix);
        }
        let mut expr = self.operand(&mut parts)?;
        let mut count = prefixes.len();
        for postfix in parts {
            count = count.saturating_add(1);
            if count > MAX_OPERATORS {
                break;
            }
            let span = expr.span.to(self.span(&postfix));
            let (min, max) = self.bounds(postfix)?;
            expr = Expr { kind: ExprKind::Repeat { body: Box::new(expr), min, max }, span };
        }
        if count > MAX_OPERATORS {
            return self.wrong(place, "too many operators at one operand");
        }
        for prefix in prefixes.into_iter().rev() {
            let span = self.span(&prefix).to(expr.span);
            let body = Box::new(expr);
            let kind = match prefix.as_rule() {
                Meta::positive_predicate_operator => ExprKind::And(body),
                _ => ExprKind::Not(body),
            };
            expr = Expr { kind, span };
        }
        Some(expr)
    }

    /// What an operator applies to.
    fn operand(&mut self, parts: &mut Parts<'_>) -> Option<Expr> {
        let pair = parts.next()?;
        let span = self.span(&pair);
        let kind = match pair.as_rule() {
            Meta::opening_paren => {
                let inner = parts.next()?;
                let inner = self.expression(inner)?;
                let end = parts.next().map_or(span, |closing| self.span(&closing));
                return Some(Expr { kind: inner.kind, span: span.to(end) });
            }
            Meta::_push => {
                let inner = pair.into_inner().find(|part| part.as_rule() == Meta::expression)?;
                ExprKind::Push(Box::new(self.expression(inner)?))
            }
            Meta::peek_slice => self.peek_slice(pair)?,
            Meta::identifier => ExprKind::Call(Callee::Undefined(pair.as_str().to_owned())),
            Meta::string => ExprKind::Literal(self.text(&pair)?),
            Meta::insensitive_string => {
                let string = pair.into_inner().next()?;
                ExprKind::Insensitive(self.text(&string)?)
            }
            Meta::range => {
                let mut ends = pair.into_inner();
                let first = ends.next()?;
                let last = ends.find(|part| part.as_rule() == Meta::character)?;
                let (first, last) = (self.text(&first)?, self.text(&last)?);
                ExprKind::Range(first.chars().next()?, last.chars().next()?)
            }
            _ => return self.wrong(span, "this needs an extension of pest that is not supported"),
        };
        Some(Expr { kind, span })
    }

    fn peek_slice(&mut self, pair: Pair<'_, Meta>) -> Option<ExprKind> {
        let mut first = 0;
        let mut last = None;
        let mut is_behind = false;
        for part in pair.into_inner() {
            match part.as_rule() {
                Meta::range_operator => is_behind = true,
                Meta::integer => {
                    let Ok(number) = part.as_str().parse() else {
                        return self.wrong(self.span(&part), "this number is too large");
                    };
                    if is_behind {
                        last = Some(number);
                    } else {
                        first = number;
                    }
                }
                _ => {}
            }
        }
        Some(ExprKind::PeekSlice(first, last))
    }

    /// The least and the greatest count of a postfix operator.
    fn bounds(&mut self, pair: Pair<'_, Meta>) -> Option<(u32, Option<u32>)> {
        let (rule, span) = (pair.as_rule(), self.span(&pair));
        let mut numbers = Vec::new();
        for number in pair.into_inner().filter(|part| part.as_rule() == Meta::number) {
            let Ok(value) = number.as_str().parse::<u32>() else {
                return self.wrong(self.span(&number), "this number is too large");
            };
            numbers.push(value);
        }
        let (min, max) = match (rule, numbers.as_slice()) {
            (Meta::optional_operator, _) => (0, Some(1)),
            (Meta::repeat_once_operator, _) => (1, None),
            (Meta::repeat_exact, [count]) => (*count, Some(*count)),
            (Meta::repeat_min, [min]) => (*min, None),
            (Meta::repeat_max, [max]) => (0, Some(*max)),
            (Meta::repeat_min_max, [min, max]) => (*min, Some(*max)),
            _ => (0, None),
        };
        match max {
            Some(0) => self.wrong(span, "nothing can be repeated 0 times"),
            Some(max) if min > max => {
                self.wrong(span, "the least count is greater than the greatest")
            }
            _ => Some((min, max)),
        }
    }

    /// What a quoted string or character means.
    fn text(&mut self, quoted: &Pair<'_, Meta>) -> Option<String> {
        let text = quoted.as_str();
        let inner = text.get(1..text.len().saturating_sub(1)).unwrap_or_default();
        match scan::unescape(inner) {
            Ok(text) => Some(text),
            Err((start, end)) => {
                let place = self.span(quoted);
                let offset = (place.start as usize).saturating_add(1);
                let place =
                    Span::new(self.id, offset.saturating_add(start), offset.saturating_add(end));
                self.wrong(place, "no character has this number")
            }
        }
    }
}

/// One expression out of several; one alone is itself.
fn join(mut parts: Vec<Expr>, kind: fn(Vec<Expr>) -> ExprKind) -> Option<Expr> {
    if parts.len() < 2 {
        return parts.pop();
    }
    let span = parts.first()?.span.to(parts.last()?.span);
    Some(Expr { kind: kind(parts), span })
}
