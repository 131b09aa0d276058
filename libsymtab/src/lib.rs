//! Symbol tables as questions: by name, by address, version, class letter; and where a table comes
//! from.
#![forbid(unsafe_code)]

pub mod address;
pub mod class;
pub mod names;
mod set;
pub mod special;
pub mod symbol;
pub mod table;
mod text;
pub mod version;

pub use address::AddressIndex;
pub use names::NameIndex;
pub use symbol::{Section, Source, Symbol, Version};
pub use table::SymbolTable;
