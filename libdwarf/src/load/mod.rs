//! Debugging information of a file, wherever it lies: in sections that are compressed or still to
//! be relocated, in a separate debug file, in part in a supplementary file or in split objects.
//!
//! | what | found by | here |
//! |---|---|---|
//! | sections of the file | name, compressed or not | [`Sections`] |
//! | the separate debug file of a stripped one | build-id, `.gnu_debuglink`, the cache of debuginfod | [`Debug::load`] |
//! | what several debug files share | `.gnu_debugaltlink`, `.debug_sup` | [`Debug::supplementary`] |
//! | split units | `.dwo` files and `.dwp` packages | [`Debug::split_unit`] |
//!
//! Everything borrows from the mapped files. What has to be unpacked, relocated or opened on the
//! way is kept in a [`Backing`] that the caller makes before, so that all of it can be shared
//! between threads without counting references.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use libdwarf::load::{Backing, Debug, FOR_LOOKUP, Places};
//!
//! let path = std::env::current_exe()?;
//! let bytes = libelf::map::read(&path)?;
//! let file = libelf::File::parse(&bytes)?;
//! let backing = Backing::new();
//! let debug = Debug::load(file, &path, &Places::default(), &backing);
//! let dwarf = debug.sections().dwarf(FOR_LOOKUP);
//! let mut units = dwarf.units();
//! let mut count = 0;
//! while units.next()?.is_some() {
//!     count += 1;
//! }
//! println!("{count} units");
//! # assert!(count > 0);
//! # Ok(())
//! # }
//! ```

mod arena;
pub(crate) mod list_offset;
mod relocate;
mod sections;
mod split;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use libelf::File;
use libelf::debugfile::{Found, Proof, Search};
use libelf::map::{self, Bytes};

use crate::section::SectionId;
use arena::Arena;
pub use sections::{Dwarf, FOR_LOOKUP, Sections, Slice};
pub(crate) use split::Splits;

/// Keeps what is unpacked and which files are opened, for as long as anything borrows from them.
#[derive(Debug, Default)]
pub struct Backing {
    unpacked: Arena<Vec<u8>>,
    files: Arena<Found>,
    /// The bytes that were unpacked so far.
    spent: AtomicU64,
}

impl Backing {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    fn keep_bytes(&self, bytes: Vec<u8>) -> &[u8] {
        self.unpacked.keep(bytes)
    }

    fn keep_file(&self, found: Found) -> &Found {
        self.files.keep(found)
    }

    fn spend(&self, bytes: usize) {
        self.spent.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// How many bytes may be unpacked still, for a file of this size.
    fn left(&self, file_size: usize) -> u64 {
        let most = (file_size as u64).saturating_mul(USUAL_RATIO).max(MOST_UNPACKED);
        most.saturating_sub(self.spent.load(Ordering::Relaxed))
    }
}

/// What the sections of a small file may unpack to together, in bytes.
const MOST_UNPACKED: u64 = 160 << 20;
/// And those of larger files: real debugging sections shrink to a third or a fifth.
const USUAL_RATIO: u64 = 8;

/// Where files are searched that a file does not hold itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// Separate debug files and supplementary files.
    pub search: Search,
    /// A cache of debuginfod, where that is to be searched, too: see [`debuginfod_cache`].
    pub debuginfod: Option<PathBuf>,
}

/// The folder in which debuginfod's clients of this user keep what they fetched:
/// `$DEBUGINFOD_CACHE_PATH`, `$XDG_CACHE_HOME/debuginfod_client` or
/// `~/.cache/debuginfod_client`, as debuginfod_find_debuginfo(3) says.
pub fn debuginfod_cache() -> Option<PathBuf> {
    const FOLDER: &str = "debuginfod_client";
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    set("DEBUGINFOD_CACHE_PATH")
        .or_else(|| Some(set("XDG_CACHE_HOME")?.join(FOLDER)))
        .or_else(|| Some(set("HOME")?.join(".cache").join(FOLDER)))
}

/// The debugging information of a file.
#[derive(Debug)]
pub struct Debug<'data> {
    sections: Sections<'data>,
    /// Where the file lies that has the sections.
    path: PathBuf,
    places: Places,
    backing: &'data Backing,
    supplementary: OnceLock<Option<Box<Sections<'data>>>>,
    splits: Arc<Splits<'data>>,
}

