//! Segments. gABI, chapter 5, "Program Header".

use super::{Contents, Field, SectionId};

/// A segment of an [`super::Object`]: the key of its slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SegmentId(pub u32);

/// A program header, and the bytes that it alone describes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Segment<'data> {
    /// `p_type`
    pub kind: u32,
    /// `p_flags`. Without a value, what the flags of its sections ask for.
    pub flags: Field<u32>,
    /// `p_offset`, in bytes.
    pub offset: Field<u64>,
    /// `p_vaddr`
    pub address: Field<u64>,
    /// `p_paddr`. Without a value, `p_vaddr`.
    pub physical: Field<u64>,
    /// `p_filesz`, in bytes.
    pub file_size: Field<u64>,
    /// `p_memsz`, in bytes.
    pub memory_size: Field<u64>,
    /// `p_align`, in bytes.
    pub align: Field<u64>,
    /// Whether it starts with the ELF header.
    pub holds_file_header: bool,
    /// Whether it holds the program headers.
    pub holds_segment_table: bool,
    /// The sections it covers, in order.
    pub sections: Vec<SectionId>,
    /// Bytes of its own, for a file without section headers (core files).
    pub contents: Contents<'data>,
}
