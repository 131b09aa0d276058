//! The program c++filt: mangled names to text.
#![forbid(unsafe_code)]

mod filter;
mod name;
mod options;

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;

use common::program::{Program, Request};
use common::{ExitStatus, FAILURE, Output, SUCCESS};

use name::Printer;
use options::Job;

const PROGRAM: Program = Program::like_gnu("c++filt", options::usage);

/// Runs the program: `called` is the name it was called by, `args` what follows it.
pub fn main(called: &str, args: Vec<OsString>) -> ExitStatus {
    PROGRAM.run(called, args, options::parse, |out, job| demangle(out, &job))
}

/// What the program prints for text on its standard input, with these options; `None` where it
/// would not read it.
pub fn filtered(options: &[OsString], mut text: &[u8]) -> Option<Vec<u8>> {
    let Ok(Request::Run(job)) = options::parse(options) else { return None };
    let mut out = Output::process("c++filt").recorder();
    filter::run(&mut out, &mut Printer::new(&job), &mut text);
    Some(out.recorded_text())
}

fn demangle(out: &mut Output, job: &Job) -> ExitStatus {
    let mut printer = Printer::new(job);
    if job.names.is_empty() {
        if printer.is_idle() {
            out.diagnose(format_args!("Internal error: no symbol alphabet for current style"));
            return FAILURE;
        }
        filter::run(out, &mut printer, &mut std::io::stdin().lock());
        return SUCCESS;
    }
    for name in &job.names {
        printer.print(name.as_bytes(), out.buf());
        out.buf().push(b'\n');
        out.relieve();
    }
    SUCCESS
}
