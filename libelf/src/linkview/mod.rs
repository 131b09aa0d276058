//! Sections as linkers and the programs around them see them.
//!
//! `size`, `objdump -h`, `nm`, `strip` and `ld` do not work on section headers but on *sections*:
//! what is left of the headers when those that only describe others are taken out. This module
//! makes that view, with the same sections in the same order as GNU's tools have, since their
//! output and numbering follow from it:
//!
//! - No section are: the null header, the section name table, the symbol table with its strings
//!   and its extended indexes, and relocations that apply to a section of a relocatable file. The
//!   dynamic symbol table, its strings and its relocations stay, as the program needs them.
//! - Sections are in the order of their headers, except that some headers are looked at for
//!   another one's sake: before a string table all that name it in `sh_link`, before relocations
//!   their target, after the first member of a group all groups.
//! - A core file has no use for section headers. Its sections are its segments (`load0`, `note0`;
//!   in two parts, `load0a` and `load0b`, if the file holds only the start), and for each note a
//!   section with its contents: `.reg/1234` are the registers of thread 1234, and `.reg` are those
//!   of the first thread.
//!
//! A file may have so bad a header that nothing sensible can be told of the whole; then it is no
//! object file to these programs, however much of it [`crate::File`] can read.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let data = libelf::map::read(std::env::current_exe()?)?;
//! let view = libelf::linkview::LinkView::parse(&data).map_err(|_| "not an object file")?;
//! let text: u64 = view
//!     .sections
//!     .iter()
//!     .filter(|section| section.flags.is_alloc() && section.flags.is_code())
//!     .map(|section| section.size)
//!     .sum();
//! # assert!(text > 0);
//! # Ok(())
//! # }
//! ```

mod common;
mod core;
mod core_notes;
mod group;
mod headers;
mod notice;
mod options;
mod property;
mod strings;
mod symbols;
mod versions;

pub use common::{CommonFault, common_size};
pub use headers::widen;
pub use notice::{Notice, printed};
pub use symbols::Symbols;
pub use versions::{BadVersions, Version, Versions};

use std::borrow::Cow;
use std::fmt;

use object::elf::{
    ET_CORE, ET_DYN, ET_EXEC, FileType, SHF_ALLOC, SHF_EXECINSTR, SHF_GROUP, SHF_INFO_LINK,
    SHF_LINK_ORDER, SHF_WRITE, SHT_DYNSYM, SHT_GNU_VERSYM, SHT_GROUP, SHT_MIPS_OPTIONS, SHT_NOBITS,
    SHT_NOTE, SHT_NULL, SHT_PROGBITS, SHT_REL, SHT_RELA, SHT_RELR, SHT_SHLIB, SHT_STRTAB,
    SHT_SYMTAB, SHT_SYMTAB_SHNDX,
};

use crate::file::File;
use crate::ident::Class;
use crate::section::SectionHeader;
use strings::Strings;

/// What memory a section becomes part of, as bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags(u8);

impl Flags {
    const ALLOC: u8 = 1;
    const CONTENTS: u8 = 2;
    const CODE: u8 = 4;
    const READONLY: u8 = 8;

    /// Whether it has memory when the program runs.
    pub fn is_alloc(self) -> bool {
        self.0 & Self::ALLOC != 0
    }

    /// Whether the file holds its contents.
    pub fn has_contents(self) -> bool {
        self.0 & Self::CONTENTS != 0
    }

    /// Whether it holds instructions.
    pub fn is_code(self) -> bool {
        self.0 & Self::CODE != 0
    }

    /// Whether the program may not write it.
    pub fn is_readonly(self) -> bool {
        self.0 & Self::READONLY != 0
    }

    fn of_header(header: &SectionHeader) -> Self {
        let mut bits = 0;
        if header.flags & SHF_ALLOC.0 != 0 {
            bits |= Self::ALLOC;
        }
        if header.kind != SHT_NOBITS {
            bits |= Self::CONTENTS;
        }
        if header.flags & SHF_EXECINSTR.0 != 0 {
            bits |= Self::CODE;
        }
        if header.flags & SHF_WRITE.0 == 0 {
            bits |= Self::READONLY;
        }
        Self(bits)
    }
}

