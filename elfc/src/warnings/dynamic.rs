//! What standards say of the contents that the dynamic linker reads: dynamic sections, versions,
//! hash tables, notes.

use libelf::edit::contents::dynamic::{Dynamic, DynamicValue};
use libelf::edit::contents::hashes::{GnuWords, SysvHash, SysvWords};
use libelf::edit::contents::notes::Notes;
use libelf::edit::contents::versions::{Definitions, Needs};
use libelf::edit::{Contents, Slots, Symbol, SymbolSection};
use libelf::hash::{gnu_hash, sysv_hash};
use libelf::raw::{DT_STRSZ, DT_STRTAB, DT_SYMENT, DT_SYMTAB, SHT_GNU_VERSYM, STB_LOCAL};
use libelf::section::SectionHeader;

use super::Found;

/// The entries that a dynamic section must have. gABI, chapter 5, figure 5-10; one of the two hash
/// tables is the fifth.
const NEEDED: [(libelf::raw::DynamicTag, &str); 4] = [
    (DT_STRTAB, "DT_STRTAB"),
    (DT_SYMTAB, "DT_SYMTAB"),
    (DT_STRSZ, "DT_STRSZ"),
    (DT_SYMENT, "DT_SYMENT"),
];
/// The bit of a version's index that hides the symbol.
const HIDDEN: u16 = 0x8000;
/// Version indexes below this have a meaning of their own.
const FIRST_VERSION: u16 = 2;
/// The structure version of definitions and needs.
const CURRENT: u64 = 1;

impl Found<'_, '_> {
    pub(super) fn dynamic_contents(
        &mut self,
        index: u32,
        contents: &Contents<'_>,
        header: &SectionHeader,
    ) {
        match contents {
            Contents::Dynamic(dynamic) => self.dynamic(index, dynamic),
            Contents::Notes(notes) => self.notes(index, notes, header),
            Contents::Definitions(definitions) => self.definitions(index, definitions, header),
            Contents::Needs(needs) => self.needs(index, needs, header),
            Contents::SysvHash(table) => self.sysv_hash(index, table, header),
            Contents::GnuHash(table) => {
                if let Some(words) = &table.given {
                    self.gnu_hash(index, words, table.first_symbol.or(0), header);
                }
            }
            Contents::Halves(list) if header.kind == SHT_GNU_VERSYM => {
                self.symbol_versions(index, list, header);
            }
            Contents::Bytes(bytes) if header.kind == SHT_GNU_VERSYM => {
                let encoding = self.object.header.encoding;
                let places = (0..bytes.len()).step_by(2);
                let list: Vec<u16> = places.filter_map(|at| encoding.u16(bytes, at)).collect();
                self.symbol_versions(index, &list, header);
            }
            _ => {}
        }
    }

    /// A null entry ends the section, and some entries must be there.
    fn dynamic(&mut self, index: u32, dynamic: &Dynamic<'_>) {
        let span = self.spans.section(index);
        let has = |tag: u64| dynamic.entries.iter().any(|entry| entry.tag == tag);
        if dynamic.nulls == 0 && !has(0) {
            self.warn(span, "no DT_NULL ends the dynamic section");
        }
        let lacking = NEEDED.iter().filter(|(tag, _)| !has(tag.0.cast_unsigned()));
        let lacking: Vec<&str> = lacking.map(|(_, name)| *name).collect();
        if !lacking.is_empty() {
            self.warn(span, format!("the dynamic section lacks {}", lacking.join(", ")));
        }
        let odd = dynamic
            .entries
            .iter()
            .position(|entry| entry.tag == 0 && matches!(entry.value, DynamicValue::Name(_)));
        if let Some(row) = odd {
            self.warn(self.spans.entry(index, row), "DT_NULL has no value");
        }
    }

