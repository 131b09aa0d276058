//! `.debug_line`: line number programs. DWARF 5, section 6.2.
//!
//! A program is a table of directories and files, and rows that say which line the code from an
//! address on comes from. Rows are encoded as they come, so that a program of a million rows takes
//! the few megabytes it will have in the file; where the distance between two rows is not known
//! yet, a [`LineAdvance`] is kept instead, until [`LineProgram::write`] is given the distances. One
//! that is not final even then becomes an address with a relocation, or a relocated distance of two
//! bytes where it is known not to need more.
//!
//! The choice of opcodes is that of GNU as.

mod advance;
mod header;
mod row;

use gimli::{Encoding, LineEncoding};

pub use advance::{LineAdvance, LineStep};
pub use header::{File, LineString};
pub use row::Row;

use super::distance::{Address, Distances, known_distance};
use super::error::{Error, Result};
use super::section::Section;
use super::strings::Strings;
use crate::section::SectionId;
use advance::Parameters;

/// A line number program.
#[derive(Clone, Debug)]
pub struct LineProgram {
    encoding: Encoding,
    line_encoding: LineEncoding,
    directories: Vec<LineString>,
    files: Vec<File>,
    /// The opcodes, without those of [`Self::gaps`].
    code: Section,
    /// What is missing in them, by where it is, in order.
    gaps: Vec<(usize, LineAdvance)>,
    /// The last row of the sequence, if one has begun.
    last: Option<Row>,
    /// The lowest and highest number of a file in a row.
    files_used: Option<(u64, u64)>,
}

impl LineProgram {
    /// A program without files and rows.
    ///
    /// # Errors
    /// If there is no such version, or no row could be written with the parameters.
    pub fn new(
        encoding: Encoding,
        line_encoding: LineEncoding,
        endian: gimli::RunTimeEndian,
    ) -> Result<Self> {
        if !(2..=5).contains(&encoding.version) {
            return Err(Error::Version { section: SectionId::Line, version: encoding.version });
        }
        super::check_address_size(encoding.address_size)?;
        if line_encoding.line_range == 0 {
            return Err(Error::Parameters("a line range of 0"));
        }
        if line_encoding.minimum_instruction_length == 0 {
            return Err(Error::Parameters("instructions of 0 bytes"));
        }
        match line_encoding.maximum_operations_per_instruction {
            0 => return Err(Error::Parameters("instructions of 0 operations")),
            1 => {}
            _ if encoding.version < 4 => {
                let what = "more than one operation in an instruction";
                return Err(Error::NeedsVersion { what, version: 4 });
            }
            _ => {}
        }
        Ok(Self {
            encoding,
            line_encoding,
            directories: Vec::new(),
            files: Vec::new(),
            code: Section::new(endian),
            gaps: Vec::new(),
            last: None,
            files_used: None,
        })
    }

    /// Version, format and size of addresses.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Adds a directory and tells its number. The first one, 0, is that of the compilation; before
    /// version 5 it is not in the table, where `DW_AT_comp_dir` of the unit stands for it.
    pub fn add_directory(&mut self, name: LineString) -> u64 {
        self.directories.push(name);
        self.directories.len() as u64 - 1
    }

    /// Adds a file and tells its number, as rows and `DW_AT_decl_file` have it: from 0 on in version
    /// 5, from 1 on before it.
    pub fn add_file(&mut self, file: File) -> u64 {
        self.files.push(file);
        self.files.len() as u64 - 1 + self.first_file()
    }

    fn first_file(&self) -> u64 {
        u64::from(self.encoding.version < 5)
    }

    /// Whether a sequence has begun and not ended.
    pub fn is_in_sequence(&self) -> bool {
        self.last.is_some()
    }

    /// Whether there are neither files nor rows.
    pub fn is_empty(&self) -> bool {
        self.code.is_empty() && self.gaps.is_empty() && self.files.is_empty()
    }

    /// Distances that are not known yet, in order.
    pub fn gaps(&self) -> impl Iterator<Item = &LineAdvance> {
        self.gaps.iter().map(|(_, gap)| gap)
    }

