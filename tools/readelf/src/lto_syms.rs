//! Symbol tables that GCC writes for link-time optimisation, for linker plugins to read:
//! `--lto-syms`.
//!
//! The section `.gnu.lto_.symtab.<id>` has for each symbol its name and the name of its COMDAT
//! group, both closed by a zero byte, then kind and visibility of one byte each, the size of eight
//! bytes and the slot of four. A section `.gnu.lto_.ext_symtab.<id>` has after a byte for its
//! version two more bytes for each symbol: its type and the kind of its section.

use common::{Output, format};
use libelf::{Encoding, SectionHeader};

use crate::object::Object;
use crate::options::Options;
use crate::symbol_table::Hex;
use crate::text::{self, Style};

const PREFIX: &[u8] = b".gnu.lto_.symtab.";
const EXTENSION_PREFIX: &[u8] = b".gnu.lto_.ext_symtab.";
/// The version of extension tables.
const EXTENSION_VERSION: u8 = 1;
/// A smaller extension table has no entry.
const LEAST_EXTENSION: usize = 3;
/// The columns for a name where an extension table stands before it, in narrow mode.
const NAME_WIDTH: isize = 6;

const KINDS: &[&str] = &["DEF", "WEAKDEF", "UNDEF", "WEAKUNDEF", "COMMON"];
const VISIBILITIES: &[&str] = &["DEFAULT", "PROTECTED", "INTERNAL", "HIDDEN"];
const TYPES: &[&str] = &["UNKNOWN", "FUNCTION", "VARIABLE"];

/// Shows all tables.
pub fn display(out: &mut Output, options: &Options, object: &mut Object<'_>) -> bool {
    if !options.lto_syms {
        return true;
    }
    let mut good = true;
    for section in &object.sections {
        let name = object.section_name(section);
        if let Some(id) = name.strip_prefix(PREFIX) {
            good &= display_table(out, options, object, section, id);
        }
    }
    good
}

fn display_table(
    out: &mut Output,
    options: &Options,
    object: &Object<'_>,
    section: &SectionHeader,
    id: &[u8],
) -> bool {
    let name = text::section_name(object.section_name(section));
    if section.size == 0 {
        put_parts(out, &[b"\nLTO Symbol table '", &name, b"' is empty!\n"]);
        return true;
    }
    if section.size > object.file_size {
        out.error(format_args!(
            "Section {} has an invalid sh_size of {}",
            String::from_utf8_lossy(&name),
            Hex(section.size)
        ));
        return false;
    }
    let Some(data) = object.section_data(out, section, "LTO symbols") else { return false };
    let extension = extension_section(object, id).and_then(|section| {
        let data = read_extension(out, object, section)?;
        Some((text::section_name(object.section_name(section)), data))
    });
    match &extension {
        // Both names are that of the table, not of the extension: so GNU readelf prints it.
        Some(_) if options.wide => put_parts(
            out,
            &[b"\nLTO Symbol table '", &name, b"' and extension table '", &name, b"' contain:\n"],
        ),
        Some((other, _)) => put_parts(
            out,
            &[b"\nLTO Symbol table '", &name, b"'\n and extension table '", other, b"' contain:\n"],
        ),
        None => put_parts(out, &[b"\nLTO Symbol table '", &name, b"' contains:\n"]),
    }
    out.put(if extension.is_some() {
        b"  Comdat_Key       Kind  Visibility     Size      Slot      Type  Section Name\n"
    } else {
        b"  Comdat_Key       Kind  Visibility     Size      Slot Name\n"
    });
    let mut rows = Rows {
        extension: extension.map(|(_, data)| data),
        encoding: object.encoding(),
        style: Style::of(options),
    };
    if rows.display(out, data).is_none() {
        out.error(format_args!("Buffer overrun encountered whilst decoding LTO symbol table"));
        return false;
    }
    true
}

fn put_parts(out: &mut Output, parts: &[&[u8]]) {
    for part in parts {
        out.put(part);
    }
}

/// The section that extends the table with this `id`.
fn extension_section<'a>(object: &'a Object<'_>, id: &[u8]) -> Option<&'a SectionHeader> {
    object.sections.iter().find(|section| {
        object.section_name(section).strip_prefix(EXTENSION_PREFIX).is_some_and(|other| other == id)
    })
}

/// The entries of an extension table.
fn read_extension<'data>(
    out: &mut Output,
    object: &Object<'data>,
    section: &SectionHeader,
) -> Option<&'data [u8]> {
    let data = if section.size < LEAST_EXTENSION as u64 {
        None
    } else {
        Some(object.section_data(out, section, "LTO ext symbol data")?)
    };
    let Some((&version, entries)) = data.and_then(<[u8]>::split_first) else {
        let name = text::section_name(object.section_name(section));
        out.error(format_args!(
            "LTO Symbol extension table '{}' is empty!",
            String::from_utf8_lossy(&name)
        ));
        return None;
    };
    if version != EXTENSION_VERSION {
        out.error(format_args!("Unexpected version number in symbol extension table"));
    }
    Some(entries)
}

