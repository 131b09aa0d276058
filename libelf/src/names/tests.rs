//! Representative rows: what readelf prints for numbers whose meaning depends on more than the
//! number.

use object::elf::*;
use object::endian::Endianness;

use super::*;
use crate::{Class, Encoding, Header};

fn header(machine: Machine, abi: OsAbi) -> Header {
    let mut ident = [0; 16];
    ident[7] = abi.0;
    Header {
        encoding: Encoding { class: Class::Elf64, endian: Endianness::Little },
        ident,
        kind: ET_DYN,
        machine,
        version: 1,
        entry: 0,
        phoff: 0,
        shoff: 0,
        flags: 0,
        ehsize: 64,
        phentsize: 56,
        phnum: 0,
        shentsize: 64,
        shnum: 0,
        shstrndx: 0,
    }
}

fn plain(machine: Machine) -> Header {
    header(machine, ELFOSABI_NONE)
}

#[test]
fn machines() {
    assert_eq!(machine(EM_X86_64), "Advanced Micro Devices X86-64");
    assert_eq!(machine(Machine(0x9026)), "Alpha");
    assert_eq!(machine(Machine(0x7777)), "<unknown>: 0x7777");
}

#[test]
fn operating_systems_depend_on_the_machine() {
    assert_eq!(os_abi(EM_X86_64, ELFOSABI_GNU), "UNIX - GNU");
    assert_eq!(os_abi(EM_ARM, OsAbi(97)), "ARM");
    assert_eq!(os_abi(EM_X86_64, OsAbi(97)), "<unknown: 61>");
    assert_eq!(os_abi(EM_AMDGPU, OsAbi(64)), "AMD HSA");
}

#[test]
fn file_types() {
    assert_eq!(file_type(ET_DYN, false), "DYN (Shared object file)");
    assert_eq!(file_type(ET_DYN, true), "DYN (Position-Independent Executable file)");
    assert_eq!(file_type(FileType(5), false), "<unknown>: 5");
    assert_eq!(file_type(FileType(0xfe01), false), "OS Specific: (fe01)");
    assert_eq!(file_type(FileType(0xffff), true), "Processor Specific: (ffff)");
}

#[test]
fn identification() {
    assert_eq!(elf_class(2), "ELF64");
    assert_eq!(elf_class(255), "<unknown: ff>");
    assert_eq!(byte_order(2), "2's complement, big endian");
    assert_eq!(byte_order(0), "none");
    assert_eq!(ident_version_suffix(1), " (current)");
}

#[test]
fn compression_types() {
    assert_eq!(compression_type(2), "ZSTD");
    assert_eq!(compression_type(0), "[<unknown>: 0x0]");
}

#[test]
fn section_types() {
    let text = |machine, abi, kind| section_type(&header(machine, abi), SectionType(kind));
    assert_eq!(text(EM_X86_64, ELFOSABI_NONE, 0x7000_0001), "X86_64_UNWIND");
    assert_eq!(text(EM_386, ELFOSABI_NONE, 0x7000_0001), "LOPROC+0x1");
    assert_eq!(text(EM_386, ELFOSABI_NONE, 0x6000_0000), "LOOS+0");
    assert_eq!(text(EM_386, ELFOSABI_NONE, 20), "00000014: <unknown>");
    assert_eq!(text(EM_386, ELFOSABI_NONE, 0x6fff_fff5), "GNU_ATTRIBUTES");
    assert_eq!(text(EM_386, ELFOSABI_SOLARIS, 0x6fff_fff5), "SUNW_cap");
    assert_eq!(text(EM_IA_64, ELFOSABI_NONE, 0x6fff_fff5), "LOOS+0xffffff5");
    assert_eq!(text(EM_IA_64, ELFOSABI_NONE, 0x7810_0000), "FenixOS");
    assert_eq!(text(EM_V850, ELFOSABI_NONE, 0xa000_0000), "RENESAS INFO");
}

