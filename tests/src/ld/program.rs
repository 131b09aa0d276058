//! A program for the linker, from its text file to what it prints.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::{Linker, Outcome};

/// A program: sources and commands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Program {
    /// What it is about.
    pub about: String,
    /// By name.
    pub sources: BTreeMap<String, String>,
    /// A shell's.
    pub commands: String,
    /// Kinds of facts that may differ, each with the reason.
    pub differences: BTreeMap<String, String>,
}

/// What starts a part of the file.
const PART: &str = "=== ";
/// The part with the commands.
const RUN: &str = "run";
/// What takes a kind of fact out of the comparison.
const DIFFERS: &str = "differs: ";

/// What stands before the listing of a file.
pub(super) const LISTING: &str = "(listing";
/// What stands behind it.
pub(super) const LISTED: &str = "listing)";

/// What is added to what the commands printed if they did not end well.
pub const FAILED: &str = "the commands ended with";
/// How ELF files start.
const ELF: &[u8] = b"\x7fELF";

/// The commands that programs may use beside those of the system. Programs of 32 bits find the
/// kernel's headers where they are for the others.
const SHELL: &str = r#"
headers=/usr/include/x86_64-linux-gnu
cc() { gcc -B"$LINKER" -idirafter $headers "$@"; }
cxx() { g++ -B"$LINKER" -idirafter $headers "$@"; }
ld() { "$LINKER/ld" "$@"; }
image() {
    echo "(listing"
    readelf -lSW "$1" | grep -v -e '^$' -e '^There' -e ' \.symtab ' -e 'strtab '
    nm -n "$1"
    objdump -s "$1" | tail -n +4
    echo "listing)"
}
fails() { if "$@"; then echo "does not fail: $*"; else echo "fails: $?"; fi; }
set -e
"#;

impl Program {
    /// Reads a program's text.
    ///
    /// # Errors
    /// It has no commands, or two parts with one name.
    pub fn parse(text: &str) -> Result<Self> {
        let mut program = Self::default();
        let mut part: Option<String> = None;
        for line in text.lines() {
            if let Some(name) = line.strip_prefix(PART) {
                if name != RUN && program.sources.insert(name.to_owned(), String::new()).is_some() {
                    bail!("two parts are called {name}");
                }
                part = Some(name.to_owned());
                continue;
            }
            let text = match part.as_deref() {
                None => {
                    program.head(line.trim_start_matches('#').trim());
                    continue;
                }
                Some(RUN) => &mut program.commands,
                Some(name) => program.sources.entry(name.to_owned()).or_default(),
            };
            text.push_str(line);
            text.push('\n');
        }
        if program.commands.is_empty() {
            bail!("there is no part `{RUN}`");
        }
        Ok(program)
    }

    fn head(&mut self, line: &str) {
        // A kind may be two words; a reason that is a row of the differences starts so.
        let split = |rest: &'_ str| {
            let at = rest.find(" L-").or_else(|| rest.find(' ')).unwrap_or(rest.len());
            let (kind, reason) = rest.split_at(at);
            (kind.to_owned(), reason.trim_start().to_owned())
        };
        match line.strip_prefix(DIFFERS).map(split) {
            Some((kind, reason)) => {
                self.differences.insert(kind, reason);
            }
            None if self.about.is_empty() => line.clone_into(&mut self.about),
            None => {
                self.about.push(' ');
                self.about.push_str(line);
            }
        }
    }

    /// Whether a kind of fact is not compared.
    pub fn may_differ(&self, kind: &str) -> bool {
        self.differences.contains_key(kind)
    }

    /// Builds and runs the program in a folder, which is made.
    ///
    /// # Errors
    /// The folder cannot be written, or there is no shell.
    pub fn run(&self, linker: &Linker, folder: &Path) -> Result<Outcome> {
        std::fs::create_dir_all(folder)?;
        for (name, text) in &self.sources {
            std::fs::write(folder.join(name), text).with_context(|| name.clone())?;
        }
        let output = folder.join("printed.txt");
        let printed = std::fs::File::create(&output)?;
        let status = Command::new("timeout")
            .args(["60", "bash", "-c"])
            .arg(format!("{SHELL}{}", self.commands))
            .current_dir(folder)
            .env("LINKER", &linker.folder)
            .env("LC_ALL", "C")
            .env_remove("LD_LIBRARY_PATH")
            .stdin(Stdio::null())
            .stdout(printed.try_clone()?)
            .stderr(printed)
            .status()
            .context("cannot run a shell")?;
        let mut printed = String::from_utf8_lossy(&std::fs::read(&output)?).into_owned();
        std::fs::remove_file(&output)?;
        printed = without_folder(&printed, &linker.folder, "");
        printed = without_folder(&printed, folder, ".");
        if !status.success() {
            let _ = writeln!(printed, "{FAILED} {status}");
        }
        let mut files = BTreeMap::new();
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            let is_file = path.is_file() && path.extension().is_none_or(|end| end != "o");
            if let (true, Some(name)) = (is_file, path.file_name()) {
                let bytes = std::fs::read(&path)?;
                if bytes.starts_with(ELF) {
                    files.insert(name.to_string_lossy().into_owned(), bytes);
                }
            }
        }
        Ok(Outcome { printed, files })
    }
}

/// Without the names of folders and of files that only live for one link.
fn without_folder(text: &str, folder: &Path, instead: &str) -> String {
    let folder = folder.to_string_lossy();
    let text = text.replace(&format!("{folder}/"), instead).replace(&*folder, instead);
    let mut result = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        match line.split_once("/tmp/cc") {
            Some((before, rest)) => {
                let rest = rest.split_once(".o").map_or("", |(_, rest)| rest);
                let _ = write!(result, "{before}temporary.o{rest}");
            }
            None => result.push_str(line),
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_has_parts() {
        let text =
            "# About\n# it.\n# differs: rows ours has more\n=== a.c\nint a;\n=== run\ncc a.c\n";
        let program = Program::parse(text).unwrap();
        assert_eq!(program.about, "About it.");
        assert_eq!(program.sources["a.c"], "int a;\n");
        assert_eq!(program.commands, "cc a.c\n");
        assert!(program.may_differ("rows") && !program.may_differ("segments"));
        assert!(Program::parse("# nothing\n").is_err());
    }

    #[test]
    fn temporary_names_are_all_one() {
        let text = "a: /tmp/ccAbCd.o: in function `f'\nb\n";
        let text = without_folder(text, Path::new("/none"), "");
        assert_eq!(text, "a: temporary.o: in function `f'\nb\n");
    }
}
