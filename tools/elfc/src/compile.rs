//! `elfc DESCRIPTION... -o FILE`

use std::io::{Write, stdout};
use std::path::{Path, PathBuf};

use common::Output;
use common::output_file::{Mode, OutputFile};
use elfc::header::{Encodings, class_of, order_of};
use elfc::{File, Settings};
use libelf::edit;
use libpeg::diagnostic::{Diagnostic, Diagnostics};
use libpeg::notation::{self, Define, Statement, Term, TermKind};
use libpeg::source::{SourceId, SourceMap, Span};

use crate::describe::{buffered, closed};
use crate::failed;
use crate::include::Folders;
use crate::options::Options;

/// The ending of descriptions' names. Without `-o`, the file that is made is called as its
/// description is, less this.
const ENDING: &str = "elfc";
/// The name of a file whose description has no name to take it from.
const DEFAULT_OUTPUT: &str = "a.out";

/// Makes the file that the command line asks for. The diagnostics of the description are printed
/// to `out`; then the message is empty.
pub fn run(options: &Options, out: &mut Output) -> Result<(), String> {
    let sources = SourceMap::new();
    let mut diagnostics = Diagnostics::default();
    let statements = read(options, &sources, &mut diagnostics);
    let file = match &statements {
        Some((statements, settings)) if !diagnostics.has_errors() => {
            elfc::build(statements, settings, &mut diagnostics)
        }
        _ => None,
    };
    if !options.warnings {
        diagnostics.silence_warnings();
    }
    out.put_err(diagnostics.render(&sources).as_bytes());
    match file {
        Some(file) if !diagnostics.has_errors() => write(&file, options),
        _ => Err(String::new()),
    }
}

/// The statements of all descriptions, one after the other.
fn read<'s>(
    options: &Options,
    sources: &'s SourceMap,
    diagnostics: &mut Diagnostics,
) -> Option<(Vec<Statement<'s>>, Settings)> {
    let folders = Folders(options.folders.clone());
    let mut reading = notation::Options { files: &folders, ..notation::Options::default() };
    for define in &options.defines {
        if let Err(error) = reading.define(define) {
            diagnostics.push(error);
        }
    }
    let mut settings = Settings { folder: folder_of(options), ..Settings::default() };
    let mut statements = Vec::new();
    let mut unused: Option<Vec<String>> = None;
    for path in &options.files {
        let id = match sources.read(path) {
            Ok(id) => id,
            Err(error) => {
                diagnostics.push(error);
                continue;
            }
        };
        for (name, value) in &reading.defines {
            if let Err(error) = set_encoding(&mut settings.encodings, name, value, id) {
                diagnostics.push(error);
            }
        }
        let parsed = notation::parse(sources, id, &reading);
        diagnostics.append(parsed.diagnostics);
        statements.extend(parsed.statements);
        let seen = unused.get_or_insert_with(|| parsed.unused_defines.clone());
        seen.retain(|name| parsed.unused_defines.contains(name));
    }
    for name in unused.unwrap_or_default() {
        if !matches!(name.as_str(), "class" | "order") {
            let message = format!("no description uses the constant `{name}`");
            diagnostics.push(Diagnostic::warning(None, message));
        }
    }
    (!diagnostics.has_errors()).then_some((statements, settings))
}

/// The folder of the first description: files that descriptions name are relative to it.
fn folder_of(options: &Options) -> PathBuf {
    let first = options.files.first().and_then(|path| path.parent());
    first.map(Path::to_owned).unwrap_or_default()
}

/// `-D class=32` and `-D order=big` say how files are written whose descriptions do not.
fn set_encoding(
    encodings: &mut Encodings,
    name: &str,
    value: &Define,
    id: SourceId,
) -> Result<(), Diagnostic> {
    let kind = match value {
        Define::Int(value) => TermKind::Int(*value),
        Define::Str(text) => TermKind::Str(text.as_slice().into()),
    };
    let term = Term { kind, span: Span::new(id, 0, 0) };
    match name {
        "class" => encodings.class = Some(class_of(&term)?),
        "order" => encodings.order = Some(order_of(&term)?),
        _ => {}
    }
    Ok(())
}

/// Where the file goes.
fn target(options: &Options) -> PathBuf {
    if let Some(path) = &options.output {
        return path.clone();
    }
    match options.files.first() {
        Some(path) if path.extension().is_some_and(|ending| ending == ENDING) => {
            path.with_extension("")
        }
        _ => DEFAULT_OUTPUT.into(),
    }
}

fn write(file: &File<'_>, options: &Options) -> Result<(), String> {
    if options.is_to_stdout() {
        let mut out = buffered(stdout().lock());
        return match file.write(&mut out) {
            Ok(()) => out.flush().map_err(|error| closed(&error)),
            Err(error) => Err(error.to_string()),
        };
    }
    let target = target(options);
    let mode = if file.is_program() { 0o777 } else { 0o666 };
    let create = || OutputFile::create(&target, Mode::Fresh(mode));
    let mut out = buffered(create().map_err(|error| failed(&target, &error))?);
    match file.write(&mut out) {
        Ok(()) => {}
        Err(edit::Error::Io(reason)) => return Err(format!("{}: {reason}", target.display())),
        Err(error) => return Err(error.to_string()),
    }
    let finish = || out.into_inner()?.commit();
    finish().map_err(|error: std::io::Error| failed(&target, &error))
}
