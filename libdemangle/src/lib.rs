//! Mangled names to text: C++ (Itanium ABI), Rust (legacy and v0), D, Ada and Java.
//!
//! ```
//! use libdemangle::{Demangler, Options};
//! let mut demangler = Demangler::new(Options::NM);
//! assert_eq!(demangler.demangle(b"_ZN3foo3barEv"), Ok(&b"foo::bar()"[..]));
//! assert_eq!(demangler.demangle(b"_RNvC3foo3bar"), Ok(&b"foo::bar"[..]));
//! assert!(demangler.demangle(b"main").is_err());
//! ```
//!
//! [`Options`] say whose names they are and how to print them: [`Options::NM`] and
//! [`Options::CXXFILT`] as GNU's programs do, [`Options::LLVM`] as LLVM's. Text to write to is
//! anything that takes it:
//!
//! ```
//! # use libdemangle::{Demangler, Options, Style};
//! let mut demangler = Demangler::new(Options { style: Style::Dlang, ..Options::NM });
//! let mut line = String::from("called: ");
//! demangler.write(b"_D3std4math3absFNaNbdZd", &mut line)??;
//! assert_eq!(line, "called: std.math.abs(double)");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What stands around names in object files (`.` before them, `@VERSION` behind) is no part of
//! them, and left to the caller.
//!
//! A [`Demangler`] keeps its memory from one name to the next: once warmed up, a name costs no
//! allocation. Names are bytes, as in the string table of an object file; what comes out is
//! theirs and ASCII.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod dlang;
mod gnat;
mod itanium;
mod options;
mod rust;
mod text;

use alloc::vec::Vec;
use core::fmt;

pub use options::{Dialect, Limits, Options, Style};
use text::Text;

/// Why a name was not demangled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// It is no mangled name of the style that was asked for.
    NotMangled,
    /// It nests deeper than [`Limits::depth`].
    TooDeep,
    /// It has more components than [`Limits::components`], or its text would be longer than
    /// [`Limits::output`].
    TooLong,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotMangled => "not a mangled name",
            Self::TooDeep => "nested too deeply",
            Self::TooLong => "too long",
        })
    }
}

impl core::error::Error for Error {}

/// Demangles names, one after the other.
#[derive(Debug)]
pub struct Demangler {
    options: Options,
    text: Text,
    itanium: itanium::Parser,
    rust: rust::Parser,
}

impl Demangler {
    /// A demangler for these options.
    pub fn new(options: Options) -> Self {
        let text = Text::new(options.limits.output);
        Self { options, text, itanium: itanium::Parser::default(), rust: rust::Parser::default() }
    }

    /// The options.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The text of a mangled name. It borrows from `self`: the next call overwrites it.
    ///
    /// # Errors
    /// [`Error::NotMangled`] for what is no mangled name of the style, the others for names beyond
    /// the limits.
    pub fn demangle(&mut self, name: &[u8]) -> Result<&[u8], Error> {
        self.text.clear();
        self.print(name)?;
        Ok(self.text.as_bytes())
    }

    /// Appends the text of a mangled name to `out`: one copy less than [`demangle`](Self::demangle)
    /// for text that is collected.
    ///
    /// ```
    /// # use libdemangle::{Demangler, Options};
    /// let mut demangler = Demangler::new(Options::NM);
    /// let mut line = b"T ".to_vec();
    /// assert_eq!(demangler.append(b"_Z1fi", &mut line), Ok(()));
    /// assert_eq!(line, b"T f(int)");
    /// ```
    ///
    /// # Errors
    /// As [`demangle`](Self::demangle), and `out` stays as it was.
    pub fn append(&mut self, name: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        self.text.borrow(out);
        let done = self.print(name);
        if done.is_err() {
            self.text.clear();
        }
        self.text.give_back(out);
        done
    }

    /// Writes the text of a mangled name; bytes that are not UTF-8 as U+FFFD.
    ///
    /// # Errors
    /// As [`demangle`](Self::demangle), then nothing was written; within, that of `out`.
    pub fn write(&mut self, name: &[u8], out: &mut impl fmt::Write) -> Result<fmt::Result, Error> {
        let text = self.demangle(name)?;
        Ok(text::write_lossy(text, out))
    }

    fn print(&mut self, name: &[u8]) -> Result<(), Error> {
        let Self { options, text, itanium, rust } = self;
        match options.style {
            Style::Itanium | Style::Java if name.len() > options.limits.name => Err(Error::TooLong),
            Style::Itanium | Style::Java => itanium.demangle(name, options, text),
            Style::Rust => rust.demangle(name, options, text),
            Style::Dlang => dlang::demangle(name, options, text),
            Style::Gnat => gnat::demangle(name, options, text),
            Style::Auto => match rust.demangle(name, options, text) {
                Err(Error::NotMangled) if name.len() > options.limits.name => Err(Error::TooLong),
                Err(Error::NotMangled) => itanium.demangle(name, options, text),
                done => done,
            },
        }
    }
}
