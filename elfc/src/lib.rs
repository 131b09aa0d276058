//! ELF files as text, both ways: a readable description of any file, and any file from one.
//!
//! ```text
//!                 libpeg                 build                libelf
//!   description ──────────> statements ─────────> edit::Object ──────> bytes
//!   description <──────────────────────────────── edit::Object <────── bytes
//!                printer, and `print` of each part       open, simplify
//! ```
//!
//! The model in the middle, [`libelf::edit::Object`], can say any file; a description says what is
//! in the model, and leaves out each field that has the value the model would give it by itself. So
//! a description is as short as the file is regular, and building it gives the same bytes.
//!
//! Each part of a file is one module that holds both directions, its printer and its reader:
//! [`header`], [`section`], [`segment`], and for contents those that [`contents`] lists. The notation
//! itself (strings, integers, blocks, expressions) is that of [`libpeg::notation`].
//!
//! # Five lines that make a program
//!
//! ```text
//! elf type=EXEC machine=X86_64 { entry = addr(.text); }
//! segment LOAD RX covers=[header, table, .text];
//! section .text {
//!     hex { b83c000000 31ff 0f05 } // exit(0)
//! }
//! ```
#![forbid(unsafe_code)]

pub mod archives;
pub mod attributes;
pub mod build;
pub mod compressed;
pub mod contents;
pub mod context;
pub mod core_notes;
pub mod data;
pub mod debug_link;
pub mod describe;
pub mod dynamic;
pub mod files;
pub mod groups;
pub mod hashes;
pub mod header;
pub mod llvm;
pub mod mips;
pub mod names;
pub mod notes;
pub mod printer;
pub mod relocations;
pub mod relr;
pub mod row;
pub mod section;
pub mod segment;
pub mod solaris;
pub mod strings;
pub mod symbols;
pub mod versions;
pub mod view;
pub mod warnings;
pub mod words;

pub use build::{Failure, File, Prepared, Settings, build};
pub use context::{Context, Read};
pub use describe::describe;
pub use printer::Printer;
pub use view::{Owner, Reference, View};
