//! Dynamic sections: `dynamic { … }`.
//!
//! ```text
//! section .dynamic { dynamic {
//!     NEEDED "libc.so.6";            a name in the linked string table
//!     INIT;                          no value: what the tag asks for, here the address of .init
//!     DEBUG 0x1234;                  a number
//!     FLAGS_1 [NOW, PIE];            flags
//!     0x6000000f addr(.data);        any tag; an address or size that follows a section
//!     NULL count=6;                  the entries at the end
//! } }
//! ```

use std::borrow::Cow;

use libelf::edit::Contents;
use libelf::edit::contents::dynamic::{Dynamic, DynamicEntry, DynamicValue};
use libelf::edit::contents::name::Name;
use libpeg::notation::{ExprKind, Statement, Term, TermKind};

use crate::context::{Context, Read, call, unexpected};
use crate::printer::Printer;
use crate::row::{self, Row};
use crate::view::View;

/// `DT_NULL`
const NULL: u64 = 0;
/// More null entries than that are not meant.
const MOST_NULLS: u64 = 1 << 24;

/// Prints a dynamic section.
pub fn print(dynamic: &Dynamic<'_>, printer: &mut Printer<'_>, view: &View<'_, '_>) {
    printer.open_inner("dynamic");
    for entry in &dynamic.entries {
        printer.indent();
        print_tag(entry.tag, printer, view);
        print_value(entry, printer, view);
        printer.end();
    }
    if dynamic.nulls > 0 {
        printer.indent();
        printer.text("NULL");
        if dynamic.nulls > 1 {
            printer.dec_attribute("count", dynamic.nulls as u64);
        }
        printer.end();
    }
    printer.close_inner();
}

fn print_tag(tag: u64, printer: &mut Printer<'_>, view: &View<'_, '_>) {
    match view.names.dynamic_tag(tag) {
        Some(word) => printer.text(word),
        None => printer.number(tag),
    }
}

fn print_value(entry: &DynamicEntry<'_>, printer: &mut Printer<'_>, view: &View<'_, '_>) {
    if entry.value == DynamicValue::Auto {
        return;
    }
    printer.text(" ");
    match &entry.value {
        DynamicValue::Auto => {}
        DynamicValue::Number(number) => {
            let flags = view.names.dynamic_flags(entry.tag);
            let flags = flags.iter().map(|(bit, name)| (*bit, name.as_str()));
            row::print_flags(printer, *number, flags);
        }
        DynamicValue::Raw(number) => row::print_raw(printer, *number),
        DynamicValue::Name(name) => row::print_name(printer, name),
        DynamicValue::Address(id) => print_call("addr", *id, printer, view),
        DynamicValue::Size(id) => print_call("size", *id, printer, view),
    }
}

fn print_call(
    function: &str,
    id: libelf::edit::SectionId,
    printer: &mut Printer<'_>,
    view: &View<'_, '_>,
) {
    printer.text(function);
    printer.text("(");
    view.print_reference(printer, view.section(id));
    printer.text(")");
}

/// Reads a dynamic section.
pub fn read<'s>(statement: &'s Statement<'s>, context: &mut Context<'s>) -> Read<Contents<'s>> {
    Row::after_keyword(statement).finish()?;
    let mut dynamic = Dynamic::default();
    for statement in statement.children() {
        match read_entry(statement, context) {
            Ok((entry, count)) => {
                for _ in 0..count {
                    dynamic.entries.push(entry.clone());
                }
            }
            Err(error) => context.report(error),
        }
    }
    let is_null = |entry: &DynamicEntry<'_>| entry.tag == NULL && entry.value == DynamicValue::Auto;
    while dynamic.entries.last().is_some_and(is_null) {
        dynamic.entries.pop();
        dynamic.nulls += 1;
    }
    Ok(Contents::Dynamic(dynamic))
}

/// An entry, and how often it is there.
fn read_entry<'s>(
    statement: &'s Statement<'s>,
    context: &mut Context<'s>,
) -> Read<(DynamicEntry<'s>, u64)> {
    let mut row = Row::new(statement);
    let term = row.need("a tag")?;
    let tag = read_tag(term, context)?;
    let value = row.take().map(|term| read_value(term, tag, context)).transpose()?;
    let count = row.attribute("count");
    let most = count.map(|term| (term, context.unsigned(term, u64::BITS)));
    let count = match most {
        Some((term, count)) => {
            let count = count?;
            if count > MOST_NULLS {
                return Err(unexpected(term, "a number up to 16777216"));
            }
            context.make(count.saturating_mul(16), term.span)?;
            count
        }
        None => 1,
    };
    row.finish_line()?;
    Ok((DynamicEntry { tag, value: value.unwrap_or_default() }, count))
}

fn read_tag(term: &Term<'_>, context: &mut Context<'_>) -> Read<u64> {
    match term.word() {
        Some(word) => context.names.dynamic_tag_number(word).ok_or_else(|| {
            let error = unexpected(term, "a dynamic tag, such as `NEEDED`, or its number");
            context.names.suggest(error, word.as_bytes(), context.names.dynamic_tag_words())
        }),
        None => context.wrapped(term, context.word_bits()),
    }
}

fn read_value<'s>(
    term: &'s Term<'s>,
    tag: u64,
    context: &mut Context<'s>,
) -> Read<DynamicValue<'s>> {
    if let Some(raw) = context.raw(term) {
        return raw.map(DynamicValue::Raw);
    }
    // A section's address and size follow the section; all other expressions are numbers.
    for (function, follow) in
        [("addr", DynamicValue::Address as fn(_) -> _), ("size", DynamicValue::Size)]
    {
        if let Some(arg) = call(term, function)
            && let ExprKind::Name(name) = arg.kind
            && let Some(id) = context.section_by_name(name.as_bytes())
        {
            return Ok(follow(id));
        }
    }
    match &term.kind {
        TermKind::Str(text) => Ok(DynamicValue::Name(Name::new(Cow::Borrowed(&**text)))),
        TermKind::List(_) => {
            let names = context.names.dynamic_flags(tag);
            row::flags(term, context.word_bits(), context, &names).map(DynamicValue::Number)
        }
        _ => {
            let bits = context.word_bits();
            let number = context.wrapped(term, bits);
            number.map(DynamicValue::Number).map_err(|error| match term.word() {
                Some(word) => error.hint(format!("a string stands in quotes: \"{word}\"")),
                None => error,
            })
        }
    }
}
