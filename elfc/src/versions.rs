//! Version definitions and needs: `verdef { … }`, `verneed { … }`. LSB Core, chapter 10, "Symbol
//! Versioning".
//!
//! ```text
//! section .gnu.version_d { verdef {
//!     version "libx.so.1" flags=[BASE];
//!     version "X_1";
//!     version "X_2" "X_1";               its name, then those of its parents
//! } }
//! section .gnu.version_r { verneed {
//!     file "libc.so.6" { "GLIBC_2.2.5" 4; "GLIBC_2.34" 5 flags=[WEAK]; }
//! } }
//! ```
//!
//! What symbols have which version (`SHT_GNU_versym`) is data: `section .gnu.version { u16 0 1 2; }`.
//!
//! Names are strings, or their offsets in the linked string table. Raw fields:
//!
//! | statement | attributes |
//! |---|---|
//! | `version` | `index`, `version`, `count`, `hash`, `aux`, `next` |
//! | `name`, in the block of a `version` that lists its names there | `next` |
//! | `file` | `version`, `count`, `aux`, `next` |
//! | a needed version | `hash`, `flags`, `next` |
//!
//! `order=headers_first` puts all definitions or files before all names, as LLVM's linker does.

use libelf::edit::contents::name::Name;
use libelf::edit::contents::versions::{
    Definition, DefinitionName, Definitions, Need, NeededVersion, Needs, Order,
};
use libelf::edit::{Contents, Field};
use libelf::hash::sysv_hash;
use libpeg::diagnostic::Diagnostic;
use libpeg::notation::Statement;

use crate::context::{Context, Read, unexpected};
use crate::printer::Printer;
use crate::row::{self, Row};

/// `VER_FLG_` flags.
const FLAGS: &[(u64, &str)] = &[(1, "BASE"), (2, "WEAK"), (4, "INFO")];

fn open(keyword: &str, order: Order, printer: &mut Printer<'_>) {
    printer.text(" { ");
    printer.text(keyword);
    if order == Order::HeadersFirst {
        printer.attribute("order");
        printer.text("headers_first");
    }
    printer.open();
}

fn print_flags(flags: u16, printer: &mut Printer<'_>) {
    if flags != 0 {
        printer.attribute("flags");
        row::print_flags(printer, flags.into(), FLAGS.iter().copied());
    }
}

/// Prints a hash that is not that of the name, or whose name is printed as its offset only.
fn print_hash(hash: Field<u32>, name: Option<&Name<'_>>, printer: &mut Printer<'_>) {
    let unnamed = name.filter(|name| hash.is_auto() && !name.offset.is_auto());
    let computed = unnamed.map_or(0, |name| sysv_hash(&name.text));
    let hash = if computed == 0 { hash } else { Field::Is(computed) };
    row::print_field(printer, "hash", hash);
}

fn read_flags(row: &mut Row<'_>, context: &mut Context<'_>) -> Read<u16> {
    match row.attribute("flags") {
        Some(term) => Ok(row::flags(term, u16::BITS, context, FLAGS)? as u16),
        None => Ok(0),
    }
}

fn read_order(statement: &Statement<'_>) -> Read<Order> {
    let mut head = Row::after_keyword(statement);
    let order = match head.attribute("order") {
        None => Order::Nested,
        Some(term) if term.word() == Some("headers_first") => Order::HeadersFirst,
        Some(term) if term.word() == Some("nested") => Order::Nested,
        Some(term) => return Err(unexpected(term, "`nested` or `headers_first`")),
    };
    head.finish()?;
    Ok(order)
}

/// The version indexes of a line.
const INDEXES_LINE: usize = 16;

/// Prints the version indexes of symbols, as data: `u16 0 1 0x8002;`.
pub fn print_indexes(indexes: &[u16], printer: &mut Printer<'_>) {
    let print_line = |line: &[u16], printer: &mut Printer<'_>| {
        printer.text("u16");
        for &index in line {
            printer.text(" ");
            printer.number(index.into());
        }
    };
    if indexes.len() <= INDEXES_LINE {
        printer.text(" { ");
        print_line(indexes, printer);
        return printer.text("; }\n");
    }
    printer.open();
    for line in indexes.chunks(INDEXES_LINE) {
        printer.indent();
        print_line(line, printer);
        printer.end();
    }
    printer.close();
}

/// Prints the block of definitions.
pub fn print_definitions(definitions: &Definitions<'_>, printer: &mut Printer<'_>) {
    open("verdef", definitions.order, printer);
    for definition in &definitions.definitions {
        if printer.has_failed() {
            break;
        }
        print_definition(definition, printer);
    }
    printer.close_inner();
}

fn print_definition(definition: &Definition<'_>, printer: &mut Printer<'_>) {
    printer.indent();
    printer.text("version");
    // Names in the head, unless one of them says how far it is to the next.
    let is_plain = definition.names.iter().all(|name| name.next == Field::Auto);
    if is_plain {
        for name in &definition.names {
            printer.text(" ");
            row::print_name(printer, &name.name);
        }
    }
    row::print_field(printer, "index", definition.index);
    print_flags(definition.flags, printer);
    row::print_field(printer, "version", definition.version);
    row::print_field(printer, "count", definition.count);
    print_hash(definition.hash, definition.names.first().map(|first| &first.name), printer);
    row::print_field(printer, "aux", definition.aux);
    row::print_field(printer, "next", definition.next);
    if is_plain {
        return printer.end();
    }
    printer.open();
    for name in &definition.names {
        printer.indent();
        printer.text("name ");
        row::print_name(printer, &name.name);
        row::print_field(printer, "next", name.next);
        printer.end();
    }
    printer.close();
}

