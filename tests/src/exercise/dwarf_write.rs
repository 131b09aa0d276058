//! Debugging information made as bytes of any kind say, written, read again and compared: entries
//! with their values, lines, frames, and indexes.
//!
//! What cannot be written, such as a number that does not fit, is an error and ends the test; what
//! was written must be read as it was meant.
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a panic tells of a difference")]

use std::collections::BTreeMap;
use std::path::Path;

use gimli::{DwAt, DwTag, Encoding, Format, LineEncoding, Register, RunTimeEndian};
use libdwarf::load::{Backing, Debug, Places};
use libdwarf::section::SectionId;
use libdwarf::unwind::{Cfa, Parts, Rule, Unwinder};
use libdwarf::walk::{self, DW_AT_location, DW_AT_ranges, DW_AT_stmt_list, Entry, Walk};
use libdwarf::write::{
    Address, Bounds, CallFrameInstruction as Cfi, Cie, Dwarf, EntryId, Error, Fde, File,
    FrameSection, FrameTable, GdbIndex, GdbUnit, LineProgram, LocationList, Operation, PublicName,
    PublicNames, RangeList, Row, Section, Sections, SymbolKind, Unit, UnitKind, Value,
    add_to_object, no_distances,
};
use libelf::Class;
use libelf::edit::Object;
use libelf::raw::{EM_386, EM_PPC, EM_PPC64, EM_X86_64, ET_EXEC, Endianness};

/// No more things of a kind are made.
const MOST: usize = 64;
/// Attributes that no standard gives a meaning.
const FIRST_ATTRIBUTE: u16 = 0x3000;
/// Likewise tags.
const FIRST_TAG: u16 = 0x5000;
/// Addresses start here: those of 0 are what linkers leave out.
const FIRST_ADDRESS: u32 = 0x1_0000;

/// Bytes that decide what is made. Behind their end there are zeros.
struct Input<'a>(&'a [u8]);

impl Input<'_> {
    fn byte(&mut self) -> u8 {
        let Some((&first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        first
    }

    fn number(&mut self) -> u16 {
        u16::from_le_bytes([self.byte(), self.byte()])
    }

    /// A number of any size.
    fn wide(&mut self) -> u64 {
        let size = usize::from(self.byte() % 9);
        (0..size).fold(0, |value, _| value << 8 | u64::from(self.byte()))
    }

    fn text(&mut self) -> Vec<u8> {
        let length = usize::from(self.byte() % 16).min(self.0.len());
        let (text, rest) = self.0.split_at(length);
        self.0 = rest;
        text.iter().copied().filter(|byte| *byte != 0).collect()
    }

    fn choose<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::from(self.byte()) % of.len()]
    }

    fn is_over(&self) -> bool {
        self.0.is_empty()
    }

    fn times(&mut self, most: usize) -> usize {
        usize::from(self.byte()) % most
    }
}

/// An entry as it is meant: its attributes, and how deep it is.
#[derive(Debug, Default)]
struct Meant {
    id: Option<EntryId>,
    tag: u16,
    children: Vec<usize>,
    attributes: Vec<(DwAt, Expected)>,
}

/// What is to be read.
#[derive(Debug)]
enum Expected {
    Address(u64),
    Unsigned(u64),
    Signed(i64),
    Wide(u128),
    Bytes(Vec<u8>),
    Flag(bool),
    Text(Vec<u8>),
    /// The entry with this number.
    Entry(usize),
    Ranges(Vec<(u64, u64)>),
    Locations(Vec<(u64, u64)>),
}

/// Everything of one input.
#[derive(Debug)]
struct Model {
    entries: Vec<Meant>,
    /// Addresses and lines.
    rows: Vec<(u64, u64)>,
    placed: libdwarf::write::Placed,
}

