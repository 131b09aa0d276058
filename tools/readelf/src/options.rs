//! The command line of readelf.
//!
//! Parsed by `common::getopt`, as readelf's long options may be abbreviated and take optional
//! values, and configure scripts read the messages for wrong ones.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use common::demangle::{Style, style_named};
use common::getopt::{Arg, Long, Takes, parse};
use common::{Output, out};
use libdemangle::Limits;

use crate::debug::options as debug;

/// The option list of `--help`; `%s` stands for the program's name.
const USAGE: &str = include_str!("usage.txt");

/// Short options, as for getopt(3).
const SHORTS: &str = "acdeghi:lnp:rstuvw::x:z::ACDHILPR:STU:VW";

// Long options without a letter.
const DYN_SYMS: char = '\u{e000}';
const LTO_SYMS: char = '\u{e001}';
const SYM_BASE: char = '\u{e002}';
const DEMANGLE: char = 'C';
const NO_DEMANGLE: char = '\u{e003}';
const RECURSE_LIMIT: char = '\u{e004}';
const NO_RECURSE_LIMIT: char = '\u{e005}';
const DWARF_DEPTH: char = '\u{e006}';
const DWARF_START: char = '\u{e007}';
const CTF: char = '\u{e008}';
const CTF_PARENT: char = '\u{e009}';
const CTF_SYMBOLS: char = '\u{e00a}';
const CTF_STRINGS: char = '\u{e00b}';
const SFRAME: char = '\u{e00c}';
const DWARF_CHECK: char = '\u{e00d}';
const DEBUG_DUMP: char = '\u{e00e}';

// In the order in which an ambiguous abbreviation lists them.
const LONGS: &[Long] = &[
    Long::new("arch-specific", Takes::Nothing, 'A'),
    Long::new("all", Takes::Nothing, 'a'),
    Long::new("archive-index", Takes::Nothing, 'c'),
    Long::new("ctf", Takes::Value, CTF),
    Long::new("ctf-symbols", Takes::Value, CTF_SYMBOLS),
    Long::new("ctf-strings", Takes::Value, CTF_STRINGS),
    Long::new("ctf-parent", Takes::Value, CTF_PARENT),
    Long::new("demangle", Takes::Optional, DEMANGLE),
    Long::new("dynamic", Takes::Nothing, 'd'),
    Long::new("decompress", Takes::Nothing, 'z'),
    Long::new("dyn-syms", Takes::Nothing, DYN_SYMS),
    Long::new("debug-dump", Takes::Optional, DEBUG_DUMP),
    Long::new("dwarf-depth", Takes::Value, DWARF_DEPTH),
    Long::new("dwarf-start", Takes::Value, DWARF_START),
    Long::new("dwarf-check", Takes::Nothing, DWARF_CHECK),
    Long::new("headers", Takes::Nothing, 'e'),
    Long::new("help", Takes::Nothing, 'H'),
    Long::new("file-header", Takes::Nothing, 'h'),
    Long::new("full-section-name", Takes::Nothing, 't'),
    Long::new("histogram", Takes::Nothing, 'I'),
    Long::new("hex-dump", Takes::Value, 'x'),
    Long::new("lint", Takes::Nothing, 'L'),
    Long::new("enable-checks", Takes::Nothing, 'L'),
    Long::new("lto-syms", Takes::Nothing, LTO_SYMS),
    Long::new("notes", Takes::Nothing, 'n'),
    Long::new("no-demangle", Takes::Nothing, NO_DEMANGLE),
    Long::new("no-recurse-limit", Takes::Nothing, NO_RECURSE_LIMIT),
    Long::new("no-recursion-limit", Takes::Nothing, NO_RECURSE_LIMIT),
    Long::new("program-headers", Takes::Nothing, 'l'),
    Long::new("process-links", Takes::Nothing, 'P'),
    Long::new("relocated-dump", Takes::Value, 'R'),
    Long::new("relocs", Takes::Nothing, 'r'),
    Long::new("recurse-limit", Takes::Nothing, RECURSE_LIMIT),
    Long::new("section-groups", Takes::Nothing, 'g'),
    Long::new("segments", Takes::Nothing, 'l'),
    Long::new("string-dump", Takes::Value, 'p'),
    Long::new("section-headers", Takes::Nothing, 'S'),
    Long::new("sections", Takes::Nothing, 'S'),
    Long::new("symbols", Takes::Nothing, 's'),
    Long::new("syms", Takes::Nothing, 's'),
    Long::new("silent-truncation", Takes::Nothing, 'T'),
    Long::new("section-details", Takes::Nothing, 't'),
    Long::new("sframe", Takes::Optional, SFRAME),
    Long::new("sym-base", Takes::Optional, SYM_BASE),
    Long::new("use-dynamic", Takes::Nothing, 'D'),
    Long::new("unicode", Takes::Value, 'U'),
    Long::new("unwind", Takes::Nothing, 'u'),
    Long::new("version-info", Takes::Nothing, 'V'),
    Long::new("version", Takes::Nothing, 'v'),
    Long::new("wide", Takes::Nothing, 'W'),
];

