//! The names of the ABI's numbers, as people know them from readelf's output.
//!
//! Every table is data: sorted pairs of a number and its name, one file a subject, and for
//! relocations and machine flags one file a machine. Functions that return an `Option` know the
//! named numbers only; those that return a [`Cow`](std::borrow::Cow) also have the text by which a
//! number without a name is printed.
//!
//! Many numbers mean one thing on one machine and another on the next, or depend on the operating
//! system (`EI_OSABI`). Such functions take the [`Header`](crate::Header) and ask it for both.

mod dynamic;
mod dynamic_flags;
mod em;
mod file;
mod flags;
mod machine;
mod note;
mod reloc;
mod section;
mod section_flags;
mod segment;
mod symbol;
mod table;
mod version_flags;

pub use dynamic::{dynamic_tag, dynamic_tag_name};
pub use dynamic_flags::{dynamic_flags, syminfo_bound_to, syminfo_flags};
pub use file::{byte_order, elf_class, file_type, ident_version_suffix, os_abi, os_abi_name};
pub use flags::header_flags;
pub use machine::{machine, machine_name};
pub use note::{NETBSD_FIRST_MACHINE, note_type_name};
pub use reloc::{RelocNames, alpha_lituse, reloc, reloc_names};
pub use section::{compression_type, section_type, section_type_name};
pub use section_flags::{Letters, section_flag_key, section_flag_letters, section_flag_names};
pub use segment::{program_type, program_type_name};
pub use symbol::{
    special_section, special_section_name, symbol_binding, symbol_binding_name, symbol_other,
    symbol_type, symbol_type_name, symbol_visibility,
};
pub use table::Names;
pub use version_flags::version_flags;

#[cfg(test)]
mod tests;
