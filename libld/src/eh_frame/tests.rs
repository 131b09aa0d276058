//! Records as GNU ld keeps them.

use libelf::raw::{Endianness, SHF_ALLOC, SHF_EXECINSTR, SHT_PROGBITS, SHT_X86_64_UNWIND};
use libelf::{Class, Encoding};

use super::records::{Kind, split};
use super::*;
use crate::diagnostics::Diagnostics;
use crate::ids::{FileId, SectionId};
use crate::input::relocs::RelocTable;
use crate::layout::{Layout, Place, Places};
use crate::testing::{TestSection, TestSymbol, object, resolved};

const LE: Encoding = Encoding { class: Class::Elf64, endian: Endianness::Little };
const PC32: u32 = 2;
/// The index of `.eh_frame` in the objects of these tests.
const FRAME: u32 = 1;

fn record(id: u32, rest: &[u8]) -> Vec<u8> {
    let mut bytes = ((4 + rest.len()) as u32).to_le_bytes().to_vec();
    bytes.extend(id.to_le_bytes());
    bytes.extend(rest);
    bytes
}

/// A CIE of 24 bytes whose FDEs are relative to their places.
fn cie(last: u8) -> Vec<u8> {
    record(0, &[1, b'z', b'R', 0, 1, 0x78, 16, 1, 0x1b, 12, 7, 8, 0x90, 1, 0, last])
}

/// An FDE of 20 bytes.
fn fde(distance: u32) -> Vec<u8> {
    record(distance, &[0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0])
}

/// An object with `.eh_frame`, code in the sections from 2 on, and a symbol for each of those.
fn frame_object(frame: Vec<u8>, relocs: &[(u64, u32)], code: usize) -> Vec<u8> {
    let relocs = relocs.iter().map(|&(offset, symbol)| (offset, symbol, PC32, 0)).collect();
    let mut sections = vec![TestSection {
        name: ".eh_frame",
        kind: SHT_X86_64_UNWIND,
        flags: SHF_ALLOC.0,
        align: 8,
        data: frame,
        relocs,
        ..TestSection::default()
    }];
    let text = TestSection {
        name: ".text",
        kind: SHT_PROGBITS,
        flags: SHF_ALLOC.0 | SHF_EXECINSTR.0,
        align: 16,
        data: vec![0x90; 16],
        ..TestSection::default()
    };
    sections.resize(1 + code, text);
    let symbol = |section| TestSymbol { name: "", info: 3, section, value: 0 };
    let symbols: Vec<_> = (2..2 + code as u16).map(symbol).collect();
    object(&sections, &symbols)
}

fn id(file: u32, index: u32) -> SectionId {
    SectionId { file: FileId(file), index }
}

/// What is left if `gone` are the sections that the output does not have.
fn kept(objects: Vec<Vec<u8>>, gone: &[SectionId]) -> (Frames<'static>, Diagnostics) {
    let resolved = Box::leak(Box::new(resolved(objects)));
    let mut said = Diagnostics::new();
    let parsed = parse(resolved, &mut said);
    let output = |id: SectionId| (!gone.contains(&id)).then_some(id.index.min(2));
    (select(parsed, resolved, &output, true), said)
}

fn sample() -> Vec<Vec<u8>> {
    let first = [cie(0), fde(28), fde(48)].concat();
    let second = [cie(0), fde(28), cie(2), fde(28), fde(92)].concat();
    vec![
        frame_object(first, &[(32, 1), (52, 2)], 2),
        frame_object(second, &[(32, 1), (76, 2), (96, 3)], 3),
        frame_object(vec![0; 4], &[], 0),
    ]
}

#[test]
fn all_is_kept_but_equal_cies() {
    let (frames, _) = kept(sample(), &[]);
    assert_eq!(frames.size(id(1, FRAME)), Some(64));
    // Two FDEs of 20 bytes, a CIE, an FDE; only an end follows, so there is no padding.
    assert_eq!(frames.size(id(2, FRAME)), Some(20 + 24 + 20 + 20));
    assert_eq!(frames.size(id(3, FRAME)), Some(4));
    assert_eq!(frames.size(id(1, 2)), None);
    assert_eq!(frames.fde_count(), Some(5));
    assert_eq!(header::size(&frames, 0), 12 + 5 * 8);
}

#[test]
fn what_describes_dead_code_goes_with_its_cie() {
    let (frames, _) = kept(sample(), &[id(1, 2), id(2, 3)]);
    assert_eq!(frames.size(id(1, FRAME)), Some(24 + 24));
    // The second CIE has no FDE any more, the first is in the first file.
    assert_eq!(frames.size(id(2, FRAME)), Some(20 + 20));
    assert_eq!(frames.fde_count(), Some(3));
    assert_eq!(frames.map(id(2, FRAME), 24), Some(0));
    assert_eq!(frames.map(id(2, FRAME), 32), Some(8));
    assert_eq!(frames.map(id(2, FRAME), 70), Some(20));
    assert_eq!(frames.map(id(2, FRAME), 112), Some(40));
    // Nothing left of the first file: the CIE is that of the second.
    let (frames, _) = kept(sample(), &[id(1, 2), id(1, 3)]);
    assert_eq!(frames.size(id(1, FRAME)), Some(0));
    assert_eq!(frames.size(id(2, FRAME)), Some(24 + 20 + 24 + 20 + 20));
}

#[test]
fn the_end_of_a_table_is_kept_at_the_end_alone() {
    let mut objects = sample();
    objects.rotate_right(1);
    let (frames, _) = kept(objects, &[]);
    assert_eq!(frames.size(id(1, FRAME)), Some(0));
}

