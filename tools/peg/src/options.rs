//! The command line.

use std::ffi::OsString;

use common::getopt::{self, Arg, Long, Takes};
use common::program::Request;
use libpeg::grammar::{self, Limits};

/// What a tree is printed as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A line for each node.
    Text,
    /// One value of JSON.
    Json,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Check grammars.
    Check(Check),
    /// Parse a text with a grammar.
    Parse(Parse),
    /// Turn a grammar into a parser.
    Generate(Generate),
}

/// `peg check`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    pub grammars: Vec<OsString>,
    /// The rules that texts are parsed with.
    pub starts: Vec<String>,
    pub no_warnings: bool,
    pub warnings_are_errors: bool,
}

/// `peg parse`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parse {
    pub grammar: OsString,
    pub rule: String,
    pub file: OsString,
    pub format: Format,
    pub limits: Limits,
}

/// `peg generate`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generate {
    pub grammar: OsString,
    /// `None` is standard output.
    pub output: Option<OsString>,
    /// The name of the parser.
    pub name: String,
}

const START: char = '\u{100}';
const WERROR: char = '\u{101}';
const FORMAT: char = '\u{102}';
const DEPTH: char = '\u{103}';
const STEPS: char = '\u{104}';
const NAME: char = '\u{105}';
const HELP: char = '\u{106}';

const SHORT: &str = "hVwo:";
const LONG: [Long; 10] = [
    Long::new("start", Takes::Value, START),
    Long::new("no-warnings", Takes::Nothing, 'w'),
    Long::new("werror", Takes::Nothing, WERROR),
    Long::new("format", Takes::Value, FORMAT),
    Long::new("depth", Takes::Value, DEPTH),
    Long::new("steps", Takes::Value, STEPS),
    Long::new("output", Takes::Value, 'o'),
    Long::new("name", Takes::Value, NAME),
    Long::new("help", Takes::Nothing, HELP),
    Long::new("version", Takes::Nothing, 'V'),
];

/// Levels for which a parser may have a stack: more would need more memory than a program should
/// take.
const MOST_LEVELS: u32 = grammar::LIMITS.depth;

/// The command that a command line means, or the message on what is wrong with it.
pub fn parse(args: &[OsString]) -> Result<Request<Command>, String> {
    let mut operands = Vec::new();
    let mut used = Vec::new();
    let mut starts = Vec::new();
    let mut format = Format::Text;
    let mut limits = grammar::LIMITS;
    let mut output = None;
    let mut name = grammar::DEFAULT_NAME.to_owned();
    let mut help = None;
    for arg in getopt::parse(args, SHORT, &LONG) {
        let (key, value) = match arg? {
            Arg::Option(key, value) => (key, value.unwrap_or_default()),
            Arg::Operand(operand) => {
                operands.push(operand);
                continue;
            }
        };
        used.push(key);
        match key {
            'h' | HELP => help = help.or(Some(Request::Help)),
            'V' => help = help.or(Some(Request::Version)),
            START => starts.push(text(&value, "rule")?),
            FORMAT => format = format_named(&text(&value, "format")?)?,
            DEPTH => limits.depth = u32::try_from(number(&value)?).unwrap_or(u32::MAX),
            STEPS => limits.steps = number(&value)?,
            'o' => output = Some(value),
            NAME => name = text(&value, "name")?,
            _ => {}
        }
    }
    if let Some(help) = help {
        return Ok(help);
    }
    if !grammar::is_parser_name(&name) {
        return Err(format!("a parser cannot be named '{}'", name.escape_debug()));
    }
    if limits.depth > MOST_LEVELS {
        return Err(format!("more than {MOST_LEVELS} levels cannot be parsed"));
    }
    let mut operands = operands.into_iter();
    let command = operands.next().ok_or("no command given")?;
    let command = command.to_string_lossy();
    let has = |key: char| used.contains(&key);
    let (command, allowed): (_, &[char]) = match &*command {
        "check" => {
            let grammars: Vec<OsString> = operands.by_ref().collect();
            if grammars.is_empty() {
                return Err("no grammar given".to_owned());
            }
            let check =
                Check { grammars, starts, no_warnings: has('w'), warnings_are_errors: has(WERROR) };
            (Command::Check(check), &[START, WERROR, 'w'])
        }
        "parse" => {
            let mut next = |what: &str| operands.next().ok_or(format!("no {what} given"));
            let parse = Parse {
                grammar: next("grammar")?,
                rule: text(&next("rule")?, "rule")?,
                file: next("file")?,
                format,
                limits,
            };
            (Command::Parse(parse), &[FORMAT, DEPTH, STEPS])
        }
        "generate" => {
            let grammar = operands.next().ok_or("no grammar given")?;
            (Command::Generate(Generate { grammar, output, name }), &['o', NAME])
        }
        other => return Err(format!("there is no command '{}'", other.escape_debug())),
    };
    if let Some(extra) = operands.next() {
        return Err(format!("extra operand '{}'", extra.to_string_lossy().escape_debug()));
    }
    if let Some(key) = used.iter().find(|key| !allowed.contains(key)) {
        return Err(format!("option '{}' has no meaning for this command", option_name(*key)));
    }
    Ok(Request::Run(command))
}

