//! What a dump has to know of the file.

use libelf::ident::Encoding;
use libelf::raw::{self, Machine};

/// M32C before its number was given out.
const EM_M32C_OLD: Machine = Machine(0xfeb0);

/// H8/300: where `e_flags` has the processor.
const H8_MACH: u32 = 0x00ff_0000;
/// H8/300: processors with addresses of 16 bits, and modes with such.
const H8_MACH_16: [u32; 4] = [0x0080_0000, 0x0083_0000, 0x0084_0000, 0x0086_0000];
/// H8/300: processors with addresses of 24 and 32 bits.
const H8_MACH_32: [u32; 3] = [0x0081_0000, 0x0082_0000, 0x0085_0000];
/// M32C: where `e_flags` has the processor.
const M32C_CPU: u32 = 0x7f;
/// M32C: the M16C, with addresses of 16 bits.
const M32C_CPU_M16C: u32 = 0x75;
/// MIPS: where `e_flags` has the ABI.
const MIPS_ABI: u32 = 0xf000;
/// MIPS: embedded, with registers of 64 bits in files of 32.
const MIPS_ABI_EABI64: u32 = 0x4000;

/// What a dump has to know of the file.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Class and byte order.
    pub encoding: Encoding,
    /// `e_machine`
    pub machine: Machine,
    /// `e_flags`
    pub flags: u32,
    /// Whether the file is relocatable (`ET_REL`).
    pub is_relocatable: bool,
    /// Whether there is a section `.gcc_compiled_long32`: of embedded MIPS, addresses of 32 bits.
    pub has_long32: bool,
}

impl Target {
    /// How many bytes an address takes where the section does not say so itself: 2, 4 or 8.
    pub fn address_size(&self) -> u8 {
        let of_class = if self.encoding.is_64() { 8 } else { 4 };
        match self.machine {
            raw::EM_MIPS | raw::EM_MIPS_RS3_LE if of_class == 4 => {
                let is_wide = self.flags & MIPS_ABI == MIPS_ABI_EABI64 && !self.has_long32;
                if is_wide { 8 } else { 4 }
            }
            raw::EM_H8_300 if H8_MACH_16.contains(&(self.flags & H8_MACH)) => 2,
            raw::EM_H8_300 if H8_MACH_32.contains(&(self.flags & H8_MACH)) => 4,
            raw::EM_M32C | EM_M32C_OLD if self.flags & M32C_CPU == M32C_CPU_M16C => 2,
            _ => of_class,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use libelf::ident::Class;
    use libelf::raw::Endianness;

    fn target(class: Class, machine: Machine, flags: u32) -> Target {
        let encoding = Encoding { class, endian: Endianness::Big };
        Target { encoding, machine, flags, is_relocatable: false, has_long32: false }
    }

    fn address_size(class: Class, machine: Machine, flags: u32) -> u8 {
        target(class, machine, flags).address_size()
    }

    #[test]
    fn addresses_are_as_wide_as_the_class_says_but_for_a_few() {
        assert_eq!(address_size(Class::Elf64, raw::EM_X86_64, 0), 8);
        assert_eq!(address_size(Class::Elf32, raw::EM_X86_64, 0), 4);
        assert_eq!(address_size(Class::Elf32, raw::EM_H8_300, 0x0080_0000), 2);
        assert_eq!(address_size(Class::Elf64, raw::EM_H8_300, 0x0081_0000), 4);
        assert_eq!(address_size(Class::Elf32, raw::EM_M32C, 0xf5), 2);
        assert_eq!(address_size(Class::Elf32, raw::EM_MIPS, 0x4000), 8);
        let long32 = Target { has_long32: true, ..target(Class::Elf32, raw::EM_MIPS, 0x4000) };
        assert_eq!(long32.address_size(), 4);
        assert_eq!(address_size(Class::Elf32, raw::EM_MIPS, 0x3000), 4);
        assert_eq!(address_size(Class::Elf64, raw::EM_MIPS, 0x4000), 8);
    }
}
