//! The program readelf.
#![forbid(unsafe_code)]

use std::ffi::OsString;

use common::ExitStatus;

/// Runs the program: `program` is the name it was called by, `args` what follows it.
pub fn main(_program: &str, _args: Vec<OsString>) -> ExitStatus {
    common::FAILURE
}
