//! Rows of the library against those that GNU readelf shows, for every address of every function
//! of the C library, of a C++ program with exceptions, and of a Rust program.
//!
//! Rows hold from one address to the next; they are compared where either of the two starts one,
//! and at the last address of each, which is every address.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::path::{Path, PathBuf};
use std::process::Command;

use libdwarf::load::{Backing, Sections};
use libdwarf::registers::Registers;
use libdwarf::unwind::{Cfa, Row, Rule, Unwinder};

/// The program whose rows are right.
const READELF: &str = "readelf";
/// Its version.
const VERSION: &str = "2.40";

/// What readelf shows of an FDE.
#[derive(Debug, Default)]
struct Shown {
    offset: usize,
    start: u64,
    end: u64,
    /// Names of registers above the columns.
    names: Vec<String>,
    /// The address of each row, its CFA and its columns.
    rows: Vec<(u64, String, Vec<String>)>,
}

fn readelf(path: &Path) -> String {
    let version = Command::new(READELF).arg("--version").output();
    let version = version.expect("GNU readelf is needed: install binutils").stdout;
    let version = String::from_utf8_lossy(&version).into_owned();
    assert!(version.lines().next().unwrap_or("").contains(VERSION), "GNU readelf {VERSION} needed");
    let output = Command::new(READELF).arg("-wFN").arg(path).output().expect("readelf runs");
    assert!(output.status.success());
    String::from_utf8(output.stdout).expect("ASCII")
}

/// The FDEs of `.eh_frame` with their rows; those that only have padding have none.
fn shown(text: &str) -> Vec<Shown> {
    let mut all: Vec<Shown> = Vec::new();
    let mut in_fde = false;
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            [_, _, _, "CIE", ..] => in_fde = false,
            [offset, _, _, "FDE", _, range] => {
                let range = range.strip_prefix("pc=").expect("a range");
                let (start, end) = range.split_once("..").expect("a range");
                in_fde = true;
                all.push(Shown {
                    offset: hex(offset) as usize,
                    start: hex(start),
                    end: hex(end),
                    ..Shown::default()
                });
            }
            ["LOC", "CFA", names @ ..] if in_fde => {
                let last = all.last_mut().expect("an FDE");
                last.names = names.iter().map(ToString::to_string).collect();
            }
            [address, cfa, columns @ ..] if in_fde && address.len() == 16 => {
                let mut merged: Vec<String> = Vec::new();
                for column in columns {
                    // `r14 (r14)` is one column.
                    match merged.last_mut().filter(|_| column.starts_with('(')) {
                        Some(last) => *last = format!("{last} {column}"),
                        None => merged.push(column.to_string()),
                    }
                }
                let last = all.last_mut().expect("an FDE");
                last.rows.push((hex(address), cfa.to_string(), merged));
            }
            _ => (),
        }
    }
    all
}

fn hex(text: &str) -> u64 {
    u64::from_str_radix(text, 16).unwrap_or_else(|_| panic!("{text} is no address"))
}

fn cfa_text(registers: Registers, cfa: Cfa<'_>) -> String {
    match cfa {
        Cfa::Register { register, offset } => {
            let mut name = Vec::new();
            registers.put_name(&mut name, register);
            format!("{}{offset:+}", String::from_utf8_lossy(&name))
        }
        Cfa::Expression(_) => "exp".into(),
    }
}

fn rule_text(registers: Registers, rule: Option<Rule<'_>>) -> String {
    match rule {
        None | Some(Rule::Undefined) => "u".into(),
        Some(Rule::SameValue) => "s".into(),
        Some(Rule::Offset(offset)) => format!("c{offset:+}"),
        Some(Rule::ValOffset(offset)) => format!("v{offset:+}"),
        Some(Rule::Expression(_)) => "exp".into(),
        Some(Rule::ValExpression(_)) => "vexp".into(),
        Some(Rule::Register(other)) => {
            let mut name = Vec::new();
            registers.put(&mut name, other);
            String::from_utf8_lossy(&name).into_owned()
        }
        Some(rule) => format!("{rule:?}"),
    }
}