#[test]
fn segment_types() {
    let text = |machine, abi, kind| program_type(&header(machine, abi), ProgramType(kind));
    assert_eq!(text(EM_ARM, ELFOSABI_NONE, 0x7000_0001), "EXIDX");
    assert_eq!(text(EM_386, ELFOSABI_GNU, 0x6474_e555), "GNU_MBIND+0");
    assert_eq!(text(EM_386, ELFOSABI_NONE, 0x6474_e555), "LOOS+0x474e555");
    assert_eq!(text(EM_PARISC, ELFOSABI_HPUX, 0x6000_0010), "HP_PARALLEL");
    assert_eq!(text(EM_386, ELFOSABI_NONE, 42), "<unknown>: 2a");
}

#[test]
fn dynamic_tags() {
    let text = |machine, abi, tag| dynamic_tag(&header(machine, abi), DynamicTag(tag));
    assert_eq!(text(EM_386, ELFOSABI_NONE, 0x6fff_fef5), "GNU_HASH");
    assert_eq!(text(EM_AARCH64, ELFOSABI_NONE, 0x7000_0001), "AARCH64_BTI_PLT");
    assert_eq!(text(EM_386, ELFOSABI_NONE, 0x26), "<unknown>: 26");
    assert_eq!(text(EM_386, ELFOSABI_NONE, -1), "<unknown>: ffffffffffffffff");
    assert_eq!(text(EM_386, ELFOSABI_SOLARIS, 0x7000_0001), "SPARC_REGISTER");
    assert_eq!(text(EM_RISCV, ELFOSABI_SOLARIS, 0x7000_0002), "Processor Specific: 70000002");
    assert_eq!(text(EM_PPC, ELFOSABI_SOLARIS, 0x6000_0010), "SUNW_CAP");
    assert_eq!(
        text(EM_PARISC, ELFOSABI_SOLARIS, 0x6fff_f001),
        "Operating System specific: 6ffff001"
    );
    assert_eq!(text(EM_386, ELFOSABI_NONE, 0x6fff_f001), "<unknown>: 6ffff001");
}

#[test]
fn symbol_types_and_bindings() {
    let gnu = header(EM_X86_64, ELFOSABI_GNU);
    let none = plain(EM_X86_64);
    assert_eq!(symbol_type(&gnu, STT_GNU_IFUNC), "IFUNC");
    assert_eq!(symbol_type(&none, STT_GNU_IFUNC), "<OS specific>: 10");
    assert_eq!(symbol_type(&none, SymbolType(7)), "<unknown>: 7");
    assert_eq!(symbol_type(&plain(EM_ARM), SymbolType(13)), "THUMB_FUNC");
    assert_eq!(symbol_binding(&gnu, SymbolBind(10)), "UNIQUE");
    assert_eq!(symbol_binding(&none, SymbolBind(13)), "<processor specific>: 13");
}

#[test]
fn other_bits_of_symbols() {
    let text = |machine, other| symbol_other(&plain(machine), other);
    assert_eq!(text(EM_X86_64, 3), None);
    assert_eq!(text(EM_X86_64, 4).as_deref(), Some("<other>: 4"));
    assert_eq!(text(EM_PPC64, 0x60).as_deref(), Some("<localentry>: 8"));
    assert_eq!(text(EM_PPC64, 0xe0).as_deref(), Some("<other>: e0"));
    assert_eq!(text(EM_AARCH64, 0x84).as_deref(), Some("VARIANT_PCS | 4"));
    assert_eq!(text(EM_RISCV, 0x84).as_deref(), Some("4"));
    assert_eq!(text(EM_MIPS, 0xf0).as_deref(), Some("MIPS16"));
    let solaris = header(EM_SPARCV9, ELFOSABI_SOLARIS);
    assert_eq!(symbol_visibility(&solaris, 4), "EXPORTED");
    assert_eq!(symbol_other(&solaris, 4), None);
}

#[test]
fn special_sections() {
    let text = |machine, index| special_section(&plain(machine), SymbolSection(index));
    assert_eq!(text(EM_X86_64, 0xfff1), "ABS");
    assert_eq!(text(EM_X86_64, 0xff02), "LARGE_COM");
    assert_eq!(text(EM_386, 0xff02), "PRC[0xff02]");
    assert_eq!(text(EM_386, 0xff20), "OS [0xff20]");
    assert_eq!(text(EM_386, 0xffff), "RSV[0xffff]");
    assert_eq!(text(EM_386, 7), "7");
}

