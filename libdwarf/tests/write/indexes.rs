//! Public names and GDB's index; views of locations; macros with indexed strings.

use std::collections::{BTreeMap, BTreeSet};

use gimli::constants as dw;
use gimli::{DebugPubNames, DebugPubTypes, Encoding, Format, Register, RunTimeEndian};
use libdwarf::section::SectionId;
use libdwarf::write::*;
use proptest::prelude::*;

use crate::entries::{Style, styles};
use crate::programs::{SECOND, TARGETS, Target, encodings, object, readelf, run, verify};
use crate::read::{dwarf, linked};

fn at(symbol: usize, addend: i64) -> Address {
    Address::Symbol { symbol, addend }
}

const CLASSES: [SymbolClass; 5] = [
    SymbolClass::None,
    SymbolClass::Type,
    SymbolClass::Variable,
    SymbolClass::Function,
    SymbolClass::Other,
];

fn kind(seed: u8) -> SymbolKind {
    SymbolKind { class: CLASSES[usize::from(seed % 5)], is_static: seed & 0x80 != 0 }
}

/// The units of a name, as the index says: their number, and the byte that tells what it is.
type Found = BTreeSet<(u32, u8)>;

/// What an index says of a name, found as debuggers find it.
fn look_up(index: &[u8], name: &[u8]) -> Option<Found> {
    let word = |at: usize| u32::from_le_bytes(index[at..at + 4].try_into().unwrap());
    let (slots, pool) = (word(16) as usize, word(20) as usize);
    let count = (pool - slots) / 8;
    if count == 0 {
        return None;
    }
    let letters = name.iter().map(|byte| u32::from(byte.to_ascii_lowercase()));
    let hash = letters.fold(0u32, |r, c| r.wrapping_mul(67).wrapping_add(c).wrapping_sub(113));
    let mask = count as u32 - 1;
    let step = (hash.wrapping_mul(17) & mask) | 1;
    let mut slot = hash & mask;
    loop {
        let (text, list) = (word(slots + slot as usize * 8), word(slots + slot as usize * 8 + 4));
        if (text, list) == (0, 0) {
            return None;
        }
        let text = &index[pool + text as usize..];
        if text.split(|byte| *byte == 0).next() == Some(name) {
            let list = pool + list as usize;
            let entries = (1..=word(list) as usize).map(|number| word(list + number * 4));
            return Some(entries.map(|it| (it & 0xff_ffff, (it >> 24) as u8)).collect());
        }
        slot = (slot + step) & mask;
    }
}