/// Makes, writes, reads and compares.
///
/// # Panics
/// If what is read is not what was meant.
pub fn exercise(data: &[u8]) {
    let mut input = Input(data);
    let version = input.choose(&[2, 3, 4, 5, 5]);
    let address_size = input.choose(&[8, 4]);
    let is_wide = version > 2 && address_size == 8 && input.byte() & 1 != 0;
    let format = if is_wide { Format::Dwarf64 } else { Format::Dwarf32 };
    let encoding = Encoding { format, version, address_size };
    let endian = input.choose(&[RunTimeEndian::Little, RunTimeEndian::Big]);
    let _ = entries(&mut input, encoding, endian);
    let _ = frames(&mut input, encoding, endian);
    let _ = indexes(&mut input, encoding, endian);
}

/// A range that is not empty.
fn range(input: &mut Input<'_>) -> (u64, u64) {
    let begin = u64::from(FIRST_ADDRESS) + u64::from(input.number());
    (begin, begin + 1 + u64::from(input.byte()))
}

fn ranges(input: &mut Input<'_>) -> Vec<(u64, u64)> {
    let count = input.times(5);
    (0..count).map(|_| range(input)).collect()
}

fn bounds((begin, end): (u64, u64), by_length: bool) -> Bounds {
    let address = Address::Constant;
    if by_length {
        Bounds::StartLength { begin: address(begin), length: end - begin }
    } else {
        Bounds::StartEnd { begin: address(begin), end: address(end) }
    }
}

/// A value for an attribute, and what is to be read of it.
fn value(
    input: &mut Input<'_>,
    dwarf: &mut Dwarf,
    unit: &mut Unit,
    model: &[Meant],
) -> Result<(Value, Expected, Option<DwAt>), Error> {
    let encoding = unit.encoding();
    Ok(match input.byte() % 12 {
        0 => {
            let mask = if encoding.address_size == 8 { u64::MAX } else { u64::from(u32::MAX) };
            let address = input.wide() & mask;
            (Value::Address(Address::Constant(address)), Expected::Address(address), None)
        }
        1 => {
            let number = input.wide();
            (Value::Unsigned(number), Expected::Unsigned(number), None)
        }
        2 => {
            let number = input.wide().cast_signed();
            (Value::Signed(number), Expected::Signed(number), None)
        }
        3 if encoding.version >= 5 => {
            let number = u128::from(input.wide()) << 64 | u128::from(input.wide());
            (Value::Data16(number), Expected::Wide(number), None)
        }
        4 => {
            let bytes = input.text();
            (Value::Block(bytes.clone()), Expected::Bytes(bytes), None)
        }
        5 => {
            let flag = input.byte() & 1 != 0;
            (Value::Flag(flag), Expected::Flag(flag), None)
        }
        6 => {
            let text = input.text();
            (Value::Text(text.clone()), Expected::Text(text), None)
        }
        7 if encoding.version >= 5 => {
            let text = input.text();
            (Value::LineString(dwarf.line_strings.add(&text)?), Expected::Text(text), None)
        }
        8 => {
            let number = usize::from(input.byte()) % model.len();
            let entry = model[number].id.unwrap_or_else(|| unit.root());
            (Value::Entry(entry), Expected::Entry(number), None)
        }
        9 => {
            let ranges = ranges(input);
            let by_length = input.byte() & 1 != 0;
            let list = ranges.iter().map(|&range| bounds(range, by_length)).collect();
            let indexed = encoding.version >= 5 && input.byte() & 1 != 0;
            let list = unit.add_ranges(RangeList { ranges: list, indexed });
            (Value::Ranges(list), Expected::Ranges(ranges), Some(DW_AT_ranges))
        }
        10 => {
            let ranges = ranges(input);
            let by_length = input.byte() & 1 != 0;
            let place = |number| Operation::Register(Register(number)).into();
            let list =
                ranges.iter().map(|&range| (bounds(range, by_length), place(range.0 as u16)));
            let locations: Vec<_> = list.collect();
            let indexed = encoding.version >= 5 && input.byte() & 1 != 0;
            let has_views = input.byte() & 1 != 0;
            let count = if has_views { ranges.len() } else { 0 };
            let views = (0..count).map(|_| (input.wide(), input.wide())).collect();
            let list = unit.add_locations(LocationList { locations, indexed, views });
            (Value::Locations(list), Expected::Locations(ranges), Some(DW_AT_location))
        }
        _ => {
            let text = input.text();
            (Value::String(dwarf.strings.add(&text)?), Expected::Text(text), None)
        }
    })
}

