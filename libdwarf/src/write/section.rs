//! The bytes of a section, and the relocations that complete them.
//!
//! Numbers that depend on where something comes to lie are written as zeros with a
//! [`Relocation`] on them. What the relocation becomes is the caller's choice: an entry of `SHT_RELA`
//! as it is, of `SHT_REL` after [`Section::store_addends`], or the number itself once it is known
//! ([`Section::resolve`]), which makes the sections of a linked or split file.

use gimli::{DwEhPe, Format, RunTimeEndian, constants};
use libelf::leb128;

use super::distance::Address;
use super::error::{Error, Result};
use crate::section::SectionId;

/// The lowest 32-bit length that is none: from here on they announce other formats. DWARF 5,
/// section 7.2.2.
const RESERVED_LENGTHS: u64 = 0xffff_fff0;
/// What a 64-bit length starts with.
const ESCAPE_TO_64_BIT: u64 = 0xffff_ffff;

/// A number in a section that depends on where something lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Relocation {
    /// Where the number lies, in bytes from the start of the section.
    pub offset: u64,
    /// How many bytes it has.
    pub size: u8,
    /// What is computed from target and addend.
    pub kind: RelocationKind,
    /// What it depends on.
    pub target: Target,
    /// What is added to the target's address, in bytes.
    pub addend: i64,
}

/// What a relocation computes; with S the target's address, A the addend and P the place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RelocationKind {
    /// S + A: an address, or for a debug section the offset in it.
    Absolute,
    /// S + A − P
    Relative,
    /// S + A − the given address. Machines whose linkers relax code have a pair of types for it, one
    /// that adds and one that subtracts.
    Difference(Address),
    /// The same as [`Self::Difference`] in the lower six bits of a byte whose upper two stay: the
    /// operand of `DW_CFA_advance_loc`.
    Difference6(Address),
    /// The offset of S + A in the thread-local data of its module.
    TlsOffset,
}

/// What a relocation depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// The start of a section of debugging information.
    Section(SectionId),
    /// A symbol, by the number that the caller gives it in [`Address::Symbol`].
    Symbol(usize),
}

/// A section that is being written.
#[derive(Clone, Debug)]
pub struct Section {
    bytes: Vec<u8>,
    relocations: Vec<Relocation>,
    endian: RunTimeEndian,
}

/// A length that is written when what it counts has been: see [`Section::begin`].
#[must_use = "the length must be completed"]
#[derive(Clone, Copy, Debug)]
pub struct Length {
    /// Where the field lies.
    at: usize,
    /// Where what it counts begins.
    start: usize,
    size: u8,
}

impl Section {
    /// An empty section of this byte order.
    pub fn new(endian: RunTimeEndian) -> Self {
        Self { bytes: Vec::new(), relocations: Vec::new(), endian }
    }

    /// The bytes, with zeros where relocations are.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The relocations, in the order they were written in.
    pub fn relocations(&self) -> &[Relocation] {
        &self.relocations
    }

    /// Bytes and relocations.
    pub fn into_parts(self) -> (Vec<u8>, Vec<Relocation>) {
        (self.bytes, self.relocations)
    }

    /// The byte order.
    pub fn endian(&self) -> RunTimeEndian {
        self.endian
    }