/// How characters beyond ASCII in names are shown (`-U`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unicode {
    /// As the locale has it.
    #[default]
    Default,
    /// As the locale has it (`locale`).
    Locale,
    /// `\uXXXX`
    Escape,
    /// `<0xXX...>`
    Hex,
    /// As [`Self::Escape`], in red.
    Highlight,
    /// `{0xXX...}`
    Invalid,
}

/// The base that symbol sizes are printed in (`--sym-base`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SymBase {
    /// Decimal below 100000, hexadecimal above.
    #[default]
    Mixed,
    /// Base 8.
    Octal,
    /// Base 10.
    Decimal,
    /// Base 16.
    Hexadecimal,
}

/// The form of a section dump.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DumpKind {
    /// `-x`
    Hex,
    /// `-p`
    Strings,
    /// `-R`
    Relocated,
    /// `--sframe`
    Sframe,
    /// `--ctf`
    Ctf,
}

/// The section that a dump option names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DumpTarget {
    /// By section header index.
    Number(u32),
    /// By name.
    Name(Vec<u8>),
}

/// A section to be dumped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dump {
    /// Which one.
    pub target: DumpTarget,
    /// How.
    pub kind: DumpKind,
}

/// What to show, and how.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// `-h`
    pub header: bool,
    /// `-S`
    pub sections: bool,
    /// `-t`
    pub section_details: bool,
    /// `-g`
    pub section_groups: bool,
    /// `-l`
    pub segments: bool,
    /// `-s`
    pub syms: bool,
    /// `--dyn-syms`
    pub dyn_syms: bool,
    /// `--lto-syms`
    pub lto_syms: bool,
    /// `--sym-base`
    pub sym_base: SymBase,
    /// `-D`
    pub use_dynamic: bool,
    /// `-r`
    pub relocs: bool,
    /// `-u`
    pub unwind: bool,
    /// `-d`
    pub dynamic: bool,
    /// `-V`
    pub versions: bool,
    /// `-A`
    pub arch: bool,
    /// `-n`
    pub notes: bool,
    /// `-I`
    pub histogram: bool,
    /// `-c`
    pub archive_index: bool,
    /// `-L`
    pub lint: bool,
    /// Everything is shown because nothing but [`Self::lint`] was asked for: what `-a` shows, and
    /// the debugging information that names tell, each section by itself.
    pub checks_all: bool,
    /// `-W`
    pub wide: bool,
    /// `-T`
    pub no_truncation_mark: bool,
    /// `-z`
    pub decompress: bool,
    /// `-U`
    pub unicode: Unicode,
    /// Whether names are demangled (`-C`).
    pub demangles: bool,
    /// Whose names they are, as the last `--demangle=STYLE` has it; nobody's for "none".
    pub demangling_style: Option<Style>,
    /// Whether the limits of GNU's demangler are lifted (`--no-recurse-limit`).
    pub no_recurse_limit: bool,
    /// `-w` and what goes with it: what of debugging information is shown.
    pub debug: libdwarf::dump::Options,
    /// Whether sections of separate debug files are shown, other than those with debugging
    /// information (`-P`).
    pub process_links: bool,
    /// Whether links to separate debug files are followed (`-wK`, `-wN`).
    pub follow_links: bool,
    /// Whether links were asked to be followed (`-wK`), which by itself shows nothing.
    pub asks_for_links: bool,
    /// `-x`, `-p` and `-R`, in order.
    pub dumps: Vec<Dump>,
    /// The files, in order.
    pub files: Vec<OsString>,
}

