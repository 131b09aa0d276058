//! Archives: each member is dumped as a file of its own, and `-c` prints the symbol index.
//!
//! The walk over the members is [`common::members::Walk`] by readelf's own rules. A member's name is shown as
//! `libc.a(printf.o)`, in a thin archive as `libc.a[printf.o]`, and a member of an archive that a
//! thin one names as `thin.a[libc.a(printf.o)]`.

use std::ffi::OsStr;
use std::ops::{ControlFlow, Range};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;

use common::in_order::in_order;
use common::members::{
    self, Cursor, HEADER_SIZE, Name, NameFault, RawHeader, Released, Rules, StoredIndex, Walk,
    WalkFault,
};
use common::{Output, out};
use libelf::ident::{Class, Encoding};
use libelf::map::Bytes;
use libelf::raw::Endianness;

use crate::object::{CORRUPT, Object};
use crate::options::Options;
use crate::text::printable;
use crate::{Source, report_unreadable};

/// Whether `data` starts as an archive does.
pub fn is_archive(data: &[u8]) -> bool {
    libelf::archive::is_archive(data)
}

/// Dumps the members of the archive at `path`. Returns whether all went well.
pub fn process(
    out: &mut Output,
    options: &Options,
    path: &OsStr,
    bytes: &Bytes,
    dump: &Dump<'_>,
) -> bool {
    let path = path.as_bytes();
    let Some(mut archive) = Archive::open(out, path, bytes, options.archive_index) else {
        return false;
    };
    if options.archive_index {
        let good = archive.show_index(out);
        let rest = Options { archive_index: false, ..options.clone() };
        if !rest.shows_something() {
            // Nobody who asks for the index alone is told by the status.
            return true;
        }
        return archive.dump_members(out, bytes, dump) && good;
    }
    archive.dump_members(out, bytes, dump)
}

/// An archive whose index and table of long names have been found.
struct Archive<'data> {
    path: Vec<u8>,
    /// Its path, as headings and messages show it.
    shown: Vec<u8>,
    data: &'data [u8],
    walk: Walk<'data>,
    index: Option<Index<'data>>,
    naming: Naming,
}

/// The symbol index: offsets of members, and as many strings.
struct Index<'data> {
    offsets: &'data [u8],
    strings: &'data [u8],
    word: usize,
}

/// What the names of members say of other archives. A name in the header says nothing, so what the
/// name before said holds for it, too: so readelf reads them.
#[derive(Default)]
struct Naming {
    /// Where the member's header is in the archive that the name names; 0: the member is none of
    /// another archive.
    origin: u64,
    /// The archive that was named last.
    inner: Option<Inner>,
}

/// An archive that a thin one names.
struct Inner {
    path: Vec<u8>,
    bytes: Arc<Bytes>,
}

impl<'data> Archive<'data> {
    /// Opens the archive with these bytes; `None` if it is none, which is reported.
    fn open(out: &mut Output, path: &[u8], data: &'data [u8], wants_index: bool) -> Option<Self> {
        let shown = printable(path).into_owned();
        let started = Walk::start(data, Rules::Readelf);
        let (walk, index) = started.map_err(|fault| report(out, &shown, fault)).ok()?;
        let path = path.to_owned();
        let naming = Naming::default();
        let mut archive = Self { path, shown, data, walk, index: None, naming };
        match index {
            Some(stored) if wants_index => archive.index = Some(archive.read_index(out, stored)?),
            None if wants_index && data.len() > libelf::archive::MAGIC.len() => {
                out.put(&[&*archive.shown, b" has no archive index\n"].concat());
            }
            _ => {}
        }
        let named = archive.walk.read_names();
        named.map_err(|fault| report(out, &archive.shown, fault)).ok()?;
        Some(archive)
    }

    fn complain(&self, out: &mut Output, message: &str) {
        complain(out, &self.shown, message);
    }

