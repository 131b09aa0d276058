//! Rows of call frames, written and read; the table of a linked file.

use gimli::{
    BaseAddresses, DebugFrame, EhFrame, EndianSlice, Format, Register, RunTimeEndian,
    UnwindContext, UnwindSection, constants as dw,
};
use libdwarf::write::*;
use proptest::prelude::*;

use crate::entries::{Style, styles};
use crate::read::{Slice, address_of, value_of};

/// A rule: how far on, which, of which registers, with which offset.
type RuleSeed = (u16, u8, u16, u16, i16);

/// A frame: its length, whether it lies in symbols, its rules.
type FrameSeed = (u16, bool, Vec<RuleSeed>);

/// Where the section lies.
const PLACE: u64 = 0x8000;

fn frames() -> impl Strategy<Value = Vec<FrameSeed>> {
    let step = prop_oneof![0u16..100, 0u16..0x300];
    let rule = (step, any::<u8>(), 0u16..200, 0u16..200, any::<i16>());
    let rules = prop::collection::vec(rule, 0..10);
    prop::collection::vec((1u16..100, any::<bool>(), rules), 1..5)
}

/// A rule as it is written and as gimli reads it.
fn rule(
    seed: &RuleSeed,
    factor: i64,
) -> (CallFrameInstruction, gimli::CallFrameInstruction<usize>) {
    use CallFrameInstruction as Write;
    use gimli::CallFrameInstruction as Read;
    let (_, kind, one, two, offset) = *seed;
    let (register, other) = (Register(one), Register(two));
    let factored_offset = i64::from(offset);
    let bytes = factored_offset * factor;
    match kind % 13 {
        0 if bytes >= 0 => {
            let offset = bytes as u64;
            (Write::DefCfa(register, bytes), Read::DefCfa { register, offset })
        }
        0 => (Write::DefCfa(register, bytes), Read::DefCfaSf { register, factored_offset }),
        1 => (Write::DefCfaRegister(register), Read::DefCfaRegister { register }),
        2 if bytes >= 0 => {
            (Write::DefCfaOffset(bytes), Read::DefCfaOffset { offset: bytes as u64 })
        }
        2 => (Write::DefCfaOffset(bytes), Read::DefCfaOffsetSf { factored_offset }),
        3 if factored_offset >= 0 => {
            let factored_offset = factored_offset as u64;
            (Write::Offset(register, bytes), Read::Offset { register, factored_offset })
        }
        3 => (Write::Offset(register, bytes), Read::OffsetExtendedSf { register, factored_offset }),
        4 if factored_offset >= 0 => {
            let factored_offset = factored_offset as u64;
            (Write::ValOffset(register, bytes), Read::ValOffset { register, factored_offset })
        }
        4 => (Write::ValOffset(register, bytes), Read::ValOffsetSf { register, factored_offset }),
        5 => {
            let read = Read::Register { dest_register: register, src_register: other };
            (Write::Register(register, other), read)
        }
        6 => (Write::Restore(register), Read::Restore { register }),
        7 => (Write::Undefined(register), Read::Undefined { register }),
        8 => (Write::SameValue(register), Read::SameValue { register }),
        9 => (Write::RememberState, Read::RememberState),
        10 => (Write::RestoreState, Read::RestoreState),
        11 => (Write::ArgsSize(one.into()), Read::ArgsSize { size: one.into() }),
        _ => (Write::WindowSave, Read::NegateRaState),
    }
}

/// What is to be read of a frame.
struct Expected {
    start: u64,
    length: u64,
    /// Rules and the addresses from which on they hold.
    rules: Vec<(u64, gimli::CallFrameInstruction<usize>)>,
}

