//! ARC: attributes of vendor `ARC`.

use common::out;
use libelf::attributes::arc::{ARC, TAG_ABI_OSVER};
use libelf::attributes::{Cursor, Form, Names};
use libelf::raw::{SHT_LOPROC, SectionType};

use super::attributes::{Gnu, Printer, Vendors};

/// `SHT_ARC_ATTRIBUTES`
const SHT_ARC_ATTRIBUTES: SectionType = SectionType(SHT_LOPROC + 1);

/// What is understood in files for ARC.
pub static VENDORS: Vendors = Vendors {
    section: Some(SHT_ARC_ATTRIBUTES),
    public: Some(("ARC", display)),
    gnu: Some(Gnu(None)),
};

/// The tag of the processor family.
const TAG_CPU_BASE: u32 = 5;

fn display(printer: &mut Printer<'_>, cursor: &mut Cursor<'_>) {
    let number = printer.number32(cursor);
    let Some(tag) = ARC.tag(number.into()) else {
        printer.tag_value((number & 1) as i32, cursor);
        return;
    };
    if tag.form == Form::Text {
        out!(printer.out, "  {}: ", tag.name);
        printer.text_value(cursor);
        return;
    }
    let value = printer.number32(cursor);
    out!(printer.out, "  {}: ", tag.name);
    match tag.values {
        Names::Counted(names) => {
            let other = match (number, names) {
                (TAG_CPU_BASE, _) => "Absent",
                // A tag that is on or off is on for any value but 0.
                (_, &[_, on]) => on,
                _ => "Unknown",
            };
            out!(printer.out, "{}\n", tag.values.get(value.into()).unwrap_or(other));
        }
        _ if number == TAG_ABI_OSVER => out!(printer.out, "v{}\n", value as i32),
        _ => out!(printer.out, "{}\n", value as i32),
    }
}
