//! What a description is read with: constants from the command line, files, and limits.

use std::fs;
use std::io;
use std::path::Path;

use super::lexical;
use crate::diagnostic::{DEFAULT_CAP, Diagnostic};

/// How a description is read.
pub struct Options<'o> {
    /// Constants that are there before the first statement, as by `-D`. They win over `default`.
    pub defines: Vec<(String, Define)>,
    /// Where included files come from.
    pub files: &'o (dyn Files + Sync),
    /// What a description may take.
    pub limits: Limits,
    /// Errors, and warnings, that are kept; those beyond are counted.
    pub cap: usize,
}

impl Default for Options<'_> {
    /// No constants, files from disk, and limits that only a runaway description meets.
    fn default() -> Self {
        Self { defines: Vec::new(), files: &Disk, limits: Limits::default(), cap: DEFAULT_CAP }
    }
}

impl Options<'_> {
    /// Adds a constant as a command line gives it: `NAME=VALUE`, or `NAME` for 1. A value that is
    /// an integer of the notation, perhaps with `-`, is one; anything else is a string.
    ///
    /// # Errors
    /// The name is not a word.
    pub fn define(&mut self, text: &str) -> Result<(), Diagnostic> {
        let (name, value) = text.split_once('=').unwrap_or((text, "1"));
        if !lexical::is_whole_word(name.as_bytes()) {
            return Err(Diagnostic::error(None, format!("`{name}` cannot name a constant"))
                .hint("a definition is NAME=VALUE"));
        }
        self.defines.push((name.to_owned(), Define::parse(value)));
        Ok(())
    }
}

/// The value of a constant from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Define {
    /// A number.
    Int(i128),
    /// Bytes.
    Str(Vec<u8>),
}

impl Define {
    fn parse(text: &str) -> Self {
        let (digits, sign) = text.strip_prefix('-').map_or((text, 1), |digits| (digits, -1));
        match super::integer(digits) {
            Some(value) => Self::Int(value.saturating_mul(sign)),
            None => Self::Str(text.as_bytes().to_vec()),
        }
    }
}

/// What a description may take before it is taken for a runaway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How deep includes, uses of templates, repetitions and conditions lie in each other.
    pub depth: u32,
    /// Turns of repetitions, uses of templates and includes, all together.
    pub expansions: u64,
    /// Bytes of memory that the tree may take beyond what the size of the texts explains.
    pub memory: u64,
    /// How often the same text is read, beyond what the size of the texts explains: a unit is about
    /// the tenth of a microsecond.
    pub work: u64,
}

impl Limits {
    /// Limits for descriptions that may take this much memory, in bytes: the others grow as this one
    /// does.
    pub fn of_memory(memory: u64) -> Self {
        let usual = Self::default();
        let grown = |limit: u64| {
            let limit = u128::from(limit) * u128::from(memory) / u128::from(usual.memory);
            u64::try_from(limit).unwrap_or(u64::MAX)
        };
        let (expansions, work) = (grown(usual.expansions), grown(usual.work));
        Self { expansions, memory, work, ..usual }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { depth: 64, expansions: 4 << 20, memory: 96 << 20, work: 48 << 20 }
    }
}

/// Where included files come from.
pub trait Files {
    /// The whole file.
    ///
    /// # Errors
    /// It cannot be read.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;
}

/// The file system. Only regular files are read: a device could give bytes without end.
#[derive(Debug, Clone, Copy, Default)]
pub struct Disk;

impl Files for Disk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let status = fs::metadata(path)?;
        if status.is_file() {
            fs::read(path)
        } else {
            Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"))
        }
    }
}

/// No files: every include is an error.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoFiles;

impl Files for NoFiles {
    fn read(&self, _: &Path) -> io::Result<Vec<u8>> {
        Err(io::Error::new(io::ErrorKind::NotFound, "there are no files to include here"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_the_command_line() {
        let mut options = Options::default();
        for text in ["class=32", "a=-0x10", "s=x86_64", "flag", "e=", "k=4K", "u=K"] {
            options.define(text).unwrap();
        }
        let values: Vec<Define> = options.defines.into_iter().map(|(_, value)| value).collect();
        let text = |text: &str| Define::Str(text.as_bytes().to_vec());
        let expected = [
            Define::Int(32),
            Define::Int(-16),
            text("x86_64"),
            Define::Int(1),
            text(""),
            Define::Int(4096),
            text("K"),
        ];
        assert_eq!(values, expected);
        assert!(Options::default().define("4=3").is_err());
        assert!(Options::default().define("=3").is_err());
    }
}
