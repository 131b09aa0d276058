//! Places in source files.

use super::entry::Call;
use super::lines::{Lines, Row};
use super::unit::Unit;

/// A place in a source file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Location<'data> {
    /// The number of the file in its table; `None` if nothing tells the file.
    pub file_number: Option<u64>,
    /// The file; `None` if the table has none of that number.
    pub file: Option<SourceFile<'data>>,
    /// The line, from 1 on; 0 if it is unknown, or the code is of no line.
    pub line: u64,
    /// The column, from 1 on; 0 if it is unknown.
    pub column: u64,
    /// Tells blocks of code of one line apart; 0 if there is one only.
    pub discriminator: u32,
}

/// A source file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceFile<'data> {
    /// The folder that its unit was compiled in.
    pub unit_folder: Option<&'data [u8]>,
    /// The folder that it is in, as seen from there; `None` if it is that one itself.
    pub folder: Option<&'data [u8]>,
    /// Its name, as seen from there.
    pub name: &'data [u8],
}

impl<'data> Location<'data> {
    pub(super) fn of_row(unit: &Unit<'data>, lines: &Lines<'data>, row: Row) -> Self {
        let number = row.file.into();
        Self {
            file_number: Some(number),
            file: SourceFile::of(unit, lines, number),
            line: row.line.into(),
            column: row.column.into(),
            discriminator: row.discriminator,
        }
    }

    pub(super) fn of_call(unit: &Unit<'data>, lines: &Lines<'data>, call: Call) -> Self {
        Self {
            file_number: call.file,
            file: call.file.and_then(|number| SourceFile::of(unit, lines, number)),
            line: call.line,
            column: call.column,
            discriminator: 0,
        }
    }

    /// Adds the path of the file, if it is known.
    pub fn write_path(&self, out: &mut Vec<u8>) {
        if let Some(file) = &self.file {
            file.write_path(out);
        }
    }
}

impl<'data> SourceFile<'data> {
    fn of(unit: &Unit<'data>, lines: &Lines<'data>, number: u64) -> Option<Self> {
        let file = lines.file(number)?;
        let folder = lines.folder(file.folder);
        Some(Self { unit_folder: unit.folder, folder, name: file.name })
    }

    /// Adds the path: as long as it is known, from `/` on.
    pub fn write_path(&self, out: &mut Vec<u8>) {
        let is_absolute = |path: &[u8]| path.starts_with(b"/");
        if !is_absolute(self.name) {
            let folder = self.folder.filter(|folder| !folder.is_empty());
            if !folder.is_some_and(is_absolute)
                && let Some(unit_folder) = self.unit_folder.filter(|folder| !folder.is_empty())
            {
                out.extend_from_slice(unit_folder);
                out.push(b'/');
            }
            if let Some(folder) = folder {
                out.extend_from_slice(folder);
                out.push(b'/');
            }
        }
        out.extend_from_slice(self.name);
    }
}
