//! Linker scripts: the language of the GNU ld manual.

pub mod ast;
pub mod matching;
pub mod source;
