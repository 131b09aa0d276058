//! The command line.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use common::demangle::{self, Style as Mangling};
use common::getopt::{self, Arg, Long, Takes};
use common::input::shown;
use common::program::{Request, Wrong};
use common::targets::{SUPPORTED, Target};

use crate::text::Unicode;

/// What a line looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Value, class, name.
    Bsd,
    /// A table with columns for all that is known.
    SysV,
    /// Name, class, value, size.
    Posix,
    /// The name.
    JustSymbols,
}

/// The base of printed numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Radix {
    /// 8.
    Octal,
    /// 10, with a sign.
    Decimal,
    /// 16.
    Hex,
}

/// The order of symbols.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// As they stand in the file.
    File,
    /// By name, byte for byte.
    Name,
    /// Undefined ones first, then by value.
    Value,
    /// By size; those without a size are left out.
    Size,
}

/// All that the command line asks for.
#[derive(Clone, Debug)]
pub struct Options {
    /// The look of lines.
    pub format: Format,
    /// The base of numbers.
    pub radix: Radix,
    /// The order of symbols.
    pub order: Order,
    /// Whether that order is turned around.
    pub reverse: bool,
    /// Whether sections and source files are listed, too.
    pub debug_syms: bool,
    /// Whether the dynamic symbols are listed, not the others.
    pub dynamic: bool,
    /// Whether symbols that linkers make up for procedure linkage are listed, too.
    pub synthetic: bool,
    /// Whether marks for tools are listed, too.
    pub special_syms: bool,
    /// Whether only symbols that other files see are listed.
    pub extern_only: bool,
    /// Whether only undefined symbols are listed.
    pub undefined_only: bool,
    /// Whether only defined symbols are listed.
    pub defined_only: bool,
    /// Whether weak symbols are left out.
    pub no_weak: bool,
    /// Whether each line starts with the name of its file.
    pub print_file_name: bool,
    /// Whether lines have sizes in a format where they are left out else.
    pub print_size: bool,
    /// Whether the symbol index of archives is printed.
    pub print_armap: bool,
    /// Whether names are printed with their versions.
    pub versions: bool,
    /// Whether source lines are asked for.
    pub line_numbers: bool,
    /// Whether nothing is said of files without symbols.
    pub quiet: bool,
    /// How names are demangled, if they are.
    pub demangle: Option<Mangling>,
    /// Whether demangling has GNU's limits.
    pub recurse_limit: bool,
    /// How characters beyond ASCII are printed.
    pub unicode: Unicode,
    /// The letters of global and local symbols of type `STT_GNU_IFUNC`.
    pub ifunc_letters: [u8; 2],
    /// How files are to be read.
    pub target: Target,
    /// Whether the command line says that files are none of compilers' own: with a target that is
    /// not the one of plugins, ELF objects with such symbols as well are listed as ELF objects.
    pub is_elf: bool,
    /// The files, in order.
    pub files: Vec<OsString>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            format: Format::Bsd,
            radix: Radix::Hex,
            order: Order::Name,
            reverse: false,
            debug_syms: false,
            dynamic: false,
            synthetic: false,
            special_syms: false,
            extern_only: false,
            undefined_only: false,
            defined_only: false,
            no_weak: false,
            print_file_name: false,
            print_size: false,
            print_armap: false,
            versions: true,
            line_numbers: false,
            quiet: false,
            demangle: None,
            recurse_limit: true,
            unicode: Unicode::Default,
            ifunc_letters: *b"ii",
            target: Target::Any,
            is_elf: false,
            files: Vec::new(),
        }
    }
}

const NO_DEMANGLE: char = '\u{100}';
const RECURSE_LIMIT: char = '\u{101}';
const NO_RECURSE_LIMIT: char = '\u{102}';
const IFUNC_CHARS: char = '\u{103}';
const PLUGIN: char = '\u{104}';
const QUIET: char = '\u{105}';
const SIZE_SORT: char = '\u{106}';
const SPECIAL_SYMS: char = '\u{107}';
const SYNTHETIC: char = '\u{108}';
const TARGET: char = '\u{109}';
const DEFINED_ONLY: char = '\u{10a}';
const UNICODE: char = '\u{10b}';
const VERSIONS: char = '\u{10c}';
const NO_VERSIONS: char = '\u{10d}';
const DEMANGLE: char = '\u{10e}';

