//! The index that each section and symbol has in the file.

use super::Map;
use super::{Contents, Object, SectionId, SymbolId};

/// Ids to indexes.
#[derive(Clone, Debug, Default)]
pub struct Numbers {
    /// The index of each section by key.
    sections: Vec<u32>,
    /// The keys of the sections in order.
    section_keys: Vec<u32>,
    /// For each symbol table, by the section's key, the index of each symbol by key.
    symbols: Map<u32, Vec<u32>>,
}

impl Numbers {
    /// The indexes of an object's sections and symbols.
    pub fn of(object: &Object) -> Self {
        let tables = object.sections.iter().filter_map(|(key, section)| match &section.contents {
            Contents::Symbols(symbols) => Some((key, symbols.positions())),
            _ => None,
        });
        Self {
            sections: object.sections.positions(),
            section_keys: object.sections.keys().to_vec(),
            symbols: tables.collect(),
        }
    }

    /// The index of a section, if the object has it.
    pub fn section(&self, id: SectionId) -> Option<u32> {
        self.sections.get(id.0 as usize).copied().filter(|&index| index != u32::MAX)
    }

    /// The section with this index.
    pub fn section_at(&self, index: u32) -> Option<SectionId> {
        self.section_keys.get(index as usize).copied().map(SectionId)
    }

    /// How many keys sections have had.
    pub(super) fn key_count(&self) -> usize {
        self.sections.len()
    }

    /// How many sections there are.
    pub fn section_count(&self) -> u32 {
        self.section_keys.len() as u32
    }

    /// The index of a symbol in its table, if the table is there and has it.
    pub fn symbol(&self, id: SymbolId) -> Option<u32> {
        self.section(id.table)?;
        let symbols = self.symbols.get(&id.table.0)?;
        symbols.get(id.key as usize).copied().filter(|&index| index != u32::MAX)
    }
}
