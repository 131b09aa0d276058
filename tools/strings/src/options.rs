//! The command line.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use common::getopt::{self, Arg, Long, Takes};
use common::program::{Request, Wrong};
use common::targets::{SUPPORTED, Target};

/// The base of printed offsets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Radix {
    /// 8.
    Octal,
    /// 10.
    Decimal,
    /// 16.
    Hex,
}

/// How characters lie in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// ASCII.
    SevenBit,
    /// A byte each, all from 0x80 on among them.
    EightBit,
    /// Two or four bytes each, of which only ASCII is taken.
    Wide {
        /// The bytes of a character: 2 or 4.
        width: usize,
        /// Whether the first byte is the highest.
        is_big_endian: bool,
    },
}

/// What becomes of UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unicode {
    /// It is bytes, as the encoding says.
    Bytes,
    /// No part of a string.
    Invalid,
    /// Shown in the locale.
    Locale,
    /// Shown as its bytes: `<0xc3a9>`.
    Hex,
    /// Shown as its number: `\u00e9`.
    Escape,
    /// As `Escape`, and red on a terminal.
    Highlight,
}

/// A file to scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operand {
    /// Its path.
    pub path: OsString,
    /// Whether only the sections with data are scanned, if it is an object.
    pub only_data: bool,
}

/// All that the command line asks for.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many characters make a string, at least 1.
    pub min_length: usize,
    /// How characters lie in a file.
    pub encoding: Encoding,
    /// What becomes of UTF-8.
    pub unicode: Unicode,
    /// Whether all white space is part of strings, not blanks and tabs alone.
    pub takes_whitespace: bool,
    /// The base of the offset before each string, if one is printed.
    pub radix: Option<Radix>,
    /// Whether the file's name is printed before each string.
    pub prints_name: bool,
    /// What is printed after each string.
    pub separator: Vec<u8>,
    /// How objects are to be read.
    pub target: Target,
    /// The files, in order; none for standard input.
    pub files: Vec<Operand>,
}

const DEFAULT_MIN_LENGTH: u32 = 4;

const SHORT: &str = "0123456789adfhHn:wot:e:T:s:U:vV";
const LONG: [Long; 12] = [
    Long::new("all", Takes::Nothing, 'a'),
    Long::new("bytes", Takes::Value, 'n'),
    Long::new("data", Takes::Nothing, 'd'),
    Long::new("encoding", Takes::Value, 'e'),
    Long::new("help", Takes::Nothing, 'h'),
    Long::new("include-all-whitespace", Takes::Nothing, 'w'),
    Long::new("output-separator", Takes::Value, 's'),
    Long::new("print-file-name", Takes::Nothing, 'f'),
    Long::new("radix", Takes::Value, 't'),
    Long::new("target", Takes::Value, 'T'),
    Long::new("unicode", Takes::Value, 'U'),
    Long::new("version", Takes::Nothing, 'v'),
];

/// The command that a command line means.
pub fn parse(args: &[OsString]) -> Result<Request<Options>, Wrong> {
    let mut options = Options {
        min_length: 0,
        encoding: Encoding::SevenBit,
        unicode: Unicode::Bytes,
        takes_whitespace: false,
        radix: None,
        prints_name: false,
        separator: b"\n".to_vec(),
        target: Target::Any,
        files: Vec::new(),
    };
    let mut min_length = DEFAULT_MIN_LENGTH;
    let mut number = None;
    let mut only_data = false;
    let mut operands = Vec::new();
    for (at, arg) in getopt::parse_placed(args, SHORT, &LONG) {
        let (key, value) = match arg.map_err(Wrong::usage)? {
            Arg::Option(key, value) => (key, value.unwrap_or_default()),
            Arg::Operand(operand) => {
                operands.push(operand);
                continue;
            }
        };
        match key {
            'a' => only_data = false,
            'd' => only_data = true,
            'f' => options.prints_name = true,
            'n' => min_length = integer(value.as_bytes())?,
            'w' => options.takes_whitespace = true,
            'o' => options.radix = Some(Radix::Octal),
            't' => options.radix = Some(radix_named(value.as_bytes())?),
            'e' => options.encoding = encoding_named(value.as_bytes())?,
            'T' => options.target = Target::named(value.as_bytes()),
            's' => options.separator = value.as_bytes().to_vec(),
            'U' => options.unicode = unicode_named(value.as_bytes())?,
            'v' | 'V' => return Ok(Request::Version),
            'h' | 'H' => return Ok(Request::Help),
            // A digit. The number is what stands behind the dash, whatever that is.
            _ => number = args.get(at).and_then(|arg| arg.as_bytes().get(1..)),
        }
    }
    if let Some(number) = number {
        min_length = integer(number)?;
    }
    if min_length == 0 {
        return Err(Wrong::value(format!("invalid minimum string length {min_length}")));
    }
    options.min_length = min_length as usize;
    options.files = files(operands, only_data)?;
    Ok(Request::Run(options))
}

