//! Files and archives, one after the other.

use std::ops::ControlFlow;

use common::in_order::in_order;
use common::input::put_name;
use common::members::{self, Fault, Member, Members, Released};
use common::notices::notice_lines;
use common::objects::{self, say};
use common::targets::Target;
use common::{ExitStatus, Output};
use libelf::linkview::CommonFault;
use libelf::map::Bytes;

use crate::format::{Printer, Row, Title};
use crate::measure::{Failure, measure};
use crate::options::Options;

/// A file that cannot be opened, or read as was asked.
const UNREADABLE: ExitStatus = 1;
/// An archive whose members cannot be walked to the end.
const BROKEN_ARCHIVE: ExitStatus = 2;
/// A file of no known format.
const NOT_RECOGNIZED: ExitStatus = 3;

/// Members that one thread measures in a row: to hand over each by itself would cost more than to
/// measure it.
const BATCH: usize = 8;

/// What came of one object: it is made without a look at any other, and then printed in order.
#[derive(Default)]
struct Outcome {
    /// For standard error.
    notices: Vec<u8>,
    row: Option<Row>,
    failure: Option<ExitStatus>,
    /// Nothing more is measured after this.
    ends_run: bool,
}

/// Measures a file, and prints its sizes or what is wrong with it.
pub fn file(
    out: &mut Output,
    options: &Options,
    printer: &mut Printer,
    path: &[u8],
) -> Result<(), ExitStatus> {
    let data = objects::open(out, path).ok_or(UNREADABLE)?;
    if options.target == Target::Unknown {
        say(out, path, "invalid bfd target");
        return Err(UNREADABLE);
    }
    if options.target != Target::Binary
        && let Some(members) = Members::open(path, &data)
    {
        return archive(out, options, printer, path, &data, members);
    }
    let title = Title { name: path, archive: None };
    let program = out.program().to_owned();
    print(out, printer, outcome(&data, options, &program, &title, path))
}

/// Measures the members of an archive, and prints them in order.
fn archive(
    out: &mut Output,
    options: &Options,
    printer: &mut Printer,
    path: &[u8],
    data: &Bytes,
    mut members: Members<'_>,
) -> Result<(), ExitStatus> {
    let program = out.program().to_owned();
    let mut released = Released::default();
    let mut status = Ok(());
    in_order(
        out,
        |_| {
            let batch: Vec<_> = members.by_ref().take(BATCH).collect();
            (!batch.is_empty()).then(|| (members.offset(), batch))
        },
        |_, (end, batch)| {
            let measure = |member: &Result<Member<'_>, Fault>| match member {
                Ok(member) => member_outcome(member, path, options, &program),
                Err(fault) => Err(fault.message()),
            };
            (end, batch.iter().map(measure).collect::<Vec<_>>())
        },
        |out, (end, outcomes)| {
            for outcome in outcomes {
                let printed = match outcome {
                    Ok(outcome) => print(out, printer, outcome),
                    Err(message) => {
                        say(out, path, &message);
                        status = Err(BROKEN_ARCHIVE);
                        return ControlFlow::Break(());
                    }
                };
                if printed.is_err() {
                    status = printed;
                }
                if printer.has_ended() {
                    return ControlFlow::Break(());
                }
            }
            released.up_to(data, end);
            ControlFlow::Continue(())
        },
    );
    status
}

fn member_outcome(
    member: &Member<'_>,
    path: &[u8],
    options: &Options,
    program: &str,
) -> Result<Outcome, String> {
    let contents = member.contents().map_err(|fault| fault.message())?;
    // An archive in an archive is no object, and not worth a word either.
    if members::is_archive(&contents) {
        return Ok(Outcome::default());
    }
    let archive = member.inner_archive.as_deref().unwrap_or(path);
    let title = Title { name: &member.name, archive: Some(archive) };
    let name = objects::member_name(member, path);
    Ok(outcome(&contents, options, program, &title, &name))
}

/// Measures an object. `name` is what notices call it.
fn outcome(
    data: &[u8],
    options: &Options,
    program: &str,
    title: &Title<'_>,
    name: &[u8],
) -> Outcome {
    let mut outcome = Outcome::default();
    let mut message = None;
    match measure(data, options) {
        Ok(measured) => {
            outcome.notices = notice_lines(program, name, &measured.notices);
            for notice in &measured.symbol_notices {
                let line = notice_lines(program, name, std::slice::from_ref(notice));
                outcome.notices.extend_from_slice(&line);
            }
            outcome.row = Some(Row::new(options, title, &measured));
        }
        Err(Failure::NotRecognized(notices)) => {
            outcome.notices = notice_lines(program, name, &notices);
            outcome.failure = Some(NOT_RECOGNIZED);
            message = Some(objects::NOT_RECOGNIZED);
        }
        Err(Failure::Symbols(fault, notices)) => {
            outcome.notices = notice_lines(program, name, &notices);
            outcome.failure = Some(UNREADABLE);
            outcome.ends_run = true;
            outcome.notices.extend(objects::fault_line(program, name, fault));
            message = Some(match fault {
                CommonFault::Truncated => "file truncated",
                CommonFault::NoIndexes { .. } => objects::NOT_RECOGNIZED,
            });
        }
    }
    if let Some(message) = message {
        let text = &mut outcome.notices;
        text.extend_from_slice(program.as_bytes());
        text.extend_from_slice(b": ");
        put_name(text, title.name);
        text.extend_from_slice(b": ");
        text.extend_from_slice(message.as_bytes());
        text.push(b'\n');
    }
    outcome
}

fn print(out: &mut Output, printer: &mut Printer, outcome: Outcome) -> Result<(), ExitStatus> {
    if !outcome.notices.is_empty() {
        out.put_err(&outcome.notices);
    }
    if let Some(row) = outcome.row {
        printer.print(out, &row);
    }
    if outcome.ends_run {
        printer.end();
    }
    outcome.failure.map_or(Ok(()), Err)
}
