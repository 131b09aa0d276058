//! Aranges, names and macros; type units and split units.

use std::collections::BTreeMap;

use gimli::constants as dw;
use gimli::{DebugAranges, DebugNames, DebugStr, Encoding, EndianSlice, Format, RunTimeEndian};
use libdwarf::section::SectionId;
use libdwarf::write::*;
use proptest::prelude::*;

use crate::entries::{Style, styles};
use crate::read::{Slice, address_of, dwarf, linked, value_of};

fn at(symbol: usize, addend: i64) -> Address {
    Address::Symbol { symbol, addend }
}

proptest! {
    #![proptest_config(crate::read::cases(300))]

    #[test]
    fn aranges_are_read_as_written(
        style in styles(),
        tables in prop::collection::vec(
            (any::<u16>(), prop::collection::vec((0usize..4, 0u8..255, 1u8..255), 0..6)),
            1..4,
        ),
    ) {
        let Style { encoding, endian } = style;
        let mut sections = Sections::new(endian);
        let mut expected = Vec::new();
        for (unit, seeds) in &tables {
            let mut ranges = Vec::new();
            let mut wanted = Vec::new();
            for &(symbol, start, length) in seeds {
                let (start, length) = (i64::from(start), i64::from(length));
                let (begin, end) = match symbol {
                    3 => {
                        let start = start as u64;
                        (Address::Constant(start), Address::Constant(start + length as u64))
                    }
                    symbol => (at(symbol, start), at(symbol, start + length)),
                };
                ranges.push((begin, end));
                wanted.push((value_of(begin), length as u64));
            }
            // Between symbols, distances are left to relocations.
            ranges.push((at(0, 0), at(1, 8)));
            wanted.push((0x1000, 0x1008));
            let (format, address_size) = (encoding.format, encoding.address_size);
            let table = Aranges { format, address_size, unit: (*unit).into(), ranges };
            table.write(sections.get_mut(SectionId::Aranges), &no_distances).unwrap();
            expected.push((*unit, wanted));
        }
        let sections = linked(&sections);
        let read = DebugAranges::new(sections.bytes(SectionId::Aranges), endian);
        let mut headers = read.headers();
        for (unit, wanted) in expected {
            let header = headers.next().unwrap().unwrap();
            prop_assert_eq!(header.debug_info_offset().0, usize::from(unit));
            let mut entries = header.entries();
            let mut got = Vec::new();
            while let Some(entry) = entries.next().unwrap() {
                got.push((entry.address(), entry.length()));
            }
            prop_assert_eq!(got, wanted);
        }
        prop_assert!(headers.next().unwrap().is_none());
    }

    #[test]
    fn names_are_found_as_written(
        style in styles(),
        seeds in prop::collection::vec(
            ("[a-cA-Cµßé]{0,3}", 1u16..0x40, 0u8..3, any::<u8>(), any::<u32>(), any::<u8>(), any::<bool>()),
            0..60,
        ),
        units in 1u32..4,
    ) {
        check_names(style, &seeds, units)?;
    }

    #[test]
    fn macros_are_read_as_written(
        style in styles(),
        seeds in prop::collection::vec((0u8..5, any::<u16>(), "[A-Z]{1,8} [0-9]{0,4}"), 0..20),
    ) {
        check_macros(style, &seeds)?;
    }
}

type NameSeed = (String, u16, u8, u8, u32, u8, bool);

/// What a table says of an entry, its parent by the offset of that.
type Said = (u16, String, u64, Option<Option<u64>>, Option<u64>);

