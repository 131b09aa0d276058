//! HP PA-RISC's unwind table. 32-bit PA-RISC Run-Time Architecture Document, chapter 9, "Stack
//! Unwinding".
//!
//! `.PARISC.unwind` has four words for each region of code: where it starts, where its last
//! instruction is, both from the start of the segment that holds the table, and two words of flags
//! and small numbers.

use common::{Output, out};
use libelf::raw::SHT_RELA;
use libelf::reloc::Relocs;
use libelf::{SectionHeader, names};

use super::functions::{Address, FunctionSymbols, Functions, put_number};
use super::{no_sections, segment_base};
use crate::object::Object;
use crate::symbol_table::Hex;
use crate::text;

/// The name of the section.
const NAME: &[u8] = b".PARISC.unwind";
/// The bytes of an entry, in both classes.
const ENTRY_SIZE: u64 = 16;

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

/// An entry of the table.
#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    start: Address,
    end: Address,
    flags: [u32; 2],
}

/// Shows all tables of a file.
pub fn display(out: &mut Output, object: &mut Object<'_>) -> bool {
    if object.sections.is_empty() || object.section_names.is_none() {
        return false;
    }
    let Some(symbols) = FunctionSymbols::read(out, object) else { return false };
    let functions = Functions::new(object, &symbols);
    let mut found = false;
    let mut good = true;
    // A table that no segment holds is taken to lie where the one before it does.
    let mut base = 0;
    for index in 0..object.shnum {
        let Some(section) = object.section(index).copied() else { break };
        if object.section_name(&section) != NAME {
            continue;
        }
        found = true;
        let count = section.size / ENTRY_SIZE;
        out!(out, "\nUnwind section '");
        out.put(&text::section_name(object.section_name(&section)));
        let entries = if count == 1 { "entry" } else { "entries" };
        out!(out, "' at offset {} contains {count} {entries}:\n", Hex(section.offset));
        let found_base = segment_base(out, object, &section, base);
        base = found_base.unwrap_or(base);
        let table = found_base
            .and_then(|base| read(out, object, &section, base))
            .and_then(|table| relocate(out, object, &symbols, index, table));
        // Behind a table that cannot be read others are read, but not shown.
        good &= table.is_some();
        if let Some(table) = table.filter(|_| good) {
            for entry in &table {
                display_entry(out, &functions, entry);
            }
            out.put(b"\n");
        }
    }
    if !found {
        no_sections(out);
    }
    good
}

fn read(
    out: &mut Output,
    object: &Object<'_>,
    section: &SectionHeader,
    base: u64,
) -> Option<Vec<Entry>> {
    let data = object.section_data(out, section, "unwind table")?;
    let encoding = object.encoding();
    let entries = data.chunks_exact(ENTRY_SIZE as usize).map_while(|bytes| {
        let address = |at| {
            let offset = base.wrapping_add(encoding.u32(bytes, at)?.into());
            Some(Address { section: 0, offset })
        };
        Some(Entry {
            start: address(0)?,
            end: address(4)?,
            flags: [encoding.u32(bytes, 8)?, encoding.u32(bytes, 12)?],
        })
    });
    Some(entries.collect())
}

/// Applies the relocations of the table in the section with this `index`; `None` if they cannot be
/// read.
fn relocate(
    out: &mut Output,
    object: &Object<'_>,
    symbols: &FunctionSymbols<'_>,
    index: u32,
    mut table: Vec<Entry>,
) -> Option<Vec<Entry>> {
    let relas = object
        .sections
        .iter()
        .filter(|candidate| candidate.kind == SHT_RELA && candidate.info == index);
    for rela in relas {
        let bytes = object.section_data(out, rela, "32-bit relocation data")?;
        let machine = object.header.machine;
        for reloc in Relocs::rela(bytes, object.encoding(), machine).iter() {
            let name = names::reloc_names(&object.header).and_then(|names| names.get(reloc.kind));
            match name {
                Some(name) if name.starts_with("R_PARISC_SEGREL") => {}
                Some(name) => {
                    out.warn(format_args!("Skipping unexpected relocation type: {name}"));
                    continue;
                }
                None => {
                    out.warn(format_args!("Skipping unknown relocation type: {}", reloc.kind));
                    continue;
                }
            }
            let place = usize::try_from(reloc.offset / ENTRY_SIZE).unwrap_or(usize::MAX);
            let Some(entry) = table.get_mut(place) else {
                out.warn(format_args!(
                    "Skipping reloc with overlarge offset: {}",
                    Hex(reloc.offset / ENTRY_SIZE)
                ));
                continue;
            };
            let symbol =
                symbols.symbols.and_then(|symbols| symbols.symbols.get(reloc.symbol as usize));
            let Some(symbol) = symbol else {
                out.warn(format_args!(
                    "Skipping reloc with invalid symbol index: {}",
                    reloc.symbol
                ));
                continue;
            };
            let address = Address {
                section: symbol.shndx.0.into(),
                offset: symbol.value.wrapping_add_signed(reloc.addend.unwrap_or(0)),
            };
            match reloc.offset % ENTRY_SIZE / 4 {
                0 => entry.start = address,
                1 => entry.end = address,
                _ => {}
            }
        }
    }
    Some(table)
}

fn display_entry(out: &mut Output, functions: &Functions<'_>, entry: &Entry) {
    out.put(b"\n<");
    if let Some((name, distance)) = functions.find(entry.start) {
        out.put(&text::printable(name));
        if distance != 0 {
            out!(out, "+{distance:x}");
        }
    }
    out.put(b">: [");
    put_number(out, entry.start.offset);
    out.put(b"-");
    put_number(out, entry.end.offset);
    out.put(b"]\n\t");
    for field in &FIELDS {
        let word = entry.flags.get(field.word).copied().unwrap_or(0);
        let low = field.high.saturating_add(1).saturating_sub(field.bits);
        let value = word >> low & ((1 << field.bits) - 1);
        match (value, field.bits) {
            (0, _) => {}
            (_, 1) => out!(out, "{} ", field.name),
            (value, _) => out!(out, "{}={value} ", field.name),
        }
    }
    let [_, last] = entry.flags;
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
