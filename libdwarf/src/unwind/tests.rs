use super::lsda::{Action, Base, Lsda, Type};
use super::*;

/// The address where the section of the tests is.
const ADDRESS: u64 = 0x1000;

/// An entry: its length, and what it has.
fn entry(section: &mut Vec<u8>, contents: &[u8]) {
    let size = contents.len().next_multiple_of(4);
    section.extend((size as u32).to_le_bytes());
    section.extend(contents);
    section.resize(section.len() + size - contents.len(), 0);
}

/// `.eh_frame` of x86-64 with one CIE, and an FDE of 0x100 bytes from 0x2000 on.
fn section(instructions: &[u8]) -> Vec<u8> {
    let mut section = Vec::new();
    let cie = [0, 0, 0, 0, 1, b'z', b'R', 0, 1, 0x78, 16, 1, 0x1b, 0xc, 7, 8, 0x90, 1];
    entry(&mut section, &cie);
    let id = section.len() as u32 + 4;
    let mut fde = id.to_le_bytes().to_vec();
    let place = ADDRESS + section.len() as u64 + 8;
    fde.extend((0x2000 - place as u32).to_le_bytes());
    fde.extend(0x100u32.to_le_bytes());
    fde.push(0);
    fde.extend(instructions);
    entry(&mut section, &fde);
    section
}

fn unwinder(section: &[u8]) -> Unwinder<'_> {
    Unwinder::new(Parts {
        machine: raw::EM_X86_64,
        endian: RunTimeEndian::Little,
        address_size: 8,
        eh_frame: (section, ADDRESS),
        eh_frame_hdr: (&[], 0),
        debug_frame: &[],
        text: 0,
        got: 0,
    })
}

/// A frame pointer is pushed, and made the frame's.
const PUSHED: &[u8] = &[0x41, 0xe, 16, 0x86, 2, 0x43, 0xd, 6];

#[test]
fn rows_hold_from_one_address_to_the_next() {
    let section = section(PUSHED);
    let unwinder = unwinder(&section);
    let frame = unwinder.frame(0x2050).unwrap().unwrap();
    assert_eq!((frame.start(), frame.end(), frame.return_address_register()), (0x2000, 0x2100, 16));
    assert!(unwinder.frame(0x2100).unwrap().is_none());
    assert!(unwinder.frame(0x1fff).unwrap().is_none());
    let mut context = Context::default();
    let mut rows = Vec::new();
    let collect = |row| {
        rows.push(row);
        true
    };
    unwinder.rows(&mut context, &frame, collect).unwrap();
    let spans: Vec<_> = rows.iter().map(|row| (row.start, row.end)).collect();
    assert_eq!(spans, [(0x2000, 0x2001), (0x2001, 0x2004), (0x2004, 0x2100)]);
    assert_eq!(rows[0].cfa, Cfa::Register { register: 7, offset: 8 });
    assert_eq!(rows[2].cfa, Cfa::Register { register: 6, offset: 16 });
    assert_eq!(rows[0].rule(6), None);
    assert_eq!(rows[1].rules(), [(6, Rule::Offset(-16)), (16, Rule::Offset(-8))]);
    let row = unwinder.row(&mut context, &frame, 0x2003).unwrap();
    assert_eq!((row.start, row.end), (0x2001, 0x2004));
    let outside = unwinder.row(&mut context, &frame, 0x2100).unwrap_err();
    assert_eq!(outside, Error::NoRow(0x2100));
    assert_eq!(unwinder.frames().count(), 1);
}