/// Prints the block of needs.
pub fn print_needs(needs: &Needs<'_>, printer: &mut Printer<'_>) {
    open("verneed", needs.order, printer);
    for need in &needs.needs {
        if printer.has_failed() {
            break;
        }
        printer.indent();
        printer.text("file ");
        row::print_name(printer, &need.file);
        row::print_field(printer, "version", need.version);
        row::print_field(printer, "count", need.count);
        row::print_field(printer, "aux", need.aux);
        row::print_field(printer, "next", need.next);
        printer.open();
        for version in &need.versions {
            printer.indent();
            row::print_name(printer, &version.name);
            printer.text(" ");
            printer.number(version.index.into());
            print_flags(version.flags, printer);
            print_hash(version.hash, Some(&version.name), printer);
            row::print_field(printer, "next", version.next);
            printer.end();
        }
        printer.close();
    }
    printer.close_inner();
}

/// Reads `verdef`.
///
/// # Errors
/// An order that is none. Errors of definitions are collected.
pub fn read_definitions<'s>(
    statement: &'s Statement<'s>,
    context: &mut Context<'s>,
) -> Read<Contents<'s>> {
    let order = read_order(statement)?;
    let mut definitions = Vec::with_capacity(statement.children().len());
    for statement in statement.children() {
        let definition = read_definition(statement, context);
        definitions.extend(context.check(definition));
    }
    Ok(Contents::Definitions(Definitions { order, definitions }))
}

fn read_definition<'s>(
    statement: &'s Statement<'s>,
    context: &mut Context<'s>,
) -> Read<Definition<'s>> {
    expect_keyword(statement, "version")?;
    let mut row = Row::after_keyword(statement);
    let mut definition = Definition {
        version: row.field("version", u16::BITS, context)?,
        flags: read_flags(&mut row, context)?,
        index: row.field("index", u16::BITS, context)?,
        count: row.field("count", u16::BITS, context)?,
        hash: row.field("hash", u32::BITS, context)?,
        aux: row.field("aux", u32::BITS, context)?,
        next: row.field("next", u32::BITS, context)?,
        names: Vec::new(),
    };
    while let Some(term) = row.take() {
        let name = row::name(term, context)?;
        definition.names.push(DefinitionName { name, next: Field::Auto });
    }
    row.finish()?;
    for statement in statement.children() {
        let name = read_definition_name(statement, context);
        definition.names.extend(context.check(name));
    }
    Ok(definition)
}

fn read_definition_name<'s>(
    statement: &'s Statement<'s>,
    context: &mut Context<'s>,
) -> Read<DefinitionName<'s>> {
    expect_keyword(statement, "name")?;
    let mut row = Row::after_keyword(statement);
    let name = row::name(row.need("a name")?, context)?;
    let next = row.field("next", u32::BITS, context)?;
    row.finish_line()?;
    Ok(DefinitionName { name, next })
}

/// Reads `verneed`.
///
/// # Errors
/// An order that is none. Errors of files are collected.
pub fn read_needs<'s>(
    statement: &'s Statement<'s>,
    context: &mut Context<'s>,
) -> Read<Contents<'s>> {
    let order = read_order(statement)?;
    let mut needs = Vec::with_capacity(statement.children().len());
    for statement in statement.children() {
        let need = read_need(statement, context);
        needs.extend(context.check(need));
    }
    Ok(Contents::Needs(Needs { order, needs }))
}

fn read_need<'s>(statement: &'s Statement<'s>, context: &mut Context<'s>) -> Read<Need<'s>> {
    expect_keyword(statement, "file")?;
    let mut row = Row::after_keyword(statement);
    let mut need = Need {
        file: row::name(row.need("the name of a file")?, context)?,
        version: row.field("version", u16::BITS, context)?,
        count: row.field("count", u16::BITS, context)?,
        aux: row.field("aux", u32::BITS, context)?,
        next: row.field("next", u32::BITS, context)?,
        versions: Vec::with_capacity(statement.children().len()),
    };
    row.finish()?;
    for statement in statement.children() {
        let version = read_needed_version(statement, context);
        need.versions.extend(context.check(version));
    }
    Ok(need)
}

fn read_needed_version<'s>(
    statement: &'s Statement<'s>,
    context: &mut Context<'s>,
) -> Read<NeededVersion<'s>> {
    let mut row = Row::new(statement);
    let name = row::name(row.need("the name of a version")?, context)?;
    let index = context.unsigned(row.need("the index of the version")?, u16::BITS)? as u16;
    let version = NeededVersion {
        hash: row.field("hash", u32::BITS, context)?,
        flags: read_flags(&mut row, context)?,
        index,
        name,
        next: row.field("next", u32::BITS, context)?,
    };
    row.finish_line()?;
    Ok(version)
}

fn expect_keyword(statement: &Statement<'_>, keyword: &str) -> Read<()> {
    if statement.keyword() == Some(keyword) {
        return Ok(());
    }
    Err(Diagnostic::error(statement.span, format!("expected `{keyword}`")))
}
