//! Where GNU readelf searches for files that have debugging information of another, and how the
//! links to them are read.
//!
//! A name in `.gnu_debuglink` or `.gnu_debugaltlink` is tried as it is and in [`candidates`]; a
//! build-id in [`build_id_candidates`]. The folders of the system are those of Debian.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use libelf::map::{self, Bytes};

/// Folders of debug files of the whole system.
const DEBUG_FOLDER: &[u8] = b"/usr/lib/debug";
const EXTRA_FOLDERS: [&[u8]; 2] = [b"/usr/lib/debug/usr/", b"/lib/debug/"];
/// What stands before `.build-id/`. The last one lacks its `/` in GNU's, too.
const BUILD_ID_PREFIXES: [&[u8]; 6] = [
    b"",
    b".debug/",
    b"/usr/lib/debug/",
    b"/usr/lib/debug/usr/",
    b"/usr/lib64/debug/",
    b"/usr/lib64/debug/usr",
];

/// The paths at which the file called `link` in the file at `path` may lie, in the order in which
/// they are tried.
pub fn candidates(path: &[u8], link: &[u8]) -> Vec<Vec<u8>> {
    let path = std::fs::canonicalize(OsStr::from_bytes(path))
        .map_or_else(|_| path.to_vec(), |found| found.as_os_str().as_bytes().to_vec());
    let folder = folder_of(&path);
    let mut candidates = vec![
        link.to_vec(),
        [b".debug/", link].concat(),
        [folder, link].concat(),
        [folder, b".debug/", link].concat(),
        [DEBUG_FOLDER, b"/", link].concat(),
        [DEBUG_FOLDER, b"/", folder, b"/", link].concat(),
    ];
    candidates.extend(EXTRA_FOLDERS.map(|folder| [folder, link].concat()));
    candidates
}

/// The paths at which the file with this build-id may lie, in the order in which they are tried.
pub fn build_id_candidates(id: &[u8]) -> Vec<Vec<u8>> {
    let Some(path) = libelf::debugfile::build_id_path(id) else { return Vec::new() };
    let path = path.as_os_str().as_bytes();
    BUILD_ID_PREFIXES.iter().map(|&prefix| [prefix, path].concat()).collect()
}

/// Whether two paths are of one file.
pub fn is_same(one: &[u8], other: &[u8]) -> bool {
    let real = |path| std::fs::canonicalize(OsStr::from_bytes(path)).ok();
    real(one).is_some_and(|one| real(other) == Some(one))
}

/// The folder of the file at `path`, with the `/` at its end; empty, if the path has none.
pub fn folder_of(path: &[u8]) -> &[u8] {
    let end = memchr::memrchr(b'/', path).map_or(0, |at| at.saturating_add(1));
    path.get(..end).unwrap_or_default()
}

/// The bytes of the regular file at `path`, if they can be read.
pub fn open(path: &[u8]) -> Option<Bytes> {
    let path = Path::new(OsStr::from_bytes(path));
    // Asked before it is opened: to open a pipe is to wait for its other end.
    std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file)?;
    map::read(path).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(paths: &[Vec<u8>]) -> Vec<String> {
        paths.iter().map(|path| String::from_utf8_lossy(path).into_owned()).collect()
    }

    #[test]
    fn a_link_is_tried_as_it_is_beside_the_file_and_in_the_system() {
        let expected = [
            "p.debug",
            ".debug/p.debug",
            "/nowhere/p.debug",
            "/nowhere/.debug/p.debug",
            "/usr/lib/debug/p.debug",
            "/usr/lib/debug//nowhere//p.debug",
            "/usr/lib/debug/usr/p.debug",
            "/lib/debug/p.debug",
        ];
        assert_eq!(texts(&candidates(b"/nowhere/p", b"p.debug")), expected);
        assert_eq!(candidates(b"p(missing)", b"d")[5], b"/usr/lib/debug//d");
    }

    #[test]
    fn a_build_id_is_a_folder_and_a_name() {
        let found = texts(&build_id_candidates(&[0xab, 0xcd, 0xef]));
        assert_eq!(found[0], ".build-id/ab/cdef.debug");
        assert_eq!(found[5], "/usr/lib64/debug/usr.build-id/ab/cdef.debug");
    }
}
