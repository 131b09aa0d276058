//! Line number programs as rows: file, line, address, view, whether a statement starts.

use std::ops::Range;

use libelf::ident::Encoding;
use libelf::raw::Endianness;

use super::files::{File, Files, UNKNOWN};
use super::header::check_range;
use super::raw::{RELIEF_AT, show_unknown};
use super::state::State;
use super::{Header, Strings, View, is_partial, opcode};
use crate::dump::number::{
    place_hex, place_signed, push_decimal, push_hex_right, push_signed_right, push_spaces,
};
use crate::dump::{Cursor, Dump, Level, Loaded, Relief, Stop, Text, leb};
use crate::put;
use crate::section::SectionId;

/// Columns of a file's name; only so much of its end is shown, unless lines may be long.
const NAME_WIDTH: usize = 35;
const LINE_WIDTH: usize = 11;
const ADDRESS_WIDTH: usize = 18;
const VIEW_WIDTH: usize = 6;
/// What stands in a row behind the file's name, where columns need no more than their widths.
const TAIL: usize = 50;
/// The columns of the line, the address, the view and the mark of statements in it.
const LINE_AT: Range<usize> = 2..13;
const ADDRESS_AT: Range<usize> = 15..33;
const VIEW_AT: Range<usize> = 35..41;
const STATEMENT_AT: usize = 48;
/// The first view that needs more columns.
const WIDE_VIEW: u32 = 1_000_000;
/// The largest address that an opcode sets.
const ADDRESS_SIZE: usize = 8;
const TITLE: &[u8] =
    b"File name                            Line number    Starting address    View    Stmt\n";

impl<'data> Dump<'_, 'data> {
    /// Shows line number programs as rows.
    pub(super) fn display_decoded_lines(&mut self, section: &Loaded<'data>) -> bool {
        self.heading(section);
        let encoding = self.target.encoding;
        let data: &[u8] = &section.data;
        let is_wide = self.options.wide;
        if is_partial(section) {
            let Some(header) = self.partial_line_header(View::Decoded) else { return false };
            let header = Header { end: data.len(), ..header };
            let mut program = Program::new(&header, &[], Files::default(), is_wide);
            let Self { text, host, .. } = self;
            program.show(text, &mut Cursor::new(data, encoding), &mut |text| host.print(text));
            return true;
        }
        let line_str = self.load(SectionId::LineStr);
        let strings = Strings {
            str: None,
            line_str: line_str.as_deref().map(|section| &*section.data),
            is_big: encoding.endian == Endianness::Big,
            is_wide: self.options.wide,
            offset_size: 4,
            delimiter: b'\t',
        };
        self.show_line_units(section, View::Decoded, |text, unit, relief| {
            show_unit(text, data, unit, encoding, strings, is_wide, relief)
        })
    }
}

fn show_unit(
    text: &mut Text,
    data: &[u8],
    unit: &Header,
    encoding: Encoding,
    strings: Strings<'_>,
    is_wide: bool,
    relief: Relief<'_>,
) -> Result<(), Stop> {
    check_range(text, unit);
    let Some(lengths) = unit.opcode_lengths(data) else {
        text.warn(format_args!(
            "opcode base of {} extends beyond end of section",
            unit.opcode_base
        ));
        return Err(Stop::Failed);
    };
    let mut cursor = Cursor::new(data, encoding);
    // An opcode base of 0 has the tables start a byte early.
    cursor.seek(unit.lengths_at.saturating_add(unit.opcode_base.into()).saturating_sub(1));
    let strings = Strings { offset_size: unit.offset_size, ..strings };
    let files = Files::read(text, &mut cursor, unit, strings)?;
    show_title(text, unit, &files, is_wide);
    Program::new(unit, lengths, files, is_wide).show(text, &mut cursor, relief);
    let end = cursor.position();
    if end > unit.end { Err(Stop::Resume(end)) } else { Ok(()) }
}

/// The name of the unit's first file, and what the columns are.
fn show_title(text: &mut Text, unit: &Header, files: &Files<'_>, is_wide: bool) {
    let Some(first) = files.file(0) else {
        text.put(b"CU: No directory table\nCU: Empty file name table\n");
        return;
    };
    let name = first.name.unwrap_or(UNKNOWN);
    if files.directory_count == 0 {
        text.put(b"CU: ");
    } else {
        let directory = if let Some(index) = directory_index(unit, first) {
            files.directory(index).unwrap_or_else(|| {
                warn_directory(text, index, files);
                b"<corrupt>"
            })
        } else {
            b"."
        };
        if is_wide {
            text.put(b"CU: ");
            text.put_name(directory);
            text.put(b"/");
        }
    }
    text.put_name(name);
    text.put(b":\n");
    text.put(TITLE);
}

