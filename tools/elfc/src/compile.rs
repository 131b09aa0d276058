//! `elfc DESCRIPTION... -o FILE`

use std::io::{Write, stdout};
use std::path::{Path, PathBuf};

use common::Output;
use common::output_file::{Mode, OutputFile};
use elfc::build::{MEMORY, Room};
use elfc::header::{Encodings, class_of, order_of};
use elfc::{Failure, Prepared, Settings};
use libpeg::diagnostic::{Diagnostic, Diagnostics};
use libpeg::notation::{self, Define, Limits, Statement, Term, TermKind};
use libpeg::source::{SourceId, SourceMap, Span};

use crate::describe::{buffered, closed, not_printed};
use crate::failed;
use crate::include::Folders;
use crate::options::Options;
use crate::sparse::Sparse;

/// The ending of descriptions' names. Without `-o`, the file that is made is called as its
/// description is, less this.
const ENDING: &str = "elfc";
/// Bytes of an object in memory that a byte of text can explain: a short line makes a section.
const PER_BYTE: u64 = 32;
/// The name of a file whose description has no name to take it from.
const DEFAULT_OUTPUT: &str = "a.out";

/// Makes the file that the command line asks for. The diagnostics of the description are printed
/// to `out`; then the message is empty.
pub fn run(options: &Options, out: &mut Output) -> Result<(), String> {
    let sources = SourceMap::new();
    let mut diagnostics = Diagnostics::default();
    let statements = read(options, &sources, &mut diagnostics);
    let result = match &statements {
        Some((statements, settings)) => make(statements, settings, options, &mut diagnostics),
        None => Err(String::new()),
    };
    if !options.warnings {
        diagnostics.silence_warnings();
    }
    out.put_err(diagnostics.render(&sources).as_bytes());
    // The process ends: a million statements need not be given back one by one.
    std::mem::forget(statements);
    result
}

/// Makes the file and writes it.
fn make(
    statements: &[Statement<'_>],
    settings: &Settings,
    options: &Options,
    diagnostics: &mut Diagnostics,
) -> Result<(), String> {
    let file = elfc::build(statements, settings, diagnostics);
    let Some(file) = file.filter(|_| !diagnostics.has_errors()) else {
        return Err(String::new());
    };
    let prepared = file.prepare(settings, diagnostics);
    let Some(prepared) = prepared.filter(|_| !diagnostics.has_errors()) else {
        return Err(String::new());
    };
    let mode = if file.is_program() { 0o777 } else { 0o666 };
    match write(&prepared, mode, options) {
        Err(Failure::Description(error)) => {
            diagnostics.push(error);
            Err(String::new())
        }
        Err(Failure::Output(message)) => Err(message),
        Ok(()) => Ok(()),
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
    if let Some(memory) = options.limit {
        reading.limits = Limits::of_memory(memory);
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
        if sources.text(id).starts_with("--- !") {
            let message = "this is YAML, which other programs read";
            let error = Diagnostic::error(Span::new(id, 0, 5), message);
            diagnostics.push(error.hint("elfc(5) describes the language of descriptions"));
            continue;
        }
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
    // What the texts explain, as tables that were described, is not counted.
    let memory = options.limit.unwrap_or(MEMORY);
    let explained = sources.total_size().saturating_mul(PER_BYTE);
    settings.memory = Room::new(memory.saturating_add(explained));
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
    let wrong = |expected: &str| {
        Diagnostic::error(None, format!("the constant `{name}` of the command line is {expected}"))
    };
    match name {
        "class" => encodings.class = Some(class_of(&term).map_err(|_| wrong("32 or 64"))?),
        "order" => {
            encodings.order = Some(order_of(&term).map_err(|_| wrong("`little` or `big`"))?);
        }
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

fn write(prepared: &Prepared<'_, '_>, mode: u32, options: &Options) -> Result<(), Failure> {
    if options.is_to_stdout() {
        let closed = |error| Failure::Output(closed(&error));
        let mut out = buffered(stdout().lock());
        prepared.write(&mut out).map_err(|failure| match failure {
            Failure::Output(reason) => Failure::Output(not_printed(&reason)),
            wrong @ Failure::Description(_) => wrong,
        })?;
        return out.flush().map_err(closed);
    }
    let target = target(options);
    let named = |error: std::io::Error| Failure::Output(failed(&target, &error));
    let file = OutputFile::create(&target, Mode::Fresh(mode)).map_err(named)?;
    let mut out = buffered(Sparse::new(file));
    prepared.write(&mut out).map_err(|failure| match failure {
        Failure::Output(reason) => Failure::Output(format!("{}: {reason}", target.display())),
        wrong @ Failure::Description(_) => wrong,
    })?;
    let file = out.into_inner().map_err(|error| named(error.into_error()))?;
    file.finish().and_then(OutputFile::commit).map_err(named)
}
