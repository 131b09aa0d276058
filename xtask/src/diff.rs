//! `cargo xtask diff`: one command line, both programs, and the difference of what they print.
//!
//! `cargo xtask diff readelf -sW 'corpus/cross/mips*/**/*.o'` runs each file by itself. What
//! follows the program's name are its options, but for what names a file of the corpus (with or
//! without `corpus/` before it), a file elsewhere, or a pattern with `*`. Without any file the
//! whole corpus list is run.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use ::tests::corpus::{self, Subset};
use ::tests::pairs::Pair;
use ::tests::programs;
use ::tests::run::{End, Outcome, Streams};
use anyhow::{Context, Result, bail};

use crate::build::{self, Profile};
use crate::shell;

/// How many lines of a difference are shown if nothing else is asked.
const LINES: usize = 40;

/// Runs the chore.
pub fn main(args: Vec<OsString>) -> Result<()> {
    let mut build = true;
    let mut lines = LINES;
    let mut rest = Vec::new();
    let mut args = args.into_iter();
    // Our own options may stand anywhere: no program under test has any of their names.
    while let Some(arg) = args.next() {
        match arg.to_str() {
            Some("--no-build") => build = false,
            Some("--lines") => {
                let count = args.next().unwrap_or_default();
                lines = count.to_string_lossy().parse().context("--lines")?;
            }
            _ => rest.push(arg),
        }
    }
    if rest.is_empty() {
        bail!("usage: cargo xtask diff [--no-build] [--lines N] PROGRAM [OPTION]... [FILE]...");
    }
    let program = programs::named(&rest.remove(0).to_string_lossy())?;
    program.reference.check()?;
    // Both run in the corpus folder, which may be empty when all files lie elsewhere.
    std::fs::create_dir_all(corpus::folder())?;
    let ours =
        if build { build::programs(Profile::Checked)? } else { build::binary(Profile::Checked) };
    let (options, mut files) = split(rest)?;
    if files.is_empty() {
        let entries = corpus::read_list(Subset::All)?;
        files = entries.into_iter().map(|entry| entry.path).collect();
    }
    let mut differing = 0;
    for file in &files {
        let mut args = options.clone();
        args.push(file.into());
        let pair = Pair { program, ours: &ours, args };
        if show(&pair, file, lines)? {
            differing += 1;
        }
    }
    println!("{} files, {differing} differ", files.len());
    if differing > 0 {
        bail!("outputs differ");
    }
    Ok(())
}

/// Parts the options from the files, which are given as seen from the corpus folder.
fn split(args: Vec<OsString>) -> Result<(Vec<OsString>, Vec<String>)> {
    let mut options = Vec::new();
    let mut files = Vec::new();
    for arg in args {
        match matches(&arg.to_string_lossy())? {
            Some(mut found) => files.append(&mut found),
            None => options.push(arg),
        }
    }
    Ok((options, files))
}

/// The files that an argument names; `None` where it is an option.
fn matches(arg: &str) -> Result<Option<Vec<String>>> {
    if arg.starts_with('-') {
        return Ok(None);
    }
    let folder = corpus::folder();
    let inside = arg.strip_prefix("corpus/").unwrap_or(arg);
    if folder.join(inside).is_file() {
        return Ok(Some(vec![inside.to_owned()]));
    }
    if Path::new(arg).is_file() {
        let path = std::fs::canonicalize(arg)?;
        return Ok(Some(vec![shell::text(&path)]));
    }
    if arg.contains('*') {
        let mut found = files(&folder.join(inside))?;
        for path in &mut found {
            *path = path.strip_prefix(&folder)?.to_owned();
        }
        if found.is_empty() {
            found = files(&std::env::current_dir()?.join(arg))?;
        }
        let found: Vec<String> = found.iter().map(|path| shell::text(path)).collect();
        if found.is_empty() {
            bail!("no file matches {arg}");
        }
        return Ok(Some(found));
    }
    Ok(None)
}

/// The files that match a pattern.
fn files(pattern: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in glob::glob(&shell::text(pattern))? {
        let path = path?;
        if path.is_file() {
            found.push(path);
        }
    }
    Ok(found)
}

/// Shows how a pair differs; whether it does.
fn show(pair: &Pair, file: &str, lines: usize) -> Result<bool> {
    let (reference, ours) = (pair.reference(Streams::Apart)?, pair.ours(Streams::Apart)?);
    if reference != ours {
        println!("=== {file}");
        if reference.end != ours.end {
            println!("end: reference {}, ours {}", reference.end, ours.end);
        }
        diff("stdout", &reference.stdout, &ours.stdout, lines)?;
        diff("stderr", &reference.stderr, &ours.stderr, lines)?;
        return Ok(true);
    }
    let merged = |outcome: Outcome| (outcome.stdout, outcome.end);
    let reference: (Vec<u8>, End) = merged(pair.reference(Streams::Merged)?);
    let ours = merged(pair.ours(Streams::Merged)?);
    if reference != ours {
        println!("=== {file}");
        diff("order of both streams", &reference.0, &ours.0, lines)?;
        return Ok(true);
    }
    Ok(false)
}

/// Prints the first lines of a unified difference.
fn diff(name: &str, reference: &[u8], ours: &[u8], lines: usize) -> Result<()> {
    if reference == ours {
        return Ok(());
    }
    let folder = build::target().join("diff").join(std::process::id().to_string());
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("reference"), reference)?;
    std::fs::write(folder.join("ours"), ours)?;
    let output = Command::new("diff")
        .args(["-a", "-u", "reference", "ours"])
        .current_dir(&folder)
        .output()
        .context("cannot run diff")?;
    std::fs::remove_dir_all(&folder)?;
    println!("--- {name}");
    let text = String::from_utf8_lossy(&output.stdout);
    // Two lines of headings carry no news.
    for line in text.lines().skip(2).take(lines) {
        println!("{line}");
    }
    Ok(())
}
