//! `-x`, `-R` and `-p`: the contents of sections as bytes and as strings; between them, as the
//! sections of the file come, what `-w` shows.

use std::borrow::Cow;
use std::collections::BTreeSet;

use common::{Output, format, out};
use libdwarf::dump::{Memory, Text, sframe};
use libelf::SectionHeader;
use libelf::compress::{Compressed, Fault, Format, Limits};
use libelf::error::Problem;
use libelf::raw::SHT_NOBITS;

use crate::debug;
use crate::locale::Locale;
use crate::object::Object;
use crate::options::{DumpKind, DumpTarget, Options};
use crate::relocate::{self, Failed};
use crate::text::{printable, section_name, section_name_text};

/// The bytes of a line of a hexadecimal dump, and of a group in it.
const LINE: usize = 16;
const GROUP: usize = 4;

/// Prints the sections that the command line names, in the order of the file; of one section
/// bytes, relocated bytes, strings and debugging information in this order. Then those of the files
/// that this one leads to, and the rest of these with `-P`. Returns whether all went well.
pub fn display(out: &mut Output, options: &Options, object: &mut Object<'_>) -> bool {
    let object = &*object;
    let is_debugging = !options.checks_all
        && (debug::options::shows_something(&options.debug) || options.asks_for_links);
    let shows_nothing = options.dumps.is_empty() && !is_debugging && !options.process_links;
    if shows_nothing && !options.checks_all {
        return true;
    }
    let mut memory = Memory::default();
    let mut files = Vec::new();
    if is_debugging || options.process_links {
        files = debug::links::find(out, options, object, &mut memory);
    }
    let opened = |file| debug::links::Linked::object(file, out, object.carried);
    let linked: Vec<Object<'_>> = files.iter().filter_map(opened).collect();
    if !linked.is_empty() {
        memory.forget_missing();
    }
    let mut shown = debug::Shown { options, main: object, linked: &linked, memory };
    let wanted = Wanted::new(Some(out), options, object);
    let mut good = dump_all(out, options, object, &wanted, &mut shown);
    for number in &wanted.missing {
        out.warn(format_args!("Section {number} was not dumped because it does not exist!"));
        good = false;
    }
    for object in &linked {
        let wanted = if options.process_links {
            Wanted::new(None, options, object)
        } else {
            Wanted::default()
        };
        shown.begin_file();
        let mut show = |out: &mut Output| {
            let is_good = dump_all(out, options, object, &wanted, &mut shown);
            good &= is_good;
            is_good
        };
        let file = files.iter().find(|file| options.process_links && file.is(object));
        match file.and_then(|file| file.object(out, object.carried)) {
            Some(mut object) => crate::process_linked(out, options, &mut object, &mut show),
            None => {
                show(out);
            }
        }
    }
    good
}

/// Prints the sections of one file.
fn dump_all<'data>(
    out: &mut Output,
    options: &Options,
    object: &Object<'data>,
    wanted: &Wanted,
    shown: &mut debug::Shown<'_, 'data>,
) -> bool {
    let mut good = true;
    for index in 0..object.sections.len() {
        let Some(section) = object.sections.get(index).copied() else { break };
        for kind in [DumpKind::Hex, DumpKind::Relocated, DumpKind::Strings] {
            if wanted.has(index, kind) {
                good &= dump(out, options, object, index, &section, kind);
            }
        }
        good &= shown.display(out, object, index);
        if wanted.has(index, DumpKind::Sframe) {
            good &= show_sframe(out, object, &section);
        }
        if wanted.has(index, DumpKind::Ctf) {
            let name = section_name_text(object.section_name(&section));
            out.error(format_args!("section {name}: to show CTF is not supported"));
            good = false;
        }
        out.relieve();
    }
    good
}

/// The dumps that the command line asks for, as numbers of sections.
#[derive(Default)]
struct Wanted {
    dumps: BTreeSet<(usize, u8)>,
    missing: BTreeSet<u32>,
}

impl Wanted {
    /// Looks the named sections up; warns `out` of those that the file does not have.
    fn new(mut out: Option<&mut Output>, options: &Options, object: &Object<'_>) -> Self {
        let mut wanted = Self::default();
        // Names are looked up from the last to the first.
        for dump in options.dumps.iter().rev() {
            match &dump.target {
                DumpTarget::Number(number) => {
                    if (*number as usize) < object.sections.len() {
                        wanted.dumps.insert((*number as usize, rank(dump.kind)));
                    } else {
                        wanted.missing.insert(*number);
                    }
                }
                DumpTarget::Name(name) => {
                    wanted.add_named(out.as_deref_mut(), object, name, dump.kind);
                }
            }
        }
        wanted
    }

