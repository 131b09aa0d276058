//! Dynamic tags (`DT_`). gABI, chapter 5, "Dynamic Section".

use std::borrow::Cow;

use object::elf::{
    DynamicTag, ELFOSABI_SOLARIS, EM_AARCH64, EM_ALPHA, EM_ALTERA_NIOS2, EM_IA_64, EM_MIPS,
    EM_MIPS_RS3_LE, EM_PARISC, EM_PPC, EM_PPC64, EM_RISCV, EM_SCORE7, EM_SPARCV9, EM_TI_C6000,
};

use super::table::Names;
use crate::header::Header;

const LOOS: u64 = 0x6000_000d;
/// The last tag that is reserved for operating systems.
const HIOS: u64 = 0x6fff_f000;
/// HP-UX takes all of the range that the gABI reserves, and starts early.
const PARISC_LOOS: u64 = 0x6000_0000;
const PARISC_HIOS: u64 = 0x6fff_ffff;
const LOPROC: u64 = 0x7000_0000;
const HIPROC: u64 = 0x7fff_ffff;

/// The only processor-specific tag that a Solaris file may have on any machine.
const SPARC_REGISTER: u64 = 0x7000_0001;

/// Tags that mean the same in every file.
const COMMON: Names<u64> = Names(&[
    (0, "NULL"),
    (1, "NEEDED"),
    (2, "PLTRELSZ"),
    (3, "PLTGOT"),
    (4, "HASH"),
    (5, "STRTAB"),
    (6, "SYMTAB"),
    (7, "RELA"),
    (8, "RELASZ"),
    (9, "RELAENT"),
    (0xa, "STRSZ"),
    (0xb, "SYMENT"),
    (0xc, "INIT"),
    (0xd, "FINI"),
    (0xe, "SONAME"),
    (0xf, "RPATH"),
    (0x10, "SYMBOLIC"),
    (0x11, "REL"),
    (0x12, "RELSZ"),
    (0x13, "RELENT"),
    (0x14, "PLTREL"),
    (0x15, "DEBUG"),
    (0x16, "TEXTREL"),
    (0x17, "JMPREL"),
    (0x18, "BIND_NOW"),
    (0x19, "INIT_ARRAY"),
    (0x1a, "FINI_ARRAY"),
    (0x1b, "INIT_ARRAYSZ"),
    (0x1c, "FINI_ARRAYSZ"),
    (0x1d, "RUNPATH"),
    (0x1e, "FLAGS"),
    (0x20, "PREINIT_ARRAY"),
    (0x21, "PREINIT_ARRAYSZ"),
    (0x22, "SYMTAB_SHNDX"),
    (0x23, "RELRSZ"),
    (0x24, "RELR"),
    (0x25, "RELRENT"),
    (0x6ffffdf4, "GNU_FLAGS_1"),
    (0x6ffffdf5, "GNU_PRELINKED"),
    (0x6ffffdf6, "GNU_CONFLICTSZ"),
    (0x6ffffdf7, "GNU_LIBLISTSZ"),
    (0x6ffffdf8, "CHECKSUM"),
    (0x6ffffdf9, "PLTPADSZ"),
    (0x6ffffdfa, "MOVEENT"),
    (0x6ffffdfb, "MOVESZ"),
    (0x6ffffdfc, "FEATURE"),
    (0x6ffffdfd, "POSFLAG_1"),
    (0x6ffffdfe, "SYMINSZ"),
    (0x6ffffdff, "SYMINENT"),
    (0x6ffffe00, "ADDRRNGLO"),
    (0x6ffffef5, "GNU_HASH"),
    (0x6ffffef6, "TLSDESC_PLT"),
    (0x6ffffef7, "TLSDESC_GOT"),
    (0x6ffffef8, "GNU_CONFLICT"),
    (0x6ffffef9, "GNU_LIBLIST"),
    (0x6ffffefa, "CONFIG"),
    (0x6ffffefb, "DEPAUDIT"),
    (0x6ffffefc, "AUDIT"),
    (0x6ffffefd, "PLTPAD"),
    (0x6ffffefe, "MOVETAB"),
    (0x6ffffeff, "SYMINFO"),
    (0x6ffffff0, "VERSYM"),
    (0x6ffffff9, "RELACOUNT"),
    (0x6ffffffa, "RELCOUNT"),
    (0x6ffffffb, "FLAGS_1"),
    (0x6ffffffc, "VERDEF"),
    (0x6ffffffd, "VERDEFNUM"),
    (0x6ffffffe, "VERNEED"),
    (0x6fffffff, "VERNEEDNUM"),
    (0x7ffffffd, "AUXILIARY"),
    (0x7ffffffe, "USED"),
    (0x7fffffff, "FILTER"),
]);
/// Tags of the operating system's range in Solaris files.
const SOLARIS: Names<u64> = Names(&[
    (0x6000000d, "SUNW_AUXILIARY"),
    (0x6000000e, "SUNW_RTLDINF"),
    (0x6000000f, "SUNW_FILTER"),
    (0x60000010, "SUNW_CAP"),
    (0x60000011, "SUNW_SYMTAB"),
    (0x60000012, "SUNW_SYMSZ"),
    (0x60000013, "SUNW_SORTENT"),
    (0x60000014, "SUNW_SYMSORT"),
    (0x60000015, "SUNW_SYMSORTSZ"),
    (0x60000016, "SUNW_TLSSORT"),
    (0x60000017, "SUNW_TLSSORTSZ"),
    (0x60000018, "SUNW_CAPINFO"),
    (0x60000019, "SUNW_STRPAD"),
    (0x6000001a, "SUNW_CAPCHAIN"),
    (0x6000001b, "SUNW_LDMACH"),
    (0x6000001d, "SUNW_CAPCHAINENT"),
    (0x6000001f, "SUNW_CAPCHAINSZ"),
    (0x60000021, "SUNW_PARENT"),
    (0x60000023, "SUNW_ASLR"),
    (0x60000025, "SUNW_RELAX"),
    (0x60000029, "SUNW_NXHEAP"),
    (0x6000002b, "SUNW_NXSTACK"),
]);
/// `DT_MIPS_` tags.
const MIPS: Names<u64> = Names(&[
    (0x70000001, "MIPS_RLD_VERSION"),
    (0x70000002, "MIPS_TIME_STAMP"),
    (0x70000003, "MIPS_ICHECKSUM"),
    (0x70000004, "MIPS_IVERSION"),
    (0x70000005, "MIPS_FLAGS"),
    (0x70000006, "MIPS_BASE_ADDRESS"),
    (0x70000007, "MIPS_MSYM"),
    (0x70000008, "MIPS_CONFLICT"),
    (0x70000009, "MIPS_LIBLIST"),
    (0x7000000a, "MIPS_LOCAL_GOTNO"),
    (0x7000000b, "MIPS_CONFLICTNO"),
    (0x70000010, "MIPS_LIBLISTNO"),
    (0x70000011, "MIPS_SYMTABNO"),
    (0x70000012, "MIPS_UNREFEXTNO"),
    (0x70000013, "MIPS_GOTSYM"),
    (0x70000014, "MIPS_HIPAGENO"),
    (0x70000016, "MIPS_RLD_MAP"),
    (0x70000017, "MIPS_DELTA_CLASS"),
    (0x70000018, "MIPS_DELTA_CLASS_NO"),
    (0x70000019, "MIPS_DELTA_INSTANCE"),
    (0x7000001a, "MIPS_DELTA_INSTANCE_NO"),
    (0x7000001b, "MIPS_DELTA_RELOC"),
    (0x7000001c, "MIPS_DELTA_RELOC_NO"),
    (0x7000001d, "MIPS_DELTA_SYM"),
    (0x7000001e, "MIPS_DELTA_SYM_NO"),
    (0x70000020, "MIPS_DELTA_CLASSSYM"),
    (0x70000021, "MIPS_DELTA_CLASSSYM_NO"),
    (0x70000022, "MIPS_CXX_FLAGS"),
    (0x70000023, "MIPS_PIXIE_INIT"),
    (0x70000024, "MIPS_SYMBOL_LIB"),
    (0x70000025, "MIPS_LOCALPAGE_GOTIDX"),
    (0x70000026, "MIPS_LOCAL_GOTIDX"),
    (0x70000027, "MIPS_HIDDEN_GOTIDX"),
    (0x70000028, "MIPS_PROTECTED_GOTIDX"),
    (0x70000029, "MIPS_OPTIONS"),
    (0x7000002a, "MIPS_INTERFACE"),
    (0x7000002b, "MIPS_DYNSTR_ALIGN"),
    (0x7000002c, "MIPS_INTERFACE_SIZE"),
    (0x7000002d, "MIPS_RLD_TEXT_RESOLVE_ADDR"),
    (0x7000002e, "MIPS_PERF_SUFFIX"),
    (0x7000002f, "MIPS_COMPACT_SIZE"),
    (0x70000030, "MIPS_GP_VALUE"),
    (0x70000031, "MIPS_AUX_DYNAMIC"),
    (0x70000032, "MIPS_PLTGOT"),
    (0x70000034, "MIPS_RWPLT"),
    (0x70000035, "MIPS_RLD_MAP_REL"),
    (0x70000036, "MIPS_XHASH"),
]);
/// `DT_HP_` tags.
const PARISC: Names<u64> = Names(&[
    (0x60000000, "HP_LOAD_MAP"),
    (0x60000001, "HP_DLD_FLAGS"),
    (0x60000002, "HP_DLD_HOOK"),
    (0x60000003, "HP_UX10_INIT"),
    (0x60000004, "HP_UX10_INITSZ"),
    (0x60000005, "HP_PREINIT"),
    (0x60000006, "HP_PREINITSZ"),
    (0x60000007, "HP_NEEDED"),
    (0x60000008, "HP_TIME_STAMP"),
    (0x60000009, "HP_CHECKSUM"),
    (0x6000000a, "HP_GST_SIZE"),
    (0x6000000b, "HP_GST_VERSION"),
    (0x6000000c, "HP_GST_HASHVAL"),
    (0x6000000d, "HP_GST_EPLTREL"),
    (0x6000000e, "HP_GST_EPLTRELSZ"),
    (0x6000000f, "HP_FILTERED"),
    (0x60000010, "HP_FILTER_TLS"),
    (0x60000011, "HP_COMPAT_FILTERED"),
    (0x60000012, "HP_LAZYLOAD"),
    (0x60000013, "HP_BIND_NOW_COUNT"),
    (0x60000014, "PLT"),
    (0x60000015, "PLT_SIZE"),
    (0x60000016, "DLT"),
    (0x60000017, "DLT_SIZE"),
]);
/// `DT_PPC_` tags.
const PPC: Names<u64> = Names(&[(0x70000000, "PPC_GOT"), (0x70000001, "PPC_OPT")]);
/// `DT_PPC64_` tags.
const PPC64: Names<u64> = Names(&[
    (0x70000000, "PPC64_GLINK"),
    (0x70000001, "PPC64_OPD"),
    (0x70000002, "PPC64_OPDSZ"),
    (0x70000003, "PPC64_OPT"),
]);
/// `DT_SPARC_` tags.
const SPARC: Names<u64> = Names(&[(0x70000001, "SPARC_REGISTER")]);
/// `DT_IA_64_` tags, with those of OpenVMS.
const IA_64: Names<u64> = Names(&[
    (0x6000000d, "VMS_SUBTYPE"),
    (0x6000000f, "VMS_IMGIOCNT"),
    (0x60000015, "VMS_LNKFLAGS"),
    (0x60000017, "VMS_VIR_MEM_BLK_SIZ"),
    (0x60000019, "VMS_IDENT"),
    (0x6000001d, "VMS_NEEDED_IDENT"),
    (0x6000001f, "VMS_IMG_RELA_CNT"),
    (0x60000021, "VMS_SEG_RELA_CNT"),
    (0x60000023, "VMS_FIXUP_RELA_CNT"),
    (0x60000025, "VMS_FIXUP_NEEDED"),
    (0x60000027, "VMS_SYMVEC_CNT"),
    (0x6000002b, "VMS_XLATED"),
    (0x6000002d, "VMS_STACKSIZE"),
    (0x6000002f, "VMS_UNWINDSZ"),
    (0x60000031, "VMS_UNWIND_CODSEG"),
    (0x60000033, "VMS_UNWIND_INFOSEG"),
    (0x60000035, "VMS_LINKTIME"),
    (0x60000037, "VMS_SEG_NO"),
    (0x60000039, "VMS_SYMVEC_OFFSET"),
    (0x6000003b, "VMS_SYMVEC_SEG"),
    (0x6000003d, "VMS_UNWIND_OFFSET"),
    (0x6000003f, "VMS_UNWIND_SEG"),
    (0x60000041, "VMS_STRTAB_OFFSET"),
    (0x60000043, "VMS_SYSVER_OFFSET"),
    (0x60000045, "VMS_IMG_RELA_OFF"),
    (0x60000047, "VMS_SEG_RELA_OFF"),
    (0x60000049, "VMS_FIXUP_RELA_OFF"),
    (0x6000004b, "VMS_PLTGOT_OFFSET"),
    (0x6000004d, "VMS_PLTGOT_SEG"),
    (0x6000004f, "VMS_FPMODE"),
    (0x70000000, "IA_64_PLT_RESERVE"),
]);
/// `DT_NIOS2_` tags.
const NIOS2: Names<u64> = Names(&[(0x70000002, "NIOS2_GP")]);
/// `DT_SCORE_` tags.
const SCORE: Names<u64> = Names(&[
    (0x70000001, "SCORE_BASE_ADDRESS"),
    (0x70000002, "SCORE_LOCAL_GOTNO"),
    (0x70000003, "SCORE_SYMTABNO"),
    (0x70000004, "SCORE_GOTSYM"),
    (0x70000005, "SCORE_UNREFEXTNO"),
    (0x70000006, "SCORE_HIPAGENO"),
]);
/// `DT_C6000_` tags.
const C6000: Names<u64> = Names(&[
    (0x70000000, "C6000_DSBT_BASE"),
    (0x70000001, "C6000_DSBT_SIZE"),
    (0x70000002, "C6000_PREEMPTMAP"),
    (0x70000003, "C6000_DSBT_INDEX"),
]);
/// `DT_AARCH64_` tags.
const AARCH64: Names<u64> = Names(&[
    (0x70000001, "AARCH64_BTI_PLT"),
    (0x70000003, "AARCH64_PAC_PLT"),
    (0x70000005, "AARCH64_VARIANT_PCS"),
]);
/// `DT_RISCV_` tags.
const RISCV: Names<u64> = Names(&[(0x70000001, "RISCV_VARIANT_CC")]);
/// `DT_ALPHA_` tags.
const ALPHA: Names<u64> = Names(&[(0x70000000, "ALPHA_PLTRO")]);

