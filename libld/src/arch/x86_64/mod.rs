//! x86-64, with addresses of 64 and of 32 bits (x32). System V ABI, AMD64 Architecture Processor
//! Supplement (psABI).

mod decide;
mod plt;
mod relocate;
mod retpoline;
mod scan;

use libelf::raw::*;
use libelf::{Class, Encoding};
use object::endian::Endianness;

use super::{Arch, DynamicKinds, Identity, Plt, ThreadSide, Threads, x86_property};
use crate::made::Made;
use crate::note::property::{ProcessorRules, Properties};
use crate::options::{Emulation, Options};
use crate::scan::SectionScan;
use crate::write::SectionWrite;

/// x86-64.
#[derive(Clone, Copy, Debug)]
pub struct X86_64 {
    is_x32: bool,
    table: Table,
}

/// The form of the procedure linkage table.
#[derive(Clone, Copy, Debug)]
enum Table {
    /// As it always was.
    Lazy,
    /// Indirect branches end at marks.
    Marked,
    /// There are no indirect branches.
    Retpoline,
}

/// Addresses of 64 bits.
pub static LP64: X86_64 = X86_64 { is_x32: false, table: Table::Lazy };
/// Addresses of 32 bits.
pub static X32: X86_64 = X86_64 { is_x32: true, table: Table::Lazy };
static LP64_MARKED: X86_64 = X86_64 { is_x32: false, table: Table::Marked };
static X32_MARKED: X86_64 = X86_64 { is_x32: true, table: Table::Marked };
static LP64_RETPOLINE: X86_64 = X86_64 { is_x32: false, table: Table::Retpoline };
static X32_RETPOLINE: X86_64 = X86_64 { is_x32: true, table: Table::Retpoline };

const KINDS: DynamicKinds = DynamicKinds {
    relative: R_X86_64_RELATIVE,
    absolute: R_X86_64_64,
    glob_dat: R_X86_64_GLOB_DAT,
    jump_slot: R_X86_64_JUMP_SLOT,
    copy: R_X86_64_COPY,
    irelative: R_X86_64_IRELATIVE,
    distance: R_X86_64_PC64,
    tls_module: R_X86_64_DTPMOD64,
    tls_offset: R_X86_64_DTPOFF64,
    tls_tp_offset: R_X86_64_TPOFF64,
    tls_tp_distance: R_X86_64_NONE,
    tls_desc: R_X86_64_TLSDESC,
};

static LP64_IDENTITY: Identity = Identity {
    machine: EM_X86_64,
    encoding: Encoding { class: Class::Elf64, endian: Endianness::Little },
    emulation: "elf_x86_64",
    format: "elf64-x86-64",
    interpreter: "/lib64/ld-linux-x86-64.so.2",
    max_page: 0x1000,
    common_page: 0x1000,
    image_base: 0x40_0000,
    pad_code: super::x86_nops::pad_long,
    is_rela: true,
    got_slot: 8,
    plt_entsize: 16,
    got_plt_reserved: 3,
    got_base: Made::GotPlt,
    threads: Threads { side: ThreadSide::Below, module_bias: 0 },
    reloc_prefix: "R_X86_64_",
    arch_name: "i386:x86-64",
    arch_aliases: &["i386:x86-64:intel"],
    emulations: &[Emulation::ElfX86_64, Emulation::ElfX86_64FreeBsd],
    has_large_sections: true,
    dynamic: KINDS,
};

static X32_IDENTITY: Identity = Identity {
    encoding: Encoding { class: Class::Elf32, endian: Endianness::Little },
    emulation: "elf32_x86_64",
    format: "elf32-x86-64",
    interpreter: "/libx32/ld-linux-x32.so.2",
    arch_name: "i386:x64-32",
    arch_aliases: &[],
    emulations: &[Emulation::Elf32X86_64],
    dynamic: DynamicKinds { absolute: R_X86_64_32, ..KINDS },
    ..LP64_IDENTITY
};

static LP64_RETPOLINE_IDENTITY: Identity = Identity { plt_entsize: 32, ..LP64_IDENTITY };
static X32_RETPOLINE_IDENTITY: Identity = Identity { plt_entsize: 32, ..X32_IDENTITY };

impl Arch for X86_64 {
    fn identity(&self) -> &'static Identity {
        match (self.is_x32, self.table) {
            (false, Table::Retpoline) => &LP64_RETPOLINE_IDENTITY,
            (true, Table::Retpoline) => &X32_RETPOLINE_IDENTITY,
            (false, _) => &LP64_IDENTITY,
            (true, _) => &X32_IDENTITY,
        }
    }

    fn scan(&self, scan: &mut SectionScan<'_, '_>) {
        scan::section(scan, self.is_x32);
    }

    fn relocate(&self, section: &mut SectionWrite<'_, '_>) {
        relocate::section(section, self.is_x32);
    }

    fn plt(&self) -> &'static dyn Plt {
        match self.table {
            Table::Lazy => &plt::Lazy,
            Table::Marked => &plt::Marked,
            Table::Retpoline => &retpoline::Retpoline,
        }
    }

    fn of_output(&self, options: &Options, properties: &Properties) -> &'static dyn Arch {
        if options.x86.retpoline_plt {
            return if self.is_x32 { &X32_RETPOLINE } else { &LP64_RETPOLINE };
        }
        match (self.is_x32, x86_property::marks_branches(&options.x86, properties)) {
            (false, false) => &LP64,
            (false, true) => &LP64_MARKED,
            (true, false) => &X32,
            (true, true) => &X32_MARKED,
        }
    }

    fn property_rules(&self, options: &Options) -> ProcessorRules {
        x86_property::rules(&options.x86)
    }
}
