//! Tables of equal records: section headers, symbols, relocations, dynamic entries, words.

use std::marker::PhantomData;

use crate::ident::{Class, Encoding};

/// A structure that is stored in tables and read into a class-neutral value.
pub trait Record: Sized {
    /// The bytes of one record as the standard lays it out.
    fn size(class: Class) -> usize;

    /// Reads the record at the start of `bytes`; `None` if they are fewer than
    /// [`Self::size`].
    fn decode(bytes: &[u8], encoding: Encoding) -> Option<Self>;
}

/// A borrowed table of records; nothing is decoded before it is asked for.
#[derive(Debug)]
pub struct Table<'data, R> {
    bytes: &'data [u8],
    encoding: Encoding,
    stride: usize,
    record: PhantomData<fn() -> R>,
}

impl<R> Clone for Table<'_, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Table<'_, R> {}

impl<'data, R: Record> Table<'data, R> {
    /// A table of records that lie one behind the other, each with the size of the standard.
    /// Trailing bytes that are no whole record are left out.
    pub fn new(bytes: &'data [u8], encoding: Encoding) -> Self {
        Self::with_stride(bytes, encoding, R::size(encoding.class))
    }

    /// A table whose records start `stride` bytes apart (an `e_shentsize`). A stride smaller than
    /// a record makes an empty table.
    pub fn with_stride(bytes: &'data [u8], encoding: Encoding, stride: usize) -> Self {
        Self { bytes, encoding, stride, record: PhantomData }
    }

    /// A table without records.
    pub fn empty(encoding: Encoding) -> Self {
        Self::new(&[], encoding)
    }

    /// How many whole records the table holds.
    #[inline]
    pub fn len(&self) -> usize {
        let size = R::size(self.encoding.class);
        if self.stride < size.max(1) || self.bytes.len() < size {
            return 0;
        }
        (self.bytes.len() - size) / self.stride + 1
    }

    /// Whether the table holds no record.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes of the table.
    pub fn bytes(&self) -> &'data [u8] {
        self.bytes
    }

    /// How the records are encoded.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The record with this index.
    #[inline]
    pub fn get(&self, index: usize) -> Option<R> {
        // No division, as in the number of records: this is called for every symbol of a link.
        if self.stride < R::size(self.encoding.class).max(1) {
            return None;
        }
        R::decode(self.bytes.get(index.checked_mul(self.stride)?..)?, self.encoding)
    }

    /// The records in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = R> + DoubleEndedIterator + use<'data, R> {
        let table = *self;
        Records { next: 0, end: table.len(), table }
    }

    /// The records `start..end`, as far as the table has them.
    #[must_use]
    pub fn range(&self, start: usize, end: usize) -> Self {
        let from = start.min(self.len()).saturating_mul(self.stride);
        let to = end.min(self.len()).saturating_mul(self.stride).min(self.bytes.len());
        Self { bytes: self.bytes.get(from..to.max(from)).unwrap_or_default(), ..*self }
    }
}

struct Records<'data, R> {
    table: Table<'data, R>,
    next: usize,
    end: usize,
}

impl<R: Record> Records<'_, R> {
    #[inline]
    fn decode(&self, index: usize) -> Option<R> {
        R::decode(self.table.bytes.get(index * self.table.stride..)?, self.table.encoding)
    }
}

impl<R: Record> Iterator for Records<'_, R> {
    type Item = R;

    #[inline]
    fn next(&mut self) -> Option<R> {
        if self.next >= self.end {
            return None;
        }
        let record = self.decode(self.next);
        self.next += 1;
        record
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.end - self.next;
        (left, Some(left))
    }
}

impl<R: Record> DoubleEndedIterator for Records<'_, R> {
    fn next_back(&mut self) -> Option<R> {
        if self.next >= self.end {
            return None;
        }
        self.end -= 1;
        self.decode(self.end)
    }
}

impl<R: Record> ExactSizeIterator for Records<'_, R> {}

impl Record for u16 {
    #[inline]
    fn size(_: Class) -> usize {
        2
    }

    #[inline]
    fn decode(bytes: &[u8], encoding: Encoding) -> Option<Self> {
        encoding.u16(bytes, 0)
    }
}

impl Record for u32 {
    #[inline]
    fn size(_: Class) -> usize {
        4
    }

    #[inline]
    fn decode(bytes: &[u8], encoding: Encoding) -> Option<Self> {
        encoding.u32(bytes, 0)
    }
}

impl Record for u64 {
    #[inline]
    fn size(_: Class) -> usize {
        8
    }

    #[inline]
    fn decode(bytes: &[u8], encoding: Encoding) -> Option<Self> {
        encoding.u64(bytes, 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use object::endian::Endianness;

    const LE: Encoding = Encoding { class: Class::Elf32, endian: Endianness::Little };

    #[test]
    fn a_trailing_part_is_no_record() {
        let table = Table::<u16>::new(&[1, 0, 2, 0, 3], LE);
        assert_eq!(table.iter().collect::<Vec<_>>(), [1, 2]);
        assert_eq!(table.iter().rev().collect::<Vec<_>>(), [2, 1]);
        assert_eq!(table.get(2), None);
    }

    #[test]
    fn the_last_record_needs_no_whole_stride() {
        let table = Table::<u16>::with_stride(&[1, 0, 9, 9, 2, 0], LE, 4);
        assert_eq!(table.iter().collect::<Vec<_>>(), [1, 2]);
        assert_eq!(table.range(1, 9).get(0), Some(2));
    }

    #[test]
    fn a_stride_below_the_record_size_has_no_records() {
        assert!(Table::<u32>::with_stride(&[0; 64], LE, 0).is_empty());
        assert!(Table::<u32>::with_stride(&[0; 64], LE, 3).is_empty());
    }
}
