//! Symbol types, bindings, visibilities and special sections. gABI, chapter 4, "Symbol Table".

use std::borrow::Cow;

use object::elf::{
    ELFOSABI_FREEBSD, ELFOSABI_GNU, ELFOSABI_HPUX, ELFOSABI_OPENVMS, ELFOSABI_SOLARIS, EM_AARCH64,
    EM_ALPHA, EM_ARM, EM_IA_64, EM_K10M, EM_L10M, EM_MIPS, EM_PARISC, EM_PPC64, EM_RISCV,
    EM_SPARCV9, EM_TI_C6000, EM_X86_64, SymbolBind, SymbolSection, SymbolType,
};

use crate::header::Header;

const LOOS: u8 = 10;
const LOPROC: u8 = 13;
const HIPROC: u8 = 15;

/// The name of a symbol type in a file with this header, without `STT_`.
pub fn symbol_type_name(header: &Header, kind: SymbolType) -> Option<&'static str> {
    Some(match (kind.0, header.machine) {
        (0, _) => "NOTYPE",
        (1, _) => "OBJECT",
        (2, _) => "FUNC",
        (3, _) => "SECTION",
        (4, _) => "FILE",
        (5, _) => "COMMON",
        (6, _) => "TLS",
        (8, _) => "RELC",
        (9, _) => "SRELC",
        (10, _) if matches!(header.os_abi(), ELFOSABI_GNU | ELFOSABI_FREEBSD) => "IFUNC",
        (11, EM_PARISC) => "HP_OPAQUE",
        (12, EM_PARISC) => "HP_STUB",
        (13, EM_PARISC) => "PARISC_MILLI",
        (13, EM_ARM) => "THUMB_FUNC",
        (13, EM_SPARCV9) => "REGISTER",
        _ => return None,
    })
}

/// The text of a symbol type: its name, or the range that it is reserved for.
pub fn symbol_type(header: &Header, kind: SymbolType) -> Cow<'static, str> {
    match symbol_type_name(header, kind) {
        Some(name) => Cow::Borrowed(name),
        None => unnamed(kind.0),
    }
}

/// The name of a symbol binding in a file with this header, without `STB_`.
pub fn symbol_binding_name(header: &Header, binding: SymbolBind) -> Option<&'static str> {
    Some(match binding.0 {
        0 => "LOCAL",
        1 => "GLOBAL",
        2 => "WEAK",
        10 if header.os_abi() == ELFOSABI_GNU => "UNIQUE",
        _ => return None,
    })
}

/// The text of a symbol binding: its name, or the range that it is reserved for.
pub fn symbol_binding(header: &Header, binding: SymbolBind) -> Cow<'static, str> {
    match symbol_binding_name(header, binding) {
        Some(name) => Cow::Borrowed(name),
        None => unnamed(binding.0),
    }
}

fn unnamed(number: u8) -> Cow<'static, str> {
    Cow::Owned(match number {
        LOPROC..=HIPROC => format!("<processor specific>: {number}"),
        LOOS..LOPROC => format!("<OS specific>: {number}"),
        _ => format!("<unknown>: {number}"),
    })
}

/// The text of the visibility in `st_other`, without `STV_`.
///
/// Solaris reads three bits where the gABI has two, and knows no other use of the byte.
pub fn symbol_visibility(header: &Header, other: u8) -> &'static str {
    let visibility = if header.os_abi() == ELFOSABI_SOLARIS { other } else { other & 3 };
    match visibility {
        0 => "DEFAULT",
        1 => "INTERNAL",
        2 => "HIDDEN",
        3 => "PROTECTED",
        4 => "EXPORTED",
        5 => "SINGLETON",
        6 => "ELIMINATE",
        _ => "<unknown>",
    }
}

