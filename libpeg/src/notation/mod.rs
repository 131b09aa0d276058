//! The notation that descriptions share: a text to a tree of statements.
//!
//! The manual is the grammar, `lexical.pest` and `notation.pest`. In short:
//!
//! ```text
//! // a comment                           section .text {            // a block
//! let page = 4K;                             align = 16;            // an attribute
//! include "machine.elfc";                    hex { 55 4889e5 c3 }   // bytes
//! symbol main size=(2 * page);           }
//! repeat i in 0..4 { symbol "s\(i)"; }
//! ```
//!
//! A text is read in two steps. One sweep ([`outline`]) finds the braces and semicolons. With them,
//! each statement is read by itself: simple ones by hand, all others by the parser that pest makes
//! of the grammar ([`heads`]). Statements of the notation itself are carried out as they come
//! ([`built_in`]): the body of a template or repetition is read anew for each use, with its own
//! constants, in a view of the text of its own, so that every place tells how it came about.
//!
//! ```
//! use libpeg::notation::{Options, TermKind, parse};
//! use libpeg::source::SourceMap;
//!
//! let sources = SourceMap::new();
//! let text = r#"
//!     let page = 4K;
//!     repeat i in 0..2 { symbol "s\(i)" value=(page * i); }
//! "#;
//! let id = sources.add("example", text).unwrap();
//! let parsed = parse(&sources, id, &Options::default());
//! assert!(parsed.diagnostics.is_empty());
//! let [_, second] = parsed.statements.as_slice() else { panic!() };
//! assert_eq!(second.keyword(), Some("symbol"));
//! assert_eq!(second.terms[1].text(), Some(b"s1".as_slice()));
//! let (name, value) = second.attributes().next().unwrap();
//! assert_eq!((name, value.int()), ("value", Some(4096)));
//!
//! let id = sources.add("wrong", "align = ;\nhex { 5 }\n").unwrap();
//! let parsed = parse(&sources, id, &Options::default());
//! assert_eq!(parsed.diagnostics.errors(), 2);
//! assert!(parsed.diagnostics.render(&sources).starts_with("wrong:1:9: error: expected "));
//! ```

mod blocks;
mod budget;
mod built_in;
mod expr;
mod heads;
mod hex;
mod lexical;
mod options;
mod outline;
mod parser;
mod print;
mod rules;
mod scope;
#[cfg(test)]
mod tests;
mod tree;

pub use blocks::KEYWORDS;
pub use expr::{BinaryOp, Expr, ExprKind, Names, NoNames, UnaryOp, eval};
pub use options::{Define, Disk, Files, Limits, NoFiles, Options};
pub use print::{print, print_name, print_string};
pub use rules::{Grammar, Rule};
pub use tree::{Bytes, Statement, Term, TermKind};

use std::borrow::Cow;

use crate::diagnostic::Diagnostics;
use crate::source::{SourceId, SourceMap};

/// The number that an integer of the notation is, such as `0x1000` or `4K`.
pub fn integer(text: &str) -> Option<i128> {
    let starts = text.bytes().next().is_some_and(|byte| byte.is_ascii_digit());
    lexical::integer(text).ok().filter(|_| starts)
}

/// What a text was read as.
#[derive(Debug)]
pub struct Parsed<'s> {
    /// The statements, all of the notation's own carried out. Those with errors are left out.
    pub statements: Vec<Statement<'s>>,
    /// What is wrong. If there is an error, the statements are not all.
    pub diagnostics: Diagnostics,
    /// Constants of [`Options::defines`] that the text never asked for.
    pub unused_defines: Vec<String>,
}

/// Reads a text of a map. What the text includes is added to the map.
pub fn parse<'s>(sources: &'s SourceMap, id: SourceId, options: &Options<'_>) -> Parsed<'s> {
    let account = budget::Account::new(options.limits);
    let shared = parser::Shared { sources, options, account: &account };
    let mut parser = parser::Parser::new(&shared);
    let mut scope = scope::Scope::default();
    for (name, value) in &options.defines {
        let kind = match value {
            Define::Int(value) => TermKind::Int(*value),
            Define::Str(bytes) => TermKind::Str(Cow::Owned(bytes.clone())),
        };
        scope.set(name, kind, 1, None);
    }
    let body = parser::body(sources, id);
    account.allow(body.text.len());
    parser.report_flaws(&body);
    let statements = parser.text(&body, &mut scope, parser::TOP);
    let diagnostics = std::mem::take(&mut parser.diagnostics);
    Parsed { statements, diagnostics, unused_defines: scope.unused() }
}
