//! Files that have more debugging information of the one that is shown: split objects (`.dwo`), and
//! those that `.gnu_debuglink`, `.gnu_debugaltlink`, `.debug_sup` and the build-id lead to.
//!
//! They are searched before any section is shown. One that was found has links of its own, which
//! are followed at once. The last one found is the first to be shown and to be asked for a section.

use std::borrow::Cow;

use common::Output;
use libdwarf::dump::{Dump, Host as _, Memory, Text};
use libdwarf::section::SectionId;
use libelf::debugfile::crc32;
use libelf::ident::Encoding;
use libelf::map::Bytes;

use super::host::{Finder, position, target_of};
use super::search;
use crate::Source;
use crate::carried::Carried;
use crate::header;
use crate::object::Object;
use crate::options::Options;
use crate::text::printable;

/// How far links may lead from file to file; GNU follows a circle for ever.
const MOST_STEPS: usize = 8;
/// The fewest bytes of a build-id in a link.
const SHORTEST_BUILD_ID: usize = 20;
/// The section with the build-id, and the bytes of the shortest one that is searched.
const BUILD_ID: &[u8] = b".note.gnu.build-id";
const SHORTEST_SEARCHED: usize = 8;
/// The fewest bytes of `.debug_sup`.
const SMALLEST_SUP: usize = 5;
/// Where `.debug_sup` tells whether it is of a supplementary file, and where its name starts.
const SUP_FLAG: usize = 2;
const SUP_NAME: usize = 3;

/// A file that was found.
pub struct Linked {
    /// Its path, fit for a terminal.
    name: Vec<u8>,
    bytes: Bytes,
}

impl Linked {
    fn new(path: &[u8], bytes: Bytes) -> Self {
        Self { name: printable(path).into_owned(), bytes }
    }

    /// The object file that it is; what is wrong with it was said when it was found.
    pub fn object<'a>(&'a self, out: &Output, carried: &'a Carried) -> Option<Object<'a>> {
        self.open(&mut out.recorder(), carried)
    }

    /// Whether `object` is the file.
    pub fn is(&self, object: &Object<'_>) -> bool {
        std::ptr::eq(self.bytes.as_ptr(), object.data.as_ptr())
    }

    /// The object file that it is, if its section headers can be read; says what is wrong with them.
    fn open<'a>(&'a self, out: &mut Output, carried: &'a Carried) -> Option<Object<'a>> {
        let file_size = self.bytes.len() as u64;
        let source = Source { name: &self.name, data: &self.bytes, file_size, is_stored: false };
        let mut object = Object::open(&mut out.recorder(), &source, carried)?;
        if !header::is_elf(&object.header) {
            return None;
        }
        object.is_linked = true;
        object.load_sections(out).then_some(object)
    }
}

/// Finds all files that `object` leads to, in the order in which they are shown.
pub fn find<'data>(
    out: &mut Output,
    options: &Options,
    object: &Object<'data>,
    memory: &mut Memory<'data>,
) -> Vec<Linked> {
    let follows = options.follow_links && object.carried.follows_links(out);
    let carried = object.carried;
    let mut search = Search { out, options, carried, main: object.name, found: Vec::new() };
    if follows || options.debug.links {
        search.split_objects(object, memory, follows);
    }
    if follows {
        search.follow(object, 0);
    }
    let mut found = search.found;
    if follows && found.is_empty() {
        carried.follow_no_links();
    }
    found.reverse();
    if options.debug.cu_index {
        let mut finder = Finder { out, object, linked: &[], main: None, is_alone: false };
        Dump::new(&mut finder, memory, target_of(object), &options.debug).look_at_unit_indexes();
    }
    found
}

struct Search<'a> {
    out: &'a mut Output,
    options: &'a Options,
    carried: &'a Carried,
    /// The name of the file that all links start from.
    main: &'a [u8],
    /// In the order in which they were found.
    found: Vec<Linked>,
}

/// A name in `.gnu_debuglink` or `.gnu_debugaltlink`.
struct Link<'a> {
    name: &'a [u8],
    /// What the file that is meant sums up to, if that is said.
    checksum: Option<u32>,
}

