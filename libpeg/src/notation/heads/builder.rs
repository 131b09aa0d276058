//! Heads that are not simple, by way of pest.

use std::borrow::Cow;

use pest::Parser;
use pest::iterators::{Pair, Pairs};

use super::super::blocks::Piece;
use super::super::budget::Budget;
use super::super::expr::{BinaryOp, Expr, ExprKind, Names, UnaryOp, eval};
use super::super::lexical;
use super::super::rules::{Grammar, Rule, expected};
use super::super::scope::Scope;
use super::super::tree::{Bytes, Term, TermKind};
use super::Body;
use super::check::{Skeleton, missing_semicolon};
use crate::diagnostic::{Diagnostic, from_pest_in_words};
use crate::source::Span;

/// Levels of operators in an expression: evaluating goes one level deeper on the stack for each.
pub const MAX_LEVELS: u32 = 500;
/// Bytes that an operand takes, about.
const OPERAND: u64 = 96;

/// Work that pest does for a head of no length, in the unit of `Limits::work`.
const HEAD: u64 = 24;

/// What pest is to find: a rule, from where on, and what ends it, in words.
pub type What<'w> = (Rule, usize, &'w [&'w str]);

/// An expression, and its levels of operators.
type Leveled<'s> = (Expr<'s>, u32);

/// Builds terms from what pest finds.
pub struct Builder<'b, 'a, 's> {
    pub body: &'b Body<'s>,
    pub scope: &'b Scope<'b, 's>,
    pub budget: &'b mut Budget<'a>,
    /// Constants need not have a value: the block is only looked through for errors.
    pub check: bool,
    skeleton: Skeleton,
    hexes: std::vec::IntoIter<Bytes>,
}

impl<'b, 'a, 's> Builder<'b, 'a, 's> {
    /// Runs `rule` on a head, from `from` on, and hands what it finds to `build`. `end` is what
    /// ends such a head, in words.
    pub fn run<R>(
        body: &'b Body<'s>,
        scope: &'b Scope<'b, 's>,
        budget: &'b mut Budget<'a>,
        check: bool,
        (rule, from, end): What<'_>,
        piece: &Piece,
        build: impl FnOnce(&mut Self, Pairs<'_, Rule>) -> Result<R, Diagnostic>,
    ) -> Result<R, Diagnostic> {
        let length = piece.to.saturating_sub(from);
        budget.work(HEAD.saturating_add(length as u64), body.span(from, piece.to))?;
        let mut skeleton = Skeleton::new(body, from, piece)?;
        let hexes = std::mem::take(&mut skeleton.hexes).into_iter();
        let text = std::mem::take(&mut skeleton.text);
        let mut builder = Self { body, scope, budget, check, skeleton, hexes };
        match Grammar::parse(rule, &text) {
            Ok(pairs) => build(&mut builder, pairs),
            Err(error) => {
                let within = body.span(from, piece.to);
                // What was found instead is never a blank.
                let bytes = body.text.as_bytes();
                let at = |offset| lexical::skip_trivia(bytes, builder.skeleton.source(offset));
                let words = |rules: &[Rule]| expected(rules, end);
                let mut error = from_pest_in_words(&error, body.sources, within, at, words);
                let place = error.span().map_or(from, |span| span.start as usize);
                if let Some(hint) = missing_semicolon(body, from, place) {
                    error = error.hint(hint);
                } else if let Some(hint) = hint(body, rule, place) {
                    error = error.hint(hint);
                }
                Err(error.rule(rule_name(rule, &text)))
            }
        }
    }

    /// The terms of a plain head.
    pub fn head(
        &mut self,
        pairs: Pairs<'_, Rule>,
        terms: &mut Vec<Term<'s>>,
    ) -> Result<(), Diagnostic> {
        let found = head_parts(pairs).next();
        let Some(found) = found else { return Ok(()) };
        if found.as_rule() == Rule::field {
            terms.push(self.attribute(found)?);
            return Ok(());
        }
        for (index, pair) in parts(found).enumerate() {
            let term = if index == 0 && pair.as_rule() == Rule::word {
                let span = self.span(&pair);
                Term { kind: TermKind::Word(self.source(span)), span }
            } else {
                self.term(pair)?
            };
            terms.push(term);
        }
        Ok(())
    }

    /// The place of what pest found, in the source.
    pub fn span(&self, pair: &Pair<'_, Rule>) -> Span {
        let span = pair.as_span();
        let start = self.skeleton.source(span.start());
        // pest counts blanks and comments in that stand before an optional part that is not there:
        // the last token is what ends a rule.
        let mut token = pair.clone();
        while let Some(last) = token.clone().into_inner().next_back() {
            token = last;
        }
        let end = token.as_span().end();
        // What ends with a cut token ends behind its last sign.
        let last = end.saturating_sub(1).max(span.start());
        let end = self.skeleton.source(last).saturating_add(end.saturating_sub(last));
        self.body.span(start, end)
    }

    /// The text at a place.
    pub fn source(&self, span: Span) -> &'s str {
        self.body.get(span.start as usize, span.end as usize)
    }

