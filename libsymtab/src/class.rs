//! The letters by which `nm` tells what a symbol is.
//!
//! A letter comes of the symbol's binding and type, and else of its section: of the section's name
//! for a few names that other formats gave a meaning, and else of what memory it is.
//!
//! | letter | symbol |
//! |---|---|
//! | `U`, `w`, `v` | not defined here; weakly so; weakly so, an object |
//! | `C`, `c` | common memory; small common memory |
//! | `W`, `V` | weak; weak, an object |
//! | `u` | unique in a process (`STB_GNU_UNIQUE`) |
//! | `i` | a function that is chosen when the program starts (`STT_GNU_IFUNC`) |
//! | `a` | at an absolute address |
//! | `t` | code |
//! | `d`, `g` | data; small data |
//! | `b`, `s` | zeroed data; small zeroed data |
//! | `r`, `n` | data that is not written; such that is not in memory |
//! | `N` | debugging data |
//! | `e`, `i`, `p` | in `.edata`, `.idata` or `.drectve`, `.pdata` |
//! | `?` | none of these |
//!
//! A global symbol has the capital letter of its section.

use libelf::linkview::{Flags, Section};
use libelf::raw::{
    EM_IA_64, EM_M32R, EM_MIPS, EM_PPC64, EM_X86_64, SHF_IA_64_SHORT, SHN_ABS, SHN_COMMON,
    SHN_MIPS_ACOMMON, SHN_MIPS_DATA, SHN_MIPS_SCOMMON, SHN_MIPS_SUNDEFINED, SHN_MIPS_TEXT,
    STB_GLOBAL, STB_GNU_UNIQUE, STB_LOCAL, STB_WEAK, STT_COMMON, STT_GNU_IFUNC, STT_OBJECT,
    SymbolSection,
};
use libelf::{Header, Symbol};

/// Where a symbol is defined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Home {
    /// Nowhere in this file.
    Undefined,
    /// At an address that does not move with any section.
    Absolute,
    /// In memory that a linker allots.
    Common,
    /// In such memory, near the global pointer.
    SmallCommon,
    /// In zeroed memory that a dynamic linker allots (`SHN_MIPS_ACOMMON`).
    AllottedCommon,
    /// In the section with this header index.
    Section(u32),
    /// In the section of this name, whatever its index (`SHN_MIPS_TEXT`, `SHN_MIPS_DATA`).
    Named(&'static str),
}

/// `EM_M32R` before it had an official number.
const EM_CYGNUS_M32R: libelf::raw::Machine = libelf::raw::Machine(0x9041);
/// `EM_ALPHA` as it is used.
const EM_ALPHA: libelf::raw::Machine = libelf::raw::Machine(0x9026);
/// `SHN_M32R_SCOMMON`: small common symbols.
const SHN_M32R_SCOMMON: SymbolSection = SymbolSection(0xff00);
/// `SHN_X86_64_LCOMMON`: common symbols of the large memory model.
const SHN_X86_64_LCOMMON: SymbolSection = SymbolSection(0xff02);
/// `SHF_ALPHA_GPREL`
const SHF_ALPHA_GPREL: u64 = 0x1000_0000;

impl Home {
    /// What a reserved section index means on this machine.
    pub fn reserved(header: &Header, symbol: &Symbol) -> Self {
        let encoding = header.encoding;
        match (header.machine, symbol.shndx) {
            (_, SHN_ABS) => Self::Absolute,
            // Common memory up to a limit is small, and the limit is 0.
            (EM_MIPS, SHN_COMMON) if symbol.size == 0 => Self::SmallCommon,
            (_, SHN_COMMON) => Self::Common,
            (EM_MIPS, SHN_MIPS_ACOMMON) => Self::AllottedCommon,
            (EM_MIPS, SHN_MIPS_TEXT) => Self::Named(".text"),
            (EM_MIPS, SHN_MIPS_DATA) => Self::Named(".data"),
            (EM_MIPS, SHN_MIPS_SCOMMON) => Self::SmallCommon,
            (EM_MIPS, SHN_MIPS_SUNDEFINED) => Self::Undefined,
            (EM_X86_64, SHN_X86_64_LCOMMON) if !encoding.is_big_endian() => Self::Common,
            (EM_M32R | EM_CYGNUS_M32R, SHN_M32R_SCOMMON) if !encoding.is_64() => Self::SmallCommon,
            _ => Self::Absolute,
        }
    }
}

/// Names of sections that have a letter of their own.
const NAMED: &[(&[u8], u8)] =
    &[(b".drectve", b'i'), (b".edata", b'e'), (b".idata", b'i'), (b".pdata", b'p')];

/// How the names of sections with debugging data start.
const DEBUGGING: &[&[u8]] =
    &[b".debug", b".zdebug", b".gnu.debuglto_.debug_", b".gnu.linkonce.wi.", b".line", b".stab"];

/// The one such name that is whole.
const GDB_INDEX: &[u8] = b".gdb_index";

