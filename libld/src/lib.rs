//! Linking: object files, archives, shared libraries and linker scripts to one ELF file.
//!
//! A link is a list of passes. Each is a function from the results of those before it, which it
//! borrows, to a new one that nobody changes afterwards. What there is to say is collected, and who
//! calls decides where the output goes.
//!
//! ```
//! use std::path::Path;
//!
//! use libld::diagnostics::Diagnostics;
//! use libld::options::{Argument, Format, Input, InputName, Kind, Options, State};
//! use libld::room::{Memory, Room};
//! use libld::{Sink, TextKind, link};
//!
//! /// Keeps the output in memory.
//! struct Kept(Memory);
//!
//! impl Sink for Kept {
//!     fn begin(&mut self, _: &Path) {}
//!
//!     fn room(&mut self, _: &Path, size: u64) -> Result<&dyn Room, String> {
//!         self.0 = Memory::new(size as usize);
//!         Ok(&self.0)
//!     }
//!
//!     fn text(&mut self, _: TextKind, _: &Options, _: &[u8]) -> Result<(), String> {
//!         Ok(())
//!     }
//!
//!     fn finish(&mut self) {}
//! }
//!
//! // As `ld -r -b binary Cargo.toml`: the bytes of a file as an object.
//! let mut options = Options::default();
//! options.output.kind = Kind::Relocatable;
//! let state = State { format: Some(Format::Binary), ..State::default() };
//! let name = InputName::Path("Cargo.toml".into());
//! options.inputs.arguments.push(Argument::File(Input { name, state }));
//!
//! let (mut kept, mut said) = (Kept(Memory::new(0)), Diagnostics::new());
//! assert!(link(&options, &mut kept, &mut said).is_ok());
//! let object = kept.0.into_bytes();
//! let file = libelf::File::parse(&object).unwrap();
//! let names = file.section_names().unwrap();
//! let headers = file.section_headers().unwrap();
//! assert!(headers.iter().any(|it| names.get(it.name.into()).is_ok_and(|name| name == b".data")));
//! ```
#![forbid(unsafe_code)]

pub mod arch;
pub mod commons;
pub mod compress;
pub mod diagnostics;
pub mod dynamic;
pub mod eh_frame;
mod encode;
mod exports;
pub mod form;
pub mod ids;
pub mod input;
pub mod layout;
mod link;
pub mod live;
pub mod made;
pub mod merge;
pub mod names;
pub mod note;
pub mod options;
pub mod relocatable;
pub mod report;
pub mod resolve;
pub mod scan;
pub mod script;
mod scripts;
mod storage;
pub mod symbols;
pub mod tables;
#[cfg(test)]
mod testing;
pub mod write;

pub use commons::Commons;
pub use link::{Failed, Sink, TextKind, link};
pub use scripts::built_in_script;
pub use storage::Storage;
pub use write::room;