/// A tree of entries with a line program.
fn entries(input: &mut Input<'_>, encoding: Encoding, endian: RunTimeEndian) -> Result<(), Error> {
    let mut dwarf = Dwarf::default();
    let mut unit = Unit::new(encoding, UnitKind::Compile)?;
    let mut model = vec![Meant::default()];
    let count = input.times(MOST);
    for _ in 0..count {
        if input.is_over() {
            break;
        }
        let parent = usize::from(input.byte()) % model.len();
        let tag = FIRST_TAG + u16::from(input.byte() % 8);
        let id = unit.add(model[parent].id.unwrap_or_else(|| unit.root()), DwTag(tag))?;
        let mut attributes = Vec::new();
        let count = input.times(6) as u16;
        for number in 0..count {
            let (value, expected, name) = value(input, &mut dwarf, &mut unit, &model)?;
            let name = name.unwrap_or(DwAt(FIRST_ATTRIBUTE + number));
            if attributes.iter().any(|(other, _)| *other == name) {
                continue;
            }
            unit.set(id, name, value)?;
            attributes.push((name, expected));
        }
        let number = model.len();
        model[parent].children.push(number);
        model.push(Meant { id: Some(id), tag, children: Vec::new(), attributes });
    }
    let (program, rows) = lines(input, encoding, endian)?;
    let line = dwarf.add_line(program);
    unit.set(unit.root(), DW_AT_stmt_list, Value::Line(line))?;
    let unit = dwarf.add_unit(unit);
    let mut sections = Sections::new(endian);
    let placed = dwarf.write(&mut sections, &no_distances)?;
    placed.unit(unit)?;
    let model = Model { entries: model, rows, placed };
    // What is only referred to from one section to the next is known now.
    sections.resolve(&|_| None)?;
    read(sections, encoding, unit, &model);
    Ok(())
}

/// A line program, and its rows.
fn lines(
    input: &mut Input<'_>,
    encoding: Encoding,
    endian: RunTimeEndian,
) -> Result<(LineProgram, Vec<(u64, u64)>), Error> {
    let line_encoding = LineEncoding {
        minimum_instruction_length: input.choose(&[1, 2, 4]),
        line_base: -(input.byte() as i8 & 7),
        line_range: 8 + input.byte() % 16,
        ..LineEncoding::default()
    };
    let mut program = LineProgram::new(encoding, line_encoding, endian)?;
    program.add_directory("/dir".into());
    program.add_file(File::new("a.c".into(), 0));
    let mut rows = Vec::new();
    let count = input.times(MOST);
    let mut address = u64::from(FIRST_ADDRESS);
    for _ in 0..count {
        let distance = u64::from(input.number()) >> (input.byte() % 16);
        address += distance * u64::from(line_encoding.minimum_instruction_length);
        let line = u64::from(input.number());
        let row = Row { column: input.byte().into(), ..Row::new(Address::Constant(address), line) };
        program.row(row)?;
        rows.push((address, line));
    }
    if program.is_in_sequence() {
        address += u64::from(line_encoding.minimum_instruction_length);
        program.end_sequence(Address::Constant(address))?;
        rows.push((address, u64::MAX));
    }
    Ok((program, rows))
}

