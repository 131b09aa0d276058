//! Packed relative relocations: `relr { … }`.
//!
//! ```text
//! section .relr.dyn { relr {
//!     0x3d90 0x3d98 0x3da0;
//!     0x4000;
//! } }
//! ```
//!
//! Each statement is addresses, which are packed; `padding=2` adds empty bitmaps behind them.
//! `relr words=1 { … }` holds the words as they are.

use libelf::edit::Contents;
use libelf::edit::contents::relr::Relr;
use libpeg::diagnostic::Diagnostic;
use libpeg::notation::Statement;

use crate::context::{Context, Read};
use crate::printer::Printer;
use crate::row::Row;

/// The addresses of a line.
const LINE: usize = 6;
/// More empty bitmaps than that are not meant.
const MOST_PADDING: u64 = 1 << 20;

/// Prints the block.
pub fn print(relr: &Relr, printer: &mut Printer<'_>) {
    printer.text(" { relr");
    let numbers = match relr {
        Relr::Words(words) => {
            printer.dec_attribute("words", 1);
            words
        }
        Relr::Addresses { addresses, padding } => {
            if *padding != 0 {
                printer.dec_attribute("padding", *padding as u64);
            }
            addresses
        }
    };
    printer.open();
    for line in numbers.chunks(LINE) {
        if printer.has_failed() {
            break;
        }
        printer.indent();
        for (index, &number) in line.iter().enumerate() {
            printer.text(if index == 0 { "" } else { " " });
            printer.hex_number(number);
        }
        printer.end();
    }
    printer.close_inner();
}

/// Reads the statement.
///
/// # Errors
/// An attribute that it does not have. Errors of addresses are collected.
pub fn read<'s>(statement: &'s Statement<'s>, context: &mut Context<'s>) -> Read<Contents<'s>> {
    let mut head = Row::after_keyword(statement);
    let is_words = head.unsigned("words", 1, context)? == Some(1);
    let padding = head.attribute("padding");
    head.finish()?;
    let padding = match padding {
        None => 0,
        Some(term) => {
            let padding = context.unsigned(term, u32::BITS)?;
            if padding > MOST_PADDING {
                return Err(Diagnostic::error(term.span, "more than 2^20 empty bitmaps"));
            }
            padding as usize
        }
    };
    let bits = context.word_bits();
    let mut numbers = Vec::with_capacity(statement.children().len());
    for statement in statement.children() {
        let mut row = Row::new(statement);
        while let Some(term) = row.take() {
            let number = context.unsigned(term, bits);
            numbers.extend(context.check(number));
        }
        let end = row.finish_line();
        context.check(end);
    }
    Ok(Contents::Relr(if is_words {
        Relr::Words(numbers)
    } else {
        Relr::Addresses { addresses: numbers, padding }
    }))
}
