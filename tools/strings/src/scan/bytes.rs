//! Strings of single bytes.
//!
//! Most bytes of a program are in no string, and yet many are characters: those of instructions
//! come in runs of one or two. So bytes are classified 64 at once into the bits of a word, and
//! runs that are long enough are found in it by shifts. With a least length of four:
//!
//! ```text
//! bytes   . H . . = h e l l o . . a b .      (from the lowest bit on)
//! bits    0 1 0 0 1 1 1 1 1 1 0 0 1 1 0
//! starts  0 0 0 0 1 1 1 0 0 0 0 0 0 0 0      bit i: bits i to i+3 are set
//! ```
//!
//! The lowest bit of `starts` is where a string starts, and the next clear bit of `bits` is its end.

use super::class::{Class, GROUP};
use super::run::Run;
use crate::print::Printer;

/// Finds strings of bytes.
pub struct Scanner {
    run: Run,
    class: Class,
    /// How far the bytes are taken, in bytes of the file.
    offset: u64,
}

impl Scanner {
    /// A scanner for bytes from `offset` on.
    pub fn new(run: Run, class: Class, offset: u64) -> Self {
        Self { run, class, offset }
    }

    /// See [`super::Scanner::scan`].
    pub fn scan(&mut self, block: &[u8], printer: &mut Printer<'_>) -> usize {
        let is_other = |byte: &u8| !self.class.contains(*byte);
        let mut start = 0;
        if !self.run.is_empty() {
            start = block.iter().position(is_other).unwrap_or(block.len());
            let text = block.get(..start).unwrap_or_default();
            self.run.push(self.offset, start, text, printer);
            if start < block.len() {
                self.run.end(printer);
            }
        }
        // Behind the last byte that is no character, a string may start that goes on.
        let tail = block.get(start..).unwrap_or_default();
        let end = tail.iter().rposition(is_other).map_or(0, |last| last + 1);
        let (closed, open) = tail.split_at(end);
        let offset_of_tail = self.offset.wrapping_add(start as u64);
        self.closed_strings(closed, offset_of_tail, printer);
        if !open.is_empty() {
            self.run.push(offset_of_tail.wrapping_add(end as u64), open.len(), open, printer);
        }
        self.offset = self.offset.wrapping_add(block.len() as u64);
        block.len()
    }

    /// See [`super::Scanner::finish`].
    pub fn finish(&mut self, printer: &mut Printer<'_>) {
        self.run.end(printer);
    }

    /// Prints the strings in bytes of which the last is no character.
    fn closed_strings(&self, bytes: &[u8], offset: u64, printer: &mut Printer<'_>) {
        let min_length = self.run.min_length();
        let mut print = |start: usize, length: usize| {
            if length >= min_length {
                let text = bytes.get(start..).and_then(|text| text.get(..length));
                printer.whole(offset.wrapping_add(start as u64), text.unwrap_or_default());
            }
        };
        // Where the string starts that goes on at the end of a group.
        let mut open = None;
        let mut base = 0;
        let (groups, rest) = bytes.as_chunks::<GROUP>();
        let mut last = [0; GROUP];
        if let Some(start) = last.get_mut(..rest.len()) {
            start.copy_from_slice(rest);
        }
        for group in groups.iter().chain([&last]) {
            let mut bits = self.class.bits(group);
            if let Some(start) = open {
                let more = bits.trailing_ones() as usize;
                if more == GROUP {
                    base += GROUP;
                    continue;
                }
                print(start, base + more - start);
                // Those bits are done with; the next one is clear.
                bits &= !0 << more;
            }
            let to_next = bits.leading_ones() as usize;
            open = (to_next > 0).then_some(base + GROUP - to_next);
            let mut starts = starts_of(bits, min_length);
            while starts != 0 {
                let start = starts.trailing_zeros();
                let length = (!(bits >> start)).trailing_zeros();
                let end = start + length;
                if end as usize >= GROUP {
                    break;
                }
                print(base + start as usize, length as usize);
                starts &= !0 << end;
            }
            base += GROUP;
        }
    }
}

/// The bits from which on `length` are set.
#[inline]
fn starts_of(mut bits: u64, length: usize) -> u64 {
    let mut reached = 1;
    while reached < length && bits != 0 {
        let step = reached.min(length - reached).min(GROUP / 2);
        bits &= bits >> step;
        reached += step;
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::starts_of;

    #[test]
    fn starts_have_enough_bits_behind_them() {
        assert_eq!(starts_of(0b0011_1110, 4), 0b0000_0110);
        assert_eq!(starts_of(0b0011_1110, 5), 0b0000_0010);
        assert_eq!(starts_of(0b0011_1110, 6), 0);
        assert_eq!(starts_of(u64::MAX, 1), u64::MAX);
        assert_eq!(starts_of(u64::MAX, 64), 1);
        assert_eq!(starts_of(u64::MAX, 65), 0);
        assert_eq!(starts_of(u64::MAX, usize::MAX), 0);
    }
}
