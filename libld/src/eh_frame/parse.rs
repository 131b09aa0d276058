//! The records of all objects.

use libelf::Encoding;
use libelf::raw::{SHF_ALLOC, SHF_EXECINSTR, SHT_NOBITS};
use rayon::prelude::*;

use super::augmentation::pointer_size;
use super::records::{Kind, Record, Records, split};
use super::{CODE_START, NAME};
use crate::diagnostics::Diagnostics;
use crate::ids::{FileId, SectionId};
use crate::input::Object;
use crate::input::object::Place;
use crate::input::relocs::{Reloc, RelocTable};
use crate::resolve::{InputFile, Kind as SymbolKind, Resolved};

/// A section with unwind information.
pub(super) struct FrameSection<'data> {
    pub id: SectionId,
    pub data: &'data [u8],
    /// `sh_addralign`, in bytes.
    pub align: u64,
    pub encoding: Encoding,
    pub relocs: RelocTable<'data>,
    pub records: Records,
    /// For each FDE with code in a section of this file, that section and the index of the record;
    /// ascending.
    by_code: Vec<(u32, u32)>,
}

/// The unwind information of all objects.
#[derive(Default)]
pub struct Parsed<'data> {
    /// In the order of files.
    pub(super) sections: Vec<FrameSection<'data>>,
    /// By file, the range of its sections in `sections`.
    by_file: Vec<(u32, u32)>,
    /// Whether all sections could be read: else there can be no table of them.
    pub(super) is_whole: bool,
}

/// What is read of a section, or why it cannot be.
type Found<'data> = Result<FrameSection<'data>, Vec<u8>>;

/// Finds all records. A section that cannot be read stays as it is, and is told of.
pub fn parse<'data>(resolved: &Resolved<'data>, diagnostics: &mut Diagnostics) -> Parsed<'data> {
    let found: Vec<Vec<Found<'data>>> = resolved
        .files
        .par_iter()
        .enumerate()
        .map(|(number, file)| match file {
            InputFile::Object(object) => of_object(FileId(number as u32), object, resolved),
            _ => Vec::new(),
        })
        .collect();
    let mut parsed = Parsed { is_whole: true, ..Parsed::default() };
    for found in found {
        let start = parsed.sections.len() as u32;
        for section in found {
            match section {
                Ok(section) => parsed.sections.push(section),
                Err(text) => {
                    parsed.is_whole = false;
                    diagnostics.warn(text);
                }
            }
        }
        parsed.by_file.push((start, parsed.sections.len() as u32));
    }
    parsed
}

fn of_object<'data>(
    file: FileId,
    object: &Object<'data>,
    resolved: &Resolved<'data>,
) -> Vec<Found<'data>> {
    let mut found = Vec::new();
    for (index, header) in (0_u32..).zip(object.sections.iter()) {
        let flags = header.flags & (SHF_ALLOC.0 | SHF_EXECINSTR.0);
        if flags != SHF_ALLOC.0
            || header.kind == SHT_NOBITS
            || header.is_compressed()
            || header.size == 0
            || !object.section_names.is_at(header.name.into(), NAME)
            || resolved.is_discarded(file, index)
        {
            continue;
        }
        let id = SectionId { file, index };
        let data = object.section_data(&header);
        let section = FrameSection::read(id, data, header.addralign, object, resolved);
        let damaged = || {
            let origin = object.origin;
            format!("error in {origin}(.eh_frame); no .eh_frame_hdr table will be created")
        };
        found.push(section.ok_or_else(|| damaged().into_bytes()));
    }
    found
}

impl<'data> FrameSection<'data> {
    fn read(
        id: SectionId,
        data: &'data [u8],
        align: u64,
        object: &Object<'data>,
        resolved: &Resolved<'data>,
    ) -> Option<Self> {
        let encoding = object.encoding();
        let relocs = object.relocs_of(id.index);
        let records = split(data, &relocs, encoding)?;
        let by_code = Vec::new();
        let mut section = Self { id, data, align, encoding, relocs, records, by_code };
        for (index, record) in (0_u32..).zip(&section.records.all) {
            if let Some(code) = section.code(record, object, resolved).in_file(id.file) {
                section.by_code.push((code, index));
            }
        }
        section.by_code.sort_unstable();
        Some(section)
    }

    /// Where the code of an FDE lies.
    pub fn code(&self, record: &Record, object: &Object<'_>, resolved: &Resolved<'_>) -> Code {
        if !matches!(record.kind, Kind::Fde(_)) {
            return Code::Unknown;
        }
        let place = u64::from(record.offset) + CODE_START as u64;
        let reloc = self.relocs.get(record.first_reloc as usize);
        let Some(reloc) = reloc.filter(|reloc| reloc.offset == place) else { return Code::Unknown };
        section_of(self.id.file, object, &reloc, resolved)
    }
}

