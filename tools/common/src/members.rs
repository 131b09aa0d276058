//! The members of an archive, as the GNU programs walk them.
//!
//! [`libelf::archive`] is strict: a field that breaks the format is an error. People's archives
//! are older than any rule, and GNU's programs take much: `12x` is a size of 12, a size past the
//! end means "the rest", a cut header is the end. What they say and where they stop is kept here,
//! once for all programs.
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

use libelf::archive::{IndexKind, SymbolIndex};
use libelf::map::Bytes;

const HEADER_SIZE: usize = 60;
const NAME_SIZE: usize = 16;
const END_MAGIC: &[u8; 2] = b"`\n";
/// What follows a member of negative size.
const NOWHERE: usize = usize::MAX;
/// A thin archive may name an archive that names it in turn.
const NESTING_LIMIT: usize = 16;

/// Why a walk ends before the archive does.
#[derive(Debug)]
pub enum Fault {
    /// The next member cannot be told from the bytes there.
    Malformed,
    /// What a thin archive names is no regular file.
    NotRecognized,
    /// What a thin archive names cannot be opened.
    System(io::Error),
}

impl Fault {
    /// The words for it.
    pub fn message(&self) -> String {
        match self {
            Self::Malformed => "malformed archive".to_owned(),
            Self::NotRecognized => "file format not recognized".to_owned(),
            Self::System(error) => crate::output::system_message(error),
        }
    }
}

/// Walks the members of an archive in order, without symbol index and name table. A [`Fault`]
/// ends the walk.
pub struct Members<'data> {
    walk: Walk<'data>,
    path: Vec<u8>,
    /// The offset of the next header, if there may be one.
    next: Option<usize>,
    inner: InnerArchives,
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

fn open(path: &Path) -> Result<Bytes, Fault> {
    let metadata = std::fs::metadata(path).map_err(Fault::System)?;
    if !metadata.is_file() {
        return Err(Fault::NotRecognized);
    }
    libelf::map::read(path).map_err(Fault::System)
}

impl<'data> Members<'data> {
    /// Opens the archive with these bytes, which lies at `path`. `None` if it is no archive.
    pub fn open(path: &[u8], data: &'data [u8]) -> Option<Self> {
        let walk = Walk::new(data)?;
        Some(Self {
            walk,
            path: path.to_vec(),
            next: Some(walk.start),
            inner: InnerArchives::default(),
        })
    }

    /// How far the walk has come, in bytes of the archive.
    pub fn offset(&self) -> usize {
        self.next.unwrap_or(self.walk.data.len()).min(self.walk.data.len())
    }
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
        let entry = match self.walk.entry(self.next.take()?)? {
            Ok(entry) => entry,
            Err(fault) => return Some(Err(fault)),
        };
        self.next = entry.next;
        let member = self.walk.member(&self.path, entry, &mut self.inner);
        if member.is_err() {
            self.next = None;
        }
        Some(member)
    }
}

/// An archive whose special members have been read.
#[derive(Clone, Copy)]
struct Walk<'data> {
    data: &'data [u8],
    is_thin: bool,
    names: Option<&'data [u8]>,
    start: usize,
}

/// A member of the archive itself.
struct Entry<'data> {
    name: Cow<'data, [u8]>,
    /// The offset in another archive, in a thin one.
    origin: Option<u64>,
    contents: Range<usize>,
    next: Option<usize>,
}

impl<'data> Walk<'data> {
    fn new(data: &'data [u8]) -> Option<Self> {
        if !libelf::archive::is_archive(data) {
            return None;
        }
        let mut walk = Self {
            data,
            is_thin: data.starts_with(libelf::archive::THIN_MAGIC),
            names: None,
            start: libelf::archive::MAGIC.len(),
        };
        walk.skip_index()?;
        walk.read_names()?;
        Some(walk)
    }

