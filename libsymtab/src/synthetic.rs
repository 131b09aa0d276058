//! Symbols that no table has: the entries of a procedure linkage table, each named after the
//! function that it jumps to.
//!
//! ```text
//! 0000000000001030 T getenv@plt
//! ```
//!
//! Which entry belongs to which function is told in one of two ways. On x86 there are several
//! tables and many forms of entries; each entry jumps through a word in memory, and a dynamic
//! relocation fills that word. Elsewhere the entries stand in the order of the relocations of
//! `.rel.plt` or `.rela.plt`, at distances that the machine's ABI sets.

use std::collections::HashMap;
use std::io::Write as _;

use libelf::linkview::{LinkView, Section, Symbols};
use libelf::raw::{
    DT_PPC64_GLINK, EF_PPC64_ABI, EM_68K, EM_386, EM_AARCH64, EM_ARM, EM_IAMCU, EM_PPC64, EM_RISCV,
    EM_S390, EM_SH, EM_SPARC, EM_SPARC32PLUS, EM_SPARCV9, EM_X86_64, ET_DYN, ET_EXEC,
    R_PPC64_ADDR64, SHT_REL, SHT_RELA, STB_GLOBAL, STB_LOCAL, STB_WEAK, STT_SECTION,
};
use libelf::reloc::Reloc;
use libelf::{File, SectionHeader};

use crate::class::{Home, symbol_letter};

/// A made up symbol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Synthetic {
    /// The function's name and `@plt`.
    pub name: Vec<u8>,
    /// The address of the entry.
    pub value: u64,
    /// The letter of its class.
    pub letter: u8,
    /// The header index of the section that it lies in.
    pub section: u32,
}

/// The size of a word of a descriptor, in bytes.
const WORD: usize = 8;

/// Names may be shared by many relocations of a damaged file: so many bytes of them are made, at
/// most.
const NAMES_LIMIT: usize = 64 << 20;

/// How many symbols of a table say nothing.
const FIRST: usize = 1;

/// The synthetic symbols of a file.
pub fn synthetic(file: &File<'_>, view: &LinkView<'_>) -> Vec<Synthetic> {
    let header = file.header();
    let is_linked = header.kind == ET_EXEC || header.kind == ET_DYN;
    let symbols = match header.machine {
        // Descriptors are told by all symbols, so a static program has them as well.
        EM_PPC64 if header.encoding.is_64() && is_linked => {
            view.dynsym.filter(|&index| has_symbols(file, index)).or(view.symtab)
        }
        _ if is_linked => view.dynsym,
        _ => view.symtab,
    };
    let Some(symbols) = symbols.and_then(|index| Symbols::read(file, index).ok()) else {
        return Vec::new();
    };
    if symbols.table.len() <= FIRST {
        return Vec::new();
    }
    let mut maker = Maker { file, view, symbols, found: Vec::new(), room: NAMES_LIMIT };
    let is_little = !header.encoding.is_big_endian();
    match header.machine {
        EM_PPC64 if header.encoding.is_64() && !is_linked => maker.descriptors(),
        _ if !is_linked => None,
        EM_386 | EM_IAMCU | EM_X86_64 if is_little => maker.x86(),
        EM_PPC64 if header.encoding.is_64() => maker.ppc64(),
        _ => maker.in_order(),
    };
    maker.found
}

/// Whether there is more in the table with this section than the symbol that says nothing.
fn has_symbols(file: &File<'_>, section: usize) -> bool {
    Symbols::read(file, section).is_ok_and(|symbols| symbols.table.len() > FIRST)
}

struct Maker<'a, 'data> {
    file: &'a File<'data>,
    view: &'a LinkView<'data>,
    symbols: Symbols<'data>,
    found: Vec<Synthetic>,
    /// How many bytes of names may still be made.
    room: usize,
}

