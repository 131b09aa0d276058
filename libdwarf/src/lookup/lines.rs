//! The line number table of a unit. DWARF 5, section 6.2.

use std::cmp::Reverse;

use gimli::constants as c;

use super::abbrev::{Format, Spec, Width};
use super::batch::{ANYWHERE, partition_near};
use super::bytes::Bytes;
use super::unit::{Range, Source, Unit};
use super::value::Value;

/// From an address on, up to that of the next row: which line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) line: u32,
    pub(super) file: u32,
    pub(super) discriminator: u32,
    pub(super) column: u32,
}

/// A row as it is kept: there are millions.
#[derive(Clone, Copy, Debug)]
struct Packed {
    /// From the first row of the sequence, in bytes.
    offset: u32,
    line: u32,
    discriminator: u32,
    /// [`Packed::WIDE`] if it is among [`Lines::wide`].
    file: u16,
    /// 0 if it is too large to be true.
    column: u16,
}

/// The most rows of a table: no compiler's unit has as many, and a byte can make one.
const MOST_ROWS: usize = 6_000_000;
/// The most files and folders of a table.
const MOST_FILES: usize = 1_000_000;

impl Packed {
    /// Stands for numbers of files that are too large.
    const WIDE: u16 = u16::MAX;
}

/// Rows of ascending addresses without a gap.
#[derive(Clone, Copy, Debug)]
struct Sequence {
    /// The addresses that it decides of.
    start: u64,
    end: u64,
    /// The address of its first row, before `start` if another sequence has the addresses between.
    base: u64,
    /// The number of its first row.
    first: u32,
    /// The number after that of its last row.
    last: u32,
}

/// A file or folder of the table.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct File<'data> {
    pub(super) name: &'data [u8],
    /// The number of its folder.
    pub(super) folder: u64,
}

#[derive(Debug, Default)]
pub(super) struct Lines<'data> {
    pub(super) version: u16,
    folders: Vec<&'data [u8]>,
    files: Vec<File<'data>>,
    /// In the order of their starts, none overlapping another.
    sequences: Vec<Sequence>,
    rows: Vec<Packed>,
    /// The files of rows whose numbers are large, by the numbers of the rows, ascending.
    wide: Vec<(u32, u32)>,
}

impl<'data> Lines<'data> {
    /// The table of a unit; an empty one if it has none.
    pub(super) fn of_unit(source: &Source<'data>, unit: &Unit<'data>) -> Self {
        let table = unit.lines_at.and_then(|offset| {
            let bytes = Bytes::at(source.lines, offset, source.endian);
            Program::parse(source, unit, bytes)
        });
        table.unwrap_or_default()
    }

    /// The row of an address.
    pub(super) fn at(&self, address: u64) -> Option<Row> {
        self.at_near(address, &mut { ANYWHERE })
    }

    /// The same; `near` is the number of the sequence of the answer before, and becomes that of
    /// this one.
    #[inline]
    pub(super) fn at_near(&self, address: u64, near: &mut usize) -> Option<Row> {
        let after = partition_near(&self.sequences, *near, |sequence| sequence.start <= address);
        *near = after.checked_sub(1)?;
        let sequence = self.sequences.get(*near).filter(|sequence| address < sequence.end)?;
        let rows = self.rows.get(sequence.first as usize..sequence.last as usize)?;
        let offset = address.saturating_sub(sequence.base);
        let after = rows.partition_point(|row| u64::from(row.offset) <= offset);
        let number = after.checked_sub(1)?;
        Some(self.row(sequence.first.wrapping_add(number as u32), rows.get(number)?))
    }

    fn row(&self, number: u32, row: &Packed) -> Row {
        let file = if row.file == Packed::WIDE {
            let place = self.wide.binary_search_by_key(&number, |(row, _)| *row);
            place.ok().and_then(|place| self.wide.get(place)).map_or(0, |(_, file)| *file)
        } else {
            row.file.into()
        };
        Row { line: row.line, file, discriminator: row.discriminator, column: row.column.into() }
    }

