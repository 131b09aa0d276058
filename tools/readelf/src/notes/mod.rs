//! Notes: `-n`.
//!
//! The notes of each `SHT_NOTE` section, or where there is none (core files, files without
//! section headers) of each `PT_NOTE` segment, are a table of owner, size and type. Below each
//! note stands what its descriptor says, if its owner is known; under `-W` both share a line:
//!
//! ```text
//! Displaying notes found in: .note.gnu.build-id
//!   Owner                Data size    Description
//!   GNU                  0x00000014   NT_GNU_BUILD_ID (unique build ID bitstring)
//!     Build ID: 7b2c…
//! ```
//!
//! An owner is known by the start of its name, as GNU readelf compares it: a note of `GNUx` is
//! one of `GNU`.

mod build_attribute;
mod core_file;
mod gnu;
mod netbsd;
mod property;
mod vms;

use std::borrow::Cow;

use common::{Output, out};
use libelf::ident::Encoding;
use libelf::names;
use libelf::note::owner::PACKAGE;
use libelf::note::probe::{self, Probe};
use libelf::note::{Format, NoteHeader};
use libelf::raw::{ET_CORE, NoteType, PT_NOTE, SHT_NOTE};

use self::build_attribute::Regions;
use crate::object::Object;
use crate::options::Options;
use crate::relocate::relocate;
use crate::symbol_table::Hex;
use crate::text::{self, Style};

/// The width of the column with the owner.
const OWNER_WIDTH: usize = 20;
/// The start of the owner of notes that name a program of a Cell processor.
const SPU: &[u8] = b"SPU/";

/// What all notes of a file share.
struct Context<'a, 'data> {
    object: &'a Object<'data>,
    encoding: Encoding,
    style: Style,
    wide: bool,
    format: Format,
}

/// A note as its owner's code sees it.
struct Entry<'data> {
    /// The name as stored, zero bytes included.
    stored_name: &'data [u8],
    /// All bytes from the name to the end of the section or segment.
    name_tail: &'data [u8],
    /// The type as stored; OpenVMS has 64 bits for it.
    stored_kind: u64,
    /// The low half of it, which is what readelf goes by, save in notes of NetBSD.
    kind: u32,
    desc: &'data [u8],
    /// All bytes from the descriptor to the end of the section or segment.
    tail: &'data [u8],
}

impl<'data> Entry<'data> {
    /// The name up to its first zero byte. Where a note has none, readelf takes what follows the
    /// header for it, save for the owner and the type that it shows.
    fn name(&self) -> &'data [u8] {
        if self.stored_name.is_empty() {
            c_string(self.name_tail)
        } else {
            c_string(self.stored_name)
        }
    }

    /// Whether the note has no name.
    fn is_anonymous(&self) -> bool {
        self.stored_name.is_empty()
    }
}

/// Shows the notes if they are asked for; returns whether all could be shown.
pub fn display(out: &mut Output, options: &Options, object: &mut Object<'_>) -> bool {
    if !options.notes {
        return true;
    }
    let is_core = object.header.kind == ET_CORE;
    if !is_core && object.sections.iter().any(|section| section.kind == SHT_NOTE) {
        return display_sections(out, options, object);
    }
    if object.phnum > 0 {
        return display_segments(out, options, object);
    }
    if is_core {
        out!(out, "No notes found file.\n");
    }
    true
}

fn context<'a, 'data>(options: &Options, object: &'a Object<'data>) -> Context<'a, 'data> {
    Context {
        object,
        encoding: object.encoding(),
        style: Style::of(options),
        wide: options.wide,
        format: Format::of(&object.header),
    }
}

fn display_sections(out: &mut Output, options: &Options, object: &Object<'_>) -> bool {
    let context = context(options, object);
    let mut regions = Regions::default();
    let mut good = true;
    let sections = object.sections.iter().enumerate();
    for (index, section) in sections.filter(|(_, section)| section.kind == SHT_NOTE) {
        let Some(bytes) = object.section_data(out, section, "section contents") else {
            good = false;
            continue;
        };
        let mut bytes = Cow::Borrowed(bytes);
        if relocate(out, object, index, &mut bytes).is_err() {
            good = false;
            continue;
        }
        object.put_title(out, "\n", ": ");
        out!(out, "Displaying notes found in: ");
        out.put(&text::section_name(object.section_name(section)));
        out!(out, "\n");
        good &= show_notes(out, &context, &mut regions, &bytes, section.addralign);
    }
    good
}

