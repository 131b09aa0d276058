//! Whole objects, of every version, format, order and size of addresses.

use gimli::{Encoding, LineEncoding, Register, constants as dw};
use libdwarf::section::SectionId;
use libdwarf::write::*;

use crate::programs::{SECOND, TARGETS, Target, encodings, object, readelf, verify};

fn at(symbol: usize, addend: i64) -> Address {
    Address::Symbol { symbol, addend }
}

/// The second function is so far from the first.
fn distances(from: Address, to: Address) -> Distance {
    let place = |address| match address {
        Address::Constant(_) => None,
        Address::Symbol { symbol, addend } => Some([0, SECOND as i64][symbol] + addend),
    };
    match (place(from), place(to)) {
        (Some(from), Some(to)) => Distance::Exactly(to - from),
        _ => Distance::Unknown,
    }
}

/// Two functions, types, a variable with a location list, macros and all tables.
fn everything(target: Target, encoding: Encoding) -> Sections {
    let is_new = encoding.version >= 5;
    let endian = target.endian;
    let mut dwarf = Dwarf::default();
    let mut line = LineProgram::new(encoding, LineEncoding::default(), endian).unwrap();
    line.add_directory("/src".into());
    line.add_directory("include".into());
    let mut header = File::new("b.h".into(), 1);
    (header.size, header.timestamp) = (77, 99);
    let first = line.add_file(File::new("a.c".into(), 0));
    let second = line.add_file(header);
    for (address, file, number) in [
        (at(0, 0), first, 1),
        (at(0, 4), first, 3),
        (at(0, 8), second, 200),
        (at(0, 0x90), second, 190),
        (at(1, 0), first, 12),
        (at(1, 2), first, 13),
    ] {
        let column = u64::from(number > 12) * 7;
        line.row(Row { file, column, ..Row::new(address, number) }).unwrap();
    }
    line.end_sequence(at(1, 0x100)).unwrap();
    let line = dwarf.add_line(line);

    let mut unit = Unit::new(encoding, UnitKind::Compile).unwrap();
    let root = unit.root();
    let mut name = |text: &str| Value::String(dwarf.strings.add(text.as_bytes()).unwrap());
    let names = ["a.c", "producer", "one", "two", "int", "v"].map(&mut name);
    let [file, producer, one, two, int, variable] = names;
    unit.set(root, dw::DW_AT_producer, producer).unwrap();
    unit.set(root, dw::DW_AT_language, Value::Unsigned(dw::DW_LANG_C99.0.into())).unwrap();
    unit.set(root, dw::DW_AT_name, file).unwrap();
    unit.set(root, dw::DW_AT_comp_dir, Value::Text(b"/src".to_vec())).unwrap();
    unit.set(root, dw::DW_AT_stmt_list, Value::Line(line)).unwrap();
    let ranges = unit.add_ranges(RangeList {
        ranges: vec![
            Bounds::StartLength { begin: at(0, 0), length: SECOND },
            Bounds::StartEnd { begin: at(1, 0), end: at(1, 0x100) },
        ],
        indexed: false,
    });
    unit.set(root, dw::DW_AT_low_pc, Value::Address(Address::Constant(0))).unwrap();
    unit.set(root, dw::DW_AT_ranges, Value::Ranges(ranges)).unwrap();

    let base = unit.add(root, dw::DW_TAG_base_type).unwrap();
    unit.set(base, dw::DW_AT_name, int).unwrap();
    unit.set(base, dw::DW_AT_byte_size, Value::Unsigned(4)).unwrap();
    unit.set(base, dw::DW_AT_encoding, Value::Unsigned(dw::DW_ATE_signed.0.into())).unwrap();
    let functions = [(one, at(0, 0), at(1, 0)), (two, at(1, 0), at(1, 0x100))];
    let functions = functions.map(|(name, start, end)| {
        let function = unit.add(root, dw::DW_TAG_subprogram).unwrap();
        let entry = unit.entry(function).unwrap();
        entry.sibling = true;
        entry.set(dw::DW_AT_name, name);
        entry.set(dw::DW_AT_external, Value::Flag(true));
        entry.set(dw::DW_AT_decl_file, Value::Unsigned(first));
        entry.set(dw::DW_AT_decl_line, Value::Unsigned(3));
        entry.set(dw::DW_AT_type, Value::Entry(base));
        entry.set(dw::DW_AT_low_pc, Value::Address(start));
        let high =
            if encoding.version >= 4 { Value::Distance(start, end) } else { Value::Address(end) };
        entry.set(dw::DW_AT_high_pc, high);
        let frame_base = Expression::from(Operation::Plain(dw::DW_OP_call_frame_cfa));
        entry.set(dw::DW_AT_frame_base, Value::Expression(frame_base));
        function
    });
    let locations = unit.add_locations(LocationList {
        locations: vec![
            (
                Bounds::StartEnd { begin: at(0, 0), end: at(0, 8) },
                Operation::Register(Register(3)).into(),
            ),
            (
                Bounds::StartLength { begin: at(0, 8), length: 0x20 },
                Operation::FrameOffset(-20).into(),
            ),
        ],
        ..LocationList::default()
    });
    let local = unit.add(functions[0], dw::DW_TAG_variable).unwrap();
    unit.set(local, dw::DW_AT_name, variable).unwrap();
    unit.set(local, dw::DW_AT_type, Value::Entry(base)).unwrap();
    unit.set(local, dw::DW_AT_location, Value::Locations(locations)).unwrap();
    let define = |text: &[u8]| MacroEntry::Define { line: 2, text: MacroText::Inline(text.into()) };
    let macros = dwarf.add_macros(MacroUnit {
        version: encoding.version,
        format: encoding.format,
        line: Some(line),
        entries: vec![
            MacroEntry::StartFile { line: 0, file: first },
            define(b"ONE 1"),
            MacroEntry::Undefine { line: 3, text: MacroText::Inline(b"ONE".into()) },
            MacroEntry::EndFile,
        ],
    });
    let attribute = match encoding.version {
        5 => dw::DW_AT_macros,
        4 => dw::DW_AT_GNU_macros,
        _ => dw::DW_AT_macro_info,
    };
    unit.set(root, attribute, Value::Macros(macros)).unwrap();
    let unit = dwarf.add_unit(unit);

    let mut sections = Sections::new(endian);
    let placed = dwarf.write(&mut sections, &distances).unwrap();
    let aranges = Aranges {
        format: encoding.format,
        address_size: encoding.address_size,
        unit: placed.unit(unit).unwrap(),
        ranges: vec![(at(0, 0), at(1, 0)), (at(1, 0), at(1, 0x100))],
    };
    aranges.write(sections.get_mut(SectionId::Aranges), &distances).unwrap();
    if is_new {
        let mut names = Names::new(encoding.format);
        names.augmentation = b"test".to_vec();
        names.add_unit(placed.unit(unit).unwrap());
        let tagged = [
            ("int", base, dw::DW_TAG_base_type),
            ("one", functions[0], dw::DW_TAG_subprogram),
            ("two", functions[1], dw::DW_TAG_subprogram),
        ];
        for (text, entry, tag) in tagged {
            let string = dwarf.strings.clone().add(text.as_bytes()).unwrap();
            let entry = NamedEntry {
                tag,
                unit: NameUnit::Compile(0),
                offset: placed.entry(unit, entry).unwrap(),
                parent: NameParent::Unsaid,
                type_hash: None,
            };
            names.add(text.as_bytes(), dwarf.strings.offset(string).unwrap(), entry);
        }
        names.write(sections.get_mut(SectionId::Names)).unwrap();
    }
    for (section, id) in
        [(FrameSection::EhFrame, SectionId::EhFrame), (FrameSection::DebugFrame, SectionId::Frame)]
    {
        frames(section, encoding).write(sections.get_mut(id), &distances).unwrap();
    }
    sections
}

