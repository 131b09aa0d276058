//! Trees of entries with values in all forms, written and read.

use gimli::{AttributeValue, DwForm, Encoding, Format, Register, RunTimeEndian, constants as dw};
use libdwarf::section::SectionId;
use libdwarf::write::*;
use proptest::prelude::*;

use crate::read::{Slice, address_of, dwarf, linked, value_of};

/// Something random to make a value of.
type Seed = (u8, u64, Vec<u8>, u8);

/// An entry: which of those before it is its parent, its tag, whether it tells its sibling, values.
type EntrySeed = (u16, u16, bool, Vec<Seed>);

/// How a file is written.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    pub encoding: Encoding,
    pub endian: RunTimeEndian,
}

/// All of them.
pub fn styles() -> impl Strategy<Value = Style> {
    let sizes = prop_oneof![Just(2u8), Just(4), Just(8)];
    (2u16..=5, any::<bool>(), any::<bool>(), sizes).prop_map(
        |(version, wide, big, address_size)| {
            // Version 2 has references to other units in the size of addresses.
            let format = if wide && version > 2 { Format::Dwarf64 } else { Format::Dwarf32 };
            let endian = if big { RunTimeEndian::Big } else { RunTimeEndian::Little };
            Style { encoding: Encoding { format, version, address_size }, endian }
        },
    )
}

fn numbers() -> impl Strategy<Value = u64> {
    prop_oneof![0u64..300, any::<u32>().prop_map(u64::from), any::<u64>()]
}

fn seeds() -> impl Strategy<Value = Seed> {
    (any::<u8>(), numbers(), prop::collection::vec(1u8..=255, 0..20), any::<u8>())
}

fn entry_seeds() -> impl Strategy<Value = Vec<EntrySeed>> {
    let entry = (any::<u16>(), 1u16..0x4f, any::<bool>(), prop::collection::vec(seeds(), 0..6));
    prop::collection::vec(entry, 0..30)
}

fn address(style: Style, number: u64) -> Address {
    if number.is_multiple_of(2) {
        let mask = u64::MAX >> (64 - 8 * u32::from(style.encoding.address_size));
        Address::Constant(number & mask)
    } else {
        Address::Symbol { symbol: (number / 2 % 3) as usize, addend: (number % 100) as i64 }
    }
}

fn pick<T: Copy>(list: &[T], seed: u8) -> T {
    list[seed as usize % list.len()]
}

/// The forms that hold a number.
fn data_forms(style: Style, number: u64, leb: DwForm) -> Vec<DwForm> {
    let mut forms = vec![dw::DW_FORM_data8, leb];
    for (bits, form) in [(8, dw::DW_FORM_data1), (16, dw::DW_FORM_data2), (32, dw::DW_FORM_data4)] {
        if number >> bits == 0 {
            forms.push(form);
        }
    }
    if style.encoding.version >= 5 && i64::try_from(number).is_ok() {
        forms.push(dw::DW_FORM_implicit_const);
    }
    forms
}

