//! The program peg: checks grammars, parses with them, and turns them into parsers.
#![forbid(unsafe_code)]

mod options;
mod positions;
mod tree;

use std::ffi::{OsStr, OsString};
use std::io::Read;
use std::path::Path;

use common::output::system_message;
use common::output_file::{self, Mode};
use common::program::{Program, Wrong};
use common::{ExitStatus, FAILURE, Output, SUCCESS};
use libpeg::diagnostic::{Diagnostic, Diagnostics};
use libpeg::grammar::{self, Grammar};
use libpeg::source::{SourceId, SourceMap, Span};

use options::{Check, Command, Generate, Parse};

/// The permissions of a module that is made.
const MODULE_MODE: Mode = Mode::Kept(0o666);

const PROGRAM: Program = Program::own("peg", options::usage);

/// Runs the program: `called` is the name it was called by, `args` what follows it.
pub fn main(called: &str, args: Vec<OsString>) -> ExitStatus {
    let parse = |args: &[OsString]| options::parse(args).map_err(Wrong::usage);
    PROGRAM.run(called, args, parse, |out, command| run(out, &command))
}

fn run(out: &mut Output, command: &Command) -> ExitStatus {
    let passed = match command {
        Command::Check(check) => check_all(out, check),
        Command::Parse(parse) => parse_one(out, parse),
        Command::Generate(generate) => generate_one(out, generate),
    };
    if passed { SUCCESS } else { FAILURE }
}

/// A file's name for messages.
fn name(file: &OsStr) -> String {
    file.to_string_lossy().into_owned()
}

/// Reads a file, `-` being standard input, and reports what keeps it from being read.
fn load(out: &mut Output, sources: &SourceMap, file: &OsStr) -> Option<SourceId> {
    let mut bytes = Vec::new();
    let read = if file == "-" {
        std::io::stdin().lock().read_to_end(&mut bytes).map(drop)
    } else {
        std::fs::read(Path::new(file)).map(|read| bytes = read)
    };
    if let Err(error) = read {
        let message = system_message(&error);
        out.diagnose(format_args!("{}: {message}", shown(&name(file))));
        return None;
    }
    match sources.add(&name(file), bytes) {
        Ok(id) => Some(id),
        Err(wrong) => {
            out.put_err(wrong.render(sources).as_bytes());
            None
        }
    }
}

/// A name without what a terminal would obey.
fn shown(name: &str) -> String {
    name.chars().map(|letter| if letter.is_control() { '?' } else { letter }).collect()
}

fn check_all(out: &mut Output, check: &Check) -> bool {
    let mut passed = true;
    for file in &check.grammars {
        let sources = SourceMap::new();
        let Some(id) = load(out, &sources, file) else {
            passed = false;
            continue;
        };
        let mut diagnostics = Diagnostics::default();
        let grammar = Grammar::read(&sources, id, &mut diagnostics);
        grammar::check(&grammar, &check.starts, &mut diagnostics);
        if check.no_warnings {
            diagnostics.silence_warnings();
        }
        out.put_err(diagnostics.render(&sources).as_bytes());
        passed &= !diagnostics.has_errors();
        passed &= !(check.warnings_are_errors && diagnostics.warnings() > 0);
    }
    passed
}

/// A grammar to work with; the errors of one that cannot be used are reported.
fn usable(out: &mut Output, sources: &SourceMap, file: &OsStr) -> Option<Grammar> {
    let id = load(out, sources, file)?;
    let mut diagnostics = Diagnostics::default();
    let grammar = Grammar::read(sources, id, &mut diagnostics);
    grammar::check(&grammar, &[], &mut diagnostics);
    diagnostics.silence_warnings();
    out.put_err(diagnostics.render(sources).as_bytes());
    (!diagnostics.has_errors()).then_some(grammar)
}

fn parse_one(out: &mut Output, parse: &Parse) -> bool {
    let sources = SourceMap::new();
    let Some(grammar) = usable(out, &sources, &parse.grammar) else {
        return false;
    };
    let Some(start) = grammar.rule_named(&parse.rule) else {
        let file = shown(&grammar.name);
        out.diagnose(format_args!("{file}: no rule is named '{}'", shown(&parse.rule)));
        return false;
    };
    let Some(input) = load(out, &sources, &parse.file) else {
        return false;
    };
    let tree = match grammar.parse(start, &sources, input, parse.limits) {
        Ok(tree) => tree,
        Err(wrong) => {
            out.put_err(wrong.render(&sources).as_bytes());
            return false;
        }
    };
    tree::print(out, &grammar, &tree, parse.format);
    let text = sources.text(input);
    let rest = text.get(tree.end()..).unwrap_or_default();
    let blank = rest.len().saturating_sub(rest.trim_start().len());
    if blank < rest.len() {
        let at = tree.end().saturating_add(blank);
        let warning = Diagnostic::warning(Span::new(input, at, at), "the text goes on from here")
            .hint("a rule that ends with `EOI` matches only all of it");
        out.put_err(warning.render(&sources).as_bytes());
    }
    true
}

fn generate_one(out: &mut Output, generate: &Generate) -> bool {
    let sources = SourceMap::new();
    let Some(grammar) = usable(out, &sources, &generate.grammar) else {
        return false;
    };
    let mut diagnostics = Diagnostics::default();
    let module = grammar::generate(&grammar, &generate.name, &mut diagnostics);
    out.put_err(diagnostics.render(&sources).as_bytes());
    let Some(module) = module else {
        return false;
    };
    match &generate.output {
        None => {
            out.put(module.as_bytes());
            true
        }
        Some(file) => match output_file::write(Path::new(file), MODULE_MODE, module.as_bytes()) {
            Ok(()) => true,
            Err(error) => {
                let message = system_message(&error);
                out.diagnose(format_args!("{}: {message}", shown(&name(file))));
                false
            }
        },
    }
}
