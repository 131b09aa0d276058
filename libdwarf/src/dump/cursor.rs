//! Reading a damaged section from front to back.
//!
//! Nothing fails: past the end, numbers are 0 and [`Cursor::is_short`] tells. Whoever reads says
//! what is wrong, in the words that fit.

use libelf::ident::Encoding;
use libelf::leb128;
use libelf::raw::Endianness;

/// What stands instead of a length where offsets take 8 bytes.
const DWARF_64: u32 = 0xffff_ffff;

/// A place in a section, and the end of what may be read.
#[derive(Clone, Copy, Debug)]
pub struct Cursor<'a> {
    data: &'a [u8],
    position: usize,
    is_big: bool,
    is_short: bool,
}

impl<'a> Cursor<'a> {
    /// At the start of `data`.
    pub fn new(data: &'a [u8], encoding: Encoding) -> Self {
        let is_big = encoding.endian == Endianness::Big;
        Self { data, position: 0, is_big, is_short: false }
    }

    /// The offset from the start, in bytes.
    pub fn position(&self) -> usize {
        self.position
    }

    /// Goes to an offset; the end, if that is beyond it.
    pub fn seek(&mut self, position: usize) {
        self.position = position.min(self.data.len());
    }

    /// The bytes from here to the end.
    pub fn rest(&self) -> &'a [u8] {
        self.data.get(self.position..).unwrap_or_default()
    }

    /// How many bytes there are to the end.
    pub fn remaining(&self) -> usize {
        self.data.len().saturating_sub(self.position)
    }

    /// The next `size` bytes as a cursor of their own; this one is past them then.
    #[must_use]
    pub fn part(&mut self, size: usize) -> Self {
        let is_big = self.is_big;
        Self { data: self.bytes(size), position: 0, is_big, is_short: false }
    }

    /// Has it end at an offset, if it does not end before.
    pub fn limit(&mut self, end: usize) {
        self.data = self.data.get(..end).unwrap_or(self.data);
        self.position = self.position.min(self.data.len());
    }

    /// Whether nothing is left.
    pub fn is_at_end(&self) -> bool {
        self.position >= self.data.len()
    }

    /// Whether a read went past the end since the last question.
    pub fn is_short(&mut self) -> bool {
        std::mem::take(&mut self.is_short)
    }

    /// The next `size` bytes; as many as there are, if there are fewer.
    pub fn bytes(&mut self, size: usize) -> &'a [u8] {
        let rest = self.rest();
        let bytes = rest.get(..size).unwrap_or_else(|| {
            self.is_short = true;
            rest
        });
        self.position = self.position.saturating_add(bytes.len());
        bytes
    }

    /// An unsigned number of `size` bytes, up to 8. At the end it is made of the bytes that are
    /// there, as if it had so many.
    pub fn uint(&mut self, size: usize) -> u64 {
        let bytes = self.bytes(size);
        let fold = |value: u64, &byte: &u8| (value << 8) | u64::from(byte);
        if self.is_big { bytes.iter().fold(0, fold) } else { bytes.iter().rev().fold(0, fold) }
    }

    /// A signed number of `size` bytes, 1 to 8.
    pub fn int(&mut self, size: usize) -> i64 {
        let unused = 64u32.saturating_sub((size as u32).saturating_mul(8));
        let value = self.uint(size).checked_shl(unused).unwrap_or(0).cast_signed();
        value.checked_shr(unused).unwrap_or(0)
    }

    /// As [`Self::uint`], of as many bytes as there are, if there are fewer.
    pub fn uint_so_far(&mut self, size: usize) -> u64 {
        self.uint(size.min(self.remaining()))
    }

    /// As [`Self::int`], of as many bytes as there are, if there are fewer.
    pub fn int_so_far(&mut self, size: usize) -> i64 {
        self.int(size.min(self.remaining()))
    }

    /// The byte that is next, if there is one.
    #[inline]
    pub fn peek(&self) -> Option<u8> {
        self.data.get(self.position).copied()
    }

    /// Passes over the byte that [`Self::peek`] has found.
    #[inline]
    pub fn skip_byte(&mut self) {
        self.seek(self.position.saturating_add(1));
    }

    /// One byte.
    #[inline]
    pub fn u8(&mut self) -> u8 {
        let byte = self.peek();
        self.is_short |= byte.is_none();
        self.skip_byte();
        byte.unwrap_or(0)
    }

    /// Two bytes.
    pub fn u16(&mut self) -> u16 {
        self.uint(2) as u16
    }

    /// Four bytes.
    pub fn u32(&mut self) -> u32 {
        self.uint(4) as u32
    }

    /// Eight bytes.
    pub fn u64(&mut self) -> u64 {
        self.uint(8)
    }

    /// The length of a unit, in bytes, and the size of the offsets in it, which is 8 where the
    /// length itself has 8 bytes behind a mark. DWARF 5, section 7.4.
    pub fn initial_length(&mut self) -> (u64, usize) {
        match self.u32() {
            DWARF_64 => (self.u64(), 8),
            length => (length.into(), 4),
        }
    }

    /// An unsigned number in LEB128, with how it was read.
    pub fn unsigned(&mut self) -> leb128::Unsigned {
        let number = leb128::unsigned(self.rest());
        self.position = self.position.saturating_add(number.len);
        self.is_short |= !number.terminated;
        number
    }

    /// An unsigned number in LEB128.
    pub fn uleb(&mut self) -> u64 {
        match self.rest().first() {
            Some(&byte) if byte < 0x80 => {
                self.position = self.position.saturating_add(1);
                byte.into()
            }
            _ => self.unsigned().value,
        }
    }

    /// A signed number in LEB128.
    pub fn sleb(&mut self) -> i64 {
        let number = leb128::signed(self.rest());
        self.position = self.position.saturating_add(number.len);
        self.is_short |= !number.terminated;
        number.value
    }

    /// A string up to its NUL, which is passed over; up to the end, if there is none.
    pub fn string(&mut self) -> &'a [u8] {
        let rest = self.rest();
        let end = memchr::memchr(0, rest);
        self.is_short |= end.is_none();
        let size = end.map_or(rest.len(), |end| end.saturating_add(1));
        self.position = self.position.saturating_add(size);
        end.and_then(|end| rest.get(..end)).unwrap_or(rest)
    }
}
