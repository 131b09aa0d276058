//! Text whose names are demangled, all else printed as it is.
//!
//! A name is a run of letters, digits, `_`, `$` and `.`, in no other bytes than ASCII's. The text
//! is read in blocks, and no more of it is kept than the name that a block ends in. What is done is
//! printed before more is read, so that another program can talk with this one line by line.

use std::io::{self, Read};

use common::Output;

use crate::name::Printer;

/// So much is read at once.
const BLOCK: usize = 1 << 16;

/// The longest name; a longer one is cut, and the byte after the cut is not part of any.
const LONGEST: usize = 32766;

/// Demangles the names of `input`.
pub fn run(out: &mut Output, printer: &mut Printer, input: &mut impl Read) {
    let mut block = vec![0; BLOCK + LONGEST + 1];
    // The first bytes of the block that are not printed yet: the start of a name.
    let mut kept = 0;
    loop {
        out.flush();
        let space = block.get_mut(kept..).unwrap_or_default();
        let read = match input.read(space) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            // What cannot be read ends the text.
            Err(_) | Ok(0) => break,
            Ok(read) => read,
        };
        let text = block.get(..kept.saturating_add(read)).unwrap_or_default();
        let done = print_text(text, printer, out.buf());
        let rest = done..text.len();
        kept = rest.len();
        block.copy_within(rest, 0);
    }
    let name = block.get(..kept).unwrap_or_default();
    if !name.is_empty() {
        print_name(name, name.contains(&0), printer, out.buf());
    }
}

/// Prints text up to the name at its end that may go on, and gives how much of it that is.
fn print_text(text: &[u8], printer: &mut Printer, out: &mut Vec<u8>) -> usize {
    let has_nul = text.contains(&0);
    let mut rest = text;
    while !rest.is_empty() {
        let other = rest.iter().position(|&byte| is_name(byte)).unwrap_or(rest.len());
        let (before, from_name) = rest.split_at(other);
        out.extend_from_slice(before);
        let longest = from_name.get(..LONGEST).unwrap_or(from_name);
        let length = name_length(longest);
        let end = (length < longest.len()).then_some(length);
        let (name, after) = from_name.split_at(end.unwrap_or(LONGEST.min(from_name.len())));
        let Some(&next) = after.first() else { return text.len() - from_name.len() };
        print_name(name, has_nul, printer, out);
        let after = if end.is_none() {
            out.push(next);
            after.get(1..).unwrap_or_default()
        } else {
            after
        };
        rest = after;
    }
    text.len()
}

/// How many bytes of a name a text starts with.
fn name_length(text: &[u8]) -> usize {
    /// So many bytes are looked at together.
    const STEP: usize = 16;
    let (steps, _) = text.as_chunks::<STEP>();
    // Without a branch for each byte, the compiler looks at all of a step at once.
    let whole = |step: &&[u8; STEP]| step.iter().fold(true, |all, &byte| all & is_of_name(byte));
    let passed = steps.iter().take_while(whole).count().saturating_mul(STEP);
    let rest = text.get(passed..).unwrap_or_default();
    passed.saturating_add(rest.iter().take_while(|&&byte| is_name(byte)).count())
}

/// Whether a byte is one of a name. NUL is one as well, though it ends a name: what follows of the
/// same run is not printed.
#[expect(clippy::needless_bitwise_bool, reason = "a branch would end a step")]
const fn is_of_name(byte: u8) -> bool {
    let is_letter = (byte | 0x20).wrapping_sub(b'a') < 26;
    let is_digit = byte.wrapping_sub(b'0') < 10;
    is_letter | is_digit | (byte == b'_') | (byte == b'$') | (byte == b'.') | (byte == 0)
}

/// The same of one byte by itself.
fn is_name(byte: u8) -> bool {
    const NAMES: [bool; 256] = {
        let mut names = [false; 256];
        let mut byte = 0;
        while byte < names.len() {
            #[expect(clippy::indexing_slicing, reason = "at compile time")]
            {
                names[byte] = is_of_name(byte as u8);
            }
            byte += 1;
        }
        names
    };
    NAMES.get(usize::from(byte)).copied().unwrap_or(false)
}

/// Prints a name up to the NUL in it, if there may be one.
fn print_name(name: &[u8], has_nul: bool, printer: &mut Printer, out: &mut Vec<u8>) {
    let name = if has_nul { name.split(|&byte| byte == 0).next() } else { Some(name) };
    printer.print(name.unwrap_or_default(), out);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::parse;
    use common::program::Request;

    fn printer(args: &[&str]) -> Printer {
        match parse(&args.iter().map(Into::into).collect::<Vec<_>>()) {
            Ok(Request::Run(job)) => Printer::new(&job),
            other => panic!("{other:?}"),
        }
    }

    /// Hands out at most `step` bytes at once, as a terminal does.
    struct Slow<'a> {
        text: &'a [u8],
        step: usize,
    }

    impl Read for Slow<'_> {
        fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
            let step = self.step.min(buf.len());
            self.text.take(step as u64).read(buf).inspect(|&read| {
                self.text = self.text.get(read..).unwrap_or_default();
            })
        }
    }

    fn filtered(args: &[&str], text: &[u8], step: usize) -> Vec<u8> {
        let mut out = Output::process("c++filt").recorder();
        run(&mut out, &mut printer(args), &mut Slow { text, step });
        out.recorded_text()
    }

    #[test]
    fn text_between_names_stays_and_blocks_do_not_matter() {
        let text = b"\xff plain_name, (.dot) \r\n$x @ _Z \0gone\0too\n kept\0gone end";
        let wanted = b"\xff plain_name, (.dot) \r\n$x @ _Z \n kept end";
        for step in [1, 2, 3, 7, 1000] {
            assert_eq!(filtered(&[], text, step), wanted);
        }
    }

    #[test]
    fn a_name_that_is_too_long_is_cut() {
        let mut text = vec![b'A'; LONGEST];
        text.extend_from_slice(b"Ab__c");
        let mut wanted = b"<".to_vec();
        wanted.extend_from_slice(text.get(..LONGEST).unwrap());
        wanted.extend_from_slice(b">Ab.c");
        for step in [1000, 10_000, usize::MAX] {
            assert!(filtered(&["-s", "gnat"], &text, step) == wanted, "{step}");
        }
        let name = vec![b'a'; LONGEST];
        assert!(filtered(&["-s", "gnat"], &name, usize::MAX) == name);
    }
}
