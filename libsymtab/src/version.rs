//! The versions of a dynamic symbol table. LSB Core, chapter 10, "Symbol Versioning".
//!
//! Three sections work together: `.gnu.version` has a version index for each symbol,
//! `.gnu.version_d` names the versions that this file defines, `.gnu.version_r` those it needs
//! from libraries. The two share one range of indexes; 0 is local and 1 global, without a name of
//! its own (where a file defines versions, 1 is the base version, named as the file).

use libelf::raw::{
    DT_VERDEF, DT_VERDEFNUM, DT_VERNEED, DT_VERNEEDNUM, DT_VERSYM, SHT_GNU_VERDEF, SHT_GNU_VERNEED,
    SHT_GNU_VERSYM,
};
use libelf::version::{VERSYM_HIDDEN, VERSYM_INDEX, Verdaux, Verdef, Vernaux, Verneed, chain};
use libelf::{Dynamic, Encoding, File, Record, Result, SectionHeader, StringTable, Table};

use crate::segments;
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

    /// Those of a table that the dynamic section leads to.
    pub(crate) fn of_segments(file: &File<'data>, dynamic: &Dynamic<'data>) -> Self {
        let mut versions = Self::default();
        let at = |tag| segments::bytes(file, dynamic, tag);
        let count = |tag| dynamic.value(tag).and_then(|count| usize::try_from(count).ok());
        versions.of_symbols = at(DT_VERSYM).map(|bytes| Table::new(bytes, file.encoding()));
        if let (Some(bytes), Some(count)) = (at(DT_VERDEF), count(DT_VERDEFNUM)) {
            let part = Part { bytes, strings: dynamic.strings, count, encoding: file.encoding() };
            let _ = versions.add_definitions(&part);
        }
        if let (Some(bytes), Some(count)) = (at(DT_VERNEED), count(DT_VERNEEDNUM)) {
            let part = Part { bytes, strings: dynamic.strings, count, encoding: file.encoding() };
            let _ = versions.add_needs(&part);
        }
        versions
    }

    fn add(
        &mut self,
        file: &File<'data>,
        header: &SectionHeader,
        read: fn(&mut Self, &Part<'data>) -> Result<()>,
    ) {
        let (Ok(bytes), Ok(strings)) = (file.section_data(header), file.string_table(header.link))
        else {
            return;
        };
        // As many as the header says, or if it says nothing, as many as there are.
        let count = if header.info == 0 { usize::MAX } else { header.info as usize };
        let part = Part { bytes, strings, count, encoding: file.encoding() };
        // The chain is followed as far as it is whole.
        let _ = read(self, &part);
    }

    fn add_definitions(&mut self, part: &Part<'data>) -> Result<()> {
        let Part { bytes, strings, encoding, .. } = *part;
        let limit = part.records(Verdef::size(encoding.class));
        for definition in chain::<Verdef>(bytes, encoding, 0, limit) {
            let (at, definition) = definition?;
            let start = at.saturating_add(definition.aux as usize);
            // The first name is the version's; the others are its parents'.
            let Some(Ok((_, name))) = chain::<Verdaux>(bytes, encoding, start, 1).next() else {
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

    fn add_needs(&mut self, part: &Part<'data>) -> Result<()> {
        let Part { bytes, strings, encoding, .. } = *part;
        // Records of a sound file do not overlap, so there are no more than fit.
        let mut left = part.records_that_fit(Vernaux::size(encoding.class));
        let limit = part.records(Verneed::size(encoding.class));
        for need in chain::<Verneed>(bytes, encoding, 0, limit) {
            let (at, need) = need?;
            let library = name_at(strings, need.file);
            let start = at.saturating_add(need.aux as usize);
            let count = usize::from(need.count).min(left);
            for version in chain::<Vernaux>(bytes, encoding, start, count) {
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

/// A chain of records, and what it needs to be read.
#[derive(Clone, Copy)]
struct Part<'data> {
    bytes: &'data [u8],
    strings: StringTable<'data>,
    /// How many records there should be.
    count: usize,
    encoding: Encoding,
}

impl Part<'_> {
    /// How many records of a size are followed.
    fn records(&self, size: usize) -> usize {
        self.count.min(self.records_that_fit(size))
    }

    fn records_that_fit(&self, size: usize) -> usize {
        self.bytes.len() / size.max(1)
    }
}

/// The longest name of a version or library that is read whole: however many records share a
/// string without end, each costs no more.
const LONGEST_NAME: usize = 1 << 16;

fn name_at(strings: StringTable<'_>, offset: u32) -> &[u8] {
    strings.get_up_to(offset.into(), LONGEST_NAME).unwrap_or_default()
}