impl FrameSection<'_> {
    /// Whether an FDE is one of code without any bytes.
    pub(super) fn describes_nothing(&self, record: &Record) -> bool {
        let Kind::Fde(cie) = record.kind else { return false };
        let form = self.records.cies.get(cie as usize).map(|cie| cie.1);
        let size = form.and_then(|form| pointer_size(form.code_format, self.encoding));
        let Some(size) = size else { return false };
        // The start of the code comes first.
        let start = CODE_START.saturating_add(size);
        let bytes = Records::bytes(self.data, record);
        let Some(range) = bytes.get(start..start.saturating_add(size)) else { return false };
        if range.iter().any(|&byte| byte != 0) {
            return false;
        }
        // Relocations may tell how much there is.
        let place = u64::from(record.offset).saturating_add(start as u64);
        let mut next = record.first_reloc as usize;
        while let Some(reloc) = self.relocs.get(next).filter(|reloc| reloc.offset <= place) {
            if reloc.offset == place {
                return false;
            }
            next += 1;
        }
        true
    }
}

/// Where the code of an FDE lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Code {
    /// In this section.
    In(SectionId),
    /// Not in its file: whatever it describes is described elsewhere.
    Elsewhere,
    /// Nothing says so.
    Unknown,
}

impl Code {
    fn in_file(self, file: FileId) -> Option<u32> {
        match self {
            Self::In(section) if section.file == file => Some(section.index),
            _ => None,
        }
    }
}

fn section_of(file: FileId, object: &Object<'_>, reloc: &Reloc, resolved: &Resolved<'_>) -> Code {
    let mut index = reloc.symbol;
    if index == 0 {
        return Code::Unknown;
    }
    if let Some(&id) = object.global(index) {
        let state = resolved.symbols.get(id);
        let is_here = matches!(state.kind, SymbolKind::Definition | SymbolKind::WeakDefinition);
        if !is_here || state.file != file {
            return Code::Elsewhere;
        }
        index = state.index;
    }
    let Some(symbol) = object.symbols.get(index as usize) else { return Code::Unknown };
    match object.place(index, &symbol) {
        Place::Section(index) => Code::In(SectionId { file, index }),
        _ => Code::Unknown,
    }
}

impl<'data> Parsed<'data> {
    /// The sections of a file, with their numbers.
    pub(super) fn of_file(&self, file: FileId) -> impl Iterator<Item = &FrameSection<'data>> {
        let (start, end) = self.by_file.get(file.index()).copied().unwrap_or_default();
        self.sections.get(start as usize..end as usize).unwrap_or_default().iter()
    }

    /// The number of a section, if it is one of those.
    pub(super) fn number(&self, id: SectionId) -> Option<usize> {
        let &(start, end) = self.by_file.get(id.file.index())?;
        let sections = self.sections.get(start as usize..end as usize)?;
        let number = sections.iter().position(|section| section.id == id)?;
        Some(start as usize + number)
    }

    /// Whether a section is one of those, whose relocations keep nothing by themselves.
    pub fn contains(&self, id: SectionId) -> bool {
        self.number(id).is_some()
    }

    /// The relocations by which the FDEs of a section of code, and their CIEs, refer to more:
    /// exception tables and personality routines. Their symbols are those of the section's file.
    pub fn references(&self, code: SectionId) -> impl Iterator<Item = Reloc> {
        self.of_file(code.file).flat_map(move |section| {
            let start = section.by_code.partition_point(|&(index, _)| index < code.index);
            let rest = section.by_code.get(start..).unwrap_or_default().iter();
            let fdes = rest.take_while(move |&&(index, _)| index == code.index);
            fdes.flat_map(move |&(_, record)| section.references(record))
        })
    }
}

impl FrameSection<'_> {
    fn references(&self, fde: u32) -> impl Iterator<Item = Reloc> {
        let cie = match self.records.all.get(fde as usize).map(|record| record.kind) {
            Some(Kind::Fde(cie)) => self.records.cies.get(cie as usize).map(|&(cie, _)| cie),
            _ => None,
        };
        // The first of an FDE is its code.
        self.relocs_of(fde).skip(1).chain(cie.into_iter().flat_map(|cie| self.relocs_of(cie)))
    }

    /// The relocations of a record.
    pub fn relocs_of(&self, record: u32) -> impl Iterator<Item = Reloc> {
        let index = record as usize;
        let start = self.records.all.get(index).map_or(0, |record| record.first_reloc);
        let end = self.records.end_reloc(index, &self.relocs);
        (start..end).filter_map(|reloc| self.relocs.get(reloc as usize))
    }
}
