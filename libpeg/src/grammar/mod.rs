//! Grammars as data: read, checked, run, and turned into parsers.
//!
//! A grammar is written in pest's notation (see peg(5)):
//!
//! ```text
//! list = { "[" ~ (item ~ ("," ~ item)*)? ~ "]" }
//! item = @{ ASCII_DIGIT+ }
//! WHITESPACE = _{ " " }
//! ```
//!
//! [`Grammar::read`] makes an [`ast`] of it, in which every part knows its place. [`check()`] tells
//! what is wrong with it. `lower` brings it to the few operations that pest's own optimizer
//! leaves; these are run as they are by `interpret`, or written as Rust by [`generate()`]. Both
//! work on the same `runtime`, so that there is one meaning of every operation.

pub mod ast;
mod check;
mod code;
mod facts;
mod generate;
mod graph;
mod interpret;
mod lower;
mod parse;
mod reader;
// Its offsets and indexes are its own, and never leave the input or the tree; it is written as
// what it is copied into is.
#[allow(clippy::indexing_slicing)]
mod runtime;
mod scan;

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{SourceId, SourceMap};

pub use check::check;
pub use generate::{DEFAULT_NAME, generate, is_parser_name};
pub use interpret::LIMITS;
pub use reader::MAX_SIZE;
pub use runtime::{Expected, Failure, Limit, Limits, Node, Nodes, Tree};

/// A grammar that could be read, if only in part.
#[derive(Debug)]
pub struct Grammar {
    /// What diagnostics call its file.
    pub name: String,
    /// Its rules, in order.
    pub rules: Vec<ast::Rule>,
    /// The names of rules that could not be read.
    unreadable: Vec<String>,
    /// Rules by name.
    index: HashMap<String, usize>,
    analysis: facts::Analysis,
    /// Its operations, once they are asked for.
    low: OnceLock<lower::Low>,
}

impl Grammar {
    /// Reads the grammar `id` and reports what is wrong with its syntax. What can be read of a
    /// grammar with errors can still be checked.
    pub fn read(sources: &SourceMap, id: SourceId, diagnostics: &mut Diagnostics) -> Self {
        let read = reader::read(sources, id, diagnostics);
        let index =
            read.rules.iter().enumerate().rev().map(|(at, rule)| (rule.name.clone(), at)).collect();
        let analysis = facts::Analysis::new(&read.rules);
        Self {
            name: sources.name(id).to_owned(),
            rules: read.rules,
            unreadable: read.unreadable,
            index,
            analysis,
            low: OnceLock::new(),
        }
    }

    /// Parses the text `input` with the rule `start`. Rules of the tree are indexes in
    /// [`Grammar::rules`]; [`Grammar::rule_name`] knows their names.
    ///
    /// The grammar must be free of errors.
    ///
    /// # Errors
    /// The text does not match, or a limit was reached, in the form of all diagnostics.
    pub fn parse<'s>(
        &'s self,
        start: usize,
        sources: &'s SourceMap,
        input: SourceId,
        limits: Limits,
    ) -> Result<Tree<'s, usize>, Diagnostic> {
        parse::parse(self, start, sources, input, limits)
    }

    /// The name of a rule of a tree.
    pub fn rule_name(&self, rule: usize) -> &str {
        self.rules.get(rule).map_or("EOI", |rule| &rule.name)
    }

    /// The index of a rule.
    pub fn rule_named(&self, name: &str) -> Option<usize> {
        self.index.get(name).copied()
    }
}
