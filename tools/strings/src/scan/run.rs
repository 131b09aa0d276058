//! A string that may go on.

use crate::print::Printer;

/// The characters in a row that came last, printed as soon as they are enough for a string.
#[derive(Debug)]
pub struct Run {
    /// How many characters make a string, at least 1.
    min_length: usize,
    /// Where the first character is, in bytes of the file.
    start: u64,
    /// The characters so far.
    length: usize,
    /// Their text, while they are too few.
    pending: Vec<u8>,
}

impl Run {
    /// No characters yet.
    pub fn new(min_length: usize) -> Self {
        Self { min_length, start: 0, length: 0, pending: Vec::new() }
    }

    /// How many characters make a string.
    pub fn min_length(&self) -> usize {
        self.min_length
    }

    /// Whether the next character would be the first.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Whether it is a string already.
    pub fn is_string(&self) -> bool {
        self.length >= self.min_length
    }

    /// Adds `length` characters, printed as `text`; they start at `offset` of the file.
    pub fn push(&mut self, offset: u64, length: usize, text: &[u8], printer: &mut Printer<'_>) {
        if self.is_empty() {
            self.start = offset;
        }
        let was_string = self.is_string();
        self.length = self.length.saturating_add(length);
        if !self.is_string() {
            self.pending.extend_from_slice(text);
            return;
        }
        if !was_string {
            printer.start(self.start);
            printer.text(&self.pending);
            self.pending.clear();
        }
        printer.text(text);
    }

    /// Ends the string, or forgets the characters if they are too few.
    pub fn end(&mut self, printer: &mut Printer<'_>) {
        if self.is_string() {
            printer.end();
        }
        self.pending.clear();
        self.length = 0;
    }
}