impl Search<'_> {
    /// Shows what units say of split objects, if that is asked for, and loads them.
    fn split_objects<'data>(
        &mut self,
        object: &Object<'data>,
        memory: &mut Memory<'data>,
        follows: bool,
    ) {
        let shown = &self.options.debug;
        let mut finder = Finder { out: self.out, object, linked: &[], main: None, is_alone: false };
        let split = Dump::new(&mut finder, memory, target_of(object), shown).split_objects();
        for (number, object) in split.objects.iter().enumerate() {
            if object.is_ambiguous {
                self.out.warn(format_args!("Multiple DWO_NAMEs encountered for the same CU"));
            }
            if shown.links {
                let mut text = Text::default();
                split.show(&mut text, number);
                self.out.put(&text.buf);
            }
            if follows {
                self.load_split(&object.path());
            }
        }
    }

    fn load_split(&mut self, path: &[u8]) {
        match self.open(path) {
            Some(linked) => {
                let (main, name) = (self.main, &linked.name);
                let what = b": Found separate debug object file: ";
                self.out.put(&[main, what, name, b"\n\n"].concat());
                self.found.push(linked);
            }
            None => self.out.warn_bytes(&[b"Unable to load dwo file: ", path]),
        }
    }

    /// Follows all links of a file that is `steps` away from the first one.
    fn follow(&mut self, object: &Object<'_>, steps: usize) {
        if steps > MOST_STEPS {
            return;
        }
        for id in [SectionId::AltLink, SectionId::DebugLink] {
            let Some((name, section)) = self.named_section(object, id) else { continue };
            let link = if id == SectionId::AltLink {
                alternative_link(&section)
            } else {
                debug_link(&section, object.encoding())
            };
            if let Some(link) = link {
                self.follow_link(object, &link, steps);
            } else {
                self.out.warn_bytes(&[b"Corrupt debuglink section: ", &name]);
            }
        }
        self.follow_sup(object);
        self.follow_build_id(object);
    }

    /// A section with a link: its name and its contents.
    fn named_section<'data>(
        &mut self,
        object: &Object<'data>,
        id: SectionId,
    ) -> Option<(Vec<u8>, Cow<'data, [u8]>)> {
        let mut finder = Finder { out: self.out, object, linked: &[], main: None, is_alone: false };
        finder.load(id).whole().map(|section| (section.name, section.data))
    }

    /// The contents of a section with a link.
    fn section<'data>(
        &mut self,
        object: &Object<'data>,
        id: SectionId,
    ) -> Option<Cow<'data, [u8]>> {
        self.named_section(object, id).map(|(_, data)| data)
    }

    fn follow_link(&mut self, object: &Object<'_>, link: &Link<'_>, steps: usize) {
        let candidates = search::candidates(object.name, link.name);
        let found = candidates.iter().find_map(|path| {
            let linked = self.open(path)?;
            if link.checksum.is_some_and(|checksum| checksum != crc32(&linked.bytes)) {
                let what = b" found, but CRC does not match - ignoring";
                self.out.warn_bytes(&[b"Separate debug info file ", &linked.name, what]);
                return None;
            }
            Some(linked)
        });
        let Some(linked) = found else {
            if self.options.debug.links {
                let name = printable(link.name);
                self.out.warn_bytes(&[b"could not find separate debug file '", &name, b"'"]);
                for path in candidates.iter().rev() {
                    self.out.warn_bytes(&[b"tried: ", &printable(path)]);
                }
            }
            return;
        };
        if search::is_same(object.name, &linked.name) {
            return;
        }
        // What is wrong with it is said again when it is opened for good.
        if linked.open(self.out, self.carried).is_none() {
            return;
        }
        if self.options.debug.links {
            let what = b": Found separate debug info file: ";
            self.out.put(&[b"\n", object.name, what, &linked.name, b"\n"].concat());
        }
        self.take(linked, steps);
    }

    fn follow_sup(&mut self, object: &Object<'_>) {
        let Some(section) = self.section(object, SectionId::Sup) else { return };
        if section.len() < SMALLEST_SUP {
            self.out.warn(format_args!(".debug_sup section is corrupt/empty"));
            return;
        }
        if section.get(SUP_FLAG) != Some(&0) {
            return;
        }
        let rest = section.get(SUP_NAME..).unwrap_or_default();
        let Some(name) = memchr::memchr(0, rest).and_then(|end| rest.get(..end)) else {
            self.out.warn(format_args!("filename in .debug_sup section is corrupt"));
            return;
        };
        let folder = if name.starts_with(b"/") { b"" } else { search::folder_of(object.name) };
        let path = [folder, name].concat();
        let Some(linked) = self.open(&path) else {
            let what = b"' referenced from .debug_sup section";
            self.out.warn_bytes(&[b"unable to open file '", &printable(&path), what]);
            return;
        };
        let what = b": Found supplementary debug file: ";
        self.out.put(&[self.main, what, &linked.name, b"\n\n"].concat());
        self.found.push(linked);
    }

    /// The file that has the build-id has no links that are followed.
    fn follow_build_id(&mut self, object: &Object<'_>) {
        let Some(id) = build_id(self.out, object) else { return };
        let candidates = search::build_id_candidates(id);
        let found = candidates.iter().find_map(|path| self.open(path));
        self.found.extend(found);
    }

    /// Keeps a file, and follows its links.
    fn take(&mut self, linked: Linked, steps: usize) {
        // Those that its links lead to come behind it.
        let place = self.found.len();
        if let Some(object) = linked.object(self.out, self.carried) {
            self.follow(&object, steps.saturating_add(1));
        }
        self.found.insert(place, linked);
    }

    /// The object file at `path`; says what is wrong with its section headers.
    fn open(&mut self, path: &[u8]) -> Option<Linked> {
        let linked = Linked::new(path, search::open(path)?);
        linked.open(self.out, self.carried)?;
        Some(linked)
    }
}

