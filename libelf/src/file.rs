//! An object file as a whole. gABI, chapter 4.

use object::elf::{
    FileHeader32, FileHeader64, PN_XNUM, PT_DYNAMIC, PT_LOAD, SHN_XINDEX, SHT_DYNAMIC, SHT_REL,
    SHT_RELA, SHT_SYMTAB_SHNDX, SectionType,
};
use object::endian::{BigEndian, Endianness, LittleEndian};

use crate::dynamic::{Dyn, Dynamic};
use crate::error::{Problem, Result};
use crate::header::Header;
use crate::ident::{Class, Encoding};
use crate::reloc::Relocs;
use crate::section::SectionHeader;
use crate::segment::ProgramHeader;
use crate::strtab::StringTable;
use crate::symbol::{Symbol, SymbolTable};
use crate::table::{Record, Table};

/// An ELF file over borrowed bytes.
///
/// Parsing costs the ELF header. Each table is found when it is asked for, and one bad table
/// spoils no other.
#[derive(Clone, Copy, Debug)]
pub struct File<'data> {
    data: &'data [u8],
    header: Header,
}

impl<'data> File<'data> {
    /// Reads the ELF header of `data`, the bytes of the whole file or archive member.
    ///
    /// # Errors
    /// Those of [`Header::parse`].
    pub fn parse(data: &'data [u8]) -> Result<Self> {
        Ok(Self { data, header: Header::parse(data)? })
    }

