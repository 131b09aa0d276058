//! Sections as rows of pieces.

use super::{BLOCK, Merged};
use crate::ids::SectionId;

/// A section that is merged.
pub struct Section<'data> {
    pub id: SectionId,
    /// Its contents, unpacked.
    pub data: &'data [u8],
    /// `sh_entsize`, in bytes: the size of a constant, or of a character.
    pub entsize: u32,
    /// `sh_addralign`, in bytes: a power of two.
    pub align: u32,
    pub is_strings: bool,
    /// Whether strings are aligned to more than a character, with zeros between them.
    pub is_padded: bool,
    /// Whether strings may lie in the ends of others.
    pub has_tails: bool,
    /// Only sections with the same number here share pieces.
    pub group: u32,
    /// Its parts: the index of the first, and how many there are.
    pub parts: (u32, u32),
    /// How many bytes are left of it.
    pub size: u64,
}

/// Consecutive pieces of a section.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// The index of the section.
    pub section: u32,
    /// The batch that was split together; and where in its starts those of this part begin.
    pub batch: u32,
    pub at: u32,
    /// Where its entries of the coarse index begin, in those of the batch, and how many they are.
    pub coarse: (u32, u32),
    /// The number of the first piece, of all pieces of the link.
    pub first: u32,
    /// How many pieces there are.
    pub count: u32,
    /// Where in the section the first piece is, if it is one of constants.
    pub offset: u32,
}

impl Section<'_> {
    /// The alignment in bytes that a piece needs which starts at `start`: what the section
    /// promised there.
    pub fn alignment_at(&self, start: u32) -> u64 {
        if self.is_padded {
            1 << start.trailing_zeros().min(self.align.trailing_zeros())
        } else {
            1
        }
    }

    /// The bytes of the zero that closes a piece.
    pub fn terminator(&self) -> u64 {
        if self.is_strings { self.entsize.into() } else { 0 }
    }

    /// The string that starts here, without its zero.
    pub fn string_at(&self, start: u32) -> &[u8] {
        let rest = self.data.get(start as usize..).unwrap_or_default();
        rest.get(..zero(rest, self.entsize as usize).unwrap_or(rest.len())).unwrap_or_default()
    }
}

/// Where the first character lies in `text` that is zero; characters have `width` bytes.
pub fn zero(text: &[u8], width: usize) -> Option<usize> {
    if width == 1 {
        return memchr::memchr(0, text);
    }
    let is_zero = |character: &[u8]| character.iter().all(|&byte| byte == 0);
    text.chunks_exact(width).position(is_zero).map(|at| at * width)
}

impl<'data> Merged<'data> {
    pub(super) fn parts(&self, section: &Section<'_>) -> &[Part] {
        let (first, count) = section.parts;
        self.parts.get(first as usize..(first + count) as usize).unwrap_or_default()
    }

    /// The part with this index, and its section.
    pub(super) fn part_and_section(&self, number: usize) -> Option<(&Part, &Section<'data>)> {
        let part = self.parts.get(number)?;
        Some((part, self.sections.get(part.section as usize)?))
    }

    /// The strings of a part among which the last one is that starts at `offset` or before, as a
    /// range of indexes; if none of them does, it is the one before.
    pub(super) fn near(&self, part: &Part, offset: u32) -> std::ops::Range<usize> {
        let count = part.count as usize;
        let (first, entries) = part.coarse;
        let entry = offset.saturating_sub(part.offset) >> super::split::LOG_COARSE;
        let coarse = self.coarse.get(part.batch as usize).filter(|_| entry < entries);
        let at = (first as usize).saturating_add(entry as usize);
        let Some(&from) = coarse.and_then(|coarse| coarse.get(at)) else { return count..count };
        let next = coarse.and_then(|coarse| coarse.get(at + 1)).filter(|_| entry + 1 < entries);
        let to = next.map_or(count, |&to| to as usize);
        from as usize..to.max(from as usize)
    }

    pub(super) fn starts_of(&self, part: &Part) -> &[u32] {
        let starts = self.starts.get(part.batch as usize);
        let at = part.at as usize;
        starts.and_then(|starts| starts.get(at..at + part.count as usize)).unwrap_or_default()
    }

    /// Where a piece starts in its section.
    pub(super) fn start(&self, section: &Section<'_>, part: &Part, index: u32) -> u32 {
        if section.is_strings {
            let starts = self.starts.get(part.batch as usize);
            let start = starts.and_then(|starts| starts.get((part.at + index) as usize));
            start.copied().unwrap_or(0)
        } else {
            part.offset + index * section.entsize
        }
    }

    /// The bytes of a piece, without a closing zero.
    pub(super) fn text<'s>(
        &self,
        section: &'s Section<'data>,
        part: &Part,
        index: u32,
    ) -> &'s [u8] {
        let start = self.start(section, part, index);
        let size = if !section.is_strings {
            section.entsize
        } else if !section.is_padded && index + 1 < part.count {
            // Strings lie one behind the other.
            self.start(section, part, index + 1).wrapping_sub(start + section.entsize)
        } else {
            return section.string_at(start);
        };
        let start = start as usize;
        section.data.get(start..start + size as usize).unwrap_or_default()
    }

    /// The part of a piece, and its index there.
    pub(super) fn piece(&self, number: u32) -> Option<(&Part, u32)> {
        let mut at = *self.blocks.get(number as usize / BLOCK)? as usize;
        loop {
            let part = self.parts.get(at)?;
            let index = number.checked_sub(part.first)?;
            if index < part.count {
                return Some((part, index));
            }
            at += 1;
        }
    }
}

/// For each [`BLOCK`] pieces, the part of the first of them.
pub fn blocks(parts: &[Part]) -> Vec<u32> {
    let mut blocks = Vec::new();
    for (number, part) in (0_u32..).zip(parts) {
        let end = part.first as usize + part.count as usize;
        while blocks.len() * BLOCK < end {
            blocks.push(number);
        }
    }
    blocks
}
