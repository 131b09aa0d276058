use object::elf::EM_NONE;
use proptest::prelude::*;

use super::*;
use crate::dynamic::Dyn;
use crate::header::Header;
use crate::reloc::Relocs;
use crate::section::SectionHeader;
use crate::segment::ProgramHeader;
use crate::symbol::Symbol;
use crate::table::{Record, Table};
use crate::version::{Verdaux, Verdef, Vernaux, Verneed, chain};

const ALL: &[Type] = &[
    Type::Addr,
    Type::Byte,
    Type::Cap,
    Type::Chdr,
    Type::Dyn,
    Type::Ehdr,
    Type::GnuHash,
    Type::Half,
    Type::Lword,
    Type::Move,
    Type::Note,
    Type::Note8,
    Type::Off,
    Type::Phdr,
    Type::Rel,
    Type::Rela,
    Type::Relr,
    Type::Shdr,
    Type::Sword,
    Type::Sxword,
    Type::Sym,
    Type::Syminfo,
    Type::Vdef,
    Type::Vneed,
    Type::Word,
    Type::Xword,
];

const ENCODINGS: [Encoding; 4] = [
    Encoding { class: Class::Elf32, endian: Endianness::Little },
    Encoding { class: Class::Elf32, endian: Endianness::Big },
    Encoding { class: Class::Elf64, endian: Endianness::Little },
    Encoding { class: Class::Elf64, endian: Endianness::Big },
];

fn other(encoding: Encoding) -> Encoding {
    let endian = if encoding.is_big_endian() { Endianness::Little } else { Endianness::Big };
    Encoding { endian, ..encoding }
}

/// What a reader makes of both.
fn reads_same<R: Record + PartialEq + std::fmt::Debug>(kind: Type, encoding: Encoding) {
    let size = R::size(encoding.class);
    assert_eq!(kind.size(encoding.class), Some(size), "{kind:?}");
    let bytes: Vec<u8> = (1..=2 * size as u8).map(|byte| byte.wrapping_mul(37)).collect();
    let swapped = translated(kind, encoding, other(encoding).endian, EM_NONE, &bytes).unwrap();
    let read: Vec<_> = Table::<R>::new(&bytes, encoding).iter().collect();
    let again: Vec<_> = Table::<R>::new(&swapped, other(encoding)).iter().collect();
    assert_eq!(read, again);
}

#[test]
fn readers_of_both_orders_agree() {
    for encoding in ENCODINGS {
        reads_same::<SectionHeader>(Type::Shdr, encoding);
        reads_same::<ProgramHeader>(Type::Phdr, encoding);
        reads_same::<Symbol>(Type::Sym, encoding);
        reads_same::<Dyn>(Type::Dyn, encoding);
        reads_same::<u16>(Type::Half, encoding);
        reads_same::<u32>(Type::Word, encoding);
        reads_same::<u64>(Type::Xword, encoding);
        let bytes: Vec<u8> = (0..64).collect();
        let size = Type::Ehdr.size(encoding.class).unwrap();
        let swapped =
            translated(Type::Ehdr, encoding, other(encoding).endian, EM_NONE, &bytes[..size]);
        let read = Header::parse_as(&bytes, encoding).unwrap();
        let again = Header::parse_as(&swapped.unwrap(), other(encoding)).unwrap();
        assert_eq!(Header { encoding, ..again }, read);
    }
}

#[test]
fn relocations_keep_their_meaning_in_every_class_and_order() {
    for machine in [EM_NONE, EM_MIPS] {
        for from in ENCODINGS {
            // Symbol 5, type 7, in the encoding `from`.
            let narrow = Encoding { class: Class::Elf32, endian: Endianness::Big };
            let start = [0, 0, 0x10, 0, 0, 0, 5, 7, 0xff, 0xff, 0xff, 0xfe];
            let bytes = convert(Type::Rela, narrow, from, machine, &start).unwrap();
            for to in ENCODINGS {
                let converted = convert(Type::Rela, from, to, machine, &bytes).unwrap();
                let reloc = Relocs::rela(&converted, to, machine).iter().next().unwrap();
                assert_eq!((reloc.offset, reloc.symbol, reloc.kind), (0x1000, 5, 7));
                assert_eq!(reloc.addend, Some(-2));
                let back = convert(Type::Rela, to, from, machine, &converted).unwrap();
                assert_eq!(back, bytes);
            }
        }
    }
}