/// What `.gnu_debuglink` says: a name, and a checksum that is aligned.
fn debug_link(section: &[u8], encoding: Encoding) -> Option<Link<'_>> {
    const CHECKSUM: usize = 4;
    let end = memchr::memchr(0, section).filter(|&end| end > 0)?;
    let at = end.checked_add(1)?.checked_next_multiple_of(CHECKSUM)?;
    let bytes = section.get(at..at.checked_add(CHECKSUM)?)?;
    let checksum = encoding.uint(bytes, 0, CHECKSUM)? as u32;
    Some(Link { name: section.get(..end)?, checksum: Some(checksum) })
}

/// What `.gnu_debugaltlink` says: a name, and a build-id that nobody compares.
fn alternative_link(section: &[u8]) -> Option<Link<'_>> {
    let end = memchr::memchr(0, section).filter(|&end| end > 0)?;
    let id = section.get(end.checked_add(1)?..)?;
    let name = section.get(..end)?;
    (id.len() >= SHORTEST_BUILD_ID).then_some(Link { name, checksum: None })
}

/// The build-id of a file; says to `out` what is wrong with the note that should have it.
fn build_id<'data>(out: &mut Output, object: &Object<'data>) -> Option<&'data [u8]> {
    const NAME: &[u8] = b"GNU\0";
    const NT_GNU_BUILD_ID: u64 = 3;
    const WORD: usize = 4;
    /// Three numbers and the name.
    const HEADER: usize = 16;
    // As every section that is not compressed, it may go without a name.
    let index = position(object, BUILD_ID).or_else(|| position(object, b""))?;
    let section = object.sections.get(index).filter(|section| section.size != 0)?;
    let bytes = object.bytes_at(section.offset, section.size)?;
    let mut warn = |what: &[u8]| out.warn_bytes(&[BUILD_ID, what]);
    if bytes.len() <= HEADER {
        warn(b" section is corrupt/empty");
        return None;
    }
    let word = |number: usize| object.encoding().uint(bytes, number.checked_mul(WORD)?, WORD);
    let (name_size, size, kind) = (word(0)?, word(1)?, word(2)?);
    let (header, rest) = bytes.split_at_checked(HEADER)?;
    let id = usize::try_from(size).ok().and_then(|size| rest.get(..size));
    let Some(id) = id else {
        warn(b" data size is too big");
        return None;
    };
    if id.len() < SHORTEST_SEARCHED {
        warn(b" data size is too small");
        return None;
    }
    let is_id = name_size == NAME.len() as u64 && kind == NT_GNU_BUILD_ID && header.ends_with(NAME);
    is_id.then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use libelf::ident::Class;
    use libelf::raw::Endianness;

    #[test]
    fn a_link_has_a_name_and_a_checksum() {
        let big = Encoding { class: Class::Elf32, endian: Endianness::Big };
        let link = debug_link(b"abc\0\x01\x02\x03\x04", big).unwrap();
        assert_eq!((link.name, link.checksum), (&b"abc"[..], Some(0x0102_0304)));
        for damaged in [&b"abc"[..], b"abc\0\x01", b"\0\0\0\0\x01\x02\x03\x04"] {
            assert!(debug_link(damaged, big).is_none());
        }
        let id = [&b"abc\0"[..], &[7; 20]].concat();
        assert_eq!(alternative_link(&id).unwrap().name, b"abc");
        assert!(alternative_link(&id[..23]).is_none());
    }
}
