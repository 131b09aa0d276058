//! Running other programs: each either does its work or ends the chore with its command line.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// A command from its words.
pub fn command(words: &[&str]) -> Command {
    let mut words = words.iter();
    let mut command = Command::new(words.next().copied().unwrap_or_default());
    command.args(words);
    command
}

/// Runs a command whose output goes to the terminal.
///
/// # Errors
/// Where it fails.
pub fn run(command: &mut Command) -> Result<()> {
    let text = words_of(command);
    let status =
        command.stdin(Stdio::null()).status().with_context(|| format!("cannot run {text}"))?;
    if !status.success() {
        bail!("{text}: {status}");
    }
    Ok(())
}

/// Runs a command and gives what it printed; what it complained of is part of the error.
///
/// # Errors
/// Where it fails.
pub fn output(command: &mut Command) -> Result<Vec<u8>> {
    let text = words_of(command);
    let output =
        command.stdin(Stdio::null()).output().with_context(|| format!("cannot run {text}"))?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        bail!("{text}: {}\n{complaint}", output.status);
    }
    Ok(output.stdout)
}

/// Runs a command for what it does, silent unless it fails.
///
/// # Errors
/// Where it fails.
pub fn quiet(command: &mut Command) -> Result<()> {
    output(command).map(drop)
}

/// Whether a program of that name is on the search path.
pub fn is_there(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// A path as text, for command lines and messages.
pub fn text(path: &Path) -> String {
    path.display().to_string()
}

fn words_of(command: &Command) -> String {
    let words = [command.get_program()].into_iter().chain(command.get_args());
    let words: Vec<_> = words.map(OsStr::to_string_lossy).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_tell_the_command_and_its_complaint() {
        let error = quiet(&mut command(&["sh", "-c", "echo oops >&2; exit 2"])).unwrap_err();
        let message = error.to_string();
        assert!(message.contains("sh -c") && message.contains("oops"), "{message}");
        assert_eq!(output(&mut command(&["echo", "a"])).unwrap(), b"a\n");
        assert!(is_there("sh") && !is_there("no-such-program"));
    }
}
