//! What the programs that read object files as linkers do share: how files are opened, and what is
//! said of those that are no objects, or damaged ones.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use libelf::linkview::CommonFault;
use libelf::map::Bytes;

use crate::Output;
use crate::input::{self, put_name, shown};
use crate::members::Member;
use crate::output::system_message;

/// What is said of a file of no known format.
pub const NOT_RECOGNIZED: &str = "file format not recognized";

/// The bytes of a regular file that has any. Without them, what there is to say was said.
pub fn open(out: &mut Output, path: &[u8]) -> Option<Bytes> {
    let metadata = input::locate(out, path)?;
    if !metadata.is_file() {
        out.warn_bytes(&[b"'", &shown(path), b"' is not an ordinary file"]);
        return None;
    }
    // An empty file is passed over without a word.
    if metadata.len() == 0 {
        return None;
    }
    match libelf::map::read(Path::new(OsStr::from_bytes(path))) {
        Ok(bytes) => Some(bytes),
        Err(error) => {
            say(out, path, &system_message(&error));
            None
        }
    }
}

/// The text for symbols of the file with this name that cannot be read: the reason, if there is one
/// to be told in a line of its own.
pub fn fault_line(program: &str, name: &[u8], fault: CommonFault) -> Vec<u8> {
    let CommonFault::NoIndexes { symbol } = fault else { return Vec::new() };
    let mut text = Vec::new();
    text.extend_from_slice(program.as_bytes());
    text.extend_from_slice(b": ");
    put_name(&mut text, name);
    let fault =
        format!(" symbol number {symbol} references nonexistent SHT_SYMTAB_SHNDX section\n");
    text.extend_from_slice(fault.as_bytes());
    text
}

/// What notices call a member of the archive at `path`.
pub fn member_name(member: &Member<'_>, path: &[u8]) -> Vec<u8> {
    if member.is_file() {
        return member.name.to_vec();
    }
    let archive = member.inner_archive.as_deref().unwrap_or(path);
    [archive, b"(", &member.name, b")"].concat()
}

/// Prints `program: name: message`.
pub fn say(out: &mut Output, name: &[u8], message: &str) {
    out.diagnose_bytes(&[&*shown(name), b": ", message.as_bytes()].concat());
}