/// What a command line asks for.
pub enum Request {
    /// Dump files.
    Run(Box<Options>),
    /// End with this status; everything is printed.
    End(common::ExitStatus),
}

impl Options {
    /// How names are demangled, if they are.
    pub fn demangling(&self) -> Option<libdemangle::Options> {
        let style = self.demangling_style.filter(|_| self.demangles)?;
        let limits = if self.no_recurse_limit { Limits::DEFAULT } else { Limits::GNU };
        Some(libdemangle::Options { style, limits, ..libdemangle::Options::NM })
    }

    /// Whether anything is to be shown of an object file.
    pub fn shows_something(&self) -> bool {
        self.header
            || self.sections
            || self.section_groups
            || self.segments
            || self.syms
            || self.dyn_syms
            || self.lto_syms
            || self.relocs
            || self.unwind
            || self.dynamic
            || self.versions
            || self.arch
            || self.notes
            || self.histogram
            || self.archive_index
            || !self.dumps.is_empty()
            || self.asks_for_links
            || debug::shows_something(&self.debug)
    }
}

/// The text of `--help` and of the answer to a wrong command line.
fn usage(program: &str) -> String {
    USAGE.replacen("%s", program, 1)
}

fn wrong_usage(out: &mut Output) -> Request {
    let text = usage(out.program());
    out.put_err(text.as_bytes());
    Request::End(common::FAILURE)
}

/// Reads the command line. Wrong options are reported to `out`.
pub fn read(out: &mut Output, args: Vec<OsString>) -> Request {
    let args = match common::response::expand(args) {
        Ok(args) => args,
        Err(message) => {
            out.diagnose(format_args!("{message}"));
            return Request::End(common::FAILURE);
        }
    };
    if args.is_empty() {
        return wrong_usage(out);
    }
    let mut options =
        Options { demangling_style: Some(Style::Auto), follow_links: true, ..Options::default() };
    for arg in parse(&args, SHORTS, LONGS) {
        match arg {
            Ok(Arg::Operand(file)) => options.files.push(file),
            Ok(Arg::Option(key, value)) => match apply(out, &mut options, key, value.as_deref()) {
                Applied::Yes => {}
                Applied::WrongUsage => return wrong_usage(out),
                Applied::End(status) => return Request::End(status),
            },
            Err(message) => {
                out.diagnose(format_args!("{message}"));
                return wrong_usage(out);
            }
        }
    }
    finish(out, options)
}

/// What remains to be checked when all options are known.
fn finish(out: &mut Output, mut options: Options) -> Request {
    if !options.shows_something() {
        if options.lint {
            all(&mut options);
            options.lto_syms = true;
            options.archive_index = true;
            options.checks_all = true;
            options.debug.raw_lines = true;
            options.debug.is_check = true;
            return Request::Run(Box::new(options));
        }
        return wrong_usage(out);
    }
    if options.files.is_empty() {
        out.warn(format_args!("Nothing to do."));
        return wrong_usage(out);
    }
    Request::Run(Box::new(options))
}

enum Applied {
    Yes,
    WrongUsage,
    End(common::ExitStatus),
}