fn of_machine(header: &Header) -> Option<Names<u64>> {
    Some(match header.machine {
        EM_MIPS | EM_MIPS_RS3_LE => MIPS,
        EM_PARISC => PARISC,
        EM_PPC => PPC,
        EM_PPC64 => PPC64,
        EM_SPARCV9 => SPARC,
        EM_IA_64 => IA_64,
        EM_ALTERA_NIOS2 => NIOS2,
        EM_SCORE7 => SCORE,
        EM_TI_C6000 => C6000,
        EM_AARCH64 => AARCH64,
        EM_RISCV => RISCV,
        EM_ALPHA => ALPHA,
        _ => return None,
    })
}

fn is_solaris(header: &Header) -> bool {
    header.os_abi() == ELFOSABI_SOLARIS
}

/// A tag of the processor's range.
fn of_processor(header: &Header, tag: u64) -> Option<&'static str> {
    let has_tags = of_machine(header).is_some() && header.machine != EM_PARISC;
    match of_machine(header).and_then(|names| names.get(tag)) {
        None if tag == SPARC_REGISTER && is_solaris(header) && !has_tags => Some("SPARC_REGISTER"),
        name => name,
    }
}

/// A tag of the operating system's range.
fn of_system(header: &Header, tag: u64) -> Option<&'static str> {
    match header.machine {
        EM_PARISC => PARISC.get(tag),
        EM_IA_64 => IA_64.get(tag),
        _ if is_solaris(header) => SOLARIS.get(tag),
        _ => None,
    }
}

