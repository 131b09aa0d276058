//! Relocations: REL, RELA, RELR and CREL. gABI, chapter 4, "Relocation".
//!
//! `r_info` packs a symbol index and a type, in three ways:
//!
//! | file | symbol | type |
//! |---|---|---|
//! | 32 bits | the upper 24 bits | the lower 8 bits |
//! | 64 bits | the upper 32 bits | the lower 32 bits |
//! | MIPS, 64 bits | 32 bits, first in the file | then one byte each: special symbol, third, second and first type |
//!
//! The MIPS order is one of bytes in the file, so a little-endian file that is read as one 64-bit
//! word has them shuffled; [`Reloc`] takes them apart the same way in both orders.

use object::elf::{EM_MIPS, Machine};

use object::read::elf::CrelIterator;

use crate::error::{Error, Problem, Result};
use crate::ident::{Class, Encoding};
use crate::table::{Record, Table};

/// A relocation, in host integers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reloc {
    /// Where it applies: a section offset in bytes in relocatable files, else a virtual address.
    pub offset: u64,
    /// `r_info` as one number; on 64-bit MIPS in the order of a big-endian file.
    pub info: u64,
    /// The index of the symbol in the linked symbol table, 0 for none.
    pub symbol: u32,
    /// The type. On 64-bit MIPS the first of three: see [`Self::mips_types`].
    pub kind: u32,
    /// The constant to add, if the entry holds one (RELA).
    pub addend: Option<i64>,
}

impl Reloc {
    /// The three types of a 64-bit MIPS relocation, in order of application.
    pub fn mips_types(&self) -> [u8; 3] {
        let [.., third, second, first] = self.info.to_be_bytes();
        [first, second, third]
    }

    /// The special symbol (`RSS_`) of a 64-bit MIPS relocation.
    pub fn mips_special_symbol(&self) -> u8 {
        let [_, _, _, _, special, ..] = self.info.to_be_bytes();
        special
    }

    fn new(layout: Layout, offset: u64, info: u64, addend: Option<i64>) -> Self {
        let info = if layout.is_mips64el() { mips64el_info(info) } else { info };
        let (symbol, kind) = match (layout.encoding.class, layout.is_mips64) {
            (Class::Elf32, _) => ((info >> 8) as u32, (info & 0xff) as u32),
            (Class::Elf64, false) => ((info >> 32) as u32, info as u32),
            (Class::Elf64, true) => ((info >> 32) as u32, (info & 0xff) as u32),
        };
        Self { offset, info, symbol, kind, addend }
    }
}

/// The word of a little-endian 64-bit MIPS file in the order of a big-endian one.
fn mips64el_info(info: u64) -> u64 {
    info << 32 | u64::from((info >> 32) as u32).swap_bytes() >> 32
}

/// How the relocations of a file are packed.
#[derive(Clone, Copy, Debug)]
struct Layout {
    encoding: Encoding,
    is_mips64: bool,
}

impl Layout {
    fn is_mips64el(self) -> bool {
        self.is_mips64 && !self.encoding.is_big_endian()
    }
}

/// An entry as stored, without an addend.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RawRel {
    /// `r_offset`
    pub offset: u64,
    /// `r_info`
    pub info: u64,
}

impl Record for RawRel {
    #[inline]
    fn size(class: Class) -> usize {
        match class {
            Class::Elf32 => 8,
            Class::Elf64 => 16,
        }
    }

    #[inline]
    fn decode(bytes: &[u8], encoding: Encoding) -> Option<Self> {
        let word = encoding.word_size();
        Some(Self { offset: encoding.word(bytes, 0)?, info: encoding.word(bytes, word)? })
    }
}

/// An entry as stored, with an addend.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RawRela {
    /// `r_offset`
    pub offset: u64,
    /// `r_info`
    pub info: u64,
    /// `r_addend`, sign-extended.
    pub addend: i64,
}

impl Record for RawRela {
    #[inline]
    fn size(class: Class) -> usize {
        match class {
            Class::Elf32 => 12,
            Class::Elf64 => 24,
        }
    }