/// Compares all of a file. Returns how many functions and rows there are.
fn compare(path: &Path) -> (usize, usize) {
    let text = readelf(path);
    let bytes = libelf::map::read(path).expect("a file");
    let backing = Backing::new();
    let sections = Sections::new(libelf::File::parse(&bytes).expect("ELF"), &backing);
    let unwinder = Unwinder::of(&sections);
    let registers = unwinder.registers();
    let mut rows = 0;
    let all = shown(&text);
    for fde in &all {
        if fde.start == fde.end {
            continue;
        }
        // Found by its first and by its last address.
        let frame = unwinder.frame(fde.start).expect("a frame").expect("a frame");
        let last = unwinder.frame(fde.end - 1).expect("a frame").expect("a frame");
        assert_eq!((frame.start(), frame.end()), (fde.start, fde.end), "{:x}", fde.offset);
        assert_eq!((frame.offset(), last.offset()), (fde.offset, fde.offset));
        let mut ours = Vec::new();
        let collect = |row| {
            ours.push(row);
            true
        };
        unwinder.rows(&frame, collect).expect("rows");
        let at = |address: u64| ours.iter().find(|row: &&Row<'_>| row.contains(address));
        // The rows of both cover the function without gaps.
        assert_eq!(ours.first().map(|row| row.start), Some(fde.start));
        assert_eq!(ours.last().map(|row| row.end), Some(fde.end));
        assert!(ours.windows(2).all(|pair| pair[0].end == pair[1].start));
        let mut starts: Vec<u64> = fde.rows.iter().map(|row| row.0).collect();
        starts.extend(ours.iter().flat_map(|row| [row.start, row.end - 1]));
        starts.retain(|address| (fde.start..fde.end).contains(address));
        for address in starts {
            // Of several rows for one address, the last holds.
            let Some(theirs) = fde.rows.iter().rev().find(|row| row.0 <= address) else {
                assert!(fde.rows.is_empty());
                continue;
            };
            let row = at(address).unwrap_or_else(|| panic!("no row for {address:x}"));
            assert_eq!(cfa_text(registers, row.cfa), theirs.1, "CFA at {address:x}");
            assert_eq!(fde.names.len(), theirs.2.len());
            for (name, column) in fde.names.iter().zip(&theirs.2) {
                let register = match name.as_str() {
                    "ra" => frame.return_address_register(),
                    name => registers.number(name).unwrap_or_else(|| panic!("register {name}")),
                };
                let rule = rule_text(registers, row.rule(register));
                assert_eq!(&rule, column, "{name} at {address:x}");
            }
            rows += 1;
        }
    }
    (all.len(), rows)
}

#[test]
fn rows_of_the_c_library_are_those_of_readelf() {
    let maps = std::fs::read_to_string("/proc/self/maps").expect("a map of memory");
    let libc = maps.lines().filter_map(|line| line.split_whitespace().nth(5));
    let libc = libc.map(PathBuf::from).find(|path| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("libc"))
    });
    let (functions, rows) = compare(&libc.expect("the C library"));
    assert!(functions > 1000 && rows > 5000, "{functions} functions, {rows} rows");
}

#[test]
fn rows_of_a_program_with_exceptions_are_those_of_readelf() {
    let folder = tempfile::tempdir().expect("a folder");
    let source = folder.path().join("exceptions.cc");
    let program = folder.path().join("exceptions");
    std::fs::write(&source, include_str!("unwind/exceptions.cc")).expect("a source");
    let built = Command::new("g++").args(["-O2", "-o"]).arg(&program).arg(&source).status();
    assert!(built.expect("g++ is needed").success());
    let (functions, rows) = compare(&program);
    assert!(functions > 8 && rows > 100, "{functions} functions, {rows} rows");
}

#[test]
fn rows_of_a_rust_program_are_those_of_readelf() {
    let (functions, rows) = compare(&std::env::current_exe().expect("this program"));
    assert!(functions > 1000 && rows > 5000, "{functions} functions, {rows} rows");
}
