//! The directories and files of a line number program, read for its rows.

use super::form::{self, Found, Shown, id};
use super::tables::{Column, content};
use super::{Header, Strings};
use crate::dump::{Cursor, Stop, Text, leb};

/// How many entries without a byte are looked at.
const EMPTY_ENTRIES: u64 = 1 << 16;

/// Stands for a name that could not be read.
pub const UNKNOWN: &[u8] = b"unknown";

/// A file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct File<'a> {
    /// Its name, if that could be read.
    pub name: Option<&'a [u8]>,
    /// Its directory's index, as it is stored.
    pub directory: u32,
}

/// Directories and files, and how many there should be.
#[derive(Debug, Default)]
pub struct Files<'a> {
    directories: Vec<Option<&'a [u8]>>,
    /// How many directories there are.
    pub directory_count: u32,
    list: Vec<File<'a>>,
    /// How many files there are.
    pub count: u32,
}

impl<'a> Files<'a> {
    /// Reads both tables. The cursor is at the first, and behind the second then.
    pub(super) fn read(
        text: &mut Text,
        cursor: &mut Cursor<'a>,
        unit: &Header,
        strings: Strings<'a>,
    ) -> Result<Self, Stop> {
        let mut files = Self::default();
        if unit.version < 5 {
            files.read_directories(text, cursor)?;
            files.read_files(text, cursor)?;
        } else {
            files.read_directory_columns(text, cursor, strings)?;
            files.read_file_columns(text, cursor, strings)?;
        }
        Ok(files)
    }

    /// A directory's name, if there is one; `unknown` if it could not be read.
    pub fn directory(&self, index: u32) -> Option<&'a [u8]> {
        let found = self.directories.get(index as usize).copied().flatten();
        (index < self.directory_count).then_some(found.unwrap_or(UNKNOWN))
    }

    /// A file, by its place in the table.
    pub fn file(&self, index: u32) -> Option<File<'a>> {
        let found = self.list.get(index as usize).copied().unwrap_or_default();
        (index < self.count).then_some(found)
    }

    /// Adds a file.
    pub fn push(&mut self, file: File<'a>) {
        // What could not be read of the table has no name.
        self.list.resize((self.count as usize).min(self.list.len()), File::default());
        if self.list.len() == self.count as usize {
            self.list.push(file);
        }
        self.count = self.count.saturating_add(1);
    }

    fn read_directories(&mut self, text: &mut Text, cursor: &mut Cursor<'a>) -> Result<(), Stop> {
        while cursor.rest().first().is_some_and(|&byte| byte != 0) {
            self.directories.push(Some(cursor.string()));
        }
        if cursor.is_at_end() {
            text.warn(format_args!("directory table ends unexpectedly"));
            return Err(Stop::Ended);
        }
        cursor.u8();
        self.directory_count = self.directories.len() as u32;
        Ok(())
    }

    fn read_files(&mut self, text: &mut Text, cursor: &mut Cursor<'a>) -> Result<(), Stop> {
        // First to see that the table is whole: only then it is said what is wrong in it.
        let mut ahead = *cursor;
        while ahead.rest().first().is_some_and(|&byte| byte != 0) {
            ahead.string();
            for _ in 0..3 {
                ahead.unsigned();
            }
        }
        if ahead.is_at_end() {
            text.warn(format_args!("file table ends unexpectedly"));
            return Err(Stop::Ended);
        }
        while cursor.position() < ahead.position() {
            let name = Some(cursor.string());
            let directory = leb::unsigned_32(text, cursor);
            for _ in 0..2 {
                leb::unsigned_32(text, cursor);
            }
            self.list.push(File { name, directory });
        }
        cursor.u8();
        self.count = self.list.len() as u32;
        Ok(())
    }

    fn read_directory_columns(
        &mut self,
        text: &mut Text,
        cursor: &mut Cursor<'a>,
        strings: Strings<'a>,
    ) -> Result<(), Stop> {
        let columns = read_columns(cursor);
        let count = leb::unsigned_32(text, cursor);
        if cursor.is_at_end() {
            text.warn(format_args!("Corrupt directories list"));
            return Err(Stop::Ended);
        }
        self.directory_count = count;
        for index in 0..u64::from(count) {
            let start = cursor.position();
            let mut name = None;
            for column in &columns {
                if cursor.is_at_end() {
                    text.warn(format_args!("Corrupt directories list"));
                    break;
                }
                if column.content == content::PATH {
                    name = path(text, *cursor, column.form, strings).or(name);
                }
                form::show(text, cursor, column.form, strings, Shown::Nothing);
            }
            self.directories.push(name);
            if cursor.is_at_end() {
                text.warn(format_args!("Corrupt directories list"));
                break;
            }
            if cursor.position() == start && index >= EMPTY_ENTRIES {
                break;
            }
        }
        Ok(())
    }

    fn read_file_columns(
        &mut self,
        text: &mut Text,
        cursor: &mut Cursor<'a>,
        strings: Strings<'a>,
    ) -> Result<(), Stop> {
        let columns = read_columns(cursor);
        let count = leb::unsigned_32(text, cursor);
        if cursor.is_at_end() && count > 0 {
            text.warn(format_args!("Corrupt file name list"));
            return Err(Stop::Ended);
        }
        self.count = count;
        for index in 0..u64::from(count) {
            let start = cursor.position();
            let mut file = File::default();
            for column in &columns {
                if cursor.is_at_end() {
                    text.warn(format_args!("Corrupt file name list"));
                    break;
                }
                match column.content {
                    content::PATH => {
                        file.name = path(text, *cursor, column.form, strings).or(file.name);
                    }
                    content::DIRECTORY_INDEX => {
                        file.directory =
                            directory(text, *cursor, column.form).unwrap_or(file.directory);
                    }
                    _ => {}
                }
                form::show(text, cursor, column.form, strings, Shown::Nothing);
            }
            self.list.push(file);
            if cursor.is_at_end() {
                text.warn(format_args!("Corrupt file name list"));
                break;
            }
            if cursor.position() == start && index >= EMPTY_ENTRIES {
                break;
            }
        }
        Ok(())
    }
}

fn read_columns(cursor: &mut Cursor<'_>) -> Vec<Column> {
    let count = cursor.u8();
    let mut columns = Vec::with_capacity(count.into());
    for _ in 0..count {
        let (content, form) = (cursor.unsigned().value, cursor.unsigned().value);
        columns.push(Column { content, form });
    }
    columns
}

/// A name in one of the forms that rows can have.
fn path<'a>(
    text: &mut Text,
    mut cursor: Cursor<'a>,
    form: u64,
    strings: Strings<'a>,
) -> Option<&'a [u8]> {
    match form {
        id::STRING => Some(cursor.string()),
        id::LINE_STRP => {
            let at = cursor.uint(strings.offset_size);
            let found =
                form::find(text, strings.line_str, at, "DW_FORM_line_strp", ".debug_line_str");
            Some(match found {
                Found::String(string) => string,
                Found::Nothing(why) => why.as_bytes(),
            })
        }
        _ => None,
    }
}

/// The index of a directory in one of the forms that rows can have.
fn directory(text: &mut Text, mut cursor: Cursor<'_>, form: u64) -> Option<u32> {
    match form {
        id::DATA1 => Some(cursor.u8().into()),
        id::DATA2 => Some(cursor.u16().into()),
        id::UDATA => Some(leb::unsigned_32(text, &mut cursor)),
        _ => None,
    }
}
