//! Line number programs as they are stored, opcode by opcode.

use libelf::ident::Encoding;
use libelf::raw::Endianness;

use super::header::check_range;
use super::state::State;
use super::{Header, Strings, View, is_partial, opcode, tables};
use crate::dump::number::{push_decimal, push_hex, push_hex_padded, push_signed};
use crate::dump::{Cursor, Dump, Loaded, Relief, Stop, Text, leb};
use crate::put;
use crate::section::SectionId;

/// How much text is written before it is handed on.
pub(super) const RELIEF_AT: usize = 1 << 17;
/// The largest address that an opcode sets.
const ADDRESS_SIZE: usize = 8;

impl<'data> Dump<'_, 'data> {
    /// Shows line number programs as they are stored.
    pub(super) fn display_raw_lines(&mut self, section: &Loaded<'data>) -> bool {
        self.put_raw_title(section);
        let (str, line_str) = (self.known(SectionId::Str), self.load(SectionId::LineStr));
        let encoding = self.target.encoding;
        let strings = Strings {
            str: str.as_deref().map(|section| &*section.data),
            line_str: line_str.as_deref().map(|section| &*section.data),
            is_big: encoding.endian == Endianness::Big,
            is_wide: self.options.wide,
            offset_size: 4,
            delimiter: b'\t',
        };
        let data: &[u8] = &section.data;
        if is_partial(section) {
            let Some(header) = self.partial_line_header(View::Raw) else { return false };
            self.show_partial(data, header, encoding);
            return true;
        }
        self.show_line_units(section, View::Raw, |text, unit, relief| {
            show_unit(text, data, unit, encoding, strings, relief)
        })
    }

    /// Shows a program without a header.
    fn show_partial(&mut self, data: &[u8], header: Header, encoding: Encoding) {
        let header = Header { end: data.len(), ..header };
        let mut program =
            Program { state: State::new(&header), unit: &header, lengths: &[], file_count: 0 };
        let Self { text, host, .. } = self;
        program.show(text, &mut Cursor::new(data, encoding), &mut |text| host.print(text));
    }
}

fn show_unit(
    text: &mut Text,
    data: &[u8],
    unit: &Header,
    encoding: Encoding,
    strings: Strings<'_>,
    relief: Relief<'_>,
) -> Result<(), Stop> {
    show_header(text, unit);
    check_range(text, unit);
    let Some(lengths) = unit.opcode_lengths(data) else {
        text.warn(format_args!("Line Base extends beyond end of section"));
        return Err(Stop::Failed);
    };
    show_opcode_lengths(text, lengths);
    let mut cursor = Cursor::new(data, encoding);
    // An opcode base of 0 has the tables start a byte early.
    cursor.seek(unit.lengths_at.saturating_add(unit.opcode_base.into()).saturating_sub(1));
    let strings = Strings { offset_size: unit.offset_size, ..strings };
    let file_count = tables::show(text, &mut cursor, unit, strings)?;
    text.put(b"\n");
    let mut program = Program { state: State::new(unit), unit, lengths, file_count };
    program.show(text, &mut cursor, relief);
    // Neither tables nor operands are held to the unit, and the next one starts behind them.
    let end = cursor.position();
    if end > unit.end { Err(Stop::Resume(end)) } else { Ok(()) }
}

fn show_header(text: &mut Text, unit: &Header) {
    text.put(b"  Offset:                      ");
    push_hex(&mut text.buf, unit.offset as u64);
    put!(text, "\n  Length:                      {}\n", unit.length);
    put!(text, "  DWARF Version:               {}\n", unit.version);
    if unit.version >= 5 {
        put!(text, "  Address size (bytes):        {}\n", unit.address_size);
        put!(text, "  Segment selector (bytes):    {}\n", unit.segment_size);
    }
    put!(text, "  Prologue Length:             {}\n", unit.prologue_length as i32);
    put!(text, "  Minimum Instruction Length:  {}\n", unit.minimum_length);
    if unit.version >= 4 {
        put!(text, "  Maximum Ops per Instruction: {}\n", unit.maximum_operations);
    }
    put!(text, "  Initial value of 'is_stmt':  {}\n", unit.default_is_stmt);
    put!(text, "  Line Base:                   {}\n", unit.line_base);
    put!(text, "  Line Range:                  {}\n", unit.line_range);
    put!(text, "  Opcode Base:                 {}\n", unit.opcode_base);
}