/// A section.
#[derive(Clone, Debug)]
pub struct Section<'data> {
    name: Name<'data>,
    /// The size in bytes: in memory for one without contents, as stored for all others, even if
    /// they are compressed.
    pub size: u64,
    /// The virtual address.
    pub addr: u64,
    /// Where the contents start in the file, in bytes; 0 for a section that is not in memory when
    /// the program runs, of a core file. Nothing has been checked: they may lie past the end.
    pub offset: u64,
    /// What it is in memory.
    pub flags: Flags,
    /// The index of its section header; 0 for a part of a core file.
    pub header: u32,
}

/// A name, and what follows its zero byte if it has one. Names that nobody asks for are not looked
/// at: they are spread over much of a file.
#[derive(Clone)]
struct Name<'data>(Cow<'data, [u8]>);

impl Name<'_> {
    fn bytes(&self) -> &[u8] {
        let end = memchr::memchr(0, &self.0).unwrap_or(self.0.len());
        self.0.get(..end).unwrap_or_default()
    }
}

impl fmt::Debug for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.bytes().escape_ascii())
    }
}

impl Section<'_> {
    /// The name as stored, or made up for a part of a core file. Each call looks for its end.
    pub fn name(&self) -> &[u8] {
        self.name.bytes()
    }
}

impl Section<'static> {
    /// A section of `size` bytes of data at address 0.
    pub fn data(name: &'static [u8], size: u64) -> Self {
        Self {
            name: Name(Cow::Borrowed(name)),
            size,
            addr: 0,
            offset: 0,
            flags: Flags(Flags::ALLOC | Flags::CONTENTS),
            header: 0,
        }
    }
}

/// A file as a list of sections.
#[derive(Clone, Debug, Default)]
pub struct LinkView<'data> {
    /// The sections, in order.
    pub sections: Vec<Section<'data>>,
    /// What is wrong with the file without spoiling it.
    pub notices: Vec<Notice>,
    /// For a core file the command line of the process, as far as the file kept it.
    pub command: Option<Vec<u8>>,
    /// Whether it is a core file.
    pub is_core: bool,
    /// The index of the section header of the symbol table (`SHT_SYMTAB`).
    pub symtab: Option<usize>,
    /// That of the dynamic symbol table (`SHT_DYNSYM`).
    pub dynsym: Option<usize>,
}

/// No object file: what is wrong with it without being the reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NotRecognized {
    /// In order of discovery.
    pub notices: Vec<Notice>,
}

/// A reason to refuse the whole file. It has no words, as the programs have only one message for
/// all of them.
struct Refused;

type Checked<T> = Result<T, Refused>;

impl<'data> LinkView<'data> {
    /// Makes the view of the file with these bytes.
    ///
    /// # Errors
    /// [`NotRecognized`] if it is no object file to linkers.
    pub fn parse(data: &'data [u8]) -> Result<Self, NotRecognized> {
        Self::parse_parts(data, true)
    }

    /// As [`Self::parse`], but without the sections, which are many in large programs' objects.
    ///
    /// # Errors
    /// [`NotRecognized`] if it is no object file to linkers.
    pub fn without_sections(data: &'data [u8]) -> Result<Self, NotRecognized> {
        Self::parse_parts(data, false)
    }

    fn parse_parts(data: &'data [u8], has_sections: bool) -> Result<Self, NotRecognized> {
        let mut notices = Vec::new();
        let parsed = Self::parse_noting(data, has_sections, &mut notices);
        match parsed {
            Ok(view) => Ok(Self { notices, ..view }),
            Err(Refused) => Err(NotRecognized { notices }),
        }
    }

    fn parse_noting(
        data: &'data [u8],
        has_sections: bool,
        notices: &mut Vec<Notice>,
    ) -> Checked<Self> {
        let file = File::parse(data).map_err(|_| Refused)?;
        if file.header().ident_version() != 1 {
            return Err(Refused);
        }
        if file.header().kind == ET_CORE {
            return core::parse(&file, notices);
        }
        let headers = headers::section_headers(&file, notices)?;
        headers::program_headers(&file, notices)?;
        let mut builder = Builder::new(&file, headers, has_sections, notices)?;
        for index in 1..builder.headers.len() {
            builder.visit(index)?;
        }
        builder.check_ties()?;
        Ok(Self {
            sections: builder.sections,
            symtab: builder.symtab,
            dynsym: builder.dynsym,
            ..Self::default()
        })
    }
}

