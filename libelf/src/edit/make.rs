//! Objects from nothing.
//!
//! An object with a function, for a linker:
//!
//! ```
//! use libelf::edit::{Contents, Object, Section, Symbol, SymbolSection};
//! use libelf::raw::{EM_X86_64, ET_REL, SHF_ALLOC, SHF_EXECINSTR, SHT_PROGBITS};
//! use libelf::{Class, Encoding, File, raw::Endianness};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let encoding = Encoding { class: Class::Elf64, endian: Endianness::Little };
//! let mut object = Object::new(encoding, ET_REL.0, EM_X86_64.0);
//! let text = object.add_section(Section {
//!     name: ".text".into(),
//!     kind: SHT_PROGBITS.0,
//!     flags: SHF_ALLOC.0 | SHF_EXECINSTR.0,
//!     contents: Contents::Bytes([0xb8, 42, 0, 0, 0, 0xc3][..].into()),
//!     ..Section::default()
//! });
//! let symbols = object.symbol_table();
//! object.add_symbol(symbols, Symbol {
//!     name: "answer".into(),
//!     info: 0x12, // STB_GLOBAL, STT_FUNC
//!     section: SymbolSection::Section(text),
//!     size: 6,
//!     ..Symbol::default()
//! })?;
//! object.complete();
//!
//! let bytes = object.to_bytes()?;
//! let file = File::parse(&bytes)?;
//! assert!(file.section_by_name(b".shstrtab")?.is_some());
//! # Ok(())
//! # }
//! ```

use object::elf::{self, ProgramType};

use super::object::FileHeader;
use super::{Contents, Field, Object, Section, SectionId, Segment, Slots, Symbol, SymbolSection};
use crate::ident::Encoding;

impl FileHeader {
    /// A header whose other fields follow from the object: `kind` is `e_type`, `machine`
    /// `e_machine`.
    pub fn new(encoding: Encoding, kind: u16, machine: u16) -> Self {
        Self {
            encoding,
            magic: elf::ELFMAG,
            class: Field::Auto,
            data: Field::Auto,
            ident_version: Field::Auto,
            os_abi: 0,
            abi_version: 0,
            padding: [0; 7],
            kind,
            machine,
            version: Field::Auto,
            entry: Field::Auto,
            phoff: Field::Auto,
            shoff: Field::Auto,
            flags: 0,
            ehsize: Field::Auto,
            phentsize: Field::Auto,
            phnum: Field::Auto,
            shentsize: Field::Auto,
            shnum: Field::Auto,
            shstrndx: Field::Auto,
            section_names: None,
            segment_table: Field::Auto,
            section_table: Field::Auto,
        }
    }
}

