//! Intel and AMD: System V ABI for x86-64, figure 3.36; for i386, table 2.14; for IAMCU.
//!
//! The two number the general registers differently. An empty name is a number without a register.

use libelf::raw::Machine;

/// Larrabee, whose registers are those of x86-64.
pub const EM_L1OM: Machine = Machine(180);
/// Xeon Phi, likewise.
pub const EM_K1OM: Machine = Machine(181);

/// x86-64, L1OM and K1OM, of whatever class.
pub const X86_64: &[&str] = &[
    "rax", "rdx", "rcx", "rbx", "rsi", "rdi", "rbp", "rsp", "r8", "r9", "r10", "r11", "r12", "r13",
    "r14", "r15", "rip", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8",
    "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15", "st0", "st1", "st2", "st3",
    "st4", "st5", "st6", "st7", "mm0", "mm1", "mm2", "mm3", "mm4", "mm5", "mm6", "mm7", "rflags",
    "es", "cs", "ss", "ds", "fs", "gs", "", "", "fs.base", "gs.base", "", "", "tr", "ldtr",
    "mxcsr", "fcw", "fsw", "xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21", "xmm22", "xmm23",
    "xmm24", "xmm25", "xmm26", "xmm27", "xmm28", "xmm29", "xmm30", "xmm31", "", "", "", "", "", "",
    "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "",
    "", "", "", "", "", "k0", "k1", "k2", "k3", "k4", "k5", "k6", "k7",
];

/// i386.
pub const I386: &[&str] = &[
    "eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi", "eip", "eflags", "", "st0", "st1",
    "st2", "st3", "st4", "st5", "st6", "st7", "", "", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4",
    "xmm5", "xmm6", "xmm7", "mm0", "mm1", "mm2", "mm3", "mm4", "mm5", "mm6", "mm7", "fcw", "fsw",
    "mxcsr", "es", "cs", "ss", "ds", "fs", "gs", "", "", "tr", "ldtr", "", "", "", "", "", "", "",
    "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "",
    "", "", "", "", "", "", "", "", "", "", "", "", "k0", "k1", "k2", "k3", "k4", "k5", "k6", "k7",
];

/// IAMCU: it has neither a coprocessor nor vectors; the numbers are those of i386.
pub const IAMCU: &[&str] = &[
    "eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi", "eip", "eflags", "", "", "", "", "",
    "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "",
    "", "es", "cs", "ss", "ds", "fs", "gs", "", "", "tr", "ldtr", "", "", "", "", "", "", "", "",
    "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "",
    "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "",
];
