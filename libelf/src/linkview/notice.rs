//! What is wrong with a file without spoiling it, in GNU's words.

use object::elf::Machine;

use crate::ident::{Class, Encoding};

/// A fault that leaves the file usable.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// A section's contents do not lie in the file.
    SectionPastEnd,
    /// A segment of a core file does not lie in the file.
    SegmentPastEnd,
    /// `e_shstrndx` names no string table.
    BadNameTable,
    /// A segment's alignment is no power of two.
    BadSegmentAlignment,
    /// A second `SHT_SYMTAB`.
    SecondSymbolTable {
        /// The index of its section header.
        index: usize,
    },
    /// A second `SHT_DYNSYM`.
    SecondDynamicSymbolTable {
        /// The index of its section header.
        index: usize,
    },
    /// A section says that it is in a group, but no group says so.
    NoGroup {
        /// The section's name.
        section: Vec<u8>,
    },
    /// A group with a member that does not exist.
    BadGroupEntry {
        /// The index of the group's section header.
        group: usize,
    },
    /// A group without any member.
    EmptyGroup {
        /// The index of the group's section header.
        group: usize,
    },
}

impl Notice {
    /// GNU's words for it, about the file with this name.
    pub fn text(&self, file: &[u8]) -> Vec<u8> {
        let mut text = Vec::new();
        let mut put = |parts: &[&[u8]]| text.extend(parts.concat());
        match self {
            Self::SectionPastEnd => put(&[
                b"warning: ",
                file,
                b" has a section extending past end of file",
            ]),
            Self::SegmentPastEnd => put(&[
                b"warning: ",
                file,
                b" has a segment extending past end of file",
            ]),
            Self::BadNameTable => put(&[
                b"warning: ",
                file,
                b" has a corrupt string table index",
            ]),
            Self::BadSegmentAlignment => put(&[
                b"warning: ",
                file,
                b" has a program header with invalid alignment",
            ]),
            Self::SecondSymbolTable { index } => put(&[
                file,
                b": warning: multiple symbol tables detected - ignoring the table in section ",
                index.to_string().as_bytes(),
            ]),
            Self::SecondDynamicSymbolTable { index } => put(&[
                file,
                b": warning: multiple dynamic symbol tables detected - ignoring the table in section ",
                index.to_string().as_bytes(),
            ]),
            Self::NoGroup { section } => {
                put(&[file, b": no group info for section '", section, b"'"]);
            }
            Self::BadGroupEntry { group } => put(&[
                file,
                b": invalid entry in SHT_GROUP section [",
                group.to_string().as_bytes(),
                b"]",
            ]),
            Self::EmptyGroup { group } => put(&[
                file,
                b": SHT_GROUP section [index ",
                group.to_string().as_bytes(),
                b"] has no SHF_GROUP sections",
            ]),
        }
        text
    }

    /// Whether it is found once for a file, not each time that a program tries another reading.
    pub fn is_found_once(&self) -> bool {
        matches!(self, Self::SectionPastEnd | Self::SegmentPastEnd | Self::BadSegmentAlignment)
    }
}

/// Whether GNU's tools, built for all machines, have a reading of their own for this one next to
/// that for any machine. Of a file that neither reading takes, they print notices only if one of
/// the two has them.
pub fn has_own_target(machine: Machine, encoding: Encoding) -> bool {
    use object::elf::*;
    let is_big = encoding.is_big_endian();
    match encoding.class {
        Class::Elf64 => match machine {
            EM_X86_64 | EM_ALPHA => !is_big,
            EM_AARCH64 | EM_IA_64 | EM_MIPS | EM_PPC64 | EM_RISCV => true,
            EM_S390 | EM_SPARCV9 => is_big,
            _ => false,
        },
        Class::Elf32 => match machine {
            EM_386 | EM_IAMCU | EM_X86_64 => !is_big,
            EM_AARCH64 | EM_ARM | EM_M32R | EM_MIPS | EM_PPC | EM_RISCV | EM_SH => true,
            EM_PARISC | EM_68K | EM_S390 | EM_SPARC | EM_SPARC32PLUS => is_big,
            _ => false,
        },
    }
}
