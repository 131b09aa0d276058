//! Macros.

use super::{S, bytes, stored};

#[test]
fn of_old() {
    let macros = bytes()
        .u8s(&[3, 0, 1])
        .u8s(&[1, 5])
        .text("ONE 1")
        .u8s(&[2, 7])
        .text("ONE")
        .u8s(&[4])
        .u8s(&[0xff, 3])
        .text("of a vendor")
        .u8s(&[0]);
    insta::assert_snapshot!("macinfo", stored(&[(S::Macinfo, macros)]));
}

#[test]
fn of_version_5() {
    let strings = bytes().text("TWO 2").text("TWO");
    let macros = bytes()
        // The version, and that a line number table follows.
        .u16(5)
        .u8s(&[2])
        .u32(0)
        .u8s(&[3, 0, 0])
        .u8s(&[1, 1])
        .text("ONE(x) (x)")
        .u8s(&[5, 2])
        .u32(0)
        .u8s(&[6, 3])
        .u32(6)
        .u8s(&[2, 4])
        .text("ONE")
        .u8s(&[7])
        .u32(0x26)
        .u8s(&[4, 0])
        .u16(5)
        .u8s(&[0, 0xe1, 0]);
    insta::assert_snapshot!("macro_5", stored(&[(S::Macro, macros.clone()), (S::Str, strings)]));
    insta::assert_snapshot!("macro_without_strings", stored(&[(S::Macro, macros)]));
}
