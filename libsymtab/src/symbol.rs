//! A symbol as a value, whatever table it stands in.

use libelf::raw::{
    SHN_ABS, SHN_COMMON, SHN_LORESERVE, SHN_UNDEF, SHN_XINDEX, SymbolBind, SymbolSection,
    SymbolType, SymbolVisibility,
};

/// Where a symbol is defined. gABI, chapter 4, "Special Sections" and "Symbol Table".
///
/// The numbers that a file can store for it are kept apart by what they mean, as with extended
/// numbering a section may well have the index 0xfff1, which is not `SHN_ABS`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Section {
    /// Nowhere in this file (`SHN_UNDEF`).
    #[default]
    Undefined,
    /// In the section with this index, through `SHT_SYMTAB_SHNDX` where the file needs it.
    Index(u32),
    /// Nowhere: the value is absolute (`SHN_ABS`).
    Absolute,
    /// Not allocated yet (`SHN_COMMON`): the value is an alignment in bytes.
    Common,
    /// Another reserved number, of a processor or system, as stored. `SHN_XINDEX` stays where the
    /// table of extended indexes has no entry for the symbol.
    Reserved(u16),
    /// Somewhere: the table does not tell in which section.
    Unknown,
}

impl Section {
    /// What a `st_shndx` says; `extended` is the symbol's entry of `SHT_SYMTAB_SHNDX`.
    pub fn new(stored: SymbolSection, extended: Option<u32>) -> Self {
        match (stored, extended) {
            (SHN_UNDEF, _) => Self::Undefined,
            (SHN_ABS, _) => Self::Absolute,
            (SHN_COMMON, _) => Self::Common,
            (SHN_XINDEX, Some(0)) => Self::Undefined,
            (SHN_XINDEX, Some(index)) => Self::Index(index),
            (number, _) if number.0 >= SHN_LORESERVE => Self::Reserved(number.0),
            (number, _) => Self::Index(number.0.into()),
        }
    }

    /// The index of the section header, where there is one.
    pub fn index(self) -> Option<u32> {
        match self {
            Self::Index(index) => Some(index),
            _ => None,
        }
    }
}

/// What kind of table a symbol comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Source {
    /// `SHT_SYMTAB`.
    Static,
    /// `SHT_DYNSYM`, or where no section header names it, `DT_SYMTAB`.
    Dynamic,
    /// `SHT_SYMTAB` of the file inside `.gnu_debugdata`.
    MiniDebug,
    /// `SHT_SYMTAB` of a separate debug file.
    DebugFile,
    /// Made for the stubs of procedure linkage tables.
    Synthetic,
    /// The symbol index of an archive. The value of a symbol is the offset of its member's header
    /// from the start of the archive, in bytes.
    ArchiveIndex,
    /// A text of Linux, as `/proc/kallsyms`.
    Kallsyms,
    /// A text as just-in-time compilers write it for perf.
    PerfMap,
}

/// The version of a dynamic symbol. LSB Core, chapter 10, "Symbol Versioning".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version<'data> {
    /// Its name, as `GLIBC_2.34`.
    pub name: &'data [u8],
    /// For a version that is needed from a library, the library's name.
    pub library: Option<&'data [u8]>,
    /// The version index, without the hidden bit.
    pub index: u16,
    /// Whether the hidden bit is set: the symbol is found only by those who name the version.
    pub is_hidden: bool,
    /// Whether it is the base version, whose name is that of the file itself (`VER_FLG_BASE`).
    pub is_base: bool,
}

/// A symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Symbol<'data> {
    /// Its name without version; empty if it has none, or one outside the string table. A name
    /// that is cut off by the end of the string table is taken as far as it goes.
    pub name: &'data [u8],
    /// Its value: mostly an address, in relocatable files an offset from the start of its section
    /// (`st_value`).
    pub value: u64,
    /// Its size in bytes, 0 if unknown (`st_size`).
    pub size: u64,
    /// Its type, an `STT_` number.
    pub kind: SymbolType,
    /// Its binding, an `STB_` number.
    pub bind: SymbolBind,
    /// Visibility in the lowest two bits, and machines' bits (`st_other`).
    pub other: u8,
    /// Where it is defined.
    pub section: Section,
    /// Its version, in dynamic symbol tables.
    pub version: Option<Version<'data>>,
    /// What it belongs to beside that: of kallsyms the module.
    pub group: Option<&'data [u8]>,
    /// Its number in its table, as stored: in ELF files 1 is the first after the reserved one.
    pub index: u32,
    /// The kind of table it comes from.
    pub source: Source,
}

impl Symbol<'_> {
    /// The visibility, an `STV_` number.
    pub fn visibility(&self) -> SymbolVisibility {
        SymbolVisibility(self.other & 3)
    }

    /// Whether this file defines it.
    pub fn is_defined(&self) -> bool {
        self.section != Section::Undefined
    }

    /// Adds the name with `@VERSION` or, if it is the version that a program gets which is linked
    /// against this file now, `@@VERSION`.
    pub fn write_versioned_name(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.name);
        let Some(version) = self.version.filter(|version| !version.is_base) else { return };
        let is_default = self.is_defined() && !version.is_hidden;
        out.extend_from_slice(if is_default { b"@@" } else { b"@" });
        out.extend_from_slice(version.name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_told_from_reserved_numbers() {
        assert_eq!(Section::new(SHN_UNDEF, None), Section::Undefined);
        assert_eq!(Section::new(SymbolSection(7), Some(9)), Section::Index(7));
        assert_eq!(Section::new(SHN_XINDEX, Some(0xfff1)), Section::Index(0xfff1));
        assert_eq!(Section::new(SHN_XINDEX, None), Section::Reserved(0xffff));
        assert_eq!(Section::new(SymbolSection(0xff00), None), Section::Reserved(0xff00));
        assert_eq!(Section::Index(3).index(), Some(3));
        assert_eq!(Section::Absolute.index(), None);
    }

    #[test]
    fn the_default_version_has_two_signs() {
        let version =
            Version { name: b"V_1", library: None, index: 2, is_hidden: false, is_base: false };
        let mut symbol = Symbol {
            name: b"f",
            value: 0,
            size: 0,
            kind: SymbolType(2),
            bind: SymbolBind(1),
            other: 0,
            section: Section::Index(1),
            version: Some(version),
            group: None,
            index: 1,
            source: Source::Dynamic,
        };
        let text = |symbol: &Symbol| {
            let mut out = Vec::new();
            symbol.write_versioned_name(&mut out);
            out
        };
        assert_eq!(text(&symbol), b"f@@V_1");
        symbol.version = Some(Version { is_hidden: true, ..version });
        assert_eq!(text(&symbol), b"f@V_1");
        symbol.version = Some(version);
        symbol.section = Section::Undefined;
        assert_eq!(text(&symbol), b"f@V_1");
        symbol.version = Some(Version { is_base: true, ..version });
        assert_eq!(text(&symbol), b"f");
    }
}
