//! What contents need to know of the file they are read from, and of the object they are written
//! for.

use std::borrow::Cow;
use std::cell::Cell;

use super::defaults;
use super::error::{Error, Owner, Place, Result};
use super::layout::Layout;
use super::links::Links;
use super::numbers::Numbers;
use super::string_index::{StringIndex, StringTables};
use super::{Field, Name, Object, SectionId, SymbolId};
use crate::ident::Encoding;
use crate::section::SectionHeader;
use crate::segment::ProgramHeader;
use crate::strtab::StringTable;

/// The header of what is decoded.
#[derive(Clone, Copy, Debug)]
pub enum Header {
    /// Of a section.
    Section(SectionHeader),
    /// Of a segment.
    Segment(ProgramHeader),
}

/// Where contents are decoded from.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a, 'data> {
    /// Class and byte order.
    pub encoding: Encoding,
    /// `e_machine`
    pub machine: u16,
    /// `EI_OSABI`
    pub os_abi: u8,
    /// `e_type`
    pub file_kind: u16,
    /// Whose contents they are.
    pub owner: Owner,
    /// Its header.
    pub header: Header,
    /// The name of the section; empty for a segment.
    pub name: &'a [u8],
    /// The section that `sh_link` leads to.
    pub link: Option<SectionId>,
    /// The strings of the linked section.
    pub strings: OpenStrings<'a, 'data>,
    /// The bytes of the `SHT_SYMTAB_SHNDX` section that leads here.
    pub extended: &'data [u8],
    /// How many sections the file has.
    pub section_count: u32,
    /// How many symbols the linked section has, if it is a symbol table.
    pub symbol_count: u32,
}

/// A string table of a file that is opened.
#[derive(Clone, Copy, Debug)]
pub struct OpenStrings<'a, 'data> {
    pub(super) index: Option<&'a StringIndex<'data>>,
    /// What may still be spent on names.
    pub(super) budget: &'a NameBudget,
}

impl<'data> OpenStrings<'_, 'data> {
    /// The string at `offset`, without its closing zero byte; `None` if there is none.
    pub fn text(&self, offset: u32) -> Option<&'data [u8]> {
        match &self.index?.bytes {
            Cow::Borrowed(bytes) => self.budget.string(bytes, offset.into()),
            Cow::Owned(_) => None,
        }
    }
}

/// A bound for the length of all names of a file together, so that many references to one long
/// string cost no more than the file's own size.
#[derive(Debug)]
pub(super) struct NameBudget(Cell<u64>);

impl NameBudget {
    /// A budget for a file of this many bytes.
    pub(super) fn for_length(length: u64) -> Self {
        Self(Cell::new(length.saturating_mul(4).saturating_add(1 << 20)))
    }

    /// The string at `offset` of `table` as far as there is one and the budget allows it.
    pub(super) fn string<'data>(&self, table: &'data [u8], offset: u64) -> Option<&'data [u8]> {
        let left = self.0.get();
        let limit = usize::try_from(left).unwrap_or(usize::MAX);
        let text = StringTable::new(table).get_up_to(offset, limit)?;
        self.0.set(left.saturating_sub(text.len() as u64));
        (text.len() < limit).then_some(text)
    }
}

impl<'data> Source<'_, 'data> {
    /// The name at this offset of the linked string table, with its offset given. Its text is empty
    /// where there is none.
    pub fn name(&self, offset: u32) -> Name<'data> {
        let text = self.strings.text(offset).unwrap_or_default();
        Name { text: text.into(), offset: Field::Is(offset) }
    }

    /// The section with this index, if there is one. Index 0 is none.
    pub fn section(&self, index: u32) -> Option<SectionId> {
        (index != 0 && index < self.section_count).then_some(SectionId(index))
    }

    /// The symbol with this index in the linked symbol table, if there is one. Index 0 is none.
    pub fn symbol(&self, index: u32) -> Option<SymbolId> {
        let table = self.link.filter(|_| index != 0 && index < self.symbol_count)?;
        Some(SymbolId { table, key: index })
    }

    /// The section header, unless the contents are a segment's.
    pub fn section_header(&self) -> Option<&SectionHeader> {
        match &self.header {
            Header::Section(header) => Some(header),
            Header::Segment(_) => None,
        }
    }
}

/// What contents are encoded for.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a, 'data> {
    /// Class and byte order.
    pub encoding: Encoding,
    /// `e_machine`
    pub machine: u16,
    /// `e_type`
    pub file_kind: u16,
    /// Whose contents they are.
    pub owner: Owner,
    /// The object. While an object is simplified, the owner's own contents are not in it.
    pub object: &'a Object<'data>,
    /// The index of each section and symbol.
    pub numbers: &'a Numbers,
    /// `sh_link` and `sh_info` of each section.
    pub links: &'a Links,
    /// The string tables.
    pub tables: &'a StringTables<'data>,
    /// Where everything lies. Not yet there when only the size of contents is asked for.
    pub layout: Option<&'a Layout>,
}

