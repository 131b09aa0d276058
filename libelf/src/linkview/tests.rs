use super::*;

/// A section header of a test file.
#[derive(Clone, Copy, Default)]
struct Spec {
    name: &'static str,
    kind: u32,
    flags: u64,
    data: &'static [u8],
    link: u32,
    info: u32,
    entsize: u64,
}

const SYMBOLS: &[u8] = &[0; 48];
const RELA: &[u8] = &[0; 24];

fn spec(name: &'static str, kind: u32, flags: u64, data: &'static [u8]) -> Spec {
    Spec { name, kind, flags, data, ..Spec::default() }
}

fn text() -> Spec {
    spec(".text", 1, 6, b"12345678")
}

fn strings(name: &'static str) -> Spec {
    spec(name, 3, 0, b"\0a\0")
}

fn symtab(link: u32) -> Spec {
    Spec { link, info: 1, entsize: 24, ..spec(".symtab", 2, 0, SYMBOLS) }
}

fn rela(link: u32, info: u32) -> Spec {
    Spec { link, info, entsize: 24, ..spec(".rela", 4, 0x40, RELA) }
}

/// A little-endian file of 64 bits with these sections and a name table after them.
fn object(kind: u16, specs: &[Spec]) -> Vec<u8> {
    let mut names = vec![0u8];
    let mut body: Vec<u8> = Vec::new();
    let mut headers = vec![0u8; 64];
    let mut all = specs.to_vec();
    all.push(spec(".shstrtab", 3, 0, b""));
    let name_offsets: Vec<_> = all
        .iter()
        .map(|spec| {
            let offset = names.len() as u32;
            names.extend(spec.name.as_bytes());
            names.push(0);
            offset
        })
        .collect();
    for (spec, name) in all.iter().zip(name_offsets) {
        let data = if spec.name == ".shstrtab" { &names[..] } else { spec.data };
        let offset = 64 + body.len() as u64;
        body.extend(data);
        headers.extend(name.to_le_bytes());
        headers.extend(spec.kind.to_le_bytes());
        headers.extend(spec.flags.to_le_bytes());
        headers.extend(0u64.to_le_bytes());
        headers.extend(offset.to_le_bytes());
        headers.extend((data.len() as u64).to_le_bytes());
        headers.extend(spec.link.to_le_bytes());
        headers.extend(spec.info.to_le_bytes());
        headers.extend(1u64.to_le_bytes());
        headers.extend(spec.entsize.to_le_bytes());
    }
    let mut file = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    file.extend(kind.to_le_bytes());
    file.extend(62u16.to_le_bytes());
    file.extend([1, 0, 0, 0]);
    file.extend([0; 16]);
    file.extend((64 + body.len() as u64).to_le_bytes());
    file.extend([0; 4]);
    for half in [64u16, 56, 0, 64, all.len() as u16 + 1, all.len() as u16] {
        file.extend(half.to_le_bytes());
    }
    file.extend(body);
    file.extend(headers);
    file
}

fn names(data: &[u8]) -> Option<Vec<String>> {
    let view = LinkView::parse(data).ok()?;
    let name = |section: &Section<'_>| String::from_utf8_lossy(section.name()).into_owned();
    Some(view.sections.iter().map(name).collect())
}

fn relocatable(specs: &[Spec]) -> Option<Vec<String>> {
    names(&object(1, specs))
}

#[test]
fn helpers_of_other_sections_are_hidden() {
    let found = relocatable(&[text(), strings(".strtab"), symtab(2), rela(3, 1)]);
    assert_eq!(found.unwrap(), [".text"]);
    // Relocations of relocations, and a second set, are sections.
    let found = relocatable(&[strings(".strtab"), symtab(1), text(), rela(2, 3), rela(2, 4)]);
    assert_eq!(found.unwrap(), [".text", ".rela"]);
}

#[test]
fn strings_come_after_those_that_use_them() {
    let stab = Spec { link: 1, ..spec(".stab", 1, 0, b"x") };
    let found = relocatable(&[strings(".stabstr"), text(), stab]);
    assert_eq!(found.unwrap(), [".stab", ".stabstr", ".text"]);
    let found = relocatable(&[rela(4, 2), text(), strings(".strtab"), symtab(3)]);
    assert_eq!(found.unwrap(), [".text"]);
}

#[test]
fn groups_and_members_must_agree() {
    const MEMBERS: &[u8] = &[1, 0, 0, 0, 4, 0, 0, 0];
    let group = Spec { link: 2, info: 1, entsize: 4, ..spec(".group", 17, 0, MEMBERS) };
    let member = spec(".member", 1, 0x206, b"x");
    let before = [strings(".strtab"), symtab(1), group, member];
    assert_eq!(relocatable(&before).unwrap(), [".group", ".member"]);
    assert_eq!(relocatable(&[strings(".strtab"), symtab(1), group, text()]), None);
    let lonely = object(1, &[strings(".strtab"), symtab(1), member]);
    let view = LinkView::parse(&lonely).unwrap();
    assert!(matches!(&view.notices[..], [Notice::NoGroup { .. }]));
    assert_eq!(view.notices[0].text(b"f.o"), b"f.o: no group info for section '.member'");
}

