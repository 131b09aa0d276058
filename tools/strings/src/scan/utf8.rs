//! Strings of ASCII and UTF-8, with the characters beyond ASCII shown as `-U` says.
//!
//! What counts as a character is GNU's: a byte from 0xc0 on, and as many bytes from 0x80 to 0xbf
//! as it asks for by its highest bits. So some sequences are taken that are no UTF-8: too long
//! ones, surrogates, numbers past U+10FFFF.
//!
//! A byte that breaks a sequence is looked at again. Where GNU's strings does that in a stream
//! right behind a string that it printed, it gets its count of bytes wrong: if the next string
//! starts there, its offset is printed as 4 GiB more than it is. This is kept, since whoever reads
//! these offsets with a program has seen no others. (GNU also counts no further than 4 GiB, which
//! is not kept.)

use std::io::IsTerminal;

use super::Source;
use super::class::Class;
use super::run::Run;
use crate::options::Unicode;
use crate::print::Printer;
use common::unicode::{NORMAL, RED, push_escape, push_hex};

/// What GNU adds to the offset of a string that follows a broken sequence.
const MISCOUNT: u64 = 1 << 32;

/// Finds strings of UTF-8.
pub struct Scanner {
    run: Run,
    class: Class,
    unicode: Unicode,
    source: Source,
    /// Whether a string that started here would get a wrong offset.
    is_miscounted: bool,
    has_colour: bool,
    /// How a character is shown; kept for its memory.
    shown: Vec<u8>,
    /// How far the bytes are taken, in bytes of the file.
    offset: u64,
}

/// What a sequence of UTF-8 is.
enum Sequence {
    /// A character of so many bytes.
    Whole(usize),
    /// Broken behind so many bytes.
    Broken(usize),
    /// Cut by the end of the bytes.
    Cut,
}

impl Sequence {
    /// What `bytes` start with, of which the first is at least 0xc0.
    fn at(bytes: &[u8]) -> Self {
        let length = match bytes.first() {
            Some(..=0xdf) => 2,
            Some(..=0xef) => 3,
            _ => 4,
        };
        let is_continued = |byte: &&u8| **byte & 0xc0 == 0x80;
        let more = bytes.iter().take(length).skip(1).take_while(is_continued).count();
        if more + 1 == length {
            Self::Whole(length)
        } else if more + 1 == bytes.len() {
            Self::Cut
        } else {
            Self::Broken(more + 1)
        }
    }
}

impl Scanner {
    /// A scanner for bytes from `offset` on.
    pub fn new(run: Run, class: Class, unicode: Unicode, source: Source, offset: u64) -> Self {
        let has_colour = unicode == Unicode::Highlight && std::io::stdout().is_terminal();
        let shown = Vec::new();
        Self { run, class, unicode, source, is_miscounted: false, has_colour, shown, offset }
    }

    /// See [`super::Scanner::scan`].
    pub fn scan(&mut self, block: &[u8], printer: &mut Printer<'_>) -> usize {
        let mut at = 0;
        while let Some(rest) = block.get(at..)
            && let Some(&first) = rest.first()
        {
            if first < 0x80 {
                at += self.ascii(rest, at, printer);
                continue;
            }
            if first < 0xc0 {
                self.other(printer);
                at += 1;
                continue;
            }
            match Sequence::at(rest) {
                Sequence::Cut => break,
                Sequence::Broken(length) => {
                    let is_miscounted = self.source == Source::Stream && self.run.is_string();
                    self.other(printer);
                    self.is_miscounted = is_miscounted;
                    at += length;
                }
                Sequence::Whole(length) if self.unicode == Unicode::Invalid => {
                    self.other(printer);
                    at += length;
                }
                Sequence::Whole(length) => {
                    self.show(rest.get(..length).unwrap_or_default());
                    let offset = self.next_offset(at);
                    self.run.push(offset, 1, &self.shown, printer);
                    at += length;
                }
            }
        }
        self.offset = self.offset.wrapping_add(at as u64);
        at
    }

    /// See [`super::Scanner::finish`].
    pub fn finish(&mut self, printer: &mut Printer<'_>) {
        self.run.end(printer);
    }

    /// Takes the ASCII characters that `rest` starts with, or a byte that is none.
    fn ascii(&mut self, rest: &[u8], at: usize, printer: &mut Printer<'_>) -> usize {
        let length = rest.iter().take_while(|byte| self.class.contains(**byte)).count();
        if length == 0 {
            self.other(printer);
            return 1;
        }
        let offset = self.next_offset(at);
        self.run.push(offset, length, rest.get(..length).unwrap_or_default(), printer);
        length
    }

    /// Takes what is no character.
    fn other(&mut self, printer: &mut Printer<'_>) {
        self.run.end(printer);
        self.is_miscounted = false;
    }

    /// The offset of a string that starts at byte `at` of the block.
    fn next_offset(&self, at: usize) -> u64 {
        let offset = self.offset.wrapping_add(at as u64);
        if self.is_miscounted { offset.wrapping_add(MISCOUNT) } else { offset }
    }

    /// Makes the text of a character.
    fn show(&mut self, sequence: &[u8]) {
        let text = &mut self.shown;
        text.clear();
        match self.unicode {
            Unicode::Hex => push_hex(text, sequence, b"<0x", b">"),
            Unicode::Highlight if self.has_colour => {
                text.extend_from_slice(RED);
                push_escape(text, sequence);
                text.extend_from_slice(NORMAL);
            }
            Unicode::Escape | Unicode::Highlight => push_escape(text, sequence),
            // GNU prints no more of it, in any locale.
            Unicode::Locale | Unicode::Bytes | Unicode::Invalid => text.extend(sequence.first()),
        }
    }
}
