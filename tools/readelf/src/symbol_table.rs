//! The symbols of a section, read with readelf's checks.

use common::Output;
use libelf::raw::{SHN_LORESERVE, SHN_UNDEF, SHN_XINDEX, SHT_SYMTAB_SHNDX};
use libelf::{Record, SectionHeader, Symbol, Table};

use crate::object::Object;
use crate::text;

/// The symbols of a section.
#[derive(Clone, Copy, Debug)]
pub struct Symbols<'data> {
    /// The symbols; index 0 is the reserved one.
    pub symbols: Table<'data, Symbol>,
    /// The section indexes that did not fit, if a `SHT_SYMTAB_SHNDX` section has them.
    pub extended: Option<Table<'data, u32>>,
}

impl Symbols<'_> {
    /// Where the symbol with this index is defined, through the extended table where `st_shndx` is
    /// `SHN_XINDEX` and there is one.
    pub fn definition(&self, index: usize, symbol: &Symbol) -> Definition {
        if symbol.shndx == SHN_XINDEX
            && let Some(section) = self.extended.and_then(|extended| extended.get(index))
        {
            return Definition::Section(section);
        }
        if symbol.shndx == SHN_UNDEF || symbol.shndx.0 >= SHN_LORESERVE {
            Definition::Special
        } else {
            Definition::Section(symbol.shndx.0.into())
        }
    }
}

/// Where a symbol is defined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Definition {
    /// In the section with this index, which may not exist.
    Section(u32),
    /// `st_shndx` is a reserved number, or 0.
    Special,
}

impl<'data> Object<'data> {
    /// The symbols of the section with this index, whatever its type. `None` if there are none or
    /// the section's size cannot be; the latter is reported.
    pub fn read_symbols(&self, out: &mut Output, index: u32) -> Option<Symbols<'data>> {
        let section = self.section(index)?;
        let count = self.symbol_count(out, section)?;
        let bytes = self.section_data(out, section, "symbols")?;
        let symbols = Table::<Symbol>::new(bytes, self.encoding()).range(0, count);
        let extended = self.read_extended_indexes(out, index, section, count)?;
        Some(Symbols { symbols, extended })
    }

    fn symbol_count(&self, out: &mut Output, section: &SectionHeader) -> Option<usize> {
        let SectionHeader { size, entsize, .. } = *section;
        if size == 0 {
            return None;
        }
        let name = text::printable(self.section_name(section));
        let name = String::from_utf8_lossy(&name);
        if entsize == 0 || entsize > size {
            out.error(format_args!("Section {name} has an invalid sh_entsize of {}", Hex(entsize)));
            return None;
        }
        if size > self.data.len() as u64 {
            out.error(format_args!("Section {name} has an invalid sh_size of {}", Hex(size)));
            return None;
        }
        let count = size.checked_div(entsize)?;
        let needed = count.saturating_mul(Symbol::size(self.encoding().class) as u64);
        if needed > size.saturating_add(1) {
            out.error(format_args!(
                "Size ({}) of section {name} is not a multiple of its sh_entsize ({})",
                Hex(size),
                Hex(entsize)
            ));
            return None;
        }
        usize::try_from(count).ok()
    }

    /// The extended section indexes of the symbol table with this `index`, `Some(None)` if it has
    /// none; `None` if they are damaged, so that the symbols are not shown either.
    #[expect(clippy::option_option, reason = "damage ends the dump of the table, absence does not")]
    fn read_extended_indexes(
        &self,
        out: &mut Output,
        index: u32,
        symtab: &SectionHeader,
        count: usize,
    ) -> Option<Option<Table<'data, u32>>> {
        let mut extended = None;
        let candidates = self.sections.iter().rev();
        for section in candidates.filter(|section| section.kind == SHT_SYMTAB_SHNDX) {
            if section.link != index {
                continue;
            }
            if extended.is_some() {
                out.error(format_args!(
                    "Multiple symbol table index sections associated with the same symbol section"
                ));
            }
            let bytes = self.section_data(out, section, "symbol table section indices")?;
            let table = Table::<u32>::new(bytes, self.encoding());
            if table.len() < count {
                let name = text::printable(self.section_name(section));
                out.error(format_args!(
                    "Index section {} has an sh_size of {} - expected {}",
                    String::from_utf8_lossy(&name),
                    Hex(section.size),
                    Hex(symtab.size)
                ));
                return None;
            }
            extended = Some(table);
        }
        Some(extended)
    }
}

/// A number as C's `%#lx` prints it: `0x12`, but `0`.
pub struct Hex(pub u64);

impl std::fmt::Display for Hex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0 == 0 { f.write_str("0") } else { write!(f, "{:#x}", self.0) }
    }
}
