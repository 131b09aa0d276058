//! Notes that GNU ld merges in the same way.

use libelf::Class;
use libelf::raw::{Endianness, SHF_ALLOC};

use super::*;
use crate::arch::x86_property::rules;
use crate::options::{IsaLevel, MissingFeature, X86};
use crate::testing::{TestSection, object, resolved};

const LE: Encoding = Encoding { class: Class::Elf64, endian: Endianness::Little };
const FEATURES: u32 = 0xc000_0002;
const ISA_NEEDED: u32 = 0xc000_8002;
const ISA_USED: u32 = 0xc001_0002;

/// Properties with values of 4 bytes; of 8 for the stack's size, of none for the flag.
type List<'l> = Option<&'l [(u32, u64)]>;

fn desc(list: &[(u32, u64)]) -> Vec<u8> {
    let mut desc = Vec::new();
    for &(kind, value) in list {
        let size = match kind {
            STACK_SIZE => 8,
            NO_COPY_ON_PROTECTED => 0,
            _ => 4,
        };
        desc.extend(kind.to_le_bytes());
        desc.extend((size as u32).to_le_bytes());
        desc.extend(&value.to_le_bytes()[..size]);
        desc.resize(desc.len().next_multiple_of(8), 0);
    }
    desc
}

fn section(desc: &[u8]) -> Vec<u8> {
    let mut data = vec![4, 0, 0, 0];
    data.extend((desc.len() as u32).to_le_bytes());
    data.extend([5, 0, 0, 0]);
    data.extend(b"GNU\0");
    data.extend(desc);
    data
}

fn merge_sections(sections: &[Option<Vec<u8>>], options: &X86) -> (Properties, Vec<String>) {
    let objects = sections.iter().map(|data| {
        let section = data.as_ref().map(|data| TestSection {
            name: ".note.gnu.property",
            kind: SHT_NOTE,
            flags: SHF_ALLOC.0,
            align: 8,
            data: data.clone(),
            ..TestSection::default()
        });
        object(section.as_slice(), &[])
    });
    let resolved = resolved(objects.collect());
    let mut said = Diagnostics::new();
    let properties = merge(&resolved, LE, &rules(options), Wishes::default(), &mut said);
    let texts = said.take().into_iter().map(|said| String::from_utf8(said.text).unwrap());
    (properties, texts.collect())
}

fn merged(lists: &[List<'_>], options: &X86) -> (Properties, Vec<String>) {
    let sections: Vec<_> = lists.iter().map(|list| list.map(|list| section(&desc(list)))).collect();
    merge_sections(&sections, options)
}

fn check(lists: &[List<'_>], expected: &[(u32, u64)]) {
    let (properties, said) = merged(lists, &X86::default());
    let note = if expected.is_empty() { Vec::new() } else { section(&desc(expected)) };
    assert_eq!(properties.note, note, "{lists:x?}");
    assert!(said.is_empty());
}

#[test]
fn each_type_has_its_rule() {
    check(&[Some(&[(FEATURES, 3)]), Some(&[(FEATURES, 1)])], &[(FEATURES, 1)]);
    check(&[Some(&[(FEATURES, 3)]), None], &[]);
    check(&[None, Some(&[(FEATURES, 3)])], &[]);
    check(&[Some(&[(FEATURES, 1)]), Some(&[(FEATURES, 2)])], &[]);
    check(&[Some(&[(ISA_NEEDED, 1)]), Some(&[(ISA_NEEDED, 2)]), None], &[(ISA_NEEDED, 3)]);
    check(&[Some(&[(ISA_USED, 1)]), Some(&[(ISA_USED, 2)])], &[(ISA_USED, 3)]);
    check(&[Some(&[(ISA_USED, 1)]), Some(&[(ISA_USED, 2)]), None], &[]);
    check(&[Some(&[(ISA_USED, 0)]), Some(&[(ISA_USED, 0)])], &[(ISA_USED, 0)]);
    check(&[Some(&[(ISA_NEEDED, 0)])], &[]);
    check(&[Some(&[(1, 0x100)]), Some(&[(1, 0x200)]), None], &[(1, 0x200)]);
    check(&[Some(&[(2, 0)]), None], &[(2, 0)]);
    check(
        &[Some(&[(0xb000_8000, 1)]), Some(&[(0xb000_8001, 2)])],
        &[(0xb000_8000, 1), (0xb000_8001, 2)],
    );
    check(&[Some(&[(0xb000_0001, 3)]), Some(&[(0xb000_0001, 2)])], &[(0xb000_0001, 2)]);
}

#[test]
fn properties_are_sorted_by_type() {
    check(
        &[Some(&[(ISA_NEEDED, 1), (FEATURES, 3)]), Some(&[(FEATURES, 3), (2, 0)])],
        &[(2, 0), (FEATURES, 3), (ISA_NEEDED, 1)],
    );
}

#[test]
fn options_give_properties_and_ask_for_them() {
    let forced = X86 { ibt: true, isa_level: Some(IsaLevel::V3), ..X86::default() };
    let (properties, _) = merged(&[None, Some(&[(ISA_NEEDED, 1)])], &forced);
    assert_eq!(properties.note, section(&desc(&[(FEATURES, 1), (ISA_NEEDED, 5)])));
    let lists: [List<'_>; 3] = [Some(&[(FEATURES, 3)]), None, Some(&[(FEATURES, 1)])];
    let reports = X86 { report_cet: MissingFeature::Warn, ..X86::default() };
    let (_, said) = merged(&lists, &reports);
    assert_eq!(
        said,
        [
            "test.o: warning: missing IBT and SHSTK properties",
            "test.o: warning: missing SHSTK property",
        ]
    );
    let (_, said) = merged(&lists, &X86 { ibt: true, ..reports });
    assert_eq!(said, ["test.o: warning: missing SHSTK property"; 2]);
}

#[test]
fn a_note_that_is_not_understood_is_left_alone() {
    let good = section(&desc(&[(FEATURES, 3)]));
    let mut long = good.clone();
    long[20] = 100;
    let mut wide = good.clone();
    wide[20] = 8;
    let cases = [
        (section(&[]), "warning: test.o: corrupt GNU_PROPERTY_TYPE (5) size: 0"),
        (long, "warning: test.o: corrupt GNU_PROPERTY_TYPE (5) type (0xc0000002) datasz: 0x64"),
        (wide, "error: test.o: <corrupt x86 property (0xc0000002) size: 0x8>"),
        (
            section(&desc(&[(0x10, 1)])),
            "warning: test.o: unsupported GNU_PROPERTY_TYPE (5) type: 0x10",
        ),
    ];
    for (bad, text) in cases {
        let (properties, said) = merge_sections(&[Some(bad), Some(good.clone())], &X86::default());
        assert_eq!(said, [text]);
        assert!(properties.note.is_empty());
        assert!(!properties.replaces(SectionId { file: FileId(1), index: 1 }));
        assert!(properties.replaces(SectionId { file: FileId(2), index: 1 }));
    }
    for cut in 0..good.len() {
        merge_sections(&[Some(good[..cut].to_vec())], &X86::default());
    }
}