impl<'data> Debug<'data> {
    /// The debugging information of `file`, which lies at `path`: its own, else that of its
    /// separate debug file, else none.
    pub fn load(file: File<'data>, path: &Path, places: &Places, backing: &'data Backing) -> Self {
        let own = Sections::new(file, backing);
        let (sections, path) = if has_units(&own) {
            (own, path)
        } else {
            separate(&file, path, places, backing).unwrap_or((own, path))
        };
        Self {
            sections,
            path: path.to_path_buf(),
            places: places.clone(),
            backing,
            supplementary: OnceLock::new(),
            splits: Arc::new(Splits::new(path, backing)),
        }
    }

    /// The sections of the file that has units.
    pub fn sections(&self) -> &Sections<'data> {
        &self.sections
    }

    /// Where the file lies that has [`Self::sections`]: the one that was asked for, or a separate
    /// debug file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The supplementary file, which has what several debug files share: `.gnu_debugaltlink` of
    /// GNU's and `dwz`, `.debug_sup` of DWARF 5, section 7.3.6. Searched once.
    pub fn supplementary(&self) -> Option<&Sections<'data>> {
        let found = self.supplementary.get_or_init(|| self.find_supplementary().map(Box::new));
        found.as_deref()
    }

    /// Where the split units are, to be shared with what outlives a borrow of this.
    pub(crate) fn splits(&self) -> Arc<Splits<'data>> {
        Arc::clone(&self.splits)
    }

    fn find_supplementary(&self) -> Option<Sections<'data>> {
        let file = self.sections.file();
        let search = &self.places.search;
        let found = search
            .supplementary_file(file, &self.path)
            .or_else(|| self.named_by_debug_sup())
            .or_else(|| {
                let link = libelf::debugfile::supplementary_link(file)?;
                cached(self.places.debuginfod.as_deref()?, &link.build_id)
            })?;
        let found = self.backing.keep_file(found);
        Some(Sections::new(File::parse(&found.bytes).ok()?, self.backing))
    }

    /// The file that `.debug_sup` names: its checksum must be the one there.
    fn named_by_debug_sup(&self) -> Option<Found> {
        let own = DebugSup::parse(&self.sections)?;
        if own.is_supplementary {
            return None;
        }
        let name = Path::new(std::ffi::OsStr::new(str::from_utf8(own.name).ok()?));
        let path = self.path.parent()?.join(name);
        let bytes = read_regular(&path)?;
        let file = File::parse(&bytes).ok()?;
        let scratch = Backing::new();
        let sections = Sections::new(file, &scratch);
        let other = DebugSup::parse(&sections)?;
        let is_right = other.is_supplementary && other.checksum == own.checksum;
        is_right.then_some(())?;
        drop(sections);
        Some(Found { path, bytes, proof: Proof::Checksum })
    }
}

/// The contents of `.debug_sup`. DWARF 5, section 7.3.6.
struct DebugSup<'data> {
    is_supplementary: bool,
    name: &'data [u8],
    checksum: &'data [u8],
}

impl<'data> DebugSup<'data> {
    fn parse(sections: &Sections<'data>) -> Option<Self> {
        let bytes = sections.get(SectionId::Sup);
        // The version, 2 bytes, is 2 as of now and says nothing of the rest.
        let (&is_supplementary, rest) = bytes.get(2..)?.split_first()?;
        let end = memchr::memchr(0, rest)?;
        let (name, rest) = rest.split_at_checked(end)?;
        let rest = rest.get(1..)?;
        let length = libelf::leb128::unsigned(rest);
        let start = length.len;
        let end = start.checked_add(usize::try_from(length.value).ok()?)?;
        let checksum = rest.get(start..end)?;
        Some(Self { is_supplementary: is_supplementary != 0, name, checksum })
    }
}

/// Whether there is anything to look up.
fn has_units(sections: &Sections<'_>) -> bool {
    sections.has(SectionId::Info)
}

/// The sections of the separate debug file, and where it lies.
fn separate<'data>(
    file: &File<'data>,
    path: &Path,
    places: &Places,
    backing: &'data Backing,
) -> Option<(Sections<'data>, &'data Path)> {
    let found = places
        .search
        .debug_file(file, path)
        .or_else(|| cached(places.debuginfod.as_deref()?, file.build_id()?))?;
    let found = backing.keep_file(found);
    let sections = Sections::new(File::parse(&found.bytes).ok()?, backing);
    has_units(&sections).then_some((sections, &found.path))
}

/// The debug file with this build-id in a cache of debuginfod: `BUILDID/debuginfo`.
fn cached(cache: &Path, build_id: &[u8]) -> Option<Found> {
    use std::fmt::Write as _;
    let mut folder = String::new();
    for byte in build_id {
        write!(folder, "{byte:02x}").ok()?;
    }
    let path = cache.join(folder).join("debuginfo");
    let bytes = read_regular(&path)?;
    let is_right = File::parse(&bytes).ok()?.build_id() == Some(build_id);
    is_right.then_some(Found { path, bytes, proof: Proof::BuildId })
}