/// Headers that need others for their own sake, one after the other: in real files it is two.
const DEPTH_LIMIT: usize = 200;

/// How far a header has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Untouched,
    Visiting,
    /// No section of its own.
    Hidden,
    Section {
        /// Whether relocations of type REL and of type RELA were put aside for it.
        has_rel: bool,
        has_rela: bool,
    },
}

/// Makes sections of headers.
struct Builder<'a, 'data> {
    file: &'a File<'data>,
    kind: FileType,
    headers: Vec<SectionHeader>,
    /// Whether names of sections can be looked up.
    has_names: bool,
    name_index: usize,
    strings: Strings<'data>,
    states: Vec<State>,
    /// The sections; none if they are not asked for.
    sections: Vec<Section<'data>>,
    has_sections: bool,
    symtab: Option<usize>,
    dynsym: Option<usize>,
    groups: Option<group::Groups>,
    /// Whether a section is a group or follows another: something to check in the end.
    has_ties: bool,
    /// Who names whom in `sh_link`; made for the first string table that needs it.
    users: Option<Users>,
    depth: usize,
    notices: &'a mut Vec<Notice>,
}

impl<'a, 'data> Builder<'a, 'data> {
    fn new(
        file: &'a File<'data>,
        headers: Vec<SectionHeader>,
        has_sections: bool,
        notices: &'a mut Vec<Notice>,
    ) -> Checked<Self> {
        let name_index = file.section_name_index() as usize;
        let has_names = headers::has_section_names(file, &headers, name_index, notices)?;
        Ok(Self {
            file,
            kind: file.header().kind,
            has_names,
            name_index,
            strings: Strings::new(name_index),
            states: vec![State::Untouched; headers.len()],
            sections: Vec::with_capacity(if has_sections { headers.len() } else { 0 }),
            has_sections,
            headers,
            symtab: None,
            dynsym: None,
            groups: None,
            has_ties: false,
            users: None,
            depth: 0,
            notices,
        })
    }

    fn header(&self, index: usize) -> Checked<SectionHeader> {
        self.headers.get(index).copied().ok_or(Refused)
    }

    fn state(&self, index: usize) -> State {
        self.states.get(index).copied().unwrap_or(State::Hidden)
    }

    fn set_state(&mut self, index: usize, state: State) {
        if let Some(place) = self.states.get_mut(index) {
            *place = state;
        }
    }

    fn visit(&mut self, index: usize) -> Checked<()> {
        match self.state(index) {
            State::Untouched => {}
            // Headers that need each other.
            State::Visiting => {
                self.notices.push(Notice::Loop);
                return Err(Refused);
            }
            _ => return Ok(()),
        }
        if !self.has_names {
            return Ok(());
        }
        let header = self.header(index)?;
        // The name must lie in the table, whether a section comes of the header or not.
        let name = self.string(self.name_index, header.name).ok_or(Refused)?;
        self.depth += 1;
        if self.depth > DEPTH_LIMIT {
            return Err(Refused);
        }
        let has_section = if matches!(header.kind, SHT_PROGBITS | SHT_NOBITS) {
            // Most headers: they need no other, so nothing can come back to them.
            true
        } else {
            self.set_state(index, State::Visiting);
            self.decide(index, &header)?
        };
        self.depth -= 1;
        let state = if has_section {
            self.add(index, &header, name)?
        } else if self.is_ignored_table(index, &header) {
            // Noted anew each time that something needs it.
            State::Untouched
        } else {
            State::Hidden
        };
        self.set_state(index, state);
        Ok(())
    }

