//! Which symbols name addresses, and which.

use std::sync::Arc;

use libelf::File;
use libelf::raw::{
    EM_AARCH64, EM_ARM, EM_MIPS, EM_PPC64, EM_RISCV, ET_REL, Machine, SHT_RELA, STB_LOCAL,
    STT_COMMON, STT_FILE, STT_FUNC, STT_GNU_IFUNC, STT_NOTYPE, STT_OBJECT, STT_SECTION, STT_TLS,
    STV_HIDDEN, SymbolType,
};

use super::regions::{Region, Regions};
use super::{Kinds, Options};
use crate::symbol::Section;
use crate::table::{ElfTable, SymbolTable};

/// `STT_RELC` and `STT_SRELC`: expressions of GNU's assembler.
const STT_RELC: SymbolType = SymbolType(8);
const STT_SRELC: SymbolType = SymbolType(9);

/// A symbol that names the addresses from `start` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) start: u64,
    /// As stored; 0 if unknown.
    pub(super) size: u64,
    pub(super) answer: Answer,
}

/// The number and the name of a symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    /// The symbol's number among those of all tables.
    pub(super) id: u32,
    /// Where its name starts in the bytes that its table's names lie in.
    pub(super) name: u32,
    /// The length of the name, or [`NOT_MEASURED`].
    pub(super) length: u32,
}

/// The name ends where its zero byte is.
pub(super) const NOT_MEASURED: u32 = u32::MAX;

impl Candidate {
    /// The size as it counts where symbols share an address: a symbol of unknown size is as good
    /// as one of a single byte. That is GNU addr2line's rule.
    pub(super) fn weight(&self) -> u64 {
        self.size.max(1)
    }
}

/// What decides of the symbols of one table.
#[derive(Clone, Debug)]
pub(super) struct Scope<'data> {
    table: SymbolTable<'data>,
    /// The bytes that names lie in.
    names: &'data [u8],
    kinds: Kinds,
    /// `None` if nothing is known of sections.
    regions: Option<Regions>,
    machine: Machine,
    descriptors: Option<Descriptors<'data>>,
}

impl<'data> Scope<'data> {
    pub(super) fn new(table: &SymbolTable<'data>, options: &Options) -> Self {
        let file = table.file();
        Self {
            table: table.clone(),
            names: table.name_bytes(),
            kinds: options.kinds,
            regions: file.and_then(|file| Regions::of(file, options.section)),
            machine: file.map_or(libelf::raw::EM_NONE, |file| file.header().machine),
            descriptors: file.and_then(Descriptors::of),
        }
    }

