//! Line number programs, as they are stored and as rows.

use super::{Bytes, Options, S, bytes, shown};

/// Operands of the standard opcodes up to `DW_LNS_set_isa`.
const OPERANDS: [u8; 12] = [0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1];

/// Two sequences that use all opcodes.
fn program() -> Bytes {
    bytes()
        // DW_LNE_set_address, DW_LNS_set_column, DW_LNS_advance_line, DW_LNS_copy
        .u8s(&[0, 9, 2])
        .u64(0x1000)
        .u8s(&[5, 3, 3, 9, 1])
        // Special opcodes, negate_stmt, basic block, const_add_pc, fixed_advance_pc
        .u8s(&[0x4b, 6, 0xf3, 7, 8, 9])
        .u16(0x20)
        // prologue_end, epilogue_begin, set_isa, a discriminator, another file, advance_pc
        .u8s(&[10, 11, 12, 4, 0, 2, 4, 7, 4, 1, 2, 5, 0x20])
        // DW_LNE_end_sequence
        .u8s(&[0, 1, 1])
        .u8s(&[0, 9, 2])
        .u64(0x2000)
        // DW_LNE_define_file, one of nobody, back to the start of lines
        .u8s(&[0, 8, 3])
        .text("d.h")
        .u8s(&[1, 0, 0])
        .u8s(&[0, 3, 0x81, 1, 2])
        .u8s(&[3, 0x7b, 1, 0, 1, 1])
}

/// A table of a version before 5.
fn old_table(version: u16) -> Bytes {
    let mut rest = bytes().u8s(&[1]);
    if version >= 4 {
        rest = rest.u8s(&[1]);
    }
    let rest = rest
        .u8s(&[1, 0xfb, 14, 13])
        .u8s(&OPERANDS)
        .text("include")
        .text("/usr/include")
        .u8s(&[0])
        .text("a.c")
        .u8s(&[0, 0, 0])
        .text("b.h")
        .u8s(&[1, 0x11, 0x22])
        .u8s(&[0]);
    bytes().unit(bytes().u16(version).unit(rest).u8s(&program().0))
}

/// A table of version 5, with names in strings of line number programs and a checksum.
fn table() -> Bytes {
    let rest = bytes()
        .u8s(&[1, 1, 1, 0xfb, 14, 13])
        .u8s(&OPERANDS)
        // Folders: DW_LNCT_path as DW_FORM_line_strp.
        .u8s(&[1, 1, 0x1f, 2])
        .u32(0)
        .u32(5)
        // Files: the path, the folder, DW_LNCT_MD5.
        .u8s(&[3, 1, 0x1f, 2, 0x0b, 5, 0x1e, 2])
        .u32(13)
        .u8s(&[0])
        .u8s(&[0x11; 16])
        .u32(17)
        .u8s(&[1])
        .u8s(&[0x22; 16]);
    bytes().unit(bytes().u16(5).u8s(&[8, 0]).unit(rest).u8s(&program().0))
}

fn sections(table: Bytes) -> [(S, Bytes); 2] {
    let strings = bytes().text("/src").text("include").text("a.c").text("b.h");
    [(S::Line, table), (S::LineStr, strings)]
}

#[test]
fn as_stored() {
    let options = Options { raw_lines: true, ..Options::default() };
    insta::assert_snapshot!("line_2_raw", shown(&sections(old_table(2)), &options));
    insta::assert_snapshot!("line_4_raw", shown(&sections(old_table(4)), &options));
    insta::assert_snapshot!("line_5_raw", shown(&sections(table()), &options));
}

#[test]
fn as_rows() {
    let options = Options { decoded_lines: true, ..Options::default() };
    insta::assert_snapshot!("line_2_decoded", shown(&sections(old_table(2)), &options));
    insta::assert_snapshot!("line_5_decoded", shown(&sections(table()), &options));
    let wide = Options { wide: true, ..options };
    insta::assert_snapshot!("line_5_decoded_wide", shown(&sections(table()), &wide));
}

#[test]
fn damaged() {
    let options = Options { raw_lines: true, decoded_lines: true, ..Options::default() };
    let mut cut = table();
    cut.0.truncate(60);
    insta::assert_snapshot!("line_cut", shown(&sections(cut), &options));
    let mut odd = table();
    odd.0[4] = 9;
    insta::assert_snapshot!("line_version_9", shown(&sections(odd), &options));
}
