//! Names of registers by their DWARF numbers, as GNU prints them: one table a machine.
//!
//! Numbers of machines without a table are shown as `r7`, those with one as `r7 (rsp)`.
//!
//! ```
//! use libdwarf::registers::Registers;
//! use libelf::raw::Machine;
//!
//! let registers = Registers::of(Machine(62));
//! let mut text = Vec::new();
//! registers.put_name(&mut text, 7);
//! assert_eq!(text, b"rsp");
//! text.clear();
//! registers.put(&mut text, 7);
//! assert_eq!(text, b"r7 (rsp)");
//! ```

mod aarch64;
mod riscv;
mod s390;
mod x86;

use std::borrow::Cow;

use libelf::raw::{self, Machine};

/// The digits of a number at most.
const MAX_DIGITS: usize = 10;

/// The names of one machine's registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Registers {
    /// By number; empty where there is none.
    names: &'static [&'static str],
    /// Whether there are the control and status registers of RISC-V.
    has_csrs: bool,
}

impl Registers {
    /// Those of a machine (`e_machine`); none, if there is no table for it.
    pub fn of(machine: Machine) -> Self {
        let names: &'static [&'static str] = match machine {
            raw::EM_X86_64 | x86::EM_L1OM | x86::EM_K1OM => x86::X86_64,
            raw::EM_386 => x86::I386,
            raw::EM_IAMCU => x86::IAMCU,
            raw::EM_AARCH64 => aarch64::AARCH64,
            raw::EM_S390 => s390::S390,
            raw::EM_RISCV => riscv::RISCV,
            _ => &[],
        };
        Self { names, has_csrs: machine == raw::EM_RISCV }
    }

    /// How many numbers the table spans; 0 if there is none.
    pub fn count(self) -> u32 {
        if self.has_csrs { riscv::CSR_END } else { self.names.len() as u32 }
    }

    /// The name of a register, if it has one.
    pub fn name(self, register: u32) -> Option<Cow<'static, str>> {
        if let Some(&name) = self.names.get(register as usize) {
            return (!name.is_empty()).then_some(Cow::Borrowed(name));
        }
        let csr = register.checked_sub(riscv::CSR_BASE).filter(|_| self.has_csrs)?;
        let csr = u16::try_from(csr).ok().filter(|_| register < riscv::CSR_END)?;
        let found = riscv::CSRS.binary_search_by_key(&csr, |&(number, _)| number);
        Some(match found.ok().and_then(|index| riscv::CSRS.get(index)) {
            Some(&(_, name)) => Cow::Borrowed(name),
            None => Cow::Owned(format!("csr{csr}")),
        })
    }

    /// The number of the register with this name.
    pub fn number(self, name: &str) -> Option<u32> {
        if let Some(at) = self.names.iter().position(|&known| known == name) {
            return (!name.is_empty()).then_some(at as u32);
        }
        let csr = riscv::CSRS.iter().find(|&&(_, known)| self.has_csrs && known == name)?;
        Some(riscv::CSR_BASE.saturating_add(csr.0.into()))
    }

    /// Appends the name of a register, or `r` and its number.
    #[inline]
    pub fn put_name(self, text: &mut Vec<u8>, register: u32) {
        match self.names.get(register as usize) {
            Some(name) if !name.is_empty() => text.extend_from_slice(name.as_bytes()),
            _ => match self.name(register) {
                Some(name) => text.extend_from_slice(name.as_bytes()),
                None => put_number(text, register),
            },
        }
    }

    /// Appends `r`, the number of a register, and its name in parentheses if it has one.
    pub fn put(self, text: &mut Vec<u8>, register: u32) {
        put_number(text, register);
        if let Some(name) = self.name(register) {
            text.extend_from_slice(b" (");
            text.extend_from_slice(name.as_bytes());
            text.push(b')');
        }
    }
}

/// `r7`. Numbers from 2^31 on are negative, as GNU shows them.
fn put_number(text: &mut Vec<u8>, register: u32) {
    text.push(b'r');
    let number = register.cast_signed();
    if number < 0 {
        text.push(b'-');
    }
    let mut digits = [0; MAX_DIGITS];
    let mut rest = number.unsigned_abs();
    let mut first = MAX_DIGITS;
    for (at, digit) in digits.iter_mut().enumerate().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
        first = at;
        if rest == 0 {
            break;
        }
    }
    text.extend_from_slice(digits.get(first..).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(machine: Machine, register: u32) -> String {
        let mut text = Vec::new();
        Registers::of(machine).put(&mut text, register);
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn names_are_those_of_the_machine() {
        assert_eq!(shown(raw::EM_X86_64, 4), "r4 (rsi)");
        assert_eq!(shown(raw::EM_386, 4), "r4 (esp)");
        assert_eq!(shown(raw::EM_IAMCU, 21), "r21");
        assert_eq!(shown(raw::EM_AARCH64, 33), "r33 (elr)");
        assert_eq!(shown(raw::EM_S390, 15), "r15");
        assert_eq!(shown(raw::EM_S390, 83), "r83 (v31)");
        assert_eq!(shown(raw::EM_MIPS, 31), "r31");
        assert_eq!(shown(raw::EM_X86_64, 56), "r56");
        assert_eq!(shown(raw::EM_X86_64, u32::MAX), "r-1");
        assert_eq!(shown(raw::EM_X86_64, 1 << 31), "r-2147483648");
    }

    #[test]
    fn control_registers_of_riscv_all_have_names() {
        assert_eq!(shown(raw::EM_RISCV, 8), "r8 (s0)");
        assert_eq!(shown(raw::EM_RISCV, 64), "r64");
        assert_eq!(shown(raw::EM_RISCV, 4096), "r4096 (ustatus)");
        assert_eq!(shown(raw::EM_RISCV, 4098), "r4098 (frm)");
        assert_eq!(shown(raw::EM_RISCV, 8191), "r8191 (csr4095)");
        assert_eq!(shown(raw::EM_RISCV, 8192), "r8192");
        assert!(riscv::CSRS.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn numbers_are_found_by_name() {
        let x86_64 = Registers::of(raw::EM_X86_64);
        assert_eq!(x86_64.number("rip"), Some(16));
        assert_eq!(x86_64.number(""), None);
        assert_eq!(Registers::of(raw::EM_RISCV).number("mstatus"), Some(4096 + 0x300));
        assert_eq!(x86_64.count(), 126);
        assert_eq!(Registers::of(raw::EM_S390).count(), 84);
    }
}
