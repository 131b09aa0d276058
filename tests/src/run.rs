//! Running one command to its end or its time limit, with both of its streams kept.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{MemfdFlags, memfd_create};
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use wait4::Wait4;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It ended by itself with this status.
    Status(i32),
    /// A signal ended it.
    Signal(i32),
    /// It was stopped at its time limit.
    Late,
}

impl std::fmt::Display for End {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Status(status) => write!(f, "exit status {status}"),
            Self::Signal(signal) => write!(f, "ended by signal {signal}"),
            Self::Late => f.write_str("stopped at its time limit"),
        }
    }
}

impl From<ExitStatus> for End {
    fn from(status: ExitStatus) -> Self {
        match status.code() {
            Some(code) => Self::Status(code),
            None => Self::Signal(status.signal().unwrap_or_default()),
        }
    }
}

/// What a command printed, and how it ended.
#[derive(Debug)]
pub struct Outcome {
    /// Standard output; with [`Streams::Merged`], standard error among it.
    pub stdout: Vec<u8>,
    /// Standard error.
    pub stderr: Vec<u8>,
    /// Its end.
    pub end: End,
    /// The most memory that it had at once, in bytes. It is at least what this process had when
    /// it started it, because the system counts from before the new program is loaded.
    pub peak_memory: u64,
}

impl PartialEq for Outcome {
    /// Whether both printed the same and ended alike; memory is another matter.
    fn eq(&self, other: &Self) -> bool {
        self.stdout == other.stdout && self.stderr == other.stderr && self.end == other.end
    }
}

/// Whether both streams are kept apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Streams {
    /// Each for itself.
    Apart,
    /// As on a terminal: both in one, which shows their order.
    Merged,
}

/// What is on a command's standard input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Nothing.
    Nothing,
    /// A file, by its path as seen from the folder that the command runs in.
    File(PathBuf),
    /// These bytes.
    Bytes(Vec<u8>),
}

/// A command to run.
#[derive(Clone, Debug)]
pub struct Job<'a> {
    /// The file to run.
    pub exe: &'a Path,
    /// What it is told that it was called by, so that messages agree.
    pub name: &'a str,
    /// Its arguments.
    pub args: &'a [OsString],
    /// What it reads from its standard input.
    pub input: Input,
    /// The folder it runs in.
    pub dir: &'a Path,
    /// Whether its streams are kept apart.
    pub streams: Streams,
    /// When it is stopped.
    pub limit: Duration,
    /// Whether it finds the plugins of GNU's programs: they are looked for beside the program, which
    /// is looked for in `PATH`.
    pub finds_plugins: bool,
}

/// Runs a command in the locale C.UTF-8 and in UTC.
///
/// # Errors
/// Where the system cannot run it at all.
pub fn run(job: &Job) -> Result<Outcome> {
    let mut stdout = memory_file("stdout")?;
    let mut stderr = memory_file("stderr")?;
    let errors_to = match job.streams {
        Streams::Apart => &stderr,
        Streams::Merged => &stdout,
    };
    let path = std::env::var_os("PATH").filter(|_| job.finds_plugins);
    let path = path.unwrap_or_else(|| "/nonexistent".into());
    let mut child = Command::new(job.exe)
        .arg0(job.name)
        .args(job.args)
        .current_dir(job.dir)
        .env_clear()
        .env("PATH", path)
        .env("LC_ALL", "C.UTF-8")
        .env("TZ", "UTC0")
        .env("RUST_BACKTRACE", "0")
        .stdin(job.input.open(job.dir)?)
        .stdout(stdout.try_clone()?)
        .stderr(errors_to.try_clone()?)
        .spawn()
        .with_context(|| format!("cannot run {}", job.exe.display()))?;
    let (end, peak_memory) = wait(&mut child, job.limit)?;
    Ok(Outcome { stdout: contents(&mut stdout)?, stderr: contents(&mut stderr)?, end, peak_memory })
}

impl Input {
    fn open(&self, dir: &Path) -> Result<Stdio> {
        Ok(match self {
            Self::Nothing => Stdio::null(),
            Self::File(path) => {
                let path = dir.join(path);
                File::open(&path).with_context(|| path.display().to_string())?.into()
            }
            Self::Bytes(bytes) => {
                let mut file = memory_file("stdin")?;
                file.write_all(bytes)?;
                file.rewind()?;
                file.into()
            }
        })
    }
}

/// A file without a name that lives in memory: unlike a pipe, it needs no thread that drains it.
fn memory_file(name: &str) -> Result<File> {
    Ok(File::from(memfd_create(name, MemfdFlags::CLOEXEC)?))
}

fn contents(file: &mut File) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Waits for a child until `limit`, and ends it then; gives its end and its most memory in bytes.
fn wait(child: &mut Child, limit: Duration) -> Result<(End, u64)> {
    let pid = Pid::from_child(child);
    let handle = pidfd_open(pid, PidfdFlags::empty())?;
    let deadline = Instant::now() + limit;
    let late = loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let left = Timespec::try_from(left)?;
        match poll(&mut [PollFd::new(&handle, PollFlags::IN)], Some(&left)) {
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
            Ok(0) => {
                child.kill()?;
                break true;
            }
            Ok(_) => break false,
        }
    };
    let used = child.wait4()?;
    let end = if late { End::Late } else { used.status.into() };
    Ok((end, used.rusage.maxrss))
}

/// Arguments as the system takes them.
pub fn args(words: &[impl AsRef<OsStr>]) -> Vec<OsString> {
    words.iter().map(|word| word.as_ref().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, streams: Streams, limit: Duration) -> Outcome {
        run(&Job {
            exe: Path::new("/bin/sh"),
            name: "shell",
            args: &args(&["-c", script]),
            input: Input::Bytes(b"read\n".to_vec()),
            dir: Path::new("/"),
            streams,
            limit,
            finds_plugins: true,
        })
        .unwrap()
    }

    #[test]
    fn streams_and_status_are_kept() {
        let limit = Duration::from_secs(10);
        let apart = shell("echo a; echo b >&2; echo c; exit 3", Streams::Apart, limit);
        assert_eq!(apart.stdout, b"a\nc\n");
        assert_eq!(apart.stderr, b"b\n");
        assert_eq!(apart.end, End::Status(3));
        let merged = shell("echo a; echo b >&2; echo c", Streams::Merged, limit);
        assert_eq!(merged.stdout, b"a\nb\nc\n");
        assert_eq!(shell("cat", Streams::Apart, limit).stdout, b"read\n");
        assert_eq!(shell("kill -9 $$", Streams::Apart, limit).end, End::Signal(9));
    }

    #[test]
    fn a_late_command_is_stopped() {
        let started = Instant::now();
        let late = shell("echo begun; exec sleep 30", Streams::Apart, Duration::from_millis(300));
        assert_eq!(late.end, End::Late);
        assert_eq!(late.stdout, b"begun\n");
        assert!(started.elapsed() < Duration::from_secs(20));
    }
}
