//! The command line.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;

use common::getopt::{self, Arg, Long, Takes};

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

/// How files are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// As what they are.
    Any,
    /// As one section of data.
    Binary,
    /// In a way that nobody knows.
    Unknown,
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

/// What to do.
#[derive(Clone, Debug)]
pub enum Command {
    /// Print the version.
    Version,
    /// Print the usage.
    Help,
    /// Measure files.
    Measure(Options),
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

/// The command that a command line means, or the message on what is wrong with it; an empty one
/// asks for the usage alone, as `-h` does.
pub fn parse(args: &[OsString]) -> Result<Command, String> {
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
        let (key, value) = match arg? {
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
            FORMAT => options.style = style_named(value.as_bytes())?,
            RADIX => options.radix = radix_named(value.as_bytes())?,
            TARGET => options.target = target_named(value.as_bytes()),
            'v' | 'V' => wants_version = true,
            HELP => wants_help = true,
            'h' | 'H' => return Err(String::new()),
            // `-f` selected a format that is the default now.
            _ => {}
        }
    }
    Ok(if wants_version {
        Command::Version
    } else if wants_help {
        Command::Help
    } else {
        Command::Measure(options)
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

/// A name of GNU's list of targets only steers what a file is tried as first; what is found in
/// the end is the same for all of them but `binary`.
fn target_named(name: &[u8]) -> Target {
    let name = str::from_utf8(name).unwrap_or_default();
    let is_triplet = || {
        let mut parts = name.split('-');
        parts.next().is_some_and(|cpu| TRIPLET_CPUS.contains(&cpu))
            && parts.any(|part| part == "linux")
    };
    if name == "binary" {
        Target::Binary
    } else if name == "default" || SUPPORTED_TARGETS.contains(&name) || is_triplet() {
        Target::Any
    } else {
        Target::Unknown
    }
}

/// The machines whose triplets stand for a target.
const TRIPLET_CPUS: &[&str] = &[
    "x86_64",
    "i386",
    "i486",
    "i586",
    "i686",
    "aarch64",
    "arm",
    "mips",
    "mipsel",
    "mips64",
    "mips64el",
    "powerpc",
    "powerpc64",
    "powerpc64le",
    "riscv32",
    "riscv64",
    "s390",
    "s390x",
    "sparc",
    "sparc64",
    "alpha",
    "hppa",
    "ia64",
    "m68k",
    "sh4",
];

const SUPPORTED_TARGETS: &[&str] = &[
    "elf64-x86-64",
    "elf32-i386",
    "elf32-iamcu",
    "elf32-x86-64",
    "pei-i386",
    "pe-x86-64",
    "pei-x86-64",
    "elf64-little",
    "elf64-big",
    "elf32-little",
    "elf32-big",
    "elf64-littleaarch64",
    "elf64-bigaarch64",
    "elf32-littleaarch64",
    "elf32-bigaarch64",
    "elf32-littlearm",
    "elf32-bigarm",
    "pei-aarch64-little",
    "pe-aarch64-little",
    "elf64-alpha",
    "ecoff-littlealpha",
    "elf32-littlearm-fdpic",
    "elf32-bigarm-fdpic",
    "elf32-hppa-linux",
    "elf32-hppa",
    "elf64-ia64-little",
    "elf64-ia64-big",
    "pei-ia64",
    "elf32-m32r-linux",
    "elf32-m32rle-linux",
    "elf32-m68k",
    "elf32-tradbigmips",
    "elf32-tradlittlemips",
    "ecoff-bigmips",
    "ecoff-littlemips",
    "elf32-ntradbigmips",
    "elf64-tradbigmips",
    "elf32-ntradlittlemips",
    "elf64-tradlittlemips",
    "elf32-powerpc",
    "aixcoff-rs6000",
    "elf32-powerpcle",
    "ppcboot",
    "elf64-powerpc",
    "elf64-powerpcle",
    "aixcoff64-rs6000",
    "aix5coff64-rs6000",
    "elf64-littleriscv",
    "elf32-littleriscv",
    "elf32-bigriscv",
    "elf64-bigriscv",
    "elf32-s390",
    "elf64-s390",
    "elf32-sh-linux",
    "elf32-shbig-linux",
    "elf32-sh-fdpic",
    "elf32-shbig-fdpic",
    "elf32-sparc",
    "elf64-sparc",
    "pe-bigobj-x86-64",
    "pe-i386",
    "pdb",
    "srec",
    "symbolsrec",
    "verilog",
    "tekhex",
    "binary",
    "ihex",
    "plugin",
];

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
        SUPPORTED_TARGETS.join(" ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measure(args: &[&str]) -> Options {
        let args: Vec<OsString> = args.iter().map(Into::into).collect();
        match parse(&args) {
            Ok(Command::Measure(options)) => options,
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
        assert_eq!(error(&["--format=foo"]), "invalid argument to --format: foo");
        assert_eq!(error(&["--radix=0x10"]), "Invalid radix: 0x10\n");
        assert_eq!(
            error(&["--t"]),
            "option '--t' is ambiguous; possibilities: '--target' '--totals'"
        );
    }

    #[test]
    fn targets_are_known_by_name() {
        assert_eq!(target_named(b"elf32-sparc"), Target::Any);
        assert_eq!(target_named(b"x86_64-linux-gnu"), Target::Any);
        assert_eq!(target_named(b"binary"), Target::Binary);
        assert_eq!(target_named(b"foo"), Target::Unknown);
    }
}