    fn read_index(&self, out: &mut Output, stored: StoredIndex) -> Option<Index<'data>> {
        let StoredIndex { word, start, size } = stored;
        if size < word as u64 {
            self.complain(out, "the archive index is empty");
            return None;
        }
        let room = size.wrapping_sub(word as u64);
        let count = big_endian().uint(self.data, start, word);
        let Some(count) = count else {
            self.complain(out, "failed to read archive index");
            return None;
        };
        if count > room / word as u64 {
            self.complain(
                out,
                &format!(
                    "the archive index is supposed to have {count:#x} entries of {word} bytes, but \
                     the size is only {room:#x}"
                ),
            );
            return None;
        }
        let table = usize::try_from(count).ok()?.checked_mul(word)?;
        let contents = self.data.get(start..).unwrap_or_default();
        let Some((offsets, rest)) =
            contents.get(word..).and_then(|rest| rest.split_at_checked(table))
        else {
            self.complain(out, "failed to read archive index");
            return None;
        };
        let strings_size = room.saturating_sub(table as u64);
        if strings_size == 0 {
            self.complain(out, "the archive has an index but no symbols");
            return None;
        }
        let strings = usize::try_from(strings_size).ok().and_then(|size| rest.get(..size));
        let Some(strings) = strings else {
            self.complain(out, "failed to read archive index symbol table");
            return None;
        };
        Some(Index { offsets, strings, word })
    }

    /// The name that headings and messages give the member whose header is at `offset`; `None` if
    /// there is none, which is reported.
    fn name_at(&mut self, out: &mut Output, offset: u64) -> Option<Vec<u8>> {
        let header = self.walk.header(offset).map_err(|fault| report(out, &self.shown, fault));
        let header = header.ok()?;
        self.naming.note(&self.walk, header);
        let name = self.walk.name(header).map_err(|fault| report_reason(out, fault)).ok()?;
        let name = self.member_name(out, name);
        Some(self.title(&name))
    }

    /// The name of a member within its archive: if that is another, the name that is stored there,
    /// or the path of the other if there is none. What is wrong there is reported.
    fn member_name(&mut self, out: &mut Output, name: Name<'_>) -> Vec<u8> {
        if name.origin.is_none() {
            return name.text.into_owned();
        }
        let path = members::beside(&self.path, &name.text);
        self.naming.inner_name(out, &path).unwrap_or_else(|| name.text.into_owned())
    }

    /// How the member is called that was named last, by this name.
    fn title(&self, name: &[u8]) -> Vec<u8> {
        let (archive, name) = (&*self.shown, &*printable(name));
        if !self.walk.is_thin() {
            return [archive, b"(", name, b")"].concat();
        }
        if self.naming.origin == 0 {
            return [archive, b"[", name, b"]"].concat();
        }
        let inner = self.naming.inner.as_ref();
        let inner = inner.map_or(CORRUPT.into(), |inner| printable(&inner.path));
        [archive, b"[", &*inner, b"(", name, b")]"].concat()
    }

    /// Prints which member defines each symbol of the index. Returns whether there are as many
    /// symbols as offsets.
    fn show_index(&mut self, out: &mut Output) -> bool {
        let Some(index) = self.index.take() else {
            self.complain(out, "unable to dump the index as none was found");
            return true;
        };
        let count = index.offsets.len() / index.word;
        let mut rest = index.strings;
        out.put(&[b"Index of archive ", &*self.shown].concat());
        out!(out, ": ({count} entries, {:#x} bytes in the symbol table)\n", rest.len());
        let mut last = None;
        let mut good = true;
        for offset in index.offsets.chunks(index.word) {
            let offset = big_endian().uint(offset, 0, index.word).unwrap_or(0);
            if last != Some(offset) {
                last = Some(offset);
                self.show_member_title(out, offset);
            }
            if rest.is_empty() {
                self.complain(out, "end of the symbol table reached before the end of the index");
                good = false;
                break;
            }
            let symbol = until(rest, 0);
            let buf = out.buf();
            buf.push(b'\t');
            buf.extend_from_slice(&printable(symbol));
            buf.push(b'\n');
            out.relieve();
            rest = rest.get(symbol.len().saturating_add(1)..).unwrap_or_default();
        }
        // The strings may be padded.
        let used = index.strings.len().saturating_sub(rest.len());
        let padded = used.next_multiple_of(if index.word == 8 { 8 } else { 2 });
        let left = index.strings.len().saturating_sub(padded);
        if left > 0 {
            self.complain(
                out,
                &format!(
                    "{left} bytes remain in the symbol table, but without corresponding entries in \
                     the index table"
                ),
            );
            good = false;
        }
        good
    }

    fn show_member_title(&mut self, out: &mut Output, offset: u64) {
        if let Some(name) = self.name_at(out, offset) {
            out.put(&[b"Contents of binary ", &*name].concat());
            out!(out, " at offset {offset:#x}\n");
        }
    }

    fn dump_members(self, out: &mut Output, bytes: &Bytes, dump: &Dump<'_>) -> bool {
        let data = self.data;
        let mut finder = Finder { members: self.walk.members(), archive: self, is_broken: false };
        let mut good = true;
        let mut released = Released::default();
        in_order(
            out,
            |out| finder.next(out),
            |out, member| {
                let file = match &member.place {
                    Place::Here(_) => data,
                    Place::File(bytes, _) => bytes,
                };
                (dump(out, &member.source(file)), member)
            },
            |_, (dumped, member)| {
                good &= dumped;
                if let Place::Here(contents) = member.place {
                    released.up_to(bytes, contents.start);
                }
                ControlFlow::Continue(())
            },
        );
        good && !finder.is_broken
    }
}

