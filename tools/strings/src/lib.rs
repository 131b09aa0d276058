//! The program strings: the printable text in files.
//!
//! A file is read in blocks and never kept: [`scan`] finds the strings of a stream of blocks, and
//! [`print`] prints each as it is found, so that memory does not depend on the size of the file or
//! of a string. Only for `-d`, which needs the section headers, a file is mapped.
#![forbid(unsafe_code)]

mod options;
mod print;
mod process;
mod scan;

use std::ffi::OsString;

use common::{ExitStatus, FAILURE, Output, SUCCESS};

use options::{Command, Options};

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
            common::version::print(&mut out, "strings");
            SUCCESS
        }
        Ok(Command::Help) => {
            let text = options::usage(program);
            out.put(text.as_bytes());
            out.put(common::version::REPORT_BUGS.as_bytes());
            SUCCESS
        }
        Ok(Command::Scan(options)) => scan_all(&mut out, &options),
        Err(wrong) => {
            if let Some(message) = wrong.message {
                out.diagnose_bytes(message.as_bytes());
            }
            if wrong.wants_usage {
                out.put_err(options::usage(program).as_bytes());
            }
            FAILURE
        }
    }
}

fn scan_all(out: &mut Output, options: &Options) -> ExitStatus {
    if options.files.is_empty() {
        process::standard_input(out, options);
        return SUCCESS;
    }
    let mut status = SUCCESS;
    for file in &options.files {
        if process::file(out, options, file).is_none() {
            status = FAILURE;
        }
    }
    status
}
