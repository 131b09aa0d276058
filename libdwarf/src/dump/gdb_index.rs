//! `.gdb_index`: GDB's index of names and addresses. GDB's manual, appendix "Index Section Format".
//! Its numbers are little-endian in all files.

use libelf::ident::{Class, Encoding};
use libelf::raw::Endianness;

use super::number::{Hex, push_decimal, push_hex_padded};
use super::pubnames::kind_name;
use super::{Cursor, Dump, FLUSH_AT, Loaded, Relief, Text};
use crate::put;

/// The version, and the offsets of five tables.
const HEADER_SIZE: usize = 24;
/// The sizes of entries of the tables of units, types, addresses and symbols.
const UNIT_SIZE: usize = 16;
const TYPE_SIZE: usize = 24;
const ADDRESS_SIZE: usize = 20;
const SYMBOL_SIZE: usize = 8;
const VERSIONS: std::ops::RangeInclusive<u32> = 3..=8;

/// What a symbol's number of a unit has above the number.
mod attribute {
    pub const UNIT: u32 = (1 << 24) - 1;
    pub const KIND_SHIFT: u32 = 28;
    pub const KIND: u32 = 7;
    pub const IS_STATIC: u32 = 1 << 31;
}

/// The tables.
struct Tables<'a> {
    units: &'a [u8],
    types: &'a [u8],
    addresses: &'a [u8],
    symbols: &'a [u8],
    constants: &'a [u8],
}

impl<'a> Tables<'a> {
    /// The tables at these offsets; `None`, if they are not one behind another.
    fn read(section: &'a [u8], cursor: &mut Cursor<'_>) -> Option<Self> {
        let mut offset = || cursor.u32() as usize;
        let (units, types, addresses, symbols, constants) =
            (offset(), offset(), offset(), offset(), offset());
        Some(Self {
            units: section.get(units..types)?,
            types: section.get(types..addresses)?,
            addresses: section.get(addresses..symbols)?,
            symbols: section.get(symbols..constants)?,
            constants: section.get(constants..)?,
        })
    }
}

/// Where the index's numbers are read.
fn cursor_over(data: &[u8]) -> Cursor<'_> {
    Cursor::new(data, Encoding { class: Class::Elf64, endian: Endianness::Little })
}

impl<'data> Dump<'_, 'data> {
    /// Shows GDB's index. Returns whether all went well.
    pub(super) fn display_gdb_index(&mut self, section: &Loaded<'data>) -> bool {
        self.heading(section);
        let name = String::from_utf8_lossy(&section.name);
        let data: &[u8] = &section.data;
        let text = &mut self.text;
        if data.len() < HEADER_SIZE {
            text.warn(format_args!("Truncated header in the {name} section."));
            return false;
        }
        let mut cursor = cursor_over(data);
        let version = cursor.u32();
        put!(text, "Version {version}\n");
        if !VERSIONS.contains(&version) {
            text.warn(format_args!("Unsupported version {version}."));
            return false;
        }
        warn_version(text, version);
        let Some(tables) = Tables::read(data, &mut cursor) else {
            text.warn(format_args!("Corrupt header in the {name} section."));
            return false;
        };
        let Self { text, host, .. } = self;
        let relief: Relief<'_> = &mut |text| {
            if text.buf.len() >= FLUSH_AT {
                host.print(text);
            }
        };
        show_units(text, &tables, relief);
        show_addresses(text, &tables, relief);
        show_symbols(text, &tables, relief);
        true
    }
}

/// Says what indexes of old lack.
fn warn_version(text: &mut Text, version: u32) {
    if version < 4 {
        text.warn(format_args!("The address table data in version 3 may be wrong."));
    }
    if version < 5 {
        text.warn(format_args!("Version 4 does not support case insensitive lookups."));
    }
    if version < 6 {
        text.warn(format_args!("Version 5 does not include inlined functions."));
    }
    if version < 7 {
        text.warn(format_args!("Version 6 does not include symbol attributes."));
    }
}

