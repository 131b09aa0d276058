//! Compressed sections: `compressed … { … }`. gABI, chapter 4, "Compression".
//!
//! ```text
//! section .debug_str PROGBITS C { compressed ZLIB { asciz "text" "more text"; } }
//! section .debug_str PROGBITS C { compressed ZSTD level=19 align=8 { fill 1000; } }
//! section .debug_str PROGBITS C { compressed ZLIB size=0x1000000000000000 { payload { hex { 78 9c } } } }
//! section .zdebug_str { compressed ZDEBUG { asciz "text"; } }
//! ```
//!
//! The block is data, which is compressed; or `payload` with the compressed bytes as they are. The
//! form is `ZLIB`, `ZSTD`, a number that is stored as `ch_type`, or `ZDEBUG` for a section whose
//! name starts with `.zdebug`. Attributes are `size` (`ch_size`), `align` (`ch_addralign`),
//! `reserved` (`ch_reserved`), and `level`: for zlib 0 to 9, for Zstandard 1 to 22.

use libelf::compress::{Format, compress};
use libelf::edit::contents::compressed::{Compressed, CompressionHeader};
use libelf::edit::{Contents, Field};
use libpeg::diagnostic::Diagnostic;
use libpeg::notation::Statement;

use crate::context::{Context, Read, unexpected};
use crate::data;
use crate::printer::Printer;
use crate::row::{self, Row};

/// `ELFCOMPRESS_ZLIB`
const ZLIB: u32 = 1;
/// `ELFCOMPRESS_ZSTD`
const ZSTD: u32 = 2;
/// The level of compression where none is given.
const LEVEL: u8 = 6;

/// Prints the block.
pub fn print(compressed: &Compressed<'_>, printer: &mut Printer<'_>) {
    printer.text(" { compressed ");
    match compressed.header {
        CompressionHeader::Chdr { kind, reserved, size, align } => {
            match kind {
                ZLIB => printer.text("ZLIB"),
                ZSTD => printer.text("ZSTD"),
                _ => printer.number(kind.into()),
            }
            row::print_field(printer, "size", size);
            if align != 1 {
                printer.dec_attribute("align", align);
            }
            if reserved != 0 {
                printer.dec_attribute("reserved", reserved.into());
            }
        }
        CompressionHeader::Zdebug { size } => {
            printer.text("ZDEBUG");
            row::print_field(printer, "size", size);
        }
    }
    printer.open_inner("payload");
    printer.hex(&compressed.payload);
    printer.close_both();
}

/// Reads the statement.
///
/// # Errors
/// A form that is none, a level that the form does not have, or a value that does not fit.
pub fn read<'s>(statement: &'s Statement<'s>, context: &mut Context<'s>) -> Read<Contents<'s>> {
    let mut row = Row::after_keyword(statement);
    let term = row.need("`ZLIB`, `ZSTD`, `ZDEBUG` or a number")?;
    let form = match term.word() {
        Some("ZLIB") => Some(ZLIB),
        Some("ZSTD") => Some(ZSTD),
        Some("ZDEBUG") => None,
        Some(_) => return Err(unexpected(term, "`ZLIB`, `ZSTD` or `ZDEBUG`")),
        None => Some(context.unsigned(term, u32::BITS)? as u32),
    };
    let bits = context.word_bits();
    let given: Field<u64> = row.field("size", bits, context)?;
    let align = row.unsigned("align", bits, context)?.unwrap_or(1);
    let reserved = row.unsigned("reserved", u32::BITS, context)?.unwrap_or_default() as u32;
    let level = row.unsigned("level", u8::BITS, context)?.map_or(LEVEL, |level| level as u8);
    row.finish()?;
    let (payload, size) = match statement.children() {
        [payload] if payload.keyword() == Some("payload") => {
            Row::after_keyword(payload).finish()?;
            (data::read(payload.children(), context)?, given)
        }
        block => {
            let contents = data::read(block, context)?;
            let format = match form {
                None | Some(ZLIB) => Format::Zlib,
                Some(ZSTD) => Format::Zstd,
                Some(_) => {
                    return Err(Diagnostic::error(term.span, "nobody can compress like this")
                        .hint("`payload { … }` is the compressed bytes"));
                }
            };
            let payload = compress(&contents, format, level)
                .map_err(|error| Diagnostic::error(statement.span, error.to_string()))?;
            let size = if given.is_auto() { Field::Is(contents.len() as u64) } else { given };
            (payload.into(), size)
        }
    };
    let header = match form {
        Some(kind) => CompressionHeader::Chdr { kind, reserved, size, align },
        None => CompressionHeader::Zdebug { size },
    };
    Ok(Contents::Compressed(Compressed { header, payload }))
}
