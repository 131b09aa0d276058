use proptest::prelude::*;

use super::*;
use crate::table::SymbolTable;

fn perf_map(symbols: &[(u64, u64)]) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    for (number, (start, size)) in symbols.iter().enumerate() {
        writeln!(text, "{start:x} {size:x} s{number}").unwrap();
    }
    text
}

/// The answer by the words of the rule, for symbols in no section.
fn expected(symbols: &[(u64, u64)], address: u64, matching: Matching) -> Option<usize> {
    let best = |inside: &dyn Fn(&(u64, u64)) -> bool| {
        let candidates = symbols.iter().enumerate().filter(|(_, s)| s.0 <= address && inside(s));
        candidates.rev().max_by_key(|(_, s)| (s.0, s.1.max(1))).map(|(number, _)| number)
    };
    let nearest = best(&|_| true);
    if matching == Matching::Nearest {
        return nearest;
    }
    best(&|s| address - s.0 < s.1).or_else(|| {
        let last = symbols[nearest?];
        let is_enclosed = symbols.iter().any(|s| s.0 <= last.0 && last.0 - s.0 < s.1);
        (last.1 == 0 && !is_enclosed).then_some(nearest?)
    })
}

fn check(symbols: &[(u64, u64)], addresses: &[u64]) {
    let text = perf_map(symbols);
    let tables = [SymbolTable::of_perf_map(text.as_bytes())];
    for matching in [Matching::Nearest, Matching::Within] {
        let options = Options { matching, ..Options::default() };
        let index = AddressIndex::build(&tables, &options);
        let names: Vec<String> = (0..symbols.len()).map(|number| format!("s{number}")).collect();
        for &address in addresses {
            let expected = expected(symbols, address, matching).map(|number| Found {
                id: number as u32,
                start: symbols[number].0,
                name: names[number].as_bytes(),
            });
            assert_eq!(index.lookup(address), expected, "{matching:?} {address:#x} {symbols:x?}");
            assert_eq!(nearest(&tables, address, &options), expected, "{matching:?} {address:#x}");
            if let Some(found) = expected {
                let aliases: Vec<_> = index.aliases(found).collect();
                assert_eq!(aliases.first(), Some(&found.id));
                for &alias in &aliases {
                    assert_eq!(symbols[alias as usize].0, found.start);
                }
                let same = symbols.iter().filter(|s| s.0 == found.start).count();
                assert_eq!(aliases.len(), same);
            }
        }
    }
}

proptest! {
    #[test]
    fn index_and_scan_are_what_the_rule_says(
        symbols in proptest::collection::vec((0_u64..60, 0_u64..25), 0..12),
        scale in prop_oneof![Just(1_u64), Just(1 << 20), Just(1 << 40)],
        base in prop_oneof![Just(0_u64), Just(0xffff_ffff_8000_0000), Just(1 << 62)],
    ) {
        // Large distances have an index of their own kind.
        let scale = if base > 1 << 62 { 1 } else { scale };
        let symbols: Vec<_> =
            symbols.iter().map(|(start, size)| (base + start * scale, size * scale)).collect();
        let addresses: Vec<_> = (0..100)
            .flat_map(|at| [base + at * scale, (base + at * scale).saturating_sub(1)])
            .chain([0, u64::MAX])
            .collect();
        check(&symbols, &addresses);
    }

    #[test]
    fn many_symbols_are_sorted_by_digits(
        starts in proptest::collection::vec(any::<u32>(), 2100..2200),
    ) {
        let symbols: Vec<_> =
            starts.iter().map(|&start| (u64::from(start) << 3, u64::from(start % 64))).collect();
        let text = perf_map(&symbols);
        let tables = [SymbolTable::of_perf_map(text.as_bytes())];
        for matching in [Matching::Nearest, Matching::Within] {
            let options = Options { matching, ..Options::default() };
            let index = AddressIndex::build(&tables, &options);
            prop_assert!(index.size() <= 2 * 20 * 2 * symbols.len());
            for &(start, size) in symbols.iter().take(40) {
                for address in [start.saturating_sub(1), start, start + size / 2, start + size] {
                    let expected = expected(&symbols, address, matching);
                    prop_assert_eq!(
                        index.lookup(address).map(|found| found.id as usize), expected);
                }
            }
        }
    }
}

#[test]
fn symbols_reach_to_the_last_address_and_not_beyond() {
    let last = u64::MAX;
    let addresses = [last, last - 1, last - 7, last - 8, last - 9];
    check(&[(last - 8, 9)], &addresses);
    check(&[(last - 8, 8)], &addresses);
    check(&[(last - 8, u64::MAX), (last - 7, 2), (last, 0)], &addresses);
    check(&[(last - 8, u64::MAX), (last - 7, 7)], &addresses);
}

#[test]
fn no_symbols_are_no_answer() {
    let index = AddressIndex::build(&[], &Options::default());
    assert_eq!(index.lookup(0), None);
    assert_eq!(nearest(&[], 0, &Options::default()), None);
}

#[test]
fn the_running_test_finds_itself() {
    let bytes = libelf::map::read(std::env::current_exe().unwrap()).unwrap();
    let file = libelf::File::parse(&bytes).unwrap();
    let table = SymbolTable::of_file(&file, crate::Source::Static).unwrap().unwrap();
    let tables = [table];
    let options = Options::default();
    let index = AddressIndex::build(&tables, &options);
    let text = file.section_by_name(b".text").unwrap().unwrap().1;
    for address in (text.addr..text.addr + text.size).step_by((text.size / 50) as usize) {
        let found = index.lookup(address);
        assert_eq!(found, nearest(&tables, address, &options));
        let symbol = index.symbol(found.unwrap().id).unwrap();
        assert!(symbol.value <= address && !symbol.name.is_empty());
    }
    assert_eq!(index.lookup(u64::MAX), None);
}
