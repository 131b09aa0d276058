//! Files, one after the other.

use std::ffi::OsStr;
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use common::Output;
use common::input::{locate, shown};
use common::notices::{notice_lines, printed};
use common::output::system_message;
use common::targets::Target;
use libelf::linkview::{LinkView, Notice, Section};
use libelf::map::Bytes;

use crate::options::{Operand, Options};
use crate::print::Printer;
use crate::scan::{Scanner, Source};

/// The bytes that are read at once: few enough to stay in a processor's cache until they are
/// scanned.
const BLOCK: usize = 1 << 17;

/// The bytes of a mapped section that are scanned before their memory is given back.
const MAPPED_PART: usize = 1 << 20;

/// What standard input is called.
const STANDARD_INPUT: &[u8] = b"{standard input}";

/// Scans standard input.
pub fn standard_input(out: &mut Output, options: &Options) {
    // Standard input of the library has a buffer of its own, which would only be a copy more.
    if let Ok(stdin) = io::stdin().as_fd().try_clone_to_owned() {
        let mut printer = Printer::new(out, options, STANDARD_INPUT);
        stream(&mut File::from(stdin), options, &mut printer);
    }
}

/// Scans a file; `None` after a message if it cannot be read.
pub fn file(out: &mut Output, options: &Options, operand: &Operand) -> Option<()> {
    let path = operand.path.as_bytes();
    let metadata = locate(out, path)?;
    if operand.only_data && options.target == Target::Any && is_mappable(&metadata) {
        let data = opened(out, path, libelf::map::read(OsStr::from_bytes(path)))?;
        if data_sections(out, options, path, &data) {
            return Some(());
        }
    }
    let mut file = opened(out, path, File::open(Path::new(OsStr::from_bytes(path))))?;
    let mut printer = Printer::new(out, options, path);
    stream(&mut file, options, &mut printer);
    Some(())
}

/// Whether the file can be read twice.
fn is_mappable(metadata: &Metadata) -> bool {
    metadata.is_file() && metadata.len() > 0
}

fn opened<T>(out: &mut Output, path: &[u8], result: io::Result<T>) -> Option<T> {
    match result {
        Ok(opened) => Some(opened),
        Err(error) => {
            let message = system_message(&error);
            out.diagnose_bytes(&[&*shown(path), b": ", message.as_bytes()].concat());
            None
        }
    }
}

/// Scans all that a reader gives. As in GNU's strings, an error ends it like the end of the file.
fn stream(reader: &mut impl Read, options: &Options, printer: &mut Printer<'_>) {
    let mut scanner = Scanner::new(options, Source::Stream, 0);
    let mut block = vec![0; BLOCK];
    let mut kept = 0;
    loop {
        let room = block.get_mut(kept..).unwrap_or_default();
        let read = match reader.read(room) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Ok(0) | Err(_) => break,
            Ok(read) => read,
        };
        let filled = kept.saturating_add(read);
        let taken = scanner.scan(block.get(..filled).unwrap_or_default(), printer);
        kept = filled.saturating_sub(taken);
        if kept > 0 {
            block.copy_within(taken..filled, 0);
        }
    }
    scanner.finish(printer);
}

/// Scans the data of an object; `false` if it is none, or there is no data, and nothing was
/// printed.
fn data_sections(out: &mut Output, options: &Options, path: &[u8], data: &Bytes) -> bool {
    let (sections, notices) = match LinkView::parse(data) {
        Ok(view) if view.is_core => (Vec::new(), Vec::new()),
        Ok(view) => (view.sections, printed(data, view.notices, true)),
        Err(error) => (Vec::new(), printed(data, error.notices, false)),
    };
    say(out, path, &notices);
    let mut has_data = false;
    for section in sections.iter().filter(|section| is_data(section)) {
        let Some(contents) = contents(data, section) else {
            say_unreadable(out, path, section);
            continue;
        };
        has_data = true;
        let mut printer = Printer::new(out, options, path);
        let mut scanner = Scanner::new(options, Source::Section, section.offset);
        let mut at = 0;
        while let Some(rest) = contents.get(at..).filter(|rest| !rest.is_empty()) {
            let part = rest.get(..MAPPED_PART).unwrap_or(rest);
            let taken = scanner.scan(part, &mut printer);
            if taken == 0 {
                break;
            }
            at = at.saturating_add(taken);
            let start = section.offset as usize;
            data.release(start..start.saturating_add(at));
        }
        scanner.finish(&mut printer);
    }
    has_data
}

/// Whether a section is in memory when the program runs, with contents from the file.
fn is_data(section: &Section<'_>) -> bool {
    section.flags.is_alloc() && section.flags.has_contents() && section.size > 0
}

fn contents<'data>(data: &'data [u8], section: &Section<'_>) -> Option<&'data [u8]> {
    let start = usize::try_from(section.offset).ok()?;
    data.get(start..)?.get(..usize::try_from(section.size).ok()?)
}

/// Says that a section does not lie in the file.
fn say_unreadable(out: &mut Output, path: &[u8], section: &Section<'_>) {
    let name = section.name();
    let notice = Notice::SectionTooLarge { section: name.to_vec(), size: section.size };
    say(out, path, &[notice]);
    let (path, name) = (shown(path), shown(name));
    let parts = [&*path, b": Reading section ", &name, b" failed: file truncated"];
    out.diagnose_bytes(&parts.concat());
}

fn say(out: &mut Output, path: &[u8], notices: &[Notice]) {
    let lines = notice_lines(out.program(), path, notices);
    if !lines.is_empty() {
        out.put_err(&lines);
    }
}