    /// The bytes of the whole file.
    pub fn data(&self) -> &'data [u8] {
        self.data
    }

    /// The ELF header.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Class and byte order.
    pub fn encoding(&self) -> Encoding {
        self.header.encoding
    }

    /// `size` bytes from `offset` of the file; `what` names them in the error.
    ///
    /// # Errors
    /// [`Problem::PastEnd`]
    pub fn bytes(&self, offset: u64, size: u64, what: &'static str) -> Result<&'data [u8]> {
        let end = offset.checked_add(size);
        let range = end.and_then(|end| {
            self.data.get(usize::try_from(offset).ok()?..usize::try_from(end).ok()?)
        });
        range.ok_or_else(|| {
            crate::Error::new(Problem::PastEnd {
                what,
                end: end.unwrap_or(u64::MAX),
                limit: self.data.len() as u64,
            })
            .at(offset)
        })
    }

    /// The first section header, which holds the numbers that do not fit the ELF header.
    fn first_section_header(&self) -> Option<SectionHeader> {
        if self.header.shoff == 0 {
            return None;
        }
        let tail = self.data.get(usize::try_from(self.header.shoff).ok()?..)?;
        SectionHeader::decode(tail, self.encoding())
    }

    /// How many section headers there are: `e_shnum`, or with extended numbering the first
    /// header's `sh_size`.
    pub fn section_count(&self) -> u64 {
        match self.header.shnum {
            0 => self.first_section_header().map_or(0, |first| first.size),
            count => count.into(),
        }
    }

    /// The index of the section name table: `e_shstrndx`, or with extended numbering the first
    /// header's `sh_link`.
    pub fn section_name_index(&self) -> u32 {
        if self.header.shstrndx == SHN_XINDEX.0 {
            self.first_section_header().map_or(0, |first| first.link)
        } else {
            self.header.shstrndx.into()
        }
    }

    /// How many program headers there are: `e_phnum`, or with extended numbering the first
    /// section header's `sh_info`.
    pub fn segment_count(&self) -> u32 {
        if self.header.phnum == PN_XNUM {
            self.first_section_header().map_or(u32::from(PN_XNUM), |first| first.info)
        } else {
            self.header.phnum.into()
        }
    }

    /// The section headers; none if the file has no table of them.
    ///
    /// # Errors
    /// If the table goes past the end of the file or its entries are too small.
    pub fn section_headers(&self) -> Result<Table<'data, SectionHeader>> {
        self.headers(
            "section headers",
            self.header.shoff,
            self.section_count(),
            self.header.shentsize,
        )
    }

    /// The program headers; none if the file has no table of them.
    ///
    /// # Errors
    /// If the table goes past the end of the file or its entries are too small.
    pub fn program_headers(&self) -> Result<Table<'data, ProgramHeader>> {
        self.headers(
            "program headers",
            self.header.phoff,
            self.segment_count().into(),
            self.header.phentsize,
        )
    }

    fn headers<R: Record>(
        &self,
        what: &'static str,
        offset: u64,
        count: u64,
        stride: u16,
    ) -> Result<Table<'data, R>> {
        if offset == 0 || count == 0 {
            return Ok(Table::empty(self.encoding()));
        }
        if usize::from(stride) < R::size(self.encoding().class) {
            return Err(Problem::BadValue {
                what: "size of a header",
                value: stride.into(),
                expected: "at least the size of the structure",
            }
            .into());
        }
        let size = count.saturating_mul(stride.into());
        let bytes = self.bytes(offset, size, what)?;
        Ok(Table::with_stride(bytes, self.encoding(), stride.into()))
    }

    /// The section header with this index.
    ///
    /// # Errors
    /// Those of [`Self::section_headers`], and [`Problem::NoSuch`].
    pub fn section(&self, index: u32) -> Result<SectionHeader> {
        let headers = self.section_headers()?;
        headers.get(index as usize).ok_or_else(|| {
            Problem::NoSuch { what: "section", index: index.into(), count: headers.len() as u64 }
                .into()
        })
    }

    /// The contents of a section as stored; empty for `SHT_NOBITS`.
    ///
    /// # Errors
    /// [`Problem::PastEnd`]
    pub fn section_data(&self, section: &SectionHeader) -> Result<&'data [u8]> {
        if section.is_nobits() {
            return Ok(&[]);
        }
        self.bytes(section.offset, section.size, "section")
    }

    /// The section name table.
    ///
    /// # Errors
    /// If there is no such section or it goes past the end of the file.
    pub fn section_names(&self) -> Result<StringTable<'data>> {
        self.string_table(self.section_name_index())
    }

    /// The string table in the section with this index.
    ///
    /// # Errors
    /// If there is no such section or it goes past the end of the file.
    pub fn string_table(&self, index: u32) -> Result<StringTable<'data>> {
        let section = self.section(index)?;
        let bytes = self.section_data(&section).map_err(|error| error.in_section(index))?;
        Ok(StringTable::new(bytes))
    }

    /// The first section with this name, and its index.
    ///
    /// # Errors
    /// Those of [`Self::section_headers`] and [`Self::section_names`].
    pub fn section_by_name(&self, name: &[u8]) -> Result<Option<(u32, SectionHeader)>> {
        let headers = self.section_headers()?;
        if headers.is_empty() {
            return Ok(None);
        }
        let names = self.section_names()?;
        Ok((0..).zip(headers.iter()).find(|(_, header)| names.get(header.name.into()) == Ok(name)))
    }

    /// The first section of this type, and its index.
    ///
    /// # Errors
    /// Those of [`Self::section_headers`].
    pub fn section_by_kind(&self, kind: SectionType) -> Result<Option<(u32, SectionHeader)>> {
        Ok((0..).zip(self.section_headers()?.iter()).find(|(_, header)| header.kind == kind))
    }

    /// The first symbol table of this type (`SHT_SYMTAB` or `SHT_DYNSYM`), if there is one.
    ///
    /// # Errors
    /// Those of [`Self::symbol_table`].
    pub fn symbols(&self, kind: SectionType) -> Result<Option<SymbolTable<'data>>> {
        match self.section_by_kind(kind)? {
            Some((index, _)) => self.symbol_table(index).map(Some),
            None => Ok(None),
        }
    }

    /// The symbol table in the section with this index, with its strings and, where there is one,
    /// its table of extended section indexes.
    ///
    /// # Errors
    /// If the section or its string table does not exist or goes past the end of the file.
    pub fn symbol_table(&self, index: u32) -> Result<SymbolTable<'data>> {
        let mut table = self.nameless_symbol_table(index)?;
        table.strings = self.string_table(self.section(index)?.link)?;
        Ok(table)
    }

    /// The same with an empty table of strings: for files whose symbols are sound, and whose names
    /// cannot be had.
    ///
    /// # Errors
    /// If the section does not exist or goes past the end of the file.
    pub fn nameless_symbol_table(&self, index: u32) -> Result<SymbolTable<'data>> {
        let section = self.section(index)?;
        let bytes = self.section_data(&section).map_err(|error| error.in_section(index))?;
        let extended = self
            .section_headers()?
            .iter()
            .find(|header| header.kind == SHT_SYMTAB_SHNDX && header.link == index);
        let extended = match extended {
            Some(header) => self.section_data(&header)?,
            None => &[],
        };
        Ok(SymbolTable {
            section: index,
            symbols: Table::<Symbol>::new(bytes, self.encoding()),
            strings: StringTable::default(),
            extended: Table::new(extended, self.encoding()),
        })
    }

    /// The entries of an `SHT_REL` or `SHT_RELA` section.
    ///
    /// # Errors
    /// If the section is of another type or goes past the end of the file.
    pub fn relocs(&self, section: &SectionHeader) -> Result<Relocs<'data>> {
        let bytes = self.section_data(section)?;
        let machine = self.header.machine;
        match section.kind {
            SHT_REL => Ok(Relocs::rel(bytes, self.encoding(), machine)),
            SHT_RELA => Ok(Relocs::rela(bytes, self.encoding(), machine)),
            kind => Err(Problem::BadValue {
                what: "sh_type",
                value: kind.0.into(),
                expected: "SHT_REL or SHT_RELA",
            }
            .into()),
        }
    }

    /// The dynamic section: of the `PT_DYNAMIC` segment, else of the first `SHT_DYNAMIC` section.
    /// Its strings are found as the loader finds them, through `DT_STRTAB`, else through the
    /// section's link. Without either, both are empty.
    ///
    /// # Errors
    /// If the tables that should hold it go past the end of the file.
    pub fn dynamic(&self) -> Result<Dynamic<'data>> {
        let (bytes, link) = self.dynamic_bytes()?;
        let entries = Table::<Dyn>::new(bytes, self.encoding());
        let mut dynamic = Dynamic { entries, strings: StringTable::default() };
        dynamic.strings = match (dynamic.value(object::elf::DT_STRTAB), link) {
            (Some(addr), _) if self.segment_bytes_at(addr).is_some() => {
                let tail = self.segment_bytes_at(addr).unwrap_or_default();
                let size = dynamic.value(object::elf::DT_STRSZ).unwrap_or(u64::MAX);
                let end = usize::try_from(size).unwrap_or(usize::MAX).min(tail.len());
                StringTable::new(tail.get(..end).unwrap_or_default())
            }
            (_, Some(link)) => self.string_table(link)?,
            _ => StringTable::default(),
        };
        Ok(dynamic)
    }

    fn dynamic_bytes(&self) -> Result<(&'data [u8], Option<u32>)> {
        let section = self.section_by_kind(SHT_DYNAMIC).ok().flatten();
        let link = section.map(|(_, header)| header.link);
        if let Ok(segments) = self.program_headers()
            && let Some(segment) = segments.iter().find(|segment| segment.kind == PT_DYNAMIC)
        {
            return Ok((self.segment_data(&segment)?, link));
        }
        match section {
            Some((index, header)) => {
                let bytes = self.section_data(&header).map_err(|error| error.in_section(index))?;
                Ok((bytes, link))
            }
            None => Ok((&[], None)),
        }
    }

    /// The bytes of a segment in the file.
    ///
    /// # Errors
    /// [`Problem::PastEnd`]
    pub fn segment_data(&self, segment: &ProgramHeader) -> Result<&'data [u8]> {
        self.bytes(segment.offset, segment.filesz, "segment")
    }

    /// The bytes that the loader puts at the virtual address `addr`, to the end of the file's part
    /// of its `PT_LOAD` segment.
    pub fn segment_bytes_at(&self, addr: u64) -> Option<&'data [u8]> {
        let segments = self.program_headers().ok()?;
        let segment = segments.iter().find(|segment| {
            segment.kind == PT_LOAD
                && addr >= segment.vaddr
                && addr - segment.vaddr < segment.filesz
        })?;
        let skip = usize::try_from(addr - segment.vaddr).ok()?;
        self.segment_data(&segment).ok()?.get(skip..)
    }

    /// The same file with class and byte order as types, for hot loops.
    pub fn typed(&self) -> Typed<'data> {
        match (self.encoding().class, self.encoding().endian) {
            (Class::Elf32, Endianness::Little) => Typed::Elf32Le(TypedFile::new(self.data)),
            (Class::Elf32, Endianness::Big) => Typed::Elf32Be(TypedFile::new(self.data)),
            (Class::Elf64, Endianness::Little) => Typed::Elf64Le(TypedFile::new(self.data)),
            (Class::Elf64, Endianness::Big) => Typed::Elf64Be(TypedFile::new(self.data)),
        }
    }
}

