//! The command line.
//!
//! ```text
//! arguments ── emulation, sysroot: looked for first ── table: names to keys
//!           ── reader: keys to options, one after the other ── finish: what they are together
//! ```
//!
//! GNU ld works while it reads: what is wrong ends the run at once, after what was said before.

mod finish;
mod first;
mod key;
mod keywords;
mod map_file;
mod number;
mod reader;
mod table;
mod values;

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;

use common::getopt::Takes;
use common::getopt_long_only::{self, Letter, Part};
use common::{ExitStatus, Output};
use libld::options::Options;

use key::Key;
use reader::Reader;

/// What the environment says.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// `LDEMULATION`: the emulation if there is no `-m`.
    pub emulation: Option<OsString>,
    /// `GNUTARGET`: the format of inputs before any `-b`.
    pub target: Option<OsString>,
    /// Whether `COLLECT_NO_DEMANGLE` is set.
    pub no_demangle: bool,
    /// `LD_RUN_PATH`: what `-rpath` is if there is none.
    pub run_path: Option<OsString>,
    /// `LD_LIBRARY_PATH`: where libraries that libraries need are looked for, among other folders.
    pub library_path: Option<OsString>,
}

impl Environment {
    /// That of this process.
    pub fn of_process() -> Self {
        let var = std::env::var_os;
        Self {
            emulation: var("LDEMULATION"),
            target: var("GNUTARGET"),
            no_demangle: var("COLLECT_NO_DEMANGLE").is_some(),
            run_path: var("LD_RUN_PATH"),
            library_path: var("LD_LIBRARY_PATH"),
        }
    }
}

/// The run ends before anything is linked, with this status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End(pub ExitStatus);

/// What a command line asks for. What it has to say at once is printed to `out`.
///
/// # Errors
/// The end of the run: something is wrong, or only information was wanted.
pub fn parse(
    args: &[OsString],
    environment: &Environment,
    out: &mut Output,
) -> Result<Box<Options>, End> {
    let mut reader = Reader::new(out, environment);
    reader.options.emulation = first::emulation(args, environment, &mut reader)?;
    reader.options.inputs.sysroot = first::sysroot(args);
    for placed in getopt_long_only::parse(args, &table::GRAMMAR) {
        let Some(arg) = args.get(placed.at) else { continue };
        match placed.part {
            Part::Operand => reader.file(arg),
            Part::Option { key, value, letter } => {
                if let Some(letter) = letter {
                    group(letter, key, arg, &mut reader)?;
                }
                reader.option(key, value.as_deref().unwrap_or_default(), value.is_some())?;
            }
            Part::Unknown => return Err(unknown(arg, placed.at + 1 == args.len(), &mut reader)),
        }
    }
    finish::finish(reader, environment)
}

/// Several letters in one argument are an old habit, and likely mistyped long options.
fn group(letter: Letter, key: Key, arg: &OsString, reader: &mut Reader<'_>) -> Result<(), End> {
    let bytes = arg.as_bytes();
    if letter.this != letter.first {
        if letter.takes != Takes::Nothing {
            let message =
                [b"Error: unable to disambiguate: ", bytes, b" (did you mean -", bytes, b" ?)"];
            return Err(reader.fatal(&message.concat()));
        }
        let warning = b"Warning: grouped short command line options are deprecated: ";
        reader.say(&[&warning[..], bytes].concat());
    }
    if key == Key::Relocatable && letter.goes_on {
        return Err(reader.fatal(&[b"unrecognised option: ", bytes].concat()));
    }
    Ok(())
}

/// No option, or one without its argument.
fn unknown(arg: &OsString, is_last: bool, reader: &mut Reader<'_>) -> End {
    let bytes = arg.as_bytes();
    let is_missing =
        is_last && table::SAY_MISSING.iter().any(|spelling| spelling.as_bytes() == bytes);
    if is_missing {
        reader.say(&[bytes, b": missing argument"].concat());
    } else {
        reader.say(&[b"unrecognized option '", bytes, b"'"].concat());
    }
    reader.fatal(b"use the --help option for usage information")
}

#[cfg(test)]
mod tests;
