//! The relocations of a relocatable file applied to a section before it is read: addresses in
//! notes, unwind tables and dumps are those of the symbols then.

use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use common::Output;
use libelf::data_reloc::{DataReloc, Operation};
use libelf::raw::{
    EM_MIPS, EM_SPARC32PLUS, EM_SPARCV9, ET_REL, SHT_DYNSYM, SHT_REL, SHT_RELA, SHT_SYMTAB,
    STT_COMMON, STT_FUNC, STT_NOTYPE, STT_OBJECT, STT_SECTION, SymbolType,
};
use libelf::reloc::Relocs;
use libelf::{Reloc, SectionHeader, names};

use crate::object::Object;
use crate::symbol_table::{Hex, Symbols};
use crate::text;

/// The bits of a type that say what to do, where the others hold more data.
const TYPE_MASK: u32 = 0xff;

/// What was reported while the relocations of a file were applied, as readelf says some things once.
#[derive(Debug, Default)]
pub struct Reports {
    /// The last type that could not be applied.
    unsupported: AtomicU32,
    /// The machine was called unknown.
    is_unknown: AtomicBool,
}

impl<'data> Object<'data> {
    /// `bytes`, the contents of the section with this index, with its relocations applied. What
    /// cannot be applied is reported.
    pub fn relocated(
        &self,
        out: &mut Output,
        index: usize,
        bytes: &'data [u8],
    ) -> Cow<'data, [u8]> {
        let mut bytes = Cow::Borrowed(bytes);
        if self.header.kind != ET_REL {
            return bytes;
        }
        for relocs in self.sections.iter().filter(|section| self.relocates(section, index)) {
            let Some(linked) = self.section(relocs.link) else { continue };
            if !matches!(linked.kind, SHT_SYMTAB | SHT_DYNSYM) {
                break;
            }
            let Some(entries) = self.reloc_entries(out, relocs) else { break };
            let symbols = self.read_symbols(out, relocs.link);
            let run = Run { object: self, section: index, relocs, symbols };
            let bytes = bytes.to_mut();
            for (number, reloc) in entries.iter().enumerate() {
                run.apply(out, bytes, number, &reloc);
            }
        }
        bytes
    }

    /// Whether a section holds relocations of the section with this index.
    fn relocates(&self, section: &SectionHeader, index: usize) -> bool {
        matches!(section.kind, SHT_REL | SHT_RELA)
            && section.info as usize == index
            && section.link < self.shnum
    }

    fn reloc_entries(&self, out: &mut Output, relocs: &SectionHeader) -> Option<Relocs<'data>> {
        if relocs.size == 0 {
            return None;
        }
        let what = if self.is_64() { "64-bit relocation data" } else { "32-bit relocation data" };
        let bytes = self.section_data(out, relocs, what)?;
        let (encoding, machine) = (self.encoding(), self.header.machine);
        Some(if relocs.kind == SHT_RELA {
            Relocs::rela(bytes, encoding, machine)
        } else {
            Relocs::rel(bytes, encoding, machine)
        })
    }
}

/// One section of relocations while it is applied.
struct Run<'a, 'data> {
    object: &'a Object<'data>,
    section: usize,
    relocs: &'a SectionHeader,
    symbols: Option<Symbols<'data>>,
}

impl Run<'_, '_> {
    fn apply(&self, out: &mut Output, bytes: &mut [u8], number: usize, reloc: &Reloc) {
        let machine = self.object.header.machine;
        let kind = match machine {
            EM_MIPS | EM_SPARCV9 | EM_SPARC32PLUS => reloc.kind & TYPE_MASK,
            _ => reloc.kind,
        };
        let Some(known) = DataReloc::of(machine, kind) else {
            return self.report_unsupported(out, kind);
        };
        if known.operation == Operation::Nothing {
            return;
        }
        let size = known.size as u64;
        let end = reloc.offset.checked_add(size).filter(|&end| end <= bytes.len() as u64);
        if end.is_none() {
            let section = self.name_of(self.section);
            out.warn(format_args!(
                "skipping invalid relocation offset {} in section {section}",
                Hex(reloc.offset)
            ));
            return;
        }
        let index = reloc.symbol as usize;
        let Some(symbol) = self.symbols.and_then(|symbols| symbols.symbols.get(index)) else {
            let section = self.name_of(self.section);
            out.warn(format_args!(
                "skipping invalid relocation symbol index {} in section {section}",
                Hex(reloc.symbol.into())
            ));
            return;
        };
        if !is_of_data(symbol.kind()) {
            let section = text::printable_text(self.object.section_name(self.relocs));
            out.warn(format_args!(
                "skipping unexpected symbol type {} in section {section} relocation {number}",
                names::symbol_type(&self.object.header, symbol.kind())
            ));
            return;
        }
        known.apply(bytes, self.object.encoding(), reloc.offset, symbol.value, reloc.addend);
    }

    /// Says that a type is not known, but not again for the next of the same type.
    fn report_unsupported(&self, out: &mut Output, kind: u32) {
        let machine = self.object.header.machine;
        let reports = &self.object.reloc_reports;
        if !DataReloc::knows(machine) && !reports.is_unknown.swap(true, Ordering::Relaxed) {
            out.error(format_args!(
                "Missing knowledge of 32-bit reloc types used in DWARF sections of machine number \
                 {}",
                machine.0
            ));
        }
        if reports.unsupported.swap(kind, Ordering::Relaxed) != kind {
            let section = self.name_of(self.section);
            out.warn(format_args!(
                "unable to apply unsupported reloc type {kind} to section {section}"
            ));
        }
    }

    fn name_of(&self, section: usize) -> String {
        let section = self.object.sections.get(section).copied().unwrap_or_default();
        text::printable_text(self.object.section_name(&section))
    }
}

/// Whether a symbol of this kind has an address that data may hold.
fn is_of_data(kind: SymbolType) -> bool {
    matches!(kind, STT_NOTYPE | STT_OBJECT | STT_FUNC | STT_SECTION | STT_COMMON)
}
