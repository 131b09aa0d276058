//! The inputs of a link: found, mapped, told apart and parsed, in parallel.

mod find;
pub mod gather;
pub mod library;
pub mod object;
mod origin;
pub mod relocs;
pub mod shared;

pub use find::SearchPath;
pub use gather::{Gatherer, reason};
pub use library::{Library, Loaded};
pub use object::Object;
pub use origin::Origin;
pub use shared::Shared;

pub use crate::storage::Storage;
