//! What the layout must know of a machine.

use libelf::Class;

use super::built_in::MachineScript;

/// What the layout must know of a machine.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Whether addresses have 32 or 64 bits.
    pub class: Class,
    /// What segments are aligned to, in bytes: the largest page that any system may have.
    pub max_page: u64,
    /// What memory is saved for, in bytes: the usual page.
    pub common_page: u64,
    /// What the built-in scripts say of it.
    pub script: MachineScript,
}

impl Target {
    /// The size of the ELF header, in bytes. gABI, chapter 4, "ELF Header".
    pub fn file_header_size(&self) -> u64 {
        match self.class {
            Class::Elf32 => 52,
            Class::Elf64 => 64,
        }
    }

    /// The size of a program header, in bytes. gABI, chapter 5, "Program Header".
    pub fn program_header_size(&self) -> u64 {
        match self.class {
            Class::Elf32 => 32,
            Class::Elf64 => 56,
        }
    }

    /// The size of an address, in bytes.
    pub fn word(&self) -> u64 {
        match self.class {
            Class::Elf32 => 4,
            Class::Elf64 => 8,
        }
    }

    /// Cuts an address to the bits that it has.
    pub fn wrap(&self, address: u64) -> u64 {
        match self.class {
            Class::Elf32 => address & u64::from(u32::MAX),
            Class::Elf64 => address,
        }
    }
}
