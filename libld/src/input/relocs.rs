//! Relocations of an input section, read in place.

use libelf::raw::{EM_MIPS, Endianness, Machine, SHT_RELA};
use libelf::reloc::Relocs;
use libelf::section::SectionHeader;
use libelf::{Class, Encoding};

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
    /// How entries are stored, to make more of the kind.
    raw: Raw<'data>,
    /// Whether addends lie in the section's contents (`SHT_REL`).
    pub implicit_addends: bool,
}

/// The bytes of a table.
#[derive(Clone, Copy, Debug)]
struct Raw<'data> {
    bytes: &'data [u8],
    encoding: Encoding,
    machine: Machine,
}

#[derive(Clone, Copy, Debug)]
enum TableForm<'data> {
    /// The most frequent one, decoded by code of its own.
    Rela64Le(&'data [u8]),
    Other(Relocs<'data>),
}

impl<'data> RelocTable<'data> {
    /// None.
    pub const EMPTY: Self = Self {
        form: TableForm::Rela64Le(&[]),
        raw: Raw {
            bytes: &[],
            encoding: Encoding { class: Class::Elf64, endian: Endianness::Little },
            machine: Machine(0),
        },
        implicit_addends: false,
    };

    /// Those in the contents of a section of this type.
    pub fn new(
        bytes: &'data [u8],
        header: &SectionHeader,
        encoding: Encoding,
        machine: Machine,
    ) -> Self {
        Self::of_bytes(Raw { bytes, encoding, machine }, header.kind == SHT_RELA)
    }

    fn of_bytes(raw: Raw<'data>, is_rela: bool) -> Self {
        let Raw { bytes, encoding, machine } = raw;
        let form = if is_rela && encoding.is_64() && !encoding.is_big_endian() && machine != EM_MIPS
        {
            TableForm::Rela64Le(bytes)
        } else if is_rela {
            TableForm::Other(Relocs::rela(bytes, encoding, machine))
        } else {
            TableForm::Other(Relocs::rel(bytes, encoding, machine))
        };
        Self { form, raw, implicit_addends: !is_rela }
    }

    /// Other relocations of the same form, as [`Self::copy_moved`] makes them.
    pub fn with_bytes<'b>(&self, bytes: &'b [u8]) -> RelocTable<'b> {
        let Raw { encoding, machine, .. } = self.raw;
        RelocTable::of_bytes(Raw { bytes, encoding, machine }, !self.implicit_addends)
    }

    /// Appends the relocation with this index to `to`, as it is stored, but for its offset, to
    /// which `delta` is added.
    pub fn copy_moved(&self, index: usize, delta: u32, to: &mut Vec<u8>) {
        let word = self.raw.encoding.word_size();
        let size = if self.implicit_addends { 2 * word } else { 3 * word };
        let start = index.saturating_mul(size);
        let entry = self.raw.bytes.get(start..start.saturating_add(size));
        let Some((entry, reloc)) = entry.zip(self.get(index)) else { return };
        let offset = reloc.offset.wrapping_add_signed((delta as i32).into());
        let (little, big) = (offset.to_le_bytes(), offset.to_be_bytes());
        let is_big = self.raw.encoding.is_big_endian();
        let offset = if is_big { big.get(8 - word..) } else { little.get(..word) };
        to.extend_from_slice(offset.unwrap_or_default());
        to.extend_from_slice(entry.get(word..).unwrap_or_default());
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
