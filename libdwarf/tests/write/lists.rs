//! Range lists and location lists, written and read.

use gimli::{Register, constants as dw};
use libdwarf::write::*;
use proptest::prelude::*;

use crate::entries::{Style, styles};
use crate::read::{address_of, dwarf, value_of};

/// An entry: which kind, where from, how long, in which symbol.
type BoundsSeed = (u8, u8, u8, u8);

fn lists() -> impl Strategy<Value = Vec<(bool, bool, Vec<BoundsSeed>)>> {
    let entry = (any::<u8>(), any::<u8>(), 1u8..=255, any::<u8>());
    let list = prop::collection::vec(entry, 0..8);
    prop::collection::vec((any::<bool>(), any::<bool>(), list), 1..5)
}

/// Bounds as they are written, and the addresses they are of.
fn bounds(seeds: &[BoundsSeed], style: Style, unit_base: u64) -> (Vec<Bounds>, Vec<(u64, u64)>) {
    let is_new = style.encoding.version >= 5;
    let mut base = unit_base;
    let mut written = Vec::new();
    let mut expected = Vec::new();
    for &(kind, start, length, symbol) in seeds {
        let address = |offset: u8| match symbol % 4 {
            3 => Address::Constant(0x4000 + u64::from(offset)),
            symbol => Address::Symbol { symbol: symbol.into(), addend: offset.into() },
        };
        let begin = address(start);
        let (from, length) = (value_of(begin), u64::from(length));
        match kind % 4 {
            0 => {
                base = from;
                written.push(Bounds::Base(begin));
            }
            1 => {
                let (begin, end) = (start.into(), u64::from(start) + length);
                written.push(Bounds::Offsets { begin, end });
                expected.push((base + begin, base + end));
            }
            2 => {
                let end = match begin {
                    Address::Constant(value) => Address::Constant(value + length),
                    Address::Symbol { symbol, addend } => {
                        Address::Symbol { symbol, addend: addend + length as i64 }
                    }
                };
                written.push(Bounds::StartEnd { begin, end });
                expected.push((from, from + length));
                if !is_new {
                    base = base_after(&written, unit_base);
                }
            }
            _ => {
                written.push(Bounds::StartLength { begin, length });
                expected.push((from, from + length));
                if !is_new {
                    base = base_after(&written, unit_base);
                }
            }
        }
    }
    (written, expected)
}

/// The base that offsets count from after the last entry, before version 5: addresses that lie
/// in no known distance from the base set it to 0.
fn base_after(written: &[Bounds], unit_base: u64) -> u64 {
    let mut base = UNIT_BASE;
    let mut value = unit_base;
    for bounds in written {
        match bounds {
            Bounds::Base(address) => (base, value) = (*address, value_of(*address)),
            Bounds::StartEnd { begin, .. } | Bounds::StartLength { begin, .. }
                if known_distance(base, *begin).is_none_or(|distance| distance < 0) =>
            {
                (base, value) = (Address::Constant(0), 0);
            }
            _ => {}
        }
    }
    value
}

/// Where the unit begins.
const UNIT_BASE: Address = Address::Symbol { symbol: 0, addend: 16 };

fn check(
    style: Style,
    lists: &[(bool, bool, Vec<BoundsSeed>)],
) -> std::result::Result<(), TestCaseError> {
    let is_new = style.encoding.version >= 5;
    let mut file = Dwarf::default();
    let mut unit = Unit::new(style.encoding, UnitKind::Compile).unwrap();
    let root = unit.root();
    unit.set(root, dw::DW_AT_low_pc, Value::Address(UNIT_BASE)).unwrap();
    let base_type = unit.add(root, dw::DW_TAG_base_type).unwrap();
    let mut expected = Vec::new();
    for (index, (indexed, by_index, seeds)) in lists.iter().enumerate() {
        let indexed = *indexed && is_new;
        let (bounds, wanted) = bounds(seeds, style, value_of(UNIT_BASE));
        let ranges = unit.add_ranges(RangeList { ranges: bounds.clone(), indexed });
        // An expression that refers to a type comes with each location.
        let expression = |number: usize| -> Expression {
            let register = Register(number as u16);
            [Operation::RegvalType(register, base_type), Operation::Plain(dw::DW_OP_stack_value)]
                .into_iter()
                .collect()
        };
        let mut locations: Vec<_> = bounds
            .into_iter()
            .enumerate()
            .map(|(number, bounds)| (bounds, expression(number)))
            .collect();
        if is_new && *by_index {
            locations.push((Bounds::Default, expression(40)));
        }
        let locations = unit.add_locations(LocationList { locations, indexed, views: Vec::new() });
        let entry = unit.add(root, dw::DW_TAG_variable).unwrap();
        let entry = unit.entry(entry).unwrap();
        if *by_index && is_new {
            entry.set_form(dw::DW_AT_ranges, dw::DW_FORM_rnglistx, Value::Ranges(ranges));
            entry.set_form(dw::DW_AT_location, dw::DW_FORM_loclistx, Value::Locations(locations));
        } else {
            entry.set(dw::DW_AT_ranges, Value::Ranges(ranges));
            entry.set(dw::DW_AT_location, Value::Locations(locations));
        }
        expected.push((index, wanted, is_new && *by_index));
    }
    file.add_unit(unit);
    let mut sections = Sections::new(style.endian);
    let placed = file.write(&mut sections, &no_distances).unwrap();
    sections.resolve(&address_of).unwrap();
    let read = dwarf(&sections);
    let header = read.units().next().unwrap().unwrap();
    let unit = read.unit(header).unwrap();
    let type_place = placed.entry(UnitId::FIRST, base_type).unwrap() as usize;
    let mut entries = unit.entries();
    let mut wanted = expected.iter();
    while let Some(entry) = entries.next_dfs().unwrap() {
        if entry.tag() != dw::DW_TAG_variable {
            continue;
        }
        let (_, wanted, has_default) = wanted.next().unwrap();
        let mut ranges = read.die_ranges(&unit, entry).unwrap();
        let mut got = Vec::new();
        while let Some(range) = ranges.next().unwrap() {
            got.push((range.begin, range.end));
        }
        prop_assert_eq!(&got, wanted);
        let value = entry.attr_value(dw::DW_AT_location).unwrap();
        let mut locations = read.attr_locations(&unit, value).unwrap().unwrap();
        let mut got = Vec::new();
        let mut defaults = 0;
        while let Some(entry) = locations.next().unwrap() {
            let mut operations = entry.data.operations(unit.encoding());
            let first = operations.next().unwrap().unwrap();
            let base_type = gimli::UnitOffset(type_place);
            let gimli::Operation::RegisterOffset { register, base_type: of, .. } = first else {
                panic!("{first:?}")
            };
            prop_assert_eq!(of, base_type);
            if register == Register(40) {
                defaults += 1;
            } else {
                got.push((entry.range.begin, entry.range.end));
            }
        }
        prop_assert_eq!(&got, wanted);
        prop_assert_eq!(defaults, usize::from(*has_default));
    }
    prop_assert!(wanted.next().is_none());
    Ok(())
}

proptest! {
    #![proptest_config(crate::read::cases(600))]

    #[test]
    fn lists_are_read_as_written(style in styles(), lists in lists()) {
        check(style, &lists)?;
    }
}
