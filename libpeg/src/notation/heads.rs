//! The head of a statement to terms.
//!
//! Two ways lead to the same terms. Rows of words, integers, strings, lists and hex runs, of which
//! a large text has a million, are read by hand ([`quick`]). Whatever is not that simple, and
//! whatever is wrong, goes to the parser that pest makes of the grammar ([`Builder`]): the grammar
//! says what is right, and finds what is expected where something is not.

mod builder;
mod check;
mod quick;

pub use builder::{Builder, What, head_parts};
pub use quick::quick;

use std::sync::Arc;

use super::lexical::Fault;
use super::outline::Outline;
use crate::diagnostic::Diagnostic;
use crate::source::{SourceId, SourceMap, Span};

/// The text that statements are read from.
#[derive(Debug, Clone)]
pub struct Body<'s> {
    pub sources: &'s SourceMap,
    pub view: SourceId,
    pub text: &'s str,
    pub outline: Arc<Outline>,
}

impl<'s> Body<'s> {
    pub fn span(&self, from: usize, to: usize) -> Span {
        Span::new(self.view, from, to)
    }

    pub fn get(&self, from: usize, to: usize) -> &'s str {
        self.text.get(from..to).unwrap_or("")
    }

    /// The error about a token that starts at `from`.
    pub fn fault(&self, from: usize, fault: Fault, rule: &str) -> Diagnostic {
        let at = from.saturating_add(fault.at);
        let span = self.span(at, at.saturating_add(fault.len));
        let error = Diagnostic::error(span, fault.message).rule(rule);
        if fault.hint.is_empty() { error } else { error.hint(fault.hint) }
    }
}
