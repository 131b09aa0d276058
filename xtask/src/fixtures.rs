//! `cargo xtask fixtures`: what short descriptions make is what tools and loaders take.
//!
//! For each machine, `tests/elfc/` describes a program that greets, a library, a program that calls
//! the library, and an object. GNU readelf must warn of nothing and `eu-elflint --gnu-ld` find no
//! error; the programs run - those of other machines under qemu - and the object is linked and run.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use ::tests::corpus::root;
use anyhow::{Context, Result, bail};

use crate::build::{self, Profile};
use crate::corpus::debian;
use crate::{setup, shell};

/// A machine whose files are made.
struct Machine {
    /// What the descriptions end with.
    name: &'static str,
    /// What runs its programs; empty for this machine's own.
    emulator: &'static str,
    /// The package with its C library and the loader.
    package: &'static str,
    /// The loader.
    loader: &'static str,
    /// What eu-elflint says of all files of the machine, as it knows little of it.
    unknown: &'static [&'static str],
}

const MACHINES: &[Machine] = &[
    Machine {
        name: "x86_64",
        emulator: "",
        package: "libc6-amd64-cross",
        loader: "ld-linux-x86-64.so.2",
        unknown: &[],
    },
    Machine {
        name: "i386",
        emulator: "qemu-i386",
        package: "libc6-i386-cross",
        loader: "ld-linux.so.2",
        unknown: &[],
    },
    Machine {
        name: "aarch64",
        emulator: "qemu-aarch64",
        package: "libc6-arm64-cross",
        loader: "ld-linux-aarch64.so.1",
        unknown: &[],
    },
    Machine {
        name: "riscv64",
        emulator: "qemu-riscv64",
        package: "libc6-riscv64-cross",
        loader: "ld-linux-riscv64-lp64d.so.1",
        unknown: &[],
    },
    Machine {
        name: "mips",
        emulator: "qemu-mips",
        package: "libc6-mips-cross",
        loader: "ld.so.1",
        // It has no part for this machine: flags, tags and relocations are all the same to it.
        unknown: &["invalid machine flags", ": unknown tag", ": invalid type"],
    },
    Machine {
        name: "powerpc",
        emulator: "qemu-ppc",
        package: "libc6-powerpc-cross",
        loader: "ld.so.1",
        unknown: &[],
    },
];

/// What a library's function returns, and its callers end with.
const ANSWER: i32 = 42;

/// Runs the chore.
pub fn main(_: Vec<OsString>) -> Result<()> {
    setup::ensure()?;
    try_all()
}

/// Makes and tries all files.
///
/// # Errors
/// What is not taken, for all machines.
pub fn try_all() -> Result<()> {
    debian::fetch(MACHINES.iter().map(|machine| machine.package))?;
    let program = build::programs(Profile::Checked)?;
    let mut faults = Vec::new();
    for machine in MACHINES {
        let folder = build::target().join("fixtures").join(machine.name);
        std::fs::create_dir_all(&folder)?;
        let trial = Trial { machine, program: &program, folder: &folder };
        for result in [trial.hello(), trial.object(), trial.library()] {
            if let Err(fault) = result {
                faults.push(format!("{}: {fault:#}", machine.name));
            }
        }
    }
    if faults.is_empty() {
        return Ok(());
    }
    bail!("{}", faults.join("\n"))
}

/// The files of one machine.
struct Trial<'t> {
    machine: &'t Machine,
    /// The multi-call binary.
    program: &'t Path,
    /// Where files are made.
    folder: &'t Path,
}

impl Trial<'_> {
    fn hello(&self) -> Result<()> {
        let path = self.make("hello", "hello")?;
        let output = self.run(&[&path])?;
        if output.stdout != b"hello\n" || !output.status.success() {
            bail!("hello: {}, printed {:?}", output.status, output.stdout.escape_ascii());
        }
        Ok(())
    }

    fn object(&self) -> Result<()> {
        let object = self.make("object", "object.o")?;
        let linked = self.folder.join("linked");
        let mut linker = Command::new("ld.lld-14");
        shell::quiet(linker.arg(&object).arg("-o").arg(&linked))?;
        self.answers("linked object", &[&linked])
    }

    fn library(&self) -> Result<()> {
        self.make("lib", "libanswer.so")?;
        let program = self.make("main", "main")?;
        let unpacked = debian::extract(self.machine.package)?;
        let loader = self.loader(&unpacked)?;
        let libraries = loader.parent().context("a folder")?;
        let path = format!("{}:{}", self.folder.display(), libraries.display());
        self.answers(
            "program with a library",
            &[&loader, Path::new("--library-path"), Path::new(&path), &program],
        )?;
        Ok(std::fs::remove_dir_all(&unpacked)?)
    }

    /// The machine's loader, which lies beside its C library.
    fn loader(&self, unpacked: &Path) -> Result<PathBuf> {
        let pattern = format!("{}/**/{}", shell::text(unpacked), self.machine.loader);
        glob::glob(&pattern)?.find_map(Result::ok).context("a loader")
    }

    /// Builds a description and shows the file to the tools.
    fn make(&self, kind: &str, name: &str) -> Result<PathBuf> {
        let description = root().join(format!("tests/elfc/{kind}-{}.elfc", self.machine.name));
        let path = self.folder.join(name);
        let mut elfc = Command::new(self.program);
        let printed =
            elfc.arg("elfc").arg(&description).arg("-o").arg(&path).output().context("elfc")?;
        if !printed.status.success() || !printed.stderr.is_empty() {
            bail!("{kind}: {}\n{}", printed.status, String::from_utf8_lossy(&printed.stderr));
        }
        let mut readelf = Command::new("/usr/bin/readelf");
        let printed = readelf.arg("-aW").arg(&path).output().context("readelf")?;
        if !printed.status.success() || !printed.stderr.is_empty() {
            bail!("{kind}: readelf: {}", String::from_utf8_lossy(&printed.stderr));
        }
        let mut lint = Command::new("eu-elflint");
        let printed = lint.arg("--gnu-ld").arg(&path).output().context("eu-elflint")?;
        let said = String::from_utf8_lossy(&printed.stdout);
        let is_unknown = |line: &str| self.machine.unknown.iter().any(|part| line.contains(part));
        let found: Vec<&str> =
            said.lines().filter(|line| *line != "No errors" && !is_unknown(line)).collect();
        if !found.is_empty() || !printed.stderr.is_empty() {
            bail!("{kind}: eu-elflint: {}", found.join("; "));
        }
        Ok(path)
    }

    fn answers(&self, what: &str, words: &[&Path]) -> Result<()> {
        let output = self.run(words)?;
        if output.status.code() != Some(ANSWER) {
            bail!("{what}: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
        }
        Ok(())
    }

    fn run(&self, words: &[&Path]) -> Result<Output> {
        let emulator = Path::new(self.machine.emulator);
        let is_own = self.machine.emulator.is_empty();
        let mut words = (!is_own).then_some(emulator).into_iter().chain(words.iter().copied());
        let first = words.next().context("a command")?;
        let output = Command::new(first).args(words).output();
        output.with_context(|| shell::text(first))
    }
}
