//! The text of `--version`, whose first line configure scripts read.

use crate::{BINUTILS_RELEASE, Output, out};

/// The last line of every `--help`.
pub const REPORT_BUGS: &str = "Report bugs to the developers of Elftoolchain in Rust.\n";

/// Prints the version of `program`: first the line of the GNU program that it stands for, with
/// the release whose behaviour it keeps, then who it really is.
pub fn print(out: &mut Output, program: &str) {
    out!(
        out,
        "GNU {program} compatible (Elftoolchain {}) {BINUTILS_RELEASE}\n\
         Copyright (C) 2026 The Elftoolchain in Rust developers\n\
         This program is free software under the 2-clause BSD license.\n\
         It comes without any warranty.\n",
        env!("CARGO_PKG_VERSION")
    );
}

/// Prints the version of a program that stands for no other.
pub fn print_own(out: &mut Output, program: &str) {
    out!(
        out,
        "{program} (Elftoolchain) {}\n\
         Copyright (C) 2026 The Elftoolchain in Rust developers\n\
         This program is free software under the 2-clause BSD license.\n\
         It comes without any warranty.\n",
        env!("CARGO_PKG_VERSION")
    );
}
