//! Class and byte order: what the identification bytes of a file settle once for all of it.
//!
//! System V ABI (gABI), chapter 4, "ELF Identification".

use object::endian::{Endian, Endianness};

/// The width of addresses and offsets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// `ELFCLASS32`
    Elf32,
    /// `ELFCLASS64`
    Elf64,
}

/// How the structures of a file are encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Encoding {
    /// The width of addresses and offsets.
    pub class: Class,
    /// The byte order of integers.
    pub endian: Endianness,
}

impl Encoding {
    /// Whether addresses have 64 bits.
    pub const fn is_64(self) -> bool {
        matches!(self.class, Class::Elf64)
    }

    /// Whether integers are stored with their highest byte first.
    pub const fn is_big_endian(self) -> bool {
        matches!(self.endian, Endianness::Big)
    }

    /// The bytes of an address or offset: 4 or 8.
    pub const fn word_size(self) -> usize {
        if self.is_64() { 8 } else { 4 }
    }

    /// The integer that starts `at` bytes into `bytes`, or `None` if it does not lie within.
    #[inline]
    pub fn u16(self, bytes: &[u8], at: usize) -> Option<u16> {
        let field = bytes.get(at..at.checked_add(2)?)?;
        Some(self.endian.read_u16(field.try_into().ok()?))
    }

    /// As [`Self::u16`], of 32 bits.
    #[inline]
    pub fn u32(self, bytes: &[u8], at: usize) -> Option<u32> {
        let field = bytes.get(at..at.checked_add(4)?)?;
        Some(self.endian.read_u32(field.try_into().ok()?))
    }

    /// As [`Self::u16`], of 64 bits.
    #[inline]
    pub fn u64(self, bytes: &[u8], at: usize) -> Option<u64> {
        let field = bytes.get(at..at.checked_add(8)?)?;
        Some(self.endian.read_u64(field.try_into().ok()?))
    }

    /// An address or offset of the class's width, widened.
    #[inline]
    pub fn word(self, bytes: &[u8], at: usize) -> Option<u64> {
        if self.is_64() { self.u64(bytes, at) } else { self.u32(bytes, at).map(u64::from) }
    }

    /// An unsigned integer of `size` bytes (1 to 8), widened.
    pub fn uint(self, bytes: &[u8], at: usize, size: usize) -> Option<u64> {
        let field = bytes.get(at..at.checked_add(size)?)?;
        if size == 0 || size > 8 {
            return None;
        }
        let fold = |value: u64, &byte: &u8| value << 8 | u64::from(byte);
        Some(if self.is_big_endian() {
            field.iter().fold(0, fold)
        } else {
            field.iter().rev().fold(0, fold)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_follow_the_byte_order() {
        let bytes = [1, 2, 3, 4, 5, 6, 7, 8];
        let big = Encoding { class: Class::Elf64, endian: Endianness::Big };
        let little = Encoding { class: Class::Elf32, endian: Endianness::Little };
        assert_eq!(big.u16(&bytes, 0), Some(0x0102));
        assert_eq!(little.u16(&bytes, 6), Some(0x0807));
        assert_eq!(little.u16(&bytes, 7), None);
        assert_eq!(little.u32(&bytes, usize::MAX), None);
        assert_eq!(big.word(&bytes, 0), Some(0x0102_0304_0506_0708));
        assert_eq!(little.word(&bytes, 4), Some(0x0807_0605));
        assert_eq!(big.uint(&bytes, 1, 3), Some(0x02_0304));
        assert_eq!(little.uint(&bytes, 1, 3), Some(0x04_0302));
        assert_eq!(little.uint(&bytes, 1, 0), None);
    }
}
