//! From the bytes of a file to its description.

use libelf::edit::{Object, SectionId, SegmentId};

use crate::printer::Printer;
use crate::view::{Owner, View};
use crate::{data, header, section, segment};

/// Prints the statements of an object.
pub fn object<'data>(object: &Object<'data>, bytes: &'data [u8], printer: &mut Printer<'_>) {
    let view = View::new(object, bytes);
    printer.indent();
    header::print(printer, &view);
    for (key, one) in object.segments.iter() {
        printer.indent();
        segment::print(SegmentId(key), one, printer, &view);
    }
    for (index, (key, one)) in object.sections.iter().enumerate() {
        if index == 0 && section::is_plain_null(one) {
            continue;
        }
        printer.indent();
        section::print(SectionId(key), one, printer, &view);
    }
    for filler in &object.fillers {
        printer.indent();
        printer.text("filler");
        printer.hex_attribute("offset", filler.offset);
        data::print(&filler.bytes, Owner::Filler, printer, &view);
    }
    if !object.length.is_auto() {
        printer.indent();
        printer.text("length =");
        header::value(object.length, printer);
        printer.end();
    }
}
