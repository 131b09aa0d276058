//! From the bytes of a file to an object.
//!
//! Every byte ends up in exactly one place. They are claimed in this order: the ELF header, the
//! program headers, the section headers, the sections' contents, the contents of segments that
//! nothing else has a part of (core files); what is left and not zero becomes [`Filler`]s. A
//! section with bytes that are claimed already holds [`Contents::Shared`].
//!
//! ```text
//! ELF header | program headers | .text | (zeros) | .data | ? | section headers
//!                                         left out         filler
//! ```
//!
//! All fields are given, so that the object is written as it was; contents are decoded where
//! encoding them gives the same bytes.

use std::ops::Range;

use object::elf;

use super::claims::Claims;
use super::context::NameBudget;
use super::members;
use super::object::FileHeader;
use super::plan::{header_size, program_header_size, section_header_size, stride};
use super::section::Link;
use super::{Contents, Field, Filler, Name, Object, Section, SectionId, Segment, Slots};
use crate::Header as ElfHeader;
use crate::error::{Problem, Result};
use crate::ident::{Class, Encoding};
use crate::section::SectionHeader;
use crate::segment::ProgramHeader;
use crate::table::{Record, Table};
use object::endian::Endianness;

impl<'data> Object<'data> {
    /// Takes a file apart. What is written again without a change has the same bytes, however
    /// damaged the file is.
    ///
    /// Contents borrow from `bytes`, decoded symbols and relocations apart. Identification bytes
    /// that name no class or byte order are read as 32 bits and little-endian.
    ///
    /// # Errors
    /// [`Problem::NotElf`] if the file does not start with `\x7fELF`.
    pub fn open(bytes: &'data [u8]) -> Result<Self> {
        Ok(Opening::new(bytes)?.object())
    }
}

/// A file on its way to an object.
pub(super) struct Opening<'data> {
    bytes: &'data [u8],
    pub(super) header: ElfHeader,
    pub(super) encoding: Encoding,
    pub(super) sections: Vec<SectionHeader>,
    pub(super) segments: Vec<ProgramHeader>,
    /// The bytes of each section that lie in the file.
    pub(super) ranges: Vec<Range<u64>>,
    /// Of each section whether those bytes are its own.
    is_owner: Vec<bool>,
    claims: Claims,
    pub(super) names: NameBudget,
}

/// Class and byte order, or what takes their place.
fn encoding(bytes: &[u8]) -> Encoding {
    Encoding {
        class: if bytes.get(4) == Some(&2) { Class::Elf64 } else { Class::Elf32 },
        endian: if bytes.get(5) == Some(&2) { Endianness::Big } else { Endianness::Little },
    }
}

/// How many entries of a table lie in the file, of `count` that the header says.
fn whole_entries(length: u64, at: u64, count: u64, said: u16, size: u64) -> u64 {
    if at == 0 || u64::from(said) < size {
        return 0;
    }
    match length.checked_sub(at).and_then(|room| room.checked_sub(size)) {
        Some(room) => count.min(room / u64::from(said) + 1),
        None => 0,
    }
}

impl<'data> Opening<'data> {
    fn new(bytes: &'data [u8]) -> Result<Self> {
        if !bytes.starts_with(&elf::ELFMAG) {
            return Err(Problem::NotElf.into());
        }
        let encoding = encoding(bytes);
        // A header that is cut off goes on with zeros.
        let mut start = bytes.get(..64).unwrap_or(bytes).to_vec();
        start.resize(64, 0);
        let header = ElfHeader::parse_as(&start, encoding)?;
        let mut opening = Self {
            bytes,
            header,
            encoding,
            sections: Vec::new(),
            segments: Vec::new(),
            ranges: Vec::new(),
            is_owner: Vec::new(),
            claims: Claims::default(),
            names: NameBudget::for_length(bytes.len() as u64),
        };
        opening.claims.take(0..header_size(encoding.class));
        opening.read_headers();
        Ok(opening)
    }

