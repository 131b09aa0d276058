//! Relocations. gABI, chapter 4, "Relocation".

use super::SymbolId;

/// How relocations are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RelocForm {
    /// `SHT_REL`
    Rel,
    /// `SHT_RELA`
    Rela,
    /// `SHT_CREL`, with or without addends.
    Crel {
        /// Whether entries hold an addend.
        has_addends: bool,
    },
}

/// A relocation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Relocation {
    /// `r_offset`: a section offset in bytes in relocatable files, else a virtual address.
    pub offset: u64,
    /// The symbol.
    pub symbol: RelocSymbol,
    /// The type. On 64-bit MIPS the three types and the special symbol: `r_ssym << 24 | r_type3
    /// << 16 | r_type2 << 8 | r_type`.
    pub kind: u32,
    /// `r_addend`, 0 in a form without one.
    pub addend: i64,
}

/// The symbol of a relocation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RelocSymbol {
    /// None: index 0.
    #[default]
    None,
    /// A symbol of the linked table.
    Symbol(SymbolId),
    /// An index that no symbol of the linked table has.
    Index(u32),
}
