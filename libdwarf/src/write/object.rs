//! Sections put in an object file, with their relocations.

use libelf::Class;
use libelf::edit::{
    Contents, Field, Link, Object, Section as ElfSection, SectionId as ElfSectionId, Symbol,
    SymbolId, SymbolSection, reloc,
};
use libelf::raw as elf;

use super::distance::Address;
use super::error::{Error, Result};
use super::section::{Relocation, RelocationKind, Section, Target};
use super::{Sections, SectionsById};
use crate::section::SectionId;

/// The types of a machine's relocations. A row is of those with 1, 2, 4 and 8 bytes; 0 for none.
struct Machine {
    number: u16,
    /// Whether addends lie in the sections (`SHT_REL`), in files of 32 and of 64 bits.
    stores_addends: [bool; 2],
    absolute: [u32; 4],
    relative: [u32; 4],
    /// What adds and subtracts, where linkers relax code.
    add: [u32; 4],
    subtract: [u32; 4],
    /// What sets and subtracts in the lower six bits of a byte.
    six: [u32; 2],
    tls: [u32; 4],
}

impl Machine {
    fn stores_addends(&self, is_64: bool) -> bool {
        let [in_32, in_64] = self.stores_addends;
        if is_64 { in_64 } else { in_32 }
    }
}

const NONE: [u32; 4] = [0; 4];

/// The machine's type of a relocation as it is in a file.
const fn plain(number: u16) -> Machine {
    Machine {
        number,
        stores_addends: [false; 2],
        absolute: NONE,
        relative: NONE,
        add: NONE,
        subtract: NONE,
        six: [0; 2],
        tls: NONE,
    }
}

const MACHINES: &[Machine] = &[
    Machine {
        absolute: [14, 12, 10, 1],
        relative: [15, 13, 2, 24],
        tls: [0, 0, 21, 17],
        ..plain(elf::EM_X86_64.0)
    },
    Machine {
        stores_addends: [true; 2],
        absolute: [22, 20, 1, 0],
        relative: [23, 21, 2, 0],
        tls: [0, 0, 32, 0],
        ..plain(elf::EM_386.0)
    },
    Machine {
        absolute: [0, 259, 258, 257],
        relative: [0, 262, 261, 260],
        ..plain(elf::EM_AARCH64.0)
    },
    Machine {
        stores_addends: [true; 2],
        absolute: [8, 5, 2, 0],
        relative: [0, 0, 3, 0],
        tls: [0, 0, 106, 0],
        ..plain(elf::EM_ARM.0)
    },
    Machine {
        absolute: [0, 0, 1, 2],
        relative: [0, 0, 57, 0],
        add: [33, 34, 35, 36],
        subtract: [37, 38, 39, 40],
        six: [53, 52],
        tls: [0, 0, 8, 9],
        ..plain(elf::EM_RISCV.0)
    },
    Machine {
        absolute: [0, 0, 1, 2],
        relative: [0, 0, 99, 109],
        add: [47, 48, 50, 51],
        subtract: [52, 53, 55, 56],
        six: [105, 106],
        tls: [0, 0, 8, 9],
        ..plain(elf::EM_LOONGARCH.0)
    },
    Machine {
        absolute: [0, 3, 1, 0],
        relative: [0, 0, 26, 0],
        tls: [0, 0, 78, 0],
        ..plain(elf::EM_PPC.0)
    },
    Machine {
        absolute: [0, 3, 1, 38],
        relative: [0, 0, 26, 44],
        tls: [0, 0, 0, 78],
        ..plain(elf::EM_PPC64.0)
    },
    Machine {
        absolute: [1, 3, 4, 22],
        relative: [0, 16, 5, 23],
        tls: [0, 0, 52, 53],
        ..plain(elf::EM_S390.0)
    },
    Machine {
        stores_addends: [true, false],
        absolute: [0, 0, 2, 18],
        relative: [0, 0, 248, 0],
        tls: [0, 0, 39, 41],
        ..plain(elf::EM_MIPS.0)
    },
    Machine { absolute: [1, 55, 23, 54], relative: [4, 5, 6, 46], ..plain(elf::EM_SPARCV9.0) },
    Machine { absolute: [1, 55, 23, 0], relative: [4, 5, 6, 0], ..plain(elf::EM_SPARC.0) },
    Machine { absolute: [3, 2, 1, 0], relative: [6, 5, 4, 0], ..plain(elf::EM_68K.0) },
    Machine { absolute: [0, 4, 1, 0], ..plain(elf::EM_AVR.0) },
    Machine { absolute: [3, 2, 1, 0], ..plain(elf::EM_MSP430.0) },
];

