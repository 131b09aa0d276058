//! RISC-V: attributes of vendor `riscv`.

use common::out;
use libelf::attributes::Cursor;
use libelf::attributes::riscv::{RISCV, TAG_ARCH, TAG_STACK_ALIGN, TAG_UNALIGNED_ACCESS};
use libelf::raw::SHT_RISCV_ATTRIBUTES;

use super::attributes::{Gnu, Printer, Vendors};

/// What is understood in files for RISC-V.
pub static VENDORS: Vendors = Vendors {
    section: Some(SHT_RISCV_ATTRIBUTES),
    public: Some(("riscv", display)),
    gnu: Some(Gnu(None)),
};

fn display(printer: &mut Printer<'_>, cursor: &mut Cursor<'_>) {
    let number = printer.number(cursor);
    let Some(tag) = RISCV.tag(number) else {
        printer.tag_value(number as i32, cursor);
        return;
    };
    out!(printer.out, "  {}: ", tag.name);
    if tag.number == TAG_ARCH {
        printer.text_value(cursor);
        return;
    }
    let value = printer.number(cursor);
    match tag.number {
        TAG_STACK_ALIGN => out!(printer.out, "{value}-bytes\n"),
        TAG_UNALIGNED_ACCESS => {
            // GNU readelf ends the line only after a value that it knows.
            if let Some(name) = tag.values.get(value) {
                out!(printer.out, "{name}\n");
            }
        }
        _ => out!(printer.out, "{value}\n"),
    }
}
