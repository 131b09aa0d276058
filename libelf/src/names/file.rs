//! What the ELF header says of the file: operating system, kind, version. gABI, chapter 4, "ELF
//! Header".

use std::borrow::Cow;

use object::elf::{EM_AMDGPU, EM_ARM, EM_MSP430, EM_TI_C6000, EM_VISIUM, FileType, Machine, OsAbi};

use super::table::Names;

/// Operating systems that mean the same on every machine; from 64 on the numbers belong to the
/// machine.
const OS_ABIS: Names<u8> = Names(&[
    (0, "UNIX - System V"),
    (1, "UNIX - HP-UX"),
    (2, "UNIX - NetBSD"),
    (3, "UNIX - GNU"),
    (6, "UNIX - Solaris"),
    (7, "UNIX - AIX"),
    (8, "UNIX - IRIX"),
    (9, "UNIX - FreeBSD"),
    (10, "UNIX - TRU64"),
    (11, "Novell - Modesto"),
    (12, "UNIX - OpenBSD"),
    (13, "VMS - OpenVMS"),
    (14, "HP - Non-Stop Kernel"),
    (15, "AROS"),
    (16, "FenixOS"),
    (17, "Nuxi CloudABI"),
    (18, "Stratus Technologies OpenVOS"),
]);

const ARM_OS_ABIS: Names<u8> = Names(&[(65, "ARM FDPIC"), (97, "ARM")]);
const STANDALONE_OS_ABIS: Names<u8> = Names(&[(255, "Standalone App")]);
const C6000_OS_ABIS: Names<u8> = Names(&[(64, "Bare-metal C6000"), (65, "Linux C6000")]);
const AMDGPU_OS_ABIS: Names<u8> = Names(&[(64, "AMD HSA"), (65, "AMD PAL"), (66, "AMD Mesa3D")]);

/// The name of an operating system (`EI_OSABI`) on a machine.
pub fn os_abi_name(machine: Machine, abi: OsAbi) -> Option<&'static str> {
    let of_machine = match machine {
        EM_ARM => ARM_OS_ABIS,
        EM_MSP430 | EM_VISIUM => STANDALONE_OS_ABIS,
        EM_TI_C6000 => C6000_OS_ABIS,
        EM_AMDGPU => AMDGPU_OS_ABIS,
        _ => Names::EMPTY,
    };
    OS_ABIS.get(abi.0).or_else(|| of_machine.get(abi.0))
}

/// The text of an operating system: its name, or its number.
pub fn os_abi(machine: Machine, abi: OsAbi) -> Cow<'static, str> {
    match os_abi_name(machine, abi) {
        Some(name) => Cow::Borrowed(name),
        None => Cow::Owned(format!("<unknown: {:x}>", abi.0)),
    }
}

/// The text of a file type (`e_type`). `is_pie` tells a position-independent executable from a
/// shared object, which the header does not: its dynamic section has `DF_1_PIE`.
pub fn file_type(kind: FileType, is_pie: bool) -> Cow<'static, str> {
    Cow::Borrowed(match kind.0 {
        0 => "NONE (None)",
        1 => "REL (Relocatable file)",
        2 => "EXEC (Executable file)",
        3 if is_pie => "DYN (Position-Independent Executable file)",
        3 => "DYN (Shared object file)",
        4 => "CORE (Core file)",
        number @ 0xfe00..=0xfeff => return Cow::Owned(format!("OS Specific: ({number:x})")),
        number @ 0xff00.. => return Cow::Owned(format!("Processor Specific: ({number:x})")),
        number => return Cow::Owned(format!("<unknown>: {number:x}")),
    })
}

/// What follows the number of `EI_VERSION`: 1 is the current version, 0 the invalid one.
pub fn ident_version_suffix(version: u8) -> &'static str {
    match version {
        0 => "",
        1 => " (current)",
        _ => " <unknown>",
    }
}

/// The text of a class (`EI_CLASS`).
pub fn elf_class(class: u8) -> Cow<'static, str> {
    Cow::Borrowed(match class {
        0 => "none",
        1 => "ELF32",
        2 => "ELF64",
        number => return Cow::Owned(format!("<unknown: {number:x}>")),
    })
}

/// The text of a byte order (`EI_DATA`).
pub fn byte_order(data: u8) -> Cow<'static, str> {
    Cow::Borrowed(match data {
        0 => "none",
        1 => "2's complement, little endian",
        2 => "2's complement, big endian",
        number => return Cow::Owned(format!("<unknown: {number:x}>")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_ascend() {
        for (at, names) in [OS_ABIS, ARM_OS_ABIS, STANDALONE_OS_ABIS, C6000_OS_ABIS, AMDGPU_OS_ABIS]
            .iter()
            .enumerate()
        {
            assert!(names.is_sorted(), "table {at}");
        }
    }
}
