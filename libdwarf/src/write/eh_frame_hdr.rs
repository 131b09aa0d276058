//! `.eh_frame_hdr`: the frames of a linked file by address, for unwinders to search. LSB, "The
//! .eh_frame_hdr section".

use gimli::{BaseAddresses, CieOrFde, EhFrame, RunTimeEndian, UnwindSection, constants as dw};

use super::error::{Error, Result};
use super::section::Section;

/// The version of the section.
const VERSION: u8 = 1;
/// The bytes before the table.
const HEADER: u64 = 12;

/// The table of frames of a linked file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EhFrameHdr {
    /// The first address of code and the address of its frame.
    frames: Vec<(u64, u64)>,
}

impl EhFrameHdr {
    /// An empty table.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a frame: where its code begins, and where it lies itself in memory.
    pub fn add(&mut self, code: u64, frame: u64) {
        self.frames.push((code, frame));
    }

    /// The frames of `.eh_frame` as it is linked: its bytes, and where it and what its pointers may
    /// be relative to lie ([`BaseAddresses::set_eh_frame`] at least).
    ///
    /// # Errors
    /// If it is broken.
    pub fn of_section(
        bytes: &[u8],
        endian: RunTimeEndian,
        address_size: u8,
        bases: &BaseAddresses,
    ) -> Result<Self> {
        let mut section = EhFrame::new(bytes, endian);
        section.set_address_size(address_size);
        let start = bases.eh_frame.section.ok_or(Error::UnknownAddress)?;
        let mut table = Self::new();
        let mut entries = section.entries(bases);
        while let Some(entry) = entries.next()? {
            if let CieOrFde::Fde(partial) = entry {
                let fde = partial.parse(EhFrame::cie_from_offset)?;
                let offset = fde.offset() as u64;
                table.add(fde.initial_address(), start.wrapping_add(offset));
            }
        }
        Ok(table)
    }

    /// How many bytes the section will have.
    pub fn size(&self) -> u64 {
        HEADER.saturating_add((self.frames.len() as u64).saturating_mul(8))
    }

    /// Appends the section, which is to lie at `address`, for the `.eh_frame` at `eh_frame`.
    ///
    /// # Errors
    /// If something lies farther away than 2 GiB, or there are more frames than can be counted.
    pub fn write(&self, section: &mut Section, address: u64, eh_frame: u64) -> Result<()> {
        let mut frames = self.frames.clone();
        frames.sort_unstable();
        let table = dw::DW_EH_PE_datarel.0 | dw::DW_EH_PE_sdata4.0;
        let head =
            [VERSION, dw::DW_EH_PE_pcrel.0 | dw::DW_EH_PE_sdata4.0, dw::DW_EH_PE_udata4.0, table];
        section.extend(&head);
        let place = address.wrapping_add(head.len() as u64);
        section.signed(eh_frame.wrapping_sub(place) as i64, 4)?;
        section.number(frames.len() as u64, 4)?;
        for (code, frame) in frames {
            section.signed(code.wrapping_sub(address) as i64, 4)?;
            section.signed(frame.wrapping_sub(address) as i64, 4)?;
        }
        Ok(())
    }
}
