//! The program ld: links object files, archives, shared libraries and linker scripts.
#![forbid(unsafe_code)]

use std::ffi::OsString;

use common::{ExitStatus, FAILURE, Output};

/// Runs the program: `called` is the name it was called by, `args` what follows it.
pub fn main(called: &str, _args: Vec<OsString>) -> ExitStatus {
    let mut out = Output::process(called);
    out.diagnose(format_args!("linking is not supported yet"));
    FAILURE
}
