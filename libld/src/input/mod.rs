//! The inputs of a link: found, mapped, told apart and parsed, in parallel.

mod configuration;
mod contents;
mod find;
pub mod gather;
pub mod indirect;
pub mod library;
pub mod object;
mod origin;
mod patterned;
pub mod relocs;
pub mod shared;
mod shared_names;
mod wrapped;

pub use find::SearchPath;
pub use gather::{Gatherer, Load, Loads, reason};
pub use library::{Library, Loaded};
pub use object::Object;
pub use origin::Origin;
pub use shared::Shared;

pub use crate::storage::Storage;

/// A step of the link's input, in order.
pub enum Item<'data> {
    /// An object or a shared library.
    File {
        /// The file.
        loaded: Loaded<'data>,
        /// Its name.
        origin: Origin<'data>,
        /// Whether a shared library that nothing needs is left out.
        as_needed: bool,
    },
    /// An archive.
    Library {
        /// The archive.
        library: Library<'data>,
        /// Whether all members join.
        whole: bool,
        /// Holds for shared libraries among its members.
        as_needed: bool,
    },
    /// From here on archives are looked at again and again …
    GroupStart,
    /// … until no more members join.
    GroupEnd,
}
