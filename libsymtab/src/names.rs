//! From names to symbols.
//!
//! A dynamic symbol table comes with a hash table for the dynamic linker, `.gnu.hash` or `.hash`:
//! [`definitions`] asks it, and builds nothing. It has only what the file defines for others. All
//! symbols of any table are found through [`NameIndex`].

use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use libelf::hash::{GnuHash, SysvHash, gnu_hash, sysv_hash, sysv_word_size};
use libelf::raw::{
    DT_GNU_HASH, DT_HASH, DynamicTag, SHT_GNU_HASH, SHT_HASH, STB_GLOBAL, STB_GNU_UNIQUE, STB_WEAK,
    SectionType,
};

use crate::segments;
use crate::set::{self, TableSet};
use crate::symbol::Symbol;
use crate::table::{ElfTable, SymbolTable};

/// The symbols of a name that `table` defines, through the file's own hash table where it has one,
/// else by a look at each symbol.
///
/// A hash table has the symbols that other files may use. One that is damaged finds what the
/// dynamic linker would find with it, or less.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use libsymtab::{Source, SymbolTable, names};
///
/// let bytes = libelf::map::read(std::env::current_exe()?)?;
/// let file = libelf::File::parse(&bytes)?;
/// if let Some(table) = SymbolTable::of_file(&file, Source::Dynamic)? {
///     assert!(names::definitions(&table, b"no such name").is_empty());
/// }
/// # Ok(())
/// # }
/// ```
pub fn definitions<'data>(table: &SymbolTable<'data>, name: &[u8]) -> Vec<Symbol<'data>> {
    let is_named = |index: u32| table.has_name(index, name);
    let symbols = |indexes: &mut dyn Iterator<Item = u32>| {
        let found = indexes.filter(|&index| is_named(index));
        found.filter_map(|index| table.get(index)).filter(Symbol::is_defined).collect()
    };
    match table.elf().and_then(|elf| hash_candidates(elf, name)) {
        Some(mut candidates) => symbols(&mut candidates),
        None => symbols(&mut table.indexes()),
    }
}

/// Those that the hash table of a symbol table has for a name; `None` if it has none.
fn hash_candidates<'data>(
    table: &ElfTable<'data>,
    name: &[u8],
) -> Option<Box<dyn Iterator<Item = u32> + 'data>> {
    let file = table.file;
    let encoding = file.encoding();
    let dynamic = if table.symbols.section == 0 { file.dynamic().ok() } else { None };
    let part = |kind: SectionType, tag: DynamicTag| {
        if let Some(dynamic) = &dynamic {
            return segments::bytes(&file, dynamic, tag);
        }
        let headers = file.section_headers().ok()?;
        let header = headers
            .iter()
            .find(|header| header.kind == kind && header.link == table.symbols.section)?;
        file.section_data(&header).ok()
    };
    if let Some(hash) =
        part(SHT_GNU_HASH, DT_GNU_HASH).and_then(|bytes| GnuHash::parse(bytes, encoding))
    {
        return Some(Box::new(hash.candidates(gnu_hash(name), encoding)));
    }
    let bytes = part(SHT_HASH, DT_HASH)?;
    if sysv_word_size(encoding, file.header().machine) == 8 {
        let hash = SysvHash::<u64>::parse(bytes, encoding)?;
        Some(Box::new(hash.candidates(sysv_hash(name))))
    } else {
        let hash = SysvHash::<u32>::parse(bytes, encoding)?;
        Some(Box::new(hash.candidates(sysv_hash(name))))
    }
}

/// So many bytes of a name decide its place in an index. Names of real programs are shorter, or
/// differ in them mostly; and a table whose names are all long costs no more than others.
const LONGEST_PREFIX: usize = 1024;