/// A symbol of the main table.
struct LtoSymbol<'data> {
    name: &'data [u8],
    comdat: &'data [u8],
    kind: u8,
    visibility: u8,
    size: u64,
    slot: u32,
}

impl<'data> LtoSymbol<'data> {
    /// The bytes behind the names.
    const FIXED_SIZE: usize = 14;

    /// Takes the symbol at the start of `data`.
    fn take(data: &mut &'data [u8], encoding: Encoding) -> Option<Self> {
        let name = take_string(data)?;
        let comdat = take_string(data)?;
        let (fixed, rest) = data.split_at_checked(Self::FIXED_SIZE)?;
        *data = rest;
        Some(Self {
            name,
            comdat,
            kind: *fixed.first()?,
            visibility: *fixed.get(1)?,
            size: encoding.u64(fixed, 2)?,
            slot: encoding.u32(fixed, 10)?,
        })
    }
}

fn take_string<'data>(data: &mut &'data [u8]) -> Option<&'data [u8]> {
    let end = data.iter().position(|&byte| byte == 0)?;
    let (text, rest) = data.split_at_checked(end)?;
    *data = rest.get(1..)?;
    Some(text)
}

struct Rows<'data> {
    /// What is left of the extension table, while there is one.
    extension: Option<&'data [u8]>,
    encoding: Encoding,
    style: Style,
}

impl Rows<'_> {
    /// Shows all symbols; `None` if a table does not end with a symbol.
    fn display(&mut self, out: &mut Output, mut data: &[u8]) -> Option<()> {
        while !data.is_empty() {
            let symbol = LtoSymbol::take(&mut data, self.encoding)?;
            self.display_symbol(out, &symbol);
            out.put(b"\n");
        }
        if self.extension.is_some_and(|extension| !extension.is_empty()) {
            out.error(format_args!("Data remains in the LTO symbol extension table"));
            return None;
        }
        Some(())
    }

    fn display_symbol(&mut self, out: &mut Output, symbol: &LtoSymbol<'_>) {
        let mut extra = None;
        if let Some(extension) = self.extension {
            let Some((&[kind, section], rest)) = extension.split_first_chunk() else {
                out.error(format_args!("Ran out of LTO symbol extension data"));
                self.extension = None;
                return;
            };
            self.extension = Some(rest);
            extra = Some((word(out, "type", TYPES, widened(kind)), section));
        }
        let visibility = word(out, "visibility", VISIBILITIES, symbol.visibility.into());
        let kind = word(out, "definition", KINDS, symbol.kind.into());
        let comdat = text::printable(symbol.comdat);
        let line = out.buf();
        line.extend_from_slice(b"  ");
        format::right(line, if comdat.is_empty() { b"-" } else { &comdat }, 10);
        line.push(b' ');
        format::right(line, kind.as_bytes(), 10);
        line.push(b' ');
        format::right(line, visibility.as_bytes(), 11);
        line.push(b' ');
        format::hex_padded(line, symbol.size, 8);
        line.extend_from_slice(b"  ");
        format::hex_padded(line, symbol.slot.into(), 8);
        let mut room = isize::MAX;
        if let Some((kind, section)) = extra {
            line.push(b' ');
            format::right(line, kind.as_bytes(), 9);
            line.push(b' ');
            format::hex_padded(line, widened(section).into(), 8);
            room = NAME_WIDTH;
        }
        line.extend_from_slice(b" _");
        self.style.push_fitted(line, symbol.name, room);
        out.relieve();
    }
}

/// A byte of the extension table as GNU readelf takes it: as C's `char`, which has a sign,
/// widened.
fn widened(byte: u8) -> u32 {
    i32::from(byte.cast_signed()).cast_unsigned()
}

/// The word for a number; one without a word is reported.
fn word(out: &mut Output, what: &str, words: &[&str], number: u32) -> String {
    if let Some(word) = words.get(number as usize) {
        return (*word).to_owned();
    }
    out.error(format_args!("Unknown LTO symbol {what} encountered: {number}"));
    format!("<unknown: {number}>")
}

#[cfg(test)]
mod tests {
    use super::*;
    use libelf::ident::Class;
    use libelf::raw::Endianness;

    const LE: Encoding = Encoding { class: Class::Elf64, endian: Endianness::Little };

    #[test]
    fn a_symbol_is_two_strings_and_fourteen_bytes() {
        let bytes = b"name\0key\0\x01\x02\x03\0\0\0\0\0\0\0\x04\0\0\0rest";
        let mut data = &bytes[..];
        let symbol = LtoSymbol::take(&mut data, LE).unwrap();
        assert_eq!((symbol.name, symbol.comdat), (&b"name"[..], &b"key"[..]));
        assert_eq!((symbol.kind, symbol.visibility, symbol.size, symbol.slot), (1, 2, 3, 4));
        assert_eq!(data, b"rest");
        assert!(LtoSymbol::take(&mut &bytes[..22], LE).is_none());
        assert!(LtoSymbol::take(&mut &b"name"[..], LE).is_none());
    }
}