    fn attribute(&mut self, pair: Pair<'_, Rule>) -> Result<Term<'s>, Diagnostic> {
        let span = self.span(&pair);
        let mut inner = parts(pair);
        let name = inner.next().map_or(span, |name| self.span(&name));
        let Some(value) = inner.next() else { return Err(unexpected(span)) };
        let value = self.term(value)?;
        Ok(Term { kind: TermKind::Attr(self.source(name), Box::new(value)), span })
    }

    /// A term, or a value.
    pub fn term(&mut self, pair: Pair<'_, Rule>) -> Result<Term<'s>, Diagnostic> {
        let span = self.span(&pair);
        let kind = match pair.as_rule() {
            Rule::attribute => return self.attribute(pair),
            Rule::word => self.word(span)?,
            Rule::integer | Rule::character => TermKind::Int(self.number(&pair)?),
            Rule::negative => {
                let Some(inner) = parts(pair).next() else { return Err(unexpected(span)) };
                let value = self.number(&inner)?;
                TermKind::Int(value.checked_neg().unwrap_or(value))
            }
            Rule::string => TermKind::Str(self.string(span)?),
            Rule::hex => TermKind::Hex(self.hexes.next().unwrap_or_default()),
            Rule::list => {
                let terms: Result<Vec<_>, _> = parts(pair).map(|one| self.term(one)).collect();
                TermKind::List(terms?)
            }
            Rule::expr => return Ok(self.expression(pair)?.0),
            Rule::call => {
                let (expr, levels) = self.call(pair)?;
                self.simplified(expr, levels)?
            }
            _ => return Err(unexpected(span)),
        };
        Ok(Term { kind, span })
    }

    /// What a word stands for.
    fn word(&mut self, span: Span) -> Result<TermKind<'s>, Diagnostic> {
        let word = self.source(span);
        let Some(constant) = self.scope.constant(word) else { return Ok(TermKind::Word(word)) };
        match &constant.value {
            TermKind::Str(bytes) => self.budget.charge(bytes.len() as u64, span)?,
            TermKind::List(terms) => self.charge_terms(terms, span)?,
            TermKind::Expr(expr) => {
                self.budget.charge(operands(expr).saturating_mul(OPERAND), span)?;
            }
            _ => {}
        }
        Ok(constant.value.clone())
    }

    /// A value, and its levels.
    pub fn value(&mut self, pair: Pair<'_, Rule>) -> Result<(Term<'s>, u32), Diagnostic> {
        if pair.as_rule() == Rule::expr {
            return self.expression(pair);
        }
        Ok((self.term(pair)?, 1))
    }

    /// A bound of a repetition.
    pub fn bound(&mut self, pair: Pair<'_, Rule>) -> Result<Term<'s>, Diagnostic> {
        let span = self.span(&pair);
        let negative = pair.as_str().starts_with('-');
        let Some(inner) = parts(pair).next() else { return Err(unexpected(span)) };
        let mut term = match inner.as_rule() {
            Rule::name => Term { kind: self.word(self.span(&inner))?, span },
            _ => self.term(inner)?,
        };
        if let (TermKind::Int(value), true) = (&mut term.kind, negative) {
            *value = value.saturating_neg();
        } else if negative && !self.check {
            return Err(Diagnostic::error(span, "this is not a number").rule("repetition"));
        }
        Ok(term)
    }

    fn charge_terms(&mut self, terms: &[Term<'s>], span: Span) -> Result<(), Diagnostic> {
        for term in terms {
            self.budget.charge(OPERAND, span)?;
            match &term.kind {
                TermKind::List(inner) => self.charge_terms(inner, span)?,
                TermKind::Str(bytes) => self.budget.charge(bytes.len() as u64, span)?,
                TermKind::Expr(expr) => {
                    self.budget.charge(operands(expr).saturating_mul(OPERAND), span)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn number(&self, pair: &Pair<'_, Rule>) -> Result<i128, Diagnostic> {
        let span = self.span(pair);
        let token = self.source(span);
        let (value, rule) = if pair.as_rule() == Rule::character {
            (lexical::character(token), "character")
        } else {
            (lexical::integer(token), "integer")
        };
        value.map_err(|fault| self.body.fault(span.start as usize, fault, rule))
    }

    fn string(&mut self, span: Span) -> Result<Cow<'s, [u8]>, Diagnostic> {
        let token = self.source(span);
        let start = span.start as usize;
        let bytes = lexical::string(token, |at, length| {
            let from = start.saturating_add(at);
            self.interpolated(from, from.saturating_add(length)).map_err(Fail::Told)
        });
        let bytes = bytes.map_err(|fail| match fail {
            Fail::Told(error) => error,
            Fail::Fault(fault) => self.body.fault(start, fault, "string"),
        })?;
        if let Cow::Owned(bytes) = &bytes {
            self.budget.charge(bytes.len() as u64, span)?;
        }
        Ok(bytes)
    }

    /// The bytes for an expression in a string.
    fn interpolated(&mut self, from: usize, to: usize) -> Result<Vec<u8>, Diagnostic> {
        let span = self.body.span(from, to);
        let mut budget = self.budget.part();
        let piece =
            Piece { from, to, first_mark: 0, last_mark: 0, end: super::super::blocks::End::Bytes };
        let what: What<'_> = (Rule::only_expr, from, &["`)`"]);
        let term = Builder::run(
            self.body,
            self.scope,
            &mut budget,
            self.check,
            what,
            &piece,
            |builder, pairs| {
                let Some(pair) = pairs.into_iter().next() else { return Err(unexpected(span)) };
                builder.expression(pair)
            },
        );
        let (term, _) = term?;
        match term.kind {
            TermKind::Int(value) => Ok(value.to_string().into_bytes()),
            TermKind::Str(bytes) => Ok(bytes.into_owned()),
            // A word that is passed to a template.
            TermKind::Word(word)
                if self.scope.constant(self.body.get(from, to).trim()).is_some() =>
            {
                Ok(word.into())
            }
            _ if self.check => Ok(Vec::new()),
            _ => Err(Diagnostic::error(span, "this is not a constant").rule("string").hint(
                "in a string, \\( ) takes constants: those of `let`, `repeat`, templates and -D",
            )),
        }
    }

    /// An expression as a term: its value, if that is known; and its levels.
    pub fn expression(&mut self, pair: Pair<'_, Rule>) -> Result<(Term<'s>, u32), Diagnostic> {
        let span = self.span(&pair);
        // One word can stand for a list or bytes too.
        if let Some(word) = lone_word(&pair) {
            let kind = self.word(self.span(&word))?;
            let levels = self.scope.constant(word.as_str()).map_or(1, |constant| constant.depth);
            return Ok((Term { kind, span }, levels));
        }
        let (expr, levels) = self.expr(pair)?;
        Ok((Term { kind: self.simplified(expr, levels)?, span }, levels))
    }

    fn simplified(&self, expr: Expr<'s>, _: u32) -> Result<TermKind<'s>, Diagnostic> {
        match expr.kind {
            ExprKind::Int(value) => return Ok(TermKind::Int(value)),
            ExprKind::Str(bytes) => return Ok(TermKind::Str(bytes)),
            ExprKind::Name(word) => return Ok(TermKind::Word(word)),
            _ => {}
        }
        let mut unknown = Unknown(false);
        match eval(&expr, &mut unknown) {
            Ok(value) => Ok(TermKind::Int(value)),
            // The vocabulary knows more names.
            Err(_) if unknown.0 => Ok(TermKind::Expr(Box::new(expr))),
            Err(_) if self.check => Ok(TermKind::Int(0)),
            Err(error) => Err(error),
        }
    }

    fn expr(&mut self, pair: Pair<'_, Rule>) -> Result<Leveled<'s>, Diagnostic> {
        let span = self.span(&pair);
        let mut inner = parts(pair);
        let Some(operation) = inner.next() else { return Err(unexpected(span)) };
        let condition = self.operation(operation)?;
        let (Some(then), Some(otherwise)) = (inner.next(), inner.next()) else {
            return Ok(condition);
        };
        let then = self.expr(then)?;
        let otherwise = self.expr(otherwise)?;
        let levels = level(condition.1.max(then.1).max(otherwise.1), span)?;
        let parts = Box::new([condition.0, then.0, otherwise.0]);
        Ok((Expr { kind: ExprKind::Conditional(parts), span }, levels))
    }

    /// Operands and operators side by side, to a tree: operators wait on a stack until one comes
    /// that binds no tighter.
    fn operation(&mut self, pair: Pair<'_, Rule>) -> Result<Leveled<'s>, Diagnostic> {
        let span = self.span(&pair);
        let mut operands: Vec<Leveled<'s>> = Vec::new();
        let mut waiting: Vec<BinaryOp> = Vec::new();
        let mut prefixes: Vec<(UnaryOp, Span)> = Vec::new();
        for pair in parts(pair) {
            let place = self.span(&pair);
            match pair.as_rule() {
                Rule::prefix => prefixes.push((unary(pair.as_str()), place)),
                Rule::operator => {
                    let op = binary(pair.as_str());
                    while waiting.last().is_some_and(|last| tightness(*last) >= tightness(op)) {
                        join(&mut operands, &mut waiting, span)?;
                    }
                    waiting.push(op);
                }
                _ => {
                    let mut operand = self.operand(pair)?;
                    while let Some((op, place)) = prefixes.pop() {
                        let levels = level(operand.1, place)?;
                        let span = place.to(operand.0.span);
                        let kind = ExprKind::Unary(op, Box::new(operand.0));
                        operand = (Expr { kind, span }, levels);
                    }
                    operands.push(operand);
                }
            }
        }
        while !waiting.is_empty() {
            join(&mut operands, &mut waiting, span)?;
        }
        operands.pop().ok_or_else(|| unexpected(span))
    }

    fn operand(&mut self, pair: Pair<'_, Rule>) -> Result<Leveled<'s>, Diagnostic> {
        let span = self.span(&pair);
        self.budget.charge(OPERAND, span)?;
        let kind = match pair.as_rule() {
            Rule::integer | Rule::character => ExprKind::Int(self.number(&pair)?),
            Rule::string => ExprKind::Str(self.string(span)?),
            Rule::word => return self.name(span),
            Rule::call => return self.call(pair),
            Rule::expr => return self.expr(pair),
            _ => return Err(unexpected(span)),
        };
        Ok((Expr { kind, span }, 1))
    }

    /// A word in an expression.
    fn name(&mut self, span: Span) -> Result<Leveled<'s>, Diagnostic> {
        let word = self.source(span);
        let Some(constant) = self.scope.constant(word) else {
            return Ok((Expr { kind: ExprKind::Name(word), span }, 1));
        };
        let Some((expr, levels)) = constant.operand(span) else {
            return Err(Diagnostic::error(span, format!("`{word}` is no number")));
        };
        self.budget.charge(operands(&expr).saturating_mul(OPERAND), span)?;
        if let ExprKind::Str(bytes) = &expr.kind {
            self.budget.charge(bytes.len() as u64, span)?;
        }
        Ok((expr, levels))
    }

    fn call(&mut self, pair: Pair<'_, Rule>) -> Result<Leveled<'s>, Diagnostic> {
        let span = self.span(&pair);
        let mut inner = parts(pair);
        let Some(callee) = inner.next() else { return Err(unexpected(span)) };
        let callee = self.span(&callee);
        let mut args = Vec::new();
        let mut below = 0;
        for arg in inner {
            let place = self.span(&arg);
            if arg.as_rule() != Rule::expr {
                let message = "a list or a hex run cannot be given to a function";
                return Err(Diagnostic::error(place, message).rule("call"));
            }
            let (arg, levels) = self.expr(arg)?;
            below = below.max(levels);
            args.push(arg);
        }
        let levels = level(below, span)?;
        Ok((Expr { kind: ExprKind::Call(self.source(callee), args), span }, levels))
    }
}

/// One level of operators above those below.
fn level(below: u32, span: Span) -> Result<u32, Diagnostic> {
    if below < MAX_LEVELS {
        return Ok(below.saturating_add(1));
    }
    Err(Diagnostic::error(span, format!("more than {MAX_LEVELS} operators upon each other"))
        .hint("give a part of it a name with `let`"))
}

/// The last two operands to one, by the last operator.
fn join(
    operands: &mut Vec<Leveled<'_>>,
    waiting: &mut Vec<BinaryOp>,
    span: Span,
) -> Result<(), Diagnostic> {
    let (Some(op), Some(right), Some(left)) = (waiting.pop(), operands.pop(), operands.pop())
    else {
        return Err(unexpected(span));
    };
    let span = left.0.span.to(right.0.span);
    let levels = level(left.1.max(right.1), span)?;
    let kind = ExprKind::Binary(op, Box::new(left.0), Box::new(right.0));
    operands.push((Expr { kind, span }, levels));
    Ok(())
}

/// Why a string has no bytes.
enum Fail {
    Fault(lexical::Fault),
    Told(Diagnostic),
}

impl From<lexical::Fault> for Fail {
    fn from(fault: lexical::Fault) -> Self {
        Self::Fault(fault)
    }
}

/// Knows no name, and tells whether it was asked for one.
struct Unknown(bool);

impl Names for Unknown {
    fn name(&mut self, _: &str, span: Span) -> Result<i128, Diagnostic> {
        self.0 = true;
        Err(unexpected(span))
    }

    fn call(&mut self, _: &str, _: &[Expr<'_>], span: Span) -> Result<i128, Diagnostic> {
        self.0 = true;
        Err(unexpected(span))
    }
}

/// How many operands and operators an expression has.
pub fn operands(expr: &Expr<'_>) -> u64 {
    let below = match &expr.kind {
        ExprKind::Int(_) | ExprKind::Str(_) | ExprKind::Name(_) => 0,
        ExprKind::Call(_, args) => args.iter().map(operands).sum(),
        ExprKind::Unary(_, operand) => operands(operand),
        ExprKind::Binary(_, left, right) => operands(left).saturating_add(operands(right)),
        ExprKind::Conditional(parts) => parts.iter().map(operands).sum(),
    };
    below.saturating_add(1)
}

/// What is in a pair, without keywords and signs.
pub fn parts(pair: Pair<'_, Rule>) -> impl Iterator<Item = Pair<'_, Rule>> {
    pair.into_inner().filter(|part| {
        !matches!(
            part.as_rule(),
            Rule::equals
                | Rule::opening
                | Rule::comma
                | Rule::closing
                | Rule::bracket
                | Rule::dots
                | Rule::in_word
                | Rule::include_word
                | Rule::constant_kind
                | Rule::repeat_word
                | Rule::if_word
                | Rule::def_word
                | Rule::use_word
        )
    })
}

/// The parts of the head that a rule found.
pub fn head_parts(pairs: Pairs<'_, Rule>) -> impl Iterator<Item = Pair<'_, Rule>> {
    pairs.take(1).flat_map(parts)
}

/// The word that an expression is, if it is nothing else.
fn lone_word<'i>(pair: &Pair<'i, Rule>) -> Option<Pair<'i, Rule>> {
    let mut found = parts(pair.clone());
    let (operation, None) = (found.next()?, found.next()) else { return None };
    let mut operands = parts(operation);
    match (operands.next()?, operands.next()) {
        (word, None) if word.as_rule() == Rule::word => Some(word),
        (inner, None) if inner.as_rule() == Rule::expr => lone_word(&inner),
        _ => None,
    }
}

fn unary(text: &str) -> UnaryOp {
    match text {
        "-" => UnaryOp::Neg,
        "~" => UnaryOp::Not,
        _ => UnaryOp::LogicalNot,
    }
}

fn binary(text: &str) -> BinaryOp {
    match text {
        "||" => BinaryOp::LogicalOr,
        "&&" => BinaryOp::LogicalAnd,
        "|" => BinaryOp::Or,
        "^" => BinaryOp::Xor,
        "&" => BinaryOp::And,
        "==" => BinaryOp::Eq,
        "!=" => BinaryOp::Ne,
        "<" => BinaryOp::Lt,
        "<=" => BinaryOp::Le,
        ">" => BinaryOp::Gt,
        ">=" => BinaryOp::Ge,
        "<<" => BinaryOp::Shl,
        ">>" => BinaryOp::Shr,
        "+" => BinaryOp::Add,
        "-" => BinaryOp::Sub,
        "*" => BinaryOp::Mul,
        "/" => BinaryOp::Div,
        _ => BinaryOp::Rem,
    }
}

/// Which of two operators binds its operands: the one with the larger number.
fn tightness(op: BinaryOp) -> u8 {
    match op {
        BinaryOp::LogicalOr => 0,
        BinaryOp::LogicalAnd => 1,
        BinaryOp::Or => 2,
        BinaryOp::Xor => 3,
        BinaryOp::And => 4,
        BinaryOp::Eq | BinaryOp::Ne => 5,
        BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge => 6,
        BinaryOp::Shl | BinaryOp::Shr => 7,
        BinaryOp::Add | BinaryOp::Sub => 8,
        BinaryOp::Mul | BinaryOp::Div | BinaryOp::Rem => 9,
    }
}

/// What a message calls the rule that a head is read by.
fn rule_name(rule: Rule, text: &str) -> &'static str {
    match rule {
        Rule::only_include => "include",
        Rule::only_constant => "constant",
        Rule::only_repeat => "repetition",
        Rule::only_if => "condition",
        Rule::only_definition => "definition",
        Rule::only_expansion => "expansion",
        Rule::only_expr => "expr",
        _ => {
            let bytes = text.as_bytes();
            let word = lexical::word_length(bytes);
            let behind = lexical::skip_trivia(bytes, word);
            if word > 0 && bytes.get(behind) == Some(&b'=') { "field" } else { "statement" }
        }
    }
}

/// What to do about names that are no words.
const QUOTES: &str =
    "a name with other signs than letters, digits and _ . $ @ is written in quotes";

/// What to do about an error that is often made.
fn hint(body: &Body<'_>, rule: Rule, at: usize) -> Option<&'static str> {
    if rule != Rule::only_head {
        return None;
    }
    let text = body.text.as_bytes();
    // `a-b` is no expression, as it stands among other terms.
    let before = text.get(at.saturating_sub(2)..at).unwrap_or_default();
    if matches!(before, [letter, b'-'] if lexical::is_word(*letter)) {
        return Some(QUOTES);
    }
    match text.get(at)? {
        b',' => Some(
            "values follow each other without commas; a list stands in [ ]; the `(` of a function \
             directly behind its name",
        ),
        b'+' | b'*' | b'/' | b'%' | b'|' | b'&' | b'^' | b'<' | b'>' | b'~' | b'!' | b'?' => {
            Some("beside other terms, an expression stands in parentheses")
        }
        byte if !byte.is_ascii() || matches!(byte, b'#' | b'\\' | b'`' | b':') => Some(QUOTES),
        _ => None,
    }
}

/// What pest's tree cannot hold.
fn unexpected(span: Span) -> Diagnostic {
    Diagnostic::error(span, "this is not understood")
}
