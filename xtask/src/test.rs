//! `cargo xtask test`: everything that must hold before a change is in.

use std::ffi::OsString;

use ::tests::corpus::Subset;
use ::tests::pairs::Selection;
use anyhow::{Result, bail};
use lexopt::prelude::*;

use crate::{
    build, corpus, fixtures, install, layers, mutate, names, pairs, roundtrip, setup, shell,
};

/// How many broken inputs are tried; `cargo xtask mutate` tries more.
const BROKEN_INPUTS: u64 = 4000;
/// How many differences are shown.
const SHOWN: usize = 60;

/// What passed and what failed so far.
#[derive(Default)]
struct Score {
    passed: u64,
    failed: u64,
}

impl Score {
    /// Does a check and says how it went.
    fn check(&mut self, name: &str, check: impl FnOnce() -> Result<()>) {
        println!("==> {name}");
        match check() {
            Ok(()) => self.passed += 1,
            Err(error) => {
                self.failed += 1;
                println!("FAILED: {name}: {error:#}");
            }
        }
    }
}

/// Runs the chore.
pub fn main(args: Vec<OsString>) -> Result<()> {
    let mut subset = Subset::Ci;
    let mut parser = lexopt::Parser::from_args(args);
    while let Some(arg) = parser.next()? {
        match arg {
            Long("all") => subset = Subset::All,
            _ => return Err(arg.unexpected().into()),
        }
    }
    setup::ensure()?;
    let mut score = Score::default();
    score.check("floors", || layers::check().map(drop));
    score.check("format", || cargo(&["fmt", "--all", "--check"]));
    score.check("clippy", || {
        cargo(&[
            "clippy",
            "--quiet",
            "--workspace",
            "--all-targets",
            "--all-features",
            "--",
            "-D",
            "warnings",
        ])
    });
    score.check("unit tests", || cargo(&["test", "--quiet", "--workspace", "--all-features"]));
    for page in install::manuals()? {
        let page = shell::text(&page);
        score.check(&format!("manual page {page}"), || {
            shell::run(&mut shell::command(&["mandoc", "-T", "lint", "-W", "warning", &page]))
        });
    }
    score.check("corpus", || corpus::gather(subset));
    // What needs the corpus or other programs is left out of a plain `cargo test`.
    score.check("tests over the corpus", || {
        cargo(&["test", "--quiet", "--package", "tests", "--all-features", "--", "--ignored"])
    });
    score.check("broken inputs", || mutate::try_all(0, BROKEN_INPUTS));
    score.check("files from descriptions", fixtures::try_all);
    score.check("descriptions", || roundtrip::try_all(subset, &[]));
    score.check("mangled names", || names::check(subset));
    score.check("made-up names", names::check_made_up);
    println!("==> pairs");
    let selection = Selection { whole: subset == Subset::All, ..Selection::default() };
    match pairs::run(subset, &selection, SHOWN, true) {
        Ok(count) => {
            score.passed += count.same + count.kept;
            score.failed += count.differs;
        }
        Err(error) => {
            score.failed += 1;
            println!("FAILED: pairs: {error:#}");
        }
    }
    let Score { passed, failed } = score;
    println!("{passed} passed, {failed} failed");
    if failed > 0 {
        bail!("{failed} failed");
    }
    Ok(())
}

fn cargo(args: &[&str]) -> Result<()> {
    shell::run(&mut build::cargo(args))
}
