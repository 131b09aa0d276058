//! Relocations of an input section, read in place.

use libelf::Encoding;
use libelf::raw::{EM_MIPS, Machine, SHT_RELA};
use libelf::reloc::Relocs;
use libelf::section::SectionHeader;

use super::Object;

/// The size of an `Elf64_Rela`, in bytes.
const RELA64: usize = 24;

/// A relocation in host integers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reloc {
    /// Where it applies, in bytes from the start of the section.
    pub offset: u64,
    /// The type.
    pub kind: u32,
    /// The index of the symbol, 0 for none.
    pub symbol: u32,
    /// The constant to add; 0 where it lies in the section (REL).
    pub addend: i64,
}

/// The relocations of a section.
#[derive(Clone, Copy, Debug)]
pub struct RelocTable<'data> {
    form: TableForm<'data>,
    /// Whether addends lie in the section's contents (`SHT_REL`).
    pub implicit_addends: bool,
}

#[derive(Clone, Copy, Debug)]
enum TableForm<'data> {
    /// The most frequent one, decoded by code of its own.
    Rela64Le(&'data [u8]),
    Other(Relocs<'data>),
}

impl<'data> RelocTable<'data> {
    /// None.
    pub const EMPTY: Self = Self { form: TableForm::Rela64Le(&[]), implicit_addends: false };

    /// Those in the contents of a section of this type.
    pub fn new(
        bytes: &'data [u8],
        header: &SectionHeader,
        encoding: Encoding,
        machine: Machine,
    ) -> Self {
        let is_rela = header.kind == SHT_RELA;
        let form = if is_rela && encoding.is_64() && !encoding.is_big_endian() && machine != EM_MIPS
        {
            TableForm::Rela64Le(bytes)
        } else if is_rela {
            TableForm::Other(Relocs::rela(bytes, encoding, machine))
        } else {
            TableForm::Other(Relocs::rel(bytes, encoding, machine))
        };
        Self { form, implicit_addends: !is_rela }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        match &self.form {
            TableForm::Rela64Le(bytes) => bytes.len() / RELA64,
            TableForm::Other(relocs) => relocs.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The relocation with this index.
    #[inline]
    pub fn get(&self, index: usize) -> Option<Reloc> {
        match &self.form {
            TableForm::Rela64Le(bytes) => rela64le(bytes.get(index.checked_mul(RELA64)?..)?),
            TableForm::Other(relocs) => {
                let reloc = relocs.get(index)?;
                Some(Reloc {
                    offset: reloc.offset,
                    kind: reloc.kind,
                    symbol: reloc.symbol,
                    addend: reloc.addend.unwrap_or(0),
                })
            }
        }
    }

    /// All, in order.
    pub fn iter(&self) -> impl Iterator<Item = Reloc> + '_ {
        (0..self.len()).filter_map(|index| self.get(index))
    }
}

#[inline]
fn rela64le(bytes: &[u8]) -> Option<Reloc> {
    let word = |at: usize| Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?));
    let info = word(8)?;
    Some(Reloc {
        offset: word(0)?,
        kind: info as u32,
        symbol: (info >> 32) as u32,
        addend: word(16)? as i64,
    })
}

impl<'data> Object<'data> {
    /// The relocations that apply to the section with this index.
    pub fn relocs_of(&self, section: u32) -> RelocTable<'data> {
        let table = self.relocs.get(section as usize).copied().filter(|&index| index != 0);
        let Some(header) = table.and_then(|index| self.sections.get(index as usize)) else {
            return RelocTable::EMPTY;
        };
        let bytes = self.section_data(&header);
        RelocTable::new(bytes, &header, self.encoding(), self.file.header().machine)
    }
}