    fn name_field(&self, at: usize) -> Option<&'data [u8; NAME_SIZE]> {
        self.header(at).map(|header| {
            // The header is longer than its first field.
            header.first_chunk().unwrap_or(&[0; NAME_SIZE])
        })
    }

    fn header(&self, at: usize) -> Option<&'data [u8; HEADER_SIZE]> {
        self.data.get(at..)?.first_chunk()
    }

    /// The contents of the special member at `at`, and what follows it.
    fn special(&self, at: usize) -> Option<(&'data [u8], usize)> {
        let header = self.header(at).filter(|header| header.ends_with(END_MAGIC))?;
        let size = match declared_size(header)? {
            Size::Bytes(size) => size,
            Size::Negative => return None,
        };
        let start = at.checked_add(HEADER_SIZE)?;
        let end = start.checked_add(size)?;
        Some((self.data.get(start..end)?, end.checked_next_multiple_of(2)?))
    }

    /// Skips the symbol index; `None` if it is so wrong that this is no archive.
    fn skip_index(&mut self) -> Option<()> {
        let Some(name) = self.name_field(self.start) else {
            return Some(());
        };
        let kind = match name {
            b"/               " => IndexKind::Gnu32,
            b"/SYM64/         " => IndexKind::Gnu64,
            b"__.SYMDEF       " | b"__.SYMDEF/      " => IndexKind::Bsd32,
            b"#1/20           " => {
                let (contents, next) = self.special(self.start)?;
                let Some(index) = contents.strip_prefix(b"__.SYMDEF SORTED\0\0\0\0") else {
                    return Some(());
                };
                SymbolIndex::new(index, IndexKind::Bsd32).symbols().ok()?;
                self.start = next;
                return Some(());
            }
            _ => return Some(()),
        };
        let (contents, next) = self.special(self.start)?;
        SymbolIndex::new(contents, kind).symbols().ok()?;
        self.start = next;
        // The archives of one system have a second index, in another order, after the first.
        if kind == IndexKind::Gnu32 && self.name_field(next) == Some(b"/               ") {
            (_, self.start) = self.special(next)?;
        }
        Some(())
    }

    fn read_names(&mut self) -> Option<()> {
        let name = self.name_field(self.start);
        if name == Some(b"//              ") || name == Some(b"ARFILENAMES/    ") {
            let (names, next) = self.special(self.start)?;
            self.names = Some(names);
            self.start = next;
        }
        Some(())
    }

    /// The member at `at`; `None` at the end.
    fn entry(&self, at: usize) -> Option<Result<Entry<'data>, Fault>> {
        if at == NOWHERE {
            return Some(Err(Fault::Malformed));
        }
        // A cut header is the end.
        let header = self.header(at)?;
        Some(self.parse_entry(at, header).ok_or(Fault::Malformed))
    }

    fn parse_entry(&self, at: usize, header: &'data [u8; HEADER_SIZE]) -> Option<Entry<'data>> {
        if !header.ends_with(END_MAGIC) {
            return None;
        }
        let declared = declared_size(header)?;
        let field = header.first_chunk::<NAME_SIZE>()?;
        let start = at.checked_add(HEADER_SIZE)?;
        let tail = self.data.len().saturating_sub(start);
        let size = match declared {
            Size::Bytes(size) => size,
            Size::Negative => tail,
        };
        let mut entry = Entry {
            name: Cow::Borrowed(&[]),
            origin: None,
            contents: start..start.saturating_add(size.min(tail)),
            next: start.checked_add(size).and_then(|end| end.checked_next_multiple_of(2)),
        };
        let is_numbered =
            field.starts_with(b"/") || field.starts_with(b" ") && !field.contains(&b'/');
        if let Some(names) = self.names.filter(|_| is_numbered) {
            let (name, origin) = name_in_table(names, field, self.is_thin)?;
            entry.name = name;
            entry.origin = origin;
        } else if let Some(length) = length_of_name(field) {
            if length > size {
                return None;
            }
            let end = start.checked_add(length)?;
            entry.name = Cow::Borrowed(until(self.data.get(start..end)?, 0));
            entry.contents.start = end;
        } else {
            entry.name = Cow::Borrowed(short_name(field));
        }
        if self.is_thin {
            entry.next = entry.contents.start.checked_next_multiple_of(2);
        } else if matches!(declared, Size::Negative) {
            entry.next = Some(NOWHERE);
        }
        Some(entry)
    }

    fn member(
        &self,
        path: &[u8],
        entry: Entry<'data>,
        inner: &mut InnerArchives,
    ) -> Result<Member<'data>, Fault> {
        if !self.is_thin {
            let contents = self.data.get(entry.contents).unwrap_or_default();
            return Ok(Member {
                name: entry.name,
                inner_archive: None,
                place: Place::Here(contents),
            });
        }
        let file = beside(path, &entry.name);
        match entry.origin {
            None => Ok(Member {
                place: Place::File(PathBuf::from(OsStr::from_bytes(&file))),
                inner_archive: None,
                name: Cow::Owned(file),
            }),
            Some(origin) => inner.member(file, origin, 0),
        }
    }
}

/// Archives that thin archives name, each opened once.
#[derive(Default)]
struct InnerArchives {
    opened: HashMap<Vec<u8>, Arc<Bytes>>,
}

impl InnerArchives {
    fn open(&mut self, path: &[u8]) -> Result<Arc<Bytes>, Fault> {
        if let Some(bytes) = self.opened.get(path) {
            return Ok(bytes.clone());
        }
        let bytes = Arc::new(open(Path::new(OsStr::from_bytes(path)))?);
        self.opened.insert(path.to_vec(), bytes.clone());
        Ok(bytes)
    }

