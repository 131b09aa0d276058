//! Inputs that are not linked as they are: each becomes an object that says the same.
//!
//! - Bytes without a header (`-b binary`) become a section `.data`, with symbols for its start, its
//!   end and its size that are called after the file.
//! - A file of which only the symbols count (`-R`) becomes an object with those as numbers.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use libelf::raw::{
    ELFCLASS32, ELFCLASS64, ELFDATA2LSB, ELFDATA2MSB, ELFMAG, ET_REL, EV_CURRENT, SHF_ALLOC,
    SHF_WRITE, SHN_ABS, SHN_COMMON, SHN_LORESERVE, SHN_UNDEF, SHN_XINDEX, SHT_PROGBITS, SHT_STRTAB,
    SHT_SYMTAB, STB_GLOBAL, STB_LOCAL, STT_NOTYPE, STT_TLS, STV_DEFAULT,
};
use libelf::{Encoding, File};

use crate::arch::Identity;
use crate::encode::{SymbolEntry, put_u16, put_u32, put_word};
use crate::write::headers::HeaderSizes;

/// The index of `.data` in an object of bytes.
const DATA: u16 = 1;

/// The object that stands for a file's bytes.
pub fn binary(path: &Path, bytes: &[u8], identity: &Identity) -> Vec<u8> {
    let stem: Vec<u8> = path
        .as_os_str()
        .as_bytes()
        .iter()
        .map(|&byte| if byte.is_ascii_alphanumeric() { byte } else { b'_' })
        .collect();
    let symbol = |ending: &str, value: u64, section: u16| {
        let entry = SymbolEntry {
            value,
            size: 0,
            section,
            bind: STB_GLOBAL,
            kind: STT_NOTYPE,
            visibility: STV_DEFAULT,
        };
        ([b"_binary_", stem.as_slice(), ending.as_bytes()].concat(), entry)
    };
    let size = bytes.len() as u64;
    let symbols =
        [symbol("_start", 0, DATA), symbol("_end", size, DATA), symbol("_size", size, SHN_ABS.0)];
    object(Some(bytes), &symbols, identity)
}

/// The object that stands for the global symbols of a file.
///
/// # Errors
/// If the tables of the file cannot be read.
pub fn symbols(file: &File<'_>, identity: &Identity) -> libelf::Result<Vec<u8>> {
    let sections = file.section_headers()?;
    let mut symbols = Vec::new();
    let table = (0_u32..).zip(sections.iter()).find(|(_, header)| header.kind == SHT_SYMTAB);
    if let Some((index, _)) = table {
        let table = file.symbol_table(index)?;
        for symbol in table.iter() {
            let is_defined = symbol.shndx != SHN_UNDEF && symbol.shndx != SHN_COMMON;
            if symbol.binding() == STB_LOCAL || !is_defined || symbol.kind() == STT_TLS {
                continue;
            }
            let is_in_section = symbol.shndx.0 < SHN_LORESERVE || symbol.shndx == SHN_XINDEX;
            let is_relative = is_in_section && file.header().kind == ET_REL;
            let section = sections.get(symbol.shndx.0.into()).filter(|_| is_relative);
            let base = section.map_or(0, |section| section.addr);
            let entry = SymbolEntry {
                value: symbol.value.wrapping_add(base),
                size: symbol.size,
                section: SHN_ABS.0,
                bind: symbol.binding(),
                kind: symbol.kind(),
                visibility: symbol.visibility(),
            };
            symbols.push((table.name(&symbol)?.to_vec(), entry));
        }
    }
    Ok(object(None, &symbols, identity))
}

/// Name, type, flags, offset, size, link, info, align, entsize.
type Header = (u32, u32, u64, u64, u64, u32, u32, u64, u64);

