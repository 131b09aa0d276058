//! The command line.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use common::demangle::{self, Style as Mangling};
use common::getopt::{self, Arg, Long, Takes};
use common::input::shown;
use common::program::{Request, Wrong};
use common::targets::{SUPPORTED, Target};

/// The file that is read if the command line names none.
const DEFAULT_FILE: &str = "a.out";

/// All that the command line asks for.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whether addresses are printed before what is there.
    pub addresses: bool,
    /// Whether names of functions are printed.
    pub functions: bool,
    /// Whether functions are printed that another was inlined in.
    pub inlines: bool,
    /// Whether all of a place stands in one line.
    pub pretty: bool,
    /// Whether folders are left out.
    pub basenames: bool,
    /// How names are demangled, if they are.
    pub demangle: Option<Mangling>,
    /// Whether demangling has GNU's limits.
    pub recurse_limit: bool,
    /// How the file is to be read.
    pub target: Target,
    /// The section that addresses are offsets in.
    pub section: Option<OsString>,
    /// The file.
    pub file: OsString,
    /// The addresses; if there are none, they are read from standard input.
    pub given: Vec<OsString>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            addresses: false,
            functions: false,
            inlines: false,
            pretty: false,
            basenames: false,
            demangle: None,
            recurse_limit: true,
            target: Target::Any,
            section: None,
            file: DEFAULT_FILE.into(),
            given: Vec::new(),
        }
    }
}

const DEMANGLE: char = '\u{100}';

const SHORT: &str = "ab:Ce:fhHij:prRsvV";
const LONG: [Long; 15] = [
    Long::new("addresses", Takes::Nothing, 'a'),
    Long::new("basenames", Takes::Nothing, 's'),
    Long::new("demangle", Takes::Optional, DEMANGLE),
    Long::new("exe", Takes::Value, 'e'),
    Long::new("functions", Takes::Nothing, 'f'),
    Long::new("inlines", Takes::Nothing, 'i'),
    Long::new("pretty-print", Takes::Nothing, 'p'),
    Long::new("recurse-limit", Takes::Nothing, 'R'),
    Long::new("recursion-limit", Takes::Nothing, 'R'),
    Long::new("no-recurse-limit", Takes::Nothing, 'r'),
    Long::new("no-recursion-limit", Takes::Nothing, 'r'),
    Long::new("section", Takes::Value, 'j'),
    Long::new("target", Takes::Value, 'b'),
    Long::new("help", Takes::Nothing, 'h'),
    Long::new("version", Takes::Nothing, 'V'),
];

/// The command that a command line means.
pub fn parse(args: &[OsString]) -> Result<Request<Box<Options>>, Wrong> {
    let mut options = Box::new(Options::default());
    for arg in getopt::parse(args, SHORT, &LONG) {
        match arg.map_err(Wrong::usage)? {
            Arg::Operand(address) => options.given.push(address),
            Arg::Option('v' | 'V', _) => return Ok(Request::Version),
            Arg::Option('h' | 'H', _) => return Ok(Request::Help),
            Arg::Option(key, value) => {
                let set = options.set(key, value.as_deref());
                set.map_err(|message| Wrong::Value(shown(&message)))?;
            }
        }
    }
    Ok(Request::Run(options))
}

impl Options {
    fn set(&mut self, key: char, value: Option<&OsStr>) -> Result<(), Vec<u8>> {
        match key {
            'a' => self.addresses = true,
            'b' => self.target = Target::named(value.unwrap_or_default().as_bytes()),
            'C' => self.demangle = Some(Mangling::Auto),
            DEMANGLE => self.demangle = demangle::style_named(value)?,
            'e' => self.file = value.unwrap_or_default().to_os_string(),
            'f' => self.functions = true,
            'i' => self.inlines = true,
            'j' => self.section = value.map(OsStr::to_os_string),
            'p' => self.pretty = true,
            'r' => self.recurse_limit = false,
            'R' => self.recurse_limit = true,
            's' => self.basenames = true,
            _ => {}
        }
        Ok(())
    }
}

/// The usage, with the targets that GNU's programs support.
pub fn usage(program: &str) -> String {
    format!(include_str!("usage.txt"), program = program, targets = SUPPORTED.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(args: &[&str]) -> Result<Request<Box<Options>>, Wrong> {
        let args: Vec<OsString> = args.iter().map(Into::into).collect();
        parse(&args)
    }

    #[test]
    fn addresses_stand_between_options() {
        let Ok(Request::Run(options)) = parsed(&["-afe", "x", "12", "-ip", "--basename", "13"])
        else {
            panic!()
        };
        assert_eq!(options.file, "x");
        assert_eq!(options.given, ["12", "13"]);
        assert!(options.addresses && options.functions && options.inlines && options.pretty);
        assert!(options.basenames && options.demangle.is_none());
    }

    #[test]
    fn styles_are_given_to_the_long_option_alone() {
        assert_eq!(parsed(&["-Cgnu-v3"]).unwrap_err(), Wrong::usage("invalid option -- 'g'"));
        assert_eq!(
            parsed(&["--demangle=foo"]).unwrap_err(),
            Wrong::value("unknown demangling style `foo'")
        );
        let Ok(Request::Run(options)) = parsed(&["--dem", "-C", "--dem=none"]) else { panic!() };
        assert!(options.demangle.is_none());
        assert_eq!(options.file, DEFAULT_FILE);
    }
}
