//! Every field of every structure can be set to any value, which ends in the file where the
//! standard says; what is too wide is an error, unless it is raw.
//!
//! Each case is a description with `$` in place of the value, and the place of the field: which
//! structure, and offset and width in it in bytes for the 32-bit and the 64-bit class.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test"
)]

mod support;

use support::build;

/// Where contents lie, by `offset=0x400`.
const CONTENTS: usize = 0x400;
/// Where the program headers lie.
const SEGMENTS: usize = 0x80;
/// Where the section headers lie.
const SECTIONS: usize = 0x800;

/// A structure that a field is in.
#[derive(Clone, Copy, Debug)]
enum Of {
    File,
    /// The first program header.
    Segment,
    /// The header of section 1.
    Section,
    /// The contents of section 1, this many bytes in, for each class.
    Contents(usize, usize),
}

use Of::{Contents, File, Section, Segment};

/// A field: its structure; offset and width in it, 32 bits; the same, 64 bits.
type Field = (Of, [usize; 2], [usize; 2]);

const fn same(of: Of, offset: usize, width: usize) -> Field {
    (of, [offset, width], [offset, width])
}

const PLAIN: &str = "segment LOAD; section .a { u8 1; }";
const SYMBOL: &str = "section .symtab offset=0x400 { symbols { a $; } } section .strtab;";
const VERDEF: &str = "section .gnu.version_d offset=0x400 { verdef { version \"a\" $; } } \
                      section .dynstr;";
const VERDAUX: &str = "section .gnu.version_d offset=0x400 { verdef { version { $; } } } \
                       section .dynstr;";
const VERNEED: &str = "section .gnu.version_r offset=0x400 { verneed { file \"f\" $ { \"a\" 1; } \
                       } } section .dynstr;";
const VERNAUX: &str = "section .gnu.version_r offset=0x400 { verneed { file \"f\" { $; } } } \
                       section .dynstr;";
const CHDR: &str = "section .debug_info offset=0x400 PROGBITS C { compressed $ { payload { u8 1; \
                    } } }";
const HASH: &str = "section .hash offset=0x400 { hash $ buckets=[1] chains=[2]; }";
const GNU_HASH: &str = "section .gnu.hash offset=0x400 { gnu_hash $ bloom=[1] buckets=[1] \
                        values=[2]; }";

const GROUP: &str = "section .g GROUP offset=0x400 { group $; }";
const DEBUGLINK: &str = "section .d PROGBITS offset=0x400 { debuglink \"a\" $; }";
const RELR: &str = "section .r RELR A offset=0x400 { relr words=1 { $; } }";
const SYMINFO: &str = "section .s PROGBITS offset=0x400 { syminfo { $; } }";
const CAPABILITIES: &str = "section .c PROGBITS offset=0x400 { capabilities { $; } }";
const MOVE: &str = "section .m PROGBITS offset=0x400 { move { $; } }";
const LIBRARIES: &str = "section .l PROGBITS offset=0x400 link=.dynstr { libraries { \"a\" $; } } \
                         section .dynstr;";
const ABIFLAGS: &str = "section .m PROGBITS offset=0x400 { abiflags $; }";
const NOTE: &str = "section .n NOTE offset=0x400 { notes { note $; } }";

/// A case whose description is a template with `$` for the whole attribute.
struct Set {
    template: &'static str,
    attribute: &'static str,
    field: Field,
}

