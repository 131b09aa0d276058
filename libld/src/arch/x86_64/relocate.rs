//! Relocations applied, and code made simpler on the way.

use libelf::raw::{R_X86_64_32S, R_X86_64_PC32, R_X86_64_REX_GOTPCRELX, RelocationType, SHF_ALLOC};

use super::decide::{
    ADD_LOAD, Action, CALL_SLOT, Case, DynamicForm, LEA, MOV_LOAD, TEST, Width, decide,
    decide_unloaded, gd_form, is_far_call, takes_next,
};
use crate::input::relocs::Reloc;
use crate::options::CallNop;
use crate::scan::{Facts, Target, Trouble};
use crate::write::SectionWrite;
use crate::write::addresses::Located;

/// `call n`
const CALL: u8 = 0xe8;

/// Relocates a section.
pub fn section(section: &mut SectionWrite<'_, '_>, is_x32: bool) {
    let is_loaded = section.header.flags & SHF_ALLOC.0 != 0;
    let relocs = section.relocs();
    let mut index = 0;
    while let Some(reloc) = relocs.get(index) {
        index += 1;
        // The scan said what is wrong with those that name no symbol.
        let Some(target) = section.target(reloc.symbol) else { continue };
        let facts = section.facts(target);
        let case = Case {
            kind: RelocationType(reloc.kind),
            facts,
            form: section.form(),
            is_writable: section.is_writable(),
            bytes: section.input_bytes,
            offset: reloc.offset,
            addend: reloc.addend,
            is_x32,
        };
        let action =
            if is_loaded { decide(&case) } else { decide_unloaded(RelocationType(reloc.kind)) };
        let mut job = Job { section, reloc, target, facts, is_x32 };
        if is_loaded {
            job.apply(action, &case);
        } else {
            job.apply_unloaded(action);
        }
        if takes_next(action) {
            index += 1;
        }
    }
}

/// One relocation.
struct Job<'j, 'a, 'data> {
    section: &'j mut SectionWrite<'a, 'data>,
    reloc: Reloc,
    target: Target,
    facts: Facts,
    is_x32: bool,
}

