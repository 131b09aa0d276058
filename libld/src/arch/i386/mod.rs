//! i386. System V ABI, Intel386 Architecture Processor Supplement (psABI).
//!
//! Relocations are REL: the field holds what is added. Code that is PIC has the address of the
//! global offset table in a register, and fields hold distances from there.

mod addend;
mod decide;
mod plt;
mod relax;
mod relocate;
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

/// i386.
#[derive(Clone, Copy, Debug)]
pub struct I386Arch {
    is_marked: bool,
}

/// i386.
pub static I386: I386Arch = I386Arch { is_marked: false };
static MARKED: I386Arch = I386Arch { is_marked: true };

static IDENTITY: Identity = Identity {
    machine: EM_386,
    encoding: Encoding { class: Class::Elf32, endian: Endianness::Little },
    emulation: "elf_i386",
    format: "elf32-i386",
    interpreter: "/lib/ld-linux.so.2",
    max_page: 0x1000,
    common_page: 0x1000,
    image_base: 0x0804_8000,
    pad_code: super::x86_nops::pad_short,
    is_rela: false,
    got_slot: 4,
    plt_entsize: 4,
    got_plt_reserved: 3,
    got_base: Made::GotPlt,
    threads: Threads { side: ThreadSide::Below, module_bias: 0 },
    reloc_prefix: "R_386_",
    arch_name: "i386",
    arch_aliases: &["i386:intel"],
    emulations: &[Emulation::ElfI386, Emulation::ElfI386FreeBsd],
    has_large_sections: false,
    dynamic: DynamicKinds {
        relative: R_386_RELATIVE,
        absolute: R_386_32,
        glob_dat: R_386_GLOB_DAT,
        jump_slot: R_386_JMP_SLOT,
        copy: R_386_COPY,
        irelative: R_386_IRELATIVE,
        distance: R_386_PC32,
        tls_module: R_386_TLS_DTPMOD32,
        tls_offset: R_386_TLS_DTPOFF32,
        tls_tp_offset: R_386_TLS_TPOFF,
        tls_tp_distance: R_386_TLS_TPOFF32,
        tls_desc: R_386_TLS_DESC,
    },
};

impl Arch for I386Arch {
    fn identity(&self) -> &'static Identity {
        &IDENTITY
    }

    fn scan(&self, scan: &mut SectionScan<'_, '_>) {
        scan::section(scan);
    }

    fn relocate(&self, section: &mut SectionWrite<'_, '_>) {
        relocate::section(section);
    }

    fn add_to_addend(&self, kind: u32, offset: u64, delta: u64, bytes: &mut [u8]) {
        addend::add(kind, offset, delta, bytes);
    }

    fn plt(&self) -> &'static dyn Plt {
        if self.is_marked { &plt::Marked } else { &plt::Lazy }
    }

    fn of_output(&self, options: &Options, properties: &Properties) -> &'static dyn Arch {
        if x86_property::marks_branches(&options.x86, properties) { &MARKED } else { &I386 }
    }

    fn property_rules(&self, options: &Options) -> ProcessorRules {
        x86_property::rules(&options.x86)
    }
}
