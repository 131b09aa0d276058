//! The members of an archive, as the GNU programs walk them.
//!
//! [`libelf::archive`] is strict: a field that breaks the format is an error. People's archives
//! are older than any rule, and GNU's programs take much: `12x` is a size of 12, a size past the
//! end means "the rest", a cut header is the end. What they say and where they stop is kept here,
//! once for all programs.
//!
//! readelf has a reader of its own, with other limits. Both are one walk with two sets of [`Rules`]:
//! readelf uses the [`Walk`] itself, all other programs [`Members`].
//!
//! [`Members`] costs the headers. In a thin archive the members' files are opened when their
//! contents are asked for, so that walking and reading may be on different threads.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ffi::OsStr;
use std::io;
use std::ops::{Deref, Range};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use libelf::archive::SymbolIndex;
use libelf::map::Bytes;

mod name;
mod walk;

pub use name::{Name, NameFault};
pub use walk::{Cursor, Entry, HEADER_SIZE, RawHeader, Rules, StoredIndex, Walk, WalkFault};

/// A thin archive may name an archive that names it in turn.
const NESTING_LIMIT: usize = 16;

/// Why a walk ends before the archive does.
#[derive(Debug)]
pub enum Fault {
    /// The next member cannot be told from the bytes there.
    Malformed,
    /// A size leads before the start of the archive.
    Truncated,
    /// What a thin archive names is no regular file, or should be an archive and is none.
    NotRecognized,
    /// What a thin archive names cannot be opened.
    System(io::Error),
}

impl Fault {
    /// The words for it.
    pub fn message(&self) -> String {
        match self {
            Self::Malformed => "malformed archive".to_owned(),
            Self::Truncated => "file truncated".to_owned(),
            Self::NotRecognized => "file format not recognized".to_owned(),
            Self::System(error) => crate::output::system_message(error),
        }
    }
}

/// Walks the members of an archive in order, without symbol index and name table. A [`Fault`]
/// ends the walk.
pub struct Members<'data> {
    walk: Walk<'data>,
    cursor: Cursor<'data>,
    data: &'data [u8],
    path: Vec<u8>,
    inner: InnerArchives,
    /// The path and offset of the member of another archive that came last.
    last: Option<(Vec<u8>, u64)>,
}

/// A member of an archive.
#[derive(Debug)]
pub struct Member<'data> {
    /// The name; in a thin archive the path of the file.
    pub name: Cow<'data, [u8]>,
    /// The path of the archive that holds it, if that is not the one that was listed: a thin
    /// archive may name members of others.
    pub inner_archive: Option<Vec<u8>>,
    place: Place<'data>,
}

/// Where a member's contents lie.
#[derive(Clone, Debug)]
enum Place<'data> {
    Here(&'data [u8]),
    File(PathBuf),
    Inner(Arc<Bytes>, Range<usize>),
}

/// The contents of a member.
#[derive(Debug)]
pub enum Contents<'data> {
    /// In the archive.
    Here(&'data [u8]),
    /// In a file of their own.
    File(Bytes),
    /// In another archive.
    Inner(Arc<Bytes>, Range<usize>),
}

impl Deref for Contents<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Here(bytes) => bytes,
            Self::File(bytes) => bytes,
            Self::Inner(bytes, range) => bytes.get(range.clone()).unwrap_or_default(),
        }
    }
}

impl<'data> Member<'data> {
    /// Whether the contents lie in a file of their own, whose path is the name.
    pub fn is_file(&self) -> bool {
        matches!(self.place, Place::File(_))
    }

    /// The contents.
    ///
    /// # Errors
    /// If they lie in a file that cannot be read.
    pub fn contents(&self) -> Result<Contents<'data>, Fault> {
        match &self.place {
            Place::Here(bytes) => Ok(Contents::Here(bytes)),
            Place::Inner(bytes, range) => Ok(Contents::Inner(bytes.clone(), range.clone())),
            Place::File(path) => open(path).map(Contents::File),
        }
    }
}

/// The bytes of a regular file.
///
/// # Errors
/// If it is none, or cannot be read.
pub fn open(path: &Path) -> Result<Bytes, Fault> {
    let metadata = std::fs::metadata(path).map_err(Fault::System)?;
    if !metadata.is_file() {
        return Err(Fault::NotRecognized);
    }
    libelf::map::read(path).map_err(Fault::System)
}

