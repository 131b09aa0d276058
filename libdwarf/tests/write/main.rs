//! What `libdwarf::write` makes is read: by gimli, by GNU readelf, by LLVM.

mod entries;
mod errors;
mod frames;
mod lines;
mod lists;
mod objects;
mod programs;
mod read;
mod tables;
