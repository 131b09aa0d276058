//! Notes as they are shown, from files that are built here.

use common::Output;

use super::display;
use crate::Source;
use crate::carried::Carried;
use crate::object::Object;
use crate::options::Options;

/// A note in a little-endian file, with alignment 4.
fn note(name: &[u8], kind: u32, desc: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for word in [name.len() as u32, desc.len() as u32, kind] {
        bytes.extend(word.to_le_bytes());
    }
    for part in [name, desc] {
        bytes.extend(part);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
    }
    bytes
}

/// A 64-bit x86-64 file of a type, whose one segment has notes.
fn file(kind: u16, notes: &[u8]) -> Vec<u8> {
    const HEADERS: u64 = 64 + 56;
    let mut bytes = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    for half in [kind, 62] {
        bytes.extend(half.to_le_bytes());
    }
    bytes.extend(1_u32.to_le_bytes());
    for word in [0, 64, 0_u64] {
        bytes.extend(word.to_le_bytes());
    }
    bytes.extend(0_u32.to_le_bytes());
    for half in [64, 56, 1, 64, 0, 0_u16] {
        bytes.extend(half.to_le_bytes());
    }
    for half in [4, 4_u32] {
        bytes.extend(half.to_le_bytes());
    }
    let size = notes.len() as u64;
    for word in [HEADERS, 0, 0, size, size, 4] {
        bytes.extend(word.to_le_bytes());
    }
    bytes.extend(notes);
    bytes
}

/// What is shown below the heading, whether all was well, and how many messages there were.
fn shown(kind: u16, notes: &[u8], wide: bool) -> (String, bool, usize) {
    let data = file(kind, notes);
    let mut out = Output::process("readelf").recorder();
    let carried = Carried::default();
    let size = data.len() as u64;
    let source = Source { name: b"file", data: &data, file_size: size, is_stored: false };
    let mut object = Object::open(&mut out, &source, &carried).unwrap();
    let options = Options { notes: true, wide, ..Options::default() };
    let good = display(&mut out, &options, &mut object);
    let text = String::from_utf8(out.recorded_text()).unwrap();
    let body = text.split_once("Description\n").unwrap().1.to_owned();
    (body, good, out.diagnostics())
}

#[test]
fn a_build_id_has_a_line_of_its_own_or_shares_one() {
    let notes = note(b"GNU\0", 3, b"\x01\xab");
    let kind = "NT_GNU_BUILD_ID (unique build ID bitstring)";
    let narrow = format!("  GNU                  0x00000002\t{kind}\n    Build ID: 01ab\n");
    assert_eq!(shown(3, &notes, false), (narrow, true, 0));
    let wide = format!("  GNU                  0x00000002\t{kind}\t    Build ID: 01ab\n");
    assert_eq!(shown(3, &notes, true), (wide, true, 0));
}

#[test]
fn unknown_notes_are_shown_in_hexadecimal() {
    let (text, good, _) = shown(3, &note(b"a\x1bb\0", 0x77, b"xy"), false);
    assert!(good);
    assert_eq!(
        text,
        "  a^[b                 0x00000002\tUnknown note type: (0x00000077)\n   description data: 78 \
         79 \n"
    );
}

#[test]
fn properties_are_listed() {
    let mut desc = Vec::new();
    for word in [0xc000_0002_u32, 4, 3, 0, 2, 0] {
        desc.extend(word.to_le_bytes());
    }
    let (text, ..) = shown(3, &note(b"GNU\0", 5, &desc), false);
    assert!(text.ends_with("Properties: x86 feature: IBT, SHSTK\n\tno copy on protected \n"));
    let (text, ..) = shown(3, &note(b"GNU\0", 5, &desc[..12]), false);
    assert!(text.ends_with("Properties: <corrupt GNU_PROPERTY_TYPE, size = 0xc>\n"));
}

#[test]
fn build_attributes_hold_for_regions() {
    let mut region = Vec::new();
    for address in [0x10_u64, 0x40] {
        region.extend(address.to_le_bytes());
    }
    let mut notes = note(b"GA$\x013p12\0", 0x100, &region);
    notes.extend(note(b"GA*\x07\x01\0", 0x100, b""));
    notes.extend(note(b"GA!omit_frame_pointer\0", 0x100, b""));
    let region = "    Applies to region from 0x10 to 0x40\n";
    let expected = format!(
        "  GA$<version>3p12     0x00000010\tOPEN\n{region}  GA*<PIC>pic          \
         0x00000000\tOPEN\n{region}  GA!omit_frame_pointe: 0x00000000\tOPEN\n{region}"
    );
    assert_eq!(shown(1, &notes, false), (expected, true, 0));
}

#[test]
fn a_note_past_the_end_is_reported() {
    let mut notes = note(b"GNU\0", 3, b"id");
    notes.extend(&note(b"GNU\0", 3, b"id")[..14]);
    let (text, good, messages) = shown(3, &notes, false);
    assert_eq!((text.lines().count(), good, messages), (2, true, 2));
    let (_, good, messages) = shown(3, &note(b"stapsdt\0", 3, b"short"), false);
    assert_eq!((good, messages), (false, 1));
}

#[test]
fn types_of_core_files_differ() {
    let notes = note(b"CORE\0", 1, b"");
    assert!(shown(4, &notes, false).0.contains("NT_PRSTATUS"));
    assert!(shown(2, &notes, false).0.contains("NT_VERSION"));
}
