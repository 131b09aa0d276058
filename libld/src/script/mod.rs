//! Linker scripts: the language of the GNU ld manual.
//!
//! - `grammar.pest` is the language; `generated` is the parser that is made of it.
//! - [`ast`] is the tree of a script, [`parse`](mod@parse) makes it.
//! - [`expr`] gives expressions their values.
//! - [`glob`] and [`pattern`] say which sections and files patterns match.
//! - [`version`] chooses the versions of symbols.
//! - [`print`] makes text of a tree.
//! - [`source`] keeps the texts, for messages that point into them.

pub mod ast;
pub mod expr;
// Written by peg(1); its offsets never leave the text or the tree.
#[allow(clippy::all, clippy::pedantic, clippy::indexing_slicing, unused_qualifications)]
#[rustfmt::skip]
mod generated;
pub mod glob;
pub mod matching;
pub mod overlay;
pub mod parse;
pub mod pattern;
pub mod print;
pub mod source;
#[cfg(test)]
mod tests;
pub mod version;
