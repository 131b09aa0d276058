//! What a link has to say: warnings and errors, in the order that GNU ld says them.
//!
//! Passes collect; the program prints. Parts that run in parallel collect into lists of their own,
//! which are appended in an order that does not depend on threads.

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Said without a prefix; the link is not touched: `-t`, `--trace-symbol`, `--verbose`.
    Note,
    /// Said without a prefix, on standard error: `-z report-relative-reloc`.
    Line,
    /// The same as a note, with the name of the program in front: `--print-gc-sections`.
    Remark,
    /// The link goes on, and is good unless `--fatal-warnings` says otherwise.
    Warning,
    /// The link goes on to find more, and fails.
    Error,
    /// The link ends here.
    Fatal,
}

/// Something that a link misses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// A symbol that nothing defines.
    Symbol(Vec<u8>),
    /// A library, as the command line calls it (`-lNAME`).
    Library(String),
}

/// Adds text of a file with its control characters, but for tabs, as `^A`: what would move the cursor
/// of a terminal is seen instead.
pub fn visible(out: &mut Vec<u8>, text: &[u8]) {
    for &byte in text {
        match byte {
            b'\t' => out.push(byte),
            0..=0x1f => out.extend_from_slice(&[b'^', byte | 0x40]),
            0x7f => out.extend_from_slice(b"^?"),
            _ => out.push(byte),
        }
    }
}

/// One thing that is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// The text in GNU's words, without the name of the program in front and without a newline at
    /// its end; it may have several lines. Control characters of names in it are escaped already.
    pub text: Vec<u8>,
    /// The text begins with a place in a script, `file:line`. GNU ld puts no blank between its own
    /// name and such a place: `ld:x.ld:3: syntax error`.
    pub is_placed: bool,
    /// It is said without the name of the program, as GNU ld does where what it says names an input
    /// first: `a.o:(.text+0x1): relocation truncated to fit`.
    pub is_bare: bool,
    /// What is missing, if that is what it says.
    pub missing: Option<Missing>,
}

/// All that a link, or a part of one, has said so far, in order.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    said: Vec<Diagnostic>,
    /// How many bytes they have.
    size: usize,
    /// The worst of them.
    worst: Option<Severity>,
}

/// No message but notes is longer, in bytes: names in it may be as long as a damaged file says.
const LONGEST: usize = 1 << 16;
/// As much of a name of a file as a message has room for.
pub fn beginning(name: &[u8]) -> &[u8] {
    name.get(..LONGEST).unwrap_or(name)
}

/// Once messages have so many bytes, none is longer than [`SHORT`].
const MOST: usize = 1 << 25;
/// The longest message behind [`MOST`], in bytes.
const SHORT: usize = 1 << 10;
/// What stands for the rest of a message.
const MORE: &[u8] = b"...";

impl Diagnostics {
    /// Nothing said yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Says something that touches nothing.
    pub fn note(&mut self, text: impl Into<Vec<u8>>) {
        self.push(Severity::Note, text);
    }

    /// Says lines that touch nothing; each ends with a newline.
    pub fn lines(&mut self, text: &[u8]) {
        let text = text.strip_suffix(b"\n").unwrap_or(text);
        self.note(text);
    }

    /// Says something that touches nothing, on standard error.
    pub fn told(&mut self, text: impl Into<Vec<u8>>) {
        self.push(Severity::Line, text);
    }

    /// Says, with the name of the program, something that touches nothing.
    pub fn remark(&mut self, text: impl Into<Vec<u8>>) {
        self.push(Severity::Remark, text);
    }

    /// Warns.
    pub fn warn(&mut self, text: impl Into<Vec<u8>>) {
        self.push(Severity::Warning, text);
    }

    /// Says an error after which the link goes on to find more.
    pub fn error(&mut self, text: impl Into<Vec<u8>>) {
        self.push(Severity::Error, text);
    }

    /// Says an error that ends the link.
    pub fn fatal(&mut self, text: impl Into<Vec<u8>>) {
        self.push(Severity::Fatal, text);
    }

    /// Says something about a place in a script, with which the text begins.
    pub fn placed(&mut self, severity: Severity, text: impl Into<Vec<u8>>) {
        self.push(severity, text);
        if let Some(last) = self.said.last_mut() {
            last.is_placed = true;
        }
    }

    /// Says an error without the name of the program.
    pub fn bare(&mut self, text: impl Into<Vec<u8>>) {
        self.push(Severity::Error, text);
        if let Some(last) = self.said.last_mut() {
            last.is_bare = true;
        }
    }

    fn push(&mut self, severity: Severity, text: impl Into<Vec<u8>>) {
        let mut text = text.into();
        if severity > Severity::Note {
            let most = if self.size > MOST { SHORT } else { LONGEST };
            if text.len() > most {
                text.truncate(most);
                text.extend_from_slice(MORE);
                text.shrink_to_fit();
            }
            self.size = self.size.saturating_add(text.len());
        }
        self.worst = self.worst.max(Some(severity));
        let (is_placed, is_bare) = (false, false);
        self.said.push(Diagnostic { severity, text, is_placed, is_bare, missing: None });
    }

    /// Tells what is missing by what was said last.
    pub fn is_of(&mut self, missing: Missing) {
        if let Some(last) = self.said.last_mut() {
            last.missing = Some(missing);
        }
    }

    /// Takes over all that `other` has said, after what is said here.
    pub fn append(&mut self, mut other: Self) {
        self.said.append(&mut other.said);
        self.size = self.size.saturating_add(other.size);
        self.worst = self.worst.max(other.worst);
    }

    /// All that is said, in order.
    #[must_use]
    pub fn said(&self) -> &[Diagnostic] {
        &self.said
    }

    /// Takes what is said so far, to print it.
    pub fn take(&mut self) -> Vec<Diagnostic> {
        (self.size, self.worst) = (0, None);
        std::mem::take(&mut self.said)
    }

    /// Whether something was said that ends the link at once.
    #[must_use]
    pub fn is_fatal(&self) -> bool {
        self.worst == Some(Severity::Fatal)
    }

    /// Whether an error was said, or with `fatal_warnings` a warning.
    #[must_use]
    pub fn failed(&self, fatal_warnings: bool) -> bool {
        let least = if fatal_warnings { Severity::Warning } else { Severity::Error };
        self.worst.is_some_and(|worst| worst >= least)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings_fail_only_if_asked_to() {
        let mut said = Diagnostics::new();
        said.note("a");
        assert!(!said.failed(true));
        let mut more = Diagnostics::new();
        more.warn("b");
        said.append(more);
        assert!(said.failed(true) && !said.failed(false));
        said.error("c");
        assert!(said.failed(false));
        let texts: Vec<_> = said.take().into_iter().map(|diagnostic| diagnostic.text).collect();
        assert_eq!(texts, [b"a", b"b", b"c"]);
    }

    #[test]
    fn long_messages_are_cut() {
        let mut said = Diagnostics::new();
        let long = vec![b'x'; 2 * LONGEST];
        said.note(long.clone());
        for _ in 0..=MOST / LONGEST {
            said.error(long.clone());
        }
        said.error(long.clone());
        said.error("short");
        let lengths: Vec<_> = said.take().iter().map(|diagnostic| diagnostic.text.len()).collect();
        assert_eq!(lengths[..2], [2 * LONGEST, LONGEST + MORE.len()]);
        assert_eq!(lengths[lengths.len() - 2..], [SHORT + MORE.len(), 5]);
    }
}
