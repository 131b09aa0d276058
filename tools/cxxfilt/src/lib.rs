//! The program c++filt: mangled names to text.
#![forbid(unsafe_code)]

mod filter;
mod name;
mod options;

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;

use common::{ExitStatus, FAILURE, Output, SUCCESS};

use name::Printer;
use options::{Command, Job, Wrong};

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
            common::version::print(&mut out, "c++filt");
            SUCCESS
        }
        Ok(Command::Help) => {
            out.put(options::usage(program).as_bytes());
            out.put(common::version::REPORT_BUGS.as_bytes());
            SUCCESS
        }
        Ok(Command::Demangle(job)) => demangle(&mut out, &job),
        Err(Wrong::Option(message)) => {
            out.diagnose(format_args!("{message}"));
            out.put_err(options::usage(program).as_bytes());
            FAILURE
        }
        Err(Wrong::Style(message)) => {
            out.diagnose_bytes(&message);
            FAILURE
        }
    }
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
