//! `.debug_abbrev`: sets of abbreviations, shown, and made ready for showing entries. DWARF 5,
//! sections 7.5.3 and 7.5.4.
//!
//! An entry's line of text is mostly known before the entry is: ` (DW_TAG_base_type)` and
//! `   DW_AT_byte_size   :` come from the abbreviation. A [`Set`] has them ready, so that showing an
//! entry is copying them and adding numbers.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex};

use libelf::ident::Encoding;

use super::info::class::Class;
use super::info::scan::is_scanned;
use super::info::{Header, form};
use super::number::{push_decimal, push_hex_digits, push_signed, push_spaces};
use super::{Cursor, Dump, Loaded, Text};
use crate::names;

/// `DW_FORM_implicit_const`: the value stands in the abbreviation.
const FORM_IMPLICIT_CONST: u64 = 0x21;
/// What stands before the name of a form where it is shown short.
const FORM_PREFIX: &str = "DW_FORM_";
/// User-defined tags.
const TAG_USER: std::ops::RangeInclusive<u64> = 0x4080..=0xffff;
/// The width of the name of an attribute.
const ATTRIBUTE_WIDTH: usize = 18;
/// Codes up to this one are found by index.
const DENSE_CODES: u64 = 1 << 16;
/// Attributes of all abbreviations of a set that are kept ready; a damaged set has no more.
const MAX_ATTRIBUTES: usize = 1 << 20;

/// An attribute of an abbreviation.
#[derive(Clone, Debug)]
pub struct Attribute {
    /// `DW_AT_*`
    pub name: u64,
    /// `DW_FORM_*`
    pub form: u64,
    /// The value of `DW_FORM_implicit_const`.
    pub implicit: i64,
    /// What is shown after the value.
    pub class: Class,
    /// Whether the scan of units looks at it.
    pub is_scanned: bool,
    /// Its line up to the value, in [`Set::lines`].
    line: Range<u32>,
}

/// An abbreviation.
#[derive(Clone, Debug)]
pub struct Abbreviation {
    /// `DW_TAG_*`
    pub tag: u64,
    /// Whether entries follow that are below it.
    pub has_children: bool,
    /// How to pass over the values, if that is known and the scan looks at none.
    pub skip: Option<Skip>,
    /// Its attributes, in [`Set::attributes`].
    attributes: Range<u32>,
    /// What stands after the number, in [`Set::lines`].
    heading: Range<u32>,
}

/// The size of an entry's values, but for what the header of the unit says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Skip {
    bytes: u32,
    addresses: u32,
    offsets: u32,
    references: u32,
}

impl Skip {
    /// The size in bytes in a unit.
    #[inline]
    pub fn size(self, unit: &Header) -> usize {
        let of = |count: u32, size: u8| (count as usize).saturating_mul(size.into());
        (self.bytes as usize)
            .saturating_add(of(self.addresses, unit.address_size))
            .saturating_add(of(self.offsets, unit.offset_size))
            .saturating_add(of(self.references, unit.reference_size()))
    }

    fn add(&mut self, form: u64) -> bool {
        let count = match form::size(form) {
            form::Size::Bytes(size) => {
                self.bytes = self.bytes.saturating_add(size.into());
                return true;
            }
            form::Size::Address => &mut self.addresses,
            form::Size::Offset => &mut self.offsets,
            form::Size::Reference => &mut self.references,
            form::Size::Variable => return false,
        };
        *count = count.saturating_add(1);
        true
    }
}

/// A set of abbreviations.
#[derive(Debug, Default)]
pub struct Set {
    entries: Vec<Abbreviation>,
    attributes: Vec<Attribute>,
    lines: Vec<u8>,
    /// By code, if that is small: the index of the entry plus one.
    dense: Vec<u32>,
    /// By code, for the others.
    sparse: HashMap<u64, u32>,
    /// Whether one is known to be in the set twice, or to be damaged.
    pub is_damaged: bool,
}

impl Set {
    /// The abbreviation with this code.
    #[inline]
    pub fn find(&self, code: u64) -> Option<&Abbreviation> {
        let index = match self.dense.get(code as usize) {
            Some(&index) if code < DENSE_CODES => index,
            _ => *self.sparse.get(&code)?,
        };
        self.entries.get((index as usize).checked_sub(1)?)
    }

    /// The attributes of an abbreviation of this set.
    #[inline]
    pub fn attributes(&self, abbreviation: &Abbreviation) -> &[Attribute] {
        let Range { start, end } = abbreviation.attributes;
        self.attributes.get(start as usize..end as usize).unwrap_or_default()
    }

    /// What stands behind the number of an entry, with the line end.
    #[inline]
    pub fn heading(&self, abbreviation: &Abbreviation) -> &[u8] {
        let Range { start, end } = abbreviation.heading;
        self.lines.get(start as usize..end as usize).unwrap_or_default()
    }