fn display_segments(out: &mut Output, options: &Options, object: &mut Object<'_>) -> bool {
    if !object.load_segments(out) {
        return true;
    }
    let context = context(options, object);
    let mut regions = Regions::default();
    let mut good = true;
    let segments = object.segments.as_deref().unwrap_or_default();
    for segment in segments.iter().filter(|segment| segment.kind == PT_NOTE) {
        let Some(bytes) = object.get_data(out, segment.offset, 1, segment.filesz, Some("notes"))
        else {
            good = false;
            continue;
        };
        out!(
            out,
            "\nDisplaying notes found at file offset 0x{:08x} with length 0x{:08x}:\n",
            segment.offset,
            segment.filesz
        );
        good &= show_notes(out, &context, &mut regions, bytes, segment.align);
    }
    good
}

/// Shows the notes of a section or segment.
fn show_notes<'data>(
    out: &mut Output,
    context: &Context<'_, 'data>,
    regions: &mut Regions<'data>,
    bytes: &[u8],
    align: u64,
) -> bool {
    let align = match align {
        0..=4 => 4,
        8 => 8,
        _ => {
            out.warn(format_args!(
                "Corrupt note: alignment {}, expecting 4 or 8",
                align.cast_signed()
            ));
            return false;
        }
    };
    out!(out, "  Owner                Data size \tDescription\n");
    let mut good = true;
    let mut at = 0;
    while at < bytes.len() {
        let Some((entry, next)) = read_entry(out, context, bytes, at, align) else { break };
        good &= show_note(out, context, regions, &entry);
        at = next;
    }
    good
}

/// The note `at` an offset, and the offset of the next. Reports a note that does not lie within
/// the bytes.
fn read_entry<'data>(
    out: &mut Output,
    context: &Context<'_, '_>,
    bytes: &'data [u8],
    at: usize,
    align: usize,
) -> Option<(Entry<'data>, usize)> {
    let Some(header) = NoteHeader::decode(bytes, at, context.encoding, context.format) else {
        let left = bytes.len().saturating_sub(at);
        let (plural, singular) = if left == 1 { ("", "s") } else { ("s", "") };
        out.warn(format_args!(
            "Corrupt note: only {left} byte{plural} remain{singular}, not enough for a full note"
        ));
        return None;
    };
    let Some(layout) = header.layout(at, bytes.len(), align, context.format) else {
        out.warn(format_args!(
            "note with invalid namesz and/or descsz found at offset {}",
            Hex(at as u64)
        ));
        out.warn(format_args!(
            " type: {}, namesize: {}, descsize: {}, alignment: {align}",
            Hex(header.kind),
            Hex(header.name_size),
            Hex(header.desc_size)
        ));
        return None;
    };
    let entry = Entry {
        name_tail: bytes.get(layout.name.start..).unwrap_or_default(),
        stored_name: bytes.get(layout.name).unwrap_or_default(),
        stored_kind: header.kind,
        kind: header.kind as u32,
        tail: bytes.get(layout.desc.start..).unwrap_or_default(),
        desc: bytes.get(layout.desc).unwrap_or_default(),
    };
    Some((entry, layout.next))
}

/// Shows a note; returns whether its descriptor could be shown.
fn show_note<'data>(
    out: &mut Output,
    context: &Context<'_, 'data>,
    regions: &mut Regions<'data>,
    entry: &Entry<'_>,
) -> bool {
    let name = entry.name();
    if !entry.is_anonymous() && netbsd::owns(name) {
        return netbsd::show(out, context, entry);
    }
    let is_attribute = build_attribute::is_one(entry);
    let known = kind_text(context, entry);
    let mut kind = Cow::Borrowed(known.as_bytes());
    if let Some(program) = name.strip_prefix(SPU).filter(|_| !entry.is_anonymous()) {
        out!(out, "  ");
        context.style.push_padded(out.buf(), b"SPU", OWNER_WIDTH);
        kind = text::printable(program);
    } else if is_attribute {
        build_attribute::show_name(out, context, entry);
    } else {
        let owner = if entry.is_anonymous() { b"(NONE)" } else { name };
        out!(out, "  ");
        context.style.push_padded(out.buf(), owner, OWNER_WIDTH);
    }
    let end = if context.wide { '\t' } else { '\n' };
    out!(out, " 0x{:08x}\t", entry.desc.len());
    out.put(&kind);
    out!(out, "{end}");

    if name.starts_with(b"IPF/VMS") {
        vms::show(out, context, entry)
    } else if name.starts_with(b"GNU") {
        gnu::show(out, context, entry)
    } else if name.starts_with(probe::OWNER) {
        show_probe(out, context, entry)
    } else if name.starts_with(b"CORE") {
        core_file::show(out, context, entry)
    } else if name.starts_with(PACKAGE.0) {
        show_package(out, entry)
    } else if is_attribute {
        regions.show(out, context, entry)
    } else {
        show_bytes(out, context, "   description data: ", entry.desc);
        true
    }
}

