//! `.eh_frame` and `.debug_frame`: how to find the frame of the caller. DWARF 5, section 6.4; LSB,
//! "Exception Frames".
//!
//! A frame is described by rules that change as its code runs on. They are added with the address
//! that they hold from, a symbol as good as a number; distances are asked for when the table is
//! written.

mod instruction;

use gimli::{DwEhPe, Encoding, Format, Register, constants as dw};

pub use instruction::CallFrameInstruction;

use super::distance::{Address, Distance, Distances, distance};
use super::error::{Error, Result};
use super::section::{Length, Section, pointer_size};
use crate::section::SectionId;

/// Which of the two sections a table is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FrameSection {
    /// `.eh_frame`, which programs unwind by.
    EhFrame,
    /// `.debug_frame`, which debuggers do.
    DebugFrame,
}

/// What many frames share.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cie {
    /// 1 or 3 in `.eh_frame`; 1 (DWARF 2), 3 or 4 in `.debug_frame`.
    pub version: u8,
    /// What distances in code are counted in, in bytes.
    pub code_alignment: u64,
    /// What offsets on the stack are counted in, in bytes.
    pub data_alignment: i64,
    /// The column of the return address.
    pub return_address: Register,
    /// The function that an exception is shown to, and how the pointer to it is encoded.
    pub personality: Option<(DwEhPe, Address)>,
    /// How frames point to their data for that function; none if they have none.
    pub lsda: Option<DwEhPe>,
    /// How frames point to their code.
    pub pointers: DwEhPe,
    /// Whether the frames are of signal handlers (`S`).
    pub is_signal_frame: bool,
    /// Whether return addresses are signed with AArch64's key B.
    pub has_key_b: bool,
    /// The rules at the start of each frame.
    pub instructions: Vec<CallFrameInstruction>,
}

impl Cie {
    /// A plain one.
    pub fn new(
        version: u8,
        code_alignment: u64,
        data_alignment: i64,
        return_address: Register,
    ) -> Self {
        Self {
            version,
            code_alignment,
            data_alignment,
            return_address,
            personality: None,
            lsda: None,
            pointers: dw::DW_EH_PE_absptr,
            is_signal_frame: false,
            has_key_b: false,
            instructions: Vec::new(),
        }
    }

    fn augmentation(&self) -> Vec<u8> {
        let letters: Vec<u8> = [
            (self.personality.is_some(), b'P'),
            (self.lsda.is_some(), b'L'),
            (self.pointers != dw::DW_EH_PE_absptr, b'R'),
            (self.is_signal_frame, b'S'),
            (self.has_key_b, b'B'),
        ]
        .iter()
        .filter_map(|&(is_there, letter)| is_there.then_some(letter))
        .collect();
        if letters.is_empty() { letters } else { [b"z", &letters[..]].concat() }
    }

    fn has_augmentation(&self) -> bool {
        !self.augmentation().is_empty()
    }
}

/// A [`Cie`] of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CieId(u32);

/// The frame of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fde {
    /// Where the code begins.
    pub start: Address,
    /// The first address after the code.
    pub end: Address,
    /// The data for the personality routine. There if, and only if, the [`Cie`] says how it is
    /// pointed to.
    pub lsda: Option<Address>,
    /// What changes, in the order of the addresses from which on it holds.
    instructions: Vec<(Address, CallFrameInstruction)>,
}

impl Fde {
    /// A frame without rules of its own.
    pub fn new(start: Address, end: Address) -> Self {
        Self { start, end, lsda: None, instructions: Vec::new() }
    }

    /// Adds a rule that holds from an address on.
    pub fn add(&mut self, address: Address, instruction: CallFrameInstruction) {
        self.instructions.push((address, instruction));
    }
}

/// The frames of a section.
#[derive(Clone, Debug)]
pub struct FrameTable {
    /// The section.
    pub section: FrameSection,
    /// Whether lengths, and in `.debug_frame` offsets, have 8 bytes.
    pub format: Format,
    /// The size of addresses in bytes.
    pub address_size: u8,
    /// What the sizes of entries are a multiple of, in bytes; of the size of the pointers in them
    /// they are in any case.
    pub align: u8,
    /// What the size of the whole table is a multiple of, in bytes.
    pub end_align: u8,
    /// Whether a length of 0 ends the section, as in the last `.eh_frame` of a linked program.
    pub is_terminated: bool,
    cies: Vec<Cie>,
    fdes: Vec<(CieId, Fde)>,
}