fn sets() -> Vec<Set> {
    let set = |template, attribute, field| Set { template, attribute, field };
    let mut sets = vec![
        set(SYMBOL, "name_offset=@", (Contents(16, 24), [0, 4], [0, 4])),
        set(SYMBOL, "value=@", (Contents(16, 24), [4, 4], [8, 8])),
        set(SYMBOL, "@", (Contents(16, 24), [4, 4], [8, 8])),
        set(SYMBOL, "size=@", (Contents(16, 24), [8, 4], [16, 8])),
        set(SYMBOL, "other=@", (Contents(16, 24), [13, 1], [5, 1])),
        set(SYMBOL, "section=raw(@)", (Contents(16, 24), [14, 2], [6, 2])),
        set(VERDEF, "version=@", same(Contents(0, 0), 0, 2)),
        set(VERDEF, "flags=@", same(Contents(0, 0), 2, 2)),
        set(VERDEF, "index=@", same(Contents(0, 0), 4, 2)),
        set(VERDEF, "count=@", same(Contents(0, 0), 6, 2)),
        set(VERDEF, "hash=@", same(Contents(0, 0), 8, 4)),
        set(VERDEF, "aux=@", same(Contents(0, 0), 12, 4)),
        set(VERDEF, "next=@", same(Contents(0, 0), 16, 4)),
        set(VERDAUX, "name @", same(Contents(20, 20), 0, 4)),
        set(VERDAUX, "name \"a\" next=@", same(Contents(20, 20), 4, 4)),
        set(VERNEED, "version=@", same(Contents(0, 0), 0, 2)),
        set(VERNEED, "count=@", same(Contents(0, 0), 2, 2)),
        set(VERNEED, "aux=@", same(Contents(0, 0), 8, 4)),
        set(VERNEED, "next=@", same(Contents(0, 0), 12, 4)),
        set(VERNAUX, "\"a\" 1 hash=@", same(Contents(16, 16), 0, 4)),
        set(VERNAUX, "\"a\" 1 flags=@", same(Contents(16, 16), 4, 2)),
        set(VERNAUX, "\"a\" @", same(Contents(16, 16), 6, 2)),
        set(VERNAUX, "@ 1", same(Contents(16, 16), 8, 4)),
        set(VERNAUX, "\"a\" 1 next=@", same(Contents(16, 16), 12, 4)),
        set(CHDR, "@", same(Contents(0, 0), 0, 4)),
        set(CHDR, "1 size=@", (Contents(0, 0), [4, 4], [8, 8])),
        set(CHDR, "1 align=@", (Contents(0, 0), [8, 4], [16, 8])),
        set(HASH, "nbucket=@", same(Contents(0, 0), 0, 4)),
        set(HASH, "nchain=@", same(Contents(0, 0), 4, 4)),
        set(GNU_HASH, "nbuckets=@", same(Contents(0, 0), 0, 4)),
        set(GNU_HASH, "first=@", same(Contents(0, 0), 4, 4)),
        set(GNU_HASH, "maskwords=@", same(Contents(0, 0), 8, 4)),
        set(GNU_HASH, "shift=@", same(Contents(0, 0), 12, 4)),
        set(GROUP, "@ []", same(Contents(0, 0), 0, 4)),
        set(GROUP, "[@]", same(Contents(0, 0), 4, 4)),
        set(DEBUGLINK, "crc=@", same(Contents(0, 0), 4, 4)),
        set(RELR, "@", (Contents(0, 0), [0, 4], [0, 8])),
        set(SYMINFO, "@", same(Contents(0, 0), 0, 2)),
        set(SYMINFO, "1 @", same(Contents(0, 0), 2, 2)),
        set(CAPABILITIES, "@ 1", (Contents(0, 0), [0, 4], [0, 8])),
        set(CAPABILITIES, "99 @", (Contents(0, 0), [4, 4], [8, 8])),
        set(MOVE, "value=@", same(Contents(0, 0), 0, 8)),
        set(MOVE, "info=@", (Contents(0, 0), [8, 4], [8, 8])),
        set(MOVE, "offset=@", (Contents(0, 0), [12, 4], [16, 8])),
        set(MOVE, "repeat=@", (Contents(0, 0), [16, 2], [24, 2])),
        set(MOVE, "stride=@", (Contents(0, 0), [18, 2], [26, 2])),
        set(LIBRARIES, "time_stamp=@", same(Contents(0, 0), 4, 4)),
        set(LIBRARIES, "checksum=@", same(Contents(0, 0), 8, 4)),
        set(LIBRARIES, "version=@", same(Contents(0, 0), 12, 4)),
        set(LIBRARIES, "flags=@", same(Contents(0, 0), 16, 4)),
        set(ABIFLAGS, "version=@", same(Contents(0, 0), 0, 2)),
        set(ABIFLAGS, "isa=@", same(Contents(0, 0), 2, 1)),
        set(ABIFLAGS, "revision=@", same(Contents(0, 0), 3, 1)),
        set(ABIFLAGS, "fp=@", same(Contents(0, 0), 7, 1)),
        set(ABIFLAGS, "extension=@", same(Contents(0, 0), 8, 4)),
        set(ABIFLAGS, "ases=@", same(Contents(0, 0), 12, 4)),
        set(ABIFLAGS, "flags1=@", same(Contents(0, 0), 16, 4)),
        set(ABIFLAGS, "flags2=@", same(Contents(0, 0), 20, 4)),
        set(NOTE, "GNU 1 namesz=@", same(Contents(0, 0), 0, 4)),
        set(NOTE, "GNU 1 descsz=@", same(Contents(0, 0), 4, 4)),
        set(NOTE, "GNU @", same(Contents(0, 0), 8, 4)),
    ];
    for (attribute, field) in [
        ("ident_class", same(File, 4, 1)),
        ("ident_data", same(File, 5, 1)),
        ("ident_version", same(File, 6, 1)),
        ("osabi", same(File, 7, 1)),
        ("abiversion", same(File, 8, 1)),
        ("type", same(File, 16, 2)),
        ("machine", same(File, 18, 2)),
        ("version", same(File, 20, 4)),
        ("entry", (File, [24, 4], [24, 8])),
        ("flags", (File, [36, 4], [48, 4])),
        ("phoff", (File, [28, 4], [32, 8])),
        ("shoff", (File, [32, 4], [40, 8])),
        ("ehsize", (File, [40, 2], [52, 2])),
        ("phentsize", (File, [42, 2], [54, 2])),
        ("phnum", (File, [44, 2], [56, 2])),
        ("shentsize", (File, [46, 2], [58, 2])),
        ("shnum", (File, [48, 2], [60, 2])),
        ("shstrndx", (File, [50, 2], [62, 2])),
    ] {
        sets.push(Set { template: PLAIN, attribute, field });
    }
    for (attribute, field) in [
        ("type", (Segment, [0, 4], [0, 4])),
        ("flags", (Segment, [24, 4], [4, 4])),
        ("offset", (Segment, [4, 4], [8, 8])),
        ("vaddr", (Segment, [8, 4], [16, 8])),
        ("paddr", (Segment, [12, 4], [24, 8])),
        ("filesz", (Segment, [16, 4], [32, 8])),
        ("memsz", (Segment, [20, 4], [40, 8])),
        ("align", (Segment, [28, 4], [48, 8])),
        ("name_offset", same(Section, 0, 4)),
        ("type", same(Section, 4, 4)),
        ("flags", (Section, [8, 4], [8, 8])),
        ("addr", (Section, [12, 4], [16, 8])),
        ("offset", (Section, [16, 4], [24, 8])),
        ("size", (Section, [20, 4], [32, 8])),
        ("link", (Section, [24, 4], [40, 4])),
        ("info", (Section, [28, 4], [44, 4])),
        ("align", (Section, [32, 4], [48, 8])),
        ("entsize", (Section, [36, 4], [56, 8])),
    ] {
        sets.push(Set { template: "", attribute, field });
    }
    sets
}

