//! `.debug_macinfo` of versions 2 to 4 and `.debug_macro` of GNU's version 4 and of version 5: what
//! macros a compilation defines, in the order of its source. DWARF 5, section 6.3; DWARF 4, section
//! 6.3.
//!
//! Units of macros are written in the order they have; one may import those before it, so that what
//! many compilations include is there once.

use gimli::{Format, constants as dw};

use super::error::{Error, Result};
use super::section::Section;
use super::strings::{StringId, Strings};
use super::tables::Indexes;
use super::{LineId, MacroId};
use crate::section::SectionId;

/// The header has an offset of the line number program.
const HAS_LINE: u8 = 2;
/// Offsets have 8 bytes.
const HAS_64_BIT: u8 = 1;

/// The macros of a compilation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MacroUnit {
    /// Up to 3, `.debug_macinfo`; 4, GNU's `.debug_macro`; 5, that of the standard.
    pub version: u16,
    /// The format of offsets.
    pub format: Format,
    /// The line number program that files are numbered by, from version 4 on.
    pub line: Option<LineId>,
    /// What happens, in its order.
    pub entries: Vec<MacroEntry>,
}

/// What happens to macros.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MacroEntry {
    /// A definition: name, parameters if any, a space, the body.
    Define {
        /// The line in the file.
        line: u64,
        /// The text.
        text: MacroText,
    },
    /// The end of a definition.
    Undefine {
        /// The line in the file.
        line: u64,
        /// The name.
        text: MacroText,
    },
    /// A file is included.
    StartFile {
        /// The line that includes it; 0 for the file of the compilation.
        line: u64,
        /// Its number.
        file: u64,
    },
    /// The file included last ends.
    EndFile,
    /// All entries of another unit, of those before this one; from version 4 on.
    Import(MacroId),
    /// Something of a vendor, up to version 3.
    Vendor {
        /// Its number.
        constant: u64,
        /// Its text.
        text: Vec<u8>,
    },
}

/// A text of a macro.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MacroText {
    /// In the section itself.
    Inline(Vec<u8>),
    /// In `.debug_str`, from version 4 on.
    String(StringId),
    /// In `.debug_str`, by its index in the table of the unit whose macros these are; in version 5.
    /// The unit has them by [`Value::Macros`](super::Value::Macros); macros that are imported are of
    /// the unit that imports them. No two units can share them.
    Indexed(StringId),
    /// In the supplementary file, from version 4 on; by its offset.
    Supplementary(u64),
}

/// What units of macros refer to.
pub(super) struct MacroContext<'a> {
    pub(super) strings: &'a Strings,
    pub(super) lines: &'a [u64],
    /// The units before this one.
    pub(super) units: &'a [(SectionId, u64)],
    pub(super) is_split: bool,
    /// The strings of the unit whose macros these are, if one has them.
    pub(super) indexes: Option<&'a Indexes<StringId>>,
}

impl MacroUnit {
    /// The section it goes to.
    pub(super) fn section(&self, is_split: bool) -> SectionId {
        match (self.version < 4, is_split) {
            (true, false) => SectionId::Macinfo,
            (true, true) => SectionId::MacinfoDwo,
            (false, false) => SectionId::Macro,
            (false, true) => SectionId::MacroDwo,
        }
    }

    /// Appends the unit and tells where it begins.
    pub(super) fn write(&self, section: &mut Section, context: &MacroContext) -> Result<u64> {
        let start = section.len() as u64;
        match self.version {
            2 | 3 => self.write_old(section)?,
            4 | 5 => self.write_new(section, context)?,
            version => return Err(Error::Version { section: SectionId::Macro, version }),
        }
        section.byte(0);
        Ok(start)
    }

    fn write_old(&self, section: &mut Section) -> Result<()> {
        let text = |section: &mut Section, code: gimli::DwMacinfo, line, text: &MacroText| {
            let MacroText::Inline(text) = text else {
                let what = "a string of a macro outside its section";
                return Err(Error::NeedsVersion { what, version: 4 });
            };
            section.byte(code.0);
            section.uleb(line);
            section.string(text)
        };
        for entry in &self.entries {
            match entry {
                MacroEntry::Define { line, text: body } => {
                    text(section, dw::DW_MACINFO_define, *line, body)?;
                }
                MacroEntry::Undefine { line, text: name } => {
                    text(section, dw::DW_MACINFO_undef, *line, name)?;
                }
                MacroEntry::StartFile { line, file } => {
                    section.byte(dw::DW_MACINFO_start_file.0);
                    section.uleb(*line);
                    section.uleb(*file);
                }
                MacroEntry::EndFile => section.byte(dw::DW_MACINFO_end_file.0),
                MacroEntry::Import(_) => {
                    return Err(Error::NeedsVersion { what: "an import of macros", version: 4 });
                }
                MacroEntry::Vendor { constant, text } => {
                    section.byte(dw::DW_MACINFO_vendor_ext.0);
                    section.uleb(*constant);
                    section.string(text)?;
                }
            }
        }
        Ok(())
    }

