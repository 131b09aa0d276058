use object::elf::{
    EM_386, EM_ALPHA, EM_S390, EM_X86_64, Machine, SHT_DYNSYM, SHT_GNU_HASH, SHT_HASH,
};
use proptest::prelude::*;

use super::super::test_support::{encodings, object, round_trip, section, with_context};
use super::*;
use crate::edit::{Name, Object};

/// An object with this many undefined, then defined symbols, sorted by bucket of `buckets`.
fn example(encoding: Encoding, machine: Machine, defined: usize, buckets: u32) -> Object<'static> {
    let mut symbols = Slots::default();
    symbols.push(Symbol::default());
    let symbol = |name: String, section| Symbol {
        name: Name::from(name),
        info: 0x12,
        section,
        ..Symbol::default()
    };
    symbols.push(symbol("malloc".to_owned(), SymbolSection::Undefined));
    let mut names: Vec<String> = (0..defined).map(|index| format!("name{index}")).collect();
    names.sort_by_key(|name| gnu_hash(name.as_bytes()) % buckets);
    for name in names {
        symbols.push(symbol(name, SymbolSection::Index(0xfff1)));
    }
    let sections = vec![
        section(".dynsym", SHT_DYNSYM, 0, 0, Contents::Symbols(symbols)),
        section(".hash", SHT_HASH, 1, 0, Contents::Empty),
        section(".gnu.hash", SHT_GNU_HASH, 1, 0, Contents::Empty),
    ];
    object(encoding, machine, sections)
}

#[test]
fn computed_tables_come_back_as_computed() {
    for machine in [EM_X86_64, EM_ALPHA] {
        for encoding in encodings() {
            for style in [Style::Gnu, Style::Llvm] {
                for count in [1, 2, 9, 40, 300] {
                    let buckets = match style {
                        Style::Gnu => gnu_bucket_count(count) as u32,
                        Style::Llvm => (count as u32 / 4).max(1),
                    };
                    let object = example(encoding, machine, count, buckets);
                    let table = SysvHash { style, ..SysvHash::default() };
                    let bytes = with_context(&object, 2, |context| table.encode(context)).unwrap();
                    let read = round_trip(&object, 2, SHT_HASH, &bytes);
                    let Some(Contents::SysvHash(read)) = read else { panic!("{read:?}") };
                    assert!(read.given.is_none() && read.bucket_count.is_auto());
                    let table = GnuHash { style, ..GnuHash::default() };
                    let bytes = with_context(&object, 3, |context| table.encode(context)).unwrap();
                    let read = round_trip(&object, 3, SHT_GNU_HASH, &bytes);
                    assert_eq!(read, Some(Contents::GnuHash(table)), "{style:?} {count}");
                }
            }
        }
    }
}

#[test]
fn a_computed_gnu_table_finds_every_symbol() {
    let encoding = encodings()[2];
    let object = example(encoding, EM_X86_64, 100, 97);
    let bytes = with_context(&object, 3, |context| GnuHash::default().encode(context)).unwrap();
    let table = crate::hash::GnuHash::parse(&bytes, encoding).unwrap();
    assert_eq!(table.symbol_count(), Some(102));
    for index in 0..100 {
        let hash = gnu_hash(format!("name{index}").as_bytes());
        let first = table.buckets.get((hash % 97) as usize).unwrap();
        let mut at = (first - table.first_symbol) as usize;
        while table.chains.get(at).unwrap() | 1 != hash | 1 {
            assert_eq!(table.chains.get(at).unwrap() & 1, 0, "{index}");
            at += 1;
        }
    }
}

#[test]
fn numbers_are_those_of_linkers() {
    // Symbols, words and shift, as 64-bit files of GNU ld have them.
    for (count, bloom, shift) in
        [(2, 1, 6), (14, 2, 7), (18, 2, 7), (26, 4, 8), (44, 4, 8), (60, 8, 9), (3081, 512, 15)]
    {
        let hashed = Hashed { count, globals: Vec::new(), defined_from: 0 };
        let numbers = GnuNumbers::of(Style::Gnu, &hashed, 0, encodings()[2]);
        assert_eq!((numbers.bloom, numbers.shift), (bloom, shift), "{count}");
    }
    let hashed = Hashed { count: 670, globals: Vec::new(), defined_from: 0 };
    let numbers = GnuNumbers::of(Style::Llvm, &hashed, 0, encodings()[2]);
    assert_eq!((numbers.buckets, numbers.bloom, numbers.shift), (167, 128, 26));
}

#[test]
fn false_counts_are_written_with_given_words() {
    let object = example(encodings()[0], EM_386, 3, 1);
    let given = Some(SysvWords { buckets: vec![7], chains: vec![1, 2] });
    let table = SysvHash { bucket_count: Field::Is(0xffff_ffff), given, ..SysvHash::default() };
    with_context(&object, 2, |context| {
        let bytes = table.encode(context).unwrap();
        assert_eq!(bytes[..12], [0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 7, 0, 0, 0]);
        let absurd = SysvHash { bucket_count: Field::Is(0xffff_ffff), ..SysvHash::default() };
        assert!(absurd.encode(context).is_err());
        let absurd = GnuHash { bloom_count: Field::Is(0xffff_ffff), ..GnuHash::default() };
        assert!(absurd.encode(context).is_err());
        let none = GnuHash { bucket_count: Field::Is(0), ..GnuHash::default() };
        assert!(none.encode(context).is_ok());
    });
}

proptest! {
    #[test]
    fn what_is_decoded_is_encoded_alike(
        words in prop::collection::vec(prop_oneof![3 => 0_u32..4, 1 => any::<u32>()], 0..40),
        which in 0_usize..4,
    ) {
        let encoding = encodings()[which];
        let object = example(encoding, EM_S390, 3, 1);
        let mut writer = Writer::new(encoding, "word");
        for &word in &words {
            writer.u32(word);
        }
        let bytes = writer.finish();
        let _ = round_trip(&object, 2, SHT_HASH, &bytes);
        let _ = round_trip(&object, 3, SHT_GNU_HASH, &bytes);
    }
}
