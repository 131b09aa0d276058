//! What is wrong with a file without spoiling it, in GNU's words.

use object::elf::{EM_SPARC32PLUS, Machine};

use super::common::EM_CYGNUS_M32R;
use crate::header::Header;
use crate::ident::Class;

/// A fault that leaves the file usable.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// A section's contents do not lie in the file.
    SectionPastEnd,
    /// A section that is read at once does not lie in the file.
    SectionTooLarge {
        /// The section's name.
        section: Vec<u8>,
        /// Its size in bytes.
        size: u64,
    },
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
    /// GNU properties of a size that they cannot have together.
    PropertiesOfSize {
        /// The size in bytes.
        size: u64,
    },
    /// A GNU property that does not lie in its note.
    PropertyPastEnd {
        /// Its type.
        kind: u32,
        /// Its size in bytes.
        size: u32,
    },
    /// A GNU property that no linker knows.
    UnknownProperty {
        /// Its type.
        kind: u32,
    },
    /// A stack size that is no address.
    StackSizeOfSize {
        /// The property's size in bytes.
        size: u32,
    },
    /// A mark that has contents.
    NoCopyOfSize {
        /// The property's size in bytes.
        size: u32,
    },
    /// A property of 32 bits that has another size.
    PropertyOfSize {
        /// The processor, with a space, or nothing.
        owner: &'static str,
        /// Its type.
        kind: u32,
        /// Its size in bytes.
        size: u32,
    },
    /// The features that an AArch64 file uses, not in 32 bits.
    AArch64FeaturesOfSize {
        /// The property's size in bytes.
        size: u32,
    },
    /// A group without any member.
    EmptyGroup {
        /// The index of the group's section header.
        group: usize,
    },
    /// A group that does not lie in the file.
    GroupOfSize {
        /// Its size in bytes.
        size: u64,
    },
    /// No group of the file lies in it.
    NoValidGroup,
    /// A group with a member that is no section.
    BadGroupMember {
        /// The type of the member's section header.
        kind: u32,
        /// The member's name.
        section: Vec<u8>,
        /// The name of the group's section.
        group: Vec<u8>,
    },
    /// Sections that need each other.
    Loop,
    /// A name that does not lie in its string table.
    StringPastEnd {
        /// Its offset in the table in bytes.
        offset: u32,
        /// The table's size in bytes.
        size: u64,
        /// The name of the table, if it has one.
        table: Option<Vec<u8>>,
    },
    /// Names in a section that is no string table.
    NoStrings {
        /// The index of the section's header.
        index: usize,
    },
    /// An entry of the symbol versions that does not lie in its section.
    BadVersions {
        /// Whether it is one of those that the file needs, not one of those that it defines.
        are_needs: bool,
    },
    /// The versions are not as many as the dynamic symbols.
    VersionCount {
        /// How many versions there are.
        versions: usize,
        /// How many symbols there are.
        symbols: usize,
    },
    /// An option of MIPS that does not lie in its section, or not its contents in it.
    OptionCut {
        /// Whether it is in a file of 64 bits.
        is_64: bool,
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
            Self::SectionTooLarge { section, size } => put(&[
                b"error: ",
                file,
                b"(",
                section,
                format!(") is too large ({size:#x} bytes)").as_bytes(),
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
            Self::PropertiesOfSize { size: 0 } => {
                put(&[b"warning: ", file, b": corrupt GNU_PROPERTY_TYPE (5) size: 0"]);
            }
            Self::PropertiesOfSize { size } => {
                let text = format!(": corrupt GNU_PROPERTY_TYPE (5) size: {size:#x}");
                put(&[b"warning: ", file, text.as_bytes()]);
            }
            Self::PropertyPastEnd { kind, size } => {
                let text =
                    format!(": corrupt GNU_PROPERTY_TYPE (5) type ({kind:#x}) datasz: {size:#x}");
                put(&[b"warning: ", file, text.as_bytes()]);
            }
            Self::UnknownProperty { kind } => {
                let text = format!(": unsupported GNU_PROPERTY_TYPE (5) type: {kind:#x}");
                put(&[b"warning: ", file, text.as_bytes()]);
            }
            Self::StackSizeOfSize { size } => {
                let text = format!(": corrupt stack size: {size:#x}");
                put(&[b"warning: ", file, text.as_bytes()]);
            }
            Self::NoCopyOfSize { size } => {
                let text = format!(": corrupt no copy on protected size: {size:#x}");
                put(&[b"warning: ", file, text.as_bytes()]);
            }
            Self::PropertyOfSize { owner, kind, size } => {
                let text = format!(": <corrupt {owner}property ({kind:#x}) size: {size:#x}>");
                put(&[b"error: ", file, text.as_bytes()]);
            }
            Self::AArch64FeaturesOfSize { size } => {
                let text = format!(": <corrupt AArch64 used size: {size:#x}>");
                put(&[b"error: ", file, text.as_bytes()]);
            }
            Self::EmptyGroup { group } => put(&[
                file,
                b": SHT_GROUP section [index ",
                group.to_string().as_bytes(),
                b"] has no SHF_GROUP sections",
            ]),
            Self::GroupOfSize { size } => {
                let text = format!(": invalid size field in group section header: {size:#x}");
                put(&[file, text.as_bytes()]);
            }
            Self::NoValidGroup => put(&[file, b": no valid group sections found"]),
            Self::BadGroupMember { kind, section, group } => {
                // C's `%#x` has no prefix for 0.
                let kind = if *kind == 0 { "0".to_owned() } else { format!("{kind:#x}") };
                put(&[
                    file,
                    b": unknown type [",
                    kind.as_bytes(),
                    b"] section `",
                    section,
                    b"' in group [",
                    group,
                    b"]",
                ]);
            }
            Self::Loop => put(&[file, b": warning: loop in section dependencies detected"]),
            Self::StringPastEnd { offset, size, table } => {
                let text = format!(": invalid string offset {offset} >= {size} for section `");
                let table = table.as_deref().unwrap_or(b"(null)");
                put(&[file, text.as_bytes(), table, b"'"]);
            }
            Self::NoStrings { index } => put(&[
                file,
                b": attempt to load strings from a non-string section (number ",
                index.to_string().as_bytes(),
                b")",
            ]),
            Self::BadVersions { are_needs } => {
                let letter: &[u8] = if *are_needs { b"r" } else { b"d" };
                put(&[file, b": .gnu.version_", letter, b" invalid entry"]);
            }
            Self::VersionCount { versions, symbols } => {
                let text = format!(
                    ": version count ({versions}) does not match symbol count ({symbols})"
                );
                put(&[file, text.as_bytes()]);
            }
            Self::OptionCut { is_64 } => {
                let name: &[u8] = if *is_64 { b".MIPS.options" } else { b".options" };
                put(&[file, b": warning: truncated `", name, b"' option"]);
            }
        }
        text
    }

    /// Whether it is found once for a file, not each time that a program tries another reading.
    fn is_found_once(&self) -> bool {
        matches!(
            self,
            Self::SectionPastEnd
                | Self::SegmentPastEnd
                | Self::BadNameTable
                | Self::BadSegmentAlignment
        )
    }
}

