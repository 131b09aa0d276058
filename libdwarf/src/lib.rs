//! DWARF 2 to 5: debugging information read, shown, searched and made.
//!
//! | module | holds |
//! |---|---|
//! | [`names`] | names of tags, attributes, forms, operations and of what values mean |
//! | [`registers`] | names of registers by their numbers, a table a machine |
//! | [`section`] | which sections there are, and by what names files have them |
//! | [`load`] | the debugging information of a file, wherever it lies |
//! | [`lookup`] | addresses to functions, inlined calls and lines, and back |
//! | [`unwind`] | from a frame to its caller, by rows of call frames; tables for exceptions |
//! | [`walk`] | units, entries, attributes, types as text, layouts, locations, macros |
//! | [`dump`] | every section as text, in the form of GNU readelf and objdump |
//! | [`write`] | every section made: units, lines, frames, indexes, with relocations |
//!
//! Reading is lazy and borrows from the bytes of the file.
#![forbid(unsafe_code)]

pub mod dump;
pub mod load;
pub mod lookup;
pub mod names;
pub mod registers;
pub mod section;
pub mod unwind;
pub mod walk;
pub mod write;
