//! The program ld: links object files, archives, shared libraries and linker scripts.
//!
//! ```text
//! options: the command line ── libld: the link ── messages: what it says, in order
//! ```
#![forbid(unsafe_code)]

mod image;
mod messages;
mod options;
mod room;
mod usage;
mod verbose;

use std::ffi::OsString;
use std::num::NonZero;

use common::{ExitStatus, FAILURE, Output, SUCCESS, response};
use libld::diagnostics::Diagnostics;
use libld::options::Options;

use image::Image;
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

/// Links, and tells how it went.
fn link(options: &Options, out: &mut Output) -> ExitStatus {
    let mut said = Diagnostics::new();
    let threads = options.threads.map_or(0, NonZero::get);
    // This thread works with the others: in a small link, to hand work over and to wait for it would
    // take longer than to do it. It fails only where threads run already; the output does not depend
    // on their number.
    drop(rayon::ThreadPoolBuilder::new().num_threads(threads).use_current_thread().build_global());
    if options.report.verbose > 0 && !verbose::print(options, out) {
        return SUCCESS;
    }
    let mut image = Image::new(options);
    let linked = libld::link(options, &mut image, &mut said);
    out.put(&image.printed);
    messages::print(&said.take(), options, out);
    if linked.is_err() {
        image.abandon();
        // As for GNU's, errors that nobody hears are none.
        return if options.warnings.silent { SUCCESS } else { FAILURE };
    }
    if let Err(text) = image.outcome() {
        out.diagnose(format_args!("{text}"));
        return FAILURE;
    }
    SUCCESS
}