#[test]
fn a_step_goes_to_the_caller() {
    let section = section(PUSHED);
    let unwinder = unwinder(&section).with_load_bias(0x10_0000);
    let mut state = State::new(0x10_2004);
    state.set(6, 0x7000);
    state.set(3, 33);
    let mut memory = |address: u64, size: u8| match (address, size) {
        (0x7000, 8) => Some(0x7100),
        (0x7008, 8) => Some(0x10_2042),
        _ => None,
    };
    let mut context = Context::default();
    let caller = unwinder.step(&mut context, &state, &mut memory).unwrap().unwrap();
    assert_eq!((caller.pc(), caller.lookup_address()), (0x10_2042, 0x10_2041));
    assert_eq!(
        (caller.get(6), caller.get(7), caller.get(3)),
        (Some(0x7100), Some(0x7010), Some(33))
    );
    // There is nothing where its own frame would be.
    let missing = unwinder.step(&mut context, &caller, &mut memory).unwrap_err();
    assert_eq!(missing, Error::NoMemory { address: 0x7100, size: 8 });
    let unknown = unwinder.step(&mut context, &State::new(0x10_2000), &mut memory).unwrap_err();
    assert_eq!(unknown, Error::NoRegister(7));
    let elsewhere = State::new(0x2000);
    assert_eq!(unwinder.step(&mut context, &elsewhere, &mut memory).unwrap(), None);
}

#[test]
fn expressions_are_evaluated() {
    // The CFA is what r3 + 8 points to; r6 is the CFA and 5.
    let section = section(&[0xf, 3, 0x73, 8, 6, 0x16, 6, 2, 0x23, 5]);
    let unwinder = unwinder(&section);
    let mut state = State::new(0x2000);
    state.set(3, 0x7000);
    let mut memory = |address: u64, _: u8| match address {
        0x7008 => Some(0x8000),
        0x7ff8 => Some(0x2040),
        _ => None,
    };
    let caller = unwinder.step(&mut Context::default(), &state, &mut memory).unwrap().unwrap();
    assert_eq!((caller.pc(), caller.get(6), caller.get(7)), (0x2040, Some(0x8005), Some(0x8000)));
}

#[test]
fn an_expression_that_does_not_end_is_given_up() {
    // DW_OP_skip to itself.
    let section = section(&[0xf, 3, 0x2f, 0xfd, 0xff]);
    let unwinder = unwinder(&section);
    let mut memory = |_: u64, _: u8| None;
    let failed = unwinder.step(&mut Context::default(), &State::new(0x2000), &mut memory);
    assert!(matches!(failed, Err(Error::Frames(_))));
}

#[test]
fn an_undefined_return_address_ends_the_stack() {
    let section = section(&[7, 16]);
    let mut state = State::new(0x2000);
    state.set(7, 0x7000);
    let mut memory = |_: u64, _: u8| Some(1);
    let unwinder = unwinder(&section);
    assert_eq!(unwinder.step(&mut Context::default(), &state, &mut memory).unwrap(), None);
}

#[test]
fn handlers_have_types() {
    // Call sites: 0 to 4 goes by; 4 to 8 catches the second type, then cleans up.
    let mut table = vec![0xff, 0x9b, 0, 0x01, 8, 0, 4, 0, 0, 4, 4, 0x20, 1];
    // Actions: catch type 2, then the action behind; clean up.
    table.extend([2, 1, 0, 0]);
    // Types, the last one first: type 2, type 1 (all).
    let types = table.len();
    table.extend(0x100u32.to_le_bytes());
    table.extend(0u32.to_le_bytes());
    table[2] = (table.len() - 3) as u8;
    let base = Base { address: 0x3000, function: 0x2000, address_size: 8 };
    let lsda = Lsda::parse(&table, RunTimeEndian::Little, base).unwrap();
    assert_eq!(lsda.call_sites().len(), 2);
    assert_eq!(lsda.call_site(0x2001).unwrap().landing_pad, None);
    assert_eq!(lsda.call_site(0x2008), None);
    let site = lsda.call_site(0x2007).unwrap();
    assert_eq!(site.landing_pad, Some(0x2020));
    let place = 0x3000 + types as u64 + 0x100;
    let actions: Vec<_> = lsda.actions(site).collect();
    assert_eq!(actions, [Action::Catch(Type::Indirect(place)), Action::Cleanup]);
    for size in 0..12 {
        assert!(Lsda::parse(&table[..size], RunTimeEndian::Little, base).is_err(), "{size}");
    }
}
