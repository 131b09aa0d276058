//! The notes of core files, as rows of [`crate::notes`].
//!
//! ```text
//! note CORE PRSTATUS signal=11 pid=42 … { registers { hex { … } } }
//! note CORE PRPSINFO state_letter='R' uid=1000 … program="a.out" arguments="./a.out";
//! note CORE SIGINFO signo=11 code=1 { hex { … } }
//! note CORE AUXV { entry PAGESZ 4096; entry NULL 0; }
//! note CORE FILE page_size=4096 { map 0x1000 0x2000 0 "/lib/libc.so.6"; }
//! ```
//!
//! Attributes that are 0 are left out.

use std::borrow::Cow;

use libelf::edit::contents::core_desc::{Mapping, Mappings, ProcessInfo, SignalInfo, ThreadStatus};
use libelf::edit::contents::note_desc::Desc;
use libelf::note::core_file::Time;
use libpeg::diagnostic::Diagnostic;
use libpeg::notation::Statement;

use crate::context::{Context, Read, unexpected};
use crate::data;
use crate::printer::Printer;
use crate::row::{self, Row};

/// Types of the auxiliary vector (`AT_`). `<elf.h>`
const VECTOR_TYPES: &[(u64, &str)] = &[
    (0, "NULL"),
    (1, "IGNORE"),
    (2, "EXECFD"),
    (3, "PHDR"),
    (4, "PHENT"),
    (5, "PHNUM"),
    (6, "PAGESZ"),
    (7, "BASE"),
    (8, "FLAGS"),
    (9, "ENTRY"),
    (10, "NOTELF"),
    (11, "UID"),
    (12, "EUID"),
    (13, "GID"),
    (14, "EGID"),
    (15, "PLATFORM"),
    (16, "HWCAP"),
    (17, "CLKTCK"),
    (18, "FPUCW"),
    (19, "DCACHEBSIZE"),
    (20, "ICACHEBSIZE"),
    (21, "UCACHEBSIZE"),
    (23, "SECURE"),
    (24, "BASE_PLATFORM"),
    (25, "RANDOM"),
    (26, "HWCAP2"),
    (31, "EXECFN"),
    (32, "SYSINFO"),
    (33, "SYSINFO_EHDR"),
    (51, "MINSIGSTKSZ"),
];

/// Prints ` name=value` unless the value is 0.
fn attribute(printer: &mut Printer<'_>, name: &str, value: u64) {
    if value != 0 {
        printer.dec_attribute(name, value);
    }
}

/// Prints ` name=value` of a number with a sign, unless it is 0.
fn signed(printer: &mut Printer<'_>, name: &str, value: i64) {
    if value != 0 {
        printer.attribute(name);
        printer.signed(value);
    }
}

/// Prints ` name=[seconds, microseconds]` unless both are 0.
fn time(printer: &mut Printer<'_>, name: &str, time: Time) {
    if time != Time::default() {
        printer.attribute(name);
        row::print_numbers(printer, [time.seconds, time.microseconds]);
    }
}

/// Prints the attributes of a thread.
pub fn print_status(status: &ThreadStatus<'_>, printer: &mut Printer<'_>) {
    attribute(printer, "signal", status.signal.into());
    signed(printer, "code", status.code.into());
    signed(printer, "errno", status.errno.into());
    attribute(printer, "cursig", status.current_signal.into());
    attribute(printer, "pending", status.pending);
    attribute(printer, "held", status.held);
    print_ids([status.pid, status.parent, status.group, status.session], printer);
    time(printer, "utime", status.user_time);
    time(printer, "stime", status.system_time);
    time(printer, "cutime", status.child_user_time);
    time(printer, "cstime", status.child_system_time);
}

/// Prints the registers of a thread, as a block.
pub fn print_registers(status: &ThreadStatus<'_>, printer: &mut Printer<'_>) {
    printer.open_inner("registers");
    printer.hex(&status.registers);
    printer.close_inner();
}

/// Prints what follows the known fields of a signal, as a block.
pub fn print_signal_rest(info: &SignalInfo<'_>, printer: &mut Printer<'_>) {
    printer.open();
    printer.hex(&info.rest);
    printer.close();
}

fn print_ids(ids: [u32; 4], printer: &mut Printer<'_>) {
    for (name, id) in ["pid", "ppid", "pgrp", "sid"].into_iter().zip(ids) {
        if id != 0 {
            printer.attribute(name);
            printer.dec(id.into());
        }
    }
}

