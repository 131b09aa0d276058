//! The program nm: the symbols of object files.
//!
//! ```text
//! process: files and members ── object: symbols that are listed ── sort ── format: lines
//! ```
#![forbid(unsafe_code)]

mod format;
mod object;
mod options;
mod process;
mod sort;
mod text;

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;

use common::{ExitStatus, FAILURE, Output, SUCCESS};

use options::{Command, Options, Wrong};

/// What is listed if the command line names nothing.
const DEFAULT_FILE: &str = "a.out";

/// Runs the program: `program` is the name it was called by, `args` what follows it.
pub fn main(program: &str, args: Vec<OsString>) -> ExitStatus {
    let mut out = Output::process(program);
    let args = match common::response::expand(args) {
        Ok(args) => args,
        Err(message) => {
            out.diagnose(format_args!("{message}"));
            return FAILURE;
        }
    };
    match options::parse(&args) {
        Ok(Command::Version) => {
            common::version::print(&mut out, "nm");
            SUCCESS
        }
        Ok(Command::Help) => {
            out.put(options::usage(program).as_bytes());
            out.put(common::version::REPORT_BUGS.as_bytes());
            SUCCESS
        }
        Ok(Command::List(options)) => list(&mut out, &options),
        Err(Wrong::Usage(message)) => {
            out.diagnose(format_args!("{message}"));
            out.put_err(options::usage(program).as_bytes());
            FAILURE
        }
        Err(Wrong::Value(message)) => {
            out.diagnose_bytes(&common::input::shown(&message));
            FAILURE
        }
    }
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
