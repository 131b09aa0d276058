//! Addresses come in, answers go out: each is answered before the next one is waited for, as other
//! programs ask and wait; many at once are worked out on all processors.

use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use common::members::Members;
use common::notices::{notice_lines, printed};
use common::objects::{self, say};
use common::targets::Target;
use common::{ExitStatus, FAILURE, Output, SUCCESS};
use libdwarf::load::{Backing, Debug, Places};
use libdwarf::lookup::Lookup;
use libelf::File;
use libelf::linkview::LinkView;
use rayon::prelude::*;

use crate::faults;
use crate::options::Options;
use crate::print::Printer;
use crate::session::{Answer, Session, Wants};

/// Answers for the addresses of the command line, or of standard input.
pub fn run(out: &mut Output, options: &Options) -> ExitStatus {
    let path = options.file.as_bytes();
    let Some(data) = objects::open(out, path) else { return FAILURE };
    if options.target == Target::Unknown {
        say(out, path, "invalid bfd target");
        return FAILURE;
    }
    if Members::open(path, &data).is_some() {
        say(out, path, "cannot get addresses from archive");
        return FAILURE;
    }
    if options.target == Target::Binary {
        return nothing_known(out, options);
    }
    let view = match LinkView::parse(&data) {
        Ok(view) if view.is_core => Err(Vec::new()),
        Ok(view) => Ok(view),
        Err(error) => Err(error.notices),
    };
    let view = match view {
        Ok(view) => view,
        Err(notices) => {
            let notices = printed(&data, notices, false);
            out.put_err(&notice_lines(out.program(), path, &notices));
            say(out, path, objects::NOT_RECOGNIZED);
            return FAILURE;
        }
    };
    let file = File::parse(&data).ok().filter(|file| faults::can_unpack(file, &view));
    let Some(file) = file else {
        say(out, path, objects::NOT_RECOGNIZED);
        return FAILURE;
    };
    if !view.notices.is_empty() {
        let notices = printed(&data, view.notices.clone(), true);
        out.put_err(&notice_lines(out.program(), path, &notices));
    }
    let backing = Backing::new();
    let debug = Debug::load(file, Path::new(&options.file), &Places::default(), &backing);
    let lookup = Lookup::new(&debug);
    let section = options.section.as_deref();
    let wants = Wants { inlines: options.inlines };
    let Ok(mut session) = Session::new(&file, &view, &debug, &lookup, section, wants) else {
        let mut message = b"cannot find section ".to_vec();
        common::input::put_name(&mut message, section.unwrap_or_default().as_bytes());
        say(out, path, &String::from_utf8_lossy(&message));
        return FAILURE;
    };
    // Those of a separate debug file were not looked at.
    match faults::symbols(out, path, &file, &view) {
        Ok(symbols) => session.expect_symbols(&file, symbols),
        Err(faults::EndsRun) => return FAILURE,
    }
    let is_64 = file.encoding().is_64();
    let mut printer = Printer::new(options, is_64);
    each(out, options, &mut |out, lines| {
        if lines.len() < FEW {
            for line in lines {
                let mut answer = session.find(line);
                session.settle(&mut answer);
                printer.print(out.buf(), &answer);
            }
        } else {
            answer_many(out, options, is_64, &mut session, lines);
        }
    });
    SUCCESS
}

/// So few are answered one after the other.
const FEW: usize = 64;

