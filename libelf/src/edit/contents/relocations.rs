//! Relocations: REL, RELA and CREL. gABI, chapter 4, "Relocation".
//!
//! See [`crate::reloc`] for how a symbol and a type are packed into `r_info`.

use object::elf::{EM_MIPS, SHT_CREL, SHT_REL, SHT_RELA, SectionType};

use super::Contents;
use super::crel;
use super::writer::Writer;
use crate::edit::context::{Context, Source, fit};
use crate::edit::error::{Error, Place, Result};
use crate::edit::reloc::{RelocForm, RelocSymbol, Relocation};
use crate::ident::{Class, Encoding};
use crate::reloc::{RawRel, RawRela};
use crate::table::{Record, Table};

/// How `r_info` is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Packing {
    /// 24 bits of symbol, 8 of type.
    Narrow,
    /// 32 bits each.
    Wide,
    /// 64-bit MIPS in little-endian order: as [`Self::Wide`], each half by its own byte order.
    MipsLittle,
}

impl Packing {
    fn of(encoding: Encoding, machine: u16) -> Self {
        match encoding.class {
            Class::Elf32 => Self::Narrow,
            Class::Elf64 if machine == EM_MIPS.0 && !encoding.is_big_endian() => Self::MipsLittle,
            Class::Elf64 => Self::Wide,
        }
    }

    /// Symbol and type of an `r_info`.
    fn unpack(self, info: u64) -> (u32, u32) {
        match self {
            Self::Narrow => (info as u32 >> 8, info as u32 & 0xff),
            Self::Wide => ((info >> 32) as u32, info as u32),
            Self::MipsLittle => (info as u32, ((info >> 32) as u32).swap_bytes()),
        }
    }

    /// The `r_info` of a symbol and type that fit.
    fn pack(self, symbol: u32, kind: u32) -> u64 {
        match self {
            Self::Narrow => u64::from(symbol << 8 | kind & 0xff),
            Self::Wide => u64::from(symbol) << 32 | u64::from(kind),
            Self::MipsLittle => u64::from(kind.swap_bytes()) << 32 | u64::from(symbol),
        }
    }
}

pub(super) fn decode<'data>(
    source: &Source<'_, 'data>,
    kind: SectionType,
    bytes: &'data [u8],
) -> Option<Contents<'data>> {
    let packing = Packing::of(source.encoding, source.machine);
    let symbol = |index| match source.symbol(index) {
        _ if index == 0 => RelocSymbol::None,
        Some(id) => RelocSymbol::Symbol(id),
        None => RelocSymbol::Index(index),
    };
    let make = |offset, info, addend| {
        let (index, kind) = packing.unpack(info);
        Relocation { offset, symbol: symbol(index), kind, addend }
    };
    let class = source.encoding.class;
    Some(match kind {
        SHT_REL if bytes.len().is_multiple_of(RawRel::size(class)) => {
            let table = Table::<RawRel>::new(bytes, source.encoding);
            let list = table.iter().map(|rel| make(rel.offset, rel.info, 0)).collect();
            Contents::Relocations(RelocForm::Rel, list)
        }
        SHT_RELA if bytes.len().is_multiple_of(RawRela::size(class)) => {
            let table = Table::<RawRela>::new(bytes, source.encoding);
            let list = table.iter().map(|rela| make(rela.offset, rela.info, rela.addend)).collect();
            Contents::Relocations(RelocForm::Rela, list)
        }
        SHT_CREL => {
            let (has_addends, entries) = crel::decode(bytes, source.encoding)?;
            let form = RelocForm::Crel { has_addends };
            let made = entries.into_iter().map(|entry| Relocation {
                offset: entry.offset,
                symbol: symbol(entry.symbol),
                kind: entry.kind,
                addend: entry.addend.unwrap_or(0),
            });
            Contents::Relocations(form, made.collect())
        }
        _ => return None,
    })
}

/// The bytes of the relocations.
pub(super) fn size(form: RelocForm, list: &[Relocation], context: &Context) -> Result<u64> {
    let class = context.encoding.class;
    Ok(match form {
        RelocForm::Rel => (list.len() * RawRel::size(class)) as u64,
        RelocForm::Rela => (list.len() * RawRela::size(class)) as u64,
        RelocForm::Crel { .. } => encode(form, list, context)?.len() as u64,
    })
}

pub(super) fn encode(form: RelocForm, list: &[Relocation], context: &Context) -> Result<Vec<u8>> {
    let has_addends = match form {
        RelocForm::Rel => false,
        RelocForm::Rela => true,
        RelocForm::Crel { has_addends } => {
            let place = |index| context.entry("relocation", index);
            return crel::encode(
                list,
                has_addends,
                context.encoding,
                place,
                |relocation, index| symbol_index(relocation, index, context),
            );
        }
    };
    let packing = Packing::of(context.encoding, context.machine);
    let record = context.encoding.word_size() * if has_addends { 3 } else { 2 };
    let mut out = Writer::with_capacity(context.encoding, "entry", list.len() * record);
    for (index, relocation) in list.iter().enumerate() {
        let symbol = symbol_index(relocation, index, context)?;
        if packing == Packing::Narrow {
            check_narrow(relocation, symbol, || context.entry("relocation", index))?;
        }
        if !has_addends && relocation.addend != 0 {
            return Err(Error::Contents {
                place: context.entry("relocation", index),
                why: "an SHT_REL entry holds no addend".into(),
            });
        }
        out.cut_word(relocation.offset);
        out.cut_word(packing.pack(symbol, relocation.kind));
        if has_addends {
            out.cut_word(relocation.addend as u64);
        }
    }
    Ok(out.finish())
}

/// That a relocation fits the fields of 32-bit files.
fn check_narrow(
    relocation: &Relocation,
    symbol: u32,
    place: impl Fn() -> Place + Copy,
) -> Result<()> {
    let Relocation { offset, kind, addend, .. } = *relocation;
    if offset >> 32 != 0 {
        fit(offset, 32, "r_offset", place())?;
    }
    if symbol >> 24 != 0 {
        fit(symbol.into(), 24, "r_info's symbol", place())?;
    }
    if kind >> 8 != 0 {
        fit(kind.into(), 8, "r_info's type", place())?;
    }
    if i32::try_from(addend).is_err() {
        let value = addend.into();
        return Err(Error::TooWide { place: place(), field: "r_addend", value, bits: 32 });
    }
    Ok(())
}

fn symbol_index(relocation: &Relocation, index: usize, context: &Context) -> Result<u32> {
    match relocation.symbol {
        RelocSymbol::None => Ok(0),
        RelocSymbol::Index(index) => Ok(index),
        RelocSymbol::Symbol(id) => {
            let found = context.numbers.symbol(id).filter(|_| context.link() == Some(id.table));
            found.ok_or_else(|| Error::Dangling {
                place: context.entry("relocation", index),
                field: "r_info",
                what: "symbol",
            })
        }
    }
}
