use std::fmt::Write as _;

use object::endian::Endianness;
use proptest::prelude::*;

use super::*;
use crate::archive::{Archive, IndexKind};
use crate::error::Problem;

/// A big-endian ELF object of 32 bits with these symbols: name, `st_info`, `st_shndx`.
fn object(symbols: &[(&[u8], u8, u16)]) -> Vec<u8> {
    const HEADER: u32 = 52;
    let mut names = vec![0];
    let mut table = vec![0; 16];
    for &(name, info, section) in symbols {
        table.extend((names.len() as u32).to_be_bytes());
        table.extend([0; 8]);
        table.extend([info, 0]);
        table.extend(section.to_be_bytes());
        names.extend(name);
        names.push(0);
    }
    let names_at = HEADER + table.len() as u32;
    let headers_at = names_at + names.len() as u32;
    let mut file = b"\x7fELF\x01\x02\x01".to_vec();
    file.resize(16, 0);
    for half in [1u16, 20] {
        file.extend(half.to_be_bytes());
    }
    for word in [1, 0, 0, headers_at, 0] {
        file.extend(word.to_be_bytes());
    }
    for half in [HEADER as u16, 0, 0, 40, 3, 0] {
        file.extend(half.to_be_bytes());
    }
    file.extend(&table);
    file.extend(&names);
    let symtab = [0, 2, 0, 0, HEADER, table.len() as u32, 2, 1, 4, 16];
    let strtab = [0, 3, 0, 0, names_at, names.len() as u32, 0, 0, 1, 0];
    for word in [[0; 10], symtab, strtab].concat() {
        file.extend(word.to_be_bytes());
    }
    file
}

const GLOBAL: u8 = 0x10;
const WEAK: u8 = 0x20;
const UNIQUE: u8 = 0xa0;
const COMMON: u16 = 0xfff2;

fn header(name: &str, rest: &str, size: usize) -> String {
    format!("{name:<16}{rest:<32}{size:<10}`\n")
}

const FILE: &str = "0           0     0     644     ";
const INDEX: &str = "0           0     0     0       ";

/// Writes, opens, writes, simplifies and writes.
fn written(build: &Build) -> Vec<u8> {
    let plan = build.plan().unwrap();
    let bytes = plan.to_vec();
    assert_eq!(plan.size(), bytes.len() as u64);
    let mut streamed = Vec::new();
    plan.write_to(&mut streamed).unwrap();
    assert_eq!(streamed, bytes);
    let mut again = Build::open(&bytes).unwrap();
    assert_eq!(again.plan().unwrap().to_vec(), bytes);
    again.simplify();
    assert_eq!(again.plan().unwrap().to_vec(), bytes);
    bytes
}

fn simplified(bytes: &[u8]) -> Build<'_> {
    let mut build = Build::open(bytes).unwrap();
    build.simplify();
    build
}

#[test]
fn a_gnu_archive_has_index_and_name_table() {
    let first = object(&[
        (b"local", 0, 1),
        (b"g", GLOBAL, 1),
        (b"undefined", GLOBAL, 0),
        (b"w", WEAK, 1),
        (b"u", UNIQUE, 1),
        (b"c", GLOBAL, COMMON),
        (b"lc", 0, COMMON),
        (b"odd", 0x30, 1),
    ]);
    let mut build = Build::new(Flavour::Gnu);
    build.add(&b"123456789012345"[..], &b"abc"[..]);
    let object_id = build.add(&b"1234567890123456"[..], first.clone());
    let bytes = written(&build);
    let mut wanted = format!("!<arch>\n{}", header("/", INDEX, 36)).into_bytes();
    wanted.extend(5u32.to_be_bytes());
    let at = 8 + 60 + 36 + 60 + 18 + 60 + 4;
    wanted.extend([u32::to_be_bytes(at); 5].concat());
    wanted.extend(b"g\0w\0u\0c\0lc\0\0");
    wanted.extend(header("//", "", 18).into_bytes());
    wanted.extend(b"1234567890123456/\n");
    wanted.extend(header("123456789012345/", FILE, 3).into_bytes());
    wanted.extend(b"abc\n");
    wanted.extend(header("/0", FILE, first.len()).into_bytes());
    wanted.extend(&first);
    if !first.len().is_multiple_of(2) {
        wanted.push(b'\n');
    }
    assert_eq!(bytes.escape_ascii().to_string(), wanted.escape_ascii().to_string());
    assert_eq!(build.plan().unwrap().offset(object_id), Some(at.into()));
    assert_eq!(simplified(&bytes), build);
}

