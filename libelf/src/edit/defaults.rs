//! What a section's type, a machine or a class asks for where nothing is given.

use object::elf;

use super::{Section, Segment};
use crate::hash::sysv_word_size;
use crate::ident::{Class, Encoding};
use crate::reloc::{RawRel, RawRela};
use crate::table::Record;

/// `sh_addralign` by type: a word for tables of words, else 1.
pub(super) fn align(section: &Section, encoding: Encoding) -> u64 {
    use elf::*;
    let word = encoding.word_size() as u64;
    match SectionType(section.kind) {
        SHT_NULL => 0,
        SHT_SYMTAB | SHT_DYNSYM | SHT_REL | SHT_RELA | SHT_DYNAMIC | SHT_HASH | SHT_GNU_HASH
        | SHT_RELR | SHT_INIT_ARRAY | SHT_FINI_ARRAY | SHT_PREINIT_ARRAY | SHT_GNU_VERDEF
        | SHT_GNU_VERNEED => word,
        SHT_GROUP | SHT_SYMTAB_SHNDX => 4,
        SHT_NOTE if *section.name.text == *b".note.gnu.property" => word,
        SHT_NOTE => 4,
        SHT_GNU_VERSYM => 2,
        _ if *section.name.text == *b".eh_frame" => word,
        _ => 1,
    }
}

/// `p_align` of a segment without sections.
pub(super) fn own_segment_align(segment: &Segment) -> u64 {
    if segment.kind == elf::PT_NOTE.0 { 4 } else { 0 }
}

/// `sh_entsize` by type.
pub(super) fn entry_size(section: &Section, encoding: Encoding, machine: u16) -> u64 {
    use elf::*;
    let class = encoding.class;
    let size = match SectionType(section.kind) {
        SHT_SYMTAB | SHT_DYNSYM => crate::Symbol::size(class),
        SHT_REL => RawRel::size(class),
        SHT_RELA => RawRela::size(class),
        SHT_CREL => 1,
        SHT_DYNAMIC => 2 * encoding.word_size(),
        SHT_RELR | SHT_INIT_ARRAY | SHT_FINI_ARRAY | SHT_PREINIT_ARRAY => encoding.word_size(),
        SHT_HASH => sysv_word_size(encoding, Machine(machine)),
        SHT_GNU_HASH if class == Class::Elf32 => 4,
        SHT_GROUP | SHT_SYMTAB_SHNDX => 4,
        SHT_GNU_VERSYM => 2,
        _ if section.flags & u64::from(SHF_STRINGS.0) != 0 => 1,
        _ => 0,
    };
    size as u64
}

/// How far apart the parts of a file must be in memory to get permissions of their own, in bytes:
/// the largest page of the machine's ABI.
pub(super) fn page_size(machine: u16) -> u64 {
    use elf::*;
    match Machine(machine) {
        EM_AARCH64 | EM_ARM | EM_PPC | EM_PPC64 | EM_MIPS | EM_ALPHA | EM_IA_64 | EM_SPARC
        | EM_SPARC32PLUS | EM_SH | EM_PARISC => 0x1_0000,
        EM_LOONGARCH => 0x4000,
        EM_SPARCV9 => 0x10_0000,
        EM_68K | EM_ARC | EM_ARC_COMPACT | EM_OPENRISC => 0x2000,
        _ => 0x1000,
    }
}

/// Where the first segment of an executable (`ET_EXEC`) lies in memory: the address that the
/// machine's ABI, or else GNU ld, has there.
pub(super) fn base_address(machine: u16, encoding: Encoding) -> u64 {
    use elf::*;
    match Machine(machine) {
        EM_386 => 0x0804_8000,
        EM_ARM | EM_RISCV | EM_SPARC | EM_SPARC32PLUS | EM_PARISC => 0x1_0000,
        EM_PPC | EM_PPC64 => 0x1000_0000,
        EM_S390 if encoding.is_64() => 0x100_0000,
        EM_ALPHA => 0x1_2000_0000,
        EM_IA_64 => 0x4000_0000_0000_0000,
        EM_SPARCV9 => 0x10_0000,
        EM_68K => 0x8000_0000,
        _ => 0x40_0000,
    }
}

/// The smallest multiple of `align` that is not below `value`; `value` where there is none, or for
/// an alignment of 0.
pub(super) fn align_up(value: u64, align: u64) -> u64 {
    value.checked_next_multiple_of(align).unwrap_or(value)
}

/// The smallest number not below `value` that leaves the same rest as `like` when divided by
/// `modulus`.
pub(super) fn congruent(value: u64, like: u64, modulus: u64) -> u64 {
    let Some(wanted) = like.checked_rem(modulus) else { return value };
    let step = (u128::from(wanted) + u128::from(modulus) - u128::from(value % modulus))
        % u128::from(modulus);
    value.saturating_add(step as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_follow_addresses_within_a_page() {
        assert_eq!(congruent(0x20f0, 0x3df8, 0x1000), 0x2df8);
        assert_eq!(congruent(0x2df8, 0x3df8, 0x1000), 0x2df8);
        assert_eq!(congruent(0x2df9, 0x3df8, 0x1000), 0x3df8);
        assert_eq!(congruent(7, 3, 0), 7);
        assert_eq!(align_up(u64::MAX, 16), u64::MAX);
        assert_eq!(align_up(5, 0), 5);
    }
}