    fn length(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// Reads both tables of headers as far as they lie in the file.
    fn read_headers(&mut self) {
        let class = self.encoding.class;
        let first = self.table::<SectionHeader>(self.header.shoff, 1, u16::MAX).next();
        let section_count = match (self.header.shnum, first) {
            (0, Some(first)) => first.size,
            (count, _) => count.into(),
        };
        let segment_count = match (self.header.phnum, first) {
            (count, Some(first)) if count == elf::PN_XNUM => first.info,
            (count, _) => count.into(),
        };
        let (at, said) = (self.header.phoff, self.header.phentsize);
        let size = program_header_size(class);
        let count = whole_entries(self.length(), at, segment_count.into(), said, size);
        self.segments = self.table(at, count, said).collect();
        self.claim_table(at, count, said, size);
        let (at, said) = (self.header.shoff, self.header.shentsize);
        let size = section_header_size(class);
        let count = whole_entries(self.length(), at, section_count, said, size);
        self.sections = self.table(at, count, said).collect();
        self.claim_table(at, count, said, size);
    }

    fn table<R: Record>(
        &self,
        at: u64,
        count: u64,
        said: u16,
    ) -> impl Iterator<Item = R> + use<'data, R> {
        let tail = if at == 0 { None } else { self.tail(at) };
        let table = Table::with_stride(tail.unwrap_or_default(), self.encoding, said.into());
        table.range(0, usize::try_from(count).unwrap_or(usize::MAX)).iter()
    }