#[test]
fn an_index_is_implied_by_objects_alone() {
    let mut build = Build::new(Flavour::Gnu);
    build.add(&b"text"[..], &b"x"[..]);
    assert_eq!(Archive::parse(&written(&build)).unwrap().symbol_index().map(|_| ()), None);
    let empty = object(&[]);
    build.add(&b"object"[..], empty);
    let bytes = written(&build);
    let index = Archive::parse(&bytes).unwrap().symbol_index().unwrap();
    assert_eq!(index.len(), Ok(0));
    build.implied_index = false;
    assert!(Archive::parse(&written(&build)).unwrap().symbol_index().is_none());
}

#[test]
fn bsd_names_come_before_contents() {
    let code = object(&[(b"b", GLOBAL, 1), (b"a", GLOBAL, 1)]);
    let mut build = Build::new(Flavour::Bsd);
    build.add(&b"debian-binary"[..], &b"2.0\n"[..]);
    build.add(&b"with space"[..], &b"x"[..]);
    build.add(&b"12345678901234567"[..], code);
    let bytes = written(&build);
    let archive = Archive::parse(&bytes).unwrap();
    let names: Vec<_> = archive.members().map(|member| member.unwrap().name()).collect();
    assert_eq!(names, [&b"debian-binary"[..], b"with space", b"12345678901234567"]);
    let index = archive.symbol_index().unwrap();
    assert_eq!(index.kind(), IndexKind::Bsd32);
    let symbols: Vec<_> = index.symbols().unwrap().map(|symbol| symbol.unwrap().name).collect();
    assert_eq!(symbols, [b"b", b"a"]);
    assert!(bytes.starts_with(format!("!<arch>\n{}", header("__.SYMDEF", INDEX, 28)).as_bytes()));
    assert_eq!(simplified(&bytes), build);
}

#[test]
fn a_sorted_index_is_sorted_and_of_the_order_given() {
    let code = object(&[(b"b", GLOBAL, 1), (b"a", GLOBAL, 1)]);
    let mut build = Build::new(Flavour::Bsd);
    let index = Index { order: Some(Endianness::Big), ..Index::default() };
    build.push(Member::new(&b"__.SYMDEF SORTED"[..], Contents::Index(index)));
    build.add(&b"x.o"[..], code);
    let bytes = written(&build);
    let index = Archive::parse(&bytes).unwrap().symbol_index().unwrap();
    let names: Vec<_> = index.symbols().unwrap().map(|symbol| symbol.unwrap().name).collect();
    assert_eq!(names, [b"a", b"b"]);
    assert_eq!(simplified(&bytes), build);
}

#[test]
fn darwin_aligns_contents_and_counts_the_padding() {
    let mut build = Build::new(Flavour::Darwin);
    build.add(&b"odd.txt"[..], &b"abc"[..]);
    let bytes = written(&build);
    let mut wanted = format!("!<arch>\n{}", header("#1/12", INDEX, 20));
    wanted.push_str("__.SYMDEF\0\0\0\0\0\0\0\0\0\0\0");
    let _ = write!(wanted, "{}odd.txt\0\0\0\0\0abc\n\n\n\n\n", header("#1/12", FILE, 20));
    assert_eq!(bytes.escape_ascii().to_string(), wanted.as_bytes().escape_ascii().to_string());
}

