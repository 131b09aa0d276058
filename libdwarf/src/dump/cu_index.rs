//! `.debug_cu_index` and `.debug_tu_index`: where the units of a package of split objects are.
//! DWARF 5, section 7.3.5; GNU's `DebugFissionDWP` page on versions 1 and 2.
//!
//! Version 2 is a hash table of signatures, each with the number of a row, and two tables with a
//! column for each section: offsets and sizes. In version 1 each signature has a list of sections.

use libelf::ident::Encoding;

use super::number::{Hex, push_signed_right, push_spaces};
use super::{Cursor, Dump, FLUSH_AT, Loaded, Relief, Text};
use crate::put;
use crate::section::SectionId;

/// An index smaller than this one is none.
const MIN_SIZE: usize = 24;
/// The version and three counts.
const HEADER_SIZE: usize = 16;
/// The version and two counts.
const OLD_HEADER_SIZE: usize = 12;
/// The size of a signature.
const SIGNATURE: usize = 8;
/// The size of everything else.
const WORD: usize = 4;
/// Columns of an offset or a size.
const WIDTH: usize = 8;
/// Sections that are known have numbers below this one.
const MAX_SECTION: u32 = 8;

/// An index, as far as its header says.
struct Index<'a> {
    data: &'a [u8],
    name: &'a str,
    encoding: Encoding,
    is_types: bool,
    version: u32,
    columns: u32,
    used: u32,
    slots: u32,
    header_size: usize,
}

/// An index cannot be read further, which is said.
struct Failed;

/// One of the two tables of a row for each unit.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Table {
    Offsets,
    Sizes,
}

impl<'data> Dump<'_, 'data> {
    /// Reads the indexes of a package before anything is shown, and says what is wrong with them.
    pub fn look_at_unit_indexes(&mut self) {
        if std::mem::replace(&mut self.memory.has_seen_indexes, true) {
            return;
        }
        for id in [SectionId::CuIndex, SectionId::TuIndex] {
            let Some(section) = self.load_whole(id) else { continue };
            let name = String::from_utf8_lossy(&section.name);
            let encoding = self.target.encoding;
            let index = Index::read(&mut self.text, &section, &name, encoding);
            if let Ok(index) = index {
                let _ = index.check(&mut self.text);
            }
        }
        self.flush();
    }

    /// Shows an index of a package. Returns whether all went well.
    pub(super) fn display_cu_index(&mut self, section: &Loaded<'data>) -> bool {
        let name = String::from_utf8_lossy(&section.name);
        let encoding = self.target.encoding;
        let Ok(index) = Index::read(&mut self.text, section, &name, encoding) else {
            return false;
        };
        self.heading(section);
        let Self { text, host, .. } = self;
        let relief: Relief<'_> = &mut |text| {
            if text.buf.len() >= FLUSH_AT {
                host.print(text);
            }
        };
        index.show(text, relief).is_ok()
    }
}

impl<'a> Index<'a> {
    fn read(
        text: &mut Text,
        section: &'a Loaded<'_>,
        name: &'a str,
        encoding: Encoding,
    ) -> Result<Self, Failed> {
        let data: &[u8] = &section.data;
        if data.len() < MIN_SIZE {
            text.warn(format_args!("Section {name} is too small to contain a CU/TU header"));
            return Err(Failed);
        }
        let mut cursor = Cursor::new(data, encoding);
        let version = cursor.u32();
        let columns = if version >= 2 { cursor.u32() } else { 0 };
        Ok(Self {
            data,
            name,
            encoding,
            is_types: section.id == SectionId::TuIndex,
            version,
            columns,
            used: cursor.u32(),
            slots: cursor.u32(),
            header_size: if version >= 2 { HEADER_SIZE } else { OLD_HEADER_SIZE },
        })
    }

