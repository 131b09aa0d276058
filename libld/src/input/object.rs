//! Relocatable objects.
//!
//! Parsing an object looks at its section headers once and at the names of its global symbols; the
//! contents of its sections, its relocations and its local symbols are not touched. All later
//! passes read the tables in place.

use libelf::raw::{
    GRP_COMDAT, SHF_ALLOC, SHF_GROUP, SHF_LINK_ORDER, SHN_ABS, SHN_COMMON, SHN_LORESERVE,
    SHN_UNDEF, SHN_XINDEX, SHT_GROUP, SHT_REL, SHT_RELA, SHT_SYMTAB, SectionType,
};
use libelf::section::SectionHeader;
use libelf::strtab::StringTable;
use libelf::symbol::{Symbol, SymbolTable};
use libelf::table::Table;
use libelf::{Encoding, File};

use super::library::Known;
use super::{Origin, shared_names};
use crate::ids::SymbolId;
use crate::names::{Batch, Names};

/// A relocatable object.
pub struct Object<'data> {
    /// What it is called.
    pub origin: Origin<'data>,
    /// The file.
    pub file: File<'data>,
    /// Its section headers; those of null and of tables for the linker among them.
    pub sections: Table<'data, SectionHeader>,
    /// The names of its sections.
    pub section_names: StringTable<'data>,
    /// What some of these names ask for.
    pub special: SpecialSections,
    /// Its symbols; empty if it has none.
    pub symbols: Table<'data, Symbol>,
    /// Where the symbols' names are.
    pub strings: StringTable<'data>,
    /// Whether only the values of its symbols count (`-R`).
    pub is_numbers: bool,
    /// Whether sections are to lie in the order of others (`SHF_LINK_ORDER`).
    pub has_link_order: bool,
    /// Whether any of the names has an `@`, as those with a version do.
    pub has_versions: bool,
    /// Section indexes of symbols that do not fit `st_shndx`.
    pub extended: Table<'data, u32>,
    /// The index of the section that holds the symbols, 0 if there is none.
    pub symbol_section: u32,
    /// The index of the first symbol that is not local.
    pub first_global: u32,
    /// The numbers of the symbols from `first_global` on.
    pub globals: Box<[SymbolId]>,
    /// For each section, the index of the section with its relocations; 0 for none.
    pub relocs: Box<[u32]>,
    /// Its section groups.
    pub groups: Box<[Group<'data>]>,
}

/// Whether an object may have sections whose names are orders to the linker. Looked for at once, as
/// the names of sections are many and such are rare.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SpecialSections {
    /// `.gnu.linkonce.…`: of several sections of one name, the first is kept.
    pub linkonce: bool,
    /// `.gnu.warning.SYMBOL`: a text for those who refer to the symbol.
    pub warning: bool,
}

impl SpecialSections {
    /// What a table of section names holds.
    pub fn of(names: &[u8]) -> Self {
        const START: &[u8] = b".gnu.";
        let mut found = Self::default();
        for at in memchr::memmem::find_iter(names, START) {
            let rest = names.get(at + START.len()..).unwrap_or_default();
            found.linkonce |= rest.starts_with(b"linkonce.");
            found.warning |= rest.starts_with(b"warning.");
        }
        found
    }
}

/// A section group. gABI, chapter 4, "Section Groups".
pub struct Group<'data> {
    /// The section that holds the group.
    pub section: u32,
    /// The number of its signature.
    pub signature: SymbolId,
    /// Whether only one group of this signature is kept (`GRP_COMDAT`).
    pub is_comdat: bool,
    /// The indexes of its members.
    pub members: Table<'data, u32>,
}

/// Where a symbol of an object is defined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Nowhere: a reference.
    Undefined,
    /// In the section with this index.
    Section(u32),
    /// Its value is no address.
    Absolute,
    /// Space that the linker allocates; the value is the alignment in bytes.
    Common,
    /// In a section index that a machine gives a meaning (`SHN_LOPROC`…).
    Special(u16),
}