/// The sections in a file, which is read.
fn read(sections: Sections, encoding: Encoding, unit: libdwarf::write::UnitId, model: &Model) {
    let is_big = sections.endian() == RunTimeEndian::Big;
    let machine = match (encoding.address_size, is_big) {
        (8, false) => EM_X86_64,
        (8, true) => EM_PPC64,
        (_, false) => EM_386,
        (_, true) => EM_PPC,
    };
    let class = if encoding.address_size == 8 { Class::Elf64 } else { Class::Elf32 };
    let endian = if is_big { Endianness::Big } else { Endianness::Little };
    let mut object = Object::new(libelf::Encoding { class, endian }, ET_EXEC.0, machine.0);
    add_to_object(&mut object, sections, &[]).expect("nothing is left to relocate");
    object.complete();
    let bytes = object.to_bytes().expect("an object of a few sections");
    let file = libelf::File::parse(&bytes).expect("what was written is a file");
    let backing = Backing::new();
    let places =
        Places { search: libelf::debugfile::Search { roots: Vec::new() }, debuginfod: None };
    let debug = Debug::load(file, Path::new("/nonexistent/file"), &places, &backing);
    let walk = Walk::new(&debug).expect("the headers are sound");
    let read = walk.units().next().expect("there is a unit");
    let mut entries = read.entries().expect("the abbreviations are sound");
    // The tree of the model, in the order of the section.
    let mut stack = vec![0];
    while let Some(number) = stack.pop() {
        let meant = &model.entries[number];
        stack.extend(meant.children.iter().rev());
        let entry = entries.next().expect("entries are sound").expect("as many as were written");
        let offset = |number: usize| match model.entries[number].id {
            Some(id) => model.placed.entry(unit, id).expect("it was placed"),
            None => read.root().expect("the root is sound").offset(),
        };
        assert_eq!(entry.offset(), offset(number));
        if number != 0 {
            assert_eq!(entry.tag().0, meant.tag);
            check_entry(&entry, meant, &offset);
        }
    }
    assert!(entries.next().expect("the end is sound").is_none());
    let program = read.gimli().expect("a sound unit").line_program.clone();
    let mut rows = program.expect("there is a line program").rows();
    let mut expected = model.rows.iter();
    while let Some((_, row)) = rows.next_row().expect("rows are sound") {
        let line = row.line().map_or(0, u64::from);
        let line = if row.end_sequence() { u64::MAX } else { line };
        assert_eq!(Some(&(row.address(), line)), expected.next());
    }
    assert!(expected.next().is_none());
}

fn check_entry(entry: &Entry<'_, '_>, meant: &Meant, offset: &dyn Fn(usize) -> u64) {
    assert_eq!(entry.attributes().count(), meant.attributes.len());
    for (name, expected) in &meant.attributes {
        let value = || entry.value(*name).expect("a sound value").expect("it was set");
        let is_right = match expected {
            Expected::Address(wanted) => matches!(value(), walk::Value::Address(n) if n == *wanted),
            Expected::Unsigned(wanted) => {
                matches!(value(), walk::Value::Unsigned(n) if n == *wanted)
            }
            Expected::Signed(wanted) => matches!(value(), walk::Value::Signed(n) if n == *wanted),
            Expected::Wide(wanted) => matches!(value(), walk::Value::Wide(n) if n == *wanted),
            Expected::Bytes(wanted) => matches!(value(), walk::Value::Bytes(b) if b == wanted),
            Expected::Flag(wanted) => matches!(value(), walk::Value::Flag(f) if f == *wanted),
            Expected::Text(wanted) => matches!(value(), walk::Value::Text(t) if t == wanted),
            Expected::Entry(number) => {
                matches!(value(), walk::Value::Entry(e) if e.offset() == offset(*number))
            }
            Expected::Ranges(wanted) => {
                let found = entry.ranges().expect("sound ranges");
                found.iter().map(|range| (range.start, range.end)).eq(wanted.iter().copied())
            }
            Expected::Locations(wanted) => {
                let found = entry.locations(*name).expect("sound locations");
                let found = found.into_iter().filter_map(|location| location.range);
                found.map(|range| (range.start, range.end)).eq(wanted.iter().copied())
            }
        };
        assert!(is_right, "{name:?}: {expected:?} is not {:?}", entry.value(*name));
    }
}