    fn write_new(&self, section: &mut Section, context: &MacroContext) -> Result<()> {
        section.number(self.version.into(), 2)?;
        let wide = if self.format == Format::Dwarf64 { HAS_64_BIT } else { 0 };
        section.byte(wide | if self.line.is_some() { HAS_LINE } else { 0 });
        if let Some(line) = self.line {
            let offset = context.lines.get(line.index());
            let offset = *offset.ok_or(Error::Dangling("a line number program"))?;
            let id = if context.is_split { SectionId::LineDwo } else { SectionId::Line };
            section.offset(id, offset, self.format)?;
        }
        for entry in &self.entries {
            match entry {
                MacroEntry::Define { line, text } => {
                    let codes = [
                        dw::DW_MACRO_define,
                        dw::DW_MACRO_define_strp,
                        dw::DW_MACRO_define_strx,
                        dw::DW_MACRO_define_sup,
                    ];
                    self.write_text(section, codes, *line, text, context)?;
                }
                MacroEntry::Undefine { line, text } => {
                    let codes = [
                        dw::DW_MACRO_undef,
                        dw::DW_MACRO_undef_strp,
                        dw::DW_MACRO_undef_strx,
                        dw::DW_MACRO_undef_sup,
                    ];
                    self.write_text(section, codes, *line, text, context)?;
                }
                MacroEntry::StartFile { line, file } => {
                    if self.line.is_none() {
                        return Err(Error::Order("files of macros without a line number program"));
                    }
                    section.byte(dw::DW_MACRO_start_file.0);
                    section.uleb(*line);
                    section.uleb(*file);
                }
                MacroEntry::EndFile => section.byte(dw::DW_MACRO_end_file.0),
                MacroEntry::Import(MacroId(unit)) => {
                    let place = context.units.get(*unit as usize);
                    let &(id, offset) = place.ok_or(Error::Dangling("a unit of macros"))?;
                    if id != self.section(context.is_split) {
                        return Err(Error::CrossesUnits);
                    }
                    section.byte(dw::DW_MACRO_import.0);
                    section.offset(id, offset, self.format)?;
                }
                MacroEntry::Vendor { .. } => {
                    return Err(Error::Parameters("a vendor's macros in .debug_macro"));
                }
            }
        }
        Ok(())
    }

    /// The strings that are written as indexes.
    pub(super) fn indexed_strings(&self) -> impl Iterator<Item = StringId> {
        self.entries.iter().filter_map(|entry| match entry {
            MacroEntry::Define { text: MacroText::Indexed(id), .. }
            | MacroEntry::Undefine { text: MacroText::Indexed(id), .. } => Some(*id),
            _ => None,
        })
    }

    /// The units of macros that this one imports.
    pub(super) fn imports(&self) -> impl Iterator<Item = MacroId> {
        self.entries.iter().filter_map(|entry| match entry {
            MacroEntry::Import(id) => Some(*id),
            _ => None,
        })
    }

    /// Writes a definition or its end; the codes are for text in the section, in `.debug_str`, there
    /// by an index, and in the supplementary file.
    fn write_text(
        &self,
        section: &mut Section,
        [inline, string, indexed, sup]: [gimli::DwMacro; 4],
        line: u64,
        text: &MacroText,
        context: &MacroContext,
    ) -> Result<()> {
        let code = match text {
            MacroText::Inline(_) => inline,
            MacroText::String(_) => string,
            MacroText::Indexed(_) if self.version < 5 => {
                return Err(Error::NeedsVersion {
                    what: "an indexed string of a macro",
                    version: 5,
                });
            }
            MacroText::Indexed(_) => indexed,
            MacroText::Supplementary(_) => sup,
        };
        section.byte(code.0);
        section.uleb(line);
        match text {
            MacroText::Inline(text) => section.string(text),
            MacroText::String(id) => {
                let id_of = if context.is_split { SectionId::StrDwo } else { SectionId::Str };
                section.offset(id_of, context.strings.offset(*id)?, self.format)
            }
            MacroText::Indexed(id) => {
                let indexes = context.indexes.ok_or(Error::Dangling("a unit with these macros"))?;
                section.uleb(indexes.index(*id)?);
                Ok(())
            }
            MacroText::Supplementary(offset) => section.number(*offset, self.format.word_size()),
        }
    }
}
