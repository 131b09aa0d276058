//! Integers on their way into a section, each checked to fit its field.

use object::endian::Endian;

use crate::edit::Field;
use crate::ident::Encoding;

/// A result of encoding contents.
pub type Result<T> = std::result::Result<T, Unfit>;

/// What cannot be stored as it is asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{structure} {entry}: {fault}")]
pub struct Unfit {
    /// What entries of the section are.
    pub structure: &'static str,
    /// The index of the entry.
    pub entry: u64,
    /// What is wrong.
    pub fault: UnfitFault,
}

/// Why an entry cannot be stored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnfitFault {
    /// A value that its field has no room for.
    #[error("{field} is {value:#x}, and has {bits} bits")]
    TooWide {
        /// The field's name.
        field: &'static str,
        /// The value.
        value: u64,
        /// The width of the field in bits.
        bits: u32,
    },
    /// Anything else, in words.
    #[error("{0}")]
    Other(&'static str),
}

/// The bytes of a section as far as they are written.
///
/// Every error names the structure, which one of them, and the field.
#[derive(Debug)]
pub struct Writer {
    bytes: Vec<u8>,
    encoding: Encoding,
    structure: &'static str,
    entry: u64,
}

impl Writer {
    /// No bytes yet; `structure` is what errors call an entry.
    pub fn new(encoding: Encoding, structure: &'static str) -> Self {
        Self { bytes: Vec::new(), encoding, structure, entry: 0 }
    }

    /// As [`Self::new`], with room for `size` bytes.
    pub fn with_capacity(encoding: Encoding, structure: &'static str, size: usize) -> Self {
        Self { bytes: Vec::with_capacity(size), ..Self::new(encoding, structure) }
    }

    /// What is written.
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }

    /// How many bytes are written.
    pub fn length(&self) -> usize {
        self.bytes.len()
    }

    /// How integers are stored.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// What follows is entry number `index`, for errors.
    pub fn entry(&mut self, index: usize) {
        self.entry = index as u64;
    }

    /// As [`Self::entry`], of another structure.
    pub fn entry_of(&mut self, structure: &'static str, index: usize) {
        self.structure = structure;
        self.entry = index as u64;
    }

    /// The error of a field whose value is wider than its `size` bytes.
    pub fn too_wide(&self, field: &'static str, value: u64, size: usize) -> Unfit {
        self.fault(UnfitFault::TooWide { field, value, bits: 8 * size as u32 })
    }

    /// The error of the current entry.
    pub fn fault(&self, fault: UnfitFault) -> Unfit {
        Unfit { structure: self.structure, entry: self.entry, fault }
    }

    /// One byte.
    #[inline]
    pub fn u8(&mut self, value: u8) {
        self.bytes.push(value);
    }

    /// A 16-bit integer in the byte order of the file.
    #[inline]
    pub fn u16(&mut self, value: u16) {
        self.bytes.extend(self.encoding.endian.write_u16(value));
    }

    /// A 32-bit integer in the byte order of the file.
    #[inline]
    pub fn u32(&mut self, value: u32) {
        self.bytes.extend(self.encoding.endian.write_u32(value));
    }

    /// A 64-bit integer in the byte order of the file.
    #[inline]
    pub fn u64(&mut self, value: u64) {
        self.bytes.extend(self.encoding.endian.write_u64(value));
    }

    /// Bytes as they are.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Zero bytes.
    pub fn zeros(&mut self, count: usize) {
        self.bytes.resize(self.bytes.len().saturating_add(count), 0);
    }

    /// Zero bytes up to a multiple of `align` from the start; none for 0.
    pub fn align(&mut self, align: usize) {
        if let Some(end) = self.bytes.len().checked_next_multiple_of(align) {
            self.bytes.resize(end, 0);
        }
    }

    /// A string and its closing zero byte.
    pub fn text(&mut self, text: &[u8]) {
        self.bytes(text);
        self.u8(0);
    }

    /// The lowest `size` bytes of an integer, 1 to 8, whatever is above them.
    pub fn cut(&mut self, value: u64, size: usize) {
        let size = size.min(8);
        if self.encoding.is_big_endian() {
            self.bytes.extend(value.to_be_bytes().iter().skip(8 - size));
        } else {
            self.bytes.extend(value.to_le_bytes().iter().take(size));
        }
    }

    /// An integer of `size` bytes, 1 to 8.
    ///
    /// # Errors
    /// [`UnfitFault::TooWide`]
    pub fn uint(&mut self, field: &'static str, value: u64, size: usize) -> Result<()> {
        if size < 8 && value >> (8 * size) != 0 {
            return Err(self.too_wide(field, value, size));
        }
        self.cut(value, size);
        Ok(())
    }

    /// An integer of the class's width.
    ///
    /// # Errors
    /// [`UnfitFault::TooWide`]
    pub fn word(&mut self, field: &'static str, value: u64) -> Result<()> {
        self.uint(field, value, self.encoding.word_size())
    }

    /// A field of `size` bytes: `auto` if it has no value of its own, cut if it is raw.
    ///
    /// # Errors
    /// [`UnfitFault::TooWide`]
    pub fn field<T: Copy + Into<u64>>(
        &mut self,
        name: &'static str,
        value: Field<T>,
        auto: u64,
        size: usize,
    ) -> Result<()> {
        if let Field::Raw(value) = value {
            self.cut(value, size);
            return Ok(());
        }
        self.uint(name, value.or(auto), size)
    }

    /// A number in the shortest LEB128.
    pub fn uleb128(&mut self, value: u64) {
        crate::leb128::write_unsigned(&mut self.bytes, value);
    }

    /// A signed number in the shortest LEB128.
    pub fn sleb128(&mut self, value: i64) {
        crate::leb128::write_signed(&mut self.bytes, value);
    }

    /// The lowest bits of an integer, as many as the class's width has.
    #[inline]
    pub fn cut_word(&mut self, value: u64) {
        if self.encoding.is_64() { self.u64(value) } else { self.u32(value as u32) }
    }

    /// Writes `value` over the 32-bit integer at `at`, if it is there.
    pub fn patch_u32(&mut self, at: usize, value: u32) {
        let value = self.encoding.endian.write_u32(value);
        if let Some(place) = self.bytes.get_mut(at..at.saturating_add(4)) {
            place.copy_from_slice(&value);
        }
    }
}

#[cfg(test)]
mod tests {
    use object::endian::Endianness;

    use super::*;
    use crate::ident::Class;

    #[test]
    fn values_are_checked_unless_raw() {
        let encoding = Encoding { class: Class::Elf32, endian: Endianness::Big };
        let mut writer = Writer::new(encoding, "thing");
        writer.word("w", 0x0102_0304).unwrap();
        writer.uint("three", 0x00ab_cdef, 3).unwrap();
        writer.field::<u64>("raw", Field::Raw(0x1_2233), 0, 2).unwrap();
        writer.field::<u64>("auto", Field::Auto, 7, 1).unwrap();
        writer.entry(5);
        let error = writer.word("w", 1 << 32).unwrap_err();
        let text = error.to_string();
        assert!(text.contains("thing 5") && text.contains('w'), "{text}");
        assert_eq!(writer.finish(), [1, 2, 3, 4, 0xab, 0xcd, 0xef, 0x22, 0x33, 7]);
    }
}
