//! DWARF 2 to 5: debugging information read, shown, searched and made.
//!
//! | module | holds |
//! |---|---|
//! | [`registers`] | names of registers by their numbers, a table a machine |
//! | [`section`] | which sections there are, and by what names files have them |
//! | [`dump`] | every section as text, in the form of GNU readelf and objdump |
//!
//! Reading is lazy and borrows from the bytes of the file.
#![forbid(unsafe_code)]

pub mod dump;
pub mod registers;
pub mod section;
