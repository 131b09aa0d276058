//! C-SKY: attributes of vendor `csky`.

use common::out;
use libelf::attributes::csky::{
    CSKY, HARD_FP, TAG_FPU_DENORMAL, TAG_FPU_EXCEPTION, TAG_FPU_HARDFP, TAG_FPU_ROUNDING,
    TAG_VDSP_VERSION,
};
use libelf::attributes::{Cursor, Form, Names, Tag};
use libelf::raw::SHT_CSKY_ATTRIBUTES;

use super::attributes::{Printer, Vendors};

/// What is understood in files for C-SKY.
pub static VENDORS: Vendors =
    Vendors { section: Some(SHT_CSKY_ATTRIBUTES), public: Some(("csky", display)), gnu: None };

/// The last tag.
const TAG_MAX: i32 = TAG_FPU_HARDFP as i32;
/// The columns between tab stops.
const TAB: usize = 8;
/// The column of the values.
const VALUE_COLUMN: usize = 32;

fn display(printer: &mut Printer<'_>, cursor: &mut Cursor<'_>) {
    let number = printer.number(cursor);
    let Some(tag) = CSKY.tag(number) else {
        match i32::try_from(number) {
            Ok(number @ 0..=TAG_MAX) => printer.tag_value(number, cursor),
            _ => printer.text_value(cursor),
        }
        return;
    };
    match (tag.number, tag.form, tag.values) {
        (_, Form::Text, _) => {
            label(printer, tag);
            printer.text_value(cursor);
        }
        (TAG_FPU_ROUNDING | TAG_FPU_DENORMAL | TAG_FPU_EXCEPTION, _, _) => {
            let value = printer.number(cursor);
            if let Some(name) = tag.values.get(value) {
                label(printer, tag);
                out!(printer.out, "{name}\n");
            }
        }
        (TAG_FPU_HARDFP, _, _) => {
            label(printer, tag);
            let value = printer.number(cursor);
            for (_, name) in HARD_FP.iter().filter(|(bit, _)| value & bit != 0) {
                out!(printer.out, " {name}");
            }
            out!(printer.out, "\n");
        }
        (TAG_VDSP_VERSION, _, _) => {
            label(printer, tag);
            let value = printer.number(cursor);
            out!(printer.out, "VDSP Version {}\n", value as i64);
        }
        (_, _, Names::None) => {
            label(printer, tag);
            printer.tag_value(0, cursor);
        }
        _ => {
            label(printer, tag);
            let value = printer.number(cursor);
            // GNU readelf ends the line only after a value that it knows.
            if let Some(name) = tag.values.get(value) {
                out!(printer.out, "{name}\n");
            }
        }
    }
}

/// Shows a tag's name and goes to the column of its value by tabs.
fn label(printer: &mut Printer<'_>, tag: &Tag) {
    let width = "  :".len() + tag.name.len();
    let tabs = (VALUE_COLUMN / TAB).saturating_sub(width / TAB);
    out!(printer.out, "  {}:{}", tag.name, "\t".repeat(tabs));
}
