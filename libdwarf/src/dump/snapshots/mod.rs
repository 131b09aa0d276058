//! Each kind of section as it is shown, in files of their own beside this one: the same as what
//! GNU readelf 2.40 prints of these bytes.

mod bytes;
mod indexes;
mod lines;
mod lists;
mod macros;

use super::kept::{Kept, TARGET, loaded};
use super::{Dump, Memory, Options};
use crate::section::SectionId as S;
use bytes::{Bytes, bytes};

/// What is printed of the first of these sections, in a file that has them all.
fn shown(sections: &[(S, Bytes)], options: &Options) -> String {
    let of_file: Vec<(S, &[u8])> = sections.iter().map(|(id, data)| (*id, &*data.0)).collect();
    let mut host = Kept::with(&of_file);
    let mut memory = Memory::default();
    let (id, data) = of_file[0];
    Dump::new(&mut host, &mut memory, TARGET, options).display(&loaded(id, data));
    String::from_utf8(host.printed).unwrap()
}

/// The same as `-w` alone shows it.
fn stored(sections: &[(S, Bytes)]) -> String {
    shown(sections, &Options::everything())
}

/// An abbreviation: its tag, whether it has children, attributes and forms.
fn abbreviation(code: u8, tag: u8, has_children: bool, attributes: &[(u8, u8)]) -> Bytes {
    let start = bytes().u8s(&[code, tag, has_children.into()]);
    let with = |all: Bytes, (name, form): &(u8, u8)| all.u8s(&[*name, *form]);
    attributes.iter().fold(start, with).u8s(&[0, 0])
}

/// A unit of version 4 with addresses of 8 bytes, whose abbreviations are the first.
fn unit4(Bytes(entries): Bytes) -> Bytes {
    bytes().unit(bytes().u16(4).u32(0).u8s(&[8]).u8s(&entries))
}

/// The same of version 5.
fn unit5(Bytes(entries): Bytes) -> Bytes {
    bytes().unit(bytes().u16(5).u8s(&[1, 8]).u32(0).u8s(&entries))
}

#[test]
fn abbreviations() {
    let abbrevs = abbreviation(1, 0x11, true, &[(0x03, 0x08), (0x11, 0x01), (0x12, 0x06)]).u8s(
        // A constant in the abbreviation: DW_AT_decl_line is -3.
        &[2, 0x34, 0, 0x03, 0x1f, 0x3b, 0x21, 0x7d, 0, 0],
    );
    // A tag and an attribute of GNU, numbers of nobody, and a second table.
    let abbrevs = abbrevs
        .u8s(&[3, 0x89, 0x82, 0x01, 0, 0x91, 0x42, 0x18, 0, 0])
        .u8s(&[4, 0xff, 0x7e, 1, 0xff, 0x3e, 0x7e, 0, 0, 0])
        .u8s(&abbreviation(1, 0x24, false, &[(0x0b, 0x0b)]).0)
        .u8s(&[0]);
    insta::assert_snapshot!(stored(&[(S::Abbrev, abbrevs)]));
    let endless = abbreviation(1, 0x24, false, &[(0x0b, 0x0b)]);
    insta::assert_snapshot!(stored(&[(S::Abbrev, endless)]));
}

#[test]
fn strings() {
    let strings = bytes().text("first").text("").text("with \u{1b}[2J and é");
    insta::assert_snapshot!(stored(&[(S::Str, strings)]));
}

#[test]
fn offsets_of_strings() {
    let strings = bytes().text("zero").text("five").text("ten");
    let offsets = bytes()
        .unit(bytes().u16(5).u16(0).u32(0).u32(5).u32(10).u32(0x1000))
        .unit(bytes().u16(5).u16(0).u32(5));
    insta::assert_snapshot!(stored(&[(S::StrOffsets, offsets), (S::Str, strings.clone())]));
    // Before version 5 there is no header.
    let old = bytes().u32(10).u32(0);
    insta::assert_snapshot!(stored(&[(S::StrOffsetsDwo, old), (S::StrDwo, strings)]));
}

#[test]
fn addresses() {
    let abbrevs = abbreviation(1, 0x11, false, &[(0x73, 0x17), (0x11, 0x1b)]).u8s(&[0]);
    let info = unit5(bytes().u8s(&[1]).u32(8).u8s(&[1]));
    let table = bytes().unit(bytes().u16(5).u8s(&[8, 0]).u64(0x1000).u64(0xffff_ffff_8000_0000));
    insta::assert_snapshot!(stored(&[
        (S::Addr, table),
        (S::Info, info),
        (S::Abbrev, abbrevs.clone())
    ]));
}
