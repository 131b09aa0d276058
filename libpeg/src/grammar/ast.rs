//! A grammar as its text says it, with the place of every part.

use crate::source::Span;

/// What a rule does with white space inside it and with the nodes of the tree (pest's modifiers).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleKind {
    /// `{ }`: makes a node.
    Normal,
    /// `_{ }`: makes no node; what it calls does.
    Silent,
    /// `@{ }`: no implicit white space, and no nodes inside.
    Atomic,
    /// `${ }`: no implicit white space, but nodes inside.
    CompoundAtomic,
    /// `!{ }`: implicit white space again, wherever it is called from.
    NonAtomic,
}

/// One rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// Where its name stands in the definition.
    pub name_span: Span,
    /// Its modifier.
    pub kind: RuleKind,
    /// What it matches.
    pub expr: Expr,
}

/// Something that a rule matches.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of expressions.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// `"text"`.
    Literal(String),
    /// `^"text"`: the case of ASCII letters does not matter.
    Insensitive(String),
    /// `'a'..'z'`: both ends belong to it.
    Range(char, char),
    /// A name.
    Call(Callee),
    /// `PEEK[a..b]`.
    PeekSlice(i32, Option<i32>),
    /// `&e`.
    And(Box<Expr>),
    /// `!e`.
    Not(Box<Expr>),
    /// `a ~ b`, two or more.
    Sequence(Vec<Expr>),
    /// `a | b`, two or more.
    Choice(Vec<Expr>),
    /// `e?`, `e*`, `e+` and `e{min,max}`.
    Repeat {
        /// What is repeated.
        body: Box<Expr>,
        /// The least count.
        min: u32,
        /// The greatest count; `None` is without end.
        max: Option<u32>,
    },
    /// `PUSH(e)`.
    Push(Box<Expr>),
}

/// What a name calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Callee {
    /// A rule of the grammar, by its index.
    Rule(usize),
    /// A rule that every grammar has.
    Builtin(Builtin),
    /// A property of Unicode characters, by its name.
    Property(String),
    /// Nothing.
    Undefined(String),
}

/// The rules that every grammar has, but for properties of Unicode characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Builtin {
    /// `ANY`: any character.
    Any,
    /// `SOI`: the start of the input.
    Soi,
    /// `EOI`: the end of the input; makes a node.
    Eoi,
    /// `PEEK`: the top of the stack.
    Peek,
    /// `PEEK_ALL`: all of the stack, from its top.
    PeekAll,
    /// `POP`: the top of the stack, which is removed.
    Pop,
    /// `POP_ALL`: all of the stack, from its top, which becomes empty.
    PopAll,
    /// `DROP`: removes the top of the stack.
    Drop,
    /// `NEWLINE`: a line end of any system.
    Newline,
    /// `ASCII_…`: a character of a class, by its index in [`CLASSES`].
    Class(usize),
}

/// A class of ASCII characters: its name and the ranges that it holds, in the order in which pest
/// tries them.
pub type Class = (&'static str, &'static [(char, char)]);

/// The classes that every grammar knows.
pub const CLASSES: &[Class] = &[
    ("ASCII_DIGIT", &[('0', '9')]),
    ("ASCII_NONZERO_DIGIT", &[('1', '9')]),
    ("ASCII_BIN_DIGIT", &[('0', '1')]),
    ("ASCII_OCT_DIGIT", &[('0', '7')]),
    ("ASCII_HEX_DIGIT", &[('0', '9'), ('a', 'f'), ('A', 'F')]),
    ("ASCII_ALPHA_LOWER", &[('a', 'z')]),
    ("ASCII_ALPHA_UPPER", &[('A', 'Z')]),
    ("ASCII_ALPHA", &[('a', 'z'), ('A', 'Z')]),
    ("ASCII_ALPHANUMERIC", &[('a', 'z'), ('A', 'Z'), ('0', '9')]),
    ("ASCII", &[('\0', '\x7f')]),
];

/// The alternatives of `NEWLINE`, in order.
pub const NEWLINES: [&str; 3] = ["\n", "\r\n", "\r"];

impl Builtin {
    /// The built-in rule of a name.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "ANY" => Self::Any,
            "SOI" => Self::Soi,
            "EOI" => Self::Eoi,
            "PEEK" => Self::Peek,
            "PEEK_ALL" => Self::PeekAll,
            "POP" => Self::Pop,
            "POP_ALL" => Self::PopAll,
            "DROP" => Self::Drop,
            "NEWLINE" => Self::Newline,
            _ => Self::Class(CLASSES.iter().position(|(class, _)| *class == name)?),
        })
    }

    /// Whether no rule of a grammar may have its name; one of the name of another hides it.
    pub fn is_reserved(self) -> bool {
        !matches!(self, Self::Newline | Self::Class(_))
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Any => "ANY",
            Self::Soi => "SOI",
            Self::Eoi => "EOI",
            Self::Peek => "PEEK",
            Self::PeekAll => "PEEK_ALL",
            Self::Pop => "POP",
            Self::PopAll => "POP_ALL",
            Self::Drop => "DROP",
            Self::Newline => "NEWLINE",
            Self::Class(index) => CLASSES.get(index).map_or("", |(name, _)| name),
        }
    }
}

impl Expr {
    /// Calls `f` for this expression and all inside it, from outside in and left to right.
    pub fn walk<'e>(&'e self, f: &mut impl FnMut(&'e Self)) {
        f(self);
        for part in self.parts() {
            part.walk(f);
        }
    }

    /// The expressions directly inside.
    pub fn parts(&self) -> &[Self] {
        match &self.kind {
            ExprKind::And(body)
            | ExprKind::Not(body)
            | ExprKind::Push(body)
            | ExprKind::Repeat { body, .. } => std::slice::from_ref(body),
            ExprKind::Sequence(parts) | ExprKind::Choice(parts) => parts,
            _ => &[],
        }
    }

    /// Whether both say the same, wherever they stand.
    pub fn same(&self, other: &Self) -> bool {
        use ExprKind::{
            And, Call, Choice, Insensitive, Literal, Not, PeekSlice, Push, Range, Repeat, Sequence,
        };
        match (&self.kind, &other.kind) {
            (Literal(a), Literal(b)) | (Insensitive(a), Insensitive(b)) => a == b,
            (Range(a, b), Range(c, d)) => (a, b) == (c, d),
            (Call(a), Call(b)) => a == b,
            (PeekSlice(a, b), PeekSlice(c, d)) => (a, b) == (c, d),
            (And(a), And(b)) | (Not(a), Not(b)) | (Push(a), Push(b)) => a.same(b),
            (Sequence(a), Sequence(b)) | (Choice(a), Choice(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.same(b))
            }
            (Repeat { body: a, min, max }, Repeat { body: b, min: other_min, max: other_max }) => {
                min == other_min && max == other_max && a.same(b)
            }
            _ => false,
        }
    }
}
