//! A block as a row of pieces: the head of each statement, and what it ends with.

use std::ops::Range;

use super::lexical::{is_blank, is_word, skip_trivia, word_length};
use super::outline::{Kind, NONE, Outline};

/// A place between two statements: an offset in the text, and the first mark behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    pub at: usize,
    pub mark: usize,
}

/// What is between two places: the inside of a block, or a whole text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    pub from: Cursor,
    pub to: Cursor,
}

/// How a statement ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// With `;`.
    Semicolon,
    /// With this block; whether a `;` stands behind it.
    Block(Extent, bool),
    /// It is a hex run by itself.
    Bytes,
    /// With the block that it stands in, or the text: an error.
    Missing,
    /// With a `}` that closes nothing, which is reported already.
    Stray,
}

/// A statement before its head is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// Offset of the first term.
    pub from: usize,
    /// Offset behind the last sign that is not blank.
    pub to: usize,
    /// Marks in the head: its hex runs.
    pub first_mark: usize,
    /// The mark behind those.
    pub last_mark: usize,
    pub end: End,
}

impl Piece {
    pub fn marks(&self) -> Range<usize> {
        self.first_mark..self.last_mark
    }

    /// The statement's block.
    pub fn body(&self) -> Option<Extent> {
        match self.end {
            End::Block(extent, _) => Some(extent),
            _ => None,
        }
    }
}

impl Extent {
    /// All of a text.
    pub fn whole(text: &str, outline: &Outline) -> Self {
        Self {
            from: Cursor { at: 0, mark: 0 },
            to: Cursor { at: text.len(), mark: outline.marks.len() },
        }
    }

    pub fn len(&self) -> usize {
        self.to.at.saturating_sub(self.from.at)
    }
}

/// The next statement from `cursor` on, which moves behind it.
pub fn next_piece(text: &str, outline: &Outline, cursor: &mut Cursor, to: Cursor) -> Option<Piece> {
    let bytes = text.as_bytes().get(..to.at)?;
    let from = skip_trivia(bytes, cursor.at);
    if from >= to.at {
        *cursor = to;
        return None;
    }
    let first_mark = cursor.mark;
    let mark = |index: usize| outline.get(index).filter(|_| index < to.mark);
    let mut last_mark = first_mark;
    while let Some(hex) = mark(last_mark).filter(|mark| mark.kind == Kind::Hex) {
        last_mark = last_mark.saturating_add(1);
        if last_mark.wrapping_sub(first_mark) == 1 && is_hex_head(bytes, from, hex.at as usize) {
            let end = (hex.link as usize).saturating_add(1).min(to.at);
            *cursor = Cursor { at: end, mark: last_mark };
            semicolon(bytes, outline, cursor, to);
            return Some(Piece { from, to: end, first_mark, last_mark, end: End::Bytes });
        }
    }
    let piece = |end: usize, what| {
        let head = bytes.get(from..end).unwrap_or_default();
        let blanks = head.iter().rev().take_while(|byte| is_blank(**byte)).count();
        Some(Piece { from, to: end.saturating_sub(blanks), first_mark, last_mark, end: what })
    };
    let Some(sign) = mark(last_mark) else {
        *cursor = to;
        return piece(to.at, End::Missing);
    };
    let at = sign.at as usize;
    let behind = Cursor { at: at.saturating_add(1), mark: last_mark.saturating_add(1) };
    *cursor = behind;
    match sign.kind {
        Kind::Semicolon => piece(at, End::Semicolon),
        Kind::Open => {
            let close = (sign.link as usize).min(to.mark);
            let end = match outline.get(close).filter(|_| sign.link != NONE) {
                Some(mark) => Cursor { at: (mark.at as usize).min(to.at), mark: close },
                None => to,
            };
            *cursor = Cursor {
                at: end.at.saturating_add(1).min(to.at),
                mark: end.mark.saturating_add(1).min(to.mark),
            };
            let ended = semicolon(bytes, outline, cursor, to);
            piece(at, End::Block(Extent { from: behind, to: end }, ended))
        }
        Kind::Close | Kind::Hex => piece(at, End::Stray),
    }
}

/// Moves behind a `;`, if one comes next.
fn semicolon(bytes: &[u8], outline: &Outline, cursor: &mut Cursor, to: Cursor) -> bool {
    let at = skip_trivia(bytes, cursor.at);
    let next = outline.get(cursor.mark).filter(|_| cursor.mark < to.mark);
    let found = next.is_some_and(|mark| mark.kind == Kind::Semicolon && mark.at as usize == at);
    if found {
        *cursor = Cursor { at: at.saturating_add(1), mark: cursor.mark.saturating_add(1) };
    }
    found
}

/// Whether a head starts with the `hex` that belongs to the brace.
fn is_hex_head(bytes: &[u8], from: usize, brace: usize) -> bool {
    let head = bytes.get(from..brace).unwrap_or_default();
    head.strip_prefix(b"hex").is_some_and(|rest| rest.iter().all(|byte| is_blank(*byte)))
}

/// A statement of the notation itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keyword {
    Include,
    Let,
    Default,
    Repeat,
    If,
    Else,
    Def,
    Use,
}

/// The keywords of the notation. A name that is one of them, or `hex`, is written in quotes where a
/// statement starts with it.
pub const KEYWORDS: [&str; 8] = ["include", "let", "default", "repeat", "if", "else", "def", "use"];

/// The keyword that a statement starts with.
pub fn keyword(text: &str, piece: &Piece) -> Option<Keyword> {
    let head = text.as_bytes().get(piece.from..piece.to)?;
    // Most heads are decided by one byte.
    if !matches!(head.first()?, b'i' | b'l' | b'd' | b'r' | b'e' | b'u') {
        return None;
    }
    let (word, rest) = head.split_at_checked(word_length(head))?;
    let found = match word {
        b"include" => Keyword::Include,
        b"let" => Keyword::Let,
        b"default" => Keyword::Default,
        b"repeat" => Keyword::Repeat,
        b"if" => Keyword::If,
        b"else" => Keyword::Else,
        b"def" => Keyword::Def,
        b"use" => Keyword::Use,
        _ => return None,
    };
    debug_assert!(!rest.first().is_some_and(|byte| is_word(*byte)));
    // A field of that name.
    match rest.get(skip_trivia(rest, 0)..)? {
        [b'=', b'=', ..] => Some(found),
        [b'=', ..] => None,
        _ => Some(found),
    }
}