fn make(
    style: Style,
    section: FrameSection,
    version: u8,
    pointers: gimli::DwEhPe,
    seeds: &[FrameSeed],
) -> (FrameTable, Vec<Expected>) {
    let (code, data) = if style.endian == RunTimeEndian::Big { (2, -4) } else { (1, -8) };
    let format = match section {
        FrameSection::EhFrame => Format::Dwarf32,
        FrameSection::DebugFrame => style.encoding.format,
    };
    let mut table = FrameTable::new(section, format, style.encoding.address_size).unwrap();
    let mut cie = Cie::new(version, code, data, Register(16));
    cie.pointers = pointers;
    cie.instructions = vec![
        CallFrameInstruction::DefCfa(Register(7), 8),
        CallFrameInstruction::Offset(Register(16), data),
    ];
    let ids = [table.add_cie(cie.clone()), {
        cie.is_signal_frame = section == FrameSection::EhFrame;
        cie.code_alignment = 1;
        table.add_cie(cie)
    }];
    let mut expected = Vec::new();
    for (index, (length, is_symbolic, rules)) in seeds.iter().enumerate() {
        // Distances between symbols are told for one CIE, and left to relocations for the other.
        let is_plain = index % 2 == 1;
        let unit = if is_plain { 1 } else { code };
        let start = 0x1100 + 0x10 * index as u64;
        let place = |address: u64| {
            if *is_symbolic && is_plain && address >= 0x2000 {
                Address::Symbol { symbol: 1, addend: address as i64 - 0x2000 }
            } else if *is_symbolic {
                Address::Symbol { symbol: 0, addend: address as i64 - 0x1000 }
            } else {
                Address::Constant(address)
            }
        };
        let total: u64 =
            u64::from(*length) + rules.iter().map(|rule| u64::from(rule.0)).sum::<u64>() * unit;
        let mut fde = Fde::new(place(start), place(start + total));
        let mut address = start;
        let mut of_frame = Vec::new();
        for seed in rules {
            address += u64::from(seed.0) * unit;
            let (write, read) = rule(seed, data);
            fde.add(place(address), write);
            of_frame.push((address, read));
        }
        table.add_fde(ids[index % 2], fde);
        expected.push(Expected { start, length: total, rules: of_frame });
    }
    (table, expected)
}

fn check_entries<'a, S: UnwindSection<Slice<'a>>>(
    section: &S,
    bases: &BaseAddresses,
    places: &[u64],
    expected: &[Expected],
) where
    S::Offset: gimli::UnwindOffset<usize>,
{
    let mut entries = section.entries(bases);
    let mut expected = expected.iter();
    let mut places = places.iter();
    while let Some(entry) = entries.next().unwrap() {
        let gimli::CieOrFde::Fde(partial) = entry else { continue };
        let fde = partial.parse(S::cie_from_offset).unwrap();
        let wanted = expected.next().unwrap();
        assert_eq!(fde.offset() as u64, *places.next().unwrap());
        assert_eq!((fde.initial_address(), fde.len()), (wanted.start, wanted.length));
        let mut address = fde.initial_address();
        let mut rules = Vec::new();
        let mut instructions = fde.instructions(section, bases);
        while let Some(instruction) = instructions.next().unwrap() {
            match instruction {
                gimli::CallFrameInstruction::AdvanceLoc { delta } => {
                    address += u64::from(delta) * fde.cie().code_alignment_factor();
                }
                gimli::CallFrameInstruction::Nop => {}
                other => rules.push((address, other)),
            }
        }
        assert_eq!(rules, wanted.rules);
        assert_eq!(fde.entry_len() % 4, 0);
    }
    assert!(expected.next().is_none());
}

