//! Rows of line number programs, written and read.

use gimli::{EndianSlice, LineEncoding, constants as dw};
use libdwarf::section::SectionId;
use libdwarf::write::*;
use proptest::prelude::*;

use crate::entries::{Style, styles};
use crate::read::{address_of, value_of};

/// A row: how far on, its operation, line, column, discriminator, instruction set, flags, file.
type RowSeed = (u16, u8, u32, u8, u8, u8, u8, u8);

/// What is known of distances between symbols, by the test.
#[derive(Clone, Copy, Debug)]
enum Knowledge {
    Nothing,
    Limits,
    All,
}

fn encodings() -> impl Strategy<Value = LineEncoding> {
    (-10i8..=10, 1u8..=60, prop_oneof![Just(1u8), Just(2), Just(4)], any::<bool>(), 1u8..=4)
        .prop_map(
            |(line_base, line_range, minimum_instruction_length, default_is_stmt, operations)| {
                LineEncoding {
                    line_base,
                    line_range,
                    minimum_instruction_length,
                    default_is_stmt,
                    maximum_operations_per_instruction: operations,
                }
            },
        )
}

fn sequences() -> impl Strategy<Value = Vec<(Vec<RowSeed>, u16)>> {
    let lines = prop_oneof![0u32..40, any::<u32>()];
    let steps = prop_oneof![0u16..40, any::<u16>()];
    let row = (
        steps.clone(),
        0u8..4,
        lines,
        any::<u8>(),
        any::<u8>(),
        any::<u8>(),
        any::<u8>(),
        any::<u8>(),
    );
    prop::collection::vec((prop::collection::vec(row, 1..12), steps), 0..4)
}

/// What a reader has to see of a row.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    address: u64,
    op_index: u64,
    file: u64,
    line: u64,
    column: u64,
    discriminator: u64,
    isa: u64,
    /// Statement, basic block, end of prologue, begin of epilogue, end of sequence.
    flags: [bool; 5],
}

/// Every address of a sequence is in one of three symbols, which lie in this order.
fn symbol_at(address: u64) -> Address {
    let symbol = (0..3).rev().find(|&symbol| address_of(symbol).unwrap() <= address).unwrap();
    Address::Symbol { symbol, addend: (address - address_of(symbol).unwrap()) as i64 }
}

