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

use crate::faults;
use crate::many::Many;
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
    let lookup = Lookup::without_splits(&debug);
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
    let many = Many::new(options, is_64);
    let mut answer = Answer::default();
    each(out, options, &mut |out, lines| {
        if lines.len() >= FEW {
            many.answer(out, &mut session, lines);
            return;
        }
        for line in lines {
            let spot = session.spot(line);
            let found = spot.asked.and_then(|address| lookup.find(address));
            session.find(spot, found.as_ref(), &mut answer);
            session.settle(&mut answer);
            printer.print(out.buf(), &answer);
        }
    });
    SUCCESS
}

/// So few are answered one after the other.
const FEW: usize = 64;

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
/// The bytes that are read at once at first, and at most: some thousand addresses, some ten
/// thousand. The more, the more neighbours are found together.
const FIRST_BLOCK: usize = 1 << 16;
const LARGEST_BLOCK: usize = 1 << 18;

/// Reads what there is, answers all whole lines of it, hands the answers on, and only then waits
/// for more.
fn from_input(out: &mut Output, answer: &mut dyn FnMut(&mut Output, &[&[u8]])) {
    let mut input = std::io::stdin().lock();
    let mut buffer = vec![0; FIRST_BLOCK];
    let mut used = 0;
    let mut used_up = false;
    loop {
        if used_up {
            buffer.resize(buffer.len().saturating_mul(2).min(LARGEST_BLOCK), 0);
        }
        let room = buffer.get_mut(used..).unwrap_or_default();
        let size = room.len();
        let count = match input.read(room) {
            Ok(count) => count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(_) => 0,
        };
        // More is waiting: next time more of it is read.
        used_up = count == size;
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