impl FrameTable {
    /// An empty table.
    ///
    /// # Errors
    /// If no machine has addresses of this size.
    pub fn new(section: FrameSection, format: Format, address_size: u8) -> Result<Self> {
        super::check_address_size(address_size)?;
        Ok(Self {
            section,
            format,
            address_size,
            // As GNU as has it.
            align: if section == FrameSection::EhFrame { 4 } else { address_size.max(4) },
            end_align: address_size.max(4),
            is_terminated: false,
            cies: Vec::new(),
            fdes: Vec::new(),
        })
    }

    /// The same [`Cie`] of the table, which is added if it is new.
    pub fn add_cie(&mut self, cie: Cie) -> CieId {
        let index = self.cies.iter().position(|other| *other == cie).unwrap_or_else(|| {
            self.cies.push(cie);
            self.cies.len() - 1
        });
        CieId(index as u32)
    }

    /// Adds a frame.
    pub fn add_fde(&mut self, cie: CieId, fde: Fde) {
        self.fdes.push((cie, fde));
    }

    /// Appends the table to its section, each [`Cie`] before the first frame that uses it, and tells
    /// where the frames begin, in their order.
    ///
    /// # Errors
    /// If a value does not fit, is no multiple of what it is counted in, or addresses go back.
    pub fn write(&self, section: &mut Section, distances: Distances<'_>) -> Result<Vec<u64>> {
        if self.section == FrameSection::EhFrame && self.format == Format::Dwarf64 {
            // LSB has an identifier of 4 bytes there, GNU's readers take it for 8.
            return Err(Error::Parameters(
                ".eh_frame in the 64-bit format, which readers differ on",
            ));
        }
        let table = section.len();
        let mut cies: Vec<Option<usize>> = vec![None; self.cies.len()];
        let mut frames = Vec::with_capacity(self.fdes.len());
        let last = self.fdes.len().saturating_sub(1);
        for (number, (id, fde)) in self.fdes.iter().enumerate() {
            let index = id.0 as usize;
            let (Some(cie), Some(place)) = (self.cies.get(index), cies.get_mut(index)) else {
                return Err(Error::Dangling("a CIE"));
            };
            let start = place.unwrap_or(section.len());
            if place.is_none() {
                self.write_cie(section, cie)?;
                *place = Some(start);
            }
            frames.push(section.len() as u64);
            let entry = self.write_fde(section, cie, start, fde, distances)?;
            if number == last {
                section.pad(table, self.end_align.into(), dw::DW_CFA_nop.0);
            }
            section.end(entry)?;
        }
        if self.is_terminated && self.section == FrameSection::EhFrame {
            section.number(0, 4)?;
        }
        Ok(frames)
    }

    fn is_eh_frame(&self) -> bool {
        self.section == FrameSection::EhFrame
    }

    /// What expressions are written for.
    fn encoding(&self) -> Encoding {
        Encoding { format: self.format, version: 5, address_size: self.address_size }
    }

    fn align_of(&self, cie: &Cie) -> Result<usize> {
        Ok(self.align.max(pointer_size(cie.pointers, self.address_size)?).into())
    }

    fn check_cie(&self, cie: &Cie) -> Result<()> {
        let (id, versions): (_, &[u8]) = match self.section {
            FrameSection::EhFrame => (SectionId::EhFrame, &[1, 3]),
            FrameSection::DebugFrame => (SectionId::Frame, &[1, 3, 4]),
        };
        if !versions.contains(&cie.version) {
            return Err(Error::Version { section: id, version: cie.version.into() });
        }
        if cie.code_alignment == 0 || cie.data_alignment == 0 {
            return Err(Error::Parameters("offsets counted in 0 bytes"));
        }
        Ok(())
    }

    fn write_cie(&self, section: &mut Section, cie: &Cie) -> Result<()> {
        self.check_cie(cie)?;
        let start = section.len();
        let entry = section.begin(self.format)?;
        match (self.section, self.format) {
            (FrameSection::EhFrame, _) => section.number(0, 4)?,
            (FrameSection::DebugFrame, Format::Dwarf32) => section.number(u32::MAX.into(), 4)?,
            (FrameSection::DebugFrame, Format::Dwarf64) => section.number(u64::MAX, 8)?,
        }
        section.byte(cie.version);
        section.string(&cie.augmentation())?;
        if cie.version >= 4 {
            section.byte(self.address_size);
            section.byte(0); // no segments
        }
        section.uleb(cie.code_alignment);
        section.sleb(cie.data_alignment);
        if cie.version == 1 {
            section.number(cie.return_address.0.into(), 1)?;
        } else {
            section.uleb(cie.return_address.0.into());
        }
        if cie.has_augmentation() {
            let data = section.begin_field(1)?;
            if let Some((encoding, personality)) = cie.personality {
                section.byte(encoding.0);
                section.pointer(personality, encoding, self.address_size)?;
            }
            if let Some(encoding) = cie.lsda {
                section.byte(encoding.0);
            }
            if cie.pointers != dw::DW_EH_PE_absptr {
                section.byte(cie.pointers.0);
            }
            section.end(data)?;
        }
        for instruction in &cie.instructions {
            instruction.write(section, cie, self.encoding())?;
        }
        section.pad(start, self.align_of(cie)?, dw::DW_CFA_nop.0);
        section.end(entry)
    }