#[test]
fn llvm_bsd_pads_the_strings_of_an_empty_index() {
    let mut build = Build::new(Flavour::BsdAligned);
    build.add(&b"none.o"[..], object(&[]));
    let bytes = written(&build);
    let mut wanted = format!("!<arch>\n{}__.SYMDEF\0\0\0", header("#1/12", INDEX, 28)).into_bytes();
    wanted.extend([0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    assert!(bytes.starts_with(&wanted));
    assert_eq!(simplified(&bytes).members.len(), 1);
}

#[test]
fn thin_members_are_paths_in_the_table() {
    let code = object(&[(b"f", GLOBAL, 1)]);
    let mut build = Build::thin();
    build.add_external(&b"a.o"[..], code.clone());
    build.add_external(&b"a.o"[..], &b"12"[..]);
    for origin in [80, 162] {
        let contents = Contents::External { size: 9, origin: Some(origin), data: None };
        build.push(Member::new(&b"x/lib.a"[..], contents));
    }
    let bytes = written(&build);
    let archive = Archive::parse(&bytes).unwrap();
    assert_eq!(archive.long_names(), b"a.o/\na.o/\nx/lib.a/\n\n");
    let fields: Vec<_> =
        archive.members().map(|m| m.unwrap().header().raw_name().trim_ascii_end()).collect();
    assert_eq!(fields, [&b"/0"[..], b"/5", b"/10:80", b"/10:162"]);
    let entry = archive.symbol_index().unwrap().symbols().unwrap().next().unwrap().unwrap();
    assert_eq!(archive.member_at(entry.member).unwrap().name(), b"a.o");
    // Without the files, the index is a list.
    let again = simplified(&bytes);
    assert_eq!(again.members.len(), 5);
    assert!(again.members.iter().all(|(_, member)| member.header == Fields::default()));
}

#[test]
fn entries_follow_their_members() {
    let mut build = Build::new(Flavour::Gnu);
    let entries = Entries::Given(vec![]);
    let index =
        build.push(Member::new(&b""[..], Contents::Index(Index { entries, ..Index::default() })));
    let last = build.add(&b"last"[..], &b"12"[..]);
    let entry = Entry { name: b"sym"[..].into(), target: Target::Member(last) };
    let far = Entry { name: b"far"[..].into(), target: Target::Offset(u32::MAX.into()) };
    if let Contents::Index(index) = &mut build.get_mut(index).unwrap().contents {
        index.entries = Entries::Given(vec![entry, far]);
    }
    build.insert(1, Member::new(&b"first"[..], Contents::File(b"345"[..].into())));
    let bytes = written(&build);
    let archive = Archive::parse(&bytes).unwrap();
    let entries: Vec<_> =
        archive.symbol_index().unwrap().symbols().unwrap().map(|e| e.unwrap().member).collect();
    assert_eq!(entries, [8 + 60 + 20 + 60 + 4, u64::from(u32::MAX)]);
    assert_eq!(archive.member_at(entries[0]).unwrap().name(), b"last");
    // A removed member cannot be pointed to.
    build.remove(last);
    assert!(matches!(build.plan().unwrap_err().problem, Problem::NoSuch { .. }));
}

#[test]
fn offsets_that_32_bits_do_not_hold_make_the_index_wide() {
    let entry = Entry { name: b"far"[..].into(), target: Target::Offset(1 << 32) };
    let index =
        |kind| Index { kind, entries: Entries::Given(vec![entry.clone()]), ..Index::default() };
    for (flavour, kind) in [(Flavour::Gnu, IndexKind::Gnu64), (Flavour::Bsd, IndexKind::Bsd64)] {
        let mut build = Build::new(flavour);
        let id = build.push(Member::new(&b""[..], Contents::Index(index(None))));
        let bytes = written(&build);
        assert_eq!(Archive::parse(&bytes).unwrap().symbol_index().unwrap().kind(), kind);
        build.get_mut(id).unwrap().contents = Contents::Index(index(Some(IndexKind::Gnu32)));
        let problem = build.plan().unwrap_err().problem;
        assert!(matches!(problem, Problem::TooWide { width: 4, .. }), "{problem}");
    }
}

#[test]
fn what_does_not_fit_is_an_error_unless_raw() {
    let mut build = Build::new(Flavour::Gnu);
    let id = build.add(&b"a"[..], &b""[..]);
    let set = |build: &mut Build, size| build.get_mut(id).unwrap().header.size = size;
    set(&mut build, Text::Is(10_000_000_000));
    assert!(matches!(build.plan().unwrap_err().problem, Problem::TooWide { width: 10, .. }));
    set(&mut build, Text::Raw(b"-123456789012"[..].into()));
    assert!(build.plan().unwrap().to_vec().windows(10).any(|text| text == b"-123456789"));
    let mut thin = Build::thin();
    let contents = Contents::External { size: 10_000_000_000, origin: None, data: None };
    thin.push(Member::new(&b"a"[..], contents));
    assert!(matches!(thin.plan().unwrap_err().problem, Problem::TooWide { width: 10, .. }));
}

#[test]
fn a_name_that_would_be_read_as_another_is_an_error() {
    for name in [&b""[..], b"/", b"#1/5", b"/1", b"a name with\na line end"] {
        let mut build = Build::new(Flavour::Gnu);
        build.add(name, &b""[..]);
        assert!(build.plan().is_err(), "{}", name.escape_ascii());
    }
    for name in [&b"#1/5"[..], b"/1", b"slash/", b"end ", b"a\nb", b"__.SYMDEF"] {
        let mut build = Build::new(Flavour::Bsd);
        build.add(name, &b""[..]);
        let bytes = written(&build);
        let member = Archive::parse(&bytes).unwrap().all_members().next().unwrap().unwrap();
        assert_eq!(member.name(), name);
    }
}

#[test]
fn symbols_that_share_a_huge_name_do_not_fill_the_memory() {
    let mut name = vec![b'x'; 1 << 20];
    name.push(0);
    let mut file = object(&[(b"", GLOBAL, 1)]);
    file.truncate(52);
    let count = 4000u32;
    let mut symbols = vec![0; 16];
    for _ in 0..count {
        symbols.extend([0u32, 0, 0].map(u32::to_be_bytes).concat());
        symbols.extend([GLOBAL, 0, 0, 1]);
    }
    let names_at = 52 + symbols.len() as u32;
    let headers_at = names_at + name.len() as u32;
    file[32..36].copy_from_slice(&headers_at.to_be_bytes());
    file.extend(&symbols);
    file.extend(&name);
    let symtab = [0, 2, 0, 0, 52, symbols.len() as u32, 2, 1, 4, 16];
    let strtab = [0, 3, 0, 0, names_at, name.len() as u32, 0, 0, 1, 0];
    for word in [[0; 10], symtab, strtab].concat() {
        file.extend(word.to_be_bytes());
    }
    let mut build = Build::new(Flavour::Gnu);
    build.add(&b"bomb.o"[..], file);
    assert!(matches!(build.plan().unwrap_err().problem, Problem::Malformed(_)));
}

#[test]
fn damage_is_kept() {
    let good = {
        let mut build = Build::new(Flavour::Gnu);
        build.add(&b"a"[..], &b"abc"[..]);
        build.add(&b"b"[..], object(&[(b"f", GLOBAL, 1)]));
        build.add(&b"a_very_long_name.o"[..], &b"abcd"[..]);
        written(&build)
    };
    for cut in 8..good.len() {
        assert_eq!(simplified(&good[..cut]).plan().unwrap().to_vec(), &good[..cut]);
    }
    let mut bytes = good.clone();
    for at in 8..good.len().min(400) {
        for byte in [0, b' ', b'/', b'9', b'\n', 0xff] {
            bytes[at] = byte;
            assert_eq!(simplified(&bytes).plan().unwrap().to_vec(), bytes);
        }
        bytes[at] = good[at];
    }
    let garbage = [&good[..], &[0; 100]].concat();
    let build = simplified(&garbage);
    let last = build.members.iter().last().unwrap().1;
    assert_eq!(last.contents, Contents::Gap(vec![0; 100].into()));
    assert_eq!(Build::open(b"!<arch>").unwrap_err().problem, Problem::NotArchive);
}

/// What archives are made of.
const TOKENS: &[&[u8]] = &[
    b"`\n",
    b"//",
    b"/",
    b"#1/4 ",
    b"/0",
    b"/SYM64/",
    b"__.SYMDEF",
    b"                ",
    b"        ",
    b"0           ",
    b"10        ",
    b"4         ",
    b"\0\0\0\x01",
    b"a/\n",
    b"\n",
    b"/               0           0     0     0       12        `\n",
    b"a.o/            0           0     0     644     3         `\n",
    b"//                                              4         `\n",
    b"/0              0           0     0     644     0         `\n",
    b"#1/8            0           0     0     644     16        `\n",
];

fn flavours() -> impl Strategy<Value = Flavour> {
    prop_oneof![
        Just(Flavour::Gnu),
        Just(Flavour::Bsd),
        Just(Flavour::BsdAligned),
        Just(Flavour::Darwin),
    ]
}

prop_compose! {
    fn a_number(most: u64)(choice in 0..3, value in 0..=most) -> Text<'static> {
        match choice {
            0 | 1 => Text::Auto,
            _ => Text::Is(value),
        }
    }
}

prop_compose! {
    fn a_file()(
        name in "[a-z_.]{1,24}( x)?",
        date in a_number(999_999_999_999),
        uid in a_number(999_999),
        gid in a_number(999_999),
        mode in a_number(0o7777_7777),
        symbols in prop::option::of(prop::collection::vec("[a-z]{0,9}", 0..4)),
        bytes in prop::collection::vec(any::<u8>(), 0..20),
    ) -> Member<'static> {
        let contents = match symbols {
            Some(names) => {
                let symbols: Vec<_> =
                    names.iter().map(|name| (name.as_bytes(), GLOBAL, 1)).collect();
                object(&symbols)
            }
            None => bytes,
        };
        Member {
            name: name.into_bytes().into(),
            header: Fields { date, uid, gid, mode, ..Fields::default() },
            contents: Contents::File(contents.into()),
            ..Member::default()
        }
    }
}

