//! Lists of Solaris and of prelinked files, an entry a row. Oracle Solaris, "Linkers and Libraries
//! Guide", chapter 13.
//!
//! ```text
//! section .SUNW_cap { capabilities { HW_1 0x1234; 99 1; } }
//! section .SUNW_syminfo { syminfo { 1; SELF [DIRECT]; 3 [LAZYLOAD]; } }
//! section .SUNW_move { move { value=1 info=0x104 offset=8 repeat=3 stride=2; } }
//! section .gnu.liblist { libraries { "libc.so.6" time_stamp=1 checksum=2 version="" flags=0; } }
//! ```

use libelf::edit::Contents;
use libelf::edit::contents::name::Name;
use libelf::edit::contents::solaris::{Capability, Library, Move, Syminfo};
use libpeg::notation::{Statement, Term};

use crate::context::{Context, Read, unexpected};
use crate::printer::Printer;
use crate::row::{self, Row};

/// `CA_SUNW_` tags.
const CAPABILITIES: &[(u64, &str)] =
    &[(0, "NULL"), (1, "HW_1"), (2, "SF_1"), (3, "HW_2"), (4, "PLAT"), (5, "MACH"), (6, "ID")];
/// `SYMINFO_BT_` numbers.
const BOUND_TO: &[(u64, &str)] =
    &[(0xffff, "SELF"), (0xfffe, "PARENT"), (0xfffd, "NONE"), (0xfffc, "EXTERN")];
/// `SYMINFO_FLG_` flags.
const SYMINFO_FLAGS: &[(u64, &str)] = &[
    (0x1, "DIRECT"),
    (0x2, "FILTER"),
    (0x4, "COPY"),
    (0x8, "LAZYLOAD"),
    (0x10, "DIRECTBIND"),
    (0x20, "NOEXTDIRECT"),
    (0x40, "AUXILIARY"),
    (0x80, "INTERPOSE"),
    (0x100, "CAP"),
    (0x200, "DEFERRED"),
];

/// Prints a word of a table, or the number.
fn print_word(number: u64, words: &[(u64, &str)], printer: &mut Printer<'_>) {
    match words.iter().find(|(known, _)| *known == number) {
        Some((_, word)) => printer.text(word),
        None => printer.number(number),
    }
}

/// The number of a word of a table, or a number of at most `bits` bits.
fn read_word(
    term: &Term<'_>,
    words: &[(u64, &str)],
    bits: u32,
    context: &mut Context<'_>,
) -> Read<u64> {
    match term.word() {
        Some(word) => words
            .iter()
            .find(|(_, known)| *known == word)
            .map(|(number, _)| *number)
            .ok_or_else(|| unexpected(term, "a known word, or a number")),
        None => context.unsigned(term, bits),
    }
}

/// Prints rows as a block.
fn print_rows<T>(
    keyword: &str,
    rows: &[T],
    printer: &mut Printer<'_>,
    print: impl Fn(&T, &mut Printer<'_>),
) {
    printer.open_inner(keyword);
    for row in rows {
        if printer.has_failed() {
            break;
        }
        printer.indent();
        print(row, printer);
        printer.end();
    }
    printer.close_inner();
}

/// Reads the rows of a block. Errors of rows are collected.
fn read_rows<'s, T>(
    statement: &'s Statement<'s>,
    context: &mut Context<'s>,
    read: impl Fn(&mut Row<'s>, &mut Context<'s>) -> Read<T>,
) -> Read<Vec<T>> {
    Row::after_keyword(statement).finish()?;
    let mut rows = Vec::with_capacity(statement.children().len());
    for statement in statement.children() {
        let mut row = Row::new(statement);
        let read = read(&mut row, context).and_then(|value| {
            row.finish_line()?;
            Ok(value)
        });
        rows.extend(context.check(read));
    }
    Ok(rows)
}

/// Prints the block of capabilities.
pub fn print_capabilities(capabilities: &[Capability], printer: &mut Printer<'_>) {
    print_rows("capabilities", capabilities, printer, |capability, printer| {
        print_word(capability.tag, CAPABILITIES, printer);
        printer.text(" ");
        printer.number(capability.value);
    });
}

