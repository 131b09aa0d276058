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

use common::program::Program;
use common::{ExitStatus, FAILURE, Output, SUCCESS};

use options::Options;

const PROGRAM: Program = Program::like_gnu("strings", options::usage);

/// Runs the program: `called` is the name it was called by, `args` what follows it.
pub fn main(called: &str, args: Vec<OsString>) -> ExitStatus {
    PROGRAM.run(called, args, options::parse, |out, options| scan_all(out, &options))
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
