//! Running call frame instructions: shown one by one, or as rows.
//!
//! They are gone through twice. The first time it is only seen which registers they speak of, so
//! that all rows have the same columns.

use crate::dump::number::{push_address, push_decimal, push_hex, push_signed};
use crate::dump::{Cursor, Text, leb, pointer};

use super::entry::{Cie, Frames};
use super::instruction as code;
use super::row::{Rule, State, push_offset};

/// What is said where no more is shown.
pub const TOO_MUCH: &str = "Too many rows with too many columns";
/// The text of an entry is at most this much, and for each byte of its instructions
const TEXT_OF_ENTRY: usize = 1 << 16;
/// as much more. A row of few bytes may have a thousand columns.
const TEXT_OF_BYTE: usize = 256;
/// The columns of all states that are remembered at once, at most.
const REMEMBERED_COLUMNS: usize = 1 << 20;

/// The instructions of an entry.
pub struct Code<'c, 's> {
    /// The section.
    pub frames: &'c Frames<'s>,
    /// What the entry depends on; a CIE on itself.
    pub cie: &'c Cie<'s>,
    /// Up to the end of the entry.
    pub instructions: Cursor<'s>,
    /// The address where the first row starts.
    pub pc: u64,
    /// Whether they are a CIE's, or of an FDE without one.
    pub is_cie: bool,
}

/// What goes on from one instruction to the next.
struct Run<'r> {
    text: &'r mut Text,
    state: &'r mut State,
    pc: u64,
    /// Whether the rules are shown later.
    keeps_rules: bool,
    remembered: Vec<State>,
    /// The columns in all of them.
    remembered_columns: usize,
    has_header: bool,
    /// Whether there was anything but padding.
    is_row_due: bool,
}

impl Code<'_, '_> {
    /// Shows all; `state` is what they come to.
    pub fn run(&self, text: &mut Text, state: &mut State) {
        self.mention_registers(text, state);
        let limit = text
            .buf
            .len()
            .saturating_add(TEXT_OF_ENTRY)
            .saturating_add(self.instructions.remaining().saturating_mul(TEXT_OF_BYTE));
        let mut run = Run {
            text,
            state,
            pc: self.pc,
            keeps_rules: self.frames.as_rows,
            remembered: Vec::new(),
            remembered_columns: 0,
            has_header: false,
            is_row_due: false,
        };
        let mut cursor = self.instructions;
        while !cursor.is_at_end() {
            let opcode = cursor.u8();
            if opcode != code::NOP {
                run.is_row_due = true;
            }
            if !self.step(&mut run, &mut cursor, opcode) {
                break;
            }
            if run.text.buf.len() > limit || run.remembered_columns > REMEMBERED_COLUMNS {
                run.text.warn(format_args!("{TOO_MUCH}"));
                return;
            }
        }
        if self.frames.as_rows && run.is_row_due {
            self.put_row(&mut run);
        }
    }

