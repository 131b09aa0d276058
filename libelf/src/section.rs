//! Section headers. gABI, chapter 4, "Sections".

use object::elf::{SHF_COMPRESSED, SHT_NOBITS, SectionHeader32, SectionHeader64, SectionType};
use object::endian::{BigEndian, Endianness, LittleEndian};
use object::pod::from_bytes;
use object::read::elf::SectionHeader as RawSectionHeader;

use crate::ident::{Class, Encoding};
use crate::table::Record;

/// A section header, in host integers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SectionHeader {
    /// The offset of the name in the section name table, in bytes (`sh_name`).
    pub name: u32,
    /// What the section holds (`sh_type`, an `SHT_` number).
    pub kind: SectionType,
    /// `SHF_` flags (`sh_flags`).
    pub flags: u64,
    /// The virtual address in memory, 0 if it has none (`sh_addr`).
    pub addr: u64,
    /// The offset of the contents in the file, in bytes (`sh_offset`).
    pub offset: u64,
    /// The size of the contents in bytes (`sh_size`).
    pub size: u64,
    /// The index of a related section (`sh_link`).
    pub link: u32,
    /// Extra information, depending on `kind` (`sh_info`).
    pub info: u32,
    /// The alignment of the address in bytes (`sh_addralign`).
    pub addralign: u64,
    /// The size of one entry in bytes, if the section is a table (`sh_entsize`).
    pub entsize: u64,
}

impl SectionHeader {
    /// Whether the section has no bytes in the file (`SHT_NOBITS`).
    pub fn is_nobits(&self) -> bool {
        self.kind == SHT_NOBITS
    }

    /// Whether the contents start with a compression header (`SHF_COMPRESSED`).
    pub fn is_compressed(&self) -> bool {
        self.flags & SHF_COMPRESSED.0 != 0
    }

    #[inline]
    fn from_raw<S: RawSectionHeader>(raw: &S, endian: S::Endian) -> Self {
        Self {
            name: raw.sh_name(endian),
            kind: raw.sh_type(endian),
            flags: raw.sh_flags(endian).0,
            addr: raw.sh_addr(endian).into(),
            offset: raw.sh_offset(endian).into(),
            size: raw.sh_size(endian).into(),
            link: raw.sh_link(endian),
            info: raw.sh_info(endian),
            addralign: raw.sh_addralign(endian).into(),
            entsize: raw.sh_entsize(endian).into(),
        }
    }
}

impl Record for SectionHeader {
    #[inline]
    fn size(class: Class) -> usize {
        match class {
            Class::Elf32 => size_of::<SectionHeader32<Endianness>>(),
            Class::Elf64 => size_of::<SectionHeader64<Endianness>>(),
        }
    }

    #[inline]
    fn decode(bytes: &[u8], encoding: Encoding) -> Option<Self> {
        #[inline]
        fn read<S: RawSectionHeader>(bytes: &[u8], endian: S::Endian) -> Option<SectionHeader> {
            Some(SectionHeader::from_raw(from_bytes::<S>(bytes).ok()?.0, endian))
        }
        // The byte order is asked for once, not for each field.
        match (encoding.class, encoding.endian) {
            (Class::Elf32, Endianness::Little) => {
                read::<SectionHeader32<LittleEndian>>(bytes, LittleEndian)
            }
            (Class::Elf32, Endianness::Big) => read::<SectionHeader32<BigEndian>>(bytes, BigEndian),
            (Class::Elf64, Endianness::Little) => {
                read::<SectionHeader64<LittleEndian>>(bytes, LittleEndian)
            }
            (Class::Elf64, Endianness::Big) => read::<SectionHeader64<BigEndian>>(bytes, BigEndian),
        }
    }
}