fn apply(out: &mut Output, options: &mut Options, key: char, value: Option<&OsStr>) -> Applied {
    match key {
        'a' => all(options),
        'h' => options.header = true,
        'l' => options.segments = true,
        'S' => options.sections = true,
        'g' => options.section_groups = true,
        't' => (options.sections, options.section_details) = (true, true),
        'e' => (options.header, options.segments, options.sections) = (true, true, true),
        's' => options.syms = true,
        DYN_SYMS => options.dyn_syms = true,
        LTO_SYMS => options.lto_syms = true,
        SYM_BASE => sym_base(options, value),
        'n' => options.notes = true,
        'r' => options.relocs = true,
        'u' => options.unwind = true,
        'd' => options.dynamic = true,
        'V' => options.versions = true,
        'A' => options.arch = true,
        'c' => options.archive_index = true,
        'D' => options.use_dynamic = true,
        'L' => options.lint = true,
        'I' => options.histogram = true,
        'W' => (options.wide, options.debug.wide) = (true, true),
        'T' => options.no_truncation_mark = true,
        'z' => options.decompress = true,
        'U' => unicode(out, options, value),
        'w' => debug::select_letters(out, options, value),
        DEBUG_DUMP => debug::select_words(out, options, value),
        'P' => (options.process_links, options.follow_links) = (true, true),
        DWARF_DEPTH => options.debug.depth = debug::depth(value),
        DWARF_START => options.debug.start = debug::number(value),
        DWARF_CHECK => options.debug.check = true,
        'x' => dump(options, DumpKind::Hex, value),
        'p' => dump(options, DumpKind::Strings, value),
        'R' => dump(options, DumpKind::Relocated, value),
        SFRAME if value.is_some_and(OsStr::is_empty) => {
            out.error(format_args!("Section name must be provided "));
            return Applied::End(common::FAILURE);
        }
        CTF => dump(options, DumpKind::Ctf, value),
        // Where such a section has its names and types from: none is shown.
        CTF_PARENT | CTF_SYMBOLS | CTF_STRINGS => {}
        SFRAME => dump(options, DumpKind::Sframe, value.or(Some(OsStr::new(".sframe")))),
        DEMANGLE => demangle(out, options, value),
        NO_DEMANGLE => options.demangles = false,
        RECURSE_LIMIT => options.no_recurse_limit = false,
        NO_RECURSE_LIMIT => options.no_recurse_limit = true,
        'H' => {
            out!(out, "{}", usage(out.program()));
            out!(out, "{}", common::version::REPORT_BUGS);
            return Applied::End(common::SUCCESS);
        }
        'v' => {
            common::version::print(out, "readelf");
            return Applied::End(common::SUCCESS);
        }
        'i' => {
            out.error(format_args!("Invalid option '-i'"));
            return Applied::WrongUsage;
        }
        _ => return Applied::WrongUsage,
    }
    Applied::Yes
}

/// `-a`
fn all(options: &mut Options) {
    options.header = true;
    options.sections = true;
    options.section_groups = true;
    options.segments = true;
    options.syms = true;
    options.relocs = true;
    options.unwind = true;
    options.dynamic = true;
    options.versions = true;
    options.arch = true;
    options.notes = true;
    options.histogram = true;
}

fn dump(options: &mut Options, kind: DumpKind, value: Option<&OsStr>) {
    let text = value.unwrap_or_default().as_bytes();
    let number = std::str::from_utf8(text).ok().and_then(parse_number);
    let target = number.map_or_else(|| DumpTarget::Name(text.to_vec()), DumpTarget::Number);
    options.dumps.push(Dump { target, kind });
}

/// A whole number as strtoul(3) with base 0 reads it: decimal, `0x` hexadecimal or `0` octal; only
/// its lower 32 bits count. No text at all is 0.
fn parse_number(text: &str) -> Option<u32> {
    let (digits, radix) = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(hex) => (hex, 16),
        None if text.len() > 1 && text.starts_with('0') => (text, 8),
        None if text.is_empty() => return Some(0),
        None => (text, 10),
    };
    u64::from_str_radix(digits, radix).ok().map(|number| number as u32)
}

