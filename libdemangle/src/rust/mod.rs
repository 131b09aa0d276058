//! Rust: the legacy mangling, which looks like C++, and that of version 0.
//!
//! The words are those of GNU's demangler. The crate `rustc-demangle` prints other ones (types of
//! constants, hashes of crates, names that only newer compilers make), so the name is read here.
//!
//! Both kinds may have a suffix that LLVM or a linker added, from a `.` on: it is left out.

mod legacy;
mod punycode;
mod v0;

use alloc::vec::Vec;

use crate::text::Text;
use crate::{Error, Options};

/// Reads names of Rust; keeps its memory from one to the next.
#[derive(Debug, Default)]
pub(crate) struct Parser {
    steps: Vec<v0::Step>,
}

impl Parser {
    /// Prints a mangled name. After an error nothing is printed.
    pub(crate) fn demangle(
        &mut self,
        name: &[u8],
        options: &Options,
        text: &mut Text,
    ) -> Result<(), Error> {
        let done = match name {
            [b'_', b'R', rest @ ..] => v0::demangle(rest, options, &mut self.steps, text),
            [b'_', b'Z', b'N', rest @ ..] => legacy::demangle(rest, options, text),
            _ => Err(Error::NotMangled),
        };
        if done.is_err() {
            text.clear();
        }
        done
    }
}

#[cfg(test)]
mod tests {
    use std::string::{String, ToString};

    use crate::{Demangler, Error, Limits, Options, Style};

    /// The text of a name with hashes and types, or the error.
    pub(super) fn verbose(name: &str) -> Result<String, Error> {
        print(name, Options { style: Style::Rust, ..Options::CXXFILT })
    }

    /// The text of a name as nm prints it, or the error.
    pub(super) fn short(name: &str) -> Result<String, Error> {
        print(name, Options { style: Style::Rust, ..Options::NM })
    }

    pub(super) fn print(name: &str, options: Options) -> Result<String, Error> {
        let mut demangler = Demangler::new(options);
        let text = demangler.demangle(name.as_bytes())?;
        Ok(String::from_utf8_lossy(text).to_string())
    }

    #[test]
    fn what_is_neither_kind_is_not_mangled() {
        for name in ["", "_", "_R", "_Z", "_ZN", "main", "_RNv", "__RNvC1a1b", "_D1aFZv"] {
            assert_eq!(short(name), Err(Error::NotMangled), "{name}");
        }
    }

    #[test]
    fn limits_hold() {
        let nested = ["_RINvC1a1b", &"R".repeat(1024), "hE"].concat();
        assert_eq!(short(&nested), Err(Error::TooDeep));
        let free = Options { style: Style::Rust, limits: Limits::DEFAULT, ..Options::NM };
        assert!(print(&nested, free).is_ok());
        let nested = ["_RINvC1a1b", &"R".repeat(1023), "hE"].concat();
        assert!(short(&nested).is_ok());
        // Each tuple is twice the one before.
        let mut bomb = String::from("_RINvC1a1bTuuE");
        let mut last = 8;
        for _ in 0..60 {
            let here = bomb.len() - 2;
            let back = ["B", &base62(last), "_"].concat();
            bomb.push_str(&["T", &back, &back, "E"].concat());
            last = here;
        }
        bomb.push('E');
        assert_eq!(short(&bomb), Err(Error::TooLong));
    }

    /// A number above 0 as in names.
    fn base62(value: usize) -> String {
        const DIGITS: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
        let mut rest = value - 1;
        let mut digits = String::new();
        loop {
            digits.insert(0, char::from(DIGITS[rest % 62]));
            rest /= 62;
            if rest == 0 {
                return digits;
            }
        }
    }
}