impl Naming {
    /// Takes what the name in the header of a member of the archive itself says.
    fn note(&mut self, walk: &Walk<'_>, header: &RawHeader) {
        if let Some(origin) = walk.origin(header) {
            self.origin = origin;
        }
    }

    /// The name that is stored in the archive at `path`, which becomes the one named last. What is
    /// wrong is reported, unless it is that there is no such file.
    fn inner_name(&mut self, out: &mut Output, path: &[u8]) -> Option<Vec<u8>> {
        let shown = printable(path);
        let is_open = self.inner.as_ref().is_some_and(|inner| inner.path == path);
        if !is_open {
            self.inner = Inner::open(path);
        }
        let (walk, fault) = Walk::inner(&self.inner.as_ref()?.bytes);
        if let Some(fault) = fault.filter(|_| !is_open) {
            report(out, &shown, fault);
            return None;
        }
        let header = walk.header(self.origin).map_err(|fault| report(out, &shown, fault)).ok()?;
        let name = walk.name(header).map_err(|fault| report_reason(out, fault)).ok()?;
        Some(name.text.into_owned())
    }
}

impl Inner {
    /// Opens the file at `path`; a folder has no bytes.
    fn open(path: &[u8]) -> Option<Self> {
        let file = Path::new(OsStr::from_bytes(path));
        let bytes = match members::open(file) {
            Ok(bytes) => bytes,
            Err(members::Fault::System(_)) => return None,
            Err(_) => Bytes::Read(Vec::new()),
        };
        Some(Self { path: path.to_owned(), bytes: Arc::new(bytes) })
    }
}

/// Dumps one object file. Returns whether all went well.
pub type Dump<'a> = dyn Fn(&mut Output, &Source<'_>) -> bool + Sync + 'a;

/// A member to be dumped.
struct Member {
    title: Vec<u8>,
    place: Place,
}

/// Where a member is.
enum Place {
    /// In the archive.
    Here(Range<usize>),
    /// In another file, from this offset on.
    File(Arc<Bytes>, usize),
}

impl Member {
    /// The member, given all bytes of the file that it is in.
    fn source<'a>(&'a self, file: &'a [u8]) -> Source<'a> {
        let (start, is_stored) = match &self.place {
            Place::Here(contents) => (contents.start, !contents.is_empty()),
            Place::File(_, start) => (*start, false),
        };
        let data = file.get(start..).unwrap_or_default();
        Source { name: &self.title, data, file_size: file.len() as u64, is_stored }
    }
}

