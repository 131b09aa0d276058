//! Linking: object files, archives, shared libraries and linker scripts to one ELF file.
//!
//! A link is a list of passes. Each is a function from the results of those before it, which it
//! borrows, to a new one that nobody changes afterwards.
#![forbid(unsafe_code)]

pub mod arch;
pub mod commons;
pub mod compress;
pub mod diagnostics;
pub mod dynamic;
pub mod eh_frame;
mod encode;
mod exports;
pub mod form;
pub mod ids;
pub mod input;
pub mod layout;
mod link;
pub mod live;
pub mod made;
pub mod merge;
pub mod names;
pub mod note;
pub mod options;
pub mod relocatable;
pub mod report;
pub mod resolve;
pub mod scan;
pub mod script;
mod scripts;
mod storage;
pub mod symbols;
pub mod tables;
#[cfg(test)]
mod testing;
pub mod write;

pub use commons::Commons;
pub use link::{Failed, Sink, TextKind, link};
pub use scripts::built_in_script;
pub use storage::Storage;
pub use write::room;
