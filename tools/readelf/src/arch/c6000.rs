//! TI C6000: attributes of vendor `c6xabi`.

use common::out;
use libelf::attributes::Cursor;
use libelf::attributes::c6000::{
    C6XABI, TAG_ABI_COMPATIBILITY, TAG_ABI_CONFORMANCE, TAG_ABI_STACK_ALIGN_PRESERVED,
};
use libelf::raw::{SHT_LOPROC, SectionType};

use super::attributes::{Gnu, Printer, Vendors};

/// `SHT_C6000_ATTRIBUTES`
const SHT_C6000_ATTRIBUTES: SectionType = SectionType(SHT_LOPROC + 3);

/// What is understood in files for C6000.
pub static VENDORS: Vendors = Vendors {
    section: Some(SHT_C6000_ATTRIBUTES),
    public: Some(("c6xabi", display)),
    gnu: Some(Gnu(None)),
};

fn display(printer: &mut Printer<'_>, cursor: &mut Cursor<'_>) {
    let number = printer.number32(cursor);
    let Some(tag) = C6XABI.tag(number.into()) else {
        printer.tag_value(number as i32, cursor);
        return;
    };
    match number {
        TAG_ABI_COMPATIBILITY => {
            let flag = printer.number32(cursor) as i32;
            out!(printer.out, "  {}: ", tag.name);
            printer.compatibility(flag, cursor);
        }
        TAG_ABI_CONFORMANCE => {
            out!(printer.out, "  {}: ", tag.name);
            printer.quoted(cursor, "<corrupt>");
        }
        ..TAG_ABI_STACK_ALIGN_PRESERVED => printer.named_value(tag, cursor),
        _ => {
            // A fault of the number is reported before the name is shown.
            let value = printer.number32(cursor);
            out!(printer.out, "  {}: ", tag.name);
            printer.name_of(tag, value);
        }
    }
}