/// The description that sets a field to a value.
fn text(set: &Set, value: &str, variant: &str) -> String {
    let tables = format!("{variant} segment_table={SEGMENTS} section_table={SECTIONS}");
    let Set { template, attribute, field } = set;
    match (field.0, *template) {
        (File, rest) => {
            let tables = match *attribute {
                // Where the tables are written does not hang on them.
                "phoff" | "shoff" => tables,
                _ => format!("{tables} phoff={SEGMENTS} shoff={SECTIONS}"),
            };
            format!("elf {tables} {attribute}={value}; {rest}")
        }
        (Segment, _) if *attribute == "type" => {
            format!("elf {tables}; segment type={value}; section .a {{ u8 1; }}")
        }
        (Segment, _) => format!("elf {tables}; segment LOAD {attribute}={value};"),
        (Section, _) if *attribute == "offset" => {
            format!(
                "elf {tables}; segment LOAD; section .a placed_at=0x400 offset={value} {{ u8 1; }}"
            )
        }
        (Section, _) => {
            format!(
                "elf {tables}; segment LOAD; section .a offset=0x400 {attribute}={value} {{ u8 1; }}"
            )
        }
        (Contents(..), template) => {
            let attribute = attribute.replace('@', value);
            format!("elf type=DYN {tables}; {}", template.replace('$', &attribute))
        }
    }
}