/// The contents of a regular file: to open a pipe is to wait for its other end.
fn read_regular(path: &Path) -> Option<Bytes> {
    std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file)?;
    map::read(path).ok()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Loading is shared between threads.
    const _: fn() = || {
        fn is_shared<T: Send + Sync>() {}
        is_shared::<Debug<'static>>();
    };

    /// A program with a unit of version 4 that is split, and the object with that, as assembled
    /// from nothing but headers and root entries.
    fn split_pair(folder: &Path) -> (Vec<u8>, Vec<u8>) {
        const ID: [u8; 8] = [8, 7, 6, 5, 4, 3, 2, 1];
        let unit = |root: &[u8]| {
            let mut body = vec![4, 0, 0, 0, 0, 0, 8];
            body.extend(root);
            [&(body.len() as u32).to_le_bytes()[..], &body].concat()
        };
        // DW_TAG_compile_unit with DW_AT_comp_dir, DW_AT_GNU_dwo_name and DW_AT_GNU_dwo_id.
        let skeleton_abbrev = b"\x01\x11\0\x1b\x08\xb0\x42\x08\xb1\x42\x07\0\0\0".to_vec();
        let mut skeleton = vec![1];
        skeleton.extend(folder.to_str().unwrap().bytes());
        skeleton.extend(b"\0a.dwo\0");
        skeleton.extend(ID);
        // The same with DW_AT_name and DW_AT_GNU_dwo_id.
        let split_abbrev = b"\x01\x11\0\x03\x08\xb1\x42\x07\0\0\0".to_vec();
        let split = [&b"\x01a.c\0"[..], &ID].concat();
        let program =
            file_with(&[(".debug_info", unit(&skeleton)), (".debug_abbrev", skeleton_abbrev)]);
        let object =
            file_with(&[(".debug_info.dwo", unit(&split)), (".debug_abbrev.dwo", split_abbrev)]);
        (program, object)
    }

    /// A program with nothing but these sections.
    pub(crate) fn file_with(sections: &[(&'static str, Vec<u8>)]) -> Vec<u8> {
        use libelf::edit::{Contents, Object, Section};
        use libelf::ident::{Class, Encoding};
        use libelf::raw::Endianness;

        let encoding = Encoding { class: Class::Elf64, endian: Endianness::Little };
        let mut object = Object::new(encoding, 2, 62);
        for (name, contents) in sections {
            object.sections.push(Section {
                name: (*name).into(),
                kind: 1,
                contents: Contents::Bytes(contents.clone().into()),
                ..Section::default()
            });
        }
        object.complete();
        object.to_bytes().unwrap()
    }

    #[test]
    fn split_units_are_found_by_name_and_identifier() {
        let folder = tempfile::tempdir().unwrap();
        let (program, object) = split_pair(folder.path());
        let file = File::parse(&program).unwrap();
        let backing = Backing::new();
        let path = folder.path().join("a");
        let debug = Debug::load(file, &path, &Places::default(), &backing);
        let dwarf = debug.sections().dwarf(FOR_LOOKUP);
        let header = dwarf.units().next().unwrap().unwrap();
        let skeleton = dwarf.unit(header).unwrap();
        assert!(debug.split_unit(&dwarf, &skeleton).is_none());
        std::fs::write(folder.path().join("a.dwo"), &object).unwrap();
        let (_, unit) = debug.split_unit(&dwarf, &skeleton).unwrap();
        assert_eq!(unit.name.unwrap().slice(), b"a.c");
        // An object with another identifier is not the one.
        let mut other = object.clone();
        let at = memchr::memmem::find(&other, &[8, 7, 6, 5, 4, 3, 2, 1]).unwrap();
        other[at] = 9;
        std::fs::write(folder.path().join("a.dwo"), &other).unwrap();
        assert!(debug.split_unit(&dwarf, &skeleton).is_none());
    }

    #[test]
    fn the_running_test_has_units() {
        let path = std::env::current_exe().unwrap();
        let bytes = map::read(&path).unwrap();
        let file = File::parse(&bytes).unwrap();
        let backing = Backing::new();
        let debug = Debug::load(file, &path, &Places::default(), &backing);
        assert!(debug.sections().has(SectionId::Info));
        assert_eq!(debug.path(), path);
        assert!(debug.supplementary().is_none());
        assert!(debug.sections().get(SectionId::Types).is_empty());
    }
}