/// Prints the attributes of a process.
pub fn print_process(info: &ProcessInfo<'_>, printer: &mut Printer<'_>) {
    attribute(printer, "state", info.state.into());
    attribute(printer, "state_letter", info.state_letter.into());
    attribute(printer, "zombie", info.is_zombie.into());
    signed(printer, "nice", info.nice.into());
    attribute(printer, "flags", info.flags);
    attribute(printer, "short_ids", info.has_short_ids.into());
    attribute(printer, "uid", info.user.into());
    attribute(printer, "gid", info.group.into());
    print_ids([info.pid, info.parent, info.process_group, info.session], printer);
    for (name, text) in [("program", &info.program), ("arguments", &info.arguments)] {
        printer.attribute(name);
        printer.string(text);
    }
}

/// Prints the attributes of a signal.
pub fn print_signal(info: &SignalInfo<'_>, printer: &mut Printer<'_>) {
    printer.dec_attribute("signo", info.signal.into());
    signed(printer, "errno", info.errno.into());
    signed(printer, "code", info.code.into());
}

/// Prints the pairs of an auxiliary vector.
pub fn print_vector(pairs: &[(u64, u64)], printer: &mut Printer<'_>) {
    if pairs.is_empty() {
        return printer.text(" { entry; }\n");
    }
    printer.open();
    for &(kind, value) in pairs {
        printer.indent();
        printer.text("entry ");
        match VECTOR_TYPES.iter().find(|(known, _)| *known == kind) {
            Some((_, word)) => printer.text(word),
            None => printer.number(kind),
        }
        printer.text(" ");
        printer.number(value);
        printer.end();
    }
    printer.close();
}

/// Prints what all mappings have in common.
pub fn print_mappings_head(mappings: &Mappings<'_>, printer: &mut Printer<'_>) {
    printer.dec_attribute("page_size", mappings.page_size);
    row::print_field(printer, "count", mappings.count);
}

/// Prints mappings.
pub fn print_mappings(mappings: &Mappings<'_>, printer: &mut Printer<'_>) {
    if mappings.mappings.is_empty() {
        return printer.text(" { map; }\n");
    }
    printer.open();
    for mapping in &mappings.mappings {
        printer.indent();
        printer.text("map ");
        printer.hex_number(mapping.start);
        printer.text(" ");
        printer.hex_number(mapping.end);
        printer.text(" ");
        printer.number(mapping.page_offset);
        printer.text(" ");
        printer.string(&mapping.path);
        printer.end();
    }
    printer.close();
}

/// Reads a note that is attributes only: a thread, a process, a signal. `None` if it is none of
/// these.
///
/// # Errors
/// A value that does not fit.
pub fn read_line<'s>(row: &mut Row<'s>, context: &mut Context<'s>) -> Read<Option<Desc<'s>>> {
    let block = row.statement().children();
    let is_status = block.first().and_then(Statement::keyword) == Some("registers");
    Ok(if is_status {
        Some(Desc::ThreadStatus(read_status(row, context)?))
    } else if row.has_attribute("program") {
        Some(Desc::ProcessInfo(read_process(row, context)?))
    } else if row.has_attribute("signo") {
        Some(Desc::SignalInfo(read_signal(row, context)?))
    } else {
        None
    })
}

fn read_signed(
    name: &'static str,
    bits: u32,
    row: &mut Row<'_>,
    context: &mut Context<'_>,
) -> Read<u64> {
    let term = row.attribute(name);
    Ok(term.map(|term| context.wrapped(term, bits)).transpose()?.unwrap_or_default())
}

fn read_time(name: &'static str, row: &mut Row<'_>, context: &mut Context<'_>) -> Read<Time> {
    let Some(term) = row.attribute(name) else {
        return Ok(Time::default());
    };
    let numbers: Vec<u64> = row::numbers(term, context.word_bits(), context)?;
    match *numbers.as_slice() {
        [seconds, microseconds] => Ok(Time { seconds, microseconds }),
        _ => Err(unexpected(term, "`[seconds, microseconds]`")),
    }
}

fn read_status<'s>(row: &mut Row<'s>, context: &mut Context<'s>) -> Read<ThreadStatus<'s>> {
    let word = context.word_bits();
    Ok(ThreadStatus {
        signal: row.number_32("signal", context)?,
        code: (read_signed("code", 32, row, context)? as u32).cast_signed(),
        errno: (read_signed("errno", 32, row, context)? as u32).cast_signed(),
        current_signal: row.number("cursig", 16, context)? as u16,
        pending: row.number("pending", word, context)?,
        held: row.number("held", word, context)?,
        pid: row.number_32("pid", context)?,
        parent: row.number_32("ppid", context)?,
        group: row.number_32("pgrp", context)?,
        session: row.number_32("sid", context)?,
        user_time: read_time("utime", row, context)?,
        system_time: read_time("stime", row, context)?,
        child_user_time: read_time("cutime", row, context)?,
        child_system_time: read_time("cstime", row, context)?,
        registers: match row.statement().children() {
            [registers] => data::read(registers.children(), context)?,
            [_, second, ..] => {
                return Err(Diagnostic::error(second.span, "nothing can follow the registers"));
            }
            [] => Cow::Borrowed(&[]),
        },
    })
}

