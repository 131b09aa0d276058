//! Attributes of vendor `gnu`: those of PowerPC, S/390, SPARC, MIPS, 68000 and MSP430, and what
//! all processors have in common.

use common::out;
use libelf::attributes::gnu::{
    COMMON, POWER_FLOAT, POWER_LONG_DOUBLE, SPARC_HWCAPS, SPARC_HWCAPS2, TAG_ABI_FP,
    TAG_ABI_VECTOR, TAG_COMPATIBILITY,
};
use libelf::attributes::{Cursor, Dictionary, Tag, gnu};

use super::attributes::{Gnu, Printer, Vendors};

/// PowerPC, 32 and 64 bits.
pub static POWER: Vendors = only_gnu(display_power);
/// S/390.
pub static S390: Vendors = only_gnu(|printer, tag, cursor| {
    display_named(printer, &gnu::S390, tag, cursor);
});
/// SPARC, 32 and 64 bits.
pub static SPARC: Vendors = only_gnu(display_sparc);
/// 68000.
pub static M68K: Vendors = only_gnu(display_m68k);
/// MIPS.
pub static MIPS: Vendors = only_gnu(|printer, tag, cursor| {
    display_named(printer, &gnu::MIPS, tag, cursor);
});

/// A processor whose attributes are all of vendor `gnu`.
const fn only_gnu(display: fn(&mut Printer<'_>, u32, &mut Cursor<'_>)) -> Vendors {
    Vendors { section: None, public: None, gnu: Some(Gnu(Some(display))) }
}

/// Shows all attributes of a subsection.
pub fn display(printer: &mut Printer<'_>, Gnu(processor): &Gnu, cursor: &mut Cursor<'_>) {
    while !cursor.is_at_end() {
        let tag = printer.number32(cursor);
        match processor {
            _ if tag == TAG_COMPATIBILITY => compatibility(printer, cursor),
            Some(display) if tag & COMMON == 0 => display(printer, tag, cursor),
            None if tag == 0 => cursor.finish(),
            _ => printer.tag_value(tag as i32, cursor),
        }
    }
}

fn compatibility(printer: &mut Printer<'_>, cursor: &mut Cursor<'_>) {
    let flag = printer.number32(cursor) as i32;
    let is_missing = cursor.is_at_end();
    printer.compatibility(flag, cursor);
    if is_missing {
        printer.out.warn(format_args!("corrupt vendor attribute"));
    }
}

/// A tag that the processor does not define: nothing but its parity is known.
fn display_unknown(printer: &mut Printer<'_>, tag: u32, cursor: &mut Cursor<'_>) {
    printer.tag_value((tag & 1) as i32, cursor);
}

/// Shows a tag whose values have names.
pub fn display_named(
    printer: &mut Printer<'_>,
    dictionary: &'static Dictionary,
    tag: u32,
    cursor: &mut Cursor<'_>,
) {
    match dictionary.tag(tag.into()) {
        Some(tag) => printer.named_value(tag, cursor),
        None => display_unknown(printer, tag, cursor),
    }
}

fn display_power(printer: &mut Printer<'_>, number: u32, cursor: &mut Cursor<'_>) {
    let Some(tag) = gnu::POWER.tag(number.into()) else {
        display_unknown(printer, number, cursor);
        return;
    };
    let largest = match number {
        TAG_ABI_FP => 15,
        TAG_ABI_VECTOR => 3,
        _ => 2,
    };
    let Some(value) = limited(printer, tag, cursor, largest) else { return };
    if number == TAG_ABI_FP {
        let float = POWER_FLOAT.get(value as usize & 3).copied().unwrap_or_default();
        let double = POWER_LONG_DOUBLE.get(value as usize >> 2 & 3).copied().unwrap_or_default();
        out!(printer.out, "{float}, {double}\n");
    } else {
        let name = tag.values.get(u64::from(value) & 3);
        out!(printer.out, "{}\n", name.unwrap_or("???"));
    }
}

fn display_m68k(printer: &mut Printer<'_>, number: u32, cursor: &mut Cursor<'_>) {
    let Some(tag) = gnu::M68K.tag(number.into()) else {
        display_unknown(printer, number, cursor);
        return;
    };
    if let Some(value) = limited(printer, tag, cursor, 3)
        && let Some(name) = tag.values.get(u64::from(value) & 3)
    {
        // GNU readelf ends the line only after a value that it knows.
        out!(printer.out, "{name}\n");
    }
}

/// Shows the name of a tag and, if its value is larger than `largest`, the value; returns the
/// value.
fn limited(
    printer: &mut Printer<'_>,
    tag: &Tag,
    cursor: &mut Cursor<'_>,
    largest: u32,
) -> Option<u32> {
    out!(printer.out, "  {}: ", tag.name);
    if cursor.is_at_end() {
        out!(printer.out, "<corrupt>\n");
        return None;
    }
    let value = printer.number32(cursor);
    if value > largest {
        out!(printer.out, "({value:#x}), ");
    }
    Some(value)
}

fn display_sparc(printer: &mut Printer<'_>, number: u32, cursor: &mut Cursor<'_>) {
    let names = match number {
        TAG_ABI_FP => SPARC_HWCAPS,
        TAG_ABI_VECTOR => SPARC_HWCAPS2,
        _ => {
            printer.tag_value(number as i32, cursor);
            return;
        }
    };
    let name = gnu::SPARC.name(number.into()).unwrap_or_default();
    let value = printer.number32(cursor);
    out!(printer.out, "  {name}: ");
    if value == 0 {
        out!(printer.out, "0\n");
        return;
    }
    let mut separator = "";
    for (bit, name) in names {
        if value & bit != 0 {
            out!(printer.out, "{separator}{name}");
            separator = "|";
        }
    }
    out!(printer.out, "\n");
}