    fn add_named(
        &mut self,
        out: Option<&mut Output>,
        object: &Object<'_>,
        name: &[u8],
        kind: DumpKind,
    ) {
        let mut found = false;
        for (index, section) in object.sections.iter().enumerate() {
            if object.section_name(section) == name {
                found = true;
                self.dumps.insert((index, rank(kind)));
            }
        }
        if let Some(out) = out.filter(|_| !found) {
            let name = printable(name);
            out.warn_bytes(&[b"Section '", &*name, b"' was not dumped because it does not exist"]);
        }
    }

    fn has(&self, index: usize, kind: DumpKind) -> bool {
        self.dumps.contains(&(index, rank(kind)))
    }
}

fn rank(kind: DumpKind) -> u8 {
    match kind {
        DumpKind::Hex => 0,
        DumpKind::Relocated => 1,
        DumpKind::Strings => 2,
        DumpKind::Sframe => 3,
        DumpKind::Ctf => 4,
    }
}

/// `--sframe`: as it is stored, whatever relocations there are.
fn show_sframe(out: &mut Output, object: &Object<'_>, section: &SectionHeader) -> bool {
    let name = object.section_name(section);
    let mut contents = &[][..];
    if section.size == 0 || section.kind == SHT_NOBITS {
        out!(out, "Section '{}' has no data to dump.\n", section_name_text(name));
    } else {
        let Some(stored) = object.section_data(out, section, "section contents") else {
            return false;
        };
        contents = stored;
    }
    let mut text = Text::default();
    let good = sframe::display(&mut text, &section_name(name), contents, section.addr);
    debug::print(out, object, &mut text);
    good
}

fn dump(
    out: &mut Output,
    options: &Options,
    object: &Object<'_>,
    index: usize,
    section: &SectionHeader,
    kind: DumpKind,
) -> bool {
    let name = section_name_text(object.section_name(section));
    if section.size == 0 || section.kind == SHT_NOBITS {
        out!(out, "Section '{name}' has no data to dump.\n");
        return true;
    }
    let Some(stored) = object.section_data(out, section, "section contents") else {
        return false;
    };
    let title = if kind == DumpKind::Strings { "String" } else { "Hex" };
    out!(out, "\n{title} dump of section '");
    out.put(&section_name(object.section_name(section)));
    out!(out, "'");
    if object.is_linked {
        out.put(&[b" in linked file ", object.name].concat());
    }
    out!(out, ":\n");
    let mut contents = Cow::Borrowed(stored);
    if options.decompress {
        match decompress(out, object, section, stored, &name) {
            Ok(Some(bytes)) => contents = Cow::Owned(bytes),
            Ok(None) => {}
            Err(Failed) => return false,
        }
    }
    let relocs = relocate::relocs_against(object, index);
    match kind {
        DumpKind::Relocated if relocate::relocate(out, object, index, &mut contents).is_err() => {
            return false;
        }
        DumpKind::Hex if relocs.is_some() => out.put(
            b" NOTE: This section has relocations against it, but these have NOT been applied to \
              this dump.\n",
        ),
        DumpKind::Strings if relocs.is_some() => out.put(
            b"  Note: This section has relocations against it, but these have NOT been applied to \
              this dump.\n",
        ),
        _ => {}
    }
    if kind == DumpKind::Strings {
        put_strings(out, Locale::of_environment(), &contents);
    } else {
        put_hex(out, &contents, section.addr);
    }
    true
}

/// The uncompressed contents, or `None` if the section is not compressed.
pub fn decompress(
    out: &mut Output,
    object: &Object<'_>,
    section: &SectionHeader,
    stored: &[u8],
    name: &str,
) -> Result<Option<Vec<u8>>, Failed> {
    /// A `.zdebug` section starts with `ZLIB` and eight bytes of size; less is taken as text.
    const ZDEBUG_HEADER: usize = 12;
    let compressed = if section.is_compressed() {
        let Ok(compressed) = Compressed::parse(stored, object.encoding()) else {
            out.error(format_args!(
                "Compressed section is too small even for a compression header"
            ));
            return Err(Failed);
        };
        if let Format::Other(kind) = compressed.format {
            out.warn(format_args!(
                "section '{name}' has unsupported compress type: {}",
                kind.cast_signed()
            ));
            return Err(Failed);
        }
        Some(compressed)
    } else {
        Compressed::parse_zdebug(stored).filter(|_| stored.len() > ZDEBUG_HEADER)
    };
    // A size of nothing is taken for no compression.
    let Some(compressed) = compressed.filter(|compressed| compressed.size != 0) else {
        return Ok(None);
    };
    match compressed.decompress(Limits::for_input(object.data.len())) {
        Ok(contents) => Ok(Some(contents)),
        Err(error) => {
            let problem = error.problem;
            if let Problem::Compression(Fault::OverLimit { .. }) = problem {
                out.error(format_args!("section {name}: {problem}"));
            }
            out.error(format_args!("Unable to decompress section {name}"));
            Err(Failed)
        }
    }
}