/// Reads `capabilities`.
///
/// # Errors
/// An attribute that it does not have.
pub fn read_capabilities<'s>(
    statement: &'s Statement<'s>,
    context: &mut Context<'s>,
) -> Read<Contents<'s>> {
    let rows = read_rows(statement, context, |row, context| {
        let bits = context.word_bits();
        let tag = read_word(row.need("a tag")?, CAPABILITIES, bits, context)?;
        let value = context.unsigned(row.need("a value")?, bits)?;
        Ok(Capability { tag, value })
    })?;
    Ok(Contents::Capabilities(rows))
}

/// Prints the block of symbol information.
pub fn print_syminfo(infos: &[Syminfo], printer: &mut Printer<'_>) {
    print_rows("syminfo", infos, printer, |info, printer| {
        print_word(info.bound_to.into(), BOUND_TO, printer);
        if info.flags != 0 {
            printer.text(" ");
            row::print_flags(printer, info.flags.into(), SYMINFO_FLAGS.iter().copied());
        }
    });
}

/// Reads `syminfo`.
///
/// # Errors
/// An attribute that it does not have.
pub fn read_syminfo<'s>(
    statement: &'s Statement<'s>,
    context: &mut Context<'s>,
) -> Read<Contents<'s>> {
    let rows = read_rows(statement, context, |row, context| {
        let bound_to = read_word(row.need("a dynamic entry")?, BOUND_TO, u16::BITS, context)?;
        let flags = match row.take() {
            Some(term) => row::flags(term, u16::BITS, context, SYMINFO_FLAGS)?,
            None => 0,
        };
        Ok(Syminfo { bound_to: bound_to as u16, flags: flags as u16 })
    })?;
    Ok(Contents::Syminfo(rows))
}

/// Prints the block of moves.
pub fn print_moves(moves: &[Move], printer: &mut Printer<'_>) {
    print_rows("move", moves, printer, |entry, printer| {
        printer.text("value=");
        printer.number(entry.value);
        printer.hex_attribute("info", entry.info);
        printer.dec_attribute("offset", entry.offset);
        printer.dec_attribute("repeat", entry.repeat.into());
        printer.dec_attribute("stride", entry.stride.into());
    });
}

/// Reads `move`.
///
/// # Errors
/// An attribute that it does not have.
pub fn read_moves<'s>(
    statement: &'s Statement<'s>,
    context: &mut Context<'s>,
) -> Read<Contents<'s>> {
    let rows = read_rows(statement, context, |row, context| {
        let bits = context.word_bits();
        Ok(Move {
            value: row.unsigned("value", u64::BITS, context)?.unwrap_or_default(),
            info: row.unsigned("info", bits, context)?.unwrap_or_default(),
            offset: row.unsigned("offset", bits, context)?.unwrap_or_default(),
            repeat: row.unsigned("repeat", u16::BITS, context)?.unwrap_or_default() as u16,
            stride: row.unsigned("stride", u16::BITS, context)?.unwrap_or_default() as u16,
        })
    })?;
    Ok(Contents::Moves(rows))
}

/// Prints the block of libraries.
pub fn print_libraries(libraries: &[Library<'_>], printer: &mut Printer<'_>) {
    print_rows("libraries", libraries, printer, |library, printer| {
        row::print_name(printer, &library.name);
        printer.hex_attribute("time_stamp", library.time_stamp.into());
        printer.hex_attribute("checksum", library.checksum.into());
        printer.attribute("version");
        row::print_name(printer, &library.version);
        printer.hex_attribute("flags", library.flags.into());
    });
}

/// Reads `libraries`.
///
/// # Errors
/// An attribute that it does not have.
pub fn read_libraries<'s>(
    statement: &'s Statement<'s>,
    context: &mut Context<'s>,
) -> Read<Contents<'s>> {
    let rows = read_rows(statement, context, |row, context| {
        let name = row::name(row.need("the name of a library")?, context)?;
        let version = match row.attribute("version") {
            Some(term) => row::name(term, context)?,
            None => Name::default(),
        };
        Ok(Library {
            time_stamp: row.number_32("time_stamp", context)?,
            checksum: row.number_32("checksum", context)?,
            flags: row.number_32("flags", context)?,
            name,
            version,
        })
    })?;
    Ok(Contents::Libraries(rows))
}
