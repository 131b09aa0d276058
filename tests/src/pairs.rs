//! The runner: every pair of a corpus file and a set of options, through both programs.

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Result, anyhow};
use glob::Pattern;

use crate::corpus::{self, Entry};
use crate::exceptions::Exceptions;
use crate::firstdiff;
use crate::memory::{Digest, Memory};
use crate::programs::Program;
use crate::report::{Report, Verdict};
use crate::run::{Input, Job, Outcome, Streams, run};

/// When a program of ours is stopped, which counts as a failure.
const OUR_LIMIT: Duration = Duration::from_secs(10);
/// When a reference is stopped. Some are slow on large files.
const REFERENCE_LIMIT: Duration = Duration::from_secs(300);

/// Which pairs to run.
#[derive(Debug, Default)]
pub struct Selection {
    /// Programs; all where it is empty.
    pub programs: Vec<&'static Program>,
    /// Option sets by their text; all, and the command lines, where it is empty.
    pub sets: Vec<String>,
    /// Patterns of corpus paths, or parts of them; all where it is empty.
    pub files: Vec<String>,
    /// Whether nothing is left out: then each line of the table of exceptions must match a pair.
    pub whole: bool,
}

impl Selection {
    fn wants_set(&self, set: &str) -> bool {
        self.sets.is_empty() || self.sets.iter().any(|wanted| wanted == set)
    }

    /// Whether a corpus path is selected.
    pub fn wants_file(&self, path: &str) -> bool {
        self.files.is_empty()
            || self.files.iter().any(|wanted| {
                path.contains(wanted.as_str())
                    || Pattern::new(wanted).is_ok_and(|pattern| pattern.matches(path))
            })
    }
}

/// A piece of work that one thread does.
#[derive(Clone, Copy)]
enum Unit<'a> {
    /// A program with all its sets on one file.
    File(&'static Program, &'a Entry),
    /// A whole command line.
    Line(&'static Program, &'static str),
}

/// What all threads share.
struct Shared<'a> {
    ours: &'a Path,
    selection: &'a Selection,
    exceptions: Exceptions,
    report: Mutex<Report>,
}

/// Runs the selected pairs of `entries` with `ours`, the multi-call binary of the project.
///
/// # Errors
/// Where a reference is missing or of another version, or the system cannot run a program.
pub fn run_all(ours: &Path, entries: &[Entry], selection: &Selection) -> Result<Report> {
    let units = plan(entries, selection)?;
    let shared = Shared {
        ours,
        selection,
        exceptions: Exceptions::read()?,
        report: Mutex::new(Report::default()),
    };
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let work = || -> Result<()> {
        while let Some(unit) = units.get(next.fetch_add(1, Ordering::Relaxed)) {
            shared.run_unit(*unit)?;
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        handles.into_iter().try_for_each(|handle| {
            handle.join().map_err(|_| anyhow!("a thread of the runner panicked"))?
        })
    })?;
    let panicked = |_| anyhow!("a thread of the runner panicked");
    let mut report = shared.report.into_inner().map_err(panicked)?;
    if selection.whole {
        for line in shared.exceptions.unused() {
            report.complain(
                format!("tests/exceptions.tsv: {line}"),
                "no pair matches this line: take it out".to_owned(),
            );
        }
    }
    Ok(report)
}

/// All units, those on large files first, so that no thread is left alone with one at the end.
fn plan<'a>(entries: &'a [Entry], selection: &Selection) -> Result<Vec<Unit<'a>>> {
    let mut sorted: Vec<&Entry> =
        entries.iter().filter(|entry| selection.wants_file(&entry.path)).collect();
    sorted.sort_by_key(|entry| std::cmp::Reverse(entry.size));
    let programs = if selection.programs.is_empty() {
        crate::programs::ALL.iter().collect()
    } else {
        selection.programs.clone()
    };
    for program in &programs {
        program.reference.check()?;
    }
    let mut units = Vec::new();
    for entry in sorted {
        units.extend(programs.iter().map(|program| Unit::File(program, entry)));
    }
    if selection.files.is_empty() {
        for program in programs {
            let lines = program.command_lines.iter();
            units.extend(
                lines
                    .filter(|line| selection.wants_set(line))
                    .map(|line| Unit::Line(program, line)),
            );
        }
    }
    Ok(units)
}

impl Shared<'_> {
    fn run_unit(&self, unit: Unit) -> Result<()> {
        match unit {
            Unit::File(program, entry) => self.run_file(program, entry),
            Unit::Line(program, line) => self.run_line(program, line),
        }
    }

    fn run_file(&self, program: &'static Program, entry: &Entry) -> Result<()> {
        let mut memory = Memory::load(program, entry);
        for set in program.option_sets {
            if !self.selection.wants_set(set) {
                continue;
            }
            let pair = Pair {
                program,
                ours: self.ours,
                args: words(set).chain([entry.path.as_str().into()]).collect(),
            };
            let difference = pair.compare(&mut memory, set)?;
            let allowed = self.exceptions.allows(program.name, set, &entry.path);
            self.record(program, set, Some(entry), Verdict::of(difference, allowed))?;
        }
        Ok(())
    }

    fn run_line(&self, program: &'static Program, line: &'static str) -> Result<()> {
        let pair = Pair { program, ours: self.ours, args: words(line).collect() };
        let difference = pair.compare_fresh()?;
        let allowed = self.exceptions.allows(program.name, line, "");
        self.record(program, line, None, Verdict::of(difference, allowed))
    }

    fn record(
        &self,
        program: &'static Program,
        set: &'static str,
        entry: Option<&Entry>,
        verdict: Verdict,
    ) -> Result<()> {
        self.report
            .lock()
            .map_err(|_| anyhow!("a thread of the runner panicked"))?
            .record(program, set, entry, verdict);
        Ok(())
    }
}

