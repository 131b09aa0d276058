//! What can be said of a head that is not simple before pest sees it: tokens that are wrong in
//! themselves are reported by their one wrong character, and nesting is limited, as pest goes one
//! level deeper on the stack for each.

use super::super::blocks::Piece;
use super::super::hex;
use super::super::lexical::{self, is_blank, is_word, is_word_start};
use super::super::parser::open_string;
use super::super::tree::Bytes;
use super::Body;
use crate::diagnostic::Diagnostic;

/// How deep parentheses, brackets and conditions may lie in each other.
pub const MAX_NESTING: usize = 64;
/// Bytes of a head that pest is given, without the insides of strings and hex runs.
pub const MAX_LENGTH: usize = 256 << 10;

/// A head without the insides of its hex runs and strings. `""` and `hex{}` stand for them.
pub struct Skeleton {
    pub text: String,
    /// Offset in the source of the head.
    from: usize,
    /// For each cut, the offset in `text`, and how much is cut up to there.
    cuts: Vec<(usize, usize)>,
    /// The hex runs in their order.
    pub hexes: Vec<Bytes>,
}

impl Skeleton {
    /// Looks through the tokens of a head.
    pub fn new(body: &Body<'_>, from: usize, piece: &Piece) -> Result<Self, Diagnostic> {
        let mut scan = Scan {
            body,
            at: from,
            copied: from,
            nesting: 0,
            deepest: 0,
            conditions: 0,
            skeleton: Self { text: String::new(), from, cuts: Vec::new(), hexes: Vec::new() },
        };
        scan.run(piece)?;
        let skeleton = scan.skeleton;
        if skeleton.text.len() > MAX_LENGTH {
            let span = body.span(from, piece.to);
            return Err(Diagnostic::error(span, "this statement is too long")
                .hint("more than 256 KiB, beside strings and bytes; make several of it"));
        }
        Ok(skeleton)
    }

    /// The offset in the source of an offset in the skeleton.
    pub fn source(&self, at: usize) -> usize {
        let behind = self.cuts.partition_point(|(cut, _)| *cut <= at);
        let skipped = behind.checked_sub(1).and_then(|index| self.cuts.get(index));
        let skipped = skipped.map_or(0, |(_, skipped)| *skipped);
        self.from.saturating_add(at).saturating_add(skipped)
    }
}

struct Scan<'b, 's> {
    body: &'b Body<'s>,
    at: usize,
    /// What is before this is in the skeleton.
    copied: usize,
    nesting: usize,
    deepest: usize,
    conditions: usize,
    skeleton: Skeleton,
}

impl Scan<'_, '_> {
    fn run(&mut self, piece: &Piece) -> Result<(), Diagnostic> {
        let bytes = self.body.text.as_bytes().get(..piece.to).unwrap_or_default();
        let mut marks = piece.marks();
        while let Some(rest) = bytes.get(self.at..).filter(|rest| !rest.is_empty()) {
            let first = rest.first().copied().unwrap_or_default();
            let length = match first {
                b'"' => {
                    let length = self.string(rest)?;
                    self.cut(1, length.saturating_sub(2));
                    length
                }
                b'\'' => self.character(rest)?,
                b'{' => {
                    let mark = marks.next().and_then(|index| self.body.outline.get(index));
                    let Some(mark) = mark.filter(|mark| mark.at as usize == self.at) else {
                        break;
                    };
                    let inside = (mark.link as usize).saturating_sub(self.at).saturating_sub(1);
                    let from = self.at.saturating_add(1);
                    let digits = self.body.get(from, from.saturating_add(inside));
                    let bytes = hex::decode(digits.as_bytes())
                        .map_err(|fault| self.body.fault(from, fault, "hex"))?;
                    self.skeleton.hexes.push(Bytes::from(bytes));
                    self.cut(1, inside);
                    inside.saturating_add(2)
                }
                b'0'..=b'9' => self.integer(rest)?,
                b'/' => lexical::comment_length(rest).max(1),
                b'(' | b'[' => {
                    self.nesting = self.nesting.saturating_add(1);
                    self.limit()?
                }
                b')' | b']' => {
                    self.nesting = self.nesting.saturating_sub(1);
                    1
                }
                b'?' => {
                    self.conditions = self.conditions.saturating_add(1);
                    self.limit()?
                }
                // Conditions beside each other do not lie in each other.
                b',' if self.nesting <= 1 => {
                    self.conditions = 0;
                    1
                }
                byte if is_word_start(byte) => lexical::word_length(rest),
                _ => 1,
            };
            self.at = self.at.saturating_add(length);
        }
        let tail = self.body.get(self.copied, piece.to);
        self.skeleton.text.push_str(tail);
        Ok(())
    }

