//! The way of every program from its arguments to its work: `@file` arguments are expanded, the
//! command line is parsed, and what is wrong with it or asks for help is answered.
//!
//! ```no_run
//! use common::program::{Program, Request, Wrong};
//! const PROGRAM: Program =
//!     Program::like_gnu("true", |called| format!("Usage: {called} [option(s)]\n"));
//! PROGRAM.run(
//!     "true",
//!     vec!["--help".into()],
//!     |args| match args {
//!         [] => Ok(Request::Run(())),
//!         [help] if help == "--help" => Ok(Request::Help),
//!         _ => Err(Wrong::usage("no arguments are wanted")),
//!     },
//!     |_out, ()| common::SUCCESS,
//! );
//! ```

use std::ffi::OsString;

use crate::{ExitStatus, FAILURE, Output, SUCCESS, response, version};

/// What a command line asks for: `J` says what to do and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request<J> {
    /// Print the version.
    Version,
    /// Print the usage.
    Help,
    /// Do the program's work.
    Run(J),
}

/// What is wrong with a command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It breaks the grammar: the usage follows the message; an empty one is not printed.
    Usage(Vec<u8>),
    /// A value means nothing.
    Value(Vec<u8>),
}

impl Wrong {
    /// A message, fit for a terminal, that the usage follows.
    pub fn usage(message: impl Into<Vec<u8>>) -> Self {
        Self::Usage(message.into())
    }

    /// A message, fit for a terminal, that stands alone.
    pub fn value(message: impl Into<Vec<u8>>) -> Self {
        Self::Value(message.into())
    }
}

/// What is the same in every run of a program.
#[derive(Clone, Copy, Debug)]
pub struct Program {
    name: &'static str,
    /// The text of `--help`, given the name that the program was called by.
    usage: fn(&str) -> String,
    version: fn(&mut Output, &str),
}

impl Program {
    /// A program that takes the place of GNU's of that name.
    pub const fn like_gnu(name: &'static str, usage: fn(&str) -> String) -> Self {
        Self { name, usage, version: version::print }
    }

    /// A program that stands for no other.
    pub const fn own(name: &'static str, usage: fn(&str) -> String) -> Self {
        Self { name, usage, version: version::print_own }
    }

    /// Runs the program: `called` is the name it was called by, `args` what follows it.
    pub fn run<J>(
        &self,
        called: &str,
        args: Vec<OsString>,
        parse: impl FnOnce(&[OsString]) -> Result<Request<J>, Wrong>,
        work: impl FnOnce(&mut Output, J) -> ExitStatus,
    ) -> ExitStatus {
        let mut out = Output::process(called);
        let args = match response::expand(args) {
            Ok(args) => args,
            Err(message) => {
                out.diagnose(format_args!("{message}"));
                return FAILURE;
            }
        };
        match parse(&args) {
            Ok(Request::Run(job)) => work(&mut out, job),
            Ok(Request::Version) => {
                (self.version)(&mut out, self.name);
                SUCCESS
            }
            Ok(Request::Help) => {
                out.put((self.usage)(called).as_bytes());
                out.put(version::REPORT_BUGS.as_bytes());
                SUCCESS
            }
            Err(Wrong::Usage(message)) => {
                if !message.is_empty() {
                    out.diagnose_bytes(&message);
                }
                out.put_err((self.usage)(called).as_bytes());
                FAILURE
            }
            Err(Wrong::Value(message)) => {
                out.diagnose_bytes(&message);
                FAILURE
            }
        }
    }
}
