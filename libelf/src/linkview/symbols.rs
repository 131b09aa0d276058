//! The symbols of a table with their names, as linkers and `nm` read them.
//!
//! Where a name cannot be had, the symbol has none; the faults are noted in the order of the
//! symbols. What a fault means depends on the table of strings as a whole, see [`Names`].

use object::elf::{SHN_XINDEX, SHT_LOOS, SHT_STRTAB, SHT_SYMTAB_SHNDX, STT_SECTION};

use super::{CommonFault, Name, Notice};
use crate::file::File;
use crate::ident::{Class, Encoding};
use crate::section::SectionHeader;
use crate::symbol::Symbol;
use crate::table::Table;
use object::endian::Endianness;
use std::borrow::Cow;

/// A symbol table.
#[derive(Clone, Copy, Debug)]
pub struct Symbols<'data> {
    /// The symbols; the one with index 0 says nothing.
    pub table: Table<'data, Symbol>,
    /// The section indexes that did not fit, one a symbol; empty if none is needed.
    extended: Table<'data, u32>,
    names: Names<'data>,
    /// The index of the section of names.
    link: u32,
    /// The highest offset of a name.
    highest_name: u32,
    /// The names of sections, for symbols that stand for one.
    section_names: &'data [u8],
    headers: Table<'data, SectionHeader>,
}

/// How names are found.
#[derive(Clone, Copy, Debug)]
enum Names<'data> {
    /// In these bytes, of which the last is zero.
    Sound(&'data [u8]),
    /// The bytes do not end in a zero byte: that is found out when the first name is looked up.
    FirstOnly(&'data [u8]),
    /// Not in this section.
    NoStrings,
    /// Nowhere.
    None,
}

impl<'data> Symbols<'data> {
    /// The symbol table in the section with this index.
    ///
    /// # Errors
    /// If it goes past the end of the file, or the section indexes of its symbols are missing.
    pub fn read(file: &File<'data>, index: usize) -> Result<Self, CommonFault> {
        let headers = file.section_headers().map_err(|_| CommonFault::Truncated)?;
        let section = headers.get(index).ok_or(CommonFault::Truncated)?;
        let data = file.section_data(&section).map_err(|_| CommonFault::Truncated)?;
        let table = Table::<Symbol>::new(data, file.encoding());
        let summary = Summary::of(&table);
        let extended = headers
            .iter()
            .find(|header| header.kind == SHT_SYMTAB_SHNDX && header.link as usize == index);
        let extended = if let Some(header) = extended {
            file.section_data(&header).map_err(|_| CommonFault::Truncated)?
        } else if summary.has_extended
            && let Some(symbol) = table.iter().position(|symbol| symbol.shndx == SHN_XINDEX)
        {
            return Err(CommonFault::NoIndexes { symbol });
        } else {
            &[]
        };
        let section_names = file.section_names().map(|names| names.bytes()).unwrap_or_default();
        Ok(Self {
            table,
            extended: Table::new(extended, file.encoding()),
            names: Names::of(file, headers.get(section.link as usize)),
            link: section.link,
            highest_name: summary.highest_name,
            section_names,
            headers,
        })
    }

    /// The section header index of a symbol, and whether it is one of the reserved numbers.
    #[inline]
    pub fn section(&self, index: usize, symbol: &Symbol) -> (u32, bool) {
        if symbol.shndx == SHN_XINDEX {
            (self.extended.get(index).unwrap_or_default(), false)
        } else {
            (symbol.shndx.0.into(), symbol.shndx.is_reserved())
        }
    }

    /// The strings that names lie in, if every offset within them leads to one that ends there.
    pub fn sound_strings(&self) -> Option<&'data [u8]> {
        match self.names {
            Names::Sound(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// Whether the name of any symbol lies behind the end of the strings.
    pub fn has_lost_names(&self) -> bool {
        self.sound_strings().is_none_or(|bytes| self.highest_name as usize >= bytes.len())
    }

    /// The name of a symbol and what follows its zero byte; `None` if it cannot be had.
    pub fn name_and_rest(&self, index: usize, symbol: &Symbol) -> Option<&'data [u8]> {
        if symbol.name == 0 {
            return Some(self.section_name(index, symbol).unwrap_or_default());
        }
        match self.names {
            Names::Sound(bytes) => string_at(bytes, symbol.name),
            Names::FirstOnly(bytes) if self.is_first(index) => string_at(bytes, symbol.name),
            _ => None,
        }
    }

    /// The name of a symbol; `None` if it cannot be had.
    pub fn name(&self, index: usize, symbol: &Symbol) -> Option<&'data [u8]> {
        let name = self.name_and_rest(index, symbol)?;
        name.get(..memchr::memchr(0, name).unwrap_or(name.len()))
    }

    /// The name of the section that a symbol without a name of its own stands for.
    fn section_name(&self, index: usize, symbol: &Symbol) -> Option<&'data [u8]> {
        if symbol.kind() != STT_SECTION {
            return None;
        }
        let (section, is_reserved) = self.section(index, symbol);
        let header = self.headers.get(section as usize).filter(|_| !is_reserved)?;
        if header.name == 0 { None } else { string_at(self.section_names, header.name) }
    }

    /// Whether a symbol is the first that has a name.
    fn is_first(&self, index: usize) -> bool {
        self.table.iter().skip(1).position(|symbol| symbol.name != 0) == index.checked_sub(1)
    }

    /// What is wrong with the names, in the order of the symbols.
    pub fn note_names(&self, file: &File<'_>, notices: &mut Vec<Notice>) {
        let size = match self.names {
            Names::Sound(bytes) | Names::FirstOnly(bytes) => bytes.len(),
            Names::NoStrings => 0,
            Names::None => return,
        };
        if self.highest_name == 0 || (self.highest_name as usize) < size {
            return;
        }
        for (index, symbol) in self.table.iter().enumerate().skip(1) {
            let is_within = symbol.name == 0 || (symbol.name as usize) < size;
            if is_within {
                continue;
            }
            match self.names {
                Names::NoStrings => {
                    notices.push(Notice::NoStrings { index: self.link as usize });
                }
                Names::FirstOnly(_) if !self.is_first(index) => {}
                _ => notices.push(Notice::StringPastEnd {
                    offset: symbol.name,
                    size: size as u64,
                    table: self.table_name(file),
                }),
            }
        }
    }

    /// The name of the section that holds the names.
    fn table_name(&self, file: &File<'_>) -> Option<Vec<u8>> {
        let header = self.headers.get(self.link as usize)?;
        if self.link == file.section_name_index() && header.name == 0 {
            return Some(b".shstrtab".to_vec());
        }
        let name = string_at(self.section_names, header.name)?;
        Some(Name(Cow::Borrowed(name)).bytes().to_vec())
    }
}

