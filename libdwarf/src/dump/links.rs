//! Links to other files: the sections `.gnu_debuglink` and `.gnu_debugaltlink` (GDB manual,
//! "Debugging Information in Separate Files"), `.debug_sup` (DWARF 5, section 7.3.6), and the split
//! objects that units name (DWARF 5, section 3.1.2).

use libelf::ident::Encoding;
use libelf::raw::Endianness;

use super::info::found::{Link, LinkKind};
use super::info::{lookup, strings};
use super::number::push_hex;
use super::{Cursor, Dump, Level, Loaded, Text, leb};
use crate::put;
use crate::section::SectionId;

/// The size of a checksum in `.gnu_debuglink`; it is aligned to that.
const CHECKSUM: usize = 4;
/// The fewest bytes of a build-id that GNU takes for one.
const SHORTEST_BUILD_ID: usize = 20;
/// The bytes of a build-id in a line.
const LINE_BYTES: usize = 26;
/// The fewest bytes of `.debug_sup`: a version, a flag, a name and the size of a checksum.
const SMALLEST_SUP: usize = 4;
/// The version of DWARF that has supplementary files and split units.
const SUP_VERSION: u16 = 5;

/// A split object that a unit names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SplitObject {
    /// Its name, fit for a terminal.
    pub name: Vec<u8>,
    /// The folder that a relative name starts from, fit for a terminal.
    pub directory: Option<Vec<u8>>,
    /// The number that both parts of the unit have, as it is stored (`DW_AT_GNU_dwo_id`).
    pub id: Option<[u8; 8]>,
    /// Whether the unit names more objects than this one.
    pub is_ambiguous: bool,
}

/// The split objects of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SplitObjects {
    /// The objects, those of the last unit first.
    pub objects: Vec<SplitObject>,
    /// Whether the first unit is of a version that has the number in the header of units.
    is_recent: bool,
}

impl SplitObject {
    /// Where it lies: from its directory on, if it has one and the name is no path from the root.
    /// Empty, if there is none.
    pub fn path(&self) -> Vec<u8> {
        if self.name.starts_with(b"/") {
            return self.name.clone();
        }
        match &self.directory {
            Some(directory) => [directory, &b"/"[..], &self.name].concat(),
            None => Vec::new(),
        }
    }
}

impl SplitObjects {
    /// Shows what is known of the object with this index.
    pub fn show(&self, text: &mut Text, index: usize) {
        let Some(object) = self.objects.get(index) else { return };
        if index == 0 {
            text.put(b"The .debug_info section contains link(s) to dwo file(s):\n\n");
        }
        text.put(b"  Name:      ");
        text.put(&object.name);
        text.put(b"\n  Directory: ");
        text.put(object.directory.as_deref().unwrap_or(b"<not-found>"));
        text.put(b"\n");
        match object.id {
            Some(id) => {
                text.put(b"  ID:       ");
                put_bytes(text, &id);
            }
            None if self.is_recent => {}
            None => text.put(b"  ID:        <not specified>\n"),
        }
        text.put(b"\n\n");
    }
}

impl Dump<'_, '_> {
    /// The split objects that units of the file name; what is wrong with units is said.
    pub fn split_objects(&mut self) -> SplitObjects {
        // In this order: what cannot be loaded is said.
        for id in [SectionId::Str, SectionId::Abbrev] {
            if self.load_whole(id).is_none() {
                return SplitObjects::default();
            }
        }
        let Some(section) = self.load_info() else { return SplitObjects::default() };
        let sections = self.load_tables(&section);
        if !self.options.shows_units() && self.has_plain_units(&section, &sections) {
            return SplitObjects::default();
        }
        self.scan_info(&section, &sections);
        let Some(scan) = self.known_units() else { return SplitObjects::default() };
        let units = scan.units.as_deref().unwrap_or_default();
        let is_recent = units.first().is_some_and(|unit| unit.header.version == SUP_VERSION);
        let is_name = |link: &Link| link.kind == LinkKind::Name;
        if !units.iter().any(|unit| unit.found.links.iter().any(is_name)) {
            return SplitObjects { objects: Vec::new(), is_recent };
        }
        let mut links = units.iter().flat_map(|unit| &unit.found.links);
        let has_line_strings = links.any(Link::is_line_string);
        let strings = strings::Loaded {
            strings: self.load(SectionId::Str),
            line_strings: has_line_strings.then(|| self.load(SectionId::LineStr)).flatten(),
        };
        let sections = lookup::Sections::of(self, SectionId::Info, strings.strings.clone());
        let encoding = self.target.encoding;
        // Units that end before the entry that was asked for name nothing.
        let start = self.options.start;
        let objects = units
            .iter()
            .rev()
            .filter(|unit| start == 0 || unit.header.end as u64 > start)
            .filter_map(|unit| {
                let mut object = SplitObject::default();
                let mut names = 0u32;
                for link in unit.found.links.iter().rev() {
                    let value = || link.string(&strings, &sections, unit);
                    match link.kind {
                        LinkKind::Name => {
                            names = names.saturating_add(1);
                            object.name = value();
                        }
                        LinkKind::Directory => object.directory = Some(value()),
                        LinkKind::Id => object.id = Some(id_bytes(link, encoding)),
                    }
                }
                object.is_ambiguous = names > 1;
                (names > 0).then_some(object)
            })
            .collect();
        SplitObjects { objects, is_recent }
    }