    /// The member whose header is at `origin` of the archive at `path`.
    fn member(
        &mut self,
        path: Vec<u8>,
        origin: u64,
        depth: usize,
    ) -> Result<Member<'static>, Fault> {
        if depth > NESTING_LIMIT {
            return Err(Fault::Malformed);
        }
        let bytes = self.open(&path)?;
        let walk = Walk::new(&bytes).ok_or(Fault::Malformed)?;
        let at = usize::try_from(origin).map_err(|_| Fault::Malformed)?;
        let entry = walk.entry(at).ok_or(Fault::Malformed)??;
        if walk.is_thin {
            let file = beside(&path, &entry.name);
            if let Some(origin) = entry.origin {
                return self.member(file, origin, depth + 1);
            }
            return Ok(Member {
                place: Place::File(PathBuf::from(OsStr::from_bytes(&file))),
                inner_archive: Some(path),
                name: Cow::Owned(file),
            });
        }
        Ok(Member {
            name: Cow::Owned(entry.name.into_owned()),
            inner_archive: Some(path),
            place: Place::Inner(bytes.clone(), entry.contents),
        })
    }
}

/// The path of `name` as seen from the folder of `archive`.
fn beside(archive: &[u8], name: &[u8]) -> Vec<u8> {
    let folder = match memchr::memrchr(b'/', archive) {
        Some(end) if !name.starts_with(b"/") => archive.get(..=end).unwrap_or_default(),
        _ => &[],
    };
    [folder, name].concat()
}

enum Size {
    Bytes(usize),
    Negative,
}

/// The size field as strtol(3) reads it; `None` if it starts with no number.
fn declared_size(header: &[u8; HEADER_SIZE]) -> Option<Size> {
    let field = header.get(48..58)?.trim_ascii_start();
    let (is_negative, digits) = match field {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    if !digits.first()?.is_ascii_digit() {
        return None;
    }
    let size = leading_number(digits);
    Some(if is_negative && size != 0 {
        Size::Negative
    } else {
        Size::Bytes(usize::try_from(size).ok()?)
    })
}

/// The number that `text` starts with, 0 if with none.
fn leading_number(text: &[u8]) -> u64 {
    text.iter()
        .take_while(|byte| byte.is_ascii_digit())
        .fold(0u64, |number, byte| number.saturating_mul(10).saturating_add(u64::from(byte - b'0')))
}

/// `#1/20`: how long the name is that starts the contents.
fn length_of_name(field: &[u8; NAME_SIZE]) -> Option<usize> {
    let digits = field.strip_prefix(b"#1/")?;
    digits.first()?.is_ascii_digit().then_some(())?;
    usize::try_from(leading_number(digits)).ok()
}

/// `/123` or `/123:456`: a name in the table, and the offset in the archive of that name.
fn name_in_table<'data>(
    names: &'data [u8],
    field: &[u8; NAME_SIZE],
    is_thin: bool,
) -> Option<(Cow<'data, [u8]>, Option<u64>)> {
    let digits = field.get(1..)?;
    let start = usize::try_from(leading_number(digits)).ok()?;
    let rest = digits.trim_ascii_start();
    let after = rest.iter().position(|byte| !byte.is_ascii_digit())?;
    let origin = match rest.get(after..)? {
        [b':', origin @ ..] if is_thin => Some(leading_number(origin)),
        _ => None,
    };
    let tail = names.get(start..).filter(|tail| !tail.is_empty())?;
    let line = until(until(tail, b'\n'), 0);
    let is_ended = line.len() < tail.len();
    let name = match line.strip_suffix(b"/") {
        Some(name) if is_ended => name,
        _ => line,
    };
    Some((with_slashes(name), origin))
}

/// Names written on a system whose paths have backslashes.
fn with_slashes(name: &[u8]) -> Cow<'_, [u8]> {
    if !name.contains(&b'\\') {
        return Cow::Borrowed(name);
    }
    let slash = |&byte: &u8| if byte == b'\\' { b'/' } else { byte };
    Cow::Owned(name.iter().map(slash).collect())
}

/// A name that ends at a slash, else at a space, or fills the field.
fn short_name(field: &[u8; NAME_SIZE]) -> &[u8] {
    let text = until(field, 0);
    let end = if text.contains(&b'/') { b'/' } else { b' ' };
    until(text, end)
}

fn until(text: &[u8], end: u8) -> &[u8] {
    let length = memchr::memchr(end, text).unwrap_or(text.len());
    text.get(..length).unwrap_or_default()
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