fn check(style: Style, is_eh: bool, relative: bool, seeds: &[FrameSeed], limits: bool) {
    let section = if is_eh { FrameSection::EhFrame } else { FrameSection::DebugFrame };
    let version = match (is_eh, style.encoding.version) {
        (true, 2..=3) => 1,
        (true, _) => 3,
        (false, 2) => 1,
        (false, 3) => 3,
        (false, _) => 4,
    };
    let pointers = if is_eh && relative && style.encoding.address_size != 2 {
        dw::DW_EH_PE_pcrel | dw::DW_EH_PE_sdata4
    } else {
        dw::DW_EH_PE_absptr
    };
    let mut seeds = seeds.to_vec();
    if pointers != dw::DW_EH_PE_absptr {
        // Constant addresses count from a section at address 0.
        for seed in &mut seeds {
            seed.1 = true;
        }
    }
    let (table, expected) = make(style, section, version, pointers, &seeds);
    let distances = |from: Address, to: Address| {
        let bytes = value_of(to).wrapping_sub(value_of(from));
        if limits { Distance::AtMost(bytes) } else { Distance::Unknown }
    };
    let mut written = Section::new(style.endian);
    let places = table.write(&mut written, &distances).unwrap();
    written
        .resolve(PLACE, &|target| match target {
            Target::Symbol(symbol) => address_of(symbol),
            Target::Section(_) => Some(0),
        })
        .unwrap();
    let bases = BaseAddresses::default().set_eh_frame(PLACE);
    let address_size = style.encoding.address_size;
    if is_eh {
        let mut read = EhFrame::new(written.bytes(), style.endian);
        read.set_address_size(address_size);
        read.set_vendor(gimli::Vendor::AArch64);
        check_entries(&read, &bases, &places, &expected);
        let header = EhFrameHdr::of_section(written.bytes(), style.endian, address_size, &bases);
        check_header(style, &header.unwrap(), &expected, &places);
    } else {
        let mut read = DebugFrame::new(written.bytes(), style.endian);
        read.set_address_size(address_size);
        read.set_vendor(gimli::Vendor::AArch64);
        check_entries(&read, &bases, &places, &expected);
    }
}

/// Searches the table for each frame.
fn check_header(style: Style, header: &EhFrameHdr, expected: &[Expected], places: &[u64]) {
    const HEADER: u64 = 0x7000;
    let mut section = Section::new(style.endian);
    header.write(&mut section, HEADER, PLACE).unwrap();
    assert_eq!(section.len() as u64, header.size());
    let bases = BaseAddresses::default().set_eh_frame(PLACE).set_eh_frame_hdr(HEADER);
    let read = gimli::EhFrameHdr::new(section.bytes(), style.endian);
    let read = read.parse(&bases, style.encoding.address_size).unwrap();
    assert_eq!(read.eh_frame_ptr(), gimli::Pointer::Direct(PLACE));
    let table = read.table().unwrap();
    for (frame, place) in expected.iter().zip(places) {
        let found = table.lookup(frame.start, &bases).unwrap();
        assert_eq!(found, gimli::Pointer::Direct(PLACE + place));
    }
}

proptest! {
    #![proptest_config(crate::read::cases(600))]

    #[test]
    fn frames_are_read_as_written(
        style in styles(),
        is_eh in any::<bool>(),
        relative in any::<bool>(),
        seeds in frames(),
        limits in any::<bool>(),
    ) {
        check(style, is_eh, relative, &seeds, limits);
    }
}

