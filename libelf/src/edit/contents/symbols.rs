//! Symbol tables. gABI, chapter 4, "Symbol Table".

use object::elf::{SHN_LORESERVE, SHN_UNDEF, SHN_XINDEX, STB_LOCAL};

use super::Contents;
use super::writer::Writer;
use crate::edit::context::{Context, Source, fit};
use crate::edit::error::{Error, Result};
use crate::edit::symbol::SymbolSection;
use crate::edit::{Slots, Symbol};
use crate::ident::{Class, Encoding};
use crate::table::{Record, Table};

/// The bytes of `count` symbols.
pub(super) fn size(count: usize, encoding: Encoding) -> u64 {
    (count as u64).saturating_mul(crate::Symbol::size(encoding.class) as u64)
}

/// The index of the first symbol that is not local (`sh_info`).
pub(super) fn first_global(symbols: &Slots<Symbol>) -> u32 {
    let is_global = |symbol: &Symbol| symbol.info >> 4 != STB_LOCAL.0;
    // The last local one counts, should locals follow globals.
    let locals =
        symbols.keys().iter().rposition(|&key| symbols.get(key).is_some_and(|s| !is_global(s)));
    locals.map_or(0, |last| last as u32 + 1)
}

pub(super) fn decode<'data>(
    source: &Source<'_, 'data>,
    bytes: &'data [u8],
) -> Option<Contents<'data>> {
    if !bytes.len().is_multiple_of(crate::Symbol::size(source.encoding.class)) {
        return None;
    }
    let table = Table::<crate::Symbol>::new(bytes, source.encoding);
    let extended = Table::<u32>::new(source.extended, source.encoding);
    let mut symbols = Slots::with_capacity(table.len());
    for (index, symbol) in table.iter().enumerate() {
        symbols.push(Symbol {
            name: source.name(symbol.name),
            info: symbol.info,
            other: symbol.other,
            section: section(source, symbol.shndx.0, || extended.get(index)),
            value: symbol.value,
            size: symbol.size,
        });
    }
    Some(Contents::Symbols(symbols))
}

/// What a stored index stands for.
fn section(
    source: &Source<'_, '_>,
    stored: u16,
    extended: impl FnOnce() -> Option<u32>,
) -> SymbolSection {
    if stored == SHN_UNDEF.0 {
        return SymbolSection::Undefined;
    }
    if stored == SHN_XINDEX.0 {
        return match extended().and_then(|index| Some((index, source.section(index)?))) {
            Some((index, id)) if index >= u32::from(SHN_LORESERVE) => SymbolSection::Section(id),
            Some((_, id)) => SymbolSection::Extended(id),
            None => SymbolSection::Index(stored),
        };
    }
    match source.section(stored.into()) {
        Some(id) if stored < SHN_LORESERVE => SymbolSection::Section(id),
        _ => SymbolSection::Index(stored),
    }
}

/// `st_shndx`, and the index that goes to the table of extended ones.
pub(super) fn stored_section(
    section: SymbolSection,
    context: &Context,
) -> Result<(u16, Option<u32>)> {
    Ok(match section {
        SymbolSection::Undefined => (SHN_UNDEF.0, None),
        SymbolSection::Index(index) => (index, None),
        SymbolSection::Extended(id) => (SHN_XINDEX.0, Some(context.section_index(id, "st_shndx")?)),
        SymbolSection::Section(id) => {
            let index = context.section_index(id, "st_shndx")?;
            match u16::try_from(index) {
                Ok(index) if index < SHN_LORESERVE => (index, None),
                _ => (SHN_XINDEX.0, Some(index)),
            }
        }
    })
}

pub(super) fn encode(symbols: &Slots<Symbol>, context: &Context) -> Result<Vec<u8>> {
    let encoding = context.encoding;
    let room = size(symbols.len(), encoding) as usize;
    let mut out = Writer::with_capacity(encoding, "entry", room);
    for (index, (_, symbol)) in symbols.iter().enumerate() {
        let place = || context.entry("symbol", index);
        let name = context.name_offset(&symbol.name, place)?;
        let (section, extended) = stored_section(symbol.section, context)
            .map_err(|_| Error::Dangling { place: place(), field: "st_shndx", what: "section" })?;
        if extended.is_some() && !context.has_symbol_sections() {
            return Err(Error::NoSymbolSections { place: place() });
        }
        match encoding.class {
            Class::Elf32 => {
                out.u32(name);
                out.u32(narrow(symbol.value, "st_value", place)?);
                out.u32(narrow(symbol.size, "st_size", place)?);
                out.u8(symbol.info);
                out.u8(symbol.other);
                out.u16(section);
            }
            Class::Elf64 => {
                out.u32(name);
                out.u8(symbol.info);
                out.u8(symbol.other);
                out.u16(section);
                out.u64(symbol.value);
                out.u64(symbol.size);
            }
        }
    }
    Ok(out.finish())
}

fn narrow(
    value: u64,
    field: &'static str,
    place: impl Fn() -> crate::edit::error::Place,
) -> Result<u32> {
    match u32::try_from(value) {
        Ok(value) => Ok(value),
        Err(_) => fit(value, 32, field, place()).map(|value| value as u32),
    }
}

pub(super) fn simplify(symbols: &mut Slots<Symbol>, context: &Context) {
    for (_, symbol) in symbols.iter_mut() {
        context.simplify_name(&mut symbol.name);
    }
}