/// The index of a size in a row.
fn column(row: [u32; 4], size: u8) -> Option<u32> {
    let index = [1, 2, 4, 8].iter().position(|&other| other == size)?;
    row.get(index).copied().filter(|&kind| kind != 0)
}

/// What relocations refer to in the object.
struct Symbols<'a> {
    given: &'a [SymbolId],
    sections: SectionsById<SymbolId>,
}

impl Symbols<'_> {
    fn of(&self, target: Target) -> Result<SymbolId> {
        let symbol = match target {
            Target::Symbol(number) => self.given.get(number),
            Target::Section(id) => self.sections.get(&id),
        };
        symbol.copied().ok_or(Error::Dangling("a symbol or a section of an object"))
    }
}

/// Adds sections to an object, with the relocations that they need. `symbols` are those that
/// [`Address::Symbol`] counts.
///
/// Sections of debugging information that are in the object already are not joined with these: it
/// is to have none.
///
/// # Errors
/// If the machine has no relocation for something, a symbol does not exist, or something that is
/// referred to was not written.
pub fn add_to_object(object: &mut Object, sections: Sections, symbols: &[SymbolId]) -> Result<()> {
    let number = object.header.machine;
    let machine = MACHINES.iter().find(|machine| machine.number == number);
    let table = object.symbol_table();
    let mut places = SectionsById::new();
    let mut section_symbols = SectionsById::new();
    let mut written: Vec<(SectionId, Section)> = sections.into_sections().collect();
    let targets: Vec<Target> =
        written.iter().flat_map(|(_, s)| s.relocations()).map(|r| r.target).collect();
    for (id, _) in &written {
        let place = object.add_section(frame_of(object, *id));
        places.insert(*id, place);
        if targets.contains(&Target::Section(*id)) {
            let section = SymbolSection::Section(place);
            let info = elf::STT_SECTION.0;
            let symbol = Symbol { info, section, ..Symbol::default() };
            section_symbols
                .insert(*id, object.add_symbol(table, symbol).map_err(|error| Error::elf(&error))?);
        }
    }
    let is_64 = object.header.encoding.class == Class::Elf64;
    let symbols = Symbols { given: symbols, sections: section_symbols };
    for (id, section) in &mut written {
        let Some(&place) = places.get(id) else { continue };
        let stores = machine.is_some_and(|machine| machine.stores_addends(is_64));
        if stores {
            section.store_addends()?;
        }
        let relocations = relocations(section.relocations(), machine, &symbols, stores)?;
        if !relocations.is_empty() {
            add_relocations(object, place, table, *id, stores, relocations);
        }
        if let Some(owner) = object.sections.get_mut(place.0) {
            owner.contents = Contents::Bytes(std::mem::take(section.bytes_mut()).into());
        }
    }
    Ok(())
}

/// The header of a section.
fn frame_of<'data>(object: &Object, id: SectionId) -> ElfSection<'data> {
    let is_64 = object.header.encoding.class == Class::Elf64;
    let (flags, entry_size) = match id {
        SectionId::Str | SectionId::LineStr => (elf::SHF_MERGE.0 | elf::SHF_STRINGS.0, 1),
        SectionId::StrDwo => (elf::SHF_MERGE.0 | elf::SHF_STRINGS.0 | elf::SHF_EXCLUDE.0, 1),
        SectionId::EhFrame | SectionId::EhFrameHdr => (elf::SHF_ALLOC.0, 0),
        _ if id.name().strip_suffix(".dwo").is_some() => (elf::SHF_EXCLUDE.0, 0),
        _ => (0, 0),
    };
    let machine = object.header.machine;
    let kind = match id {
        SectionId::EhFrame if machine == elf::EM_X86_64.0 => elf::SHT_X86_64_UNWIND.0,
        SectionId::EhFrame | SectionId::EhFrameHdr => elf::SHT_PROGBITS.0,
        _ if machine == elf::EM_MIPS.0 => elf::SHT_MIPS_DWARF.0,
        _ => elf::SHT_PROGBITS.0,
    };
    let align = match id {
        SectionId::EhFrame | SectionId::Frame if is_64 => 8,
        SectionId::EhFrame | SectionId::EhFrameHdr | SectionId::Frame => 4,
        _ => 1,
    };
    ElfSection {
        name: id.name().into(),
        kind,
        flags,
        align: Field::Is(align),
        entry_size: Field::Is(entry_size),
        ..ElfSection::default()
    }
}

