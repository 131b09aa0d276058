//! The words of a description for the ABI's numbers, both ways.
//!
//! The words are those that readelf prints; where it prints none, or no word, those of the ABI's
//! constants without their prefix (`SHT_`, `EM_`, …). Every word that is printed leads back to the
//! number it was printed for; a number without such a word is printed as a number.
//!
//! What a number means may depend on the machine and the operating system, so [`Names`] belong to
//! one ELF header.

use std::borrow::Cow;
use std::cell::{Cell, OnceCell};
use std::ops::RangeInclusive;

use foldhash::{HashMap, HashMapExt};
use libelf::Header;
use libelf::edit::FileHeader;
use libelf::names::{self, RelocNames};
use libelf::raw::{
    FileFlags, FileType, Machine, OsAbi, ProgramType, SHF_MASKOS, SHF_MASKPROC, SectionFlags,
    SectionType, SymbolBind, SymbolSection, SymbolType, machine_names,
};

use libpeg::diagnostic::{Diagnostic, nearest};

use crate::printer::is_word;

/// Section types that may have a name.
const SECTION_TYPES: &[RangeInclusive<u32>] = &[
    0..=0x20,
    0x4000_0000..=0x4000_0020,
    0x6000_0000..=0x6000_0020,
    0x6fff_4700..=0x6fff_4720,
    0x6fff_4c00..=0x6fff_4c20,
    0x6fff_ff00..=0x6fff_ffff,
    0x7000_0000..=0x7000_0100,
    0x7800_0000..=0x7800_0010,
    0x7fff_fff0..=0x7fff_ffff,
];
/// Segment types that may have a name.
const SEGMENT_TYPES: &[RangeInclusive<u32>] = &[
    0..=0x10,
    0x6000_0000..=0x6000_0020,
    0x6464_e550..=0x6464_e550,
    0x6474_e540..=0x6474_e560,
    0x65a3_dbe0..=0x65a3_dbef,
    0x65a4_1be6..=0x65a4_1be6,
    0x6fff_fff0..=0x6fff_ffff,
    0x7000_0000..=0x7000_0010,
];
/// Machines that may have a name.
const MACHINES: &[RangeInclusive<u16>] = &[0..=0x200, 0x9026..=0x9026];

/// Words that are better than readelf's: the name of the constant.
const SECTION_TYPE_WORDS: &[(u32, &str)] = &[
    (0x12, "SYMTAB_SHNDX"),
    (0x6fff_4c01, "LLVM_LINKER_OPTIONS"),
    (0x6fff_4c03, "LLVM_ADDRSIG"),
    (0x6fff_4c04, "LLVM_DEPENDENT_LIBRARIES"),
    (0x6fff_4c05, "LLVM_SYMPART"),
    (0x6fff_4c08, "LLVM_BB_ADDR_MAP_V0"),
    (0x6fff_4c09, "LLVM_CALL_GRAPH_PROFILE"),
    (0x6fff_4c0a, "LLVM_BB_ADDR_MAP"),
    (0x6fff_4c0b, "LLVM_OFFLOADING"),
    (0x6fff_4c0c, "LLVM_LTO"),
];

/// Flags of sections that have a letter whatever the file, by bit. Those of machines come from
/// [`names::section_flag_letters`].
const SECTION_FLAG_LETTERS: &[(u64, u8)] = &[
    (1, b'W'),
    (1 << 1, b'A'),
    (1 << 2, b'X'),
    (1 << 4, b'M'),
    (1 << 5, b'S'),
    (1 << 6, b'I'),
    (1 << 7, b'L'),
    (1 << 8, b'O'),
    (1 << 9, b'G'),
    (1 << 10, b'T'),
    (1 << 11, b'C'),
    (1 << 21, b'R'),
    (1 << 24, b'D'),
    (1 << 31, b'E'),
];

/// The words of one header's numbers.
#[derive(Debug)]
pub struct Names {
    header: Header,
    section_types: OnceCell<HashMap<Cow<'static, str>, u32>>,
    segment_types: OnceCell<HashMap<Cow<'static, str>, u32>>,
    machine_flags: OnceCell<HashMap<&'static str, u32>>,
    relocs: OnceCell<HashMap<&'static str, u32>>,
    /// Suggestions that may still be made: a million misspelled words would take long.
    suggestions: Cell<u32>,
}