/// Answers many on all processors, in order.
fn answer_many(
    out: &mut Output,
    options: &Options,
    is_64: bool,
    session: &mut Session<'_, '_>,
    lines: &[&[u8]],
) {
    // Neighbours are found together: they share what has to be read.
    let mut order: Vec<u32> = (0..lines.len() as u32).collect();
    order.sort_by_key(|&number| lines.get(number as usize));
    let piece = lines.len().div_ceil(PIECES).max(1);
    let mut answers: Vec<(u32, Answer<'_>)> = order
        .par_chunks(piece)
        .flat_map_iter(|numbers| {
            numbers.iter().map(|&number| {
                let line = lines.get(number as usize).copied().unwrap_or_default();
                (number, session.find(line))
            })
        })
        .collect();
    answers.par_sort_unstable_by_key(|(number, _)| *number);
    for (_, answer) in &mut answers {
        session.settle(answer);
    }
    let texts: Vec<Vec<u8>> = answers
        .par_chunks(piece)
        .map(|answers| {
            let mut printer = Printer::new(options, is_64);
            let mut text = Vec::new();
            for (_, answer) in answers {
                printer.print(&mut text, answer);
            }
            text
        })
        .collect();
    for text in texts {
        out.put(&text);
    }
}

/// The pieces that work is cut into.
const PIECES: usize = 16;

/// What is printed of a file that is only bytes.
fn nothing_known(out: &mut Output, options: &Options) -> ExitStatus {
    let mut printer = Printer::new(options, false);
    each(out, options, &mut |out, lines| {
        for line in lines {
            let address = match crate::address::parse(line) {
                crate::address::Written::Number(number) => number,
                crate::address::Written::Symbol(..) => 0,
            };
            printer.print(out.buf(), &Answer::nothing(address));
        }
    });
    SUCCESS
}

/// Hands over the addresses of the command line, or those of standard input as they come.
fn each(out: &mut Output, options: &Options, answer: &mut dyn FnMut(&mut Output, &[&[u8]])) {
    if options.given.is_empty() {
        from_input(out, answer);
        return;
    }
    let lines: Vec<&[u8]> = options.given.iter().map(|address| address.as_bytes()).collect();
    answer(out, &lines);
}

/// The longest line that is read as one; a longer one is several.
const LONGEST_LINE: usize = 99;
/// The bytes that are read at once: some thousand addresses.
const BLOCK: usize = 1 << 16;

/// Reads what there is, answers all whole lines of it, hands the answers on, and only then waits
/// for more.
fn from_input(out: &mut Output, answer: &mut dyn FnMut(&mut Output, &[&[u8]])) {
    let mut input = std::io::stdin().lock();
    let mut buffer = vec![0; BLOCK];
    let mut used = 0;
    loop {
        let room = buffer.get_mut(used..).unwrap_or_default();
        let count = match input.read(room) {
            Ok(count) => count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(_) => 0,
        };
        used = used.saturating_add(count);
        let text = buffer.get(..used).unwrap_or_default();
        let (lines, rest) = lines_of(text, count == 0);
        if !lines.is_empty() {
            answer(out, &lines);
            out.flush();
        }
        if count == 0 {
            return;
        }
        let start = used.saturating_sub(rest);
        buffer.copy_within(start..used, 0);
        used = rest;
    }
}

/// The whole lines of a text, and how many bytes of another one follow.
fn lines_of(text: &[u8], is_all: bool) -> (Vec<&[u8]>, usize) {
    let mut lines = Vec::new();
    let mut rest = text;
    loop {
        let head = rest.get(..LONGEST_LINE).unwrap_or(rest);
        let length = match memchr::memchr(b'\n', head) {
            Some(end) => end.saturating_add(1),
            None if head.len() == LONGEST_LINE => LONGEST_LINE,
            None if is_all && !head.is_empty() => head.len(),
            None => return (lines, rest.len()),
        };
        let Some((line, others)) = rest.split_at_checked(length) else {
            return (lines, rest.len());
        };
        lines.push(line);
        rest = others;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_where_they_are_too_long() {
        let (lines, rest) = lines_of(b"12\n\n34\n5", false);
        assert_eq!((lines, rest), (vec![&b"12\n"[..], b"\n", b"34\n"], 1));
        let (lines, rest) = lines_of(b"5", true);
        assert_eq!((lines, rest), (vec![&b"5"[..]], 0));
        let long = [b'0'; 150];
        let (lines, rest) = lines_of(&long, false);
        assert_eq!((lines.len(), rest), (1, 51));
        let (lines, rest) = lines_of(&long, true);
        assert_eq!((lines.len(), rest), (2, 0));
    }
}
