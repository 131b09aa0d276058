//! Runs one command and prints what it took: wall time, time of its own and the system's on the
//! processor, in microseconds, its most memory in kilobytes, and its exit status.
//!
//! It is a program of its own, and small, because the system counts a child's most memory from
//! what its parent had when it started it. Output goes to nowhere.
#![forbid(unsafe_code)]

use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use wait4::Wait4;

fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1);
    let Some(program) = words.next() else { return ExitCode::FAILURE };
    let mut command = Command::new(program);
    command.args(words).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let started = Instant::now();
    let Ok(used) = command.spawn().and_then(|mut child| child.wait4()) else {
        return ExitCode::FAILURE;
    };
    let wall = started.elapsed().as_micros();
    let usage = used.rusage;
    let (user, system) = (usage.utime.as_micros(), usage.stime.as_micros());
    let status = used.status.code().unwrap_or(-1);
    println!("{wall} {user} {system} {} {status}", usage.maxrss >> 10);
    ExitCode::SUCCESS
}