/// Misspelled words for which the nearest word is looked for.
const SUGGESTIONS: u32 = 50;

impl Names {
    /// The words for a file with this header.
    pub fn new(header: &FileHeader) -> Self {
        Self {
            header: plain_header(header),
            section_types: OnceCell::new(),
            segment_types: OnceCell::new(),
            machine_flags: OnceCell::new(),
            relocs: OnceCell::new(),
            suggestions: Cell::new(SUGGESTIONS),
        }
    }

    /// An error with the hint which word was meant, if one of `known` is near.
    pub fn suggest<'w>(
        &self,
        error: Diagnostic,
        word: &[u8],
        known: impl IntoIterator<Item = &'w [u8]>,
    ) -> Diagnostic {
        let Some(left) = self.suggestions.get().checked_sub(1) else { return error };
        self.suggestions.set(left);
        suggest(error, word, known)
    }

    /// What `libelf::names` asks for the machine and the operating system. Only class, byte order,
    /// identification, type, machine and flags are those of the file.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The word of a section type, without `SHT_`.
    pub fn section_type(&self, kind: u32) -> Option<Cow<'static, str>> {
        let word = self.section_type_word(kind)?;
        (self.section_type_number(&word) == Some(kind)).then_some(word)
    }

    fn section_type_word(&self, kind: u32) -> Option<Cow<'static, str>> {
        let own = SECTION_TYPE_WORDS.iter().find(|(number, _)| *number == kind);
        if let Some((_, word)) = own {
            return Some(Cow::Borrowed(word));
        }
        names::section_type_name(&self.header, SectionType(kind))
            .or_else(|| constant(self.constants().sht.name(SectionType(kind)), "SHT_"))
            .and_then(word_of)
    }

    /// The section type of a word.
    pub fn section_type_number(&self, word: &str) -> Option<u32> {
        self.section_types().get(word).copied()
    }

    /// The words of section types.
    pub fn section_type_words(&self) -> impl Iterator<Item = &[u8]> {
        self.section_types().keys().map(|word| word.as_bytes())
    }

    fn section_types(&self) -> &HashMap<Cow<'static, str>, u32> {
        self.section_types.get_or_init(|| {
            let mut table = HashMap::new();
            for kind in SECTION_TYPES.iter().cloned().flatten() {
                let constant = constant(self.constants().sht.name(SectionType(kind)), "SHT_");
                for word in [constant.and_then(word_of), self.section_type_word(kind)] {
                    word.map(|word| table.insert(word, kind));
                }
            }
            table
        })
    }

    /// The word of a segment type, without `PT_`.
    pub fn segment_type(&self, kind: u32) -> Option<Cow<'static, str>> {
        let word = self.segment_type_word(kind)?;
        (self.segment_type_number(&word) == Some(kind)).then_some(word)
    }

    fn segment_type_word(&self, kind: u32) -> Option<Cow<'static, str>> {
        let name = names::program_type_name(&self.header, ProgramType(kind));
        name.map(|name| name.strip_prefix("PT_").unwrap_or(name))
            .or_else(|| constant(self.constants().pt.name(ProgramType(kind)), "PT_"))
            .and_then(word_of)
    }

    /// The segment type of a word.
    pub fn segment_type_number(&self, word: &str) -> Option<u32> {
        self.segment_types().get(word).copied()
    }

    /// The words of segment types.
    pub fn segment_type_words(&self) -> impl Iterator<Item = &[u8]> {
        self.segment_types().keys().map(|word| word.as_bytes())
    }

    fn segment_types(&self) -> &HashMap<Cow<'static, str>, u32> {
        self.segment_types.get_or_init(|| {
            let mut table = HashMap::new();
            for kind in SEGMENT_TYPES.iter().cloned().flatten() {
                self.segment_type_word(kind).map(|word| table.insert(word, kind));
            }
            table
        })
    }

    /// The letters of section flags, and the flags that have none.
    pub fn section_flags(&self, flags: u64) -> (String, u64) {
        let mut letters = String::new();
        let mut left = flags;
        for bit in (0..u64::BITS).map(|bit| 1 << bit).filter(|bit| flags & bit != 0) {
            if let Some(letter) = self.section_flag_letter(bit) {
                letters.push(char::from(letter));
                left &= !bit;
            }
        }
        (letters, left)
    }

    fn section_flag_letter(&self, bit: u64) -> Option<u8> {
        if let Some((_, letter)) = SECTION_FLAG_LETTERS.iter().find(|(known, _)| *known == bit) {
            return Some(*letter);
        }
        if bit & (SHF_MASKOS | SHF_MASKPROC) == 0 {
            return None;
        }
        match names::section_flag_letters(&self.header, bit).as_bytes() {
            // These stand for what has no letter.
            [b'o' | b'p' | b'x'] => None,
            [letter] => Some(*letter),
            _ => None,
        }
    }

    /// The section flags of letters, in any order. `None` if one of them is no flag's.
    pub fn section_flags_number(&self, letters: &str) -> Option<u64> {
        let mut flags = 0;
        for letter in letters.bytes() {
            let bit = (0..u64::BITS)
                .map(|bit| 1 << bit)
                .find(|&bit| self.section_flag_letter(bit) == Some(letter))?;
            flags |= bit;
        }
        Some(flags)
    }

    /// The section flag of a word, without `SHF_`: `WRITE`.
    pub fn section_flag_number(&self, word: &str) -> Option<u64> {
        self.section_flag_words().into_iter().find(|(_, known)| *known == word).map(|found| found.0)
    }

    /// The section flags that have a word, and the words.
    pub fn section_flag_words(&self) -> Vec<(u64, &'static str)> {
        let mut words = Vec::new();
        for bit in (0..u64::BITS).map(|bit| 1 << bit) {
            self.constants().shf.bit_names(SectionFlags(bit), |bit, name| {
                words.extend(name.strip_prefix("SHF_").map(|word| (bit, word)));
            });
        }
        words
    }

    /// The words of machine flags (`e_flags`), without `EF_`, and the bits that have none.
    pub fn machine_flags(&self, flags: u32) -> (Vec<&'static str>, u32) {
        let mut words = Vec::new();
        let mut named = 0;
        self.constants().ef.names(FileFlags(flags), |value, name| {
            if let Some(word) = constant(Some(name), "EF_")
                && value != 0
                && is_word(word.as_bytes())
                && self.machine_flag_number(word) == Some(value)
            {
                words.push(word);
                named |= value;
            }
        });
        (words, flags & !named)
    }

    /// The machine flags of a word.
    pub fn machine_flag_number(&self, word: &str) -> Option<u32> {
        self.machine_flag_table().get(word).copied()
    }

    /// The machine flags that have a word, and the words.
    pub fn machine_flag_words(&self) -> Vec<(u64, &'static str)> {
        self.machine_flag_table().iter().map(|(word, flags)| ((*flags).into(), *word)).collect()
    }

    fn machine_flag_table(&self) -> &HashMap<&'static str, u32> {
        self.machine_flags.get_or_init(|| {
            let mut table = HashMap::new();
            // Groups of bits are at most a byte wide and start at a multiple of four.
            for shift in (0..32).step_by(4) {
                for value in 1..=0xff_u32 {
                    let flags = value << shift;
                    self.constants().ef.names(FileFlags(flags), |value, name| {
                        constant(Some(name), "EF_").map(|word| table.insert(word, value));
                    });
                }
            }
            table
        })
    }

    /// The word of a relocation type: `R_X86_64_PC32`.
    pub fn reloc(&self, kind: u32) -> Option<&'static str> {
        let table = self.reloc_names()?;
        let word = table.get(kind).filter(|_| table.kind(kind) == kind)?;
        is_word(word.as_bytes()).then_some(word)
    }

    /// The relocation types of the machine.
    pub fn reloc_names(&self) -> Option<&'static RelocNames> {
        names::reloc_names(&self.header)
    }

    /// The relocation type of a word.
    pub fn reloc_number(&self, word: &str) -> Option<u32> {
        let table = self.relocs.get_or_init(|| {
            let mut table = HashMap::new();
            for (kind, name) in self.reloc_names().into_iter().flat_map(RelocNames::iter) {
                table.entry(name).or_insert(kind);
            }
            table
        });
        table.get(word).copied()
    }

    /// The words of relocation types.
    pub fn reloc_words(&self) -> impl Iterator<Item = &'static [u8]> {
        let names = self.reloc_names().into_iter().flat_map(RelocNames::iter);
        names.map(|(_, name)| name.as_bytes())
    }

    /// The word of a symbol type, without `STT_`.
    pub fn symbol_type(&self, kind: u8) -> Option<&'static str> {
        names::symbol_type_name(&self.header, SymbolType(kind))
            .or_else(|| constant(self.constants().stt.name(SymbolType(kind)), "STT_"))
    }

    /// The symbol type of a word.
    pub fn symbol_type_number(&self, word: &str) -> Option<u8> {
        (0..16).find(|&kind| self.symbol_type(kind) == Some(word))
    }

    /// The word of a symbol binding, without `STB_`.
    pub fn symbol_binding(&self, binding: u8) -> Option<&'static str> {
        names::symbol_binding_name(&self.header, SymbolBind(binding))
            .or_else(|| constant(self.constants().stb.name(SymbolBind(binding)), "STB_"))
    }

    /// The symbol binding of a word.
    pub fn symbol_binding_number(&self, word: &str) -> Option<u8> {
        (0..16).find(|&binding| self.symbol_binding(binding) == Some(word))
    }

    /// The word of a reserved section index of a symbol, as readelf prints it: `ABS`.
    pub fn special_section(&self, index: u16) -> Option<&'static str> {
        names::special_section_name(&self.header, SymbolSection(index))
    }

    /// The reserved section index of a word.
    pub fn special_section_number(&self, word: &str) -> Option<u16> {
        const RESERVED: RangeInclusive<u16> = 0xff00..=0xffff;
        std::iter::once(0).chain(RESERVED).find(|&index| self.special_section(index) == Some(word))
    }

    fn constants(&self) -> &'static libelf::raw::Names {
        machine_names(self.header.machine)
    }
}

