//! ELF(3) in safe Rust: reading object files, archives and what lies in them.
//!
//! Everything that is read borrows from the bytes of the file (`'data`) and is decoded when it is
//! asked for. [`File`] is the door: it costs the decoding of one header. Two layers lie behind it:
//!
//! - class-neutral values ([`SectionHeader`], [`Symbol`], [`Reloc`], …) whose fields are plain
//!   host integers, read through [`Table`]s;
//! - [`raw`], the ABI's own structures, generic over class and byte order, for hot loops; see
//!   [`Typed`].
//!
//! No input makes this crate panic: every offset and count of a file is checked where it becomes
//! a slice, and the slice is the proof.
//!
//! # List the needed libraries of a file
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let data = libelf::map::read(std::env::current_exe()?)?;
//! let file = libelf::File::parse(&data)?;
//! let dynamic = file.dynamic()?;
//! for name in dynamic.needed() {
//!     println!("{}", String::from_utf8_lossy(name?));
//! }
//! # Ok(())
//! # }
//! ```
#![deny(unsafe_code)]

pub mod archive;
pub mod attributes;
pub mod compress;
pub mod debugfile;
pub mod dynamic;
pub mod edit;
pub mod error;
pub mod file;
pub mod group;
pub mod hash;
pub mod header;
pub mod ident;
pub mod leb128;
pub mod linkview;
pub mod map;
pub mod mips;
pub mod names;
pub mod note;
pub mod reloc;
pub mod reloc_apply;
pub mod section;
pub mod segment;
pub mod strtab;
pub mod symbol;
pub mod table;
pub mod version;
pub mod xlate;

/// The ABI's structures and constants, generic over class and byte order; from the `object`
/// crate.
pub mod raw {
    pub use object::elf::*;
    pub use object::endian::{BigEndian, Endian, Endianness, LittleEndian};
    pub use object::pod::{Pod, from_bytes, slice_from_bytes};
    pub use object::read::elf::{Dyn, FileHeader, ProgramHeader, Rel, Rela, SectionHeader, Sym};
}

pub use archive::Archive;
pub use dynamic::Dynamic;
pub use error::{Error, Result};
pub use file::{File, Typed};
pub use header::Header;
pub use ident::{Class, Encoding};
pub use reloc::Reloc;
pub use section::SectionHeader;
pub use segment::ProgramHeader;
pub use strtab::StringTable;
pub use symbol::Symbol;
pub use table::{Record, Table};