    /// The line of an attribute after its offset, up to the value.
    #[inline]
    pub fn line(&self, attribute: &Attribute) -> &[u8] {
        let Range { start, end } = attribute.line;
        self.lines.get(start as usize..end as usize).unwrap_or_default()
    }

    fn add(&mut self, entry: &Raw, attributes: &[RawAttribute], wide: bool) {
        let heading = self.lines.len() as u32;
        self.lines.extend_from_slice(b" (");
        push_tag(&mut self.lines, entry.tag);
        self.lines.extend_from_slice(b")\n");
        let heading = heading..self.lines.len() as u32;
        let first = self.attributes.len() as u32;
        let mut skip = Some(Skip::default());
        // The end of the list is an attribute as well, and not shown.
        for &RawAttribute { name, form, implicit } in attributes.iter().filter(|a| a.name != 0) {
            let line = self.lines.len() as u32;
            self.lines.extend_from_slice(b">   ");
            push_attribute(&mut self.lines, name);
            self.lines.push(b':');
            if wide {
                self.lines.extend_from_slice(b" (");
                push_short_form(&mut self.lines, form);
                self.lines.push(b')');
            }
            let line = line..self.lines.len() as u32;
            let class = Class::of(name);
            let is_scanned = is_scanned(name, form, class);
            skip = skip.filter(|_| !is_scanned).and_then(|mut skip| skip.add(form).then_some(skip));
            self.attributes.push(Attribute { name, form, implicit, class, is_scanned, line });
        }
        let Raw { code, tag, has_children } = *entry;
        let attributes = first..self.attributes.len() as u32;
        self.entries.push(Abbreviation { tag, has_children, skip, attributes, heading });
        let index = self.entries.len() as u32;
        if code < DENSE_CODES {
            let code = code as usize;
            if self.dense.len() <= code {
                self.dense.resize(code.saturating_add(1), 0);
            }
            if let Some(place) = self.dense.get_mut(code)
                && *place == 0
            {
                *place = index;
            }
        } else {
            self.sparse.entry(code).or_insert(index);
        }
    }
}

/// An abbreviation as it stands in the section.
struct Raw {
    code: u64,
    tag: u64,
    has_children: bool,
}

/// An attribute as it stands in the section; the last one is zero.
#[derive(Clone, Copy)]
struct RawAttribute {
    name: u64,
    form: u64,
    implicit: i64,
}

/// How reading a set ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// There may be another one behind it.
    More,
    /// At the end of the section.
    Section,
    /// It is damaged, and nothing of it counts.
    Damaged,
}

/// Reads a set from where the cursor is; `take` gets each abbreviation with its attributes.
fn read_set(
    text: &mut Text,
    name: &[u8],
    cursor: &mut Cursor<'_>,
    mut take: impl FnMut(&Raw, &[RawAttribute]),
) -> End {
    let mut attributes = Vec::new();
    while !cursor.is_at_end() {
        let code = uleb(text, cursor);
        if cursor.is_at_end() {
            return End::Section;
        }
        if code == 0 {
            return End::More;
        }
        let tag = uleb(text, cursor);
        if cursor.is_at_end() {
            return End::Damaged;
        }
        let has_children = cursor.u8() != 0;
        attributes.clear();
        if !read_attributes(text, cursor, &mut attributes) {
            let mut message = name.to_vec();
            message.extend_from_slice(b" section not zero terminated");
            text.say(super::Level::Error, message);
            return End::Damaged;
        }
        take(&Raw { code, tag, has_children }, &attributes);
    }
    End::Section
}

/// Reads attributes up to the one that is zero. Returns whether it is there.
fn read_attributes(
    text: &mut Text,
    cursor: &mut Cursor<'_>,
    attributes: &mut Vec<RawAttribute>,
) -> bool {
    loop {
        let name = uleb(text, cursor);
        if cursor.is_at_end() {
            return false;
        }
        let form = uleb(text, cursor);
        if cursor.is_at_end() {
            return false;
        }
        let mut implicit = 0;
        if form == FORM_IMPLICIT_CONST {
            implicit = super::leb::signed(text, cursor);
            if cursor.is_at_end() {
                return false;
            }
        }
        attributes.push(RawAttribute { name, form, implicit });
        if name == 0 {
            return true;
        }
    }
}

fn uleb(text: &mut Text, cursor: &mut Cursor<'_>) -> u64 {
    super::leb::unsigned(text, cursor)
}

/// The sets of a section that units need, each read once.
#[derive(Debug)]
pub struct Cache {
    encoding: Encoding,
    wide: bool,
    sets: Mutex<HashMap<usize, Arc<Set>>>,
}

impl Cache {
    /// Without any sets.
    pub fn new(encoding: Encoding, wide: bool) -> Self {
        Self { encoding, wide, sets: Mutex::default() }
    }

