//! The section indexes of symbols that do not fit `st_shndx`. gABI, chapter 4, "Sections",
//! `SHT_SYMTAB_SHNDX`.

use super::Contents;
use super::symbols::stored_section;
use super::writer::Writer;
use crate::edit::context::{Context, Source};
use crate::edit::error::Result;
use crate::edit::{Slots, Symbol};

/// The symbols of the linked table.
fn symbols<'a>(context: &Context<'a, '_>) -> Option<&'a Slots<Symbol<'a>>> {
    let table = context.object.sections.get(context.link()?.0)?;
    match &table.contents {
        Contents::Symbols(symbols) => Some(symbols),
        _ => None,
    }
}

/// Whether the contents are right is found out by encoding them; not at all if their size is not
/// that of the symbols, however many sections lead to them.
pub(super) fn decode<'data>(source: &Source<'_, 'data>, bytes: &[u8]) -> Option<Contents<'data>> {
    let is_size_right = bytes.len() as u64 == 4 * u64::from(source.symbol_count);
    is_size_right.then_some(Contents::SymbolSections)
}

pub(super) fn size(context: &Context) -> u64 {
    symbols(context).map_or(0, |symbols| 4 * symbols.len() as u64)
}

pub(super) fn encode(context: &Context) -> Result<Vec<u8>> {
    let Some(symbols) = symbols(context) else { return Ok(Vec::new()) };
    let mut out = Writer::with_capacity(context.encoding, "entry", 4 * symbols.len());
    for (_, symbol) in symbols.iter() {
        let (_, extended) = stored_section(symbol.section, context)?;
        out.u32(extended.unwrap_or(0));
    }
    Ok(out.finish())
}