    /// The name of a symbol of the table.
    #[inline]
    pub(super) fn name(&self, answer: Answer) -> &'data [u8] {
        let tail = self.names.get(answer.name as usize..).unwrap_or_default();
        let end = match answer.length {
            NOT_MEASURED => memchr::memchr(0, tail).unwrap_or(tail.len()),
            length => length as usize,
        };
        tail.get(..end).unwrap_or_default()
    }

    /// Measures the name of a symbol, unless that needs a look at more than `left` bytes, from
    /// which what it needs is taken.
    #[inline]
    pub(super) fn measure(&self, answer: &mut Answer, left: &mut usize) {
        if answer.length != NOT_MEASURED {
            return;
        }
        let tail = self.names.get(answer.name as usize..).unwrap_or_default();
        let tail = tail.get(..*left).unwrap_or(tail);
        if let Some(length) = memchr::memchr(0, tail) {
            *left = left.saturating_sub(length);
            answer.length = u32::try_from(length).unwrap_or(NOT_MEASURED);
        }
    }

    /// How many bytes of names may be looked at to measure them: names of real tables share bytes
    /// rarely, and a table in which all are long and the same must not cost more than others.
    pub(super) fn bytes_to_measure(&self) -> usize {
        self.names.len().saturating_mul(4)
    }

    pub(super) fn regions(&self) -> Option<&Regions> {
        self.regions.as_ref()
    }

    /// The candidate of one symbol of the table, if it is one; `id` is the first number of the
    /// table, to which its own is added.
    #[inline]
    pub(super) fn candidate(&self, index: u32, first_id: u32) -> Option<Candidate> {
        let (kind, section, value, size, name, length) = if let Some(table) = self.table.elf() {
            let stored = table.symbols.symbols.get(index as usize)?;
            let is_untyped = stored.kind() == STT_NOTYPE;
            if is_untyped && (is_hidden_label(&stored) || self.is_mark(table, &stored)) {
                return None;
            }
            let section = table.section(index, &stored);
            (stored.kind(), section, stored.value, stored.size, stored.name, NOT_MEASURED)
        } else {
            let symbol = self.table.get(index)?;
            let name = offset_in(self.table.name_bytes(), symbol.name);
            let length = symbol.name.len() as u32;
            (symbol.kind, symbol.section, symbol.value, symbol.size, name, length)
        };
        if !self.kinds.has(kind) {
            return None;
        }
        let (section, start) = self.place(kind, section, value)?;
        // Of a file that tells nothing of its sections, every symbol that is defined is taken.
        let is_there = match (&self.regions, section) {
            (Some(regions), Section::Index(section)) => {
                regions.section(section).is_some_and(|region| region.contains(start))
            }
            (Some(_), _) => false,
            (None, section) => {
                !matches!(section, Section::Undefined | Section::Absolute | Section::Common)
            }
        };
        let answer = Answer { id: first_id.wrapping_add(index), name, length };
        is_there.then_some(Candidate { start, size, answer })
    }

    /// The section and the address of the code or data that a symbol names; `None` if it is told
    /// in a way that cannot be followed.
    fn place(&self, kind: SymbolType, section: Section, value: u64) -> Option<(Section, u64)> {
        let is_function = matches!(kind, STT_FUNC | STT_GNU_IFUNC);
        if is_function && matches!(self.machine, EM_ARM | EM_MIPS) {
            // The lowest bit tells which instruction set the code is in.
            return Some((section, value & !1));
        }
        match &self.descriptors {
            Some(descriptors) if section == Section::Index(descriptors.section) => {
                self.code_of(descriptors, value)
            }
            _ => Some((section, value)),
        }
    }

    fn code_of(&self, descriptors: &Descriptors<'_>, value: u64) -> Option<(Section, u64)> {
        if descriptors.relocated.is_some() {
            let (section, code) = descriptors.relocated_code(value)?;
            return Some((Section::Index(section), code));
        }
        let code = descriptors.code(value)?;
        let (_, section) = self.regions.as_ref()?.at(code)?;
        Some((Section::Index(section), code))
    }

    /// Whether a symbol marks where code or data starts for disassemblers, and names nothing.
    fn is_mark(&self, table: &ElfTable<'_>, symbol: &libelf::Symbol) -> bool {
        if !matches!(self.machine, EM_ARM | EM_AARCH64 | EM_RISCV) {
            return false;
        }
        let name = table.symbols.strings.get_up_to(symbol.name.into(), 3).unwrap_or_default();
        is_mark(self.machine, name)
    }
}

/// Whether a symbol without a type is one of those that tools put in without naming anything: a
/// compiler's annotations, a linker's `_DYNAMIC`. GNU addr2line passes them over.
fn is_hidden_label(symbol: &libelf::Symbol) -> bool {
    symbol.size == 0 && symbol.binding() == STB_LOCAL && symbol.visibility() == STV_HIDDEN
}

/// Where `part`, which lies in `whole`, starts in it.
fn offset_in(whole: &[u8], part: &[u8]) -> u32 {
    let distance = part.as_ptr().addr().wrapping_sub(whole.as_ptr().addr());
    u32::try_from(distance).unwrap_or(u32::MAX)
}

/// Whether `name`, of which three bytes are enough, is a mapping symbol. ELF for the Arm
/// architecture, "Mapping symbols"; ELF for the Arm 64-bit architecture; RISC-V ELF psABI.
fn is_mark(machine: Machine, name: &[u8]) -> bool {
    let (letter, end) = match *name {
        [b'$', letter] => (letter, None),
        [b'$', letter, end, ..] => (letter, Some(end)),
        _ => return false,
    };
    match machine {
        EM_RISCV => matches!(letter, b'x' | b'd'),
        EM_AARCH64 => matches!(letter, b'x' | b'd' | b'm' | b'f' | b'p') && is_end(end),
        _ => letter.is_ascii_lowercase() && is_end(end),
    }
}

fn is_end(byte: Option<u8>) -> bool {
    byte.is_none_or(|byte| byte == b'.')
}