/// Makes a value and a form of a seed. `entries` are those made so far.
fn value(
    dwarf: &mut Dwarf,
    style: Style,
    seed: &Seed,
    entries: &[EntryId],
) -> (Value, Option<DwForm>) {
    let (kind, number, bytes, form) = seed;
    let is_new = style.encoding.version >= 5;
    let since = |version: u16, forms: &[DwForm]| {
        let forms = if style.encoding.version >= version { forms } else { &[] };
        forms.to_vec()
    };
    let entry = pick(entries, (*number % 251) as u8);
    let (value, forms) = match kind % 16 {
        0 => (
            Value::Address(address(style, *number)),
            [
                vec![dw::DW_FORM_addr, dw::DW_FORM_GNU_addr_index],
                since(
                    5,
                    &[
                        dw::DW_FORM_addrx,
                        dw::DW_FORM_addrx1,
                        dw::DW_FORM_addrx2,
                        dw::DW_FORM_addrx3,
                        dw::DW_FORM_addrx4,
                    ],
                ),
            ]
            .concat(),
        ),
        1 => (Value::Unsigned(*number), data_forms(style, *number, dw::DW_FORM_udata)),
        2 => {
            let mut forms = vec![dw::DW_FORM_data8, dw::DW_FORM_sdata];
            if is_new {
                forms.push(dw::DW_FORM_implicit_const);
            }
            (Value::Signed(*number as i64), forms)
        }
        3 => {
            let forms = [dw::DW_FORM_block, dw::DW_FORM_block1, dw::DW_FORM_block2];
            (Value::Block(bytes.clone()), [&forms[..], &[dw::DW_FORM_block4]].concat())
        }
        4 if *number % 2 == 0 => (Value::Flag(false), vec![dw::DW_FORM_flag]),
        4 => (
            Value::Flag(true),
            [vec![dw::DW_FORM_flag], since(4, &[dw::DW_FORM_flag_present])].concat(),
        ),
        5 => (Value::Text(bytes.clone()), vec![dw::DW_FORM_string]),
        6 => {
            let indexes = [
                dw::DW_FORM_strx,
                dw::DW_FORM_strx1,
                dw::DW_FORM_strx2,
                dw::DW_FORM_strx3,
                dw::DW_FORM_strx4,
                dw::DW_FORM_GNU_str_index,
            ];
            let id = dwarf.strings.add(bytes).unwrap();
            (Value::String(id), [vec![dw::DW_FORM_strp], since(5, &indexes)].concat())
        }
        7 if is_new => {
            let id = dwarf.line_strings.add(bytes).unwrap();
            (Value::LineString(id), vec![dw::DW_FORM_line_strp])
        }
        8 => {
            let forms = [dw::DW_FORM_ref2, dw::DW_FORM_ref4, dw::DW_FORM_ref8];
            (Value::Entry(entry), [&forms[..], &[dw::DW_FORM_ref_udata]].concat())
        }
        9 => (Value::EntryOf(UNIT, entry), vec![dw::DW_FORM_ref_addr]),
        10 if style.encoding.version >= 4 => {
            (Value::Signature(*number), vec![dw::DW_FORM_ref_sig8])
        }
        11 if is_new => {
            (Value::Data16(u128::from(*number) << 60 | u128::from(*form)), vec![dw::DW_FORM_data16])
        }
        12 => {
            let offset = number & 0xffff_ffff;
            let forms = [vec![dw::DW_FORM_GNU_strp_alt], since(5, &[dw::DW_FORM_strp_sup])];
            (Value::StringSup(offset), forms.concat())
        }
        13 => {
            let offset = number & 0xffff_ffff;
            let forms = [
                vec![dw::DW_FORM_GNU_ref_alt],
                since(5, &[dw::DW_FORM_ref_sup4, dw::DW_FORM_ref_sup8]),
            ];
            (Value::EntrySup(offset), forms.concat())
        }
        14 => {
            let place = (SectionId::Line, number & 0xffff_ffff);
            (Value::SectionOffset(place.0, place.1), Vec::new())
        }
        _ => {
            let expression: Expression = [
                Operation::Unsigned(*number),
                Operation::RegisterOffset(Register(*form as u16), *number as i64),
                Operation::Plain(dw::DW_OP_plus),
            ]
            .into_iter()
            .collect();
            let forms =
                [vec![dw::DW_FORM_block, dw::DW_FORM_block1], since(4, &[dw::DW_FORM_exprloc])];
            (Value::Expression(expression), forms.concat())
        }
    };
    // Some in the form that follows.
    let form = if form % 5 == 0 || forms.is_empty() { None } else { Some(pick(&forms, form / 5)) };
    (value, form)
}

/// The one unit, by an identifier of a file that has one.
const UNIT: UnitId = UnitId::FIRST;

/// A name that readers see nothing in.
fn name(index: usize) -> gimli::DwAt {
    gimli::DwAt(0x3000 + index as u16)
}

struct Made {
    dwarf: Dwarf,
    entries: Vec<EntryId>,
    tags: Vec<u16>,
    values: Vec<Vec<(Value, Option<DwForm>)>>,
}

