//! Describes each file of the corpus and builds it again: `roundtrip ci|all [--lines] [PATTERN]`.
//!
//! Files that are not the same again are listed. `--lines` also compares the lines of the
//! descriptions of relocatable objects with those of `readelf -aW`.
#![forbid(unsafe_code)]

use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use tests::corpus::{Entry, Subset, folder, read_list};
use tests::exercise::description::round_trip;

/// What all files come to.
#[derive(Default)]
struct Totals {
    same: usize,
    bytes: u64,
    failures: Vec<String>,
    /// For each relocatable object, lines of its description and lines of readelf.
    lines: Vec<(usize, usize, String)>,
}

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("roundtrip: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<bool> {
    let (mut subset, mut with_lines, mut pattern) = (Subset::Ci, false, None);
    for arg in std::env::args().skip(1) {
        match arg.as_str() {
            "ci" => subset = Subset::Ci,
            "all" => subset = Subset::All,
            "--lines" => with_lines = true,
            _ => pattern = Some(glob::Pattern::new(&arg)?),
        }
    }
    let mut entries = read_list(subset)?;
    entries.retain(|entry| pattern.as_ref().is_none_or(|pattern| pattern.matches(&entry.path)));
    // The largest first, so that the cores end together.
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.size));
    if entries.is_empty() {
        bail!("no files");
    }
    let start = Instant::now();
    let totals = Mutex::new(Totals::default());
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(entry) = entries.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let outcome = try_file(entry, with_lines);
                    let mut totals = totals.lock().unwrap_or_else(PoisonError::into_inner);
                    match outcome {
                        Ok(lines) => {
                            totals.same += 1;
                            totals.bytes += entry.size;
                            totals.lines.extend(lines);
                        }
                        Err(error) => totals.failures.push(format!("{}: {error:#}", entry.path)),
                    }
                }
            });
        }
    });
    let mut totals = totals.into_inner().unwrap_or_else(PoisonError::into_inner);
    totals.failures.sort();
    for failure in &totals.failures {
        println!("{failure}");
    }
    let Totals { same, bytes, failures, .. } = &totals;
    println!(
        "{same} of {} files ({} MB) described and built again byte for byte, {} not, in {:.1} s",
        same + failures.len(),
        bytes / 1_000_000,
        failures.len(),
        start.elapsed().as_secs_f64()
    );
    if with_lines {
        print_lines(&mut totals.lines);
    }
    Ok(totals.failures.is_empty())
}

fn try_file(entry: &Entry, with_lines: bool) -> Result<Option<(usize, usize, String)>> {
    let path = folder().join(&entry.path);
    let bytes = std::fs::read(&path).with_context(|| path.display().to_string())?;
    let tried = std::panic::catch_unwind(|| round_trip(&bytes));
    let text = match tried {
        Ok(result) => result.map_err(anyhow::Error::msg)?,
        Err(_) => bail!("panicked"),
    };
    if !with_lines || entry.kind.form != "REL" {
        return Ok(None);
    }
    let ours = count_lines(&text);
    Ok(Some((ours, readelf_lines(&path)?, entry.path.clone())))
}

fn count_lines(text: &[u8]) -> usize {
    text.split(|&byte| byte == b'\n').count().saturating_sub(1)
}

fn readelf_lines(path: &Path) -> Result<usize> {
    let mut command = Command::new("readelf");
    command.arg("-aW").arg(path).stdin(Stdio::null()).stderr(Stdio::null());
    Ok(count_lines(&command.output().context("readelf")?.stdout))
}

#[expect(clippy::cast_precision_loss, reason = "a ratio of lines")]
fn print_lines(lines: &mut [(usize, usize, String)]) {
    let ratio = |(ours, theirs, _): &(usize, usize, String)| *ours as f64 / (*theirs).max(1) as f64;
    lines.sort_by(|a, b| ratio(a).total_cmp(&ratio(b)));
    let at = |part: usize| lines.get(lines.len().saturating_sub(1) * part / 100);
    println!(
        "lines of descriptions / lines of `readelf -aW`, {} relocatable objects:",
        lines.len()
    );
    for part in [0, 10, 25, 50, 75, 90, 100] {
        if let Some(line) = at(part) {
            let (ours, theirs, path) = line;
            println!("  {part:3} %: {:.2}  ({ours} / {theirs}, {path})", ratio(line));
        }
    }
}
