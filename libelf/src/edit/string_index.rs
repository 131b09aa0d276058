//! Where the string tables of an object hold a text.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::cmp::Ordering;
use std::hash::BuildHasher;

use hashbrown::HashTable;

use super::Map;
use super::links::Links;
use super::{Contents, Object, Section, SectionId, contents};
use crate::edit::contents::strings;

/// A string of a table: where it starts and ends, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: u32,
    pub(super) end: u32,
}

impl Span {
    pub(super) fn of(self, table: &[u8]) -> &[u8] {
        table.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

/// The bytes of a string table, and its strings by text.
#[derive(Clone, Debug)]
pub(super) struct StringIndex<'data> {
    pub(super) bytes: Cow<'data, [u8]>,
    /// Whole strings, and in a computed table the shared ones.
    whole: OnceCell<HashTable<Span>>,
    /// Whole strings by their reversed text.
    reversed: OnceCell<Vec<Span>>,
    hasher: foldhash::fast::RandomState,
}

impl<'data> StringIndex<'data> {
    /// A table whose strings are found when one is asked for.
    pub(super) fn new(bytes: Cow<'data, [u8]>) -> Self {
        Self {
            bytes,
            whole: OnceCell::new(),
            reversed: OnceCell::new(),
            hasher: foldhash::fast::RandomState::default(),
        }
    }

    /// The offset of `text`: of a whole string, else of the end of one.
    pub(super) fn find(&self, text: &[u8]) -> Option<u32> {
        if memchr::memchr(0, text).is_some() {
            return None;
        }
        let whole = self.whole.get_or_init(|| self.index_whole());
        let found = whole.find(self.hasher.hash_one(text), |span| span.of(&self.bytes) == text);
        found.map(|span| span.start).or_else(|| self.find_tail(text))
    }

    fn index_whole(&self) -> HashTable<Span> {
        let mut index = HashTable::new();
        for span in strings_of(&self.bytes) {
            let text = span.of(&self.bytes);
            let hash = self.hasher.hash_one(text);
            // The first of equal strings stays.
            index
                .entry(
                    hash,
                    |other: &Span| other.of(&self.bytes) == text,
                    |other| self.hasher.hash_one(other.of(&self.bytes)),
                )
                .or_insert(span);
        }
        index
    }

    fn find_tail(&self, text: &[u8]) -> Option<u32> {
        let reversed = self.reversed.get_or_init(|| {
            // Equal strings are there once, so that a table of nothing but zeros makes one.
            let whole = self.whole.get_or_init(|| self.index_whole());
            let mut spans: Vec<Span> = whole.iter().copied().collect();
            spans.sort_unstable_by(|a, b| {
                strings::cmp_reversed(a.of(&self.bytes), b.of(&self.bytes))
            });
            spans
        });
        // A string with this end is the first that is not less.
        let at = reversed.partition_point(|span| {
            strings::cmp_reversed(span.of(&self.bytes), text) == Ordering::Less
        });
        let span = reversed.get(at).filter(|span| span.of(&self.bytes).ends_with(text))?;
        Some(span.end - text.len() as u32)
    }
}

/// The terminated strings of a table.
fn strings_of(bytes: &[u8]) -> impl Iterator<Item = Span> {
    let mut start = 0;
    memchr::memchr_iter(0, bytes).map(move |end| {
        let span = Span { start, end: end as u32 };
        start = end as u32 + 1;
        span
    })
}

/// The string tables of an object.
#[derive(Clone, Debug, Default)]
pub struct StringTables<'data> {
    /// By the section's key.
    tables: Vec<Option<StringIndex<'data>>>,
}

impl<'data> StringTables<'data> {
    /// Computes the tables that the names in use make, and notes those that are given as bytes.
    pub(super) fn of(object: &Object<'data>, links: &Links) -> Self {
        let mut tables = vec![None; links.key_count()];
        let is_computed = |section: &Section| matches!(section.contents, Contents::Strings(_));
        let mut used = used_names(object, links, is_computed);
        for (key, section) in object.sections.iter() {
            let index = match &section.contents {
                Contents::Strings(table) => {
                    let names = used.remove(&key).unwrap_or_default();
                    StringIndex::new(strings::build(table, &names).into())
                }
                Contents::Bytes(bytes) if is_linked(key, links) => StringIndex::new(bytes.clone()),
                _ => continue,
            };
            if let Some(slot) = tables.get_mut(key as usize) {
                *slot = Some(index);
            }
        }
        Self { tables }
    }

    fn get(&self, table: SectionId) -> Option<&StringIndex<'data>> {
        self.tables.get(table.0 as usize)?.as_ref()
    }

    /// Where the table in this section holds `text`: its offset in bytes.
    pub fn find(&self, table: SectionId, text: &[u8]) -> Option<u32> {
        self.get(table)?.find(text)
    }

    /// The bytes of the table in this section.
    pub fn bytes(&self, table: SectionId) -> &[u8] {
        self.get(table).map_or(&[], |table| &table.bytes)
    }
}

/// The names in use in each string table that `is_wanted`, by the section's key.
pub(super) fn used_names<'a>(
    object: &'a Object<'_>,
    links: &Links,
    is_wanted: impl Fn(&Section) -> bool,
) -> Map<u32, Vec<&'a [u8]>> {
    let is_wanted = |id: SectionId| object.sections.get(id.0).is_some_and(&is_wanted);
    let mut used: Map<u32, Vec<&[u8]>> = Map::default();
    if let Some(table) = links.section_names().filter(|&table| is_wanted(table)) {
        used.insert(table.0, section_names(object));
    }
    for (key, section) in object.sections.iter() {
        if let Some(table) = links.target(SectionId(key)).filter(|&table| is_wanted(table)) {
            let list = used.entry(table.0).or_default();
            contents::names(&section.contents, &mut |text| list.push(text));
        }
    }
    used
}

/// Whether some section's names may lie in this one.
fn is_linked(key: u32, links: &Links) -> bool {
    links.section_names() == Some(SectionId(key)) || links.is_target(SectionId(key))
}

/// The names of all sections in the order in which GNU's programs use them: those of the symbol and
/// string tables first.
fn section_names<'a>(object: &'a Object<'_>) -> Vec<&'a [u8]> {
    const FIRST: [&[u8]; 3] = [b".symtab", b".strtab", b".shstrtab"];
    let names = || object.sections.iter().map(|(_, section)| &*section.name.text);
    let first = FIRST.iter().filter_map(|&text| names().find(|name| *name == text));
    first.chain(names()).collect()
}