    /// How many bytes it has: the offset of what is written next.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether nothing has been written.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Appends bytes.
    pub fn extend(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Appends a byte.
    pub fn byte(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    /// Appends an unsigned number of `size` bytes, at most 8.
    ///
    /// # Errors
    /// If it does not fit.
    pub fn number(&mut self, value: u64, size: u8) -> Result<()> {
        let bytes = encode(value, size, self.endian)?;
        self.bytes.extend_from_slice(bytes.get(..size.into()).unwrap_or_default());
        Ok(())
    }

    /// Appends a signed number of `size` bytes, at most 8.
    ///
    /// # Errors
    /// If it does not fit.
    pub fn signed(&mut self, value: i64, size: u8) -> Result<()> {
        self.number(cut_signed(value, size)?, size)
    }

    /// Appends a number of 16 bytes.
    pub fn number16(&mut self, value: u128) {
        let mut bytes = value.to_le_bytes();
        if self.endian == RunTimeEndian::Big {
            bytes.reverse();
        }
        self.bytes.extend_from_slice(&bytes);
    }

    /// Appends an unsigned number of so many bytes, or in LEB128.
    pub(super) fn number_or_uleb(&mut self, value: u64, size: Option<u8>) -> Result<()> {
        if let Some(size) = size {
            return self.number(value, size);
        }
        self.uleb(value);
        Ok(())
    }

    /// Appends an unsigned number in LEB128.
    pub fn uleb(&mut self, value: u64) {
        leb128::write_unsigned(&mut self.bytes, value);
    }

    /// Appends a signed number in LEB128.
    pub fn sleb(&mut self, value: i64) {
        leb128::write_signed(&mut self.bytes, value);
    }

    /// Appends a string and its closing zero byte.
    ///
    /// # Errors
    /// If there is a zero byte in it.
    pub fn string(&mut self, text: &[u8]) -> Result<()> {
        if memchr::memchr(0, text).is_some() {
            return Err(Error::ZeroInString);
        }
        self.extend(text);
        self.byte(0);
        Ok(())
    }

    /// Overwrites a number that was written before.
    ///
    /// # Errors
    /// If it does not fit, or there is none.
    pub fn patch(&mut self, at: usize, value: u64, size: u8) -> Result<()> {
        let bytes = encode(value, size, self.endian)?;
        let bytes = bytes.get(..size.into()).unwrap_or_default();
        let end = at.checked_add(bytes.len()).ok_or(Error::Outside)?;
        self.bytes.get_mut(at..end).ok_or(Error::Outside)?.copy_from_slice(bytes);
        Ok(())
    }

    /// Appends an address of `size` bytes.
    ///
    /// # Errors
    /// If it does not fit.
    pub fn address(&mut self, address: Address, size: u8) -> Result<()> {
        match address {
            Address::Constant(value) => self.number(value, size),
            Address::Symbol { symbol, addend } => {
                self.relocated(RelocationKind::Absolute, Target::Symbol(symbol), addend, size)
            }
        }
    }

    /// Appends zeros that a relocation fills.
    ///
    /// # Errors
    /// If `size` is none.
    pub fn relocated(
        &mut self,
        kind: RelocationKind,
        target: Target,
        addend: i64,
        size: u8,
    ) -> Result<()> {
        let offset = self.bytes.len() as u64;
        self.number(0, size)?;
        self.relocations.push(Relocation { offset, size, kind, target, addend });
        Ok(())
    }

    /// Appends the offset of something in a section of debugging information.
    ///
    /// # Errors
    /// If it does not fit the format.
    pub fn offset(&mut self, section: SectionId, value: u64, format: Format) -> Result<()> {
        let size = format.word_size();
        encode(value, size, self.endian)?;
        self.relocated(RelocationKind::Absolute, Target::Section(section), value as i64, size)
    }

    /// Appends the distance from one address to another, which is not known yet.
    ///
    /// # Errors
    /// If the second one is no symbol's.
    pub fn difference(&mut self, from: Address, to: Address, size: u8) -> Result<()> {
        let kind = RelocationKind::Difference(from);
        self.relocated_to(kind, to, size)
    }

    /// Marks the byte before the end as one whose lower six bits are a distance.
    pub(super) fn difference6(&mut self, from: Address, to: Address) -> Result<()> {
        let Address::Symbol { symbol, addend } = to else { return Err(Error::UnknownAddress) };
        let offset = self.bytes.len().checked_sub(1).ok_or(Error::Outside)? as u64;
        let (kind, target) = (RelocationKind::Difference6(from), Target::Symbol(symbol));
        self.relocations.push(Relocation { offset, size: 1, kind, target, addend });
        Ok(())
    }

    fn relocated_to(&mut self, kind: RelocationKind, to: Address, size: u8) -> Result<()> {
        match to {
            Address::Symbol { symbol, addend } => {
                self.relocated(kind, Target::Symbol(symbol), addend, size)
            }
            Address::Constant(_) => Err(Error::UnknownAddress),
        }
    }

    /// Appends the offset of an address in the thread-local data of its module.
    ///
    /// # Errors
    /// If it does not fit.
    pub fn tls_offset(&mut self, address: Address, size: u8) -> Result<()> {
        match address {
            Address::Constant(value) => self.number(value, size),
            symbol @ Address::Symbol { .. } => {
                self.relocated_to(RelocationKind::TlsOffset, symbol, size)
            }
        }
    }

    /// Appends a pointer as `.eh_frame` has them: LSB, "DWARF Exception Header Encoding".
    /// `address_size` is the size of those that take that of the machine.
    ///
    /// A constant address with `DW_EH_PE_pcrel` counts from the start of this section, as if it lay
    /// at address 0.
    ///
    /// # Errors
    /// If it does not fit, or the encoding is none that has a relocation.
    pub fn pointer(&mut self, address: Address, encoding: DwEhPe, address_size: u8) -> Result<()> {
        let size = pointer_size(encoding, address_size)?;
        let is_relative = match encoding.application() {
            constants::DW_EH_PE_absptr => false,
            constants::DW_EH_PE_pcrel => true,
            _ => return Err(Error::PointerEncoding(encoding.0)),
        };
        match address {
            Address::Constant(value) if is_relative => {
                self.signed(value.wrapping_sub(self.bytes.len() as u64) as i64, size)
            }
            Address::Constant(value) => self.number(value, size),
            symbol @ Address::Symbol { .. } => {
                let kind =
                    if is_relative { RelocationKind::Relative } else { RelocationKind::Absolute };
                self.relocated_to(kind, symbol, size)
            }
        }
    }

    /// Starts a unit: leaves room for its length. DWARF 5, section 7.4.
    ///
    /// # Errors
    /// None with a format that exists.
    pub fn begin(&mut self, format: Format) -> Result<Length> {
        if format == Format::Dwarf64 {
            self.number(ESCAPE_TO_64_BIT, 4)?;
        }
        self.begin_field(format.word_size())
    }

    /// Leaves room for the length of what follows, in `size` bytes.
    pub(super) fn begin_field(&mut self, size: u8) -> Result<Length> {
        let at = self.bytes.len();
        self.number(0, size)?;
        Ok(Length { at, start: self.bytes.len(), size })
    }

    /// Ends a unit: fills in its length.
    ///
    /// # Errors
    /// If it does not fit.
    pub fn end(&mut self, length: Length) -> Result<()> {
        let count = self.bytes.len().saturating_sub(length.start) as u64;
        if length.size == 4 && count >= RESERVED_LENGTHS {
            return Err(Error::TooLong { length: count });
        }
        self.patch(length.at, count, length.size)
    }

    /// Appends `filler` until the length from `start` on is a multiple of `align`.
    pub(super) fn pad(&mut self, start: usize, align: usize, filler: u8) {
        let length = self.bytes.len().saturating_sub(start);
        let padded = start.saturating_add(length.next_multiple_of(align.max(1)));
        self.bytes.resize(padded, filler);
    }

    /// Stores the addends at their places, as `SHT_REL` and machines whose relocations add to what
    /// is there want them.
    ///
    /// # Errors
    /// If one does not fit.
    pub fn store_addends(&mut self) -> Result<()> {
        for relocation in std::mem::take(&mut self.relocations) {
            if !matches!(relocation.kind, RelocationKind::Difference6(_)) {
                let value = cut_either(relocation.addend, relocation.size)?;
                self.patch(relocation.offset as usize, value, relocation.size)?;
            }
            self.relocations.push(relocation);
        }
        Ok(())
    }

    /// Applies the relocations whose targets `address_of` knows, and keeps the others. `place` is the
    /// address of the section itself, which relative ones need.
    ///
    /// # Errors
    /// If a result does not fit.
    pub fn resolve(
        &mut self,
        place: u64,
        address_of: &dyn Fn(Target) -> Option<u64>,
    ) -> Result<()> {
        let absolute = |address: Address| match address {
            Address::Constant(value) => Some(value),
            Address::Symbol { symbol, addend } => {
                Some(address_of(Target::Symbol(symbol))?.wrapping_add_signed(addend))
            }
        };
        for relocation in std::mem::take(&mut self.relocations) {
            let Relocation { offset, size, kind, target, addend } = relocation;
            let from = match kind {
                RelocationKind::Absolute | RelocationKind::TlsOffset => Some(0),
                RelocationKind::Relative => Some(place.wrapping_add(offset)),
                RelocationKind::Difference(from) | RelocationKind::Difference6(from) => {
                    absolute(from)
                }
            };
            let (Some(address), Some(from)) = (address_of(target), from) else {
                self.relocations.push(relocation);
                continue;
            };
            let value = address.wrapping_add_signed(addend).wrapping_sub(from);
            let at = offset as usize;
            match kind {
                RelocationKind::Difference6(_) => {
                    let byte = self.bytes.get_mut(at).ok_or(Error::Outside)?;
                    if value > 0x3f {
                        return Err(Error::TooLarge { value, size });
                    }
                    *byte = *byte & 0xc0 | value as u8;
                }
                RelocationKind::Relative => {
                    self.patch(at, cut_signed(value as i64, size)?, size)?;
                }
                _ => self.patch(at, value, size)?,
            }
        }
        Ok(())
    }

    /// Appends what was written elsewhere, with its relocations.
    pub(super) fn append(&mut self, other: &Self) {
        let start = self.bytes.len() as u64;
        self.bytes.extend_from_slice(&other.bytes);
        let moved = other.relocations.iter();
        self.relocations
            .extend(moved.map(|&r| Relocation { offset: r.offset.wrapping_add(start), ..r }));
    }

    pub(super) fn bytes_mut(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// Takes back what was written from `length` on, which no relocation is of.
    pub(super) fn cut(&mut self, length: usize) {
        self.bytes.truncate(length);
    }

    /// Notes a relocation of bytes that are there.
    pub(super) fn push_relocation(&mut self, relocation: Relocation) {
        self.relocations.push(relocation);
    }
}

/// How many bytes a pointer of `.eh_frame` takes.
///
/// # Errors
/// If that depends on its value.
pub(super) fn pointer_size(encoding: DwEhPe, address_size: u8) -> Result<u8> {
    Ok(match encoding.format() {
        constants::DW_EH_PE_absptr => address_size,
        constants::DW_EH_PE_udata2 | constants::DW_EH_PE_sdata2 => 2,
        constants::DW_EH_PE_udata4 | constants::DW_EH_PE_sdata4 => 4,
        constants::DW_EH_PE_udata8 | constants::DW_EH_PE_sdata8 => 8,
        _ => return Err(Error::PointerEncoding(encoding.0)),
    })
}

/// The mask of a number of `size` bytes, at most 8.
fn mask(size: u8) -> u64 {
    match size {
        0 => 0,
        1..8 => (1 << (u32::from(size) * 8)) - 1,
        _ => u64::MAX,
    }
}

/// A signed number cut to its field.
pub(super) fn cut_signed(value: i64, size: u8) -> Result<u64> {
    let limit = (mask(size) >> 1) as i64;
    if size == 0 || value > limit || value < -limit - 1 {
        return Err(Error::TooLarge { value: value as u64, size });
    }
    Ok(value as u64 & mask(size))
}

/// A number that may be meant with or without a sign, cut to its field.
fn cut_either(value: i64, size: u8) -> Result<u64> {
    if value >= 0 && value as u64 <= mask(size) {
        return Ok(value as u64);
    }
    cut_signed(value, size)
}

/// A number in the byte order, in the first `size` bytes.
fn encode(value: u64, size: u8, endian: RunTimeEndian) -> Result<[u8; 8]> {
    if size == 0 || size > 8 || value > mask(size) {
        return Err(Error::TooLarge { value, size });
    }
    Ok(match endian {
        RunTimeEndian::Little => value.to_le_bytes(),
        RunTimeEndian::Big => (value << (64 - u32::from(size) * 8)).to_be_bytes(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_every_size_have_the_order_of_their_section() {
        let mut big = Section::new(RunTimeEndian::Big);
        big.number(0x010203, 3).unwrap();
        big.signed(-2, 2).unwrap();
        big.number16(1);
        assert_eq!(big.bytes(), b"\x01\x02\x03\xff\xfe\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01");
        let mut little = Section::new(RunTimeEndian::Little);
        little.number(0x010203, 3).unwrap();
        assert_eq!(little.bytes(), [3, 2, 1]);
        assert_eq!(little.number(256, 1), Err(Error::TooLarge { value: 256, size: 1 }));
        assert!(little.signed(128, 1).is_err() && little.signed(-129, 1).is_err());
        assert!(little.number(0, 9).is_err() && little.number(0, 0).is_err());
        assert_eq!(little.patch(2, 0, 2), Err(Error::Outside));
        assert_eq!(little.patch(usize::MAX, 0, 2), Err(Error::Outside));
    }

    #[test]
    fn relocations_are_resolved_as_far_as_targets_are_known() {
        let mut section = Section::new(RunTimeEndian::Little);
        let symbol = |symbol, addend| Address::Symbol { symbol, addend };
        section.address(symbol(1, 4), 4).unwrap();
        section.difference(symbol(1, 0), symbol(2, 1), 2).unwrap();
        section.pointer(symbol(1, 0), DwEhPe(0x1b), 8).unwrap();
        section.address(symbol(3, 0), 4).unwrap();
        let known = |target| match target {
            Target::Symbol(1) => Some(0x100),
            Target::Symbol(2) => Some(0x110),
            _ => None,
        };
        section.resolve(0x1000, &known).unwrap();
        assert_eq!(section.bytes(), b"\x04\x01\0\0\x11\0\xfa\xf0\xff\xff\0\0\0\0");
        let [left] = section.relocations() else { panic!() };
        assert_eq!((left.offset, left.target), (10, Target::Symbol(3)));
    }
}
