//! Names, looked up as GNU's tools do: with a word on those that do not lie in their table.

use std::borrow::Cow;

use object::elf::{SHT_LOOS, SHT_STRTAB};

use super::{Builder, Name, Notice};
use crate::file::File;
use crate::section::SectionHeader;

/// Looks up strings.
pub(super) struct Strings<'data> {
    /// The index of the table of section names.
    name_index: usize,
    /// That table, once something was found in it and it is known to end in a zero byte.
    names: &'data [u8],
    /// The tables that something was looked up in.
    used: Vec<usize>,
}

impl<'data> Strings<'data> {
    pub(super) fn new(name_index: usize) -> Self {
        Self { name_index, names: &[], used: Vec::new() }
    }

    /// The string at `offset` of a table, and what follows its zero byte. The string at 0 is
    /// empty, whatever the table holds there.
    pub(super) fn get(
        &mut self,
        file: &File<'data>,
        headers: &[SectionHeader],
        table: usize,
        offset: u32,
        notices: &mut Vec<Notice>,
    ) -> Option<&'data [u8]> {
        if offset == 0 {
            return Some(b"");
        }
        if table == self.name_index
            && let Some(name) = self.names.get(offset as usize..).filter(|name| !name.is_empty())
        {
            return Some(name);
        }
        let header = headers.get(table)?;
        let is_used = self.used.contains(&table);
        if !is_used && header.kind != SHT_STRTAB && header.kind.0 < SHT_LOOS {
            notices.push(Notice::NoStrings { index: table });
            return None;
        }
        let bytes = file.section_data(header).ok()?;
        let last = bytes.last()?;
        if !is_used {
            self.used.push(table);
        } else if *last != 0 {
            // What does not end in a zero byte is given up after a first look at it.
            return None;
        } else if table == self.name_index {
            self.names = bytes;
        }
        let string = bytes.get(offset as usize..).filter(|string| !string.is_empty());
        if string.is_none() {
            let is_own_name = table == self.name_index && offset == header.name;
            let table = if is_own_name {
                Some(b".shstrtab".to_vec())
            } else {
                let name = self.get(file, headers, self.name_index, header.name, notices);
                name.map(|name| Name(Cow::Borrowed(name)).bytes().to_vec())
            };
            let size = bytes.len() as u64;
            notices.push(Notice::StringPastEnd { offset, size, table });
        }
        string
    }
}

impl<'data> Builder<'_, 'data> {
    /// The string at `offset` of a table, and what follows its zero byte.
    pub(super) fn string(&mut self, table: usize, offset: u32) -> Option<&'data [u8]> {
        self.strings.get(self.file, &self.headers, table, offset, self.notices)
    }

    /// A section's name.
    pub(super) fn name_at(&mut self, offset: u32) -> Option<Vec<u8>> {
        let name = self.string(self.name_index, offset)?;
        Some(Name(Cow::Borrowed(name)).bytes().to_vec())
    }
}
