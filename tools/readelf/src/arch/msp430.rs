//! MSP430: attributes of vendors `mspabi` and `gnu`.

use common::out;
use libelf::attributes::Cursor;
use libelf::attributes::gnu::MSP430;
use libelf::attributes::msp430::MSPABI;
use libelf::raw::{SHT_LOPROC, SectionType};

use super::attributes::{Gnu, Printer, Vendors};

/// `SHT_MSP430_ATTRIBUTES`
const SHT_MSP430_ATTRIBUTES: SectionType = SectionType(SHT_LOPROC + 3);

/// What is understood in files for MSP430.
pub static VENDORS: Vendors = Vendors {
    section: Some(SHT_MSP430_ATTRIBUTES),
    public: Some(("mspabi", display)),
    gnu: Some(Gnu(Some(display_gnu))),
};

fn display(printer: &mut Printer<'_>, cursor: &mut Cursor<'_>) {
    let number = printer.number(cursor);
    if let Some(tag) = MSPABI.tag(number) {
        out!(printer.out, "  {}: ", tag.name);
        let value = printer.number(cursor);
        match tag.values.get(value) {
            Some(name) => out!(printer.out, "{name}\n"),
            None => out!(printer.out, "??? ({})\n", value as i64),
        }
        return;
    }
    out!(printer.out, "  <unknown tag {}>: ", number);
    if number & 1 != 0 {
        printer.quoted(cursor, "<corrupt>");
    } else {
        let value = printer.number(cursor);
        out!(printer.out, "{} ({value:#x})\n", value as i64);
    }
}

fn display_gnu(printer: &mut Printer<'_>, number: u32, cursor: &mut Cursor<'_>) {
    let Some(tag) = MSP430.tag(number.into()) else {
        printer.tag_value((number & 1) as i32, cursor);
        return;
    };
    out!(printer.out, "  {}: ", tag.name);
    let value = printer.number(cursor);
    match tag.values.get(value) {
        Some(name) => out!(printer.out, "{name}\n"),
        None => out!(printer.out, "??? ({value})\n"),
    }
}