/// The place of a file's directory in the table; `None` for the directory of the unit, which is
/// not in it up to version 4.
fn directory_index(unit: &Header, file: File<'_>) -> Option<u32> {
    if unit.version >= 5 { Some(file.directory) } else { file.directory.checked_sub(1) }
}

fn warn_directory(text: &mut Text, index: u32, files: &Files<'_>) {
    text.warn(format_args!(
        "directory index {index} >= number of directories {}",
        files.directory_count
    ));
}

/// A program whose rows are being shown.
struct Program<'a, 'd> {
    state: State,
    unit: &'a Header,
    /// How many operands each standard opcode has.
    lengths: &'a [u8],
    files: Files<'d>,
    /// The place of the current file in the table.
    file: u32,
    is_wide: bool,
    /// The current file's name as rows start with it; `None` if there is no such file.
    name: Option<Vec<u8>>,
    /// The line range.
    range: Divisor,
}

/// A number that many are divided by.
#[derive(Clone, Copy)]
struct Divisor {
    by: u32,
    /// 2^16 divided by it, rounded up: a byte times that is the quotient times 2^16 and less than
    /// 2^16 more.
    reciprocal: u32,
}

impl Divisor {
    fn new(by: u8) -> Self {
        let by = u32::from(by.max(1));
        Self { by, reciprocal: (1u32 << 16).div_ceil(by) }
    }

    /// The quotient and the remainder.
    #[inline]
    fn divide(self, number: u8) -> (u32, u32) {
        let quotient = u32::from(number).wrapping_mul(self.reciprocal) >> 16;
        (quotient, u32::from(number).wrapping_sub(quotient.wrapping_mul(self.by)))
    }
}

impl<'a, 'd> Program<'a, 'd> {
    fn new(unit: &'a Header, lengths: &'a [u8], files: Files<'d>, is_wide: bool) -> Self {
        let state = State::new(unit);
        let range = Divisor::new(unit.line_range);
        let name = Some(Vec::new());
        let mut program = Self { state, unit, lengths, files, file: 0, is_wide, name, range };
        program.set_file(1);
        program
    }

    /// Takes the file with this number.
    fn set_file(&mut self, number: u64) {
        // Numbers start with 1 up to version 4.
        let base = u32::from(self.unit.version < 5);
        self.file = (number as u32).wrapping_sub(base);
        self.find_name();
    }

    fn find_name(&mut self) {
        let mut buf = self.name.take().unwrap_or_default();
        buf.clear();
        let name = if self.files.count == 0 {
            Some(&b"<unknown>"[..])
        } else {
            self.files.file(self.file).map(|file| file.name.unwrap_or(b"<unknown>"))
        };
        self.name = name.map(|name| {
            push_name(&mut buf, name, self.is_wide);
            buf
        });
    }

    fn show(&mut self, text: &mut Text, cursor: &mut Cursor<'d>, relief: Relief<'_>) {
        while cursor.position() < self.unit.end {
            let opcode = cursor.u8();
            if opcode >= self.unit.opcode_base {
                self.do_special(opcode);
                self.show_row(text, false);
            } else if opcode == 0 {
                self.do_extended(text, cursor);
            } else {
                self.do_standard(text, cursor, opcode);
            }
            if text.buf.len() >= RELIEF_AT {
                relief(text);
            }
        }
        text.put(b"\n");
    }

    fn do_special(&mut self, opcode: u8) {
        let special = opcode.wrapping_sub(self.unit.opcode_base);
        let (operations, line) = self.range.divide(special);
        self.state.advance(operations.into());
        let line = line.cast_signed().wrapping_add(self.unit.line_base.into());
        self.state.line = self.state.line.wrapping_add(line);
    }

