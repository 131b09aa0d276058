//! Where everything of an object lies in its file.

use std::cell::OnceCell;

use object::elf::SHF_ALLOC;

use super::{SectionId, SegmentId};
use crate::section::SectionHeader;
use crate::segment::ProgramHeader;

/// The most bytes that a file may have that is written.
pub const LENGTH_LIMIT: u64 = 1 << 40;

/// A section as it is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SectionPlace {
    /// Its index.
    pub index: u32,
    /// Its header.
    pub header: SectionHeader,
    /// Where its contents are written, in bytes from the start of the file.
    pub placed_at: u64,
    /// How many bytes of contents the file holds.
    pub length: u64,
}

/// A segment as it is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SegmentPlace {
    /// Its index.
    pub index: u32,
    /// Its header.
    pub header: ProgramHeader,
    /// How many bytes of its own contents the file holds.
    pub length: u64,
    /// Whether the address was settled together with that of the first section.
    pub(super) has_address: bool,
}

/// Where everything lies: all offsets, sizes, addresses and indexes of the file, as numbers.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// The ELF header's fields, before extended numbering.
    pub header: HeaderValues,
    /// Where the program headers are written.
    pub segment_table: u64,
    /// Where the section headers are written.
    pub section_table: u64,
    /// The length of the file in bytes.
    pub length: u64,
    pub(super) sections: Vec<Option<SectionPlace>>,
    pub(super) segments: Vec<Option<SegmentPlace>>,
    /// Loaded sections by address, those with contents first, once one is asked for.
    pub(super) by_address: OnceCell<Vec<(u64, bool, SectionId)>>,
}

/// The fields of the ELF header that can be left to the writer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeaderValues {
    /// `EI_CLASS`
    pub class: u8,
    /// `EI_DATA`
    pub data: u8,
    /// `EI_VERSION`
    pub ident_version: u8,
    /// `e_version`
    pub version: u32,
    /// `e_entry`
    pub entry: u64,
    /// `e_phoff`
    pub phoff: u64,
    /// `e_shoff`
    pub shoff: u64,
    /// `e_ehsize`
    pub ehsize: u16,
    /// `e_phentsize`
    pub phentsize: u16,
    /// `e_phnum`
    pub phnum: u16,
    /// `e_shentsize`
    pub shentsize: u16,
    /// `e_shnum`
    pub shnum: u16,
    /// `e_shstrndx`
    pub shstrndx: u16,
}

impl Layout {
    /// Where a section lies.
    pub fn section(&self, id: SectionId) -> Option<&SectionPlace> {
        self.sections.get(id.0 as usize)?.as_ref()
    }

    /// The loaded section that starts at `address`: one with contents, if there is one.
    pub fn loaded_at(&self, address: u64) -> Option<SectionId> {
        let by_address = self.by_address.get_or_init(|| {
            let places = (0..).zip(&self.sections);
            let mut list: Vec<_> = places
                .filter_map(|(key, place)| Some((SectionId(key), place.as_ref()?.header)))
                .filter(|(_, header)| header.flags & SHF_ALLOC.0 != 0)
                .map(|(id, header)| (header.addr, header.size == 0, id))
                .collect();
            list.sort_unstable();
            list
        });
        let first = by_address.partition_point(|&(start, ..)| start < address);
        by_address.get(first).filter(|found| found.0 == address).map(|found| found.2)
    }

    /// Where a segment lies.
    pub fn segment(&self, id: SegmentId) -> Option<&SegmentPlace> {
        self.segments.get(id.0 as usize)?.as_ref()
    }
}