/// Finds the members of an archive one after the other.
struct Finder<'data> {
    archive: Archive<'data>,
    members: Cursor<'data>,
    /// Whether a member could not be found, which is reported.
    is_broken: bool,
}

impl Finder<'_> {
    /// The next member; `None` at the end, or if it cannot be found.
    fn next(&mut self, out: &mut Output) -> Option<Member> {
        let header = self.archive.walk.header(self.members.offset() as u64);
        let entry = match self.members.next()? {
            Ok(entry) => entry,
            Err(fault) => {
                report(out, &self.archive.shown, fault);
                self.is_broken = true;
                return None;
            }
        };
        if !self.archive.walk.is_thin() {
            let title = self.archive.title(&entry.name.text);
            return Some(Member { title, place: Place::Here(entry.contents) });
        }
        if let Ok(header) = header {
            self.archive.naming.note(&self.archive.walk, header);
        }
        let name = self.archive.member_name(out, entry.name);
        let member = match self.archive.naming.origin {
            0 => self.in_file(out, &name),
            origin => self.in_inner(out, &name, origin),
        };
        if member.is_none() {
            self.members.stop();
            self.is_broken = true;
        }
        member
    }

    /// A member of a thin archive in a file of its own; `None` if that has no section headers,
    /// which is reported.
    fn in_file(&self, out: &mut Output, name: &[u8]) -> Option<Member> {
        let path = members::beside(&self.archive.path, name);
        let bytes = members::open(Path::new(OsStr::from_bytes(&path))).ok();
        let member = bytes.map(|bytes| Member {
            title: self.archive.title(name),
            place: Place::File(Arc::new(bytes), 0),
        });
        let member = member.filter(|member| match &member.place {
            Place::File(bytes, _) => Object::has_sections(out, &member.source(bytes)),
            Place::Here(_) => false,
        });
        if member.is_none() {
            report_unreadable(out, &printable(&path));
        }
        member
    }

    /// A member of the archive that was named last; `None` if that cannot be read, which is
    /// reported.
    fn in_inner(&self, out: &mut Output, name: &[u8], origin: u64) -> Option<Member> {
        let title = self.archive.title(name);
        let Some(inner) = &self.archive.naming.inner else {
            let name = printable(name);
            out.error_bytes(&[&title, b": contains corrupt thin archive: ", &name]);
            return None;
        };
        // So close before the end of the numbers, it wraps around.
        let start = origin.wrapping_add(HEADER_SIZE as u64);
        if start.cast_signed() < 0 {
            complain(out, &printable(&inner.path), "failed to seek to archive member.");
            return None;
        }
        let start = usize::try_from(start).unwrap_or(usize::MAX);
        Some(Member { title, place: Place::File(inner.bytes.clone(), start) })
    }
}

fn complain(out: &mut Output, path: &[u8], message: &str) {
    out.error_bytes(&[path, b": ", message.as_bytes()]);
}

/// Says what is wrong with the archive at `path`.
fn report(out: &mut Output, path: &[u8], fault: WalkFault) {
    report_reason(out, fault);
    let message = match fault {
        WalkFault::CutHeader => "failed to read archive header",
        WalkFault::CutAfterIndex => "failed to read archive header following archive index",
        WalkFault::FarHeader => "failed to seek to next file name",
        WalkFault::BadMagic => "did not find a valid archive header",
        WalkFault::Name(_) => "bad archive file name",
        WalkFault::Nowhere | WalkFault::NoSize | WalkFault::BeforeStart => {
            "failed to seek to next archive header"
        }
        WalkFault::BadIndex => "failed to read archive index",
        WalkFault::NegativeIndex(size) => &format!("invalid archive header size: {size}"),
        WalkFault::SmallNames(size) => &format!("long name table is too small, (size = {size})"),
        WalkFault::LargeNames(size) => &format!("long name table is too big, (size = {size:#x})"),
        WalkFault::CutNames => "failed to read long symbol name string table",
    };
    complain(out, path, message);
}

