//! The attributes of vendor `riscv`: RISC-V ELF psABI, "Attributes".

use super::dictionary::{Dictionary, counted, number, text};

/// The alignment of the stack pointer, in bytes.
pub const TAG_STACK_ALIGN: u32 = 4;
/// The architecture string: `rv64i2p0_m2p0`.
pub const TAG_ARCH: u32 = 5;
/// Whether the code makes unaligned accesses.
pub const TAG_UNALIGNED_ACCESS: u32 = 6;

/// The dictionary of `riscv`.
pub static RISCV: Dictionary = Dictionary {
    vendor: "riscv",
    tags: &[
        number(TAG_STACK_ALIGN, "Tag_RISCV_stack_align"),
        text(TAG_ARCH, "Tag_RISCV_arch"),
        counted(
            TAG_UNALIGNED_ACCESS,
            "Tag_RISCV_unaligned_access",
            &["No unaligned access", "Unaligned access"],
        ),
        number(8, "Tag_RISCV_priv_spec"),
        number(10, "Tag_RISCV_priv_spec_minor"),
        number(12, "Tag_RISCV_priv_spec_revision"),
    ],
};
