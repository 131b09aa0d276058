//! What the tags of a dynamic section ask for.
//!
//! | tag | value |
//! |---|---|
//! | `DT_STRTAB`, `DT_STRSZ` | the linked string table |
//! | `DT_SYMTAB`, `DT_HASH`, `DT_GNU_HASH`, `DT_VERSYM`, … | the first loaded section of that type |
//! | `DT_RELA`, `DT_REL` | the first loaded relocations, those of the procedure linkage table apart |
//! | `DT_JMPREL`, `DT_PLTRELSZ`, `DT_PLTREL` | the relocations of the procedure linkage table, by name |
//! | `DT_INIT`, `DT_FINI`, `DT_PLTGOT` | a section, by name |
//! | `DT_VERDEFNUM`, `DT_VERNEEDNUM` | `sh_info` of the section |
//! | `DT_RELAENT`, `DT_SYMENT`, … | the size of the structure |

use std::cell::OnceCell;
use std::collections::HashMap;

use object::elf::*;

use super::Contents;
use crate::edit::context::Context;
use crate::edit::reloc::Relocation;
use crate::edit::{Object, SectionId};
use crate::ident::Class;

/// `DT_GNU_CONFLICTSZ`
const DT_GNU_CONFLICTSZ: DynamicTag = DynamicTag(0x6fff_fdf6);
/// `DT_GNU_LIBLISTSZ`
const DT_GNU_LIBLISTSZ: DynamicTag = DynamicTag(0x6fff_fdf7);
/// `DT_MOVEENT`
const DT_MOVEENT: DynamicTag = DynamicTag(0x6fff_fdfa);
/// `DT_MOVESZ`
const DT_MOVESZ: DynamicTag = DynamicTag(0x6fff_fdfb);
/// `DT_SYMINSZ`
const DT_SYMINSZ: DynamicTag = DynamicTag(0x6fff_fdfe);
/// `DT_SYMINENT`
const DT_SYMINENT: DynamicTag = DynamicTag(0x6fff_fdff);
/// `DT_GNU_CONFLICT`
const DT_GNU_CONFLICT: DynamicTag = DynamicTag(0x6fff_fef8);
/// `DT_GNU_LIBLIST`
const DT_GNU_LIBLIST: DynamicTag = DynamicTag(0x6fff_fef9);
/// `DT_CONFIG`
const DT_CONFIG: DynamicTag = DynamicTag(0x6fff_fefa);
/// `DT_DEPAUDIT`
const DT_DEPAUDIT: DynamicTag = DynamicTag(0x6fff_fefb);
/// `DT_AUDIT`
const DT_AUDIT: DynamicTag = DynamicTag(0x6fff_fefc);
/// `DT_MOVETAB`
const DT_MOVETAB: DynamicTag = DynamicTag(0x6fff_fefe);
/// `DT_SYMINFO`
const DT_SYMINFO: DynamicTag = DynamicTag(0x6fff_feff);
/// `DT_USED`
const DT_USED: DynamicTag = DynamicTag(0x7fff_fffe);
/// `DT_MIPS_SYMTABNO`
const DT_MIPS_SYMTABNO: DynamicTag = DynamicTag(0x7000_0011);
/// `DT_MIPS_BASE_ADDRESS`
const DT_MIPS_BASE_ADDRESS: DynamicTag = DynamicTag(0x7000_0006);
/// `DT_MIPS_XHASH`
const DT_MIPS_XHASH: DynamicTag = DynamicTag(0x7000_0036);
/// `SHT_GNU_LIBLIST`
const SHT_GNU_LIBLIST: u32 = 0x6fff_fff7;
/// `SHT_SUNW_move`
const SHT_SUNW_MOVE: u32 = 0x6fff_fffa;
/// `SHT_SUNW_syminfo`
const SHT_SUNW_SYMINFO: u32 = 0x6fff_fffc;
/// `SHT_MIPS_XHASH`
const SHT_MIPS_XHASH: u32 = 0x7000_002b;

/// How a tag's section is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Find {
    /// The linked string table.
    Strings,
    /// The first loaded section of a type.
    Kind(u32),
    /// The first loaded section with a name.
    Named(&'static [u8]),
    /// The first of these that is there.
    FirstNamed(&'static [&'static [u8]]),
    /// The first loaded relocations of a type, those of the procedure linkage table apart.
    Relocations(u32),
}

/// What the value of a tag is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// A number that nothing in the file tells.
    Number,
    /// An offset in the linked string table.
    Name,
    /// The address of a section.
    Address(Find),
    /// The size of a section.
    Size(Find),
    /// `sh_info` of a section.
    Info(Find),
    /// The size of a structure in 32-bit and 64-bit files.
    Structure(u8, u8),
    /// `DT_REL` or `DT_RELA`: the type of the relocations of the procedure linkage table.
    PltRelocations,
    /// The number of entries of a section.
    Count(Find),
    /// How many relocations of this type of section start with relative ones.
    RelativeCount(u32),
}

