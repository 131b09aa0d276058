//! Macros of a unit: `.debug_macro`, and `.debug_macinfo` up to version 4. DWARF 5, section 6.3.

use gimli::{AttributeValue, MacroEntry, MacroIter, MacroString, UnitRef};

use super::unit::Unit;
use super::{Error, Result};
use crate::load::Slice;

/// What happened to macros, in the order in which the compiler read the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Macro<'data> {
    /// `#define`: the name, parameters in parentheses if it has some, a blank, the text.
    Define {
        /// The line in its file; 0 for what no file defines.
        line: u64,
        /// All of it.
        text: &'data [u8],
    },
    /// `#undef`
    Undefine {
        /// The line in its file.
        line: u64,
        /// The name.
        name: &'data [u8],
    },
    /// A file begins.
    StartFile {
        /// The line that includes it.
        line: u64,
        /// Its number in the line number table of the unit.
        file: u64,
    },
    /// The file ends.
    EndFile,
}

/// How deeply parts of a table may be imported.
const MOST_IMPORTS: usize = 32;
/// Tables with more entries are not whole: parts can be imported over and over.
const MOST: usize = 1 << 24;

impl<'data> Unit<'_, 'data> {
    /// Calls `each` for everything that happened to macros in this unit, imported parts included.
    ///
    /// # Errors
    /// Where the table is damaged, or imports itself.
    pub fn macros(self, mut each: impl FnMut(Macro<'data>)) -> Result<()> {
        let unit = self.gimli()?;
        let root = self.root()?;
        let failed = |problem| self.damaged(problem);
        let tables = [gimli::DW_AT_macros, gimli::DW_AT_GNU_macros, gimli::DW_AT_macro_info];
        let value = tables.into_iter().find_map(|name| root.parsed.attr_value(name));
        let table = match value {
            Some(AttributeValue::DebugMacroRef(offset)) => unit.macros(offset).map_err(failed)?,
            Some(AttributeValue::DebugMacinfoRef(offset)) => {
                unit.macinfo(offset).map_err(failed)?
            }
            // GNU's extension of version 4.
            Some(AttributeValue::SecOffset(offset)) => {
                unit.macros(gimli::DebugMacroOffset(offset)).map_err(failed)?
            }
            _ => return Ok(()),
        };
        // The tables that are under way, the innermost one last.
        let mut tables = vec![table];
        let mut count = 0;
        while let Some(table) = tables.last_mut() {
            let Some(entry) = table.next().map_err(failed)? else {
                tables.pop();
                continue;
            };
            count += 1;
            if count > MOST {
                return Err(Error::TooDeep { offset: root.offset() });
            }
            match self.seen(unit, entry)? {
                Seen::Macro(found) => each(found),
                Seen::Import(_) if tables.len() >= MOST_IMPORTS => {
                    return Err(Error::TooDeep { offset: root.offset() });
                }
                Seen::Import(table) => tables.push(table),
                Seen::Nothing => {}
            }
        }
        Ok(())
    }

    fn seen(
        self,
        unit: UnitRef<'_, Slice<'data>>,
        entry: MacroEntry<Slice<'data>>,
    ) -> Result<Seen<'data>> {
        let failed = |problem| self.damaged(problem);
        let text = |string: &MacroString<Slice<'data>>| {
            string.string(unit).map(|text| text.slice()).map_err(failed)
        };
        Ok(match entry {
            MacroEntry::Define { line, text: string } => {
                Seen::Macro(Macro::Define { line, text: text(&string)? })
            }
            MacroEntry::Undef { line, name } => {
                Seen::Macro(Macro::Undefine { line, name: text(&name)? })
            }
            MacroEntry::StartFile { line, file } => Seen::Macro(Macro::StartFile { line, file }),
            MacroEntry::EndFile => Seen::Macro(Macro::EndFile),
            MacroEntry::Import { offset } => Seen::Import(unit.macros(offset).map_err(failed)?),
            MacroEntry::ImportSup { offset } => {
                let side = self.walk.supplementary.as_ref();
                let side = side.ok_or(Error::NoSupplementary { offset: offset.0 as u64 })?;
                Seen::Import(side.dwarf.macros(offset).map_err(failed)?)
            }
            MacroEntry::VendorExt { .. } => Seen::Nothing,
        })
    }
}

/// What an entry of a table is.
enum Seen<'data> {
    Macro(Macro<'data>),
    Import(MacroIter<Slice<'data>>),
    Nothing,
}