fn show_opcode_lengths(text: &mut Text, lengths: &[u8]) {
    text.put(b"\n Opcodes:\n");
    for (opcode, &length) in (1..).zip(lengths) {
        text.put(b"  Opcode ");
        push_decimal(&mut text.buf, opcode);
        text.put(b" has ");
        push_decimal(&mut text.buf, length.into());
        text.put(if length == 1 { b" arg\n" } else { b" args\n" });
    }
}

/// A program that is being shown.
struct Program<'a> {
    state: State,
    unit: &'a Header,
    /// How many operands each standard opcode has.
    lengths: &'a [u8],
    /// How many files there are so far.
    file_count: u64,
}

impl Program<'_> {
    fn show(&mut self, text: &mut Text, cursor: &mut Cursor<'_>, relief: Relief<'_>) {
        if cursor.position() >= self.unit.end {
            text.put(b" No Line Number Statements.\n");
            return;
        }
        text.put(b" Line Number Statements:\n");
        while cursor.position() < self.unit.end {
            text.put(b"  [0x");
            push_hex_padded(&mut text.buf, cursor.position() as u64, 8);
            text.put(b"]");
            let opcode = cursor.u8();
            if opcode >= self.unit.opcode_base {
                self.show_special(text, opcode);
            } else if opcode == 0 {
                self.show_extended(text, cursor);
            } else {
                self.show_standard(text, cursor, opcode);
            }
            if text.buf.len() >= RELIEF_AT {
                relief(text);
            }
        }
        text.put(b"\n");
    }

    fn show_special(&mut self, text: &mut Text, opcode: u8) {
        let special = opcode.wrapping_sub(self.unit.opcode_base);
        let range = self.unit.usable_range();
        let operations = special.checked_div(range).unwrap_or(0);
        let line = special.checked_rem(range).unwrap_or(0);
        let line = i32::from(line).wrapping_add(self.unit.line_base.into());
        let advance = self.state.advance(operations.into());
        self.state.line = self.state.line.wrapping_add(line);
        text.put(b"  Special opcode ");
        let buf = &mut text.buf;
        push_decimal(buf, special.into());
        buf.extend_from_slice(b": advance Address by ");
        push_decimal(buf, advance);
        buf.extend_from_slice(b" to ");
        self.push_place(buf);
        buf.extend_from_slice(b" and Line by ");
        push_signed(buf, line.into());
        buf.extend_from_slice(b" to ");
        push_signed(buf, self.state.line.into());
        self.end_row(text);
    }

    /// The address, and the operation where there are several.
    fn push_place(&self, buf: &mut Vec<u8>) {
        push_hex(buf, self.state.address);
        if self.state.has_operations() {
            buf.push(b'[');
            push_decimal(buf, self.state.operation.into());
            buf.push(b']');
        }
    }

    /// Ends the line of an opcode that makes a row.
    fn end_row(&mut self, text: &mut Text) {
        if self.state.view != 0 {
            text.put(b" (view ");
            push_decimal(&mut text.buf, self.state.view.into());
            text.put(b")");
        }
        text.put(b"\n");
        self.state.view = self.state.view.wrapping_add(1);
    }

    fn show_standard(&mut self, text: &mut Text, cursor: &mut Cursor<'_>, opcode: u8) {
        match opcode {
            opcode::COPY => {
                text.put(b"  Copy");
                self.end_row(text);
            }
            opcode::ADVANCE_PC => {
                let operations = leb::unsigned(text, cursor);
                let advance = self.state.advance(operations);
                text.put(b"  Advance PC by ");
                push_decimal(&mut text.buf, advance);
                text.put(b" to ");
                self.push_place(&mut text.buf);
                text.put(b"\n");
            }
            opcode::ADVANCE_LINE => {
                let line = leb::signed(text, cursor);
                self.state.line = self.state.line.wrapping_add(line as i32);
                text.put(b"  Advance Line by ");
                push_signed(&mut text.buf, line);
                text.put(b" to ");
                push_signed(&mut text.buf, self.state.line.into());
                text.put(b"\n");
            }
            opcode::SET_FILE => {
                let file = leb::unsigned(text, cursor);
                text.put(b"  Set File Name to entry ");
                push_decimal(&mut text.buf, file);
                text.put(b" in the File Name Table\n");
            }
            opcode::SET_COLUMN => {
                let column = leb::unsigned(text, cursor);
                text.put(b"  Set column to ");
                push_decimal(&mut text.buf, column);
                text.put(b"\n");
            }
            opcode::NEGATE_STMT => self.negate_stmt(text),
            opcode::SET_BASIC_BLOCK => text.put(b"  Set basic block\n"),
            opcode::CONST_ADD_PC => {
                let special = u8::MAX.saturating_sub(self.unit.opcode_base);
                let operations = special.checked_div(self.unit.usable_range()).unwrap_or(0);
                let advance = self.state.advance_instructions(operations.into());
                text.put(b"  Advance PC by constant ");
                push_decimal(&mut text.buf, advance);
                self.push_to_address(text);
            }
            opcode::FIXED_ADVANCE_PC => {
                let amount = u64::from(cursor.u16());
                self.state.advance_fixed(amount);
                text.put(b"  Advance PC by fixed size amount ");
                push_decimal(&mut text.buf, amount);
                self.push_to_address(text);
            }
            opcode::SET_PROLOGUE_END => text.put(b"  Set prologue_end to true\n"),
            opcode::SET_EPILOGUE_BEGIN => text.put(b"  Set epilogue_begin to true\n"),
            opcode::SET_ISA => {
                let isa = leb::unsigned(text, cursor);
                text.put(b"  Set ISA to ");
                push_decimal(&mut text.buf, isa);
                text.put(b"\n");
            }
            _ => show_unknown(text, cursor, opcode, self.lengths),
        }
    }

    fn push_to_address(&self, text: &mut Text) {
        text.put(b" to ");
        push_hex(&mut text.buf, self.state.address);
        text.put(b"\n");
    }

    fn negate_stmt(&mut self, text: &mut Text) {
        self.state.is_stmt = !self.state.is_stmt;
        text.put(b"  Set is_stmt to ");
        text.put(if self.state.is_stmt { b"1\n" } else { b"0\n" });
    }

    /// Shows an extended opcode; the cursor is behind the 0 that announces it.
    fn show_extended(&mut self, text: &mut Text, cursor: &mut Cursor<'_>) {
        let length = leb::unsigned(text, cursor);
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if length == 0 || cursor.is_at_end() || length > cursor.remaining() {
            text.warn(format_args!("Badly formed extended line op encountered!"));
            return;
        }
        let end = cursor.position().saturating_add(length);
        // Numbers and names are not held to the length.
        let mut beyond = *cursor;
        let mut operands = cursor.part(length);
        let opcode = operands.u8();
        beyond.u8();
        cursor.seek(end);
        text.put(b"  Extended opcode ");
        push_decimal(&mut text.buf, opcode.into());
        text.put(b": ");
        match opcode {
            opcode::END_SEQUENCE => {
                text.put(b"End of Sequence\n\n");
                self.state.reset(self.unit);
                self.file_count = 0;
            }
            opcode::SET_ADDRESS => self.set_address(text, &mut operands),
            opcode::DEFINE_FILE => self.define_file(text, &mut beyond, end),
            opcode::SET_DISCRIMINATOR => {
                let discriminator = leb::unsigned(text, &mut beyond);
                text.put(b"set Discriminator to ");
                push_decimal(&mut text.buf, discriminator);
                text.put(b"\n");
            }
            opcode::HP_SOURCE_FILE_CORRELATION => show_correlation(text, &mut operands),
            _ => show_unknown_extended(text, opcode, operands.rest()),
        }
    }

    fn set_address(&mut self, text: &mut Text, operands: &mut Cursor<'_>) {
        let size = operands.remaining();
        let mut address = 0;
        if size > ADDRESS_SIZE {
            text.warn(format_args!("Length ({size}) of DW_LNE_set_address op is too long"));
        } else {
            address = operands.uint(size);
        }
        self.state.set_address(address);
        text.put(b"set Address to ");
        push_hex(&mut text.buf, address);
        text.put(b"\n");
    }

    fn define_file(&mut self, text: &mut Text, operands: &mut Cursor<'_>, end: usize) {
        text.put(b"define new File Table entry\n  Entry\tDir\tTime\tSize\tName\n   ");
        self.file_count = self.file_count.wrapping_add(1);
        push_decimal(&mut text.buf, self.file_count);
        text.put(b"\t");
        let name = operands.string();
        for _ in 0..3 {
            let number = leb::unsigned(text, operands);
            push_decimal(&mut text.buf, number);
            text.put(b"\t");
        }
        text.put_name(name);
        text.put(b"\n\n");
        if operands.is_at_end() || operands.position() != end {
            text.warn(format_args!("DW_LNE_define_file: Bad opcode length"));
        }
    }
}

