use super::*;

fn header(name: &str, size: &str) -> Vec<u8> {
    format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{size:<10}`\n", 1, 2, 3, 644).into_bytes()
}

fn member(name: &str, contents: &[u8]) -> Vec<u8> {
    let mut bytes = header(name, &contents.len().to_string());
    bytes.extend(contents);
    if !contents.len().is_multiple_of(2) {
        bytes.push(b'\n');
    }
    bytes
}

fn archive(magic: &[u8], members: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = magic.to_vec();
    for member in members {
        bytes.extend(member);
    }
    bytes
}

fn walk(bytes: &[u8]) -> Vec<(String, Option<Vec<u8>>)> {
    Archive::parse(bytes)
        .unwrap()
        .members()
        .map(|member| {
            let member = member.unwrap();
            let name = String::from_utf8_lossy(member.name()).into_owned();
            (name, member.data().map(<[u8]>::to_vec))
        })
        .collect()
}

#[test]
fn gnu_names_are_short_or_in_the_table() {
    let bytes = archive(
        MAGIC,
        &[
            member("/", &[0, 0, 0, 1, 0, 0, 0, 0x50, b'f', 0]),
            member("//", b"a_rather_long_name.o/\nb.o/\n"),
            member("/0", b"one"),
            member("/22", b"two!"),
            member("a b.o/", b""),
        ],
    );
    assert_eq!(
        walk(&bytes),
        [
            ("a_rather_long_name.o".to_owned(), Some(b"one".to_vec())),
            ("b.o".to_owned(), Some(b"two!".to_vec())),
            ("a b.o".to_owned(), Some(vec![])),
        ]
    );
    let archive = Archive::parse(&bytes).unwrap();
    let index = archive.symbol_index().unwrap();
    assert_eq!(index.kind(), IndexKind::Gnu32);
    let symbols: Vec<_> = index.symbols().unwrap().collect::<Result<_>>().unwrap();
    assert_eq!(symbols, [IndexEntry { name: b"f", member: 0x50 }]);
    let first = archive.members().next().unwrap().unwrap();
    assert_eq!(first.header().date(), Ok(1));
    assert_eq!(first.header().uid(), Ok(2));
    assert_eq!(first.header().gid(), Ok(3));
    assert_eq!(first.header().mode(), Ok(0o644));
    assert_eq!(archive.member_at(first.offset()).unwrap().name(), first.name());
}

#[test]
fn bsd_names_may_start_the_contents() {
    let mut index = vec![0, 0, 0, 8, 0, 0, 0, 2, 0, 0, 0, 99, 0, 0, 0, 4];
    index.extend(b"a\0b\0");
    let bytes = archive(
        MAGIC,
        &[
            member("__.SYMDEF", &index),
            member("#1/12", b"long name.o\0data"),
            member("short.o", b"x"),
        ],
    );
    assert_eq!(
        walk(&bytes),
        [
            ("long name.o".to_owned(), Some(b"data".to_vec())),
            ("short.o".to_owned(), Some(b"x".to_vec())),
        ]
    );
    let index = Archive::parse(&bytes).unwrap().symbol_index().unwrap();
    let symbols: Vec<_> = index.symbols().unwrap().collect::<Result<_>>().unwrap();
    assert_eq!(symbols, [IndexEntry { name: b"b", member: 99 }]);
}

#[test]
fn an_index_of_64_bits_is_found_under_its_long_name() {
    let mut index = b"__.SYMDEF_64\0\0\0\0".to_vec();
    for word in [16u64, 0, 0x1_0000_0000, 4] {
        index.extend(word.to_le_bytes());
    }
    index.extend(b"fn\0\0");
    let bytes = archive(MAGIC, &[member("#1/16", &index)]);
    assert!(walk(&bytes).is_empty());
    let index = Archive::parse(&bytes).unwrap().symbol_index().unwrap();
    assert_eq!(index.kind(), IndexKind::Bsd64);
    let entry = index.symbols().unwrap().next().unwrap().unwrap();
    assert_eq!((entry.name, entry.member), (&b"fn"[..], 0x1_0000_0000));

    let mut gnu = 1u64.to_be_bytes().to_vec();
    gnu.extend(0x1_0000_0000u64.to_be_bytes());
    gnu.extend(b"fn\0");
    let bytes = archive(MAGIC, &[member("/SYM64/", &gnu)]);
    let index = Archive::parse(&bytes).unwrap().symbol_index().unwrap();
    let entry = index.symbols().unwrap().next().unwrap().unwrap();
    assert_eq!((entry.name, entry.member), (&b"fn"[..], 0x1_0000_0000));
}

#[test]
fn thin_members_are_paths() {
    let mut bytes = archive(THIN_MAGIC, &[member("//", b"dir/a.o/\n../lib.a/\n")]);
    bytes.extend(header("/0", "1000"));
    bytes.extend(header("/9:68", "99"));
    let archive = Archive::parse(&bytes).unwrap();
    let externals: Vec<_> =
        archive.members().map(|member| member.unwrap().external().unwrap()).collect();
    assert_eq!(
        externals,
        [
            External { path: b"dir/a.o", origin: None },
            External { path: b"../lib.a", origin: Some(68) },
        ]
    );
    assert_eq!(externals[0].resolve(Path::new("build/lib.a")), Path::new("build/dir/a.o"));
    assert_eq!(externals[0].resolve(Path::new("lib.a")), Path::new("dir/a.o"));
}

#[test]
fn what_follows_the_offset_of_a_name_is_ignored() {
    for (name, origin) in [("/4", None), ("/4             /", None), ("/4:68x", Some(68))] {
        let mut bytes = archive(THIN_MAGIC, &[member("//", b"a.o/b.o/\n\n")]);
        bytes.extend(header(name, "1000"));
        let archive = Archive::parse(&bytes).unwrap();
        let external = archive.members().next().unwrap().unwrap().external().unwrap();
        assert_eq!(external, External { path: b"b.o", origin });
    }
}

#[test]
fn faults_are_errors_with_places_and_end_the_walk() {
    for size in ["-5", "", "12x", "0x10", "9999999999"] {
        let bytes = archive(MAGIC, &[member("a/", b"ok"), header("b/", size)]);
        let found: Vec<_> = Archive::parse(&bytes).unwrap().members().collect();
        assert_eq!(found.len(), 2, "{size}");
        assert!(found[0].is_ok());
        let error = found[1].as_ref().unwrap_err();
        assert_eq!(error.place.offset, Some(70));
    }
    for name in ["/7", "#1/9"] {
        let bytes = archive(MAGIC, &[member("//", b"abc/\n"), member(name, b"")]);
        let found: Vec<_> = Archive::parse(&bytes).unwrap().members().collect();
        assert!(matches!(found[..], [Err(_)]), "{name}");
    }
    let mut bytes = archive(MAGIC, &[member("a/", b"ok")]);
    bytes.truncate(40);
    assert!(Archive::parse(&bytes).unwrap().members().next().unwrap().is_err());
    assert_eq!(Archive::parse(b"!<arch>").unwrap_err().problem, Problem::NotArchive);
}

#[test]
fn a_lying_index_is_an_error() {
    for (kind, bytes) in [
        (IndexKind::Gnu32, &[0xff, 0xff, 0xff, 0xff, 0, 0][..]),
        (IndexKind::Gnu64, &[0xff; 24]),
        (IndexKind::Bsd32, &[0xff; 24]),
        (IndexKind::Bsd64, &[0x7f; 24]),
        (IndexKind::Gnu32, &[0, 0]),
    ] {
        assert!(SymbolIndex::new(bytes, kind).symbols().is_err());
    }
    let unterminated = [0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, b'a', 0, b'b'];
    let index = SymbolIndex::new(&unterminated, IndexKind::Gnu32);
    let found: Vec<_> = index.symbols().unwrap().collect();
    assert!(matches!(found[..], [Ok(_), Err(_)]));
}
