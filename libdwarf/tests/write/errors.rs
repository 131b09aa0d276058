//! Requests that cannot be met are errors, and never panics.

use gimli::{Encoding, Format, LineEncoding, Register, RunTimeEndian, constants as dw};
use libdwarf::section::SectionId;
use libdwarf::write::*;

const ENCODING: Encoding = Encoding { format: Format::Dwarf32, version: 5, address_size: 8 };
const ENDIAN: RunTimeEndian = RunTimeEndian::Little;

fn unit() -> Unit {
    Unit::new(ENCODING, UnitKind::Compile).unwrap()
}

/// An identifier of an entry that other units have.
fn foreign_entry() -> EntryId {
    let mut other = unit();
    (0..10).map(|_| other.reserve(dw::DW_TAG_variable)).last().unwrap()
}

fn write(unit: Unit) -> Result<Placed> {
    let mut dwarf = Dwarf::default();
    dwarf.add_unit(unit);
    dwarf.write(&mut Sections::new(ENDIAN), &no_distances)
}

fn with(value: Value, form: Option<gimli::DwForm>) -> Error {
    let mut unit = unit();
    let root = unit.root();
    let attribute = Attribute { name: dw::DW_AT_const_value, value, form, indirect: false };
    unit.entry(root).unwrap().set_attribute(attribute);
    write(unit).unwrap_err()
}

#[test]
fn entries_that_form_no_tree() {
    let mut ring = unit();
    let one = ring.reserve(dw::DW_TAG_namespace);
    let two = ring.add(one, dw::DW_TAG_namespace).unwrap();
    ring.attach(one, two).unwrap();
    assert_eq!(write(ring).unwrap_err(), Error::NoTree);

    let mut own = unit();
    let one = own.reserve(dw::DW_TAG_namespace);
    own.attach(one, one).unwrap();
    assert_eq!(write(own).unwrap_err(), Error::NoTree);

    let mut twice = unit();
    let root = twice.root();
    let one = twice.add(root, dw::DW_TAG_namespace).unwrap();
    assert_eq!(twice.attach(one, root), Err(Error::NoTree));
    assert_eq!(twice.attach(root, one), Err(Error::NoTree));
    assert_eq!(twice.add(foreign_entry(), dw::DW_TAG_namespace), Err(Error::Dangling("an entry")));
}

#[test]
fn entries_nested_without_end_are_no_recursion() {
    let mut deep = unit();
    let mut entry = deep.root();
    for _ in 0..200_000 {
        entry = deep.add(entry, dw::DW_TAG_lexical_block).unwrap();
    }
    write(deep).unwrap();
}

#[test]
fn expressions_nested_without_end_are_refused() {
    let mut expression = Expression::new();
    for _ in 0..200_000 {
        expression = Operation::EntryValue(expression).into();
    }
    assert_eq!(with(Value::Expression(expression), None), Error::TooDeep);
    let mut expression = Expression::new();
    let mut refused = None;
    for _ in 0..20 {
        let mut outer = Expression::new();
        match outer.push(Operation::EntryValue(expression.clone())) {
            Ok(_) => expression = outer,
            Err(error) => refused = Some(error),
        }
    }
    assert_eq!(refused, Some(Error::TooDeep));
}

#[test]
fn references_to_nothing() {
    let dangling = |value| {
        let error = with(value, None);
        assert!(matches!(error, Error::Dangling(_)), "{error}");
    };
    dangling(Value::Entry(foreign_entry()));
    dangling(Value::EntryOf(UnitId::FIRST, foreign_entry()));
    let mut other = Dwarf::default();
    other.add_unit(unit());
    let second = other.add_unit(unit());
    dangling(Value::EntryOf(second, unit().root()));
    for operation in [
        Operation::Call4(foreign_entry()),
        Operation::Convert(Some(foreign_entry())),
        Operation::CallRef(second, unit().root()),
        Operation::Skip(7),
        Operation::Branch(usize::MAX),
    ] {
        dangling(Value::Expression(operation.into()));
    }
    let mut strings = Strings::default();
    dangling(Value::String(strings.add(b"elsewhere").unwrap()));
    dangling(Value::LineString(strings.add(b"elsewhere").unwrap()));
    let program = LineProgram::new(ENCODING, LineEncoding::default(), ENDIAN).unwrap();
    dangling(Value::Line(other.add_line(program)));
    dangling(Value::Ranges(unit().add_ranges(RangeList::default())));
    dangling(Value::Locations(unit().add_locations(LocationList::default())));
    // One that exists and is not in the tree.
    let mut unit = unit();
    let root = unit.root();
    let orphan = unit.reserve(dw::DW_TAG_variable);
    unit.set(root, dw::DW_AT_type, Value::Entry(orphan)).unwrap();
    assert_eq!(write(unit).unwrap_err(), Error::Dangling("an entry"));
}