/// The type of a note as text.
fn kind_text(context: &Context<'_, '_>, entry: &Entry<'_>) -> Cow<'static, str> {
    let name = c_string(entry.stored_name);
    let header = &context.object.header;
    let is_core = header.kind == ET_CORE;
    let known = names::note_type_name(header.machine, is_core, name, NoteType(entry.kind));
    match known {
        Some(known) => Cow::Borrowed(known),
        None if name.starts_with(b"NetBSD-CORE") && entry.kind >= names::NETBSD_FIRST_MACHINE => {
            // A type is signed here, so that the highest come out below the first.
            let request = entry.kind.wrapping_sub(names::NETBSD_FIRST_MACHINE).cast_signed();
            Cow::Owned(format!("PT_FIRSTMACH+{request}"))
        }
        None => Cow::Owned(format!("Unknown note type: (0x{:08x})", entry.kind)),
    }
}

/// Shows bytes in hexadecimal behind a title. Without bytes only the line of `-W` is ended.
fn show_bytes(out: &mut Output, context: &Context<'_, '_>, title: &str, bytes: &[u8]) {
    if !bytes.is_empty() {
        out!(out, "{title}");
        put_hex(out, bytes);
        out!(out, "\n");
    } else if context.wide {
        out!(out, "\n");
    }
}

/// Shows each byte as two digits and a blank.
fn put_hex(out: &mut Output, bytes: &[u8]) {
    for part in bytes.chunks(1 << 12) {
        for &byte in part {
            common::format::hex_padded(out.buf(), byte.into(), 2);
            out.buf().push(b' ');
        }
        out.relieve();
    }
}

/// Shows a text of a descriptor up to its first zero byte.
fn put_text(out: &mut Output, bytes: &[u8]) {
    out.put(&text::printable(c_string(bytes)));
}

/// `bytes` up to the first zero byte.
fn c_string(bytes: &[u8]) -> &[u8] {
    bytes.get(..memchr::memchr(0, bytes).unwrap_or(bytes.len())).unwrap_or_default()
}

/// A SystemTap probe.
fn show_probe(out: &mut Output, context: &Context<'_, '_>, entry: &Entry<'_>) -> bool {
    let Some(probe) = Probe::parse(entry.desc, context.encoding) else {
        out!(out, "  <corrupt - note is too small>\n");
        out.error(format_args!("corrupt stapdt note - the data size is too small"));
        return false;
    };
    let digits = 2 * context.encoding.word_size();
    out!(out, "    Provider: ");
    put_text(out, probe.provider);
    out!(out, "\n    Name: ");
    put_text(out, probe.name);
    out!(out, "\n    Location: 0x{:0digits$x}, ", probe.location);
    out!(out, "Base: 0x{:0digits$x}, ", probe.base);
    out!(out, "Semaphore: 0x{:0digits$x}\n    Arguments: ", probe.semaphore);
    put_text(out, probe.arguments);
    out!(out, "\n");
    let strings = [probe.provider, probe.name, probe.arguments];
    let shown =
        3 * context.encoding.word_size() + strings.map(|text| text.len() + 1).iter().sum::<usize>();
    // Bytes behind the last string are not shown.
    shown == entry.desc.len()
}

/// The package that a distribution made the file for, as JSON.
fn show_package(out: &mut Output, entry: &Entry<'_>) -> bool {
    if entry.kind != PACKAGE.1.0 || entry.desc.is_empty() {
        return false;
    }
    out!(out, "    Packaging Metadata: ");
    // JSON may be laid out over lines.
    for part in c_string(entry.desc).split_inclusive(|byte| matches!(byte, b'\n' | b'\t')) {
        let (text, space) = match part.split_last() {
            Some((b'\n' | b'\t', text)) => part.split_at(text.len()),
            _ => (part, &[][..]),
        };
        out.put(&text::printable(text));
        out.put(space);
    }
    out!(out, "\n");
    true
}

#[cfg(test)]
mod tests;
