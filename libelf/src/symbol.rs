//! Symbols. gABI, chapter 4, "Symbol Table".

use object::elf::{
    SHN_XINDEX, Sym32, Sym64, SymbolBind, SymbolSection, SymbolType, SymbolVisibility,
};
use object::endian::{BigEndian, Endianness, LittleEndian};
use object::pod::from_bytes;
use object::read::elf::Sym as RawSym;

use crate::error::Result;
use crate::ident::{Class, Encoding};
use crate::strtab::StringTable;
use crate::table::{Record, Table};

/// A symbol, in host integers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Symbol {
    /// The offset of the name in the table's string table, in bytes (`st_name`).
    pub name: u32,
    /// Type and binding (`st_info`).
    pub info: u8,
    /// Visibility, and machine's bits (`st_other`).
    pub other: u8,
    /// The section it is defined in, as stored (`st_shndx`); see [`SymbolTable::section`].
    pub shndx: SymbolSection,
    /// Its value: mostly an address (`st_value`).
    pub value: u64,
    /// Its size in bytes, 0 if unknown (`st_size`).
    pub size: u64,
}

impl Symbol {
    /// The type, an `STT_` number.
    #[inline]
    pub fn kind(&self) -> SymbolType {
        SymbolType(self.info & 0xf)
    }

    /// The binding, an `STB_` number.
    #[inline]
    pub fn binding(&self) -> SymbolBind {
        SymbolBind(self.info >> 4)
    }

    /// The visibility, an `STV_` number.
    #[inline]
    pub fn visibility(&self) -> SymbolVisibility {
        SymbolVisibility(self.other & 3)
    }

    #[inline]
    fn from_raw<S: RawSym>(raw: &S, endian: S::Endian) -> Self {
        Self {
            name: raw.st_name(endian),
            info: raw.st_info().0,
            other: raw.st_other().0,
            shndx: raw.st_shndx(endian),
            value: raw.st_value(endian).into(),
            size: raw.st_size(endian).into(),
        }
    }
}

impl Record for Symbol {
    #[inline]
    fn size(class: Class) -> usize {
        match class {
            Class::Elf32 => size_of::<Sym32<Endianness>>(),
            Class::Elf64 => size_of::<Sym64<Endianness>>(),
        }
    }

    #[inline]
    fn decode(bytes: &[u8], encoding: Encoding) -> Option<Self> {
        #[inline]
        fn read<S: RawSym>(bytes: &[u8], endian: S::Endian) -> Option<Symbol> {
            Some(Symbol::from_raw(from_bytes::<S>(bytes).ok()?.0, endian))
        }
        // The byte order is asked for once, not for each field.
        match (encoding.class, encoding.endian) {
            (Class::Elf32, Endianness::Little) => read::<Sym32<LittleEndian>>(bytes, LittleEndian),
            (Class::Elf32, Endianness::Big) => read::<Sym32<BigEndian>>(bytes, BigEndian),
            (Class::Elf64, Endianness::Little) => read::<Sym64<LittleEndian>>(bytes, LittleEndian),
            (Class::Elf64, Endianness::Big) => read::<Sym64<BigEndian>>(bytes, BigEndian),
        }
    }
}

/// A symbol table with what belongs to it.
#[derive(Clone, Copy, Debug)]
pub struct SymbolTable<'data> {
    /// The index of its section header.
    pub section: u32,
    /// The symbols; index 0 is the reserved one.
    pub symbols: Table<'data, Symbol>,
    /// Their names.
    pub strings: StringTable<'data>,
    /// The section indexes that did not fit (`SHT_SYMTAB_SHNDX`), one a symbol; may be shorter.
    pub extended: Table<'data, u32>,
}

impl<'data> SymbolTable<'data> {
    /// The name of `symbol`, without its closing zero byte.
    ///
    /// # Errors
    /// If `st_name` lies outside the string table or the string does not end in it.
    pub fn name(&self, symbol: &Symbol) -> Result<&'data [u8]> {
        self.strings.get(u64::from(symbol.name)).map_err(|error| error.in_section(self.section))
    }

    /// The section header index of the symbol with this `index`, through the extended table where
    /// `st_shndx` is `SHN_XINDEX`. Reserved numbers come as stored.
    pub fn section_index(&self, index: usize, symbol: &Symbol) -> u32 {
        if symbol.shndx == SHN_XINDEX {
            self.extended.get(index).unwrap_or(u32::from(SHN_XINDEX.0))
        } else {
            u32::from(symbol.shndx.0)
        }
    }

    /// The symbols in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Symbol> + use<'data> {
        self.symbols.iter()
    }
}
