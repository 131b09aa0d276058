//! Code made simpler: slots that are not needed, models of thread-local storage that programs
//! need no loader for. psABI, "Linker Optimization"; "ELF Handling For Thread-Local Storage".

use libelf::raw::{R_386_32, R_386_GOTOFF, R_386_PC32};

use super::decide::{
    ADD_LOAD, Case, DynamicForm, GotUse, LEA, MOV_EAX, MOV_LOAD, SUB_LOAD, Simpler, gd_form,
    ldm_form,
};
use super::relocate::Job;
use crate::options::CallNop;

/// `mov %gs:0, %eax`
const LOAD_THREAD_POINTER: [u8; 6] = [0x65, 0xa1, 0, 0, 0, 0];
/// `mov $n, r/m`
const MOV_NUMBER: u8 = 0xc7;
/// `add $n, r/m` and others.
const GROUP_1: u8 = 0x81;
/// The operand byte of a register.
const REGISTER: u8 = 0xc0;

/// The register of an operand byte.
fn register(modrm: u8) -> u8 {
    modrm >> 3 & 7
}

impl Job<'_, '_, '_> {
    /// psABI, "Optimize R_386_GOT32X Relocation".
    pub(super) fn relax_got(&mut self, simpler: Simpler, case: &Case<'_>) {
        let (opcode, modrm) = case.opcode();
        let register = register(modrm);
        let is_suffixed = matches!(self.section.options().x86.call_nop, CallNop::Suffix(_));
        // What is kept of the relocation; a jump starts a byte earlier.
        let (kind, moved) = match simpler {
            Simpler::Lea => (R_386_GOTOFF, 0),
            Simpler::Load | Simpler::Test | Simpler::Arithmetic => (R_386_32, 0),
            Simpler::Call if is_suffixed => (R_386_PC32, -1),
            Simpler::Call => (R_386_PC32, 0),
            Simpler::Jump => (R_386_PC32, -1),
        };
        self.section.rewritten(&self.reloc, kind.0, self.reloc.addend, moved);
        match simpler {
            Simpler::Lea => {
                self.put_text(-2, &[LEA]);
                self.put_word(self.got_distance());
            }
            Simpler::Load => {
                self.put_text(-2, &[MOV_NUMBER, REGISTER | register]);
                self.put_word(self.value());
            }
            Simpler::Test => {
                self.put_text(-2, &[0xf7, REGISTER | register]);
                self.put_word(self.value());
            }
            Simpler::Arithmetic => {
                // The operation has the same bits in both instructions.
                self.put_text(-2, &[GROUP_1, REGISTER | opcode & 0x38 | register]);
                self.put_word(self.value());
            }
            Simpler::Call => match self.section.options().x86.call_nop {
                // The distance counts from the field's end.
                CallNop::Prefix(byte) => {
                    self.put_text(-2, &[byte, 0xe8]);
                    self.put_word(self.distance().wrapping_sub(4));
                }
                CallNop::Suffix(byte) => {
                    self.put_text(-2, &[0xe8]);
                    let distance = self.distance().wrapping_sub(3);
                    self.put_text(-1, &(distance as u32).to_le_bytes());
                    self.put_text(3, &[byte]);
                }
            },
            Simpler::Jump => {
                // jmp f; nop: the field starts a byte earlier.
                self.put_text(-2, &[0xe9]);
                let distance = self.distance().wrapping_sub(3);
                self.put_text(-1, &(distance as u32).to_le_bytes());
                self.put_text(3, &[0x90]);
            }
        }
    }

    /// General dynamic to local exec.
    pub(super) fn gd_to_le(&mut self, case: &Case<'_>) {
        let Some(form) = gd_form(case) else { return };
        // sub $x@tpoff, %eax
        let value = self.tp_offset().wrapping_neg();
        self.put_dynamic(form, [GROUP_1, 0xe8], value);
    }

    /// General dynamic to initial exec.
    pub(super) fn gd_to_ie(&mut self, case: &Case<'_>) {
        let Some(form) = gd_form(case) else { return };
        // sub x@gottpoff(base), %eax
        let slot = self.slots().got_tp_distance.unwrap_or(0);
        let value = self.got_offset(slot);
        self.put_dynamic(form, [SUB_LOAD, 0x80 | form.base], value);
    }

    /// Writes the load of the thread pointer, and behind it an instruction that ends in `value`.
    fn put_dynamic(&mut self, form: DynamicForm, second: [u8; 2], value: u64) {
        let start = -(form.start as i64);
        self.put_text(start, &LOAD_THREAD_POINTER);
        self.put_text(start + 6, &second);
        self.put_text(start + 8, &(value as u32).to_le_bytes());
    }

    /// Local dynamic to local exec.
    pub(super) fn ldm_to_le(&mut self, case: &Case<'_>) {
        let Some(form) = ldm_form(case) else { return };
        let start = -(form.start as i64);
        self.put_text(start, &LOAD_THREAD_POINTER);
        // nop; lea 0(%esi), %esi, of 5 or 6 bytes in all.
        let rest: &[u8] = match form.length {
            11 => &[0x90, 0x8d, 0x74, 0x26, 0x00],
            _ => &[0x8d, 0xb6, 0, 0, 0, 0],
        };
        self.put_text(start + 6, rest);
    }

    /// The load of a slot becomes the number that it held.
    pub(super) fn ie_to_le(&mut self, case: &Case<'_>) {
        let (opcode, modrm) = case.opcode();
        let is_distance = case.kind == libelf::raw::R_386_TLS_IE_32;
        let value = if is_distance { self.tp_distance() } else { self.tp_offset() };
        let register = register(modrm);
        if modrm == MOV_EAX && case.kind == libelf::raw::R_386_TLS_IE {
            self.put_text(-1, &[0xb8]);
        } else {
            let text = match opcode {
                ADD_LOAD => [GROUP_1, REGISTER | register],
                SUB_LOAD => [GROUP_1, REGISTER | 5 << 3 | register],
                MOV_LOAD => [MOV_NUMBER, REGISTER | register],
                _ => return,
            };
            self.put_text(-2, &text);
        }
        self.put_word(value);
    }

    /// `lea x@tlsdesc(base), %eax` becomes `lea x@ntpoff, %eax`.
    pub(super) fn desc_to_le(&mut self, case: &Case<'_>) {
        let (_, modrm) = case.opcode();
        self.put_text(-2, &[LEA, register(modrm) << 3 | 5]);
        self.put_word(self.tp_offset());
    }

    /// `lea x@tlsdesc(base), %eax` becomes `mov x@gotntpoff(base), %eax`.
    pub(super) fn desc_to_ie(&mut self) {
        self.put_text(-2, &[MOV_LOAD]);
        self.put_slot(self.slots().got_tp, GotUse::FromBase);
    }
}
