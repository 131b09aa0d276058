//! Warnings: what a description makes that the standard forbids.
//!
//! Nothing here is an error. A file that is wrong on purpose is what descriptions are for; one that
//! is wrong by mistake should not come as a surprise. `-w` silences all of them.
//!
//! Values are looked at as they are written: [`libelf::edit::Layout`] has them, whether given or
//! computed.

mod dynamic;
mod tables;

use libelf::edit::{Contents, Layout, Object, SectionId, SegmentId, Slots, Symbol};
use libelf::raw::{
    EM_NONE, ET_EXEC, FileType, Machine, PN_XNUM, PT_INTERP, PT_LOAD, PT_PHDR, ProgramType,
    SHF_ALLOC, SHF_COMPRESSED, SHN_LORESERVE, SHT_CREL, SHT_DYNAMIC, SHT_DYNSYM, SHT_GNU_HASH,
    SHT_GNU_VERDEF, SHT_GNU_VERNEED, SHT_GNU_VERSYM, SHT_GROUP, SHT_HASH, SHT_NOBITS, SHT_NULL,
    SHT_REL, SHT_RELA, SHT_STRTAB, SHT_SYMTAB, SHT_SYMTAB_SHNDX, SectionType,
};
use libelf::section::SectionHeader;
use libelf::segment::ProgramHeader;
use libpeg::diagnostic::{Diagnostic, Diagnostics};
use libpeg::source::Span;

/// Where the statements are that say what is wrong.
pub trait Spans {
    /// The statement of the ELF header.
    fn header(&self) -> Option<Span>;
    /// The statement of the section with this index.
    fn section(&self, index: u32) -> Option<Span>;
    /// The row of this entry in the contents of the section with this index; the statement of the
    /// section if it has no rows.
    fn entry(&self, section: u32, entry: usize) -> Option<Span>;
    /// The statement of the segment with this index.
    fn segment(&self, index: u32) -> Option<Span>;
}

/// Looks an object over.
pub fn check(
    object: &Object<'_>,
    layout: &Layout,
    spans: &dyn Spans,
    diagnostics: &mut Diagnostics,
) {
    let place = |(key, _)| layout.section(SectionId(key));
    let headers = object.sections.iter().map(|at| place(at).map(|place| place.header));
    let headers = headers.map(Option::unwrap_or_default).collect();
    let mut found = Found { object, layout, headers, spans, diagnostics };
    found.header();
    for index in (0..).take(object.sections.len()) {
        found.section(index);
        found.contents(index);
    }
    found.group_members();
    found.overlaps();
    found.segments();
}

/// What is looked at, and where warnings go.
struct Found<'f, 'd> {
    object: &'f Object<'d>,
    layout: &'f Layout,
    /// The section headers, by index.
    headers: Vec<SectionHeader>,
    spans: &'f dyn Spans,
    diagnostics: &'f mut Diagnostics,
}

impl<'f, 'd> Found<'f, 'd> {
    fn warn(&mut self, span: Option<Span>, message: impl Into<String>) {
        self.diagnostics.push(Diagnostic::warning(span, message));
    }

    /// The header of the section with this index.
    fn header_at(&self, index: u32) -> Option<&SectionHeader> {
        self.headers.get(index as usize)
    }

    /// What the section with this index holds.
    fn contents_at(&self, index: u32) -> Option<&'f Contents<'d>> {
        let key = self.object.sections.keys().get(index as usize)?;
        self.object.sections.get(*key).map(|section| &section.contents)
    }

    /// The symbols of the section with this index.
    fn symbols_at(&self, index: u32) -> Option<&'f Slots<Symbol<'d>>> {
        match self.contents_at(index)? {
            Contents::Symbols(symbols) => Some(symbols),
            _ => None,
        }
    }

