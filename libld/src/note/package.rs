//! `--package-metadata`: a note that tells the package an output belongs to, as JSON.
//!
//! "Package Metadata for Executable Files", a specification of systemd: the owner is `FDO`, the text
//! ends with a zero.

use libelf::Encoding;

/// `NT_FDO_PACKAGING_METADATA`
const PACKAGING_METADATA: u32 = 0xcafe_1a7e;
const OWNER: &[u8; 4] = b"FDO\0";

/// The note; empty if there is no text.
pub fn note(text: Option<&[u8]>, encoding: Encoding) -> Vec<u8> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Vec::new() };
    let size = text.len().saturating_add(1).next_multiple_of(4);
    let word = |value: u32| {
        if encoding.is_big_endian() { value.to_be_bytes() } else { value.to_le_bytes() }
    };
    let mut note = Vec::with_capacity(size.saturating_add(16));
    note.extend(word(OWNER.len() as u32));
    note.extend(word(size as u32));
    note.extend(word(PACKAGING_METADATA));
    note.extend(OWNER);
    note.extend(text);
    note.resize(size.saturating_add(16), 0);
    note
}

#[cfg(test)]
mod tests {
    use libelf::Class;
    use libelf::raw::Endianness;

    use super::*;

    #[test]
    fn the_text_ends_with_a_zero() {
        let encoding = Encoding { class: Class::Elf64, endian: Endianness::Little };
        assert!(note(None, encoding).is_empty() && note(Some(b""), encoding).is_empty());
        let bytes = note(Some(b"{}"), encoding);
        assert_eq!(bytes, b"\x04\0\0\0\x04\0\0\0\x7e\x1a\xfe\xcaFDO\0{}\0\0");
    }
}
