//! `cargo xtask demo`: our programs on what is at hand.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use ::tests::corpus;
use anyhow::{Context, Result, ensure};

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
    show_start(
        &programs,
        "The largest functions of this demo's own executable, by the names that people gave them.",
        &["nm", "-C", "-S", "--size-sort", "-r", "-t", "d"],
        &own,
    )?;
    let bias = load_bias(&own)?;
    let stack: Vec<String> =
        outer::<u8>().iter().map(|place| format!("{:#x}", place.wrapping_sub(bias))).collect();
    let words: Vec<&str> =
        ["addr2line", "-fipCa"].into_iter().chain(stack.iter().map(String::as_str)).collect();
    show(
        &programs,
        "The stack of this demo while it prints this, by return addresses: which functions, inlined \
         ones too, and which lines.",
        &[&words[..], &["-e"]].concat(),
        &own,
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

/// Functions that call each other, for a stack worth looking at.
#[inline(never)]
fn outer<Choice>() -> Vec<u64> {
    let own_size = size_of::<Choice>();
    // Looked at before it is returned, or this would be no call but a jump.
    std::hint::black_box(middle(|| own_size))
}

#[inline]
fn middle(choose: impl Fn() -> usize) -> Vec<u64> {
    inner(choose())
}

/// The addresses of the calls on the stack of this thread.
#[inline(never)]
fn inner(least: usize) -> Vec<u64> {
    let mut found = Vec::new();
    backtrace::trace(|frame| {
        // A return address may belong to the next line already.
        found.push((frame.ip() as u64).wrapping_sub(1));
        found.len() < FRAMES.max(least)
    });
    found
}

/// What the system added to the addresses of this executable when it mapped it.
fn load_bias(own: &Path) -> Result<u64> {
    let maps = std::fs::read_to_string("/proc/self/maps")?;
    let name = shell::text(own);
    let start = maps
        .lines()
        .find(|line| line.ends_with(&name))
        .and_then(|line| line.split('-').next())
        .and_then(|start| u64::from_str_radix(start, 16).ok());
    start.context("this process is not mapped")
}

/// Prints what a command is about, the command, and what it prints.
fn show(programs: &Path, about: &str, words: &[&str], file: &Path) -> Result<()> {
    println!("\n# {about}\n$ {} {}", words.join(" "), file.display());
    let mut command = Command::new(programs);
    shell::run(command.args(words).arg(file))
}

/// So many frames of the stack are shown.
const FRAMES: usize = 8;

/// The lines that are enough of a long answer.
const ENOUGH: usize = 12;

/// As [`show`], for a command that prints more than anybody wants to see.
fn show_start(programs: &Path, about: &str, words: &[&str], file: &Path) -> Result<()> {
    println!("\n# {about}\n$ {} {} | head -n {ENOUGH}", words.join(" "), file.display());
    let output = Command::new(programs).args(words).arg(file).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for line in String::from_utf8_lossy(&output.stdout).lines().take(ENOUGH) {
        println!("{line}");
    }
    Ok(())
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
