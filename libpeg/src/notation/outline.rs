//! Where statements start and end: one sweep over a text that knows only comments, strings, braces
//! and semicolons.
//!
//! The marks that it leaves let the parser take each statement by itself (an error in one does not
//! hide the next), jump over the body of a template or a repetition, and hand parts of a large
//! block to several threads. Hex runs, the bulk of large texts, are crossed by a search for `}`.
//!
//! ```text
//! section .text { align = 16; hex { 55 c3 } }
//!               ^Open       ^Semicolon      ^Close
//!                                 ^Hex (the brace; linked to its end)
//! ```

use super::lexical::{self, is_blank, is_word};

/// How deep blocks may lie in each other.
pub const MAX_DEPTH: usize = 100;
/// No link: the partner is missing.
pub const NONE: u32 = u32::MAX;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Semicolon,
    /// `{` of a block; linked to the mark of its `}`.
    Open,
    /// `}` of a block; linked to the mark of its `{`, or nothing.
    Close,
    /// `{` of a hex run; linked to the offset of its `}`, or the end of the text.
    Hex,
}

/// A sign that matters, by its offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    pub at: u32,
    pub kind: Kind,
    pub link: u32,
}

/// What is wrong with the structure of a text, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flaw {
    pub at: u32,
    pub wrong: Wrong,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    OpenComment,
    OpenBlock,
    OpenHex,
    StrayClose,
    TooDeep,
}

/// The marks of a text in their order.
#[derive(Debug, Default)]
pub struct Outline {
    pub marks: Vec<Mark>,
    pub flaws: Vec<Flaw>,
    /// The text ends in a comment, a hex run or a block: what is missing at its end
    /// is not worth telling.
    pub torn: bool,
    /// Where the last string starts that does not end in its line.
    pub open_string: Option<u32>,
}

/// Bytes at which the sweep stops.
const STOPS: [bool; 256] = stops();

#[expect(clippy::indexing_slicing, reason = "the indexes are below 256")]
const fn stops() -> [bool; 256] {
    let mut table = [false; 256];
    let signs = b"{};\"'/";
    let mut index = 0;
    while index < signs.len() {
        table[signs[index] as usize] = true;
        index += 1;
    }
    table
}

#[expect(clippy::indexing_slicing, reason = "there are 256 entries")]
fn is_stop(byte: u8) -> bool {
    STOPS[usize::from(byte)]
}

impl Outline {
    /// Sweeps a text, of less than 4 GiB.
    pub fn new(text: &[u8]) -> Self {
        let mut sweep = Sweep { text, outline: Self::default(), open: Vec::new(), at: 0, told: 0 };
        sweep.run();
        sweep.outline
    }

    pub fn get(&self, index: usize) -> Option<Mark> {
        self.marks.get(index).copied()
    }
}

struct Sweep<'t> {
    text: &'t [u8],
    outline: Outline,
    /// Marks of the blocks that are open.
    open: Vec<u32>,
    at: usize,
    /// Offset behind the last comment.
    told: usize,
}