fn frames(section: FrameSection, encoding: Encoding) -> FrameTable {
    let is_eh = section == FrameSection::EhFrame;
    let format = if is_eh { gimli::Format::Dwarf32 } else { encoding.format };
    let mut table = FrameTable::new(section, format, encoding.address_size).unwrap();
    let version = match (is_eh, encoding.version) {
        (true, _) | (_, 2) => 1,
        (_, 3) => 3,
        _ => 4,
    };
    let mut cie = Cie::new(version, 1, -8, Register(16));
    if is_eh {
        cie.pointers = dw::DW_EH_PE_pcrel | dw::DW_EH_PE_sdata4;
    }
    cie.instructions = vec![
        CallFrameInstruction::DefCfa(Register(7), 8),
        CallFrameInstruction::Offset(Register(16), -8),
    ];
    let cie = table.add_cie(cie);
    for (start, end) in [(at(0, 0), at(1, 0)), (at(1, 0), at(1, 0x100))] {
        let mut fde = Fde::new(start, end);
        let Address::Symbol { symbol, .. } = start else { panic!() };
        fde.add(at(symbol, 1), CallFrameInstruction::DefCfaOffset(16));
        fde.add(at(symbol, 0x71), CallFrameInstruction::Offset(Register(6), -16));
        fde.add(at(symbol, 0xc0), CallFrameInstruction::DefCfaRegister(Register(6)));
        table.add_fde(cie, fde);
    }
    table
}