impl<'data> Maker<'_, 'data> {
    fn section(&self, name: &[u8]) -> Option<&Section<'data>> {
        self.view.sections.iter().find(|section| section.name() == name)
    }

    fn contents(&self, section: &Section<'_>) -> &'data [u8] {
        let header = self.file.section(section.header).ok();
        header.and_then(|header| self.file.section_data(&header).ok()).unwrap_or_default()
    }

    /// The relocations of the table, if they refer to the dynamic symbols.
    fn plt_relocs(&self) -> Vec<Reloc> {
        let named = [&b".rela.plt"[..], b".rel.plt"];
        let Some(section) = named.iter().find_map(|name| self.section(name)) else {
            return Vec::new();
        };
        let Ok(header) = self.file.section(section.header) else { return Vec::new() };
        let is_dynamic = Some(header.link as usize) == self.view.dynsym;
        if !is_dynamic || !matches!(header.kind, SHT_REL | SHT_RELA) {
            return Vec::new();
        }
        self.file.relocs(&header).map(|relocs| relocs.iter().collect()).unwrap_or_default()
    }

    /// Adds a symbol for what a relocation refers to. `None` if there have been too many.
    fn add(&mut self, reloc: &Reloc, value: u64, section: u32) -> Option<()> {
        let index = reloc.symbol as usize;
        let symbol = self.symbols.table.get(index).unwrap_or_default();
        let mut name = if index == 0 {
            b"*ABS*".to_vec()
        } else {
            self.symbols.name(index, &symbol).unwrap_or(b"(null)").to_vec()
        };
        match reloc.addend {
            Some(addend) if addend != 0 => {
                let addend =
                    if self.file.encoding().is_64() { addend as u64 } else { addend as u32 as u64 };
                // Writing to memory does not fail.
                let _ = write!(name, "+{addend:#x}");
            }
            _ => {}
        }
        name.extend_from_slice(b"@plt");
        self.room = self.room.checked_sub(name.len())?;
        let letter = if symbol.binding() == STB_LOCAL && index == 0 {
            b'T'
        } else {
            symbol_letter(&symbol, Home::Section(section), b't')
        };
        self.found.push(Synthetic { name, value, letter, section });
        Some(())
    }

    /// Entries in the order of the relocations.
    fn in_order(&mut self) -> Option<()> {
        let plt = self.section(b".plt")?.clone();
        let relocs = self.plt_relocs();
        let contents = self.contents(&plt);
        let mut entries = Entries::of(self.file, &plt, contents)?;
        for reloc in &relocs {
            let offset = entries.next()?;
            self.add(reloc, plt.addr.wrapping_add(offset), plt.header)?;
        }
        Some(())
    }

    /// The entries of PowerPC's 64-bit ABIs stand in code that the linker made, 32 bytes behind the
    /// address that `DT_PPC64_GLINK` tells.
    fn ppc64(&mut self) -> Option<()> {
        self.descriptors();
        self.glink()
    }

    /// In files of the first ABI a function's symbol names its descriptor in `.opd`, of which the
    /// first word is the address of the code. That gets a name with a `.` in front, unless it has a
    /// symbol.
    fn descriptors(&mut self) -> Option<()> {
        // The second ABI has none, whatever the section is called.
        if self.file.header().flags & EF_PPC64_ABI == 2 {
            return None;
        }
        let opd = self.section(b".opd")?.clone();
        let symbols = match self.view.symtab {
            Some(index) => Symbols::read(self.file, index).ok()?,
            None => self.symbols,
        };
        let code_of = self.code_of_descriptors(&opd, &symbols);
        let mut named = Vec::new();
        let mut code = Vec::new();
        for (index, symbol) in symbols.table.iter().enumerate().skip(1) {
            let (section, is_reserved) = symbols.section(index, &symbol);
            if is_reserved || section == 0 || symbol.kind() == STT_SECTION {
                continue;
            }
            if section == opd.header {
                named.push((symbol.value, index, symbol));
            } else {
                code.push((self.space(section), symbol.value));
            }
        }
        // Of several names the one that other files cannot replace comes first, and is taken alone in
        // a linked file.
        named.sort_by_key(|(value, index, symbol)| {
            let rank = match symbol.binding() {
                STB_GLOBAL => 0,
                STB_WEAK => 2,
                _ => 1,
            };
            (*value, rank, *index)
        });
        if self.is_linked() {
            named.dedup_by_key(|(value, _, _)| *value);
        }
        code.sort_unstable();
        for (value, index, symbol) in named {
            let Some(&(section, entry)) = code_of.get(&value.wrapping_sub(opd.addr)) else {
                continue;
            };
            if code.binary_search(&(self.space(section), entry)).is_ok() {
                continue;
            }
            let name = symbols.name(index, &symbol).unwrap_or(b"(null)");
            let name = [b".", name].concat();
            self.room = self.room.checked_sub(name.len())?;
            let letter = symbol_letter(&symbol, Home::Section(section), b't');
            self.found.push(Synthetic { name, value: entry, letter, section });
        }
        Some(())
    }

    /// What tells addresses apart: in a relocatable file all sections start at 0.
    fn space(&self, section: u32) -> u32 {
        if self.is_linked() { 0 } else { section }
    }

    fn is_linked(&self) -> bool {
        matches!(self.file.header().kind, ET_EXEC | ET_DYN)
    }

    /// The section and the address of the code that each descriptor names, by its offset.
    fn code_of_descriptors(
        &self,
        opd: &Section<'_>,
        symbols: &Symbols<'_>,
    ) -> HashMap<u64, (u32, u64)> {
        if !self.is_linked() {
            return self.code_of_relocs(opd, symbols);
        }
        let mut regions: Vec<&Section<'_>> =
            self.view.sections.iter().filter(|section| section.flags.is_code()).collect();
        regions.sort_by_key(|section| section.addr);
        let words = self.contents(opd).chunks_exact(WORD).enumerate();
        let entries = words.filter_map(|(number, word)| {
            let entry = self.file.encoding().u64(word, 0)?;
            let at = regions.partition_point(|section| section.addr <= entry).checked_sub(1)?;
            let region = regions.get(at)?;
            let is_within = entry.wrapping_sub(region.addr) < region.size;
            is_within.then_some(((number * WORD) as u64, (region.header, entry)))
        });
        entries.collect()
    }

    /// In a relocatable file a relocation fills the first word of a descriptor.
    fn code_of_relocs(&self, opd: &Section<'_>, symbols: &Symbols<'_>) -> HashMap<u64, (u32, u64)> {
        let mut found = HashMap::new();
        let Ok(headers) = self.file.section_headers() else { return found };
        let is_of_opd = |header: &SectionHeader| {
            matches!(header.kind, SHT_REL | SHT_RELA) && header.info == opd.header
        };
        let Some(header) = headers.iter().find(is_of_opd) else { return found };
        let Ok(relocs) = self.file.relocs(&header) else { return found };
        for reloc in relocs.iter().filter(|reloc| reloc.kind == R_PPC64_ADDR64.0) {
            let index = reloc.symbol as usize;
            let Some(symbol) = symbols.table.get(index) else { continue };
            let (section, is_reserved) = symbols.section(index, &symbol);
            let mut sections = self.view.sections.iter();
            let is_code =
                !is_reserved && sections.any(|view| view.header == section && view.flags.is_code());
            if is_code {
                let addend = reloc.addend.unwrap_or_default();
                found.insert(reloc.offset, (section, symbol.value.wrapping_add_signed(addend)));
            }
        }
        found
    }

    fn glink(&mut self) -> Option<()> {
        const GLINK_TO_ENTRIES: u64 = 32;
        const BRANCH: u32 = 0x4800_0000;
        const BRANCH_MASK: u32 = 0xfc00_0003;
        const FAR: u64 = 0x8000;
        let dynamic = self.file.dynamic().ok()?;
        let start = dynamic.value(DT_PPC64_GLINK)?.wrapping_add(GLINK_TO_ENTRIES);
        let section = self.view.sections.iter().find(|section| {
            section.flags.has_contents()
                && start.checked_sub(section.addr).is_some_and(|skip| skip < section.size)
        })?;
        let section = section.clone();
        let contents = self.contents(&section);
        let first = usize::try_from(start.wrapping_sub(section.addr)).ok()?;
        let word = |at: usize| self.file.encoding().u32(contents, at);
        let is_branch = |word: u32| word & BRANCH_MASK == BRANCH;
        let is_v2 = self.file.header().flags & 3 >= 2 || is_branch(word(first)?);
        let branch = if is_branch(word(first)?) { first } else { first.checked_add(4)? };
        if let Some(word) = word(branch).filter(|word| is_branch(*word)) {
            // The distance is 24 bits of words with a sign.
            let distance = (word << 6).cast_signed() >> 6 & !3;
            let resolver =
                section.addr.wrapping_add(branch as u64).wrapping_add_signed(distance.into());
            self.found.push(Synthetic {
                name: b"__glink_PLTresolve".to_vec(),
                value: resolver,
                letter: b'T',
                section: section.header,
            });
        }
        let mut value = start;
        for (number, reloc) in (0..).zip(self.plt_relocs()) {
            self.add(&reloc, value, section.header)?;
            value = value.wrapping_add(match number {
                _ if is_v2 => 4,
                0..FAR => 8,
                _ => 12,
            });
        }
        Some(())
    }

    /// Entries that jump through a word that a relocation fills.
    fn x86(&mut self) -> Option<()> {
        const TABLES: [&[u8]; 4] = [b".plt", b".plt.got", b".plt.sec", b".plt.bnd"];
        let is_386 = self.file.header().machine != EM_X86_64;
        let got = [&b".got.plt"[..], b".got"].iter().find_map(|name| self.section(name));
        let got = got.map_or(0, |section| section.addr);
        let mut relocs = self.dynamic_relocs();
        relocs.sort_by_key(|reloc| reloc.offset);
        for name in TABLES {
            let Some(table) = self.section(name).cloned() else { continue };
            let contents = self.contents(&table);
            let Some(form) = x86_form(contents) else { continue };
            let mut at = form.first;
            while let Some(entry) = contents.get(at..).filter(|entry| entry.len() >= form.size) {
                let addr = table.addr.wrapping_add(at as u64);
                at += form.size;
                let Some(word) = x86_word(entry, addr, is_386, got) else { continue };
                let found = relocs.partition_point(|reloc| reloc.offset < word);
                if let Some(reloc) = relocs.get(found).filter(|reloc| reloc.offset == word) {
                    let reloc = *reloc;
                    self.add(&reloc, addr, table.header)?;
                }
            }
        }
        Some(())
    }

    fn dynamic_relocs(&self) -> Vec<Reloc> {
        let Ok(headers) = self.file.section_headers() else { return Vec::new() };
        let mut relocs = Vec::new();
        let mut room = self.file.data().len() as u64;
        for header in headers.iter().skip(1) {
            let is_dynamic = Some(header.link as usize) == self.view.dynsym;
            if !is_dynamic || !matches!(header.kind, SHT_REL | SHT_RELA) {
                continue;
            }
            // Sections of a sound file do not share a byte.
            let Some(rest) = room.checked_sub(header.size) else { break };
            room = rest;
            if let Ok(found) = self.file.relocs(&header) {
                relocs.extend(found.iter());
            }
        }
        relocs
    }
}

