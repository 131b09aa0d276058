//! All programs in one file: each runs by the name that it is called by.
//!
//! `readelf`, `x86_64-linux-gnu-readelf` and `readelf-2` are readelf; `elftoolchain readelf …`
//! runs it without a link of that name.
#![forbid(unsafe_code)]

use std::ffi::OsString;
use std::process::ExitCode;

use common::ExitStatus;

type Main = fn(&str, Vec<OsString>) -> ExitStatus;

/// Every program and its name; a longer name stands before one that ends it.
const PROGRAMS: &[(&str, Main)] = &[
    ("addr2line", addr2line::main),
    ("c++filt", cxxfilt::main),
    ("elfc", elfc_program::main),
    ("ld", ld::main),
    ("nm", nm::main),
    ("peg", peg::main),
    ("readelf", readelf::main),
    ("size", size::main),
    ("strings", strings::main),
];

fn main() -> ExitCode {
    let mut args = std::env::args_os();
    let called = args.next().unwrap_or_default().to_string_lossy().into_owned();
    let mut rest: Vec<OsString> = args.collect();
    if let Some(run) = program_named(&called) {
        return ExitCode::from(run(&called, rest));
    }
    if !rest.is_empty() {
        let name = rest.remove(0).to_string_lossy().into_owned();
        if let Some(run) = program_named(&name) {
            return ExitCode::from(run(&name, rest));
        }
    }
    eprintln!("usage: elftoolchain PROGRAM [ARGUMENT]...\nprograms:");
    for (name, _) in PROGRAMS {
        eprintln!("  {name}");
    }
    ExitCode::from(common::FAILURE)
}

/// The program that a path names, whatever target triplet stands before its name or version
/// number after it.
fn program_named(path: &str) -> Option<Main> {
    let file = path.rsplit('/').next()?;
    let name = file.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let name = if name.len() < file.len() { name.strip_suffix('-').unwrap_or(file) } else { file };
    let (_, run) = PROGRAMS.iter().find(|(program, _)| {
        name.strip_suffix(program).is_some_and(|prefix| prefix.is_empty() || prefix.ends_with('-'))
    })?;
    Some(*run)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_known_with_prefixes_and_versions() {
        for name in ["size", "/usr/bin/size", "x86_64-linux-gnu-size", "size-14", "size-2.40"] {
            assert!(program_named(name).is_some(), "{name}");
        }
        for name in ["resize", "size-x", "elftoolchain", ""] {
            assert!(program_named(name).is_none(), "{name}");
        }
    }
}
