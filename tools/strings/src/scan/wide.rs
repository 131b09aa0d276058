//! Strings of characters of two or four bytes, in either byte order, at any offset.
//!
//! Only ASCII counts, so that all bytes of a character but one are zero, and two characters never
//! overlap: what starts at the next byte of one has its zero where the text should be.

use super::class::{Class, GROUP, bits_of};
use super::run::Run;
use crate::print::Printer;

/// Finds strings of wide characters.
pub struct Scanner {
    run: Run,
    class: Class,
    /// The bytes of a character.
    width: usize,
    /// Which of them holds the text.
    place: usize,
    /// How many characters in a row are looked for in a group, as a first sieve.
    sieve: usize,
    /// How far the bytes are taken, in bytes of the file.
    offset: u64,
}

/// The most characters that the sieve looks for: four of four bytes each leave most of a group.
const MAX_SIEVE: usize = 4;

impl Scanner {
    /// A scanner for bytes from `offset` on.
    pub fn new(run: Run, class: Class, width: usize, is_big_endian: bool, offset: u64) -> Self {
        let place = if is_big_endian { width - 1 } else { 0 };
        let sieve = run.min_length().min(MAX_SIEVE);
        Self { run, class, width, place, sieve, offset }
    }

    /// See [`super::Scanner::scan`].
    pub fn scan(&mut self, block: &[u8], printer: &mut Printer<'_>) -> usize {
        let mut at = 0;
        loop {
            if self.run.is_empty() {
                at = self.skip(block, at);
            }
            let Some(character) = block.get(at..).and_then(|rest| rest.get(..self.width)) else {
                break;
            };
            if let Some(text) = self.text_of(character) {
                let offset = self.offset.wrapping_add(at as u64);
                self.run.push(offset, 1, &[text], printer);
                at += self.width;
            } else {
                self.run.end(printer);
                at += 1;
            }
        }
        self.offset = self.offset.wrapping_add(at as u64);
        at
    }

    /// See [`super::Scanner::finish`].
    pub fn finish(&mut self, printer: &mut Printer<'_>) {
        self.run.end(printer);
    }

    /// The ASCII of a character, if it is one.
    fn text_of(&self, character: &[u8]) -> Option<u8> {
        let mut text = None;
        for (place, &byte) in character.iter().enumerate() {
            if place == self.place {
                text = self.class.contains(byte).then_some(byte);
            } else if byte != 0 {
                return None;
            }
        }
        text
    }

    /// Where the next string could start from `at` on: no string starts before.
    fn skip(&self, block: &[u8], mut at: usize) -> usize {
        let whole = GROUP - self.sieve * self.width + 1;
        while let Some(group) = block.get(at..).and_then(|rest| rest.first_chunk::<GROUP>()) {
            let zeros = bits_of(group, |byte| byte == 0);
            let mut characters = self.class.bits(group) >> self.place;
            for place in (0..self.width).filter(|&place| place != self.place) {
                characters &= zeros >> place;
            }
            let mut starts = characters;
            for more in 1..self.sieve {
                starts &= characters >> (more * self.width);
            }
            if starts != 0 {
                return at + starts.trailing_zeros() as usize;
            }
            at += whole;
        }
        at
    }
}
