//! The program nm: the symbols of object files.
//!
//! ```text
//! process: files and members ── object: symbols that are listed ── sort ── format: lines
//! ```
#![forbid(unsafe_code)]

mod format;
mod lines;
mod lto;
mod object;
mod options;
mod process;
mod sort;
mod text;

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;

use common::program::Program;
use common::{ExitStatus, FAILURE, Output};

use options::Options;

/// What is listed if the command line names nothing.
const DEFAULT_FILE: &str = "a.out";

const PROGRAM: Program = Program::like_gnu("nm", options::usage);

/// Runs the program: `called` is the name it was called by, `args` what follows it.
pub fn main(called: &str, args: Vec<OsString>) -> ExitStatus {
    PROGRAM.run(called, args, options::parse, |out, options| list(out, &options))
}

/// Lists all files. The status is the number of those that cannot be listed.
fn list(out: &mut Output, options: &Options) -> ExitStatus {
    let default = [OsString::from(DEFAULT_FILE)];
    let files = if options.files.is_empty() { &default[..] } else { &options.files };
    let mut failures: ExitStatus = 0;
    for file in files {
        match process::file(out, options, file.as_bytes(), files.len() > 1) {
            process::End::Listed => {}
            process::End::Failed => failures = failures.wrapping_add(1),
            process::End::OfRun => return FAILURE,
        }
    }
    failures
}