fn check(
    style: Style,
    line_encoding: LineEncoding,
    sequences: &[(Vec<RowSeed>, u16)],
    knowledge: Knowledge,
    is_symbolic: bool,
) -> std::result::Result<(), TestCaseError> {
    let encoding = style.encoding;
    let mut line_encoding = line_encoding;
    if encoding.version < 4 {
        line_encoding.maximum_operations_per_instruction = 1;
    }
    let unit = u64::from(line_encoding.minimum_instruction_length);
    let operations = line_encoding.maximum_operations_per_instruction;
    let mut program = LineProgram::new(encoding, line_encoding, style.endian).unwrap();
    program.add_directory("/dir".into());
    let sub = program.add_directory("sub".into());
    let files = [
        program.add_file(File::new("zero".into(), 0)),
        program.add_file(File { size: 5, timestamp: 7, ..File::new("one".into(), sub) }),
        program.add_file(File::new("two".into(), sub)),
    ];
    let mut expected = Vec::new();
    let place = |address| if is_symbolic { symbol_at(address) } else { Address::Constant(address) };
    for (rows, last) in sequences {
        let mut address = 0x1000;
        let mut op_index = 0;
        for &(step, op, line, column, discriminator, isa, flags, file) in rows {
            // No operation goes back in its instruction.
            let op = op % operations;
            let next = (address + u64::from(step) * unit).min(0xf000);
            op_index = if next == address { op.max(op_index) } else { op };
            address = next;
            let flag = |bit: u8| flags & (1 << bit) != 0;
            let file = files[file as usize % files.len()];
            let row = Row {
                address: place(address),
                op_index,
                file,
                line: line.into(),
                column: (column / 64).into(),
                discriminator: (discriminator / 64).into(),
                isa: (isa / 100).into(),
                is_statement: flag(0),
                basic_block: flag(1),
                prologue_end: flag(2),
                epilogue_begin: flag(3),
            };
            prop_assert_eq!(value_of(row.address), address);
            program.row(row).unwrap();
            expected.push(Seen {
                address,
                op_index: op_index.into(),
                file,
                line: line.into(),
                column: row.column,
                discriminator: row.discriminator,
                isa: row.isa,
                flags: [flag(0), flag(1), flag(2), flag(3), false],
            });
        }
        // Readers take the highest addresses for those of code that is gone.
        let end = (address + (u64::from(*last) + 1) * unit).min(0xfff0);
        program.end_sequence(place(end)).unwrap();
        expected.push(Seen {
            address: end,
            op_index: 0,
            file: 0,
            line: 0,
            column: 0,
            discriminator: 0,
            isa: 0,
            flags: [false, false, false, false, true],
        });
    }
    let distances = |from: Address, to: Address| {
        let bytes = value_of(to).wrapping_sub(value_of(from));
        match knowledge {
            Knowledge::Nothing => Distance::Unknown,
            Knowledge::Limits => Distance::AtMost(bytes * 2),
            Knowledge::All => Distance::Exactly(bytes as i64),
        }
    };
    let strings = Strings::default();
    let mut sections = Sections::new(style.endian);
    let section = sections.get_mut(SectionId::Line);
    program.write(section, &strings, &strings, &distances).unwrap();
    sections.resolve(&address_of).unwrap();

    let bytes = sections.bytes(SectionId::Line);
    let read = gimli::DebugLine::new(bytes, style.endian);
    let header =
        read.program(gimli::DebugLineOffset(0), encoding.address_size, None, None).unwrap();
    prop_assert_eq!(header.header().encoding(), encoding);
    prop_assert_eq!(header.header().line_encoding(), line_encoding);
    for (number, name, directory) in [(0, "zero", 0), (1, "one", 1), (2, "two", 1)] {
        let file = header.header().file(files[number]).unwrap();
        let text = gimli::AttributeValue::String(EndianSlice::new(name.as_bytes(), style.endian));
        prop_assert_eq!(file.path_name(), text);
        prop_assert_eq!(file.directory_index(), directory);
        prop_assert_eq!(file.size(), if number == 1 { 5 } else { 0 });
        prop_assert_eq!(file.timestamp(), if number == 1 { 7 } else { 0 });
    }
    let mut rows = header.rows();
    for seen in &expected {
        let (_, row) = rows.next_row().unwrap().unwrap();
        if row.end_sequence() {
            prop_assert_eq!((row.address(), true), (seen.address, seen.flags[4]));
            continue;
        }
        let got = Seen {
            address: row.address(),
            op_index: row.op_index(),
            file: row.file_index(),
            line: row.line().map_or(0, std::num::NonZero::get),
            column: match row.column() {
                gimli::ColumnType::LeftEdge => 0,
                gimli::ColumnType::Column(column) => column.get(),
            },
            discriminator: row.discriminator(),
            isa: row.isa(),
            flags: [
                row.is_stmt(),
                row.basic_block(),
                row.prologue_end(),
                row.epilogue_begin(),
                false,
            ],
        };
        prop_assert_eq!(&got, seen);
    }
    prop_assert!(rows.next_row().unwrap().is_none());
    Ok(())
}

proptest! {
    #![proptest_config(crate::read::cases(600))]

    #[test]
    fn rows_are_read_as_written(
        style in styles(),
        encoding in encodings(),
        sequences in sequences(),
        knowledge in prop_oneof![Just(Knowledge::Nothing), Just(Knowledge::Limits), Just(Knowledge::All)],
        is_symbolic in any::<bool>(),
    ) {
        check(style, encoding, &sequences, knowledge, is_symbolic)?;
    }
}

