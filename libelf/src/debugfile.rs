//! Where the debugging data of a file lies, if it lies in files of their own. GDB manual,
//! "Debugging Information in Separate Files"; DWARF 5, section 7.3.6.
//!
//! A file that was stripped tells in two ways which file has what was taken from it, and both say
//! whether a file that is found is the right one:
//!
//! | in the file | searched | proof |
//! |---|---|---|
//! | note `NT_GNU_BUILD_ID`, `abcdef…` | `ROOT/.build-id/ab/cdef….debug` | the same build-id |
//! | `.gnu_debuglink`: a name and a checksum | beside the file, in `.debug/` beside it, in `ROOT/FOLDER-OF-THE-FILE/` | the CRC-32 of the contents |
//! | `.gnu_debugaltlink`: a name and a build-id | the name, as seen from the file's folder; then by build-id | the same build-id |
//!
//! The third names the *supplementary file*, which has what several debug files share. `ROOT` is
//! `/usr/lib/debug` if the caller knows no other.
//!
//! Only regular files are opened: a name in a file from anywhere must not make a program wait for
//! a pipe.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use libelf::debugfile::Search;
//!
//! let path = std::env::current_exe()?;
//! let bytes = libelf::map::read(&path)?;
//! let file = libelf::File::parse(&bytes)?;
//! if let Some(found) = Search::default().debug_file(&file, &path) {
//!     println!("{} is of {}", found.path.display(), path.display());
//! }
//! # Ok(())
//! # }
//! ```

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::edit::contents::{DebugAltLink, DebugLink};
use crate::file::File;
use crate::map::{self, Bytes};

/// Where debug files lie on most systems.
pub const DEFAULT_ROOT: &str = "/usr/lib/debug";
/// The folder of a root in which files lie by their build-id.
const BUILD_ID_FOLDER: &str = ".build-id";
/// The folder beside a program in which its debug file may lie.
const LOCAL_FOLDER: &str = ".debug";

/// Where files are searched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    /// The folders with debug files of the whole system, the first one first.
    pub roots: Vec<PathBuf>,
}

impl Default for Search {
    /// In [`DEFAULT_ROOT`].
    fn default() -> Self {
        Self { roots: vec![PathBuf::from(DEFAULT_ROOT)] }
    }
}

/// A file that was found and is the right one.
#[derive(Debug)]
pub struct Found {
    /// Where it lies.
    pub path: PathBuf,
    /// Its contents.
    pub bytes: Bytes,
    /// How it was proved to be the right one.
    pub proof: Proof,
}

/// Why a file is the one that was searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// It has the build-id.
    BuildId,
    /// Its contents have the checksum.
    Checksum,
}

/// What `.gnu_debuglink` of `file` says; `None` if it has no such section, or a damaged one.
pub fn debug_link<'data>(file: &File<'data>) -> Option<DebugLink<'data>> {
    let contents = contents_of(file, b".gnu_debuglink")?;
    // Some tools pad the section behind the checksum.
    let name = memchr::memchr(0, contents)?;
    let end = name.checked_add(1)?.checked_next_multiple_of(4)?.checked_add(4)?;
    DebugLink::decode(contents.get(..end)?, file.encoding())
}

/// What `.gnu_debugaltlink` of `file` says; `None` if it has no such section, or a damaged one.
pub fn supplementary_link<'data>(file: &File<'data>) -> Option<DebugAltLink<'data>> {
    DebugAltLink::decode(contents_of(file, b".gnu_debugaltlink")?)
}

fn contents_of<'data>(file: &File<'data>, section: &[u8]) -> Option<&'data [u8]> {
    let (_, header) = file.section_by_name(section).ok()??;
    file.section_data(&header).ok()
}

/// The path of the file with a build-id, from a root on: `.build-id/ab/cdef….debug`. `None` if
/// the build-id is too short to be one.
pub fn build_id_path(build_id: &[u8]) -> Option<PathBuf> {
    let (first, rest) = build_id.split_first().filter(|(_, rest)| !rest.is_empty())?;
    let hexadecimal = |bytes: &[u8]| -> String {
        let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or('0');
        bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]).collect()
    };
    let file = format!("{}.debug", hexadecimal(rest));
    Some(Path::new(BUILD_ID_FOLDER).join(hexadecimal(&[*first])).join(file))
}