    /// Gives each register that is spoken of a column.
    fn mention_registers(&self, text: &mut Text, state: &mut State) {
        let mut cursor = self.instructions;
        let mut mentioned = Vec::new();
        let mut mention = |text: &mut Text, register: u32| {
            if state.make_room(text, self.frames.registers, register) {
                if self.frames.as_rows {
                    mentioned.push(register);
                }
            } else if !state.has_room(0) {
                mentioned.clear();
            }
        };
        while !cursor.is_at_end() {
            let opcode = cursor.u8();
            match opcode & code::PRIMARY {
                code::OFFSET => {
                    mention(text, (opcode & code::OPERAND).into());
                    cursor.unsigned();
                    continue;
                }
                code::RESTORE => {
                    mention(text, (opcode & code::OPERAND).into());
                    continue;
                }
                code::ADVANCE_LOC => continue,
                _ => (),
            }
            match opcode {
                code::SET_LOC => {
                    let size = pointer::size(self.cie.encoding, self.cie.address_size);
                    cursor.bytes(size);
                }
                code::ADVANCE_LOC1 => _ = cursor.bytes(1),
                code::ADVANCE_LOC2 => _ = cursor.bytes(2),
                code::ADVANCE_LOC4 => _ = cursor.bytes(4),
                code::MIPS_ADVANCE_LOC8 => _ = cursor.bytes(8),
                code::OFFSET_EXTENDED
                | code::OFFSET_EXTENDED_SF
                | code::VAL_OFFSET
                | code::VAL_OFFSET_SF
                | code::REGISTER
                | code::GNU_NEGATIVE_OFFSET_EXTENDED => {
                    let register = leb::unsigned_32(text, &mut cursor);
                    cursor.unsigned();
                    mention(text, register);
                }
                code::RESTORE_EXTENDED | code::UNDEFINED | code::SAME_VALUE => {
                    let register = leb::unsigned_32(text, &mut cursor);
                    mention(text, register);
                }
                code::DEF_CFA | code::DEF_CFA_SF => {
                    cursor.unsigned();
                    cursor.unsigned();
                }
                code::DEF_CFA_REGISTER
                | code::DEF_CFA_OFFSET
                | code::DEF_CFA_OFFSET_SF
                | code::GNU_ARGS_SIZE => _ = cursor.unsigned(),
                code::DEF_CFA_EXPRESSION => skip_expression(text, &mut cursor),
                code::EXPRESSION | code::VAL_EXPRESSION => {
                    let register = leb::unsigned_32(text, &mut cursor);
                    skip_expression(text, &mut cursor);
                    mention(text, register);
                }
                _ => (),
            }
        }
        state.mention(&mut mentioned);
    }