fn check_names(
    style: Style,
    seeds: &[NameSeed],
    units: u32,
) -> std::result::Result<(), TestCaseError> {
    let endian = style.endian;
    let mut strings = Strings::default();
    let mut names = Names::new(style.encoding.format);
    names.augmentation = b"LLVM0".to_vec();
    for unit in 0..units {
        names.add_unit(u64::from(unit) * 0x100);
    }
    names.add_type_unit(0x5000);
    names.add_foreign_type_unit(0x1122_3344_5566_7788);
    let mut expected: BTreeMap<String, Vec<Said>> = BTreeMap::new();
    for (index, (text, tag, kind, unit, offset, parent, hash)) in seeds.iter().enumerate() {
        let unit = u32::from(*unit) % units;
        let (unit, said_unit) = match kind {
            0 => (NameUnit::Compile(unit), format!("{:#x}", unit * 0x100)),
            1 => (NameUnit::Type(0), "0x5000".to_owned()),
            _ => (NameUnit::Foreign(0, Some(unit)), format!("foreign {:#x}", unit * 0x100)),
        };
        let parents = seeds.len() as u32;
        let (parent, said_parent) = match parent % 4 {
            0 => (NameParent::Unsaid, None),
            1 => (NameParent::NotIndexed, Some(None)),
            _ => {
                let parent = u32::from(*parent) % parents;
                (NameParent::Entry(parent), Some(Some(u64::from(seeds[parent as usize].4))))
            }
        };
        let type_hash = hash.then_some(u64::from(*offset) << 20);
        let entry = NamedEntry {
            tag: gimli::DwTag(*tag),
            unit,
            offset: (*offset).into(),
            parent,
            type_hash,
        };
        let id = strings.add(text.as_bytes()).unwrap();
        let number = names.add(text.as_bytes(), strings.offset(id).unwrap(), entry);
        prop_assert_eq!(number as usize, index);
        let said = (*tag, said_unit, u64::from(*offset), said_parent, type_hash);
        expected.entry(text.clone()).or_default().push(said);
    }
    let mut sections = Sections::new(endian);
    names.write(sections.get_mut(SectionId::Names)).unwrap();
    strings.write(sections.get_mut(SectionId::Str));
    sections.resolve(&address_of).unwrap();
    let got = read_names(&sections, &expected)?;
    prop_assert_eq!(&got, &expected);

    // Joined with nothing, a table says the same again.
    let read = DebugNames::new(sections.bytes(SectionId::Names), endian);
    let index = read.headers().next().unwrap().unwrap().index().unwrap();
    let debug_str = DebugStr::new(sections.bytes(SectionId::Str), endian);
    let mut merged = Names::new(style.encoding.format);
    let offset = |text: &[u8]| {
        let id = strings.clone().add(text).unwrap();
        strings.offset(id).unwrap()
    };
    merged.merge(&index, &debug_str, &|unit| Some(unit), &offset).unwrap();
    let mut again = Sections::new(endian);
    merged.write(again.get_mut(SectionId::Names)).unwrap();
    strings.write(again.get_mut(SectionId::Str));
    again.resolve(&address_of).unwrap();
    prop_assert_eq!(&read_names(&again, &expected)?, &expected);
    // Without its first unit, what names it goes.
    let mut fewer = Names::new(style.encoding.format);
    let keep = |unit| (unit != 0).then_some(unit + 0x10);
    fewer.merge(&index, &debug_str, &keep, &offset).unwrap();
    fewer.write(&mut Section::new(endian)).unwrap();
    Ok(())
}