/// An index from names to symbols.
///
/// It takes 8 to 12 bytes a symbol. Names stay where they are. It can be used by many threads at
/// once.
///
/// ```
/// use libsymtab::{NameIndex, SymbolTable};
///
/// let text = b"1000 T main\n1010 t helper\n1020 t helper\n";
/// let index = NameIndex::build(&[SymbolTable::of_kallsyms(text)]);
/// assert_eq!(index.lookup(b"main").next().unwrap().value, 0x1000);
/// assert_eq!(index.lookup(b"helper").count(), 2);
/// ```
#[derive(Clone, Debug)]
pub struct NameIndex<'data> {
    tables: Vec<SymbolTable<'data>>,
    firsts: Vec<u32>,
    hasher: RandomState,
    /// For each bucket, and one more, the number of its first entry.
    starts: Vec<u32>,
    /// By bucket, in each in the order of the tables: the upper half of the hash, and the number
    /// of the symbol among those of all tables.
    entries: Vec<(u32, u32)>,
}

impl<'data> NameIndex<'data> {
    /// An index of the symbols of several tables that have a name.
    pub fn build(tables: &[SymbolTable<'data>]) -> Self {
        let set = TableSet::new(tables);
        let hasher = RandomState::default();
        let mut hashes = Vec::new();
        for (number, table) in tables.iter().enumerate() {
            let first = set.first_id(number);
            hashes.extend(set.indexes(number).filter_map(|index| {
                let prefix = table.name_up_to(index, LONGEST_PREFIX)?;
                let hash = hasher.hash_one(prefix);
                (!prefix.is_empty()).then(|| (hash, first.wrapping_add(index)))
            }));
        }
        // A power of two, so that a bucket is some bits of the hash; one or two entries each.
        let buckets = (hashes.len() / 2).max(1).next_power_of_two();
        let bucket = |hash: u64| hash as usize & (buckets - 1);
        let mut starts = vec![0_u32; buckets.saturating_add(1)];
        for (hash, _) in &hashes {
            if let Some(count) = starts.get_mut(bucket(*hash)) {
                *count += 1;
            }
        }
        let mut next = 0;
        for start in &mut starts {
            next += std::mem::replace(start, next);
        }
        let mut places = starts.clone();
        let mut entries = vec![(0, 0); hashes.len()];
        for (hash, id) in hashes {
            let Some(place) = places.get_mut(bucket(hash)) else { continue };
            if let Some(entry) = entries.get_mut(*place as usize) {
                *entry = ((hash >> 32) as u32, id);
            }
            *place += 1;
        }
        Self { tables: tables.to_vec(), firsts: set::firsts(tables), hasher, starts, entries }
    }

    /// The symbols with a name, in the order of their tables, defined here or not.
    pub fn lookup(&self, name: &[u8]) -> impl Iterator<Item = Symbol<'data>> {
        let prefix = name.get(..LONGEST_PREFIX).unwrap_or(name);
        let hash = self.hasher.hash_one(prefix);
        let buckets = self.starts.len().saturating_sub(1);
        let bucket = hash as usize & buckets.saturating_sub(1);
        let place = |at: usize| self.starts.get(at).map_or(0, |&start| start as usize);
        let entries = self.entries.get(place(bucket)..place(bucket.saturating_add(1)));
        entries
            .unwrap_or_default()
            .iter()
            .filter(move |(upper, _)| *upper == (hash >> 32) as u32)
            .filter(move |(_, id)| {
                set::table_of(&self.firsts, *id)
                    .and_then(|at| {
                        Some((self.tables.get(at)?, id.checked_sub(*self.firsts.get(at)?)?))
                    })
                    .is_some_and(|(table, index)| table.has_name(index, name))
            })
            .filter_map(|(_, id)| set::symbol(&self.tables, &self.firsts, *id))
    }

    /// The one symbol that a name means best: one that is defined before one that is not, of these
    /// a global before a weak before a local one, of these one that is found without a version,
    /// and of these the first.
    pub fn best(&self, name: &[u8]) -> Option<Symbol<'data>> {
        best(self.lookup(name))
    }

    /// The bytes that the index takes beside the tables.
    pub fn size(&self) -> usize {
        size_of_val(&*self.entries) + size_of_val(&*self.starts)
    }
}