/// The letter of local symbols in a section. `flags` are those of its header (`sh_flags`).
pub fn section_letter(header: &Header, section: &Section<'_>, flags: u64) -> u8 {
    let name = section.name();
    if let Some(letter) = letter_of_name(name) {
        return letter;
    }
    let memory = section.flags;
    let is_small = || is_small_data(header, name, flags);
    let is_data = memory.is_alloc() && memory.has_contents();
    match () {
        () if memory.is_code() => b't',
        () if is_data && memory.is_readonly() => b'r',
        () if is_data => if_small(is_small(), b'g', b'd'),
        () if !memory.has_contents() => if_small(is_small(), b's', b'b'),
        () if is_debugging(memory, name) => b'N',
        () if memory.is_readonly() => b'n',
        () => b'?',
    }
}

fn if_small(is_small: bool, small: u8, other: u8) -> u8 {
    if is_small { small } else { other }
}

/// A name has its letter if nothing, a `.`, a `$` or a digit follows it.
fn letter_of_name(name: &[u8]) -> Option<u8> {
    // Of most sections the first two bytes tell.
    let [b'.', b'd' | b'e' | b'i' | b'p', ..] = name else { return None };
    NAMED.iter().find_map(|(start, letter)| {
        let rest = name.strip_prefix(*start)?;
        matches!(rest.first(), None | Some(b'.' | b'$' | b'0'..=b'9')).then_some(*letter)
    })
}

fn is_debugging(memory: Flags, name: &[u8]) -> bool {
    !memory.is_alloc()
        && (name == GDB_INDEX || DEBUGGING.iter().any(|start| name.starts_with(start)))
}

/// Whether a section is addressed from the global pointer.
fn is_small_data(header: &Header, name: &[u8], flags: u64) -> bool {
    let is_64 = header.encoding.is_64();
    let has_small_name = || name.starts_with(b".sdata") || name.starts_with(b".sbss");
    match header.machine {
        EM_PPC64 if is_64 => has_small_name(),
        EM_M32R | EM_CYGNUS_M32R if !is_64 => has_small_name(),
        EM_IA_64 if is_64 => flags & SHF_IA_64_SHORT.0 != 0,
        EM_ALPHA if is_64 && !header.encoding.is_big_endian() => flags & SHF_ALPHA_GPREL != 0,
        _ => false,
    }
}

/// The letter of a symbol. `section` is that of local symbols in its section, `b'a'` for absolute
/// ones.
pub fn symbol_letter(symbol: &Symbol, home: Home, section: u8) -> u8 {
    let is_object = matches!(symbol.kind(), STT_OBJECT | STT_COMMON);
    let binding = symbol.binding();
    match home {
        Home::Common => return b'C',
        Home::SmallCommon => return b'c',
        Home::Undefined if binding != STB_WEAK => return b'U',
        Home::Undefined => return if is_object { b'v' } else { b'w' },
        _ => {}
    }
    if symbol.kind() == STT_GNU_IFUNC {
        return b'i';
    }
    match binding {
        STB_LOCAL => section,
        STB_GLOBAL => section.to_ascii_uppercase(),
        STB_WEAK if is_object => b'V',
        STB_WEAK => b'W',
        STB_GNU_UNIQUE => b'u',
        _ => b'?',
    }
}

/// The value of a symbol as a linker sees it: an address, even in a relocatable file; for common
/// memory its size. `addr` is the address that it is relative to, 0 in files that are linked.
pub fn symbol_value(header: &Header, symbol: &Symbol, home: Home, addr: u64) -> u64 {
    use libelf::raw::{EM_ARM, STT_FUNC};
    if matches!(home, Home::Common | Home::SmallCommon) {
        return symbol.size;
    }
    let is_64 = header.encoding.is_64();
    let mut value = symbol.value;
    if header.machine == EM_MIPS && !is_64 {
        value = (value as u32).cast_signed() as u64;
    }
    // The lowest bit of a function's address may tell its instruction set.
    let has_mark = match header.machine {
        EM_MIPS => symbol.kind() == STT_FUNC,
        EM_ARM if !is_64 => matches!(symbol.kind(), STT_FUNC | STT_GNU_IFUNC),
        _ => false,
    };
    if has_mark {
        value &= !1;
    }
    value.wrapping_add(addr)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_letters() {
        assert_eq!(letter_of_name(b".idata$7"), Some(b'i'));
        assert_eq!(letter_of_name(b".edata.x"), Some(b'e'));
        assert_eq!(letter_of_name(b".pdata2"), Some(b'p'));
        assert_eq!(letter_of_name(b".pdatax"), None);
        assert_eq!(letter_of_name(b".data"), None);
    }

    #[test]
    fn binding_and_type_come_before_the_section() {
        let symbol = |info| Symbol { info, ..Symbol::default() };
        let letter = |info, home| char::from(symbol_letter(&symbol(info), home, b't'));
        let text = Home::Section(1);
        assert_eq!(letter(0x02, text), 't');
        assert_eq!(letter(0x12, text), 'T');
        assert_eq!(letter(0x22, text), 'W');
        assert_eq!(letter(0x21, text), 'V');
        assert_eq!(letter(0x1a, text), 'i');
        assert_eq!(letter(0xa1, text), 'u');
        assert_eq!(letter(0x51, text), '?');
        assert_eq!(letter(0x2a, Home::Undefined), 'w');
        assert_eq!(letter(0x21, Home::Undefined), 'v');
        assert_eq!(letter(0xa1, Home::Undefined), 'U');
        assert_eq!(letter(0x21, Home::Common), 'C');
    }
}
