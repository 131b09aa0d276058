//! `cargo xtask pairs`: the differential tests alone, all or some of them.

use std::ffi::OsString;
use std::fmt::Write as _;

use ::tests::corpus::{self, Subset};
use ::tests::pairs::{Selection, run_all};
use ::tests::programs;
use ::tests::report::{Count, Report};
use anyhow::{Context, Result, bail};
use lexopt::prelude::*;

use crate::build::{self, Profile};

/// How many differences are shown if nothing else is asked.
const SHOWN: usize = 40;

/// Runs the chore.
pub fn main(args: Vec<OsString>) -> Result<()> {
    let mut subset = Subset::Ci;
    let mut shown = SHOWN;
    let mut build = true;
    let mut selection = Selection::default();
    let mut parser = lexopt::Parser::from_args(args);
    while let Some(arg) = parser.next()? {
        match arg {
            Long("all") => subset = Subset::All,
            Long("no-build") => build = false,
            Long("show") => shown = parser.value()?.parse()?,
            Long("set") => selection.sets.push(parser.value()?.string()?),
            Long("file") => selection.files.push(file(&parser.value()?.string()?)),
            Value(name) => selection.programs.push(programs::named(&name.to_string_lossy())?),
            _ => return Err(arg.unexpected().into()),
        }
    }
    selection.whole = subset == Subset::All
        && selection.programs.is_empty()
        && selection.sets.is_empty()
        && selection.files.is_empty();
    let count = run(subset, &selection, shown, build)?;
    println!("{} passed, {} failed", count.same + count.kept, count.differs);
    if count.differs > 0 {
        bail!("outputs differ");
    }
    Ok(())
}

fn file(pattern: &str) -> String {
    pattern.strip_prefix("corpus/").unwrap_or(pattern).to_owned()
}

/// Runs pairs and prints what came of them.
///
/// # Errors
/// Where they cannot be run; that some differ is told by the count.
pub fn run(subset: Subset, selection: &Selection, shown: usize, build: bool) -> Result<Count> {
    let ours =
        if build { build::programs(Profile::Checked)? } else { build::binary(Profile::Checked) };
    let entries = corpus::read_list(subset)?;
    // A copy: the programs may be built anew, by a developer, while a long run is under way.
    let copy = build::target().join(format!("under-test-{}", std::process::id()));
    std::fs::copy(ours, &copy)?;
    let report = run_all(&copy, &entries, selection);
    std::fs::remove_file(&copy)?;
    let report = report?;
    print(&report, shown)?;
    Ok(report.total())
}

fn print(report: &Report, shown: usize) -> Result<()> {
    let mut log = String::new();
    for (index, (command, text)) in report.differences().enumerate() {
        if index < shown {
            println!("{command}\n{text}\n");
        }
        writeln!(log, "{command}\n{text}\n")?;
    }
    let path = build::target().join("differences.txt");
    std::fs::write(&path, log).with_context(|| path.display().to_string())?;
    println!("{}", report.tables());
    if report.total().differs > 0 {
        println!("all differences: {}", path.display());
    }
    Ok(())
}
