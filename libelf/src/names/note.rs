//! Names of note types. What a number means depends on the note's owner, and for most owners on
//! whether the file is a core file.

use object::elf::{
    EM_ALPHA, EM_FAKE_ALPHA, EM_SH, EM_SPARC, EM_SPARC32PLUS, EM_SPARCV9, Machine, NoteType,
};

use super::table::Names;

/// Types in core files, of `CORE`, `LINUX` and everyone without a meaning of their own.
const CORE: Names<u32> = Names(&[
    (1, "NT_PRSTATUS (prstatus structure)"),
    (2, "NT_FPREGSET (floating point registers)"),
    (3, "NT_PRPSINFO (prpsinfo structure)"),
    (4, "NT_TASKSTRUCT (task structure)"),
    (6, "NT_AUXV (auxiliary vector)"),
    (10, "NT_PSTATUS (pstatus structure)"),
    (12, "NT_FPREGS (floating point registers)"),
    (13, "NT_PSINFO (psinfo structure)"),
    (16, "NT_LWPSTATUS (lwpstatus_t structure)"),
    (17, "NT_LWPSINFO (lwpsinfo_t structure)"),
    (18, "NT_WIN32PSTATUS (win32_pstatus structure)"),
    (0x100, "NT_PPC_VMX (ppc Altivec registers)"),
    (0x102, "NT_PPC_VSX (ppc VSX registers)"),
    (0x103, "NT_PPC_TAR (ppc TAR register)"),
    (0x104, "NT_PPC_PPR (ppc PPR register)"),
    (0x105, "NT_PPC_DSCR (ppc DSCR register)"),
    (0x106, "NT_PPC_EBB (ppc EBB registers)"),
    (0x107, "NT_PPC_PMU (ppc PMU registers)"),
    (0x108, "NT_PPC_TM_CGPR (ppc checkpointed GPR registers)"),
    (0x109, "NT_PPC_TM_CFPR (ppc checkpointed floating point registers)"),
    (0x10a, "NT_PPC_TM_CVMX (ppc checkpointed Altivec registers)"),
    (0x10b, "NT_PPC_TM_CVSX (ppc checkpointed VSX registers)"),
    (0x10c, "NT_PPC_TM_SPR (ppc TM special purpose registers)"),
    (0x10d, "NT_PPC_TM_CTAR (ppc checkpointed TAR register)"),
    (0x10e, "NT_PPC_TM_CPPR (ppc checkpointed PPR register)"),
    (0x10f, "NT_PPC_TM_CDSCR (ppc checkpointed DSCR register)"),
    (0x200, "NT_386_TLS (x86 TLS information)"),
    (0x201, "NT_386_IOPERM (x86 I/O permissions)"),
    (0x202, "NT_X86_XSTATE (x86 XSAVE extended state)"),
    (0x203, "NT_X86_CET (x86 CET state)"),
    (0x300, "NT_S390_HIGH_GPRS (s390 upper register halves)"),
    (0x301, "NT_S390_TIMER (s390 timer register)"),
    (0x302, "NT_S390_TODCMP (s390 TOD comparator register)"),
    (0x303, "NT_S390_TODPREG (s390 TOD programmable register)"),
    (0x304, "NT_S390_CTRS (s390 control registers)"),
    (0x305, "NT_S390_PREFIX (s390 prefix register)"),
    (0x306, "NT_S390_LAST_BREAK (s390 last breaking event address)"),
    (0x307, "NT_S390_SYSTEM_CALL (s390 system call restart data)"),
    (0x308, "NT_S390_TDB (s390 transaction diagnostic block)"),
    (0x309, "NT_S390_VXRS_LOW (s390 vector registers 0-15 upper half)"),
    (0x30a, "NT_S390_VXRS_HIGH (s390 vector registers 16-31)"),
    (0x30b, "NT_S390_GS_CB (s390 guarded-storage registers)"),
    (0x30c, "NT_S390_GS_BC (s390 guarded-storage broadcast control)"),
    (0x400, "NT_ARM_VFP (arm VFP registers)"),
    (0x401, "NT_ARM_TLS (AArch TLS registers)"),
    (0x402, "NT_ARM_HW_BREAK (AArch hardware breakpoint registers)"),
    (0x403, "NT_ARM_HW_WATCH (AArch hardware watchpoint registers)"),
    (0x404, "NT_ARM_SYSTEM_CALL (AArch system call number)"),
    (0x405, "NT_ARM_SVE (AArch SVE registers)"),
    (0x406, "NT_ARM_PAC_MASK (AArch pointer authentication code masks)"),
    (0x407, "NT_ARM_PACA_KEYS (ARM pointer authentication address keys)"),
    (0x408, "NT_ARM_PACG_KEYS (ARM pointer authentication generic keys)"),
    (0x409, "NT_ARM_TAGGED_ADDR_CTRL (AArch tagged address control)"),
    (0x40a, "NT_ARM_PAC_ENABLED_KEYS (AArch64 pointer authentication enabled keys)"),
    (0x600, "NT_ARC_V2 (ARC HS accumulator/extra registers)"),
    (0x900, "NT_RISCV_CSR (RISC-V control and status registers)"),
    (0x4649_4c45, "NT_FILE (mapped files)"),
    (0x46e6_2b7f, "NT_PRXFPREG (user_xfpregs structure)"),
    (0x5349_4749, "NT_SIGINFO (siginfo_t data)"),
    (0xff00_0000, "NT_GDB_TDESC (GDB XML target description)"),
]);