    /// Leaves out `length` bytes that start `skip` bytes from here.
    fn cut(&mut self, skip: usize, length: usize) {
        let from = self.at.saturating_add(skip);
        self.skeleton.text.push_str(self.body.get(self.copied, from));
        self.copied = from.saturating_add(length);
        let before = self.skeleton.cuts.last().map_or(0, |(_, skipped)| *skipped);
        self.skeleton.cuts.push((self.skeleton.text.len(), before.saturating_add(length)));
    }

    fn limit(&mut self) -> Result<usize, Diagnostic> {
        self.deepest = self.nesting.saturating_add(self.conditions);
        if self.deepest <= MAX_NESTING {
            return Ok(1);
        }
        let span = self.body.span(self.at, self.at.saturating_add(1));
        Err(Diagnostic::error(span, "this lies too deep in parentheses, brackets or conditions")
            .hint("give a part of it a name with `let`"))
    }

    fn string(&self, rest: &[u8]) -> Result<usize, Diagnostic> {
        let Some(length) = lexical::string_length(rest) else {
            return Err(open_string(self.body, self.at));
        };
        let token = self.body.get(self.at, self.at.saturating_add(length));
        lexical::string(token, |_, _| Ok(Vec::new()))
            .map_err(|fault| self.body.fault(self.at, fault, "string"))?;
        Ok(length)
    }

    fn character(&self, rest: &[u8]) -> Result<usize, Diagnostic> {
        let Some(length) = lexical::character_length(rest) else {
            let span = self.body.span(self.at, self.at.saturating_add(1));
            return Err(
                Diagnostic::error(span, "this quote is not closed in its line").rule("character")
            );
        };
        let token = self.body.get(self.at, self.at.saturating_add(length));
        lexical::character(token).map_err(|fault| self.body.fault(self.at, fault, "character"))?;
        Ok(length)
    }

    fn integer(&self, rest: &[u8]) -> Result<usize, Diagnostic> {
        // `0..4` is three tokens.
        let dots =
            memchr::memmem::find(rest.get(..lexical::word_length(rest)).unwrap_or(rest), b"..");
        let length = dots.unwrap_or_else(|| lexical::word_length(rest));
        let token = self.body.get(self.at, self.at.saturating_add(length));
        lexical::integer(token).map_err(|fault| self.body.fault(self.at, fault, "integer"))?;
        Ok(length)
    }
}

/// A hint for an error at `at`, if it looks as if the `;` of the line before is missing.
pub fn missing_semicolon(body: &Body<'_>, from: usize, at: usize) -> Option<String> {
    let before = body.text.as_bytes().get(from..at)?;
    // Either the wrong sign itself starts a line, or the word before it does (`align = 4\n type =`).
    let trimmed = trim(before);
    let word = trimmed.iter().rev().take_while(|byte| is_word(**byte)).count();
    let line = trimmed.get(..trimmed.len().saturating_sub(word)).unwrap_or_default();
    let breaks = |text: &[u8], behind: &[u8]| {
        behind.get(text.len()..).is_some_and(|blanks| blanks.contains(&b'\n'))
    };
    let starts_line = breaks(trimmed, before) || (word > 0 && breaks(trim(line), line));
    if !starts_line {
        return None;
    }
    let end = if breaks(trimmed, before) { trimmed } else { trim(line) };
    if end.is_empty() {
        return None;
    }
    let end = from.saturating_add(end.len());
    let line = body.sources.position(body.view, end).line;
    Some(format!("is a `;` missing at the end of line {line}?"))
}

fn trim(text: &[u8]) -> &[u8] {
    let blanks = text.iter().rev().take_while(|byte| is_blank(**byte)).count();
    text.get(..text.len().saturating_sub(blanks)).unwrap_or_default()
}