impl Kinds {
    /// Whether symbols of a type are asked for.
    #[inline]
    pub(super) fn has(self, kind: SymbolType) -> bool {
        match kind {
            STT_SECTION | STT_FILE | STT_TLS | STT_RELC | STT_SRELC => false,
            STT_OBJECT | STT_COMMON => self != Self::Code,
            STT_NOTYPE => true,
            _ => self != Self::Data,
        }
    }
}

/// The function descriptors of the first ABI of 64-bit PowerPC: a function's symbol names its
/// descriptor in `.opd`, whose first word is the address of the code.
#[derive(Clone, Debug)]
struct Descriptors<'data> {
    section: u32,
    region: Region,
    bytes: &'data [u8],
    encoding: libelf::Encoding,
    /// Of a relocatable file, where relocations hold what descriptors will: the offset of each
    /// descriptor, the section of its code and the offset there, ascending.
    relocated: Option<Arc<[(u64, u32, u64)]>>,
}

impl<'data> Descriptors<'data> {
    fn of(file: &File<'data>) -> Option<Self> {
        if file.header().machine != EM_PPC64 {
            return None;
        }
        let (section, header) = file.section_by_name(b".opd").ok()??;
        let relocated = match file.header().kind {
            ET_REL => Some(relocated(file, section)?),
            _ => None,
        };
        Some(Self {
            relocated,
            section,
            region: Region { start: header.addr, end: header.addr.saturating_add(header.size) },
            bytes: file.section_data(&header).ok()?,
            encoding: file.encoding(),
        })
    }

    /// The code of a descriptor in a relocatable file: its section and the offset there.
    fn relocated_code(&self, value: u64) -> Option<(u32, u64)> {
        let relocated = self.relocated.as_ref()?;
        let place = relocated.binary_search_by_key(&value, |(offset, ..)| *offset).ok()?;
        relocated.get(place).map(|(_, section, code)| (*section, *code))
    }

    fn code(&self, value: u64) -> Option<u64> {
        if !self.region.contains(value) {
            return None;
        }
        let at = usize::try_from(value - self.region.start).ok()?;
        self.encoding.u64(self.bytes, at)
    }
}

/// What relocations put at the start of descriptors.
fn relocated(file: &File<'_>, section: u32) -> Option<Arc<[(u64, u32, u64)]>> {
    /// `R_PPC64_ADDR64`
    const ADDRESS: u32 = 38;
    let headers = file.section_headers().ok()?;
    let header = headers.iter().find(|header| header.kind == SHT_RELA && header.info == section)?;
    let symbols = file.symbol_table(header.link).ok()?;
    let relocs = file.relocs(&header).ok()?;
    let addresses = relocs.iter().filter(|reloc| reloc.kind == ADDRESS);
    let mut found: Vec<_> = addresses
        .filter_map(|reloc| {
            let symbol = symbols.symbols.get(reloc.symbol as usize)?;
            let code = symbol.value.wrapping_add_signed(reloc.addend?);
            let section = symbols.section_index(reloc.symbol as usize, &symbol);
            Some((reloc.offset, section, code))
        })
        .collect();
    found.sort_unstable();
    Some(found.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_those_of_the_machine() {
        assert!(is_mark(EM_ARM, b"$a") && is_mark(EM_ARM, b"$t."));
        assert!(!is_mark(EM_ARM, b"$ab") && !is_mark(EM_ARM, b"a"));
        assert!(is_mark(EM_AARCH64, b"$x") && !is_mark(EM_AARCH64, b"$t"));
        assert!(is_mark(EM_RISCV, b"$xr") && !is_mark(EM_RISCV, b"$a"));
    }

    #[test]
    fn hidden_labels_name_nothing() {
        let mut symbol = libelf::Symbol { other: STV_HIDDEN.0, ..libelf::Symbol::default() };
        assert!(is_hidden_label(&symbol));
        symbol.size = 1;
        assert!(!is_hidden_label(&symbol));
        symbol = libelf::Symbol { info: 1 << 4, size: 0, ..symbol };
        assert!(!is_hidden_label(&symbol));
    }

    #[test]
    fn kinds_are_told_apart() {
        assert!(Kinds::Code.has(STT_FUNC) && Kinds::Code.has(STT_NOTYPE));
        assert!(!Kinds::Code.has(STT_OBJECT) && !Kinds::Data.has(STT_FUNC));
        assert!(Kinds::All.has(STT_OBJECT) && Kinds::All.has(STT_GNU_IFUNC));
        assert!(!Kinds::All.has(STT_TLS) && !Kinds::All.has(STT_FILE));
    }
}
