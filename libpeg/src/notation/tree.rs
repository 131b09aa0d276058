//! What a text in the notation is read as. A vocabulary works on this.
//!
//! Built-in statements (constants, repetition, templates, includes) are carried out before: a tree
//! holds only what the vocabulary has to understand.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use super::expr::{Expr, ExprKind, Names, eval};
use crate::diagnostic::Diagnostic;
use crate::source::Span;

/// Terms, and perhaps a block: `symbol main value=4;` or `section .text { align = 16; }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement<'s> {
    /// What stands before the `;` or `{`. Empty only for a block without a head.
    pub terms: Vec<Term<'s>>,
    /// The statements between braces.
    pub block: Option<Vec<Statement<'s>>>,
    /// From the first term up to the `;` or the `{`, without it.
    pub span: Span,
}

/// A part of a statement, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term<'s> {
    /// What it is.
    pub kind: TermKind<'s>,
    /// Where it stands.
    pub span: Span,
}

/// What a term is. Words borrow from the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TermKind<'s> {
    /// `.text`, `R_X86_64_PC32`, `memcpy@GLIBC_2.2.5`
    Word(&'s str),
    /// `-4`, `0x1000`, `4K`, `'a'`; also an expression whose value is known.
    Int(i128),
    /// `"a\x00b"`: any bytes, escapes resolved. Borrowed where there are none.
    Str(Cow<'s, [u8]>),
    /// `hex { 55 4889e5 }`
    Hex(Bytes),
    /// `[1, main, "x"]`
    List(Vec<Term<'s>>),
    /// `(addr(.text) + 4)`, `size(.text)`: what only the vocabulary can work out.
    Expr(Box<Expr<'s>>),
    /// `align = 16`
    Attr(&'s str, Box<Term<'s>>),
}

/// Bytes of a hex run, decoded. Copies share them.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Bytes(Arc<Vec<u8>>);

impl Bytes {
    /// The bytes by themselves; copied only if another copy is still there.
    pub fn into_vec(self) -> Vec<u8> {
        Arc::try_unwrap(self.0).unwrap_or_else(|shared| shared.as_ref().clone())
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Arc::new(bytes))
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Bytes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("hex")?;
        for byte in self.0.iter() {
            write!(formatter, " {byte:02x}")?;
        }
        Ok(())
    }
}

impl<'s> Statement<'s> {
    /// The first term, if it is a word: what most vocabularies choose by.
    pub fn keyword(&self) -> Option<&'s str> {
        match self.terms.first()?.kind {
            TermKind::Word(word) => Some(word),
            _ => None,
        }
    }

    /// Name and value, if the statement is exactly one attribute: `align = 16;`.
    pub fn as_attribute(&self) -> Option<(&'s str, &Term<'s>)> {
        match (self.terms.as_slice(), &self.block) {
            ([Term { kind: TermKind::Attr(name, value), .. }], None) => Some((name, value)),
            _ => None,
        }
    }

    /// The attributes among the terms: `type=note` of `section .note type=note { ... }`.
    pub fn attributes(&self) -> impl Iterator<Item = (&'s str, &Term<'s>)> {
        self.terms.iter().filter_map(|term| match &term.kind {
            TermKind::Attr(name, value) => Some((*name, value.as_ref())),
            _ => None,
        })
    }

    /// The statements of the block; none if there is no block.
    pub fn children(&self) -> &[Statement<'s>] {
        self.block.as_deref().unwrap_or_default()
    }
}

impl<'s> Term<'s> {
    /// The word.
    pub fn word(&self) -> Option<&'s str> {
        match self.kind {
            TermKind::Word(word) => Some(word),
            _ => None,
        }
    }

    /// The bytes of a word or a string: a name is written either way.
    pub fn text(&self) -> Option<&[u8]> {
        match &self.kind {
            TermKind::Word(word) => Some(word.as_bytes()),
            TermKind::Str(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The bytes of a string or a hex run.
    pub fn bytes(&self) -> Option<&[u8]> {
        match &self.kind {
            TermKind::Str(bytes) => Some(bytes),
            TermKind::Hex(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The number, if it is known without the vocabulary.
    pub fn int(&self) -> Option<i128> {
        match self.kind {
            TermKind::Int(value) => Some(value),
            _ => None,
        }
    }

    /// The terms of a list.
    pub fn list(&self) -> Option<&[Term<'s>]> {
        match &self.kind {
            TermKind::List(terms) => Some(terms),
            _ => None,
        }
    }

    /// The number that the term is: an integer, a word that `names` knows, or an expression.
    ///
    /// # Errors
    /// Those of [`eval`], and that the term cannot be a number.
    pub fn value(&self, names: &mut dyn Names) -> Result<i128, Diagnostic> {
        match &self.kind {
            TermKind::Int(value) => Ok(*value),
            TermKind::Expr(expr) => eval(expr, names),
            TermKind::Word(word) => {
                eval(&Expr { kind: ExprKind::Name(word), span: self.span }, names)
            }
            _ => Err(Diagnostic::error(
                self.span,
                format!("expected a number, found {}", self.describe()),
            )),
        }
    }

    /// What the term is, in words, for messages: `a string`, `the word `main``.
    pub fn describe(&self) -> String {
        match &self.kind {
            TermKind::Word(word) => format!("the word `{word}`"),
            TermKind::Int(value) => format!("the integer {value}"),
            TermKind::Str(_) => "a string".to_owned(),
            TermKind::Hex(_) => "a hex run".to_owned(),
            TermKind::List(_) => "a list".to_owned(),
            TermKind::Expr(_) => "an expression".to_owned(),
            TermKind::Attr(name, _) => format!("the attribute `{name}`"),
        }
    }
}
