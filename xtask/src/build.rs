//! Building the multi-call binary that is every program.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::shell;

/// How it is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// With checks of overflow, for tests.
    Checked,
    /// As users run it.
    Release,
}

/// Builds the programs.
///
/// # Errors
/// Where they do not compile.
pub fn programs(profile: Profile) -> Result<PathBuf> {
    let mut command = cargo(&["build", "--quiet", "--package", "elftoolchain"]);
    if profile == Profile::Release {
        command.arg("--release");
    }
    shell::quiet(&mut command)?;
    Ok(binary(profile))
}

/// Where the multi-call binary lies.
pub fn binary(profile: Profile) -> PathBuf {
    target().join(match profile {
        Profile::Checked => "debug/elftoolchain",
        Profile::Release => "release/elftoolchain",
    })
}

/// The folder of what is built.
pub fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => folder.into(),
        None => ::tests::corpus::root().join("target"),
    }
}

/// A cargo command in the project's folder.
pub fn cargo(args: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    command.args(args).current_dir(tests::corpus::root());
    command
}