/// What constants in the headers of C start with.
const PREFIXES: &[&[u8]] = &[
    b"DF",
    b"DT",
    b"EF",
    b"ELFCLASS",
    b"ELFDATA",
    b"ELFOSABI",
    b"EM",
    b"ET",
    b"NT",
    b"PF",
    b"PT",
    b"SHF",
    b"SHN",
    b"SHT",
    b"STB",
    b"STT",
    b"STV",
    b"VER",
];

/// An error with the hint which word was meant, if one of `known` is near.
pub fn suggest<'w>(
    error: Diagnostic,
    word: &[u8],
    known: impl IntoIterator<Item = &'w [u8]>,
) -> Diagnostic {
    // Names in the headers of C have a prefix, which words have not.
    let constant = word.iter().position(|byte| *byte == b'_').map(|at| word.split_at(at));
    let stripped = constant.filter(|(prefix, _)| PREFIXES.contains(prefix));
    let stripped = stripped.and_then(|(_, rest)| rest.strip_prefix(b"_"));
    let mut is_there = false;
    let known = known.into_iter().inspect(|known| is_there |= stripped == Some(*known));
    let near = nearest(stripped.unwrap_or(word), known);
    match stripped.filter(|_| is_there).or(near) {
        Some(known) => error.hint(format!("did you mean `{}`?", String::from_utf8_lossy(known))),
        None => error,
    }
}

