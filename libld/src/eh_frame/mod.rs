//! `.eh_frame`: how to unwind the stack, of the functions that the output has.
//!
//! A section is a row of records. A CIE says what many functions have in common, an FDE describes
//! one range of code and names its CIE by a distance. LSB, chapter 10, "Exception Frames"; DWARF 5,
//! section 6.4.1, for what they share with `.debug_frame`:
//!
//! ```text
//! length  4 bytes     of what follows; 0 ends the table
//! id      4 bytes     0: a CIE; else an FDE, and its CIE starts so many bytes before this field
//! ...                 FDE: where the code starts (a relocation names it), how long it is, ...
//! ```
//!
//! The FDEs of functions that are not in the output go, and so do CIEs that no FDE names any more
//! or that are equal to an earlier one, as GNU ld has it: what is left of a section keeps its order.
//!
//! ```text
//! a.o  CIE1 FDE f  FDE g          CIE1 FDE f FDE g
//! b.o  CIE2 FDE f' FDE h    ->    FDE h                   CIE2 is equal, f' is a copy of f
//! ```
//!
//! - [`parse`] finds the records of all objects; garbage collection reads from it what an FDE keeps;
//! - [`select`] decides which are kept, and where they lie in what is left of their section;
//! - [`Frames::fill`] copies them, and hands on the relocations that are left with them;
//! - [`plt`] describes the procedure linkage tables;
//! - [`header`] makes `.eh_frame_hdr`, the table that finds the FDE of an address.

mod augmentation;
pub mod header;
mod instructions;
mod parse;
pub mod plt;
mod records;
mod select;
#[cfg(test)]
mod tests;
mod write;

pub use parse::{Parsed, parse};
pub use select::{Frames, select};
pub use write::Moved;

/// The name of the sections.
pub const NAME: &[u8] = b".eh_frame";
/// The length that says that 64-bit lengths follow, which nobody makes.
const EXTENDED: u32 = u32::MAX;
/// The bytes of the length, which it does not count.
const LENGTH_SIZE: usize = 4;
/// Where the id of a record is.
const ID: usize = 4;
/// Where an FDE says where its code starts.
const CODE_START: usize = 8;
