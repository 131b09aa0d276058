//! Shared libraries: what they define, what they need, and their versions.

use libelf::raw::{
    DT_SONAME, SHN_UNDEF, SHT_DYNSYM, SHT_GNU_VERDEF, SHT_GNU_VERNEED, SHT_GNU_VERSYM, STB_LOCAL,
};
use libelf::section::SectionHeader;
use libelf::strtab::StringTable;
use libelf::symbol::Symbol;
use libelf::table::Table;
use libelf::version::{VERSYM_HIDDEN, VERSYM_INDEX, Verdaux, Verdef, Vernaux, Verneed, chain};
use libelf::{Encoding, File};

use super::Origin;
use super::object::Fault;
use crate::ids::SymbolId;
use crate::names::Names;

/// A shared library.
pub struct Shared<'data> {
    /// What it is called.
    pub origin: Origin<'data>,
    /// The file.
    pub file: File<'data>,
    /// `DT_SONAME`, if it has one.
    pub soname: Option<&'data [u8]>,
    /// What it was looked for as along the search path, if it was.
    pub sought_as: Option<&'data [u8]>,
    /// `DT_NEEDED`, in order.
    pub needed: Vec<&'data [u8]>,
    /// Its dynamic symbols.
    pub table: Table<'data, Symbol>,
    /// Where their names are.
    pub strings: StringTable<'data>,
    /// Those that are not local, in order.
    pub symbols: Box<[SharedSymbol]>,
    /// What references that name a version, `name@VERSION`, are bound to: indexes in
    /// [`Self::symbols`], and the numbers of the names.
    pub bound: Vec<(u32, SymbolId)>,
    /// The names of the versions that the library defines, by version index; empty where there is
    /// none.
    pub versions: Vec<&'data [u8]>,
    /// Whether symbols without a version count as having one that is called as the library is
    /// (`--default-imported-symver`).
    pub names_versions: bool,
}

/// A dynamic symbol of a library.
#[derive(Clone, Copy, Debug)]
pub struct SharedSymbol {
    /// The number of its name.
    pub id: SymbolId,
    /// Its index in [`Shared::table`].
    pub index: u32,
    /// Its version index: 0 local, 1 without a version.
    pub version: u16,
    /// Whether only references that name the version find it (`name@VERSION`).
    pub is_hidden: bool,
    /// Whether it is a reference of the library.
    pub is_undefined: bool,
}

impl<'data> Shared<'data> {
    /// Reads the dynamic tables of a library and gives its symbols their numbers.
    ///
    /// # Errors
    /// If a table is damaged.
    pub fn parse(
        origin: Origin<'data>,
        file: File<'data>,
        names: &Names<'data>,
    ) -> Result<Self, Fault> {
        let dynamic = file.dynamic()?;
        let soname = match dynamic.value(DT_SONAME) {
            Some(offset) => Some(dynamic.strings.get(offset)?),
            None => None,
        };
        let mut shared = Self {
            origin,
            file,
            soname,
            sought_as: None,
            needed: dynamic.needed().collect::<Result<_, _>>()?,
            table: Table::empty(file.encoding()),
            strings: StringTable::default(),
            symbols: Box::default(),
            bound: Vec::new(),
            versions: Vec::new(),
            names_versions: false,
        };
        let mut versym = Table::<u16>::empty(file.encoding());
        for (index, header) in (0_u32..).zip(file.section_headers()?.iter()) {
            let read = match header.kind {
                SHT_DYNSYM => file.symbol_table(index).map_err(Fault::from).map(|table| {
                    shared.table = table.symbols;
                    shared.strings = table.strings;
                }),
                SHT_GNU_VERSYM => file.section_data(&header).map_err(Fault::from).map(|bytes| {
                    versym = Table::new(bytes, file.encoding());
                }),
                SHT_GNU_VERDEF => shared.read_definitions(&header),
                SHT_GNU_VERNEED => shared.read_needs(&header),
                _ => Ok(()),
            };
            read.map_err(|fault| fault.in_section(index))?;
        }
        shared.symbols = shared.number_symbols(versym, names);
        Ok(shared)
    }

    fn read_definitions(&mut self, header: &SectionHeader) -> Result<(), Fault> {
        let bytes = self.file.section_data(header)?;
        let strings = self.file.string_table(header.link)?;
        let encoding = self.file.encoding();
        for found in chain::<Verdef>(bytes, encoding, 0, header.info as usize) {
            let (at, definition) = found?;
            let first = at.saturating_add(definition.aux as usize);
            if let Some(name) = chain::<Verdaux>(bytes, encoding, first, 1).next() {
                self.name_version(definition.index, strings.get(name?.1.name.into())?);
            }
        }
        Ok(())
    }

    fn read_needs(&mut self, header: &SectionHeader) -> Result<(), Fault> {
        let bytes = self.file.section_data(header)?;
        let strings = self.file.string_table(header.link)?;
        let encoding = self.file.encoding();
        for found in chain::<Verneed>(bytes, encoding, 0, header.info as usize) {
            let (at, need) = found?;
            let first = at.saturating_add(need.aux as usize);
            for version in chain::<Vernaux>(bytes, encoding, first, need.count.into()) {
                let (_, version) = version?;
                self.name_version(version.other, strings.get(version.name.into())?);
            }
        }
        Ok(())
    }

    fn name_version(&mut self, index: u16, name: &'data [u8]) {
        let index = usize::from(index & VERSYM_INDEX);
        if self.versions.len() <= index {
            self.versions.resize(index + 1, b"");
        }
        if let Some(slot) = self.versions.get_mut(index) {
            *slot = name;
        }
    }

    fn number_symbols(
        &self,
        versym: Table<'data, u16>,
        names: &Names<'data>,
    ) -> Box<[SharedSymbol]> {
        let mut symbols = Vec::with_capacity(self.table.len());
        for (index, symbol) in (0_u32..).zip(self.table.iter()).skip(1) {
            if symbol.binding() == STB_LOCAL {
                continue;
            }
            let Ok(name) = self.strings.get(symbol.name.into()) else { continue };
            let version = versym.get(index as usize).unwrap_or(1);
            symbols.push(SharedSymbol {
                id: names.intern(name),
                index,
                version: version & VERSYM_INDEX,
                is_hidden: version & VERSYM_HIDDEN != 0,
                is_undefined: symbol.shndx == SHN_UNDEF,
            });
        }
        symbols.into_boxed_slice()
    }

    /// Class and byte order.
    pub fn encoding(&self) -> Encoding {
        self.file.encoding()
    }

    /// What a program that needs the library calls it: its soname, or how it was looked for or
    /// given.
    pub fn needed_name(&self) -> &'data [u8] {
        use std::os::unix::ffi::OsStrExt;
        self.soname.or(self.sought_as).unwrap_or_else(|| self.origin.path.as_os_str().as_bytes())
    }

    /// The name of the version of a symbol; `None` if it has none.
    pub fn version_name(&self, symbol: &SharedSymbol) -> Option<&'data [u8]> {
        if symbol.version < 2 {
            return self.names_versions.then(|| self.needed_name());
        }
        self.versions.get(usize::from(symbol.version)).copied().filter(|name| !name.is_empty())
    }
}
