//! Instructions of call frames, run. DWARF 5, section 6.4.2.
//!
//! The instructions of the CIE make the rules that hold at the start of the function; those of the
//! FDE change them and go on to the next address, which ends a row. Beside those of the standard,
//! these are known:
//!
//! | instruction | machines | what it does |
//! |---|---|---|
//! | `DW_CFA_MIPS_advance_loc8` | all | goes on by a distance of 8 bytes |
//! | `DW_CFA_GNU_window_save` | SPARC | the window of registers is on the stack, and is the caller's |
//! | `DW_CFA_AARCH64_negate_ra_state` | AArch64 | the return address is signed, or no longer |
//! | `DW_CFA_GNU_args_size`, `…_negative_offset_extended` | all | old GCC's |

use gimli::{DwCfa, Error, Reader as _, constants as dw};
use libelf::raw::{self, Machine};

use super::entry::{Fde, Table};
use super::row::{Cfa, Row, Rule};
use crate::load::Slice;

/// Registers that may have a rule at the same time: no machine has so many.
const MAX_RULES: usize = 512;
/// States that may be remembered at the same time.
const MAX_STATES: usize = 32;
/// Rules that may be copied for states of one function: hostile ones remember and restore for ever.
const MAX_COPIES: usize = 1 << 24;
/// The bits of an instruction that has its operand in the other ones.
const HIGH: u8 = 0xc0;
/// AArch64: code 0x2d, and the same where the address of the instruction is signed with it.
const AARCH64_NEGATE: u8 = 0x2d;
const AARCH64_NEGATE_WITH_PC: u8 = 0x2c;
/// AArch64: a register that does not exist, 1 where the return address is signed.
pub(super) const AARCH64_SIGN_STATE: u32 = 34;

/// SPARC: the registers that a window saves, those of them that the caller has under other numbers
/// (`%o0` are the callee's `%i0`), and how far those are.
const SPARC_OUT: std::ops::Range<u32> = 8..16;
const SPARC_WINDOW: std::ops::Range<u32> = 16..32;
const SPARC_OUT_TO_IN: u32 = 16;

/// What holds at an address.
#[derive(Clone, Debug, Default)]
struct Rules<'data> {
    cfa: Option<Cfa<'data>>,
    args_size: u64,
    /// Ascending.
    registers: Vec<(u32, Rule<'data>)>,
}

impl<'data> Rules<'data> {
    fn set(&mut self, register: u32, rule: Rule<'data>) -> Result<(), Error> {
        match self.registers.binary_search_by_key(&register, |&(known, _)| known) {
            Ok(at) => {
                if let Some(slot) = self.registers.get_mut(at) {
                    slot.1 = rule;
                }
            }
            Err(_) if self.registers.len() >= MAX_RULES => return Err(Error::TooManyRegisterRules),
            Err(at) => self.registers.insert(at, (register, rule)),
        }
        Ok(())
    }

    fn get(&self, register: u32) -> Option<Rule<'data>> {
        let at = self.registers.binary_search_by_key(&register, |&(known, _)| known).ok()?;
        self.registers.get(at).map(|&(_, rule)| rule)
    }

    fn forget(&mut self, register: u32) {
        self.registers.retain(|&(known, _)| known != register);
    }
}

/// Runs the instructions of one function.
struct Run<'a, 'data> {
    table: &'a Table<'data>,
    fde: &'a Fde<'data>,
    machine: Machine,
    rules: Rules<'data>,
    /// Those at the start of the function.
    initial: Option<Rules<'data>>,
    states: Vec<Rules<'data>>,
    copies: usize,
    location: u64,
}

/// Hands each row of `fde` between whose addresses `is_wanted` says so to `wanted`, as long as that
/// says so.
///
/// # Errors
/// If an instruction is damaged, unknown, or must not be where it is.
pub(super) fn rows<'data>(
    table: &Table<'data>,
    fde: &Fde<'data>,
    machine: Machine,
    is_wanted: impl Fn(u64, u64) -> bool,
    mut wanted: impl FnMut(Row<'data>) -> bool,
) -> Result<(), Error> {
    let [common, own] = fde.instructions()?;
    let mut run = Run {
        table,
        fde,
        machine,
        rules: Rules::default(),
        initial: None,
        states: Vec::new(),
        copies: 0,
        location: fde.start,
    };
    let mut reader = common;
    while !reader.is_empty() {
        run.step(&mut reader)?;
    }
    // What a CIE advances belongs to no function.
    run.location = fde.start;
    run.initial = Some(run.rules.clone());
    let mut reader = own;
    let mut start = fde.start;
    loop {
        let is_over = reader.is_empty();
        if is_over {
            run.location = fde.end;
        }
        let end = run.location;
        if start < end && is_wanted(start, end) && !wanted(run.row(start, end)?) {
            return Ok(());
        }
        if is_over {
            return Ok(());
        }
        start = end;
        // All that changes rules at one address.
        while !reader.is_empty() && run.location == start {
            run.step(&mut reader)?;
        }
    }
}