/// The header as far as names depend on it.
fn plain_header(header: &FileHeader) -> Header {
    let mut ident = [0; 16];
    if let Some(abi) = ident.get_mut(7) {
        *abi = header.os_abi;
    }
    Header {
        encoding: header.encoding,
        ident,
        kind: FileType(header.kind),
        machine: Machine(header.machine),
        version: 1,
        entry: 0,
        phoff: 0,
        shoff: 0,
        flags: header.flags,
        ehsize: 0,
        phentsize: 0,
        phnum: 0,
        shentsize: 0,
        shnum: 0,
        shstrndx: 0,
    }
}

/// The name of a constant without its prefix.
fn constant(name: Option<&'static str>, prefix: &str) -> Option<&'static str> {
    name?.strip_prefix(prefix)
}

/// A name as a word: spaces become `_`. `None` for what has other characters.
fn word_of(name: &'static str) -> Option<Cow<'static, str>> {
    let word =
        if name.contains(' ') { Cow::Owned(name.replace(' ', "_")) } else { Cow::Borrowed(name) };
    is_word(word.as_bytes()).then_some(word)
}

/// The word of a machine, without `EM_`. Names that start with a digit get a letter: `I386`,
/// `M68K`.
pub fn machine(number: u16) -> Option<Cow<'static, str>> {
    let name = constant(Machine(number).name(), "EM_")?;
    let prefix = match name.as_bytes() {
        [b'6' | b'8', b'8', ..] => "M",
        [first, ..] if first.is_ascii_digit() => "I",
        _ => "",
    };
    if prefix.is_empty() { word_of(name) } else { Some(Cow::Owned(format!("{prefix}{name}"))) }
}

/// The machine of a word.
pub fn machine_number(word: &str) -> Option<u16> {
    MACHINES.iter().cloned().flatten().find(|&number| machine(number).as_deref() == Some(word))
}

/// The words of machines.
pub fn machine_words() -> Vec<Cow<'static, str>> {
    MACHINES.iter().cloned().flatten().filter_map(machine).collect()
}

