//! The dynamic symbol table as the loader finds it: through the dynamic section, for files whose
//! section headers were stripped. gABI, chapter 5, "Dynamic Section".
//!
//! Nothing there says how many symbols there are; the hash tables tell.

use libelf::hash::{GnuHash, SysvHash, sysv_word_size};
use libelf::raw::{DT_GNU_HASH, DT_HASH, DT_SYMTAB, DynamicTag};
use libelf::{Dynamic, File, Record, Symbol, Table};

/// The bytes that an entry of the dynamic section leads to, to the end of their segment.
pub(crate) fn bytes<'data>(
    file: &File<'data>,
    dynamic: &Dynamic<'data>,
    tag: DynamicTag,
) -> Option<&'data [u8]> {
    file.segment_bytes_at(dynamic.value(tag)?)
}

/// The dynamic symbol table of `file`, with as many symbols as its hash tables know.
pub(crate) fn symbols<'data>(
    file: &File<'data>,
    dynamic: &Dynamic<'data>,
) -> Option<libelf::symbol::SymbolTable<'data>> {
    let count = count(file, dynamic)?;
    let size = count.checked_mul(Symbol::size(file.encoding().class))?;
    let bytes = bytes(file, dynamic, DT_SYMTAB)?.get(..size)?;
    Some(libelf::symbol::SymbolTable {
        section: 0,
        symbols: Table::new(bytes, file.encoding()),
        strings: dynamic.strings,
        extended: Table::empty(file.encoding()),
    })
}

fn count<'data>(file: &File<'data>, dynamic: &Dynamic<'data>) -> Option<usize> {
    let encoding = file.encoding();
    // The chains of the older table have one word for each symbol.
    let older = bytes(file, dynamic, DT_HASH).and_then(|bytes| {
        if sysv_word_size(encoding, file.header().machine) == 8 {
            Some(SysvHash::<u64>::parse(bytes, encoding)?.chains.len())
        } else {
            Some(SysvHash::<u32>::parse(bytes, encoding)?.chains.len())
        }
    });
    older.or_else(|| {
        let hash = GnuHash::parse(bytes(file, dynamic, DT_GNU_HASH)?, encoding)?;
        // A table without a symbol still tells how many come before those that it would have.
        Some(hash.symbol_count().unwrap_or(hash.first_symbol) as usize)
    })
}