/// What GNU as 2.40 makes of `.loc` at these addresses.
#[test]
fn opcodes_are_those_of_gnu_as() {
    const GNU: &[u8] = &[
        0, 9, 2, 0, 0, 0, 0, 0, 0, 0, 0, 1, 5, 3, 10, 36, 4, 2, 5, 7, 0, 2, 4, 5, 12, 3, 6, 7, 11,
        253, 8, 18, 8, 33, 2, 40, 18, 3, 169, 2, 2, 172, 2, 1, 1, 8, 0, 1, 1,
    ];
    let encoding = gimli::Encoding { format: gimli::Format::Dwarf32, version: 3, address_size: 8 };
    let endian = gimli::RunTimeEndian::Little;
    let mut program = LineProgram::new(encoding, LineEncoding::default(), endian).unwrap();
    program.add_file(File::new("a.c".into(), 0));
    program.add_file(File::new("b.c".into(), 0));
    let at = |addend| Address::Symbol { symbol: 0, addend };
    let row = |address, file, line, column| Row { file, column, ..Row::new(at(address), line) };
    let plain = |address, line| Row { is_statement: false, isa: 3, ..row(address, 2, line, 7) };
    let rows = [
        row(0, 1, 1, 0),
        Row { prologue_end: true, ..row(1, 1, 5, 3) },
        Row { discriminator: 5, basic_block: true, epilogue_begin: true, ..plain(18, 2) },
        plain(35, 2),
        plain(53, 3),
        plain(93, 3),
        plain(393, 300),
        plain(393, 300),
    ];
    for row in rows {
        program.row(row).unwrap();
    }
    program.end_sequence(at(410)).unwrap();
    let mut section = Section::new(endian);
    let strings = Strings::default();
    program.write(&mut section, &strings, &strings, &no_distances).unwrap();
    let code = &section.bytes()[section.len() - GNU.len()..];
    assert_eq!(dw::DW_LNE_set_address.0, code[2]);
    assert_eq!(section.relocations().len(), 1);
    assert_eq!(code, GNU);
}

#[test]
fn checksums_and_sources_are_columns_of_version_5() {
    let encoding = gimli::Encoding { format: gimli::Format::Dwarf64, version: 5, address_size: 4 };
    let endian = gimli::RunTimeEndian::Big;
    let mut program = LineProgram::new(encoding, LineEncoding::default(), endian).unwrap();
    let mut line_strings = Strings::default();
    let mut name = |text: &str| LineString::LineStr(line_strings.add(text.as_bytes()).unwrap());
    program.add_directory(name("/src"));
    let (a, b) = (name("a.c"), name("b.c"));
    let source = |text: &str| Some(LineString::from(text));
    program.add_file(File { md5: Some([7; 16]), source: source("int a;"), ..File::new(a, 0) });
    program.add_file(File { md5: Some([9; 16]), source: source(""), ..File::new(b, 0) });
    let mut sections = Sections::new(endian);
    let section = sections.get_mut(SectionId::Line);
    program.write(section, &Strings::default(), &line_strings, &no_distances).unwrap();
    line_strings.write(sections.get_mut(SectionId::LineStr));
    sections.resolve(&address_of).unwrap();
    let bytes = sections.bytes(SectionId::Line);
    let read = gimli::DebugLine::new(bytes, endian);
    let program = read.program(gimli::DebugLineOffset(0), 4, None, None).unwrap();
    let header = program.header();
    let file = header.file(1).unwrap();
    assert_eq!(file.md5(), &[9; 16]);
    let source = header.file(0).unwrap().source().unwrap();
    assert_eq!(source, gimli::AttributeValue::String(EndianSlice::new(b"int a;", endian)));
    let place = gimli::AttributeValue::DebugLineStrRef(gimli::DebugLineStrOffset(9));
    assert_eq!(file.path_name(), place);
}
