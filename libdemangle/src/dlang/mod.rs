//! D: <https://dlang.org/spec/abi.html#name_mangling>.
//!
//! ```text
//! _D3std5array__T8appenderTAiZQnFNaNbZv
//!   3std5array                           std.array
//!             __T8appenderTAiZ           .appender!(int[])
//!                             Qn         .appender: the name 14 bytes before the Q
//!                               FNaNbZ   (): a function, pure and nothrow
//!                                     v  of the type void: not printed
//! ```
//!
//! The words are those of GNU's demangler, and so is what it takes for a name.

mod functions;
mod names;
mod templates;
mod types;
mod values;

use crate::text::Text;
use crate::{Error, Options};

/// How deep types and names may nest. Those of programs stay far below, and each level needs some
/// hundred bytes of stack.
const DEPTH: usize = 200;

/// How much work a component may cost on average. Reading a type is a unit, and so are some bytes
/// that are copied or looked at.
const WORK_FOR_COMPONENT: usize = 2;

/// So many bytes are a unit of work.
const BYTES_FOR_WORK: usize = 16;

/// Prints a mangled name. After an error nothing is printed.
pub(crate) fn demangle(name: &[u8], options: &Options, text: &mut Text) -> Result<(), Error> {
    if name == b"_Dmain" {
        return text.put(b"D main");
    }
    let mut reader = Reader {
        name,
        next: 0,
        last_back_reference: name.len(),
        depth_left: options.limits.depth.min(DEPTH),
        work_left: options.limits.components.saturating_mul(WORK_FOR_COMPONENT),
        text,
    };
    let done = match reader.mangled_name() {
        Ok(()) if reader.next == name.len() && reader.text.len() > 0 => Ok(()),
        Ok(()) => Err(Error::NotMangled),
        Err(error) => Err(error),
    };
    if done.is_err() {
        text.clear();
    }
    done
}

/// A name that is read and printed.
struct Reader<'a> {
    name: &'a [u8],
    /// Where it is read next.
    next: usize,
    /// Within the type that a back reference names, further ones must stand before it.
    last_back_reference: usize,
    depth_left: usize,
    /// How much may still be done: where a part of a name may be read in several ways, each is
    /// tried, and within each the same again.
    work_left: usize,
    text: &'a mut Text,
}

/// A state to return to where something was no name after all.
struct Mark {
    next: usize,
    printed: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.name.get(self.next).copied()
    }

    fn rest(&self) -> &[u8] {
        self.name.get(self.next..).unwrap_or_default()
    }

    fn skip(&mut self, count: usize) {
        self.next = self.next.saturating_add(count);
    }

    fn byte(&mut self) -> Result<u8, Error> {
        let byte = self.peek().ok_or(Error::NotMangled)?;
        self.skip(1);
        Ok(byte)
    }

    /// Whether `wanted` is next, and steps over it then.
    fn eat(&mut self, wanted: u8) -> bool {
        let is_next = self.peek() == Some(wanted);
        if is_next {
            self.skip(1);
        }
        is_next
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.work(bytes.len())?;
        self.text.put(bytes)
    }

    /// Counts the work on so many bytes.
    fn work(&mut self, bytes: usize) -> Result<(), Error> {
        let units = bytes / BYTES_FOR_WORK + 1;
        let left = self.work_left.checked_sub(units);
        // What is used up stays so, whoever takes this error for another.
        self.work_left = left.unwrap_or(0);
        left.map(drop).ok_or(Error::TooLong)
    }

    /// Puts what was printed from `middle` on before what was printed from `start` to there.
    fn rotate(&mut self, start: usize, middle: usize) -> Result<(), Error> {
        self.work(self.text.len().saturating_sub(start))?;
        self.text.rotate(start, middle);
        Ok(())
    }

    fn mark(&self) -> Mark {
        Mark { next: self.next, printed: self.text.len() }
    }

    /// Forgets what was read and printed since.
    fn reset(&mut self, mark: &Mark) {
        self.next = mark.next;
        self.text.truncate(mark.printed);
    }

    /// Does `part` one level deeper.
    fn nested<T>(&mut self, part: impl FnOnce(&mut Self) -> Result<T, Error>) -> Result<T, Error> {
        self.work(0)?;
        self.depth_left = self.depth_left.checked_sub(1).ok_or(Error::TooDeep)?;
        let done = part(self);
        self.depth_left = self.depth_left.saturating_add(1);
        done
    }

    /// The digits that are next, maybe none.
    fn digits(&mut self) -> Result<(usize, usize), Error> {
        let start = self.next;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.skip(1);
        }
        self.work(self.next.saturating_sub(start))?;
        Ok((start, self.next))
    }

    fn put_range(&mut self, start: usize, end: usize) -> Result<(), Error> {
        self.work(end.saturating_sub(start))?;
        self.text.put(self.name.get(start..end).unwrap_or_default())
    }

    /// ```text
    /// Number = {0-9}
    /// ```
    fn number(&mut self) -> Result<usize, Error> {
        let (start, end) = self.digits()?;
        value(self.name.get(start..end).unwrap_or_default())
    }
}

/// The value of decimal digits, at least one.
fn value(digits: &[u8]) -> Result<usize, Error> {
    if digits.is_empty() {
        return Err(Error::NotMangled);
    }
    digits.iter().try_fold(0, |value: usize, digit| {
        value
            .checked_mul(10)
            .and_then(|value| value.checked_add(usize::from(digit & 0xf)))
            .ok_or(Error::NotMangled)
    })
}

#[cfg(test)]
mod tests {
    use std::string::{String, ToString};

    use crate::{Demangler, Error, Options, Style};

    /// The text of a name, or the error.
    pub(super) fn text(name: &str) -> Result<String, Error> {
        let mut demangler = Demangler::new(Options { style: Style::Dlang, ..Options::NM });
        Ok(String::from_utf8_lossy(demangler.demangle(name.as_bytes())?).to_string())
    }

    #[test]
    fn what_is_left_over_is_no_name() {
        for name in ["", "_D", "_D1a", "_D1aZx", "_D1a1fFZv.1", "_D0a", "_D2a", "_DQb"] {
            assert_eq!(text(name), Err(Error::NotMangled), "{name}");
        }
    }

    /// Each part may be read in two ways, and so may each within it.
    #[test]
    fn names_that_may_be_read_in_many_ways_end() {
        let symbols = ["_D1a__T1b", &"S444444444444__T1b".repeat(100), "Z"].concat();
        assert!(matches!(text(&symbols), Err(Error::TooLong | Error::TooDeep)));
        let zeros = ["_D1a__T1b", &"S11__T1b".repeat(30), "Q", &"A".repeat(100_000)].concat();
        assert!(text(&zeros).is_err());
    }
}
