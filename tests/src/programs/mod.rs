//! The programs under test: what each is compared with, and with which options.

mod addr2line;
mod cxxfilt;
mod nm;
mod readelf;
mod size;
mod strings;

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

/// A program of ours and the program that it must agree with.
#[derive(Debug)]
pub struct Program {
    /// Its name, which both are called by.
    pub name: &'static str,
    /// The reference.
    pub reference: Reference,
    /// Options to run on every file of the corpus: words parted by blanks. The file is the last
    /// argument, or on standard input for a set that ends with `<`.
    pub option_sets: &'static [&'static str],
    /// Whole command lines, for what is not about one file: several files, missing ones, wrong
    /// options. They run in the corpus folder. `< FILE` at the end is what is on standard input, and
    /// `<<< TEXT` a text without blanks; see [`Pair::args`](crate::pairs::Pair::args).
    pub command_lines: &'static [&'static str],
}

/// A reference program.
#[derive(Debug)]
pub struct Reference {
    /// Where it is installed.
    pub path: &'static str,
    /// What the first line of its `--version` ends with.
    pub version: &'static str,
    /// What installs it.
    pub install: &'static str,
    /// Parts of the paths of files for which it may ask its plugins. For all others it finds none:
    /// a plugin prints messages of its own about files that are none of its kind.
    pub plugin_files: &'static [&'static str],
}

/// Every program under test.
pub const ALL: &[Program] = &[
    addr2line::PROGRAM,
    cxxfilt::PROGRAM,
    nm::PROGRAM,
    readelf::PROGRAM,
    size::PROGRAM,
    strings::PROGRAM,
];

/// The program of that name.
///
/// # Errors
/// Where there is none.
pub fn named(name: &str) -> Result<&'static Program> {
    let found = ALL.iter().find(|program| program.name == name);
    found.with_context(|| {
        let names: Vec<_> = ALL.iter().map(|program| program.name).collect();
        let names = names.join(" ");
        format!("no program {name:?} is under test; there are: {names}")
    })
}

impl Reference {
    /// Whether the reference is there and of the right version.
    ///
    /// # Errors
    /// What is wrong, and the command that sets it right.
    pub fn check(&self) -> Result<()> {
        let Ok(output) = Command::new(self.path).arg("--version").output() else {
            bail!("{} is not installed: run `{}`", self.path, self.install);
        };
        let text = String::from_utf8_lossy(&output.stdout);
        let first = text.lines().next().unwrap_or_default();
        if !first.ends_with(self.version) {
            bail!(
                "{} is {first:?}, wanted is version {}: run `{}`",
                self.path,
                self.version,
                self.install
            );
        }
        Ok(())
    }

    /// Whether it may ask its plugins of the file at this path.
    pub fn asks_plugins(&self, path: &str) -> bool {
        self.plugin_files.iter().any(|part| path.contains(part))
    }

    /// Its path.
    pub fn path(&self) -> &'static Path {
        Path::new(self.path)
    }
}

/// GNU binutils for all targets: what the option sets are written for.
const fn binutils(path: &'static str) -> Reference {
    Reference {
        path,
        version: " 2.40",
        install: "apt-get install -y binutils binutils-multiarch",
        plugin_files: &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_option_set_stands_twice() {
        for program in ALL {
            for table in [program.option_sets, program.command_lines] {
                let mut seen = HashSet::new();
                for set in table {
                    assert!(seen.insert(set), "{} {set}", program.name);
                }
            }
        }
    }

    #[test]
    fn a_missing_reference_says_what_installs_it() {
        let missing = Reference {
            path: "/nonexistent/readelf",
            version: " 2.40",
            install: "apt-get install -y binutils",
            plugin_files: &[],
        };
        let message = missing.check().unwrap_err().to_string();
        assert!(message.contains("apt-get install -y binutils"), "{message}");
    }
}