/// A file whose class and byte order are types: match once, then run generic code.
#[derive(Clone, Copy, Debug)]
pub enum Typed<'data> {
    /// 32 bits, little-endian.
    Elf32Le(TypedFile<'data, FileHeader32<LittleEndian>>),
    /// 32 bits, big-endian.
    Elf32Be(TypedFile<'data, FileHeader32<BigEndian>>),
    /// 64 bits, little-endian.
    Elf64Le(TypedFile<'data, FileHeader64<LittleEndian>>),
    /// 64 bits, big-endian.
    Elf64Be(TypedFile<'data, FileHeader64<BigEndian>>),
}

/// Borrowed tables of the ABI's own structures, generic over class and byte order.
#[derive(Clone, Copy, Debug)]
pub struct TypedFile<'data, Elf> {
    data: &'data [u8],
    elf: std::marker::PhantomData<Elf>,
}

impl<'data, Elf: object::read::elf::FileHeader> TypedFile<'data, Elf> {
    fn new(data: &'data [u8]) -> Self {
        Self { data, elf: std::marker::PhantomData }
    }

    /// The contents of a section as a slice of the structures it holds, for example
    /// `Elf::Sym`. Trailing bytes that are no whole structure are left out.
    ///
    /// # Errors
    /// [`Problem::PastEnd`] if the section goes past the end of the file.
    pub fn entries<T: object::pod::Pod>(&self, section: &SectionHeader) -> Result<&'data [T]> {
        if section.is_nobits() {
            return Ok(&[]);
        }
        let past_end = || Problem::PastEnd {
            what: "section",
            end: section.offset.saturating_add(section.size),
            limit: self.data.len() as u64,
        };
        let start = usize::try_from(section.offset).map_err(|_| past_end())?;
        let count = usize::try_from(section.size).map_err(|_| past_end())? / size_of::<T>().max(1);
        let tail = self.data.get(start..).ok_or_else(past_end)?;
        let (entries, _) = object::pod::slice_from_bytes(tail, count).map_err(|()| past_end())?;
        Ok(entries)
    }
}