    /// The sizes of a note are those of what it holds, and a zero byte closes its name.
    fn notes(&mut self, index: u32, notes: &Notes<'_>, header: &SectionHeader) {
        if !header.offset.is_multiple_of(4) && !notes.notes.is_empty() {
            let message = format!("notes are aligned to 4 bytes, not to {}", header.addralign);
            self.warn(self.spans.section(index), message);
        }
        for (row, note) in notes.notes.iter().enumerate() {
            let name = note.name.len() as u64 + u64::from(note.is_terminated);
            let message = if note.name_size.or(name) != name {
                format!("n_namesz is {}, and the name has {name} bytes", note.name_size.or(0))
            } else if !note.is_terminated && !note.name.is_empty() {
                "a zero byte closes the name of a note".to_owned()
            } else if let libelf::edit::contents::notes::Desc::Bytes(desc) = &note.desc
                && note.desc_size.or(desc.len() as u64) != desc.len() as u64
            {
                let (said, size) = (note.desc_size.or(0), desc.len());
                format!("n_descsz is {said}, and the descriptor has {size} bytes")
            } else {
                continue;
            };
            return self.warn(self.spans.entry(index, row), message);
        }
    }

    /// LSB Core, chapter 10, "Version Definitions".
    fn definitions(&mut self, index: u32, list: &Definitions<'_>, header: &SectionHeader) {
        self.count_of_versions(index, list.definitions.len(), header);
        for (row, definition) in list.definitions.iter().enumerate() {
            let name = definition.names.first().map(|name| &name.name);
            let hash = name.filter(|name| name.offset.is_auto()).map(|name| sysv_hash(&name.text));
            let names = definition.names.len() as u64;
            let message = if definition.version.or(CURRENT) != CURRENT {
                "vd_version is not 1".to_owned()
            } else if definition.count.or(names) != names {
                format!("vd_cnt is {}, and there are {names} names", definition.count.or(0))
            } else if hash.is_some_and(|hash| definition.hash.or(hash.into()) != u64::from(hash)) {
                "vd_hash is not the hash of the name".to_owned()
            } else {
                continue;
            };
            return self.warn(self.spans.entry(index, row), message);
        }
    }

    /// LSB Core, chapter 10, "Version Requirements".
    fn needs(&mut self, index: u32, list: &Needs<'_>, header: &SectionHeader) {
        self.count_of_versions(index, list.needs.len(), header);
        for (row, need) in list.needs.iter().enumerate() {
            let versions = need.versions.len() as u64;
            let wrong_hash = need.versions.iter().any(|version| {
                let hash = sysv_hash(&version.name.text).into();
                version.name.offset.is_auto() && version.hash.or(hash) != hash
            });
            let message = if need.version.or(CURRENT) != CURRENT {
                "vn_version is not 1".to_owned()
            } else if need.count.or(versions) != versions {
                format!("vn_cnt is {}, and there are {versions} versions", need.count.or(0))
            } else if wrong_hash {
                "vna_hash is not the hash of the name".to_owned()
            } else {
                continue;
            };
            return self.warn(self.spans.entry(index, row), message);
        }
    }

    fn count_of_versions(&mut self, index: u32, count: usize, header: &SectionHeader) {
        if header.info as usize != count {
            let message = format!("sh_info is {}, and there are {count} structures", header.info);
            self.warn(self.spans.section(index), message);
        }
    }

    /// Each dynamic symbol has a version that is defined or needed.
    fn symbol_versions(&mut self, index: u32, list: &[u16], header: &SectionHeader) {
        let span = self.spans.section(index);
        let Some(symbols) = self.symbols_at(header.link) else { return };
        if list.len() != symbols.len() {
            let (versions, symbols) = (list.len(), symbols.len());
            return self.warn(span, format!("{versions} versions are those of {symbols} symbols"));
        }
        let mut known = Vec::new();
        for index in (0..).take(self.headers.len()) {
            match self.contents_at(index) {
                Some(Contents::Definitions(list)) => {
                    for (position, definition) in (1_u64..).zip(&list.definitions) {
                        known.push(definition.index.or(position) as u16 & !HIDDEN);
                    }
                }
                Some(Contents::Needs(list)) => {
                    let versions = list.needs.iter().flat_map(|need| &need.versions);
                    known.extend(versions.map(|version| version.index & !HIDDEN));
                }
                _ => {}
            }
        }
        known.sort_unstable();
        let is_unknown =
            |version: u16| version >= FIRST_VERSION && known.binary_search(&version).is_err();
        let versions = list.iter().map(|version| version & !HIDDEN);
        if let Some((row, version)) = versions.enumerate().find(|(_, it)| is_unknown(*it)) {
            let message = format!("symbol {row} has the version {version}, which nothing defines");
            self.warn(span, message);
        }
    }