fn read_names(
    sections: &Sections,
    expected: &BTreeMap<String, Vec<Said>>,
) -> std::result::Result<BTreeMap<String, Vec<Said>>, TestCaseError> {
    let endian = sections.endian();
    let read = DebugNames::new(sections.bytes(SectionId::Names), endian);
    let debug_str = DebugStr::new(sections.bytes(SectionId::Str), endian);
    let index = read.headers().next().unwrap().unwrap().index().unwrap();
    let mut got: BTreeMap<String, Vec<Said>> = BTreeMap::new();
    let mut count = 0;
    // By hash, as a debugger looks names up.
    for text in expected.keys() {
        let mut found = index.find_by_hash(gimli::case_folding_djb_hash(text)).unwrap();
        while let Some(name) = found.next().unwrap() {
            if index.name_string(name, &debug_str).unwrap().slice() != text.as_bytes() {
                continue;
            }
            count += 1;
            let mut entries = index.name_entries(name).unwrap();
            while let Some(entry) = entries.next().unwrap() {
                let unit =
                    entry.compile_unit(&index).unwrap().or(index.default_compile_unit().unwrap());
                let unit = unit.map_or(0, |unit| unit.0);
                let unit = match entry.type_unit(&index).unwrap() {
                    None => format!("{unit:#x}"),
                    Some(gimli::NameTypeUnit::Local(unit)) => format!("{:#x}", unit.0),
                    Some(gimli::NameTypeUnit::Foreign(_)) => format!("foreign {unit:#x}"),
                };
                let parent = entry.parent().unwrap().map(|parent| {
                    parent.map(|parent| {
                        let parent = index.name_entry(parent).unwrap();
                        parent.die_offset().unwrap().unwrap().0 as u64
                    })
                });
                let offset = entry.die_offset().unwrap().unwrap().0 as u64;
                let said = (entry.tag.0, unit, offset, parent, entry.type_hash().unwrap());
                got.entry(text.clone()).or_default().push(said);
            }
        }
    }
    prop_assert_eq!(index.name_count(), count);
    Ok(got)
}

fn check_macros(
    style: Style,
    seeds: &[(u8, u16, String)],
) -> std::result::Result<(), TestCaseError> {
    let Style { encoding, endian } = style;
    let mut file = Dwarf::default();
    let mut program = LineProgram::new(encoding, gimli::LineEncoding::default(), endian).unwrap();
    program.add_directory("/dir".into());
    program.add_file(File::new("a.c".into(), 0));
    let line = file.add_line(program);
    let version = encoding.version;
    let is_old = version < 4;
    let mut entries = Vec::new();
    let mut expected = Vec::new();
    for (kind, number, text) in seeds {
        let number = u64::from(*number);
        let inline = MacroText::Inline(text.as_bytes().to_vec());
        let far = if is_old {
            inline.clone()
        } else {
            MacroText::String(file.strings.add(text.as_bytes()).unwrap())
        };
        let (entry, said) = match kind {
            0 => (MacroEntry::Define { line: number, text: inline }, format!("+{number} {text}")),
            1 => (MacroEntry::Undefine { line: number, text: inline }, format!("-{number} {text}")),
            2 => (MacroEntry::Define { line: number, text: far }, format!("+{number} {text}")),
            3 => (MacroEntry::StartFile { line: number, file: 1 }, format!("({number}")),
            _ => (MacroEntry::EndFile, ")".to_owned()),
        };
        entries.push(entry);
        expected.push(said);
    }
    let format = encoding.format;
    let shared = (!is_old)
        .then(|| file.add_macros(MacroUnit { version, format, line: None, entries: Vec::new() }));
    if let Some(shared) = shared {
        entries.push(MacroEntry::Import(shared));
        expected.push("import".to_owned());
    }
    let macros = file.add_macros(MacroUnit { version, format, line: Some(line), entries });
    let mut sections = Sections::new(endian);
    let placed = file.write(&mut sections, &no_distances).unwrap();
    let start = placed.macros(macros).unwrap() as usize;
    let sections = linked(&sections);
    let strings = DebugStr::new(sections.bytes(SectionId::Str), endian);
    let mut got = Vec::new();
    let text = |text: &gimli::MacroString<Slice>| {
        let text = match text {
            gimli::MacroString::Direct(text) => *text,
            gimli::MacroString::StringPointer(offset) => strings.get_str(*offset).unwrap(),
            other => panic!("{other:?}"),
        };
        String::from_utf8(text.to_vec()).unwrap()
    };
    let mut see = |entry: gimli::MacroEntry<Slice>| match entry {
        gimli::MacroEntry::Define { line, text: body } => {
            got.push(format!("+{line} {}", text(&body)));
        }
        gimli::MacroEntry::Undef { line, name } => got.push(format!("-{line} {}", text(&name))),
        gimli::MacroEntry::StartFile { line, file: 1 } => got.push(format!("({line}")),
        gimli::MacroEntry::EndFile => got.push(")".to_owned()),
        gimli::MacroEntry::Import { .. } => got.push("import".to_owned()),
        other => panic!("{other:?}"),
    };
    if is_old {
        let read = gimli::DebugMacinfo::new(sections.bytes(SectionId::Macinfo), endian);
        let mut entries = read.get_macinfo(gimli::DebugMacinfoOffset(start)).unwrap();
        while let Some(entry) = entries.next().unwrap() {
            see(entry);
        }
    } else {
        let read = gimli::DebugMacro::new(sections.bytes(SectionId::Macro), endian);
        let mut entries = read.get_macros(gimli::DebugMacroOffset(start)).unwrap();
        while let Some(entry) = entries.next().unwrap() {
            see(entry);
        }
    }
    prop_assert_eq!(got, expected);
    Ok(())
}

