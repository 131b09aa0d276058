//! What holds for any object.

use object::elf;
use object::endian::Endianness;
use proptest::prelude::*;
use proptest::sample::Index;

use super::contents::{GroupMember, StringOrder, Strings};
use super::reloc::{RelocForm, RelocSymbol, Relocation};
use super::{
    Contents, Field, Link, Object, Section, SectionId, Slots, Symbol, SymbolId, SymbolSection,
};
use crate::ident::{Class, Encoding};

fn encoding() -> impl Strategy<Value = Encoding> {
    (any::<bool>(), any::<bool>()).prop_map(|(is_wide, is_big)| Encoding {
        class: if is_wide { Class::Elf64 } else { Class::Elf32 },
        endian: if is_big { Endianness::Big } else { Endianness::Little },
    })
}

/// Names that often end alike.
fn name() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        proptest::string::bytes_regex("[ab]{0,4}").unwrap(),
        proptest::string::bytes_regex("(?s-u:[^\\x00]{1,9})").unwrap(),
    ]
}

fn field(limit: u64) -> impl Strategy<Value = Field<u64>> {
    prop_oneof![3 => Just(Field::Auto), 1 => (0..=limit).prop_map(Field::Is)]
}

/// A section with bytes or without, whose type no kind of contents is decoded from.
fn section() -> impl Strategy<Value = Section<'static>> {
    let contents = prop_oneof![
        Just(Contents::Empty),
        prop::collection::vec(any::<u8>(), 1..40).prop_map(|bytes| Contents::Bytes(bytes.into())),
        (0..0x1000_u64).prop_map(Contents::NoBits),
    ];
    let align = prop_oneof![Just(Field::Auto), (0..7_u32).prop_map(|bits| Field::Is(1 << bits))];
    let numbers = (0..0x100_u64, any::<u32>(), any::<u32>());
    let fields = (field(0xffff_ffff), align, field(0xff));
    (name(), contents, numbers, fields).prop_map(
        |(name, contents, (flags, link, info), (address, align, entry_size))| Section {
            name: super::Name::new(name),
            kind: if matches!(contents, Contents::NoBits(_)) {
                elf::SHT_NOBITS.0
            } else {
                elf::SHT_PROGBITS.0
            },
            flags: flags & !elf::SHF_INFO_LINK.0,
            address,
            align,
            entry_size,
            // Numbers that are no section's index.
            link: Link::Number(link | 0x8000_0000),
            info: Link::Number(info),
            contents,
            ..Section::default()
        },
    )
}

/// A symbol that is in one of the sections or in none.
fn symbol() -> impl Strategy<Value = (Symbol<'static>, Option<Index>)> {
    let numbers = (any::<u8>(), any::<u8>(), any::<u32>(), any::<u32>());
    (name(), numbers, any::<Option<Index>>(), 0xff00..0xffff_u16).prop_map(
        |(name, (info, other, value, size), section, reserved)| {
            let symbol = Symbol {
                name: super::Name::new(name),
                info,
                other,
                section: SymbolSection::Index(reserved),
                value: value.into(),
                size: size.into(),
            };
            (symbol, section)
        },
    )
}

fn relocation() -> impl Strategy<Value = (Relocation, Option<Index>)> {
    (any::<u32>(), any::<u8>(), any::<i32>(), any::<Option<Index>>()).prop_map(
        |(offset, kind, addend, symbol)| {
            let relocation = Relocation {
                offset: offset.into(),
                kind: kind.into(),
                addend: addend.into(),
                ..Relocation::default()
            };
            (relocation, symbol)
        },
    )
}

