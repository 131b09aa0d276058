use super::lsda::{Action, Base, Lsda, Type};
use super::*;
use libelf::raw;

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
    let mut rows = Vec::new();
    let collect = |row| {
        rows.push(row);
        true
    };
    unwinder.rows(&frame, collect).unwrap();
    let spans: Vec<_> = rows.iter().map(|row| (row.start, row.end)).collect();
    assert_eq!(spans, [(0x2000, 0x2001), (0x2001, 0x2004), (0x2004, 0x2100)]);
    assert_eq!(rows[0].cfa, Cfa::Register { register: 7, offset: 8 });
    assert_eq!(rows[2].cfa, Cfa::Register { register: 6, offset: 16 });
    assert_eq!(rows[0].rule(6), None);
    assert_eq!(rows[1].rules(), [(6, Rule::Offset(-16)), (16, Rule::Offset(-8))]);
    let row = unwinder.row(&frame, 0x2003).unwrap();
    assert_eq!((row.start, row.end), (0x2001, 0x2004));
    let outside = unwinder.row(&frame, 0x2100).unwrap_err();
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
    let caller = unwinder.step(&state, &mut memory).unwrap().unwrap();
    assert_eq!((caller.pc(), caller.lookup_address()), (0x10_2042, 0x10_2041));
    assert_eq!(
        (caller.get(6), caller.get(7), caller.get(3)),
        (Some(0x7100), Some(0x7010), Some(33))
    );
    // There is nothing where its own frame would be.
    let missing = unwinder.step(&caller, &mut memory).unwrap_err();
    assert_eq!(missing, Error::NoMemory { address: 0x7100, size: 8 });
    let unknown = unwinder.step(&State::new(0x10_2000), &mut memory).unwrap_err();
    assert_eq!(unknown, Error::NoRegister(7));
    let elsewhere = State::new(0x2000);
    assert_eq!(unwinder.step(&elsewhere, &mut memory).unwrap(), None);
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
    let caller = unwinder.step(&state, &mut memory).unwrap().unwrap();
    assert_eq!((caller.pc(), caller.get(6), caller.get(7)), (0x2040, Some(0x8005), Some(0x8000)));
}

#[test]
fn an_expression_that_does_not_end_is_given_up() {
    // DW_OP_skip to itself.
    let section = section(&[0xf, 3, 0x2f, 0xfd, 0xff]);
    let unwinder = unwinder(&section);
    let mut memory = |_: u64, _: u8| None;
    let failed = unwinder.step(&State::new(0x2000), &mut memory);
    assert!(matches!(failed, Err(Error::Frames(_))));
}

#[test]
fn an_undefined_return_address_ends_the_stack() {
    let section = section(&[7, 16]);
    let mut state = State::new(0x2000);
    state.set(7, 0x7000);
    let mut memory = |_: u64, _: u8| Some(1);
    let unwinder = unwinder(&section);
    assert_eq!(unwinder.step(&state, &mut memory).unwrap(), None);
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

/// `.debug_frame` with one CIE of this augmentation, what it has behind, and an FDE from 0x2000 on.
fn debug_frame(augmentation: &[u8], code: u8, data: u8, common: &[u8], own: &[u8]) -> Vec<u8> {
    let mut section = Vec::new();
    let head = [&[0xff, 0xff, 0xff, 0xff, 1], augmentation, &[code, data, 15]].concat();
    entry(&mut section, &[&head, common].concat());
    let mut fde = vec![0; 4];
    fde.extend(0x2000u64.to_le_bytes());
    fde.extend(0x100u64.to_le_bytes());
    fde.extend(own);
    entry(&mut section, &fde);
    section
}

fn of_debug_frame(machine: Machine, section: &[u8]) -> Unwinder<'_> {
    Unwinder::new(Parts {
        machine,
        endian: RunTimeEndian::Little,
        address_size: 8,
        eh_frame: (&[], 0),
        eh_frame_hdr: (&[], 0),
        debug_frame: section,
        text: 0,
        got: 0,
    })
}