/// The best of several symbols of one name; see [`NameIndex::best`].
pub fn best<'data>(symbols: impl IntoIterator<Item = Symbol<'data>>) -> Option<Symbol<'data>> {
    let rank = |symbol: &Symbol| {
        let binding = match symbol.bind {
            STB_GLOBAL | STB_GNU_UNIQUE => 0,
            STB_WEAK => 1,
            _ => 2,
        };
        let is_hidden = symbol.version.is_some_and(|version| version.is_hidden);
        (!symbol.is_defined(), binding, is_hidden)
    };
    symbols.into_iter().min_by_key(rank)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::symbol::Source;

    fn library() -> libelf::map::Bytes {
        // The C library of the running test: it has versions and both hash tables mostly.
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
        let path = maps.lines().find_map(|line| {
            let at = line.find('/')?;
            line.contains("libc.so.6").then(|| line[at..].to_owned())
        });
        libelf::map::read(path.unwrap()).unwrap()
    }

    #[test]
    fn hash_tables_find_what_a_scan_finds() {
        let bytes = library();
        let file = libelf::File::parse(&bytes).unwrap();
        let table = SymbolTable::of_file(&file, Source::Dynamic).unwrap().unwrap();
        let index = NameIndex::build(std::slice::from_ref(&table));
        for symbol in table.iter().step_by(7) {
            let same = |other: &Symbol| other.name == symbol.name;
            let scanned: Vec<_> = table.iter().filter(same).collect();
            assert_eq!(index.lookup(symbol.name).collect::<Vec<_>>(), scanned);
            let defined: Vec<_> = scanned.into_iter().filter(Symbol::is_defined).collect();
            if !defined.is_empty() {
                let mut found = definitions(&table, symbol.name);
                found.sort_by_key(|symbol| symbol.index);
                assert_eq!(found, defined);
            }
        }
        let malloc = index.best(b"malloc").unwrap();
        assert!(malloc.is_defined());
        let mut text = Vec::new();
        malloc.write_versioned_name(&mut text);
        assert!(text.starts_with(b"malloc@@"), "{text:?}");
        assert!(definitions(&table, b"no such name").is_empty());
    }

    #[test]
    fn without_section_headers_the_loader_s_way_leads_to_the_same() {
        let bytes = library();
        let file = libelf::File::parse(&bytes).unwrap();
        let table = SymbolTable::of_file(&file, Source::Dynamic).unwrap().unwrap();
        let other = SymbolTable::of_segments(&file).unwrap();
        assert_eq!(table.len(), other.len());
        for (one, other) in table.iter().zip(other.iter()) {
            assert_eq!(one, other);
        }
        assert_eq!(definitions(&table, b"malloc"), definitions(&other, b"malloc"));
        assert_eq!(definitions(&other, b"malloc").len(), 1);
    }

    proptest! {
        #[test]
        fn an_index_finds_what_a_scan_finds(
            names in proptest::collection::vec("[ab]{1,3}", 0..40),
            long in 0_usize..3,
        ) {
            use std::fmt::Write as _;
            // Names that differ only behind the prefix are told apart as well.
            let stem = "x".repeat(long * (LONGEST_PREFIX / 2));
            let mut text = String::new();
            for (number, name) in names.iter().enumerate() {
                writeln!(text, "{number:x} T {stem}{name}").unwrap();
            }
            let (first, second) = text.split_at(text.find('\n').map_or(0, |at| at + 1));
            let tables = [first, second].map(|text| SymbolTable::of_kallsyms(text.as_bytes()));
            let index = NameIndex::build(&tables);
            for wanted in names.iter().map(String::as_str).chain(["", "c", "aaaa"]) {
                let found: Vec<_> =
                    index.lookup(format!("{stem}{wanted}").as_bytes()).map(|s| s.value).collect();
                let expected: Vec<_> = (0..)
                    .zip(&names)
                    .filter(|(_, name)| *name == wanted)
                    .map(|(number, _)| number)
                    .collect();
                prop_assert_eq!(found, expected);
            }
        }
    }
}
