//! The program ld: links object files, archives, shared libraries and linker scripts.
//!
//! ```text
//! options: the command line ── libld: the link ── diagnostics, printed in order
//! ```
#![forbid(unsafe_code)]

mod options;
mod usage;

use std::ffi::OsString;

use common::{ExitStatus, FAILURE, Output, response};
use libld::options::Options;

use options::{End, Environment};

/// Runs the program: `called` is the name it was called by, `args` what follows it.
pub fn main(called: &str, args: Vec<OsString>) -> ExitStatus {
    let mut out = Output::process(called);
    let status = match response::expand(args) {
        Ok(args) => match options::parse(&args, &Environment::of_process(), &mut out) {
            Ok(options) => link(&options, &mut out),
            Err(End(status)) => status,
        },
        Err(message) => {
            out.diagnose(format_args!("{message}"));
            FAILURE
        }
    };
    out.flush();
    status
}

fn link(_options: &Options, out: &mut Output) -> ExitStatus {
    out.diagnose(format_args!("linking is not supported yet"));
    FAILURE
}