    fn do_standard(&mut self, text: &mut Text, cursor: &mut Cursor<'d>, opcode: u8) {
        match opcode {
            opcode::COPY => self.show_row(text, false),
            opcode::ADVANCE_PC => {
                let operations = leb::unsigned(text, cursor);
                self.state.advance(operations);
            }
            opcode::ADVANCE_LINE => {
                let line = leb::signed_32(text, cursor);
                self.state.line = self.state.line.wrapping_add(line);
            }
            opcode::SET_FILE => {
                let number = leb::unsigned(text, cursor);
                self.set_file(number);
                self.show_file(text);
            }
            opcode::SET_COLUMN => {
                leb::unsigned(text, cursor);
            }
            opcode::NEGATE_STMT => self.state.is_stmt = !self.state.is_stmt,
            opcode::CONST_ADD_PC => {
                let special = u8::MAX.saturating_sub(self.unit.opcode_base);
                let (operations, _) = self.range.divide(special);
                self.state.advance(operations.into());
            }
            opcode::FIXED_ADVANCE_PC => self.state.advance_fixed(cursor.u16().into()),
            opcode::SET_BASIC_BLOCK | opcode::SET_PROLOGUE_END | opcode::SET_EPILOGUE_BEGIN => {}
            opcode::SET_ISA => {
                let isa = leb::unsigned(text, cursor);
                put!(text, "  Set ISA to {isa}\n");
            }
            _ => show_unknown(text, cursor, opcode, self.lengths),
        }
    }

    /// Does an extended opcode; the cursor is behind the 0 that announces it.
    fn do_extended(&mut self, text: &mut Text, cursor: &mut Cursor<'d>) {
        let start = cursor.position();
        // These are held to the unit.
        let mut operands = *cursor;
        operands.limit(self.unit.end);
        let length = leb::unsigned_32(text, &mut operands) as usize;
        if length == 0 || length > operands.remaining() {
            text.warn(format_args!("Badly formed extended line op encountered!"));
            return;
        }
        let own = operands.position().saturating_sub(start).saturating_add(1);
        let end = operands.position().saturating_add(length);
        operands.limit(end);
        let opcode = operands.u8();
        let mut beyond = *cursor;
        beyond.seek(operands.position());
        cursor.seek(end);
        match opcode {
            opcode::END_SEQUENCE => {
                self.show_row(text, true);
                text.put(b"\n");
                self.state.reset(self.unit);
                self.set_file(1);
            }
            opcode::SET_ADDRESS => {
                let size = length.saturating_sub(1);
                if size > ADDRESS_SIZE {
                    let message = format!(
                        "internal error: attempt to read {size} bytes of data in to {ADDRESS_SIZE} \
                         sized variable"
                    );
                    text.say(Level::OpenError, message.into_bytes());
                }
                let address = operands.uint(size.min(ADDRESS_SIZE));
                self.state.set_address(address);
            }
            opcode::DEFINE_FILE => {
                // GNU shows the name up to its NUL, wherever that is.
                let name = Some(beyond.string());
                operands.string();
                let directory = leb::unsigned_32(text, &mut operands);
                for _ in 0..2 {
                    leb::unsigned_32(text, &mut operands);
                }
                self.files.push(File { name, directory });
                self.find_name();
            }
            opcode::SET_DISCRIMINATOR | opcode::HP_SET_SEQUENCE => {}
            _ => put!(text, "UNKNOWN ({opcode}): length {own}\n"),
        }
    }

    /// Shows which file the rows that follow belong to.
    fn show_file(&self, text: &mut Text) {
        if self.files.count == 0 {
            put!(text, "\n [Use file table entry {}]\n", self.file.cast_signed());
            return;
        }
        let Some(file) = self.files.file(self.file) else {
            self.warn_file(text);
            put!(text, "\n <over large file table index {}>", self.file);
            return;
        };
        let name = file.name.unwrap_or(UNKNOWN);
        let Some(index) = directory_index(self.unit, file) else {
            text.put(b"\n./");
            text.put_name(name);
            text.put(b":[++]\n");
            return;
        };
        if self.files.directory_count == 0 {
            text.put(b"\n [Use file ");
            text.put_name(name);
            put!(text, " in directory table entry {}]\n", file.directory.cast_signed());
        } else if let Some(directory) = self.files.directory(index) {
            text.put(b"\n");
            text.put_name(directory);
            text.put(b"/");
            text.put_name(name);
            text.put(b":\n");
        } else {
            warn_directory(text, index, &self.files);
            put!(text, "\n <over large directory table entry {index}>\n");
        }
    }

    fn warn_file(&self, text: &mut Text) {
        text.warn(format_args!("file index {} >= number of files {}", self.file, self.files.count));
    }