/// How an option is written.
fn option_name(key: char) -> &'static str {
    match key {
        START => "--start",
        WERROR => "--werror",
        FORMAT => "--format",
        DEPTH => "--depth",
        STEPS => "--steps",
        NAME => "--name",
        'o' => "-o",
        _ => "-w",
    }
}

fn text(value: &OsString, what: &str) -> Result<String, String> {
    let text = value.to_str().ok_or_else(|| format!("this {what} is not UTF-8"))?;
    Ok(text.to_owned())
}

fn number(value: &OsString) -> Result<u64, String> {
    let text = text(value, "number")?;
    match text.parse() {
        Ok(0) | Err(_) => Err(format!("'{}' is no count", text.escape_debug())),
        Ok(number) => Ok(number),
    }
}

fn format_named(name: &str) -> Result<Format, String> {
    match name {
        "text" => Ok(Format::Text),
        "json" => Ok(Format::Json),
        other => Err(format!("there is no format '{}'", other.escape_debug())),
    }
}

/// The usage.
pub fn usage(program: &str) -> String {
    format!(
        "\
Usage: {program} check [-w] [--werror] [--start RULE]... GRAMMAR...
       {program} parse [--format=text|json] GRAMMAR RULE FILE
       {program} generate [-o FILE] [--name NAME] GRAMMAR
 Checks grammars, parses texts with them, and turns them into parsers
 Options of check:
  -w --no-warnings         Do not warn
  --werror                 Fail if there are warnings
  --start RULE             Texts are parsed with RULE (default: the first rule)
 Options of parse:
  --format=text|json       Print the tree as lines, or as JSON
  --depth=NUMBER           Give up at more levels than this
  --steps=NUMBER           Give up after more steps than this
 Options of generate:
  -o --output=FILE         Write the module to FILE (default: standard output)
  --name=NAME              Name the parser NAME (default: {})
 Options of all:
  -h --help                Display this information
  -V --version             Display the program's version
  @FILE                    Read options from FILE
",
        grammar::DEFAULT_NAME
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(args: &[&str]) -> Result<Request<Command>, String> {
        parse(&args.iter().map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn commands_have_options_of_their_own() {
        let Ok(Request::Run(Command::Check(check))) =
            run(&["check", "a", "-w", "--start=x", "--start", "y", "b"])
        else {
            panic!()
        };
        assert_eq!(check.grammars, ["a", "b"]);
        assert_eq!(check.starts, ["x", "y"]);
        assert!(check.no_warnings && !check.warnings_are_errors);
        let Ok(Request::Run(Command::Parse(parse))) = run(&["--form=json", "parse", "g", "r", "-"])
        else {
            panic!()
        };
        assert_eq!((parse.format, parse.file), (Format::Json, OsString::from("-")));
        let Ok(Request::Run(Command::Generate(generate))) = run(&["generate", "g", "-oout.rs"])
        else {
            panic!()
        };
        assert_eq!(generate.output, Some(OsString::from("out.rs")));
        assert_eq!(generate.name, "Parser");
        assert_eq!(run(&["--version", "parse"]), Ok(Request::Version));
    }

    #[test]
    fn wrong_ones_have_messages() {
        let error = |args: &[&str]| run(args).unwrap_err();
        assert_eq!(error(&[]), "no command given");
        assert_eq!(error(&["chekc"]), "there is no command 'chekc'");
        assert_eq!(error(&["check"]), "no grammar given");
        assert_eq!(error(&["parse", "g", "r"]), "no file given");
        assert_eq!(error(&["generate", "g", "h"]), "extra operand 'h'");
        assert_eq!(
            error(&["check", "-o", "x", "g"]),
            "option '-o' has no meaning for this command"
        );
        assert_eq!(error(&["parse", "--depth=0", "g", "r", "f"]), "'0' is no count");
        assert_eq!(error(&["generate", "--name=fn", "g"]), "a parser cannot be named 'fn'");
        assert_eq!(error(&["--formt"]), "unrecognized option '--formt'");
    }
}
