//! `cargo xtask demo`: our programs on what is at hand.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use ::tests::corpus;
use anyhow::{Context, Result};

use crate::build::{self, Profile};
use crate::shell;

/// Runs the chore. It needs nothing but Rust, so it sets nothing up.
pub fn main(_: Vec<OsString>) -> Result<()> {
    let programs = build::programs(Profile::Checked)?;
    let own = std::env::current_exe()?;
    let library = c_library()?;
    show(
        &programs,
        "This demo's own executable: its header says for which machine it was made, its program \
         headers what the system maps into memory when it starts.",
        &["readelf", "-hlW"],
        &own,
    )?;
    show(
        &programs,
        "The system's C library, which this demo runs with: its dynamic section names the \
         libraries that it needs in turn, and where the dynamic linker finds its tables.",
        &["readelf", "-dW"],
        &library,
    )?;
    show(
        &programs,
        "The notes of the same library: its build-id, and the oldest kernel that it runs on.",
        &["readelf", "-nW"],
        &library,
    )?;
    show(
        &programs,
        "How much of the library is code, data and zeroed memory.",
        &["size"],
        &library,
    )?;
    let description = corpus::root().join("xtask/src/demo.elfc");
    println!("\n# A program of a few lines, as text:\n");
    print!("{}", std::fs::read_to_string(&description)?);
    let folder = tempfile::tempdir()?;
    let made = folder.path().join("demo");
    let output = format!("--output={}", made.display());
    show(&programs, "elfc builds it.", &["elfc", &output], &description)?;
    show(&programs, "And it is a program like any other.", &["readelf", "-hlW"], &made)?;
    show(
        &programs,
        "The way back: a description of it that builds the same bytes.",
        &["elfc", "--describe"],
        &made,
    )
}

/// Prints what a command is about, the command, and what it prints.
fn show(programs: &Path, about: &str, words: &[&str], file: &Path) -> Result<()> {
    println!("\n# {about}\n$ {} {}", words.join(" "), file.display());
    let mut command = std::process::Command::new(programs);
    shell::run(command.args(words).arg(file))
}

/// The C library that this process is mapped with.
fn c_library() -> Result<PathBuf> {
    let maps = std::fs::read_to_string("/proc/self/maps")?;
    let path = maps
        .lines()
        .filter_map(|line| line.find('/').and_then(|start| line.get(start..)))
        .find(|path| path.contains("/libc.so") || path.contains("/ld-musl"));
    Ok(path.context("this process runs without a C library")?.into())
}