    /// gABI, chapter 5, "Hash Table". A computed table is right.
    fn sysv_hash(&mut self, index: u32, table: &SysvHash, header: &SectionHeader) {
        let Some(symbols) = self.symbols_at(header.link) else { return };
        let span = self.spans.section(index);
        let chains = table.given.as_ref().map_or(symbols.len(), |words| words.chains.len());
        if table.chain_count.or(chains as u64) != symbols.len() as u64 || chains != symbols.len() {
            let message = format!("nchain is the number of symbols, {}", symbols.len());
            return self.warn(span, message);
        }
        let Some(words) = &table.given else { return };
        let buckets = words.buckets.len() as u64;
        if table.bucket_count.or(buckets) != buckets {
            self.warn(span, format!("nbucket is the number of buckets, {buckets}"));
        } else if let Some(message) = walk(words, symbols) {
            self.warn(span, message);
        }
    }

    /// A GNU hash table has the hash of each symbol that it covers.
    fn gnu_hash(&mut self, index: u32, words: &GnuWords, first: u64, header: &SectionHeader) {
        let Some(symbols) = self.symbols_at(header.link) else { return };
        let first = usize::try_from(first).unwrap_or(usize::MAX);
        let covered = symbols.iter().enumerate().skip(first);
        let mut pairs = covered.zip(&words.chains);
        let wrong = pairs.find(|((_, (_, symbol)), hash)| {
            symbol.name.offset.is_auto() && gnu_hash(&symbol.name.text) | 1 != **hash | 1
        });
        if let Some(((row, _), _)) = wrong {
            let message = format!("the table has another hash than that of symbol {row}");
            self.warn(self.spans.section(index), message);
        }
    }
}

/// What is wrong with the words of a SysV table over these symbols: a chain that does not end, an
/// index that no symbol has, a symbol in the bucket of another hash, or in none.
fn walk(words: &SysvWords, symbols: &Slots<Symbol<'_>>) -> Option<String> {
    let mut is_met = vec![false; symbols.len()];
    let count = words.buckets.len() as u64;
    let list: Vec<&Symbol<'_>> = symbols.iter().map(|(_, symbol)| symbol).collect();
    for (bucket, first) in (0..).zip(&words.buckets) {
        let mut next = *first;
        while next != 0 {
            let at = usize::try_from(next).unwrap_or(usize::MAX);
            let (Some(symbol), Some(met)) = (list.get(at), is_met.get_mut(at)) else {
                return Some(format!("bucket {bucket} leads to symbol {next}, which is none"));
            };
            if std::mem::replace(met, true) {
                return Some(format!("symbol {next} is met twice"));
            }
            let hash = u64::from(sysv_hash(&symbol.name.text));
            if symbol.name.offset.is_auto() && hash.checked_rem(count) != Some(bucket) {
                return Some(format!("symbol {next} is in the bucket of another hash"));
            }
            next = words.chains.get(at).copied().unwrap_or(0);
        }
    }
    let is_found = |symbol: &Symbol<'_>| {
        symbol.section == SymbolSection::Undefined || symbol.info >> 4 == STB_LOCAL.0
    };
    let lost = list.iter().zip(is_met).position(|(symbol, met)| !met && !is_found(symbol));
    lost.map(|index| format!("no bucket leads to symbol {index}"))
}