/// The text of what `st_other` holds beside the visibility, or `None` if it holds nothing; readelf
/// prints it in brackets.
pub fn symbol_other(header: &Header, other: u8) -> Option<Cow<'static, str>> {
    let rest = other & !3;
    if rest == 0 || header.os_abi() == ELFOSABI_SOLARIS {
        return None;
    }
    let known = match header.machine {
        EM_ALPHA => Some(Cow::Borrowed(alpha_other(rest))),
        EM_AARCH64 => aarch64_other(rest),
        EM_RISCV => Some(riscv_other(rest)),
        EM_MIPS => mips_other(rest).map(Cow::Borrowed),
        EM_PPC64 => ppc64_other(rest),
        EM_IA_64 if header.os_abi() == ELFOSABI_OPENVMS => Some(Cow::Borrowed(vms_other(rest))),
        _ => None,
    };
    Some(known.unwrap_or_else(|| Cow::Owned(format!("<other>: {rest:x}"))))
}

fn alpha_other(rest: u8) -> &'static str {
    match rest {
        0x80 => "NOPV",
        0x88 => "STD GPLOAD",
        _ => "<unknown>",
    }
}

fn aarch64_other(rest: u8) -> Option<Cow<'static, str>> {
    const VARIANT_PCS: u8 = 0x80;
    match rest {
        VARIANT_PCS => Some(Cow::Borrowed("VARIANT_PCS")),
        _ if rest & VARIANT_PCS != 0 => {
            Some(Cow::Owned(format!("VARIANT_PCS | {:x}", rest & !VARIANT_PCS)))
        }
        _ => None,
    }
}

/// Bits without a name hide `VARIANT_CC`.
fn riscv_other(rest: u8) -> Cow<'static, str> {
    const VARIANT_CC: u8 = 0x80;
    match rest & !VARIANT_CC {
        0 => Cow::Borrowed("VARIANT_CC"),
        unnamed => Cow::Owned(format!("{unnamed:x}")),
    }
}

fn mips_other(rest: u8) -> Option<&'static str> {
    Some(match rest {
        0x04 => "OPTIONAL",
        0x08 => "MIPS PLT",
        0x20 => "MIPS PIC",
        0x80 => "MICROMIPS",
        0xa0 => "MICROMIPS, MIPS PIC",
        0xf0 => "MIPS16",
        _ => return None,
    })
}

/// The bytes from the global to the local entry point, as a power of two in the upper three bits.
fn ppc64_other(rest: u8) -> Option<Cow<'static, str>> {
    let bytes = match rest {
        0x20 => 1,
        0x40 => 4,
        0x60 => 8,
        0x80 => 16,
        0xa0 => 32,
        0xc0 => 64,
        _ => return None,
    };
    Some(Cow::Owned(format!("<localentry>: {bytes}")))
}

/// The linkage of an OpenVMS symbol.
fn vms_other(rest: u8) -> &'static str {
    match rest >> 6 {
        0 => "IGN",
        1 => "RSV",
        2 => "STD",
        _ => "LNK",
    }
}

/// The name of a reserved section index (`SHN_`) of a symbol, without padding.
pub fn special_section_name(header: &Header, index: SymbolSection) -> Option<&'static str> {
    Some(match (index.0, header.machine) {
        (0, _) => "UND",
        (0xfff1, _) => "ABS",
        (0xfff2, _) => "COM",
        (0xff00, EM_TI_C6000) | (0xff03, EM_MIPS) => "SCOM",
        (0xff04, EM_MIPS) => "SUND",
        (0xff02, EM_X86_64 | EM_L10M | EM_K10M) => "LARGE_COM",
        (0xff00, EM_IA_64) if header.os_abi() == ELFOSABI_HPUX => "ANSI_COM",
        _ => return None,
    })
}

/// The text of a symbol's section index: the name of a reserved one, the range that it lies in, or
/// its number. No padding.
pub fn special_section(header: &Header, index: SymbolSection) -> Cow<'static, str> {
    if let Some(name) = special_section_name(header, index) {
        return Cow::Borrowed(name);
    }
    Cow::Owned(match index.0 {
        number @ 0xff00..=0xff1f => format!("PRC[{number:#06x}]"),
        number @ 0xff20..=0xff3f => format!("OS [{number:#06x}]"),
        number @ 0xff40.. => format!("RSV[{number:#06x}]"),
        number => number.to_string(),
    })
}