    /// Shows `.gnu_debuglink` or `.gnu_debugaltlink`.
    pub(super) fn display_link(&mut self, section: &Loaded<'_>) -> bool {
        self.heading(section);
        let (text, data) = (&mut self.text, &*section.data);
        let Some(end) = memchr::memchr(0, data) else {
            text.warn(format_args!("The debuglink filename is corrupt/missing"));
            return false;
        };
        text.put(b"  Separate debug info file: ");
        text.put_name(data.get(..end).unwrap_or_default());
        text.put(b"\n");
        let after = end.saturating_add(1);
        let is_good = if section.id == SectionId::DebugLink {
            show_checksum(text, data, after, self.target.encoding)
        } else {
            show_build_id(text, data.get(after..).unwrap_or_default(), self.options.wide)
        };
        if is_good {
            text.put(b"\n");
        }
        is_good
    }

    /// Shows `.debug_sup`.
    pub(super) fn display_sup(&mut self, section: &Loaded<'_>) -> bool {
        self.put_raw_title(section);
        let encoding = self.target.encoding;
        let text = &mut self.text;
        if section.data.len() < SMALLEST_SUP {
            corrupt(text, "size is too small");
            return false;
        }
        let mut cursor = Cursor::new(&section.data, encoding);
        let version = cursor.u16();
        if version < SUP_VERSION {
            let what = b"corrupt .debug_sup section: version < 5";
            text.say(Level::OpenWarning, what.to_vec());
        }
        let is_supplementary = cursor.u8();
        if is_supplementary > 1 {
            suspicious(text, "is_supplementary not 0 or 1");
        }
        let Some(end) = memchr::memchr(0, cursor.rest()) else {
            corrupt(text, "filename is not NUL terminated");
            return false;
        };
        let name = cursor.bytes(end);
        cursor.u8();
        if is_supplementary != 0 && !name.is_empty() {
            suspicious(text, "filename not empty in supplementary section");
        }
        let checksum = checksum_of(text, &mut cursor);
        put!(text, "  Version:      {version}\n  Is Supp:      {is_supplementary}\n");
        text.put(b"  Filename:     ");
        text.put_name(name);
        put!(text, "\n  Checksum Len: {}\n", checksum.len());
        if !checksum.is_empty() {
            text.put(b"  Checksum:     ");
            for &byte in checksum {
                put!(text, "0x{byte:x} ");
            }
            text.put(b"\n");
        }
        true
    }
}

/// The checksum at the end of `.debug_sup`, as far as it is there; what is wrong is said.
fn checksum_of<'a>(text: &mut Text, cursor: &mut Cursor<'a>) -> &'a [u8] {
    let mut unused = Text::default();
    let size = leb::unsigned(&mut unused, cursor);
    let left = cursor.remaining();
    let is_bad = !unused.is_empty();
    let size = match usize::try_from(size) {
        _ if is_bad => {
            corrupt(text, "bad LEB128 field for checksum length");
            0
        }
        Ok(size) if size <= left => {
            let extra = left.saturating_sub(size);
            if extra > 0 {
                suspicious(
                    text,
                    &format!("there are {extra:#x} extra, unused bytes at the end of the section"),
                );
            }
            size
        }
        _ => {
            corrupt(text, "checksum length is longer than the remaining section length");
            left
        }
    };
    cursor.bytes(size)
}

