//! `.debug_pubnames` and `.debug_pubtypes`, up to version 4: names that other units may mean. DWARF
//! 4, section 6.1.1. GNU's `.debug_gnu_pubnames` and `.debug_gnu_pubtypes` say what each name is, for
//! linkers that make `.gdb_index` of them.

use gimli::Format;

use super::error::{Error, Result};
use super::gdb_index::SymbolKind;
use super::section::Section;
use crate::section::SectionId;

/// The version of the sections, in all versions of DWARF.
const VERSION: u64 = 2;

/// The names of one unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicNames {
    /// The format of lengths and offsets.
    pub format: Format,
    /// Where the unit begins, in bytes from the start of `.debug_info`.
    pub unit: u64,
    /// How many bytes the unit has, its length field included.
    pub unit_size: u64,
    /// The names in their order.
    pub names: Vec<PublicName>,
}

/// A name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicName {
    /// Where the entry begins, in bytes from the start of the unit; never 0.
    pub entry: u64,
    /// What it is; GNU's sections alone say it.
    pub kind: SymbolKind,
    /// The name, qualified as the language does it.
    pub name: Vec<u8>,
}

impl PublicNames {
    /// Appends the table as the standard has it: to `.debug_pubnames` or `.debug_pubtypes`.
    ///
    /// # Errors
    /// If a name has a zero byte in it, or an offset of 0, which ends the table, or one that does
    /// not fit.
    pub fn write(&self, section: &mut Section) -> Result<()> {
        self.write_table(section, false)
    }

    /// Appends the table with what each name is: to `.debug_gnu_pubnames` or `.debug_gnu_pubtypes`.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn write_gnu(&self, section: &mut Section) -> Result<()> {
        self.write_table(section, true)
    }

    fn write_table(&self, section: &mut Section, with_kinds: bool) -> Result<()> {
        let size = self.format.word_size();
        let table = section.begin(self.format)?;
        section.number(VERSION, 2)?;
        section.offset(SectionId::Info, self.unit, self.format)?;
        section.number(self.unit_size, size)?;
        for PublicName { entry, kind, name } in &self.names {
            if *entry == 0 {
                return Err(Error::Parameters("a public name at the start of its unit"));
            }
            section.number(*entry, size)?;
            if with_kinds {
                section.byte(kind.bits());
            }
            section.string(name)?;
        }
        section.number(0, size)?;
        section.end(table)
    }
}
