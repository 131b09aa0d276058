//! Archives: each member is dumped as a file of its own, and `-c` prints the symbol index.
//!
//! The walk over the members is [`common::members::Walk`] by readelf's own rules. A member's name is shown as
//! `libc.a(printf.o)`, in a thin archive as `libc.a[printf.o]`, and a member of an archive that a
//! thin one names as `thin.a[libc.a(printf.o)]`.

use std::ffi::OsStr;
use std::ops::ControlFlow;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;

use common::in_order::in_order;
use common::members::{
    self, Cursor, HEADER_SIZE, InnerArchives, Name, NameFault, Released, Rules, StoredIndex, Walk,
    WalkFault,
};
use common::{Output, out};
use libelf::ident::{Class, Encoding};
use libelf::map::Bytes;
use libelf::raw::Endianness;

use crate::options::Options;
use crate::text::{printable, printable_text};

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
    let Some(archive) = Archive::open(out, path, bytes, options.archive_index) else {
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
    shown: String,
    data: &'data [u8],
    walk: Walk<'data>,
    index: Option<Index<'data>>,
}

/// The symbol index: offsets of members, and as many strings.
struct Index<'data> {
    offsets: &'data [u8],
    strings: &'data [u8],
    word: usize,
}

impl<'data> Archive<'data> {
    /// Opens the archive with these bytes; `None` if it is none, which is reported.
    fn open(out: &mut Output, path: &[u8], data: &'data [u8], wants_index: bool) -> Option<Self> {
        let shown = printable_text(path);
        let started = Walk::start(data, Rules::Readelf);
        let (walk, index) = started.map_err(|fault| report(out, &shown, fault)).ok()?;
        let mut archive = Self { path: path.to_owned(), shown, data, walk, index: None };
        match index {
            Some(stored) if wants_index => archive.index = Some(archive.read_index(out, stored)?),
            None if wants_index && data.len() > libelf::archive::MAGIC.len() => {
                out!(out, "{} has no archive index\n", archive.shown);
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
    fn qualified_name(&self, out: &mut Output, offset: u64) -> Option<String> {
        let at = usize::try_from(offset).unwrap_or(usize::MAX);
        let name = match self.walk.header(at) {
            Ok(header) => self.walk.name(header),
            Err(fault) => {
                report(out, &self.shown, fault);
                return None;
            }
        };
        let Name { text, origin, .. } = match name {
            Ok(name) => name,
            Err(fault) => {
                report_reason(out, fault);
                return None;
            }
        };
        let path = &self.shown;
        let Some(origin) = origin else {
            let name = printable_text(&text);
            return Some(if self.walk.is_thin() {
                format!("{path}[{name}]")
            } else {
                format!("{path}({name})")
            });
        };
        let file = members::beside(&self.path, &text);
        let bytes = libelf::map::read(Path::new(OsStr::from_bytes(&file))).ok();
        let name = bytes.and_then(|bytes| inner_name(out, &file, &bytes, origin))?;
        Some(format!("{path}[{}({name})]", printable_text(&file)))
    }

    /// Prints which member defines each symbol of the index. Returns whether there are as many
    /// symbols as offsets.
    fn show_index(&self, out: &mut Output) -> bool {
        let Some(index) = &self.index else {
            self.complain(out, "unable to dump the index as none was found");
            return true;
        };
        let count = index.offsets.len() / index.word;
        out!(
            out,
            "Index of archive {}: ({count} entries, {:#x} bytes in the symbol table)\n",
            self.shown,
            index.strings.len()
        );
        let mut rest = index.strings;
        let mut last = None;
        let mut good = true;
        for offset in index.offsets.chunks(index.word) {
            if rest.is_empty() {
                self.complain(out, "end of the symbol table reached before the end of the index");
                good = false;
                break;
            }
            let offset = big_endian().uint(offset, 0, index.word).unwrap_or(0);
            if last != Some(offset) {
                last = Some(offset);
                self.show_member_title(out, offset);
            }
            let symbol = until(rest, 0);
            let buf = out.buf();
            buf.push(b'\t');
            buf.extend_from_slice(&printable(symbol));
            buf.push(b'\n');
            out.relieve();
            rest = rest.get(symbol.len().saturating_add(1)..).unwrap_or_default();
        }
        // The strings may be padded to an even size.
        let used = index.strings.len().saturating_sub(rest.len());
        let left = index.strings.len().saturating_sub(used.saturating_add(used % 2));
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

    fn show_member_title(&self, out: &mut Output, offset: u64) {
        if let Some(name) = self.qualified_name(out, offset) {
            out!(out, "Contents of binary {name} at offset {offset:#x}\n");
        }
    }

    fn dump_members(&self, out: &mut Output, bytes: &Bytes, dump: &Dump<'_>) -> bool {
        let mut finder = Finder {
            archive: self,
            members: self.walk.members(),
            inner: InnerArchives::default(),
            is_broken: false,
        };
        let mut good = true;
        let mut released = Released::default();
        in_order(
            out,
            |out| finder.next(out),
            |out, member| {
                let (data, start) = match &member.place {
                    Place::Here(start) => (self.data, *start),
                    Place::File(bytes, start) => (&***bytes, *start),
                };
                let good = dump(out, &member.title, data.get(start..).unwrap_or_default());
                (good, member)
            },
            |_, (dumped, member)| {
                good &= dumped;
                if let Place::Here(start) = member.place {
                    released.up_to(bytes, start);
                }
                ControlFlow::Continue(())
            },
        );
        good && !finder.is_broken
    }
}

/// Dumps one object file, given its name and the bytes from its start to the end of the file that
/// holds it. Returns whether all went well.
pub type Dump<'a> = dyn Fn(&mut Output, &str, &[u8]) -> bool + Sync + 'a;

/// A member to be dumped.
struct Member {
    title: String,
    place: Place,
}

/// Where a member starts.
enum Place {
    /// In the archive.
    Here(usize),
    /// In another file.
    File(Arc<Bytes>, usize),
}

/// Finds the members of an archive one after the other.
struct Finder<'a, 'data> {
    archive: &'a Archive<'data>,
    members: Cursor<'data>,
    /// Archives that this one names.
    inner: InnerArchives,
    /// Whether a member could not be found, which is reported.
    is_broken: bool,
}

impl Finder<'_, '_> {
    /// The next member; `None` at the end, or if it cannot be found.
    fn next(&mut self, out: &mut Output) -> Option<Member> {
        let path = &self.archive.shown;
        let entry = match self.members.next()? {
            Ok(entry) => entry,
            Err(fault) => {
                report(out, path, fault);
                self.is_broken = true;
                return None;
            }
        };
        if !self.archive.walk.is_thin() {
            let title = format!("{path}({})", printable_text(&entry.name.text));
            return Some(Member { title, place: Place::Here(entry.contents.start) });
        }
        let member = self.external(out, &entry.name);
        if member.is_none() {
            self.members.stop();
            self.is_broken = true;
        }
        member
    }

    /// A member of a thin archive; `None` if its file cannot be read, which is reported.
    fn external(&mut self, out: &mut Output, name: &Name<'_>) -> Option<Member> {
        let archive = &self.archive.shown;
        let path = members::beside(&self.archive.path, &name.text);
        let shown = printable_text(&path);
        let bytes = match name.origin {
            _ if path == self.archive.path => None,
            None => members::open(Path::new(OsStr::from_bytes(&path))).ok().map(Arc::new),
            Some(_) => self.inner.open(&path).ok(),
        };
        let Some(bytes) = bytes else {
            out.error(format_args!("Input file '{shown}' is not readable."));
            return None;
        };
        let Some(origin) = name.origin else {
            let title = format!("{archive}[{}]", printable_text(&name.text));
            return Some(Member { title, place: Place::File(bytes, 0) });
        };
        let member = inner_name(out, &path, &bytes, origin)?;
        let title = format!("{archive}[{shown}({member})]");
        let start = usize::try_from(origin).ok()?.checked_add(HEADER_SIZE)?;
        Some(Member { title, place: Place::File(bytes, start) })
    }
}

/// The name of the member at `origin` of the archive at `path`; what is wrong is reported.
fn inner_name(out: &mut Output, path: &[u8], data: &[u8], origin: u64) -> Option<String> {
    let archive = Archive::open(out, path, data, false)?;
    let header = archive.walk.header(usize::try_from(origin).unwrap_or(usize::MAX));
    let Ok(header) = header else {
        report(out, &archive.shown, WalkFault::BadMagic);
        return None;
    };
    match archive.walk.name(header) {
        Ok(name) => Some(printable_text(&name.text)),
        Err(fault) => {
            report_reason(out, fault);
            None
        }
    }
}

fn complain(out: &mut Output, path: &str, message: &str) {
    out.error(format_args!("{path}: {message}"));
}

/// Says what is wrong with the archive at `path`.
fn report(out: &mut Output, path: &str, fault: WalkFault) {
    report_reason(out, fault);
    let message = match fault {
        WalkFault::CutHeader => "failed to read archive header",
        WalkFault::BadMagic => "did not find a valid archive header",
        WalkFault::Name(_) => "bad archive file name",
        WalkFault::Nowhere | WalkFault::NoSize => "failed to seek to next archive header",
        WalkFault::BadIndex => "failed to read archive index",
        WalkFault::NegativeIndex(size) => &format!("invalid archive header size: {size}"),
        WalkFault::SmallNames(size) => &format!("long name table is too small, (size = {size})"),
        WalkFault::LargeNames(size) => &format!("long name table is too big, (size = {size:#x})"),
    };
    complain(out, path, message);
}

/// Says why a member has no name, if that is what is wrong.
fn report_reason(out: &mut Output, fault: WalkFault) {
    match fault {
        WalkFault::Name(NameFault::NoTable) => {
            out.error(format_args!("Archive member uses long names, but no longname table found"));
        }
        WalkFault::Name(NameFault::BeyondTable(offset)) => out
            .error(format_args!("Found long name index ({offset}) beyond end of long name table")),
        _ => {}
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
            &|_, name, _| {
                names.lock().unwrap().push(name.to_owned());
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
            &|_, _, _| unreachable!()
        ));
        assert_eq!(
            String::from_utf8_lossy(out.buf()),
            "Index of archive x.a: (2 entries, 0x4 bytes in the symbol table)\n\
             Contents of binary x.a(m.o) at offset 0x54\n\tf\n\tg\n"
        );
    }
}
