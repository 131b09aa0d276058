//! Numbers and entries of tables as the output encodes them.

use libelf::Encoding;
use libelf::raw::{SymbolBind, SymbolType, SymbolVisibility};

/// Appends a number in the byte order of the output.
pub fn put_u32(table: &mut Vec<u8>, value: u32, encoding: Encoding) {
    let bytes = if encoding.is_big_endian() { value.to_be_bytes() } else { value.to_le_bytes() };
    table.extend_from_slice(&bytes);
}

/// As [`put_u32`], of 64 bits.
pub fn put_u64(table: &mut Vec<u8>, value: u64, encoding: Encoding) {
    let bytes = if encoding.is_big_endian() { value.to_be_bytes() } else { value.to_le_bytes() };
    table.extend_from_slice(&bytes);
}

/// As [`put_u32`], of 16 bits.
pub fn put_u16(table: &mut Vec<u8>, value: u16, encoding: Encoding) {
    let bytes = if encoding.is_big_endian() { value.to_be_bytes() } else { value.to_le_bytes() };
    table.extend_from_slice(&bytes);
}

/// Appends an address or offset as wide as the class has them.
pub fn put_word(table: &mut Vec<u8>, value: u64, encoding: Encoding) {
    if encoding.is_64() {
        put_u64(table, value, encoding);
    } else {
        put_u32(table, value as u32, encoding);
    }
}

/// An entry of a symbol table but for its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SymbolEntry {
    /// `st_value`
    pub value: u64,
    /// `st_size`
    pub size: u64,
    /// `st_shndx`
    pub section: u16,
    /// The binding.
    pub bind: SymbolBind,
    /// The type.
    pub kind: SymbolType,
    /// The visibility.
    pub visibility: SymbolVisibility,
}

impl SymbolEntry {
    /// Appends the entry. gABI, chapter 4, "Symbol Table".
    pub fn write(&self, table: &mut Vec<u8>, name: u32, encoding: Encoding) {
        let info = self.bind.0 << 4 | self.kind.0 & 0xf;
        put_u32(table, name, encoding);
        if encoding.is_64() {
            table.extend_from_slice(&[info, self.visibility.0]);
            put_u16(table, self.section, encoding);
            put_word(table, self.value, encoding);
            put_word(table, self.size, encoding);
        } else {
            put_word(table, self.value, encoding);
            put_word(table, self.size, encoding);
            table.extend_from_slice(&[info, self.visibility.0]);
            put_u16(table, self.section, encoding);
        }
    }
}
