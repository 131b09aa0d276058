//! Where the debugging information of a file lies: `debuglink …;`, `debugaltlink …;`.
//!
//! ```text
//! section .gnu_debuglink { debuglink "program.debug" crc=0x12345678; }
//! section .gnu_debuglink { debuglink "program.debug" file="out/program.debug"; }
//! section .gnu_debugaltlink { debugaltlink "common.debug" hex { 0102 }; }
//! ```
//!
//! `file` is the file whose checksum is stored.

use std::fs::File;
use std::io::{self, BufRead, BufReader};

use libelf::edit::Contents;
use libelf::edit::contents::debug_link::{DebugAltLink, DebugLink};
use libpeg::notation::Statement;

use crate::context::{Context, Read};
use crate::files;
use crate::printer::Printer;
use crate::row::{self, Row};

/// Prints the block of `.gnu_debuglink`.
pub fn print(link: &DebugLink<'_>, printer: &mut Printer<'_>) {
    printer.text(" { debuglink ");
    printer.string(&link.name);
    printer.hex_attribute("crc", link.crc.into());
    printer.text("; }\n");
}

/// Prints the block of `.gnu_debugaltlink`.
pub fn print_alt(link: &DebugAltLink<'_>, printer: &mut Printer<'_>) {
    printer.text(" { debugaltlink ");
    printer.string(&link.name);
    printer.text(" ");
    printer.hex_value(&link.build_id);
    printer.text("; }\n");
}

/// Reads `debuglink`.
///
/// # Errors
/// A value that does not fit, or a file that cannot be read.
pub fn read<'s>(statement: &'s Statement<'s>, context: &mut Context<'s>) -> Read<Contents<'s>> {
    let mut row = Row::after_keyword(statement);
    let name = row::bytes(row.need("the name of the file")?)?;
    let crc = match row.bytes("file")? {
        Some(path) => {
            let (file, _) = files::open(&path, statement.span, context)?;
            checksum(file).map_err(|error| files::failed(&path, statement.span, &error))?
        }
        None => row.unsigned("crc", u32::BITS, context)?.unwrap_or_default() as u32,
    };
    row.finish_line()?;
    Ok(Contents::DebugLink(DebugLink { name, crc }))
}

/// Reads `debugaltlink`.
///
/// # Errors
/// A term that is neither a string nor bytes.
pub fn read_alt<'s>(statement: &'s Statement<'s>, _: &mut Context<'s>) -> Read<Contents<'s>> {
    let mut row = Row::after_keyword(statement);
    let name = row::bytes(row.need("the name of the file")?)?;
    let build_id = row.take().map(row::bytes).transpose()?.unwrap_or_default();
    row.finish_line()?;
    Ok(Contents::DebugAltLink(DebugAltLink { name, build_id }))
}

/// The CRC-32 of a file.
fn checksum(file: File) -> io::Result<u32> {
    let mut file = BufReader::new(file);
    let mut crc = flate2::Crc::new();
    loop {
        let bytes = file.fill_buf()?;
        let count = bytes.len();
        if count == 0 {
            return Ok(crc.sum());
        }
        crc.update(bytes);
        file.consume(count);
    }
}
