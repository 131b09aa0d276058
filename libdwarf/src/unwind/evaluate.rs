//! Expressions of rows, evaluated with the registers of a frame and the memory behind them.

use gimli::{Encoding, EvaluationResult, Format, Location, Value};

use super::{Error, Expression, State, Unwinder};

/// Steps that an expression may take; hostile ones loop.
const MAX_STEPS: u32 = 10_000;
/// The version that expressions of call frames are read as.
const VERSION: u16 = 5;

/// How memory is read: of a process, of a core file, of a copy of a stack.
pub trait Memory {
    /// The `size` bytes (1 to 8) at `address` as a number in the byte order of the machine; `None`
    /// if they cannot be read.
    fn read(&mut self, address: u64, size: u8) -> Option<u64>;
}

impl<F: FnMut(u64, u8) -> Option<u64>> Memory for F {
    fn read(&mut self, address: u64, size: u8) -> Option<u64> {
        self(address, size)
    }
}

impl<'data> Unwinder<'data> {
    /// What an expression of a row comes to. `cfa` is on the stack from the start, as it is for all
    /// rules of registers; there is none for the CFA itself.
    ///
    /// # Errors
    /// If it is damaged, takes too many steps, or asks for what is not there.
    pub fn evaluate(
        &self,
        expression: Expression<'data>,
        cfa: Option<u64>,
        state: &State,
        memory: &mut dyn Memory,
    ) -> Result<u64, Error> {
        let encoding =
            Encoding { address_size: self.address_size, format: Format::Dwarf32, version: VERSION };
        let mut evaluation = expression.evaluation(encoding);
        evaluation.set_max_iterations(MAX_STEPS);
        if let Some(cfa) = cfa {
            evaluation.set_initial_value(cfa);
        }
        let mut result = evaluation.evaluate()?;
        loop {
            result = match result {
                EvaluationResult::Complete => break,
                EvaluationResult::RequiresMemory { address, size, .. } => {
                    let value = read(memory, address, size)?;
                    evaluation.resume_with_memory(Value::Generic(value))?
                }
                EvaluationResult::RequiresRegister { register, .. } => {
                    let register = register.0.into();
                    let value = state.get(register).ok_or(Error::NoRegister(register))?;
                    evaluation.resume_with_register(Value::Generic(value))?
                }
                EvaluationResult::RequiresCallFrameCfa => {
                    let cfa = cfa.ok_or(Error::Expression)?;
                    evaluation.resume_with_call_frame_cfa(cfa)?
                }
                EvaluationResult::RequiresRelocatedAddress(address) => {
                    let address = address.wrapping_add(self.load_bias);
                    evaluation.resume_with_relocated_address(address)?
                }
                _ => return Err(Error::Expression),
            };
        }
        match evaluation.as_result().first().map(|piece| &piece.location) {
            Some(&Location::Address { address }) => Ok(address),
            Some(&Location::Value { value }) => Ok(value.to_u64(self.address_mask())?),
            Some(&Location::Register { register }) => {
                let register = register.0.into();
                state.get(register).ok_or(Error::NoRegister(register))
            }
            _ => Err(Error::Expression),
        }
    }

    /// The bits of an address.
    pub(super) fn address_mask(&self) -> u64 {
        super::pointer::mask(self.address_size)
    }
}

/// Reads memory.
pub(super) fn read(memory: &mut dyn Memory, address: u64, size: u8) -> Result<u64, Error> {
    memory.read(address, size).ok_or(Error::NoMemory { address, size })
}