/// One command line, for both programs.
#[derive(Debug)]
pub struct Pair<'a> {
    /// The program.
    pub program: &'static Program,
    /// Our multi-call binary.
    pub ours: &'a Path,
    /// What follows the program's name. As in a shell, `<` and a file at its end are what is on
    /// standard input, or `<<<` and a text with the escapes of [`unescaped`].
    pub args: Vec<OsString>,
}

impl Pair<'_> {
    /// The first difference of the two, from what is remembered of the reference where possible.
    fn compare(&self, memory: &mut Memory, set: &str) -> Result<Option<String>> {
        let merged_set = format!("{set} 2>&1");
        let mut difference = None;
        for (streams, key) in [(Streams::Apart, set), (Streams::Merged, &merged_set)] {
            let mut reference = None;
            let wanted = if let Some(digest) = memory.recall(key) {
                digest.clone()
            } else {
                let outcome = reference.insert(self.reference(streams)?);
                let digest = Digest::of(outcome);
                memory.keep(key, digest.clone())?;
                digest
            };
            let ours = self.ours(streams)?;
            if Digest::of(&ours) != wanted {
                let reference = match reference {
                    Some(outcome) => outcome,
                    None => self.reference(streams)?,
                };
                difference = difference_of(&reference, &ours, streams);
                break;
            }
            // Where nothing is on standard error, there is no order of streams to compare.
            if ours.stderr.is_empty() {
                break;
            }
        }
        Ok(difference)
    }

    /// The first difference of the two.
    ///
    /// # Errors
    /// Where one of them cannot be run.
    pub fn compare_fresh(&self) -> Result<Option<String>> {
        for streams in [Streams::Apart, Streams::Merged] {
            let difference =
                difference_of(&self.reference(streams)?, &self.ours(streams)?, streams);
            if difference.is_some() {
                return Ok(difference);
            }
        }
        Ok(None)
    }

    /// Runs our program.
    ///
    /// # Errors
    /// Where it cannot be run.
    pub fn ours(&self, streams: Streams) -> Result<Outcome> {
        self.run(self.ours, streams, OUR_LIMIT)
    }

    /// Runs the reference program.
    ///
    /// # Errors
    /// Where it cannot be run.
    pub fn reference(&self, streams: Streams) -> Result<Outcome> {
        self.run(self.program.reference.path(), streams, REFERENCE_LIMIT)
    }

    fn run(&self, exe: &Path, streams: Streams, limit: Duration) -> Result<Outcome> {
        let (args, input) = match self.args.as_slice() {
            [args @ .., sign, file] if sign == "<" => (args, Input::File(file.into())),
            [args @ .., sign, text] if sign == "<<<" => {
                (args, Input::Bytes(unescaped(&text.to_string_lossy())?))
            }
            args => (args, Input::Nothing),
        };
        let reference = &self.program.reference;
        let asks_plugins =
            args.last().is_some_and(|file| reference.asks_plugins(&file.to_string_lossy()));
        run(&Job {
            exe,
            name: self.program.name,
            args,
            input,
            dir: &corpus::folder(),
            streams,
            limit,
            finds_plugins: asks_plugins,
        })
    }
}

/// The words of an option set or a command line.
fn words(line: &str) -> impl Iterator<Item = OsString> {
    line.split_whitespace().map(Into::into)
}

/// The bytes that a text on standard input means: `\s` is a blank, `\n` a line end, `\x00` a byte
/// in hexadecimal, all else stands for itself.
fn unescaped(text: &str) -> Result<Vec<u8>> {
    let mut pieces = text.split('\\');
    let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        let wrong = || anyhow!("no such escape: \\{piece}");
        let (byte, rest) = match piece.split_at_checked(1).ok_or_else(wrong)? {
            ("s", rest) => (b' ', rest),
            ("n", rest) => (b'\n', rest),
            ("x", rest) => {
                let (hex, rest) = rest.split_at_checked(2).ok_or_else(wrong)?;
                (u8::from_str_radix(hex, 16)?, rest)
            }
            _ => return Err(wrong()),
        };
        bytes.push(byte);
        bytes.extend_from_slice(rest.as_bytes());
    }
    Ok(bytes)
}

fn difference_of(reference: &Outcome, ours: &Outcome, streams: Streams) -> Option<String> {
    let text = firstdiff::first(reference, ours)?;
    Some(match streams {
        Streams::Apart => text,
        Streams::Merged => format!("order of both streams: {text}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_have_escapes() {
        assert_eq!(unescaped(r"a\sb\n\xffc").unwrap(), b"a b\n\xffc");
        assert!(unescaped(r"\q").is_err());
        for line in crate::programs::ALL.iter().flat_map(|program| program.command_lines) {
            if let Some((_, text)) = line.split_once("<<< ") {
                assert!(unescaped(text).is_ok(), "{line}");
            }
        }
    }

    #[test]
    fn files_are_selected_by_part_or_pattern() {
        let selection =
            Selection { files: vec!["mips".into(), "*/crt?.o".into()], ..Selection::default() };
        assert!(selection.wants_file("cross/mipsel/libc.so.6"));
        assert!(selection.wants_file("cross/arm/crt1.o"));
        assert!(!selection.wants_file("cross/arm/libc.so.6"));
        assert!(Selection::default().wants_file("anything"));
    }
}