impl<'data> Members<'data> {
    /// Opens the archive with these bytes, which lies at `path`. `None` if it is no archive.
    pub fn open(path: &[u8], data: &'data [u8]) -> Option<Self> {
        let walk = open_walk(data)?;
        let (cursor, inner) = (walk.members(), InnerArchives::default());
        Some(Self { walk, cursor, data, path: path.to_vec(), inner, last: None })
    }

    /// How far the walk has come, in bytes of the archive.
    pub fn offset(&self) -> usize {
        self.cursor.offset()
    }

    /// The symbol index.
    pub fn index(&self) -> Option<SymbolIndex<'data>> {
        self.walk.index()
    }

    /// The member whose header is at an offset in bytes, which the symbol index names; `None` if
    /// the archive ends before. The walk goes on from where it was.
    pub fn at(&mut self, offset: u64) -> Option<Result<Member<'data>, Fault>> {
        let entry = match self.walk.member_at(usize::try_from(offset).ok()?)? {
            Ok(entry) => entry,
            Err(WalkFault::BeforeStart) => return Some(Err(Fault::Truncated)),
            Err(_) => return Some(Err(Fault::Malformed)),
        };
        let (cursor, last) = (self.cursor.clone(), self.last.clone());
        let member = self.resolve(entry);
        (self.cursor, self.last) = (cursor, last);
        member
    }
}

fn open_walk(data: &[u8]) -> Option<Walk<'_>> {
    let (mut walk, _) = Walk::start(data, Rules::Bfd).ok()?;
    walk.read_names().ok()?;
    Some(walk)
}

/// Whether these contents of a member are an archive themselves. One without members is none.
pub fn is_archive(contents: &[u8]) -> bool {
    contents.len() > libelf::archive::MAGIC.len() && open_walk(contents).is_some()
}

/// How much of an archive is done with, so that it need not stay in memory.
#[derive(Debug, Default)]
pub struct Released(usize);

impl Released {
    /// The bytes of members that stay in memory after they were used, at most.
    const KEPT: usize = 1 << 20;
    /// Where one page is read, systems make others around it present, too: also some that were
    /// given back before.
    const AROUND: usize = 1 << 16;

    /// Gives the memory of what is before `at` back, if it is much. Nobody should be at work on
    /// it: what is read once more stays in memory.
    pub fn up_to(&mut self, archive: &Bytes, at: usize) {
        if at.saturating_sub(self.0) >= Self::KEPT {
            archive.release(self.0.saturating_sub(Self::AROUND)..at);
            self.0 = at;
        }
    }
}

impl<'data> Iterator for Members<'data> {
    type Item = Result<Member<'data>, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        let entry = match self.cursor.next()? {
            Ok(entry) => entry,
            Err(WalkFault::BeforeStart) => return Some(Err(Fault::Truncated)),
            Err(_) => return Some(Err(Fault::Malformed)),
        };
        let member = self.resolve(entry);
        if !matches!(member, Some(Ok(_))) {
            self.cursor.stop();
        }
        member
    }
}

impl<'data> Members<'data> {
    /// Resolves a member of the archive; `None` if another archive that should have it ends
    /// before.
    fn resolve(&mut self, entry: Entry<'data>) -> Option<Result<Member<'data>, Fault>> {
        let Entry { name, contents } = entry;
        if !self.walk.is_thin() {
            let place = Place::Here(self.data.get(contents).unwrap_or_default());
            return Some(Ok(Member { name: name.text, inner_archive: None, place }));
        }
        let file = beside(&self.path, &name.text);
        let Some(origin) = name.origin else {
            self.last = None;
            return Some(Ok(Member {
                place: Place::File(PathBuf::from(OsStr::from_bytes(&file))),
                inner_archive: None,
                name: Cow::Owned(file),
            }));
        };
        let member = self.inner.member(file.clone(), origin, 0).transpose();
        // The same member twice in a row is taken for the end.
        let this = Some((file, origin));
        if self.last == this {
            self.cursor.stop();
        }
        self.last = this;
        member
    }
}

/// Archives that thin archives name, each opened once.
#[derive(Debug, Default)]
pub struct InnerArchives {
    opened: HashMap<Vec<u8>, Arc<Bytes>>,
}

impl InnerArchives {
    /// The bytes of the archive at `path`.
    ///
    /// # Errors
    /// If it is no regular file, or cannot be read.
    pub fn open(&mut self, path: &[u8]) -> Result<Arc<Bytes>, Fault> {
        if let Some(bytes) = self.opened.get(path) {
            return Ok(bytes.clone());
        }
        let bytes = Arc::new(open(Path::new(OsStr::from_bytes(path)))?);
        self.opened.insert(path.to_vec(), bytes.clone());
        Ok(bytes)
    }

