//! The program elfc: ELF files from descriptions, and descriptions from ELF files.
#![forbid(unsafe_code)]

mod compile;
mod describe;
mod include;
mod options;
mod sparse;

use std::ffi::OsString;

use common::program::{Program, Wrong};
use common::{ExitStatus, FAILURE, Output, SUCCESS};

use options::{Command, Options};

const PROGRAM: Program = Program::own("elfc", options::usage);

/// Runs the program: `called` is the name it was called by, `args` what follows it.
pub fn main(called: &str, args: Vec<OsString>) -> ExitStatus {
    let parse = |args: &[OsString]| options::parse(args).map_err(Wrong::usage);
    PROGRAM.run(called, args, parse, |out, options| run(out, &options))
}

fn run(out: &mut Output, options: &Options) -> ExitStatus {
    let result = match options.command {
        Command::Build => compile::run(options, out),
        Command::Describe => describe::run(options),
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