/// The type of a relocation that only adds the load bias, where a machine has one. The supplement
/// of each processor.
fn relative_relocation(machine: Machine) -> Option<u32> {
    Some(match machine {
        EM_386 => R_386_RELATIVE.0,
        EM_X86_64 => R_X86_64_RELATIVE.0,
        EM_ARM => R_ARM_RELATIVE.0,
        EM_AARCH64 => R_AARCH64_RELATIVE.0,
        EM_PPC => R_PPC_RELATIVE.0,
        EM_PPC64 => R_PPC64_RELATIVE.0,
        EM_RISCV => R_RISCV_RELATIVE.0,
        EM_S390 => R_390_RELATIVE.0,
        EM_SPARC | EM_SPARC32PLUS | EM_SPARCV9 => R_SPARC_RELATIVE.0,
        EM_68K => R_68K_RELATIVE.0,
        EM_SH => R_SH_RELATIVE.0,
        EM_ALPHA => R_ALPHA_RELATIVE.0,
        EM_ARC_COMPACT | EM_ARC_COMPACT2 => R_ARC_RELATIVE,
        EM_LOONGARCH => R_LARCH_RELATIVE.0,
        _ => return None,
    })
}

/// `R_ARC_RELATIVE`
const R_ARC_RELATIVE: u32 = 56;

const PLT_RELOCATIONS: Find = Find::FirstNamed(PLT_RELOCATION_NAMES);
const PLT_RELOCATION_NAMES: &[&[u8]] = &[b".rela.plt", b".rel.plt", b".rela.iplt", b".rel.iplt"];

/// What the value of `tag` is in a file for `machine`.
pub fn meaning(tag: u64, machine: Machine) -> Meaning {
    use Meaning::{Address, Info, Name, Number, Size, Structure};
    let kind = |kind: SectionType| Find::Kind(kind.0);
    let rel = Find::Relocations(SHT_REL.0);
    let rela = Find::Relocations(SHT_RELA.0);
    match DynamicTag(tag.cast_signed()) {
        DT_NEEDED | DT_SONAME | DT_RPATH | DT_RUNPATH | DT_AUXILIARY | DT_FILTER | DT_CONFIG
        | DT_DEPAUDIT | DT_AUDIT | DT_USED => Name,
        DT_STRTAB => Address(Find::Strings),
        DT_STRSZ => Size(Find::Strings),
        DT_SYMTAB => Address(kind(SHT_DYNSYM)),
        DT_SYMENT => Structure(16, 24),
        DT_HASH => Address(kind(SHT_HASH)),
        DT_GNU_HASH => Address(kind(SHT_GNU_HASH)),
        DT_SYMTAB_SHNDX => Address(kind(SHT_SYMTAB_SHNDX)),
        DT_RELA => Address(rela),
        DT_RELASZ => Size(rela),
        DT_RELAENT => Structure(12, 24),
        DT_RELACOUNT => Meaning::RelativeCount(SHT_RELA.0),
        DT_RELCOUNT => Meaning::RelativeCount(SHT_REL.0),
        DT_REL => Address(rel),
        DT_RELSZ => Size(rel),
        DT_RELENT => Structure(8, 16),
        DT_RELR => Address(kind(SHT_RELR)),
        DT_RELRSZ => Size(kind(SHT_RELR)),
        DT_RELRENT => Structure(4, 8),
        DT_JMPREL => Address(PLT_RELOCATIONS),
        DT_PLTRELSZ => Size(PLT_RELOCATIONS),
        DT_PLTREL => Meaning::PltRelocations,
        DT_PLTGOT => Address(plt_got(machine)),
        DT_INIT => Address(Find::Named(b".init")),
        DT_FINI => Address(Find::Named(b".fini")),
        DT_INIT_ARRAY => Address(kind(SHT_INIT_ARRAY)),
        DT_INIT_ARRAYSZ => Size(kind(SHT_INIT_ARRAY)),
        DT_FINI_ARRAY => Address(kind(SHT_FINI_ARRAY)),
        DT_FINI_ARRAYSZ => Size(kind(SHT_FINI_ARRAY)),
        DT_PREINIT_ARRAY => Address(kind(SHT_PREINIT_ARRAY)),
        DT_PREINIT_ARRAYSZ => Size(kind(SHT_PREINIT_ARRAY)),
        DT_VERSYM => Address(kind(SHT_GNU_VERSYM)),
        DT_VERDEF => Address(kind(SHT_GNU_VERDEF)),
        DT_VERDEFNUM => Info(kind(SHT_GNU_VERDEF)),
        DT_VERNEED => Address(kind(SHT_GNU_VERNEED)),
        DT_VERNEEDNUM => Info(kind(SHT_GNU_VERNEED)),
        DT_GNU_LIBLIST => Address(Find::Kind(SHT_GNU_LIBLIST)),
        DT_GNU_LIBLISTSZ => Size(Find::Kind(SHT_GNU_LIBLIST)),
        DT_GNU_CONFLICT => Address(Find::Named(b".gnu.conflict")),
        DT_GNU_CONFLICTSZ => Size(Find::Named(b".gnu.conflict")),
        DT_MOVETAB => Address(Find::Kind(SHT_SUNW_MOVE)),
        DT_MOVESZ => Size(Find::Kind(SHT_SUNW_MOVE)),
        DT_MOVEENT => Structure(24, 32),
        DT_SYMINFO => Address(Find::Kind(SHT_SUNW_SYMINFO)),
        DT_SYMINSZ => Size(Find::Kind(SHT_SUNW_SYMINFO)),
        DT_SYMINENT => Structure(4, 4),
        tag if machine == EM_MIPS => match tag {
            DT_MIPS_SYMTABNO => Meaning::Count(kind(SHT_DYNSYM)),
            DT_MIPS_XHASH => Address(Find::Kind(SHT_MIPS_XHASH)),
            DT_MIPS_BASE_ADDRESS => Number,
            _ => Number,
        },
        _ => Number,
    }
}

