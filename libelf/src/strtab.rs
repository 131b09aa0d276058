//! String tables. gABI, chapter 4, "String Table".

use crate::error::{Problem, Result};

/// A borrowed string table: strings that each end in a zero byte.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StringTable<'data> {
    bytes: &'data [u8],
}

impl<'data> StringTable<'data> {
    /// A table over the contents of a string section.
    pub const fn new(bytes: &'data [u8]) -> Self {
        Self { bytes }
    }

    /// The table's bytes.
    pub const fn bytes(&self) -> &'data [u8] {
        self.bytes
    }

    /// The string that starts `offset` bytes into the table, without its zero byte.
    ///
    /// # Errors
    /// [`Problem::NoSuch`] if the table ends before, [`Problem::Unterminated`] if no zero byte
    /// follows.
    #[inline]
    pub fn get(&self, offset: u64) -> Result<&'data [u8]> {
        let tail = self.tail(offset).ok_or(Problem::NoSuch {
            what: "string offset",
            index: offset,
            count: self.bytes.len() as u64,
        })?;
        let end = memchr::memchr(0, tail).ok_or(Problem::Unterminated)?;
        Ok(tail.get(..end).unwrap_or_default())
    }

    /// As [`Self::get`], but a string that the table's end cuts off is returned as far as it goes.
    pub fn get_cut(&self, offset: u64) -> Option<&'data [u8]> {
        let tail = self.tail(offset)?;
        let end = memchr::memchr(0, tail).unwrap_or(tail.len());
        tail.get(..end)
    }

    /// As [`Self::get_cut`], but at most the first `limit` bytes of the string: what is shown of a
    /// name costs no more, however long a damaged table makes it.
    pub fn get_up_to(&self, offset: u64, limit: usize) -> Option<&'data [u8]> {
        let tail = self.tail(offset)?;
        Self::new(tail.get(..limit).unwrap_or(tail)).get_cut(0)
    }

    /// Whether the string at `offset` is `name`; costs no more than a look at as many bytes.
    pub fn is_at(&self, offset: u64, name: &[u8]) -> bool {
        let rest = self.tail(offset).and_then(|tail| tail.strip_prefix(name));
        rest.is_some_and(|rest| rest.first().is_none_or(|&byte| byte == 0))
    }

    /// Whether [`Self::get`] finds a string at `offset`. Quick where the table ends as it should.
    pub fn has_at(&self, offset: u64) -> bool {
        match self.bytes {
            [.., 0] => offset < self.bytes.len() as u64,
            _ => self.get(offset).is_ok(),
        }
    }

    #[inline]
    fn tail(&self, offset: u64) -> Option<&'data [u8]> {
        self.bytes.get(usize::try_from(offset).ok()?..).filter(|tail| !tail.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_end_at_a_zero_byte_or_are_reported() {
        let table = StringTable::new(b"\0ab\0cd");
        assert_eq!(table.get(0), Ok(&b""[..]));
        assert_eq!(table.get(2), Ok(&b"b"[..]));
        assert_eq!(table.get(4).unwrap_err().problem, Problem::Unterminated);
        for (bytes, found) in [(&b"a\0b\0"[..], 4), (b"a\0b", 2), (b"ab", 0), (b"", 0)] {
            let table = StringTable::new(bytes);
            for offset in 0..6 {
                assert_eq!(table.has_at(offset), offset < found);
                assert_eq!(table.has_at(offset), table.get(offset).is_ok());
            }
        }
        assert_eq!(table.get_cut(4), Some(&b"cd"[..]));
        assert_eq!(table.get_up_to(1, 1), Some(&b"a"[..]));
        assert_eq!(table.get_up_to(1, 9), Some(&b"ab"[..]));
        assert!(table.is_at(1, b"ab") && table.is_at(4, b"cd") && table.is_at(0, b""));
        assert!(!table.is_at(1, b"a") && !table.is_at(1, b"abc") && !table.is_at(6, b""));
        assert!(table.get(6).is_err());
        assert!(table.get(u64::MAX).is_err());
    }
}
