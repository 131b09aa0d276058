//! Warnings: what a description makes that the standard forbids.
//!
//! Nothing here is an error. A file that is wrong on purpose is what descriptions are for; one that
//! is wrong by mistake should not come as a surprise. `-w` silences all of them.
//!
//! Values are looked at as they are written: [`libelf::edit::Layout`] has them, whether given or
//! computed.

use libelf::edit::{Contents, Layout, Object, SectionId, SegmentId};
use libelf::raw::{
    EM_NONE, ET_EXEC, FileType, Machine, PT_LOAD, SHN_LORESERVE, SHT_DYNAMIC, SHT_DYNSYM,
    SHT_NOBITS, SHT_NULL, SHT_REL, SHT_RELA, SHT_SYMTAB, STB_LOCAL, SectionType, SymbolInfo,
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
    let mut found = Found { spans, diagnostics };
    found.header(object, layout);
    for (index, (key, section)) in (0..).zip(object.sections.iter()) {
        if let Some(place) = layout.section(SectionId(key)) {
            found.section(index, &place.header, object);
            found.symbols(index, &section.contents, &place.header);
        }
    }
    found.overlaps(object, layout);
    found.segments(object, layout);
}

struct Found<'f> {
    spans: &'f dyn Spans,
    diagnostics: &'f mut Diagnostics,
}

impl Found<'_> {
    fn warn(&mut self, span: Option<Span>, message: impl Into<String>) {
        self.diagnostics.push(Diagnostic::warning(span, message));
    }

    fn header(&mut self, object: &Object<'_>, layout: &Layout) {
        let span = self.spans.header();
        let (given, header) = (&object.header, &layout.header);
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

    fn section(&mut self, index: u32, header: &SectionHeader, object: &Object<'_>) {
        let span = self.spans.section(index);
        if index == 0 {
            if header.kind != SHT_NULL {
                self.warn(span, "the first section is the null section");
            }
            return;
        }
        let align = header.addralign;
        if align != 0 && !align.is_power_of_two() {
            self.warn(span, format!("an alignment of {align} is no power of two"));
        } else if align > 1 && header.addr & (align - 1) != 0 {
            self.warn(span, format!("the address {:#x} is not aligned to {align}", header.addr));
        }
        let count = object.sections.len() as u64;
        if u64::from(header.link) >= count && header.link < SHN_LORESERVE.into() {
            self.warn(span, format!("sh_link is {}, and there are {count} sections", header.link));
        }
        if is_table(header.kind) {
            if header.entsize == 0 {
                self.warn(span, "a table has entries of a size");
            } else if !header.size.is_multiple_of(header.entsize) {
                let (size, entry) = (header.size, header.entsize);
                self.warn(span, format!("{size} bytes are no whole number of entries of {entry}"));
            }
        }
    }

    /// Local symbols stand before all others, and `sh_info` says where those start.
    fn symbols(&mut self, index: u32, contents: &Contents<'_>, header: &SectionHeader) {
        let Contents::Symbols(symbols) = contents else {
            return;
        };
        let locals = symbols
            .iter()
            .take_while(|(_, symbol)| SymbolInfo(symbol.info).st_bind() == STB_LOCAL)
            .count();
        let has_late = symbols
            .iter()
            .skip(locals)
            .any(|(_, symbol)| SymbolInfo(symbol.info).st_bind() == STB_LOCAL);
        let span = self.spans.section(index);
        if has_late {
            self.warn(span, "a local symbol stands behind one that is not");
        } else if header.info as usize != locals {
            let said = header.info;
            self.warn(span, format!("sh_info is {said}, and {locals} symbols are local"));
        }
    }

    /// No two sections have bytes in common.
    fn overlaps(&mut self, object: &Object<'_>, layout: &Layout) {
        let mut ranges: Vec<(u64, u64, u32)> = (0..)
            .zip(object.sections.iter())
            .filter_map(|(index, (key, _))| {
                let header = layout.section(SectionId(key))?.header;
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

    fn segments(&mut self, object: &Object<'_>, layout: &Layout) {
        let mut last = None;
        for (index, (key, _)) in (0..).zip(object.segments.iter()) {
            let Some(place) = layout.segment(SegmentId(key)) else { continue };
            let header = place.header;
            self.segment(index, &header);
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

fn is_table(kind: SectionType) -> bool {
    matches!(kind, SHT_SYMTAB | SHT_DYNSYM | SHT_REL | SHT_RELA | SHT_DYNAMIC)
}

#[cfg(test)]
mod tests {
    use libpeg::notation::{NoFiles, Options, parse};
    use libpeg::source::SourceMap;

    use crate::Settings;

    fn warnings(text: &str) -> Vec<String> {
        let sources = SourceMap::new();
        let id = sources.add("text", text).unwrap();
        let parsed = parse(&sources, id, &Options { files: &NoFiles, ..Options::default() });
        let mut diagnostics = parsed.diagnostics;
        let settings = Settings::default();
        let file = crate::build(&parsed.statements, &settings, &mut diagnostics).unwrap();
        assert!(file.prepare(&settings, &mut diagnostics).is_some());
        assert!(!diagnostics.has_errors());
        diagnostics.iter().map(|warning| warning.message().to_owned()).collect()
    }

    #[test]
    fn sound_files_are_left_alone() {
        assert_eq!(
            warnings(
                "elf type=EXEC; segment LOAD RX covers=[header, table, .text];
                 section .text align=16 { hex { c3 } } section .bss size=4;
                 section .symtab { symbols { a LOCAL; b; } } section .strtab;"
            ),
            [""; 0]
        );
    }

    #[test]
    fn what_is_forbidden_is_told() {
        for (text, expected) in [
            ("elf version=2;", "e_version is not 1"),
            ("elf; section .a align=3;", "an alignment of 3 is no power of two"),
            ("elf; section .a addr=1 align=2;", "the address 0x1 is not aligned to 2"),
            ("elf; section .a link=9;", "sh_link is 9, and there are 3 sections"),
            (
                "elf; section .symtab { symbols { a; b LOCAL; } } section .strtab;",
                "a local symbol stands behind one that is not",
            ),
            (
                "elf; section .symtab entsize=7 { symbols { a; } } section .strtab;",
                "48 bytes are no whole number of entries of 7",
            ),
            (
                "elf; section .a offset=0x40 { u32 1; } section .b offset=0x42 { u32 1; }",
                "sections 1 and 2 have bytes in common",
            ),
            (
                "elf; segment LOAD R offset=1 vaddr=2 align=4;",
                "offset 0x1 and address 0x2 leave different rests by 0x4",
            ),
        ] {
            assert_eq!(warnings(text), [expected], "{text}");
        }
    }
}
