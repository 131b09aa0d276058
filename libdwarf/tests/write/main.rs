//! What `libdwarf::write` makes is read: by gimli, by GNU readelf, by LLVM.
// Tests may panic: that is how they fail.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod entries;
mod errors;
mod frames;
mod indexes;
mod lines;
mod lists;
mod objects;
mod own;
mod programs;
mod read;
mod tables;