/// An object with a section `.data`, if it has contents, and global symbols.
fn object(data: Option<&[u8]>, symbols: &[(Vec<u8>, SymbolEntry)], identity: &Identity) -> Vec<u8> {
    let encoding = identity.encoding;
    let sizes = HeaderSizes::of(encoding);
    let entry_size = if encoding.is_64() { 24 } else { 16 };
    let mut names = vec![0];
    let mut table = vec![0; entry_size];
    for (name, entry) in symbols {
        entry.write(&mut table, names.len() as u32, encoding);
        names.extend_from_slice(name);
        names.push(0);
    }
    let section_names: &[u8] = b"\0.data\0.symtab\0.strtab\0";
    let (data_name, table_name, names_name) = (1_u32, 7_u32, 15_u32);

    let contents = data.unwrap_or_default();
    let mut image = vec![0; sizes.file];
    image.extend_from_slice(contents);
    image.resize(image.len().next_multiple_of(encoding.word_size()), 0);
    let table_at = image.len() as u64;
    image.extend_from_slice(&table);
    let names_at = image.len() as u64;
    image.extend_from_slice(&names);
    let section_names_at = image.len() as u64;
    image.extend_from_slice(section_names);
    image.resize(image.len().next_multiple_of(encoding.word_size()), 0);
    let headers_at = image.len() as u64;

    let mut headers: Vec<Header> = vec![(0, 0, 0, 0, 0, 0, 0, 0, 0)];
    if data.is_some() {
        let flags = SHF_ALLOC.0 | SHF_WRITE.0;
        let (at, size) = (sizes.file as u64, contents.len() as u64);
        headers.push((data_name, SHT_PROGBITS.0, flags, at, size, 0, 0, 1, 0));
    }
    let strings = headers.len() as u32 + 1;
    let word = encoding.word_size() as u64;
    let (size, entry) = (table.len() as u64, entry_size as u64);
    headers.push((table_name, SHT_SYMTAB.0, 0, table_at, size, strings, 1, word, entry));
    let size = names.len() as u64;
    headers.push((names_name, SHT_STRTAB.0, 0, names_at, size, 0, 0, 1, 0));
    let size = section_names.len() as u64;
    headers.push((names_name, SHT_STRTAB.0, 0, section_names_at, size, 0, 0, 1, 0));
    let count = headers.len() as u16;
    for (name, kind, flags, at, size, link, info, align, entsize) in headers {
        put_u32(&mut image, name, encoding);
        put_u32(&mut image, kind, encoding);
        for value in [flags, 0, at, size] {
            put_word(&mut image, value, encoding);
        }
        put_u32(&mut image, link, encoding);
        put_u32(&mut image, info, encoding);
        put_word(&mut image, align, encoding);
        put_word(&mut image, entsize, encoding);
    }
    crate::write::bytes::put(&mut image, 0, &file_header(identity, headers_at, count));
    image
}

fn file_header(identity: &Identity, headers_at: u64, count: u16) -> Vec<u8> {
    let encoding: Encoding = identity.encoding;
    let sizes = HeaderSizes::of(encoding);
    let class = if encoding.is_64() { ELFCLASS64 } else { ELFCLASS32 };
    let data = if encoding.is_big_endian() { ELFDATA2MSB } else { ELFDATA2LSB };
    let mut bytes = ELFMAG.to_vec();
    bytes.extend_from_slice(&[class.0, data.0, EV_CURRENT.0]);
    bytes.resize(16, 0);
    put_u16(&mut bytes, ET_REL.0, encoding);
    put_u16(&mut bytes, identity.machine.0, encoding);
    put_u32(&mut bytes, EV_CURRENT.0.into(), encoding);
    for value in [0, 0, headers_at] {
        put_word(&mut bytes, value, encoding);
    }
    put_u32(&mut bytes, 0, encoding);
    for value in [sizes.file as u16, 0, 0, sizes.section as u16, count, count - 1] {
        put_u16(&mut bytes, value, encoding);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arch::{Arch, i386, x86_64};

    #[test]
    fn bytes_become_a_section_with_symbols() {
        for identity in [x86_64::LP64.identity(), i386::I386.identity()] {
            let image = binary(Path::new("a/b-c.x"), b"hello", identity);
            let file = File::parse(&image).unwrap();
            let sections = file.section_headers().unwrap();
            let data = sections.get(1).unwrap();
            assert_eq!(file.section_data(&data).unwrap(), b"hello");
            let table = file.symbol_table(2).unwrap();
            let of = |index| {
                let symbol = table.symbols.get(index).unwrap();
                (table.name(&symbol).unwrap(), symbol.value, symbol.shndx.0)
            };
            assert_eq!(of(1), (&b"_binary_a_b_c_x_start"[..], 0, 1));
            assert_eq!(of(2), (&b"_binary_a_b_c_x_end"[..], 5, 1));
            assert_eq!(of(3), (&b"_binary_a_b_c_x_size"[..], 5, SHN_ABS.0));
            // Its symbols alone.
            let image = symbols(&file, identity).unwrap();
            let file = File::parse(&image).unwrap();
            let table = file.symbol_table(1).unwrap();
            assert_eq!(table.symbols.len(), 4);
            let end = table.symbols.get(2).unwrap();
            assert_eq!((end.value, end.shndx), (5, SHN_ABS));
        }
    }
}
