//! One object file while it is dumped: its headers, and readelf's way of reading from it.
//!
//! readelf shows files that are damaged, so nothing here refuses a file: what cannot be read is
//! reported in GNU's words and left out.

use std::borrow::Cow;

use common::Output;
use libelf::ident::{Class, Encoding};
use libelf::raw::{
    Endianness, PN_XNUM, PT_LOAD, SHN_UNDEF, SHN_XINDEX, SHT_SYMTAB_SHNDX, SectionType,
};
use libelf::{Header, ProgramHeader, Record, SectionHeader, StringTable, Table};

use crate::Source;
use crate::carried::Carried;
use crate::dynamic::Dynamic;
use crate::symbol_table::Hex;

/// The bytes of `e_ident`.
const IDENT_SIZE: usize = 16;

/// No more of a name is read than this where it is not shown whole: in a damaged file, every name
/// may reach to the end of a string table of any size.
pub const LONGEST_NAME: usize = 1 << 12;

/// What is shown for a name that the string table does not hold.
pub const CORRUPT: &[u8] = b"<corrupt>";

/// An object file, or an archive member that is one.
pub struct Object<'data> {
    /// How headings and messages call it.
    pub name: &'data [u8],
    /// Whether another file led to it, so that headings name it.
    pub is_linked: bool,
    /// The bytes from the start of the object to the end of the file that holds it. A member of
    /// an archive can so be read past its end, as GNU readelf does.
    pub data: &'data [u8],
    /// The bytes of the file that holds the object, from its own start: what GNU readelf compares
    /// sizes with.
    pub file_size: u64,
    /// The ELF header. [`Header::phnum`] and its like are as stored.
    pub header: Header,
    /// The number of program headers, with extended numbering applied.
    pub phnum: u32,
    /// The number of section headers, with extended numbering applied.
    pub shnum: u32,
    /// The section header index of the section names, with extended numbering applied.
    pub shstrndx: u32,
    /// The section headers; empty while they are not available.
    pub sections: Vec<SectionHeader>,
    /// The indexes of the sections that hold extended section indexes (`SHT_SYMTAB_SHNDX`), so that
    /// not every table of symbols looks for its own among all sections.
    pub extended_tables: Vec<u32>,
    /// The section name table, if it is available.
    pub section_names: Option<StringTable<'data>>,
    /// The program headers, if they are available.
    pub segments: Option<Vec<ProgramHeader>>,
    /// What the dynamic section says.
    pub dynamic: Dynamic<'data>,
    /// What is remembered of the files before.
    pub carried: &'data Carried,
}

impl<'data> Object<'data> {
    /// Reads the ELF header at the start of `data`; reports to `out` and returns `None` if the
    /// bytes are too few for one.
    pub fn open(out: &mut Output, source: &Source<'data>, carried: &'data Carried) -> Option<Self> {
        let object = Self::with_header(source, carried);
        if object.is_none() {
            out.error_bytes(&[source.name, b": Failed to read file header"]);
        }
        object
    }

    /// Reads the ELF header, silently.
    fn with_header(source: &Source<'data>, carried: &'data Carried) -> Option<Self> {
        let data = source.data;
        let header = Header::parse_as(data, encoding_of(data.get(..IDENT_SIZE)?)).ok()?;
        let mut object = Self {
            name: source.name,
            is_linked: false,
            data,
            file_size: source.file_size,
            phnum: header.phnum.into(),
            shnum: header.shnum.into(),
            shstrndx: header.shstrndx.into(),
            header,
            sections: Vec::new(),
            extended_tables: Vec::new(),
            section_names: None,
            segments: None,
            dynamic: Dynamic::default(),
            carried,
        };
        object.apply_extended_numbering();
        Some(object)
    }

    /// Whether the bytes have an ELF header and the section headers that it tells of, whatever
    /// else they are. Says to `out` what is wrong with section headers.
    pub fn has_sections(out: &mut Output, source: &Source<'_>) -> bool {
        let carried = Carried::default();
        let object = Object::with_header(source, &carried);
        object.is_some_and(|object| {
            object.header.shoff != 0 && object.read_section_headers(out).is_some()
        })
    }

    /// Takes the numbers that the ELF header has no room for from the first section header.
    fn apply_extended_numbering(&mut self) {
        let Some(first) = self.first_section_header() else { return };
        if self.header.phnum == PN_XNUM && first.info != 0 {
            self.phnum = first.info;
        }
        if u32::from(self.header.shnum) == u32::from(SHN_UNDEF.0) {
            self.shnum = first.size as u32;
        }
        if self.header.shstrndx == SHN_XINDEX.0 {
            self.shstrndx = first.link;
        }
    }

    /// The section header at `e_shoff`, whatever `e_shnum` says.
    pub fn first_section_header(&self) -> Option<SectionHeader> {
        if self.header.shoff == 0
            || usize::from(self.header.shentsize) < SectionHeader::size(self.encoding().class)
        {
            return None;
        }
        let bytes = self.bytes_at(self.header.shoff, self.header.shentsize.into())?;
        SectionHeader::decode(bytes, self.encoding())
    }

