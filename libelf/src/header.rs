//! The ELF header. gABI, chapter 4, "ELF Header".

use object::elf::{ELFMAG, FileHeader32, FileHeader64, FileType, Machine, OsAbi};
use object::endian::Endianness;
use object::pod::from_bytes;

use crate::error::{Problem, Result};
use crate::ident::{Class, Encoding};

/// The ELF header, in host integers. Values are as stored: the `e_*num` fields are those before
/// extended numbering, which [`crate::File`] applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Class and byte order (`EI_CLASS`, `EI_DATA`).
    pub encoding: Encoding,
    /// All identification bytes (`e_ident`).
    pub ident: [u8; 16],
    /// The kind of file (`e_type`, an `ET_` number).
    pub kind: FileType,
    /// The machine (`e_machine`, an `EM_` number).
    pub machine: Machine,
    /// `e_version`
    pub version: u32,
    /// The virtual address of the entry point (`e_entry`).
    pub entry: u64,
    /// The file offset of the program headers in bytes (`e_phoff`).
    pub phoff: u64,
    /// The file offset of the section headers in bytes (`e_shoff`).
    pub shoff: u64,
    /// Machine flags (`e_flags`).
    pub flags: u32,
    /// The size of this header in bytes (`e_ehsize`).
    pub ehsize: u16,
    /// The size of a program header in bytes (`e_phentsize`).
    pub phentsize: u16,
    /// The number of program headers (`e_phnum`).
    pub phnum: u16,
    /// The size of a section header in bytes (`e_shentsize`).
    pub shentsize: u16,
    /// The number of section headers (`e_shnum`).
    pub shnum: u16,
    /// The section header index of the section name table (`e_shstrndx`).
    pub shstrndx: u16,
}

impl Header {
    /// Reads the header at the start of `data`.
    ///
    /// # Errors
    /// [`Problem::NotElf`], [`Problem::BadIdent`], or [`Problem::PastEnd`] if `data` ends within
    /// the header.
    pub fn parse(data: &[u8]) -> Result<Self> {
        Self::parse_as(data, encoding(data)?)
    }

    /// Reads the header at the start of `data` in the given `encoding`, whatever its
    /// identification bytes say: for programs that show damaged headers.
    ///
    /// # Errors
    /// [`Problem::PastEnd`] if `data` ends within the header.
    pub fn parse_as(data: &[u8], encoding: Encoding) -> Result<Self> {
        let ident = data.first_chunk().copied().unwrap_or_default();
        let past_end = |size: usize| Problem::PastEnd {
            what: "ELF header",
            end: size as u64,
            limit: data.len() as u64,
        };
        match encoding.class {
            Class::Elf32 => from_bytes::<FileHeader32<Endianness>>(data)
                .map(|(header, _)| Self::from_raw(header, ident, encoding))
                .map_err(|()| past_end(size_of::<FileHeader32<Endianness>>()).into()),
            Class::Elf64 => from_bytes::<FileHeader64<Endianness>>(data)
                .map(|(header, _)| Self::from_raw(header, ident, encoding))
                .map_err(|()| past_end(size_of::<FileHeader64<Endianness>>()).into()),
        }
    }

    fn from_raw<H>(header: &H, ident: [u8; 16], encoding: Encoding) -> Self
    where
        H: object::read::elf::FileHeader<Endian = Endianness>,
    {
        let endian = encoding.endian;
        Self {
            encoding,
            ident,
            kind: header.e_type(endian),
            machine: header.e_machine(endian),
            version: header.e_version(endian),
            entry: header.e_entry(endian).into(),
            phoff: header.e_phoff(endian).into(),
            shoff: header.e_shoff(endian).into(),
            flags: header.e_flags(endian).0,
            ehsize: header.e_ehsize(endian),
            phentsize: header.e_phentsize(endian),
            phnum: header.e_phnum(endian),
            shentsize: header.e_shentsize(endian),
            shnum: header.e_shnum(endian),
            shstrndx: header.e_shstrndx(endian).0,
        }
    }

    /// `EI_OSABI`
    pub fn os_abi(&self) -> OsAbi {
        let [_, _, _, _, _, _, _, abi, ..] = self.ident;
        OsAbi(abi)
    }

    /// `EI_ABIVERSION`
    pub fn abi_version(&self) -> u8 {
        let [_, _, _, _, _, _, _, _, version, ..] = self.ident;
        version
    }

    /// `EI_VERSION`
    pub fn ident_version(&self) -> u8 {
        let [_, _, _, _, _, _, version, ..] = self.ident;
        version
    }
}

/// The class and byte order that the identification bytes name.
pub fn encoding(data: &[u8]) -> Result<Encoding> {
    let [m0, m1, m2, m3, class, order, ..] = *data else {
        return Err(Problem::NotElf.into());
    };
    if [m0, m1, m2, m3] != ELFMAG {
        return Err(Problem::NotElf.into());
    }
    let class = match class {
        1 => Class::Elf32,
        2 => Class::Elf64,
        value => {
            return Err(Problem::BadIdent { what: "EI_CLASS", value }.into());
        }
    };
    let endian = match order {
        1 => Endianness::Little,
        2 => Endianness::Big,
        value => {
            return Err(Problem::BadIdent { what: "EI_DATA", value }.into());
        }
    };
    Ok(Encoding { class, endian })
}