/// Shows a standard opcode that has no name, with its operands.
pub(super) fn show_unknown(text: &mut Text, cursor: &mut Cursor<'_>, opcode: u8, lengths: &[u8]) {
    put!(text, "  Unknown opcode {opcode} with operands: ");
    let count = lengths.get(usize::from(opcode).saturating_sub(1)).copied().unwrap_or(0);
    for index in 0..count {
        let operand = leb::unsigned(text, cursor);
        push_hex(&mut text.buf, operand);
        if index.saturating_add(1) != count {
            text.put(b", ");
        }
    }
    text.put(b"\n");
}

fn show_unknown_extended(text: &mut Text, opcode: u8, operands: &[u8]) {
    if let Some(name) = opcode::hp_name(opcode) {
        put!(text, "{name}\n");
        return;
    }
    text.put(if opcode >= opcode::LO_USER { b"user defined: " } else { b"UNKNOWN: " });
    put!(text, "length {} [", operands.len());
    for byte in operands {
        put!(text, " {byte:02x}");
    }
    text.put(b"]\n");
}

/// Shows what `DW_LNE_HP_source_file_correlation` says.
fn show_correlation(text: &mut Text, operands: &mut Cursor<'_>) {
    text.put(b"DW_LNE_HP_source_file_correlation\n");
    while !operands.is_at_end() {
        match leb::unsigned_32(text, operands) {
            opcode::HP_SFC_FORMFEED => text.put(b"    DW_LNE_HP_SFC_formfeed\n"),
            opcode::HP_SFC_SET_LISTING_LINE => {
                let line = leb::unsigned(text, operands);
                put!(text, "    DW_LNE_HP_SFC_set_listing_line ({line})\n");
            }
            opcode::HP_SFC_ASSOCIATE => {
                text.put(b"    DW_LNE_HP_SFC_associate ");
                for before in [b'(', b',', b','] {
                    let number = leb::unsigned(text, operands);
                    text.buf.push(before);
                    push_decimal(&mut text.buf, number);
                }
                text.put(b")\n");
            }
            unknown => {
                put!(text, "    UNKNOWN DW_LNE_HP_SFC opcode ({unknown})\n");
                return;
            }
        }
    }
}
