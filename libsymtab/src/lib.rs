//! Symbol tables as questions: by name, by address, version, class letter; and where a table comes
//! from.
//!
//! A [`SymbolTable`] is one table of one place: `.symtab`, `.dynsym`, the index of an archive, the
//! kernel's kallsyms, the map of a just-in-time compiler. It costs next to nothing; each
//! [`Symbol`] is decoded when it is asked for, and borrows its name. [`Symbols`] are the best
//! tables that a file has, be it in a separate debug file or in `.gnu_debugdata`.
//!
//! | question | once | many times |
//! |---|---|---|
//! | which symbol has this address? | [`address::nearest`] | [`AddressIndex`] |
//! | which symbols have this name? | [`names::definitions`] | [`NameIndex`] |
//! | which symbols are there? | [`SymbolTable::iter`] | [`order::sorted`] |
//! | what is it? | [`class`] | |
//!
//! No input makes this crate panic, and none makes it take more time or memory than a table of its
//! size may: names that share their bytes, chains in circles and sizes that lie are bounded.
//!
//! # From addresses to names
//!
//! A program that reads addresses, one a line, and writes the functions that they lie in, is the
//! example `address_to_name`:
//!
//! ```no_run
#![doc = include_str!("../examples/address_to_name.rs")]
//! ```
#![forbid(unsafe_code)]

pub mod address;
pub mod class;
pub mod load;
pub mod lto;
pub mod mini_debug;
pub mod names;
pub mod order;
mod segments;
mod set;
pub mod special;
pub mod symbol;
pub mod synthetic;
pub mod table;
mod text;
pub mod version;

pub use address::AddressIndex;
pub use load::{Backing, Symbols};
pub use names::NameIndex;
pub use symbol::{Section, Source, Symbol, Version};
pub use table::SymbolTable;