/// The files that operands name. A dash is none: it asks for the whole of all that follow.
fn files(operands: Vec<OsString>, mut only_data: bool) -> Result<Vec<Operand>, Wrong> {
    let has_dash_alone = !operands.is_empty() && operands.iter().all(|operand| is_dash(operand));
    if has_dash_alone {
        return Err(Wrong::usage(""));
    }
    let mut files = Vec::new();
    for path in operands {
        if is_dash(&path) {
            only_data = false;
        } else {
            files.push(Operand { path, only_data });
        }
    }
    Ok(files)
}

fn is_dash(operand: &OsStr) -> bool {
    operand.as_bytes() == b"-"
}

/// A number as C's strtoul(3) reads it in base 0, cut to 32 bits.
fn integer(text: &[u8]) -> Result<u32, Wrong> {
    let body = text.trim_ascii_start();
    let (is_negative, body) = match body {
        [b'-', body @ ..] => (true, body),
        [b'+', body @ ..] => (false, body),
        body => (false, body),
    };
    let (base, digits) = match body {
        [b'0', b'x' | b'X', digits @ ..] if digits.first().is_some_and(u8::is_ascii_hexdigit) => {
            (16, digits)
        }
        [b'0', ..] => (8, body),
        body => (10, body),
    };
    let mut value = Some(0u64);
    for &byte in digits {
        let Some(digit) = char::from(byte).to_digit(base) else {
            let text = String::from_utf8_lossy(text);
            return Err(Wrong::value(format!("invalid integer argument {text}")));
        };
        value = value
            .and_then(|value| value.checked_mul(u64::from(base)))
            .and_then(|value| value.checked_add(u64::from(digit)));
    }
    // What is too large is the largest, whatever its sign.
    let value = match value {
        Some(value) if is_negative => value.wrapping_neg(),
        Some(value) => value,
        None => u64::MAX,
    };
    Ok(value as u32)
}

fn radix_named(name: &[u8]) -> Result<Radix, Wrong> {
    match name {
        b"o" => Ok(Radix::Octal),
        b"d" => Ok(Radix::Decimal),
        b"x" => Ok(Radix::Hex),
        _ => Err(Wrong::usage("")),
    }
}

fn encoding_named(name: &[u8]) -> Result<Encoding, Wrong> {
    let wide = |width, is_big_endian| Ok(Encoding::Wide { width, is_big_endian });
    match name {
        b"s" => Ok(Encoding::SevenBit),
        b"S" => Ok(Encoding::EightBit),
        b"b" => wide(2, true),
        b"l" => wide(2, false),
        b"B" => wide(4, true),
        b"L" => wide(4, false),
        _ => Err(Wrong::usage("")),
    }
}

fn unicode_named(name: &[u8]) -> Result<Unicode, Wrong> {
    Ok(match name {
        b"d" | b"default" => Unicode::Bytes,
        b"i" | b"invalid" => Unicode::Invalid,
        b"l" | b"locale" => Unicode::Locale,
        b"x" | b"hex" => Unicode::Hex,
        b"e" | b"escape" => Unicode::Escape,
        b"h" | b"highlight" => Unicode::Highlight,
        _ => {
            let name = String::from_utf8_lossy(name);
            return Err(Wrong::value(format!("invalid argument to -U/--unicode: {name}")));
        }
    })
}