/// The name of a dynamic tag in a file with this header, without `DT_`.
pub fn dynamic_tag_name(header: &Header, tag: DynamicTag) -> Option<&'static str> {
    let tag = tag.0 as u64;
    COMMON.get(tag).or_else(|| match tag {
        LOPROC..=HIPROC => of_processor(header, tag),
        _ => of_system(header, tag),
    })
}

/// The text of a dynamic tag: its name, or the range that it is reserved for.
pub fn dynamic_tag(header: &Header, tag: DynamicTag) -> Cow<'static, str> {
    if let Some(name) = dynamic_tag_name(header, tag) {
        return Cow::Borrowed(name);
    }
    let system = if header.machine == EM_PARISC { PARISC_LOOS..=PARISC_HIOS } else { LOOS..=HIOS };
    let tag = tag.0 as u64;
    Cow::Owned(match tag {
        LOPROC..=HIPROC => format!("Processor Specific: {tag:x}"),
        _ if system.contains(&tag) => format!("Operating System specific: {tag:x}"),
        _ => format!("<unknown>: {tag:x}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_ascend() {
        for (at, names) in [
            COMMON, SOLARIS, MIPS, PARISC, PPC, PPC64, SPARC, IA_64, NIOS2, SCORE, C6000, AARCH64,
            RISCV, ALPHA,
        ]
        .iter()
        .enumerate()
        {
            assert!(names.is_sorted(), "table {at}");
        }
    }
}