#[test]
fn values_too_large_for_their_form() {
    let large = |value, form| {
        let error = with(value, Some(form));
        assert!(matches!(error, Error::TooLarge { .. }), "{error}");
    };
    large(Value::Unsigned(0x100), dw::DW_FORM_data1);
    large(Value::Unsigned(0x1_0000), dw::DW_FORM_data2);
    large(Value::Unsigned(0x1_0000_0000), dw::DW_FORM_data4);
    large(Value::Signed(-129), dw::DW_FORM_data1);
    large(Value::Signed(0x80), dw::DW_FORM_data1);
    large(Value::Block(vec![0; 0x100]), dw::DW_FORM_block1);
    large(Value::Block(vec![0; 0x1_0000]), dw::DW_FORM_block2);
    let wrong = |value, form| {
        let error = with(value, Some(form));
        assert!(matches!(error, Error::Form { .. }), "{error}");
    };
    wrong(Value::Unsigned(u64::MAX), dw::DW_FORM_implicit_const);
    wrong(Value::Unsigned(1), dw::DW_FORM_strp);
    wrong(Value::Flag(false), dw::DW_FORM_flag_present);
    wrong(Value::Text(Vec::new()), dw::DW_FORM_block1);
    assert_eq!(with(Value::Text(b"a\0".to_vec()), None), Error::ZeroInString);
    let narrow = Encoding { address_size: 2, ..ENCODING };
    let mut unit = Unit::new(narrow, UnitKind::Compile).unwrap();
    let root = unit.root();
    let address = Value::Address(Address::Constant(0x1_0000));
    unit.set(root, dw::DW_AT_low_pc, address).unwrap();
    assert!(matches!(write(unit), Err(Error::TooLarge { size: 2, .. })));
}

#[test]
fn versions_that_lack_something() {
    let old = Encoding { version: 3, ..ENCODING };
    assert!(Unit::new(Encoding { version: 6, ..ENCODING }, UnitKind::Compile).is_err());
    assert!(Unit::new(Encoding { address_size: 3, ..ENCODING }, UnitKind::Compile).is_err());
    let entry = unit().root();
    let kind = UnitKind::Type { signature: 1, entry };
    assert!(matches!(Unit::new(old, kind), Err(Error::NeedsVersion { .. })));
    let mut unit = Unit::new(old, UnitKind::Compile).unwrap();
    let root = unit.root();
    unit.set(root, dw::DW_AT_type, Value::Signature(1)).unwrap();
    assert!(matches!(write(unit), Err(Error::NeedsVersion { .. })));
}

#[test]
fn line_programs_that_cannot_be() {
    let parameters = |change: &dyn Fn(&mut LineEncoding)| {
        let mut encoding = LineEncoding::default();
        change(&mut encoding);
        LineProgram::new(Encoding { version: 3, ..ENCODING }, encoding, ENDIAN).err()
    };
    assert!(parameters(&|encoding| encoding.line_range = 0).is_some());
    assert!(parameters(&|encoding| encoding.minimum_instruction_length = 0).is_some());
    assert!(parameters(&|encoding| encoding.maximum_operations_per_instruction = 0).is_some());
    assert!(parameters(&|encoding| encoding.maximum_operations_per_instruction = 4).is_some());

    let mut program = LineProgram::new(ENCODING, LineEncoding::default(), ENDIAN).unwrap();
    let at = Address::Constant;
    assert!(matches!(program.end_sequence(at(1)), Err(Error::Order(_))));
    program.row(Row::new(at(8), 1)).unwrap();
    assert_eq!(program.row(Row::new(at(7), 2)), Err(Error::Backwards));
    let write = |program: &LineProgram| {
        let (strings, mut section) = (Strings::default(), Section::new(ENDIAN));
        program.write(&mut section, &strings, &strings, &no_distances).unwrap_err()
    };
    assert!(matches!(write(&program), Error::Order(_)));
    program.end_sequence(at(9)).unwrap();
    assert_eq!(write(&program), Error::Dangling("a file of a line program"));
    program.add_file(File::new("a".into(), 0));
    program.add_file(File::new("b".into(), 3));
    assert_eq!(write(&program), Error::Dangling("a directory of a line program"));
}