const ENDIAN: RunTimeEndian = RunTimeEndian::Little;

fn encoding(version: u16) -> Encoding {
    Encoding { format: Format::Dwarf32, version, address_size: 8 }
}

#[test]
fn units_refer_to_each_other_and_to_types_by_signature() {
    for version in [4, 5] {
        let mut file = Dwarf::default();
        let encoding = encoding(version);
        let mut types =
            Unit::new(encoding, UnitKind::Type { signature: 0x77, entry: placeholder() }).unwrap();
        let root = types.root();
        let space = types.add(root, dw::DW_TAG_namespace).unwrap();
        let structure = types.add(space, dw::DW_TAG_structure_type).unwrap();
        types.set_kind(UnitKind::Type { signature: 0x77, entry: structure });
        let types = file.add_unit(types);
        let mut first = Unit::new(encoding, UnitKind::Compile).unwrap();
        let root = first.root();
        let variable = first.add(root, dw::DW_TAG_variable).unwrap();
        first.set(variable, dw::DW_AT_type, Value::Signature(0x77)).unwrap();
        let first = file.add_unit(first);
        let mut second = Unit::new(encoding, UnitKind::Partial).unwrap();
        let root = second.root();
        let import = second.add(root, dw::DW_TAG_imported_declaration).unwrap();
        second.set(import, dw::DW_AT_import, Value::EntryOf(first, variable)).unwrap();
        file.add_unit(second);
        let mut sections = Sections::new(ENDIAN);
        let placed = file.write(&mut sections, &no_distances).unwrap();
        let sections = linked(&sections);
        let read = dwarf(&sections);
        let place = placed.entry(types, structure).unwrap() as usize;
        let header = if version == 4 {
            read.type_units().next().unwrap().unwrap()
        } else {
            read.units().next().unwrap().unwrap()
        };
        let gimli::UnitType::Type { type_signature, type_offset } = header.type_() else {
            panic!()
        };
        assert_eq!((type_signature.0, type_offset.0), (0x77, place));
        let mut headers = read.units();
        let mut last = None;
        while let Some(header) = headers.next().unwrap() {
            last = Some(header);
        }
        let unit = read.unit(last.unwrap()).unwrap();
        let mut entries = unit.entries();
        entries.next_dfs().unwrap();
        let import = entries.next_dfs().unwrap().unwrap();
        let place = placed.unit(first).unwrap() + placed.entry(first, variable).unwrap();
        let place = gimli::DebugInfoOffset(place as usize);
        assert_eq!(
            import.attr_value(dw::DW_AT_import),
            Some(gimli::AttributeValue::DebugInfoRef(place))
        );
    }
}

/// The entry of a type unit before it has one.
fn placeholder() -> EntryId {
    Unit::new(encoding(5), UnitKind::Compile).unwrap().root()
}

