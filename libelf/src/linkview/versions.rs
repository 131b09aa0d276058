//! The versions of dynamic symbols, as linkers and `nm` read them: strictly. One entry that leads
//! outside its section makes the whole table useless, and with it the dynamic symbols.

use object::elf::{
    SHN_UNDEF, SHT_GNU_VERDEF, SHT_GNU_VERNEED, SHT_GNU_VERSYM, SHT_LOOS, SHT_STRTAB, SectionType,
    VER_FLG_BASE,
};

use super::Notice;
use crate::file::File;
use crate::section::SectionHeader;
use crate::symbol::Symbol;
use crate::table::{Record, Table};
use crate::version::{VERSYM_HIDDEN, VERSYM_INDEX, Verdaux, Verdef, Vernaux, Verneed};
use std::collections::HashMap;

/// The versions cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadVersions {
    /// An entry is wrong, which was noted.
    Entry,
    /// Those of the symbols go past the end of the file.
    Truncated,
}

/// The name of a version that the file neither defines nor needs.
const UNKNOWN: &[u8] = b"<corrupt>";

/// The versions of a file's dynamic symbols.
#[derive(Clone, Debug, Default)]
pub struct Versions<'data> {
    of_symbols: Option<Table<'data, u16>>,
    /// The names of defined versions, by index less one.
    defined: Vec<Option<&'data [u8]>>,
    /// Whether the first of them stands for the file itself.
    has_base: bool,
    /// The names of needed versions by index.
    needed: HashMap<u16, &'data [u8]>,
}

/// How a version belongs to a symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version<'data> {
    /// Its name.
    pub name: &'data [u8],
    /// Whether it is not the one that linkers take if they are asked for none.
    pub is_hidden: bool,
}

/// A section of versions, and the strings for its names.
struct Source<'a, 'data> {
    file: &'a File<'data>,
    bytes: &'data [u8],
    link: u32,
}

impl<'data> Versions<'data> {
    /// The versions of `count` dynamic symbols.
    ///
    /// # Errors
    /// [`BadVersions`]
    pub fn read(
        file: &File<'data>,
        count: usize,
        notices: &mut Vec<Notice>,
    ) -> Result<Self, BadVersions> {
        let mut versions = Self::default();
        let Ok(headers) = file.section_headers() else { return Ok(versions) };
        let last = |kind: SectionType| headers.iter().rev().find(|header| header.kind == kind);
        let (defs, needs) = (last(SHT_GNU_VERDEF), last(SHT_GNU_VERNEED));
        if let Some(section) = needs
            && versions.read_needs(file, &section, notices).is_none()
        {
            notices.push(Notice::BadVersions { are_needs: true });
            return Err(BadVersions::Entry);
        }
        if let Some(section) = defs
            && versions.read_definitions(file, &section, notices).is_none()
        {
            notices.push(Notice::BadVersions { are_needs: false });
            return Err(BadVersions::Entry);
        }
        if let Some(section) = last(SHT_GNU_VERSYM) {
            let data = file.section_data(&section).map_err(|_| BadVersions::Truncated)?;
            let table = Table::<u16>::new(data, file.encoding());
            if table.len() != count {
                notices.push(Notice::VersionCount { versions: table.len(), symbols: count });
            } else if defs.is_some() || needs.is_some() {
                versions.of_symbols = Some(table);
            }
        }
        Ok(versions)
    }

    fn read_needs(
        &mut self,
        file: &File<'data>,
        section: &SectionHeader,
        notices: &mut Vec<Notice>,
    ) -> Option<()> {
        let source = Source { file, bytes: file.section_data(section).ok()?, link: section.link };
        let size = Verneed::size(file.encoding().class);
        if section.info as usize > source.bytes.len() / size {
            return None;
        }
        let mut at = 0;
        // Each step leads on, and tables that overlap themselves are cut short.
        let mut budget = source.bytes.len();
        for _ in 0..section.info {
            let need: Verneed = source.record(at)?;
            source.string(need.file, notices)?;
            let mut aux_at = at.checked_add(need.aux as usize)?;
            for _ in 0..need.count {
                budget = budget.checked_sub(1)?;
                let aux: Vernaux = source.record(aux_at)?;
                let name = source.string(aux.name, notices)?;
                self.needed.entry(aux.other & VERSYM_INDEX).or_insert(name);
                if aux.next == 0 {
                    break;
                }
                aux_at = aux_at.checked_add(aux.next as usize)?;
            }
            if need.next == 0 {
                break;
            }
            at = at.checked_add(need.next as usize)?;
        }
        Some(())
    }