/// `.eh_frame` of GNU as 2.40 for the same rules.
#[test]
fn entries_are_those_of_gnu_as() {
    use CallFrameInstruction as Rule;
    const GNU: &[u8] = &[
        20, 0, 0, 0, 0, 0, 0, 0, 1, 122, 82, 0, 1, 120, 16, 1, 27, 12, 7, 8, 144, 1, 0, 0, 48, 0,
        0, 0, 28, 0, 0, 0, 0, 0, 0, 0, 5, 19, 1, 0, 0, 65, 14, 16, 134, 2, 67, 13, 6, 2, 100, 10,
        3, 44, 1, 198, 7, 3, 8, 12, 9, 13, 14, 11, 46, 16, 4, 112, 17, 1, 0, 12, 7, 8, 0, 0, 28, 0,
        0, 0, 0, 0, 0, 0, 1, 122, 80, 76, 82, 83, 0, 1, 120, 16, 7, 155, 0, 0, 0, 0, 27, 27, 12, 7,
        8, 144, 1, 0, 32, 0, 0, 0, 36, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 4, 0, 0, 0, 0, 65, 14, 24,
        5, 70, 3, 17, 70, 125, 20, 70, 3, 0, 0, 0,
    ];
    let at = |addend| Address::Symbol { symbol: 0, addend };
    let relative = dw::DW_EH_PE_pcrel | dw::DW_EH_PE_sdata4;
    let mut table = FrameTable::new(FrameSection::EhFrame, Format::Dwarf32, 8).unwrap();
    let mut cie = Cie::new(1, 1, -8, Register(16));
    cie.pointers = relative;
    cie.instructions = vec![Rule::DefCfa(Register(7), 8), Rule::Offset(Register(16), -8)];
    let plain = table.add_cie(cie.clone());
    cie.personality =
        Some((dw::DW_EH_PE_indirect | relative, Address::Symbol { symbol: 1, addend: 0 }));
    cie.lsda = Some(relative);
    cie.is_signal_frame = true;
    let signal = table.add_cie(cie);
    let mut fde = Fde::new(at(0), at(0x11305));
    let rbp = Register(6);
    for (address, rule) in [
        (1, Rule::DefCfaOffset(16)),
        (1, Rule::Offset(rbp, -16)),
        (4, Rule::DefCfaRegister(rbp)),
        (104, Rule::RememberState),
        (404, Rule::Restore(rbp)),
        (404, Rule::Undefined(Register(3))),
        (404, Rule::SameValue(Register(12))),
        (404, Rule::Register(Register(13), Register(14))),
        (404, Rule::RestoreState),
        (404, Rule::ArgsSize(16)),
        (0x11304, Rule::DefCfa(Register(7), 8)),
    ] {
        fde.add(at(address), rule);
    }
    table.add_fde(plain, fde);
    let mut fde = Fde::new(at(0x11305), at(0x11307));
    fde.lsda = Some(Address::Symbol { symbol: 2, addend: 0 });
    fde.add(at(0x11306), Rule::DefCfaOffset(24));
    fde.add(at(0x11306), Rule::Offset(Register(70), -24));
    fde.add(at(0x11306), Rule::Offset(Register(70), 24));
    fde.add(at(0x11306), Rule::ValOffset(Register(70), -24));
    table.add_fde(signal, fde);
    let mut section = Section::new(RunTimeEndian::Little);
    table.write(&mut section, &no_distances).unwrap();
    assert_eq!(section.bytes(), GNU);
    let places: Vec<_> = section.relocations().iter().map(|r| (r.offset, r.addend)).collect();
    assert_eq!(places, [(0x20, 0), (0x60, 0), (0x74, 0x11305), (0x7d, 0)]);
}

#[test]
fn personalities_and_their_data_are_pointed_to() {
    let mut table = FrameTable::new(FrameSection::EhFrame, Format::Dwarf32, 8).unwrap();
    table.is_terminated = true;
    let relative = dw::DW_EH_PE_pcrel | dw::DW_EH_PE_sdata4;
    let mut cie = Cie::new(1, 1, -8, Register(16));
    let at = |symbol| Address::Symbol { symbol, addend: 0 };
    cie.personality = Some((dw::DW_EH_PE_indirect | relative, at(1)));
    cie.lsda = Some(relative);
    cie.pointers = relative;
    let expression = Expression::from(Operation::RegisterOffset(Register(7), 8));
    cie.instructions = vec![CallFrameInstruction::DefCfaExpression(expression)];
    let cie = table.add_cie(cie);
    let mut fde = Fde::new(at(0), Address::Symbol { symbol: 0, addend: 0x40 });
    fde.lsda = Some(at(2));
    fde.add(at(0), CallFrameInstruction::Raw(vec![dw::DW_CFA_remember_state.0]));
    table.add_fde(cie, fde);
    let mut section = Section::new(RunTimeEndian::Little);
    table.write(&mut section, &no_distances).unwrap();
    assert_eq!(section.relocations().len(), 3);
    section
        .resolve(PLACE, &|target| match target {
            Target::Symbol(symbol) => address_of(symbol),
            Target::Section(_) => None,
        })
        .unwrap();
    let read: EhFrame<EndianSlice<RunTimeEndian>> =
        EhFrame::new(section.bytes(), RunTimeEndian::Little);
    let bases = BaseAddresses::default().set_eh_frame(PLACE);
    let fde = read.fde_for_address(&bases, 0x1010, EhFrame::cie_from_offset).unwrap();
    assert_eq!(fde.lsda(), Some(gimli::Pointer::Direct(0x2100)));
    assert_eq!(fde.personality(), Some(gimli::Pointer::Indirect(0x2000)));
    let mut context = UnwindContext::new();
    let row = fde.unwind_info_for_address(&read, &bases, &mut context, 0x1010).unwrap();
    assert!(matches!(row.cfa(), gimli::CfaRule::Expression(_)));
}