#[test]
fn groups_tell_their_members() {
    const IN_FIRST: &[u8] = &[1, 0, 0, 0, 1, 0, 0, 0];
    const IN_SECOND: &[u8] = &[1, 0, 0, 0, 6, 0, 0, 0];
    const CUT: &[u8] = &[1, 0, 0, 0, 1, 0, 0, 0, 9, 0];
    let group = |data| Spec { link: 3, info: 1, entsize: 4, ..spec(".group", 17, 0, data) };
    let member = spec(".member", 1, 0x206, b"x");
    let start = [member, strings(".strtab"), symtab(2)];
    let with = |rest: &[Spec]| relocatable(&[&start[..], rest].concat());
    assert_eq!(with(&[group(IN_FIRST)]).unwrap(), [".member", ".group"]);
    assert_eq!(with(&[group(CUT)]), None);
    assert_eq!(with(&[group(IN_FIRST), group(IN_FIRST)]), None);
    // What comes after the groups is a member without saying so.
    let listed = with(&[group(IN_FIRST), group(IN_SECOND), text()]);
    assert_eq!(listed.unwrap(), [".member", ".group", ".group", ".text"]);
    let empty = object(1, &[&start[..], &[group(&[1, 0, 0, 0])]].concat());
    let notices = LinkView::parse(&empty).unwrap_err().notices;
    assert!(matches!(&notices[..], [Notice::NoGroup { .. }, Notice::EmptyGroup { group: 4 }]));
}

#[test]
fn names_past_their_table_are_noted() {
    let mut data = object(1, &[text()]);
    let first = data.len() - 2 * 64;
    data[first..first + 4].copy_from_slice(&99u32.to_le_bytes());
    let notices = LinkView::parse(&data).unwrap_err().notices;
    let text = notices[0].text(b"f");
    assert_eq!(text, b"f: invalid string offset 99 >= 17 for section `.shstrtab'");
}

#[test]
fn impossible_headers_refuse_the_file() {
    let past = Spec { link: 99, ..text() };
    assert_eq!(relocatable(&[past]), None);
    assert_eq!(relocatable(&[strings(".strtab"), Spec { entsize: 8, ..symtab(1) }]), None);
    // String tables that are each other's users.
    let first = Spec { link: 2, ..strings(".a") };
    let second = Spec { link: 1, ..strings(".b") };
    assert_eq!(relocatable(&[first, second]), None);
    let whole = object(2, &[text()]);
    for cut in 0..whole.len() {
        assert_eq!(names(&whole[..cut]), None, "{cut}");
    }
}

#[test]
fn segments_and_notes_are_the_sections_of_a_core_file() {
    let mut note = Vec::new();
    for word in [5u32, 336, NT_PRSTATUS_FOR_TEST] {
        note.extend(word.to_le_bytes());
    }
    note.extend(b"CORE\0\0\0\0");
    let mut status = vec![0; 336];
    status[32..36].copy_from_slice(&1234u32.to_le_bytes());
    note.extend(&status);
    let mut file = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    file.extend(4u16.to_le_bytes());
    file.extend(62u16.to_le_bytes());
    file.extend([1, 0, 0, 0]);
    file.extend([0; 8]);
    file.extend(64u64.to_le_bytes());
    file.extend([0; 12]);
    for half in [64u16, 56, 2, 0, 0, 0] {
        file.extend(half.to_le_bytes());
    }
    let notes_at = 64 + 2 * 56;
    for (kind, flags, offset, addr, filesz, memsz) in
        [(4u32, 4u32, notes_at, 0u64, note.len() as u64, 0u64), (1, 6, notes_at, 0x1000, 16, 64)]
    {
        file.extend(kind.to_le_bytes());
        file.extend(flags.to_le_bytes());
        for word in [offset, addr, 0, filesz, memsz, 4] {
            file.extend(word.to_le_bytes());
        }
    }
    file.extend(note);
    assert_eq!(names(&file).unwrap(), ["note0", ".reg/1234", ".reg", "load1a", "load1b"]);
    let view = LinkView::parse(&file).unwrap();
    assert!(view.is_core);
    let bss = view.sections.last().unwrap();
    assert_eq!((bss.addr, bss.size), (0x1010, 48));
    assert!(bss.flags.is_alloc() && !bss.flags.has_contents());
}

const NT_PRSTATUS_FOR_TEST: u32 = 1;
