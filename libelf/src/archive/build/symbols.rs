//! The global symbols of a file, as an archive's index lists them.

use object::elf::{
    EM_MIPS, EM_X86_64, ET_CORE, SHN_COMMON, SHN_UNDEF, SHT_SYMTAB, STB_GLOBAL, STB_WEAK,
    STT_SECTION, SymbolSection,
};

use super::lto;
use crate::error::{Problem, Result};
use crate::file::File;
use crate::section::SectionHeader;
use crate::strtab::StringTable;
use crate::symbol::{Symbol, SymbolTable};
use crate::table::Record;

/// `STB_GNU_UNIQUE`, which is counted whatever the file's OS ABI is.
const STB_GNU_UNIQUE: u8 = 10;
/// Common symbols of the large model (x86-64 psABI, "Symbol Table").
const SHN_X86_64_LCOMMON: SymbolSection = SymbolSection(0xff02);
/// Small undefined symbols (MIPS psABI, "Special Sections").
const SHN_MIPS_SUNDEFINED: SymbolSection = SymbolSection(0xff04);
/// What GNU `ar` lists for a symbol whose name cannot be read.
const NO_NAME: &[u8] = b"(null)";

/// The names of the symbols that the file `data` defines for others, in the order of its symbol
/// table (`SHT_SYMTAB`): global, weak and unique ones that are not undefined, and common ones.
/// `None` if it is no object that an index is made for: no ELF file, a core file, or one whose
/// section headers or symbol table are broken.
///
/// As GNU `ar`: a name that cannot be read is `(null)`; a section symbol without a name has its
/// section's.
///
/// With `has_plugin`, the symbols of GCC's intermediate code, where there is some, take the place
/// of the file's own: as GNU `ar` lists them with GCC's plugin, which it loads by itself.
///
/// # Errors
/// [`Problem::Malformed`] if the names are together longer than `budget` bytes, which is made
/// smaller by them or their tables: symbols may share a name that is as long as the file.
pub(super) fn globals<'data>(
    data: &'data [u8],
    has_plugin: bool,
    budget: &mut u64,
) -> Result<Option<Vec<&'data [u8]>>> {
    let Some(Globals { file, symbols }) = Globals::of(data) else { return Ok(None) };
    let mut names = Vec::new();
    let mut charge = |size: usize| -> Result<()> {
        *budget = budget.checked_sub(size as u64).ok_or_else(|| {
            Problem::Malformed("the names of the symbol index are too long".to_owned())
        })?;
        Ok(())
    };
    if has_plugin {
        let mut has_code = false;
        for table in lto::tables(&file) {
            has_code = true;
            // Sections may lie over each other.
            charge(table.len())?;
            names.extend(lto::defined(table));
        }
        if has_code {
            return Ok(Some(names));
        }
    }
    let Some(symbols) = symbols else { return Ok(Some(names)) };
    for (at, symbol) in symbols.iter().enumerate().skip(1) {
        if is_defined_for_others(&file, &symbols, at, &symbol) {
            let name = name(&file, &symbols, at, &symbol);
            charge(name.len().saturating_add(1))?;
            names.push(name);
        }
    }
    Ok(Some(names))
}

/// An object that an index is made for.
struct Globals<'data> {
    file: File<'data>,
    symbols: Option<SymbolTable<'data>>,
}

impl<'data> Globals<'data> {
    fn of(data: &'data [u8]) -> Option<Self> {
        /// `EI_VERSION`, and its only value.
        const IDENT_VERSION: (usize, u8) = (6, 1);
        let file = File::parse(data).ok()?;
        let header = file.header();
        if header.kind == ET_CORE || header.ident.get(IDENT_VERSION.0) != Some(&IDENT_VERSION.1) {
            return None;
        }
        if header.shoff == 0 {
            return (header.shnum == 0).then_some(Self { file, symbols: None });
        }
        if usize::from(header.shentsize) != SectionHeader::size(file.encoding().class) {
            return None;
        }
        file.section_headers().ok()?;
        let Some((index, section)) = file.section_by_kind(SHT_SYMTAB).ok()? else {
            return Some(Self { file, symbols: None });
        };
        if section.entsize != Symbol::size(file.encoding().class) as u64 {
            return None;
        }
        let mut symbols = file.symbol_table(index).ok()?;
        if u64::from(section.info) > symbols.symbols.len() as u64 {
            return None;
        }
        // Without the string that is not terminated, no name is looked for in vain.
        let strings = symbols.strings.bytes();
        let end = memchr::memrchr(0, strings).map_or(0, |last| last + 1);
        symbols.strings = StringTable::new(strings.get(..end).unwrap_or_default());
        Some(Self { file, symbols: Some(symbols) })
    }
}

fn is_defined_for_others(file: &File, table: &SymbolTable, at: usize, symbol: &Symbol) -> bool {
    let machine = file.header().machine;
    let is_common =
        symbol.shndx == SHN_COMMON || machine == EM_X86_64 && symbol.shndx == SHN_X86_64_LCOMMON;
    let is_undefined = table.section_index(at, symbol) == u32::from(SHN_UNDEF.0)
        || machine == EM_MIPS && symbol.shndx == SHN_MIPS_SUNDEFINED;
    let is_global =
        matches!(symbol.binding(), STB_GLOBAL | STB_WEAK) || symbol.binding().0 == STB_GNU_UNIQUE;
    is_common || is_global && !is_undefined
}

fn name<'data>(
    file: &File<'data>,
    table: &SymbolTable<'data>,
    at: usize,
    symbol: &Symbol,
) -> &'data [u8] {
    if symbol.name == 0 && symbol.kind() == STT_SECTION {
        let section = file.section(table.section_index(at, symbol));
        let name = section.and_then(|section| file.section_names()?.get(section.name.into()));
        return name.unwrap_or(NO_NAME);
    }
    table.name(symbol).unwrap_or(NO_NAME)
}
