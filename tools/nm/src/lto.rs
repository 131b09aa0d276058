//! The symbols of objects that a compiler left for the linker to finish.
//!
//! They have no values and no sections, and are listed in place of those of the ELF symbol table.

use libsymtab::lto::{Kind, LtoSymbol, Symbols};

use crate::format::{Line, Listed};
use crate::options::{Options, Order};
use crate::sort::{self, Entry, Names};

/// The digits of their values.
pub const DIGITS: usize = 8;

/// The symbols of such an object, in the order in which they are listed.
#[derive(Debug)]
pub struct LtoObject<'data> {
    symbols: Vec<LtoSymbol<'data>>,
    entries: Vec<Entry>,
}

struct SymbolNames<'a, 'data>(&'a [LtoSymbol<'data>]);

impl Names for SymbolNames<'_, '_> {
    fn word(&self, entry: &Entry, depth: usize) -> u64 {
        let symbol = self.0.get(entry.name as usize);
        symbol.map_or(0, |symbol| sort::word_at(symbol.name, depth))
    }
}

impl<'data> LtoObject<'data> {
    /// Reads the symbols, as far as they can be read. `None` if there are none.
    pub fn read(symbols: Symbols<'data>, options: &Options) -> Option<Self> {
        let symbols: Vec<_> = symbols.map_while(Result::ok).collect();
        if symbols.is_empty() {
            return None;
        }
        let mut entries = Vec::with_capacity(symbols.len());
        for (index, symbol) in (0..).zip(&symbols) {
            if is_listed(symbol, options) {
                entries.push(Entry { key: 0, index, name: index });
            }
        }
        let names = SymbolNames(&symbols);
        let reverse = options.reverse;
        match options.order {
            Order::File => {}
            Order::Name => sort::by_name(&mut entries, &names, reverse),
            // None has a size.
            Order::Size => entries.clear(),
            Order::Value => {
                // Undefined symbols come first.
                let is_undefined = |entry: &Entry| {
                    symbols.get(entry.index as usize).is_some_and(LtoSymbol::is_undefined)
                };
                for entry in &mut entries {
                    entry.key = u64::from(!is_undefined(entry));
                }
                sort::by_key_and_name(&mut entries, &names, reverse);
            }
        }
        Some(Self { symbols, entries })
    }
}

fn is_listed(symbol: &LtoSymbol<'_>, options: &Options) -> bool {
    let is_undefined = symbol.is_undefined();
    let is_weak = matches!(symbol.kind, Kind::WeakDefined | Kind::WeakUndefined);
    let is_kept = if options.undefined_only {
        is_undefined
    } else {
        options.extern_only || !options.no_weak || !is_weak
    };
    is_kept && !(options.defined_only && is_undefined)
}

impl Listed for LtoObject<'_> {
    fn entries(&self) -> &[Entry] {
        &self.entries
    }

    fn digits(&self) -> usize {
        DIGITS
    }

    fn longest_line(&self) -> usize {
        self.symbols.iter().map(|symbol| symbol.name.len()).max().unwrap_or(0).saturating_add(128)
    }

    fn touch(&self, _: &Entry) -> u8 {
        0
    }

    fn line(&self, entry: &Entry) -> Line<'_> {
        let symbol = self.symbols.get(entry.index as usize);
        Line {
            name: symbol.map(|symbol| symbol.name).unwrap_or_default(),
            version: None,
            letter: symbol.map_or(b'?', LtoSymbol::letter),
            is_undefined: symbol.is_some_and(LtoSymbol::is_undefined),
            // That of a common symbol, its size, is not passed on by plugins either.
            value: 0,
            size: 0,
            details: None,
        }
    }
}