impl Object<'_> {
    /// An object with nothing but a header and the null section.
    pub fn new(encoding: Encoding, kind: u16, machine: u16) -> Self {
        let mut sections = Slots::default();
        sections.push(Section::default());
        Self {
            header: FileHeader::new(encoding, kind, machine),
            sections,
            segments: Slots::default(),
            fillers: Vec::new(),
            length: Field::Auto,
        }
    }

    /// The first section of a type.
    fn first_of(&self, kind: elf::SectionType) -> Option<SectionId> {
        let mut sections = self.sections.iter();
        sections.find(|(_, section)| section.kind == kind.0).map(|(key, _)| SectionId(key))
    }

    /// A string table that all its users fill.
    fn add_string_table(&mut self, name: &'static str) -> SectionId {
        self.add_section(Section {
            name: name.into(),
            kind: elf::SHT_STRTAB.0,
            contents: Contents::Strings(super::contents::Strings::default()),
            ..Section::default()
        })
    }

    /// The symbol table (`.symtab`), which is made if there is none, with its null symbol and its
    /// string table.
    pub fn symbol_table(&mut self) -> SectionId {
        if let Some(table) = self.first_of(elf::SHT_SYMTAB) {
            return table;
        }
        let mut symbols = Slots::default();
        symbols.push(Symbol::default());
        let table = self.add_section(Section {
            name: ".symtab".into(),
            kind: elf::SHT_SYMTAB.0,
            contents: Contents::Symbols(symbols),
            ..Section::default()
        });
        if self.section_by_name(b".strtab").is_none() {
            self.add_string_table(".strtab");
        }
        table
    }

    /// Adds the bookkeeping that a well-formed file needs and the object has not: the null section,
    /// `.shstrtab`, and a table for section indexes that do not fit the symbols.
    pub fn complete(&mut self) {
        let first = self.sections.key_at(0).and_then(|key| self.sections.get(key));
        if first.is_none_or(|section| section.kind != elf::SHT_NULL.0) {
            self.sections.insert(0, Section::default());
        }
        if self.section_by_name(b".shstrtab").is_none() && self.header.section_names.is_none() {
            self.add_string_table(".shstrtab");
        }
        if self.needs_symbol_sections() && self.first_of(elf::SHT_SYMTAB_SHNDX).is_none() {
            self.add_section(Section {
                name: ".symtab_shndx".into(),
                kind: elf::SHT_SYMTAB_SHNDX.0,
                contents: Contents::SymbolSections,
                ..Section::default()
            });
        }
    }

    /// Whether a symbol of the symbol table is in a section whose index does not fit it.
    fn needs_symbol_sections(&self) -> bool {
        let Some(table) = self.first_of(elf::SHT_SYMTAB) else { return false };
        let Some(Contents::Symbols(symbols)) = self.sections.get(table.0).map(|s| &s.contents)
        else {
            return false;
        };
        let positions = self.sections.positions();
        let index = |id: SectionId| positions.get(id.0 as usize).copied().unwrap_or(0);
        symbols.iter().any(|(_, symbol)| match symbol.section {
            SymbolSection::Extended(_) => true,
            SymbolSection::Section(id) => index(id) >= elf::SHN_LORESERVE.into(),
            _ => false,
        })
    }

    /// Replaces the segments by those that a loader needs for the sections, as linkers make them:
    /// a loaded one for each run of sections with the same permissions, of which the first holds
    /// the headers, and one for each interpreter, dynamic section, run of notes, thread-local data
    /// and unwind table; and the mark of a stack that holds no code.
    ///
    /// Sections with `SHF_ALLOC` are loaded in the order they have.
    pub fn make_segments(&mut self) {
        let loaded: Vec<(SectionId, u32, u64, &[u8])> = self
            .sections
            .iter()
            .filter(|(_, section)| section.flags & elf::SHF_ALLOC.0 != 0)
            .map(|(key, section)| {
                (SectionId(key), section.kind, section.flags, &*section.name.text)
            })
            .collect();
        let mut segments = Vec::new();
        let named = |kind: ProgramType, is: &dyn Fn(u32, u64, &[u8]) -> bool| {
            let sections = loaded.iter().filter(|(_, kind, flags, name)| is(*kind, *flags, name));
            let sections: Vec<SectionId> = sections.map(|&(id, ..)| id).collect();
            (!sections.is_empty()).then(|| Segment { kind: kind.0, sections, ..Segment::default() })
        };
        let interpreter = named(elf::PT_INTERP, &|_, _, name| name == b".interp");
        if interpreter.is_some() {
            segments.push(Segment {
                kind: elf::PT_PHDR.0,
                holds_segment_table: true,
                ..Segment::default()
            });
        }
        segments.extend(interpreter);
        let permissions = |flags: u64| flags & (elf::SHF_WRITE.0 | elf::SHF_EXECINSTR.0);
        let runs = loaded.chunk_by(|a, b| permissions(a.2) == permissions(b.2));
        for (index, run) in runs.enumerate() {
            segments.push(Segment {
                kind: elf::PT_LOAD.0,
                holds_file_header: index == 0,
                holds_segment_table: index == 0,
                sections: run.iter().map(|&(id, ..)| id).collect(),
                ..Segment::default()
            });
        }
        segments.extend(named(elf::PT_DYNAMIC, &|kind, _, _| kind == elf::SHT_DYNAMIC.0));
        let is_note = |entry: &&(SectionId, u32, u64, &[u8])| entry.1 == elf::SHT_NOTE.0;
        let property: &[u8] = b".note.gnu.property";
        // Those of other alignment are notes of their own.
        let runs = loaded
            .chunk_by(|a, b| is_note(&a) == is_note(&b) && (a.3 == property) == (b.3 == property));
        for run in runs.filter(|run| run.first().is_some_and(|first| is_note(&first))) {
            let sections = run.iter().map(|&(id, ..)| id).collect();
            segments.push(Segment { kind: elf::PT_NOTE.0, sections, ..Segment::default() });
        }
        segments.extend(named(elf::PT_TLS, &|_, flags, _| flags & elf::SHF_TLS.0 != 0));
        segments.extend(named(elf::PT_GNU_EH_FRAME, &|_, _, name| name == b".eh_frame_hdr"));
        segments.push(Segment { kind: elf::PT_GNU_STACK.0, ..Segment::default() });
        self.segments = Slots::default();
        for segment in segments {
            self.segments.push(segment);
        }
    }
}

#[cfg(test)]
#[path = "make_tests.rs"]
mod tests;
