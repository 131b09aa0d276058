//! S/390 and z/Architecture: ELF ABI s390x supplement, table 1.6.
//!
//! General registers have no names but their numbers. An empty name is a number without a name.

/// S/390.
pub const S390: &[&str] = &[
    "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "f0", "f2", "f4", "f6", "f1",
    "f3", "f5", "f7", "f8", "f10", "f12", "f14", "f9", "f11", "f13", "f15", "cr0", "cr1", "cr2",
    "cr3", "cr4", "cr5", "cr6", "cr7", "cr8", "cr9", "cr10", "cr11", "cr12", "cr13", "cr14",
    "cr15", "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8", "a9", "a10", "a11", "a12", "a13",
    "a14", "a15", "pswm", "pswa", "", "", "v16", "v18", "v20", "v22", "v17", "v19", "v21", "v23",
    "v24", "v26", "v28", "v30", "v25", "v27", "v29", "v31",
];
