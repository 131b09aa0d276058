//! Section types (`SHT_`). gABI, chapter 4, "Section Types".

use std::borrow::Cow;

use object::elf::{
    ELFOSABI_SOLARIS, EM_AARCH64, EM_ARC, EM_ARC_COMPACT, EM_ARC_COMPACT2, EM_ARM, EM_CSKY,
    EM_IA_64, EM_K10M, EM_L10M, EM_MIPS, EM_MIPS_RS3_LE, EM_MSP430, EM_PARISC, EM_RISCV,
    EM_TI_C6000, EM_V800, EM_V850, EM_X86_64, OsAbi, SectionType,
};

use super::em;
use super::file::os_abi;
use super::table::Names;
use crate::header::Header;

const LOOS: u32 = 0x6000_0000;
const HIOS: u32 = 0x6fff_ffff;
const LOPROC: u32 = 0x7000_0000;
const HIPROC: u32 = 0x7fff_ffff;
const LOUSER: u32 = 0x8000_0000;

/// The processor-specific range of IA-64 has a range of its own for operating systems: the third
/// byte is an `EI_OSABI` number.
const IA_64_LOPSREG: u32 = 0x7800_0000;
const IA_64_HIPSREG: u32 = 0x78ff_ffff;

/// Types that mean the same in every file.
const COMMON: Names<u32> = Names(&[
    (0, "NULL"),
    (1, "PROGBITS"),
    (2, "SYMTAB"),
    (3, "STRTAB"),
    (4, "RELA"),
    (5, "HASH"),
    (6, "DYNAMIC"),
    (7, "NOTE"),
    (8, "NOBITS"),
    (9, "REL"),
    (0xa, "SHLIB"),
    (0xb, "DYNSYM"),
    (0xe, "INIT_ARRAY"),
    (0xf, "FINI_ARRAY"),
    (0x10, "PREINIT_ARRAY"),
    (0x11, "GROUP"),
    (0x12, "SYMTAB SECTION INDICES"),
    (0x13, "RELR"),
    (0x6ffffff0, "VERSYM"),
    (0x6ffffff6, "GNU_HASH"),
    (0x6ffffff7, "GNU_LIBLIST"),
    (0x6ffffffc, "VERDEF"),
    (0x6ffffffd, "VERDEF"),
    (0x6ffffffe, "VERNEED"),
    (0x6fffffff, "VERSYM"),
    (0x7ffffffd, "AUXILIARY"),
    (0x7fffffff, "FILTER"),
]);
/// Types of the operating system's range where none of the systems below claims it.
const GNU: Names<u32> =
    Names(&[(0x6fff4700, "GNU_INCREMENTAL_INPUTS"), (0x6ffffff5, "GNU_ATTRIBUTES")]);
