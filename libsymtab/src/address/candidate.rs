//! Which symbols name addresses, and which.

use libelf::File;
use libelf::raw::{
    EM_AARCH64, EM_ARM, EM_MIPS, EM_PPC64, EM_RISCV, Machine, STT_COMMON, STT_FILE, STT_FUNC,
    STT_GNU_IFUNC, STT_NOTYPE, STT_OBJECT, STT_SECTION, STT_TLS, SymbolType,
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
    /// The symbol's number among those of all tables.
    pub(super) id: u32,
}

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
            kinds: options.kinds,
            regions: file.and_then(|file| Regions::of(file, options.section)),
            machine: file.map_or(libelf::raw::EM_NONE, |file| file.header().machine),
            descriptors: file.and_then(Descriptors::of),
        }
    }

    pub(super) fn regions(&self) -> Option<&Regions> {
        self.regions.as_ref()
    }

    /// The candidate of one symbol of the table, if it is one; `id` is the first number of the
    /// table, to which its own is added.
    #[inline]
    pub(super) fn candidate(&self, index: u32, first_id: u32) -> Option<Candidate> {
        let (kind, section, value, size) = if let Some(table) = self.table.elf() {
            let stored = table.symbols.symbols.get(index as usize)?;
            if stored.kind() == STT_NOTYPE && self.is_mark(table, &stored) {
                return None;
            }
            (stored.kind(), table.section(index, &stored), stored.value, stored.size)
        } else {
            let symbol = self.table.get(index)?;
            (symbol.kind, symbol.section, symbol.value, symbol.size)
        };
        if !self.kinds.has(kind) {
            return None;
        }
        let (section, start) = self.place(kind, section, value);
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
        is_there.then(|| Candidate { start, size, id: first_id.wrapping_add(index) })
    }

    /// The section and the address of the code or data that a symbol names.
    fn place(&self, kind: SymbolType, section: Section, value: u64) -> (Section, u64) {
        let is_function = matches!(kind, STT_FUNC | STT_GNU_IFUNC);
        match self.machine {
            // The lowest bit tells which instruction set the code is in.
            EM_ARM | EM_MIPS if is_function => (section, value & !1),
            EM_PPC64 => match &self.descriptors {
                Some(descriptors) if section == Section::Index(descriptors.section) => {
                    self.code_of(descriptors, value).unwrap_or((section, value))
                }
                _ => (section, value),
            },
            _ => (section, value),
        }
    }

    fn code_of(&self, descriptors: &Descriptors<'_>, value: u64) -> Option<(Section, u64)> {
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
}

impl<'data> Descriptors<'data> {
    fn of(file: &File<'data>) -> Option<Self> {
        if file.header().machine != EM_PPC64 {
            return None;
        }
        let (section, header) = file.section_by_name(b".opd").ok()??;
        Some(Self {
            section,
            region: Region { start: header.addr, end: header.addr.saturating_add(header.size) },
            bytes: file.section_data(&header).ok()?,
            encoding: file.encoding(),
        })
    }

    fn code(&self, value: u64) -> Option<u64> {
        if !self.region.contains(value) {
            return None;
        }
        let at = usize::try_from(value - self.region.start).ok()?;
        self.encoding.u64(self.bytes, at)
    }
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
    fn kinds_are_told_apart() {
        assert!(Kinds::Code.has(STT_FUNC) && Kinds::Code.has(STT_NOTYPE));
        assert!(!Kinds::Code.has(STT_OBJECT) && !Kinds::Data.has(STT_FUNC));
        assert!(Kinds::All.has(STT_OBJECT) && Kinds::All.has(STT_GNU_IFUNC));
        assert!(!Kinds::All.has(STT_TLS) && !Kinds::All.has(STT_FILE));
    }
}
