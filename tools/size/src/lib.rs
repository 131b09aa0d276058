//! The program size: how much memory the sections of object files take.
#![forbid(unsafe_code)]

mod format;
mod measure;
mod options;
mod process;

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;

use common::{ExitStatus, FAILURE, Output, SUCCESS};

use options::{Command, Options};

/// What is measured if the command line names nothing.
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
            common::version::print(&mut out, "size");
            SUCCESS
        }
        Ok(Command::Help) => {
            let text = options::usage(program);
            out.put(text.as_bytes());
            out.put(common::version::REPORT_BUGS.as_bytes());
            SUCCESS
        }
        Ok(Command::Measure(options)) => measure_all(&mut out, &options),
        Err(message) => {
            if !message.is_empty() {
                out.diagnose(format_args!("{message}"));
            }
            out.put_err(options::usage(program).as_bytes());
            FAILURE
        }
    }
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
