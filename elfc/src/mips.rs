//! What only MIPS files hold: `abiflags …;`, `reginfo …;`, `options { … }`.
//!
//! ```text
//! section .MIPS.abiflags { abiflags isa=32 revision=2 gpr=32 cpr1=64 fp=1 ases=[DSP]; }
//! section .reginfo { reginfo gprs=0x92000014 cprs=[0, 0, 0, 0] gp=0x18ff0; }
//! section .MIPS.options { options {
//!     option 1 reginfo gprs=0x10000000 gp=0x18ff0;
//!     option 7 info=1 hex { 00000000 };
//! } }
//! ```
//!
//! Sizes of registers are in bits; `raw(9)` is the number of a size that is none. The attributes
//! of an option are `section`, `info` and `size`, its bytes with the header.

use libelf::edit::Contents;
use libelf::edit::contents::mips::{MipsOption, OptionContents};
use libelf::edit::contents::{AbiFlags, RegInfo};
use libelf::mips::register_size;
use libpeg::diagnostic::Diagnostic;
use libpeg::notation::Statement;

use crate::context::{Context, Read, unexpected};
use crate::printer::Printer;
use crate::row::{self, Row};

/// Application specific extensions (`AFL_ASE_`), by bit.
const ASES: &[(u64, &str)] = &[
    (0x1, "DSP"),
    (0x2, "DSPR2"),
    (0x4, "EVA"),
    (0x8, "MCU"),
    (0x10, "MDMX"),
    (0x20, "MIPS3D"),
    (0x40, "MT"),
    (0x80, "SMARTMIPS"),
    (0x100, "VIRT"),
    (0x200, "MSA"),
    (0x400, "MIPS16"),
    (0x800, "MICROMIPS"),
    (0x1000, "XPA"),
    (0x2000, "DSPR3"),
    (0x4000, "MIPS16E2"),
    (0x8000, "CRC"),
    (0x2_0000, "GINV"),
    (0x4_0000, "LOONGSON_MMI"),
    (0x8_0000, "LOONGSON_CAM"),
    (0x10_0000, "LOONGSON_EXT"),
    (0x20_0000, "LOONGSON_EXT2"),
];

/// Prints the block of `.MIPS.abiflags`.
pub fn print_abi_flags(flags: &AbiFlags, printer: &mut Printer<'_>) {
    printer.text(" { abiflags");
    attribute("version", flags.version.into(), printer);
    printer.dec_attribute("isa", flags.isa_level.into());
    attribute("revision", flags.isa_rev.into(), printer);
    for (name, size) in
        [("gpr", flags.gpr_size), ("cpr1", flags.cpr1_size), ("cpr2", flags.cpr2_size)]
    {
        if let Some(bits) = register_size(size) {
            attribute(name, bits.into(), printer);
        } else {
            printer.attribute(name);
            row::print_raw(printer, size.into());
        }
    }
    attribute("fp", flags.fp_abi.into(), printer);
    attribute("extension", flags.isa_ext.into(), printer);
    if flags.ases != 0 {
        printer.attribute("ases");
        row::print_flags(printer, flags.ases.into(), ASES.iter().copied());
    }
    attribute("flags1", flags.flags1.into(), printer);
    attribute("flags2", flags.flags2.into(), printer);
    printer.text("; }\n");
}

/// Prints ` name=value` unless the value is 0.
fn attribute(name: &str, value: u64, printer: &mut Printer<'_>) {
    if value != 0 {
        printer.dec_attribute(name, value);
    }
}

fn print_registers(info: &RegInfo, printer: &mut Printer<'_>) {
    printer.hex_attribute("gprs", info.gpr_mask.into());
    if info.cpr_mask != [0; 4] {
        printer.attribute("cprs");
        row::print_numbers(printer, info.cpr_mask.iter().map(|&mask| mask.into()));
    }
    printer.hex_attribute("gp", info.gp_value);
}

/// Prints the block of `.reginfo`.
pub fn print_reg_info(info: &RegInfo, printer: &mut Printer<'_>) {
    printer.text(" { reginfo");
    print_registers(info, printer);
    printer.text("; }\n");
}