/// Prints `0xADDRESS`, sixteen bytes in groups of four, and the same bytes as text, a line each.
fn put_hex(out: &mut Output, bytes: &[u8], addr: u64) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| DIGITS.get(usize::from(value & 0xf)).copied().unwrap_or(b'0');
    let mut addr = addr;
    for line in bytes.chunks(LINE) {
        let buf = out.buf();
        buf.extend_from_slice(b"  0x");
        format::hex_padded(buf, addr, 8);
        buf.push(b' ');
        for group in line.chunks(GROUP) {
            for &byte in group {
                buf.extend_from_slice(&[digit(byte >> 4), digit(byte)]);
            }
            buf.resize(buf.len() + 2 * GROUP.saturating_sub(group.len()), b' ');
            buf.push(b' ');
        }
        let missing = (LINE / GROUP).saturating_sub(line.len().div_ceil(GROUP));
        buf.resize(buf.len() + missing * (2 * GROUP + 1), b' ');
        buf.extend(line.iter().map(|&byte| if is_printable(byte) { byte } else { b'.' }));
        buf.push(b'\n');
        addr = addr.wrapping_add(LINE as u64);
        out.relieve();
    }
    out.put(b"\n");
}

fn is_printable(byte: u8) -> bool {
    (b' '..=b'~').contains(&byte)
}

/// Prints the strings, with their offsets. A string starts at a character of ASCII, and ends at a
/// zero byte or at the end of the section.
fn put_strings(out: &mut Output, locale: Locale, bytes: &[u8]) {
    let mut rest = bytes;
    let mut found = false;
    while let Some(skip) = rest.iter().position(|&byte| is_printable(byte)) {
        found = true;
        rest = rest.get(skip..).unwrap_or_default();
        let offset = bytes.len() - rest.len();
        let buf = out.buf();
        buf.extend_from_slice(b"  [");
        format::hex_right(buf, offset as u64, 6);
        buf.extend_from_slice(b"]  ");
        rest = put_string(buf, locale, rest);
        out.relieve();
    }
    out.put(if found { b"\n" } else { b"  No strings found in this section.\n" });
}

/// Prints the string at the start of `bytes`, with its line end, and returns what follows it.
fn put_string<'a>(buf: &mut Vec<u8>, locale: Locale, bytes: &'a [u8]) -> &'a [u8] {
    /// What a further line of a string starts with: as wide as an offset in its brackets.
    const INDENT: &[u8] = b"            ";
    let mut rest = bytes;
    while let Some((&byte, tail)) = rest.split_first() {
        let whole = rest;
        rest = tail;
        match byte {
            0 => {
                buf.push(b'\n');
                return rest;
            }
            b'\n' => {
                buf.extend_from_slice(b"\\n\n");
                if let Some((0, tail)) = rest.split_first() {
                    return tail;
                }
                let Some(skip) = rest.iter().position(|&byte| is_printable(byte)) else {
                    return &[];
                };
                buf.extend_from_slice(INDENT);
                rest = rest.get(skip..).unwrap_or_default();
            }
            byte if byte.is_ascii_control() => {
                buf.extend_from_slice(&[b'^', byte.wrapping_add(0x40)]);
            }
            byte => {
                buf.push(byte);
                rest = whole.get(locale.character_length(whole)..).unwrap_or_default();
            }
        }
    }
    buf.push(b'\n');
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(f: impl FnOnce(&mut Output)) -> String {
        let mut out = Output::process("readelf").recorder();
        f(&mut out);
        String::from_utf8_lossy(out.buf()).into_owned()
    }

    #[test]
    fn a_short_line_is_padded() {
        assert_eq!(
            text(|out| put_hex(out, b"abcdef\0\xff0123456789", 0x1000)),
            "  0x00001000 61626364 656600ff 30313233 34353637 abcdef..01234567\n  \
             0x00001010 3839                                89\n\n"
        );
    }

    #[test]
    fn strings_keep_their_lines() {
        let shown = |bytes: &[u8]| text(|out| put_strings(out, Locale::Bytes, bytes));
        assert_eq!(shown(b"\0\0"), "  No strings found in this section.\n");
        assert_eq!(shown(b"abc"), "  [     0]  abc\n\n");
        assert_eq!(shown(b"a\n\0b"), "  [     0]  a\\n\n  [     3]  b\n\n");
        assert_eq!(shown(b"a\n\n\x01b\0"), "  [     0]  a\\n\n            b\n\n");
        assert_eq!(shown(b"\x01a\x02b"), "  [     1]  a^Bb\n\n");
        assert_eq!(shown(b"a\n"), "  [     0]  a\\n\n\n");
    }
}