/// The usage.
pub fn usage(program: &str) -> String {
    format!(
        "\
Usage: {program} [option(s)] [file(s)]
 Display printable strings in [file(s)] (stdin by default)
 The options are:
  -a - --all                Scan the entire file, not just the data section [default]
  -d --data                 Only scan the data sections in the file
  -f --print-file-name      Print the name of the file before each string
  -n <number>               Locate & print any sequence of at least <number>
    --bytes=<number>         displayable characters.  (The default is 4).
  -t --radix={{o,d,x}}        Print the location of the string in base 8, 10 or 16
  -w --include-all-whitespace Include all whitespace as valid string characters
  -o                        An alias for --radix=o
  -T --target=<BFDNAME>     Specify the binary file format
  -e --encoding={{s,S,b,l,B,L}} Select character size and endianness:
                            s = 7-bit, S = 8-bit, {{b,l}} = 16-bit, {{B,L}} = 32-bit
  --unicode={{default|show|invalid|hex|escape|highlight}}
  -U {{d|s|i|x|e|h}}          Specify how to treat UTF-8 encoded unicode characters
  -s --output-separator=<string> String used to separate strings in output.
  @<file>                   Read options from <file>
  -h --help                 Display this information
  -v -V --version           Print the program's version number
{program}: supported targets: {}
",
        SUPPORTED.join(" ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(args: &[&str]) -> Result<Request<Options>, Wrong> {
        let args: Vec<OsString> = args.iter().map(Into::into).collect();
        parse(&args)
    }

    fn scan(args: &[&str]) -> Options {
        match run(args) {
            Ok(Request::Run(options)) => options,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn lengths_are_numbers_of_c() {
        for (args, length) in [
            (&["x"][..], 4),
            (&["-n", "0x1F"], 31),
            (&["-n010"], 8),
            (&["-n", " +7"], 7),
            (&["--bytes=4294967297"], 1),
            (&["-n", "-18446744073709551615"], 1),
            (&["-n", "99999999999999999999"], u32::MAX as usize),
            (&["-12"], 12),
            (&["-1", "-2", "x"], 2),
            (&["x", "-5"], 5),
            (&["-7", "-n", "9"], 7),
        ] {
            assert_eq!(scan(args).min_length, length, "{args:?}");
        }
        for args in [&["-n0"][..], &["-n", ""], &["-0"], &["-n", "4294967296"]] {
            let message = "invalid minimum string length 0".to_owned();
            assert_eq!(run(args).unwrap_err(), Wrong::value(message), "{args:?}");
        }
        for text in ["abc", "5x", "0x", "08", "3 "] {
            let message = format!("invalid integer argument {text}");
            assert_eq!(run(&["-n", text]).unwrap_err(), Wrong::value(message));
        }
        assert_eq!(scan(&["-n", "0", "-n", "5"]).min_length, 5);
    }

    #[test]
    fn a_dash_asks_for_the_whole_of_what_follows() {
        let files = scan(&["-d", "a", "-", "b"]).files;
        let only_data: Vec<_> = files.iter().map(|file| file.only_data).collect();
        assert_eq!(only_data, [true, false]);
        assert_eq!(run(&["-"]).unwrap_err(), Wrong::usage(""));
        assert!(scan(&["-d"]).files.is_empty());
    }

    #[test]
    fn names_must_be_known_whole() {
        assert_eq!(scan(&["--unicode=hex"]).unicode, Unicode::Hex);
        assert!(run(&["-Uxx"]).is_err_and(|wrong| matches!(wrong, Wrong::Value(_))));
        for args in [&["-txx"][..], &["-t", ""], &["-eq"], &["-ess"]] {
            assert_eq!(run(args).unwrap_err(), Wrong::usage(""), "{args:?}");
        }
    }

    #[test]
    fn the_first_question_is_answered() {
        assert!(matches!(run(&["-h", "-Q"]), Ok(Request::Help)));
        assert!(matches!(run(&["-n0", "-V", "-h"]), Ok(Request::Version)));
        assert!(run(&["-n", "abc", "-V"]).is_err());
    }
}