/// Says why a member has no name, if that is what is wrong.
fn report_reason(out: &mut Output, fault: WalkFault) {
    let WalkFault::Name(fault) = fault else { return };
    match fault {
        NameFault::NoTable => {
            out.error(format_args!("Archive member uses long names, but no longname table found"));
        }
        NameFault::BeyondTable(offset) => out
            .error(format_args!("Found long name index ({offset}) beyond end of long name table")),
        NameFault::EmptyInner => out.error(format_args!("Invalid Thin archive member name")),
        NameFault::Malformed => {}
    }
}

fn big_endian() -> Encoding {
    Encoding { class: Class::Elf64, endian: Endianness::Big }
}

fn until(text: &[u8], end: u8) -> &[u8] {
    let length = memchr::memchr(end, text).unwrap_or(text.len());
    text.get(..length).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    fn header(name: &str, size: &str) -> Vec<u8> {
        format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{size:<10}`\n", 0, 0, 0, 644).into_bytes()
    }

    fn archive(parts: &[&[u8]]) -> Vec<u8> {
        [&[&b"!<arch>\n"[..]], parts].concat().concat()
    }

    /// The names of the members that are dumped, and whether all is well.
    fn members(data: &[u8]) -> (Vec<String>, bool) {
        let mut out = Output::process("readelf").recorder();
        let names = Mutex::new(Vec::new());
        let options = Options { header: true, ..Options::default() };
        let good = process(
            &mut out,
            &options,
            OsStr::new("x.a"),
            &Bytes::Read(data.to_vec()),
            &|_, source| {
                names.lock().unwrap().push(String::from_utf8_lossy(source.name).into_owned());
                true
            },
        );
        (names.into_inner().unwrap(), good)
    }

    #[test]
    fn members_are_named_with_their_archive() {
        let data = archive(&[
            &header("/", "4"),
            &[0; 4],
            &header("//", "12"),
            b"long.o/\nb.o\n",
            &header("/0", "2"),
            b"ab",
            &header("/8", "1"),
            b"c\n",
            &header("short.o/", "0"),
            &header("a b", "0"),
        ]);
        let expected = ["x.a(long.o)", "x.a(b.o)", "x.a(short.o)", "x.a(a b             )"];
        assert_eq!(members(&data), (expected.map(str::to_owned).to_vec(), true));
    }

    #[test]
    fn what_is_broken_ends_the_walk() {
        let first = header("a.o/", "0");
        for rest in [
            &header("/7", "0")[..],
            b"junk",
            &header("b.o/", "0")[..58],
            &[&header("//", "3")[..], b"ab\n"].concat(),
        ] {
            let (names, good) = members(&archive(&[&first, rest]));
            assert_eq!((names.len(), good), (1, false));
        }
        let (names, good) = members(&archive(&[&header("a.o/", "-1"), &first]));
        assert_eq!((names.len(), good), (1, false));
        assert_eq!(members(b"!<arch>\n"), (vec![], true));
    }

    #[test]
    fn the_index_is_shown_by_member() {
        let index = [0, 0, 0, 2, 0, 0, 0, 84, 0, 0, 0, 84, b'f', 0, b'g', 0];
        let data = archive(&[&header("/", "16"), &index, &header("m.o/", "0")]);
        let mut out = Output::process("readelf").recorder();
        let options = Options { archive_index: true, ..Options::default() };
        assert!(process(
            &mut out,
            &options,
            OsStr::new("x.a"),
            &Bytes::Read(data),
            &|_, _| unreachable!()
        ));
        assert_eq!(
            String::from_utf8_lossy(out.buf()),
            "Index of archive x.a: (2 entries, 0x4 bytes in the symbol table)\n\
             Contents of binary x.a(m.o) at offset 0x54\n\tf\n\tg\n"
        );
    }
}
