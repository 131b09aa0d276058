//! The program ld: links object files, archives, shared libraries and linker scripts.
//!
//! ```text
//! options: the command line ── libld: the link ── messages: what it says, in order
//! ```
#![forbid(unsafe_code)]

mod messages;
mod options;
mod usage;

use std::ffi::OsString;

use common::{ExitStatus, FAILURE, Output, SUCCESS, response};
use libld::diagnostics::Diagnostics;
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

fn link(options: &Options, out: &mut Output) -> ExitStatus {
    let mut said = Diagnostics::new();
    said.fatal("linking is not supported yet");
    let failed = said.failed(options.warnings.fatal);
    messages::print(&said.take(), options, out);
    if failed { FAILURE } else { SUCCESS }
}