#[test]
fn values_that_do_not_fit_are_refused() {
    let [narrow, _, wide, _] = ENCODINGS;
    let fails = |kind, bytes: &[u8], field| {
        let problem = convert(kind, wide, narrow, EM_NONE, bytes).unwrap_err().problem;
        assert!(
            matches!(problem, Problem::TooWide { what, .. } if what == field),
            "{kind:?}: {problem}"
        );
    };
    fails(Type::Addr, &(1u64 << 32).to_le_bytes(), "address");
    fails(Type::Rel, &[[0; 8], (1u64 << 56).to_le_bytes()].concat(), "symbol index");
    fails(Type::Rel, &[[0; 8], 256u64.to_le_bytes()].concat(), "relocation type");
    fails(Type::Dyn, &[0x8000_0000u64.to_le_bytes(), [0; 8]].concat(), "d_tag");
    fails(Type::Chdr, &[&[0; 4][..], &[1], &[0; 19]].concat(), "ch_reserved");
    let negative = [(-1i64).to_le_bytes(), [0; 8]].concat();
    let converted = convert(Type::Dyn, wide, narrow, EM_NONE, &negative).unwrap();
    assert_eq!(converted, [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]);
    assert!(convert(Type::GnuHash, wide, narrow, EM_NONE, &[0; 16]).is_err());
}

#[test]
fn parts_of_structures_are_refused() {
    for encoding in ENCODINGS {
        for &kind in ALL {
            let Some(size) = kind.size(encoding.class).filter(|&size| size > 1) else { continue };
            let bytes = vec![1; size + 1];
            let result = translated(kind, encoding, Endianness::Big, EM_NONE, &bytes);
            assert!(matches!(result.unwrap_err().problem, Problem::BadValue { .. }), "{kind:?}");
            assert!(convert(kind, encoding, ENCODINGS[0], EM_NONE, &bytes).is_err());
        }
        let mut short = [0; 7];
        let source = [0; 8];
        let result =
            translate_into(Type::Word, encoding, Endianness::Big, EM_NONE, &source, &mut short);
        assert!(matches!(result.unwrap_err().problem, Problem::PastEnd { end: 8, limit: 7, .. }));
        let mut long = [9; 12];
        let result =
            translate_into(Type::Word, encoding, Endianness::Big, EM_NONE, &source, &mut long);
        assert_eq!(result, Ok(8));
        assert_eq!(long[8..], [9; 4]);
    }
}

/// Two definitions, of two names and of one, with a gap of four bytes between them.
fn definitions(order: impl Fn(u32) -> [u8; 4], half: impl Fn(u16) -> [u8; 2]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (index, count, aux, next) in [(1, 2, 20, 40), (2, 1, 24, 0)] {
        for value in [1, 0, index, count] {
            bytes.extend(half(value));
        }
        for value in [0x1234_5678, aux, next] {
            bytes.extend(order(value));
        }
        if index == 2 {
            bytes.extend(b"gap!");
        }
        for name in 0..count {
            bytes.extend(order(name.into()));
            bytes.extend(order(if name + 1 < count { 8 } else { 0 }));
        }
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        if index == 1 {
            bytes.resize(40, 0);
        }
    }
    bytes
}

#[test]
fn versions_are_walked() {
    let little = definitions(u32::to_le_bytes, u16::to_le_bytes);
    let big = definitions(u32::to_be_bytes, u16::to_be_bytes);
    for encoding in ENCODINGS {
        let (from, to) = if encoding.is_big_endian() { (&big, &little) } else { (&little, &big) };
        let swapped =
            translated(Type::Vdef, encoding, other(encoding).endian, EM_NONE, from).unwrap();
        assert_eq!(&swapped, to);
        let read: Vec<_> = chain::<Verdef>(&swapped, other(encoding), 0, 9).flatten().collect();
        assert_eq!(read.len(), 2);
        assert_eq!(read[1].1.hash, 0x1234_5678);
        let names = chain::<Verdaux>(&swapped, other(encoding), 20, 2).flatten();
        assert_eq!(names.map(|(_, aux)| aux.name).collect::<Vec<_>>(), [0, 1]);
    }
    let needs: Vec<u8> = [1u32 | 1 << 16, 3, 16, 0, 0xabcd, 1 << 16, 9, 0]
        .into_iter()
        .flat_map(u32::to_le_bytes)
        .collect();
    let swapped = translated(Type::Vneed, ENCODINGS[0], Endianness::Big, EM_NONE, &needs).unwrap();
    let (_, need) = chain::<Verneed>(&swapped, ENCODINGS[1], 0, 1).next().unwrap().unwrap();
    assert_eq!((need.version, need.count, need.file, need.aux), (1, 1, 3, 16));
    let (_, aux) = chain::<Vernaux>(&swapped, ENCODINGS[1], 16, 1).next().unwrap().unwrap();
    assert_eq!((aux.hash, aux.other, aux.name), (0xabcd, 1, 9));
}