    fn header(&mut self) {
        let (object, layout, span) = (self.object, self.layout, self.spans.header());
        let (given, header) = (&object.header, &layout.header);
        let (sections, segments) = (object.sections.len(), object.segments.len());
        // Larger counts go to the null section.
        let is_count = |field: u16, count: usize, most: u16| match u16::try_from(count) {
            Ok(count) if count < most => field == count,
            _ => true,
        };
        let class = if given.encoding.is_64() { 2 } else { 1 };
        let data = if given.encoding.is_big_endian() { 2 } else { 1 };
        let (own, size) = if given.encoding.is_64() { (64, 64) } else { (52, 40) };
        let program_size = if given.encoding.is_64() { 56 } else { 32 };
        let has_segments = !object.segments.is_empty();
        for (is_wrong, message) in [
            (given.magic != libelf::raw::ELFMAG, "the file does not start with \\x7fELF"),
            (header.class != class, "EI_CLASS is not the class of the file"),
            (header.data != data, "EI_DATA is not the byte order of the file"),
            (header.ident_version != 1, "EI_VERSION is not 1"),
            (header.version != 1, "e_version is not 1"),
            (header.ehsize != own, "e_ehsize is not the size of the ELF header"),
            (
                !object.sections.is_empty() && header.shentsize != size,
                "e_shentsize is not the size of a section header",
            ),
            (
                has_segments && header.phentsize != program_size,
                "e_phentsize is not the size of a program header",
            ),
            (
                has_segments && header.phoff != layout.segment_table,
                "e_phoff is not where the program headers are",
            ),
            (
                sections > 0 && header.shoff != layout.section_table,
                "e_shoff is not where the section headers are",
            ),
            (
                !is_count(header.phnum, segments, PN_XNUM),
                "e_phnum is not the number of program headers",
            ),
            (
                !is_count(header.shnum, sections, SHN_LORESERVE),
                "e_shnum is not the number of section headers",
            ),
            (
                header.shstrndx < SHN_LORESERVE && usize::from(header.shstrndx) >= sections.max(1),
                "e_shstrndx is the index of no section",
            ),
            (Machine(given.machine) == EM_NONE, "there is no machine"),
            (
                FileType(given.kind) == ET_EXEC && !has_segments,
                "an executable has segments to be loaded",
            ),
        ] {
            if is_wrong {
                self.warn(span, message);
            }
        }
    }

    fn section(&mut self, index: u32) {
        let Some(header) = self.header_at(index).copied() else { return };
        let span = self.spans.section(index);
        if index == 0 {
            return self.null_section(&header, span);
        }
        let SectionHeader { kind, flags, addr, offset, size, addralign: align, .. } = header;
        if align > 1 && !align.is_power_of_two() {
            self.warn(span, format!("an alignment of {align} is no power of two"));
        } else if align > 1 && addr & (align - 1) != 0 {
            self.warn(span, format!("the address {addr:#x} is not aligned to {align}"));
        }
        let has_bytes = !matches!(kind, SHT_NOBITS | SHT_NULL) && size != 0;
        if has_bytes && offset.checked_add(size).is_none_or(|end| end > self.layout.length) {
            self.warn(span, "the section ends behind the end of the file");
        }
        if flags & SHF_COMPRESSED.0 != 0 {
            if flags & SHF_ALLOC.0 != 0 {
                self.warn(span, "what is loaded is not compressed");
            } else if kind == SHT_NOBITS {
                self.warn(span, "a section without bytes is not compressed");
            }
        }
        self.link(index, &header);
        if is_table(kind) {
            if header.entsize == 0 {
                self.warn(span, "a table has entries of a size");
            } else if !size.is_multiple_of(header.entsize) {
                let entry = header.entsize;
                self.warn(span, format!("{size} bytes are no whole number of entries of {entry}"));
            }
        }
    }

    /// Index 0: all zeros, but for the numbers that the ELF header has no room for.
    fn null_section(&mut self, header: &SectionHeader, span: Option<Span>) {
        let SectionHeader { name, kind, flags, addr, offset, addralign, entsize, .. } = *header;
        if kind != SHT_NULL {
            self.warn(span, "the first section is the null section");
        } else if name != 0 || [flags, addr, offset, addralign, entsize].iter().any(|&it| it != 0) {
            self.warn(span, "the fields of the null section are zero");
        }
    }