#[test]
fn relocations() {
    let name = |machine, kind| reloc(&plain(machine), kind);
    assert_eq!(name(EM_X86_64, 2), Some("R_X86_64_PC32"));
    assert_eq!(name(EM_X86_64, 0x33), None);
    assert_eq!(name(EM_X86_64, u32::MAX), None);
    assert_eq!(name(EM_386, 8), Some("R_386_RELATIVE"));
    assert_eq!(name(EM_AARCH64, 0x403), Some("R_AARCH64_RELATIVE"));
    assert_eq!(name(EM_ARM, 0x1c), Some("R_ARM_CALL"));
    assert_eq!(name(EM_RISCV, 0x33), Some("R_RISCV_RELAX"));
    assert_eq!(name(EM_MIPS, 5), Some("R_MIPS_HI16"));
    assert_eq!(name(EM_PPC, 10), Some("R_PPC_REL24"));
    assert_eq!(name(EM_PPC64, 0x16), Some("R_PPC64_RELATIVE"));
    assert_eq!(name(EM_S390, 12), Some("R_390_RELATIVE"));
    assert_eq!(name(EM_68K, 22), Some("R_68K_RELATIVE"));
    assert_eq!(name(EM_SH, 0xa5), Some("R_SH_RELATIVE"));
    assert_eq!(name(EM_PARISC, 1), Some("R_PARISC_DIR32"));
    assert_eq!(name(EM_ALPHA, 27), Some("R_ALPHA_RELATIVE"));
    assert_eq!(name(EM_IA_64, 0x6f), Some("R_IA64_REL64LSB"));
    assert_eq!(name(EM_LOONGARCH, 3), Some("R_LARCH_RELATIVE"));
    assert_eq!(name(EM_BPF, 10), Some("R_BPF_INSN_DISP32"));
    assert_eq!(name(Machine(0x7777), 0), None);
}

#[test]
fn sparc_v9_types_carry_data() {
    let names = reloc_names(&plain(EM_SPARCV9)).unwrap();
    assert_eq!(names.get(0x1234_5621), Some("R_SPARC_OLO10"));
    assert_eq!(names.kind(0x1234_56ee), 0xee);
    assert_eq!(reloc(&plain(EM_SPARC), 0x1234_5621), None);
}

#[test]
fn msp430_has_two_numberings() {
    assert_eq!(reloc(&plain(EM_MSP430), 1), Some("R_MSP430_ABS32"));
    let standalone = header(EM_MSP430, OsAbi(255));
    assert_eq!(reloc(&standalone, 1), Some("R_MSP430_32"));
}

#[test]
fn relocation_names_differ() {
    for number in 0..=u16::MAX {
        let Some(names) = reloc_names(&plain(Machine(number))) else {
            continue;
        };
        let mut known: Vec<_> = names.iter().map(|(_, name)| name).collect();
        assert!(known.len() > 1, "machine {number}");
        assert!(known.iter().all(|name| name.starts_with("R_")), "machine {number}");
        known.sort_unstable();
        known.dedup();
        assert_eq!(known.len(), names.iter().count(), "machine {number}");
    }
}