    /// A cursor at an offset.
    fn at(&self, offset: usize) -> Cursor<'a> {
        let mut cursor = Cursor::new(self.data, self.encoding);
        cursor.seek(offset);
        cursor
    }

    /// Where the numbers of rows, or of lists, start.
    fn rows_at(&self) -> usize {
        (self.slots as usize).saturating_mul(SIGNATURE).saturating_add(self.header_size)
    }

    /// What is behind those: the numbers of columns, or lists of sections.
    fn columns_at(&self) -> usize {
        (self.slots as usize).saturating_mul(WORD).saturating_add(self.rows_at())
    }

    /// Where a table starts.
    fn table_at(&self, table: Table) -> usize {
        let row = (self.columns as usize).saturating_mul(WORD);
        let offsets = self.columns_at().saturating_add(row);
        match table {
            Table::Offsets => offsets,
            Table::Sizes => row.saturating_mul(self.used as usize).saturating_add(offsets),
        }
    }

    fn check_slots(&self, text: &mut Text) -> Result<(), Failed> {
        if self.columns_at() > self.data.len() {
            let (name, slots) = (self.name, self.slots);
            text.warn(format_args!("Section {name} is too small for {slots} slots"));
            return Err(Failed);
        }
        Ok(())
    }

    fn check_tables(&self, text: &mut Text) -> Result<(), Failed> {
        if self.table_at(Table::Sizes) > self.data.len() {
            let name = self.name;
            text.warn(format_args!("Section {name} too small for offset and size tables"));
            return Err(Failed);
        }
        Ok(())
    }

    /// Says what is wrong with the index.
    fn check(&self, text: &mut Text) -> Result<(), Failed> {
        self.check_slots(text)?;
        if self.version != 2 {
            return Ok(());
        }
        self.check_tables(text)?;
        for table in [Table::Offsets, Table::Sizes] {
            let mut left = self.data.len();
            self.for_rows(text, |text, _, row| {
                let mut sections = self.at(self.columns_at());
                self.for_cells(text, table, row, &mut left, |text, _| {
                    let section = sections.u32();
                    if section >= MAX_SECTION {
                        text.warn(format_args!(
                            "Overlarge Dwarf section index detected: {section}"
                        ));
                    }
                })
            })?;
        }
        Ok(())
    }

    /// Calls `each` with the slot and the row of each unit.
    fn for_rows(
        &self,
        text: &mut Text,
        mut each: impl FnMut(&mut Text, u32, u32) -> Result<(), Failed>,
    ) -> Result<(), Failed> {
        let mut rows = self.at(self.rows_at());
        for slot in 0..self.slots {
            let row = rows.u32();
            if row == 0 {
                continue;
            }
            if row > self.used {
                text.warn(format_args!(
                    "Row index ({row}) is larger than number of used entries ({})",
                    self.used
                ));
                return Err(Failed);
            }
            each(text, slot, row)?;
        }
        Ok(())
    }

    /// Calls `each` with each cell of a row, whose number starts with 1. `left` cells may be read
    /// altogether: units that share rows could have any number of them shown.
    fn for_cells(
        &self,
        text: &mut Text,
        table: Table,
        row: u32,
        left: &mut usize,
        mut each: impl FnMut(&mut Text, u32),
    ) -> Result<(), Failed> {
        let before = (row as usize).saturating_sub(1).saturating_mul(self.columns as usize);
        let start = before.saturating_mul(WORD).saturating_add(self.table_at(table));
        let mut cells = self.at(start);
        for _ in 0..self.columns {
            if cells.remaining() < WORD || *left == 0 {
                let name = self.name;
                text.warn(format_args!("Too many rows/columns in DWARF index section {name}"));
                return Err(Failed);
            }
            *left = left.saturating_sub(1);
            each(text, cells.u32());
        }
        Ok(())
    }

    fn show(&self, text: &mut Text, relief: Relief<'_>) -> Result<(), Failed> {
        put!(text, "  Version:                 {}\n", self.version);
        if self.version >= 2 {
            put!(text, "  Number of columns:       {}\n", self.columns);
        }
        put!(text, "  Number of used entries:  {}\n", self.used);
        put!(text, "  Number of slots:         {}\n\n", self.slots);
        self.check_slots(text)?;
        match self.version {
            1 => self.show_lists(text, relief),
            2 => {
                self.check_tables(text)?;
                self.show_table(text, Table::Offsets, relief)?;
                text.put(b"\n");
                self.show_table(text, Table::Sizes, relief)?;
                text.put(b"\n");
                Ok(())
            }
            version => {
                put!(text, "  Unsupported version ({})\n\n", version.cast_signed());
                Ok(())
            }
        }
    }

    fn signature(&self, slot: u32) -> u64 {
        let before = (slot as usize).saturating_mul(SIGNATURE);
        self.at(before.saturating_add(self.header_size)).u64()
    }

    /// The sections of each unit, in version 1.
    fn show_lists(&self, text: &mut Text, relief: Relief<'_>) -> Result<(), Failed> {
        let mut lists = self.at(self.rows_at());
        for slot in 0..self.slots {
            let list = lists.u32();
            let signature = self.signature(slot);
            if signature == 0 {
                continue;
            }
            put!(text, "  [{slot:3}] Signature:  {signature:#x}  Sections: ");
            // GNU keeps so many bits of the offset.
            let offset = list.wrapping_mul(WORD as u32) as usize;
            let mut sections = self.at(self.columns_at().saturating_add(offset));
            loop {
                if sections.is_at_end() {
                    let name = self.name;
                    text.warn(format_args!("Section {name} too small for shndx pool"));
                    return Err(Failed);
                }
                let section = sections.u32();
                if section == 0 {
                    break;
                }
                put!(text, " {}", section.cast_signed());
                relief(text);
            }
            text.put(b"\n");
        }
        text.put(b"\n");
        Ok(())
    }

    fn show_table(&self, text: &mut Text, table: Table, relief: Relief<'_>) -> Result<(), Failed> {
        text.put(match table {
            Table::Offsets => b"  Offset table\n",
            Table::Sizes => b"  Size table\n",
        });
        let signature = if self.is_types { "signature" } else { "dwo_id" };
        put!(text, "  slot  {signature:16}  ");
        let mut sections = self.at(self.columns_at());
        for _ in 0..self.columns {
            let section = sections.u32();
            text.put(b" ");
            if let Some(name) = section_name(section) {
                push_spaces(&mut text.buf, WIDTH.saturating_sub(name.len()));
                text.put(name.as_bytes());
            } else {
                push_signed_right(&mut text.buf, section.cast_signed().into(), WIDTH);
            }
            relief(text);
        }
        text.put(b"\n");
        let mut left = self.data.len();
        self.for_rows(text, |text, slot, row| {
            put!(text, "  [{slot:3}] {}", Hex(self.signature(slot)));
            let shown = self.for_cells(text, table, row, &mut left, |text, cell| {
                text.put(b" ");
                push_signed_right(&mut text.buf, cell.cast_signed().into(), WIDTH);
            });
            shown?;
            text.put(b"\n");
            relief(text);
            Ok(())
        })
    }
}

/// What the section of a column is called. GNU goes by the numbers of version 2.
fn section_name(section: u32) -> Option<&'static str> {
    Some(match section {
        1 => "info",
        2 => "types",
        3 => "abbrev",
        4 => "line",
        5 => "loc",
        6 => "str_off",
        7 => "macinfo",
        8 => "macro",
        _ => return None,
    })
}
