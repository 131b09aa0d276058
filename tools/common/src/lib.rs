//! What all programs share on the command line: options in GNU's grammar, `@file` arguments,
//! diagnostics in GNU's form, and buffered output that keeps the order of both streams.
#![forbid(unsafe_code)]

pub mod demangle;
pub mod format;
pub mod getopt;
pub mod getopt_long_only;
pub mod in_order;
pub mod input;
pub mod members;
pub mod notices;
pub mod objects;
pub mod output;
pub mod output_file;
pub mod program;
mod recent_names;
pub mod response;
pub mod targets;
pub mod unicode;
pub mod version;

pub use output::Output;

/// The release of GNU binutils whose behaviour the programs keep.
pub const BINUTILS_RELEASE: &str = "2.40";

/// How a program ends: the number handed to the system.
pub type ExitStatus = u8;

/// Success.
pub const SUCCESS: ExitStatus = 0;
/// The failure that most programs report.
pub const FAILURE: ExitStatus = 1;