fn add_relocations(
    object: &mut Object,
    owner: ElfSectionId,
    table: ElfSectionId,
    id: SectionId,
    stores_addends: bool,
    relocations: Vec<reloc::Relocation>,
) {
    let (prefix, kind, form) = if stores_addends {
        (".rel", elf::SHT_REL, reloc::RelocForm::Rel)
    } else {
        (".rela", elf::SHT_RELA, reloc::RelocForm::Rela)
    };
    object.add_section(ElfSection {
        name: format!("{prefix}{}", id.name()).into(),
        kind: kind.0,
        flags: elf::SHF_INFO_LINK.0,
        link: Link::Section(table),
        info: Link::Section(owner),
        contents: Contents::Relocations(form, relocations),
        ..ElfSection::default()
    });
}

/// The relocations as the machine has them.
fn relocations(
    relocations: &[Relocation],
    machine: Option<&Machine>,
    symbols: &Symbols,
    stores_addends: bool,
) -> Result<Vec<reloc::Relocation>> {
    let mut list = Vec::with_capacity(relocations.len());
    for relocation in relocations {
        let Relocation { offset, size, kind, target, addend } = *relocation;
        let none = || Error::NoRelocation { size };
        let machine = machine.ok_or_else(none)?;
        let mut push = |kind, target, addend| {
            let symbol = reloc::RelocSymbol::Symbol(symbols.of(target)?);
            let addend = if stores_addends { 0 } else { addend };
            list.push(reloc::Relocation { offset, symbol, kind, addend });
            Ok::<_, Error>(())
        };
        match kind {
            RelocationKind::Absolute => {
                push(column(machine.absolute, size).ok_or_else(none)?, target, addend)?;
            }
            RelocationKind::Relative => {
                push(column(machine.relative, size).ok_or_else(none)?, target, addend)?;
            }
            RelocationKind::TlsOffset => {
                push(column(machine.tls, size).ok_or_else(none)?, target, addend)?;
            }
            RelocationKind::Difference(from) | RelocationKind::Difference6(from) => {
                let [add, subtract] = match kind {
                    RelocationKind::Difference6(_) => machine.six,
                    _ => [machine.add, machine.subtract]
                        .map(|row| column(row, size).unwrap_or_default()),
                };
                let Address::Symbol { symbol, addend: start } = from else { return Err(none()) };
                if add == 0 || subtract == 0 {
                    return Err(none());
                }
                push(add, target, addend)?;
                push(subtract, Target::Symbol(symbol), start)?;
            }
        }
    }
    Ok(list)
}

#[cfg(test)]
mod tests {
    use libelf::names::reloc_names;

    use super::*;

    #[test]
    fn types_have_the_names_of_what_they_do() {
        for machine in MACHINES {
            let endian = elf::Endianness::Little;
            let encoding = libelf::Encoding { class: Class::Elf64, endian };
            let mut object = Object::new(encoding, elf::ET_REL.0, machine.number);
            object.complete();
            let bytes = object.to_bytes().unwrap();
            let file = libelf::File::parse(&bytes).unwrap();
            let names = reloc_names(file.header()).unwrap();
            let name = |kind| names.get(kind).unwrap_or("");
            for (row, words) in [
                (machine.absolute, &["8", "16", "32", "64"][..]),
                (machine.relative, &["8", "16", "32", "64"]),
                (machine.add, &["ADD8", "ADD16", "ADD32", "ADD64"]),
                (machine.subtract, &["SUB8", "SUB16", "SUB32", "SUB64"]),
                (machine.tls, &["", "", "", ""]),
            ] {
                for (kind, word) in row.into_iter().zip(words).filter(|(kind, _)| *kind != 0) {
                    let name = name(kind);
                    // GNU 2.40 has no names for the latest of LoongArch.
                    if name.is_empty() && machine.number == elf::EM_LOONGARCH.0 {
                        continue;
                    }
                    assert!(!name.is_empty() && name.contains(word), "{name} {kind} {word}");
                    if row == machine.relative {
                        let is_relative = ["PC", "REL", "DISP"].iter().any(|p| name.contains(p));
                        assert!(is_relative, "{name}");
                    }
                    if row == machine.tls {
                        let is_tls = ["DTP", "LDO"].iter().any(|word| name.contains(word));
                        assert!(is_tls, "{name}");
                    }
                }
            }
        }
    }
}
