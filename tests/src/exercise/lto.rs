//! Symbols of LTO objects: any bytes as bitcode, in a wrapper or not, and as GCC's object.

use std::hint::black_box;

use libsymtab::lto::{self, bitcode};

use super::ENTRIES;

/// Reads bytes as each form of object.
pub fn exercise(data: &[u8]) {
    if let Some(Ok(symbols)) = lto::symbols(data) {
        black_box(symbols.take(ENTRIES).count());
    }
}

/// Reads bytes as what follows the magic bytes of bitcode.
pub fn stream(data: &[u8]) {
    let bytes = [b"BC\xc0\xde", data].concat();
    if let Ok(symbols) = bitcode::symbols(&bytes) {
        black_box(symbols.take(ENTRIES).count());
    }
}
