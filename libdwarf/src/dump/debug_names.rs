//! `.debug_names`: the index of names of version 5. DWARF 5, section 6.1.1.
//!
//! A unit has lists of units and types, a hash table of names, abbreviations, and a pool of
//! entries: each name has a series of entries there, up to a 0.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use libelf::ident::Encoding;
use libelf::raw::Endianness;

use super::initial_length::{self, Initial};
use super::line::{Found, Shown, Strings, find_string, show_form};
use super::number::{Hex, push_hex_padded};
use super::{Cursor, Dump, FLUSH_AT, Level, Loaded, Relief, Text, leb};
use crate::section::SectionId;
use crate::{names, put};

/// What follows the length: a version, a padding and seven counts.
const HEADER_SIZE: usize = 32;
/// The size of a hash and of a bucket.
const WORD: usize = 4;
/// The size of the signature of a foreign type unit.
const SIGNATURE: usize = 8;
/// How many entries are shown altogether. Names may share entries, so there is no end to what a
/// small section can have shown.
const MAX_ENTRIES: usize = 1 << 22;

/// The counts of a header.
struct Counts {
    units: u32,
    local_types: u32,
    foreign_types: u32,
    buckets: u32,
    names: u32,
    abbreviations_size: u32,
}

/// The tables behind the lists of units.
struct Tables<'a> {
    buckets: Cursor<'a>,
    hashes: Cursor<'a>,
    strings: Cursor<'a>,
    entries: Cursor<'a>,
    abbreviations: &'a [u8],
    pool: &'a [u8],
}

/// Abbreviations: their numbers, tags, and where their attributes are.
struct Abbreviations<'a> {
    table: &'a [u8],
    encoding: Encoding,
    known: HashMap<u64, (u64, usize)>,
}

/// What is shown of names.
struct Names<'a> {
    counts: Counts,
    tables: Tables<'a>,
    abbreviations: Abbreviations<'a>,
    strings: Strings<'a>,
    encoding: Encoding,
    /// The number of the unit.
    unit: usize,
    /// How many entries may still be shown.
    left: usize,
}

impl<'data> Dump<'_, 'data> {
    /// Shows the index of names. Returns whether all went well.
    pub(super) fn display_debug_names(&mut self, section: &Loaded<'data>) -> bool {
        let (str, line_str) = (self.load(SectionId::Str), self.load(SectionId::LineStr));
        let strings = Strings {
            str: contents(str.as_ref()),
            line_str: contents(line_str.as_ref()),
            is_big: self.target.encoding.endian == Endianness::Big,
            is_wide: self.options.wide,
            offset_size: 4,
            delimiter: b'=',
        };
        self.heading(section);
        let mut cursor = Cursor::new(&section.data, self.target.encoding);
        let mut left = MAX_ENTRIES;
        let mut number = 0usize;
        while !cursor.is_at_end() {
            let start = cursor.position();
            let Some(unit) = initial_length::read(&mut self.text, &mut cursor, section) else {
                return false;
            };
            let strings = Strings { offset_size: unit.offset_size, ..strings };
            let shown = self.show_names_of_unit(unit, strings, (number, left));
            let Ok(rest) = shown else {
                if shown == Err(Flaw::Corrupt) {
                    let offset = Hex(start as u64);
                    let length = Hex(unit.length);
                    let name = String::from_utf8_lossy(&section.name);
                    self.text.warn(format_args!(
                        "Debug info is corrupted, {name} header at {offset} has length {length}"
                    ));
                }
                return false;
            };
            left = rest;
            number = number.saturating_add(1);
        }
        true
    }

    fn show_names_of_unit(
        &mut self,
        unit: Initial<'_>,
        strings: Strings<'_>,
        (number, left): (usize, usize),
    ) -> Result<usize, Flaw> {
        let encoding = self.target.encoding;
        let text = &mut self.text;
        let mut cursor = unit.contents;
        if cursor.remaining() < HEADER_SIZE {
            return Err(Flaw::Corrupt);
        }
        let version = cursor.u16();
        put!(text, "Version {version}\n");
        if version != 5 {
            text.warn(format_args!("Only DWARF version 5 .debug_names is currently supported."));
            return Err(Flaw::Said);
        }
        let counts = show_header(text, &mut cursor)?;
        show_units(text, &mut cursor, &counts, unit.offset_size)?;
        let size = unit.own_size.saturating_add(unit.contents.remaining());
        let tables = Tables::read(text, cursor, &counts, unit.offset_size, (size, number))?;
        show_clashes(text, &counts, &tables);
        let abbreviations = Abbreviations::read(text, tables.abbreviations, encoding, number);
        text.put(b"\nSymbol table:\n");
        let mut names =
            Names { counts, tables, abbreviations, strings, encoding, unit: number, left };
        let Self { text, host, .. } = self;
        names.show(text, &mut |text| {
            if text.buf.len() >= FLUSH_AT {
                host.print(text);
            }
        });
        Ok(names.left)
    }
}

