//! HP PA-RISC's unwind table. 32-bit PA-RISC Run-Time Architecture Document, chapter 9, "Stack
//! Unwinding".
//!
//! `.PARISC.unwind` has four words for each region of code: where it starts, where its last
//! instruction is, both from the start of the segment that holds the table, and two words of flags
//! and small numbers.

use common::{Output, out};

use super::functions::{FunctionSymbols, Functions};
use super::no_sections;
use super::regions::{Entry, Layout, Reader};
use crate::object::Object;
use crate::symbol_table::Hex;
use crate::text;

/// The name of the section.
const NAME: &[u8] = b".PARISC.unwind";
/// Two addresses and two words of flags, in both classes.
const LAYOUT: Layout = Layout { word: 4, words: 4, addresses: 2, relocs: "R_PARISC_SEGREL" };

/// A field of an entry: its highest bit of the first or the second word of flags, how many bits it
/// has, and what it is called.
struct Field {
    word: usize,
    high: u32,
    bits: u32,
    name: &'static str,
}

const fn field(word: usize, high: u32, bits: u32, name: &'static str) -> Field {
    Field { word, high, bits, name }
}

/// All fields that are shown, in order.
const FIELDS: [Field; 25] = [
    field(0, 31, 1, "Cannot_unwind"),
    field(0, 30, 1, "Millicode"),
    field(0, 29, 1, "Millicode_save_sr0"),
    field(0, 25, 1, "Entry_SR"),
    field(0, 24, 4, "Entry_FR"),
    field(0, 20, 5, "Entry_GR"),
    field(0, 15, 1, "Args_stored"),
    field(0, 14, 1, "Variable_Frame"),
    field(0, 13, 1, "Separate_Package_Body"),
    field(0, 12, 1, "Frame_Extension_Millicode"),
    field(0, 11, 1, "Stack_Overflow_Check"),
    field(0, 10, 1, "Two_Instruction_SP_Increment"),
    field(0, 9, 1, "Ada_Region"),
    field(0, 8, 1, "cxx_info"),
    field(0, 7, 1, "cxx_try_catch"),
    field(0, 6, 1, "sched_entry_seq"),
    field(0, 4, 1, "Save_SP"),
    field(0, 3, 1, "Save_RP"),
    field(0, 2, 1, "Save_MRP_in_frame"),
    field(0, 1, 1, "extn_ptr_defined"),
    field(0, 0, 1, "Cleanup_defined"),
    field(1, 31, 1, "MPE_XL_interrupt_marker"),
    field(1, 30, 1, "HP_UX_interrupt_marker"),
    field(1, 29, 1, "Large_frame"),
    field(1, 28, 1, "Pseudo_SP_Set"),
];

/// The bits of the last word that hold the size of the frame, in units of eight bytes.
const FRAME_SIZE: u32 = 0x07ff_ffff;

/// Shows all tables of a file.
pub fn display(out: &mut Output, object: &mut Object<'_>) -> bool {
    if object.sections.is_empty() || object.section_names.is_none() {
        return false;
    }
    let Some(symbols) = FunctionSymbols::read(out, object) else { return false };
    let functions = Functions::new(object, &symbols);
    let mut found = false;
    let mut good = true;
    let mut reader = Reader { layout: LAYOUT, symbols: &symbols, base: 0 };
    for index in 0..object.shnum {
        let Some(section) = object.section(index).copied() else { break };
        if object.section_name(&section) != NAME {
            continue;
        }
        found = true;
        let count = section.size / LAYOUT.entry_size() as u64;
        out!(out, "\nUnwind section '");
        out.put(&text::section_name(object.section_name(&section)));
        let entries = if count == 1 { "entry" } else { "entries" };
        out!(out, "' at offset {} contains {count} {entries}:\n", Hex(section.offset));
        let table = reader.read(out, object, index, &section);
        // Behind a table that cannot be read others are read, but not shown.
        good &= table.is_some();
        if let Some(table) = table.filter(|_| good) {
            for entry in &table {
                display_entry(out, object, &functions, entry);
            }
            out.put(b"\n");
        }
    }
    if !found {
        no_sections(out);
    }
    good
}

fn display_entry(
    out: &mut Output,
    object: &Object<'_>,
    functions: &Functions<'_>,
    entry: &Entry<'_>,
) {
    entry.put_region(out, functions);
    out.put(b"\n\t");
    let flags = [8, 12].map(|at| object.encoding().u32(entry.bytes, at).unwrap_or(0));
    for field in &FIELDS {
        let word = flags.get(field.word).copied().unwrap_or(0);
        let low = field.high.saturating_add(1).saturating_sub(field.bits);
        let value = word >> low & ((1 << field.bits) - 1);
        match (value, field.bits) {
            (0, _) => {}
            (_, 1) => out!(out, "{} ", field.name),
            (value, _) => out!(out, "{}={value} ", field.name),
        }
    }
    let [_, last] = flags;
    if last & FRAME_SIZE != 0 {
        out!(out, "Total_frame_size={} ", last & FRAME_SIZE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_do_not_overlap() {
        let mut used = [0_u32, FRAME_SIZE];
        for field in &FIELDS {
            let mask = ((1 << field.bits) - 1) << (field.high + 1 - field.bits);
            assert_eq!(used[field.word] & mask, 0, "{}", field.name);
            used[field.word] |= mask;
        }
    }
}
