//! Small programs for the linker: each is built by ours and by its reference, run, and compared.
//!
//! A program is one text file in `tests/ld`: what it is about, its sources, and the commands that
//! build and run it.
//!
//! ```text
//! # A variable of a library is copied into the program that uses it.
//! === lib.c
//! int number = 7;
//! === main.c
//! ...
//! === run
//! cc -shared -fPIC -o libn.so lib.c
//! cc -no-pie -o main main.c ./libn.so
//! ./main
//! ```
//!
//! The commands are a shell's, in a folder of their own with the sources in it. `cc` and `cxx`
//! compile, and link with the linker that has its turn; `ld` is that linker itself. What they print
//! and each executable and library that they leave behind ([`facts`]) must be the same for both. A
//! line `# differs: KIND REASON` in the head takes a kind of fact out of the comparison.

pub mod facts;
pub mod program;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use facts::Facts;
use program::Program;

/// A linker that has its turn.
#[derive(Clone, Debug)]
pub struct Linker {
    /// A folder with nothing but the linker, as `ld`.
    pub folder: PathBuf,
}

impl Linker {
    /// The program at `path`, put as `ld` into `folder`.
    ///
    /// # Errors
    /// It cannot be put there.
    pub fn new(path: &Path, folder: PathBuf) -> Result<Self> {
        std::fs::create_dir_all(&folder)?;
        let link = folder.join("ld");
        std::os::unix::fs::symlink(path, &link).with_context(|| link.display().to_string())?;
        Ok(Self { folder })
    }
}

impl Linker {
    /// Our multi-call binary at `path` with an option before all others, put as `ld` into `folder`.
    ///
    /// # Errors
    /// It cannot be put there.
    pub fn with_option(path: &Path, option: &str, folder: PathBuf) -> Result<Self> {
        std::fs::create_dir_all(&folder)?;
        let script = folder.join("ld");
        let text = format!("#!/bin/sh\nexec '{}' ld {option} \"$@\"\n", path.display());
        std::fs::write(&script, text)?;
        std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755))?;
        Ok(Self { folder })
    }
}

/// What a program came to with one linker.
#[derive(Debug)]
pub struct Outcome {
    /// What the commands printed, and how they ended.
    pub printed: String,
    /// By name, the executables and libraries.
    pub files: BTreeMap<String, Facts>,
}

/// The differences between what two linkers come to, a text each; none is as it should be.
pub fn compare(program: &Program, reference: &Outcome, ours: &Outcome) -> Vec<String> {
    let mut found = Vec::new();
    if reference.printed != ours.printed && !program.may_differ("printed") {
        found.push(difference("printed", &lines(&reference.printed), &lines(&ours.printed)));
    }
    for (name, facts) in &reference.files {
        let Some(of_ours) = ours.files.get(name) else {
            found.push(format!("{name}: ours did not make it"));
            continue;
        };
        for (kind, lines) in facts {
            let empty = Vec::new();
            let of_ours = of_ours.get(kind).unwrap_or(&empty);
            if lines != of_ours && !program.may_differ(kind) {
                found.push(difference(&format!("{name}: {kind}"), lines, of_ours));
            }
        }
    }
    for name in ours.files.keys().filter(|name| !reference.files.contains_key(*name)) {
        found.push(format!("{name}: only ours made it"));
    }
    found
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

/// The lines of the reference that ours lacks (`-`), and the other way round (`+`).
fn difference(what: &str, reference: &[String], ours: &[String]) -> String {
    let (missing, more) = facts::only(reference, ours);
    let mut text = format!("{what}:");
    for (mark, lines) in [('-', missing), ('+', more)] {
        for line in lines {
            let _ = write!(text, "\n    {mark} {line}");
        }
    }
    text
}