/// Why there is nothing more to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flaw {
    /// The unit is too short for what it has.
    Corrupt,
    /// Something that is said.
    Said,
}

fn contents<'a>(section: Option<&'a Arc<Loaded<'_>>>) -> Option<&'a [u8]> {
    section.map(|section| &*section.data)
}

fn show_header(text: &mut Text, cursor: &mut Cursor<'_>) -> Result<Counts, Flaw> {
    let padding = cursor.u16();
    if padding != 0 {
        text.warn(format_args!("Padding field of .debug_names must be 0 (found {padding:#x})"));
    }
    let counts = Counts {
        units: cursor.u32(),
        local_types: cursor.u32(),
        foreign_types: cursor.u32(),
        buckets: cursor.u32(),
        names: cursor.u32(),
        abbreviations_size: cursor.u32(),
    };
    if counts.units == 0 {
        text.warn(format_args!("Compilation unit count must be >= 1 in .debug_names"));
    }
    let length = cursor.u32();
    if !length.is_multiple_of(4) {
        text.warn(format_args!(
            "Augmentation string length {length} must be rounded up to a multiple of 4 in \
             .debug_names."
        ));
    }
    let length = (length as usize).checked_next_multiple_of(4).ok_or(Flaw::Corrupt)?;
    if length > cursor.remaining() {
        return Err(Flaw::Corrupt);
    }
    show_augmentation(text, cursor.bytes(length));
    Ok(counts)
}

fn show_augmentation(text: &mut Text, bytes: &[u8]) {
    text.put(b"Augmentation string:");
    for byte in bytes {
        put!(text, " {byte:02x}");
    }
    let end = memchr::memchr(0, bytes).unwrap_or(bytes.len());
    let string = bytes.get(..end).unwrap_or_default();
    if string.iter().all(|byte| matches!(byte, b' '..=b'~')) {
        text.put(b"  (\"");
        text.put(string);
        text.put(b"\")");
    }
    text.put(b"\n");
}

fn show_units(
    text: &mut Text,
    cursor: &mut Cursor<'_>,
    counts: &Counts,
    offset_size: usize,
) -> Result<(), Flaw> {
    text.put(b"CU table:\n");
    show_list(text, cursor, counts.units, offset_size, |text, offset| {
        put!(text, "{}", Hex(offset));
    })?;
    text.put(b"\nTU table:\n");
    show_list(text, cursor, counts.local_types, offset_size, |text, offset| {
        put!(text, "{}", Hex(offset));
    })?;
    text.put(b"\nForeign TU table:\n");
    show_list(text, cursor, counts.foreign_types, SIGNATURE, |text, signature| {
        push_hex_padded(&mut text.buf, signature, 16);
    })?;
    text.put(b"\n");
    Ok(())
}

fn show_list(
    text: &mut Text,
    cursor: &mut Cursor<'_>,
    count: u32,
    size: usize,
    show: impl Fn(&mut Text, u64),
) -> Result<(), Flaw> {
    let all = size.checked_mul(count as usize).filter(|&all| all <= cursor.remaining());
    all.ok_or(Flaw::Corrupt)?;
    for index in 0..count {
        put!(text, "[{index:3}] ");
        show(text, cursor.uint(size));
        text.put(b"\n");
    }
    Ok(())
}

