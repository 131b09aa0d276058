//! The `strings` statement: a string table. gABI, chapter 4, "String Table".
//!
//! A string table without contents of its own holds the names of all that links to it. `strings`
//! says what it holds beside them, and in which order:
//!
//! ```text
//! section .strtab STRTAB { strings order=reversed "unused" ""; }
//! ```

use std::borrow::Cow;

use libelf::edit::Contents;
use libelf::edit::contents::{StringOrder, Strings};
use libpeg::notation::{Statement, TermKind};

use crate::context::{Context, Read, unexpected};
use crate::printer::Printer;

/// The words for the orders.
const ORDERS: &[(&str, StringOrder)] = &[
    ("use", StringOrder::Use),
    ("reversed", StringOrder::Reversed),
    ("unshared", StringOrder::Unshared),
];

/// Prints the block.
pub fn print(strings: &Strings<'_>, printer: &mut Printer<'_>) {
    printer.text(" { strings");
    if let Some((word, _)) = ORDERS.iter().find(|(_, order)| *order == strings.order)
        && strings.order != StringOrder::default()
    {
        printer.attribute("order");
        printer.text(word);
    }
    for string in &strings.first {
        printer.text(" ");
        printer.string(string);
    }
    printer.text("; }\n");
}

/// Reads the statement.
///
/// # Errors
/// A term that is neither a string nor an order.
pub fn read<'s>(statement: &'s Statement<'s>, _: &mut Context<'s>) -> Read<Contents<'s>> {
    let mut strings = Strings::default();
    for term in statement.terms.iter().skip(1) {
        match &term.kind {
            TermKind::Str(text) => strings.first.push(Cow::Borrowed(text)),
            TermKind::Attr("order", value) => {
                let order = ORDERS.iter().find(|(word, _)| value.word() == Some(word));
                let Some((_, order)) = order else {
                    return Err(unexpected(value, "`use`, `reversed` or `unshared`"));
                };
                strings.order = *order;
            }
            _ => return Err(unexpected(term, "a string, or `order=`")),
        }
    }
    Ok(Contents::Strings(strings))
}
