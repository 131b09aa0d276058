//! The symbols of a section, read with readelf's checks.

use common::Output;
use libelf::raw::{SHN_LORESERVE, SHN_UNDEF, SHN_XINDEX, SymbolSection};
use libelf::{Record, SectionHeader, Symbol, Table};

use crate::object::Object;
use crate::text;

/// Indexes from here on, in a `SHT_SYMTAB_SHNDX` section, stand for the reserved ones.
const FIRST_RESERVED: u32 = 0xffff_ff00;

/// The symbols of a section.
#[derive(Clone, Copy, Debug)]
pub struct Symbols<'data> {
    /// The symbols; index 0 is the reserved one.
    pub symbols: Table<'data, Symbol>,
    /// The section indexes that did not fit, if a `SHT_SYMTAB_SHNDX` section has them.
    pub extended: Option<Table<'data, u32>>,
}

/// Why there are no symbols.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoSymbols {
    /// The section is empty, or what was reported names no section.
    Unnamed,
    /// The section with this index was reported.
    Blamed(u32),
}

impl Symbols<'_> {
    /// Where the symbol with this index is defined, through the extended table where `st_shndx` is
    /// `SHN_XINDEX` and there is one.
    pub fn definition(&self, index: usize, symbol: &Symbol) -> Definition {
        if symbol.shndx == SHN_XINDEX
            && let Some(section) = self.extended.and_then(|extended| extended.get(index))
        {
            // The highest indexes stand for the reserved ones, which have 16 bits.
            return match section {
                FIRST_RESERVED.. => Definition::Special(SymbolSection(section as u16)),
                _ => Definition::Section(section),
            };
        }
        if symbol.shndx == SHN_UNDEF || symbol.shndx.0 >= SHN_LORESERVE {
            Definition::Special(symbol.shndx)
        } else {
            Definition::Section(symbol.shndx.0.into())
        }
    }
}

impl Symbols<'_> {
    /// Whether the symbol with this index is defined.
    pub fn is_defined(&self, index: usize, symbol: &Symbol) -> bool {
        match self.definition(index, symbol) {
            Definition::Section(section) => section != 0,
            Definition::Special(index) => index != SHN_UNDEF,
        }
    }
}

/// Where a symbol is defined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Definition {
    /// In the section with this index, which may not exist.
    Section(u32),
    /// By this reserved number, or 0.
    Special(SymbolSection),
}

impl<'data> Object<'data> {
    /// The symbols of the section with this index, whatever its type. `None` if there are none or
    /// the section's size cannot be; the latter is reported.
    pub fn read_symbols(&self, out: &mut Output, index: u32) -> Option<Symbols<'data>> {
        self.try_read_symbols(out, index).ok()
    }

    /// As [`Self::read_symbols`], but while the section headers are looked through: those behind
    /// that of the symbols are not known yet.
    pub fn read_symbols_so_far(&self, out: &mut Output, index: u32) -> Option<Symbols<'data>> {
        self.read_symbols_among(out, index, index).ok()
    }

    /// As [`Self::read_symbols`], but tells whom its report blamed.
    pub fn try_read_symbols(
        &self,
        out: &mut Output,
        index: u32,
    ) -> Result<Symbols<'data>, NoSymbols> {
        self.read_symbols_among(out, index, self.shnum)
    }

    /// Reads symbols when the section headers before `known` are known.
    fn read_symbols_among(
        &self,
        out: &mut Output,
        index: u32,
        known: u32,
    ) -> Result<Symbols<'data>, NoSymbols> {
        let section = self.section(index).ok_or(NoSymbols::Unnamed)?;
        let Symbols { symbols, .. } = self.read_symbols_at(out, index, section)?;
        let extended = self.read_extended_indexes(out, (index, known), section, symbols.len())?;
        Ok(Symbols { symbols, extended })
    }

    /// The symbols of a section that the file has no header for, without extended indexes.
    pub fn read_symbols_of(
        &self,
        out: &mut Output,
        section: &SectionHeader,
    ) -> Result<Symbols<'data>, NoSymbols> {
        self.read_symbols_at(out, 0, section)
    }

    /// The symbols of a section without extended indexes. What is reported of the section blames
    /// `index`.
    fn read_symbols_at(
        &self,
        out: &mut Output,
        index: u32,
        section: &SectionHeader,
    ) -> Result<Symbols<'data>, NoSymbols> {
        let count = self.symbol_count(out, index, section)?;
        let bytes = self.section_data(out, section, "symbols").ok_or(NoSymbols::Unnamed)?;
        let symbols = Table::<Symbol>::new(bytes, self.encoding()).range(0, count);
        Ok(Symbols { symbols, extended: None })
    }

    fn symbol_count(
        &self,
        out: &mut Output,
        index: u32,
        section: &SectionHeader,
    ) -> Result<usize, NoSymbols> {
        let SectionHeader { size, entsize, .. } = *section;
        if size == 0 {
            return Err(NoSymbols::Unnamed);
        }
        let name = text::section_name(self.section_name(section));
        let name = String::from_utf8_lossy(&name);
        if entsize == 0 || entsize > size {
            out.error(format_args!("Section {name} has an invalid sh_entsize of {}", Hex(entsize)));
            return Err(NoSymbols::Blamed(index));
        }
        if size > self.file_size {
            out.error(format_args!("Section {name} has an invalid sh_size of {}", Hex(size)));
            return Err(NoSymbols::Blamed(index));
        }
        let count = size.checked_div(entsize).unwrap_or(0);
        let needed = count.saturating_mul(Symbol::size(self.encoding().class) as u64);
        if needed > size.saturating_add(1) {
            out.error(format_args!(
                "Size ({}) of section {name} is not a multiple of its sh_entsize ({})",
                Hex(size),
                Hex(entsize)
            ));
            return Err(NoSymbols::Blamed(index));
        }
        usize::try_from(count).map_err(|_| NoSymbols::Unnamed)
    }

    /// The extended section indexes of the symbol table with this `index`, if it has any.
    /// Damaged ones take the symbols with them.
    fn read_extended_indexes(
        &self,
        out: &mut Output,
        (index, known): (u32, u32),
        symtab: &SectionHeader,
        count: usize,
    ) -> Result<Option<Table<'data, u32>>, NoSymbols> {
        let mut extended = None;
        let known = self.extended_tables.iter().rev().filter(|&&at| at < known);
        for (at, section) in known.filter_map(|&at| Some((at, self.section(at)?))) {
            if section.link != index {
                continue;
            }
            if extended.is_some() {
                out.error(format_args!(
                    "Multiple symbol table index sections associated with the same symbol section"
                ));
            }
            let bytes = self
                .section_data(out, section, "symbol table section indices")
                .ok_or(NoSymbols::Unnamed)?;
            let table = Table::<u32>::new(bytes, self.encoding());
            if table.len() < count {
                let name = text::section_name(self.section_name(section));
                out.error(format_args!(
                    "Index section {} has an sh_size of {} - expected {}",
                    String::from_utf8_lossy(&name),
                    Hex(section.size),
                    Hex(symtab.size)
                ));
                return Err(NoSymbols::Blamed(at));
            }
            extended = Some(table);
        }
        Ok(extended)
    }
}

/// A number as C's `%#lx` prints it: `0x12`, but `0`.
pub struct Hex(pub u64);

impl std::fmt::Display for Hex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0 == 0 { f.write_str("0") } else { write!(f, "{:#x}", self.0) }
    }
}