impl<'a> Tables<'a> {
    fn read(
        text: &mut Text,
        mut cursor: Cursor<'a>,
        counts: &Counts,
        offset_size: usize,
        (unit_size, unit): (usize, usize),
    ) -> Result<Self, Flaw> {
        let names = counts.names as usize;
        let buckets_size = (counts.buckets as usize).saturating_mul(WORD);
        let hashes_size = names.saturating_mul(WORD);
        let offsets_size = names.saturating_mul(offset_size);
        let pool_at = buckets_size
            .saturating_add(hashes_size)
            .saturating_add(offsets_size.saturating_mul(2))
            .saturating_add(counts.abbreviations_size as usize);
        if pool_at > cursor.remaining() {
            text.warn(format_args!(
                "Entry pool offset ({}) exceeds unit size {} for unit {unit} in the debug_names",
                Hex(pool_at as u64),
                Hex(unit_size as u64)
            ));
            return Err(Flaw::Said);
        }
        Ok(Self {
            buckets: cursor.part(buckets_size),
            hashes: cursor.part(hashes_size),
            strings: cursor.part(offsets_size),
            entries: cursor.part(offsets_size),
            abbreviations: cursor.bytes(counts.abbreviations_size as usize),
            pool: cursor.rest(),
        })
    }

    /// The hash of a name, whose number starts with 0. GNU reads them as little-endian.
    fn hash(&self, index: usize) -> Option<u32> {
        let at = index.checked_mul(WORD)?;
        let bytes = self.hashes.rest().get(at..)?.first_chunk()?;
        Some(u32::from_le_bytes(*bytes))
    }
}

/// Shows how full the hash table is.
fn show_clashes(text: &mut Text, counts: &Counts, tables: &Tables<'_>) {
    let mut buckets = tables.buckets;
    let used = (0..counts.buckets).filter(|_| buckets.u32() != 0).count();
    let (mut clashes, mut longest, mut run) = (0usize, 0usize, 0usize);
    // Names of one bucket stand together.
    let mut last = None;
    for index in 0..counts.names as usize {
        let bucket = tables.hash(index).and_then(|hash| hash.checked_rem(counts.buckets));
        run = if bucket == last { run.saturating_add(1) } else { 0 };
        clashes = clashes.saturating_add(usize::from(run > 0));
        longest = longest.max(run);
        last = bucket;
    }
    let plural = if counts.buckets == 1 { "" } else { "s" };
    put!(text, "Used {used} of {} bucket{plural}.\n", counts.buckets);
    if counts.buckets == 0 {
        return;
    }
    let names = counts.names;
    put!(text, "Out of {names} items there are {clashes} bucket clashes");
    put!(text, " (longest of {longest} entries).\n");
    if names as usize != clashes.saturating_add(used) {
        // The line is left open.
        let message = format!(
            "The name_count ({names}) is not the same as the used bucket_count ({used}) + the hash \
             clash count ({clashes})"
        );
        text.say(Level::OpenWarning, message.into_bytes());
    }
}

impl<'a> Abbreviations<'a> {
    fn read(text: &mut Text, table: &'a [u8], encoding: Encoding, unit: usize) -> Self {
        let mut known = HashMap::new();
        let mut cursor = Cursor::new(table, encoding);
        loop {
            let number = leb::unsigned(text, &mut cursor);
            if number == 0 {
                break;
            }
            // Nothing is said of a tag that is damaged.
            let tag = cursor.unsigned().value;
            match known.entry(number) {
                Entry::Vacant(place) => {
                    place.insert((tag, cursor.position()));
                }
                Entry::Occupied(_) => text.warn(format_args!(
                    "Duplicate abbreviation tag {number} in unit {unit} in the debug_names section"
                )),
            }
            while next_attribute(text, &mut cursor).is_some() {}
        }
        Self { table, encoding, known }
    }

