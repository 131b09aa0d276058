//! Reading numbers and strings of a section from front to back; what is not there is `None`.

use gimli::{Endianity, RunTimeEndian};

use super::abbrev::Width;

/// A place in a section.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bytes<'data> {
    data: &'data [u8],
    at: usize,
    is_big: bool,
}

impl<'data> Bytes<'data> {
    /// At an offset of a section; at its end, if the offset is beyond it.
    pub(super) fn at(data: &'data [u8], offset: u64, endian: RunTimeEndian) -> Self {
        let at = usize::try_from(offset).unwrap_or(usize::MAX).min(data.len());
        Self { data, at, is_big: endian.is_big_endian() }
    }

    /// The same place, with the end of what may be read at an offset of the section.
    pub(super) fn up_to(self, end: u64) -> Self {
        let end = usize::try_from(end).unwrap_or(usize::MAX).min(self.data.len());
        Self { data: self.data.get(..end).unwrap_or_default(), at: self.at.min(end), ..self }
    }

    /// The offset in the section.
    #[inline]
    pub(super) fn offset(&self) -> usize {
        self.at
    }

    #[inline]
    pub(super) fn is_at_end(&self) -> bool {
        self.at >= self.data.len()
    }

    #[inline]
    pub(super) fn skip(&mut self, size: u64) -> Option<()> {
        let at = self.at.checked_add(usize::try_from(size).ok()?)?;
        if at > self.data.len() {
            return None;
        }
        self.at = at;
        Some(())
    }

    #[inline]
    pub(super) fn take(&mut self, size: u64) -> Option<&'data [u8]> {
        let start = self.at;
        self.skip(size)?;
        self.data.get(start..self.at)
    }

    #[inline]
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let bytes = self.data.get(self.at..)?.first_chunk::<N>()?;
        self.at = self.at.wrapping_add(N);
        Some(*bytes)
    }

    #[inline]
    pub(super) fn u8(&mut self) -> Option<u8> {
        let byte = *self.data.get(self.at)?;
        self.at = self.at.wrapping_add(1);
        Some(byte)
    }

    #[inline]
    pub(super) fn u16(&mut self) -> Option<u16> {
        let bytes = self.array()?;
        Some(if self.is_big { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    }

    #[inline]
    pub(super) fn u32(&mut self) -> Option<u32> {
        let bytes = self.array()?;
        Some(if self.is_big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }

    #[inline]
    pub(super) fn u64(&mut self) -> Option<u64> {
        let bytes = self.array()?;
        Some(if self.is_big { u64::from_be_bytes(bytes) } else { u64::from_le_bytes(bytes) })
    }

    /// An unsigned number of 1 to 8 bytes.
    #[inline]
    pub(super) fn uint(&mut self, size: u8) -> Option<u64> {
        match size {
            1 => self.u8().map(u64::from),
            2 => self.u16().map(u64::from),
            4 => self.u32().map(u64::from),
            8 => self.u64(),
            3 | 5 | 6 | 7 => {
                let bytes = self.take(size.into())?;
                let fold = |value: u64, &byte: &u8| value << 8 | u64::from(byte);
                Some(if self.is_big {
                    bytes.iter().fold(0, fold)
                } else {
                    bytes.iter().rev().fold(0, fold)
                })
            }
            _ => None,
        }
    }

    /// An offset of a section.
    #[inline]
    pub(super) fn word(&mut self, width: Width) -> Option<u64> {
        match width {
            Width::Four => self.u32().map(u64::from),
            Width::Eight => self.u64(),
        }
    }

    /// An unsigned number in LEB128; bits beyond 64 are lost.
    #[inline]
    pub(super) fn uleb(&mut self) -> Option<u64> {
        let byte = self.u8()?;
        if byte < 0x80 {
            return Some(byte.into());
        }
        self.uleb_rest(byte)
    }

    fn uleb_rest(&mut self, first: u8) -> Option<u64> {
        let mut value = u64::from(first & 0x7f);
        let mut shift = 7;
        loop {
            let byte = self.u8()?;
            if shift < u64::BITS {
                value |= u64::from(byte & 0x7f) << shift;
            }
            if byte < 0x80 {
                return Some(value);
            }
            shift = shift.saturating_add(7);
        }
    }

    /// A signed number in LEB128; bits beyond 64 are lost.
    pub(super) fn sleb(&mut self) -> Option<i64> {
        let mut value = 0_u64;
        let mut shift = 0_u32;
        loop {
            let byte = self.u8()?;
            if shift < u64::BITS {
                value |= u64::from(byte & 0x7f) << shift;
            }
            shift = shift.saturating_add(7);
            if byte < 0x80 {
                if byte & 0x40 != 0 && shift < u64::BITS {
                    value |= u64::MAX << shift;
                }
                return Some(value.cast_signed());
            }
        }
    }

    /// Passes over a number in LEB128.
    #[inline]
    pub(super) fn skip_leb(&mut self) -> Option<()> {
        while self.u8()? >= 0x80 {}
        Some(())
    }

    /// A string, without its zero byte.
    #[inline]
    pub(super) fn string(&mut self) -> Option<&'data [u8]> {
        let rest = self.data.get(self.at..)?;
        let length = memchr::memchr(0, rest)?;
        self.at = self.at.wrapping_add(length).wrapping_add(1);
        rest.get(..length)
    }
}

/// The string that starts at an offset of a section of strings.
pub(super) fn string_at(section: &[u8], offset: u64) -> Option<&[u8]> {
    let rest = section.get(usize::try_from(offset).ok()?..)?;
    rest.get(..memchr::memchr(0, rest)?)
}
