//! What a section's type, a machine or a class asks for where nothing is given.

use object::elf::{self, Machine};

use super::{Section, Segment};
use crate::hash::sysv_word_size;
use crate::ident::{Class, Encoding};
use crate::reloc::{RawRel, RawRela};
use crate::table::Record;

/// `sh_addralign`: a word for tables of words, what assemblers give code and known sections, and
/// else 1.
pub(super) fn align(section: &Section, encoding: Encoding, machine: u16) -> u64 {
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
        SHT_STRTAB => 1,
        _ => align_by_name(&section.name.text, word, Machine(machine)),
    }
}

/// `sh_addralign` of sections with known names.
fn align_by_name(name: &[u8], word: u64, machine: Machine) -> u64 {
    let is_mips = machine == elf::EM_MIPS;
    if let Some(sizes) = Pieces::of(name) {
        return sizes.align;
    }
    match first_parts(name) {
        b".text" => code_align(machine),
        b".data" | b".bss" if is_mips => 16,
        b".got" if is_mips => 16,
        b".plt" => 16,
        b".init" | b".fini" | b".eh_frame_hdr" | b".gnu_debuglink" | b".pdr" => 4,
        b".ARM.exidx" => 4,
        b".eh_frame" | b".got" | b".tdata" | b".tbss" | b".opd" | b".toc" => word,
        b".MIPS.abiflags" | b".MIPS.options" => 8,
        b".reginfo" => 4,
        _ => 1,
    }
}

/// The alignment that compilers mostly give to code.
fn code_align(machine: Machine) -> u64 {
    use elf::*;
    match machine {
        EM_386 | EM_X86_64 | EM_MIPS | EM_PPC64 | EM_ALPHA | EM_LOONGARCH => 16,
        EM_S390 => 8,
        EM_ARM | EM_AARCH64 | EM_PPC | EM_SPARC | EM_SPARC32PLUS | EM_SPARCV9 | EM_PARISC
        | EM_ARC_COMPACT | EM_ARC_COMPACT2 | EM_68K | EM_SH | EM_XTENSA | EM_OPENRISC => 4,
        EM_RISCV => 2,
        _ => 1,
    }
}

/// The first part of a name that compilers append the names of functions and variables to:
/// `.text` of `.text.startup`.
fn first_parts(name: &[u8]) -> &[u8] {
    for prefix in [&b".ARM.exidx"[..], b".MIPS.abiflags", b".MIPS.options"] {
        if name.starts_with(prefix) {
            return prefix;
        }
    }
    let rest = name.get(1..).unwrap_or_default();
    let end = memchr::memchr(b'.', rest).map_or(name.len(), |at| at + 1);
    name.get(..end).unwrap_or(name)
}

/// What the name of a section of mergeable constants says of them: `.rodata.str1.8`,
/// `.rodata.cst16`.
struct Pieces {
    size: u64,
    align: u64,
}

impl Pieces {
    fn of(name: &[u8]) -> Option<Self> {
        let number = |digits: &[u8]| std::str::from_utf8(digits).ok()?.parse::<u64>().ok();
        let rest = name.strip_prefix(b".rodata.")?;
        // Those of a function have its name before: `.rodata.main.str1.1`.
        let start = rest.iter().rposition(u8::is_ascii_alphabetic)?.checked_sub(2)?;
        let kind = rest.get(start..start + 3)?;
        let numbers = rest.get(start + 3..)?;
        match kind {
            b"cst" => Some(Self { size: number(numbers)?, align: number(numbers)? }),
            b"str" => {
                let dot = memchr::memchr(b'.', numbers)?;
                let size = number(numbers.get(..dot)?)?;
                Some(Self { size, align: number(numbers.get(dot + 1..)?)? })
            }
            _ => None,
        }
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
        _ => return entry_size_by_name(section, encoding, Machine(machine)),
    };
    size as u64
}

/// `sh_entsize` of sections with known names, or of strings.
fn entry_size_by_name(section: &Section, encoding: Encoding, machine: Machine) -> u64 {
    let name = &*section.name.text;
    let is_merged = section.flags & elf::SHF_MERGE.0 != 0;
    if let Some(pieces) = Pieces::of(name).filter(|_| is_merged) {
        return pieces.size;
    }
    match first_parts(name) {
        _ if section.flags & elf::SHF_STRINGS.0 != 0 => 1,
        b".got" if machine != elf::EM_MIPS => encoding.word_size() as u64,
        b".plt" if name == b".plt" && [elf::EM_386, elf::EM_X86_64].contains(&machine) => 16,
        b".MIPS.abiflags" | b".reginfo" => 24,
        b".MIPS.options" => 1,
        _ => 0,
    }
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