    /// Writes an entry but for its length.
    fn write_fde(
        &self,
        section: &mut Section,
        cie: &Cie,
        cie_start: usize,
        fde: &Fde,
        distances: Distances<'_>,
    ) -> Result<Length> {
        let start = section.len();
        let entry = section.begin(self.format)?;
        if self.is_eh_frame() {
            let back = section.len().saturating_sub(cie_start) as u64;
            section.number(back, 4)?;
        } else {
            section.offset(SectionId::Frame, cie_start as u64, self.format)?;
        }
        let size = pointer_size(cie.pointers, self.address_size)?;
        section.pointer(fde.start, cie.pointers, self.address_size)?;
        match distance(distances, fde.start, fde.end).exactly() {
            Some(length) => {
                let length = u64::try_from(length).map_err(|_| Error::Backwards)?;
                section.number(length, size)?;
            }
            None => section.difference(fde.start, fde.end, size)?,
        }
        if cie.lsda.is_some() != fde.lsda.is_some() {
            return Err(Error::Parameters("an LSDA without an encoding, or the other way round"));
        }
        if cie.has_augmentation() {
            let data = section.begin_field(1)?;
            if let (Some(encoding), Some(lsda)) = (cie.lsda, fde.lsda) {
                section.pointer(lsda, encoding, self.address_size)?;
            }
            section.end(data)?;
        }
        let mut from = fde.start;
        for (address, rule) in &fde.instructions {
            advance(section, cie.code_alignment, from, *address, distances)?;
            from = *address;
            rule.write(section, cie, self.encoding())?;
        }
        section.pad(start, self.align_of(cie)?, dw::DW_CFA_nop.0);
        Ok(entry)
    }
}

/// Moves the address that rules hold from.
fn advance(
    section: &mut Section,
    factor: u64,
    from: Address,
    to: Address,
    distances: Distances<'_>,
) -> Result<()> {
    let bytes = match distance(distances, from, to) {
        Distance::Exactly(bytes) => bytes,
        // Relocations do not divide.
        _ if factor != 1 => return Err(Error::UnknownAddress),
        Distance::AtMost(limit) => return advance_later(section, limit, from, to),
        Distance::Unknown => return advance_later(section, u64::MAX, from, to),
    };
    let unfactored = Error::Factor { value: bytes, factor: factor as i64 };
    let bytes = u64::try_from(bytes).map_err(|_| Error::Backwards)?;
    if bytes.checked_rem(factor) != Some(0) {
        return Err(unfactored);
    }
    let count = bytes.checked_div(factor).unwrap_or(0);
    let (opcode, size) = match count {
        0 => return Ok(()),
        1..=0x3f => {
            section.byte(dw::DW_CFA_advance_loc.0 | count as u8);
            return Ok(());
        }
        0x40..=0xff => (dw::DW_CFA_advance_loc1, 1),
        0x100..=0xffff => (dw::DW_CFA_advance_loc2, 2),
        _ => (dw::DW_CFA_advance_loc4, 4),
    };
    section.byte(opcode.0);
    section.number(count, size)
}

/// Moves the address by a distance of no more than `limit` bytes, which the linker will know.
fn advance_later(section: &mut Section, limit: u64, from: Address, to: Address) -> Result<()> {
    let (opcode, size) = match limit {
        0..=0x3f => {
            section.byte(dw::DW_CFA_advance_loc.0);
            return section.difference6(from, to);
        }
        0x40..=0xff => (dw::DW_CFA_advance_loc1, 1),
        0x100..=0xffff => (dw::DW_CFA_advance_loc2, 2),
        _ => (dw::DW_CFA_advance_loc4, 4),
    };
    section.byte(opcode.0);
    section.difference(from, to, size)
}