    /// The member whose header is at `origin` of the archive at `path`; `None` if that ends before.
    fn member(
        &mut self,
        path: Vec<u8>,
        origin: u64,
        depth: usize,
    ) -> Result<Option<Member<'static>>, Fault> {
        if depth > NESTING_LIMIT {
            return Err(Fault::Malformed);
        }
        let bytes = self.open(&path)?;
        let walk = open_walk(&bytes).ok_or(Fault::NotRecognized)?;
        let at = usize::try_from(origin).map_err(|_| Fault::Malformed)?;
        let Some(entry) = walk.member_at(at) else { return Ok(None) };
        let entry = entry.map_err(|_| Fault::Malformed)?;
        if walk.is_thin() {
            let file = beside(&path, &entry.name.text);
            if let Some(origin) = entry.name.origin {
                return self.member(file, origin, depth + 1);
            }
            return Ok(Some(Member {
                place: Place::File(PathBuf::from(OsStr::from_bytes(&file))),
                inner_archive: Some(path),
                name: Cow::Owned(file),
            }));
        }
        Ok(Some(Member {
            name: Cow::Owned(entry.name.text.into_owned()),
            inner_archive: Some(path),
            place: Place::Inner(bytes.clone(), entry.contents),
        }))
    }
}

/// The path of `name` as seen from the folder of `archive`.
pub fn beside(archive: &[u8], name: &[u8]) -> Vec<u8> {
    let folder = match memchr::memrchr(b'/', archive) {
        Some(end) if !name.starts_with(b"/") => archive.get(..=end).unwrap_or_default(),
        _ => &[],
    };
    [folder, name].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(name: &str, size: &str) -> Vec<u8> {
        format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{size:<10}`\n", 0, 0, 0, 644).into_bytes()
    }

    fn archive(parts: &[&[u8]]) -> Vec<u8> {
        [&[&b"!<arch>\n"[..]], parts].concat().concat()
    }

    fn walk<'data>(path: &[u8], data: &'data [u8]) -> (Vec<Member<'data>>, Option<Fault>) {
        let (mut members, mut fault) = (Vec::new(), None);
        for member in Members::open(path, data).unwrap() {
            match member {
                Ok(member) => members.push(member),
                Err(found) => fault = Some(found),
            }
        }
        (members, fault)
    }

    fn names(data: &[u8]) -> (Vec<String>, bool) {
        let (members, fault) = walk(b"dir/x.a", data);
        let name = |member: &Member<'_>| String::from_utf8_lossy(&member.name).into_owned();
        (members.iter().map(name).collect(), fault.is_some())
    }

    #[test]
    fn odd_sizes_are_taken_as_far_as_they_go() {
        let ok = [&header("a.o/", "2")[..], b"xy"].concat();
        for (size, count, has_fault) in [
            ("12x", 2, true),
            ("9999999999", 2, false),
            ("-5", 2, true),
            ("", 1, true),
            ("0", 2, true),
        ] {
            let data = archive(&[&ok, &header("b.o/", size), b"contents that are 26 bytes, or so, and a further sixty to make up a whole header."]);
            let (names, fault) = names(&data);
            assert_eq!((names.len(), fault), (count, has_fault), "{size}");
        }
        let (found, fault) = names(&archive(&[&ok, b"junk"]));
        assert_eq!((found.len(), fault), (1, false));
    }

    #[test]
    fn names_end_where_gnu_ends_them() {
        let data = archive(&[
            &header("//", "16"),
            b"long\\er.o/\nrest/",
            &header("/0", "0"),
            &header("/7", "0"),
            &header("/11", "0"),
            &header("a b.o", "0"),
            &header("#1/4", "4"),
            b"n\0\0\0",
            &header("#1/x", "0"),
        ]);
        let (found, fault) = names(&data);
        assert_eq!(found, ["long/er.o", ".o", "rest/", "a", "n", "#1"]);
        assert!(!fault);
        let beyond = archive(&[&header("//", "2"), b"a\n", &header("/2", "0")]);
        assert_eq!(names(&beyond), (vec![], true));
    }

    #[test]
    fn a_false_index_makes_it_no_archive() {
        for (name, contents) in [
            ("/", &b"\xff\xff\xff\xff"[..]),
            ("/", b"\0\0"),
            ("/SYM64/", &[0xff; 16]),
            ("__.SYMDEF", &[0xff; 16]),
        ] {
            let size = contents.len().to_string();
            let data = archive(&[&header(name, &size), contents]);
            assert!(Members::open(b"x.a", &data).is_none(), "{name}");
        }
        assert!(Members::open(b"x.a", b"!<arch>\n").is_some());
        assert!(Members::open(b"x.a", b"!<arch>").is_none());
    }

    #[test]
    fn an_archive_that_ends_before_its_first_member_is_none() {
        let index = [&header("/", "4")[..], &[0; 4]].concat();
        let member = header("a.o/", "0");
        for (parts, is_archive) in [
            (&[&member[..15]][..], false),
            (&[&member[..59]], true),
            (&[&index[..59]], false),
            (&[&index, &header("//", "9")[..40]], false),
            (&[&index, &member[..40]], true),
            (&[&header("#1/20", "30"), b"too short"], false),
        ] {
            let data = archive(parts);
            assert_eq!(Members::open(b"x.a", &data).is_some(), is_archive, "{parts:?}");
        }
    }

    #[test]
    fn a_negative_size_leads_back() {
        for (size, fault) in
            [("-1", None), ("-5", Some("malformed archive")), ("-999", Some("file truncated"))]
        {
            let data = archive(&[&header("a.o/", "0"), &header("b.o/", size)]);
            let (members, found) = walk(b"x.a", &data);
            assert_eq!(members.len(), 2, "{size}");
            assert_eq!(found.map(|fault| fault.message()).as_deref(), fault, "{size}");
        }
    }

    #[test]
    fn numbers_of_names_have_signs_and_go_on_in_the_date() {
        let names = [&header("//", "12")[..], b"a.o/\nbcd.o/\n"].concat();
        let (found, fault) = names_of(&names, &["/ 5", "/+6", "/-0", "/00000000000000"]);
        assert_eq!(found, ["bcd.o", "cd.o", "a.o", "a.o"]);
        assert!(!fault);
        assert!(names_of(&names, &["/-1"]).1);
    }

    fn names_of(table: &[u8], fields: &[&str]) -> (Vec<String>, bool) {
        let members: Vec<_> = fields.iter().flat_map(|field| header(field, "0")).collect();
        names(&archive(&[table, &members]))
    }

    #[test]
    fn the_same_inner_member_twice_in_a_row_is_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let inner = archive(&[&header("in.o/", "4"), b"data"]);
        std::fs::write(folder.path().join("inner.a"), inner).unwrap();
        let member = header("/0:8", "4");
        let thin =
            [&b"!<thin>\n"[..], &header("//", "10"), b"inner.a/\n\n", &member, &member, &member];
        let path = folder.path().join("thin.a");
        let thin = thin.concat();
        let (members, fault) = walk(path.as_os_str().as_bytes(), &thin);
        assert_eq!((members.len(), fault.is_some()), (2, false));
    }

    #[test]
    fn thin_archives_name_files_and_members_of_others() {
        let folder = tempfile::tempdir().unwrap();
        let inner = archive(&[&header("in.o/", "4"), b"data"]);
        std::fs::write(folder.path().join("inner.a"), inner).unwrap();
        let thin = [
            &b"!<thin>\n"[..],
            &header("//", "22"),
            b"inner.a/\nself.a/\nx.o/\n",
            &header("/0:8", "4"),
            &header("/17", "4"),
        ]
        .concat();
        let path = folder.path().join("self.a");
        let (members, fault) = walk(path.as_os_str().as_bytes(), &thin);
        assert!(fault.is_none());
        let [first, second] = &members[..] else { panic!("{members:?}") };
        assert_eq!(&*first.name, b"in.o");
        assert_eq!(&*first.contents().unwrap(), b"data");
        assert!(first.inner_archive.is_some() && second.is_file());
        assert!(second.contents().is_err());

        let looped =
            [&b"!<thin>\n"[..], &header("//", "8"), b"self.a/\n", &header("/0:76", "4")].concat();
        std::fs::write(&path, &looped).unwrap();
        let (_, fault) = walk(path.as_os_str().as_bytes(), &looped);
        assert!(matches!(fault, Some(Fault::Malformed)));
    }
}