    /// Runs one instruction. Returns whether the next can be read.
    fn step(&self, run: &mut Run<'_>, cursor: &mut Cursor<'_>, opcode: u8) -> bool {
        let cie = self.cie;
        let low = u32::from(opcode & code::OPERAND);
        match opcode & code::PRIMARY {
            code::ADVANCE_LOC => {
                let by = low.wrapping_mul(cie.code_factor);
                self.advance(run, b"advance_loc", by.into(), i64::from(by.cast_signed()));
                return true;
            }
            code::OFFSET => {
                let offset = self.offset(run, cursor);
                self.set_offset(run, b"offset", low, b" at cfa", offset, Rule::Offset);
                return true;
            }
            code::RESTORE => {
                self.restore(run, b"restore", low);
                return true;
            }
            _ => (),
        }
        match opcode {
            code::NOP => self.show_plain(run, b"nop"),
            code::SET_LOC => self.set_loc(run, cursor),
            code::ADVANCE_LOC1 => self.advance_by(run, cursor, b"advance_loc1", 1),
            code::ADVANCE_LOC2 => self.advance_by(run, cursor, b"advance_loc2", 2),
            code::ADVANCE_LOC4 => self.advance_by(run, cursor, b"advance_loc4", 4),
            code::MIPS_ADVANCE_LOC8 => self.advance_by(run, cursor, b"MIPS_advance_loc8", 8),
            code::OFFSET_EXTENDED => {
                let register = leb::unsigned_32(run.text, cursor);
                let offset = self.offset(run, cursor);
                self.set_offset(
                    run,
                    b"offset_extended",
                    register,
                    b" at cfa",
                    offset,
                    Rule::Offset,
                );
            }
            code::VAL_OFFSET => {
                let register = leb::unsigned_32(run.text, cursor);
                let offset = self.offset(run, cursor);
                self.set_offset(run, b"val_offset", register, b" is cfa", offset, Rule::ValOffset);
            }
            code::OFFSET_EXTENDED_SF => {
                let (register, offset) = self.register_and_signed(run, cursor);
                let name = b"offset_extended_sf";
                self.set_offset(run, name, register, b" at cfa", offset, Rule::Offset);
            }
            code::VAL_OFFSET_SF => {
                let (register, offset) = self.register_and_signed(run, cursor);
                let name = b"val_offset_sf";
                self.set_offset(run, name, register, b" is cfa", offset, Rule::ValOffset);
            }
            code::GNU_NEGATIVE_OFFSET_EXTENDED => {
                let (register, offset) = self.register_and_signed(run, cursor);
                let offset = offset.wrapping_neg();
                let name = b"GNU_negative_offset_extended";
                self.set_offset(run, name, register, b" at cfa", offset, Rule::Offset);
            }
            code::RESTORE_EXTENDED => {
                let register = leb::unsigned_32(run.text, cursor);
                self.restore(run, b"restore_extended", register);
            }
            code::UNDEFINED => {
                let register = leb::unsigned_32(run.text, cursor);
                self.show_register(run, b"undefined", register, b"\n");
                set(run, register, Rule::Undefined);
            }
            code::SAME_VALUE => {
                let register = leb::unsigned_32(run.text, cursor);
                self.show_register(run, b"same_value", register, b"\n");
                set(run, register, Rule::SameValue);
            }
            code::REGISTER => self.in_register(run, cursor),
            code::REMEMBER_STATE => {
                self.show_plain(run, b"remember_state");
                run.remembered_columns = run.remembered_columns.saturating_add(run.state.width());
                run.remembered.push(run.state.clone());
            }
            code::RESTORE_STATE => {
                self.show_plain(run, b"restore_state");
                match run.remembered.pop() {
                    Some(state) => {
                        run.remembered_columns =
                            run.remembered_columns.saturating_sub(state.width());
                        *run.state = state;
                    }
                    None if self.frames.as_rows => {
                        run.text.put(b"Mismatched DW_CFA_restore_state\n");
                    }
                    None => (),
                }
            }
            code::DEF_CFA => {
                let register = leb::unsigned_32(run.text, cursor);
                let offset = leb::unsigned(run.text, cursor) as i32;
                self.def_cfa(run, b"def_cfa", register, offset.into());
            }
            code::DEF_CFA_SF => {
                let (register, offset) = self.register_and_signed(run, cursor);
                self.def_cfa(run, b"def_cfa_sf", register, offset);
            }
            code::DEF_CFA_REGISTER => {
                let register = leb::unsigned_32(run.text, cursor);
                self.def_cfa_register(run, register);
            }
            code::DEF_CFA_OFFSET => {
                let offset = leb::unsigned(run.text, cursor) as i32;
                self.def_cfa_offset(run, b"def_cfa_offset", offset.into());
            }
            code::DEF_CFA_OFFSET_SF => {
                let offset = leb::signed(run.text, cursor).wrapping_mul(cie.data_factor.into());
                self.def_cfa_offset(run, b"def_cfa_offset_sf", offset);
            }
            code::DEF_CFA_EXPRESSION => {
                if self.show_expression(run, cursor, b"def_cfa_expression", None) {
                    run.state.cfa_is_expression = true;
                }
            }
            code::EXPRESSION => {
                let register = leb::unsigned_32(run.text, cursor);
                if self.show_expression(run, cursor, b"expression", Some(register)) {
                    set(run, register, Rule::Expression);
                }
            }
            code::VAL_EXPRESSION => {
                let register = leb::unsigned_32(run.text, cursor);
                if self.show_expression(run, cursor, b"val_expression", Some(register)) {
                    set(run, register, Rule::ValExpression);
                }
            }
            code::GNU_WINDOW_SAVE if self.frames.is_aarch64 => {
                self.show_plain(run, b"AARCH64_negate_ra_state");
            }
            code::GNU_WINDOW_SAVE => self.show_plain(run, b"GNU_window_save"),
            code::GNU_ARGS_SIZE => {
                let size = leb::unsigned(run.text, cursor);
                if !self.frames.as_rows {
                    let buf = start(run, b"GNU_args_size");
                    buf.extend_from_slice(b": ");
                    push_signed(buf, size.cast_signed());
                    buf.push(b'\n');
                }
            }
            _ => return Self::unknown(run, opcode),
        }
        true
    }