/// Types in other files, of everyone without a meaning of their own.
const PLAIN: Names<u32> = Names(&[
    (1, "NT_VERSION (version)"),
    (2, "NT_ARCH (architecture)"),
    (4, "GO BUILDID"),
    (0x100, "OPEN"),
    (0x101, "func"),
    (0xcafe_1a7e, "FDO_PACKAGING_METADATA"),
]);

const GNU: Names<u32> = Names(&[
    (1, "NT_GNU_ABI_TAG (ABI version tag)"),
    (2, "NT_GNU_HWCAP (DSO-supplied software HWCAP info)"),
    (3, "NT_GNU_BUILD_ID (unique build ID bitstring)"),
    (4, "NT_GNU_GOLD_VERSION (gold version)"),
    (5, "NT_GNU_PROPERTY_TYPE_0"),
    (0x100, "NT_GNU_BUILD_ATTRIBUTE_OPEN"),
    (0x101, "NT_GNU_BUILD_ATTRIBUTE_FUNC"),
]);

const FREEBSD: Names<u32> = Names(&[
    (7, "NT_THRMISC (thrmisc structure)"),
    (8, "NT_PROCSTAT_PROC (proc data)"),
    (9, "NT_PROCSTAT_FILES (files data)"),
    (10, "NT_PROCSTAT_VMMAP (vmmap data)"),
    (11, "NT_PROCSTAT_GROUPS (groups data)"),
    (12, "NT_PROCSTAT_UMASK (umask data)"),
    (13, "NT_PROCSTAT_RLIMIT (rlimit data)"),
    (14, "NT_PROCSTAT_OSREL (osreldate data)"),
    (15, "NT_PROCSTAT_PSSTRINGS (ps_strings data)"),
    (16, "NT_PROCSTAT_AUXV (auxv data)"),
    (17, "NT_PTLWPINFO (ptrace_lwpinfo structure)"),
    (0x200, "NT_X86_SEGBASES (x86 segment base registers)"),
]);

const OPENBSD: Names<u32> = Names(&[
    (10, "OpenBSD procinfo structure"),
    (11, "OpenBSD ELF auxiliary vector data"),
    (20, "OpenBSD regular registers"),
    (21, "OpenBSD floating point registers"),
    (23, "OpenBSD window cookie"),
]);

const NETBSD_CORE: Names<u32> = Names(&[
    (1, "NetBSD procinfo structure"),
    (2, "NetBSD ELF auxiliary vector data"),
    (24, "PT_LWPSTATUS (ptrace_lwpstatus structure)"),
]);

const GETREGS: &str = "PT_GETREGS (reg structure)";
const GETFPREGS: &str = "PT_GETFPREGS (fpreg structure)";

/// NetBSD's registers: requests of ptrace(2), counted from [`NETBSD_FIRST_MACHINE`].
const NETBSD_MACHINE: Names<u32> = Names(&[(1, GETREGS), (3, GETFPREGS)]);
const NETBSD_EVEN: Names<u32> = Names(&[(0, GETREGS), (2, GETFPREGS)]);
const NETBSD_SH: Names<u32> =
    Names(&[(1, "PT___GETREGS40 (old reg structure)"), (3, GETREGS), (5, GETFPREGS)]);

/// The first type of NetBSD's core files that belongs to the machine (`NT_NETBSDCORE_FIRSTMACH`).
pub const NETBSD_FIRST_MACHINE: u32 = 32;

const STAPSDT: Names<u32> = Names(&[(3, "NT_STAPSDT (SystemTap probe descriptors)")]);

