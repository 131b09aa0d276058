//! The header of a line number program: parameters, directories and files. DWARF 5, section 6.2.4.

use gimli::{DwForm, DwLnct, constants as dw};

use super::super::error::{Error, Result};
use super::super::section::Section;
use super::super::strings::{StringId, Strings};
use super::LineProgram;
use super::advance::OPCODE_BASE;
use crate::section::SectionId;

/// How many operands the standard opcodes have.
const OPERANDS: [u8; OPCODE_BASE as usize - 1] = [0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1];

/// The name of a directory or file, and where it lies. Before version 5 it is always in the program.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum LineString {
    /// In the program itself.
    Inline(Vec<u8>),
    /// In `.debug_str`.
    Str(StringId),
    /// In `.debug_line_str`.
    LineStr(StringId),
}

impl From<&str> for LineString {
    fn from(text: &str) -> Self {
        Self::Inline(text.as_bytes().to_vec())
    }
}

/// A file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its name, relative to the directory unless it starts at the root.
    pub name: LineString,
    /// The number of its directory.
    pub directory: u64,
    /// When it was changed, in seconds since 1970; 0 if not known.
    pub timestamp: u64,
    /// Its length in bytes; 0 if not known.
    pub size: u64,
    /// Its MD5 checksum. A table has those of all files or of none: they are written if each has
    /// one, from version 5 on.
    pub md5: Option<[u8; 16]>,
    /// Its text (`DW_LNCT_LLVM_source`), from version 5 on.
    pub source: Option<LineString>,
}

impl File {
    /// A file of which only the name is known.
    pub fn new(name: LineString, directory: u64) -> Self {
        Self { name, directory, timestamp: 0, size: 0, md5: None, source: None }
    }
}

/// The tables that names may lie in.
#[derive(Clone, Copy)]
struct Names<'a> {
    strings: &'a Strings,
    line_strings: &'a Strings,
}

impl Names<'_> {
    /// The form that all names of a column share.
    fn form<'a>(mut names: impl Iterator<Item = &'a LineString>) -> Result<DwForm> {
        let form = |name: &LineString| match name {
            LineString::Inline(_) => dw::DW_FORM_string,
            LineString::Str(_) => dw::DW_FORM_strp,
            LineString::LineStr(_) => dw::DW_FORM_line_strp,
        };
        let first = names.next().map_or(dw::DW_FORM_string, form);
        if names.all(|name| form(name) == first) { Ok(first) } else { Err(Error::MixedForms) }
    }

    fn write(self, name: &LineString, section: &mut Section, format: gimli::Format) -> Result<()> {
        match name {
            LineString::Inline(text) => section.string(text),
            LineString::Str(id) => {
                section.offset(SectionId::Str, self.strings.offset(*id)?, format)
            }
            LineString::LineStr(id) => {
                section.offset(SectionId::LineStr, self.line_strings.offset(*id)?, format)
            }
        }
    }

    /// Writes the text itself, which the tables before version 5 end at if it is empty.
    fn write_text(self, name: &LineString, section: &mut Section) -> Result<()> {
        let text = match name {
            LineString::Inline(text) => Some(&text[..]),
            LineString::Str(id) => self.strings.text(*id),
            LineString::LineStr(id) => self.line_strings.text(*id),
        };
        match text.ok_or(Error::Dangling("a string"))? {
            [] => Err(Error::EmptyName),
            text => section.string(text),
        }
    }
}