    #[inline]
    fn decode(bytes: &[u8], encoding: Encoding) -> Option<Self> {
        let word = encoding.word_size();
        let addend = encoding.word(bytes, 2 * word)?;
        Some(Self {
            offset: encoding.word(bytes, 0)?,
            info: encoding.word(bytes, word)?,
            addend: if encoding.is_64() { addend as i64 } else { i64::from(addend as u32 as i32) },
        })
    }
}

#[derive(Clone, Copy, Debug)]
enum Entries<'data> {
    Rel(Table<'data, RawRel>),
    Rela(Table<'data, RawRela>),
}

/// A borrowed table of REL or RELA entries.
#[derive(Clone, Copy, Debug)]
pub struct Relocs<'data> {
    entries: Entries<'data>,
    layout: Layout,
}

impl<'data> Relocs<'data> {
    /// The entries of an `SHT_REL` section.
    pub fn rel(bytes: &'data [u8], encoding: Encoding, machine: Machine) -> Self {
        Self {
            entries: Entries::Rel(Table::new(bytes, encoding)),
            layout: layout(encoding, machine),
        }
    }

    /// The entries of an `SHT_RELA` section.
    pub fn rela(bytes: &'data [u8], encoding: Encoding, machine: Machine) -> Self {
        Self {
            entries: Entries::Rela(Table::new(bytes, encoding)),
            layout: layout(encoding, machine),
        }
    }

    /// Whether each entry is packed in the way of 64-bit MIPS, with three types.
    pub fn has_three_types(&self) -> bool {
        self.layout.is_mips64
    }

    /// Whether the entries hold addends.
    pub fn has_addends(&self) -> bool {
        matches!(self.entries, Entries::Rela(_))
    }

    /// How many whole entries there are.
    pub fn len(&self) -> usize {
        match self.entries {
            Entries::Rel(table) => table.len(),
            Entries::Rela(table) => table.len(),
        }
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The entry with this index.
    pub fn get(&self, index: usize) -> Option<Reloc> {
        match self.entries {
            Entries::Rel(table) => {
                let raw = table.get(index)?;
                Some(Reloc::new(self.layout, raw.offset, raw.info, None))
            }
            Entries::Rela(table) => {
                let raw = table.get(index)?;
                Some(Reloc::new(self.layout, raw.offset, raw.info, Some(raw.addend)))
            }
        }
    }

    /// The entries `start..end`, as far as there are.
    #[must_use]
    pub fn range(&self, start: usize, end: usize) -> Self {
        let entries = match self.entries {
            Entries::Rel(table) => Entries::Rel(table.range(start, end)),
            Entries::Rela(table) => Entries::Rela(table.range(start, end)),
        };
        Self { entries, layout: self.layout }
    }

    /// The entries in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Reloc> + use<'data> {
        let relocs = *self;
        (0..relocs.len()).map(move |index| relocs.get(index).unwrap_or_default())
    }
}

fn layout(encoding: Encoding, machine: Machine) -> Layout {
    Layout { encoding, is_mips64: machine == EM_MIPS && encoding.is_64() }
}

/// The addresses that the words of an `SHT_RELR` section stand for.
///
/// An even word is an address, and the next words count from behind it; an odd word is a bitmap
/// of the 63 (31) words that follow. gABI, chapter 4, "Relocation", `SHT_RELR`.
pub fn relr_addresses(words: Table<'_, u64>) -> impl Iterator<Item = u64> {
    relr(words.iter(), 8)
}

/// As [`relr_addresses`], for 32-bit files.
pub fn relr_addresses_32(words: Table<'_, u32>) -> impl Iterator<Item = u64> {
    relr(words.iter().map(u64::from), 4)
}

fn relr(words: impl Iterator<Item = u64>, word_size: u64) -> impl Iterator<Item = u64> {
    let bits = word_size * 8 - 1;
    let mut next = 0_u64;
    words.flat_map(move |word| {
        let (base, bitmap) = if word & 1 == 0 {
            next = word.wrapping_add(word_size);
            (word, 1)
        } else {
            let base = next;
            next = next.wrapping_add(bits * word_size);
            (base, word >> 1)
        };
        (0..bits)
            .filter(move |bit| bitmap >> bit & 1 != 0)
            .map(move |bit| base.wrapping_add(bit * word_size))
    })
}

