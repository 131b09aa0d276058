//! Names of files by their numbers in a line number program, for macros.

use libelf::ident::Encoding;

use super::Header;
use crate::dump::Cursor;

/// The directories and files of a line number program up to version 4.
#[derive(Debug, Default)]
pub struct FileNames<'a> {
    directories: Vec<&'a [u8]>,
    /// Names, with the numbers of their directories.
    files: Vec<(&'a [u8], u64)>,
}

impl<'a> FileNames<'a> {
    /// Reads the tables of the program at `offset` of `.debug_line`; there are none if that is
    /// damaged, or of version 5.
    pub fn read(section: &'a [u8], offset: u64, encoding: Encoding) -> Self {
        let mut names = Self::default();
        let header = usize::try_from(offset)
            .ok()
            .filter(|&offset| offset < section.len())
            .and_then(|offset| Header::read(section, offset, encoding).ok());
        let Some(header) = header.filter(|header| header.version < 5) else { return names };
        let Some(lengths) = header.opcode_lengths(section) else { return names };
        let mut cursor = Cursor::new(section, encoding);
        cursor.seek(header.lengths_at.saturating_add(lengths.len()));
        while cursor.rest().first().is_some_and(|&byte| byte != 0) {
            names.directories.push(cursor.string());
        }
        cursor.u8();
        while cursor.rest().first().is_some_and(|&byte| byte != 0) {
            let name = cursor.string();
            let directory = cursor.unsigned().value;
            for _ in 0..2 {
                cursor.unsigned();
            }
            names.files.push((name, directory));
        }
        names
    }

    /// The directory and the name of a file, by its number.
    pub fn find(&self, number: u32) -> Option<(Option<&'a [u8]>, &'a [u8])> {
        let index = usize::try_from(number).ok()?.checked_sub(1)?;
        let &(name, directory) = self.files.get(index)?;
        let Some(index) = directory.checked_sub(1) else { return Some((None, name)) };
        let directory = self.directories.get(usize::try_from(index).ok()?)?;
        Some((Some(directory), name))
    }
}
