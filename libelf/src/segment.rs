//! Program headers. gABI, chapter 5, "Program Header".

use object::elf::{ProgramHeader32, ProgramHeader64, ProgramType};
use object::endian::Endianness;
use object::pod::from_bytes;
use object::read::elf::ProgramHeader as RawProgramHeader;

use crate::ident::{Class, Encoding};
use crate::table::Record;

/// A program header, in host integers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProgramHeader {
    /// What the segment is for (`p_type`, a `PT_` number).
    pub kind: ProgramType,
    /// `PF_` flags (`p_flags`).
    pub flags: u32,
    /// The offset of the contents in the file, in bytes (`p_offset`).
    pub offset: u64,
    /// The virtual address (`p_vaddr`).
    pub vaddr: u64,
    /// The physical address (`p_paddr`).
    pub paddr: u64,
    /// The bytes in the file (`p_filesz`).
    pub filesz: u64,
    /// The bytes in memory (`p_memsz`).
    pub memsz: u64,
    /// The alignment in file and memory, in bytes (`p_align`).
    pub align: u64,
}

impl ProgramHeader {
    fn from_raw<P: RawProgramHeader<Endian = Endianness>>(raw: &P, endian: Endianness) -> Self {
        Self {
            kind: raw.p_type(endian),
            flags: raw.p_flags(endian).0,
            offset: raw.p_offset(endian).into(),
            vaddr: raw.p_vaddr(endian).into(),
            paddr: raw.p_paddr(endian).into(),
            filesz: raw.p_filesz(endian).into(),
            memsz: raw.p_memsz(endian).into(),
            align: raw.p_align(endian).into(),
        }
    }
}

impl Record for ProgramHeader {
    fn size(class: Class) -> usize {
        match class {
            Class::Elf32 => size_of::<ProgramHeader32<Endianness>>(),
            Class::Elf64 => size_of::<ProgramHeader64<Endianness>>(),
        }
    }

    fn decode(bytes: &[u8], encoding: Encoding) -> Option<Self> {
        let endian = encoding.endian;
        Some(match encoding.class {
            Class::Elf32 => {
                Self::from_raw(from_bytes::<ProgramHeader32<Endianness>>(bytes).ok()?.0, endian)
            }
            Class::Elf64 => {
                Self::from_raw(from_bytes::<ProgramHeader64<Endianness>>(bytes).ok()?.0, endian)
            }
        })
    }
}