fn read_process<'s>(row: &mut Row<'s>, context: &mut Context<'s>) -> Read<ProcessInfo<'s>> {
    let word = context.word_bits();
    Ok(ProcessInfo {
        state: row.number("state", 8, context)? as u8,
        state_letter: row.number("state_letter", 8, context)? as u8,
        is_zombie: row.number("zombie", 8, context)? as u8,
        nice: (read_signed("nice", 8, row, context)? as u8).cast_signed(),
        flags: row.number("flags", word, context)?,
        has_short_ids: row.number("short_ids", 1, context)? != 0,
        user: row.number_32("uid", context)?,
        group: row.number_32("gid", context)?,
        pid: row.number_32("pid", context)?,
        parent: row.number_32("ppid", context)?,
        process_group: row.number_32("pgrp", context)?,
        session: row.number_32("sid", context)?,
        program: row.bytes("program")?.unwrap_or_default(),
        arguments: row.bytes("arguments")?.unwrap_or_default(),
    })
}

fn read_signal<'s>(row: &mut Row<'s>, context: &mut Context<'s>) -> Read<SignalInfo<'s>> {
    Ok(SignalInfo {
        signal: row.number_32("signo", context)?,
        errno: (read_signed("errno", 32, row, context)? as u32).cast_signed(),
        code: (read_signed("code", 32, row, context)? as u32).cast_signed(),
        rest: data::read(row.statement().children(), context)?,
    })
}

/// Reads an auxiliary vector. Errors of entries are collected.
pub fn read_vector<'s>(block: &'s [Statement<'s>], context: &mut Context<'s>) -> Desc<'s> {
    let mut pairs = Vec::with_capacity(block.len());
    for statement in block.iter().filter(|statement| statement.terms.len() > 1) {
        let pair = read_pair(statement, context);
        pairs.extend(context.check(pair));
    }
    Desc::AuxiliaryVector(pairs)
}

fn read_pair<'s>(statement: &'s Statement<'s>, context: &mut Context<'s>) -> Read<(u64, u64)> {
    expect_keyword(statement, "entry")?;
    let mut row = Row::after_keyword(statement);
    let bits = context.word_bits();
    let term = row.need("a type")?;
    let named = term.word().and_then(|word| {
        VECTOR_TYPES.iter().find(|(_, known)| *known == word).map(|(kind, _)| *kind)
    });
    let kind = match named {
        Some(kind) => kind,
        None => context.unsigned(term, bits)?,
    };
    let value = context.unsigned(row.need("a value")?, bits)?;
    row.finish_line()?;
    Ok((kind, value))
}

/// Reads mappings.
///
/// # Errors
/// Those of the attributes; those of mappings are collected.
pub fn read_mappings<'s>(
    block: &'s [Statement<'s>],
    row: &mut Row<'s>,
    context: &mut Context<'s>,
) -> Read<Desc<'s>> {
    let bits = context.word_bits();
    let page_size = row.number("page_size", bits, context)?;
    let count = row.field("count", bits, context)?;
    let mut mappings = Vec::with_capacity(block.len());
    for statement in block.iter().filter(|statement| statement.terms.len() > 1) {
        let mapping = read_mapping(statement, context);
        mappings.extend(context.check(mapping));
    }
    Ok(Desc::Mappings(Mappings { count, page_size, mappings }))
}

fn read_mapping<'s>(statement: &'s Statement<'s>, context: &mut Context<'s>) -> Read<Mapping<'s>> {
    expect_keyword(statement, "map")?;
    let mut row = Row::after_keyword(statement);
    let bits = context.word_bits();
    let start = context.unsigned(row.need("the first address")?, bits)?;
    let end = context.unsigned(row.need("the address behind the last")?, bits)?;
    let page_offset = context.unsigned(row.need("the offset in the file, in pages")?, bits)?;
    let path = row::bytes(row.need("the path of the file")?)?;
    row.finish_line()?;
    Ok(Mapping { start, end, page_offset, path })
}

fn expect_keyword(statement: &Statement<'_>, keyword: &str) -> Read<()> {
    if statement.keyword() == Some(keyword) {
        return Ok(());
    }
    Err(Diagnostic::error(statement.span, format!("expected `{keyword}`")))
}