/// Prints the block of `.MIPS.options`.
pub fn print_options(options: &[MipsOption<'_>], printer: &mut Printer<'_>) {
    printer.open_inner("options");
    for option in options {
        printer.indent();
        printer.text("option ");
        printer.dec(option.kind.into());
        attribute("section", option.section.into(), printer);
        attribute("info", option.info.into(), printer);
        row::print_field(printer, "size", option.size);
        match &option.contents {
            OptionContents::RegInfo(info) => {
                printer.word("reginfo");
                print_registers(info, printer);
            }
            OptionContents::Bytes(bytes) if bytes.is_empty() => {}
            OptionContents::Bytes(bytes) => {
                printer.text(" ");
                printer.hex_value(bytes);
            }
        }
        printer.end();
    }
    printer.close_inner();
}

/// Reads `abiflags`.
///
/// # Errors
/// A value that does not fit.
pub fn read_abi_flags<'s>(
    statement: &'s Statement<'s>,
    context: &mut Context<'s>,
) -> Read<Contents<'s>> {
    let mut row = Row::after_keyword(statement);
    let ases = match row.attribute("ases") {
        Some(term) => row::flags(term, u32::BITS, context, ASES)? as u32,
        None => 0,
    };
    let flags = AbiFlags {
        version: row.number("version", u16::BITS, context)? as u16,
        isa_level: row.number("isa", u8::BITS, context)? as u8,
        isa_rev: row.number("revision", u8::BITS, context)? as u8,
        gpr_size: size("gpr", &mut row, context)?,
        cpr1_size: size("cpr1", &mut row, context)?,
        cpr2_size: size("cpr2", &mut row, context)?,
        fp_abi: row.number("fp", u8::BITS, context)? as u8,
        isa_ext: row.number("extension", u32::BITS, context)? as u32,
        ases,
        flags1: row.number("flags1", u32::BITS, context)? as u32,
        flags2: row.number("flags2", u32::BITS, context)? as u32,
    };
    row.finish_line()?;
    Ok(Contents::MipsAbiFlags(flags))
}

/// The number of a register's size: of so many bits, or any by `raw(…)`.
fn size(name: &'static str, row: &mut Row<'_>, context: &mut Context<'_>) -> Read<u8> {
    let Some(term) = row.attribute(name) else {
        return Ok(0);
    };
    if let Some(raw) = context.raw(term) {
        return Ok(raw? as u8);
    }
    let bits = context.unsigned(term, u32::BITS)? as u32;
    let found = (0..=3).find(|&size| register_size(size) == Some(bits));
    found.ok_or_else(|| unexpected(term, "0, 32, 64 or 128"))
}

fn read_registers(row: &mut Row<'_>, context: &mut Context<'_>) -> Read<RegInfo> {
    let cpr_mask = match row.attribute("cprs") {
        Some(term) => {
            let masks: Vec<u32> = row::numbers(term, u32::BITS, context)?;
            masks.try_into().map_err(|_| unexpected(term, "four masks"))?
        }
        None => [0; 4],
    };
    Ok(RegInfo {
        gpr_mask: row.number("gprs", u32::BITS, context)? as u32,
        cpr_mask,
        gp_value: row.number("gp", u64::BITS, context)?,
    })
}

/// Reads `reginfo`.
///
/// # Errors
/// A value that does not fit.
pub fn read_reg_info<'s>(
    statement: &'s Statement<'s>,
    context: &mut Context<'s>,
) -> Read<Contents<'s>> {
    let mut row = Row::after_keyword(statement);
    let info = read_registers(&mut row, context)?;
    row.finish_line()?;
    Ok(Contents::MipsRegInfo(info))
}

/// Reads `options`.
///
/// # Errors
/// An attribute that it does not have. Errors of options are collected.
pub fn read_options<'s>(
    statement: &'s Statement<'s>,
    context: &mut Context<'s>,
) -> Read<Contents<'s>> {
    Row::after_keyword(statement).finish()?;
    let mut options = Vec::with_capacity(statement.children().len());
    for statement in statement.children() {
        let option = read_option(statement, context);
        options.extend(context.check(option));
    }
    Ok(Contents::MipsOptions(options))
}

fn read_option<'s>(
    statement: &'s Statement<'s>,
    context: &mut Context<'s>,
) -> Read<MipsOption<'s>> {
    if statement.keyword() != Some("option") {
        return Err(Diagnostic::error(statement.span, "expected `option`"));
    }
    let mut row = Row::after_keyword(statement);
    let kind = context.unsigned(row.need("the kind of option")?, u8::BITS)? as u8;
    let contents = match row.take() {
        None => OptionContents::Bytes(b"".into()),
        Some(term) if term.word() == Some("reginfo") => {
            OptionContents::RegInfo(read_registers(&mut row, context)?)
        }
        Some(term) => OptionContents::Bytes(row::bytes(term)?),
    };
    let option = MipsOption {
        kind,
        size: row.field("size", u8::BITS, context)?,
        section: row.number("section", u16::BITS, context)? as u16,
        info: row.number("info", u32::BITS, context)? as u32,
        contents,
    };
    row.finish_line()?;
    Ok(option)
}
