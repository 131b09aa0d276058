//! The inputs of the benchmarks: the same on every machine with the same packages and compiler.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use ::tests::corpus::root;
use anyhow::{Context, Result};

use super::{kernel, made_once};
use crate::{build, shell};

/// An input.
pub struct Input {
    /// What it is.
    pub title: String,
    /// Where it lies.
    pub path: PathBuf,
}

/// Parts of the Rust program: so many make it larger than 100 MB.
const PARTS: usize = 80;
/// Libraries of LLVM whose members make up the archive.
const LIBRARIES: &[&str] = &[
    "Analysis",
    "CodeGen",
    "Core",
    "InstCombine",
    "Object",
    "ScalarOpts",
    "SelectionDAG",
    "Support",
    "TransformUtils",
    "X86CodeGen",
    "ipo",
];

/// All inputs, made where they are missing.
///
/// # Errors
/// Where one cannot be made.
pub fn gather() -> Result<Vec<Input>> {
    let folder = build::target().join("bench");
    let library = std::fs::canonicalize("/usr/lib/x86_64-linux-gnu/libLLVM-14.so.1")?;
    let rust = made_once(folder.join("generics"), compile)?;
    let archive = made_once(folder.join("llvm.a"), archive)?;
    let image = made_once(folder.join("vmlinux"), |path| {
        kernel::with_symbols(&::tests::corpus::folder().join("kernel/vmlinux"), path)
    })?;
    let tiny = made_once(folder.join("tiny.o"), |path| {
        let source = root().join("tests/sources/plain.c");
        shell::quiet(Command::new("gcc").args(["-O1", "-c", "-o"]).arg(path).arg(source))
    })?;
    [
        ("libLLVM-14.so", library),
        ("Rust program with debugging data", rust),
        ("archive of LLVM's objects", archive),
        ("kernel image", image),
        ("small object", tiny),
    ]
    .into_iter()
    .map(|(title, path)| {
        let size = path.metadata().with_context(|| shell::text(&path))?.len();
        let size = if size >= 1_000_000 {
            format!("{} MB", size / 1_000_000)
        } else {
            format!("{} KB", size / 1000)
        };
        Ok(Input { title: format!("{title} ({size})"), path })
    })
    .collect()
}

/// A Rust program without optimisation and with all debugging data.
fn compile(path: &Path) -> Result<()> {
    let mut source = std::fs::read_to_string(root().join("tests/sources/generics.rs"))?;
    let mut calls = String::new();
    for part in 0..PARTS {
        writeln!(source, "part!(part{part});")?;
        write!(calls, "part{part}::run,")?;
    }
    writeln!(
        source,
        "fn main() {{
            let all: &[fn(u64) -> usize] = &[{calls}];
            let seed = std::env::args().count() as u64;
            println!(\"{{}}\", all.iter().map(|run| run(seed)).sum::<usize>());
        }}"
    )?;
    let file = path.with_extension("rs");
    std::fs::write(&file, source)?;
    let mut command = Command::new("rustc");
    command.args(["--edition", "2024", "-g", "-C", "opt-level=0", "-o"]);
    shell::quiet(command.arg(path).arg(file))
}

/// One archive of all members of several.
fn archive(path: &Path) -> Result<()> {
    let folder = path.with_extension("members");
    for library in LIBRARIES {
        // Each in a folder of its own: some members share a name.
        let place = folder.join(library);
        std::fs::create_dir_all(&place)?;
        let from = format!("/usr/lib/llvm-14/lib/libLLVM{library}.a");
        shell::quiet(Command::new("ar").args(["x", &from]).current_dir(&place))?;
    }
    let script = format!("ar qcs '{}' '{}'/*/*.o", path.display(), folder.display());
    shell::quiet(&mut shell::command(&["sh", "-c", &script]))?;
    std::fs::remove_dir_all(folder)?;
    Ok(())
}