proptest! {
    #![proptest_config(crate::read::cases(300))]

    #[test]
    fn public_names_are_read_as_written(
        style in styles(),
        units in prop::collection::vec(
            (any::<u16>(), prop::collection::vec(("[a-zA-Z:]{0,6}", 1u16.., any::<u8>()), 0..8)),
            1..4,
        ),
    ) {
        let Style { encoding, endian } = style;
        let mut sections = Sections::new(endian);
        let mut expected = Vec::new();
        for (unit, seeds) in &units {
            let names = seeds.iter().map(|(name, entry, seed)| {
                expected.push((usize::from(*unit), usize::from(*entry), name.clone()));
                PublicName { entry: (*entry).into(), kind: kind(*seed), name: name.as_bytes().into() }
            });
            let names: Vec<_> = names.collect();
            let (unit, unit_size) = (u64::from(*unit), 0x1_0000);
            let table = PublicNames { format: encoding.format, unit, unit_size, names };
            table.write(sections.get_mut(SectionId::Pubnames)).unwrap();
            table.write(sections.get_mut(SectionId::Pubtypes)).unwrap();
            table.write_gnu(sections.get_mut(SectionId::GnuPubnames)).unwrap();
        }
        let sections = linked(&sections);
        let mut got = Vec::new();
        let mut items = DebugPubNames::new(sections.bytes(SectionId::Pubnames), endian).items();
        while let Some(item) = items.next().unwrap() {
            let name = String::from_utf8(item.name().to_vec()).unwrap();
            got.push((item.unit_header_offset().0, item.die_offset().0, name));
        }
        prop_assert_eq!(&got, &expected);
        let mut got = Vec::new();
        let mut items = DebugPubTypes::new(sections.bytes(SectionId::Pubtypes), endian).items();
        while let Some(item) = items.next().unwrap() {
            let name = String::from_utf8(item.name().to_vec()).unwrap();
            got.push((item.unit_header_offset().0, item.die_offset().0, name));
        }
        prop_assert_eq!(&got, &expected);
        // One byte more for each name.
        let difference = sections.bytes(SectionId::GnuPubnames).len()
            - sections.bytes(SectionId::Pubnames).len();
        prop_assert_eq!(difference, expected.len());
    }

    #[test]
    fn gdb_finds_what_was_written(
        seeds in prop::collection::vec(("[a-cA-C_]{0,3}", 0u8..6, any::<u8>()), 0..200),
        is_big in any::<bool>(),
    ) {
        let mut index = GdbIndex::default();
        index.units = vec![(0, 0x20), (0x20, 0x30), (0x50, 0x10)];
        let unit = |offset| GdbTypeUnit { offset, type_offset: 0x1d, signature: !offset };
        index.type_units = vec![unit(0x60), unit(0x90), unit(0xc0)];
        index.ranges = vec![GdbRange { begin: 0x1000, end: 0x1010, unit: 2 }];
        let mut expected: BTreeMap<&str, Found> = BTreeMap::new();
        for (name, unit, seed) in &seeds {
            let number = u32::from(*unit);
            let of = if number < 3 { GdbUnit::Unit(number) } else { GdbUnit::Type(number - 3) };
            let kind = kind(*seed);
            index.add(name.as_bytes(), of, kind).unwrap();
            let class = CLASSES.iter().position(|class| *class == kind.class).unwrap() as u8;
            let bits = class << 4 | u8::from(kind.is_static) << 7;
            expected.entry(name).or_default().insert((number, bits));
        }
        let endian = if is_big { RunTimeEndian::Big } else { RunTimeEndian::Little };
        let mut section = Section::new(endian);
        index.write(&mut section).unwrap();
        for (name, units) in &expected {
            let found = look_up(section.bytes(), name.as_bytes());
            prop_assert_eq!(found.as_ref(), Some(units));
        }
        prop_assert_eq!(look_up(section.bytes(), b"nowhere"), None);
    }
}

#[test]
fn what_no_index_can_say_is_refused() {
    let mut section = Section::new(RunTimeEndian::Little);
    let mut index = GdbIndex::default();
    assert_eq!(index.add(b"a\0", GdbUnit::Unit(0), kind(0)), Err(Error::ZeroInString));
    index.add(b"a", GdbUnit::Type(0), kind(1)).unwrap();
    assert_eq!(index.write(&mut section), Err(Error::Dangling("a unit")));
    let mut index = GdbIndex::default();
    index.units.push((0, 0x20));
    index.ranges.push(GdbRange { begin: 8, end: 8, unit: 0 });
    assert_eq!(index.write(&mut section), Err(Error::EmptyRange));
    index.ranges.clear();
    index.version = 6;
    assert!(matches!(index.write(&mut section), Err(Error::Version { version: 6, .. })));
    index.version = 7;
    index.write(&mut section).unwrap();
    assert!(matches!(index.write(&mut section), Err(Error::Order(_))));
    let name = PublicName { entry: 0, kind: kind(0), name: b"a".to_vec() };
    let names = PublicNames { format: Format::Dwarf32, unit: 0, unit_size: 9, names: vec![name] };
    assert!(matches!(names.write(&mut section), Err(Error::Parameters(_))));
}

