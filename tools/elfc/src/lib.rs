//! The program elfc: ELF files from descriptions, and descriptions from ELF files.
#![forbid(unsafe_code)]

mod compile;
mod describe;
mod include;
mod options;
mod sparse;

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
    let options = match options::parse(&args) {
        Ok(options) => options,
        Err(message) => {
            out.diagnose(format_args!("{message}"));
            out.put_err(options::usage(program).as_bytes());
            return FAILURE;
        }
    };
    let result = match options.command {
        Command::Version => {
            out.put(VERSION.as_bytes());
            return SUCCESS;
        }
        Command::Help => {
            out.put(options::usage(program).as_bytes());
            out.put(common::version::REPORT_BUGS.as_bytes());
            return SUCCESS;
        }
        Command::Build => compile::run(&options, &mut out),
        Command::Describe => describe::run(&options),
    };
    match result {
        Ok(()) => SUCCESS,
        Err(message) => {
            if !message.is_empty() {
                out.diagnose(format_args!("{message}"));
            }
            FAILURE
        }
    }
}

/// What `--version` prints. There is no GNU program whose place this one takes.
const VERSION: &str = concat!(
    "elfc (Elftoolchain) ",
    env!("CARGO_PKG_VERSION"),
    "\nCopyright (C) 2026 The Elftoolchain in Rust developers\n",
    "This program is free software under the 2-clause BSD license.\n",
    "It comes without any warranty.\n",
);

/// The message for a file that cannot be read or written.
fn failed(path: &std::path::Path, error: &std::io::Error) -> String {
    format!("{}: {}", path.display(), common::output::system_message(error))
}

impl Options {
    /// Whether the result goes to standard output.
    fn is_to_stdout(&self) -> bool {
        match &self.output {
            Some(path) => path.as_os_str() == "-",
            None => self.command == Command::Describe,
        }
    }
}