    /// The file with a number: from version 5 on they count from 0.
    pub(super) fn file(&self, number: u64) -> Option<File<'data>> {
        let first = u64::from(self.version < 5);
        self.files.get(usize::try_from(number.checked_sub(first)?).ok()?).copied()
    }

    /// The folder with a number. Before version 5, number 0 is the folder of the unit, which is
    /// not in the table.
    pub(super) fn folder(&self, number: u64) -> Option<&'data [u8]> {
        let first = u64::from(self.version < 5);
        self.folders.get(usize::try_from(number.checked_sub(first)?).ok()?).copied()
    }

    /// The addresses that have rows, in order.
    pub(super) fn ranges(&self) -> impl Iterator<Item = Range> + '_ {
        self.sequences.iter().map(|sequence| Range { start: sequence.start, end: sequence.end })
    }

    /// The addresses that have rows, less those of `ranges`.
    pub(super) fn outside(&self, ranges: &[Range]) -> Vec<Range> {
        let mut ranges = ranges.to_vec();
        ranges.sort_unstable_by_key(|range| range.start);
        let mut outside = Vec::new();
        let mut next = 0;
        for lines in self.ranges() {
            let mut start = lines.start;
            while start < lines.end {
                match ranges.get(next) {
                    Some(range) if range.end <= start => next = next.saturating_add(1),
                    Some(range) if range.start < lines.end => {
                        if start < range.start {
                            outside.push(Range { start, end: range.start });
                        }
                        start = range.end;
                    }
                    _ => {
                        outside.push(Range { start, end: lines.end });
                        break;
                    }
                }
            }
        }
        outside
    }

    /// The addresses at which rows start.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, Row)> + '_ {
        self.sequences.iter().flat_map(|sequence| {
            let (first, last) = (sequence.first as usize, sequence.last as usize);
            let rows = self.rows.get(first..last).unwrap_or_default();
            (sequence.first..).zip(rows).map(|(number, row)| {
                (sequence.base.saturating_add(row.offset.into()), self.row(number, row))
            })
        })
    }

    /// How many rows it has.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The bytes that it takes.
    pub(super) fn memory(&self) -> usize {
        let of_rows = self.rows.len().saturating_mul(size_of::<Packed>());
        let of_files = self.files.len().saturating_mul(size_of::<File<'_>>());
        let of_sequences = self.sequences.len().saturating_mul(size_of::<Sequence>());
        of_rows.saturating_add(of_files).saturating_add(of_sequences)
    }
}

/// A program while it runs.
struct Program<'data> {
    bytes: Bytes<'data>,
    address_size: u8,
    minimum_length: u64,
    operations: u64,
    line_base: i8,
    line_range: u8,
    opcode_base: u8,
    lengths: &'data [u8],
    rows: Vec<RawRow>,
    /// Whether the addresses of `rows` ascend.
    is_sorted: bool,
    table: Lines<'data>,
}

/// A row before its sequence is known.
#[derive(Clone, Copy, Debug)]
struct RawRow {
    address: u64,
    line: u32,
    file: u32,
    discriminator: u32,
    column: u32,
}

/// The registers of the machine that the program is for.
#[derive(Clone, Copy, Debug)]
struct Registers {
    address: u64,
    operation: u64,
    line: u32,
    file: u32,
    column: u32,
    discriminator: u32,
}

impl Registers {
    const START: Self =
        Self { address: 0, operation: 0, line: 1, file: 1, column: 0, discriminator: 0 };
}