impl Job<'_, '_, '_> {
    /// P
    fn place(&self) -> u64 {
        self.section.addr.wrapping_add(self.reloc.offset)
    }

    fn located(&self) -> Located {
        self.section.addresses().locate(self.section.object, self.target, &self.reloc)
    }

    /// S + A
    fn value(&self) -> u64 {
        let located = self.located();
        located.symbol.wrapping_add_signed(located.addend)
    }

    /// L: the entry of the procedure linkage table, or else the symbol itself.
    fn plt(&self) -> u64 {
        let addresses = self.section.addresses();
        let slots = addresses.slots(self.target);
        addresses.plt_entry(&slots).unwrap_or_else(|| addresses.target(self.target))
    }

    fn apply(&mut self, action: Action, case: &Case<'_>) {
        let addend = self.reloc.addend;
        let place = self.place();
        match action {
            Action::Nothing
            | Action::DescCall
            | Action::Unknown
            | Action::NeedsPic
            | Action::CannotReach
            | Action::NotFromGot => {}
            Action::Absolute(width) | Action::AbsoluteCopied(width) => {
                self.put(width, self.value());
            }
            Action::AbsolutePlt(width) => self.put(width, self.plt().wrapping_add_signed(addend)),
            Action::Relative(width) => {
                let value = self.value();
                self.section.relative(self.reloc.offset, value);
                self.put(width, value);
            }
            Action::Symbolic => self.section.symbolic(&self.reloc, self.target),
            Action::Native => self.section.native(&self.reloc, self.target),
            Action::Irelative => {
                let value = self.value();
                self.section.irelative(self.reloc.offset, value);
            }
            Action::Pc(width) | Action::PcCopied(width) => {
                self.put_distance(width, self.value().wrapping_sub(place));
            }
            Action::PcPlt(width) => {
                let value = self.plt().wrapping_add_signed(addend).wrapping_sub(place);
                self.put_distance(width, value);
            }
            Action::PcGot(width) => self.put_pc_slot(width, self.slots().got),
            Action::GotTp => self.put_pc_slot(Width::SignedWord, self.slots().got_tp),
            Action::TlsGd => self.put_pc_slot(Width::SignedWord, self.slots().tls_gd),
            Action::TlsDesc => self.put_pc_slot(Width::SignedWord, self.slots().tls_desc),
            Action::TlsLd => {
                let slot = self.section.module_slot();
                self.put_pc_slot(Width::SignedWord, slot);
            }
            Action::GotIndex(width) => {
                let addresses = self.section.addresses();
                let slot = addresses.got_word(self.slots().got.unwrap_or(0));
                let value = slot.wrapping_add_signed(addend).wrapping_sub(addresses.got_base());
                self.put(width, value);
            }
            Action::FromGot(width) => {
                let base = self.section.addresses().got_base();
                self.put(width, self.value().wrapping_sub(base));
            }
            Action::PltFromGot(width) => {
                let base = self.section.addresses().got_base();
                self.put(width, self.plt().wrapping_add_signed(addend).wrapping_sub(base));
            }
            Action::PcGotBase(width) => {
                let base = self.section.addresses().got_base();
                self.put_distance(width, base.wrapping_add_signed(addend).wrapping_sub(place));
            }
            Action::Size(width) => {
                let size = self.section.size_of(self.target).wrapping_add_signed(addend);
                self.put(width, size);
            }
            Action::DtpOffset(width) => {
                let value = self.section.addresses().dtp_offset(self.value());
                self.put(width, value);
            }
            Action::TpOffset(width) => {
                let value = self.section.addresses().tp_offset(self.value());
                self.put(width, value);
            }
            Action::RelaxGot => self.relax_got(case),
            Action::RelaxGotImmediate => self.relax_got_immediate(case),
            Action::GdToLe => self.gd(case, false),
            Action::GdToIe => self.gd(case, true),
            Action::LdToLe => self.ld_to_le(case),
            Action::IeToLe => self.ie_to_le(case),
            Action::DescToLe => self.desc_to_le(case),
            Action::DescToIe => self.desc_to_ie(),
            Action::DescCallGone => self.put_text(0, &[0x66, 0x90]),
        }
    }

    /// In debugging information, what the output does not have is marked by a value that no code
    /// has.
    fn apply_unloaded(&mut self, action: Action) {
        let located = self.located();
        let is_lost = located.is_gone || self.facts.has_any(Facts::UNDEFINED);
        let value = if is_lost {
            self.section.tombstone()
        } else {
            located.symbol.wrapping_add_signed(located.addend)
        };
        match action {
            Action::Absolute(width) => self.put(width, value),
            Action::Pc(width) => self.put_distance(width, value.wrapping_sub(self.place())),
            Action::DtpOffset(width) => {
                let value =
                    if is_lost { value } else { self.section.addresses().dtp_offset(value) };
                self.put(width, value);
            }
            Action::Size(width) => {
                let size = self.section.size_of(self.target);
                self.put(width, size.wrapping_add_signed(self.reloc.addend));
            }
            Action::FromGot(width) => {
                let base = self.section.addresses().got_base();
                self.put(width, value.wrapping_sub(base));
            }
            Action::Nothing => {}
            _ => self.section.trouble(&self.reloc, Trouble::UnknownType),
        }
    }

    fn slots(&self) -> crate::tables::Slots {
        self.section.addresses().slots(self.target)
    }

    /// The distance to a word of `.got`.
    fn put_pc_slot(&mut self, width: Width, word: Option<u32>) {
        let Some(word) = word else { return };
        let slot = self.section.addresses().got_word(word);
        let value = slot.wrapping_add_signed(self.reloc.addend).wrapping_sub(self.place());
        self.put_distance(width, value);
    }

    /// Writes an address or a number, if it fits.
    fn put(&mut self, width: Width, value: u64) {
        let signed = value as i64;
        let fits = match width {
            Width::Quad => true,
            Width::Word if self.is_x32 => true,
            Width::Word => u32::try_from(value).is_ok(),
            Width::SignedWord => i32::try_from(signed).is_ok(),
            Width::Half => i16::try_from(signed).is_ok() || u16::try_from(value).is_ok(),
            Width::Byte => i8::try_from(signed).is_ok() || u8::try_from(value).is_ok(),
        };
        self.put_checked(width, value, fits);
    }

    /// Writes a distance, if it fits.
    fn put_distance(&mut self, width: Width, value: u64) {
        let signed = value as i64;
        let fits = match width {
            Width::Quad => true,
            Width::Word | Width::SignedWord => self.is_x32 || i32::try_from(signed).is_ok(),
            Width::Half => i16::try_from(signed).is_ok(),
            Width::Byte => i8::try_from(signed).is_ok(),
        };
        self.put_checked(width, value, fits);
    }

    fn put_checked(&mut self, width: Width, value: u64, fits: bool) {
        if !fits {
            self.section.trouble(&self.reloc, Trouble::Overflow);
        }
        let bytes = value.to_le_bytes();
        let length = match width {
            Width::Byte => 1,
            Width::Half => 2,
            Width::Word | Width::SignedWord => 4,
            Width::Quad => 8,
        };
        self.put_text(0, bytes.get(..length).unwrap_or_default());
    }

    /// Writes bytes `at` bytes from the relocation's field.
    fn put_text(&mut self, at: i64, text: &[u8]) {
        let offset = self.reloc.offset.checked_add_signed(at);
        if !self.section.put(offset, text) {
            self.section.trouble(&self.reloc, Trouble::Outside);
        }
    }

    // ---- code made simpler

    /// psABI, "Optimize GOTPCRELX Relocations".
    fn relax_got(&mut self, case: &Case<'_>) {
        let (opcode, modrm) = opcode(case);
        let value = self.value().wrapping_sub(self.place());
        // A jump starts a byte earlier, and so does a call with its filling behind it.
        let is_suffixed = matches!(self.section.options().x86.call_nop, CallNop::Suffix(_));
        let keeps_place = opcode == MOV_LOAD || modrm == CALL_SLOT && !is_suffixed;
        let moved = if keeps_place { 0 } else { -1 };
        self.section.rewritten(&self.reloc, R_X86_64_PC32.0, self.reloc.addend, moved);
        if opcode == MOV_LOAD {
            self.put_text(-2, &[LEA]);
            self.put_distance(Width::SignedWord, value);
        } else if modrm == CALL_SLOT {
            self.put_call(value);
        } else {
            // jmp f; nop: the field starts a byte earlier.
            self.put_text(-2, &[0xe9]);
            let distance = value.wrapping_add(1);
            if i32::try_from(distance as i64).is_err() {
                self.section.trouble(&self.reloc, Trouble::Overflow);
            }
            self.put_text(-1, &(distance as u32).to_le_bytes());
            self.put_text(3, &[0x90]);
        }
    }

    /// The call takes a byte less, which a prefix or what does nothing fills up (`-z call-nop`).
    fn put_call(&mut self, distance: u64) {
        match self.section.options().x86.call_nop {
            CallNop::Prefix(byte) => {
                self.put_text(-2, &[byte, CALL]);
                self.put_distance(Width::SignedWord, distance);
            }
            CallNop::Suffix(byte) => {
                let distance = distance.wrapping_add(1);
                if i32::try_from(distance as i64).is_err() {
                    self.section.trouble(&self.reloc, Trouble::Overflow);
                }
                self.put_text(-2, &[CALL]);
                self.put_text(-1, &(distance as u32).to_le_bytes());
                self.put_text(3, &[byte]);
            }
        }
    }

    /// The operand in memory becomes a constant: the same instruction of another form.
    fn relax_got_immediate(&mut self, case: &Case<'_>) {
        let (opcode, modrm) = opcode(case);
        // The addend is that of a field which ends its instruction.
        let value = self.value().wrapping_add(4);
        let register = modrm >> 3 & 7;
        let fits = i32::try_from(value as i64).is_ok() || self.is_x32;
        if !fits && opcode == MOV_LOAD {
            // As far as it reaches, a distance does as well.
            return self.relax_got(case);
        }
        if case.kind == R_X86_64_REX_GOTPCRELX
            && let Some(rex) = case.offset.checked_sub(3).and_then(|at| self.section.input_byte(at))
        {
            // The register moves from the one field of the instruction to the other.
            let base = if rex & REX_R != 0 { REX_B } else { 0 };
            self.put_text(-3, &[rex & !(REX_R | REX_B) | base]);
        }
        let text = match opcode {
            MOV_LOAD => [0xc7, 0xc0 | register],
            TEST => [0xf7, 0xc0 | register],
            // The bits that choose the operation are those of the other form as well.
            _ => [0x81, 0xc0 | opcode & 0x38 | register],
        };
        self.section.rewritten(&self.reloc, R_X86_64_32S.0, 0, 0);
        self.put_text(-2, &text);
        if !fits {
            self.section.trouble(&self.reloc, Trouble::NotRelaxed);
        }
        self.put_text(0, &(value as u32).to_le_bytes());
    }

    /// The code of the general dynamic model, 16 bytes (15 in x32, 22 in the large code model),
    /// becomes a load of the thread pointer and an addition.
    fn gd(&mut self, case: &Case<'_>, from_slot: bool) {
        let start = match gd_form(case) {
            Some(DynamicForm::Near(back)) => -(back as i64),
            Some(DynamicForm::Far) => -3,
            None => return,
        };
        // mov %fs:0, %rax
        let load: &[u8] = if self.is_x32 { &LOAD_THREAD_X32 } else { &LOAD_THREAD };
        self.put_text(start, load);
        let add = start.saturating_add(load.len() as i64);
        let field = add.saturating_add(3);
        if from_slot {
            // add x@gottpoff(%rip), %rax
            self.put_text(add, &[0x48, 0x03, 0x05]);
            let slot = self.slots().got_tp.map(|word| self.section.addresses().got_word(word));
            let end = self.place().wrapping_add_signed(field.saturating_add(4));
            self.put_signed(field, slot.unwrap_or(0).wrapping_sub(end));
        } else {
            // lea x@tpoff(%rax), %rax
            self.put_text(add, &[0x48, 0x8d, 0x80]);
            self.put_signed(field, self.tp_value());
        }
        if gd_form(case) == Some(DynamicForm::Far) {
            // nopw 0(%rax,%rax)
            self.put_text(field.saturating_add(4), &[0x66, 0x0f, 0x1f, 0x44, 0, 0]);
        }
    }

    /// The symbol's offset from the thread pointer; the addend of code is the distance to the end
    /// of its instruction.
    fn tp_value(&self) -> u64 {
        let value = self.value().wrapping_add(4);
        self.section.addresses().tp_offset(value)
    }

    fn put_signed(&mut self, at: i64, value: u64) {
        if i32::try_from(value as i64).is_err() {
            self.section.trouble(&self.reloc, Trouble::Overflow);
        }
        self.put_text(at, &(value as u32).to_le_bytes());
    }

    /// The code of the local dynamic model becomes a load of the thread pointer.
    fn ld_to_le(&mut self, case: &Case<'_>) {
        if is_far_call(case) {
            self.put_text(-3, &LOAD_THREAD);
            // nopw 0(%rax,%rax), nopl 0(%rax)
            self.put_text(6, &[0x66, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0, 0x0f, 0x1f, 0x40, 0]);
            return;
        }
        // lea x@tlsld(%rip), %rdi takes 7 bytes; the call behind it 5, or 6 through a slot.
        let is_indirect =
            self.section.input_byte(self.reloc.offset.saturating_add(4)) == Some(0xff);
        let text: &[u8] = match (self.is_x32, is_indirect) {
            (false, false) => &[0x66, 0x66, 0x66, 0x64, 0x48, 0x8b, 0x04, 0x25, 0, 0, 0, 0],
            (false, true) => &[0x66, 0x66, 0x66, 0x66, 0x64, 0x48, 0x8b, 0x04, 0x25, 0, 0, 0, 0],
            (true, false) => &[0x0f, 0x1f, 0x40, 0x00, 0x64, 0x8b, 0x04, 0x25, 0, 0, 0, 0],
            (true, true) => &[0x66, 0x0f, 0x1f, 0x40, 0x00, 0x64, 0x8b, 0x04, 0x25, 0, 0, 0, 0],
        };
        self.put_text(-3, text);
    }

    /// The load of a slot becomes the number that it held.
    fn ie_to_le(&mut self, case: &Case<'_>) {
        let (opcode, modrm) = opcode(case);
        let register = modrm >> 3 & 7;
        let rex = case.offset.checked_sub(3).and_then(|at| self.section.input_byte(at));
        let rex = rex.filter(|byte| byte & 0xf0 == 0x40);
        let is_extended = rex.is_some_and(|rex| rex & REX_R != 0);
        // The register moves from the one field of the instruction to the other.
        let direct = |rex: u8| rex & !(REX_R | REX_B) | if rex & REX_R != 0 { REX_B } else { 0 };
        if opcode == MOV_LOAD {
            // mov $x@tpoff, r
            if let Some(rex) = rex {
                self.put_text(-3, &[direct(rex)]);
            }
            self.put_text(-2, &[0xc7, 0xc0 | register]);
        } else if opcode == ADD_LOAD && register == RSP {
            // add $x@tpoff, %rsp or %r12: as the base of a `lea` they need a longer form.
            if let Some(rex) = rex {
                self.put_text(-3, &[direct(rex)]);
            }
            self.put_text(-2, &[0x81, 0xc0 | register]);
        } else {
            // lea x@tpoff(r), r
            if let Some(rex) = rex
                && is_extended
            {
                self.put_text(-3, &[rex | REX_B]);
            }
            self.put_text(-2, &[LEA, 0x80 | register << 3 | register]);
        }
        self.put_signed(0, self.tp_value());
    }

    /// `lea x@tlsdesc(%rip), %rax` becomes `mov $x@tpoff, %rax`.
    fn desc_to_le(&mut self, case: &Case<'_>) {
        let (_, modrm) = opcode(case);
        let rex = case.offset.checked_sub(3).and_then(|at| self.section.input_byte(at));
        if let Some(rex) = rex.filter(|rex| rex & 0xf0 == 0x40) {
            let base = if rex & REX_R != 0 { REX_B } else { 0 };
            self.put_text(-3, &[rex & !(REX_R | REX_B) | base]);
        }
        self.put_text(-2, &[0xc7, 0xc0 | modrm >> 3 & 7]);
        self.put_signed(0, self.tp_value());
    }

    /// `lea x@tlsdesc(%rip), %rax` becomes `mov x@gottpoff(%rip), %rax`.
    fn desc_to_ie(&mut self) {
        self.put_text(-2, &[MOV_LOAD]);
        self.put_pc_slot(Width::SignedWord, self.slots().got_tp);
    }
}

/// `mov %fs:0, %rax`
const LOAD_THREAD: [u8; 9] = [0x64, 0x48, 0x8b, 0x04, 0x25, 0, 0, 0, 0];
/// `mov %fs:0, %eax`
const LOAD_THREAD_X32: [u8; 8] = [0x64, 0x8b, 0x04, 0x25, 0, 0, 0, 0];
/// The number of `%rsp`, and of `%r12` with the bit of a REX prefix.
const RSP: u8 = 4;
/// The bit of a REX prefix that extends the register field.
const REX_R: u8 = 4;
/// The bit of a REX prefix that extends the base.
const REX_B: u8 = 1;

/// Opcode and operand byte in front of the field.
fn opcode(case: &Case<'_>) -> (u8, u8) {
    let at = |back: u64| {
        let at = usize::try_from(case.offset.checked_sub(back)?).ok()?;
        case.bytes.get(at).copied()
    };
    (at(2).unwrap_or(0), at(1).unwrap_or(0))
}
