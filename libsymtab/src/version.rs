//! The versions of a dynamic symbol table. LSB Core, chapter 10, "Symbol Versioning".
//!
//! Three sections work together: `.gnu.version` has a version index for each symbol,
//! `.gnu.version_d` names the versions that this file defines, `.gnu.version_r` those it needs
//! from libraries. The two share one range of indexes; 0 is local and 1 global, without a name of
//! its own (where a file defines versions, 1 is the base version, named as the file).

use libelf::raw::{SHT_GNU_VERDEF, SHT_GNU_VERNEED, SHT_GNU_VERSYM, SectionType};
use libelf::version::{VERSYM_HIDDEN, VERSYM_INDEX, Verdaux, Verdef, Vernaux, Verneed, chain};
use libelf::{File, Result, SectionHeader, StringTable, Table};

use crate::symbol::Version;

/// `VER_FLG_BASE`: a definition that names the file itself.
const VER_FLG_BASE: u16 = 1;
/// Indexes 0 and 1 are no versions; a definition may still be named by 1.
const VER_NDX_LOCAL: u16 = 0;

/// The versions that the symbols of a table have.
#[derive(Clone, Debug, Default)]
pub struct Versions<'data> {
    /// For each symbol its version index and hidden bit.
    of_symbols: Option<Table<'data, u16>>,
    /// By version index.
    known: Vec<Option<Version<'data>>>,
}

impl<'data> Versions<'data> {
    /// Those of the dynamic symbol table in section `table` of `file`. What is damaged is left
    /// out: its symbols have no version.
    pub fn read(file: &File<'data>, table: u32) -> Self {
        let mut versions = Self::default();
        let Ok(headers) = file.section_headers() else { return versions };
        for header in headers.iter() {
            match header.kind {
                SHT_GNU_VERSYM if header.link == table && versions.of_symbols.is_none() => {
                    let bytes = file.section_data(&header).unwrap_or_default();
                    versions.of_symbols = Some(Table::new(bytes, file.encoding()));
                }
                SHT_GNU_VERDEF => versions.add(file, &header, Self::add_definitions),
                SHT_GNU_VERNEED => versions.add(file, &header, Self::add_needs),
                _ => {}
            }
        }
        versions
    }

    /// Whether symbols have version indexes at all.
    pub fn is_empty(&self) -> bool {
        self.of_symbols.is_none_or(|table| table.is_empty())
    }

    /// The version of the symbol with this index; `None` if it is local, global without a name,
    /// or has an index that nothing names.
    pub fn of(&self, symbol: u32) -> Option<Version<'data>> {
        let stored = self.of_symbols?.get(symbol as usize)?;
        let index = stored & VERSYM_INDEX;
        if index == VER_NDX_LOCAL {
            return None;
        }
        let version = (*self.known.get(usize::from(index))?)?;
        Some(Version { is_hidden: stored & VERSYM_HIDDEN != 0, ..version })
    }

    /// The versions that are named, by index.
    pub fn iter(&self) -> impl Iterator<Item = Version<'data>> {
        self.known.iter().filter_map(|version| *version)
    }

    fn add(
        &mut self,
        file: &File<'data>,
        header: &SectionHeader,
        read: fn(
            &mut Self,
            &File<'data>,
            &SectionHeader,
            &'data [u8],
            StringTable<'data>,
        ) -> Result<()>,
    ) {
        let (Ok(bytes), Ok(strings)) = (file.section_data(header), file.string_table(header.link))
        else {
            return;
        };
        // The chain is followed as far as it is whole.
        let _ = read(self, file, header, bytes, strings);
    }

    fn add_definitions(
        &mut self,
        file: &File<'data>,
        header: &SectionHeader,
        bytes: &'data [u8],
        strings: StringTable<'data>,
    ) -> Result<()> {
        let limit = records(bytes, header, SHT_GNU_VERDEF);
        for definition in chain::<Verdef>(bytes, file.encoding(), 0, limit) {
            let (at, definition) = definition?;
            let start = at.saturating_add(definition.aux as usize);
            // The first name is the version's; the others are its parents'.
            let Some(Ok((_, name))) = chain::<Verdaux>(bytes, file.encoding(), start, 1).next()
            else {
                continue;
            };
            self.set(Version {
                name: name_at(strings, name.name),
                library: None,
                index: definition.index & VERSYM_INDEX,
                is_hidden: false,
                is_base: definition.flags & VER_FLG_BASE != 0,
            });
        }
        Ok(())
    }

    fn add_needs(
        &mut self,
        file: &File<'data>,
        header: &SectionHeader,
        bytes: &'data [u8],
        strings: StringTable<'data>,
    ) -> Result<()> {
        // Records of a sound file do not overlap, so there are no more than fit.
        let mut left = bytes.len() / size_of_record(SHT_GNU_VERNEED);
        let limit = records(bytes, header, SHT_GNU_VERNEED);
        for need in chain::<Verneed>(bytes, file.encoding(), 0, limit) {
            let (at, need) = need?;
            let library = name_at(strings, need.file);
            let start = at.saturating_add(need.aux as usize);
            let count = usize::from(need.count).min(left);
            for version in chain::<Vernaux>(bytes, file.encoding(), start, count) {
                let (_, version) = version?;
                left = left.saturating_sub(1);
                self.set(Version {
                    name: name_at(strings, version.name),
                    library: Some(library),
                    index: version.other & VERSYM_INDEX,
                    is_hidden: false,
                    is_base: false,
                });
            }
        }
        Ok(())
    }

    /// The first to name an index has it.
    fn set(&mut self, version: Version<'data>) {
        let index = usize::from(version.index);
        if self.known.len() <= index {
            self.known.resize(index.saturating_add(1), None);
        }
        if let Some(slot) = self.known.get_mut(index) {
            slot.get_or_insert(version);
        }
    }
}

/// How many records of a chain are followed: as many as `sh_info` says, or if it says nothing or
/// too much, as many as fit.
fn records(bytes: &[u8], header: &SectionHeader, kind: SectionType) -> usize {
    let most = bytes.len() / size_of_record(kind);
    match header.info as usize {
        0 => most,
        count => count.min(most),
    }
}

/// The bytes that one record takes at least.
fn size_of_record(kind: SectionType) -> usize {
    if kind == SHT_GNU_VERDEF { 20 } else { 16 }
}

/// The longest name of a version or library that is read whole: however many records share a
/// string without end, each costs no more.
const LONGEST_NAME: usize = 1 << 16;

fn name_at(strings: StringTable<'_>, offset: u32) -> &[u8] {
    strings.get_up_to(offset.into(), LONGEST_NAME).unwrap_or_default()
}
