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

use std::collections::HashMap;

use object::elf::*;

use super::name::StringLookup;
use crate::edit::SectionId;
use crate::ident::{Class, Encoding};

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

/// What a section header says once the layout is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SectionFacts<'a> {
    /// The name, without its closing zero byte.
    pub name: &'a [u8],
    /// `sh_type`
    pub kind: u32,
    /// `sh_flags`
    pub flags: u64,
    /// `sh_addr`
    pub address: u64,
    /// `sh_size`, in bytes.
    pub size: u64,
    /// `sh_entsize`, in bytes.
    pub entry_size: u64,
    /// `sh_info`
    pub info: u32,
}

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
}

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

/// The sections of a file by what tags ask for, and by address.
#[derive(Clone, Debug, Default)]
pub struct SectionIndex<'a> {
    sections: Vec<(SectionId, SectionFacts<'a>)>,
    by_id: HashMap<SectionId, usize>,
    by_kind: HashMap<u32, usize>,
    by_name: HashMap<&'a [u8], usize>,
    /// Addresses of loaded sections, in order; where several start, the first that is not empty.
    by_address: Vec<(u64, bool, usize)>,
    relocations: HashMap<u32, usize>,
}

impl<'a> SectionIndex<'a> {
    /// The sections of a file in the order of their headers.
    pub fn new(sections: impl IntoIterator<Item = (SectionId, SectionFacts<'a>)>) -> Self {
        let mut index = Self { sections: sections.into_iter().collect(), ..Self::default() };
        for (at, &(id, facts)) in index.sections.iter().enumerate() {
            index.by_id.insert(id, at);
            if facts.flags & SHF_ALLOC.0 == 0 {
                continue;
            }
            index.by_kind.entry(facts.kind).or_insert(at);
            index.by_name.entry(facts.name).or_insert(at);
            index.by_address.push((facts.address, facts.size == 0, at));
            let is_relocation = [SHT_REL.0, SHT_RELA.0].contains(&facts.kind);
            if is_relocation && !PLT_RELOCATION_NAMES.contains(&facts.name) {
                index.relocations.entry(facts.kind).or_insert(at);
            }
        }
        index.by_address.sort_unstable();
        index
    }

    fn get(&self, at: Option<&usize>) -> Option<&SectionFacts<'a>> {
        self.sections.get(*at?).map(|(_, facts)| facts)
    }

    /// A section by its id.
    pub fn section(&self, id: SectionId) -> Option<&SectionFacts<'a>> {
        self.get(self.by_id.get(&id))
    }

    /// The loaded section that starts at `address`: one with contents, if there is one.
    pub fn at_address(&self, address: u64) -> Option<SectionId> {
        let first = self.by_address.partition_point(|&(start, ..)| start < address);
        let &(start, _, at) = self.by_address.get(first)?;
        (start == address).then(|| self.sections.get(at).map(|&(id, _)| id))?
    }

    fn find(&self, find: Find, strings: Option<SectionId>) -> Option<&SectionFacts<'a>> {
        match find {
            Find::Strings => self.section(strings?),
            Find::Kind(kind) => self.get(self.by_kind.get(&kind)),
            Find::Named(name) => self.get(self.by_name.get(name)),
            Find::FirstNamed(names) => {
                names.iter().find_map(|&name| self.get(self.by_name.get(name)))
            }
            Find::Relocations(kind) => self.get(self.relocations.get(&kind)),
        }
    }
}

/// What a dynamic section refers to.
#[derive(Clone, Copy)]
pub struct DynamicContext<'a, 'data> {
    /// How the file is stored.
    pub encoding: Encoding,
    /// `e_machine`
    pub machine: Machine,
    /// All sections.
    pub sections: &'a SectionIndex<'a>,
    /// The linked string table.
    pub link: Option<SectionId>,
    /// Its strings.
    pub strings: &'a dyn StringLookup<'data>,
}

impl DynamicContext<'_, '_> {
    /// A section by its id.
    pub fn section(&self, id: SectionId) -> Option<&SectionFacts<'_>> {
        self.sections.section(id)
    }

    /// The loaded section that starts at `address`.
    pub fn at_address(&self, address: u64) -> Option<SectionId> {
        self.sections.at_address(address)
    }

    /// What `tag` asks for; `None` if it asks for nothing, or the file has not got it.
    pub fn auto(&self, tag: u64) -> Option<u64> {
        let find = |find| self.sections.find(find, self.link);
        match meaning(tag, self.machine) {
            Meaning::Number | Meaning::Name => None,
            Meaning::Address(section) => Some(find(section)?.address),
            Meaning::Size(section) => Some(find(section)?.size),
            Meaning::Info(section) => Some(find(section)?.info.into()),
            Meaning::Count(section) => {
                let section = find(section)?;
                section.size.checked_div(section.entry_size)
            }
            Meaning::Structure(narrow, wide) => Some(match self.encoding.class {
                Class::Elf32 => narrow.into(),
                Class::Elf64 => wide.into(),
            }),
            Meaning::PltRelocations => {
                let is_rela = find(PLT_RELOCATIONS)?.kind == SHT_RELA.0;
                Some(if is_rela { DT_RELA } else { DT_REL }.0.cast_unsigned())
            }
        }
    }
}