#[test]
fn frames_that_cannot_be() {
    let at = Address::Constant;
    let attempt = |cie: Cie, fde: Fde| {
        let mut table = FrameTable::new(FrameSection::EhFrame, Format::Dwarf32, 8).unwrap();
        let id = table.add_cie(cie);
        table.add_fde(id, fde);
        table.write(&mut Section::new(ENDIAN), &no_distances).unwrap_err()
    };
    let cie = || Cie::new(1, 4, -8, Register(30));
    let fde = || Fde::new(at(0x100), at(0x200));
    assert_eq!(attempt(cie(), Fde::new(at(2), at(1))), Error::Backwards);
    assert!(matches!(attempt(Cie { version: 4, ..cie() }, fde()), Error::Version { .. }));
    assert!(matches!(attempt(Cie { code_alignment: 0, ..cie() }, fde()), Error::Parameters(_)));
    assert!(matches!(attempt(Cie { data_alignment: 0, ..cie() }, fde()), Error::Parameters(_)));
    assert!(matches!(
        attempt(Cie { return_address: Register(256), ..cie() }, fde()),
        Error::TooLarge { .. }
    ));
    assert!(matches!(
        attempt(Cie { lsda: Some(dw::DW_EH_PE_absptr), ..cie() }, fde()),
        Error::Parameters(_)
    ));
    assert_eq!(
        attempt(Cie { pointers: dw::DW_EH_PE_uleb128, ..cie() }, fde()),
        Error::PointerEncoding(1)
    );
    let rule = |address, instruction| {
        let mut fde = fde();
        fde.add(at(address), instruction);
        attempt(cie(), fde)
    };
    let offset = CallFrameInstruction::Offset(Register(1), -12);
    assert_eq!(rule(0x104, offset), Error::Factor { value: -12, factor: -8 });
    let same = CallFrameInstruction::SameValue(Register(1));
    assert_eq!(rule(0x102, same.clone()), Error::Factor { value: 2, factor: 4 });
    assert_eq!(rule(0x80, same), Error::Backwards);
    let lowest = CallFrameInstruction::DefCfa(Register(1), i64::MIN);
    let mut fde = fde();
    fde.add(at(0x100), lowest);
    assert!(matches!(attempt(Cie { data_alignment: -1, ..cie() }, fde), Error::Factor { .. }));
    let entry = Operation::Call4(foreign_entry()).into();
    let error = rule(0x100, CallFrameInstruction::DefCfaExpression(entry));
    assert_eq!(error, Error::Dangling("an entry"));
}

#[test]
fn lists_and_tables_that_cannot_be() {
    let list = |version, bounds| {
        let mut unit = Unit::new(Encoding { version, ..ENCODING }, UnitKind::Compile).unwrap();
        unit.add_ranges(RangeList { ranges: vec![bounds], indexed: false });
        write(unit).unwrap_err()
    };
    let at = Address::Constant;
    assert_eq!(list(4, Bounds::Offsets { begin: 5, end: 5 }), Error::EmptyRange);
    assert_eq!(list(4, Bounds::StartEnd { begin: at(5), end: at(5) }), Error::EmptyRange);
    assert_eq!(list(4, Bounds::Offsets { begin: u64::MAX, end: 5 }), Error::EmptyRange);
    assert!(matches!(
        list(4, Bounds::StartLength { begin: at(u64::MAX), length: 5 }),
        Error::TooLarge { .. }
    ));
    assert_eq!(list(5, Bounds::Default), Error::EmptyRange);

    let aranges = |ranges| {
        let table = Aranges { format: Format::Dwarf32, address_size: 8, unit: 0, ranges };
        table.write(&mut Section::new(ENDIAN), &no_distances).unwrap_err()
    };
    assert_eq!(aranges(vec![(at(1), at(1))]), Error::EmptyRange);
    assert_eq!(aranges(vec![(at(2), at(1))]), Error::Backwards);

    let entry = NamedEntry {
        tag: dw::DW_TAG_variable,
        unit: NameUnit::Compile(0),
        offset: 0,
        parent: NameParent::Unsaid,
        type_hash: None,
    };
    let mut names = Names::new(Format::Dwarf32);
    names.add(b"a", 0, entry);
    assert!(matches!(names.write(&mut Section::new(ENDIAN)), Err(Error::Dangling(_))));
    names.add_unit(0);
    names.add(b"b", 2, NamedEntry { parent: NameParent::Entry(2), ..entry });
    assert!(matches!(names.write(&mut Section::new(ENDIAN)), Err(Error::Dangling(_))));

    let mut far = EhFrameHdr::new();
    far.add(1 << 40, 0x100);
    assert!(matches!(far.write(&mut Section::new(ENDIAN), 0, 0), Err(Error::TooLarge { .. })));
    let bases = gimli::BaseAddresses::default().set_eh_frame(0x1000);
    let broken = EhFrameHdr::of_section(&[9, 0, 0, 0, 1, 2], ENDIAN, 8, &bases);
    assert!(matches!(broken, Err(Error::Read(_))));
}

#[test]
fn strings_in_a_section_that_has_some() {
    let mut dwarf = Dwarf::default();
    dwarf.strings.add(b"a").unwrap();
    let mut sections = Sections::new(ENDIAN);
    dwarf.write(&mut sections, &no_distances).unwrap();
    assert_eq!(sections.bytes(SectionId::Str), b"a\0");
    assert!(matches!(dwarf.write(&mut sections, &no_distances), Err(Error::Order(_))));
}