    fn read_definitions(
        &mut self,
        file: &File<'data>,
        section: &SectionHeader,
        notices: &mut Vec<Notice>,
    ) -> Option<()> {
        let source = Source { file, bytes: file.section_data(section).ok()?, link: section.link };
        let size = Verdef::size(file.encoding().class);
        if section.info == 0 || section.info as usize > source.bytes.len() / size {
            return None;
        }
        let mut at = 0;
        let mut budget = source.bytes.len();
        for _ in 0..section.info {
            let def: Verdef = source.record(at)?;
            let index = usize::from(def.index & VERSYM_INDEX).checked_sub(1)?;
            if index >= self.defined.len() {
                self.defined.resize(index + 1, None);
            }
            if index == 0 {
                self.has_base = def.flags == VER_FLG_BASE.0;
            }
            let mut aux_at = at.checked_add(def.aux as usize)?;
            for number in 0..def.count {
                budget = budget.checked_sub(1)?;
                let aux: Verdaux = source.record(aux_at)?;
                let name = source.string(aux.name, notices)?;
                if number == 0
                    && let Some(place) = self.defined.get_mut(index)
                {
                    *place = Some(name);
                }
                if aux.next == 0 {
                    break;
                }
                aux_at = aux_at.checked_add(aux.next as usize)?;
            }
            if def.next == 0 {
                break;
            }
            at = at.checked_add(def.next as usize)?;
        }
        Some(())
    }

    /// The length of the longest name, in bytes.
    pub fn longest(&self) -> usize {
        let names = self.defined.iter().flatten().chain(self.needed.values());
        names.map(|name| name.len()).max().unwrap_or(0).max(UNKNOWN.len())
    }

    /// The version of the symbol with this index and name, which a zero byte and anything may
    /// follow.
    pub fn of(&self, index: usize, symbol: &Symbol, name: &[u8]) -> Option<Version<'data>> {
        let entry = self.of_symbols.as_ref()?.get(index)?;
        let number = entry & VERSYM_INDEX;
        let place = usize::from(number).checked_sub(1)?;
        let (version, is_needed) = match self.defined.get(place) {
            _ if place == 0 && (self.has_base || self.defined.is_empty()) => return None,
            Some(version) => ((*version)?, false),
            None => (self.needed.get(&number).copied().unwrap_or(UNKNOWN), true),
        };
        let is_name = name.strip_prefix(version).is_some_and(|rest| matches!(rest, [] | [0, ..]));
        if is_name || version.is_empty() {
            return None;
        }
        let is_hidden = is_needed || entry & VERSYM_HIDDEN != 0 || symbol.shndx == SHN_UNDEF;
        Some(Version { name: version, is_hidden })
    }
}

impl<'data> Source<'_, 'data> {
    fn record<R: Record>(&self, at: usize) -> Option<R> {
        R::decode(self.bytes.get(at..)?, self.file.encoding())
    }

    fn string(&self, offset: u32, notices: &mut Vec<Notice>) -> Option<&'data [u8]> {
        if offset == 0 {
            return Some(b"");
        }
        let header = self.file.section(self.link).ok()?;
        if header.kind != SHT_STRTAB && header.kind.0 < SHT_LOOS {
            notices.push(Notice::NoStrings { index: self.link as usize });
            return None;
        }
        let bytes = self.file.section_data(&header).ok()?;
        let tail = bytes.get(offset as usize..).filter(|tail| !tail.is_empty());
        let Some(tail) = tail else {
            let names = self.file.section_names().ok();
            let table = names.and_then(|names| names.get(header.name.into()).ok());
            notices.push(Notice::StringPastEnd {
                offset,
                size: bytes.len() as u64,
                table: table.map(<[u8]>::to_vec),
            });
            return None;
        };
        tail.get(..memchr::memchr(0, tail)?)
    }
}