/// Where entries start in a table of x86, and how many bytes each has.
struct X86Form {
    first: usize,
    size: usize,
}

/// The form of a table, by its first entry; `None` if its entries do not name a word.
fn x86_form(contents: &[u8]) -> Option<X86Form> {
    const LAZY: usize = 16;
    match contents {
        // The entry that all others of a lazy table go through: a push and a jump.
        [0xff, 0x35 | 0xb3, ..] => match contents.get(LAZY..)? {
            // Those that only push and jump back have a second table.
            [0xf3, 0x0f, 0x1e, 0xfa | 0xfb, 0x68, ..] | [0x68, ..] => None,
            _ => Some(X86Form { first: LAZY, size: LAZY }),
        },
        [0xf3, 0x0f, 0x1e, 0xfa | 0xfb, ..] => Some(X86Form { first: 0, size: 16 }),
        [0xff, 0x25 | 0xa3, ..] | [0xf2, 0xff, 0x25, ..] => Some(X86Form { first: 0, size: 8 }),
        _ => None,
    }
}

/// The address of the word that an entry of x86 jumps through.
fn x86_word(entry: &[u8], addr: u64, is_386: bool, got: u64) -> Option<u64> {
    let mark = match entry {
        [0xf3, 0x0f, 0x1e, 0xfa | 0xfb, ..] => 4,
        _ => 0,
    };
    let bound = usize::from(entry.get(mark) == Some(&0xf2));
    let jump = mark + bound;
    let form = *entry.get(jump + 1)?;
    if entry.get(jump) != Some(&0xff) || !matches!(form, 0x25 | 0xa3) {
        return None;
    }
    let number = u32::from_le_bytes(*entry.get(jump + 2..)?.first_chunk()?);
    let end = addr.wrapping_add(jump as u64 + 6);
    Some(match (is_386, form) {
        (true, 0x25) => number.into(),
        (true, _) => u64::from((got as u32).wrapping_add(number)),
        (false, _) => end.wrapping_add_signed(number.cast_signed().into()),
    })
}

