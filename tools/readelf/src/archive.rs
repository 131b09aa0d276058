//! Archives: each member is dumped as a file of its own, and `-c` prints the symbol index.
//!
//! readelf has its own reader of archives, in GNU's programs and so here: it knows only the names
//! of GNU's flavour, and goes on where others refuse. A member's name is shown as
//! `libc.a(printf.o)`, in a thin archive as `libc.a[printf.o]`, and a member of an archive that a
//! thin one names as `thin.a[libc.a(printf.o)]`.

use std::ffi::OsStr;
use std::ops::ControlFlow;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use common::in_order::in_order;
use common::members::Released;
use common::{Output, out};
use libelf::archive::{MAGIC, THIN_MAGIC};
use libelf::ident::{Class, Encoding};
use libelf::map::Bytes;
use libelf::raw::Endianness;

use crate::options::Options;
use crate::text::{printable, printable_text};

const HEADER_SIZE: usize = 60;
const NAME_SIZE: usize = 16;
const END_MAGIC: &[u8] = b"`\n";
/// The shortest table of long names that is taken for one.
const SMALLEST_NAMES: u64 = 8;

/// Whether `data` starts as an archive does.
pub fn is_archive(data: &[u8]) -> bool {
    data.starts_with(MAGIC) || data.starts_with(THIN_MAGIC)
}

/// Dumps the members of the archive at `path`. Returns whether all went well.
pub fn process(
    out: &mut Output,
    options: &Options,
    path: &str,
    bytes: &Bytes,
    dump: &Dump<'_>,
) -> bool {
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
    /// Its path, as messages show it.
    path: String,
    data: &'data [u8],
    is_thin: bool,
    index: Option<Index<'data>>,
    names: Option<&'data [u8]>,
    /// The offset of the first member that is a file.
    start: usize,
}

/// The symbol index: offsets of members, and as many strings.
struct Index<'data> {
    offsets: &'data [u8],
    strings: &'data [u8],
    word: usize,
}