    /// The tag and the attributes of an abbreviation; says so if there is none.
    fn find(&self, text: &mut Text, number: u64, unit: usize) -> Option<(u64, Cursor<'a>)> {
        let Some(&(tag, attributes)) = self.known.get(&number) else {
            text.warn(format_args!(
                "Undefined abbreviation tag {number} in unit {unit} in the debug_names section"
            ));
            return None;
        };
        let mut cursor = Cursor::new(self.table, self.encoding);
        cursor.seek(attributes);
        Some((tag, cursor))
    }
}

/// What the next attribute of an abbreviation is, and its form; `None` at the end.
fn next_attribute(text: &mut Text, cursor: &mut Cursor<'_>) -> Option<(u64, u64)> {
    let attribute = leb::unsigned(text, cursor);
    let form = leb::unsigned(text, cursor);
    (attribute != 0 || form != 0).then_some((attribute, form))
}

impl Names<'_> {
    fn show(&mut self, text: &mut Text, relief: Relief<'_>) {
        let offset_size = self.strings.offset_size;
        for index in 0..self.counts.names {
            let string = self.tables.strings.uint(offset_size);
            let entry = self.tables.entries.uint(offset_size);
            let found = find_string(text, self.strings.str, string, "DW_FORM_strp", ".debug_str");
            let hash = self.tables.hash(index as usize).unwrap_or(0);
            put!(text, "[{index:3}] #{hash:08x} ");
            match found {
                Found::String(name) => text.put_name(name),
                Found::Nothing(why) => text.put(why.as_bytes()),
            }
            text.put(b":");
            self.show_entries(text, entry, relief);
            relief(text);
        }
    }

    /// Shows the entries of a name: one in its line, several below.
    fn show_entries(&mut self, text: &mut Text, offset: u64, relief: Relief<'_>) {
        let mut cursor = Cursor::new(self.tables.pool, self.encoding);
        cursor.seek(usize::try_from(offset).unwrap_or(usize::MAX));
        // First to see whether there is a second one.
        let mut ahead = cursor;
        let number = leb::unsigned(text, &mut ahead);
        let is_there =
            number != 0 && self.left > 0 && self.read(text, &mut ahead, number, Shown::Nothing);
        if !is_there {
            text.put(b" <no entries>\n");
            return;
        }
        let is_single = leb::unsigned(text, &mut ahead) == 0;
        loop {
            let number = leb::unsigned(text, &mut cursor);
            if number == 0 || self.left == 0 {
                break;
            }
            self.left = self.left.saturating_sub(1);
            put!(text, "{}<{number}>", if is_single { " " } else { "\n\t" });
            if !self.read(text, &mut cursor, number, Shown::Value) {
                break;
            }
            relief(text);
        }
        text.put(b"\n");
    }

    /// Reads an entry behind its number. Returns whether the number is known.
    fn read(&self, text: &mut Text, cursor: &mut Cursor<'_>, number: u64, shown: Shown) -> bool {
        let Some((tag, mut attributes)) = self.abbreviations.find(text, number, self.unit) else {
            return false;
        };
        let is_shown = shown == Shown::Value;
        if is_shown {
            match names::tag(tag) {
                Some(name) => put!(text, " {name}"),
                None if tag == 0 => text.put(b" DW_TAG_padding"),
                None => put!(text, " Unknown TAG value: {tag:#x}"),
            }
        }
        while let Some((attribute, form)) = next_attribute(text, &mut attributes) {
            if is_shown {
                match index_name(attribute) {
                    Some(name) => put!(text, " {name}"),
                    None => put!(text, " Unknown IDX value: {attribute:x}"),
                }
            }
            show_form(text, cursor, form, self.strings, shown);
        }
        true
    }
}

/// The name of an attribute of the index (`DW_IDX_*`). DWARF 5, section 7.19.
fn index_name(attribute: u64) -> Option<&'static str> {
    Some(match attribute {
        1 => "DW_IDX_compile_unit",
        2 => "DW_IDX_type_unit",
        3 => "DW_IDX_die_offset",
        4 => "DW_IDX_parent",
        5 => "DW_IDX_type_hash",
        0x2000 => "DW_IDX_GNU_internal",
        0x2001 => "DW_IDX_GNU_external",
        0x3fff => "DW_IDX_hi_user",
        _ => return None,
    })
}