/// The offsets of the entries in a table, one after the other.
enum Entries<'a> {
    /// All of a size.
    Even { next: u64, size: u64 },
    /// Those of Arm, which may start with a stub of Thumb code.
    Arm { next: usize, code: &'a [u8], file: libelf::Encoding },
}

impl<'a> Entries<'a> {
    fn of(file: &File<'_>, plt: &Section<'_>, code: &'a [u8]) -> Option<Self> {
        let header = file.header();
        let is_64 = header.encoding.is_64();
        let entsize = file.section(plt.header).ok()?.entsize;
        let (next, size) = match header.machine {
            EM_AARCH64 | EM_RISCV => (32, 16),
            EM_S390 => (32, 32),
            EM_SPARCV9 if is_64 => (128, 32),
            EM_SPARC | EM_SPARC32PLUS => (48, 12),
            EM_SH => (28, 28),
            EM_68K if entsize == 24 => (24, 24),
            EM_68K => (20, 20),
            EM_ARM => return Some(Self::Arm { next: 20, code, file: header.encoding }),
            _ => return None,
        };
        Some(Self::Even { next, size })
    }

    fn next(&mut self) -> Option<u64> {
        match self {
            Self::Even { next, size } => {
                let offset = *next;
                *next = offset.checked_add(*size)?;
                Some(offset)
            }
            Self::Arm { next, code, file } => {
                /// `bx pc`
                const THUMB_STUB: u16 = 0x4778;
                /// `add ip, pc, #…` with the bits that tell a long entry.
                const SHORT: u32 = 0xe28f_c600;
                const LONG: u32 = 0xe28f_c200;
                const ADD_MASK: u32 = 0xffff_ff00;
                let start = *next;
                let is_stub = file.u16(code, start)? == THUMB_STUB;
                let body = if is_stub { start.checked_add(4)? } else { start };
                let size = match file.u32(code, body)? & ADD_MASK {
                    SHORT => 12,
                    LONG => 16,
                    _ => return None,
                };
                *next = body.checked_add(size)?;
                Some(start as u64)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_of_x86_name_their_words() {
        let lazy = [0xff, 0x25, 0xca, 0x2f, 0, 0, 0x68, 0, 0, 0, 0, 0xe9, 0, 0, 0, 0];
        assert_eq!(x86_word(&lazy, 0x1030, false, 0), Some(0x1036 + 0x2fca));
        assert_eq!(x86_word(&lazy, 0x1030, true, 0), Some(0x2fca));
        let marked = [0xf3, 0x0f, 0x1e, 0xfa, 0xf2, 0xff, 0x25, 0x10, 0, 0, 0];
        assert_eq!(x86_word(&marked, 0x1000, false, 0), Some(0x100b + 0x10));
        let relative = [0xff, 0xa3, 0x0c, 0, 0, 0];
        assert_eq!(x86_word(&relative, 0x1000, true, 0x3000), Some(0x300c));
        assert_eq!(x86_word(&[0x90; 16], 0, false, 0), None);
    }

    #[test]
    fn tables_that_only_push_have_a_second() {
        let first = [0xff, 0x35, 0, 0, 0, 0, 0xff, 0x25, 0, 0, 0, 0, 0x90, 0x90, 0x90, 0x90];
        let pushes = [&first[..], &[0xf3, 0x0f, 0x1e, 0xfa, 0x68]].concat();
        assert!(x86_form(&pushes).is_none());
        let jumps = [&first[..], &[0xff, 0x25]].concat();
        assert_eq!(x86_form(&jumps).map(|form| form.size), Some(16));
    }
}