/// The readings that GNU's tools, built for all machines, try on a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Readings {
    /// As a file of any machine.
    Any,
    /// As one of its own machine, then of any.
    OwnFirst,
    /// As one of any machine, then of its own, and once more when that is settled.
    OwnLater,
}

/// The notices about a file in the number in which GNU's tools print them. They try readings one
/// after the other, and print what was said in the one that they keep. What is found only once
/// is said in the first reading, kept or not. Of a file that no reading takes, they print what was
/// said if only one reading had anything to say.
pub fn printed(notices: Vec<Notice>, header: &Header, is_recognized: bool) -> Vec<Notice> {
    if notices.is_empty() {
        return notices;
    }
    // One fault of the headers is enough.
    let mut has_header_fault = false;
    let notices: Vec<_> = notices
        .into_iter()
        .filter(|notice| !notice.is_found_once() || !std::mem::replace(&mut has_header_fault, true))
        .collect();
    let is_sparc32plus = header.machine == EM_SPARC32PLUS
        && !header.encoding.is_64()
        && header.encoding.is_big_endian();
    let readings = match readings(header) {
        Readings::Any if is_sparc32plus && !is_recognized => Readings::OwnLater,
        readings => readings,
    };
    let is_said_anew = notices.iter().any(|notice| !notice.is_found_once());
    let mut printed = match (readings, is_recognized) {
        (Readings::Any, _) | (Readings::OwnFirst, true) => notices,
        (Readings::OwnFirst | Readings::OwnLater, false) if is_said_anew => Vec::new(),
        (Readings::OwnFirst | Readings::OwnLater, false) => notices,
        (Readings::OwnLater, true) => {
            let anew: Vec<_> =
                notices.into_iter().filter(|notice| !notice.is_found_once()).collect();
            [&anew[..], &anew].concat()
        }
    };
    printed.truncate(PRINT_LIMIT);
    printed
}

/// GNU's tools keep no more notices of a file than these.
const PRINT_LIMIT: usize = 5;

/// `EF_SPARC_32PLUS`, `EF_SPARC_SUN_US1` and `EF_SPARC_SUN_US3`: without any of them a file of
/// `EM_SPARC32PLUS` is read as its own machine's, but not taken for one.
const SPARC32PLUS_FLAGS: u32 = 0xb00;

/// Numbers that machines had before they got official ones.
const OLD_SPARCV9: Machine = Machine(11);
const OLD_PPC: Machine = Machine(17);
const CYGNUS_PPC: Machine = Machine(0x9025);
const OLD_S390: Machine = Machine(0xa390);

pub(super) fn readings(header: &Header) -> Readings {
    use object::elf::*;
    let Header { machine, encoding, .. } = *header;
    let is_big = encoding.is_big_endian();
    let has_own = match encoding.class {
        Class::Elf64 => match machine {
            EM_X86_64 | EM_ALPHA => !is_big,
            EM_AARCH64 | EM_IA_64 | EM_MIPS | EM_PPC64 | EM_RISCV => true,
            EM_S390 | OLD_S390 | EM_SPARCV9 | OLD_SPARCV9 => is_big,
            _ => false,
        },
        Class::Elf32 => match machine {
            EM_386 | EM_IAMCU | EM_X86_64 => !is_big,
            EM_AARCH64 | EM_ARM | EM_M32R | EM_CYGNUS_M32R | EM_MIPS | EM_PPC | OLD_PPC
            | CYGNUS_PPC | EM_RISCV | EM_SH => true,
            EM_68K | EM_S390 | OLD_S390 | EM_SPARC => is_big,
            EM_SPARC32PLUS => is_big && header.flags & SPARC32PLUS_FLAGS != 0,
            EM_PARISC => is_big && matches!(header.os_abi(), ELFOSABI_HPUX | ELFOSABI_GNU),
            _ => false,
        },
    };
    match machine {
        _ if !has_own => Readings::Any,
        // The list starts with the machine that the tools run on.
        EM_386 | EM_IAMCU | EM_X86_64 => Readings::OwnFirst,
        _ => Readings::OwnLater,
    }
}
