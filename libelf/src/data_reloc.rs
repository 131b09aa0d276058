//! Relocations of data: how readers see through the sections of a relocatable file.
//!
//! In a relocatable file the addresses in notes, debugging information and unwind tables are still
//! to be filled in. Readers do so with relocations that store plain data: the address of a symbol,
//! its distance from the place, or, on RISC-V, sums and differences of such. Every psABI numbers
//! these anew; the table of this file has them for all machines that readers know. Relocations of
//! instructions are the linker's business.

use object::elf::*;

use crate::ident::Encoding;

use Operation::{Absolute, Add, Nothing, Relative, RelativePast8, Set6, Subtract, Subtract6};

/// What is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Nothing is stored: the relocation is a mark for the linker.
    Nothing,
    /// The symbol's value plus the addend.
    Absolute,
    /// That, less the offset of the place.
    Relative,
    /// That, less the offset of the place and 8, as PA-RISC counts.
    RelativePast8,
    /// What is there, plus the symbol's value and the addend.
    Add,
    /// What is there and the addend, less the symbol's value.
    Subtract,
    /// As [`Self::Absolute`], in the low 6 bits.
    Set6,
    /// As [`Self::Subtract`], in the low 6 bits.
    Subtract6,
}

impl Operation {
    /// Whether the result depends on what is there, beside the addend.
    const fn changes_place(self) -> bool {
        matches!(self, Add | Subtract | Set6 | Subtract6)
    }
}

/// Where the addend of a relocation with an addend comes from; one without has it in the place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Addend {
    /// From the relocation, as the gABI has it.
    Entry,
    /// From the place all the same.
    Place,
    /// From both.
    Both,
}

/// How a relocation of data is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DataReloc {
    /// What is stored.
    pub operation: Operation,
    /// How many bytes are stored; 0 with [`Operation::Nothing`].
    pub size: usize,
    /// Where the addend comes from.
    pub addend: Addend,
}

const fn op(operation: Operation, size: usize) -> DataReloc {
    DataReloc { operation, size, addend: Addend::Entry }
}

const fn in_place(operation: Operation, size: usize) -> DataReloc {
    DataReloc { operation, size, addend: Addend::Place }
}

const fn both(operation: Operation, size: usize) -> DataReloc {
    DataReloc { operation, size, addend: Addend::Both }
}

const NOTHING: DataReloc = op(Nothing, 0);

/// The bits of [`Operation::Set6`] and [`Operation::Subtract6`].
const LOW_6: u64 = 0x3f;

impl DataReloc {
    /// How relocations of type `kind` are applied on `machine`; `None` if they are not of data, or
    /// the machine is not known. On MIPS and SPARC of 64 bits, where a type has more to it than its
    /// number, `kind` is its low byte.
    pub fn of(machine: Machine, kind: u32) -> Option<Self> {
        let relocs = data_relocs(machine)?;
        let at = relocs.binary_search_by_key(&kind, |&(kind, _)| kind).ok()?;
        relocs.get(at).map(|&(_, reloc)| reloc)
    }

    /// Whether anything is known of the relocations of `machine`.
    pub fn knows(machine: Machine) -> bool {
        data_relocs(machine).is_some()
    }

    /// Applies the relocation `offset` bytes into `bytes`; `addend` is `None` if the entry has
    /// none. Returns whether the place lies within.
    pub fn apply(
        self,
        bytes: &mut [u8],
        encoding: Encoding,
        offset: u64,
        symbol_value: u64,
        addend: Option<i64>,
    ) -> bool {
        let place = usize::try_from(offset)
            .ok()
            .and_then(|start| bytes.get_mut(start..start.checked_add(self.size)?));
        let Some(place) = place else { return false };
        if self.size == 0 {
            return true;
        }
        let old = encoding.uint(place, 0, self.size).unwrap_or_default();
        let addend = match (addend.map(i64::cast_unsigned), self.addend) {
            (Some(addend), Addend::Entry) => addend,
            (Some(addend), Addend::Both) => addend.wrapping_add(old),
            // What is there is an operand of its own.
            (None, _) if self.operation.changes_place() => 0,
            (Some(_), Addend::Place) | (None, _) => old,
        };
        let value = symbol_value.wrapping_add(addend);
        let less_symbol = old.wrapping_sub(symbol_value).wrapping_add(addend);
        let new = match self.operation {
            Nothing => old,
            Absolute => value,
            Relative => value.wrapping_sub(offset),
            RelativePast8 => value.wrapping_sub(offset).wrapping_sub(8),
            Add => old.wrapping_add(value),
            Subtract => less_symbol,
            Set6 => old & !LOW_6 | value & LOW_6,
            Subtract6 => old & !LOW_6 | less_symbol & LOW_6,
        };
        store(place, encoding, new);
        true
    }
}