    /// Adds a row, which begins a sequence if there is none.
    ///
    /// # Errors
    /// If its address is known to lie before that of the row before.
    pub fn row(&mut self, row: Row) -> Result<()> {
        self.files_used = Some(match self.files_used {
            Some((lowest, highest)) => (lowest.min(row.file), highest.max(row.file)),
            None => (row.file, row.file),
        });
        let machine = self.last.unwrap_or_else(|| Row::initial(self.line_encoding));
        let before = self.code.len();
        row.write_registers(&machine, &mut self.code);
        let line = LineStep::Row(row.line.wrapping_sub(machine.line) as i64);
        match self.advance_to(row.address, row.op_index, line) {
            Ok(()) => self.last = Some(row),
            Err(error) => {
                self.code.cut(before);
                return Err(error);
            }
        }
        Ok(())
    }

    /// Ends the sequence at the first address after its code.
    ///
    /// # Errors
    /// If there is none, or the address is known to lie before that of the last row.
    pub fn end_sequence(&mut self, address: Address) -> Result<()> {
        if self.last.is_none() {
            return Err(Error::Order("the end of a sequence of rows that has not begun"));
        }
        self.advance_to(address, 0, LineStep::End)?;
        self.last = None;
        Ok(())
    }

    fn parameters(&self) -> Parameters {
        Parameters { line: self.line_encoding, address_size: self.encoding.address_size }
    }

    /// Writes the opcodes that move to an address now, or keeps them for later.
    fn advance_to(&mut self, to: Address, op_index: u8, line: LineStep) -> Result<()> {
        let from = self.last.map(|row| (row.address, row.op_index));
        let gap = LineAdvance { from, to, op_index, line, parameters: self.parameters() };
        let is_known = from.is_none_or(|(from, _)| known_distance(from, to).is_some());
        if is_known {
            gap.write(&mut self.code, &super::no_distances)
        } else {
            self.gaps.push((self.code.len(), gap));
            Ok(())
        }
    }

    /// Appends the program to a section and tells where it begins, which is what `DW_AT_stmt_list`
    /// says.
    ///
    /// # Errors
    /// If a sequence is not ended, a row has a file that there is not, names are broken, or an
    /// address goes back.
    pub fn write(
        &self,
        section: &mut Section,
        strings: &Strings,
        line_strings: &Strings,
        distances: Distances<'_>,
    ) -> Result<u64> {
        if self.is_in_sequence() {
            return Err(Error::Order("a sequence of rows without an end"));
        }
        self.check_files()?;
        let offset = section.len() as u64;
        let unit = section.begin(self.encoding.format)?;
        self.write_header(section, strings, line_strings)?;
        self.write_code(section, distances)?;
        section.end(unit)?;
        Ok(offset)
    }

    fn check_files(&self) -> Result<()> {
        let first = self.first_file();
        let after = first.saturating_add(self.files.len() as u64);
        match self.files_used {
            Some((lowest, highest)) if lowest < first || highest >= after => {
                Err(Error::Dangling("a file of a line program"))
            }
            _ => Ok(()),
        }
    }

    fn write_code(&self, section: &mut Section, distances: Distances<'_>) -> Result<()> {
        let (bytes, mut relocations) = (self.code.bytes(), self.code.relocations().iter());
        let mut next = relocations.next();
        let mut done = 0;
        let ends = self.gaps.iter().map(|(at, gap)| (*at, Some(gap)));
        for (end, gap) in ends.chain(std::iter::once((bytes.len(), None))) {
            let moved = section.len().wrapping_sub(done) as u64;
            while let Some(relocation) = next.filter(|r| r.offset < end as u64) {
                let offset = relocation.offset.wrapping_add(moved);
                section.push_relocation(super::Relocation { offset, ..*relocation });
                next = relocations.next();
            }
            section.extend(bytes.get(done..end).unwrap_or_default());
            done = end;
            if let Some(gap) = gap {
                gap.write(section, distances)?;
            }
        }
        Ok(())
    }
}