    /// The end of a heading or of a sentence that is about the whole file: "this file", or which
    /// one, if another file led to it.
    pub fn this_file(&self) -> Cow<'static, str> {
        if self.is_linked {
            format!("linked file '{}'", String::from_utf8_lossy(self.name)).into()
        } else {
            "this file".into()
        }
    }

    /// Prints the start of a heading: `own`, or `linked` behind the name of a file that another
    /// one led to.
    pub fn put_title(&self, out: &mut Output, own: &str, linked: &str) {
        if self.is_linked {
            out.put(&[b"In linked file '", self.name, b"'"].concat());
            out.put(linked.as_bytes());
        } else {
            out.put(own.as_bytes());
        }
    }

    /// Class and byte order.
    pub fn encoding(&self) -> Encoding {
        self.header.encoding
    }

    /// Whether the file is of the 64-bit class.
    pub fn is_64(&self) -> bool {
        self.encoding().is_64()
    }

    /// `count` entries of `size` bytes at `offset`, for what `reason` says.
    ///
    /// `None` when nothing was asked for, silently, and when it does not lie within the file; that
    /// is reported to `out`, unless `reason` is `None`.
    pub fn get_data(
        &self,
        out: &mut Output,
        offset: u64,
        size: u64,
        count: u64,
        reason: Option<&str>,
    ) -> Option<&'data [u8]> {
        if size == 0 || count == 0 {
            return None;
        }
        // GNU readelf wants room for a byte more, and has none behind the highest number.
        let Some(amount) = size.checked_mul(count).filter(|&amount| amount != u64::MAX) else {
            if let Some(reason) = reason {
                out.error(format_args!(
                    "Size overflow prevents reading {count} elements of size {size} for {reason}"
                ));
            }
            return None;
        };
        let bytes = self.bytes_at(offset, amount);
        if bytes.is_none()
            && let Some(reason) = reason
        {
            out.error(format_args!("Reading {amount} bytes extends past end of file for {reason}"));
        }
        bytes
    }

    /// `size` bytes at `offset`, silently.
    pub fn bytes_at(&self, offset: u64, size: u64) -> Option<&'data [u8]> {
        let start = usize::try_from(offset).ok()?;
        let end = usize::try_from(offset.checked_add(size)?).ok()?;
        self.data.get(start..end)
    }

    /// The contents of a section; see [`Self::get_data`].
    pub fn section_data(
        &self,
        out: &mut Output,
        section: &SectionHeader,
        reason: &str,
    ) -> Option<&'data [u8]> {
        self.get_data(out, section.offset, 1, section.size, Some(reason))
    }

    /// The name of a section, or a text in angle brackets that says why there is none; of a name
    /// that is longer than any, the first [`LONGEST_NAME`] bytes. The bytes are those of the file:
    /// see [`crate::text::section_name`] before printing them.
    pub fn section_name(&self, section: &SectionHeader) -> &'data [u8] {
        self.section_name_up_to(section, LONGEST_NAME)
    }

    /// As [`Self::section_name`], but with at most `limit` bytes of a name.
    pub fn section_name_up_to(&self, section: &SectionHeader, limit: usize) -> &'data [u8] {
        let Some(names) = self.section_names else { return b"<no-strings>" };
        names.get_up_to(section.name.into(), limit).unwrap_or(CORRUPT)
    }

    /// The section with this index.
    pub fn section(&self, index: u32) -> Option<&SectionHeader> {
        self.sections.get(index as usize)
    }

    /// The first section with this name, with its index.
    pub fn section_by_name(&self, name: &[u8]) -> Option<(usize, &SectionHeader)> {
        let names = self.section_names?;
        self.sections.iter().enumerate().find(|(_, section)| names.is_at(section.name.into(), name))
    }

    /// The first section of this type, with its index.
    pub fn section_by_kind(&self, kind: SectionType) -> Option<(usize, &SectionHeader)> {
        self.sections.iter().enumerate().find(|(_, section)| section.kind == kind)
    }

    /// Reads the section headers and their names, with readelf's checks. Returns whether they are
    /// available.
    pub fn load_sections(&mut self, out: &mut Output) -> bool {
        if self.header.shoff == 0 {
            return false;
        }
        let Some(sections) = self.read_section_headers(out) else { return false };
        self.extended_tables = (0..)
            .zip(&sections)
            .filter(|(_, section)| section.kind == SHT_SYMTAB_SHNDX)
            .map(|(index, _)| index)
            .collect();
        self.sections = sections;
        self.load_section_names(out);
        true
    }

    fn read_section_headers(&self, out: &mut Output) -> Option<Vec<SectionHeader>> {
        let stride = self.header.shentsize;
        let size = SectionHeader::size(self.encoding().class);
        if stride == 0 {
            return None;
        }
        if usize::from(stride) < size {
            out.error(format_args!(
                "The e_shentsize field in the ELF header is less than the size of an ELF section \
                 header"
            ));
            return None;
        }
        if usize::from(stride) > size {
            out.warn(format_args!(
                "The e_shentsize field in the ELF header is larger than the size of an ELF section \
                 header"
            ));
        }
        let bytes = self.get_data(
            out,
            self.header.shoff,
            stride.into(),
            self.shnum.into(),
            Some("section headers"),
        )?;
        let table = Table::<SectionHeader>::new(bytes, self.encoding());
        let sections: Vec<_> = table.range(0, self.shnum as usize).iter().collect();
        self.check_links(out, &sections);
        Some(sections)
    }

    /// Warns of links to sections that do not exist.
    fn check_links(&self, out: &mut Output, sections: &[SectionHeader]) {
        for (index, section) in sections.iter().enumerate() {
            if section.link > self.shnum {
                out.warn(format_args!(
                    "Section {index} has an out of range sh_link value of {}",
                    section.link
                ));
            }
            if section.flags & libelf::raw::SHF_INFO_LINK.0 != 0 && section.info > self.shnum {
                out.warn(format_args!(
                    "Section {index} has an out of range sh_info value of {}",
                    section.info
                ));
            }
        }
    }

    fn load_section_names(&mut self, out: &mut Output) {
        if self.shstrndx == u32::from(SHN_UNDEF.0) {
            return;
        }
        let Some(section) = self.section(self.shstrndx).copied() else { return };
        if section.size == 0 {
            return;
        }
        self.section_names = self.section_data(out, &section, "string table").map(StringTable::new);
    }

    /// Reads the program headers, once; reports to `out` and returns whether they are available.
    pub fn load_segments(&mut self, out: &mut Output) -> bool {
        if self.segments.is_some() {
            return true;
        }
        self.segments = self.read_program_headers(out);
        self.segments.is_some()
    }

    /// The file offset of the `size` bytes at virtual address `addr`, by the `PT_LOAD` segment that
    /// holds them. If there is none, says so and takes the address for the offset.
    pub fn offset_of_address(&mut self, out: &mut Output, addr: u64, size: u64) -> u64 {
        if !self.load_segments(out) {
            out.warn(format_args!("Cannot interpret virtual addresses without program headers."));
            return addr;
        }
        self.segment_offset(addr, size).unwrap_or_else(|| {
            out.warn(format_args!(
                "Virtual address {} not located in any PT_LOAD segment.",
                Hex(addr)
            ));
            addr
        })
    }

    /// The file offset of the `size` bytes at virtual address `addr`, if a `PT_LOAD` segment holds
    /// them; the program headers must be loaded.
    pub fn segment_offset(&self, addr: u64, size: u64) -> Option<u64> {
        // The end wraps around, as in GNU readelf.
        let end = addr.wrapping_add(size);
        let holder = self.segments.iter().flatten().find(|segment| {
            loaded_range(segment).is_some_and(|range| range.start <= addr && end <= range.end)
        })?;
        Some(addr.wrapping_sub(holder.vaddr).wrapping_add(holder.offset))
    }

    fn read_program_headers(&self, out: &mut Output) -> Option<Vec<ProgramHeader>> {
        let stride = usize::from(self.header.phentsize);
        let size = ProgramHeader::size(self.encoding().class);
        if u64::from(self.phnum) * size as u64 >= self.file_size {
            out.error(format_args!(
                "Too many program headers - {:#x} - the file is not that big",
                self.phnum
            ));
            return None;
        }
        if stride == 0 {
            return None;
        }
        if stride < size {
            out.error(format_args!(
                "The e_phentsize field in the ELF header is less than the size of an ELF program \
                 header"
            ));
            return None;
        }
        if stride > size {
            out.warn(format_args!(
                "The e_phentsize field in the ELF header is larger than the size of an ELF program \
                 header"
            ));
        }
        let bytes = self.get_data(
            out,
            self.header.phoff,
            stride as u64,
            self.phnum.into(),
            Some("program headers"),
        )?;
        let table = Table::<ProgramHeader>::new(bytes, self.encoding());
        Some(table.range(0, self.phnum as usize).iter().collect())
    }
}

/// The addresses that a `PT_LOAD` segment has file contents for; they start where its first page
/// does. `None` for a segment of another type.
pub fn loaded_range(segment: &ProgramHeader) -> Option<std::ops::Range<u64>> {
    (segment.kind == PT_LOAD).then(|| {
        let start = segment.vaddr & segment.align.wrapping_neg();
        start..segment.vaddr.wrapping_add(segment.filesz)
    })
}

/// Class and byte order as readelf takes them: whatever is unknown is 32 bits or little-endian.
fn encoding_of(ident: &[u8]) -> Encoding {
    let class = if ident.get(4) == Some(&2) { Class::Elf64 } else { Class::Elf32 };
    let endian = if ident.get(5) == Some(&2) { Endianness::Big } else { Endianness::Little };
    Encoding { class, endian }
}
