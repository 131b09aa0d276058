//! The command line.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;

use common::getopt::{self, Arg, Long, Takes};
use common::program::{Request, Wrong};
use common::targets::{SUPPORTED, Target};

/// What the table looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// A line for each file: text with read-only data, data, bss.
    Berkeley,
    /// A line for each section.
    SysV,
    /// A line for each file: text, data with read-only data, bss.
    Gnu,
}

/// The base of printed numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Radix {
    /// 8, with `0` in front.
    Octal,
    /// 10.
    Decimal,
    /// 16, with `0x` in front.
    Hex,
}

/// All that the command line asks for.
#[derive(Clone, Debug)]
pub struct Options {
    /// The look of the table.
    pub style: Style,
    /// The base of numbers.
    pub radix: Radix,
    /// Whether a line with the sums of all files ends the table.
    pub totals: bool,
    /// Whether common symbols count.
    pub common: bool,
    /// How files are to be read.
    pub target: Target,
    /// The files, in order.
    pub files: Vec<OsString>,
}

const COMMON: char = '\u{100}';
const FORMAT: char = '\u{101}';
const RADIX: char = '\u{102}';
const TARGET: char = '\u{103}';

const HELP: char = '\u{104}';

const SHORT: &str = "ABGHhVvdfotx";
const LONG: [Long; 7] = [
    Long::new("common", Takes::Nothing, COMMON),
    Long::new("format", Takes::Value, FORMAT),
    Long::new("radix", Takes::Value, RADIX),
    Long::new("target", Takes::Value, TARGET),
    Long::new("totals", Takes::Nothing, 't'),
    Long::new("version", Takes::Nothing, 'V'),
    Long::new("help", Takes::Nothing, HELP),
];

/// What a command line asks for; `-h` asks for the usage as if it were wrong.
pub fn parse(args: &[OsString]) -> Result<Request<Options>, Wrong> {
    let mut options = Options {
        style: Style::Berkeley,
        radix: Radix::Decimal,
        totals: false,
        common: false,
        target: Target::Any,
        files: Vec::new(),
    };
    let mut wants_version = false;
    let mut wants_help = false;
    for arg in getopt::parse(args, SHORT, &LONG) {
        let (key, value) = match arg.map_err(Wrong::usage)? {
            Arg::Option(key, value) => (key, value.unwrap_or_default()),
            Arg::Operand(file) => {
                options.files.push(file);
                continue;
            }
        };
        match key {
            'A' => options.style = Style::SysV,
            'B' => options.style = Style::Berkeley,
            'G' => options.style = Style::Gnu,
            'd' => options.radix = Radix::Decimal,
            'o' => options.radix = Radix::Octal,
            'x' => options.radix = Radix::Hex,
            't' => options.totals = true,
            COMMON => options.common = true,
            FORMAT => options.style = style_named(value.as_bytes()).map_err(Wrong::usage)?,
            RADIX => options.radix = radix_named(value.as_bytes()).map_err(Wrong::usage)?,
            TARGET => options.target = Target::named(value.as_bytes()),
            'v' | 'V' => wants_version = true,
            HELP => wants_help = true,
            'h' | 'H' => return Err(Wrong::usage("")),
            // `-f` selected a format that is the default now.
            _ => {}
        }
    }
    Ok(if wants_version {
        Request::Version
    } else if wants_help {
        Request::Help
    } else {
        Request::Run(options)
    })
}

/// A style by the first letter of its name.
fn style_named(name: &[u8]) -> Result<Style, String> {
    match name.first() {
        Some(b'B' | b'b') => Ok(Style::Berkeley),
        Some(b'S' | b's') => Ok(Style::SysV),
        Some(b'G' | b'g') => Ok(Style::Gnu),
        _ => Err(format!("invalid argument to --format: {}", String::from_utf8_lossy(name))),
    }
}

/// A base by the number that the text starts with.
fn radix_named(text: &[u8]) -> Result<Radix, String> {
    let text = text.trim_ascii_start();
    let digits = text.strip_prefix(b"+").unwrap_or(text);
    let number =
        digits.iter().take_while(|byte| byte.is_ascii_digit()).fold(0u32, |number, byte| {
            number.saturating_mul(10).saturating_add(u32::from(byte - b'0'))
        });
    match number {
        8 => Ok(Radix::Octal),
        10 => Ok(Radix::Decimal),
        16 => Ok(Radix::Hex),
        _ => Err(format!("Invalid radix: {}\n", String::from_utf8_lossy(text))),
    }
}

/// The usage, with the targets that GNU's size of a Debian system supports: scripts look there
/// for the formats that they need.
pub fn usage(program: &str) -> String {
    format!(
        "\
Usage: {program} [option(s)] [file(s)]
 Displays the sizes of sections inside binary files
 If no input file(s) are specified, a.out is assumed
 The options are:
  -A|-B|-G  --format={{sysv|berkeley|gnu}}  Select output style (default is berkeley)
  -o|-d|-x  --radix={{8|10|16}}         Display numbers in octal, decimal or hex
  -t        --totals                  Display the total sizes (Berkeley only)
  -f                                  Ignored.
            --common                  Display total size for *COM* syms
            --target=<bfdname>        Set the binary file format
            @<file>                   Read options from <file>
  -h|-H|-?  --help                    Display this information
  -v|-V     --version                 Display the program's version

{program}: supported targets: {}
",
        SUPPORTED.join(" ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measure(args: &[&str]) -> Options {
        let args: Vec<OsString> = args.iter().map(Into::into).collect();
        match parse(&args) {
            Ok(Request::Run(options)) => options,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_last_of_contrary_options_counts() {
        let options = measure(&["-A", "x", "--form=gxx", "-x", "--radix=8", "--tot"]);
        assert_eq!(options.style, Style::Gnu);
        assert_eq!(options.radix, Radix::Octal);
        assert!(options.totals);
        assert_eq!(options.files, ["x"]);
    }

    #[test]
    fn wrong_values_have_messages() {
        let error = |args: &[&str]| {
            let args: Vec<OsString> = args.iter().map(Into::into).collect();
            parse(&args).unwrap_err()
        };
        assert_eq!(error(&["--format=foo"]), Wrong::usage("invalid argument to --format: foo"));
        assert_eq!(error(&["--radix=0x10"]), Wrong::usage("Invalid radix: 0x10\n"));
        assert_eq!(
            error(&["--t"]),
            Wrong::usage("option '--t' is ambiguous; possibilities: '--target' '--totals'")
        );
    }
}
