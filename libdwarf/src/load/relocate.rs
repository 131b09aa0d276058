//! Relocatable files as if a linker had given their sections addresses.
//!
//! All sections of a relocatable file start at address 0, so an address says nothing. Here each
//! section that will be in memory gets room of its own, and debugging sections get addresses that
//! are offsets in what all sections of their name make together; then relocations are applied with
//! those. [`super::Sections::address_of`] tells the address of a section's byte.

use std::borrow::Cow;
use std::sync::OnceLock;

use libelf::raw::{SHF_ALLOC, SHF_COMPRESSED, SHN_ABS, SHT_REL, SHT_RELA};
use libelf::reloc::Relocs;
use libelf::reloc_apply::{Action, Actions};
use libelf::symbol::SymbolTable;
use libelf::{File, SectionHeader, compress};

use crate::section::SectionId;

/// Sections do not touch: an address that is the end of one is not the start of another.
const GAP: u64 = 1;

/// Applies the relocations of a file.
#[derive(Debug)]
pub(super) struct Relocator<'data> {
    file: File<'data>,
    actions: Option<Actions>,
    /// The address of each section, by section index.
    bases: Vec<u64>,
    /// The relocations against each section that has any, sorted by it.
    relocs: Vec<(u32, SectionHeader)>,
    /// The last symbol table that was used: almost always the only one.
    symbols: OnceLock<(u32, SymbolTable<'data>)>,
}

impl<'data> Relocator<'data> {
    /// For a file whose debugging sections are `debug`.
    pub(super) fn new(
        file: File<'data>,
        debug: &[(SectionId, u32, SectionHeader)],
    ) -> Option<Self> {
        let headers = file.section_headers().ok()?;
        let mut relocs = Vec::new();
        for header in headers.iter() {
            let is_table = header.kind == SHT_REL || header.kind == SHT_RELA;
            if is_table && debug.iter().any(|(_, index, _)| *index == header.info) {
                relocs.push((header.info, header));
            }
        }
        relocs.sort_by_key(|(target, _)| *target);
        let mut bases = vec![0; headers.len()];
        let mut next = 0_u64;
        for (base, header) in bases.iter_mut().zip(headers.iter()) {
            if header.flags & SHF_ALLOC.0 == 0 {
                continue;
            }
            let aligned = next.checked_next_multiple_of(header.addralign.max(1)).unwrap_or(next);
            *base = aligned;
            next = aligned.saturating_add(header.size).saturating_add(GAP);
        }
        for (number, (id, index, header)) in debug.iter().enumerate() {
            // Call frames are in memory.
            if header.flags & SHF_ALLOC.0 != 0 {
                continue;
            }
            let before = debug.get(..number).unwrap_or_default();
            let size = |header: &SectionHeader| unpacked_size(&file, header);
            let same = before.iter().filter(|(other, ..)| other == id);
            let base = same.map(|(.., header)| size(header)).fold(0, u64::saturating_add);
            if let Some(slot) = bases.get_mut(*index as usize) {
                *slot = base;
            }
        }
        let actions = Actions::of_file(file.header());
        Some(Self { file, actions, bases, relocs, symbols: OnceLock::new() })
    }

    /// The address that the section with this index has here.
    pub(super) fn base(&self, section: u32) -> Option<u64> {
        self.bases.get(section as usize).copied()
    }

    /// Applies the relocations against the section with this index to its contents. Those that are
    /// none of debugging sections, or damaged, are passed over.
    pub(super) fn apply(&self, section: u32, contents: &mut Cow<'_, [u8]>) {
        let Some(actions) = self.actions else { return };
        let start = self.relocs.partition_point(|(target, _)| *target < section);
        let tables = self.relocs.get(start..).unwrap_or_default();
        for (_, header) in tables.iter().take_while(|(target, _)| *target == section) {
            let Ok(relocs) = self.file.relocs(header) else { continue };
            let Some(symbols) = self.symbols(header.link) else { continue };
            let base = self.base(section).unwrap_or(0);
            self.apply_table(actions, &relocs, &symbols, base, contents.to_mut());
        }
    }

    fn apply_table(
        &self,
        actions: Actions,
        relocs: &Relocs<'_>,
        symbols: &SymbolTable<'_>,
        base: u64,
        contents: &mut [u8],
    ) {
        let encoding = self.file.encoding();
        for reloc in relocs.iter() {
            let Some(action) = actions.of_type(reloc.kind) else { continue };
            let Some(value) = self.value(symbols, reloc.symbol) else { continue };
            // Distances are from the place in memory; places count from the section.
            let is_relative = matches!(
                action,
                Action::Relative(_) | Action::RelativeToDelaySlot(_) | Action::StoredRelative(_)
            );
            let value = if is_relative { value.wrapping_sub(base) } else { value };
            // A place outside of the section is none.
            let _ = action.apply(contents, encoding, reloc.offset, value, reloc.addend);
        }
    }

    /// The address of a symbol; `None` if there is no such symbol.
    fn value(&self, symbols: &SymbolTable<'_>, index: u32) -> Option<u64> {
        let symbol = symbols.symbols.get(index as usize)?;
        let section = symbols.section_index(index as usize, &symbol);
        if symbol.shndx == SHN_ABS {
            return Some(symbol.value);
        }
        let base = self.base(section).unwrap_or(0);
        Some(base.wrapping_add(symbol.value))
    }

    fn symbols(&self, table: u32) -> Option<SymbolTable<'data>> {
        if let Some((index, symbols)) = self.symbols.get()
            && *index == table
        {
            return Some(*symbols);
        }
        let symbols = self.file.symbol_table(table).ok()?;
        // Another thread may have been first: the same, or another table, which is read again.
        let _ = self.symbols.set((table, symbols));
        Some(symbols)
    }
}

/// The size of a section's contents after unpacking, in bytes.
fn unpacked_size(file: &File<'_>, header: &SectionHeader) -> u64 {
    if header.flags & SHF_COMPRESSED.0 == 0 {
        return header.size;
    }
    let data = file.section_data(header).unwrap_or_default();
    compress::Compressed::parse(data, file.encoding()).map_or(0, |compressed| compressed.size)
}
