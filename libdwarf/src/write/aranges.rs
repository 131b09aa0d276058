//! `.debug_aranges`: which unit the code at an address belongs to. DWARF 5, section 6.1.2.

use gimli::Format;

use super::distance::{Address, Distances, distance};
use super::error::{Error, Result};
use super::section::Section;
use crate::section::SectionId;

/// The version of the section, in all versions of DWARF.
const VERSION: u64 = 2;

/// The addresses of one unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aranges {
    /// The format of lengths and offsets.
    pub format: Format,
    /// The size of addresses in bytes.
    pub address_size: u8,
    /// Where the unit begins, in bytes from the start of `.debug_info`.
    pub unit: u64,
    /// From and up to addresses.
    pub ranges: Vec<(Address, Address)>,
}

impl Aranges {
    /// Appends the table.
    ///
    /// # Errors
    /// If a range is empty or goes back, or an address does not fit.
    pub fn write(&self, section: &mut Section, distances: Distances<'_>) -> Result<()> {
        super::check_address_size(self.address_size)?;
        let size = self.address_size;
        let start = section.len();
        let unit = section.begin(self.format)?;
        section.number(VERSION, 2)?;
        section.offset(SectionId::Info, self.unit, self.format)?;
        section.byte(size);
        section.byte(0); // no segments
        // Pairs lie at multiples of their size.
        section.pad(start, usize::from(size).saturating_mul(2), 0);
        for &(begin, end) in &self.ranges {
            section.address(begin, size)?;
            match distance(distances, begin, end).exactly() {
                // Two zeros end the table.
                Some(0) => return Err(Error::EmptyRange),
                Some(length) => {
                    let length = u64::try_from(length).map_err(|_| Error::Backwards)?;
                    section.number(length, size)?;
                }
                None => section.difference(begin, end, size)?,
            }
        }
        section.number(0, size)?;
        section.number(0, size)?;
        section.end(unit)
    }
}