/// GNU readelf 2.40 does not relocate this section, so it gets to see it linked.
#[test]
fn readelf_shows_the_names() {
    for target in TARGETS {
        for encoding in encodings(target).into_iter().filter(|encoding| encoding.version == 5) {
            let mut sections = everything(target, encoding);
            sections.resolve(&|symbol| Some([0, SECOND][symbol])).unwrap();
            let text = readelf("-wg", &object(target, sections));
            assert_shows(&text, &["Version 5", "test", "CU table:", "Used 2 of 3 buckets"]);
            for name in [
                "one: <1> DW_TAG_subprogram DW_IDX_die_offset=<0x",
                "two: <1> DW_TAG_subprogram",
                "int: <2> DW_TAG_base_type",
            ] {
                assert!(text.contains(name), "{text}");
            }
        }
    }
}

/// Calls `see` with every target, encoding, and the sections for them.
pub fn each(see: impl Fn(Target, Encoding, Sections)) {
    for target in TARGETS {
        for encoding in encodings(target) {
            see(target, encoding, everything(target, encoding));
        }
    }
}

#[test]
fn llvm_finds_no_fault_in_objects() {
    each(|target, encoding, sections| {
        verify(&object(target, sections), &format!("{target:?} {encoding:?}"));
    });
}

/// On RISC-V the linker takes code out, so an assembler knows limits of distances alone: they become
/// pairs of relocations.
#[test]
fn distances_of_code_that_may_shrink_are_relocated() {
    let target = Target {
        machine: libelf::raw::EM_RISCV.0,
        endian: gimli::RunTimeEndian::Little,
        address_size: 8,
    };
    let encoding = Encoding { format: gimli::Format::Dwarf32, version: 5, address_size: 8 };
    let limits = |from: Address, to: Address| match distances(from, to) {
        Distance::Exactly(bytes) => Distance::AtMost(bytes as u64),
        other => other,
    };
    let mut line = LineProgram::new(encoding, LineEncoding::default(), target.endian).unwrap();
    line.add_directory("/src".into());
    let file = line.add_file(File::new("a.c".into(), 0));
    line.row(Row { file, ..Row::new(at(0, 0), 1) }).unwrap();
    line.row(Row { file, ..Row::new(at(1, 0), 7) }).unwrap();
    line.end_sequence(at(0, 0x1f0)).unwrap();
    assert_eq!(line.gaps().count(), 2);
    let mut sections = Sections::new(target.endian);
    let strings = Strings::default();
    line.write(sections.get_mut(SectionId::Line), &strings, &strings, &limits).unwrap();
    let mut table = FrameTable::new(FrameSection::EhFrame, gimli::Format::Dwarf32, 8).unwrap();
    let mut cie = Cie::new(1, 1, -8, Register(1));
    cie.instructions = vec![CallFrameInstruction::DefCfa(Register(2), 0)];
    let cie = table.add_cie(cie);
    // Symbols without addends are what is subtracted, as in what assemblers write: GNU readelf 2.40
    // adds those addends.
    let mut fde = Fde::new(at(0, 0), at(1, 0xf8));
    fde.add(at(1, 0), CallFrameInstruction::DefCfaOffset(16));
    fde.add(at(0, 0x110), CallFrameInstruction::DefCfaOffset(32));
    table.add_fde(cie, fde);
    table.write(sections.get_mut(SectionId::EhFrame), &limits).unwrap();
    let bytes = object(target, sections);
    let rows: Vec<String> = readelf("-wL", &bytes)
        .lines()
        .filter(|line| line.starts_with("a.c "))
        .map(|line| line.split_whitespace().take(3).collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(rows, ["a.c 1 0", "a.c 7 0x100", "a.c - 0x1f0"]);
    assert_shows(
        &readelf("-wf", &bytes),
        &[
            "pc=0000000000000000..00000000000001f8",
            "DW_CFA_advance_loc2: 256 to 0000000000000100",
            "DW_CFA_def_cfa_offset: 16",
            "DW_CFA_advance_loc: 16 to 0000000000000110",
            "DW_CFA_def_cfa_offset: 32",
        ],
    );
}

/// A unit whose strings, addresses and lists are all indexes, and a type unit.
fn indexed(target: Target, encoding: Encoding) -> Sections {
    let mut dwarf = Dwarf::default();
    let mut unit = Unit::new(encoding, UnitKind::Compile).unwrap();
    let root = unit.root();
    let set = |unit: &mut Unit, entry, name, form, value| {
        unit.entry(entry).unwrap().set_form(name, form, value);
    };
    let name = Value::String(dwarf.strings.add(b"a.c").unwrap());
    set(&mut unit, root, dw::DW_AT_name, dw::DW_FORM_strx1, name);
    let language = Value::Unsigned(dw::DW_LANG_C99.0.into());
    set(&mut unit, root, dw::DW_AT_language, dw::DW_FORM_implicit_const, language);
    set(&mut unit, root, dw::DW_AT_low_pc, dw::DW_FORM_addrx, Value::Address(at(0, 0)));
    let both = unit.add_ranges(RangeList {
        ranges: vec![
            Bounds::Base(at(0, 0)),
            Bounds::Offsets { begin: 0, end: 0x40 },
            // GNU readelf 2.40 takes the index of an end for one of something else.
            Bounds::StartLength { begin: at(0, 0x40), length: SECOND - 0x40 },
            Bounds::StartLength { begin: at(1, 0), length: 0x100 },
        ],
        indexed: true,
    });
    set(&mut unit, root, dw::DW_AT_ranges, dw::DW_FORM_rnglistx, Value::Ranges(both));
    let base = unit.add(root, dw::DW_TAG_base_type).unwrap();
    let int = Value::String(dwarf.strings.add(b"int").unwrap());
    set(&mut unit, base, dw::DW_AT_name, dw::DW_FORM_strx, int);
    set(&mut unit, base, dw::DW_AT_byte_size, dw::DW_FORM_data1, Value::Unsigned(4));
    set(&mut unit, base, dw::DW_AT_encoding, dw::DW_FORM_data1, Value::Unsigned(5));
    let function = unit.add(root, dw::DW_TAG_subprogram).unwrap();
    let one = Value::String(dwarf.strings.add(b"one").unwrap());
    set(&mut unit, function, dw::DW_AT_name, dw::DW_FORM_strx4, one);
    set(&mut unit, function, dw::DW_AT_low_pc, dw::DW_FORM_addrx1, Value::Address(at(0, 0)));
    set(
        &mut unit,
        function,
        dw::DW_AT_high_pc,
        dw::DW_FORM_data4,
        Value::Distance(at(0, 0), at(1, 0)),
    );
    let variable = unit.add(function, dw::DW_TAG_variable).unwrap();
    set(&mut unit, variable, dw::DW_AT_type, dw::DW_FORM_ref_udata, Value::Entry(base));
    let register = |number| Operation::Register(Register(number)).into();
    let locations = unit.add_locations(LocationList {
        locations: vec![
            (Bounds::Offsets { begin: 4, end: 8 }, register(2)),
            (Bounds::StartLength { begin: at(0, 16), length: 8 }, register(3)),
            (Bounds::Default, register(4)),
        ],
        indexed: true,
        ..LocationList::default()
    });
    let location = Value::Locations(locations);
    set(&mut unit, variable, dw::DW_AT_location, dw::DW_FORM_loclistx, location);
    let other = unit.add(function, dw::DW_TAG_variable).unwrap();
    unit.set(other, dw::DW_AT_type, Value::Signature(0x1234)).unwrap();
    let kind = UnitKind::Type { signature: 0x1234, entry: base };
    let mut types = Unit::new(encoding, kind).unwrap();
    let root = types.root();
    types.set(root, dw::DW_AT_language, Value::Unsigned(dw::DW_LANG_C99.0.into())).unwrap();
    let structure = types.add(root, dw::DW_TAG_structure_type).unwrap();
    types.set(structure, dw::DW_AT_byte_size, Value::Unsigned(1)).unwrap();
    types.set_kind(UnitKind::Type { signature: 0x1234, entry: structure });
    dwarf.add_unit(types);
    dwarf.add_unit(unit);
    let mut sections = Sections::new(target.endian);
    dwarf.write(&mut sections, &distances).unwrap();
    sections
}

#[test]
fn indexed_forms_and_type_units_are_read_by_others() {
    for target in TARGETS {
        for encoding in encodings(target).into_iter().filter(|encoding| encoding.version == 5) {
            let what = format!("{target:?} {encoding:?}");
            verify(&object(target, indexed(target, encoding)), &what);
            // GNU readelf 2.40 does not relocate .debug_str_offsets.
            let mut sections = indexed(target, encoding);
            sections.resolve(&|symbol| Some([0, SECOND][symbol])).unwrap();
            let bytes = object(target, sections);

            assert_shows(
                &readelf("-wi", &bytes),
                &[
                    "DW_UT_type",
                    "Signature:",
                    "0x1234",
                    "DW_TAG_structure_type",
                    "DW_AT_name",
                    "(indexed string: 0): a.c",
                    "DW_AT_low_pc",
                    "(index: 0): 0",
                    "DW_AT_ranges",
                    "(index: 0)",
                    ": int",
                    "(indexed string: 0x2): one",
                    "DW_AT_low_pc",
                    "DW_AT_high_pc",
                    "0x100",
                    "DW_AT_type",
                    "DW_AT_location",
                    "(location list)",
                    "signature: 0x1234",
                ],
            );
            let lists = readelf("-wR", &bytes);
            assert_shows(&lists, &["0040", "0040", "0100", "0100", "0200", "<End of list>"]);
            let lists = readelf("-wo", &bytes);
            assert_shows(&lists, &["DW_OP_reg2", "DW_OP_reg3", "DW_OP_reg4", "<End of list>"]);
        }
    }
}

/// What has to be seen, in this order, with anything between.
fn assert_shows(text: &str, words: &[&str]) {
    let mut rest = text;
    for word in words {
        let Some(at) = rest.find(word) else {
            panic!("{word:?} is not in what is left of\n{text}")
        };
        rest = &rest[at + word.len()..];
    }
}

#[test]
fn readelf_shows_what_was_written() {
    each(|target, encoding, sections| {
        let bytes = object(target, sections);
        let show = |option| readelf(option, &bytes);
        assert_shows(
            &show("-wi"),
            &[
                &format!("Version:       {}", encoding.version),
                &format!("Pointer Size:  {}", target.address_size),
                "DW_AT_producer",
                "producer",
                "DW_AT_language",
                "(ANSI C99)",
                "DW_AT_name",
                "a.c",
                "DW_AT_stmt_list",
                "DW_AT_ranges",
                "DW_TAG_base_type",
                ": int",
                "DW_TAG_subprogram",
                "one",
                "DW_AT_decl_line   : 3",
                "DW_AT_high_pc",
                "0x100",
                "DW_TAG_variable",
                "DW_AT_location",
                "(location list)",
                "two",
            ],
        );
        let lines = show("-wL");
        let rows: Vec<Vec<&str>> = lines
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>())
            .filter(|words| words.len() >= 3 && (words[2] == "0" || words[2].starts_with("0x")))
            .map(|words| words[..3].to_vec())
            .collect();
        let expected = [
            ["a.c", "1", "0"],
            ["a.c", "3", "0x4"],
            ["b.h", "200", "0x8"],
            ["b.h", "190", "0x90"],
            ["a.c", "12", "0x100"],
            ["a.c", "13", "0x102"],
            ["a.c", "-", "0x200"],
        ];
        assert_eq!(rows, expected, "{target:?} {encoding:?}\n{lines}");
        assert_shows(&show("-wl"), &["b.h", "Special opcode", "End of Sequence"]);
        assert_shows(
            &show("-wF"),
            &["pc=", "..", "CFA", "0001", "+16", "0071", "00c0", "pc=", "0101", "+16", "01c0"],
        );
        assert_shows(&show("-wo"), &["<End of list>", "DW_OP_fbreg: -20", "<End of list>"][1..]);
        assert_shows(&show("-wo"), &["DW_OP_reg3"]);
        assert_shows(&show("-wR"), &["0000", "0100", "0100", "0200", "<End of list>"]);
        assert_shows(&show("-wr"), &["Length:", "Version:", "2", "0100", "0100 ", "0100"]);
        assert_shows(&show("-wm"), &["ONE 1", "ONE"]);
    });
}