/// `-U` takes a value, which is not looked at.
const SHORT: &str = "aABCDef:ghHjlnopPrSst:uU:vVWX:";
const LONG: [Long; 36] = [
    Long::new("debug-syms", Takes::Nothing, 'a'),
    Long::new("demangle", Takes::Optional, DEMANGLE),
    Long::new("dynamic", Takes::Nothing, 'D'),
    Long::new("extern-only", Takes::Nothing, 'g'),
    Long::new("format", Takes::Value, 'f'),
    Long::new("help", Takes::Nothing, 'h'),
    Long::new("ifunc-chars", Takes::Value, IFUNC_CHARS),
    Long::new("just-symbols", Takes::Nothing, 'j'),
    Long::new("line-numbers", Takes::Nothing, 'l'),
    Long::new("no-cplus", Takes::Nothing, NO_DEMANGLE),
    Long::new("no-demangle", Takes::Nothing, NO_DEMANGLE),
    Long::new("no-recurse-limit", Takes::Nothing, NO_RECURSE_LIMIT),
    Long::new("no-recursion-limit", Takes::Nothing, NO_RECURSE_LIMIT),
    Long::new("no-sort", Takes::Nothing, 'p'),
    Long::new("numeric-sort", Takes::Nothing, 'n'),
    Long::new("no-weak", Takes::Nothing, 'W'),
    Long::new("plugin", Takes::Value, PLUGIN),
    Long::new("portability", Takes::Nothing, 'P'),
    Long::new("print-armap", Takes::Nothing, 's'),
    Long::new("print-file-name", Takes::Nothing, 'o'),
    Long::new("print-size", Takes::Nothing, 'S'),
    Long::new("quiet", Takes::Nothing, QUIET),
    Long::new("radix", Takes::Value, 't'),
    Long::new("recurse-limit", Takes::Nothing, RECURSE_LIMIT),
    Long::new("recursion-limit", Takes::Nothing, RECURSE_LIMIT),
    Long::new("reverse-sort", Takes::Nothing, 'r'),
    Long::new("size-sort", Takes::Nothing, SIZE_SORT),
    Long::new("special-syms", Takes::Nothing, SPECIAL_SYMS),
    Long::new("synthetic", Takes::Nothing, SYNTHETIC),
    Long::new("target", Takes::Value, TARGET),
    Long::new("defined-only", Takes::Nothing, DEFINED_ONLY),
    Long::new("undefined-only", Takes::Nothing, 'u'),
    Long::new("unicode", Takes::Value, UNICODE),
    Long::new("version", Takes::Nothing, 'V'),
    Long::new("with-symbol-versions", Takes::Nothing, VERSIONS),
    Long::new("without-symbol-versions", Takes::Nothing, NO_VERSIONS),
];