/// The relocations of a CREL section (`SHT_CREL`), whose bytes are these.
///
/// An entry is coded as its difference from the one before, in LEB128 numbers: see the gABI's
/// proposal of compact relocations. [`Reloc::info`] is 0, as there is no such word.
///
/// # Errors
/// [`Problem::Malformed`] if the header is cut off. The iterator yields it once, at its end, if an
/// entry is.
pub fn crel(bytes: &[u8]) -> Result<impl Iterator<Item = Result<Reloc>> + use<'_>> {
    let malformed = |error: object::read::Error| Error::from(Problem::Malformed(error.to_string()));
    let entries = CrelIterator::new(bytes).map_err(malformed)?;
    let has_addends = entries.is_rela();
    let mut failed = false;
    // After an error nothing more can be decoded.
    let entries = entries.take_while(move |entry| !std::mem::replace(&mut failed, entry.is_err()));
    Ok(entries.map(move |entry| {
        let entry = entry.map_err(malformed)?;
        Ok(Reloc {
            offset: entry.r_offset,
            info: 0,
            symbol: entry.r_sym,
            kind: entry.r_type.0,
            addend: has_addends.then_some(entry.r_addend),
        })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use object::elf::EM_X86_64;
    use object::endian::Endianness;

    const fn enc(class: Class, endian: Endianness) -> Encoding {
        Encoding { class, endian }
    }

    #[test]
    fn mips64_types_are_the_same_in_both_orders() {
        let big = [0, 0, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 7, 1, 4, 3, 2];
        let mut little = [0; 16];
        little[0] = 0x10;
        little[8] = 7;
        little[12..].copy_from_slice(&[1, 4, 3, 2]);
        for (bytes, endian) in [(big, Endianness::Big), (little, Endianness::Little)] {
            let relocs = Relocs::rel(&bytes, enc(Class::Elf64, endian), EM_MIPS);
            let reloc = relocs.get(0).unwrap();
            assert_eq!((reloc.offset, reloc.symbol, reloc.kind), (0x10, 7, 2));
            assert_eq!(reloc.mips_types(), [2, 3, 4]);
            assert_eq!(reloc.mips_special_symbol(), 1);
        }
    }

    #[test]
    fn a_32_bit_addend_is_sign_extended() {
        let bytes = [4, 0, 0, 0, 2, 5, 0, 0, 0xff, 0xff, 0xff, 0xff];
        let relocs = Relocs::rela(&bytes, enc(Class::Elf32, Endianness::Little), EM_X86_64);
        let reloc = relocs.iter().next().unwrap();
        assert_eq!((reloc.symbol, reloc.kind, reloc.addend), (5, 2, Some(-1)));
    }

    #[test]
    fn crel_entries_are_differences() {
        // Three entries with addends: (0x10, 1, 2, 4), (0x18, 1, 2, 4), (0x98, 3, 1, 3).
        let bytes = [3 << 3 | 4, 0b1000_0111, 1, 1, 2, 4, 8 << 3, 0b1000_0111, 8, 2, 0x7f, 0x7f];
        let found: Vec<_> = crel(&bytes).unwrap().map(Result::unwrap).collect();
        let fields: Vec<_> =
            found.iter().map(|r| (r.offset, r.symbol, r.kind, r.addend.unwrap())).collect();
        assert_eq!(fields, [(0x10, 1, 2, 4), (0x18, 1, 2, 4), (0x98, 3, 1, 3)]);
    }

    #[test]
    fn a_cut_crel_section_ends_with_one_error() {
        let found: Vec<_> = crel(&[0xff, 0xff, 0x7f, 0x08]).unwrap().collect();
        assert_eq!(found.len(), 2);
        assert!(found[0].is_ok() && found[1].is_err());
        assert!(crel(&[]).is_err());
    }

    #[test]
    fn relr_bitmaps_follow_the_last_address() {
        let words: Vec<u8> =
            [0x1000_u64, 0b1011, 0x11].iter().flat_map(|word| word.to_le_bytes()).collect();
        let table = Table::<u64>::new(&words, enc(Class::Elf64, Endianness::Little));
        let found: Vec<_> = relr_addresses(table).collect();
        assert_eq!(found, [0x1000, 0x1008, 0x1018, 0x1008 + 63 * 8 + 3 * 8]);
    }
}