/// Stores the low bytes of `value` over all of `place`.
fn store(place: &mut [u8], encoding: Encoding, value: u64) {
    let low_first = value.to_le_bytes();
    if encoding.is_big_endian() {
        for (byte, value) in place.iter_mut().rev().zip(low_first) {
            *byte = value;
        }
    } else {
        for (byte, value) in place.iter_mut().zip(low_first) {
            *byte = value;
        }
    }
}

/// The types of a machine in ascending order. Numbers without a constant are those that old tools
/// used before a machine had an official one.
#[rustfmt::skip]
#[expect(clippy::unnested_or_patterns, reason = "one machine reads like the next")]
fn data_relocs(machine: Machine) -> Option<&'static [(u32, DataReloc)]> {
    Some(match machine {
        EM_NONE => const { &[] },
        EM_SPARC | EM_SPARC32PLUS | EM_SPARCV9 => const { &[(0, NOTHING), (3, op(Absolute, 4)), (6, op(Relative, 4)), (23, op(Absolute, 4)), (32, op(Absolute, 8)), (46, op(Relative, 8)), (54, op(Absolute, 8))] },
        EM_386 => const { &[(0, NOTHING), (1, op(Absolute, 4)), (2, op(Relative, 4))] },
        EM_68K | EM_TILEPRO => const { &[(0, NOTHING), (1, op(Absolute, 4)), (4, op(Relative, 4))] },
        EM_IAMCU | EM_MICROBLAZE => const { &[(1, op(Absolute, 4)), (2, op(Relative, 4))] },
        EM_860 | EM_S370 | EM_RCE | EM_RX | EM_RL78 | EM_CSKY | Machine(0x5441) | Machine(0xad45) => const { &[(1, op(Absolute, 4))] },
        EM_MIPS => const { &[(0, NOTHING), (2, op(Absolute, 4)), (18, op(Absolute, 8))] },
        EM_PARISC => const { &[(0, NOTHING), (1, op(Absolute, 4)), (2, op(Absolute, 4)), (9, op(RelativePast8, 4)), (41, op(Absolute, 4)), (72, op(RelativePast8, 8)), (80, op(Absolute, 8))] },
        EM_960 | Machine(0xfeba) => const { &[(2, op(Absolute, 4))] },
        EM_PPC => const { &[(0, NOTHING), (1, op(Absolute, 4)), (26, op(Relative, 4))] },
        EM_PPC64 => const { &[(0, NOTHING), (1, op(Absolute, 4)), (26, op(Relative, 4)), (38, op(Absolute, 8)), (44, op(Relative, 8))] },
        EM_S390 | Machine(0xa390) => const { &[(0, NOTHING), (4, op(Absolute, 4)), (5, op(Relative, 4)), (22, op(Absolute, 8)), (23, op(Relative, 8))] },
        EM_SPU => const { &[(6, op(Absolute, 4)), (13, op(Relative, 4))] },
        EM_V800 => const { &[(51, op(Absolute, 4))] },
        EM_ARM => const { &[(0, NOTHING), (2, op(Absolute, 4)), (3, op(Relative, 4))] },
        EM_SH => const { &[(0, NOTHING), (1, in_place(Absolute, 4)), (2, in_place(Relative, 4))] },
        EM_ARC | EM_TI_C6000 => const { &[(0, NOTHING), (1, op(Absolute, 4)), (2, op(Absolute, 2))] },
        EM_H8_300 | EM_H8_300H | EM_H8S => const { &[(1, op(Absolute, 4)), (17, op(Absolute, 2))] },
        EM_IA_64 => const { &[(0, NOTHING), (36, op(Absolute, 4)), (37, op(Absolute, 4)), (38, op(Absolute, 8)), (39, op(Absolute, 8)), (78, op(Relative, 8)), (79, op(Relative, 8)), (100, op(Absolute, 4)), (101, op(Absolute, 4))] },
        EM_68HC12 | EM_68HC11 | EM_V850 | Machine(0x9080) => const { &[(6, op(Absolute, 4))] },
        EM_X86_64 | EM_L10M | EM_K10M => const { &[(0, NOTHING), (1, op(Absolute, 8)), (2, op(Relative, 4)), (10, op(Absolute, 4)), (24, op(Relative, 8))] },
        EM_VAX => const { &[(1, op(Absolute, 4)), (4, op(Relative, 4))] },
        EM_CRIS => const { &[(0, NOTHING), (3, op(Absolute, 4))] },
        EM_MMIX | Machine(0xf00d) => const { &[(4, op(Absolute, 4))] },
        EM_AVR | Machine(0x1057) => const { &[(0, NOTHING), (1, op(Absolute, 4)), (4, op(Absolute, 2)), (30, NOTHING), (31, NOTHING), (32, NOTHING), (36, op(Relative, 4))] },
        EM_FR30 | EM_LATTICEMICO32 | EM_CR16 | Machine(0x3330) => const { &[(3, op(Absolute, 4))] },
        EM_D10V | Machine(0x7650) => const { &[(3, op(Absolute, 2)), (6, op(Absolute, 4))] },
        EM_D30V => const { &[(12, both(Absolute, 4))] },
        EM_M32R => const { &[(0, NOTHING), (34, op(Absolute, 4))] },
        EM_MN10300 => const { &[(0, NOTHING), (1, op(Absolute, 4)), (2, op(Absolute, 2)), (34, NOTHING)] },
        EM_MN10200 | Machine(0xdead) => const { &[(1, op(Absolute, 4)), (2, op(Absolute, 2)), (4, op(Absolute, 3))] },
        EM_PJ | EM_SNP1K => const { &[(1, both(Absolute, 4))] },
        EM_OPENRISC => const { &[(0, NOTHING), (1, op(Absolute, 4)), (2, op(Absolute, 2)), (9, op(Relative, 4))] },
        EM_ARC_COMPACT | EM_ARC_COMPACT2 => const { &[(0, NOTHING), (2, op(Absolute, 2)), (4, op(Absolute, 4)), (49, op(Relative, 4))] },
        EM_XTENSA => const { &[(0, NOTHING), (1, both(Absolute, 4)), (14, op(Relative, 4)), (17, NOTHING), (18, NOTHING), (19, NOTHING), (57, NOTHING), (58, NOTHING), (59, NOTHING), (60, NOTHING), (61, NOTHING), (62, NOTHING)] },
        EM_IP2K | Machine(0x8217) => const { &[(1, op(Absolute, 2)), (2, op(Absolute, 4))] },
        EM_MSP430 => const { &[(1, op(Absolute, 4)), (2, op(Absolute, 2))] },
        EM_BLACKFIN => const { &[(18, op(Absolute, 4))] },
        EM_ALTERA_NIOS2 => const { &[(0, NOTHING), (12, op(Absolute, 4)), (13, op(Absolute, 2))] },
        EM_CRX => const { &[(15, op(Absolute, 4))] },
        EM_XGATE => const { &[(3, op(Absolute, 2)), (4, op(Absolute, 4))] },
        EM_M32C | Machine(0xfeb0) => const { &[(1, op(Absolute, 2)), (3, op(Absolute, 4))] },
        EM_SCORE7 => const { &[(8, op(Absolute, 4))] },
        EM_TI_PRU => const { &[(0, NOTHING), (8, op(Absolute, 2)), (11, op(Absolute, 4)), (65, NOTHING), (66, NOTHING), (67, NOTHING)] },
        EM_NDS32 => const { &[(0, NOTHING), (19, op(Absolute, 2)), (20, op(Absolute, 4)), (205, NOTHING), (206, NOTHING), (207, NOTHING), (208, NOTHING)] },
        EM_METAG => const { &[(2, op(Absolute, 4)), (3, NOTHING)] },
        EM_AARCH64 => const { &[(0, NOTHING), (1, op(Absolute, 4)), (256, NOTHING), (257, op(Absolute, 8)), (258, op(Absolute, 4)), (260, op(Relative, 8)), (261, op(Relative, 4))] },
        EM_TILEGX => const { &[(0, NOTHING), (1, op(Absolute, 8)), (2, op(Absolute, 4)), (5, op(Relative, 8)), (6, op(Relative, 4))] },
        EM_Z80 => const { &[(0, NOTHING), (1, op(Absolute, 1)), (4, op(Absolute, 2)), (5, op(Absolute, 3)), (6, op(Absolute, 4))] },
        EM_VISIUM => const { &[(2, op(Absolute, 2)), (3, op(Absolute, 4)), (6, op(Relative, 4))] },
        EM_FT32 => const { &[(0, NOTHING), (1, op(Absolute, 4)), (2, op(Absolute, 2)), (5, op(Absolute, 3))] },
        EM_MOXIE | Machine(0x4157) => const { &[(0, NOTHING), (1, op(Absolute, 4))] },
        EM_RISCV => const { &[(0, NOTHING), (1, op(Absolute, 4)), (2, op(Absolute, 8)), (33, op(Add, 1)), (34, op(Add, 2)), (35, op(Add, 4)), (36, op(Add, 8)), (37, op(Subtract, 1)), (38, op(Subtract, 2)), (39, op(Subtract, 4)), (40, op(Subtract, 8)), (52, op(Subtract6, 1)), (53, op(Set6, 1)), (54, op(Absolute, 1)), (55, op(Absolute, 2)), (57, op(Relative, 4))] },
        EM_BPF => const { &[(11, op(Absolute, 4))] },
        EM_LOONGARCH => const { &[(1, op(Absolute, 4)), (2, op(Absolute, 8)), (99, op(Relative, 4))] },
        EM_ALPHA => const { &[(0, NOTHING), (1, op(Absolute, 4)), (2, op(Absolute, 8)), (10, op(Relative, 4)), (11, op(Relative, 8))] },
        Machine(0xfebb) => const { &[(0, NOTHING), (1, op(Absolute, 4)), (9, op(Absolute, 2))] },
        Machine(0x4def) => const { &[(6, op(Absolute, 4)), (7, op(Absolute, 4))] },
        Machine(0x1059) => const { &[(1, op(Absolute, 4)), (5, op(Absolute, 2))] },
        Machine(0xabc7) => const { &[(0, NOTHING), (1, op(Absolute, 4)), (14, op(Relative, 4)), (17, NOTHING), (18, NOTHING), (19, NOTHING), (57, NOTHING), (58, NOTHING), (59, NOTHING), (60, NOTHING), (61, NOTHING), (62, NOTHING)] },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ident::Class;
    use object::endian::Endianness;

    const LE: Encoding = Encoding { class: Class::Elf64, endian: Endianness::Little };
    const BE: Encoding = Encoding { class: Class::Elf32, endian: Endianness::Big };

    fn applied(machine: Machine, kind: u32, encoding: Encoding, addend: Option<i64>) -> [u8; 8] {
        let mut bytes = [0x33; 8];
        let reloc = DataReloc::of(machine, kind).unwrap();
        assert!(reloc.apply(&mut bytes, encoding, 2, 0x1000, addend));
        bytes
    }

    #[test]
    fn tables_ascend() {
        for machine in 0..=u16::MAX {
            let relocs = data_relocs(Machine(machine)).unwrap_or_default();
            assert!(relocs.iter().zip(relocs.iter().skip(1)).all(|(a, b)| a.0 < b.0));
        }
    }

    #[test]
    fn values_are_stored_in_the_byte_order_of_the_file() {
        assert_eq!(applied(EM_X86_64, 10, LE, Some(4)), [0x33, 0x33, 4, 0x10, 0, 0, 0x33, 0x33]);
        assert_eq!(applied(EM_X86_64, 2, LE, Some(4)), [0x33, 0x33, 2, 0x10, 0, 0, 0x33, 0x33]);
        assert_eq!(applied(EM_PPC, 1, BE, Some(-1)), [0x33, 0x33, 0, 0, 0x0f, 0xff, 0x33, 0x33]);
    }

    #[test]
    fn an_entry_without_an_addend_adds_to_the_place() {
        let expected = [0x33, 0x33, 0x33, 0x43, 0x33, 0x33, 0x33, 0x33];
        assert_eq!(applied(EM_386, 1, LE, None), expected);
        assert_eq!(applied(EM_SH, 1, LE, Some(99)), expected);
    }

    #[test]
    fn riscv_adds_and_subtracts() {
        assert_eq!(applied(EM_RISCV, 37, LE, Some(1))[2], 0x34);
        assert_eq!(applied(EM_RISCV, 53, LE, Some(1))[2], 1);
        assert_eq!(applied(EM_RISCV, 52, LE, Some(1))[2], 0x34);
    }

    #[test]
    fn a_place_outside_is_left_alone() {
        let mut bytes = [0; 4];
        let reloc = DataReloc::of(EM_X86_64, 1).unwrap();
        assert!(!reloc.apply(&mut bytes, LE, 0, 1, Some(0)));
        assert!(!reloc.apply(&mut bytes, LE, u64::MAX, 1, Some(0)));
        assert_eq!(DataReloc::of(EM_X86_64, 4), None);
        assert_eq!(DataReloc::of(EM_X86_64, 0), Some(NOTHING));
    }
}