#[test]
fn chains_that_meet_or_leave_are_refused_and_nothing_changes() {
    let good = definitions(u32::to_le_bytes, u16::to_le_bytes);
    for (at, value) in [(16, 1), (16, 20), (12, 4), (12, 1000), (16, u32::MAX), (24, 4)] {
        let mut bytes = good.clone();
        bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
        let before = bytes.clone();
        let result = translate(Type::Vdef, ENCODINGS[0], Endianness::Big, EM_NONE, &mut bytes);
        assert!(result.is_err(), "{at} {value}");
        assert_eq!(bytes, before);
    }
}

#[test]
fn of_notes_the_headers_are_swapped() {
    let note = |alignment: usize, word: fn(u32) -> [u8; 4]| {
        let mut bytes = Vec::new();
        for value in [4, 5, 3] {
            bytes.extend(word(value));
        }
        bytes.extend(b"GNU\0");
        bytes.extend(b"12345");
        bytes.resize(bytes.len().next_multiple_of(alignment), 0);
        for value in [5, 1, 7] {
            bytes.extend(word(value));
        }
        bytes.extend(b"Name\0");
        bytes.resize(bytes.len().next_multiple_of(alignment), 0);
        bytes.push(b'!');
        bytes
    };
    for (kind, alignment) in [(Type::Note, 4), (Type::Note8, 8)] {
        let little = note(alignment, u32::to_le_bytes);
        let swapped = translated(kind, ENCODINGS[0], Endianness::Big, EM_NONE, &little).unwrap();
        assert_eq!(swapped, note(alignment, u32::to_be_bytes));
        for cut in 1..little.len() {
            let cut = translated(kind, ENCODINGS[0], Endianness::Big, EM_NONE, &little[..cut]);
            // The first alone is whole, with or without its padding.
            if let Ok(bytes) = cut {
                assert!((21..=24).contains(&bytes.len()));
            }
        }
    }
}

#[test]
fn a_hash_table_has_a_filter_of_the_class() {
    for encoding in ENCODINGS {
        let word = |value: u32| match encoding.endian {
            Endianness::Little => value.to_le_bytes(),
            Endianness::Big => value.to_be_bytes(),
        };
        let mut bytes: Vec<u8> = [1, 2, 1, 4].into_iter().flat_map(word).collect();
        let filter: Vec<u8> = (1..=encoding.word_size() as u8).collect();
        bytes.extend(&filter);
        bytes.extend(word(2));
        let swapped =
            translated(Type::GnuHash, encoding, other(encoding).endian, EM_NONE, &bytes).unwrap();
        let reversed: Vec<u8> = filter.iter().rev().copied().collect();
        assert_eq!(swapped[16..16 + filter.len()], reversed);
        assert_eq!(other(encoding).u32(&swapped, 8), Some(1));
        assert_eq!(other(encoding).u32(&swapped, 16 + filter.len()), Some(2));
        let cut = &bytes[..18];
        assert!(translated(Type::GnuHash, encoding, Endianness::Big, EM_NONE, cut).is_err());
    }
}

fn encodings() -> impl Strategy<Value = Encoding> {
    prop::sample::select(&ENCODINGS[..])
}

proptest! {
    #[test]
    fn there_and_back_is_the_same(
        kind in prop::sample::select(ALL),
        from in encodings(),
        mips in any::<bool>(),
        count in 0..4usize,
        mut bytes in prop::collection::vec(any::<u8>(), 256),
        small in any::<bool>(),
    ) {
        let machine = if mips { EM_MIPS } else { EM_NONE };
        match kind.size(from.class) {
            Some(size) => bytes.truncate(size * count),
            None if small => bytes.iter_mut().for_each(|byte| *byte &= 0x13),
            None => {}
        }
        let before = bytes.clone();
        let to = other(from);
        if translate(kind, from, to.endian, machine, &mut bytes).is_ok() {
            translate(kind, to, from.endian, machine, &mut bytes).unwrap();
        } else {
            prop_assert_eq!(kind.size(from.class), None);
        }
        prop_assert_eq!(&bytes, &before);
        // Of one order, nothing changes.
        let _ = translate(kind, from, from.endian, machine, &mut bytes);
        prop_assert_eq!(&bytes, &before);
    }

    #[test]
    fn what_fits_the_other_class_comes_back(
        kind in prop::sample::select(ALL),
        from in encodings(),
        to in encodings(),
        mips in any::<bool>(),
        bytes in prop::collection::vec(prop_oneof![Just(0u8), Just(0xff), any::<u8>()], 64),
    ) {
        let machine = if mips { EM_MIPS } else { EM_NONE };
        if let Some(size) = kind.size(from.class) {
            let bytes = &bytes[..size];
            match convert(kind, from, to, machine, bytes) {
                Ok(converted) => {
                    prop_assert_eq!(Some(converted.len()), kind.size(to.class));
                    let back = convert(kind, to, from, machine, &converted).unwrap();
                    prop_assert_eq!(&back, bytes);
                }
                Err(_) => prop_assert!(from.is_64() && !to.is_64()),
            }
        }
    }
}