/// What one quick look at all symbols of a table tells.
struct Summary {
    highest_name: u32,
    /// Whether the section index of any did not fit.
    has_extended: bool,
}

impl Summary {
    fn of(table: &Table<'_, Symbol>) -> Self {
        let Encoding { class, endian } = table.encoding();
        match class {
            Class::Elf32 => Self::look::<16, 14>(table.bytes(), endian),
            Class::Elf64 => Self::look::<24, 6>(table.bytes(), endian),
        }
    }

    /// `SIZE` is that of a symbol, and `SECTION` the offset of its section index, in bytes. Its
    /// name comes first.
    fn look<const SIZE: usize, const SECTION: usize>(bytes: &[u8], endian: Endianness) -> Self {
        let mut summary = Self { highest_name: 0, has_extended: false };
        let extended = SHN_XINDEX.0.to_ne_bytes();
        for symbol in bytes.as_chunks::<SIZE>().0 {
            let name = symbol.first_chunk().copied().unwrap_or_default();
            let name = match endian {
                Endianness::Little => u32::from_le_bytes(name),
                Endianness::Big => u32::from_be_bytes(name),
            };
            summary.highest_name = summary.highest_name.max(name);
            // All its bits are set, in either byte order.
            summary.has_extended |= symbol.get(SECTION..SECTION + 2) == Some(&extended);
        }
        summary
    }
}

impl<'data> Names<'data> {
    fn of(file: &File<'data>, header: Option<SectionHeader>) -> Self {
        let Some(header) = header else { return Self::None };
        if header.kind != SHT_STRTAB && header.kind.0 < SHT_LOOS {
            return Self::NoStrings;
        }
        match file.section_data(&header) {
            Ok(bytes @ [.., 0]) => Self::Sound(bytes),
            Ok(bytes @ [_, ..]) => Self::FirstOnly(bytes),
            _ => Self::None,
        }
    }
}

fn string_at(strings: &[u8], offset: u32) -> Option<&[u8]> {
    strings.get(offset as usize..).filter(|string| !string.is_empty())
}
