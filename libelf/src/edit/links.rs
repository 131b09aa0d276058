//! What sections refer to: `sh_link` and `sh_info`. gABI, chapter 4, "Sections", "sh_link and
//! sh_info Interpretation".
//!
//! Without values they follow from the section's type and name:
//!
//! | section | `sh_link` | `sh_info` |
//! |---|---|---|
//! | `SHT_SYMTAB` | `.strtab` | the first symbol that is not local |
//! | `SHT_DYNSYM` | `.dynstr` | the same |
//! | `SHT_REL`, `SHT_RELA`, `SHT_CREL` | the symbol table; the dynamic one if it has `SHF_ALLOC` | the section that the rest of the name says; with `SHF_ALLOC` only if it has `SHF_INFO_LINK` |
//! | `SHT_DYNAMIC`, versions, `SHT_GNU_LIBLIST` | `.dynstr` | what the contents say |
//! | hash tables, `SHT_GNU_VERSYM`, syminfo | the dynamic symbol table | 0 |
//! | `SHT_GROUP`, `SHT_SYMTAB_SHNDX`, `.llvm_addrsig` | the symbol table | 0 |
//! | `SHT_ARM_EXIDX` | the section that the rest of the name says | 0 |

use std::cell::OnceCell;

use object::elf;

use super::Map;
use super::contents;
use super::contents::dynamic_auto::LoadedSections;
use super::error::{Error, Place, Result};
use super::numbers::Numbers;
use super::section::Link;
use super::{Object, Section, SectionId};

/// `SHT_LLVM_ADDRSIG`: the symbols whose address matters.
pub(super) const SHT_LLVM_ADDRSIG: elf::SectionType = elf::SectionType(0x6fff_4c03);

/// A field: what is written, and what it would be without a given value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Settled<T> {
    pub(super) value: T,
    pub(super) auto: T,
}

/// The references of a section, and to it.
#[derive(Clone, Copy, Debug, Default)]
struct Fields {
    link: Settled<u32>,
    info: Settled<u32>,
    /// The section that `sh_link` leads to.
    target: Option<SectionId>,
    /// Whether the `sh_link` of a section leads here.
    is_target: bool,
    /// Whether that of an `SHT_SYMTAB_SHNDX` section does.
    is_extended: bool,
}

/// `sh_link` and `sh_info` of each section, as numbers.
#[derive(Clone, Debug, Default)]
pub struct Links {
    /// By the section's key.
    by_key: Vec<Fields>,
    section_names: Option<SectionId>,
    auto_section_names: Option<SectionId>,
    /// What dynamic tags ask for, once one is looked at.
    loaded: OnceCell<LoadedSections>,
}

impl Links {
    /// The loaded sections of `object` by what dynamic tags ask for.
    pub(super) fn loaded(&self, object: &Object) -> &LoadedSections {
        self.loaded.get_or_init(|| LoadedSections::of(object))
    }

    /// Settles the references of all sections.
    ///
    /// # Errors
    /// [`Error::Dangling`]
    pub(super) fn of(object: &Object, numbers: &Numbers) -> Result<Self> {
        let known = Known::of(object);
        let mut links = Self {
            by_key: vec![Fields::default(); numbers.key_count()],
            section_names: known.section_names,
            auto_section_names: known.auto_section_names,
            loaded: OnceCell::new(),
        };
        let mut by_name: Map<&[u8], SectionId> = Map::default();
        for (index, (key, section)) in (0..).zip(object.sections.iter()) {
            let id = SectionId(key);
            let place = Place::Section(index);
            let named =
                |name: &[u8]| by_name.get(name).or_else(|| known.by_name.get(name)).copied();
            let auto_link = match known.link(id, section, named) {
                _ if index == 0 => known.large_name_index(numbers),
                Some(target) => numbers.section(target).unwrap_or(0),
                None => 0,
            };
            let link = settle(section.link, auto_link, numbers, place, "sh_link")?;
            let auto_info = match contents::info(&section.contents) {
                _ if index == 0 => large_segment_count(object),
                Some(info) => info,
                None => Known::info(section, named).and_then(|id| numbers.section(id)).unwrap_or(0),
            };
            let info = settle(section.info, auto_info, numbers, place, "sh_info")?;
            let target = numbers.section_at(link).filter(|_| link != 0);
            if let Some(fields) = target.and_then(|target| links.by_key.get_mut(target.0 as usize))
            {
                fields.is_target = true;
                fields.is_extended |= section.kind == elf::SHT_SYMTAB_SHNDX.0;
            }
            if let Some(fields) = links.by_key.get_mut(key as usize) {
                fields.link = Settled { value: link, auto: auto_link };
                fields.info = Settled { value: info, auto: auto_info };
                fields.target = target;
            }
            by_name.insert(&section.name.text, id);
        }
        Ok(links)
    }

    /// How many keys sections have had.
    pub(super) fn key_count(&self) -> usize {
        self.by_key.len()
    }

    fn get(&self, id: SectionId) -> Fields {
        self.by_key.get(id.0 as usize).copied().unwrap_or_default()
    }

    /// The section that `sh_link` of a section leads to.
    pub fn target(&self, id: SectionId) -> Option<SectionId> {
        self.get(id).target
    }

    /// Whether `sh_link` of a section leads to this one.
    pub(super) fn is_target(&self, id: SectionId) -> bool {
        self.get(id).is_target
    }

