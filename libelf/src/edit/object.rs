//! The object as a whole, and its ELF header. gABI, chapter 4, "ELF Header".

use std::borrow::Cow;

use super::error::Owner;
use super::{Contents, Field, Section, Segment, Slots};
use crate::ident::Encoding;

/// An object file as a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Object<'data> {
    /// The ELF header.
    pub header: FileHeader,
    /// The sections in the order of their headers. The first is the null section; an object
    /// without a section header table has none.
    pub sections: Slots<Section<'data>>,
    /// The segments in the order of their headers.
    pub segments: Slots<Segment<'data>>,
    /// Bytes at given offsets that belong to no header, section or segment.
    pub fillers: Vec<Filler<'data>>,
    /// The bytes of the file; smaller than what lies in it for a cut file.
    pub length: Field<u64>,
}

/// Bytes that no structure owns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filler<'data> {
    /// Where they lie, in bytes from the start of the file.
    pub offset: u64,
    /// The bytes.
    pub bytes: Cow<'data, [u8]>,
}

/// The ELF header. Fields that are not here follow from [`Self::encoding`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileHeader {
    /// How structures are written. What `ident` claims may differ.
    pub encoding: Encoding,
    /// `EI_MAG0` to `EI_MAG3`.
    pub magic: [u8; 4],
    /// `EI_CLASS`
    pub class: Field<u8>,
    /// `EI_DATA`
    pub data: Field<u8>,
    /// `EI_VERSION`
    pub ident_version: Field<u8>,
    /// `EI_OSABI`
    pub os_abi: u8,
    /// `EI_ABIVERSION`
    pub abi_version: u8,
    /// The bytes from `EI_PAD` on.
    pub padding: [u8; 7],
    /// `e_type`
    pub kind: u16,
    /// `e_machine`
    pub machine: u16,
    /// `e_version`
    pub version: Field<u32>,
    /// `e_entry`: a virtual address.
    pub entry: Field<u64>,
    /// `e_phoff`: where the header says the program headers lie, in bytes.
    pub phoff: Field<u64>,
    /// `e_shoff`: where the header says the section headers lie, in bytes.
    pub shoff: Field<u64>,
    /// `e_flags`
    pub flags: u32,
    /// `e_ehsize`, in bytes.
    pub ehsize: Field<u16>,
    /// `e_phentsize`, in bytes.
    pub phentsize: Field<u16>,
    /// `e_phnum`, before extended numbering. Without a value, `PN_XNUM` where it must be.
    pub phnum: Field<u16>,
    /// `e_shentsize`, in bytes.
    pub shentsize: Field<u16>,
    /// `e_shnum`, before extended numbering. Without a value, 0 where the count lies in the null
    /// section.
    pub shnum: Field<u16>,
    /// `e_shstrndx`, before extended numbering.
    pub shstrndx: Field<u16>,
    /// The section with the sections' names, if it is not the first string table called
    /// `.shstrtab`, else `.strtab`.
    pub section_names: Option<super::SectionId>,
    /// Where the program headers are written, when that is not where `phoff` says.
    pub segment_table: Field<u64>,
    /// Where the section headers are written, when that is not where `shoff` says.
    pub section_table: Field<u64>,
}

impl<'data> Object<'data> {
    /// What a section or segment holds.
    pub(super) fn contents_mut(&mut self, owner: Owner) -> Option<&mut Contents<'data>> {
        match owner {
            Owner::Section(id) => self.sections.get_mut(id.0).map(|section| &mut section.contents),
            Owner::Segment(id) => self.segments.get_mut(id.0).map(|segment| &mut segment.contents),
        }
    }

    pub(super) fn set_contents(&mut self, owner: Owner, contents: Contents<'data>) {
        if let Some(place) = self.contents_mut(owner) {
            *place = contents;
        }
    }
}
