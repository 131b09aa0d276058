//! `cargo xtask mutate`: broken inputs, as many as are asked for, on all cores.
//!
//! `--write FOLDER` only writes them, for `cargo xtask diff readelf -a 'FOLDER/*'`: how broken files
//! are reported should be as GNU reports them, too.
//!
//! `--linker` links them instead: seeds are then compiled from the sources of the tests and taken
//! from the small programs of the linker.
//!
//! The work is done by processes of their own (`tests/src/bin/mutate.rs`), because the library is
//! tried in them: one that dies is told, and the next goes on behind the input that killed it.

use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::num::NonZeroUsize;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, anyhow, bail};
use lexopt::prelude::*;

use crate::{build, corpus, link_seeds, setup, shell};

/// How many inputs are tried if nothing else is asked.
const COUNT: u64 = 200_000;
/// The profile with optimisation and all checks.
const PROFILE: &str = "checked";

/// Runs the chore.
pub fn main(args: Vec<OsString>) -> Result<()> {
    let (mut first, mut count) = (0_u64, COUNT);
    let (mut write_to, mut links) = (None, false);
    let mut parser = lexopt::Parser::from_args(args);
    while let Some(arg) = parser.next()? {
        match arg {
            Long("count") => count = parser.value()?.parse()?,
            Long("write") => write_to = Some(parser.value()?),
            Long("linker") => links = true,
            Long("from") => first = parser.value()?.parse()?,
            _ => return Err(arg.unexpected().into()),
        }
    }
    setup::ensure()?;
    if links {
        let seeds = link_seeds::make()?;
        let options = vec!["--linker".to_owned(), shell::text(&seeds)];
        let end = first.checked_add(count).context("--count is too large")?;
        return try_with(&options, first, end);
    }
    corpus::gather(::tests::corpus::Subset::Ci)?;
    let end = first.checked_add(count).context("--count is too large")?;
    if let Some(folder) = write_to {
        build_checked()?;
        let mut command = Command::new(build::target().join(PROFILE).join("mutate"));
        command.arg("--write").arg(folder).args([first.to_string(), end.to_string()]);
        return shell::run(&mut command);
    }
    try_all(first, end)
}

/// Builds what tries inputs, and what it tries them on.
fn build_checked() -> Result<()> {
    for options in ["--package elftoolchain", "--package tests --features exercise --bin mutate"] {
        let mut command = build::cargo(&["build", "--quiet", "--profile", PROFILE]);
        shell::quiet(command.args(options.split(' ')))?;
    }
    Ok(())
}

/// Tries the inputs from `first` to before `end`; the corpus must be there.
///
/// # Errors
/// Where a fault is found.
pub fn try_all(first: u64, end: u64) -> Result<()> {
    try_with(&[], first, end)
}

fn try_with(options: &[String], first: u64, end: u64) -> Result<()> {
    build_checked()?;
    let name = if options.is_empty() { "mutate" } else { "mutate-linker" };
    let folder = build::target().join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    let workers = std::thread::available_parallelism().map_or(1, NonZeroUsize::get) as u64;
    let found = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..workers)
            .map(|worker| {
                let folder = &folder;
                scope.spawn(move || {
                    let next = first.saturating_add(worker);
                    Worker { options, folder, next, end, step: workers }.run()
                })
            })
            .collect();
        handles.into_iter().try_fold(0, |sum, handle| -> Result<u64> {
            let found = handle.join().map_err(|_| anyhow!("a thread panicked"))??;
            Ok(sum + found)
        })
    })?;
    println!("{} inputs, {found} faults", end.saturating_sub(first));
    if found > 0 {
        bail!("inputs that show faults are kept in {}", folder.display());
    }
    Ok(())
}

/// One process after another, each from where the one before died.
struct Worker<'a> {
    /// What stands before all else on the command line.
    options: &'a [String],
    folder: &'a Path,
    next: u64,
    end: u64,
    step: u64,
}

impl Worker<'_> {
    /// Tries all inputs of this worker; gives the number of faults.
    fn run(mut self) -> Result<u64> {
        let mut found = 0;
        while self.next < self.end {
            let binaries = build::target().join(PROFILE);
            let mut child = Command::new(binaries.join("mutate"))
                .args(self.options)
                .arg(binaries.join("elftoolchain"))
                .arg(self.folder)
                .args([self.next, self.end, self.step].map(|number| number.to_string()))
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .spawn()
                .context("mutate")?;
            let output = child.stdout.take().context("a pipe")?;
            for line in BufReader::new(output).lines() {
                let line = line?;
                println!("{line}");
                // A panic's own message goes before the line that counts it.
                found += u64::from(line.starts_with("input "));
            }
            let status = child.wait()?;
            if status.success() {
                break;
            }
            let progress = self.folder.join(format!("progress-{}", child.id()));
            let died_at: u64 = std::fs::read_to_string(&progress)
                .with_context(|| format!("mutate did not start: {status}"))?
                .parse()?;
            println!("input {died_at}: libelf ended the process: {status}");
            found += 1;
            self.next = died_at.saturating_add(self.step);
        }
        Ok(found)
    }
}