fn make(style: Style, seeds: &[EntrySeed]) -> Made {
    let mut dwarf = Dwarf::default();
    let mut unit = Unit::new(style.encoding, UnitKind::Compile).unwrap();
    // All exist before values are made, so that values refer back and forth.
    let mut entries = vec![unit.root()];
    let mut tags = vec![dw::DW_TAG_compile_unit.0];
    for (parent, tag, sibling, _) in seeds {
        let parent = entries[*parent as usize % entries.len()];
        let entry = unit.add(parent, gimli::DwTag(*tag)).unwrap();
        unit.entry(entry).unwrap().sibling = *sibling;
        entries.push(entry);
        tags.push(*tag);
    }
    let mut values = vec![Vec::new()];
    for (index, (.., seeds)) in seeds.iter().enumerate() {
        let mut of_entry = Vec::new();
        for (number, seed) in seeds.iter().enumerate() {
            let (value, form) = value(&mut dwarf, style, seed, &entries);
            let indirect = seed.3 % 7 == 3 && form != Some(dw::DW_FORM_implicit_const);
            let attribute = Attribute { name: name(number), value: value.clone(), form, indirect };
            unit.entry(entries[index + 1]).unwrap().set_attribute(attribute);
            of_entry.push((value, form));
        }
        values.push(of_entry);
    }
    dwarf.add_unit(unit);
    Made { dwarf, entries, tags, values }
}

/// Asserts that what was read says what was written.
fn check(
    made: &Made,
    placed: &Placed,
    read: &gimli::Dwarf<Slice>,
    unit: &gimli::Unit<Slice>,
    written: &Value,
    form: Option<DwForm>,
    attribute: &gimli::Attribute<Slice>,
) {
    let got = attribute.raw_value();
    if let Some(form) = form {
        assert!([form, dw::DW_FORM_indirect].contains(&attribute.form()));
    }
    let encoding = unit.encoding();
    let offset = |value: &AttributeValue<Slice>| match value {
        AttributeValue::SecOffset(offset) => *offset as u64,
        AttributeValue::Data4(offset) => (*offset).into(),
        AttributeValue::Data8(offset) => *offset,
        other => panic!("{other:?}"),
    };
    match written {
        Value::Address(address) => {
            assert_eq!(read.attr_address(unit, got).unwrap(), Some(value_of(*address)));
        }
        Value::Unsigned(number) => {
            let value = match got {
                AttributeValue::Sdata(value) => value as u64,
                _ => attribute.udata_value().unwrap(),
            };
            assert_eq!(value, *number);
        }
        Value::Signed(number) => match got {
            AttributeValue::Data8(value) => assert_eq!(value as i64, *number),
            AttributeValue::Sdata(value) => assert_eq!(value, *number),
            other => panic!("{other:?}"),
        },
        Value::Data16(number) => assert_eq!(got, AttributeValue::Data16(*number)),
        Value::Block(bytes) => {
            let AttributeValue::Block(block) = got else { panic!("{got:?}") };
            assert_eq!(block.slice(), &bytes[..]);
        }
        Value::Flag(value) => assert_eq!(got, AttributeValue::Flag(*value)),
        Value::Text(text) => {
            assert_eq!(read.attr_string(unit, got).unwrap().slice(), &text[..]);
        }
        Value::String(id) => {
            let text = made.dwarf.strings.text(*id).unwrap();
            assert_eq!(read.attr_string(unit, got).unwrap().slice(), text);
        }
        Value::LineString(id) => {
            let text = made.dwarf.line_strings.text(*id).unwrap();
            assert_eq!(read.attr_string(unit, got).unwrap().slice(), text);
        }
        Value::Entry(entry) => {
            let place = placed.entry(UNIT, *entry).unwrap() as usize;
            assert_eq!(got, AttributeValue::UnitRef(gimli::UnitOffset(place)));
        }
        Value::EntryOf(of, entry) => {
            let place = placed.unit(*of).unwrap() + placed.entry(*of, *entry).unwrap();
            let place = gimli::DebugInfoOffset(place as usize);
            assert_eq!(got, AttributeValue::DebugInfoRef(place));
        }
        Value::Signature(signature) => {
            let signature = gimli::DebugTypeSignature(*signature);
            assert_eq!(got, AttributeValue::DebugTypesRef(signature));
        }
        Value::StringSup(place) => {
            let place = gimli::DebugStrOffset(*place as usize);
            assert_eq!(got, AttributeValue::DebugStrRefSup(place));
        }
        Value::EntrySup(place) => {
            let place = gimli::DebugInfoOffset(*place as usize);
            assert_eq!(got, AttributeValue::DebugInfoRefSup(place));
        }
        Value::SectionOffset(_, place) => assert_eq!(offset(&got), *place),
        Value::Expression(expression) => {
            let bytes = match got {
                AttributeValue::Exprloc(expression) => expression.0,
                AttributeValue::Block(bytes) => bytes,
                other => panic!("{other:?}"),
            };
            let [Operation::Unsigned(number), Operation::RegisterOffset(register, offset), _] =
                expression.operations()
            else {
                panic!()
            };
            let mut operations = gimli::Expression(bytes).operations(encoding);
            let first = operations.next().unwrap().unwrap();
            let gimli::Operation::UnsignedConstant { value } = first else { panic!("{first:?}") };
            assert_eq!(value, *number);
            let second = operations.next().unwrap().unwrap();
            let base_type = gimli::UnitOffset(0);
            let (register, offset) = (*register, *offset);
            assert_eq!(second, gimli::Operation::RegisterOffset { register, offset, base_type });
            let third = operations.next().unwrap().unwrap();
            assert_eq!(third, gimli::Operation::PlusConstant { value: 0 }.clone_as_plus());
            assert!(operations.next().unwrap().is_none());
        }
        other => panic!("{other:?}"),
    }
}

