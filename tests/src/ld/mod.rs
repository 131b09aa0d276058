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
pub mod productions;
pub mod program;
pub mod shared;

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
    /// The program at `path`, put as `ld` into `folder`; each link that it makes leaves its words
    /// and the small files that were in its folder in a folder of its own in `record`.
    ///
    /// # Errors
    /// It cannot be put there.
    pub fn recording(path: &Path, folder: PathBuf, record: &Path) -> Result<Self> {
        std::fs::create_dir_all(&folder)?;
        std::fs::create_dir_all(record)?;
        let text = format!(
            "#!/bin/sh\n'{}' \"$@\" || exit $?\n\
             copy=$(mktemp -d '{}/XXXXXX')\n\
             find . -type f -size -64k -exec cp --parents -t \"$copy\" '{{}}' +\n\
             printf '%s\\n' \"$@\" >\"$copy/{}\"\n",
            path.display(),
            record.display(),
            productions::WORDS,
        );
        let script = folder.join("ld");
        std::fs::write(&script, text)?;
        std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755))?;
        Ok(Self { folder })
    }

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
    /// By name, the executables, libraries and relocatable files without the end of one.
    pub files: BTreeMap<String, Vec<u8>>,
}

/// Where two linkers are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// In all but addresses: ours and the one whose place it takes.
    Everything,
    /// In what programs do, and in what others see of files: ours and any other.
    Behaviour,
}

/// The differences between what two linkers come to, a text each; none is as it should be.
pub fn compare(
    program: &Program,
    reference: &Outcome,
    ours: &Outcome,
    depth: Depth,
) -> Vec<String> {
    let mut found = Vec::new();
    let printed = match depth {
        Depth::Everything => [&reference.printed, &ours.printed].map(|text| lines(text)),
        Depth::Behaviour => [&reference.printed, &ours.printed].map(|text| behaviour(text)),
    };
    let facts: fn(&[u8]) -> Option<Facts> = match depth {
        Depth::Everything => facts::of,
        Depth::Behaviour => shared::of,
    };
    if printed[0] != printed[1] && !program.may_differ("printed") {
        found.push(difference("printed", &printed[0], &printed[1]));
    }
    for (name, bytes) in &reference.files {
        let Some(of_ours) = ours.files.get(name) else {
            found.push(format!("{name}: ours did not make it"));
            continue;
        };
        let (theirs, of_ours) =
            (facts(bytes).unwrap_or_default(), facts(of_ours).unwrap_or_default());
        for (kind, lines) in &theirs {
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

/// How the messages of linkers and of compiler drivers on them start, and how they go on.
const MESSAGES: &[&str] = &["ld:", "ld.lld: ", ">>> ", "collect2: "];
/// What is in a message that names a place.
const PLACES: &[&str] = &[
    ":(.",
    ": in function `",
    ": undefined reference to ",
    ": multiple definition of ",
    ": prohibited cross reference ",
    ": warning: ",
    " ignored",
];

/// What the program itself printed: without listings of files and all lines with addresses, and
/// without messages, for which each linker has its own words.
fn behaviour(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut in_listing = false;
    for line in text.lines() {
        match line {
            program::LISTING => in_listing = true,
            program::LISTED => in_listing = false,
            _ if in_listing || line.is_empty() => {}
            _ if MESSAGES.iter().any(|start| line.starts_with(start)) => {}
            _ if PLACES.iter().any(|part| line.contains(part)) => {}
            _ if line.split(|c: char| !c.is_ascii_alphanumeric()).any(is_address) => {}
            _ => lines.push(line.to_owned()),
        }
    }
    lines
}

/// The least digits of an address.
const DIGITS: usize = 8;

fn is_address(word: &str) -> bool {
    let digits = word.strip_prefix("0x").unwrap_or(word);
    digits.len() >= DIGITS && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
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