/// Frames, whose rows are read.
fn frames(input: &mut Input<'_>, encoding: Encoding, endian: RunTimeEndian) -> Result<(), Error> {
    let Encoding { format, address_size, .. } = encoding;
    let kind = input.choose(&[FrameSection::EhFrame, FrameSection::DebugFrame]);
    let mut table = FrameTable::new(kind, format, address_size)?;
    let stack = Register(7);
    let mut cie = Cie::new(1, 1, -1, Register(16));
    cie.instructions = vec![Cfi::DefCfa(stack, 8)];
    let cie = table.add_cie(cie);
    // The address, the CFA and the rules.
    let mut expected: Vec<(u64, i64, BTreeMap<u32, i64>)> = Vec::new();
    let mut start = u64::from(FIRST_ADDRESS);
    let count = input.times(8);
    for _ in 0..count {
        let mut address = start;
        let end = start + 0x1_0000;
        let mut fde = Fde::new(Address::Constant(start), Address::Constant(end));
        let (mut cfa, mut rules) = (8, BTreeMap::new());
        let count = input.times(MOST);
        for _ in 0..count {
            address += u64::from(input.number()) >> (input.byte() % 16);
            if address >= end {
                break;
            }
            let register = Register(input.number() % 200);
            let offset = i64::from(input.number().cast_signed());
            let instruction = if input.byte() & 1 == 0 {
                cfa = i64::from(input.number());
                Cfi::DefCfaOffset(cfa)
            } else {
                rules.insert(u32::from(register.0), offset);
                Cfi::Offset(register, offset)
            };
            fde.add(Address::Constant(address), instruction);
            // Of several changes at an address, the last one holds.
            expected.retain(|(other, ..)| *other != address);
            expected.push((address, cfa, rules.clone()));
        }
        table.add_fde(cie, fde);
        start = end;
    }
    let mut section = Section::new(endian);
    table.write(&mut section, &no_distances)?;
    section.resolve(0, &|_| Some(0))?;
    let bytes = section.bytes();
    let is_eh = kind == FrameSection::EhFrame;
    let unwinder = Unwinder::new(Parts {
        machine: EM_X86_64,
        endian,
        address_size,
        eh_frame: (if is_eh { bytes } else { &[] }, 0),
        eh_frame_hdr: (&[], 0),
        debug_frame: if is_eh { &[] } else { bytes },
        text: 0,
        got: 0,
    });
    for (address, cfa, rules) in expected {
        let frame = unwinder.frame(address).expect("sound frames").expect("it was written");
        let row = unwinder.row(&frame, address).expect("a sound frame");
        assert_eq!(row.cfa, Cfa::Register { register: stack.0.into(), offset: cfa });
        let rules: Vec<_> = rules.iter().map(|(&of, &at)| (of, Rule::Offset(at))).collect();
        assert_eq!(row.rules(), rules);
    }
    Ok(())
}

/// Tables of names.
fn indexes(input: &mut Input<'_>, encoding: Encoding, endian: RunTimeEndian) -> Result<(), Error> {
    let mut index = GdbIndex::default();
    index.units.push((0, 0x100));
    let mut names = Vec::new();
    let count = input.times(MOST);
    for _ in 0..count {
        let name = input.text();
        let kind = SymbolKind { is_static: input.byte() & 1 != 0, ..SymbolKind::default() };
        index.add(&name, GdbUnit::Unit(0), kind)?;
        names.push(PublicName { entry: u64::from(input.number()) + 1, kind, name });
    }
    index.write(&mut Section::new(endian))?;
    let expected: Vec<_> = names.iter().map(|name| (name.entry, name.name.clone())).collect();
    let names = PublicNames { format: encoding.format, unit: 0, unit_size: 0x100, names };
    let mut sections = Sections::new(endian);
    names.write(sections.get_mut(SectionId::Pubnames))?;
    names.write_gnu(sections.get_mut(SectionId::GnuPubnames))?;
    sections.resolve(&|_| None)?;
    let bytes = sections.bytes(SectionId::Pubnames);
    let mut items = gimli::DebugPubNames::new(bytes, endian).items();
    let mut found = Vec::new();
    while let Some(item) = items.next().expect("a sound table") {
        found.push((item.die_offset().0 as u64, item.name().to_vec()));
    }
    assert_eq!(found, expected);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes that nobody chose.
    fn noise(seed: u64, length: usize) -> Vec<u8> {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut byte = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 24) as u8
        };
        (0..length).map(|_| byte()).collect()
    }

    #[test]
    fn what_is_written_is_read() {
        for seed in 0..400 {
            exercise(&noise(seed, 40 + seed as usize * 5));
        }
        exercise(&[]);
    }
}
