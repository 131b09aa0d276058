//! Build attributes: `attributes { … }`. ABI for the Arm Architecture, "Addenda"; RISC-V ELF psABI,
//! "Attributes".
//!
//! ```text
//! section .ARM.attributes { attributes {
//!     vendor aeabi {
//!         file { CPU_name "7-A"; CPU_arch 10; compatibility 1 "gnu"; nodefaults; }
//!         sections [1, 2] { 99 "text"; }
//!     }
//! } }
//! ```
//!
//! Tags are words without `Tag_`, or numbers; values are what stands behind them: a number, a
//! string, both, or nothing. Scopes are `file`, `sections [indexes]`, `symbols [indexes]`, or
//! `scope N`. A vendor and a scope may have a `length` of their own.

use libelf::attributes::{Dictionary, dictionary};
use libelf::edit::contents::attributes::{
    Attribute, AttributeValue, Attributes, Subsection, Vendor,
};
use libelf::edit::{Contents, Field};
use libpeg::diagnostic::Diagnostic;
use libpeg::notation::{Statement, Term, TermKind};

use crate::context::{Context, Read, unexpected};
use crate::printer::{Printer, is_word};
use crate::row::{self, Row};
use crate::view::View;

/// What attributes are said of, and the words for it.
const SCOPES: &[(u8, &str)] = &[(1, "file"), (2, "sections"), (3, "symbols")];

/// The word of a tag.
fn tag_word(tag: u64, tags: Option<&Dictionary>) -> Option<&'static str> {
    let word = tags?.name(tag)?.strip_prefix("Tag_")?;
    is_word(word.as_bytes()).then_some(word)
}

/// Prints the block.
pub fn print(attributes: &Attributes<'_>, printer: &mut Printer<'_>, view: &View<'_, '_>) {
    printer.open_inner("attributes");
    for vendor in &attributes.vendors {
        printer.indent();
        printer.text("vendor ");
        printer.name(&vendor.name);
        row::print_field(printer, "length", vendor.length);
        let tags = dictionary(view.names.header().machine, &vendor.name);
        printer.open();
        for subsection in &vendor.subsections {
            print_subsection(subsection, tags, printer);
        }
        printer.close();
    }
    printer.close_inner();
}

fn print_subsection(
    subsection: &Subsection<'_>,
    tags: Option<&Dictionary>,
    printer: &mut Printer<'_>,
) {
    printer.indent();
    if let Some((_, word)) = SCOPES.iter().find(|(scope, _)| *scope == subsection.scope) {
        printer.text(word);
    } else {
        printer.text("scope ");
        printer.number(subsection.scope.into());
    }
    if matches!(subsection.scope, 2 | 3) {
        printer.text(" ");
        row::print_numbers(printer, subsection.indexes.iter().copied());
    }
    row::print_field(printer, "length", subsection.length);
    printer.open();
    for attribute in &subsection.attributes {
        if printer.has_failed() {
            break;
        }
        printer.indent();
        match tag_word(attribute.tag, tags) {
            Some(word) => printer.text(word),
            None => printer.number(attribute.tag),
        }
        if let AttributeValue::Integer(number) | AttributeValue::IntegerAndText(number, _) =
            &attribute.value
        {
            printer.text(" ");
            printer.number(*number);
        }
        if let AttributeValue::Text(text) | AttributeValue::IntegerAndText(_, text) =
            &attribute.value
        {
            printer.text(" ");
            printer.string(text);
        }
        printer.end();
    }
    printer.close();
}

/// Reads the statement.
///
/// # Errors
/// An attribute that it does not have. Errors of vendors are collected.
pub fn read<'s>(statement: &'s Statement<'s>, context: &mut Context<'s>) -> Read<Contents<'s>> {
    Row::after_keyword(statement).finish()?;
    let mut vendors = Vec::with_capacity(statement.children().len());
    for statement in statement.children() {
        let vendor = read_vendor(statement, context);
        vendors.extend(context.check(vendor));
    }
    Ok(Contents::Attributes(Attributes { vendors }))
}

fn read_vendor<'s>(statement: &'s Statement<'s>, context: &mut Context<'s>) -> Read<Vendor<'s>> {
    if statement.keyword() != Some("vendor") {
        return Err(Diagnostic::error(statement.span, "expected `vendor`"));
    }
    let mut row = Row::after_keyword(statement);
    let name = row::bytes(row.need("the name of the vendor")?)?;
    let length = row.field("length", u32::BITS, context)?;
    row.finish()?;
    let tags = dictionary(context.names.header().machine, &name);
    let mut subsections = Vec::with_capacity(statement.children().len());
    for statement in statement.children() {
        let subsection = read_subsection(statement, tags, context);
        subsections.extend(context.check(subsection));
    }
    Ok(Vendor { length, name, subsections })
}

fn read_subsection<'s>(
    statement: &'s Statement<'s>,
    tags: Option<&Dictionary>,
    context: &mut Context<'s>,
) -> Read<Subsection<'s>> {
    let mut row = Row::after_keyword(statement);
    let word = statement.keyword();
    let known = SCOPES.iter().find(|(_, known)| word == Some(known)).map(|(scope, _)| *scope);
    let scope = match known {
        Some(scope) => scope,
        None if word == Some("scope") => {
            context.unsigned(row.need("the number of the scope")?, u8::BITS)? as u8
        }
        None => {
            let message = "expected `file`, `sections`, `symbols` or `scope`";
            return Err(Diagnostic::error(statement.span, message));
        }
    };
    let indexes = match row.take() {
        Some(term) => row::numbers(term, u64::BITS, context)?,
        None => Vec::new(),
    };
    let length: Field<u32> = row.field("length", u32::BITS, context)?;
    row.finish()?;
    let mut attributes = Vec::with_capacity(statement.children().len());
    for statement in statement.children() {
        let attribute = read_attribute(statement, tags, context);
        attributes.extend(context.check(attribute));
    }
    Ok(Subsection { scope, length, indexes, attributes })
}

fn read_attribute<'s>(
    statement: &'s Statement<'s>,
    tags: Option<&Dictionary>,
    context: &mut Context<'s>,
) -> Read<Attribute<'s>> {
    let mut row = Row::new(statement);
    let tag = read_tag(row.need("a tag")?, tags, context)?;
    let value = match (row.take(), row.take()) {
        (None, _) => AttributeValue::Nothing,
        (Some(term), None) => match &term.kind {
            TermKind::Str(_) => AttributeValue::Text(row::bytes(term)?),
            _ => AttributeValue::Integer(context.unsigned(term, u64::BITS)?),
        },
        (Some(number), Some(text)) => {
            AttributeValue::IntegerAndText(context.unsigned(number, u64::BITS)?, row::bytes(text)?)
        }
    };
    row.finish_line()?;
    Ok(Attribute { tag, value })
}

fn read_tag(term: &Term<'_>, tags: Option<&Dictionary>, context: &mut Context<'_>) -> Read<u64> {
    let Some(word) = term.word() else {
        return context.unsigned(term, u64::BITS);
    };
    let known = tags.into_iter().flat_map(|tags| tags.tags);
    let mut numbers = known.map(|tag| u64::from(tag.number));
    numbers
        .find(|&number| tag_word(number, tags) == Some(word))
        .ok_or_else(|| unexpected(term, "a tag of this vendor, or its number"))
}
