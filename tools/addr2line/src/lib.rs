//! The program addr2line: which function and line of source an address is of.
//!
//! ```text
//! process: addresses come in ─┬─ session: what is there ── print: lines of text
//!                             └─ many: the same for thousands at once
//! ```
#![forbid(unsafe_code)]

mod address;
mod faults;
mod many;
mod options;
mod print;
mod process;
mod session;
mod symbols;

use std::ffi::OsString;

use common::ExitStatus;
use common::program::Program;

const PROGRAM: Program = Program::like_gnu("addr2line", options::usage);

/// Runs the program: `called` is the name it was called by, `args` what follows it.
pub fn main(called: &str, args: Vec<OsString>) -> ExitStatus {
    PROGRAM.run(called, args, options::parse, |out, options| process::run(out, &options))
}