#[test]
fn records_are_written_with_their_relocations_and_the_table_finds_them() {
    let (frames, _) = kept(sample(), &[id(1, 2), id(2, 3)]);
    let mut layout = Layout { places: Places::new(vec![30, 5, 6, 3]), ..Layout::default() };
    layout.places.set(id(1, FRAME), Place { output: 0, offset: 0 });
    layout.places.set(id(2, FRAME), Place { output: 0, offset: 48 });
    layout.places.set(id(3, FRAME), Place { output: 0, offset: 88 });
    let mut first = vec![0; 48];
    let moved = frames.fill(id(1, FRAME), &layout, &mut first).unwrap();
    let relocs: Vec<_> = moved.table().iter().collect();
    assert_eq!(relocs.iter().map(|r| (r.offset, r.symbol)).collect::<Vec<_>>(), [(32, 2)]);
    let mut grown = fde(28);
    grown[0] = 20;
    grown.extend([0; 4]);
    assert_eq!(first, [cie(0), grown.clone()].concat());
    let mut second = vec![0; 40];
    let moved = frames.fill(id(2, FRAME), &layout, &mut second).unwrap();
    let relocs: Vec<_> = moved.table().iter().collect();
    assert_eq!(relocs.iter().map(|r| (r.offset, r.symbol)).collect::<Vec<_>>(), [(8, 1), (28, 3)]);
    // From 52 and 72 to the CIE at 0.
    assert_eq!(&second[4..8], 52_u32.to_le_bytes());
    assert_eq!(&second[24..28], 72_u32.to_le_bytes());

    // Code at 0x100, below 0 of the table, and in between.
    first[32..36].copy_from_slice(&(0x1100_u32.wrapping_sub(0x2020)).to_le_bytes());
    second[8..12].copy_from_slice(&(0x1000_u32.wrapping_sub(0x2038)).to_le_bytes());
    second[28..32].copy_from_slice(&(0x1200_u32.wrapping_sub(0x204c)).to_le_bytes());
    let written = |section: SectionId| match section.file.0 {
        1 => Some((first.as_slice(), 0x2000)),
        2 => Some((second.as_slice(), 0x2030)),
        _ => Some((&[0; 4][..], 0x2058)),
    };
    let mut table = vec![0; header::size(&frames, 0) as usize];
    header::write(&frames, &[], &written, 0x2000, 0x1f00, LE, &mut table).unwrap();
    let words: Vec<_> = (4..table.len()).step_by(4).map(|at| LE.u32(&table, at).unwrap()).collect();
    assert_eq!(&table[..4], [1, 0x1b, 3, 0x3b]);
    let relative = |address: u32| address.wrapping_sub(0x1f00);
    let rows = [(0x1000, 0x2030), (0x1100, 0x2018), (0x1200, 0x2044)];
    let rows: Vec<_> =
        rows.iter().flat_map(|&(code, fde)| [relative(code), relative(fde)]).collect();
    assert_eq!(words[..2], [0x2000 - 0x1f04, 3]);
    assert_eq!(words[2..], rows);
}

#[test]
fn a_damaged_section_stays_and_there_is_no_table() {
    let mut objects = sample();
    let mut damaged = fde(28);
    damaged[0] = 200;
    objects[1] = frame_object([cie(0), damaged].concat(), &[(32, 1)], 1);
    let (frames, said) = kept(objects, &[]);
    assert_eq!(frames.size(id(2, FRAME)), None);
    assert_eq!(frames.fde_count(), None);
    assert_eq!(header::size(&frames, 0), 8);
    let text = &said.said()[0].text;
    assert_eq!(text, b"error in test.o(.eh_frame); no .eh_frame_hdr table will be created");
    let mut table = vec![0; 8];
    header::write(&frames, &[], &|_| None, 0x2000, 0x2010, LE, &mut table).unwrap();
    assert_eq!(table, [1, 0x1b, 0xff, 0xff, 0xec, 0xff, 0xff, 0xff]);
}

#[test]
fn the_references_of_code_are_those_behind_its_first() {
    let resolved = resolved(vec![frame_object(
        [cie(0), fde(28), fde(48)].concat(),
        &[(16, 2), (32, 1), (36, 2), (52, 2)],
        2,
    )]);
    let parsed = parse(&resolved, &mut Diagnostics::new());
    let symbols = |index| parsed.references(id(1, index)).map(|r| r.offset).collect::<Vec<_>>();
    assert_eq!(symbols(2), [36, 16]);
    assert_eq!(symbols(3), [16]);
    assert!(symbols(4).is_empty());
}

#[test]
fn records_are_told_apart() {
    let data = [cie(0), fde(28), vec![0; 4]].concat();
    let records = split(&data, &RelocTable::EMPTY, LE).unwrap();
    let kinds: Vec<_> = records.all.iter().map(|record| record.kind).collect();
    assert_eq!(kinds, [Kind::Cie(0), Kind::Fde(0), Kind::End]);
    assert_eq!(records.cies.iter().map(|(_, form)| form.code_format).collect::<Vec<_>>(), [0x1b]);
    for cut in 1..data.len() {
        let whole = [24, 44].contains(&cut);
        assert_eq!(split(&data[..cut], &RelocTable::EMPTY, LE).is_some(), whole, "{cut}");
    }
    // A distance that leads to no CIE, and one that leads out of the section.
    for distance in [27, 29, 48, u32::MAX] {
        let data = [cie(0), fde(distance)].concat();
        assert!(split(&data, &RelocTable::EMPTY, LE).is_none());
    }
    assert!(split(&[0xff; 16], &RelocTable::EMPTY, LE).is_none());
}
