//! What the programs print does not depend on the number of threads: on archives whose members make
//! readelf remember what it said of the members before, and print more than is kept in memory.

#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::{Command, Output, Stdio};

const SHT_PROGBITS: u32 = 1;
const SHT_SYMTAB: u32 = 2;
const SHT_STRTAB: u32 = 3;
const SHT_RELA: u32 = 4;
const SHT_GROUP: u32 = 17;
const EM_X86_64: u16 = 62;
/// The size of the ELF header and of a section header of 64 bits.
const HEADER: usize = 64;

struct Section {
    kind: u32,
    link: u32,
    info: u32,
    entsize: u64,
    bytes: Vec<u8>,
}

impl Section {
    fn new(kind: u32, bytes: Vec<u8>) -> Self {
        Self { kind, link: 0, info: 0, entsize: 0, bytes }
    }
}

fn words(values: &[u32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

fn longs(values: &[u64]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// A relocatable file of 64 bits. All sections have the same name, `.text`.
fn object(machine: u16, sections: &[Section]) -> Vec<u8> {
    let names = Section::new(SHT_STRTAB, b".text\0".to_vec());
    let sections: Vec<&Section> = sections.iter().chain([&names]).collect();
    let size: usize = sections.iter().map(|section| section.bytes.len()).sum();
    let count = sections.len() as u16 + 1;
    let mut file = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x01\0".to_vec();
    file.extend(machine.to_le_bytes());
    file.extend(words(&[1]));
    file.extend(longs(&[0, 0, (HEADER + size) as u64]));
    file.extend(words(&[0]));
    for field in [64, 0, 0, 64, count, count - 1] {
        file.extend(u16::to_le_bytes(field));
    }
    let mut headers = vec![0; HEADER];
    for section in sections {
        headers.extend(words(&[0, section.kind]));
        headers.extend(longs(&[0, 0, file.len() as u64, section.bytes.len() as u64]));
        headers.extend(words(&[section.link, section.info]));
        headers.extend(longs(&[1, section.entsize]));
        file.extend(&section.bytes);
    }
    file.extend(headers);
    file
}

/// A file with faults that readelf reports a few times in a run, or not twice in a row. How many
/// there are of each depends on `number`.
fn faulty_object(number: u32) -> Vec<u8> {
    let group = match number % 5 {
        0 => words(&[1, 1, 1, 1]),
        1 => words(&[1, 77, 78]),
        2 => words(&[1, 0, 0, 1]),
        _ => words(&[1, 1]),
    };
    let machine = if number.is_multiple_of(4) { 0x7700 + (number % 3) as u16 } else { EM_X86_64 };
    let kinds = [200 + number % 3, 200 + number % 2, 1];
    let relocs = kinds.iter().flat_map(|&kind| longs(&[0, 1 << 32 | u64::from(kind), 0]));
    // Now and then far more than others print.
    let size = if number % 16 == 9 { 400_000 } else { 64 };
    let table = |kind, link, info, entsize, bytes| Section { kind, link, info, entsize, bytes };
    let sections = [
        Section::new(SHT_PROGBITS, vec![number as u8; size]),
        table(SHT_GROUP, 4, 1, 4, group),
        table(SHT_RELA, 4, 1, 24, relocs.collect()),
        table(SHT_SYMTAB, 5, 1, 24, [vec![0; 24], words(&[1, 0x1_0010]), longs(&[0, 0])].concat()),
        Section::new(SHT_STRTAB, b"\0name\0".to_vec()),
    ];
    object(machine, &sections)
}

fn archive(members: impl Iterator<Item = Vec<u8>>) -> Vec<u8> {
    let mut file = b"!<arch>\n".to_vec();
    for (number, contents) in members.enumerate() {
        let name = format!("{number}.o/");
        let size = contents.len();
        file.extend(format!("{name:<16}{:<32}{size:<10}`\n", 0).bytes());
        file.extend(contents);
        file.resize(file.len().next_multiple_of(2), b'\n');
    }
    file
}

fn run(threads: usize, args: &[&str], file: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_elftoolchain"));
    command.args(args).arg(file).env("RAYON_NUM_THREADS", threads.to_string()).env("LC_ALL", "C");
    command.stdin(Stdio::null()).output().unwrap()
}

fn both_streams(threads: usize, args: &str, file: &Path) -> Output {
    let script = format!("\"$0\" {args} \"$1\" 2>&1");
    let mut command = Command::new("sh");
    command.args(["-c", &script, env!("CARGO_BIN_EXE_elftoolchain")]).arg(file);
    command.env("RAYON_NUM_THREADS", threads.to_string()).env("LC_ALL", "C");
    command.output().unwrap()
}

fn same_on_any_number(args: &str, file: &Path) -> Output {
    let words: Vec<&str> = args.split(' ').collect();
    let (alone, joined) = (run(1, &words, file), both_streams(1, args, file));
    for threads in [2, 3, 8] {
        assert!(run(threads, &words, file) == alone, "{args} on {threads} threads");
        assert!(both_streams(threads, args, file) == joined, "{args} on {threads} threads");
    }
    alone
}

#[test]
fn what_is_remembered_of_members_does_not_depend_on_threads() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("faulty.a");
    std::fs::write(&file, archive((0..120).map(faulty_object))).unwrap();
    let reports = |output: &Output, text: &str| {
        String::from_utf8_lossy(&output.stderr).lines().filter(|line| line.contains(text)).count()
    };
    let groups = same_on_any_number("readelf -g", &file);
    assert_eq!(reports(&groups, "> maximum section"), 10);
    assert_eq!(reports(&groups, "already in group section"), 10);
    assert_eq!(reports(&groups, "suppressed"), 2);
    assert_eq!(reports(&groups, "section 0 in group section"), 1);
    let dumps = same_on_any_number("readelf -R 1", &file);
    assert!(reports(&dumps, "Missing knowledge") > 10);
    assert!(reports(&dumps, "unsupported reloc type") > 10);
    assert!(dumps.stdout.len() > 1 << 20);
    same_on_any_number("readelf -aW -x 1 -R 1", &file);
    same_on_any_number("size -A", &file);
}

#[test]
fn a_broken_archive_ends_at_the_same_member() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("broken.a");
    let mut bytes = archive((0..100).map(faulty_object));
    bytes.extend([b'x'; 200]);
    std::fs::write(&file, bytes).unwrap();
    let broken = same_on_any_number("readelf -g", &file);
    assert!(!broken.status.success());
    let message = b"did not find a valid archive header\n";
    assert!(broken.stderr.ends_with(message));
    assert!(!same_on_any_number("size", &file).status.success());
}
