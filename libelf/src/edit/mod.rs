//! An owned model of an object file: made from nothing or from a file, changed, and written.
//!
//! ELF(3)'s update half. An [`Object`] holds sections, segments and what lies in neither, in both
//! classes and byte orders alike. References - a symbol's section, a relocation's symbol, a
//! section's link - are stable ids that follow when something is added, removed or moved; they
//! become indexes when the object is written.
//!
//! A field is either given or left to the writer ([`Field`]): offsets, sizes, string offsets,
//! header counts. With every offset given, the layout is kept exactly; with none, it is computed:
//! the two modes of ELF(3), and all between them.
//!
//! ```text
//! bytes ── Object::open ──> Object ── (edit) ── layout ──> Layout ── write ──> bytes
//!             every field given │ ↑
//!                            simplify: fields that the defaults would give become Field::Auto
//! ```
//!
//! What is written is checked to fit its field; [`Field::Raw`] is cut instead.

mod change;
mod claims;
pub mod contents;
pub mod context;
pub mod cover;
mod decode;
mod defaults;
pub mod error;
pub mod field;
pub mod layout;
pub mod links;
mod make;
mod members;
pub mod numbers;
pub mod object;
mod open;
mod parts;
pub mod place;
mod plan;
pub mod reloc;
pub mod section;
pub mod segment;
mod simplify;
pub mod slots;
pub mod string_index;
pub mod symbol;
mod write;

pub use contents::Contents;
pub use contents::name::Name;
pub use error::{Error, Result};
pub use field::Field;
pub use layout::Layout;
pub use object::{FileHeader, Filler, Object};
pub use section::{Link, Section, SectionId};
pub use segment::{Segment, SegmentId};
pub use slots::Slots;
pub use symbol::{Symbol, SymbolId, SymbolSection};
pub use write::Planned;

/// A map with a hasher that is fast on short keys, seeded anew for each run.
type Map<K, V> = std::collections::HashMap<K, V, foldhash::fast::RandomState>;

#[cfg(test)]
mod property_tests;
