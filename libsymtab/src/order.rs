//! Symbols in other orders than their tables'.

use crate::set::{self, TableSet};
use crate::symbol::Symbol;
use crate::table::SymbolTable;

/// An order of symbols. Those that are equal in it stay in the order of their tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// As in their tables.
    Table,
    /// By the bytes of their names.
    Name,
    /// By their values.
    Address,
    /// By their sizes, the smallest first.
    Size,
}

/// The first bytes of a name that are compared, however little its table is worth.
const SURE_PREFIX: usize = 4096;
/// So many bytes of names are compared for each byte of the tables' strings; those of real tables
/// share few.
const SHARED: usize = 16;

/// The symbols of several tables in an order.
///
/// It takes 16 bytes a symbol while it sorts, by name 24. In a table whose names are all long and
/// share their bytes, which no tool makes, names may be compared up to their first 4,096 bytes
/// only.
///
/// ```
/// use libsymtab::order::{Order, sorted};
/// use libsymtab::SymbolTable;
///
/// let tables = [SymbolTable::of_kallsyms(b"30 T a\n10 T c\n20 T b\n")];
/// let names: Vec<_> = sorted(&tables, Order::Address).map(|symbol| symbol.name).collect();
/// assert_eq!(names, [b"c", b"b", b"a"]);
/// ```
pub fn sorted<'data>(
    tables: &[SymbolTable<'data>],
    order: Order,
) -> impl Iterator<Item = Symbol<'data>> {
    let ids: Vec<u32> = match order {
        Order::Table => ids(tables).map(|(_, _, id)| id).collect(),
        Order::Name => by_name(tables),
        Order::Address => by_number(tables, |symbol| symbol.value),
        Order::Size => by_number(tables, |symbol| symbol.size),
    };
    let firsts = set::firsts(tables);
    ids.into_iter().filter_map(move |id| set::symbol(tables, &firsts, id))
}

/// Each symbol's table and number there, and its number among those of all.
fn ids<'t, 'data>(
    tables: &'t [SymbolTable<'data>],
) -> impl Iterator<Item = (&'t SymbolTable<'data>, u32, u32)> {
    let set = TableSet::new(tables);
    tables.iter().enumerate().flat_map(move |(number, table)| {
        let first = set.first_id(number);
        set.indexes(number).map(move |index| (table, index, first.wrapping_add(index)))
    })
}

fn by_number(tables: &[SymbolTable<'_>], number: fn(&Symbol<'_>) -> u64) -> Vec<u32> {
    let mut keys: Vec<(u64, u32)> = ids(tables)
        .filter_map(|(table, index, id)| Some((number(&table.numbers(index)?), id)))
        .collect();
    keys.sort_unstable();
    keys.into_iter().map(|(_, id)| id).collect()
}

fn by_name(tables: &[SymbolTable<'_>]) -> Vec<u32> {
    let bytes: usize = tables.iter().map(|table| table.name_bytes().len()).sum();
    let mut left = bytes.saturating_mul(SHARED);
    let mut keys: Vec<(&[u8], u32)> = ids(tables)
        .map(|(table, index, id)| {
            let name = table.name_up_to(index, left.max(SURE_PREFIX)).unwrap_or_default();
            left = left.saturating_sub(name.len());
            (name, id)
        })
        .collect();
    keys.sort_unstable();
    keys.into_iter().map(|(_, id)| id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_symbols_stay_in_the_order_of_their_tables() {
        let tables = [&b"30 8 b\n10 4 c\n"[..], b"10 8 a\n20 4 b\n"].map(SymbolTable::of_perf_map);
        let list = |order| {
            sorted(&tables, order)
                .map(|symbol| format!("{:x}{}", symbol.value, symbol.name.escape_ascii()))
                .collect::<Vec<_>>()
        };
        assert_eq!(list(Order::Table), ["30b", "10c", "10a", "20b"]);
        assert_eq!(list(Order::Name), ["10a", "30b", "20b", "10c"]);
        assert_eq!(list(Order::Address), ["10c", "10a", "20b", "30b"]);
        assert_eq!(list(Order::Size), ["10c", "20b", "30b", "10a"]);
    }
}