impl LineProgram {
    /// Writes what lies between the length of the unit and the opcodes.
    pub(super) fn write_header(
        &self,
        section: &mut Section,
        strings: &Strings,
        line_strings: &Strings,
    ) -> Result<()> {
        let encoding = self.encoding;
        section.number(encoding.version.into(), 2)?;
        if encoding.version >= 5 {
            section.byte(encoding.address_size);
            section.byte(0); // no segments
        }
        let header = section.begin_field(encoding.format.word_size())?;
        let line = self.line_encoding;
        section.byte(line.minimum_instruction_length);
        if encoding.version >= 4 {
            section.byte(line.maximum_operations_per_instruction);
        }
        section.byte(line.default_is_stmt.into());
        section.byte(line.line_base as u8);
        section.byte(line.line_range);
        section.byte(OPCODE_BASE);
        section.extend(&OPERANDS);
        let names = Names { strings, line_strings };
        if encoding.version >= 5 {
            self.write_directories(section, names)?;
            self.write_files(section, names)?;
        } else {
            self.write_old_tables(section, names)?;
        }
        section.end(header)
    }

    fn check_directory(&self, file: &File) -> Result<()> {
        let implied = u64::from(self.encoding.version < 5);
        if file.directory < implied.max(self.directories.len() as u64) {
            Ok(())
        } else {
            Err(Error::Dangling("a directory of a line program"))
        }
    }

    /// The tables of versions 2 to 4, which end at an empty name.
    fn write_old_tables(&self, section: &mut Section, names: Names<'_>) -> Result<()> {
        for directory in self.directories.iter().skip(1) {
            names.write_text(directory, section)?;
        }
        section.byte(0);
        for file in &self.files {
            self.check_directory(file)?;
            names.write_text(&file.name, section)?;
            section.uleb(file.directory);
            section.uleb(file.timestamp);
            section.uleb(file.size);
        }
        section.byte(0);
        Ok(())
    }

    fn write_directories(&self, section: &mut Section, names: Names<'_>) -> Result<()> {
        let form = Names::form(self.directories.iter())?;
        write_columns(section, &[(dw::DW_LNCT_path, form)]);
        section.uleb(self.directories.len() as u64);
        let mut directories = self.directories.iter();
        directories.try_for_each(|name| names.write(name, section, self.encoding.format))
    }

    fn write_files(&self, section: &mut Section, names: Names<'_>) -> Result<()> {
        let files = &self.files;
        let has_md5 = !files.is_empty() && files.iter().all(|file| file.md5.is_some());
        let has_time = files.iter().any(|file| file.timestamp != 0);
        let has_size = files.iter().any(|file| file.size != 0);
        let sources = || files.iter().filter_map(|file| file.source.as_ref());
        let has_source = sources().next().is_some();
        if has_source && sources().count() != files.len() {
            return Err(Error::MixedForms);
        }
        let columns = [
            (true, dw::DW_LNCT_path, Names::form(files.iter().map(|file| &file.name))?),
            (true, dw::DW_LNCT_directory_index, dw::DW_FORM_udata),
            (has_time, dw::DW_LNCT_timestamp, dw::DW_FORM_udata),
            (has_size, dw::DW_LNCT_size, dw::DW_FORM_udata),
            (has_md5, dw::DW_LNCT_MD5, dw::DW_FORM_data16),
            (has_source, dw::DW_LNCT_LLVM_source, Names::form(sources())?),
        ];
        let columns: Vec<_> =
            columns.iter().filter(|column| column.0).map(|&(_, what, form)| (what, form)).collect();
        write_columns(section, &columns);
        section.uleb(files.len() as u64);
        for file in files {
            self.check_directory(file)?;
            names.write(&file.name, section, self.encoding.format)?;
            section.uleb(file.directory);
            if has_time {
                section.uleb(file.timestamp);
            }
            if has_size {
                section.uleb(file.size);
            }
            if let Some(md5) = file.md5.filter(|_| has_md5) {
                section.extend(&md5);
            }
            if let Some(source) = &file.source {
                names.write(source, section, self.encoding.format)?;
            }
        }
        Ok(())
    }
}

/// Says what the entries of a table hold.
fn write_columns(section: &mut Section, columns: &[(DwLnct, DwForm)]) {
    section.byte(columns.len() as u8);
    for (what, form) in columns {
        section.uleb(what.0.into());
        section.uleb(form.0.into());
    }
}