/// The value of a field in a file.
fn value_of(file: &[u8], (of, narrow, wide): Field, is_64: bool, is_big: bool) -> u64 {
    let [offset, width] = if is_64 { wide } else { narrow };
    let start = match of {
        File => 0,
        Segment => SEGMENTS,
        Section => SECTIONS + if is_64 { 64 } else { 40 },
        Contents(at, at_64) => CONTENTS + if is_64 { at_64 } else { at },
    };
    let bytes = &file[start + offset..start + offset + width];
    let number = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
    if is_big { bytes.iter().fold(0, number) } else { bytes.iter().rev().fold(0, number) }
}

const VARIANTS: [(&str, bool, bool); 4] = [
    ("class=32 order=little", false, false),
    ("class=32 order=big", false, true),
    ("class=64 order=little", true, false),
    ("class=64 order=big", true, true),
];

fn mask(width: usize) -> u64 {
    u64::MAX >> (64 - 8 * width)
}

#[test]
fn every_field_takes_every_value() {
    for set in sets() {
        for (variant, is_64, is_big) in VARIANTS {
            let width = if is_64 { set.field.2[1] } else { set.field.1[1] };
            for value in [0, 1, 0x7f, 0xa5b6_c7d8_e9fa_0b1c, u64::MAX] {
                let value = value & mask(width);
                let text = text(&set, &value.to_string(), variant);
                // A symbol's section is a section's index or none.
                let file = build(&text).unwrap_or_else(|error| panic!("{text}\n{error}"));
                assert_eq!(value_of(&file, set.field, is_64, is_big), value, "{text}");
            }
        }
    }
}

#[test]
fn raw_values_are_cut_and_others_must_fit() {
    const WIDE: u128 = 0x1_0123_4567_89ab_cdef;
    for set in sets() {
        for (variant, is_64, is_big) in VARIANTS {
            let width = if is_64 { set.field.2[1] } else { set.field.1[1] };
            let raw = text(&set, &format!("raw({WIDE})"), variant).replace("raw(raw(", "raw((");
            let file = build(&raw).unwrap_or_else(|error| panic!("{error}"));
            let expected = WIDE as u64 & mask(width);
            assert_eq!(value_of(&file, set.field, is_64, is_big), expected, "{raw}");
            let wide = text(&set, &(1_u128 << (8 * width)).to_string(), variant);
            if wide.contains("raw(") {
                continue;
            }
            let error = build(&wide).err().unwrap_or_else(|| panic!("{wide}"));
            assert!(error.starts_with("text:1:"), "{error}");
        }
    }
}

/// A field of several parts: the statements, where it is, its value.
#[test]
fn parts_of_fields_are_put_together() {
    let symbol = "elf type=DYN; section .symtab offset=0x400 { symbols { a $; } } section .strtab;";
    for (words, info, other) in [
        ("type=5 bind=9", 0x95, 0),
        ("type=raw(0x1f) bind=15", 0xff, 0),
        ("FUNC WEAK HIDDEN", 0x22, 2),
        ("OBJECT GLOBAL PROTECTED other=0xf0", 0x11, 0xf3),
    ] {
        let text = symbol.replace('$', words);
        let file = build(&text).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((file[0x400 + 28], file[0x400 + 29]), (info, other), "{text}");
    }
    let rela = "elf $ section_table=0x800; section .rela.text RELA offset=0x400 { relocs { \
                0x1234 7 symbol=0x21 -2; raw(0x1ffffffff) raw(0x105) symbol=9; } }";
    for (variant, is_64, is_big) in VARIANTS {
        let file = build(&rela.replace('$', variant)).unwrap_or_else(|error| panic!("{error}"));
        let word = if is_64 { 8 } else { 4 };
        let field = |index: usize| {
            let place = same(Contents(0, 0), index * word, word);
            value_of(&file, place, is_64, is_big)
        };
        let minus = mask(word) - 1;
        if is_64 {
            assert_eq!([field(0), field(1), field(2)], [0x1234, 0x21_0000_0007, minus]);
            assert_eq!([field(3), field(4)], [0x1_ffff_ffff, 0x9_0000_0105]);
        } else {
            assert_eq!([field(0), field(1), field(2)], [0x1234, 0x2107, minus]);
            assert_eq!([field(3), field(4)], [0xffff_ffff, 0x905]);
        }
    }
}