    fn unknown(run: &mut Run<'_>, opcode: u8) -> bool {
        if opcode >= code::LO_USER {
            let buf = start(run, b"??? (User defined call frame op: ");
            push_hex(buf, opcode.into());
            buf.extend_from_slice(b")\n");
        } else {
            run.text.warn(format_args!(
                "Unsupported or unknown Dwarf Call Frame Instruction number: {opcode:#x}"
            ));
        }
        false
    }

    /// An unsigned operand, a multiple of the data alignment factor.
    fn offset(&self, run: &mut Run<'_>, cursor: &mut Cursor<'_>) -> i64 {
        let factor = i64::from(self.cie.data_factor);
        leb::unsigned(run.text, cursor).cast_signed().wrapping_mul(factor)
    }

    fn register_and_signed(&self, run: &mut Run<'_>, cursor: &mut Cursor<'_>) -> (u32, i64) {
        let register = leb::unsigned_32(run.text, cursor);
        let offset = leb::signed(run.text, cursor);
        (register, offset.wrapping_mul(self.cie.data_factor.into()))
    }

    fn advance_by(&self, run: &mut Run<'_>, cursor: &mut Cursor<'_>, name: &[u8], size: usize) {
        let by = cursor.uint_so_far(size).wrapping_mul(self.cie.code_factor.into());
        self.advance(run, name, by, by.cast_signed());
    }

    fn advance(&self, run: &mut Run<'_>, name: &[u8], by: u64, shown: i64) {
        let to = run.pc.wrapping_add(by);
        if self.frames.as_rows {
            self.put_row(run);
        } else {
            let buf = start(run, name);
            buf.extend_from_slice(b": ");
            push_signed(buf, shown);
            buf.extend_from_slice(b" to ");
            push_address(buf, to, self.cie.address_size);
            buf.push(b'\n');
        }
        run.pc = to;
    }

    fn set_loc(&self, run: &mut Run<'_>, cursor: &mut Cursor<'_>) {
        let to = self.frames.encoded(run.text, cursor, self.cie);
        if self.frames.as_rows {
            self.put_row(run);
        } else {
            let buf = start(run, b"set_loc: ");
            push_address(buf, to, self.cie.address_size);
            buf.push(b'\n');
        }
        run.pc = to;
    }

    fn set_offset(
        &self,
        run: &mut Run<'_>,
        name: &[u8],
        register: u32,
        relation: &[u8],
        offset: i64,
        rule: fn(i64) -> Rule,
    ) {
        if self.show_register(run, name, register, relation) {
            push_offset(&mut run.text.buf, offset);
            run.text.put(b"\n");
        }
        set(run, register, rule(offset));
    }

    fn restore(&self, run: &mut Run<'_>, name: &[u8], register: u32) {
        self.show_register(run, name, register, b"\n");
        if self.is_cie {
            return;
        }
        let rule = self.cie.state.rule(register).unwrap_or(Rule::Undefined);
        set(run, register, rule);
    }

    fn in_register(&self, run: &mut Run<'_>, cursor: &mut Cursor<'_>) {
        let saved = leb::unsigned_32(run.text, cursor);
        let other = leb::unsigned_32(run.text, cursor);
        if self.show_register(run, b"register", saved, b" in ") {
            self.frames.registers.put(&mut run.text.buf, other);
            run.text.put(b"\n");
        }
        set(run, saved, Rule::Register(other));
    }

