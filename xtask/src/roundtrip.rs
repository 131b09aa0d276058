//! `cargo xtask roundtrip`: each file of the corpus, described and built again, is the same.
//!
//! The work is done by `tests/src/bin/roundtrip.rs`, which has the library in it.

use std::ffi::OsString;
use std::process::Command;

use ::tests::corpus::Subset;
use anyhow::Result;
use lexopt::prelude::*;

use crate::{build, corpus, setup, shell};

/// The profile with optimisation and all checks.
const PROFILE: &str = "checked";

/// Runs the chore.
pub fn main(args: Vec<OsString>) -> Result<()> {
    let mut subset = Subset::Ci;
    let mut rest = Vec::new();
    let mut parser = lexopt::Parser::from_args(args);
    while let Some(arg) = parser.next()? {
        match arg {
            Long("all") => subset = Subset::All,
            Long("lines") => rest.push("--lines".into()),
            Value(pattern) => rest.push(pattern),
            _ => return Err(arg.unexpected().into()),
        }
    }
    setup::ensure()?;
    corpus::gather(subset)?;
    try_all(subset, &rest)
}

/// Tries the files of the corpus, which must be there.
///
/// # Errors
/// If a file is not the same again.
pub fn try_all(subset: Subset, rest: &[OsString]) -> Result<()> {
    let options = "build --quiet --package tests --features exercise --bin roundtrip --profile";
    let mut command = build::cargo(&options.split(' ').collect::<Vec<_>>());
    shell::quiet(command.arg(PROFILE))?;
    let word = if subset == Subset::All { "all" } else { "ci" };
    let mut command = Command::new(build::target().join(PROFILE).join("roundtrip"));
    shell::run(command.arg(word).args(rest))
}