proptest! {
    #[test]
    fn a_model_is_read_as_it_was_written(
        flavour in flavours(),
        files in prop::collection::vec(a_file(), 0..6),
    ) {
        let mut build = Build::new(flavour);
        for file in files {
            build.push(file);
        }
        let bytes = build.plan().unwrap().to_vec();
        prop_assert_eq!(&build.plan().unwrap().to_vec(), &bytes);
        let mut again = Build::open(&bytes).unwrap();
        prop_assert_eq!(&again.plan().unwrap().to_vec(), &bytes);
        again.simplify();
        prop_assert_eq!(&again.plan().unwrap().to_vec(), &bytes);
        for ((_, ours), (_, read)) in build.members.iter().zip(again.members.iter().filter(|(_, m)| m.is_file())) {
            prop_assert_eq!(&ours.name, &read.name);
            let value = |text: &Text, auto| match text { Text::Is(value) => Some(*value), Text::Auto => Some(auto), Text::Raw(_) => None };
            prop_assert_eq!(value(&ours.header.mode, 0o644), value(&read.header.mode, 0o644));
            prop_assert_eq!(value(&ours.header.date, 0), value(&read.header.date, 0));
        }
        // Darwin's size counts the padding, so that the contents read are longer.
        if flavour == Flavour::Gnu {
            prop_assert_eq!(again.members.len(), build.members.len());
            for ((_, ours), (_, read)) in build.members.iter().zip(again.members.iter()) {
                prop_assert_eq!(&ours.contents, &read.contents);
            }
        }
    }

    #[test]
    fn any_bytes_are_written_again(
        is_thin in any::<bool>(),
        tokens in prop::collection::vec(prop::sample::select(TOKENS), 0..12),
        noise in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
    ) {
        let mut bytes = tokens.concat();
        for (at, byte) in noise {
            if !bytes.is_empty() {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
        }
        let magic = if is_thin { THIN_MAGIC } else { MAGIC };
        let bytes = [&magic[..], &bytes].concat();
        let mut build = Build::open(&bytes).unwrap();
        prop_assert_eq!(&build.plan().unwrap().to_vec(), &bytes);
        build.simplify();
        prop_assert_eq!(&build.plan().unwrap().to_vec(), &bytes);
        let once = build.clone();
        build.simplify();
        prop_assert!(once == build);
    }
}
