//! The linker as a whole, as its program runs: any bytes are linked with an object that has the
//! start of a program.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

use common::SUCCESS;
use tempfile::TempDir;

use super::description;
use crate::mutate::linker::OPTIONS;

/// The object with the start.
const START: &str = include_str!("../../elfc/start-x86_64.elfc");
/// Where files are if it is there: in memory.
const MEMORY: &str = "/dev/shm";

/// What the bytes are taken for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// An input, of whatever kind.
    Input,
    /// The script of the layout.
    Script,
    /// A version script.
    Versions,
    /// The list of `--dynamic-list`.
    List,
}

/// By the number that stands for them in inputs.
const ROLES: [Role; 4] = [Role::Input, Role::Script, Role::Versions, Role::List];

/// The bytes by which [`exercise`] takes `data` for this, with the options of that number.
#[cfg(test)]
fn input(role: Role, options: u8, data: &[u8]) -> Vec<u8> {
    let role = ROLES.iter().position(|each| *each == role).unwrap_or_default() as u8;
    [&[role, options], data].concat()
}

/// Links: the first two bytes say what the others are, and with which options.
///
/// # Panics
/// The linker says that it failed and leaves an output, or the other way round.
pub fn exercise(data: &[u8]) {
    let Some((&[role, options], data)) = data.split_first_chunk() else { return };
    let role = ROLES.get(usize::from(role) % ROLES.len()).copied().unwrap_or(Role::Input);
    let options = OPTIONS.get(usize::from(options) % OPTIONS.len()).copied().unwrap_or_default();
    let place = place();
    if fs::write(place.join("input"), data).is_err() {
        return;
    }
    let output = place.join("output");
    let mut words: Vec<OsString> = vec!["--threads=1".into()];
    match role {
        Role::Input => {}
        Role::Script => words.push("-T".into()),
        Role::Versions => words.extend(["-shared", "--version-script"].map(Into::into)),
        Role::List => words.extend(["-shared", "--dynamic-list"].map(Into::into)),
    }
    if role == Role::Input {
        words.extend(options.iter().map(Into::into));
    }
    words.push(place.join("input").into());
    if role != Role::Input {
        words.extend(options.iter().map(Into::into));
    }
    // Such an option tells how the files behind it are read.
    if options.contains(&"binary") {
        words.extend(["-b", "elf64-x86-64"].map(Into::into));
    }
    words.push(place.join("start.o").into());
    words.push("-o".into());
    words.push(output.clone().into());
    let status = ::ld::main("ld", words);
    let is_made = output.exists();
    drop(fs::remove_file(&output));
    assert_eq!(status == SUCCESS, is_made, "an output is there if and only if the link is good");
}

/// A folder of this process, with the start in it.
fn place() -> &'static PathBuf {
    static PLACE: OnceLock<(PathBuf, Option<TempDir>)> = OnceLock::new();
    let (path, _) = PLACE.get_or_init(|| {
        let folder = TempDir::new_in(MEMORY).or_else(|_| TempDir::new()).ok();
        let path = folder.as_ref().map_or_else(PathBuf::new, |folder| folder.path().to_owned());
        let start = description::build(START.as_bytes()).bytes.unwrap_or_default();
        drop(fs::write(path.join("start.o"), start));
        (path, folder)
    });
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_and_bad_inputs_link() {
        let start = description::build(START.as_bytes());
        assert!(start.bytes.is_some(), "{}", start.messages);
        exercise(&input(Role::Input, 1, &start.bytes.unwrap()));
        exercise(&input(Role::Script, 0, b"SECTIONS { .text : { *(.text) } }"));
        exercise(&input(Role::Versions, 0, b"V { local: *; };"));
        exercise(&input(Role::List, 0, b"{"));
        exercise(b"\x00\x05\x7fELF");
        exercise(b"");
    }
}