/// Types of the operating system's range in Solaris files.
const SOLARIS: Names<u32> = Names(&[
    (0x6fffffee, "SUNW_ancillary"),
    (0x6fffffef, "SUNW_capchain"),
    (0x6ffffff1, "SUNW_symsort"),
    (0x6ffffff2, "SUNW_tlssort"),
    (0x6ffffff3, "SUNW_LDYNSYM"),
    (0x6ffffff4, "SUNW_dof"),
    (0x6ffffff5, "SUNW_cap"),
    (0x6ffffff8, "SUNW_DEBUGSTR"),
    (0x6ffffff9, "SUNW_DEBUG"),
    (0x6ffffffa, "SUNW_move"),
    (0x6ffffffb, "SUNW_COMDAT"),
]);
/// `SHT_MIPS_` types.
const MIPS: Names<u32> = Names(&[
    (0x70000000, "MIPS_LIBLIST"),
    (0x70000001, "MIPS_MSYM"),
    (0x70000002, "MIPS_CONFLICT"),
    (0x70000003, "MIPS_GPTAB"),
    (0x70000004, "MIPS_UCODE"),
    (0x70000005, "MIPS_DEBUG"),
    (0x70000006, "MIPS_REGINFO"),
    (0x70000007, "MIPS_PACKAGE"),
    (0x70000008, "MIPS_PACKSYM"),
    (0x70000009, "MIPS_RELD"),
    (0x7000000b, "MIPS_IFACE"),
    (0x7000000c, "MIPS_CONTENT"),
    (0x7000000d, "MIPS_OPTIONS"),
    (0x70000010, "MIPS_SHDR"),
    (0x70000011, "MIPS_FDESC"),
    (0x70000012, "MIPS_EXTSYM"),
    (0x70000013, "MIPS_DENSE"),
    (0x70000014, "MIPS_PDESC"),
    (0x70000015, "MIPS_LOCSYM"),
    (0x70000016, "MIPS_AUXSYM"),
    (0x70000017, "MIPS_OPTSYM"),
    (0x70000018, "MIPS_LOCSTR"),
    (0x70000019, "MIPS_LINE"),
    (0x7000001a, "MIPS_RFDESC"),
    (0x7000001b, "MIPS_DELTASYM"),
    (0x7000001c, "MIPS_DELTAINST"),
    (0x7000001d, "MIPS_DELTACLASS"),
    (0x7000001e, "MIPS_DWARF"),
    (0x7000001f, "MIPS_DELTADECL"),
    (0x70000020, "MIPS_SYMBOL_LIB"),
    (0x70000021, "MIPS_EVENTS"),
    (0x70000022, "MIPS_TRANSLATE"),
    (0x70000023, "MIPS_PIXIE"),
    (0x70000024, "MIPS_XLATE"),
    (0x70000025, "MIPS_XLATE_DEBUG"),
    (0x70000026, "MIPS_WHIRL"),
    (0x70000027, "MIPS_EH_REGION"),
    (0x70000028, "MIPS_XLATE_OLD"),
    (0x70000029, "MIPS_PDR_EXCEPTION"),
    (0x7000002a, "MIPS_ABIFLAGS"),
    (0x7000002b, "MIPS_XHASH"),
]);
/// `SHT_PARISC_` types.
const PARISC: Names<u32> = Names(&[
    (0x70000000, "PARISC_EXT"),
    (0x70000001, "PARISC_UNWIND"),
    (0x70000002, "PARISC_DOC"),
    (0x70000003, "PARISC_ANNOT"),
    (0x70000004, "PARISC_DLKM"),
    (0x70000008, "PARISC_SYMEXTN"),
    (0x70000009, "PARISC_STUBS"),
]);
/// `SHT_RENESAS_` types, and the common areas of V850.
const V850: Names<u32> = Names(&[
    (0x70000000, "V850 Small Common"),
    (0x70000001, "V850 Tiny Common"),
    (0x70000002, "V850 Zero Common"),
    (0x80000000, "RENESAS IOP"),
    (0xa0000000, "RENESAS INFO"),
]);
/// `SHT_ARM_` types.
const ARM: Names<u32> = Names(&[
    (0x70000001, "ARM_EXIDX"),
    (0x70000002, "ARM_PREEMPTMAP"),
    (0x70000003, "ARM_ATTRIBUTES"),
    (0x70000004, "ARM_DEBUGOVERLAY"),
    (0x70000005, "ARM_OVERLAYSECTION"),
]);
/// `SHT_ARC_` types.
const ARC: Names<u32> = Names(&[(0x70000001, "ARC_ATTRIBUTES")]);
/// `SHT_IA_64_` types, with those of OpenVMS.
const IA_64: Names<u32> = Names(&[
    (0x60000000, "VMS_TRACE"),
    (0x60000001, "VMS_TIE_SIGNATURES"),
    (0x60000002, "VMS_DEBUG"),
    (0x60000003, "VMS_DEBUG_STR"),
    (0x60000004, "VMS_LINKAGES"),
    (0x60000005, "VMS_SYMBOL_VECTOR"),
    (0x60000006, "VMS_FIXUP"),
    (0x70000000, "IA_64_EXT"),
    (0x70000001, "IA_64_UNWIND"),
    (0x79000000, "IA_64_PRIORITY_INIT"),
]);
/// `SHT_X86_64_` types.
const X86_64: Names<u32> = Names(&[(0x70000001, "X86_64_UNWIND")]);
/// `SHT_MSP430_` types.
const MSP430: Names<u32> = Names(&[(0x70000003, "MSP430_ATTRIBUTES")]);
/// `SHT_C6000_` and `SHT_TI_` types.
const C6000: Names<u32> = Names(&[
    (0x70000001, "C6000_UNWIND"),
    (0x70000002, "C6000_PREEMPTMAP"),
    (0x70000003, "C6000_ATTRIBUTES"),
    (0x7f000000, "TI_ICODE"),
    (0x7f000001, "TI_XREF"),
]);
/// `SHT_AARCH64_` types.
const AARCH64: Names<u32> = Names(&[(0x70000003, "AARCH64_ATTRIBUTES")]);
/// `SHT_RISCV_` types.
const RISCV: Names<u32> = Names(&[(0x70000003, "RISCV_ATTRIBUTES")]);
/// `SHT_NFP_` types.
const NFP: Names<u32> = Names(&[(0x70000001, "NFP_MECONFIG"), (0x70000002, "NFP_INITREG")]);
/// `SHT_CSKY_` types.
const CSKY: Names<u32> = Names(&[(0x70000001, "CSKY_ATTRIBUTES")]);