impl<'data> Run<'_, 'data> {
    fn row(&self, start: u64, end: u64) -> Result<Row<'data>, Error> {
        let cfa = self.rules.cfa.ok_or(Error::CfiInstructionInInvalidContext)?;
        Ok(Row::new(start, end, cfa, self.rules.args_size, self.rules.registers.clone()))
    }

    /// Runs one instruction.
    fn step(&mut self, reader: &mut Slice<'data>) -> Result<(), Error> {
        let code = reader.read_u8()?;
        let low = code & !HIGH;
        match DwCfa(code & HIGH) {
            dw::DW_CFA_advance_loc => return self.advance(low.into()),
            dw::DW_CFA_offset => {
                let offset = self.scaled(reader)?;
                return self.rules.set(low.into(), Rule::Offset(offset));
            }
            dw::DW_CFA_restore => return self.restore(low.into()),
            _ => {}
        }
        match DwCfa(code) {
            dw::DW_CFA_nop => Ok(()),
            dw::DW_CFA_set_loc => {
                let location = self.fde.cie.read_address(self.table, reader)?;
                if location < self.location {
                    return Err(Error::InvalidCfiSetLoc(location));
                }
                self.location = location;
                Ok(())
            }
            dw::DW_CFA_advance_loc1 => self.advance(reader.read_u8()?.into()),
            dw::DW_CFA_advance_loc2 => self.advance(reader.read_u16()?.into()),
            dw::DW_CFA_advance_loc4 => self.advance(reader.read_u32()?.into()),
            dw::DW_CFA_MIPS_advance_loc8 => self.advance(reader.read_u64()?),
            dw::DW_CFA_remember_state => self.remember(),
            dw::DW_CFA_restore_state => {
                self.rules = self.states.pop().ok_or(Error::PopWithEmptyStack)?;
                Ok(())
            }
            dw::DW_CFA_restore_extended => {
                let register = reader.read_uleb128_u32()?;
                self.restore(register)
            }
            dw::DW_CFA_GNU_args_size => {
                self.rules.args_size = reader.read_uleb128()?;
                Ok(())
            }
            dw::DW_CFA_def_cfa
            | dw::DW_CFA_def_cfa_sf
            | dw::DW_CFA_def_cfa_register
            | dw::DW_CFA_def_cfa_offset
            | dw::DW_CFA_def_cfa_offset_sf
            | dw::DW_CFA_def_cfa_expression => self.define_cfa(DwCfa(code), reader),
            _ if code == AARCH64_NEGATE || code == AARCH64_NEGATE_WITH_PC => self.vendor(code),
            _ => self.define_rule(DwCfa(code), reader),
        }
    }

    /// Instructions whose meaning is the machine's.
    fn vendor(&mut self, code: u8) -> Result<(), Error> {
        match (self.machine, code) {
            (raw::EM_AARCH64, _) => {
                let is_signed = self.rules.get(AARCH64_SIGN_STATE) == Some(Rule::Constant(1));
                let state = Rule::Constant((!is_signed).into());
                self.rules.set(AARCH64_SIGN_STATE, state)
            }
            (raw::EM_SPARC | raw::EM_SPARC32PLUS | raw::EM_SPARCV9, AARCH64_NEGATE) => {
                self.save_window()
            }
            _ => Err(Error::UnknownCallFrameInstruction(DwCfa(code))),
        }
    }

    /// SPARC: what the caller has as its own and as arguments is at the CFA, in the order of the
    /// numbers; what it gave out came in.
    fn save_window(&mut self) -> Result<(), Error> {
        for register in SPARC_OUT {
            let inner = register.saturating_add(SPARC_OUT_TO_IN);
            self.rules.set(register, Rule::Register(inner))?;
        }
        let word = i64::from(self.table.bases.address_size);
        for (number, register) in (0i64..).zip(SPARC_WINDOW) {
            self.rules.set(register, Rule::Offset(number.wrapping_mul(word)))?;
        }
        Ok(())
    }

    fn advance(&mut self, delta: u64) -> Result<(), Error> {
        let distance = delta.wrapping_mul(self.fde.cie.code_factor);
        self.location = self.location.checked_add(distance).ok_or(Error::AddressOverflow)?;
        Ok(())
    }

    fn remember(&mut self) -> Result<(), Error> {
        if self.states.len() >= MAX_STATES {
            return Err(Error::StackFull);
        }
        self.copies = self.copies.saturating_add(self.rules.registers.len());
        if self.copies > MAX_COPIES {
            return Err(Error::StackFull);
        }
        self.states.push(self.rules.clone());
        Ok(())
    }

    /// What the CIE says of a register.
    fn restore(&mut self, register: u32) -> Result<(), Error> {
        let initial = self.initial.as_ref().ok_or(Error::CfiInstructionInInvalidContext)?;
        if let Some(rule) = initial.get(register) {
            return self.rules.set(register, rule);
        }
        self.rules.forget(register);
        Ok(())
    }

    /// Instructions about the CFA.
    fn define_cfa(&mut self, code: DwCfa, reader: &mut Slice<'data>) -> Result<(), Error> {
        let offset_of = |value: u64| value.cast_signed();
        let known = match self.rules.cfa {
            Some(Cfa::Register { register, offset }) => Some((register, offset)),
            _ => None,
        };
        let known = known.ok_or(Error::CfiInstructionInInvalidContext);
        let (register, offset) = match code {
            dw::DW_CFA_def_cfa => (reader.read_uleb128_u32()?, offset_of(reader.read_uleb128()?)),
            dw::DW_CFA_def_cfa_sf => (reader.read_uleb128_u32()?, self.signed(reader)?),
            dw::DW_CFA_def_cfa_register => (reader.read_uleb128_u32()?, known?.1),
            dw::DW_CFA_def_cfa_offset => (known?.0, offset_of(reader.read_uleb128()?)),
            dw::DW_CFA_def_cfa_offset_sf => (known?.0, self.signed(reader)?),
            _ => {
                self.rules.cfa = Some(Cfa::Expression(expression(reader)?));
                return Ok(());
            }
        };
        self.rules.cfa = Some(Cfa::Register { register, offset });
        Ok(())
    }

    /// Instructions about a register, which is their first operand.
    fn define_rule(&mut self, code: DwCfa, reader: &mut Slice<'data>) -> Result<(), Error> {
        let register = reader.read_uleb128_u32();
        let rule = match code {
            dw::DW_CFA_offset_extended => Rule::Offset(self.scaled(reader)?),
            dw::DW_CFA_offset_extended_sf => Rule::Offset(self.signed(reader)?),
            dw::DW_CFA_GNU_negative_offset_extended => {
                Rule::Offset(self.scaled(reader)?.wrapping_neg())
            }
            dw::DW_CFA_val_offset => Rule::ValOffset(self.scaled(reader)?),
            dw::DW_CFA_val_offset_sf => Rule::ValOffset(self.signed(reader)?),
            dw::DW_CFA_undefined => Rule::Undefined,
            dw::DW_CFA_same_value => Rule::SameValue,
            dw::DW_CFA_register => Rule::Register(reader.read_uleb128_u32()?),
            dw::DW_CFA_expression => Rule::Expression(expression(reader)?),
            dw::DW_CFA_val_expression => Rule::ValExpression(expression(reader)?),
            unknown => return Err(Error::UnknownCallFrameInstruction(unknown)),
        };
        self.rules.set(register?, rule)
    }

    /// An offset without a sign, in units of the CIE.
    fn scaled(&self, reader: &mut Slice<'data>) -> Result<i64, Error> {
        Ok(reader.read_uleb128()?.cast_signed().wrapping_mul(self.fde.cie.data_factor))
    }

    /// An offset with a sign, likewise.
    fn signed(&self, reader: &mut Slice<'data>) -> Result<i64, Error> {
        Ok(reader.read_sleb128()?.wrapping_mul(self.fde.cie.data_factor))
    }
}

fn expression<'data>(reader: &mut Slice<'data>) -> Result<super::Expression<'data>, Error> {
    let length = reader.read_uleb128()?;
    let length = usize::try_from(length).map_err(|_| Error::OffsetOutOfBounds(length))?;
    Ok(gimli::Expression(reader.split(length)?))
}
