//! Sections that are lists of equal integers or of strings.
//!
//! | section | list of |
//! |---|---|
//! | `SHT_INIT_ARRAY`, `SHT_FINI_ARRAY`, `SHT_PREINIT_ARRAY` | addresses, as wide as the class's word |
//! | `SHT_GNU_versym` | 16-bit version indexes |
//! | `.interp`, `.comment`, `SHF_STRINGS`, `SHT_LLVM_DEPENDENT_LIBRARIES` | strings, each closed by a zero byte |

use std::borrow::Cow;

use super::writer::{Result, UnfitFault, Writer};
use crate::ident::Encoding;
use crate::table::Table;

/// Reads words of the class's width. `None` if the section is no whole number of them.
pub fn decode_words(bytes: &[u8], encoding: Encoding) -> Option<Vec<u64>> {
    if !bytes.len().is_multiple_of(encoding.word_size()) {
        return None;
    }
    Some(if encoding.is_64() {
        Table::<u64>::new(bytes, encoding).iter().collect()
    } else {
        Table::<u32>::new(bytes, encoding).iter().map(u64::from).collect()
    })
}

/// The bytes of words of the class's width.
///
/// # Errors
/// A value that does not fit.
pub fn encode_words(words: &[u64], encoding: Encoding) -> Result<Vec<u8>> {
    let size = words.len().saturating_mul(encoding.word_size());
    let mut writer = Writer::with_capacity(encoding, "word", size);
    for (index, &word) in words.iter().enumerate() {
        writer.entry(index);
        writer.word("value", word)?;
    }
    Ok(writer.finish())
}

/// Reads 16-bit integers. `None` if the section is no whole number of them.
pub fn decode_halves(bytes: &[u8], encoding: Encoding) -> Option<Vec<u16>> {
    bytes.len().is_multiple_of(2).then(|| Table::<u16>::new(bytes, encoding).iter().collect())
}

/// The bytes of 16-bit integers.
pub fn encode_halves(halves: &[u16], encoding: Encoding) -> Vec<u8> {
    let mut writer = Writer::with_capacity(encoding, "entry", 2 * halves.len());
    for &half in halves {
        writer.u16(half);
    }
    writer.finish()
}

/// Reads strings. `None` if the last one is not closed.
pub fn decode_texts(bytes: &[u8]) -> Option<Vec<Cow<'_, [u8]>>> {
    let mut texts = Vec::with_capacity(memchr::memchr_iter(0, bytes).count());
    let mut start = 0;
    for end in memchr::memchr_iter(0, bytes) {
        texts.push(Cow::Borrowed(bytes.get(start..end)?));
        start = end + 1;
    }
    (start == bytes.len()).then_some(texts)
}

/// The bytes of strings, each with its closing zero byte.
///
/// # Errors
/// A string with a zero byte in it.
pub fn encode_texts(texts: &[Cow<'_, [u8]>], encoding: Encoding) -> Result<Vec<u8>> {
    let size = texts.iter().fold(0_usize, |size, text| size.saturating_add(text.len() + 1));
    let mut writer = Writer::with_capacity(encoding, "string", size);
    for (index, text) in texts.iter().enumerate() {
        if memchr::memchr(0, text).is_some() {
            writer.entry(index);
            return Err(writer.fault(UnfitFault::Other("a zero byte is inside")));
        }
        writer.text(text);
    }
    Ok(writer.finish())
}

#[cfg(test)]
mod tests {
    use object::endian::Endianness;
    use proptest::prelude::*;

    use super::*;
    use crate::ident::Class;

    const LE64: Encoding = Encoding { class: Class::Elf64, endian: Endianness::Little };
    const BE32: Encoding = Encoding { class: Class::Elf32, endian: Endianness::Big };

    #[test]
    fn words_are_as_wide_as_the_class() {
        assert_eq!(encode_words(&[1], BE32).unwrap(), [0, 0, 0, 1]);
        assert_eq!(encode_words(&[1], LE64).unwrap(), [1, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(encode_words(&[0, 1 << 32], BE32).unwrap_err().entry, 1);
        assert_eq!(encode_halves(&[0x8001], BE32), [0x80, 1]);
    }

    #[test]
    fn strings_must_be_closed() {
        assert_eq!(decode_texts(b"a\0\0bc\0").unwrap(), [&b"a"[..], b"", b"bc"]);
        assert_eq!(decode_texts(b"a\0b"), None);
        assert!(encode_texts(&[Cow::Borrowed(b"a\0b")], LE64).is_err());
    }

    proptest! {
        #[test]
        fn lists_come_back(bytes in prop::collection::vec(prop_oneof![Just(0_u8), any::<u8>()], 0..40)) {
            for encoding in [LE64, BE32] {
                if let Some(words) = decode_words(&bytes, encoding) {
                    prop_assert_eq!(encode_words(&words, encoding).unwrap(), &bytes[..]);
                }
                if let Some(halves) = decode_halves(&bytes, encoding) {
                    prop_assert_eq!(encode_halves(&halves, encoding), &bytes[..]);
                }
            }
            if let Some(texts) = decode_texts(&bytes) {
                prop_assert_eq!(encode_texts(&texts, LE64).unwrap(), bytes);
            }
        }
    }
}