/// A unit with a variable whose locations have views, and with public names; from version 5 on with
/// macros whose strings are indexed, and that import others if they are to.
fn unit(target: Target, encoding: Encoding, imports: bool) -> Sections {
    let mut dwarf = Dwarf::default();
    let mut unit = Unit::new(encoding, UnitKind::Compile).unwrap();
    let root = unit.root();
    let text = |dwarf: &mut Dwarf, text: &[u8]| Value::String(dwarf.strings.add(text).unwrap());
    unit.set(root, dw::DW_AT_name, text(&mut dwarf, b"a.c")).unwrap();
    unit.set(root, dw::DW_AT_language, Value::Unsigned(dw::DW_LANG_C99.0.into())).unwrap();
    unit.set(root, dw::DW_AT_low_pc, Value::Address(at(0, 0))).unwrap();
    unit.set(root, dw::DW_AT_high_pc, Value::Address(at(1, 0))).unwrap();
    let base = unit.add(root, dw::DW_TAG_base_type).unwrap();
    unit.set(base, dw::DW_AT_name, text(&mut dwarf, b"int")).unwrap();
    unit.set(base, dw::DW_AT_byte_size, Value::Unsigned(4)).unwrap();
    unit.set(base, dw::DW_AT_encoding, Value::Unsigned(5)).unwrap();
    let variable = unit.add(root, dw::DW_TAG_variable).unwrap();
    unit.set(variable, dw::DW_AT_name, text(&mut dwarf, b"counter")).unwrap();
    unit.set(variable, dw::DW_AT_type, Value::Entry(base)).unwrap();
    let register = |number| Operation::Register(Register(number)).into();
    let locations = unit.add_locations(LocationList {
        locations: vec![
            (Bounds::StartEnd { begin: at(0, 0), end: at(0, 8) }, register(3)),
            (Bounds::StartEnd { begin: at(0, 8), end: at(0, 16) }, register(4)),
        ],
        views: vec![(1, 2), (2, 300)],
        ..LocationList::default()
    });
    unit.set(variable, dw::DW_AT_location, Value::Locations(locations)).unwrap();
    unit.set(variable, dw::DW_AT_GNU_locviews, Value::Views(locations)).unwrap();
    if encoding.version >= 5 {
        let mut indexed = |text: &[u8]| MacroText::Indexed(dwarf.strings.add(text).unwrap());
        let inner = vec![MacroEntry::Define { line: 1, text: indexed(b"INNER 1") }];
        let mut outer = vec![
            MacroEntry::Define { line: 2, text: indexed(b"OUTER 2") },
            MacroEntry::Undefine { line: 3, text: indexed(b"OUTER") },
        ];
        let macros =
            |entries| MacroUnit { version: 5, format: encoding.format, line: None, entries };
        if imports {
            outer.insert(0, MacroEntry::Import(dwarf.add_macros(macros(inner))));
        }
        let outer = dwarf.add_macros(macros(outer));
        unit.set(root, dw::DW_AT_macros, Value::Macros(outer)).unwrap();
    }
    let unit = dwarf.add_unit(unit);
    let mut sections = Sections::new(target.endian);
    let placed = dwarf.write(&mut sections, &no_distances).unwrap();
    let mut table = |entry, name: &[u8], class, id, gnu| {
        let kind = SymbolKind { class, is_static: true };
        let names = PublicNames {
            format: encoding.format,
            unit: placed.unit(unit).unwrap(),
            unit_size: placed.unit_size(unit).unwrap(),
            names: vec![PublicName {
                entry: placed.entry(unit, entry).unwrap(),
                kind,
                name: name.to_vec(),
            }],
        };
        names.write(sections.get_mut(id)).unwrap();
        names.write_gnu(sections.get_mut(gnu)).unwrap();
    };
    let (names, types) = (SymbolClass::Variable, SymbolClass::Type);
    table(variable, b"counter", names, SectionId::Pubnames, SectionId::GnuPubnames);
    table(base, b"int", types, SectionId::Pubtypes, SectionId::GnuPubtypes);
    sections
}

/// Asserts that a text has these words in this order.
fn assert_shows(text: &str, words: &[&str]) {
    let mut rest = text;
    for word in words {
        let at = rest.find(word);
        let at = at.unwrap_or_else(|| panic!("{word:?} is not in what is left of\n{text}"));
        rest = &rest[at + word.len()..];
    }
}

#[test]
fn public_names_views_and_indexed_macros_are_read_by_others() {
    for target in TARGETS {
        for encoding in encodings(target) {
            let what = format!("{target:?} {encoding:?}");
            verify(&object(target, unit(target, encoding, false)), &what);
            let mut sections = unit(target, encoding, false);
            sections.resolve(&|symbol| Some([0, SECOND][symbol])).unwrap();
            let bytes = object(target, sections);
            assert_shows(&readelf("-wi", &bytes), &["DW_AT_location", "DW_AT_GNU_locviews"]);
            let pairs = ["location view pair", "location view pair"];
            let entries = ["views at", "DW_OP_reg3", "views at", "DW_OP_reg4", "<End of list>"];
            assert_shows(&readelf("-wo", &bytes), &[&pairs[..], &entries].concat());
            assert_shows(
                &readelf("-wp", &bytes),
                &[".debug_pubnames", "counter", ".debug_gnu_pubnames", "s,variable", "counter"],
            );
            assert_shows(&readelf("-wt", &bytes), &[".debug_pubtypes", "int", "s,type", "int"]);
            if encoding.version >= 5 {
                // GNU readelf 2.40 counts indexes of macros from the start of the section.
                let file = tempfile::NamedTempFile::new().unwrap();
                std::fs::write(&file, &bytes).unwrap();
                let shown = run("llvm-dwarfdump-14", "llvm-14", &["--debug-macro"], file.path());
                let codes = ["define_strx", "OUTER 2", "undef_strx"];
                assert_shows(&shown, &codes);
            }
        }
    }
}