impl Sweep<'_> {
    fn run(&mut self) {
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let Some(length) = rest.iter().position(|byte| is_stop(*byte)) else { break };
            self.at = self.at.saturating_add(length);
            let rest = rest.get(length..).unwrap_or_default();
            match rest.first() {
                Some(b';') => {
                    self.mark(Kind::Semicolon, NONE);
                    self.at = self.at.saturating_add(1);
                }
                Some(b'{') => self.open(),
                Some(b'}') => self.close(),
                Some(b'"') => {
                    // One that does not end in its line is reported with its statement.
                    let length = lexical::string_length(rest).unwrap_or_else(|| {
                        self.outline.open_string = Some(self.at as u32);
                        lexical::line_length(rest)
                    });
                    self.at = self.at.saturating_add(length);
                }
                Some(b'\'') => {
                    let length = lexical::character_length(rest).unwrap_or(1);
                    self.at = self.at.saturating_add(length);
                }
                _ => self.comment(rest),
            }
        }
        for at in std::mem::take(&mut self.open) {
            let at = self.outline.get(at as usize).map_or(0, |mark| mark.at);
            self.flaw(at as usize, Wrong::OpenBlock);
        }
    }

    fn mark(&mut self, kind: Kind, link: u32) {
        self.outline.marks.push(Mark { at: self.at as u32, kind, link });
    }

    fn flaw(&mut self, at: usize, wrong: Wrong) {
        self.outline.flaws.push(Flaw { at: at as u32, wrong });
        self.outline.torn |= !matches!(wrong, Wrong::StrayClose);
    }

    fn open(&mut self) {
        if self.is_hex() {
            let end = self.hex_end();
            self.mark(Kind::Hex, end.unwrap_or(self.text.len()) as u32);
            if end.is_none() {
                self.flaw(self.at, Wrong::OpenHex);
            }
            self.at = end.map_or(self.text.len(), |end| end.saturating_add(1));
            return;
        }
        if self.open.len() >= MAX_DEPTH {
            // What follows is not looked at.
            self.flaw(self.at, Wrong::TooDeep);
            self.open.clear();
            self.at = self.text.len();
            return;
        }
        self.open.push(self.outline.marks.len() as u32);
        self.mark(Kind::Open, NONE);
        self.at = self.at.saturating_add(1);
    }

    fn close(&mut self) {
        let partner = self.open.pop();
        let here = self.outline.marks.len() as u32;
        match partner.and_then(|index| self.outline.marks.get_mut(index as usize)) {
            Some(mark) => mark.link = here,
            None => self.flaw(self.at, Wrong::StrayClose),
        }
        self.mark(Kind::Close, partner.unwrap_or(NONE));
        self.at = self.at.saturating_add(1);
    }

    fn comment(&mut self, rest: &[u8]) {
        let length = lexical::comment_length(rest);
        if length == rest.len() && rest.starts_with(b"/*") && !(length > 3 && rest.ends_with(b"*/"))
        {
            self.flaw(self.at, Wrong::OpenComment);
        }
        self.at = self.at.saturating_add(length.max(1));
        self.told = self.at;
    }

    /// Whether the word before this brace is `hex`.
    fn is_hex(&self) -> bool {
        let before = self.text.get(self.told..self.at).unwrap_or_default();
        let blanks = before.iter().rev().take_while(|byte| is_blank(**byte)).count();
        let before = before.get(..before.len().saturating_sub(blanks)).unwrap_or_default();
        // Not the last word of a comment, which can end in the line before.
        let Some(before) = before.strip_suffix(b"hex") else { return false };
        !before.last().is_some_and(|byte| is_word(*byte))
    }

    /// The offset of the `}` that is not in a comment.
    fn hex_end(&self) -> Option<usize> {
        let mut at = self.at.saturating_add(1);
        loop {
            let rest = self.text.get(at..)?;
            let end = memchr::memchr(b'}', rest)?;
            let Some(slash) = memchr::memchr(b'/', rest.get(..end)?) else {
                return Some(at.saturating_add(end));
            };
            let comment = lexical::comment_length(rest.get(slash..)?).max(1);
            at = at.saturating_add(slash).saturating_add(comment);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(text: &str) -> Vec<(u32, Kind, u32)> {
        let outline = Outline::new(text.as_bytes());
        outline.marks.iter().map(|mark| (mark.at, mark.kind, mark.link)).collect()
    }

    #[test]
    fn signs_in_strings_and_comments_do_not_count() {
        assert_eq!(marks("a \";{\\\"}\" ';' /* ; */ // }\n ;"), [(28, Kind::Semicolon, NONE)]);
    }

    #[test]
    fn braces_are_linked() {
        assert_eq!(
            marks("a { b; { } }"),
            [
                (2, Kind::Open, 4),
                (5, Kind::Semicolon, NONE),
                (7, Kind::Open, 3),
                (9, Kind::Close, 2),
                (11, Kind::Close, 0),
            ]
        );
    }

    #[test]
    fn hex_runs_are_crossed() {
        assert_eq!(marks("hex { 00 // }\n }"), [(4, Kind::Hex, 15)]);
        assert_eq!(marks("ahex { }").len(), 2);
        assert_eq!(marks("a // hex\n{ }").len(), 2);
        assert_eq!(marks("hex{00}hex{}"), [(3, Kind::Hex, 6), (10, Kind::Hex, 11)]);
    }

    #[test]
    fn flaws() {
        let flaws = |text: &str| Outline::new(text.as_bytes()).flaws;
        assert_eq!(flaws("a { "), [Flaw { at: 2, wrong: Wrong::OpenBlock }]);
        assert_eq!(flaws("}"), [Flaw { at: 0, wrong: Wrong::StrayClose }]);
        assert_eq!(flaws("a /* "), [Flaw { at: 2, wrong: Wrong::OpenComment }]);
        assert_eq!(flaws("/*/"), [Flaw { at: 0, wrong: Wrong::OpenComment }]);
        assert_eq!(flaws("/**/"), []);
        assert_eq!(flaws("hex { 0"), [Flaw { at: 4, wrong: Wrong::OpenHex }]);
        assert_eq!(flaws(&"a {".repeat(MAX_DEPTH + 5)).len(), 1);
    }
}