fn show_units(text: &mut Text, tables: &Tables<'_>, relief: Relief<'_>) {
    text.put(b"\nCU table:\n");
    for (index, entry) in tables.units.chunks_exact(UNIT_SIZE).enumerate() {
        let mut cursor = cursor_over(entry);
        let (offset, length) = (cursor.u64(), cursor.u64());
        let last = offset.wrapping_add(length).wrapping_sub(1);
        put!(text, "[{index:3}] {} - {}\n", Hex(offset), Hex(last));
        relief(text);
    }
    text.put(b"\nTU table:\n");
    for (index, entry) in tables.types.chunks_exact(TYPE_SIZE).enumerate() {
        let mut cursor = cursor_over(entry);
        let (offset, place, signature) = (cursor.u64(), cursor.u64(), cursor.u64());
        put!(text, "[{index:3}] {} {} {signature:016x}\n", Hex(offset), Hex(place));
        relief(text);
    }
}

fn show_addresses(text: &mut Text, tables: &Tables<'_>, relief: Relief<'_>) {
    text.put(b"\nAddress table:\n");
    for entry in tables.addresses.chunks_exact(ADDRESS_SIZE) {
        let mut cursor = cursor_over(entry);
        for _ in 0..2 {
            push_hex_padded(&mut text.buf, cursor.u64(), 16);
            text.put(b" ");
        }
        push_decimal(&mut text.buf, cursor.u32().into());
        text.put(b"\n");
        relief(text);
    }
}

fn show_symbols(text: &mut Text, tables: &Tables<'_>, relief: Relief<'_>) {
    text.put(b"\nSymbol table:\n");
    for (slot, entry) in tables.symbols.chunks_exact(SYMBOL_SIZE).enumerate() {
        let mut cursor = cursor_over(entry);
        let (name, units) = (cursor.u32(), cursor.u32());
        if name != 0 || units != 0 {
            put!(text, "[{slot:3}] ");
            show_symbol_name(text, tables, slot, name);
            show_symbol_units(text, tables, slot, units, relief);
            relief(text);
        }
    }
}

fn show_symbol_name(text: &mut Text, tables: &Tables<'_>, slot: usize, offset: u32) {
    let Some(rest) = tables.constants.get(offset as usize..).filter(|rest| !rest.is_empty()) else {
        put!(text, "<corrupt offset: {offset:x}>");
        text.warn(format_args!(
            "Corrupt name offset of {offset:#x} found for symbol table slot {slot}"
        ));
        return;
    };
    text.put_name(cursor_over(rest).string());
    text.put(b":");
}

/// The units that a symbol is of.
fn show_symbol_units(
    text: &mut Text,
    tables: &Tables<'_>,
    slot: usize,
    offset: u32,
    relief: Relief<'_>,
) {
    let vector = tables.constants.get(offset as usize..).filter(|rest| rest.len() >= 4);
    let Some(mut cursor) = vector.map(cursor_over) else {
        put!(text, "<invalid CU vector offset: {offset:x}>\n");
        text.warn(format_args!(
            "Corrupt CU vector offset of {offset:#x} found for symbol table slot {slot}"
        ));
        return;
    };
    let count = cursor.u32();
    if (count as usize).checked_mul(4).is_none_or(|size| size > cursor.remaining()) {
        put!(text, "<invalid number of CUs: {}>\n", count.cast_signed());
        text.warn(format_args!("Invalid number of CUs ({count:#x}) for symbol table slot {slot}"));
        return;
    }
    if count > 1 {
        text.put(b"\n");
    }
    let unit_count = (tables.units.len() / UNIT_SIZE) as u32;
    for _ in 0..count {
        let word = cursor.u32();
        text.put(if count > 1 { b"\t" } else { b" " });
        let unit = word & attribute::UNIT;
        match unit.checked_sub(unit_count) {
            None => push_decimal(&mut text.buf, unit.into()),
            Some(index) => {
                text.put(b"T");
                push_decimal(&mut text.buf, index.into());
            }
        }
        let is_static = word & attribute::IS_STATIC != 0;
        text.put(if is_static { b" [static, " } else { b" [global, " });
        text.put(kind_name((word >> attribute::KIND_SHIFT & attribute::KIND) as u8).as_bytes());
        text.put(b"]");
        if count > 1 {
            text.put(b"\n");
        }
        relief(text);
    }
    if count <= 1 {
        text.put(b"\n");
    }
}