impl Search {
    /// The separate debug file of `file`, which lies at `path`: by build-id, else by
    /// `.gnu_debuglink`. `None` if there is none; files that cannot be read are passed over.
    pub fn debug_file(&self, file: &File<'_>, path: &Path) -> Option<Found> {
        let build_id = file.build_id();
        build_id.and_then(|id| self.by_build_id(id)).or_else(|| {
            let link = debug_link(file)?;
            self.candidates(path, &link.name)
                .into_iter()
                .filter(|candidate| !is_same(candidate, path))
                .find_map(|candidate| {
                    let bytes = read(&candidate)?;
                    let is_right = crc32(&bytes) == link.crc;
                    is_right.then_some(Found { path: candidate, bytes, proof: Proof::Checksum })
                })
        })
    }

    /// The supplementary file of `file`, a debug file that lies at `path`.
    pub fn supplementary_file(&self, file: &File<'_>, path: &Path) -> Option<Found> {
        let link = supplementary_link(file)?;
        let named = folder_of(path)?.join(name(&link.name)?);
        with_build_id(named, &link.build_id).or_else(|| self.by_build_id(&link.build_id))
    }

    /// The file with this build-id.
    pub fn by_build_id(&self, build_id: &[u8]) -> Option<Found> {
        let path = build_id_path(build_id)?;
        self.roots.iter().find_map(|root| with_build_id(root.join(&path), build_id))
    }

    /// The places where the file that `.gnu_debuglink` of the file at `path` names may lie, in the
    /// order of the search. Where `path` is a link, what it leads to has its places as well.
    pub fn candidates(&self, path: &Path, link: &[u8]) -> Vec<PathBuf> {
        let Some(name) = name(link) else { return Vec::new() };
        let mut folders: Vec<PathBuf> = folder_of(path).into_iter().collect();
        let target = std::fs::canonicalize(path).ok();
        folders.extend(target.as_deref().and_then(folder_of));
        folders.dedup();
        let mut candidates = Vec::new();
        for folder in &folders {
            candidates.push(folder.join(name));
            candidates.push(folder.join(LOCAL_FOLDER).join(name));
        }
        for root in &self.roots {
            for folder in &folders {
                let below = folder.strip_prefix("/").unwrap_or(folder);
                candidates.push(root.join(below).join(name));
            }
        }
        candidates
    }
}

/// The name of a file in a section, as a path.
fn name(bytes: &[u8]) -> Option<&Path> {
    (!bytes.is_empty()).then(|| Path::new(OsStr::from_bytes(bytes)))
}

/// The folder that a file lies in, from `/` on.
fn folder_of(path: &Path) -> Option<PathBuf> {
    Some(std::path::absolute(path).ok()?.parent()?.to_path_buf())
}

/// Whether two paths are of one file.
fn is_same(one: &Path, other: &Path) -> bool {
    std::fs::canonicalize(one)
        .ok()
        .is_some_and(|one| std::fs::canonicalize(other).ok() == Some(one))
}

fn with_build_id(path: PathBuf, build_id: &[u8]) -> Option<Found> {
    let bytes = read(&path)?;
    let is_right = File::parse(&bytes).ok()?.build_id() == Some(build_id);
    is_right.then_some(Found { path, bytes, proof: Proof::BuildId })
}

/// The contents of a regular file.
fn read(path: &Path) -> Option<Bytes> {
    // Asked before it is opened: to open a pipe is to wait for its other end.
    std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file)?;
    map::read(path).ok()
}

