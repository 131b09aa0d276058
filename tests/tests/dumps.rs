//! Where readelf's dumps of debugging information are kept different from GNU's: that they are
//! right is checked with llvm-dwarfdump, and that GNU's still differ, with GNU's program.
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