    fn show_row(&mut self, text: &mut Text, is_end: bool) {
        if let Some(name) = &self.name {
            text.put(name);
        } else {
            self.warn_file(text);
            push_name(&mut text.buf, b"<corrupt>", true);
        }
        if is_end || self.state.has_operations() || self.state.view >= WIDE_VIEW {
            self.push_odd_tail(&mut text.buf, is_end);
        } else {
            let (tail, size) = self.tail();
            text.buf.extend_from_slice(tail.get(..size).unwrap_or_default());
        }
        self.state.view = self.state.view.wrapping_add(1);
    }

    /// What follows the name in most rows, and how much of it.
    #[inline]
    fn tail(&self) -> ([u8; TAIL], usize) {
        let mut tail = [b' '; TAIL];
        let mut end = VIEW_AT.end;
        if let Some(field) = tail.get_mut(LINE_AT) {
            place_signed(field, self.state.line);
        }
        if let Some(field) = tail.get_mut(ADDRESS_AT) {
            place_hex(field, self.state.address);
        }
        if self.state.view != 0
            && let Some(field) = tail.get_mut(VIEW_AT)
        {
            place_signed(field, self.state.view.cast_signed());
        }
        if self.state.is_stmt
            && let Some(mark) = tail.get_mut(STATEMENT_AT)
        {
            *mark = b'x';
            end = STATEMENT_AT.saturating_add(1);
        }
        if let Some(newline) = tail.get_mut(end) {
            *newline = b'\n';
        }
        (tail, end.saturating_add(1))
    }

    /// The same for rows of which columns are missing or wider.
    fn push_odd_tail(&self, buf: &mut Vec<u8>, is_end: bool) {
        if is_end {
            push_spaces(buf, LINE_WIDTH.saturating_add(1));
            buf.push(b'-');
        } else {
            buf.extend_from_slice(b"  ");
            push_signed_right(buf, self.state.line.into(), LINE_WIDTH);
        }
        buf.extend_from_slice(b"  ");
        push_hex_right(buf, self.state.address, ADDRESS_WIDTH);
        if self.state.has_operations() {
            buf.push(b'[');
            push_decimal(buf, self.state.operation.into());
            buf.push(b']');
        }
        if !is_end {
            if self.state.view == 0 {
                buf.extend_from_slice(b"        ");
            } else {
                buf.extend_from_slice(b"  ");
                push_signed_right(buf, self.state.view.into(), VIEW_WIDTH);
            }
            if self.state.is_stmt {
                buf.extend_from_slice(b"       x");
            }
        }
        buf.push(b'\n');
    }
}

/// Appends a name, in as many columns as rows have for it.
fn push_name(buf: &mut Vec<u8>, name: &[u8], is_wide: bool) {
    let cut = if is_wide { 0 } else { name.len().saturating_sub(NAME_WIDTH) };
    let shown = name.get(cut..).unwrap_or_default();
    Text::push_name(buf, shown);
    push_spaces(buf, NAME_WIDTH.saturating_sub(shown.len()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reciprocal_divides_all_bytes() {
        for by in 1..=u8::MAX {
            let divisor = Divisor::new(by);
            for number in 0..=u8::MAX {
                let expected = (u32::from(number / by), u32::from(number % by));
                assert_eq!(divisor.divide(number), expected, "{number} / {by}");
            }
        }
    }

    #[test]
    fn rows_are_the_same_however_they_are_made() {
        let encoding = Encoding { class: libelf::ident::Class::Elf64, endian: Endianness::Little };
        let data = [13, 0, 0, 0, 2, 0, 6, 0, 0, 0, 1, 1, 0xfb, 14, 1, 0, 0];
        let unit = Header::read(&data, 0, encoding).unwrap();
        let mut program = Program::new(&unit, &[], Files::default(), false);
        for (line, address, view) in
            [(1, 0, 0), (-1, 0x1234, 1), (i32::MIN, u64::MAX, 999_999), (i32::MAX, 15, 123)]
        {
            for is_stmt in [false, true] {
                let state = &mut program.state;
                (state.line, state.address, state.view) = (line, address, view);
                state.is_stmt = is_stmt;
                let mut odd = Vec::new();
                program.push_odd_tail(&mut odd, false);
                let (tail, size) = program.tail();
                assert_eq!(String::from_utf8_lossy(&tail[..size]), String::from_utf8_lossy(&odd));
            }
        }
    }
}
