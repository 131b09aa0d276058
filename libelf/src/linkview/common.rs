//! Common symbols: variables that get their memory from the linker.

use object::elf::{
    EM_M32R, EM_MIPS, EM_X86_64, ET_DYN, ET_EXEC, Machine, SHN_COMMON, SHN_MIPS_SCOMMON,
    SHN_XINDEX, SHT_SYMTAB, SHT_SYMTAB_SHNDX, STT_SECTION, SymbolSection,
};

use super::Notice;
use super::strings::Strings;
use crate::file::File;
use crate::ident::Encoding;

/// `EM_M32R` before it had an official number.
pub(super) const EM_CYGNUS_M32R: Machine = Machine(0x9041);
/// `SHN_M32R_SCOMMON`: small common symbols.
const SHN_M32R_SCOMMON: SymbolSection = SymbolSection(0xff00);
/// `SHN_X86_64_LCOMMON`: common symbols of the large memory model.
const SHN_X86_64_LCOMMON: SymbolSection = SymbolSection(0xff02);

/// Why the symbols of a file cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommonFault {
    /// They go past the end of the file.
    Truncated,
    /// The section index of a symbol is in a table that does not exist.
    NoIndexes {
        /// The symbol's index.
        symbol: usize,
    },
}

/// The bytes that the common symbols of a file ask for. Only a file that is still to be linked
/// has any. Symbols whose names do not lie in their table are noted.
///
/// # Errors
/// If the symbol table goes past the end of the file, or its section indexes are missing.
pub fn common_size(file: &File<'_>, notices: &mut Vec<Notice>) -> Result<u64, CommonFault> {
    let header = file.header();
    if header.kind == ET_EXEC || header.kind == ET_DYN {
        return Ok(0);
    }
    let special = special_common(header.machine, header.encoding);
    let headers = file.section_headers().map_err(|_| CommonFault::Truncated)?;
    let headers: Vec<_> = headers.iter().collect();
    let found = headers.iter().enumerate().skip(1).find(|(_, header)| header.kind == SHT_SYMTAB);
    let Some((table, section)) = found else {
        return Ok(0);
    };
    let data = file.section_data(section).map_err(|_| CommonFault::Truncated)?;
    let symbols = crate::Table::<crate::Symbol>::new(data, file.encoding());
    let has_indexes = headers
        .iter()
        .any(|header| header.kind == SHT_SYMTAB_SHNDX && header.link as usize == table);
    let mut strings = Strings::new(file.section_name_index() as usize);
    let mut sum = 0u64;
    if !has_indexes
        && let Some(symbol) = symbols.iter().position(|symbol| symbol.shndx == SHN_XINDEX)
    {
        return Err(CommonFault::NoIndexes { symbol });
    }
    for symbol in symbols.iter().skip(1) {
        let _ = strings.get(file, &headers, section.link as usize, symbol.name, notices);
        let is_common = symbol.shndx == SHN_COMMON || Some(symbol.shndx) == special;
        if is_common && symbol.kind() != STT_SECTION {
            sum = sum.wrapping_add(symbol.size);
        }
    }
    Ok(sum)
}

/// A further section index of the machine that stands for common memory.
fn special_common(machine: Machine, encoding: Encoding) -> Option<SymbolSection> {
    match machine {
        EM_MIPS => Some(SHN_MIPS_SCOMMON),
        EM_X86_64 if !encoding.is_big_endian() => Some(SHN_X86_64_LCOMMON),
        EM_M32R | EM_CYGNUS_M32R if !encoding.is_64() => Some(SHN_M32R_SCOMMON),
        _ => None,
    }
}