/// What makes an object unusable; in GNU's words as far as it has some.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// A table of the file is damaged.
    #[error("file not recognized: file truncated")]
    Truncated,
    /// A table of the file cannot be read.
    #[error("{0}")]
    Damaged(#[from] libelf::Error),
    /// A member of a thin archive cannot be opened.
    #[error("{}: {error}", path.display())]
    Open {
        /// The file.
        path: std::path::PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// `sh_link` or `sh_info` of a section names none.
    #[error("section {section}: {what} names section {value}, and there are {count}")]
    NoSection {
        /// The section.
        section: u32,
        /// The field.
        what: &'static str,
        /// What the field says.
        value: u32,
        /// How many sections there are.
        count: usize,
    },
    /// Names share so many bytes that the table stands for far more than it holds.
    #[error("{what} of {count} entries share the bytes of their table over and over")]
    SharedNames {
        /// What has the names.
        what: &'static str,
        /// How many there are.
        count: usize,
    },
    /// The symbol table says that its first global symbol lies past its end.
    #[error("symbol table: the first global symbol is number {first}, and there are {count}")]
    FirstGlobal {
        /// `sh_info`
        first: u32,
        /// How many symbols there are.
        count: usize,
    },
}

impl Fault {
    /// The same fault, in the section with this index.
    pub(super) fn in_section(self, index: u32) -> Self {
        match self {
            Self::Damaged(error) => Self::Damaged(error.in_section(index)),
            other => other,
        }
    }
}

impl<'data> Object<'data> {
    /// Reads the tables of an object and gives its global symbols their numbers.
    ///
    /// # Errors
    /// If a table that every pass needs is damaged.
    pub fn parse(
        origin: Origin<'data>,
        file: File<'data>,
        names: &Names<'data>,
    ) -> Result<Self, Fault> {
        Self::parse_known(origin, file, names, Known::default())
    }

    /// As [`Self::parse`], of the member of an archive whose index tells what it defines.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn parse_known(
        origin: Origin<'data>,
        file: File<'data>,
        names: &Names<'data>,
        known: Known<'_, 'data>,
    ) -> Result<Self, Fault> {
        let sections = file.section_headers()?;
        let section_names =
            if sections.is_empty() { StringTable::default() } else { file.section_names()? };
        let mut object = Self {
            origin,
            file,
            sections,
            section_names,
            special: SpecialSections::of(section_names.bytes()),
            symbols: Table::empty(file.encoding()),
            strings: StringTable::default(),
            is_numbers: false,
            has_link_order: false,
            has_versions: false,
            extended: Table::empty(file.encoding()),
            symbol_section: 0,
            first_global: 0,
            globals: Box::default(),
            relocs: vec![0; sections.len()].into_boxed_slice(),
            groups: Box::default(),
        };
        let mut groups = Vec::new();
        for (index, header) in (0_u32..).zip(sections.iter()) {
            object.has_link_order |= header.flags & SHF_LINK_ORDER.0 != 0;
            match header.kind {
                SHT_SYMTAB if object.symbol_section == 0 => object.find_symbols(index, &header)?,
                SHT_REL | SHT_RELA => object.find_relocs(index, &header)?,
                SHT_GROUP => groups.push((index, header)),
                _ => {}
            }
            file.section_data(&header).map_err(|_| Fault::Truncated)?;
        }
        object.check_names()?;
        object.globals = object.intern_globals(names, known);
        // Signatures are symbols, so groups come after them.
        let groups = groups.into_iter().map(|(index, header)| object.group(index, &header, names));
        object.groups = groups.collect::<Result<_, _>>()?;
        Ok(object)
    }

    fn check_names(&self) -> Result<(), Fault> {
        let count = self.sections.len();
        let starts = self.sections.iter().map(|header| header.name);
        if shared_names::are_too_long(self.section_names.bytes(), count, starts) {
            return Err(Fault::SharedNames { what: "section names", count });
        }
        let count = self.symbols.len();
        let starts = self.symbols.iter().map(|symbol| symbol.name);
        if shared_names::are_too_long(self.strings.bytes(), count, starts) {
            return Err(Fault::SharedNames { what: "symbol names", count });
        }
        Ok(())
    }

    fn find_symbols(&mut self, index: u32, header: &SectionHeader) -> Result<(), Fault> {
        let table: SymbolTable<'data> =
            self.file.symbol_table(index).map_err(|error| error.in_section(index))?;
        let count = table.symbols.len();
        if header.info as usize > count {
            return Err(Fault::FirstGlobal { first: header.info, count });
        }
        self.symbol_section = index;
        self.symbols = table.symbols;
        self.strings = table.strings;
        self.has_versions = memchr::memchr(b'@', self.strings.bytes()).is_some();
        self.extended = table.extended;
        self.first_global = header.info;
        Ok(())
    }

    fn find_relocs(&mut self, index: u32, header: &SectionHeader) -> Result<(), Fault> {
        let count = self.relocs.len();
        let target = self.relocs.get_mut(header.info as usize).ok_or(Fault::NoSection {
            section: index,
            what: "sh_info",
            value: header.info,
            count,
        })?;
        *target = index;
        Ok(())
    }

    fn intern_globals(&self, names: &Names<'data>, mut known: Known<'_, 'data>) -> Box<[SymbolId]> {
        let globals = self.symbols.range(self.first_global as usize, self.symbols.len());
        let mut ids = vec![SymbolId::NONE; globals.len()].into_boxed_slice();
        let mut batch = Batch::with_capacity(globals.len());
        for ((place, symbol), id) in (0_u32..).zip(globals.iter()).zip(&mut ids) {
            match self.strings.get(symbol.name.into()) {
                Ok(name) if self.has_versions => batch.ask(key(name), place),
                // Next to each other in both tables: that is quicker than to look the name up.
                Ok(name) if symbol.shndx != SHN_UNDEF => match known.take(name) {
                    Some(known) => *id = known,
                    None => batch.ask(name, place),
                },
                Ok(name) => batch.ask(name, place),
                Err(_) => {}
            }
        }
        names.intern_all(&batch, &mut ids);
        ids
    }

    fn group(
        &self,
        index: u32,
        header: &SectionHeader,
        names: &Names<'data>,
    ) -> Result<Group<'data>, Fault> {
        let words = Table::<u32>::new(self.file.section_data(header)?, self.encoding());
        let flags = words.get(0).unwrap_or(0);
        Ok(Group {
            section: index,
            signature: self.signature(header.info, names),
            is_comdat: flags & GRP_COMDAT.0 != 0,
            members: words.range(1, words.len()),
        })
    }

    /// The number of a group's signature: the symbol's name, of a section symbol the section's.
    fn signature(&self, symbol: u32, names: &Names<'data>) -> SymbolId {
        if let Some(&id) = self.global(symbol) {
            return id;
        }
        self.symbol_name(symbol).map_or(SymbolId::NONE, |name| names.intern(name))
    }

    /// Class and byte order.
    pub fn encoding(&self) -> Encoding {
        self.file.encoding()
    }

    /// The number of the symbol with this index, if it is not local.
    #[inline]
    pub fn global(&self, symbol: u32) -> Option<&SymbolId> {
        self.globals.get(symbol.checked_sub(self.first_global)? as usize)
    }

    /// The name of a symbol, with its version if it has one; that of a section symbol is the
    /// section's.
    pub fn symbol_name(&self, index: u32) -> Option<&'data [u8]> {
        let symbol = self.symbols.get(index as usize)?;
        let name = self.strings.get(symbol.name.into()).ok()?;
        if name.is_empty()
            && symbol.kind() == libelf::raw::STT_SECTION
            && let Place::Section(section) = self.place(index, &symbol)
        {
            return self.section_name(section);
        }
        Some(name)
    }

    /// The name of the group that a section belongs to: its signature.
    pub fn group_name(&self, section: u32) -> Option<&'data [u8]> {
        let header = self.sections.get(section as usize)?;
        if !Self::is_grouped(&header) {
            return None;
        }
        let is_member = |group: &&Group<'data>| group.members.iter().any(|it| it == section);
        let group = self.groups.iter().find(is_member)?;
        self.symbol_name(self.sections.get(group.section as usize)?.info)
    }

    /// The name of a section.
    pub fn section_name(&self, index: u32) -> Option<&'data [u8]> {
        let header = self.sections.get(index as usize)?;
        self.section_names.get(header.name.into()).ok()
    }

    /// Whether the name of a section may be one in C, for `__start_NAME`: it starts without a dot.
    /// The rest of the name is not looked at.
    pub fn has_c_name(&self, header: &SectionHeader) -> bool {
        let first = self.section_names.bytes().get(header.name as usize);
        first.is_some_and(|&byte| byte != b'.' && byte != 0)
    }

    /// The contents of a section as stored; empty if it has none in the file.
    pub fn section_data(&self, header: &SectionHeader) -> &'data [u8] {
        self.file.section_data(header).unwrap_or_default()
    }

    /// Where the symbol with this index is defined.
    #[inline]
    pub fn place(&self, index: u32, symbol: &Symbol) -> Place {
        match symbol.shndx {
            SHN_UNDEF => Place::Undefined,
            SHN_ABS => Place::Absolute,
            SHN_COMMON => Place::Common,
            SHN_XINDEX => Place::Section(self.extended.get(index as usize).unwrap_or(0)),
            other if other.0 >= SHN_LORESERVE => Place::Special(other.0),
            other => Place::Section(other.0.into()),
        }
    }

    /// Whether the section is one that a link copies or merges: not one of the tables that only
    /// say something of others.
    pub fn is_content(kind: SectionType, flags: u64) -> bool {
        use libelf::raw::{SHT_NULL, SHT_STRTAB, SHT_SYMTAB_SHNDX};
        match kind {
            SHT_NULL | SHT_SYMTAB | SHT_SYMTAB_SHNDX | SHT_GROUP => false,
            SHT_STRTAB | SHT_REL | SHT_RELA => flags & SHF_ALLOC.0 != 0,
            _ => true,
        }
    }

    /// Whether a section belongs to a group.
    pub fn is_grouped(header: &SectionHeader) -> bool {
        header.flags & SHF_GROUP.0 != 0
    }
}

/// What a symbol's name is looked up by. `name@@VERSION` defines the name itself;
/// `name@VERSION` is a name of its own.
fn key(name: &[u8]) -> &[u8] {
    match memchr::memmem::find(name, b"@@") {
        Some(at) if at > 0 => name.get(..at).unwrap_or(name),
        _ => name,
    }
}