/// Where `DT_PLTGOT` points, which each processor's ABI says for itself.
fn plt_got(machine: Machine) -> Find {
    match machine {
        EM_PPC | EM_PPC64 | EM_ALPHA | EM_SPARC | EM_SPARC32PLUS | EM_SPARCV9 => {
            Find::FirstNamed(&[b".plt", b".got"])
        }
        EM_MIPS | EM_PARISC => Find::FirstNamed(&[b".got"]),
        _ => Find::FirstNamed(&[b".got.plt", b".got"]),
    }
}

/// The loaded sections that tags ask for.
#[derive(Clone, Debug, Default)]
pub struct LoadedSections {
    by_kind: HashMap<u32, SectionId>,
    by_name: HashMap<&'static [u8], SectionId>,
    relocations: HashMap<u32, SectionId>,
    /// How many relative relocations come first, once that is asked for: `SHT_REL`, `SHT_RELA`.
    relative: [OnceCell<u64>; 2],
}

/// The names by which tags find sections.
const NAMES: &[&[u8]] = &[
    b".init",
    b".fini",
    b".got",
    b".got.plt",
    b".plt",
    b".rela.plt",
    b".rel.plt",
    b".rela.iplt",
    b".rel.iplt",
    b".gnu.conflict",
];

impl LoadedSections {
    /// The sections of an object.
    pub fn of(object: &Object) -> Self {
        let mut loaded = Self::default();
        for (key, section) in object.sections.iter() {
            if section.flags & SHF_ALLOC.0 == 0 {
                continue;
            }
            let id = SectionId(key);
            loaded.by_kind.entry(section.kind).or_insert(id);
            if let Some(&name) = NAMES.iter().find(|&&name| *section.name.text == *name) {
                loaded.by_name.entry(name).or_insert(id);
            }
            let is_relocation = [SHT_REL.0, SHT_RELA.0].contains(&section.kind);
            if is_relocation && !PLT_RELOCATION_NAMES.contains(&&*section.name.text) {
                loaded.relocations.entry(section.kind).or_insert(id);
            }
        }
        loaded
    }

    /// How many relocations of the section that tags call the relocations of type `kind` come
    /// before the first that is not relative.
    fn relative_count(&self, kind: u32, object: &Object) -> Option<u64> {
        let relative = relative_relocation(Machine(object.header.machine))?;
        let section = object.sections.get(self.relocations.get(&kind)?.0)?;
        let Contents::Relocations(_, list) = &section.contents else { return None };
        let cell = self.relative.get(usize::from(kind == SHT_RELA.0))?;
        let is_relative = |relocation: &&Relocation| relocation.kind == relative;
        Some(*cell.get_or_init(|| list.iter().take_while(is_relative).count() as u64))
    }

    fn find(&self, find: Find, link: Option<SectionId>) -> Option<SectionId> {
        match find {
            Find::Strings => link,
            Find::Kind(kind) => self.by_kind.get(&kind).copied(),
            Find::Named(name) => self.by_name.get(name).copied(),
            Find::FirstNamed(names) => {
                names.iter().find_map(|&name| self.by_name.get(name)).copied()
            }
            Find::Relocations(kind) => self.relocations.get(&kind).copied(),
        }
    }
}

/// What `tag` asks for; `None` if it asks for nothing, or the file has not got it.
pub fn auto(tag: u64, context: &Context) -> Option<u64> {
    let find = |find| context.links.loaded(context.object).find(find, context.link());
    let header = |section| Some(context.layout?.section(find(section)?)?.header);
    match meaning(tag, Machine(context.machine)) {
        Meaning::Number | Meaning::Name => None,
        Meaning::Address(section) => Some(header(section)?.addr),
        Meaning::Size(section) => Some(header(section)?.size),
        Meaning::Info(section) => Some(header(section)?.info.into()),
        Meaning::Count(section) => {
            let header = header(section)?;
            header.size.checked_div(header.entsize)
        }
        Meaning::RelativeCount(kind) => {
            context.links.loaded(context.object).relative_count(kind, context.object)
        }
        Meaning::Structure(narrow, wide) => Some(match context.encoding.class {
            Class::Elf32 => narrow.into(),
            Class::Elf64 => wide.into(),
        }),
        Meaning::PltRelocations => {
            let is_rela = header(PLT_RELOCATIONS)?.kind == SHT_RELA;
            Some(if is_rela { DT_RELA } else { DT_REL }.0.cast_unsigned())
        }
    }
}
