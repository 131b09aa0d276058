//! Several tables with one numbering of their symbols.

use std::ops::Range;

use crate::symbol::Symbol;
use crate::table::SymbolTable;

/// The highest number that a symbol can have among those of all tables. Symbols behind it are
/// left out: as many need 48 GiB.
pub(crate) const MOST_IDS: u32 = (1 << 31) - 2;

/// Tables whose symbols are numbered through.
#[derive(Clone, Debug)]
pub(crate) struct TableSet<'t, 'data> {
    tables: &'t [SymbolTable<'data>],
    /// The number to which each table's own are added.
    firsts: Vec<u32>,
}

impl<'t, 'data> TableSet<'t, 'data> {
    pub(crate) fn new(tables: &'t [SymbolTable<'data>]) -> Self {
        Self { tables, firsts: firsts(tables) }
    }

    /// The number to which those of a table are added.
    pub(crate) fn first_id(&self, table: usize) -> u32 {
        self.firsts.get(table).copied().unwrap_or(MOST_IDS)
    }

    /// The place of the table that has the symbol with a number.
    pub(crate) fn table_of(&self, id: u32) -> Option<usize> {
        table_of(&self.firsts, id)
    }

    /// The table's own numbers, as far as they are counted.
    pub(crate) fn indexes(&self, table: usize) -> Range<u32> {
        let own = self.tables.get(table).map_or(0..0, SymbolTable::indexes);
        own.start..own.end.min(MOST_IDS - self.first_id(table)).max(own.start)
    }
}

/// The number to which each table's own are added.
pub(crate) fn firsts(tables: &[SymbolTable<'_>]) -> Vec<u32> {
    let mut next = 0_u32;
    tables
        .iter()
        .map(|table| {
            let first = next;
            next = next.saturating_add(table.indexes().end).min(MOST_IDS);
            first
        })
        .collect()
}

/// The symbol with a number that counts through all tables.
pub(crate) fn symbol<'data>(
    tables: &[SymbolTable<'data>],
    firsts: &[u32],
    id: u32,
) -> Option<Symbol<'data>> {
    let at = table_of(firsts, id)?;
    tables.get(at)?.get(id.checked_sub(*firsts.get(at)?)?)
}

/// The place of the table that has the symbol with a number that counts through all.
pub(crate) fn table_of(firsts: &[u32], id: u32) -> Option<usize> {
    match firsts {
        [_] => Some(0),
        _ => firsts.partition_point(|first| *first <= id).checked_sub(1),
    }
}
