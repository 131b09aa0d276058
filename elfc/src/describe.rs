//! From the bytes of a file to its description.

use std::io::{self, Write};

use libelf::archive::Build;
use libelf::edit::{Object, SectionId, SegmentId};
use libelf::raw::SHT_NULL;

use crate::printer::Printer;
use crate::view::{Owner, View};
use crate::{archives, data, header, section, segment};

/// Archives in archives deeper than this are described as bytes.
const DEEPEST_ARCHIVE: usize = 8;

/// Writes the description of a file. `name` is what the first line calls it.
///
/// # Errors
/// Those of writing to `out`.
pub fn describe(bytes: &[u8], name: &str, out: &mut dyn Write) -> io::Result<()> {
    let mut printer = Printer::new(out);
    let name: String = name.chars().map(|c| if c.is_control() { '?' } else { c }).collect();
    printer.text("// ");
    printer.text(&name);
    printer.end_line();
    if !structured(bytes, &mut printer, 0) {
        printer.text("raw");
        data::print(bytes, Owner::Filler, &mut printer);
    }
    printer.finish()
}

/// Prints an object or an archive; whether `bytes` are one.
pub fn structured(bytes: &[u8], printer: &mut Printer<'_>, depth: usize) -> bool {
    if let Ok(mut opened) = Object::open(bytes) {
        // What cannot be simplified is printed with every field.
        let _ = opened.simplify();
        object(&opened, bytes, printer);
        return true;
    }
    if depth < DEEPEST_ARCHIVE
        && let Ok(mut opened) = Build::open(bytes)
    {
        opened.simplify();
        archives::print(&opened, printer, depth);
        return true;
    }
    false
}

/// Prints the statements of an object.
fn object<'data>(object: &Object<'data>, bytes: &'data [u8], printer: &mut Printer<'_>) {
    let view = View::new(object, bytes);
    printer.indent();
    header::print(printer, &view);
    for (key, one) in object.segments.iter() {
        printer.indent();
        segment::print(SegmentId(key), one, printer, &view);
    }
    // A null section stands before the first section that is none, said or not.
    let second = object.sections.iter().nth(1);
    let is_implied = second.is_some_and(|(_, second)| second.kind != SHT_NULL.0);
    for (index, (key, one)) in object.sections.iter().enumerate() {
        if index == 0 && is_implied && section::is_plain_null(one) {
            continue;
        }
        printer.indent();
        section::print(SectionId(key), one, printer, &view);
    }
    for filler in &object.fillers {
        printer.indent();
        printer.text("filler");
        printer.hex_attribute("offset", filler.offset);
        data::print(&filler.bytes, Owner::Filler, printer);
    }
    if !object.length.is_auto() {
        printer.indent();
        printer.text("length =");
        header::value(object.length, printer);
        printer.end();
    }
}
