//! The program size: how much memory the sections of object files take.
#![forbid(unsafe_code)]

mod format;
mod measure;
mod options;
mod process;

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;

use common::program::Program;
use common::{ExitStatus, Output, SUCCESS};

use options::Options;

/// What is measured if the command line names nothing.
const DEFAULT_FILE: &str = "a.out";

const PROGRAM: Program = Program::like_gnu("size", options::usage);

/// Runs the program: `called` is the name it was called by, `args` what follows it.
pub fn main(called: &str, args: Vec<OsString>) -> ExitStatus {
    PROGRAM.run(called, args, options::parse, |out, options| measure_all(out, &options))
}

fn measure_all(out: &mut Output, options: &Options) -> ExitStatus {
    let mut printer = format::Printer::new(options);
    let mut status = SUCCESS;
    let default = [OsString::from(DEFAULT_FILE)];
    let files = if options.files.is_empty() { &default[..] } else { &options.files };
    for file in files {
        // The last failure is the one reported.
        if let Err(failure) = process::file(out, options, &mut printer, file.as_bytes()) {
            status = failure;
        }
        if printer.has_ended() {
            break;
        }
    }
    printer.totals(out);
    status
}