/// The CRC-32 of `bytes`, as `.gnu_debuglink` has it (ISO 3309).
pub fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::{Contents, Object, Section};
    use crate::ident::{Class, Encoding};
    use object::endian::Endianness;

    const LE: Encoding = Encoding { class: Class::Elf64, endian: Endianness::Little };

    /// A file with a section of these contents.
    fn file_with(section: &'static str, kind: u32, contents: Vec<u8>) -> Vec<u8> {
        let mut object = Object::new(LE, 2, 62);
        let made = Section {
            name: section.into(),
            kind,
            contents: Contents::Bytes(contents.into()),
            ..Section::default()
        };
        object.sections.push(made);
        object.complete();
        object.to_bytes().unwrap()
    }

    fn build_id_note(id: &[u8]) -> Vec<u8> {
        let mut note = Vec::new();
        for word in [4, id.len() as u32, 3] {
            note.extend(word.to_le_bytes());
        }
        note.extend(b"GNU\0");
        note.extend(id);
        note
    }

    #[test]
    fn files_are_found_by_build_id() {
        let root = tempfile::tempdir().unwrap();
        let id = [0xab, 0xcd, 0xef, 0x01];
        let bytes = file_with(".note.gnu.build-id", 7, build_id_note(&id));
        let place = root.path().join(".build-id/ab/cdef01.debug");
        assert_eq!(place, root.path().join(build_id_path(&id).unwrap()));
        let search = Search { roots: vec!["/nonexistent".into(), root.path().into()] };
        let file = File::parse(&bytes).unwrap();
        assert!(search.debug_file(&file, Path::new("/bin/x")).is_none());
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        // A file with another build-id is not the one.
        let other = file_with(".note.gnu.build-id", 7, build_id_note(&[0xab, 1, 1, 1]));
        std::fs::write(&place, other).unwrap();
        assert!(search.debug_file(&file, Path::new("/bin/x")).is_none());
        std::fs::write(&place, &bytes).unwrap();
        let found = search.debug_file(&file, Path::new("/bin/x")).unwrap();
        assert_eq!((found.path, found.proof), (place, Proof::BuildId));
        assert_eq!(*found.bytes, bytes);
    }

    #[test]
    fn files_are_found_by_link_and_checksum() {
        let folder = tempfile::tempdir().unwrap();
        let debug = b"the debug file";
        let mut link = b"p.debug\0".to_vec();
        link.extend(crc32(debug).to_le_bytes());
        let bytes = file_with(".gnu_debuglink", 1, link);
        let file = File::parse(&bytes).unwrap();
        let program = folder.path().join("bin/p");
        let root = folder.path().join("root");
        let search = Search { roots: vec![root.clone()] };
        let places = search.candidates(&program, &debug_link(&file).unwrap().name);
        let below = folder.path().strip_prefix("/").unwrap().join("bin/p.debug");
        let expected = [
            folder.path().join("bin/p.debug"),
            folder.path().join("bin/.debug/p.debug"),
            root.join(below),
        ];
        assert_eq!(places, expected);
        // The last first, so that each is found before those behind it.
        for place in expected.iter().rev() {
            std::fs::create_dir_all(place.parent().unwrap()).unwrap();
            std::fs::write(place, b"another file").unwrap();
            let before = search.debug_file(&file, &program).map(|found| found.path);
            assert_ne!(before.as_ref(), Some(place));
            std::fs::write(place, debug).unwrap();
            let found = search.debug_file(&file, &program).unwrap();
            assert_eq!((&found.path, found.proof), (place, Proof::Checksum));
        }
    }

    #[test]
    fn supplementary_files_are_found_from_the_folder_of_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let id = [1, 2, 3, 4];
        let mut link = b"../common.debug\0".to_vec();
        link.extend(id);
        let bytes = file_with(".gnu_debugaltlink", 1, link);
        let file = File::parse(&bytes).unwrap();
        std::fs::create_dir(folder.path().join("sub")).unwrap();
        let path = folder.path().join("sub/p.debug");
        let search = Search { roots: Vec::new() };
        assert!(search.supplementary_file(&file, &path).is_none());
        let common = file_with(".note.gnu.build-id", 7, build_id_note(&id));
        std::fs::write(folder.path().join("common.debug"), &common).unwrap();
        assert_eq!(*search.supplementary_file(&file, &path).unwrap().bytes, common);
    }

    #[test]
    fn damaged_links_are_none() {
        for contents in [&b""[..], b"name", b"name\0", b"name\0\0\0\0abc"] {
            let bytes = file_with(".gnu_debuglink", 1, contents.to_vec());
            assert!(debug_link(&File::parse(&bytes).unwrap()).is_none());
        }
        assert_eq!(build_id_path(b"\xab"), None);
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert!(read(Path::new("/dev/null")).is_none());
    }
}
