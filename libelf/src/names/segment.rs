//! Segment types (`PT_`). gABI, chapter 5, "Program Header".
//!
//! readelf prints the first 14 characters of these.

use std::borrow::Cow;

use object::elf::{
    ELFOSABI_FREEBSD, ELFOSABI_GNU, ELFOSABI_HPUX, ELFOSABI_SOLARIS, EM_AARCH64, EM_ARM, EM_IA_64,
    EM_MIPS, EM_MIPS_RS3_LE, EM_PARISC, EM_RISCV, EM_S390, EM_TI_C6000, ProgramType,
};

use super::em;
use super::section::offset_in;
use super::table::Names;
use crate::header::Header;

const LOOS: u32 = 0x6000_0000;
const HIOS: u32 = 0x6fff_ffff;
const LOPROC: u32 = 0x7000_0000;
const HIPROC: u32 = 0x7fff_ffff;
/// `PT_GNU_MBIND_LO` and `PT_GNU_MBIND_HI`
const MBIND_LO: u32 = 0x6474_e555;
const MBIND_HI: u32 = 0x6474_f554;

/// Types that mean the same in every file.
const COMMON: Names<u32> = Names(&[
    (0, "NULL"),
    (1, "LOAD"),
    (2, "DYNAMIC"),
    (3, "INTERP"),
    (4, "NOTE"),
    (5, "SHLIB"),
    (6, "PHDR"),
    (7, "TLS"),
    (0x6474e550, "GNU_EH_FRAME"),
    (0x6474e551, "GNU_STACK"),
    (0x6474e552, "GNU_RELRO"),
    (0x6474e553, "GNU_PROPERTY"),
    (0x6474e554, "GNU_SFRAME"),
    (0x65a3dbe6, "OPENBSD_RANDOMIZE"),
    (0x65a3dbe7, "OPENBSD_WXNEEDED"),
    (0x65a41be6, "OPENBSD_BOOTDATA"),
]);

/// `PT_SUNW` types of Solaris files.
const SOLARIS: Names<u32> = Names(&[
    (0x6464e550, "PT_SUNW_UNWIND"),
    (0x6ffffff7, "PT_LOSUNW"),
    (0x6ffffffa, "PT_SUNWBSS"),
    (0x6ffffffb, "PT_SUNWSTACK"),
    (0x6ffffffc, "PT_SUNWDTRACE"),
    (0x6ffffffd, "PT_SUNWCAP"),
    (0x6fffffff, "PT_HISUNW"),
]);

/// `PT_HP_` types of HP-UX files on HPPA.
const PARISC_HPUX: Names<u32> = Names(&[
    (0x60000000, "HP_TLS"),
    (0x60000001, "HP_CORE_NONE"),
    (0x60000002, "HP_CORE_VERSION"),
    (0x60000003, "HP_CORE_KERNEL"),
    (0x60000004, "HP_CORE_COMM"),
    (0x60000005, "HP_CORE_PROC"),
    (0x60000006, "HP_CORE_LOADABLE"),
    (0x60000007, "HP_CORE_STACK"),
    (0x60000008, "HP_CORE_SHM"),
    (0x60000009, "HP_CORE_MMF"),
    (0x60000010, "HP_PARALLEL"),
    (0x60000011, "HP_FASTBIND"),
    (0x60000012, "HP_OPT_ANNOT"),
    (0x60000013, "HP_HSL_ANNOT"),
    (0x60000014, "HP_STACK"),
    (0x60000015, "HP_CORE_UTSNAME"),
]);

/// `PT_HP_` types of HP-UX files on IA-64.
const IA_64_HPUX: Names<u32> = Names(&[
    (0x60000000, "HP_TLS"),
    (0x60000012, "HP_OPT_ANNOT"),
    (0x60000013, "HP_HSL_ANNOT"),
    (0x60000014, "HP_STACK"),
]);

const AARCH64: Names<u32> =
    Names(&[(0x70000000, "AARCH64_ARCHEXT"), (0x70000002, "AARCH64_MEMTAG_MTE")]);
const ARM: Names<u32> = Names(&[(0x70000001, "EXIDX")]);
const C6000: Names<u32> = Names(&[(0x70000000, "C6000_PHATTR")]);
const IA_64: Names<u32> = Names(&[(0x70000000, "IA_64_ARCHEXT"), (0x70000001, "IA_64_UNWIND")]);
const MIPS: Names<u32> = Names(&[
    (0x70000000, "REGINFO"),
    (0x70000001, "RTPROC"),
    (0x70000002, "OPTIONS"),
    (0x70000003, "ABIFLAGS"),
]);
const PARISC: Names<u32> = Names(&[
    (0x70000000, "PARISC_ARCHEXT"),
    (0x70000001, "PARISC_UNWIND"),
    (0x70000002, "PARISC_WEAKORDER"),
]);
const RISCV: Names<u32> = Names(&[(0x70000003, "RISCV_ATTRIBUTES")]);
const S390: Names<u32> = Names(&[(0x70000000, "S390_PGSTE")]);

fn of_machine(header: &Header) -> Names<u32> {
    match header.machine {
        EM_AARCH64 => AARCH64,
        EM_ARM => ARM,
        EM_TI_C6000 => C6000,
        EM_IA_64 => IA_64,
        EM_MIPS | EM_MIPS_RS3_LE => MIPS,
        EM_PARISC => PARISC,
        EM_RISCV => RISCV,
        EM_S390 | em::S390_OLD => S390,
        _ => Names::EMPTY,
    }
}

fn of_system(header: &Header) -> Names<u32> {
    match (header.os_abi(), header.machine) {
        (ELFOSABI_SOLARIS, _) => SOLARIS,
        (ELFOSABI_HPUX, EM_PARISC) => PARISC_HPUX,
        (ELFOSABI_HPUX, EM_IA_64) => IA_64_HPUX,
        _ => Names::EMPTY,
    }
}

/// The name of a segment type in a file with this header, without `PT_` (Solaris's own have it).
pub fn program_type_name(header: &Header, kind: ProgramType) -> Option<&'static str> {
    COMMON
        .get(kind.0)
        .or_else(|| of_machine(header).get(kind.0))
        .or_else(|| of_system(header).get(kind.0))
}

/// The text of a segment type: its name, or its place in one of the reserved ranges.
pub fn program_type(header: &Header, kind: ProgramType) -> Cow<'static, str> {
    if let Some(name) = program_type_name(header, kind) {
        return Cow::Borrowed(name);
    }
    let has_mbind = matches!(header.os_abi(), ELFOSABI_GNU | ELFOSABI_FREEBSD);
    match kind.0 {
        number @ MBIND_LO..=MBIND_HI if has_mbind => offset_in("GNU_MBIND", number - MBIND_LO),
        number @ LOOS..=HIOS => offset_in("LOOS", number - LOOS),
        number @ LOPROC..=HIPROC => offset_in("LOPROC", number - LOPROC),
        number => Cow::Owned(format!("<unknown>: {number:x}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_ascend() {
        for (at, names) in [
            COMMON,
            SOLARIS,
            PARISC_HPUX,
            IA_64_HPUX,
            AARCH64,
            ARM,
            C6000,
            IA_64,
            MIPS,
            PARISC,
            RISCV,
            S390,
        ]
        .iter()
        .enumerate()
        {
            assert!(names.is_sorted(), "table {at}");
        }
    }
}