fn corrupt(text: &mut Text, what: &str) {
    text.error(format_args!("corrupt .debug_sup section: {what}"));
}

fn suspicious(text: &mut Text, what: &str) {
    text.warn(format_args!("corrupt .debug_sup section: {what}"));
}

fn show_checksum(text: &mut Text, data: &[u8], after: usize, encoding: Encoding) -> bool {
    let at = after.checked_next_multiple_of(CHECKSUM).unwrap_or(usize::MAX);
    let Some(bytes) = data.get(at..).filter(|bytes| bytes.len() >= CHECKSUM) else {
        text.warn(format_args!("CRC offset missing/truncated"));
        return false;
    };
    let mut cursor = Cursor::new(bytes, encoding);
    text.put(b"  CRC value: ");
    push_hex(&mut text.buf, cursor.u32().into());
    text.put(b"\n");
    let extra = cursor.remaining();
    if extra > 0 {
        text.warn(format_args!("There are {extra:#x} extraneous bytes at the end of the section"));
        return false;
    }
    true
}

fn show_build_id(text: &mut Text, id: &[u8], is_wide: bool) -> bool {
    if id.len() < SHORTEST_BUILD_ID {
        let size = Short(id.len());
        text.warn(format_args!("Build-ID is too short ({size} bytes)"));
        return false;
    }
    put!(text, "  Build-ID ({:#x} bytes):", id.len());
    for line in id.chunks(if is_wide { id.len() } else { LINE_BYTES }) {
        if !is_wide {
            text.put(b"\n");
        }
        put_bytes(text, line);
    }
    text.put(b"\n");
    true
}

/// A number as C's `%#x` has it: a zero without `0x`.
struct Short(usize);

impl std::fmt::Display for Short {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0 == 0 { f.write_str("0") } else { write!(f, "{:#x}", self.0) }
    }
}

fn put_bytes(text: &mut Text, bytes: &[u8]) {
    for byte in bytes {
        put!(text, " {byte:02x}");
    }
}

/// The bytes of a number, as they lie in the file.
fn id_bytes(link: &Link, encoding: Encoding) -> [u8; 8] {
    match encoding.endian {
        Endianness::Big => link.number.to_be_bytes(),
        Endianness::Little => link.number.to_le_bytes(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LE: Encoding =
        Encoding { class: libelf::ident::Class::Elf64, endian: Endianness::Little };

    fn shown(show: impl FnOnce(&mut Text) -> bool) -> (String, usize, bool) {
        let mut text = Text::default();
        let good = show(&mut text);
        (String::from_utf8_lossy(&text.buf).into_owned(), text.message_count(), good)
    }

    #[test]
    fn a_checksum_is_aligned() {
        let expected = ("  CRC value: 0x4030201\n".to_owned(), 0, true);
        assert_eq!(shown(|text| show_checksum(text, b"abc\0\x01\x02\x03\x04", 4, LE)), expected);
        let data = b"abcd\0\0\0\0\x01\x02\x03\x04";
        assert_eq!(shown(|text| show_checksum(text, data, 5, LE)), expected);
        assert_eq!(shown(|text| show_checksum(text, b"abcd\0\0\0\0\x01", 5, LE)).1, 1);
    }

    #[test]
    fn a_split_object_lies_in_its_directory() {
        let object = |name: &[u8], directory: Option<&[u8]>| SplitObject {
            name: name.to_vec(),
            directory: directory.map(<[u8]>::to_vec),
            ..SplitObject::default()
        };
        assert_eq!(object(b"a.dwo", Some(b"/b")).path(), b"/b/a.dwo");
        assert_eq!(object(b"/c/a.dwo", Some(b"/b")).path(), b"/c/a.dwo");
        assert_eq!(object(b"a.dwo", None).path(), b"");
    }

    #[test]
    fn a_long_build_id_has_lines() {
        let (text, _, good) = shown(|text| show_build_id(text, &[0x61; 27], false));
        assert!(good);
        assert_eq!(text.lines().count(), 3);
        assert!(!shown(|text| show_build_id(text, &[0x61; 19], false)).2);
    }
}
