//! Lists of ranges and locations, which are shown as units refer to them.

use super::{Bytes, S, abbreviation, bytes, stored, unit4, unit5};

/// A unit from 0x1000 on, with a list of ranges; a variable with a list of locations.
fn abbreviations(form: u8) -> Bytes {
    abbreviation(1, 0x11, true, &[(0x11, 0x01), (0x55, form)])
        .u8s(&abbreviation(2, 0x34, false, &[(0x02, form)]).0)
        .u8s(&[0])
}

fn entries(list: u32) -> Bytes {
    bytes().u8s(&[1]).u64(0x1000).u32(list).u8s(&[2]).u32(list).u8s(&[0])
}

#[test]
fn of_version_4() {
    let ranges = bytes()
        .u64(0x10)
        .u64(0x20)
        // Another base, an empty range, and one that ends before it begins.
        .u64(u64::MAX)
        .u64(0x4000)
        .u64(0x30)
        .u64(0x30)
        .u64(0x50)
        .u64(0x40)
        .u64(0)
        .u64(0);
    let locations = bytes()
        .u64(0x10)
        .u64(0x20)
        // DW_OP_reg0, and DW_OP_fbreg -16.
        .u16(1)
        .u8s(&[0x50])
        .u64(0x20)
        .u64(0x28)
        .u16(2)
        .u8s(&[0x91, 0x70])
        .u64(0)
        .u64(0);
    let info = || (S::Info, unit4(entries(0)));
    let abbrevs = || (S::Abbrev, abbreviations(0x17));
    insta::assert_snapshot!("ranges_4", stored(&[(S::Ranges, ranges), info(), abbrevs()]));
    insta::assert_snapshot!("loc_4", stored(&[(S::Loc, locations), info(), abbrevs()]));
}

#[test]
fn of_version_5() {
    let header = bytes().u16(5).u8s(&[8, 0]).u32(0);
    let ranges = bytes().unit(
        header
            .clone()
            // DW_RLE_offset_pair, base_address, start_length, start_end, end_of_list
            .u8s(&[4, 0x10, 0x20, 5])
            .u64(0x4000)
            .u8s(&[7])
            .u64(0x5000)
            .u8s(&[8, 6])
            .u64(0x6000)
            .u64(0x6010)
            .u8s(&[0]),
    );
    let locations = bytes().unit(
        header
            // DW_LLE_offset_pair, default_location, base_address, start_length, end_of_list
            .u8s(&[4, 0x10, 0x20, 1, 0x50, 5, 2, 0x91, 0x70, 6])
            .u64(0x4000)
            .u8s(&[8])
            .u64(0x5000)
            .u8s(&[8, 1, 0x51, 0]),
    );
    let info = || (S::Info, unit5(entries(12)));
    let abbrevs = || (S::Abbrev, abbreviations(0x17));
    insta::assert_snapshot!("rnglists_5", stored(&[(S::Rnglists, ranges), info(), abbrevs()]));
    insta::assert_snapshot!("loclists_5", stored(&[(S::Loclists, locations), info(), abbrevs()]));
}