    /// Whether there is a table for section indexes that do not fit the symbols of this one.
    pub fn has_symbol_sections(&self, table: SectionId) -> bool {
        self.get(table).is_extended
    }

    /// The section with the sections' names.
    pub fn section_names(&self) -> Option<SectionId> {
        self.section_names
    }

    /// That section, were it not given.
    pub(super) fn auto_section_names(&self) -> Option<SectionId> {
        self.auto_section_names
    }

    /// `sh_link` of a section.
    pub(super) fn link(&self, id: SectionId) -> Settled<u32> {
        self.get(id).link
    }

    /// `sh_info` of a section.
    pub(super) fn info(&self, id: SectionId) -> Settled<u32> {
        self.get(id).info
    }
}

/// How many program headers there are, if that does not fit the ELF header; else 0.
fn large_segment_count(object: &Object) -> u32 {
    let count = object.segments.len() as u32;
    if count >= elf::PN_XNUM.into() { count } else { 0 }
}

fn settle(
    link: Link,
    auto: u32,
    numbers: &Numbers,
    place: Place,
    field: &'static str,
) -> Result<u32> {
    let dangling = |what| Error::Dangling { place, field, what };
    match link {
        Link::Auto => Ok(auto),
        Link::Number(number) => Ok(number),
        Link::Section(id) => numbers.section(id).ok_or_else(|| dangling("section")),
        Link::Symbol(id) => numbers.symbol(id).ok_or_else(|| dangling("symbol")),
    }
}

/// The sections that others mostly refer to.
struct Known<'a> {
    symbols: Option<SectionId>,
    dynamic_symbols: Option<SectionId>,
    strings: Option<SectionId>,
    dynamic_strings: Option<SectionId>,
    section_names: Option<SectionId>,
    auto_section_names: Option<SectionId>,
    /// The first section of each name.
    by_name: Map<&'a [u8], SectionId>,
}

impl<'a> Known<'a> {
    fn of(object: &'a Object) -> Self {
        let first = |is: &dyn Fn(&Section) -> bool| {
            object.sections.iter().find(|(_, section)| is(section)).map(|(key, _)| SectionId(key))
        };
        let table = |name: &[u8]| {
            first(&|section| section.kind == elf::SHT_STRTAB.0 && *section.name.text == *name)
        };
        let mut by_name = Map::default();
        for (key, section) in object.sections.iter() {
            by_name.entry(&*section.name.text).or_insert(SectionId(key));
        }
        let auto_section_names = table(b".shstrtab").or_else(|| table(b".strtab"));
        Self {
            symbols: first(&|section| section.kind == elf::SHT_SYMTAB.0),
            dynamic_symbols: first(&|section| section.kind == elf::SHT_DYNSYM.0),
            strings: table(b".strtab"),
            dynamic_strings: table(b".dynstr"),
            section_names: object.header.section_names.or(auto_section_names),
            auto_section_names,
            by_name,
        }
    }

    /// The index of the section with the names, if that does not fit the ELF header; else 0.
    fn large_name_index(&self, numbers: &Numbers) -> u32 {
        let index = self.section_names.and_then(|id| numbers.section(id));
        index.filter(|&index| index >= elf::SHN_LORESERVE.into()).unwrap_or(0)
    }

    /// The section that `sh_link` leads to without a value.
    fn link(
        &self,
        id: SectionId,
        section: &Section,
        named: impl Fn(&[u8]) -> Option<SectionId>,
    ) -> Option<SectionId> {
        use elf::*;
        match SectionType(section.kind) {
            SHT_SYMTAB => self.strings,
            SHT_DYNSYM | SHT_DYNAMIC | SHT_GNU_VERDEF | SHT_GNU_VERNEED | SHT_GNU_LIBLIST => {
                self.dynamic_strings
            }
            SHT_HASH | SHT_GNU_HASH | SHT_GNU_VERSYM => self.dynamic_symbols,
            SHT_REL | SHT_RELA | SHT_CREL => {
                if section.flags & SHF_ALLOC.0 != 0 {
                    self.dynamic_symbols
                } else {
                    self.symbols
                }
            }
            SHT_GROUP | SHT_SYMTAB_SHNDX | SHT_LLVM_ADDRSIG => self.symbols,
            SHT_ARM_EXIDX => named(rest_or_text(section.name.text.strip_prefix(b".ARM.exidx")?)),
            _ => None,
        }
        .filter(|&target| target != id)
    }

    /// The section that `sh_info` leads to without a value.
    fn info(section: &Section, named: impl Fn(&[u8]) -> Option<SectionId>) -> Option<SectionId> {
        use elf::*;
        let prefix: &[u8] = match SectionType(section.kind) {
            SHT_REL => b".rel",
            SHT_RELA => b".rela",
            SHT_CREL => b".crel",
            _ => return None,
        };
        if section.flags & SHF_ALLOC.0 != 0 && section.flags & SHF_INFO_LINK.0 == 0 {
            return None;
        }
        let rest = section.name.text.strip_prefix(prefix)?;
        if section.flags & SHF_ALLOC.0 != 0 && rest == b".plt" {
            return named(b".got.plt").or_else(|| named(b".got")).or_else(|| named(rest));
        }
        named(rest)
    }
}

fn rest_or_text(rest: &[u8]) -> &[u8] {
    if rest.is_empty() { b".text" } else { rest }
}