    /// Whether the header becomes a section.
    fn decide(&mut self, index: usize, header: &SectionHeader) -> Checked<bool> {
        match header.kind {
            SHT_NULL => Ok(false),
            SHT_SYMTAB => self.symbol_table(index, header),
            SHT_DYNSYM => self.dynamic_symbol_table(index, header),
            SHT_SYMTAB_SHNDX | SHT_SHLIB => Ok(false),
            SHT_STRTAB => self.string_table(index),
            SHT_REL | SHT_RELA => self.relocs(header),
            SHT_RELR => Self::entries_of(header, self.file.encoding().word_size() as u64),
            SHT_GNU_VERSYM => Self::entries_of(header, 2),
            // Notes are read at once.
            SHT_NOTE if header.size != 0 && self.file.section_data(header).is_err() => {
                let name = self.string(self.name_index, header.name).unwrap_or_default();
                let section = name.split(|&byte| byte == 0).next().unwrap_or_default().to_vec();
                self.notices.push(Notice::SectionTooLarge { section, size: header.size });
                Err(Refused)
            }
            SHT_NOTE => {
                self.check_properties(header);
                Ok(true)
            }
            SHT_MIPS_OPTIONS => {
                self.check_mips_options(header);
                Ok(true)
            }
            SHT_GROUP if !Self::is_group(header) => Err(Refused),
            _ => Ok(true),
        }
    }

    fn entries_of(header: &SectionHeader, size: u64) -> Checked<bool> {
        if header.entsize == size { Ok(true) } else { Err(Refused) }
    }

    /// A symbol's size, if the table is made of whole ones and its first global symbol lies in it.
    fn check_symbols(&self, header: &SectionHeader) -> Checked<()> {
        let size = match self.file.encoding().class {
            Class::Elf32 => 16,
            Class::Elf64 => 24,
        };
        let locals = u64::from(header.info).saturating_mul(size);
        if header.entsize != size || (locals > header.size && header.size != 0) {
            return Err(Refused);
        }
        Ok(())
    }

    fn symbol_table(&mut self, index: usize, header: &SectionHeader) -> Checked<bool> {
        self.check_symbols(header)?;
        // Some assemblers count local symbols where there are none at all. The count is mended, and
        // the table is taken when something asks for it again.
        if header.size == 0
            && let Some(header) = self.headers.get_mut(index).filter(|header| header.info != 0)
        {
            header.info = 0;
            return Ok(false);
        }
        if self.symtab.is_some() {
            self.notices.push(Notice::SecondSymbolTable { index });
            return Ok(false);
        }
        self.symtab = Some(index);
        // What a shared object allocates, its program may look at.
        Ok(self.kind == ET_DYN && header.flags & SHF_ALLOC.0 != 0)
    }

    /// Whether it is a second table of symbols.
    fn is_ignored_table(&self, index: usize, header: &SectionHeader) -> bool {
        match header.kind {
            SHT_SYMTAB => self.symtab != Some(index),
            SHT_DYNSYM => self.dynsym != Some(index),
            _ => false,
        }
    }

    fn dynamic_symbol_table(&mut self, index: usize, header: &SectionHeader) -> Checked<bool> {
        self.check_symbols(header)?;
        if self.dynsym.is_some() {
            self.notices.push(Notice::SecondDynamicSymbolTable { index });
            return Ok(false);
        }
        self.dynsym = Some(index);
        Ok(true)
    }

    /// A string table is hidden if it is that of the symbol table, which may come later.
    fn string_table(&mut self, index: usize) -> Checked<bool> {
        if index == self.name_index {
            return Ok(false);
        }
        if self.table_links_to(self.symtab, index) {
            return Ok(false);
        }
        if self.table_links_to(self.dynsym, index) {
            return Ok(true);
        }
        let mut next = self.users.get_or_insert_with(|| Users::of(&self.headers)).first(index);
        while let Some(user) = next {
            next = self.users.as_ref().and_then(|users| users.after(user));
            let header = self.header(user)?;
            if matches!(header.kind, SHT_SYMTAB | SHT_DYNSYM) && header.size == 0 {
                continue;
            }
            self.visit(user)?;
            if self.symtab == Some(user) {
                return Ok(false);
            }
            if self.dynsym == Some(user) {
                return Ok(true);
            }
        }
        Ok(true)
    }

    fn table_links_to(&self, table: Option<usize>, strings: usize) -> bool {
        table
            .and_then(|table| self.headers.get(table))
            .is_some_and(|header| header.link as usize == strings)
    }