    /// The set at `offset` of `section`; what is wrong with it is said when it is read.
    pub fn get(
        &self,
        text: &mut Text,
        section: &Loaded<'_>,
        offset: usize,
        end: usize,
    ) -> Arc<Set> {
        let known = self.sets.lock().ok().and_then(|sets| sets.get(&offset).cloned());
        if let Some(set) = known {
            return set;
        }
        let set = Arc::new(self.read(text, section, offset, end));
        // What is wrong with a damaged one is said again.
        if !set.is_damaged
            && let Ok(mut sets) = self.sets.lock()
        {
            sets.insert(offset, set.clone());
        }
        set
    }

    fn read(&self, text: &mut Text, section: &Loaded<'_>, offset: usize, end: usize) -> Set {
        let mut set = Set::default();
        let data = section.data.get(..end).unwrap_or(&section.data);
        let mut cursor = Cursor::new(data, self.encoding);
        cursor.seek(offset);
        let end = read_set(text, &section.name, &mut cursor, |entry, attributes| {
            if set.attributes.len().saturating_add(attributes.len()) <= MAX_ATTRIBUTES {
                set.add(entry, attributes, self.wide);
            }
        });
        if end == End::Damaged {
            set = Set { is_damaged: true, ..Set::default() };
        }
        set
    }
}

/// Appends the name of a tag.
pub fn push_tag(buf: &mut Vec<u8>, tag: u64) {
    if tag == 0 {
        return buf.extend_from_slice(b"DW_TAG_padding");
    }
    if let Some(name) = names::tag(tag) {
        return buf.extend_from_slice(name.as_bytes());
    }
    let kind: &[u8] = if TAG_USER.contains(&tag) { b"User" } else { b"Unknown" };
    buf.extend_from_slice(kind);
    buf.extend_from_slice(b" TAG value: 0x");
    push_hex_digits(buf, tag);
}

/// Appends the name of an attribute, in its column.
fn push_attribute(buf: &mut Vec<u8>, attribute: u64) {
    let start = buf.len();
    match names::attribute(attribute) {
        Some(name) => buf.extend_from_slice(name.as_bytes()),
        None if attribute == 0 => buf.extend_from_slice(b"DW_AT value: 0"),
        None => {
            buf.extend_from_slice(b"Unknown AT value: ");
            push_hex_digits(buf, attribute);
        }
    }
    let width = buf.len().saturating_sub(start);
    push_spaces(buf, ATTRIBUTE_WIDTH.saturating_sub(width));
}

/// Appends the name of a form.
pub fn push_form(buf: &mut Vec<u8>, form: u64) {
    match names::form(form) {
        Some(name) => buf.extend_from_slice(name.as_bytes()),
        None if form == 0 => buf.extend_from_slice(b"DW_FORM value: 0"),
        None => {
            buf.extend_from_slice(b"Unknown FORM value: ");
            push_hex_digits(buf, form);
        }
    }
}

/// Appends the name of a form without what all begin with.
pub fn push_short_form(buf: &mut Vec<u8>, form: u64) {
    match names::form(form).and_then(|name| name.strip_prefix(FORM_PREFIX)) {
        Some(name) => buf.extend_from_slice(name.as_bytes()),
        None => push_form(buf, form),
    }
}

/// Shows the section.
/// Says that there are no abbreviations at all, in GNU's words.
pub fn warn_empty(text: &mut Text) {
    let what = "Debug info is corrupted, abbrev size (0) is larger than abbrev section size (0)";
    text.warn(format_args!("{what}"));
}

/// Shows a section of abbreviations.
pub fn display(dump: &mut Dump<'_, '_>, section: &Loaded<'_>) -> bool {
    dump.heading(section);
    if section.data.is_empty() {
        warn_empty(&mut dump.text);
    }
    let mut cursor = Cursor::new(&section.data, dump.target.encoding);
    loop {
        let offset = cursor.position();
        let mut shown = Vec::new();
        let end = read_set(&mut dump.text, &section.name, &mut cursor, |entry, attributes| {
            show(&mut shown, entry, attributes);
        });
        if end == End::Damaged {
            break;
        }
        if !shown.is_empty() {
            dump.text.put(b"  Number TAG (");
            super::number::push_hex(&mut dump.text.buf, offset as u64);
            dump.text.put(b")\n");
            dump.text.buf.append(&mut shown);
        }
        dump.relieve();
        if end == End::Section {
            break;
        }
    }
    dump.text.put(b"\n");
    true
}

fn show(buf: &mut Vec<u8>, entry: &Raw, attributes: &[RawAttribute]) {
    buf.extend_from_slice(b"   ");
    push_decimal(buf, entry.code);
    buf.extend_from_slice(b"      ");
    push_tag(buf, entry.tag);
    let children: &[u8] =
        if entry.has_children { b"    [has children]\n" } else { b"    [no children]\n" };
    buf.extend_from_slice(children);
    for attribute in attributes {
        buf.extend_from_slice(b"    ");
        push_attribute(buf, attribute.name);
        buf.push(b' ');
        push_form(buf, attribute.form);
        if attribute.form == FORM_IMPLICIT_CONST {
            buf.extend_from_slice(b": ");
            push_signed(buf, attribute.implicit);
        }
        buf.push(b'\n');
    }
}
