//! What is said of symbols that are thread-local in one file and not in another.

use super::Reporter;
use crate::diagnostics::{Diagnostics, beginning};
use crate::ids::FileId;
use crate::input::object::Place;
use crate::resolve::{InputFile, Mention, Reason, TlsMismatch};

impl Reporter<'_, '_> {
    /// Says it, and ends the link.
    pub(super) fn tls(&self, mismatch: &TlsMismatch, said: &mut Diagnostics) {
        let name = String::from_utf8_lossy(beginning(self.names.name(mismatch.id)));
        let (tls, other) = (self.mention(&mismatch.tls), self.mention(&mismatch.other));
        said.error(format!("{name}: TLS {tls} mismatches non-TLS {other}"));
        said.fatal(format!("{}: error adding symbols: bad value", self.joining(mismatch.joins)));
    }

    fn mention(&self, mention: &Mention) -> String {
        let file = self.file_name(mention.file);
        if mention.is_reference {
            return format!("reference in {file}");
        }
        let section = self.section_of(mention);
        let section = String::from_utf8_lossy(beginning(section.unwrap_or(b"*ABS*")));
        format!("definition in {file} section {section}")
    }

    /// The name of the section that a symbol is defined in; `None` for a number.
    fn section_of(&self, mention: &Mention) -> Option<&[u8]> {
        match self.resolved.file(mention.file)? {
            InputFile::Internal => None,
            InputFile::Object(object) => {
                let symbol = object.symbols.get(mention.index as usize)?;
                let Place::Section(section) = object.place(mention.index, &symbol) else {
                    return None;
                };
                object.section_name(section)
            }
            InputFile::Shared { shared, .. } => {
                let symbol = shared.symbols.get(mention.index as usize)?;
                let symbol = shared.table.get(symbol.index as usize)?;
                let section = shared.file.section(symbol.shndx.0.into()).ok()?;
                shared.file.section_names().ok()?.get(section.name.into()).ok()
            }
        }
    }

    /// What the command line calls a file that joins: its archive, unless all of it joins.
    fn joining(&self, file: FileId) -> String {
        let is_whole =
            self.resolved.reasons.iter().any(|it| it.file == file && it.reason == Reason::Whole);
        match self.resolved.object(file) {
            Some(object) if !is_whole => object.origin.path.display().to_string(),
            _ => self.file_name(file),
        }
    }
}
