//! ARM: attributes of vendor `aeabi`.

use common::out;
use libelf::attributes::arm::{
    AEABI, TAG_ABI_ALIGN_NEEDED, TAG_ABI_ALIGN_PRESERVED, TAG_ABI_PCS_WCHAR_T,
    TAG_ALSO_COMPATIBLE_WITH, TAG_COMPATIBILITY, TAG_CPU_ARCH, TAG_NODEFAULTS, architecture,
};
use libelf::attributes::{Cursor, Form};
use libelf::raw::SHT_ARM_ATTRIBUTES;

use super::attributes::{Gnu, Printer, Vendors};

/// What is understood in files for ARM.
pub static VENDORS: Vendors = Vendors {
    section: Some(SHT_ARM_ATTRIBUTES),
    public: Some(("aeabi", display)),
    gnu: Some(Gnu(None)),
};

/// The exponents of alignments beyond 8 bytes that have a meaning.
const EXTENDED_ALIGNMENTS: std::ops::RangeInclusive<u32> = 4..=12;

fn display(printer: &mut Printer<'_>, cursor: &mut Cursor<'_>) {
    let number = printer.number32(cursor);
    let Some(tag) = AEABI.tag(number.into()) else {
        printer.tag_value(number as i32, cursor);
        return;
    };
    match number {
        TAG_COMPATIBILITY => {
            out!(printer.out, "  {}: ", tag.name);
            let flag = printer.number32(cursor) as i32;
            printer.compatibility(flag, cursor);
        }
        TAG_ABI_ALIGN_NEEDED | TAG_ABI_ALIGN_PRESERVED => {
            out!(printer.out, "  {}: ", tag.name);
            let value = printer.number32(cursor);
            match value {
                3 => out!(printer.out, "??? 3\n"),
                _ if EXTENDED_ALIGNMENTS.contains(&value) => {
                    out!(printer.out, "8-byte and up to {}-byte extended\n", 1u32 << value);
                }
                _ => printer.name_of(tag, value),
            }
        }
        TAG_ABI_PCS_WCHAR_T => {
            out!(printer.out, "  {}: ", tag.name);
            let value = printer.number32(cursor);
            match value {
                1 | 3 => out!(printer.out, "??? {value}\n"),
                _ => printer.name_of(tag, value),
            }
        }
        TAG_NODEFAULTS => {
            cursor.skip(1);
            out!(printer.out, "  {}: True\n", tag.name);
        }
        TAG_ALSO_COMPATIBLE_WITH => also_compatible_with(printer, tag.name, cursor),
        _ if tag.form == Form::Text => {
            out!(printer.out, "  {}: ", tag.name);
            printer.text_value(cursor);
        }
        _ => printer.named_value(tag, cursor),
    }
}

/// Shows the architecture that the file is compatible with too: a tag and its value, in a string.
fn also_compatible_with(printer: &mut Printer<'_>, name: &str, cursor: &mut Cursor<'_>) {
    out!(printer.out, "  {name}: ");
    let other = printer.number32(cursor);
    if other == TAG_CPU_ARCH {
        let value = printer.number32(cursor);
        match architecture(value.into()) {
            Some(name) => out!(printer.out, "{name}\n"),
            None => out!(printer.out, "??? ({})\n", value as i32),
        }
    } else {
        out!(printer.out, "???\n");
    }
    let rest = cursor.rest();
    cursor.skip(memchr::memchr(0, rest).map_or(rest.len(), |at| at + 1));
}