const VMS: Names<u32> = Names(&[
    (1, "NT_VMS_MHD (module header)"),
    (2, "NT_VMS_LNM (language name)"),
    (3, "NT_VMS_SRC (source files)"),
    (4, "NT_VMS_TITLE"),
    (5, "NT_VMS_EIDC (consistency check)"),
    (6, "NT_VMS_FPMODE (FP mode)"),
    (101, "NT_VMS_LINKTIME"),
    (102, "NT_VMS_IMGNAM (image name)"),
    (103, "NT_VMS_IMGID (image id)"),
    (104, "NT_VMS_LINKID (link id)"),
    (105, "NT_VMS_IMGBID (build id)"),
    (106, "NT_VMS_GSTNAM (sym table name)"),
    (107, "NT_VMS_ORIG_DYN"),
    (108, "NT_VMS_PATCHTIME"),
]);

const AMDGPU: Names<u32> = Names(&[(32, "NT_AMDGPU_METADATA (code object metadata)")]);

/// Owners with a meaning of their own, each by the start of its name, as readers compare it.
const OWNERS: &[(&[u8], Names<u32>)] = &[
    (b"GNU", GNU),
    (b"FreeBSD", FREEBSD),
    (b"OpenBSD", OPENBSD),
    (b"IPF/VMS", VMS),
    (b"stapsdt", STAPSDT),
    (b"AMDGPU", AMDGPU),
];

/// Owners of the list above that share the types of everyone where they have none of their own.
fn falls_back(owner: &[u8]) -> bool {
    owner.starts_with(b"FreeBSD") || owner.starts_with(b"OpenBSD")
}

/// The name of a note type.
///
/// `owner` is the note's name without zero bytes. Types of NetBSD's core files from
/// [`NETBSD_FIRST_MACHINE`] on that are not named here are machine-dependent requests of
/// ptrace(2), which readers number from there.
pub fn note_type_name(
    machine: Machine,
    is_core: bool,
    owner: &[u8],
    kind: NoteType,
) -> Option<&'static str> {
    let everyone = if is_core { CORE } else { PLAIN };
    if owner.starts_with(b"NetBSD-CORE") {
        return netbsd_core(machine, kind.0);
    }
    match OWNERS.iter().find(|(start, _)| owner.starts_with(start)) {
        Some((_, own)) if falls_back(owner) => own.get(kind.0).or_else(|| everyone.get(kind.0)),
        Some((_, own)) => own.get(kind.0),
        None => everyone.get(kind.0),
    }
}

fn netbsd_core(machine: Machine, kind: u32) -> Option<&'static str> {
    let Some(request) = kind.checked_sub(NETBSD_FIRST_MACHINE) else {
        return NETBSD_CORE.get(kind);
    };
    let names = match machine {
        EM_ALPHA | EM_FAKE_ALPHA | EM_SPARC | EM_SPARC32PLUS | EM_SPARCV9 => NETBSD_EVEN,
        EM_SH => NETBSD_SH,
        _ => NETBSD_MACHINE,
    };
    names.get(request)
}

#[cfg(test)]
mod tests {
    use super::*;
    use object::elf::EM_X86_64;

    #[test]
    fn tables_ascend() {
        for names in [
            CORE,
            PLAIN,
            GNU,
            FREEBSD,
            OPENBSD,
            NETBSD_CORE,
            NETBSD_MACHINE,
            NETBSD_EVEN,
            NETBSD_SH,
            STAPSDT,
            VMS,
            AMDGPU,
        ] {
            assert!(names.is_sorted());
        }
    }

    #[test]
    fn the_owner_gives_a_type_its_meaning() {
        let name = |owner, kind, is_core| note_type_name(EM_X86_64, is_core, owner, NoteType(kind));
        assert_eq!(name(b"GNU", 3, false), Some("NT_GNU_BUILD_ID (unique build ID bitstring)"));
        assert_eq!(name(b"CORE", 1, true), Some("NT_PRSTATUS (prstatus structure)"));
        assert_eq!(name(b"Go", 4, false), Some("GO BUILDID"));
        assert_eq!(name(b"FreeBSD", 1, false), Some("NT_VERSION (version)"));
        assert_eq!(name(b"GNU", 99, false), None);
        let netbsd =
            |machine, kind| note_type_name(machine, true, b"NetBSD-CORE@1", NoteType(kind));
        assert_eq!(netbsd(EM_X86_64, 33), Some(GETREGS));
        assert_eq!(netbsd(EM_SPARC, 32), Some(GETREGS));
        assert_eq!(netbsd(EM_SPARC, 33), None);
    }
}