    /// `sh_link` leads to a section of the type that is asked for. gABI, chapter 4, "Sections",
    /// figure 4-14.
    fn link(&mut self, index: u32, header: &SectionHeader) {
        let (span, link) = (self.spans.section(index), header.link);
        let count = self.headers.len();
        let Some(target) = self.header_at(link).map(|target| target.kind) else {
            if u64::from(link) < SHN_LORESERVE.into() {
                self.warn(span, format!("sh_link is {link}, and there are {count} sections"));
            }
            return;
        };
        let (asked, is_right) = match header.kind {
            SHT_SYMTAB | SHT_DYNSYM | SHT_DYNAMIC | SHT_GNU_VERDEF | SHT_GNU_VERNEED => {
                ("string table", matches!(target, SHT_STRTAB | SHT_NOBITS))
            }
            // Without symbols, relocations need no table of them.
            SHT_REL | SHT_RELA | SHT_CREL if link == 0 => return,
            SHT_REL | SHT_RELA | SHT_CREL | SHT_HASH | SHT_GNU_HASH | SHT_GNU_VERSYM
            | SHT_GROUP | SHT_SYMTAB_SHNDX => {
                ("symbol table", matches!(target, SHT_SYMTAB | SHT_DYNSYM | SHT_NOBITS))
            }
            _ => return,
        };
        if !is_right {
            self.warn(span, format!("sh_link is {link}, which is no {asked}"));
        }
    }

    /// No two sections have bytes in common.
    fn overlaps(&mut self) {
        let mut ranges: Vec<(u64, u64, u32)> = (0..)
            .zip(&self.headers)
            .filter_map(|(index, header)| {
                let has_bytes =
                    header.size != 0 && index != 0 && !matches!(header.kind, SHT_NOBITS | SHT_NULL);
                has_bytes.then_some((
                    header.offset,
                    header.offset.saturating_add(header.size),
                    index,
                ))
            })
            .collect();
        ranges.sort_unstable();
        let mut last: Option<(u64, u32)> = None;
        for (start, end, index) in ranges {
            if let Some((before, other)) = last
                && start < before
            {
                let message = format!("sections {other} and {index} have bytes in common");
                self.warn(self.spans.section(index), message);
            }
            if last.is_none_or(|(before, _)| end > before) {
                last = Some((end, index));
            }
        }
    }

    fn segments(&mut self) {
        let mut last = None;
        let mut seen = Vec::new();
        for (index, (key, _)) in (0..).zip(self.object.segments.iter()) {
            let Some(place) = self.layout.segment(SegmentId(key)) else { continue };
            let header = place.header;
            self.segment(index, &header);
            if let Some((_, name)) = FIRST.iter().find(|(kind, _)| *kind == header.kind) {
                let span = self.spans.segment(index);
                if seen.contains(&header.kind) {
                    self.warn(span, format!("there is one {name} at most"));
                } else if last.is_some() {
                    self.warn(span, format!("{name} stands before segments to be loaded"));
                }
                seen.push(header.kind);
            }
            if header.kind == PT_LOAD {
                if last.is_some_and(|before| header.vaddr < before) {
                    let message = "segments to be loaded are not in the order of their addresses";
                    self.warn(self.spans.segment(index), message);
                }
                last = Some(header.vaddr);
            }
        }
    }

    fn segment(&mut self, index: u32, header: &ProgramHeader) {
        let span = self.spans.segment(index);
        let ProgramHeader { filesz, memsz, align, offset, vaddr, .. } = *header;
        if filesz > memsz && header.kind == PT_LOAD {
            self.warn(span, format!("{filesz:#x} bytes of the file are loaded into {memsz:#x}"));
        }
        if align > 1 && !align.is_power_of_two() {
            self.warn(span, format!("an alignment of {align} is no power of two"));
        } else if align > 1 && header.kind == PT_LOAD && (offset ^ vaddr) & (align - 1) != 0 {
            let message = format!(
                "offset {offset:#x} and address {vaddr:#x} leave different rests by {align:#x}"
            );
            self.warn(span, message);
        }
    }
}

/// Segments of which there is one at most, before those that are loaded.
const FIRST: [(ProgramType, &str); 2] = [(PT_PHDR, "PT_PHDR"), (PT_INTERP, "PT_INTERP")];

fn is_table(kind: SectionType) -> bool {
    matches!(kind, SHT_SYMTAB | SHT_DYNSYM | SHT_REL | SHT_RELA | SHT_DYNAMIC | SHT_SYMTAB_SHNDX)
}

#[cfg(test)]
mod tests;