/// The command that a command line means.
pub fn parse(args: &[OsString]) -> Result<Request<Box<Options>>, Wrong> {
    let mut options = Box::new(Options::default());
    for arg in getopt::parse(args, SHORT, &LONG) {
        match arg.map_err(Wrong::usage)? {
            Arg::Operand(file) => options.files.push(file),
            Arg::Option('V', _) => return Ok(Request::Version),
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
        let text = value.map(OsStr::as_bytes).unwrap_or_default();
        match key {
            'a' => self.debug_syms = true,
            'A' | 'o' => self.print_file_name = true,
            'B' => self.format = Format::Bsd,
            'P' => self.format = Format::Posix,
            'j' => self.format = Format::JustSymbols,
            'f' => self.format = format_named(text)?,
            'C' => self.demangle = Some(Mangling::Auto),
            DEMANGLE => self.demangle = demangle::style_named(value)?,
            NO_DEMANGLE => self.demangle = None,
            RECURSE_LIMIT => self.recurse_limit = true,
            NO_RECURSE_LIMIT => self.recurse_limit = false,
            'D' => self.dynamic = true,
            'g' => self.extern_only = true,
            IFUNC_CHARS => self.ifunc_letters = ifunc_letters(text),
            'l' => self.line_numbers = true,
            'n' | 'v' => self.order = Order::Value,
            'p' => self.order = Order::File,
            SIZE_SORT => self.order = Order::Size,
            'r' => self.reverse = true,
            QUIET => self.quiet = true,
            'S' => self.print_size = true,
            's' => self.print_armap = true,
            SPECIAL_SYMS => self.special_syms = true,
            SYNTHETIC => self.synthetic = true,
            't' => self.radix = radix_named(text)?,
            TARGET => {
                self.target = Target::named(text);
                self.is_elf = text != b"plugin";
            }
            'u' => {
                self.undefined_only = true;
                self.defined_only = false;
            }
            'U' | DEFINED_ONLY => {
                self.defined_only = true;
                self.undefined_only = false;
            }
            UNICODE => self.unicode = unicode_named(text)?,
            VERSIONS => self.versions = true,
            NO_VERSIONS => self.versions = false,
            'W' => self.no_weak = true,
            'X' if text != b"32_64" => return Err(b"Only -X 32_64 is supported".to_vec()),
            // `-e` and `-X 32_64` ask for what is done anyhow; no plugin is needed.
            _ => {}
        }
        Ok(())
    }
}

/// A format by the first letter of its name.
fn format_named(name: &[u8]) -> Result<Format, Vec<u8>> {
    match name.first() {
        Some(b'B' | b'b') => Ok(Format::Bsd),
        Some(b'P' | b'p') => Ok(Format::Posix),
        Some(b'S' | b's') => Ok(Format::SysV),
        Some(b'J' | b'j') => Ok(Format::JustSymbols),
        _ => Err([name, b": invalid output format"].concat()),
    }
}

/// A base by its first letter.
fn radix_named(name: &[u8]) -> Result<Radix, Vec<u8>> {
    match name.first() {
        Some(b'x') => Ok(Radix::Hex),
        Some(b'd') => Ok(Radix::Decimal),
        Some(b'o') => Ok(Radix::Octal),
        _ => Err([name, b": invalid radix"].concat()),
    }
}

fn unicode_named(name: &[u8]) -> Result<Unicode, Vec<u8>> {
    match name {
        b"default" | b"d" | b"locale" | b"l" | b"show" | b"s" => Ok(Unicode::Default),
        b"escape" | b"e" => Ok(Unicode::Escape),
        b"invalid" | b"i" => Ok(Unicode::Invalid),
        b"hex" | b"x" => Ok(Unicode::Hex),
        b"highlight" | b"h" => Ok(Unicode::Highlight),
        _ => Err([b"invalid argument to -U/--unicode: ", name].concat()),
    }
}

/// The letter of global symbols, and that of local ones if it is another.
fn ifunc_letters(text: &[u8]) -> [u8; 2] {
    match *text {
        [global, local, ..] => [global, local],
        [both] => [both; 2],
        [] => *b"ii",
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

    fn list(args: &[&str]) -> Options {
        match parsed(args) {
            Ok(Request::Run(options)) => *options,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_last_of_contrary_options_counts() {
        let options = list(&["-n", "--size-sort", "-u", "--defined-only", "-P", "-fbsd", "-r"]);
        assert_eq!(options.order, Order::Size);
        assert_eq!(options.format, Format::Bsd);
        assert!(options.defined_only && !options.undefined_only && options.reverse);
        assert_eq!(list(&["--size-sort", "-v"]).order, Order::Value);
        assert_eq!(list(&["-n", "-p"]).order, Order::File);
    }

    #[test]
    fn the_short_option_for_defined_symbols_takes_a_value() {
        let options = list(&["-U", "x", "y"]);
        assert!(options.defined_only);
        assert_eq!(options.files, ["y"]);
    }

    #[test]
    fn wrong_values_have_messages() {
        for (args, message) in [
            (&["--format=foo"][..], "foo: invalid output format"),
            (&["-t", "10"], "10: invalid radix"),
            (&["-X", "32"], "Only -X 32_64 is supported"),
            (&["--unicode=foo"], "invalid argument to -U/--unicode: foo"),
            (&["--demangle=foo"], "unknown demangling style `foo'"),
        ] {
            assert_eq!(parsed(args).unwrap_err(), Wrong::value(message));
        }
        let ambiguous = "option '--no' is ambiguous; possibilities: '--no-cplus' \
                         '--no-recurse-limit' '--no-recursion-limit' '--no-sort' '--no-weak'";
        assert_eq!(parsed(&["--no"]).unwrap_err(), Wrong::usage(ambiguous));
    }

    #[test]
    fn letters_of_ifuncs_are_one_or_two() {
        assert_eq!(list(&["--ifunc-chars=XY"]).ifunc_letters, *b"XY");
        assert_eq!(list(&["--ifunc-chars=X"]).ifunc_letters, *b"XX");
    }
}