    /// Relocations are hidden if they belong to a section of the file, not to the program.
    fn relocs(&mut self, header: &SectionHeader) -> Checked<bool> {
        let is_rela = header.kind == SHT_RELA;
        let word = self.file.encoding().word_size() as u64;
        Self::entries_of(header, if is_rela { 3 * word } else { 2 * word })?;
        let target = header.info as usize;
        let is_for_loader =
            (self.kind == ET_EXEC || self.kind == ET_DYN) && header.flags & SHF_ALLOC.0 != 0;
        let link = self.header(header.link as usize)?;
        if matches!(link.kind, SHT_SYMTAB | SHT_DYNSYM) {
            self.visit(header.link as usize)?;
        }
        if is_for_loader || header.link == 0 || link.kind != SHT_SYMTAB || target == 0 {
            return Ok(true);
        }
        let target_kind = self.header(target)?.kind;
        if target_kind == SHT_REL || target_kind == SHT_RELA {
            return Ok(true);
        }
        // The relocations of a second symbol table are of no use to a linker.
        if self.symtab != Some(header.link as usize) {
            return Ok(true);
        }
        self.visit(target)?;
        let State::Section { has_rel, has_rela } = self.state(target) else {
            return Err(Refused);
        };
        let (state, is_second) = if is_rela {
            let has_rela_now = State::Section { has_rel, has_rela: true };
            (has_rela_now, has_rela)
        } else {
            let has_rel_now = State::Section { has_rel: true, has_rela };
            (has_rel_now, has_rel)
        };
        self.set_state(target, state);
        Ok(is_second)
    }

    /// Makes the section of a header.
    fn add(&mut self, index: usize, header: &SectionHeader, name: &'data [u8]) -> Checked<State> {
        // An alignment of 2^63 has no meaning in any file.
        if header.addralign.trailing_zeros() == 63 {
            return Err(Refused);
        }
        self.has_ties |= header.kind == SHT_GROUP || header.flags & SHF_LINK_ORDER.0 != 0;
        if self.has_sections {
            self.sections.push(Section {
                name: Name(Cow::Borrowed(name)),
                size: header.size,
                addr: widen(self.file, header.addr),
                offset: header.offset,
                flags: Flags::of_header(header),
                header: index as u32,
            });
        }
        if header.flags & SHF_GROUP.0 != 0 {
            self.join_group(index, header)?;
        }
        Ok(State::Section { has_rel: false, has_rela: false })
    }

    /// The links of a header, checked before anything is made of any.
    fn links_are_sound(count: usize, header: &SectionHeader) -> bool {
        let info_is_index =
            header.flags & SHF_INFO_LINK.0 != 0 || matches!(header.kind, SHT_REL | SHT_RELA);
        (header.link as usize) < count && (!info_is_index || (header.info as usize) < count)
    }

    /// Whether the section that orders this one is one.
    fn order_is_sound(&self, header: &SectionHeader) -> bool {
        let link = header.link as usize;
        header.flags & SHF_LINK_ORDER.0 == 0
            || link == 0
            || matches!(self.state(link), State::Section { .. })
    }
}

/// The headers that name each header in `sh_link`: lists in the order of the headers. 0, which is no
/// user, ends each.
struct Users {
    /// For each header the first of its list.
    first: Vec<u32>,
    /// For each header the next of the list that it is in.
    next: Vec<u32>,
}

impl Users {
    fn of(headers: &[SectionHeader]) -> Self {
        let mut users = Self { first: vec![0; headers.len()], next: vec![0; headers.len()] };
        for (index, header) in headers.iter().enumerate().skip(1).rev() {
            if let Some(first) = users.first.get_mut(header.link as usize)
                && let Some(next) = users.next.get_mut(index)
            {
                *next = std::mem::replace(first, index as u32);
            }
        }
        users
    }

    /// The first header that names the one with this index.
    fn first(&self, index: usize) -> Option<usize> {
        Self::user(&self.first, index)
    }

    /// The next one after `user`.
    fn after(&self, user: usize) -> Option<usize> {
        Self::user(&self.next, user)
    }

    fn user(list: &[u32], index: usize) -> Option<usize> {
        list.get(index).filter(|&&user| user != 0).map(|&user| user as usize)
    }
}

#[cfg(test)]
mod tests;