fn of_machine(header: &Header) -> Names<u32> {
    match header.machine {
        EM_MIPS | EM_MIPS_RS3_LE => MIPS,
        EM_PARISC => PARISC,
        EM_V800 | EM_V850 | em::V850_OLD => V850,
        EM_ARM => ARM,
        EM_ARC | EM_ARC_COMPACT | EM_ARC_COMPACT2 => ARC,
        EM_IA_64 => IA_64,
        EM_X86_64 | EM_L10M | EM_K10M => X86_64,
        EM_MSP430 => MSP430,
        EM_TI_C6000 => C6000,
        EM_AARCH64 => AARCH64,
        EM_RISCV => RISCV,
        em::NFP => NFP,
        EM_CSKY => CSKY,
        _ => Names::EMPTY,
    }
}

fn of_system(header: &Header) -> Names<u32> {
    match (header.machine, header.os_abi()) {
        (EM_IA_64, _) => Names::EMPTY,
        (_, ELFOSABI_SOLARIS) => SOLARIS,
        _ => GNU,
    }
}

/// The name of a section type in a file with this header, without `SHT_`.
pub fn section_type_name(header: &Header, kind: SectionType) -> Option<&'static str> {
    COMMON
        .get(kind.0)
        .or_else(|| of_machine(header).get(kind.0))
        .or_else(|| of_system(header).get(kind.0))
}

/// The text of a section type: its name, or its place in one of the reserved ranges.
pub fn section_type(header: &Header, kind: SectionType) -> Cow<'static, str> {
    if let Some(name) = section_type_name(header, kind) {
        return Cow::Borrowed(name);
    }
    match kind.0 {
        number @ IA_64_LOPSREG..=IA_64_HIPSREG if header.machine == EM_IA_64 => {
            os_abi(header.machine, OsAbi((number >> 16) as u8))
        }
        number @ LOOS..=HIOS => offset_in("LOOS", number - LOOS),
        number @ LOPROC..=HIPROC => offset_in("LOPROC", number - LOPROC),
        number @ LOUSER.. => offset_in("LOUSER", number - LOUSER),
        number => Cow::Owned(format!("{number:08x}: <unknown>")),
    }
}

/// The text of the type of a compressed section (`ELFCOMPRESS_`).
pub fn compression_type(kind: u32) -> Cow<'static, str> {
    Cow::Borrowed(match kind {
        1 => "ZLIB",
        2 => "ZSTD",
        number => return Cow::Owned(format!("[<unknown>: {number:#x}]")),
    })
}

/// A number as an offset from the start of a reserved range, such as `LOOS+0x1`. Zero has no
/// prefix.
pub(super) fn offset_in(range: &str, offset: u32) -> Cow<'static, str> {
    Cow::Owned(match offset {
        0 => format!("{range}+0"),
        _ => format!("{range}+{offset:#x}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_ascend() {
        for (at, names) in [
            COMMON, GNU, SOLARIS, MIPS, PARISC, V850, ARM, ARC, IA_64, X86_64, MSP430, C6000,
            AARCH64, RISCV, NFP, CSKY,
        ]
        .iter()
        .enumerate()
        {
            assert!(names.is_sorted(), "table {at}");
        }
    }
}