/// `--sym-base`; as in GNU readelf, a base that is not known is the mixed one.
fn sym_base(options: &mut Options, value: Option<&OsStr>) {
    options.sym_base = match value.map(OsStr::as_bytes) {
        None => SymBase::Mixed,
        Some(text) => match std::str::from_utf8(text).ok().and_then(parse_number) {
            Some(0) => SymBase::Mixed,
            Some(8) => SymBase::Octal,
            Some(10) => SymBase::Decimal,
            Some(16) => SymBase::Hexadecimal,
            _ => SymBase::Mixed,
        },
    };
}

/// `-C` keeps a style that was named before it.
fn demangle(out: &mut Output, options: &mut Options, style: Option<&OsStr>) {
    options.demangles = true;
    if style.is_none() {
        return;
    }
    match style_named(style) {
        Ok(style) => options.demangling_style = style,
        Err(message) => {
            // Without a line end, and without an end of the run, as in GNU readelf.
            let program = out.program().as_bytes().to_vec();
            out.put_err(&[&*program, b": Error: ", &message].concat());
        }
    }
}

fn unicode(out: &mut Output, options: &mut Options, value: Option<&OsStr>) {
    let text = value.unwrap_or_default();
    options.unicode = match text.as_bytes() {
        b"default" | b"d" => Unicode::Default,
        b"locale" | b"l" => Unicode::Locale,
        b"escape" | b"e" => Unicode::Escape,
        b"invalid" | b"i" => Unicode::Invalid,
        b"hex" | b"x" => Unicode::Hex,
        b"highlight" | b"h" => Unicode::Highlight,
        _ => {
            // Without a line end, and without an end of the run, as in GNU readelf.
            let program = out.program();
            let message =
                format!("{program}: Error: invalid argument to -U/--unicode: {}", text.display());
            out.put_err(message.as_bytes());
            return;
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(args: &[&str]) -> Option<Options> {
        let mut out = Output::process("readelf").recorder();
        match read(&mut out, args.iter().map(Into::into).collect()) {
            Request::Run(options) => Some(*options),
            Request::End(_) => None,
        }
    }

    #[test]
    fn a_style_holds_until_another_is_named() {
        let style = |args| options(args).unwrap().demangling().map(|options| options.style);
        assert_eq!(style(&["-h", "f"]), None);
        assert_eq!(style(&["-hC", "f"]), Some(Style::Auto));
        assert_eq!(style(&["-h", "--demangle=gnat", "-C", "f"]), Some(Style::Gnat));
        assert_eq!(style(&["-h", "--demangle=none", "-C", "f"]), None);
        assert_eq!(style(&["-h", "--demangle=nonsense", "f"]), Some(Style::Auto));
        assert_eq!(style(&["-hC", "--no-demangle", "f"]), None);
    }

    #[test]
    fn dumps_name_sections_by_number_or_name() {
        let found = options(&["-x0x10", "-p", ".strtab", "f"]).unwrap().dumps;
        assert_eq!(found[0].target, DumpTarget::Number(16));
        assert_eq!(found[1].target, DumpTarget::Name(b".strtab".to_vec()));
        assert_eq!(found[1].kind, DumpKind::Strings);
    }

    #[test]
    fn a_line_that_asks_for_nothing_is_wrong() {
        assert!(options(&["f"]).is_none());
        assert!(options(&["-h"]).is_none());
        assert!(options(&["-W", "f"]).is_none());
        assert!(options(&["-L", "f"]).unwrap().header);
    }

    #[test]
    fn symbol_bases_are_those_known() {
        assert_eq!(options(&["-s", "--sym-base=16", "f"]).unwrap().sym_base, SymBase::Hexadecimal);
        assert_eq!(options(&["-s", "--sym-base=7", "f"]).unwrap().sym_base, SymBase::Mixed);
    }
}