#[test]
fn a_split_unit_and_its_skeleton_are_read_as_one() {
    for version in [4, 5] {
        let is_new = version == 5;
        let encoding = encoding(version);
        let dwo_id = 0x0123_4567_89ab_cdef;
        let mut split = Dwarf::default();
        let mut unit = Unit::new(encoding, UnitKind::SplitCompile { dwo_id }).unwrap();
        let root = unit.root();
        let (strx, addrx) = if is_new {
            (dw::DW_FORM_strx, dw::DW_FORM_addrx)
        } else {
            (dw::DW_FORM_GNU_str_index, dw::DW_FORM_GNU_addr_index)
        };
        for text in ["unused", "a.c"] {
            let id = split.strings.add(text.as_bytes()).unwrap();
            unit.entry(root).unwrap().set_form(dw::DW_AT_name, strx, Value::String(id));
        }
        let function = unit.add(root, dw::DW_TAG_subprogram).unwrap();
        let low = Value::Address(at(1, 4));
        unit.entry(function).unwrap().set_form(dw::DW_AT_low_pc, addrx, low);
        let locations = unit.add_locations(LocationList {
            locations: vec![(
                Bounds::StartLength { begin: at(2, 8), length: 4 },
                Operation::AddressIndex(at(0, 0)).into(),
            )],
            indexed: is_new,
        });
        let variable = unit.add(function, dw::DW_TAG_variable).unwrap();
        unit.set(variable, dw::DW_AT_location, Value::Locations(locations)).unwrap();
        let unit = split.add_unit(unit);
        let mut dwo = Sections::new(ENDIAN);
        let placed = split.write(&mut dwo, &no_distances).unwrap();
        assert_eq!(placed.addresses(unit).len(), 3);
        assert!(dwo.iter().all(|(id, _)| id.name().strip_suffix(".dwo").is_some()));

        let mut main = Dwarf::default();
        let mut skeleton = Unit::new(encoding, UnitKind::Skeleton { dwo_id }).unwrap();
        skeleton.addresses = placed.addresses(unit).to_vec();
        let root = skeleton.root();
        skeleton.set(root, dw::DW_AT_dwo_name, Value::Text(b"a.dwo".to_vec())).unwrap();
        main.add_unit(skeleton);
        let mut sections = Sections::new(ENDIAN);
        main.write(&mut sections, &no_distances).unwrap();
        let (sections, dwo) = (linked(&sections), linked(&dwo));
        let parent = dwarf(&sections);
        let skeleton = parent.unit(parent.units().next().unwrap().unwrap()).unwrap();
        assert_eq!(skeleton.dwo_id, Some(gimli::DwoId(dwo_id)));
        let load = |id: gimli::SectionId| {
            let id = id.dwo_name().and_then(|name| SectionId::of_name(name.as_bytes()));
            let bytes = id.map_or(&[][..], |id| dwo.bytes(id));
            Ok::<_, gimli::Error>(EndianSlice::new(bytes, ENDIAN))
        };
        let mut read = gimli::Dwarf::load(load).unwrap();
        read.make_dwo(&parent);
        let mut unit = read.unit(read.units().next().unwrap().unwrap()).unwrap();
        unit.copy_relocated_attributes(&skeleton);
        assert_eq!(unit.dwo_id, Some(gimli::DwoId(dwo_id)));
        assert_eq!(unit.name.unwrap().slice(), b"a.c");
        let mut entries = unit.entries();
        entries.next_dfs().unwrap();
        let function = entries.next_dfs().unwrap().unwrap();
        let low = function.attr_value(dw::DW_AT_low_pc).unwrap();
        assert_eq!(read.attr_address(&unit, low).unwrap(), Some(0x2004));
        let variable = entries.next_dfs().unwrap().unwrap();
        let location = variable.attr_value(dw::DW_AT_location).unwrap();
        let mut locations = read.attr_locations(&unit, location).unwrap().unwrap();
        let entry = locations.next().unwrap().unwrap();
        assert_eq!((entry.range.begin, entry.range.end), (0x2108, 0x210c));
        let operation = entry.data.operations(encoding).next().unwrap().unwrap();
        let gimli::Operation::AddressIndex { index } = operation else { panic!("{operation:?}") };
        assert_eq!(read.address(&unit, index).unwrap(), 0x1000);
    }
}
