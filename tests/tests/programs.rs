//! Where what programs print of debugging information is kept different from GNU's: that it is
//! right is checked with LLVM's programs and gdb, and that GNU's still differ, with GNU's.
//!
//! Each test is named for its row in `docs/differences.md`.
#![cfg(feature = "exercise")]
// Helpers of tests are tests.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::process::Command;

/// Attributes whose strings are compared.
const WITH_STRINGS: [&str; 4] =
    ["DW_AT_name", "DW_AT_producer", "DW_AT_comp_dir", "DW_AT_linkage_name"];

/// The multi-call binary.
fn programs() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let ours = std::env::var_os("ELFTOOLCHAIN")
        .map_or_else(|| root.join("../target/debug/elftoolchain"), PathBuf::from);
    // It must be built: `cargo build -p elftoolchain`.
    ours.canonicalize().unwrap()
}

/// The lines of what a program prints that have a string.
fn lines(command: &mut Command) -> Vec<String> {
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let has_string = |line: &&str| {
        let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
        words.any(|word| WITH_STRINGS.contains(&word))
    };
    text.lines().filter(has_string).map(str::to_owned).collect()
}

/// The strings of `DW_AT_name ("main")`.
fn of_llvm(object: &Path) -> Vec<String> {
    let mut command = Command::new("llvm-dwarfdump-14");
    let string = |line: String| {
        let (_, rest) = line.split_once("(\"")?;
        Some(rest.strip_suffix("\")")?.to_owned())
    };
    lines(command.arg("--debug-info").arg(object)).into_iter().filter_map(string).collect()
}

/// The strings of `<10> DW_AT_name : (indexed string: 0x1): main`.
fn of_readelf(command: &mut Command, object: &Path) -> Vec<String> {
    let string = |line: String| {
        let (_, rest) = line.split_once(": ")?;
        let rest = rest.split_once("): ").map_or(rest, |(_, rest)| rest);
        Some(rest.to_owned())
    };
    lines(command.arg("-wi").arg(object)).into_iter().filter_map(string).collect()
}

#[test]
#[ignore = "needs the corpus, and our programs built"]
fn r_debug_bases() {
    let object = tests::corpus::folder().join("made/debug/x86_64/clang-types5-cc.o");
    let right = of_llvm(&object);
    assert!(right.len() > 100, "{} strings", right.len());
    assert_eq!(of_readelf(Command::new(programs()).arg("readelf"), &object), right);
    assert_ne!(of_readelf(&mut Command::new("/usr/bin/readelf"), &object), right);
}

/// Code of Xtensa, which stands behind a section of constants.
#[test]
#[ignore = "needs the corpus, and our programs built"]
fn a_relocated() {
    let object = tests::corpus::folder().join("debian/picolibc-xtensa-lx106-elf/crt0.o");
    let answer = |command: &mut Command, offset: u64| {
        let command = command.arg("-e").arg(&object).arg(format!("{offset:#x}"));
        String::from_utf8_lossy(&command.output().unwrap().stdout).trim_end().to_owned()
    };
    let mut gnu_differs = false;
    for offset in 0..0x2b {
        let ours = answer(Command::new(programs()).args(["addr2line", "-f"]), offset);
        let mut llvm = Command::new("llvm-symbolizer-14");
        assert_eq!(ours, answer(llvm.arg("--output-style=GNU"), offset), "{offset:#x}");
        let words = format!("info line *{offset:#x}");
        let mut gdb = Command::new("gdb");
        let said = gdb.args(["-nx", "-batch", "-ex", &words]).arg(&object).output().unwrap();
        let line = ours.rsplit(':').next().unwrap();
        let said = String::from_utf8_lossy(&said.stdout).into_owned();
        assert!(said.starts_with(&format!("Line {line} of ")), "{offset:#x}: {said}");
        gnu_differs |= answer(Command::new("/usr/bin/addr2line").arg("-f"), offset) != ours;
    }
    assert!(gnu_differs, "GNU's answers are the same now");
}

/// Sections of debugging information are at no address, and hold no code.
#[test]
#[ignore = "needs a compiler, and our programs built"]
fn n_debug_symbols() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("source.c"), "int f(void)\n{\n  return 1;\n}\n").unwrap();
    let mut gcc = Command::new("gcc");
    gcc.args(["-g", "-c", "source.c"]).current_dir(folder.path());
    assert!(gcc.status().unwrap().success());
    let line_of = |command: &mut Command, symbol: &str| {
        let output = command.args(["-la"]).arg(folder.path().join("source.o")).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let line = text.lines().find(|line| line.split_whitespace().nth(2) == Some(symbol));
        line.unwrap().split_once('\t').map(|(_, place)| place.to_owned())
    };
    let mut ours = Command::new(programs());
    assert_eq!(line_of(ours.arg("nm"), ".debug_info"), None);
    let gnu = line_of(&mut Command::new("/usr/bin/nm"), ".debug_info").unwrap();
    assert!(gnu.ends_with("source.c:2"), "{gnu}");
}
