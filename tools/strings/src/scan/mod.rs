//! Strings in a stream of bytes.
//!
//! A [`Scanner`] is given a file block by block. It prints what it can tell from a block and the
//! ones before, and keeps no more than what is not decided yet: the start of a string that is too
//! short so far ([`run::Run`]), and how far a character reaches that the block cuts.
//!
//! | characters | in |
//! |---|---|
//! | single bytes | [`bytes`], 64 at once as the bits of a word |
//! | two or four bytes, of which ASCII is taken | [`wide`] |
//! | ASCII and UTF-8 | [`utf8`] |

mod bytes;
mod class;
mod run;
mod utf8;
mod wide;

#[cfg(test)]
mod tests;

use crate::options::{Encoding, Options, Unicode};
use crate::print::Printer;
use class::Class;

/// Where bytes come from. The offsets of GNU's strings depend on it: see [`utf8`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A file, read from its start to its end.
    Stream,
    /// A section of an object.
    Section,
}

/// Finds the strings of a stream of bytes.
pub enum Scanner {
    /// In bytes.
    Bytes(bytes::Scanner),
    /// In characters of two or four bytes.
    Wide(wide::Scanner),
    /// In UTF-8.
    Utf8(utf8::Scanner),
}

impl Scanner {
    /// A scanner for bytes that start at `offset` of the file.
    pub fn new(options: &Options, source: Source, offset: u64) -> Self {
        let run = run::Run::new(options.min_length);
        let class = |takes_high| Class::new(options.takes_whitespace, takes_high);
        match (options.unicode, options.encoding) {
            (Unicode::Bytes, Encoding::SevenBit) => {
                Self::Bytes(bytes::Scanner::new(run, class(false), offset))
            }
            (Unicode::Bytes, Encoding::EightBit) => {
                Self::Bytes(bytes::Scanner::new(run, class(true), offset))
            }
            (Unicode::Bytes, Encoding::Wide { width, is_big_endian }) => {
                Self::Wide(wide::Scanner::new(run, class(false), width, is_big_endian, offset))
            }
            // UTF-8 is of bytes, whatever encoding was asked for.
            (unicode, _) => {
                Self::Utf8(utf8::Scanner::new(run, class(false), unicode, source, offset))
            }
        }
    }

    /// Prints the strings in `block`, which follows the bytes that were taken so far, and tells how
    /// many bytes of it are taken. The rest, less than a character, must start the next block.
    pub fn scan(&mut self, block: &[u8], printer: &mut Printer<'_>) -> usize {
        match self {
            Self::Bytes(scanner) => scanner.scan(block, printer),
            Self::Wide(scanner) => scanner.scan(block, printer),
            Self::Utf8(scanner) => scanner.scan(block, printer),
        }
    }

    /// Prints what is left when no more bytes follow.
    pub fn finish(&mut self, printer: &mut Printer<'_>) {
        match self {
            Self::Bytes(scanner) => scanner.finish(printer),
            Self::Wide(scanner) => scanner.finish(printer),
            Self::Utf8(scanner) => scanner.finish(printer),
        }
    }
}
