//! The program strings: the printable text in files.
#![forbid(unsafe_code)]

use std::ffi::OsString;

use common::{ExitStatus, FAILURE, Output};

/// Runs the program: `program` is the name it was called by, `args` what follows it.
pub fn main(program: &str, _args: Vec<OsString>) -> ExitStatus {
    let mut out = Output::process(program);
    out.diagnose(format_args!("not there yet"));
    FAILURE
}
