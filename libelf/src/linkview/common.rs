//! Common symbols: variables that get their memory from the linker.

use object::elf::{
    EM_M32R, EM_MIPS, EM_X86_64, ET_DYN, ET_EXEC, Machine, SHN_COMMON, SHN_MIPS_SCOMMON,
    SHT_SYMTAB, STT_SECTION, SymbolSection,
};

use crate::error::Result;
use crate::file::File;
use crate::ident::Encoding;

/// `EM_M32R` before it had an official number.
pub(super) const EM_CYGNUS_M32R: Machine = Machine(0x9041);
/// `SHN_M32R_SCOMMON`: small common symbols.
const SHN_M32R_SCOMMON: SymbolSection = SymbolSection(0xff00);
/// `SHN_X86_64_LCOMMON`: common symbols of the large memory model.
const SHN_X86_64_LCOMMON: SymbolSection = SymbolSection(0xff02);

/// The bytes that the common symbols of a file ask for. Only a file that is still to be linked
/// has any.
///
/// # Errors
/// If the symbol table goes past the end of the file.
pub fn common_size(file: &File<'_>) -> Result<u64> {
    let header = file.header();
    if header.kind == ET_EXEC || header.kind == ET_DYN {
        return Ok(0);
    }
    let special = special_common(header.machine, header.encoding);
    let headers = file.section_headers()?;
    let Some(section) = headers.iter().skip(1).find(|header| header.kind == SHT_SYMTAB) else {
        return Ok(0);
    };
    let data = file.section_data(&section)?;
    let symbols = crate::Table::<crate::Symbol>::new(data, file.encoding());
    Ok(symbols
        .iter()
        .skip(1)
        .filter(|symbol| {
            let is_common = symbol.shndx == SHN_COMMON || Some(symbol.shndx) == special;
            is_common && symbol.kind() != STT_SECTION
        })
        .fold(0, |sum, symbol| sum.wrapping_add(symbol.size)))
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