/// The words of file types.
pub fn file_type_words() -> Vec<Cow<'static, str>> {
    (0..=5).filter_map(file_type).map(Cow::Borrowed).collect()
}

/// The words of operating systems.
pub fn os_abi_words() -> Vec<Cow<'static, str>> {
    (0..=u8::MAX).filter_map(os_abi).map(Cow::Borrowed).collect()
}

/// The word of a file type, without `ET_`.
pub fn file_type(kind: u16) -> Option<&'static str> {
    constant(FileType(kind).name(), "ET_").filter(|word| file_type_number(word) == Some(kind))
}

/// The file type of a word.
pub fn file_type_number(word: &str) -> Option<u16> {
    (0..=5).find(|&kind| constant(FileType(kind).name(), "ET_") == Some(word))
}

/// The word of an operating system, without `ELFOSABI_`.
pub fn os_abi(abi: u8) -> Option<&'static str> {
    const OF_ALL_MACHINES: u8 = 63;
    let word = constant(OsAbi(abi).name(), "ELFOSABI_").filter(|_| abi <= OF_ALL_MACHINES)?;
    is_word(word.as_bytes()).then_some(word)
}

/// The operating system of a word.
pub fn os_abi_number(word: &str) -> Option<u8> {
    match word {
        "LINUX" => os_abi_number("GNU"),
        "SYSV" => Some(0),
        _ => (0..=u8::MAX).find(|&abi| os_abi(abi) == Some(word)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::header;

    fn names(machine: u16) -> Names {
        Names::new(&FileHeader { machine, ..header::new() })
    }

    #[test]
    fn words_lead_back_to_their_numbers() {
        for id in [3, 8, 20, 40, 62, 183, 243, 0x9026] {
            let names = names(id);
            for kind in SECTION_TYPES.iter().cloned().flatten() {
                if let Some(word) = names.section_type(kind) {
                    assert_eq!(names.section_type_number(&word), Some(kind), "{word}");
                }
            }
            for kind in SEGMENT_TYPES.iter().cloned().flatten() {
                if let Some(word) = names.segment_type(kind) {
                    assert_eq!(names.segment_type_number(&word), Some(kind), "{word}");
                }
            }
            for bit in 0..32 {
                let (words, left) = names.machine_flags(1 << bit);
                let sum = words.iter().filter_map(|word| names.machine_flag_number(word));
                assert_eq!(sum.fold(left, |sum, flag| sum | flag), 1 << bit);
            }
        }
        for number in MACHINES.iter().cloned().flatten() {
            if let Some(word) = machine(number) {
                assert_eq!(machine_number(&word), Some(number), "{word}");
            }
        }
    }

    #[test]
    fn well_known_words() {
        let names = names(62);
        assert_eq!(names.section_type(1).as_deref(), Some("PROGBITS"));
        assert_eq!(names.section_type(0x12).as_deref(), Some("SYMTAB_SHNDX"));
        assert_eq!(names.section_flags(0x1000_0037), ("WAXMSl".to_owned(), 0));
        assert_eq!(names.section_flags_number("XA"), Some(6));
        assert_eq!(names.section_flags_number("AQ"), None);
        assert_eq!(names.section_flag_number("ALLOC"), Some(2));
        assert_eq!(names.segment_type(0x6474_e551).as_deref(), Some("GNU_STACK"));
        assert_eq!(names.reloc_number("R_X86_64_PC32"), Some(2));
        assert_eq!(machine(3).as_deref(), Some("I386"));
        assert_eq!(machine_number("X86_64"), Some(62));
        assert_eq!(os_abi_number("GNU"), Some(3));
        assert_eq!(names.special_section_number("ABS"), Some(0xfff1));
    }
}
