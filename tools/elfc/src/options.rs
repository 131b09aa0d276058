//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use common::getopt::{self, Arg, Long, Takes};
use common::program::Request;

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Make a file from descriptions.
    Build,
    /// Describe a file.
    Describe,
}

/// All that the command line asks for.
#[derive(Clone, Debug)]
pub struct Options {
    /// What to do.
    pub command: Command,
    /// Where the result goes; `-` is standard output.
    pub output: Option<PathBuf>,
    /// Constants: `NAME=VALUE`.
    pub defines: Vec<String>,
    /// Folders in which included files are looked for.
    pub folders: Vec<PathBuf>,
    /// Bytes of memory that a description may expand to.
    pub limit: Option<u64>,
    /// Whether warnings are printed.
    pub warnings: bool,
    /// The files, in order.
    pub files: Vec<PathBuf>,
}

const DESCRIBE: char = '\u{100}';
const LIMIT: char = '\u{102}';
const HELP: char = '\u{101}';

const SHORT: &str = "o:D:I:whvV";
const LONG: [Long; 8] = [
    Long::new("describe", Takes::Nothing, DESCRIBE),
    Long::new("output", Takes::Value, 'o'),
    Long::new("define", Takes::Value, 'D'),
    Long::new("include", Takes::Value, 'I'),
    Long::new("limit", Takes::Value, LIMIT),
    Long::new("no-warnings", Takes::Nothing, 'w'),
    Long::new("help", Takes::Nothing, HELP),
    Long::new("version", Takes::Nothing, 'V'),
];

/// What a command line asks for, or the message on what is wrong with it.
pub fn parse(args: &[OsString]) -> Result<Request<Options>, String> {
    let mut help = None;
    let mut options = Options {
        command: Command::Build,
        output: None,
        defines: Vec::new(),
        folders: Vec::new(),
        limit: None,
        warnings: true,
        files: Vec::new(),
    };
    for arg in getopt::parse(args, SHORT, &LONG) {
        let (key, value) = match arg? {
            Arg::Option(key, value) => (key, value.unwrap_or_default()),
            Arg::Operand(file) => {
                options.files.push(file.into());
                continue;
            }
        };
        match key {
            'o' => options.output = Some(value.into()),
            'D' => options.defines.push(value.to_string_lossy().into_owned()),
            'I' => options.folders.push(value.into()),
            LIMIT => options.limit = Some(limit(&value.to_string_lossy())?),
            'w' => options.warnings = false,
            DESCRIBE => options.command = Command::Describe,
            'v' | 'V' => help = Some(Request::Version),
            'h' | HELP => help = Some(Request::Help),
            _ => {}
        }
    }
    if let Some(help) = help {
        return Ok(help);
    }
    match (options.command, options.files.as_slice()) {
        (_, []) => Err("no input files".to_owned()),
        (Command::Describe, [_, _, ..]) => Err("one file is described at a time".to_owned()),
        _ => Ok(Request::Run(options)),
    }
}

/// The number of bytes that `--limit` says.
fn limit(text: &str) -> Result<u64, String> {
    let bytes = libpeg::notation::integer(text).and_then(|bytes| u64::try_from(bytes).ok());
    bytes.ok_or_else(|| format!("`{text}` is no number of bytes such as 1G"))
}

/// The text of `--help`.
pub fn usage(program: &str) -> String {
    format!(
        "Usage: {program} [option(s)] description(s)
       {program} --describe [option(s)] file
 Make an ELF file or an archive from descriptions, or describe one
 The options are:
  -o FILE --output=FILE       Write to FILE, - for standard output
  -D NAME=VALUE --define=...  Define a constant
  -I DIR --include=DIR        Look for included files in DIR too
     --limit=SIZE             Let a description expand to SIZE bytes, such as 1G
  -w --no-warnings            Do not warn of what the standard forbids
     --describe               Print the description of a file
  -h --help                   Print this text
  -V --version                Print the version
"
    )
}
