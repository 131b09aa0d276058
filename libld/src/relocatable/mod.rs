//! Outputs that can be linked again: relocations are kept, and what they name.
//!
//! A relocatable object (`-r`) is laid out by the same engine as a program, all sections at the
//! address 0. Then come its own passes:
//!
//! ```text
//! Layout ─ tables::add ─ symbols::plan ─ contents and relocs (parallel) ─ headers
//! ```
//!
//! - [`tables`] gives each output section that has relocations a table behind it, and each section
//!   group that is kept a section before all others;
//! - [`symbols`] makes the symbol table, and tells the number of each input's symbol in it;
//! - [`relocs`] copies relocations, changed to name those numbers;
//! - [`groups`] tells the members of groups by their new numbers.
//!
//! A finished output can keep its relocations too (`--emit-relocs`): tables and relocs serve both.
//!
//! ```text
//! a.o: .text 0x10 bytes     call g (global)          stays: g, at the same offset
//! b.o: .text 0x20 bytes     lea .data+4              offset + 0x10; the section symbol becomes that
//!                                                    of the output's .data, and the addend grows by
//!                                                    where b.o's .data lies in it
//! ```

pub mod contents;
pub mod groups;
pub mod relocs;
pub mod strings;
pub mod symbols;
pub mod tables;

pub use symbols::SymbolNumbers;
