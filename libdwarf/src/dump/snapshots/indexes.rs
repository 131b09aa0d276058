//! What leads from names and addresses to units.

use super::{S, abbreviation, bytes, stored, unit4};

#[test]
fn aranges() {
    let table = bytes()
        .u16(2)
        .u32(0)
        .u8s(&[8, 0])
        .u32(0)
        .u64(0x1000)
        .u64(0x20)
        .u64(0x2000)
        .u64(0x10)
        .u64(0)
        .u64(0);
    insta::assert_snapshot!("aranges", stored(&[(S::Aranges, bytes().unit(table.clone()))]));
    let mut odd = table;
    odd.0[0] = 4;
    insta::assert_snapshot!("aranges_version_4", stored(&[(S::Aranges, bytes().unit(odd))]));
}

#[test]
fn public_names() {
    let info = || (S::Info, unit4(bytes().u8s(&[1])));
    let abbrevs = || (S::Abbrev, abbreviation(1, 0x11, false, &[]).u8s(&[0]));
    let table = || bytes().u16(2).u32(0).u32(12);
    let plain = table().u32(0x2a).text("main").u32(0x31).text("counter").u32(0);
    let plain = bytes().unit(plain);
    insta::assert_snapshot!("pubnames", stored(&[(S::Pubnames, plain.clone()), info(), abbrevs()]));
    insta::assert_snapshot!("pubtypes", stored(&[(S::Pubtypes, plain), info(), abbrevs()]));
    // Each name with its kind: a function, a static variable, one of nobody.
    let kinds = table()
        .u32(0x2a)
        .u8s(&[0x30])
        .text("main")
        .u32(0x31)
        .u8s(&[0xa0])
        .text("counter")
        .u32(0x40)
        .u8s(&[0x70])
        .text("odd")
        .u32(0);
    let kinds = bytes().unit(kinds);
    insta::assert_snapshot!("gnu_pubnames", stored(&[(S::GnuPubnames, kinds), info(), abbrevs()]));
}

#[test]
fn index_of_gdb() {
    // Version 8: where its parts start, a unit, a type unit, an address, two names.
    let index = bytes()
        .u32(8)
        .u32(24)
        .u32(40)
        .u32(64)
        .u32(84)
        .u32(100)
        .u64(0)
        .u64(0x80)
        .u64(0x80)
        .u64(0x20)
        .u64(0x1122_3344_5566_7788)
        .u64(0x1000)
        .u64(0x1080)
        .u32(0)
        // A slot for each of two names; the values of both.
        .u32(20)
        .u32(0)
        .u32(25)
        .u32(8)
        .u32(1)
        .u32(0x3000_0000)
        .u32(2)
        .u32(0x9000_0000)
        .u32(0x2000_0001)
        .text("main")
        .text("word");
    insta::assert_snapshot!("gdb_index", stored(&[(S::GdbIndex, index)]));
}

#[test]
fn index_of_names() {
    let strings = bytes().text("main").text("counter");
    let abbrevs = bytes().u8s(&[1, 0x2e, 3, 0x13, 0, 0]).u8s(&[2, 0x34, 3, 0x13, 5, 0x07, 0, 0, 0]);
    let entries = bytes().u8s(&[1]).u32(0x2a).u8s(&[0]).u8s(&[2]).u32(0x31).u64(0x77).u8s(&[0]);
    let table = bytes()
        .u16(5)
        .u16(0)
        // A unit, no type units, two buckets, two names.
        .u32(1)
        .u32(0)
        .u32(0)
        .u32(2)
        .u32(2)
        .u32(abbrevs.0.len() as u32)
        .u32(8)
        .u8s(b"LLVM0700")
        .u32(0)
        .u32(1)
        .u32(2)
        .u32(0x7c9a_7f6a)
        .u32(0x4399_5f0b)
        .u32(0)
        .u32(5)
        .u32(0)
        .u32(6)
        .u8s(&abbrevs.0)
        .u8s(&entries.0);
    let names = bytes().unit(table);
    insta::assert_snapshot!("names", stored(&[(S::Names, names), (S::Str, strings)]));
}

/// The index of a package: a unit in a table of two slots, and what it has of two sections.
#[test]
fn index_of_units() {
    let index = |version: u32| {
        bytes()
            .u32(version)
            .u32(2)
            .u32(1)
            .u32(2)
            .u64(0)
            .u64(0x1122_3344_5566_7788)
            .u32(0)
            .u32(1)
            // Columns: information, abbreviations; where they start; how long they are.
            .u32(1)
            .u32(3)
            .u32(0)
            .u32(0x10)
            .u32(0x80)
            .u32(0x40)
    };
    insta::assert_snapshot!("cu_index_2", stored(&[(S::CuIndex, index(2))]));
    insta::assert_snapshot!("tu_index_2", stored(&[(S::TuIndex, index(2))]));
    insta::assert_snapshot!("cu_index_5", stored(&[(S::CuIndex, index(5))]));
}