/// How a member's name is found.
enum Name<'data> {
    Plain(&'data [u8]),
    /// In a thin archive: the path of another archive, and the offset in it.
    Inner(&'data [u8], u64),
}

impl<'data> Archive<'data> {
    fn open(out: &mut Output, path: &str, data: &'data [u8], wants_index: bool) -> Option<Self> {
        let mut archive = Self {
            path: path.to_owned(),
            data,
            is_thin: data.starts_with(THIN_MAGIC),
            index: None,
            names: None,
            start: MAGIC.len(),
        };
        if data.len() == archive.start {
            return Some(archive);
        }
        let Some(header) = archive.header(archive.start) else {
            archive.complain(out, "failed to read archive header");
            return None;
        };
        if header.starts_with(b"/               ") {
            archive.read_index(out, header, 4, wants_index)?;
        } else if header.starts_with(b"/SYM64/         ") {
            archive.read_index(out, header, 8, wants_index)?;
        } else if wants_index {
            out!(out, "{} has no archive index\n", archive.path);
        }
        archive.read_names(out)?;
        Some(archive)
    }

    fn complain(&self, out: &mut Output, message: &str) {
        out.error(format_args!("{}: {message}", self.path));
    }

    /// The header at `at`, if it lies in the archive.
    fn header(&self, at: usize) -> Option<&'data [u8; HEADER_SIZE]> {
        self.data.get(at..)?.first_chunk()
    }

    /// Reads the index if it is wanted, and steps over it.
    fn read_index(
        &mut self,
        out: &mut Output,
        header: &[u8; HEADER_SIZE],
        word: usize,
        is_wanted: bool,
    ) -> Option<()> {
        let size = size_field(header);
        if size.cast_signed() < 0 {
            self.complain(out, &format!("invalid archive header size: {}", size.cast_signed()));
            return None;
        }
        // With the byte that pads it.
        let size = size.saturating_add(size % 2);
        let start = self.start.checked_add(HEADER_SIZE)?;
        self.start = start.saturating_add(usize::try_from(size).unwrap_or(usize::MAX));
        if !is_wanted {
            return Some(());
        }
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
        self.index = Some(Index { offsets, strings, word });
        Some(())
    }

    /// Finds the table of long names, and steps over it.
    fn read_names(&mut self, out: &mut Output) -> Option<()> {
        let Some(header) = self.header(self.start).filter(|header| header.starts_with(b"//"))
        else {
            return Some(());
        };
        let size = size_field(header);
        let start = self.start.checked_add(HEADER_SIZE)?;
        if size < SMALLEST_NAMES {
            self.complain(out, &format!("long name table is too small, (size = {size})"));
            return None;
        }
        let names = usize::try_from(size)
            .ok()
            .and_then(|size| self.data.get(start..start.checked_add(size)?));
        let Some(names) = names else {
            self.complain(out, &format!("long name table is too big, (size = {size:#x})"));
            return None;
        };
        self.names = Some(names);
        let end = start.checked_add(names.len())?;
        self.start = end.checked_add(end % 2)?;
        Some(())
    }

    /// The name of a member; `None` if there is none, which is reported.
    fn name(&self, out: &mut Output, header: &'data [u8; HEADER_SIZE]) -> Option<Name<'data>> {
        let field = header.first_chunk::<NAME_SIZE>()?;
        if field.first() != Some(&b'/') {
            return Some(Name::Plain(until(until(field, 0), b'/')));
        }
        let Some(names) = self.names else {
            out.error(format_args!("Archive member uses long names, but no longname table found"));
            return None;
        };
        let digits = field.get(1..)?;
        let (offset, rest) = leading_number(digits);
        let tail = usize::try_from(offset).ok().and_then(|offset| names.get(offset..));
        let Some(tail) = tail else {
            out.error(format_args!(
                "Found long name index ({offset}) beyond end of long name table"
            ));
            return None;
        };
        // GNU marks the end of a name with a slash before the line end.
        let line = until(tail, b'\n');
        let name = match line.strip_suffix(b"/") {
            Some(name) if line.len() < tail.len() => name,
            _ => line,
        };
        let name = until(name, 0);
        if self.is_thin
            && let [b':', origin @ ..] = rest
        {
            let (origin, _) = leading_number(origin);
            if origin != 0 {
                return Some(Name::Inner(name, origin));
            }
        }
        Some(Name::Plain(name))
    }

    /// The name that headings and messages give a member; `None` if it has none, which is
    /// reported.
    fn qualified_name(&self, out: &mut Output, header: &'data [u8; HEADER_SIZE]) -> Option<String> {
        Some(match self.name(out, header)? {
            Name::Plain(name) => {
                let name = printable_text(name);
                if self.is_thin {
                    format!("{}[{name}]", self.path)
                } else {
                    format!("{}({name})", self.path)
                }
            }
            Name::Inner(path, origin) => {
                let file = self.beside(path);
                let inner = libelf::map::read(&file).ok();
                let name = inner.and_then(|bytes| inner_name(out, &file, &bytes, origin))?;
                format!("{}[{}({name})]", self.path, shown(&file))
            }
        })
    }

    /// The path that a name in a thin archive stands for.
    fn beside(&self, name: &[u8]) -> PathBuf {
        let folder = Path::new(&self.path).parent().unwrap_or(Path::new(""));
        folder.join(OsStr::from_bytes(name))
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
            self.path,
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
        let header = usize::try_from(offset).ok().and_then(|offset| self.header(offset));
        let Some(header) = header else {
            self.complain(out, "failed to read archive header");
            return;
        };
        if !header.ends_with(END_MAGIC) {
            self.complain(out, "did not find a valid archive header");
            return;
        }
        if let Some(name) = self.qualified_name(out, header) {
            out!(out, "Contents of binary {name} at offset {offset:#x}\n");
        }
    }

    fn dump_members(&self, out: &mut Output, bytes: &Bytes, dump: &Dump<'_>) -> bool {
        let mut walk =
            Walk { archive: self, next: Next::At(self.start), inner: InnerArchive::default() };
        let mut good = true;
        let mut released = Released::default();
        in_order(
            out,
            |out| walk.next(out),
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
        good && !matches!(walk.next, Next::Fault)
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
struct Walk<'a, 'data> {
    archive: &'a Archive<'data>,
    next: Next,
    inner: InnerArchive,
}

/// What comes after the members found so far.
#[derive(Clone, Copy)]
enum Next {
    /// A header, or the end, at this offset.
    At(usize),
    /// Nobody knows: the size of the last member is negative.
    Nowhere,
    /// Nothing: the last step failed, which is reported.
    Fault,
}

impl Walk<'_, '_> {
    /// The next member; `None` at the end, or if it cannot be found.
    fn next(&mut self, out: &mut Output) -> Option<Member> {
        let at = match self.next {
            Next::At(at) => at,
            Next::Nowhere => {
                self.archive.complain(out, "failed to seek to next archive header");
                self.next = Next::Fault;
                return None;
            }
            Next::Fault => return None,
        };
        // A seek past the end is no error, a cut header is one.
        if at >= self.archive.data.len() {
            return None;
        }
        self.next = Next::Fault;
        let Some(header) = self.archive.header(at) else {
            self.archive.complain(out, "failed to read archive header");
            return None;
        };
        if !header.ends_with(END_MAGIC) {
            self.archive.complain(out, "did not find a valid archive header");
            return None;
        }
        let start = at.saturating_add(HEADER_SIZE);
        let Some(name) = self.archive.name(out, header) else {
            self.archive.complain(out, "bad archive file name");
            return None;
        };
        if self.archive.is_thin {
            let member = self.external(out, &name)?;
            self.next = Next::At(start);
            return Some(member);
        }
        let Name::Plain(name) = name else { return None };
        let title = format!("{}({})", self.archive.path, printable_text(name));
        let size = size_field(header);
        self.next = if size.cast_signed() < 0 {
            Next::Nowhere
        } else {
            let end = start.saturating_add(usize::try_from(size).unwrap_or(usize::MAX));
            Next::At(end.saturating_add(end % 2))
        };
        Some(Member { title, place: Place::Here(start) })
    }

    /// A member of a thin archive; `None` if its file cannot be read, which is reported.
    fn external(&mut self, out: &mut Output, name: &Name<'_>) -> Option<Member> {
        let (Name::Plain(path) | Name::Inner(path, _)) = *name;
        let archive = &self.archive.path;
        let file = self.archive.beside(path);
        let is_self = file == Path::new(archive);
        let bytes = match name {
            _ if is_self => None,
            Name::Plain(_) => read_regular(&file).map(Arc::new),
            Name::Inner(..) => self.inner.open(&file),
        };
        let Some(bytes) = bytes else {
            let file = shown(&file);
            out.error(format_args!("Input file '{file}' is not readable."));
            return None;
        };
        match *name {
            Name::Plain(path) => {
                let title = format!("{archive}[{}]", printable_text(path));
                Some(Member { title, place: Place::File(bytes, 0) })
            }
            Name::Inner(_, origin) => {
                let member = inner_name(out, &file, &bytes, origin)?;
                let title = format!("{archive}[{}({member})]", shown(&file));
                let start = usize::try_from(origin).ok()?.checked_add(HEADER_SIZE)?;
                Some(Member { title, place: Place::File(bytes, start) })
            }
        }
    }
}

/// A path as headings and messages show it.
fn shown(path: &Path) -> String {
    printable_text(path.as_os_str().as_bytes())
}

/// The archive that a thin one named last: its members follow each other.
#[derive(Default)]
struct InnerArchive {
    opened: Option<(PathBuf, Arc<Bytes>)>,
}

impl InnerArchive {
    fn open(&mut self, path: &Path) -> Option<Arc<Bytes>> {
        if let Some((opened, bytes)) = &self.opened
            && opened == path
        {
            return Some(bytes.clone());
        }
        let bytes = Arc::new(read_regular(path)?);
        self.opened = Some((path.to_owned(), bytes.clone()));
        Some(bytes)
    }
}

fn read_regular(path: &Path) -> Option<Bytes> {
    std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file)?;
    libelf::map::read(path).ok()
}

/// The name of the member at `origin` of the archive at `path`; what is wrong is reported.
fn inner_name(out: &mut Output, path: &Path, data: &[u8], origin: u64) -> Option<String> {
    let shown = printable_text(path.as_os_str().as_bytes());
    let archive = Archive::open(out, &shown, data, false)?;
    let header = usize::try_from(origin).ok().and_then(|origin| archive.header(origin));
    let Some(header) = header.filter(|header| header.ends_with(END_MAGIC)) else {
        archive.complain(out, "did not find a valid archive header");
        return None;
    };
    let (Name::Plain(name) | Name::Inner(name, _)) = archive.name(out, header)?;
    Some(printable_text(name))
}

fn big_endian() -> Encoding {
    Encoding { class: Class::Elf64, endian: Endianness::Big }
}

/// The size field as strtoul(3) reads it: a negative number wraps, no number is 0.
fn size_field(header: &[u8; HEADER_SIZE]) -> u64 {
    let field = header.get(48..58).unwrap_or_default().trim_ascii_start();
    match field {
        [b'-', digits @ ..] => leading_number(digits).0.wrapping_neg(),
        [b'+', digits @ ..] => leading_number(digits).0,
        digits => leading_number(digits).0,
    }
}

/// The number that `text` starts with, 0 if with none, and what follows it.
fn leading_number(text: &[u8]) -> (u64, &[u8]) {
    let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = text.split_at_checked(count).unwrap_or((text, &[]));
    let number = digits.iter().fold(0u64, |number, byte| {
        number.saturating_mul(10).saturating_add(u64::from(byte.wrapping_sub(b'0')))
    });
    (number, rest)
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
        let good =
            process(&mut out, &options, "x.a", &Bytes::Read(data.to_vec()), &|_, name, _| {
                names.lock().unwrap().push(name.to_owned());
                true
            });
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
        assert!(process(&mut out, &options, "x.a", &Bytes::Read(data), &|_, _, _| unreachable!()));
        assert_eq!(
            String::from_utf8_lossy(out.buf()),
            "Index of archive x.a: (2 entries, 0x4 bytes in the symbol table)\n\
             Contents of binary x.a(m.o) at offset 0x54\n\tf\n\tg\n"
        );
    }
}
