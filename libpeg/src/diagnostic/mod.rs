//! The one form of messages about a text.
//!
//! ```text
//! file.elfc:12:9: error: expected an integer or a name, found `;`
//!    12 |   align = ;
//!       |           ^
//!    = in the rule `field`; hint: write `align = 1` for none
//! file.elfc:3:1: note: included from here
//! ```
//!
//! A [`Diagnostic`] is one such message, [`Diagnostics`] what a run collects of them.

pub(crate) mod from_pest;
mod nearest;
mod render;

use std::fmt::{self, Write};

pub use nearest::nearest;

pub use from_pest::{from_pest, from_pest_in_words, parse_with_rule};

use crate::source::{SourceMap, Span};

/// Errors that a run shows before it only counts them.
pub const DEFAULT_CAP: usize = 50;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Explains another message.
    Note,
    /// The result is there, but perhaps not what was meant.
    Warning,
    /// There is no result.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// A message about a place of a text. Boxed, as it travels in `Result`s that are rarely errors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic(Box<Parts>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Parts {
    severity: Severity,
    span: Option<Span>,
    message: String,
    rule: Option<String>,
    hint: Option<String>,
    notes: Vec<(Option<Span>, String)>,
}

impl Diagnostic {
    /// A message of any severity; without a place it is about the run as a whole.
    pub fn new(
        severity: Severity,
        span: impl Into<Option<Span>>,
        message: impl Into<String>,
    ) -> Self {
        Self(Box::new(Parts {
            severity,
            span: span.into(),
            message: message.into(),
            rule: None,
            hint: None,
            notes: Vec::new(),
        }))
    }

    /// An error.
    pub fn error(span: impl Into<Option<Span>>, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, span, message)
    }

    /// A warning.
    pub fn warning(span: impl Into<Option<Span>>, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, span, message)
    }

    /// Names the rule of the grammar, or the kind of statement, that was being read.
    #[must_use]
    pub fn rule(mut self, rule: impl Into<String>) -> Self {
        self.0.rule = Some(rule.into());
        self
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// Adds another place that has to do with it.
    #[must_use]
    pub fn note(mut self, span: impl Into<Option<Span>>, message: impl Into<String>) -> Self {
        self.0.notes.push((span.into(), message.into()));
        self
    }

    /// Sets the place if there is none yet.
    #[must_use]
    pub fn at(mut self, span: Span) -> Self {
        self.0.span.get_or_insert(span);
        self
    }

    /// How bad it is.
    pub fn severity(&self) -> Severity {
        self.0.severity
    }

    /// The place.
    pub fn span(&self) -> Option<Span> {
        self.0.span
    }

    /// What is wrong.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The rule in which it is wrong.
    pub fn rule_name(&self) -> Option<&str> {
        self.0.rule.as_deref()
    }

    /// What to do about it.
    pub fn hint_text(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// Other places that have to do with it.
    pub fn notes(&self) -> impl Iterator<Item = (Option<Span>, &str)> {
        self.0.notes.iter().map(|(span, text)| (*span, text.as_str()))
    }

    /// The whole message with excerpts, each line ended; control characters are made visible.
    pub fn render(&self, sources: &SourceMap) -> String {
        render::render(self, sources)
    }
}

/// The messages of a run, in the order in which they came. Errors and warnings beyond a cap are
/// counted and not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
    cap: usize,
    errors: usize,
    warnings: usize,
}

impl Default for Diagnostics {
    fn default() -> Self {
        Self::with_cap(DEFAULT_CAP)
    }
}

impl Diagnostics {
    /// None yet, and no more than `cap` of either severity to be kept.
    pub fn with_cap(cap: usize) -> Self {
        Self { list: Vec::new(), cap, errors: 0, warnings: 0 }
    }

    /// Takes in a message.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        let count = match diagnostic.severity() {
            Severity::Error => &mut self.errors,
            Severity::Warning => &mut self.warnings,
            Severity::Note => return self.list.push(diagnostic),
        };
        *count = count.saturating_add(1);
        if *count <= self.cap {
            self.list.push(diagnostic);
        }
    }

    /// Takes in all messages of another run.
    pub fn append(&mut self, other: Self) {
        let (mut errors, mut warnings) = (other.errors, other.warnings);
        for diagnostic in other.list {
            match diagnostic.severity() {
                Severity::Error => errors = errors.saturating_sub(1),
                Severity::Warning => warnings = warnings.saturating_sub(1),
                Severity::Note => {}
            }
            self.push(diagnostic);
        }
        // What the other did not keep.
        self.errors = self.errors.saturating_add(errors);
        self.warnings = self.warnings.saturating_add(warnings);
    }

    /// Those that were kept.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.list.iter()
    }

    /// How many errors there were.
    pub fn errors(&self) -> usize {
        self.errors
    }

    /// How many warnings there were.
    pub fn warnings(&self) -> usize {
        self.warnings
    }

    /// Whether there was an error.
    pub fn has_errors(&self) -> bool {
        self.errors != 0
    }

    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Drops the warnings.
    pub fn silence_warnings(&mut self) {
        self.list.retain(|diagnostic| diagnostic.severity() != Severity::Warning);
        self.warnings = 0;
    }

    /// All messages with excerpts, and how many more there were.
    pub fn render(&self, sources: &SourceMap) -> String {
        let mut out: String = self.list.iter().map(|one| one.render(sources)).collect();
        for (count, what) in [(self.errors, "error"), (self.warnings, "warning")] {
            let more = count.saturating_sub(self.cap);
            if more != 0 {
                let plural = if more == 1 { "" } else { "s" };
                let _ = writeln!(out, "... and {more} more {what}{plural}");
            }
        }
        out
    }
}

impl<'d> IntoIterator for &'d Diagnostics {
    type Item = &'d Diagnostic;
    type IntoIter = std::slice::Iter<'d, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
