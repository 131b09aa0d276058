//! From a frame to its caller's.

use std::collections::BTreeMap;

use libelf::raw;

use super::evaluate::read;
use super::run::AARCH64_SIGN_STATE;
use super::{Cfa, Error, Memory, Row, Rule, Unwinder};

/// AArch64: the bits of addresses of programs.
const AARCH64_ADDRESS: u64 = (1 << 48) - 1;
/// SPARC: what is kept is the address of the call; behind it and its delay slot the caller goes on.
const SPARC_CALL: u64 = 8;

/// A place in a program with the registers that are known there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    pc: u64,
    is_return: bool,
    registers: BTreeMap<u32, u64>,
}

impl State {
    /// At an instruction that is to be run next, with no register known.
    pub fn new(pc: u64) -> Self {
        Self { pc, is_return: false, registers: BTreeMap::new() }
    }

    /// The address of the instruction that is to be run next.
    pub fn pc(&self) -> u64 {
        self.pc
    }

    /// The address by which the function and the line are found: within the call, if there was
    /// one, as the return address may belong to something else.
    pub fn lookup_address(&self) -> u64 {
        if self.is_return { self.pc.wrapping_sub(1) } else { self.pc }
    }

    /// The value of a register, if it is known.
    pub fn get(&self, register: u32) -> Option<u64> {
        self.registers.get(&register).copied()
    }

    /// Makes the value of a register known.
    pub fn set(&mut self, register: u32, value: u64) {
        self.registers.insert(register, value);
    }
}

impl<'data> Unwinder<'data> {
    /// The caller of a frame; `None` if it has none, or this file has no frame for it.
    ///
    /// # Errors
    /// If the frame is damaged, or needs registers or memory that are not known.
    pub fn step(&self, state: &State, memory: &mut dyn Memory) -> Result<Option<State>, Error> {
        let address = state.lookup_address().wrapping_sub(self.load_bias);
        let Some(frame) = self.frame(address)? else { return Ok(None) };
        let row = self.row(&frame, address)?;
        let cfa = self.cfa(&row, state, memory)?;
        // What has no rule is the same; but the stack is as it was before the call.
        let mut registers = state.registers.clone();
        if let Some(sp) = self.stack_pointer() {
            registers.insert(sp, cfa.wrapping_sub(self.below_cfa()));
        }
        for &(register, rule) in row.rules() {
            match self.value(register, rule, cfa, state, memory)? {
                Some(value) => _ = registers.insert(register, value),
                None => _ = registers.remove(&register),
            }
        }
        let column = frame.return_address_register();
        let is_signed = row.rule(AARCH64_SIGN_STATE) == Some(Rule::Constant(1));
        let Some(&pc) = registers.get(&column) else { return Ok(None) };
        let pc =
            if is_signed && self.machine == raw::EM_AARCH64 { pc & AARCH64_ADDRESS } else { pc };
        registers.insert(column, pc);
        let is_return = !frame.is_signal_trampoline();
        let pc = if is_return { pc.wrapping_add(self.behind_call()) } else { pc };
        // A frame that leads to itself would be gone through for ever.
        let caller = State { pc, is_return, registers };
        Ok((pc != 0 && caller != *state).then_some(caller))
    }

    /// Where the frame of the caller is.
    ///
    /// # Errors
    /// If that depends on registers or memory that are not known.
    pub fn cfa(
        &self,
        row: &Row<'data>,
        state: &State,
        memory: &mut dyn Memory,
    ) -> Result<u64, Error> {
        match row.cfa {
            Cfa::Register { register, offset } => {
                let base = state.get(register).ok_or(Error::NoRegister(register))?;
                Ok(base.wrapping_add_signed(offset) & self.address_mask())
            }
            Cfa::Expression(expression) => self.evaluate(expression, None, state, memory),
        }
    }

    /// The value that a register has in the caller; `None` if it is lost.
    fn value(
        &self,
        register: u32,
        rule: Rule<'data>,
        cfa: u64,
        state: &State,
        memory: &mut dyn Memory,
    ) -> Result<Option<u64>, Error> {
        let near = |offset| cfa.wrapping_add_signed(offset) & self.address_mask();
        Ok(match rule {
            Rule::Undefined => None,
            Rule::SameValue => state.get(register),
            Rule::Offset(offset) => Some(read(memory, near(offset), self.address_size)?),
            Rule::ValOffset(offset) => Some(near(offset)),
            Rule::Register(other) => state.get(other),
            Rule::Expression(expression) => {
                let place = self.evaluate(expression, Some(cfa), state, memory)?;
                Some(read(memory, place, self.address_size)?)
            }
            Rule::ValExpression(expression) => {
                Some(self.evaluate(expression, Some(cfa), state, memory)?)
            }
            Rule::Constant(value) => Some(value),
        })
    }

    /// The register of the stack pointer, on machines whose frames do not speak of it.
    fn stack_pointer(&self) -> Option<u32> {
        Some(match self.machine {
            raw::EM_X86_64 => 7,
            raw::EM_386 => 4,
            raw::EM_AARCH64 => 31,
            raw::EM_ARM => 13,
            raw::EM_RISCV => 2,
            raw::EM_PPC | raw::EM_PPC64 => 1,
            raw::EM_S390 => 15,
            raw::EM_MIPS => 29,
            raw::EM_LOONGARCH => 3,
            raw::EM_SPARC | raw::EM_SPARC32PLUS | raw::EM_SPARCV9 => 14,
            raw::EM_68K => 15,
            _ => return None,
        })
    }

    /// How far behind the address that is kept the caller goes on.
    fn behind_call(&self) -> u64 {
        match self.machine {
            raw::EM_SPARC | raw::EM_SPARC32PLUS | raw::EM_SPARCV9 => SPARC_CALL,
            _ => 0,
        }
    }

    /// How far below the CFA the stack pointer of the caller is: S/390 counts from the end of the
    /// area where registers are saved.
    fn below_cfa(&self) -> u64 {
        match (self.machine, self.address_size) {
            (raw::EM_S390, 8) => 160,
            (raw::EM_S390, _) => 96,
            _ => 0,
        }
    }
}