    fn def_cfa(&self, run: &mut Run<'_>, name: &[u8], register: u32, offset: i64) {
        if !self.frames.as_rows {
            let buf = start(run, name);
            buf.extend_from_slice(b": ");
            self.frames.registers.put(buf, register);
            buf.extend_from_slice(b" ofs ");
            push_signed(buf, offset);
            buf.push(b'\n');
        }
        run.state.cfa_register = register;
        run.state.cfa_offset = offset as i32;
        run.state.cfa_is_expression = false;
    }

    fn def_cfa_register(&self, run: &mut Run<'_>, register: u32) {
        if !self.frames.as_rows {
            let buf = start(run, b"def_cfa_register: ");
            self.frames.registers.put(buf, register);
            buf.push(b'\n');
        }
        run.state.cfa_register = register;
        run.state.cfa_is_expression = false;
    }

    fn def_cfa_offset(&self, run: &mut Run<'_>, name: &[u8], offset: i64) {
        if !self.frames.as_rows {
            let buf = start(run, name);
            buf.extend_from_slice(b": ");
            push_signed(buf, offset);
            buf.push(b'\n');
        }
        run.state.cfa_offset = offset as i32;
    }

    /// Shows an expression. Returns whether there is one.
    fn show_expression(
        &self,
        run: &mut Run<'_>,
        cursor: &mut Cursor<'_>,
        name: &[u8],
        register: Option<u32>,
    ) -> bool {
        let size = leb::unsigned(run.text, cursor);
        let left = cursor.remaining();
        if size > left as u64 {
            let buf = start(run, name);
            buf.extend_from_slice(b": <corrupt len ");
            push_decimal(buf, size);
            buf.extend_from_slice(b">\n");
            return false;
        }
        let place = cursor.position();
        let bytes = cursor.bytes(size as usize);
        let is_shown = match register {
            Some(register) => self.show_register(run, name, register, b" ("),
            None if self.frames.as_rows => false,
            None => {
                start(run, name).extend_from_slice(b" (");
                true
            }
        };
        if is_shown {
            self.frames.put_expression(run.text, bytes, place, self.cie.address_size);
            run.text.put(b")\n");
        }
        true
    }

    /// An instruction without operands.
    fn show_plain(&self, run: &mut Run<'_>, name: &[u8]) {
        if !self.frames.as_rows {
            start(run, name).push(b'\n');
        }
    }

    /// The name of an instruction and its register. Where rows are shown, only registers that have
    /// no place in them are. Returns whether it is shown.
    fn show_register(&self, run: &mut Run<'_>, name: &[u8], register: u32, behind: &[u8]) -> bool {
        let is_good = run.state.has_room(register);
        if self.frames.as_rows && is_good {
            return false;
        }
        let buf = start(run, name);
        buf.extend_from_slice(if is_good { b": " } else { b": bad register: " });
        self.frames.registers.put(buf, register);
        buf.extend_from_slice(behind);
        true
    }

    fn put_row(&self, run: &mut Run<'_>) {
        let buf = &mut run.text.buf;
        if !run.has_header {
            let size = self.cie.address_size;
            run.state.put_header(buf, self.frames.registers, size, self.cie.ra);
            run.has_header = true;
        }
        push_address(buf, run.pc, self.cie.address_size);
        run.state.put_row(buf, self.frames.registers);
    }
}

/// Gives a register a rule, if it has a place.
fn set(run: &mut Run<'_>, register: u32, rule: Rule) {
    if run.keeps_rules && run.state.has_room(register) {
        run.state.set(register, rule);
    }
}

fn start<'r>(run: &'r mut Run<'_>, name: &[u8]) -> &'r mut Vec<u8> {
    let buf = &mut run.text.buf;
    buf.extend_from_slice(b"  DW_CFA_");
    buf.extend_from_slice(name);
    buf
}

fn skip_expression(text: &mut Text, cursor: &mut Cursor<'_>) {
    let size = leb::unsigned(text, cursor);
    cursor.bytes(usize::try_from(size).unwrap_or(usize::MAX));
}
