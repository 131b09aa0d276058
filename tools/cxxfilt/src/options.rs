//! The command line.

use std::ffi::OsString;

use common::demangle::{STYLES, Style, style_named};
use common::getopt::{self, Arg, Long, Takes};
use common::program::{Request, Wrong};
use libdemangle::{Limits, Options};

/// Which names, and how.
#[derive(Clone, Debug)]
pub struct Job {
    /// How names are demangled; `None` leaves all as they are.
    pub options: Option<Options>,
    /// Whether an underscore before a name is none of it.
    pub strips_underscore: bool,
    /// The names; those of the text on standard input if there are none.
    pub names: Vec<OsString>,
}

/// The long options that have short forms stand with these, those of one meaning with one key.
const SHORT: &str = "_hinprRs:tv";
const LONG: [Long; 13] = [
    Long::new("strip-underscore", Takes::Nothing, '_'),
    Long::new("strip-underscores", Takes::Nothing, '_'),
    Long::new("format", Takes::Value, 's'),
    Long::new("help", Takes::Nothing, 'h'),
    Long::new("no-params", Takes::Nothing, 'p'),
    Long::new("no-strip-underscores", Takes::Nothing, 'n'),
    Long::new("no-verbose", Takes::Nothing, 'i'),
    Long::new("types", Takes::Nothing, 't'),
    Long::new("version", Takes::Nothing, 'v'),
    Long::new("recurse-limit", Takes::Nothing, 'R'),
    Long::new("recursion-limit", Takes::Nothing, 'R'),
    Long::new("no-recurse-limit", Takes::Nothing, 'r'),
    Long::new("no-recursion-limit", Takes::Nothing, 'r'),
];

/// The command that a command line means.
pub fn parse(args: &[OsString]) -> Result<Request<Job>, Wrong> {
    let mut options = Options::CXXFILT;
    let mut style = Some(Style::Auto);
    let mut job = Job { options: None, strips_underscore: false, names: Vec::new() };
    for arg in getopt::parse(args, SHORT, &LONG) {
        let (key, value) = match arg.map_err(Wrong::usage)? {
            Arg::Option(key, value) => (key, value),
            Arg::Operand(name) => {
                job.names.push(name);
                continue;
            }
        };
        match key {
            '_' => job.strips_underscore = true,
            'n' => job.strips_underscore = false,
            'p' => options.parameters = false,
            'i' => options.verbose = false,
            't' => options.types = true,
            'R' => options.limits = Limits::GNU,
            'r' => options.limits = Limits::DEFAULT,
            's' => style = style_named(value.as_deref()).map_err(Wrong::Value)?,
            'h' => return Ok(Request::Help),
            // What is left is -v.
            _ => return Ok(Request::Version),
        }
    }
    job.options = style.map(|style| Options { style, ..options });
    Ok(Request::Run(job))
}

/// The text of `--help`.
pub fn usage(program: &str) -> String {
    let styles = STYLES.map(|(name, _)| name).join(",");
    format!(
        "Usage: {program} [options] [mangled names]
Options are:
  [-_|--strip-underscore]     Ignore first leading underscore
  [-n|--no-strip-underscore]  Do not ignore a leading underscore (default)
  [-p|--no-params]            Do not display function arguments
  [-i|--no-verbose]           Do not show implementation details (if any)
  [-R|--recurse-limit]        Enable a limit on recursion whilst demangling.  [Default]
  ]-r|--no-recurse-limit]     Disable a limit on recursion whilst demangling
  [-t|--types]                Also attempt to demangle type encodings
  [-s|--format {{{styles}}}]
  [@<file>]                   Read extra options from <file>
  [-h|--help]                 Display this information
  [-v|--version]              Show the version information
Demangled names are displayed to stdout.
If a name cannot be demangled it is just echoed to stdout.
If no names are provided on the command line, stdin is read.
"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(args: &[&str]) -> Job {
        let args: Vec<OsString> = args.iter().map(Into::into).collect();
        match parse(&args) {
            Ok(Request::Run(job)) => job,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_last_of_two_options_holds() {
        let found = job(&["-n_", "-rR", "-sjava", "--format=rust", "-ipt", "x", "-_n"]);
        assert!(!found.strips_underscore);
        assert_eq!(found.names, ["x"]);
        let wanted = Options {
            style: Style::Rust,
            parameters: false,
            verbose: false,
            types: true,
            ..Options::CXXFILT
        };
        assert_eq!(found.options, Some(wanted));
        assert_eq!(job(&["--no-recurse"]).options.map(|o| o.limits), Some(Limits::DEFAULT));
        assert_eq!(job(&["-s", "none"]).options, None);
    }

    #[test]
    fn what_is_wrong_is_told_in_order() {
        let parse = |args: &[&str]| parse(&args.iter().map(Into::into).collect::<Vec<_>>());
        let message = b"unknown demangling style `x'".to_vec();
        assert_eq!(parse(&["-s", "x", "-q"]).err(), Some(Wrong::Value(message)));
        let message = "invalid option -- 'q'".to_owned();
        assert_eq!(parse(&["-q", "-v"]).err(), Some(Wrong::usage(message)));
        assert!(matches!(parse(&["-v", "-q"]), Ok(Request::Version)));
    }
}
