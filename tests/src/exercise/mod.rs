//! Every reader of the libraries, called on bytes of any kind: for inputs that try to break them.
//!
//! Results are looked at and thrown away: what is tested is that each call returns. Tables are
//! walked to a bound, so that time grows with the size of the input and no faster, even if all
//! sections name the same table.

pub mod archive;
pub mod archive_write;
pub mod attributes;
pub mod demangle;
pub mod description;
pub mod dwarf;
pub mod dwarf_write;
pub mod edit;
pub mod file;
pub mod grammar;
pub mod ld_script;
pub mod link;
pub mod lto;
pub mod notes;
pub mod symtab;

/// How many entries of a table are looked at.
const ENTRIES: usize = 2000;
/// How many sections, segments or members are looked at.
const PARTS: usize = 500;

/// Everything, on any bytes.
pub fn everything(data: &[u8]) {
    file::exercise(data);
    edit::exercise(data);
    archive::exercise(data);
    archive_write::exercise(data);
    symtab::exercise(data);
    lto::exercise(data);
    dwarf::exercise(data);
    dwarf::look_up(data);
    dwarf::walk(data);
    dwarf::unwind(data);
}