#[test]
fn machine_flags() {
    let text = |machine, flags| header_flags(&Header { flags, ..plain(machine) });
    assert_eq!(text(EM_X86_64, 7), "");
    assert_eq!(text(EM_ARM, 0x0500_0400), ", Version5 EABI, hard-float ABI");
    assert_eq!(
        text(EM_ARM, 0x0500_0203),
        ", relocatable executable, Version5 EABI, soft-float ABI, <unknown>"
    );
    assert_eq!(text(EM_RISCV, 5), ", RVC, double-float ABI");
    assert_eq!(text(EM_PPC64, 2), ", abiv2");
    assert_eq!(text(EM_MIPS, 0x7000_1007), ", noreorder, pic, cpic, o32, mips32r2");
    assert_eq!(text(EM_SPARCV9, 0x8_0300), ", v8+, ultrasparcI, tso");
    assert_eq!(text(EM_SH, 9), ", sh4");
    assert_eq!(text(EM_68K, 0x0100_0000), ", m68000");
    assert_eq!(text(EM_68K, 0x25), ", cf, isa B, emac");
    assert_eq!(text(EM_PARISC, 0x8_0214), ", PA-RISC 2.0, wide");
    assert_eq!(text(EM_IA_64, 0x50), ", 64-bit, constant gp");
    assert_eq!(text(EM_LOONGARCH, 0x43), ", DOUBLE-FLOAT, OBJ-v1");
    assert_eq!(text(EM_AVR, 0x85), ", avr:5, link-relax");
    assert_eq!(text(EM_MSP430, 0x6e), ": architecture variant: MSP430x11x1 ");
    assert_eq!(text(EM_ARC_COMPACT2, 0x306), ", ARC HS, v3 no-legacy-syscalls ABI");
    assert_eq!(text(Machine(0xf00d), 0x0004_0000), ", generic MeP<unknown MeP copro type>");
    assert_eq!(text(EM_S390, 1), ", highgprs");
    assert_eq!(
        text(EM_NDS32, 0x1000_0840),
        ", AABI, Andes ELF V1.3 or older, Andes Star v1.0, MAC, FPU_SP, FPU_REG:8/4"
    );
}

#[test]
fn section_flags() {
    let letters = |header: &Header, flags| {
        String::from_utf8(section_flag_letters(header, flags).as_bytes().to_vec()).unwrap()
    };
    let x86 = plain(EM_X86_64);
    assert_eq!(letters(&x86, 0x6), "AX");
    assert_eq!(letters(&x86, 0x9000_0000), "lE");
    assert_eq!(letters(&plain(EM_386), 0x9000_0000), "p");
    assert_eq!(letters(&header(EM_386, ELFOSABI_GNU), 0x20_0000), "R");
    assert_eq!(letters(&x86, u64::MAX), "WAXxMSILOGTCxxxxxxxxolp");
    assert_eq!(
        section_flag_names(&x86, 0x1010_1007),
        "WRITE, ALLOC, EXEC, OS (0000000000100000), PROC (0000000010000000), \
         UNKNOWN (0000000000001000)"
    );
    assert!(section_flag_key(&x86).ends_with("  D (mbind), l (large), p (processor specific)\n"));
}

#[test]
fn flags_of_dynamic_tags() {
    let text = |machine, tag, value| dynamic_flags(&plain(machine), DynamicTag(tag), value);
    assert_eq!(text(EM_386, 0x1e, 0x18).unwrap(), "BIND_NOW STATIC_TLS");
    assert_eq!(text(EM_386, 0x1e, 0x100000001).unwrap(), "ORIGIN unknown");
    assert_eq!(text(EM_386, 0x1e, 0).unwrap(), "");
    assert_eq!(text(EM_386, 0x6ffffffb, 0x8000001).unwrap(), "NOW PIE");
    assert_eq!(text(EM_386, 0x6ffffffb, 0x80000001).unwrap(), "NOW 80000000");
    assert_eq!(text(EM_386, 0x6ffffdfc, 0).unwrap(), "None");
    assert_eq!(text(EM_MIPS, 0x70000005, 2).unwrap(), "NOTPOT");
    assert_eq!(text(EM_MIPS, 0x70000005, 0).unwrap(), "NONE");
    assert_eq!(text(EM_386, 0x70000005, 0), None);
    assert_eq!(text(EM_PARISC, 0x60000001, 0).unwrap(), "0");
    assert_eq!(text(EM_IA_64, 0x60000015, 0x103).unwrap(), "CALL_DEBUG NOP0BUFS");
    assert_eq!(syminfo_flags(9), " DIRECT LAZYLOAD");
    assert_eq!(syminfo_bound_to(0xffff), Some("SELF"));
}

#[test]
fn flags_of_versions() {
    assert_eq!(version_flags(0), "none");
    assert_eq!(version_flags(3), "BASE | WEAK");
    assert_eq!(version_flags(0x17), "BASE | WEAK | INFO | <unknown>");
    assert_eq!(version_flags(0x8000), "<unknown>");
}

#[test]
fn uses_of_alpha_literals() {
    assert_eq!(alpha_lituse(1), "(BASE)");
    assert_eq!(alpha_lituse(-1), "<unknown addend: ffffffffffffffff>");
}