impl Context<'_, '_> {
    /// The place of the owner, for errors.
    pub fn place(&self) -> Place {
        match self.owner {
            Owner::Section(id) => Place::Section(self.numbers.section(id).unwrap_or(u32::MAX)),
            Owner::Segment(id) => {
                let keys = self.object.segments.keys();
                let index = keys.iter().position(|&key| key == id.0).unwrap_or(usize::MAX);
                Place::SegmentContents(index as u32)
            }
        }
    }

    /// The place of an entry of the owner's contents, for errors.
    pub fn entry(&self, what: &'static str, entry: usize) -> Place {
        match self.place() {
            Place::Section(section) => Place::Entry { section, entry: entry as u32, what },
            place => place,
        }
    }

    /// The index of a section; `field` names the reference in the error.
    ///
    /// # Errors
    /// [`Error::Dangling`]
    pub fn section_index(&self, id: SectionId, field: &'static str) -> Result<u32> {
        let dangling = || Error::Dangling { place: self.place(), field, what: "section" };
        self.numbers.section(id).ok_or_else(dangling)
    }

    /// The index of a symbol in its table.
    ///
    /// # Errors
    /// [`Error::Dangling`]
    pub fn symbol_index(&self, id: SymbolId, field: &'static str) -> Result<u32> {
        let dangling = || Error::Dangling { place: self.place(), field, what: "symbol" };
        self.numbers.symbol(id).ok_or_else(dangling)
    }

    /// The section that the owner's `sh_link` leads to.
    pub fn link(&self) -> Option<SectionId> {
        match self.owner {
            Owner::Section(id) => self.links.target(id),
            Owner::Segment(_) => None,
        }
    }

    /// Whether an `SHT_SYMTAB_SHNDX` section leads to the owner.
    pub fn has_symbol_sections(&self) -> bool {
        matches!(self.owner, Owner::Section(id) if self.links.has_symbol_sections(id))
    }

    /// Where the linked string table holds this text.
    pub fn string(&self, text: &[u8]) -> Option<u32> {
        self.tables.find(self.link()?, text)
    }

    /// The offset of a name in the linked string table: the given one, else that of its text.
    /// `place` is where the name is used.
    ///
    /// # Errors
    /// [`Error::NoName`], [`Error::TooWide`]
    pub fn name_offset(&self, name: &Name, place: impl Fn() -> Place) -> Result<u32> {
        match name.offset {
            Field::Is(offset) => Ok(offset),
            Field::Raw(offset) => Ok(offset as u32),
            Field::Auto if name.text.is_empty() => Ok(0),
            Field::Auto => self
                .string(&name.text)
                .ok_or_else(|| Error::NoName { place: place(), name: name.text.to_vec() }),
        }
    }

    /// Leaves the offset of `name` to the writer if it finds the same.
    pub fn simplify_name(&self, name: &mut Name) {
        let found = if name.text.is_empty() { Some(0) } else { self.string(&name.text) };
        if let (Field::Is(offset), Some(found)) = (name.offset, found)
            && offset == found
        {
            name.offset = Field::Auto;
        }
    }

    /// The alignment of the owner (`sh_addralign` or `p_align`), as it will be written.
    pub fn alignment(&self) -> u64 {
        match self.owner {
            Owner::Section(id) => self.object.sections.get(id.0).map_or(0, |section| {
                section.align.or(defaults::align(section, self.encoding, self.machine))
            }),
            Owner::Segment(id) => self
                .object
                .segments
                .get(id.0)
                .map_or(0, |segment| segment.align.or(defaults::own_segment_align(segment))),
        }
    }

    /// The address of a section (`sh_addr`).
    pub fn address(&self, id: SectionId) -> Option<u64> {
        Some(self.layout?.section(id)?.header.addr)
    }

    /// The file offset of a section (`sh_offset`).
    pub fn offset(&self, id: SectionId) -> Option<u64> {
        Some(self.layout?.section(id)?.header.offset)
    }

    /// The size of a section (`sh_size`).
    pub fn size(&self, id: SectionId) -> Option<u64> {
        Some(self.layout?.section(id)?.header.size)
    }

    /// A value that must fit `bits` bits as an unsigned number.
    ///
    /// # Errors
    /// [`Error::TooWide`]
    pub fn fit(&self, value: u64, bits: u32, field: &'static str, place: Place) -> Result<u64> {
        fit(value, bits, field, place)
    }
}

/// A value that must fit `bits` bits as an unsigned number.
///
/// # Errors
/// [`Error::TooWide`]
pub fn fit(value: u64, bits: u32, field: &'static str, place: Place) -> Result<u64> {
    if bits < 64 && value >> bits != 0 {
        return Err(Error::TooWide { place, field, value: value.into(), bits });
    }
    Ok(value)
}
