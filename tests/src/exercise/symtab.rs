//! Symbol tables: of files, of archives, and of texts. What an index finds is what a look at each
//! symbol finds, so both are asked.

use std::hint::black_box;

use libelf::{Archive, File, debugfile};
use libsymtab::address::{Kinds, Matching, Options, nearest};
use libsymtab::order::{Order, sorted};
use libsymtab::{AddressIndex, Backing, NameIndex, Source, Symbol, SymbolTable, Symbols, names};

use super::ENTRIES;

/// So many symbols are asked for by name and by address: each costs a look at all.
const QUESTIONS: usize = 12;

/// Any bytes as an ELF file, as an archive and as texts.
pub fn exercise(data: &[u8]) {
    of_file(data);
    let index = Archive::parse(data).ok().and_then(|archive| archive.symbol_index());
    if let Some(Ok(table)) = index.map(|index| SymbolTable::of_archive(&index)) {
        tables(&[table]);
    }
    text(data);
}

/// Any bytes as kallsyms and as a perf map.
pub fn text(data: &[u8]) {
    tables(&[SymbolTable::of_kallsyms(data), SymbolTable::of_perf_map(data)]);
}

fn of_file(data: &[u8]) {
    let Ok(file) = File::parse(data) else { return };
    black_box((debugfile::debug_link(&file), debugfile::supplementary_link(&file)));
    let backing = Backing::new();
    let mut best = Symbols::load(&file, None, &backing);
    best.add_synthetic(&file, &backing);
    tables(&best.tables);
    let both: Vec<SymbolTable> = [Source::Static, Source::Dynamic]
        .into_iter()
        .filter_map(|source| SymbolTable::of_file(&file, source).ok().flatten())
        .chain(SymbolTable::of_segments(&file))
        .collect();
    if both.len() > best.tables.len() {
        tables(&both);
    }
    for table in both.iter().filter_map(SymbolTable::elf) {
        black_box(table.versions.iter().count());
    }
}

fn tables(tables: &[SymbolTable]) {
    let mut text = Vec::new();
    for symbol in tables.iter().flat_map(|table| table.iter().take(ENTRIES)) {
        text.clear();
        symbol.write_versioned_name(&mut text);
        black_box((symbol.visibility(), symbol.section.index(), text.len()));
    }
    for order in [Order::Table, Order::Name, Order::Address, Order::Size] {
        black_box(sorted(tables, order).take(ENTRIES).count());
    }
    let asked = || tables.iter().flat_map(|table| table.iter().take(QUESTIONS));
    by_name(tables, asked());
    for section in [None, Some(1)] {
        for matching in [Matching::Nearest, Matching::Within] {
            let kinds = if section.is_none() { Kinds::Code } else { Kinds::All };
            by_address(tables, asked(), &Options { kinds, matching, section });
        }
    }
}

fn by_name<'data>(tables: &[SymbolTable<'data>], asked: impl Iterator<Item = Symbol<'data>>) {
    let index = NameIndex::build(tables);
    for symbol in asked.filter(|symbol| !symbol.name.is_empty()) {
        assert!(index.lookup(symbol.name).any(|found| found == symbol), "{symbol:?}");
        black_box(index.best(symbol.name));
        for table in tables {
            black_box(names::best(names::definitions(table, symbol.name)));
        }
    }
}

fn by_address<'data>(
    tables: &[SymbolTable<'data>],
    asked: impl Iterator<Item = Symbol<'data>>,
    options: &Options,
) {
    let index = AddressIndex::build(tables, options);
    let ends = [0, 1, u64::MAX];
    let around = asked.flat_map(|symbol| {
        let end = symbol.value.wrapping_add(symbol.size);
        [symbol.value.wrapping_sub(1), symbol.value, end]
    });
    for address in around.chain(ends) {
        let found = index.lookup(address);
        assert_eq!(found, nearest(tables, address, options), "{address:#x} {options:?}");
        if let Some(found) = found {
            assert!(found.start <= address);
            assert!(index.symbol(found.id).is_some());
            black_box(index.aliases(found).take(ENTRIES).count());
        }
    }
}