    fn tail(&self, at: u64) -> Option<&'data [u8]> {
        self.bytes.get(usize::try_from(at).ok()?..)
    }

    fn claim_table(&mut self, at: u64, count: u64, said: u16, size: u64) {
        for index in 0..count {
            let start = at + index * stride(said, size);
            self.claims.take(start..start + size);
        }
    }

    fn object(mut self) -> Object<'data> {
        let mut object = Object {
            header: self.file_header(),
            sections: Slots::with_capacity(self.sections.len()),
            segments: Slots::with_capacity(self.segments.len()),
            fillers: Vec::new(),
            length: Field::Is(self.length()),
        };
        self.add_sections(&mut object);
        self.add_segments(&mut object);
        object.fillers = self.fillers();
        self.decode(&mut object);
        object
    }

    fn file_header(&self) -> FileHeader {
        let header = &self.header;
        let [_, _, _, _, class, data, version, os_abi, abi_version, padding @ ..] = header.ident;
        let names = u64::from(self.section_name_index());
        let has_names = names != 0 && names < self.sections.len() as u64;
        FileHeader {
            encoding: self.encoding,
            magic: elf::ELFMAG,
            class: Field::Is(class),
            data: Field::Is(data),
            ident_version: Field::Is(version),
            os_abi,
            abi_version,
            padding,
            kind: header.kind.0,
            machine: header.machine.0,
            version: Field::Is(header.version),
            entry: Field::Is(header.entry),
            phoff: Field::Is(header.phoff),
            shoff: Field::Is(header.shoff),
            flags: header.flags,
            ehsize: Field::Is(header.ehsize),
            phentsize: Field::Is(header.phentsize),
            phnum: Field::Is(header.phnum),
            shentsize: Field::Is(header.shentsize),
            shnum: Field::Is(header.shnum),
            shstrndx: Field::Is(header.shstrndx),
            section_names: has_names.then_some(SectionId(names as u32)),
            segment_table: Field::Auto,
            section_table: Field::Auto,
        }
    }

    fn section_name_index(&self) -> u32 {
        if self.header.shstrndx == elf::SHN_XINDEX.0 {
            self.sections.first().map_or(0, |first| first.link)
        } else {
            self.header.shstrndx.into()
        }
    }

    /// The table of the sections' names.
    pub(super) fn section_name_bytes(&self) -> &'data [u8] {
        let names = self.ranges.get(self.section_name_index() as usize);
        names.map(|range| self.slice(range)).unwrap_or_default()
    }

    /// The name of a section.
    pub(super) fn section_name(&self, section: &SectionHeader) -> &'data [u8] {
        let names = self.section_name_bytes();
        self.names.string(names, section.name.into()).unwrap_or_default()
    }

    /// The part of a range that lies in the file.
    pub(super) fn clip(&self, offset: u64, size: u64) -> Range<u64> {
        let start = offset.min(self.length());
        start..offset.saturating_add(size).min(self.length())
    }

    pub(super) fn slice(&self, range: &Range<u64>) -> &'data [u8] {
        let range = range.start as usize..range.end as usize;
        self.bytes.get(range).unwrap_or_default()
    }

    fn add_sections(&mut self, object: &mut Object<'data>) {
        self.ranges = self
            .sections
            .iter()
            .map(|section| match section.kind {
                elf::SHT_NULL | elf::SHT_NOBITS => 0..0,
                _ => self.clip(section.offset, section.size),
            })
            .collect();
        self.is_owner =
            self.ranges.iter().map(|range| self.claims.take_free(range.clone())).collect();
        let names = self.section_name_bytes();
        for index in 0..self.sections.len() {
            let (Some(&header), Some(range)) = (self.sections.get(index), self.ranges.get(index))
            else {
                break;
            };
            let range = range.clone();
            let contents = match header.kind {
                elf::SHT_NOBITS => Contents::NoBits(header.size),
                _ if range.is_empty() => Contents::Empty,
                _ if !self.is_owner(index) => Contents::Shared(range.end - range.start),
                _ => Contents::Bytes(self.slice(&range).into()),
            };
            let text = self.names.string(names, header.name.into()).unwrap_or_default();
            let (link, info) = self.references(index, &header);
            object.sections.push(Section {
                name: Name { text: text.into(), offset: Field::Is(header.name) },
                kind: header.kind.0,
                flags: header.flags,
                address: Field::Is(header.addr),
                offset: Field::Is(header.offset),
                placed_at: Field::Auto,
                size: Field::Is(header.size),
                link,
                info,
                align: Field::Is(header.addralign),
                entry_size: Field::Is(header.entsize),
                contents,
            });
        }
    }

    fn is_owner(&self, section: usize) -> bool {
        self.is_owner.get(section).copied().unwrap_or(false)
    }

    /// `sh_link` and `sh_info` as what they refer to; symbols are not known yet.
    fn references(&self, index: usize, header: &SectionHeader) -> (Link, Link) {
        let section = |number| match self.section_at(number) {
            Some(id) if index != 0 => Link::Section(id),
            _ => Link::Number(number),
        };
        let info = match header.kind {
            elf::SHT_REL | elf::SHT_RELA | elf::SHT_CREL => section(header.info),
            _ if header.flags & elf::SHF_INFO_LINK.0 != 0 => section(header.info),
            _ => Link::Number(header.info),
        };
        (section(header.link), info)
    }

    pub(super) fn section_at(&self, index: u32) -> Option<SectionId> {
        (index != 0 && (index as usize) < self.sections.len()).then_some(SectionId(index))
    }

    fn add_segments(&mut self, object: &mut Object<'data>) {
        let members = members::of(&self.segments, &self.sections);
        let table = self.header.phoff
            ..self.header.phoff.saturating_add(
                (self.segments.len() as u64).saturating_mul(self.header.phentsize.into()),
            );
        for (header, sections) in self.segments.clone().into_iter().zip(members) {
            let range = self.clip(header.offset, header.filesz);
            let contents = if range.is_empty() || !self.claims.take_free(range.clone()) {
                Contents::Empty
            } else {
                Contents::Bytes(self.slice(&range).into())
            };
            let holds = |part: &Range<u64>| {
                !part.is_empty()
                    && header.offset <= part.start
                    && part.end <= header.offset.saturating_add(header.filesz)
            };
            object.segments.push(Segment {
                kind: header.kind.0,
                flags: Field::Is(header.flags),
                offset: Field::Is(header.offset),
                address: Field::Is(header.vaddr),
                physical: Field::Is(header.paddr),
                file_size: Field::Is(header.filesz),
                memory_size: Field::Is(header.memsz),
                align: Field::Is(header.align),
                holds_file_header: holds(&(0..header_size(self.encoding.class))),
                holds_segment_table: holds(&table),
                sections,
                contents,
            });
        }
    }

    /// What nothing has claimed, without zeros at both ends.
    fn fillers(&self) -> Vec<Filler<'data>> {
        let trimmed = |gap: Range<u64>| {
            let bytes = self.slice(&gap);
            let first = bytes.iter().position(|&byte| byte != 0)?;
            let last = bytes.iter().rposition(|&byte| byte != 0)?;
            let bytes = bytes.get(first..=last)?;
            Some(Filler { offset: gap.start + first as u64, bytes: bytes.into() })
        };
        self.claims.gaps(0..self.length()).into_iter().filter_map(trimmed).collect()
    }
}