#[test]
fn indexed_macros_are_read_as_written() {
    for target in TARGETS {
        for encoding in encodings(target).into_iter().filter(|encoding| encoding.version == 5) {
            let sections = linked(&unit(target, encoding, true));
            let read = dwarf(&sections);
            let header = read.units().next().unwrap().unwrap();
            let unit = read.unit(header).unwrap();
            let unit = unit.unit_ref(&read);
            let root = unit.entry(unit.header.root_offset()).unwrap();
            let table = root.attr_value(dw::DW_AT_macros).unwrap();
            let gimli::AttributeValue::DebugMacroRef(offset) = table else { panic!("{table:?}") };
            let mut entries = unit.macros(offset).unwrap();
            let mut texts = Vec::new();
            while let Some(entry) = entries.next().unwrap() {
                match entry {
                    gimli::MacroEntry::Define { text, .. }
                    | gimli::MacroEntry::Undef { name: text, .. } => {
                        texts.push(text.string(unit).unwrap().slice().to_vec());
                    }
                    gimli::MacroEntry::Import { .. } => texts.push(b"import".to_vec()),
                    other => panic!("{other:?}"),
                }
            }
            assert_eq!(texts, [&b"import"[..], b"OUTER 2", b"OUTER"]);
        }
    }
}

#[test]
fn macros_of_two_units_have_no_indexes() {
    let encoding = Encoding { address_size: 8, format: Format::Dwarf32, version: 5 };
    let mut dwarf = Dwarf::default();
    let text = MacroText::Indexed(dwarf.strings.add(b"ONE 1").unwrap());
    let entries = vec![MacroEntry::Define { line: 1, text }];
    let macros =
        dwarf.add_macros(MacroUnit { version: 5, format: encoding.format, line: None, entries });
    let mut sections = Sections::new(RunTimeEndian::Little);
    let failed = dwarf.write(&mut sections, &no_distances).unwrap_err();
    assert!(matches!(failed, Error::Dangling(_)), "{failed}");
    for _ in 0..2 {
        let mut unit = Unit::new(encoding, UnitKind::Compile).unwrap();
        let root = unit.root();
        unit.set(root, dw::DW_AT_macros, Value::Macros(macros)).unwrap();
        dwarf.add_unit(unit);
    }
    let mut sections = Sections::new(RunTimeEndian::Little);
    let failed = dwarf.write(&mut sections, &no_distances).unwrap_err();
    assert!(matches!(failed, Error::Parameters(_)), "{failed}");
}

/// A linked file with an index, as GNU readelf shows it.
#[test]
fn indexes_of_gdb_are_shown() {
    for target in TARGETS {
        let encoding = encodings(target)[0];
        let mut sections = unit(target, encoding, true);
        sections.resolve(&|symbol| Some([0, SECOND][symbol])).unwrap();
        let mut index = GdbIndex::default();
        index.units.push((0, sections.bytes(SectionId::Info).len() as u64));
        index.ranges.push(GdbRange { begin: 0, end: SECOND, unit: 0 });
        let static_ = |class| SymbolKind { class, is_static: true };
        index.add(b"counter", GdbUnit::Unit(0), static_(SymbolClass::Variable)).unwrap();
        let global = SymbolKind { class: SymbolClass::Type, is_static: false };
        index.add(b"int", GdbUnit::Unit(0), global).unwrap();
        index.write(sections.get_mut(SectionId::GdbIndex)).unwrap();
        let shown = readelf("--debug-dump=gdb_index", &object(target, sections));
        assert_shows(
            &shown,
            &["Version 8", "CU table:", "Address table:", "0100 0", "Symbol table"],
        );
        assert_shows(&shown, &["counter: 0 [static, variable]"]);
        assert_shows(&shown, &["int: 0 [global, type]"]);
    }
}