impl<'data> Program<'data> {
    fn parse(
        source: &Source<'data>,
        unit: &Unit<'data>,
        mut bytes: Bytes<'data>,
    ) -> Option<Lines<'data>> {
        const LONG: u32 = 0xffff_ffff;
        let (length, width) = match bytes.u32()? {
            LONG => (bytes.u64()?, Width::Eight),
            length => (u64::from(length), Width::Four),
        };
        let end = (bytes.offset() as u64).checked_add(length)?;
        bytes = bytes.up_to(end);
        let version = bytes.u16()?;
        (2..=5).contains(&version).then_some(())?;
        let mut address_size = unit.header.format.address_size;
        if version >= 5 {
            address_size = bytes.u8()?;
            // The size of segment selectors, which nobody has.
            bytes.u8()?;
        }
        let header_length = bytes.word(width)?;
        let start = (bytes.offset() as u64).checked_add(header_length)?;
        let minimum_length = bytes.u8()?.into();
        let operations = if version >= 4 { u64::from(bytes.u8()?) } else { 1 };
        let _default_is_statement = bytes.u8()?;
        let line_base = bytes.u8()?.cast_signed();
        let line_range = bytes.u8()?;
        let opcode_base = bytes.u8()?;
        let lengths = bytes.take(u64::from(opcode_base.saturating_sub(1)))?;
        let mut table = Lines { version, ..Lines::default() };
        if version >= 5 {
            let format = Format { version, address_size, width };
            for folder in names(source, unit, format, &mut bytes)? {
                table.folders.push(folder.name);
            }
            table.files = names(source, unit, format, &mut bytes)?;
        } else {
            loop {
                match bytes.string()? {
                    [] => break,
                    folder if table.folders.len() < MOST_FILES => table.folders.push(folder),
                    _ => return None,
                }
            }
            loop {
                match bytes.string()? {
                    [] => break,
                    name => {
                        (table.files.len() < MOST_FILES).then_some(())?;
                        let folder = bytes.uleb()?;
                        bytes.skip_leb()?;
                        bytes.skip_leb()?;
                        table.files.push(File { name, folder });
                    }
                }
            }
        }
        let bytes = Bytes::at(source.lines, start, source.endian).up_to(end);
        let mut program = Self {
            bytes,
            address_size,
            minimum_length,
            operations: operations.max(1),
            line_base,
            line_range,
            opcode_base,
            lengths,
            rows: Vec::new(),
            is_sorted: true,
            table,
        };
        // What is damaged ends the program; what came before it counts.
        let _ = program.run();
        let last = program.rows.iter().map(|row| row.address).max();
        program.end_sequence(last.unwrap_or(0));
        Some(program.finish())
    }

    fn run(&mut self) -> Option<()> {
        let mut registers = Registers::START;
        while !self.bytes.is_at_end() {
            let opcode = self.bytes.u8()?;
            if opcode >= self.opcode_base {
                let adjusted = opcode.wrapping_sub(self.opcode_base);
                let advance = adjusted.checked_div(self.line_range)?;
                let line = i64::from(adjusted.checked_rem(self.line_range)?)
                    .wrapping_add(self.line_base.into());
                self.advance(&mut registers, advance.into());
                registers.line = registers.line.wrapping_add_signed(line as i32);
                self.row(&mut registers)?;
                continue;
            }
            match gimli::DwLns(opcode) {
                gimli::DwLns(0) => self.extended(&mut registers)?,
                c::DW_LNS_copy => self.row(&mut registers)?,
                c::DW_LNS_advance_pc => {
                    let advance = self.bytes.uleb()?;
                    self.advance(&mut registers, advance);
                }
                c::DW_LNS_advance_line => {
                    let line = self.bytes.sleb()?;
                    registers.line = registers.line.wrapping_add_signed(line as i32);
                }
                c::DW_LNS_set_file => registers.file = self.bytes.uleb()? as u32,
                c::DW_LNS_set_column => registers.column = self.bytes.uleb()? as u32,
                c::DW_LNS_negate_stmt
                | c::DW_LNS_set_basic_block
                | c::DW_LNS_set_prologue_end
                | c::DW_LNS_set_epilogue_begin => {}
                c::DW_LNS_const_add_pc => {
                    let adjusted = 255_u8.wrapping_sub(self.opcode_base);
                    let advance = adjusted.checked_div(self.line_range)?;
                    self.advance(&mut registers, advance.into());
                }
                c::DW_LNS_fixed_advance_pc => {
                    let advance = self.bytes.u16()?;
                    registers.address = registers.address.wrapping_add(advance.into());
                    registers.operation = 0;
                }
                c::DW_LNS_set_isa => self.bytes.skip_leb()?,
                _ => {
                    let count = *self.lengths.get(usize::from(opcode.wrapping_sub(1)))?;
                    for _ in 0..count {
                        self.bytes.skip_leb()?;
                    }
                }
            }
        }
        Some(())
    }

    fn extended(&mut self, registers: &mut Registers) -> Option<()> {
        let length = self.bytes.uleb()?;
        let start = self.bytes;
        self.bytes.skip(length)?;
        if length == 0 {
            return Some(());
        }
        let mut bytes = start;
        match gimli::DwLne(bytes.u8()?) {
            c::DW_LNE_end_sequence => {
                self.end_sequence(registers.address);
                *registers = Registers::START;
            }
            c::DW_LNE_set_address => {
                let size = u8::try_from(length.wrapping_sub(1)).ok()?;
                let size = if matches!(size, 1..=8) { size } else { self.address_size };
                registers.address = bytes.uint(size)?;
                registers.operation = 0;
            }
            c::DW_LNE_define_file => {
                let name = bytes.string()?;
                let folder = bytes.uleb()?;
                self.table.files.push(File { name, folder });
            }
            c::DW_LNE_set_discriminator => registers.discriminator = bytes.uleb()? as u32,
            _ => {}
        }
        Some(())
    }

    #[inline]
    fn advance(&self, registers: &mut Registers, operations: u64) {
        if self.operations <= 1 {
            let bytes = self.minimum_length.wrapping_mul(operations);
            registers.address = registers.address.wrapping_add(bytes);
            return;
        }
        let operation = registers.operation.wrapping_add(operations);
        let instructions = operation.checked_div(self.operations).unwrap_or(0);
        let bytes = self.minimum_length.wrapping_mul(instructions);
        registers.address = registers.address.wrapping_add(bytes);
        registers.operation = operation.checked_rem(self.operations).unwrap_or(0);
    }

    #[inline]
    fn row(&mut self, registers: &mut Registers) -> Option<()> {
        let row = RawRow {
            address: registers.address,
            line: registers.line,
            file: registers.file,
            discriminator: registers.discriminator,
            column: registers.column,
        };
        registers.discriminator = 0;
        // Of several rows at an address the last counts; but the first of those that come after
        // rows of higher addresses.
        match self.rows.last_mut() {
            Some(last) if last.address == row.address && self.is_sorted => *last = row,
            last => {
                self.is_sorted &= last.is_none_or(|last| last.address <= row.address);
                self.rows.push(row);
            }
        }
        let count = self.rows.len().saturating_add(self.table.rows.len());
        (count < MOST_ROWS).then_some(())
    }

    /// Ends a sequence: its code ends at this address.
    fn end_sequence(&mut self, end: u64) {
        if !self.is_sorted {
            self.rows.reverse();
            self.rows.sort_by_key(|row| row.address);
            self.is_sorted = true;
        }
        let mut rows: &[RawRow] = &self.rows;
        while let Some(first) = rows.first() {
            // Rows that are further away than a row can tell make a sequence of their own.
            let near = rows.partition_point(|row| {
                u32::try_from(row.address.wrapping_sub(first.address)).is_ok()
            });
            let Some((these, others)) = rows.split_at_checked(near) else { break };
            let end = others.first().map_or(end, |other| other.address);
            if first.address < end {
                let base = first.address;
                let first_row = self.table.rows.len() as u32;
                for row in these {
                    let file = u16::try_from(row.file).unwrap_or(Packed::WIDE);
                    if file == Packed::WIDE {
                        self.table.wide.push((self.table.rows.len() as u32, row.file));
                    }
                    self.table.rows.push(Packed {
                        offset: row.address.wrapping_sub(base) as u32,
                        line: row.line,
                        discriminator: row.discriminator,
                        file,
                        column: u16::try_from(row.column).unwrap_or(0),
                    });
                }
                let last_row = self.table.rows.len() as u32;
                let sequence =
                    Sequence { start: base, end, base, first: first_row, last: last_row };
                self.table.sequences.push(sequence);
            }
            rows = others;
        }
        self.rows.clear();
    }

    /// The table, with the sequences in order. Where they overlap, the one that starts first has
    /// the addresses, and of those that start together the longest.
    fn finish(mut self) -> Lines<'data> {
        let table = &mut self.table;
        table.rows.shrink_to_fit();
        table.sequences.sort_by_key(|sequence| (sequence.start, Reverse(sequence.end)));
        let mut taken = 0;
        for sequence in &mut table.sequences {
            sequence.start = sequence.start.max(taken);
            taken = taken.max(sequence.end);
        }
        table.sequences.retain(|sequence| sequence.start < sequence.end);
        table.sequences.shrink_to_fit();
        self.table
    }
}

/// A list of names of version 5: how each entry looks, then the entries.
fn names<'data>(
    source: &Source<'data>,
    unit: &Unit<'data>,
    format: Format,
    bytes: &mut Bytes<'data>,
) -> Option<Vec<File<'data>>> {
    let mut specs = Vec::new();
    for _ in 0..bytes.u8()? {
        let kind = bytes.uleb()?;
        let form = gimli::DwForm(bytes.uleb()? as u16);
        specs.push((kind, Spec { name: gimli::DwAt(0), form, implicit: 0 }));
    }
    let count = bytes.uleb()?;
    let mut files = Vec::new();
    for _ in 0..count {
        let start = bytes.offset();
        let mut file = File::default();
        for (kind, spec) in &specs {
            let value = Value::read(spec, format, bytes)?;
            match gimli::DwLnct(*kind as u16) {
                c::DW_LNCT_path => file.name = unit.string(source, value).unwrap_or_default(),
                c::DW_LNCT_directory_index => file.folder = value.unsigned().unwrap_or(0),
                _ => {}
            }
        }
        // Entries without a byte would never end.
        if bytes.offset() == start || files.len() >= MOST_FILES {
            break;
        }
        files.push(file);
    }
    Some(files)
}