/// `DW_OP_plus`, which has no value.
trait Plus {
    fn clone_as_plus(self) -> Self;
}

impl Plus for gimli::Operation<Slice<'_>> {
    fn clone_as_plus(self) -> Self {
        Self::Plus
    }
}

/// Lists entries and how deep they lie. By recursion: nobody nests thirty entries too deep.
fn walk(node: gimli::EntriesTreeNode<Slice>, depth: isize, list: &mut Vec<(usize, isize)>) {
    list.push((node.entry().offset().0, depth));
    let mut children = node.children();
    while let Some(child) = children.next().unwrap() {
        walk(child, depth + 1, list);
    }
}

proptest! {
    #![proptest_config(crate::read::cases(400))]

    #[test]
    fn entries_are_read_as_written(style in styles(), seeds in entry_seeds()) {
        let made = make(style, &seeds);
        let mut sections = Sections::new(style.endian);
        let placed = match made.dwarf.write(&mut sections, &no_distances) {
            Ok(placed) => placed,
            // Two bytes do not reach everything.
            Err(Error::TooLarge { size: 2, .. }) => return Ok(()),
            Err(error) => panic!("{error}"),
        };
        let sections = if style.encoding.address_size == 2 || style.encoding.version == 2 {
            let mut plain = sections.clone();
            match plain.resolve(&address_of) {
                Ok(()) => plain,
                Err(Error::TooLarge { .. }) => return Ok(()),
                Err(error) => panic!("{error}"),
            }
        } else {
            linked(&sections)
        };
        let read = dwarf(&sections);
        let header = read.units().next().unwrap().unwrap();
        prop_assert_eq!(header.encoding(), style.encoding);
        let unit = read.unit(header).unwrap();
        let mut tree = unit.entries_tree(None).unwrap();
        let mut stack = Vec::new();
        walk(tree.root().unwrap(), 0, &mut stack);
        prop_assert_eq!(stack.len(), made.entries.len());
        for (index, id) in made.entries.iter().enumerate() {
            let place = placed.entry(UNIT, *id).unwrap() as usize;
            let entry = unit.entry(gimli::UnitOffset(place)).unwrap();
            prop_assert_eq!(entry.tag().0, made.tags[index]);
            let mut depth = 0;
            let mut above = *id;
            let tree = made.dwarf.unit(UNIT).unwrap();
            while let Some(parent) = tree.get(above).unwrap().parent() {
                above = parent;
                depth += 1;
            }
            prop_assert!(stack.contains(&(place, depth)));
            for (number, (value, form)) in made.values[index].iter().enumerate() {
                let attribute = entry.attr(name(number)).unwrap();
                check(&made, &placed, &read, &unit, value, *form, attribute);
            }
        }
    }
}
