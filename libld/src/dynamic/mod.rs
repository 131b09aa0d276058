//! What the dynamic loader reads: symbols, versions, hash tables, relocations, the dynamic section.

mod build;
pub mod division;
pub mod hash;
pub mod relocs;
pub mod section;
pub mod strings;
pub mod symbols;
pub mod versions;

pub use build::DynamicTables;
pub use strings::Strings;
pub use symbols::{DynamicInput, DynamicSymbol, DynamicSymbols, VersionChoice};
pub use versions::Versions;