#[test]
fn rows_without_names_take_every_value() {
    for (variant, is_64, is_big) in VARIANTS {
        let word = if is_64 { 8 } else { 4 };
        let check = |text: &str, places: &[(usize, usize, u64)]| {
            let text = text.replace('$', variant);
            let file = build(&text).unwrap_or_else(|error| panic!("{error}"));
            for &(offset, width, expected) in places {
                let place = same(Contents(0, 0), offset, width);
                assert_eq!(value_of(&file, place, is_64, is_big), expected, "{text} {offset}");
            }
        };
        check(
            "elf $ section_table=0x800; section .dynamic offset=0x400 { dynamic { \
             0x60000001 0xfffffffe; raw(0x1_0000_0000_0000_0005) raw(0x1_0000_0000_0000_0006); \
             NEEDED 77; STRTAB 8; } } section .dynstr;",
            &[
                (0, word, 0x6000_0001),
                (word, word, 0xffff_fffe),
                (2 * word, word, 5),
                (3 * word, word, 6),
                (5 * word, word, 77),
                (7 * word, word, 8),
            ],
        );
        check(
            "elf $ section_table=0x800; section .note offset=0x400 { notes { \
             note GNU raw(0x1fffffff5) namesz=0xfffffff1 descsz=raw(0x1fffffff2) hex { 01 }; } }",
            &[(0, 4, 0xffff_fff1), (4, 4, 0xffff_fff2), (8, 4, 0xffff_fff5)],
        );
        check(
            "elf $ section_table=0x800; section .a PROGBITS offset=0x400 { \
             u8 255 -1 raw(0x1fe); u16 raw(0x12345); u32 raw(-1); word raw(0x1_0000_0000_0000_0003); }",
            &[
                (0, 1, 255),
                (1, 1, 255),
                (2, 1, 0xfe),
                (3, 2, 0x2345),
                (5, 4, 0xffff_ffff),
                (9, word, 3),
            ],
        );
    }
}

#[test]
fn identification_is_what_is_said() {
    let text = "elf magic=\"\\x7fELG\" padding=hex { 01020304050607 } osabi=raw(0x1ff);";
    let file = build(text).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(file[..16], *b"\x7fELG\x02\x01\x01\xff\0\x01\x02\x03\x04\x05\x06\x07");
}

/// The header of an archive's member: each field any text or number, right or wrong.
#[test]
fn fields_of_archives_are_what_is_said() {
    // "!<arch>\n", then ar_name, ar_date, ar_uid, ar_gid, ar_mode, ar_size, ar_fmag.
    for (attribute, offset, expected) in [
        ("stored_name=\"\\x01\\xff/\"", 0, &b"\x01\xff/             "[..]),
        ("date=1234567890", 16, b"1234567890  "),
        ("date=\"-1\"", 16, b"-1          "),
        ("uid=99999", 28, b"99999 "),
        ("uid=\"root\"", 28, b"root  "),
        ("gid=\"\"", 34, b"      "),
        ("mode=0o100644", 40, b"100644  "),
        ("mode=\"89abcdef\"", 40, b"89abcdef"),
        ("size=9999999999", 48, b"9999999999"),
        ("size=\"-5\"", 48, b"-5        "),
        ("end=\"\\0\\r\"", 58, b"\0\r"),
        ("prefix=\"pre\"", 60, b"pre\xc3"),
        ("padding=\"xyz\"", 60, b"\xc3xyz"),
    ] {
        let text = format!("archive {{ member \"a\" {attribute} {{ hex {{ c3 }} }} }}");
        let file = build(&text).unwrap_or_else(|error| panic!("{text}\n{error}"));
        let start = 8 + offset;
        let found = &file[start..start + expected.len()];
        assert_eq!(found, expected, "{text}\n{}", String::from_utf8_lossy(&file));
    }
    let wide = "archive { member \"a\" size=10000000000 { } }";
    assert!(build(wide).is_err());
    let magic = build("archive magic=\"!<bout>\\n\" { }").unwrap();
    assert_eq!(magic, b"!<bout>\n");
}