#[test]
fn windows_of_sparc_are_the_callers() {
    // The CFA is %sp + 2047, and from 0x2004 on %fp + 2047, where the window was saved; %o7 is %i7.
    let own = [0x41, 0xd, 30, 0x2d, 0x9, 15, 31];
    let section = debug_frame(b"\0", 4, 0x78, &[0xc, 14, 0xff, 0xf], &own);
    let unwinder = of_debug_frame(raw::EM_SPARCV9, &section);
    let frame = unwinder.frame(0x2010).unwrap().unwrap();
    let row = unwinder.row(&frame, 0x2010).unwrap();
    assert_eq!((row.start, row.cfa), (0x2004, Cfa::Register { register: 30, offset: 2047 }));
    assert_eq!(row.rule(8), Some(Rule::Register(24)));
    assert_eq!(row.rule(17), Some(Rule::Offset(8)));
    let mut state = State::new(0x2010);
    state.set(30, 0x7001);
    state.set(31, 0x3000);
    let mut memory = |address: u64, _: u8| Some(address ^ 1);
    let caller = unwinder.step(&state, &mut memory).unwrap().unwrap();
    // Behind the call and its delay slot.
    assert_eq!((caller.pc(), caller.get(15), caller.get(16)), (0x3008, Some(0x3000), Some(0x7801)));
    // Elsewhere nobody knows what it means.
    let other = of_debug_frame(raw::EM_X86_64, &section);
    let frame = other.frame(0x2010).unwrap().unwrap();
    assert!(matches!(other.row(&frame, 0x2010), Err(Error::Frames(_))));
}

#[test]
fn distances_may_have_8_bytes() {
    let own = [&[0x1d][..], &0x20u64.to_le_bytes(), &[0xe, 16]].concat();
    let section = debug_frame(b"\0", 1, 0x78, &[0xc, 7, 8], &own);
    let unwinder = of_debug_frame(raw::EM_MIPS, &section);
    let frame = unwinder.frame(0x2000).unwrap().unwrap();
    let row = unwinder.row(&frame, 0x2020).unwrap();
    assert_eq!((row.start, row.end), (0x2020, 0x2100));
    assert_eq!(row.cfa, Cfa::Register { register: 7, offset: 16 });
}

#[test]
fn augmentations_of_old_are_read_and_unknown_ones_told() {
    let old = [&b"eh\0"[..], &[0; 8]].concat();
    for (augmentation, is_known) in
        [(&old[..], true), (b"armcc+\0", true), (b"\0", true), (b"what\0", false)]
    {
        let section = debug_frame(augmentation, 1, 0x78, &[0xc, 7, 8], &[0x86, 2]);
        let unwinder = of_debug_frame(raw::EM_X86_64, &section);
        let frame = unwinder.frame(0x2000).unwrap().unwrap();
        assert_eq!((frame.start(), frame.end()), (0x2000, 0x2100));
        match unwinder.row(&frame, 0x2000) {
            Ok(row) => assert!(is_known && row.rule(6) == Some(Rule::Offset(-16))),
            Err(error) => {
                assert!(!is_known);
                assert_eq!(error, Error::Frames(gimli::Error::UnknownAugmentation));
            }
        }
    }
}

#[test]
fn remembered_states_come_back() {
    let own = [0xe, 16, 0x86, 2, 0xa, 0x41, 0xe, 8, 0xc6, 0x41, 0xb];
    let section = section(&own);
    let unwinder = unwinder(&section);
    let frame = unwinder.frame(0x2000).unwrap().unwrap();
    let rule = |address| unwinder.row(&frame, address).unwrap().rule(6);
    assert_eq!(
        (rule(0x2000), rule(0x2001), rule(0x2002)),
        (Some(Rule::Offset(-16)), None, Some(Rule::Offset(-16)))
    );
}

#[test]
fn tables_by_address_are_searched() {
    let mut header = vec![1, 0x1b, 0x3, 0x3b];
    header.extend(0u32.to_le_bytes());
    // More than there are.
    header.extend(u32::MAX.to_le_bytes());
    for (start, fde) in [(0x10i32, 1), (0x20, 2), (0x40, 3)] {
        header.extend(start.to_le_bytes());
        header.extend(i32::to_le_bytes(fde));
    }
    let bases = Bases { start: 0x1000, text: 0, data: 0, address_size: 8 };
    let all = EndianSlice::new(&header, RunTimeEndian::Little);
    let header = Header::parse(all, bases).unwrap().unwrap();
    let found = [0x100f, 0x1010, 0x103f, 0x9999].map(|address| header.find(address));
    assert_eq!(found, [None, Some(0x1001), Some(0x1002), Some(0x1003)]);
}