prop_compose! {
    fn object()(
        encoding in encoding(),
        is_executable in any::<bool>(),
        sections in prop::collection::vec(section(), 1..6),
        symbols in prop::collection::vec(symbol(), 0..12),
        form in prop_oneof![
            Just(RelocForm::Rela),
            Just(RelocForm::Crel { has_addends: true }),
            Just(RelocForm::Rel),
            Just(RelocForm::Crel { has_addends: false }),
        ],
        relocations in prop::collection::vec(relocation(), 1..12),
        members in prop::collection::vec(any::<Index>(), 1..4),
        order in prop_oneof![Just(StringOrder::Use), Just(StringOrder::Reversed), Just(StringOrder::Unshared)],
        header in (any::<u32>(), any::<u8>(), field(0xffff_ffff)),
    ) -> Object<'static> {
        let kind = if is_executable { elf::ET_EXEC.0 } else { elf::ET_REL.0 };
        let mut object = Object::new(encoding, kind, elf::EM_386.0);
        (object.header.flags, object.header.os_abi, object.header.entry) = header;
        let ids: Vec<SectionId> = sections.into_iter().map(|s| object.add_section(s)).collect();
        let table = object.symbol_table();
        let mut keys = Vec::new();
        for (mut symbol, section) in symbols {
            if let Some(section) = section {
                symbol.section = SymbolSection::Section(*section.get(&ids));
            }
            keys.push(object.add_symbol(table, symbol).unwrap());
        }
        let relocation = |(mut relocation, symbol): (Relocation, Option<Index>)| {
            if let (Some(symbol), false) = (symbol, keys.is_empty()) {
                relocation.symbol = RelocSymbol::Symbol(*symbol.get(&keys));
            }
            if matches!(form, RelocForm::Rel | RelocForm::Crel { has_addends: false }) {
                relocation.addend = 0;
            }
            relocation
        };
        object.add_section(Section {
            name: ".relocations".into(),
            kind: match form {
                RelocForm::Rel => elf::SHT_REL.0,
                RelocForm::Rela => elf::SHT_RELA.0,
                RelocForm::Crel { .. } => elf::SHT_CREL.0,
            },
            contents: Contents::Relocations(form, relocations.into_iter().map(relocation).collect()),
            ..Section::default()
        });
        object.add_section(Section {
            name: ".group".into(),
            kind: elf::SHT_GROUP.0,
            info: match keys.first() {
                Some(&key) => Link::Symbol(key),
                None => Link::Auto,
            },
            contents: Contents::Group {
                flags: 1,
                members: members.iter().map(|member| GroupMember::Section(*member.get(&ids))).collect(),
            },
            ..Section::default()
        });
        object.complete();
        for (_, section) in object.sections.iter_mut() {
            if let Contents::Strings(strings) = &mut section.contents {
                strings.order = order;
            }
        }
        object
    }
}

/// The object with indexes in place of keys, so that two of them can be compared.
fn numbered(object: &Object<'static>) -> Object<'static> {
    let sections = object.sections.positions();
    let section = |id: SectionId| SectionId(sections[id.0 as usize]);
    let symbol = |id: SymbolId| {
        let positions = object.symbols(id.table).unwrap().positions();
        SymbolId { table: section(id.table), key: positions[id.key as usize] }
    };
    let link = |link| match link {
        Link::Section(id) => Link::Section(section(id)),
        Link::Symbol(id) => Link::Symbol(symbol(id)),
        link => link,
    };
    let mut numbered = object.clone();
    numbered.sections = Slots::default();
    for (_, old) in object.sections.iter() {
        let mut new = old.clone();
        (new.link, new.info) = (link(old.link), link(old.info));
        match &mut new.contents {
            Contents::Relocations(_, list) => {
                for relocation in list {
                    if let RelocSymbol::Symbol(id) = relocation.symbol {
                        relocation.symbol = RelocSymbol::Symbol(symbol(id));
                    }
                }
            }
            // One form of a table may make the bytes of another.
            Contents::Strings(strings) => *strings = Strings::default(),
            _ => {}
        }
        numbered.sections.push(new);
    }
    numbered
}

proptest! {
    #[test]
    fn an_object_written_and_read_again_is_equal(mut object in object()) {
        object.simplify().unwrap();
        let bytes = object.to_bytes().unwrap();
        prop_assert_eq!(&object.to_bytes().unwrap(), &bytes);
        let bytes: &'static [u8] = bytes.leak();
        let mut again = Object::open(bytes).unwrap();
        prop_assert!(again.to_bytes().unwrap() == bytes);
        again.simplify().unwrap();
        prop_assert!(again.to_bytes().unwrap() == bytes);
        prop_assert_eq!(numbered(&again), numbered(&object));
    }

    #[test]
    fn any_bytes_that_can_be_opened_are_written_as_they_were(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let bytes = [b"\x7fELF", &bytes[..]].concat();
        let mut object = Object::open(&bytes).unwrap();
        prop_assert!(object.to_bytes().unwrap() == bytes);
        object.simplify().unwrap();
        prop_assert!(object.to_bytes().unwrap() == bytes);
    }

    #[test]
    fn a_computed_table_holds_every_name(
        first in prop::collection::vec(name(), 0..4),
        names in prop::collection::vec(name(), 0..12),
        order in prop_oneof![Just(StringOrder::Use), Just(StringOrder::Reversed), Just(StringOrder::Unshared)],
    ) {
        let strings = Strings { first: first.into_iter().map(Into::into).collect(), order };
        let names: Vec<&[u8]> = names.iter().map(Vec::as_slice).collect();
        let table = super::contents::strings::build(&strings, &names);
        let index = super::string_index::StringIndex::new(table.as_slice().into());
        let reader = crate::StringTable::new(&table);
        for name in names {
            let offset = index.find(name).unwrap();
            prop_assert_eq!(reader.get(offset.into()).unwrap(), name);
        }
    }
}
