//! Simple heads, by hand.

use std::borrow::Cow;

use super::super::blocks::Piece;
use super::super::lexical::{self, is_word, is_word_start, skip_trivia};
use super::super::outline::Kind;
use super::super::scope::Scope;
use super::super::tree::{Bytes, Term, TermKind};
use super::super::{hex, lexical::word_length};
use super::Body;

/// Lists in lists that are read here.
const MAX_LISTS: usize = 16;

/// Reads a head onto `terms`. `None`, with some terms left there, if it is not simple or not right.
pub fn quick<'s>(
    body: &Body<'s>,
    scope: &Scope<'_, 's>,
    piece: &Piece,
    terms: &mut Vec<Term<'s>>,
) -> Option<()> {
    let bytes = body.text.as_bytes().get(..piece.to)?;
    let mut reader =
        Quick { body, scope, bytes, at: piece.from, mark: piece.first_mark, field: false };
    reader.at = skip_trivia(bytes, reader.at);
    while reader.at < bytes.len() {
        let term = reader.term(terms.is_empty())?;
        terms.push(term);
        let end = reader.at;
        reader.at = skip_trivia(bytes, end);
        // Two terms side by side need something between them, or a sign that no word has.
        if reader.at == end && reader.peek().is_some_and(is_word) {
            return None;
        }
    }
    Some(())
}

struct Quick<'b, 's> {
    body: &'b Body<'s>,
    scope: &'b Scope<'b, 's>,
    bytes: &'s [u8],
    at: usize,
    /// The next hex run's mark.
    mark: usize,
    /// The first term was an attribute: its value could be the start of an expression.
    field: bool,
}

impl<'s> Quick<'_, 's> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn made(&self, from: usize, kind: TermKind<'s>) -> Term<'s> {
        Term { kind, span: self.body.span(from, self.at) }
    }

    fn term(&mut self, first: bool) -> Option<Term<'s>> {
        let from = self.at;
        if !is_word_start(self.peek()?) {
            if self.field && self.peek() == Some(b'-') {
                return None;
            }
            return self.single();
        }
        let word = self.word();
        let end = self.at;
        self.at = skip_trivia(self.bytes, end);
        match self.bytes.get(self.at..)? {
            [b'=', b'=', ..] => None,
            [b'=', ..] => {
                self.at = skip_trivia(self.bytes, self.at.checked_add(1)?);
                self.field |= first;
                let value = self.single()?;
                Some(self.made(from, TermKind::Attr(word, Box::new(value))))
            }
            [b'(', ..] if self.at == end => None,
            [b'{', ..] if word == "hex" => self.hex(from),
            _ => {
                self.at = end;
                let kind = if first { TermKind::Word(word) } else { self.replaced(word)? };
                Some(self.made(from, kind))
            }
        }
    }

    /// What a term can be that is no attribute.
    fn single(&mut self) -> Option<Term<'s>> {
        self.element(0)
    }

    fn element(&mut self, depth: usize) -> Option<Term<'s>> {
        let from = self.at;
        match self.peek()? {
            b'0'..=b'9' => {
                let value = self.integer()?;
                Some(self.made(from, TermKind::Int(value)))
            }
            b'-' => {
                self.at = self.at.checked_add(1)?;
                let value = self.integer()?.checked_neg()?;
                Some(self.made(from, TermKind::Int(value)))
            }
            b'"' => {
                let bytes = self.string()?;
                Some(self.made(from, TermKind::Str(bytes)))
            }
            b'[' if depth < MAX_LISTS => self.list(depth),
            byte if is_word_start(byte) => {
                let word = self.word();
                if self.peek() == Some(b'(') {
                    return None;
                }
                if word == "hex" {
                    let end = self.at;
                    self.at = skip_trivia(self.bytes, end);
                    if self.peek() == Some(b'{') {
                        return self.hex(from);
                    }
                    self.at = end;
                }
                let kind = self.replaced(word)?;
                Some(self.made(from, kind))
            }
            _ => None,
        }
    }

    fn word(&mut self) -> &'s str {
        let length = word_length(self.bytes.get(self.at..).unwrap_or_default());
        let end = self.at.saturating_add(length);
        let word = self.body.get(self.at, end);
        self.at = end;
        word
    }

    /// What a word stands for.
    fn replaced(&self, word: &'s str) -> Option<TermKind<'s>> {
        match self.scope.constant(word) {
            None => Some(TermKind::Word(word)),
            Some(constant) => match &constant.value {
                TermKind::Int(value) => Some(TermKind::Int(*value)),
                TermKind::Word(word) => Some(TermKind::Word(word)),
                // What is larger is charged for by the other way.
                _ => None,
            },
        }
    }

    fn integer(&mut self) -> Option<i128> {
        let rest = self.bytes.get(self.at..)?;
        if !rest.first()?.is_ascii_digit() {
            return None;
        }
        let length = word_length(rest);
        let end = self.at.checked_add(length)?;
        let token = rest.get(..length)?;
        let value = match small_integer(token) {
            Some(value) => value,
            None => lexical::integer(self.body.get(self.at, end)).ok()?,
        };
        self.at = end;
        Some(value)
    }

    fn string(&mut self) -> Option<Cow<'s, [u8]>> {
        let length = lexical::string_length(self.bytes.get(self.at..)?)?;
        let end = self.at.checked_add(length)?;
        let token = self.body.get(self.at, end);
        self.at = end;
        // Interpolation is for the other way.
        let none = |_, _| Err(lexical::Fault::default());
        lexical::string(token, none).ok()
    }

    /// A hex run; `from` is where its word starts.
    fn hex(&mut self, from: usize) -> Option<Term<'s>> {
        let mark = self.body.outline.get(self.mark)?;
        if mark.kind != Kind::Hex || mark.at as usize != self.at {
            return None;
        }
        let end = mark.link as usize;
        let digits = self.bytes.get(self.at.checked_add(1)?..end)?;
        let bytes = hex::decode(digits).ok()?;
        self.mark = self.mark.checked_add(1)?;
        self.at = end.checked_add(1)?;
        (self.at <= self.bytes.len()).then(|| self.made(from, TermKind::Hex(Bytes::from(bytes))))
    }

    fn list(&mut self, depth: usize) -> Option<Term<'s>> {
        let from = self.at;
        let mut terms = Vec::new();
        self.at = skip_trivia(self.bytes, self.at.checked_add(1)?);
        while self.peek()? != b']' {
            terms.push(self.element(depth.checked_add(1)?)?);
            self.at = skip_trivia(self.bytes, self.at);
            match self.peek()? {
                b',' => self.at = skip_trivia(self.bytes, self.at.checked_add(1)?),
                b']' => {}
                _ => return None,
            }
        }
        self.at = self.at.checked_add(1)?;
        Some(self.made(from, TermKind::List(terms)))
    }
}

/// The value of a short integer without a unit or `_`: nearly all of them.
fn small_integer(token: &[u8]) -> Option<i128> {
    let mut value = 0u64;
    match token {
        [b'0', b'x', digits @ ..] if matches!(digits.len(), 1..=16) => {
            for digit in digits {
                let digit = hex::value(*digit);
                if digit > 15 {
                    return None;
                }
                value = value << 4 | u64::from(digit);
            }
        }
        digits if digits.len() <= 18 => {
            for digit in digits {
                if !digit.is_ascii_digit() {
                    return None;
                }
                value = value.wrapping_mul(10).wrapping_add(u64::from(digit & 0xF));
            }
        }
        _ => return None,
    }
    Some(i128::from(value))
}
